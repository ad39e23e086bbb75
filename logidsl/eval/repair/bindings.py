"""A spot: one image and one binding of the open walks, where the values of a trace are read one at a time.

Judging works on whole batches; repairs are worked out one finding at a time, and read values here. Places
are on the axes of the spec's frame, as the trace has them; what is moved is said in the picture's.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from logidsl import ir
from logidsl.eval import reductions
from logidsl.eval.eval_state import EvalState
from logidsl.eval.gather import At, take, take_axis
from logidsl.eval.plan import fits
from logidsl.eval.reading import place_of, shape_of
from logidsl.eval.values import Categorical, Lab, Num, Obj, Point, Shape, Value
from logidsl.library import builtins, type_named
from logidsl.library.angles import EPSILON_DEG
from logidsl.library.geometry import Axes
from logidsl.repairs import AnyChange, Change, Move, Setting, unit_of
from logidsl.table import ObjectTable, TextColumn
from logidsl.types import OBJECTS, Type, period_deg

Key: TypeAlias = tuple[object, ...]
PLACES = frozenset(["x", "y", "x_min", "x_max", "y_min", "y_max"])
SIZES = frozenset(["width", "height", "diagonal", "box_area", "area"])


@dataclass(frozen=True)
class Goal:
    """Numbers that would do: from `low` to `high`, both included."""

    low: float = -math.inf
    high: float = math.inf

    def nearest(self, value: float) -> float:
        """The number of the range that is nearest to a value."""
        return min(max(value, self.low), self.high)

    @property
    def ends(self) -> tuple[float | None, float | None]:
        """Both ends, None where there is none."""
        return (self.low if math.isfinite(self.low) else None, self.high if math.isfinite(self.high) else None)


@dataclass(frozen=True)
class Wanted:
    """Objects that are to be added so that they are members of a walk; which and where is found by trying.

    `walks` and `keys` say where the walk stands, as `Spot.walks` and `binding.keys` do.
    """

    each: int
    where: int | None
    count: int
    walks: tuple[int, ...]
    keys: tuple[Key, ...]


Plan: TypeAlias = list[AnyChange | Wanted]


@dataclass(frozen=True)
class Binding:
    """One place of a trace.

    Parameters
    ----------
    trace : Trace
        The values.
    at : list of (1,) int64
        Which member of each open walk, the newest first, and last the image of the batch.
    walks : tuple of int
        The `Binder` nodes of these walks.
    table : ObjectTable
        The table as it was given, in the picture's axes; rows as in the trace.
    """

    trace: EvalState
    at: At
    walks: tuple[int, ...]
    table: ObjectTable

    def node(self, i: int) -> tuple[int, ir.Node]:
        """A node, names of values followed to what they name."""
        node = self.trace.program.nodes[i]
        while isinstance(node, ir.Name) and node.thing in ("let", "region") and node.target is not None:
            i = node.target
            node = self.trace.program.nodes[i]
        return i, node

    def one(self, values: Any) -> Any:
        """The entry of an array at this spot."""
        return take(values, self.at)[0]

    def truth(self, i: int) -> tuple[bool, bool]:
        """Whether a truth must be, and whether it can be."""
        t = self.trace.truth(i)
        return bool(self.one(t.must)), bool(self.one(t.can))

    def holds(self, i: int, want: bool) -> bool:
        """Whether a truth is surely as it is wanted."""
        must, can = self.truth(i)
        return must if want else not can

    def chosen(self, node: ir.Match) -> int | None:
        """The value of the case that surely fits, else the one of all others; None where there is none."""
        for arm, fit in zip(node.arms, fits(self.trace, node), strict=True):
            if self.one(fit.must):
                return arm.value
        return node.otherwise

    def number(self, i: int) -> tuple[float, float] | None:
        """Both ends of a number; None where it is undefined."""
        value = self.trace.values[i]
        if not isinstance(value, Num) or (value.why is not None and self.one(value.why)):
            return None
        return float(self.one(value.lo)), float(self.one(value.hi))

    def label(self, i: int) -> str | None:
        """A text or label; None where it is undefined."""
        value = self.trace.values[i]
        code = int(self.one(value.codes)) if isinstance(value, Categorical) else -1
        return value.values[code] if code >= 0 else None

    def lab(self, i: int) -> tuple[float, float, float] | None:
        """A colour in CIELAB; None where it is undefined."""
        value = self.trace.values[i]
        if not isinstance(value, Lab) or (value.why is not None and self.one(value.why)):
            return None
        light, a, b = (float(self.one(value.lab[..., k])) for k in range(3))
        return light, a, b

    def place(self, i: int) -> tuple[float, float] | None:
        """A point, or the centre of an object or a region; None where it is undefined."""
        value = self.trace.values[i]
        if not isinstance(value, Point | Obj | Shape):
            return None
        (x, y), why = place_of(self.trace, value)
        return None if why is not None and self.one(why) else (float(self.one(x)), float(self.one(y)))

    def shape(self, i: int) -> Any:
        """The outline or box of an object or a region as a shapely geometry; None where it is undefined."""
        import shapely

        value = self.trace.values[i]
        if not isinstance(value, Point | Obj | Shape):
            return None
        g, why = shape_of(self.trace, value)
        if why is not None and self.one(why):
            return None
        outline = None if g.shapes is None else self.one(g.shapes)
        if outline is not None:
            return outline
        x0, y0, x1, y1 = (float(self.one(v)) for v in (g.x0, g.y0, g.x1, g.y1))
        return shapely.Point(x0, y0) if (x0, y0) == (x1, y1) else shapely.box(x0, y0, x1, y1)

    def row(self, i: int) -> int:
        """The row of the table that an object is; -1 where it is none, of a cell the object it was cut from."""
        value: Value = self.trace.values[i]
        if not isinstance(value, Obj) or (value.why is not None and self.one(value.why)):
            return -1
        row, store = int(self.one(value.rows)), value.store
        while store != OBJECTS and row >= 0:
            cut = self.trace.frame.stores[store]
            row, store = -1 if cut.owner is None else int(cut.owner[row]), cut.owners
        return row

    def inside(self, slot: int, each: int) -> Binding:
        """The spot of a member of a walk, given its slot."""
        outer = self.trace.program.nodes[each].depth - 1
        at = [np.array([slot]), *self.at[len(self.at) - outer - 1 :]]
        return Binding(self.trace, at, (each, *self.walks[len(self.walks) - outer :]), self.table)

    def keys(self) -> tuple[Key, ...]:
        """What the objects are that the walks stand at, in words that another trace of like images has too."""
        found = []
        for k, each in enumerate(self.walks):
            obj: Obj = self.trace.values[each]
            found.append(key_of(self.trace, self.table, obj.store, int(take(obj.rows, self.at[k:])[0])))
        return tuple(found)

    def members(self, each: int, where: int | None = None) -> Iterator[tuple[Binding, int, bool]]:
        """Each object that may be a member of a walk: its spot, its row, and whether it surely is one."""
        obj: Obj = self.trace.values[each]
        sure, maybe = reductions.members(self.trace.values, each, where)
        there, certain = take_axis(maybe, self.at)[:, 0], take_axis(sure, self.at)[:, 0]
        rows = take_axis(obj.rows, self.at)[:, 0]
        for slot in np.flatnonzero(there).tolist():
            yield self.inside(slot, each), int(rows[slot]), bool(certain[slot])

    # ---- changes of one object ------------------------------------------------------------------------

    @property
    def axes(self) -> Axes | None:
        """The frame of this image; None where places are those of the picture."""
        of = self.trace.frame.axes
        if of is None:
            return None
        image = int(self.trace.frame.images[self.at[-1][0]])
        return Axes(*(np.asarray(getattr(of, k)[image]) for k in ("x", "y", "cos", "sin", "width", "height")))

    def class_of(self, row: int) -> str:
        """What a row is called: its class, of pixels that were grouped the set that they were declared to be."""
        name = self.raw_class_of(row)
        if any(b.name == name for b in self.trace.program.blobs):
            for key, made in self.trace.sets.items():
                if key.startswith("set ") and (made.rows[:, self.at[-1][0]] == row).any():
                    return key.removeprefix("set ")
        return name

    def raw_class_of(self, row: int) -> str:
        """The class of a row in the table."""
        return self.table.classes.values[int(self.table.classes.codes[row])]

    def moved(self, row: int, dx: float, dy: float) -> Plan | None:
        """An object moved on the axes of the trace."""
        if row < 0 or not (math.isfinite(dx) and math.isfinite(dy)):
            return None
        axes = self.axes
        if axes is not None:
            dx, dy = dx * float(axes.cos) - dy * float(axes.sin), dx * float(axes.sin) + dy * float(axes.cos)
        return [Move(class_=self.class_of(row), object=self.table.ids[row], dx=dx, dy=dy)]

    def set_number(self, row: int, name: str, goal: Goal, old: float | None) -> Plan | None:
        """An attribute of an object brought into a range; `old` is what it is now."""
        if row < 0 or goal.low > goal.high:
            return None
        value = goal.nearest(0.0 if old is None else old)
        column = self.table.columns.get(name)
        if column is None and name in PLACES:
            by = value - (old or 0.0)
            return self.moved(row, by if name[0] == "x" else 0.0, by if name[0] == "y" else 0.0)
        if column is None and name in SIZES and value < 0:
            return None
        if column is None and name == "lightness":
            return self._lightened(row, value)
        low, high = goal.ends
        said = self._angle(name, value, old)
        if abs(said - value) > EPSILON_DEG:
            value, low, high = said, None, None
        if name == "holes":
            value = float(math.ceil(value))
        return [self._change(row, name, value, low, high)]

    def _angle(self, name: str, value: float, old: float | None) -> float:
        """An angle as the table has it: on the picture's axes, and within one period. Another number stays."""
        type_ = self._type_of(name)
        period = None if type_ is None else period_deg([type_])
        if period is None:
            return value
        if self.axes is not None and name == "angle":
            value += math.degrees(math.atan2(float(self.axes.sin), float(self.axes.cos)))
        value = period / 2 - (period / 2 - value) % period
        return value % 360.0 if period == 360.0 and (old is None or old >= 0) else value

    def _lightened(self, row: int, value: float) -> Plan | None:
        color = self.table.columns.get("color")
        if not isinstance(color, np.ndarray) or color.ndim != 2 or not 0 <= value <= 1:
            return None
        return [self._change(row, "color", (100.0 * value, float(color[row][1]), float(color[row][2])))]

    def set_point(self, row: int, name: str, x: float, y: float) -> Plan | None:
        """A measured point of an object put elsewhere."""
        if row < 0:
            return None
        axes = self.axes
        if axes is not None:
            x, y = (float(v) for v in axes.outward(np.asarray(x), np.asarray(y)))
        return [self._change(row, name, (x, y))]

    def set_other(self, row: int, name: str, value: Setting) -> Plan | None:
        """A text, a label, a class or a colour of an object."""
        return None if row < 0 else [self._change(row, name, value)]

    def _change(
        self, row: int, name: str, value: Setting, low: float | None = None, high: float | None = None
    ) -> Change:
        declared = self._type_of(name)
        unit = unit_of(declared.dim if declared is not None and isinstance(value, float) else None)
        return Change(
            class_=self.class_of(row), object=self.table.ids[row], attribute=name, value=value, low=low, high=high,
            unit=unit,
        )  # fmt: skip

    def _type_of(self, name: str) -> Type | None:
        """What an attribute is, as the spec or else the library declares it."""
        entry = builtins("attribute").get(name)
        type_ = type_named(entry.result) if entry is not None else None
        return next((a.type for a in self.trace.program.attributes if a.name == name), type_)

    def has_points(self, name: str) -> bool:
        """Whether the table has a column of points of that name: one that is written apart from its object."""
        column = self.table.columns.get(name)
        return not isinstance(column, TextColumn) and column is not None


def key_of(t: EvalState, table: ObjectTable, store: str, row: int) -> Key:
    """What a row of a store is, whatever number it has: an object's id, a cell of an owner, a place in a union."""
    if row < 0:
        return ("nothing",)
    if store == OBJECTS:
        return ("object", table.ids[row])
    kept = t.frame.stores[store]
    if kept.owner is None:
        node, place = list(t.regions)[row // max(1, t.frame.n)]
        return ("place", -1 if node == "image" else node, place)
    owner = key_of(t, table, kept.owners, int(kept.owner[row]))
    return ("cell", owner, float(kept.columns["row"][row]), float(kept.columns["col"][row]))


def locate(
    trace: EvalState, table: ObjectTable, image: int, walks: tuple[int, ...], keys: tuple[Key, ...]
) -> Binding | None:
    """The spot at which walks stand at the objects of some keys; None where one is no longer among them.

    Parameters
    ----------
    image : int
        Place of the image in the trace's batch.
    """
    at: At = [np.array([image])]
    for k in range(len(walks) - 1, -1, -1):
        obj: Obj = trace.values[walks[k]]
        assert obj.members is not None
        _, maybe = obj.members
        rows, there = take_axis(obj.rows, at)[:, 0], take_axis(maybe, at)[:, 0]
        slots = (m for m in np.flatnonzero(there).tolist() if key_of(trace, table, obj.store, int(rows[m])) == keys[k])
        slot = next(slots, None)
        if slot is None:
            return None
        at = [np.array([slot]), *at]
    return Binding(trace, at, walks, table)
