"""Operations of the library, repaired by trial: which number, place, colour or text gives the wanted result.

Only the kernel of an operation is used, and its arguments are changed one by one: a number is solved for, a place is
moved along straight lines until the kernel gives the wanted result, some colours and texts are tried. Operations with
an inverse (`Builtin.invert`) are not handled here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Any, TypeAlias

import numpy as np

from logidsl import ir
from logidsl.eval.reading import put
from logidsl.eval.repair.bindings import Binding, Plain
from logidsl.eval.repair.plans import (
    Plan,
    Shift,
    exactly,
    handles,
    moved,
    point_written,
    reach,
    reach_value,
    together,
    written,
)
from logidsl.ir.walk import entry_of
from logidsl.library import Builtin, Parameter
from logidsl.library.angles import width
from logidsl.library.declare import unmade
from logidsl.library.geometry import Axes, Geometry
from logidsl.library.intervals import Ends, Interval
from logidsl.library.values import Obj

#: Distance beyond a border for a thing that should lie beyond it, px.
CLEAR_PX = 1.0
#: Candidate colours: white, black, grey and the six hues, in CIELAB.
PLAIN = (
    (100.0, 0.0, 0.0), (0.0, 0.0, 0.0), (53.6, 0.0, 0.0), (53.2, 80.1, 67.2), (87.7, -86.2, 83.2),
    (32.3, 79.2, -107.9), (97.1, -21.6, 94.5), (91.1, -48.1, -14.1), (60.3, 98.2, -60.8),
)  # fmt: skip
TRUE, FALSE = exactly(1.0), exactly(0.0)
Function: TypeAlias = Callable[..., Any]
_PLACED = ("P", "R", "o", "point")
#: Shares of a way tried first, and of the steps between them.
_COARSE = np.unique(np.concatenate([[0.0], np.geomspace(1e-3, 1.0, 20), np.linspace(0.0, 1.0, 20)]))
_ROUND = np.array([(math.cos(turn), math.sin(turn)) for turn in np.radians(range(0, 360, 15)).tolist()]).round(15)
_AXES = _ROUND[::6]
_FOLLOWED = 6  # directions that are followed to the exact place, of those that lead there soonest
_FINER = np.linspace(0.0, 1.0, 33)


def inverted(b: Binding, node: ir.Call, goal: Interval) -> Iterator[Plan]:
    """Plans that make an operation give the wanted result, as its declaration says; a truth is 0 or 1."""
    entry = entry_of(node)
    if entry is not None and entry.invert is not None:
        ends: list[Ends] = [n.ends if (n := b.number(a)) is not None else (math.nan, math.nan) for a in node.args]
        period_deg = b.program.period_deg(node.args[:2]) if len(ends) == 3 and entry.result == "truth" else None
        if period_deg is not None:
            ways = [
                way
                for around in _unrolled(ends, period_deg, bool(entry.converse))
                for way in entry.invert(goal, around)
            ]
        else:
            ways = [*entry.invert(goal, ends)]
        for way in ways:
            yield from together(reach(b, a, g) for a, g in zip(node.args, way, strict=True) if g is not None)
    elif entry is not None and entry.kernel is not unmade:
        if entry.parameters[-1].repeats:  # as for the minimum of some numbers: each that is not as wanted
            numbers = [(a, n) for a in node.args if (n := b.number(a)) is not None]
            left = [a for a, n in numbers if not goal.low <= n.low <= n.high <= goal.high]
            yield from together(reach(b, a, goal) for a in left)
        if entry.texts is not None:
            yield from retexted(b, entry, node, goal)
            return
        kinds = tuple(p.kind for p in _parameters(entry, node.args))
        yield from solved(b, entry.kernel, kinds, node.args, goal, entry.result == "truth")


def retexted(b: Binding, entry: Builtin, node: ir.Call, goal: Interval | str) -> Iterator[Plan]:
    """Plans that change the text of a function so that it gives what is wanted."""
    values = [b.plain(a) for a in node.args]
    if entry.texts is not None and None not in values:
        wanted: Plain | bool = ""
        if isinstance(goal, str):
            wanted = goal
        elif entry.result == "truth":
            wanted = bool(goal.low)
        else:
            wanted = goal.nearest(float(entry.kernel(values[:1], *values[1:])[0]))
        yield from (p for text in islice(entry.texts(wanted, *values), 9) for p in reach(b, node.args[0], text))


def _unrolled(ends: list[Ends], period_deg: float, alike: bool) -> Iterator[list[Ends]]:
    """Angles compared as plain numbers: the second, or the arc of the others, near the first, and beside it."""
    now, (low, low_most), (high, high_most) = ends
    wide = 0.0 if alike else float(width(np.asarray(high - low), period_deg))
    near = np.round((now[0] - low - wide / 2) / period_deg)
    for turn in (near, near - np.copysign(1.0, near)) if math.isfinite(near) else ():
        start, start_most = low + turn * period_deg, low_most + turn * period_deg
        yield [now, (start, start_most), ends[2] if alike else (start + wide, start + wide + high_most - high)]


def _parameters(entry: Builtin, args: tuple[int, ...]) -> list[Parameter]:
    """The parameter of each argument."""
    return [entry.parameters[min(k, len(entry.parameters) - 1)] for k in range(len(args))]


def solved(
    b: Binding, kernel: Function, kinds: tuple[str, ...], args: tuple[int, ...], goal: Interval, truth: bool
) -> Iterator[Plan]:
    """Plans that bring the result of a kernel on some nodes into a range."""
    given = [_argument(b, a, kind) for a, kind in zip(args, kinds, strict=True)]
    if any(g is None for g in given):
        return
    # places before their limit, and the contents of a shape before the shape
    for k in sorted(range(len(args)), key=lambda k: (kinds[k] not in _PLACED, kinds[k] in ("R", "o"))):
        a, kind = args[k], kinds[k]

        def of(x: Any, k: int = k) -> Any:
            tried = [*given[:k], x, *given[k + 1 :]]
            return np.asarray(kernel(*tried), np.float64)

        def serves(x: Any, of: Function = of) -> bool:
            return bool(goal.low <= of(x) <= goal.high)

        match kind:
            case "P" | "R" | "o" | "point":
                others = [
                    g for j, (g, of_kind) in enumerate(zip(given, kinds, strict=True)) if j != k and of_kind in _PLACED
                ]
                for shift in moves(of, given[k], others, goal, truth):
                    yield from reach(b, a, shift)
            case "color":
                for lab in filter(serves, (*given, *map(np.asarray, PLAIN))):
                    light, green, blue = (float(v) for v in lab)
                    yield from reach(b, a, (light, green, blue))
            case _ if isinstance(given[k], float):
                counted = b.program.nodes[a].type.dim == "count"
                yield from (p for x in _solutions(of, given[k], goal, counted) for p in reach(b, a, exactly(x)))


def _argument(b: Binding, i: int, kind: str) -> Any:
    if kind in ("P", "point"):
        return b.place(i)
    if kind in _PLACED:
        return b.shape(i)
    value = b.plain(i)
    return np.asarray(value) if kind == "color" and value is not None else value


def first_within(of: Function, tried: Any, goal: Interval, rounds: int = 7) -> Any:
    """The first of some numbers, or of those between two of them, at which a function comes into a range.

    Parameters
    ----------
    of : callable
        From arrays of any shape to arrays of the same.
    tried : (n, k) float64
        Rows of numbers that rise, or fall.
    goal : Interval
        The range.
    rounds : int
        After the first, each makes the steps 32 times as fine.

    Returns
    -------
    (n,) float64
        One for each row; NaN without one.
    """
    return _refined(of, *_bracketed(of, tried, goal), goal, rounds - 1)


def _bracketed(of: Function, tried: Any, goal: Interval) -> tuple[Any, Any]:
    """The first number of each row at which a function has come into a range, and the one before; NaN without one."""
    value = of(tried)
    beyond = value - np.minimum(np.maximum(value, goal.low), goal.high)
    met = (beyond == 0) | (beyond * beyond[:, :1] < 0)
    first, rows = met.argmax(axis=1), np.arange(len(tried))
    to = np.where(met[rows, first], tried[rows, first], np.nan)
    return tried[rows, np.maximum(first - 1, 0)], to


def _refined(of: Function, since: Any, to: Any, goal: Interval, rounds: int) -> Any:
    """The first number between two of each row at which a function comes into a range."""
    found = to
    for _ in range(rounds):
        since, to = _bracketed(of, since[:, None] + (to - since)[:, None] * _FINER, goal)
        found = np.where(np.isnan(to), found, to)
    return found


def _solutions(of: Function, now: float, goal: Interval, counted: bool) -> Iterator[float]:
    """The nearest numbers below and above at which a function comes into a range."""
    steps = np.append(0.0, np.arange(1.0, 65.0) if counted else np.exp2(np.arange(-12.0, 24.0)))
    found = first_within(of, now + np.stack([-steps, steps]), goal, 1 if counted else 12).tolist()
    yield from sorted((x for x in found if math.isfinite(x) and x != now), key=lambda x: abs(x - now))


def moves(of: Function, own: Any, others: list[Any], goal: Interval, truth: bool) -> Iterator[Shift]:
    """Shifts of a thing that bring a function of it into a range, the shortest first.

    It moves along the axes, for a number in all directions, towards the centre of another and its nearest point, and
    away from both, until the result is as wanted; for a truth slightly further: a point half-way to the centre, a shape
    just over the border.
    """
    box = _box(own)
    here = (box[:2] + box[2:]) / 2
    for other in others:
        there = _box(other)
        to = (there[:2] + there[2:]) / 2 - here
        gap = np.maximum(there[:2] - box[2:], 0.0) - np.maximum(box[:2] - there[2:], 0.0)
        ways = np.concatenate([_AXES if truth else _ROUND, [to, gap, -to, -gap]])
        lengths = np.hypot(*ways.T)
        ways = ways[lengths > 0] / lengths[lengths > 0, None]

        most = float(np.abs(to).sum() + (box[2:] - box[:2] + there[2:] - there[:2]).sum()) + 10 * CLEAR_PX
        most += 0.0 if truth else abs(goal.nearest(0.0))
        middle = ways @ to
        tried = np.concatenate([np.tile(most * _COARSE, (len(ways), 1)), np.maximum(middle, 0.0)[:, None]], axis=1)
        tried.sort(axis=1)

        def moved(far: Any, ways: Any) -> Any:
            return of(_shifted(own, far * ways[:, :1], far * ways[:, 1:]))

        since, to = _bracketed(partial(moved, ways=ways), tried, goal)
        best = to.argsort(kind="stable")[:_FOLLOWED]
        ways, middle = ways[best], middle[best]
        far = _refined(partial(moved, ways=ways), since[best], to[best], goal, 3 if truth else 6)
        if truth:
            inner = (middle > far) & (not isinstance(own, Geometry))
            deeper = np.where(inner, (far + middle) / 2, far + CLEAR_PX)
            far = np.where(moved(deeper[:, None], ways)[:, 0] == goal.low, deeper, far)
        order = np.argsort(np.round(far, 6), kind="stable")
        yield from (Shift(*(far[k] * ways[k]).tolist()) for k in order if far[k] > 0)


def _shifted(own: Any, dx: Any, dy: Any) -> Any:
    if not isinstance(own, Geometry):
        return own[0] + dx, own[1] + dy
    one, zero = np.ones_like(dx), np.zeros_like(dx)
    return put(own, Axes(dx, dy, one, zero, zero, zero))


def _box(of: Any) -> Any:
    return np.array([*of, *of] if not isinstance(of, Geometry) else [of.x0, of.y0, of.x1, of.y1], np.float64)


# ---- values that are written -----------------------------------------------------------------------------


@handles(str, tuple)
def assign(b: Binding, i: int, node: ir.Node, value: Plain) -> Iterator[Plan]:
    """Plans that give a text, a label or a colour a value."""
    match node:
        case ir.Column(of=of, attribute=name) if b.of_objects(of) and not isinstance(value, float):
            plan = written(b, b.row(of), name, value)
            if plan:
                yield plan
        case ir.Match() | ir.Call(fn="if"):
            chosen = b.chosen(node)
            if chosen is not None:
                yield from reach_value(b, chosen, value)
        case ir.Call() if (entry := entry_of(node)) is not None and isinstance(value, str):
            yield from retexted(b, entry, node, value)


def others(b: Binding, i: int, avoided: set[Any], count: int) -> Iterator[Plain]:
    """Alternative values of a node: numbers, colours, labels or texts."""
    node = b.program.nodes[i]
    found: Iterable[Plain]
    match node.type.kind:
        case "number":
            top = max((v for v in avoided if isinstance(v, float)), default=0.0)
            found = (top + float(k) for k in range(1, count + 1))
        case "color":
            found = (*(c.lab for c in b.program.colors), *PLAIN)
        case "point":
            found = ()
        case _:
            domain = node.type.domain
            labels = next((a.labels for a in b.program.attributes if a.name == domain), ())
            labels = tuple(c.name for c in b.program.classes) if domain == "class" else labels
            found = (*labels, "other", *(f"kind {k}" for k in range(1, count + 2)))
    yield from islice((v for v in found if v not in avoided), count)


@handles(Shift)
def displace(b: Binding, i: int, node: ir.Node, by: Shift) -> Iterator[Plan]:
    """Plans that move a point, or an object, elsewhere."""
    value = b.state.values[i]
    match node:
        case ir.Column(of=of, attribute=name):
            now = b.place(i)
            if b.column(name) is None or now is None:
                yield from reach(b, of, by)
            elif plan := point_written(b, b.row(of), name, now[0] + by.dx, now[1] + by.dy):
                yield plan
        case ir.Call(args=args) if (entry := entry_of(node)) is not None:
            parts = (
                next(_part_displaced(b, a, p, by), []) for a, p in zip(args, _parameters(entry, args), strict=True)
            )
            made = [c for plan in parts for c in plan]  # what is fixed stays
            if made:
                yield made
        case ir.Call(args=(_, owner)):  # a region drawn in the frame of its owner
            yield from reach(b, owner, by)
        case _ if isinstance(value, Obj):
            plan = moved(b, b.row(i), by.dx, by.dy)
            if plan:
                yield plan


def _part_displaced(b: Binding, i: int, parameter: Parameter, by: Shift) -> Iterator[Plan]:
    """The operands of a point or region, displaced with it: other places, and lengths along an axis."""
    if parameter.kind in (*_PLACED, "frame"):
        yield from reach(b, i, by)
    elif parameter.axis is not None:
        now, far = b.number(i), by.dx if parameter.axis == "x" else by.dy
        if now is not None and far:
            yield from reach(b, i, exactly(now.low + far))
