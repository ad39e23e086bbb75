"""Draft changes: plans combined, and objects added until they meet their conditions.

A new object starts as a copy of one that is already as required, otherwise of one that nearly is, otherwise of any of
its class, otherwise as a bare box in the middle of the picture. The copy is judged in its place, and each condition
that it does not meet is passed down as if it were a clause, until all are met.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TypeAlias

import numpy as np

from logidsl import ir
from logidsl.eval.objects import set_words
from logidsl.eval.repair.bindings import Binding, locate
from logidsl.eval.repair.plans import Plan, Wanted, reach
from logidsl.eval.repair.uses import declared
from logidsl.library import attribute
from logidsl.library.attributes import SIZES
from logidsl.repairs import Add, AnyChange, Box, Change, Move, Remove, merged
from logidsl.table import BOX
from logidsl.table_edits import added_number

#: The iterations and filters that an object passes to be a member, the innermost first.
Conditions: TypeAlias = tuple[tuple[int, int | None], ...]


@dataclass(frozen=True)
class Adding:
    """Objects being added: their purpose, the id of the first in a table of trials, and their conditions."""

    wanted: Wanted
    name: str
    conditions: Conditions


@dataclass
class Draft:
    """The changes of one plan so far, and those still to be refined.

    New objects are named `added N`, with N beginning after `last`, the greatest that the image already has.
    """

    last: int
    changes: list[AnyChange] = field(default_factory=list)
    added: list[Adding] = field(default_factory=list)
    steps: dict[tuple[str, str], tuple[float, ...]] = field(default_factory=dict)  # how far numbers were changed last

    def take(self, plan: Plan, b: Binding, adding: Adding | None = None) -> bool:
        """Add a plan to the changes; `b` is the binding, of the state or of a trial, that it was worked out on.

        Returns
        -------
        bool
            Whether all of it could be done; of what new objects lack (`adding`) whether any of it could.
        """
        done = [self._take(c, b, adding) for c in plan]
        self.changes = merged(self.changes)
        return all(done) if adding is None else any(done)

    def _take(self, c: AnyChange | Wanted, b: Binding, adding: Adding | None) -> bool:
        match c:
            case Wanted():
                return self._begin(c, b)
            case Change() | Move() if self._is_added(c):
                if adding is None:
                    self._divide(c.object)
                elif self._place_of(c.object) != self._place_of(adding.name):
                    return False
                return self._fold(c, b)
            case _:
                return not self._is_added(c) and (self._append(c) or adding is None)

    def refine(self, b: Binding) -> bool | None:
        """Bring what is added nearer to meeting its conditions.

        Returns
        -------
        bool or None
            Whether something was done; None where something is lacking and nothing could be done about it.
        """
        done: bool | None = False
        for adding in list(self.added):
            for plan in _lacking(adding, b):
                helped = plan is not None and self.take(plan, b, adding)
                done = done or helped or None
                if helped:
                    break
        return done

    @property
    def gone(self) -> set[str]:
        """The objects that are taken away."""
        return {o for c in self.changes if isinstance(c, Remove) for o in c.objects[: c.count]}

    def _append(self, c: AnyChange) -> bool:
        """Add a change to the others, as far as its objects still exist; returns whether anything remains of it."""
        there = not isinstance(c, Change | Move) or c.object not in self.gone
        if isinstance(c, Remove):
            left = tuple(o for o in c.objects if o not in self.gone)
            c, there = c.replaced(objects=left, count=min(c.count, len(left))), bool(left)
        c = self._accelerated(c)
        self.changes += [c] if there else []
        return there

    def _accelerated(self, c: AnyChange) -> AnyChange:
        """A number or a place that is changed repeatedly by less and less, extrapolated to its limit (Aitken)."""
        steps: tuple[float, ...]
        if isinstance(c, Move):
            key, start, steps = (c.object, ""), 0.0, (c.dx, c.dy)
        elif isinstance(c, Change) and isinstance(c.value, float):
            key = (c.object, c.attribute)
            found = (o.value for o in self.changes if isinstance(o, Change) and (o.object, o.attribute) == key)
            start = next((v for v in found if isinstance(v, float)), math.nan)
            steps = (c.value - start,)
        else:
            return c
        last = self.steps.get(key, (0.0, 0.0))
        self.steps[key] = steps
        onward = [s / (1 - s / o) if o and 0.01 < s / o < 0.99 else s for s, o in zip(steps, last, strict=False)]
        if onward == [*steps] or math.isnan(start):
            return c
        if isinstance(c, Move):
            return c.replaced(dx=onward[0], dy=onward[1])
        return c.replaced(value=start + onward[0], low=None, high=None)

    def _begin(self, w: Wanted, b: Binding) -> bool:
        """Add an `Add` to the changes; if `keep best` would drop overlapping ones, each in a free place."""
        binder = b.program.nodes[w.each]
        options = _sources(b.program, binder.source) if isinstance(binder, ir.Binder) else []
        if not options:
            return False
        at = locate(b.judged, b.at[-1], w.walks, w.keys) or b
        like = _like(at, w, options, self.gone)
        name, conditions = next((o for o in options if like is not None and o[0] == b.raw_class_of(like)), options[0])
        meeting = None if w.where is None else " ".join(b.program.nodes[w.where].span.text.split())
        words = set_words(b.program, w.each)
        add = Add(
            class_=name,
            name="" if words == name else words,
            count=w.count,
            like=None if like is None else b.table.ids[like],
            meeting=meeting,
        )
        first = self._next(self.changes)
        made = [add]
        if any(name in keep.classes for keep in b.program.keeps):
            boxes = self._free_places(b, like, w.count)
            made = [add.replaced(count=1, box=box) for box in boxes]
        self.changes += made
        self.added += [Adding(w, f"added {first + k}", (*conditions, (w.each, w.where))) for k in range(len(made))]
        return True

    def _free_places(self, b: Binding, like: int | None, count: int) -> list[Box]:
        """Boxes that overlap no object of the picture, as large as that of a row, or a tenth of the picture."""
        width, height = (float(v) if np.isfinite(v) and v > 0 else 100.0 for v in b.table.sizes[b.image])
        own = None if like is None else _box(b, like)
        wide, high = (width / 10, height / 10) if own is None else (max(own[2] - own[0], 1), max(own[3] - own[1], 1))
        rows = range(*(int(v) for v in b.table.offsets[b.image : b.image + 2]))
        taken = [box for r in rows if (box := _box(b, r)) is not None]
        taken += [c.box for c in self.changes if isinstance(c, Add) and c.box is not None]
        across, found = max(int(width // wide), 1), list[Box]()
        for place in range(across * (int(height // high) + len(taken) + count)):
            x, y = (place % across) * wide, (place // across) * high
            if len(found) < count and not any(
                x < t[2] and t[0] < x + wide and y < t[3] and t[1] < y + high for t in (*taken, *found)
            ):
                found.append((x, y, x + wide, y + high))
        return found

    def _place_of(self, name: str) -> int:
        """Where the `Add` of an object stands among the changes."""
        ends = np.cumsum([c.count if isinstance(c, Add) else 0 for c in self.changes])
        return int(np.searchsorted(ends, added_number(name) - self.last))

    def _next(self, changes: list[AnyChange]) -> int:
        """The number of the first object that is added after some changes."""
        return self.last + 1 + sum(c.count for c in changes if isinstance(c, Add))

    def _is_added(self, c: AnyChange) -> bool:
        """Whether a change is one of an object that was itself added."""
        objects = c.objects if isinstance(c, Remove) else () if isinstance(c, Add) else (c.object,)
        return any(added_number(o) > self.last for o in objects)

    def _divide(self, name: str) -> None:
        """Separate several objects that are added together."""
        place = self._place_of(name)
        add = self.changes[place]
        assert isinstance(add, Add)
        if add.count > 1:
            first = self._next(self.changes[:place])
            self.changes[place : place + 1] = [add.replaced(count=1)] * add.count
            whole = next(k for k, a in enumerate(self.added) if a.name == f"added {first}")
            each = [replace(self.added[whole], name=f"added {first + k}") for k in range(add.count)]
            self.added[whole : whole + 1] = each

    def _fold(self, c: Change | Move, b: Binding) -> bool:
        """Merge a change of a new object into its `Add`; returns whether it was useful."""
        place, row = self._place_of(c.object), b.row_named(c.object)
        add, here = self.changes[place], None if row is None else _box(b, row)
        assert isinstance(add, Add)
        match c:
            case Move() if here is None:
                return False
            case Move():
                old = add.box if add.box is not None and not SIZES & add.values.keys() else here
                assert old is not None
                box = (old[0] + c.dx, old[1] + c.dy, old[2] + c.dx, old[3] + c.dy)
                update: dict[str, object] = {"box": box}
            case Change() if (entry := attribute(c.attribute)) is not None and entry.result == "class":
                update = {"class_": c.value}
            case Change():
                scaled = c.attribute in SIZES and c.attribute not in b.table.columns
                update = {"box": here if scaled else add.box, "values": {**add.values, c.attribute: c.value}}
        self.changes[place] = add.replaced(**update)
        return True


def _sources(program: ir.Program, source: int) -> list[tuple[str, Conditions]]:
    """The possible classes of a set's members, and the conditions that each must meet."""
    match program.nodes[source]:
        case ir.Name(thing="raw", ref=name):
            return [(name, ())]
        case ir.Name(thing="class" | "set", ref=name):
            decl = declared(program, name)[0]
            walked = None if decl.each is None else program.nodes[decl.each]
            if not isinstance(walked, ir.Binder) or decl.each is None:
                return [(name, ())]
            return [(n, (*conditions, (decl.each, decl.where))) for n, conditions in _sources(program, walked.source)]
        case ir.Call(fn="union", args=args):
            return [option for a in args for option in _sources(program, a)]
        case _:
            return []


def _like(b: Binding, w: Wanted, options: list[tuple[str, Conditions]], gone: set[str]) -> int | None:
    """The row to copy: a member, otherwise a candidate, otherwise any of a suitable class."""
    names = {name for name, _ in options}

    def serves(row: int) -> bool:
        return row >= 0 and b.raw_class_of(row) in names and b.table.ids[row] not in gone

    for where in dict.fromkeys((w.where, None)):
        rows = [(certain, row) for _, row, certain in b.members(w.each, where) if serves(row)]
        if rows:
            return max(rows, key=lambda r: r[0])[1]
    return next(filter(serves, range(*(int(v) for v in b.table.offsets[b.image : b.image + 2]))), None)


def _lacking(adding: Adding, b: Binding) -> Iterator[Plan | None]:
    """The conditions that the first of the new objects does not meet yet, as plans; None when done."""
    w, key = adding.wanted, ("object", adding.name)
    for each, where in adding.conditions:
        walks, keys = ((each, *w.walks), (key, *w.keys)) if each == w.each else ((each,), (key,))
        inner = locate(b.judged, b.at[-1], walks, keys)
        if inner is None or (where is not None and not inner.holds(where, True)):
            if inner is not None and where is not None:
                yield from islice(reach(inner, where, True), 4)
            yield None
            return


def _box(b: Binding, row: int) -> Box | None:
    sides = [float(c[row]) for k in BOX if (c := b.column(k)) is not None]
    return (sides[0], sides[1], sides[2], sides[3]) if len(sides) == 4 and np.isfinite(sides).all() else None
