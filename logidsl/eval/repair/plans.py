"""Plans: the actions for one finding, and how the wanted value of a node becomes plans.

The wanted value is passed down to the operands: a truth (`bool`), an interval for a number (`Interval`), a text, a
label or a colour, a shift of a place (`Shift`). Handlers are registered by its type with `handles`; `reach` finds them.
So modules use each other without importing each other.

A handler yields plans, the most natural first: each alone should be enough, if nothing else depends on the same
objects. Whether it is enough is found by judging the changed table (`trials`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias, TypeVar

import numpy as np

from logidsl import ir
from logidsl.eval.repair.bindings import Binding, Key, Plain
from logidsl.library.angles import EPSILON_DEG
from logidsl.library.attributes import SIZES
from logidsl.library.intervals import Interval
from logidsl.repairs import AnyChange, Change, Move, Remove, Setting, unit_of
from logidsl.table_edits import AXIS
from logidsl.types import OBJECTS, period_deg

MOST = 1e12  # no number of a change is greater


@dataclass(frozen=True)
class Wanted:
    """Objects to be added as members of an iteration; how many and where is found by trial.

    `walks` and `keys` give the position of the iteration, see `Binding`.
    """

    each: int
    where: int | None
    count: int
    walks: tuple[int, ...]
    keys: tuple[Key, ...]


@dataclass(frozen=True)
class Shift:
    """A shift of a place, on the axes of the state."""

    dx: float
    dy: float


Plan: TypeAlias = list[AnyChange | Wanted]
Wish: TypeAlias = bool | Interval | str | tuple[float, float, float] | Shift
Handler: TypeAlias = Callable[[Binding, int, ir.Node, Any], Iterator[Plan]]
H = TypeVar("H", bound=Handler)
_HANDLERS: dict[type, Handler] = {}


def handles(*wishes: type) -> Callable[[H], H]:
    """Register who makes plans for wishes of some types."""

    def register(handler: H) -> H:
        _HANDLERS.update(dict.fromkeys(wishes, handler))
        return handler

    return register


def reach(b: Binding, i: int, wish: Wish) -> Iterator[Plan]:
    """Plans by which a node comes to be as wished."""
    i, node = b.node(i)
    yield from _HANDLERS[type(wish)](b, i, node, wish)


def reach_value(b: Binding, i: int, value: Plain) -> Iterator[Plan]:
    """Plans that give a number, a text, a label or a colour a value."""
    yield from reach(b, i, exactly(value) if isinstance(value, float) else value)


def exactly(value: float) -> Interval:
    """The one number."""
    return Interval(value, value)


def closed(goal: Interval, counted: bool) -> Interval:
    """A range without its open ends: for counts the whole numbers, otherwise slightly inside."""
    if counted:
        return goal.whole()
    low, high = (
        end + way * max(abs(end) * 1e-3, 1e-3) if is_open else end
        for end, is_open, way in ((goal.low, goal.low_open, 1.0), (goal.high, goal.high_open, -1.0))
    )
    return Interval(low, high)


def together(parts: Iterable[Iterator[Plan]]) -> Iterator[Plan]:
    """The first plan of each, all to be carried out; nothing if one has none, or there is nothing to do."""
    found: Plan = []
    for part in parts:
        plan = next(part, None)
        if plan is None:
            return
        found += plan
    if found:
        yield found


def each_first(ways: Iterable[Iterator[Plan]]) -> Iterator[Plan]:
    """The first plan of each way, then the others."""
    kept = list(ways)
    for way in kept:
        yield from islice(way, 1)
    for way in kept:
        yield from way


# ---- changes of single objects ------------------------------------------------------------------------


def removed(b: Binding, rows: list[int], count: int | None = None) -> Plan:
    """Any `count` of some rows removed, by default all of them; the least certain first."""
    count = len(rows) if count is None else count
    if count <= 0 or not rows:
        return []
    names = " | ".join(sorted({b.class_of(r) for r in rows}))
    ids = tuple(b.table.ids[r] for r in by_confidence(b, rows))
    return [Remove(class_=names, objects=ids, count=count)]


def by_confidence(b: Binding, rows: list[int]) -> list[int]:
    """Rows, the least certain first, then in the order of the table from its end."""
    last_first = rows[::-1]
    found = b.state.frame.stores[OBJECTS].column("confidence")
    if found is None:
        return last_first
    values, gone = found
    return sorted(last_first, key=lambda r: float(values[r]) if gone is None or not gone[r] else 1.0)


def wanted(b: Binding, each: int, where: int | None, count: int = 1) -> Plan:
    """Objects added to a walk that stands at a binding."""
    outer = b.outer(b.program.nodes[each].depth - 1)
    return [Wanted(each, where, count, outer.walks, outer.keys())]


def moved(b: Binding, row: int, dx: float, dy: float) -> Plan:
    """An object moved on the axes of the state."""
    if row < 0 or not _usable(dx, dy):
        return []
    if b.axes is not None:
        cos, sin = float(b.axes.cos), float(b.axes.sin)
        dx, dy = dx * cos - dy * sin, dx * sin + dy * cos
    return [Move(class_=b.class_of(row), object=b.table.ids[row], dx=dx, dy=dy)]


def written(b: Binding, row: int, name: str, value: Setting, ends: Interval | None = None) -> Plan:
    """An attribute of an object set to a value, or to the nearest value of a range."""
    numbers = value if isinstance(value, tuple) else () if isinstance(value, str) else (value,)
    if row < 0 or not _usable(*numbers):
        return []
    low, high = (None, None) if ends is None else (float(e) if math.isfinite(e) else None for e in ends.ends)
    declared = b.program.type_of(name)
    unit = unit_of(declared.dim if declared and isinstance(value, float) else None)
    object_ = b.table.ids[row]
    return [Change(class_=b.class_of(row), object=object_, attribute=name, value=value, low=low, high=high, unit=unit)]


def number_written(b: Binding, row: int, name: str, goal: Interval, now: float | None) -> Plan:
    """A number of an object brought into a range: the object is moved or scaled if the number follows from the box."""
    value, measured = float(goal.nearest(now or 0.0)), name in b.table.columns
    if not measured and name in AXIS:
        by = value - (now or 0.0)
        return moved(b, row, *((by, 0.0) if AXIS[name] == 0 else (0.0, by)))
    if not measured and name in SIZES and value < 0:
        return []
    if not measured and name == "lightness":
        color = b.column("color")
        if color is None or row < 0 or not 0 <= value <= 1:
            return []
        return written(b, row, "color", (100.0 * value, float(color[row][1]), float(color[row][2])))
    period = period_deg([type_]) if (type_ := b.program.type_of(name)) is not None else None
    if period is not None and _usable(value):
        turn = (
            0.0 if b.axes is None or name != "angle" else math.degrees(math.atan2(float(b.axes.sin), float(b.axes.cos)))
        )
        said = period / 2 - (period / 2 - value - turn) % period
        said = said % 360.0 if period == 360.0 and (now is None or now >= 0) else said
        return written(b, row, name, said, goal if abs(said - value) <= EPSILON_DEG else None)
    if name == "holes" and _usable(value):
        value = float(math.ceil(value))
    return written(b, row, name, value, goal)


def point_written(b: Binding, row: int, name: str, x: float, y: float) -> Plan:
    """A measured point of an object moved, given on the axes of the state."""
    if b.axes is not None:
        x, y = (float(v) for v in b.axes.outward(np.asarray(x), np.asarray(y)))
    return written(b, row, name, (x, y))


def _usable(*numbers: float) -> bool:
    return all(abs(n) < MOST for n in numbers)
