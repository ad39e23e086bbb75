"""A binding: one image and one object for each open iteration, at which the values of a state are read one at a time.

Judging works on whole batches; repairs are computed finding by finding, and read their values here. Places are on the
axes of the spec's frame, as in the state.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from logidsl import ir
from logidsl.eval import operators, reductions
from logidsl.eval.eval_state import EvalState
from logidsl.eval.plan import fits
from logidsl.eval.reading import place_of, shape_of
from logidsl.eval.repair.uses import used
from logidsl.library.geometry import Axes, Geometry
from logidsl.library.intervals import Interval
from logidsl.library.values import Categorical, Lab, List, Mask, Num, Obj, Point, Shape, UndefinedReason, Value
from logidsl.table import ObjectTable, TextColumn
from logidsl.types import OBJECTS

#: The identity of an object in states of similar images: its id, the cell of an owner, or its index in a union.
Key: TypeAlias = tuple[object, ...]
#: What a text, a label, a colour in CIELAB or a number is.
Plain: TypeAlias = float | str | tuple[float, float, float]


@dataclass(eq=False)
class Judged:
    """The state of a batch, its table (on the picture's axes), and frequently used parts of both."""

    state: EvalState
    table: ObjectTable
    masks: dict[tuple[int, int | None], tuple[Mask, Mask]] = field(default_factory=dict)
    uses: dict[tuple[int, ...], list[int]] = field(default_factory=dict)

    def members(self, each: int, where: int | None) -> tuple[Mask, Mask]:
        """Which objects of a walk are members, (sure, maybe)."""
        if (each, where) not in self.masks:
            self.masks[each, where] = reductions.members(self.state.values, each, where)
        return self.masks[each, where]

    def used(self, *roots: int) -> list[int]:
        """Nodes and all nodes below them, also through declared classes and sets."""
        if roots not in self.uses:
            self.uses[roots] = used(self.state.program, *roots)
        return self.uses[roots]

    @cached_property
    def followers(self) -> list[tuple[int, ir.Aggregate]]:
        """The nodes of neighbours in an order."""
        return [
            (i, n) for i, n in enumerate(self.state.program.nodes) if isinstance(n, ir.Aggregate) and n.fn == "next"
        ]

    @cached_property
    def named(self) -> dict[int, str]:
        """The declared set of each row from `blobs`, by row."""
        grouped = {b.name for b in self.state.program.blobs}
        sets = {k.removeprefix("set "): s for k, s in self.state.sets.items() if grouped and k.startswith("set ")}
        return {row: name for name, s in sets.items() for row in s.rows.ravel().tolist()}


@dataclass(eq=False)
class Binding:
    """One place of a state.

    Parameters
    ----------
    judged : Judged
        The state and its table.
    at : tuple of int
        Which slot of each open walk, the newest first, and last the image of the batch.
    walks : tuple of int
        The `Binder` nodes of these walks.
    """

    judged: Judged
    at: tuple[int, ...]
    walks: tuple[int, ...]

    @property
    def state(self) -> EvalState:
        """The values."""
        return self.judged.state

    @property
    def program(self) -> ir.Program:
        """What was judged."""
        return self.judged.state.program

    @property
    def table(self) -> ObjectTable:
        """The table, in the picture's axes; rows as in the state."""
        return self.judged.table

    @property
    def image(self) -> int:
        """Place of the image in the table."""
        return int(self.state.frame.images[self.at[-1]])

    def node(self, i: int) -> tuple[int, ir.Node]:
        """A node, names of values followed to what they name."""
        node = self.program.nodes[i]
        while isinstance(node, ir.Name) and node.thing in ("let", "region") and node.target is not None:
            i = node.target
            node = self.program.nodes[i]
        return i, node

    def outer(self, depth: int) -> Binding:
        """The binding of the outermost walks alone."""
        skip = len(self.walks) - depth
        return Binding(self.judged, self.at[skip:], self.walks[skip:])

    # ---- reading --------------------------------------------------------------------------------------

    def one(self, values: Any) -> Any:
        """The entry of an array at this binding."""
        array = np.asarray(values)
        return array[self.at[-1]] if array.ndim == 1 else array[self._index(array.shape)]

    def along(self, values: Any) -> Any:
        """(K,) entries along a first axis that is not among the open walks."""
        array = np.asarray(values)
        index: Any = (slice(None), *self._index(array.shape[1:]))
        return array[index]

    def _index(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        index = self.at[len(self.at) - len(shape) :]
        if 1 not in shape[:-1]:
            return index
        return (*(a if size > 1 else 0 for a, size in zip(index[:-1], shape, strict=False)), index[-1])

    def defined(self, value: Value | None) -> bool:
        """Whether a value has no reason to be undefined here."""
        why = getattr(value, "why", None)
        return why is None or not self.one(why)

    def reason(self, i: int) -> UndefinedReason:
        """Why a value is undefined."""
        why = getattr(self.state.values[i], "why", None)
        return UndefinedReason(0 if why is None or np.ndim(why) > len(self.at) else int(self.one(why)))

    def truth(self, i: int) -> tuple[bool, bool]:
        """Whether a truth must be, and whether it can be."""
        t = self.state.truth(i)
        return bool(self.one(t.must)), bool(self.one(t.can))

    def holds(self, i: int, want: bool) -> bool:
        """Whether a truth is surely as it is wanted."""
        t = self.state.truth(i)
        return bool(self.one(t.must)) if want else not self.one(t.can)

    def number(self, i: int) -> Interval | None:
        """Both ends of a number; None if it is undefined."""
        value = self.state.values[i]
        if not isinstance(value, Num) or not self.defined(value):
            return None
        return Interval(float(self.one(value.lo)), float(self.one(value.hi)))

    def plain(self, i: int) -> Plain | None:
        """A certain number, a text, a label or a colour; None if undefined."""
        return self._plain(self.state.values[i])

    def _plain(self, value: Value) -> Plain | None:
        if not self.defined(value):
            return None
        match value:
            case Num(lo):
                return float(self.one(lo))
            case Categorical(codes, names):
                code = int(self.one(codes))
                return names[code] if code >= 0 else None
            case Lab(lab):
                light, a, b = (float(self.one(lab[..., k])) for k in range(3))
                return light, a, b
            case _:
                return None

    def items(self, i: int) -> list[Plain | None] | None:
        """The items of a list; None if it is undefined."""
        value = self.state.values[self.node(i)[0]]
        if not isinstance(value, List) or not self.defined(value):
            return None
        return [self._plain(operators.item(value, k)) for k in range(int(self.one(value.size)))]

    def place(self, i: int) -> tuple[float, float] | None:
        """A point, or the centre of an object or a region; None if undefined."""
        value = self.state.values[i]
        if not isinstance(value, Point | Obj | Shape):
            return None
        (x, y), why = place_of(self.state, value)
        return None if why is not None and self.one(why) else (float(self.one(x)), float(self.one(y)))

    def shape(self, i: int) -> Geometry | None:
        """The outline or box of an object or a region; None if undefined."""
        value = self.state.values[i]
        if not isinstance(value, Point | Obj | Shape):
            return None
        g, why = shape_of(self.state, value)
        if why is not None and self.one(why):
            return None

        def pick(values: Any) -> Any:
            return None if values is None else np.asarray(self.one(values))

        x0, y0, x1, y1 = (pick(v) for v in (g.x0, g.y0, g.x1, g.y1))
        local = None if g.local is None else g.local.each(pick)
        return Geometry(
            x0, y0, x1, y1, pick(g.shapes), pick(g.open_right), pick(g.open_bottom), local, pick(g.turn_deg)
        )

    def chosen(self, node: ir.Call | ir.Match) -> int | None:
        """The value certainly chosen by a choice; None if open or missing."""
        if isinstance(node, ir.Call):
            condition, then, *otherwise = node.args
            return then if self.holds(condition, True) else otherwise[0] if self.holds(condition, False) else None
        for arm, fit in zip(node.arms, fits(self.state, node), strict=True):
            if self.one(fit.must):
                return arm.value
        return node.otherwise

    # ---- objects --------------------------------------------------------------------------------------

    def of_objects(self, each: int) -> bool:
        """Whether an iteration, or an object, is over the objects of the table, and not over cells or places."""
        return self.program.nodes[each].type.domain == OBJECTS

    def row(self, i: int) -> int:
        """The row of an object in the table; for a cell that of its owner, -1 without one."""
        value = self.state.values[i]
        if not isinstance(value, Obj) or not self.defined(value):
            return -1
        row, store = int(self.one(value.rows)), value.store
        while store != OBJECTS and row >= 0:
            cut = self.state.frame.stores[store]
            row, store = -1 if cut.owner is None else int(cut.owner[row]), cut.owners
        return row

    def members(self, each: int, where: int | None = None) -> Iterator[tuple[Binding, int, bool]]:
        """Each possible member of an iteration: its binding, its row, and whether it certainly is one."""
        outer = self.outer(self.program.nodes[each].depth - 1)
        sure, maybe = (outer.along(mask) for mask in self.judged.members(each, where))
        rows = outer.along(self.state.values[each].rows)
        for slot in np.flatnonzero(maybe).tolist():
            yield Binding(self.judged, (slot, *outer.at), (each, *outer.walks)), int(rows[slot]), bool(sure[slot])

    def member(self, each: int, key: Key) -> Binding | None:
        """The member of an iteration with a key, or None."""
        if key[0] != "object":
            store = self.state.values[each].store
            return next((m for m, row, _ in self.members(each) if _key_of(self.judged, store, row) == key), None)
        row, outer = self.row_named(str(key[1])), self.outer(self.program.nodes[each].depth - 1)
        obj: Obj = self.state.values[each]
        here = outer.along(self.judged.members(each, None)[1]) & (outer.along(obj.rows) == row)
        slot = int(here.argmax()) if len(here) else 0
        return Binding(self.judged, (slot, *outer.at), (each, *outer.walks)) if here.any() else None

    def keys(self) -> tuple[Key, ...]:
        """The identity of the current objects, for `locate` to find them in another state of similar images."""
        found = []
        for k, each in enumerate(self.walks):
            obj: Obj = self.state.values[each]
            row = int(self.outer(len(self.walks) - k).one(obj.rows))
            found.append(_key_of(self.judged, obj.store, row))
        return tuple(found)

    def class_of(self, row: int) -> str:
        """The class of a row; for `blobs` the set declared from them."""
        name = self.raw_class_of(row)
        grouped = any(b.name == name for b in self.program.blobs)
        return self.judged.named.get(row, name) if grouped else name

    def row_named(self, name: str) -> int | None:
        """The row of an object of this image by its id, or None."""
        lo, hi = self.table.offsets[self.image : self.image + 2].tolist()
        return self.table.ids.index(name, lo, hi) if name in self.table.ids[lo:hi] else None

    def raw_class_of(self, row: int) -> str:
        """The class of a row in the table."""
        return self.table.classes.values[int(self.table.classes.codes[row])]

    def column(self, name: str) -> Any:
        """A measured column of numbers, points or colours, or None."""
        found = self.table.columns.get(name)
        return None if isinstance(found, TextColumn) else found

    @cached_property
    def axes(self) -> Axes | None:
        """The frame of this image; None if places are the picture's."""
        of, image = self.state.frame.axes, self.image
        return None if of is None else of.each(lambda v: np.asarray(v[image]))


def _key_of(judged: Judged, store: str, row: int) -> Key:
    if row < 0:
        return ("nothing",)
    if store == OBJECTS:
        return ("object", judged.table.ids[row])
    state = judged.state
    kept = state.frame.stores[store]
    if kept.owner is None:
        node, place = list(state.regions)[row // max(1, state.frame.n)]
        return ("place", -1 if node == "image" else node, place)
    owner = _key_of(judged, kept.owners, int(kept.owner[row]))
    return ("cell", owner, float(kept.columns["row"][row]), float(kept.columns["col"][row]))


def locate(judged: Judged, image: int, walks: tuple[int, ...], keys: tuple[Key, ...]) -> Binding | None:
    """The binding whose walks are at the objects of some keys; None if one is no longer among them.

    Parameters
    ----------
    image : int
        Place of the image in the state's batch.
    """
    found: Binding | None = Binding(judged, (image,), ())
    for each, key in zip(walks[::-1], keys[::-1], strict=True):
        found = None if found is None else found.member(each, key)
    return found
