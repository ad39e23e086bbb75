"""Passing a wanted result of an operator down to its operands: the `invert` facets; see `Invert`.

Each takes the wanted result (of a comparison 1 for true, 0 for false) and the bounds of the operands, NaN if undefined,
and returns ways: the wanted value of one operand while the others stay, the left one first. Under doubt the result
holds for all values of the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from logidsl.library.declare import Invert
from logidsl.library.intervals import Ends, Interval

Ways: TypeAlias = Iterator[Sequence[Interval | None]]


def plus(goal: Interval, ends: Sequence[Ends]) -> Ways:
    """Of `+`."""
    for k, other in enumerate(reversed(ends)):
        yield _alone(k, Interval(goal.low - other[0], goal.high - other[1]))


def minus(goal: Interval, ends: Sequence[Ends]) -> Ways:
    """Of `-`."""
    (a_low, a_high), (b_low, b_high) = ends
    yield Interval(goal.low + b_high, goal.high + b_low), None
    yield None, Interval(a_high - goal.high, a_low - goal.low)


def times(goal: Interval, ends: Sequence[Ends]) -> Ways:
    """Of `*`, where the other factor is sure and not 0."""
    for k, (low, high) in enumerate(reversed(ends)):
        if low == high != 0:
            yield _alone(k, _sorted(goal.low / low, goal.high / low))


def over(goal: Interval, ends: Sequence[Ends]) -> Ways:
    """For `/`, if the other operand is certain and not 0."""
    (a_low, a_high), (b_low, b_high) = ends
    if b_low == b_high != 0:
        yield _sorted(goal.low * b_low, goal.high * b_low), None
    if a_low == a_high != 0 and goal.low * goal.high > 0:
        yield None, _sorted(a_low / goal.low, a_low / goal.high)
    elif a_low == a_high != 0 and goal.high > 0:  # towards 0, from the side that the quotient has
        yield None, Interval(a_low / goal.high) if a_low > 0 else Interval(high=a_low / goal.high)


def negative(goal: Interval, ends: Sequence[Ends]) -> Ways:
    """Of the negative."""
    yield (Interval(-goal.high, -goal.low),)


def itself(goal: Interval, ends: Sequence[Ends]) -> Ways:
    """Of the number itself."""
    yield (goal,)


def at_most(goal: Interval, ends: Sequence[Ends]) -> Ways:
    """Of `<=`."""
    (a_low, a_high), (b_low, b_high) = ends
    if goal.low:
        yield Interval(high=b_low), None
        yield None, Interval(a_high)
    else:
        yield Interval(b_high, low_open=True), None
        yield None, Interval(high=a_low, high_open=True)


def at_least(goal: Interval, ends: Sequence[Ends]) -> Ways:
    """Of `>=`."""
    yield from reversed([way[::-1] for way in at_most(goal, ends[::-1])])


def negation(invert: Invert) -> Invert:
    """For the comparison that is true if another is false."""
    return lambda goal, ends: invert(Interval(1 - goal.high, 1 - goal.low), ends)


def in_range(goal: Interval, ends: Sequence[Ends]) -> Ways:
    """For `in low .. high`; with reversed ends, as of angles, what is beyond either."""
    now, (from_low, from_high), (to_low, to_high) = ends
    if not goal.low:
        inner = _outside(now, from_low, to_high) if from_low <= to_high else (Interval(to_high, from_low, True, True),)
        yield from ((way, None, None) for way in inner)
        return
    inside = Interval(from_high, to_low)
    yield from (
        (way, None, None)
        for way in ((inside,) if from_low <= to_high else (Interval(from_high), Interval(high=to_low)))
    )
    yield None, Interval(high=now[0]) if now[0] < from_high else None, Interval(now[1]) if now[1] > to_low else None


def equal(goal: Interval, ends: Sequence[Ends]) -> Ways:
    """For `=` and `in [a, b]`: equal to one of the others, or to none of them."""
    first, *others = ends
    if goal.low:
        for k, (low, high) in enumerate(others, 1):
            yield _alone(0, Interval(high, low), len(ends))
            yield _alone(k, Interval(first[1], first[0]), len(ends))
        return
    low, high = min(o[0] for o in others), max(o[1] for o in others)
    yield from (_alone(0, way, len(ends)) for way in _outside(first, low, high))
    if len(others) == 1:
        yield from ((None, way) for way in _outside(others[0], *first))


def near(goal: Interval, ends: Sequence[Ends]) -> Ways:
    """Of `a = b within t`."""
    *both, limit = ends
    for k, (now, (low, high)) in enumerate(zip(both, reversed(both), strict=True)):
        inside = (Interval(high - limit[0], low + limit[0]),)
        for way in inside if goal.low else _outside(now, low - limit[1], high + limit[1]):
            yield _alone(k, way, 3)
    (a_low, a_high), (b_low, b_high) = both
    most, least = max(a_high - b_low, b_high - a_low), max(a_low - b_high, b_low - a_high, 0.0)
    yield None, None, Interval(most) if goal.low else Interval(high=least, high_open=True)


def _outside(now: Ends, low: float, high: float) -> Sequence[Interval]:
    """What lies beyond the nearer end of a range, and beyond the other."""
    ways = Interval(high=low, high_open=True), Interval(high, low_open=True)
    return ways if now[0] - low <= high - now[0] else ways[::-1]


def _alone(k: int, way: Interval, of: int = 2) -> Sequence[Interval | None]:
    """The wanted value of one operand, while the others stay."""
    return [way if j == k else None for j in range(of)]


def _sorted(a: float, b: float) -> Interval:
    return Interval(min(a, b), max(a, b))
