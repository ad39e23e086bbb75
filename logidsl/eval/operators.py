"""Operators on values that stand side by side: arithmetic, comparison, equality, logic.

Numbers under doubt follow interval arithmetic; a comparison of intervals is true where it holds for all
of their values, false where for none. Two numbers closer than 1e-9 of the greater are equal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Self, TypeAlias, assert_never

import numpy as np

from logidsl import ir
from logidsl.eval import arcs
from logidsl.library import Builtin, intervals
from logidsl.library.color import ciede2000
from logidsl.library.intervals import Ends
from logidsl.library.tolerance import at_most as at_most
from logidsl.library.tolerance import close as close
from logidsl.library.values import (
    Array,
    Categorical,
    Ints,
    Lab,
    List,
    Mask,
    Num,
    Obj,
    Point,
    Truth,
    UndefinedReason,
    Value,
    decided,
    exact,
    first_why,
    foremost_why,
    mark,
    truth,
    unknown,
)

#: Whether two items of lists are equal.
Equality: TypeAlias = Callable[[Value, Value], Truth]


def less(a: Num, b: Num) -> Truth:
    """`a < b`."""
    if a.exact and b.exact:
        must = can = ~at_most(b.lo, a.lo)
    else:
        must, can = ~at_most(b.lo, a.hi), ~at_most(b.hi, a.lo)
    return decided(must, can, a.why, b.why)


def less_equal(a: Num, b: Num) -> Truth:
    """`a <= b`."""
    if a.exact and b.exact:
        must = can = at_most(a.lo, b.lo)
    else:
        must, can = at_most(a.hi, b.lo), at_most(a.lo, b.hi)
    return decided(must, can, a.why, b.why)


def both(a: Truth, b: Truth) -> Truth:
    """Kleene's `and`."""
    must = a.must & b.must
    return Truth(must, must if a.exact and b.exact else a.can & b.can)


def either(a: Truth, b: Truth) -> Truth:
    """Kleene's `or`."""
    must = a.must | b.must
    return Truth(must, must if a.exact and b.exact else a.can | b.can)


def negated(a: Truth) -> Truth:
    """Kleene's `not`."""
    must = ~a.can
    return Truth(must, must if a.exact else ~a.must)


def implies(condition: Truth, then: Truth, otherwise: Truth | None) -> Truth:
    """`if condition then … else …` as a truth."""
    found = either(negated(condition), then)
    return found if otherwise is None else both(found, either(condition, otherwise))


def between(value: Num, low: Num, high: Num, period_deg: float | None = None) -> Truth:
    """`value in low .. high`; of angles modulo their period."""
    if period_deg is None:
        return both(less_equal(low, value), less_equal(value, high))
    found = arcs.position(value, low, high, period_deg)
    must = found.must
    exact = value.exact and low.exact and high.exact
    return decided(must, must if exact else found.can, value.why, low.why, high.why)


def arithmetic(entry: Builtin, a: Num, b: Num) -> Num:
    """An operator of two numbers; where it divides by what may be 0, its value is undefined."""
    if entry.divides:
        zero = np.sign(b.lo) * np.sign(b.hi) <= 0  # the ends of an unknown number may be reversed
        if zero.any():
            low = np.where(zero, 1.0, b.lo)
            gone = zero if (why := foremost_why(a.why, b.why)) is None else zero & (why == 0)
            why = first_why(b.why, mark(gone, UndefinedReason.DIVISION))
            b = Num(low, low if b.exact else np.where(zero, 1.0, b.hi), why)
    assert entry.bounds is not None
    return combined(entry.kernel, entry.bounds, a, b)


def combined(kernel: Callable[..., Array], bounds: Callable[..., Ends], a: Num, b: Num) -> Num:
    """A number made of two others, by a kernel, and under doubt by their bounds."""
    why = foremost_why(a.why, b.why)
    if a.exact and b.exact:
        return exact(kernel(a.lo, b.lo), why)
    low, high = bounds((a.lo, a.hi), (b.lo, b.hi))
    return Num(np.asarray(low), np.asarray(high), why)


def minus(a: Num) -> Num:
    """`-a`."""
    lo = np.asarray(-a.hi)
    return Num(lo, lo if a.exact else np.asarray(-a.lo), a.why)


def recode(a: Categorical, b: Categorical) -> tuple[Ints, Ints]:
    """The codes of two label values in one vocabulary."""
    if a.values == b.values:
        return a.codes, b.codes
    place = {v: i for i, v in enumerate(a.values)}
    extra = len(a.values)
    lut = np.array([place.get(v, extra + i) for i, v in enumerate(b.values)] + [-1], np.int64)
    return a.codes, lut[b.codes]


class Palette:
    """The named colours of a program: which of them a colour equals.

    A colour is a named one when its CIEDE2000 distance is within that one's reach and no other named
    colour is nearer.
    """

    def __init__(self, names: tuple[str, ...], labs: Array, reaches: Array) -> None:
        self.names, self.labs, self.reaches = names, labs.reshape(-1, 3), reaches
        self.twofold = len({*map(tuple, self.labs.tolist())}) < len(names)  # whether a colour has two names

    @classmethod
    def of(cls, colors: Sequence[ir.NamedColor]) -> Self:
        """The palette of the colours of a program."""
        labs, reaches = np.array([c.lab for c in colors]), np.array([c.reach for c in colors])
        return cls(tuple(c.name for c in colors), labs, reaches)

    def distances(self, value: Lab) -> Array:
        """(colours, …) distances of a colour to each named one; cached. 0 where there is no object."""
        if value.far is None and value.there is None:
            value.far = ciede2000(value.lab, self.labs.reshape(-1, *(1,) * (value.lab.ndim - 1), 3))
        elif value.far is None:
            value.far = np.zeros((len(self.labs), *value.lab.shape[:-1]))
            value.far[:, value.there] = ciede2000(value.lab[value.there], self.labs[:, None])
        return value.far

    def which(self, value: Lab) -> Ints:
        """(…) index of the named colour that a colour equals; -1 if none."""
        if value.found is None:
            far = self.distances(value)
            best = far.argmin(axis=0)
            value.found = np.where(at_most(far.min(axis=0), self.reaches[best]), best, -1)
        return value.found

    def is_named(self, value: Lab, name: str) -> Mask:
        """Where a colour is the named one. If two named colours are equally near, it may be either."""
        own = self.names.index(name)
        found = self.which(value) == own
        if self.twofold:
            far = self.distances(value)
            found |= (far[own] <= far.min(axis=0)) & at_most(far[own], np.asarray(self.reaches[own]))
        return np.asarray(found)

    def names_of(self, value: Lab) -> Categorical:
        """The name of each colour; code -1 if none."""
        return Categorical(self.which(value), self.names, value.why)


def equal(a: Value, b: Value, palette: Palette) -> Truth:
    """`a = b` without `within`."""
    if isinstance(a, Lab) and a.name is not None and not (isinstance(b, Lab) and b.name is not None):
        return equal(b, a, palette)
    match a, b:
        case Num(), Num() if a.exact and b.exact:
            same = close(a.lo, b.lo)
            return decided(same, same, a.why, b.why)
        case Num(), Num():
            return both(less_equal(a, b), less_equal(b, a))
        case Categorical(), Categorical():
            left, right = recode(a, b)
            return _same(np.asarray((left == right) & (left >= 0)), a, b)
        case Lab(), Lab():
            if a.name is not None and b.name is not None:
                return truth(np.asarray(a.name == b.name))
            if b.name is not None:
                return _same(palette.is_named(a, b.name), a, b)
            return _same(at_most(ciede2000(a.lab, b.lab), np.asarray(0.0)), a, b)
        case Obj(), Obj():
            return truth(np.asarray(a.rows == b.rows), unknown(a.why, b.why))
        case List(), List():
            return equal_lists(a, b, lambda x, y: equal(x, y, palette))
        case Truth(), Truth():
            return either(both(a, b), both(negated(a), negated(b)))
        case _:
            raise TypeError(f"no equality of {type(a).__name__} and {type(b).__name__}")


def _same(found: Mask, a: Categorical | Lab, b: Categorical | Lab) -> Truth:
    return decided(found, found, a.why, b.why)


def apart(a: Num, b: Num, period_deg: float | None = None) -> Num:
    """The distance of two numbers; for angles modulo their period.

    Between its bounds a difference of angles may pass a multiple of the period, where the distance is 0, and the middle
    between two, where it is greatest.
    """

    def size(of: Array) -> Array:
        return np.abs(of) if period_deg is None else period_deg / 2 - np.abs(of % period_deg - period_deg / 2)

    gap = combined(np.subtract, intervals.minus, a, b)
    first = size(gap.lo)
    if gap.exact:
        return Num(first, first, gap.why)
    last = size(gap.hi)
    lo, hi = np.minimum(first, last), np.maximum(first, last)
    if period_deg is None:
        return Num(np.where((gap.lo <= 0) & (gap.hi >= 0), 0.0, lo), hi, gap.why)
    low, high = gap.lo / period_deg, gap.hi / period_deg
    through, over = (np.ceil(low - turn) <= np.floor(high - turn) for turn in (0.0, 0.5))
    return Num(np.where(through, 0.0, lo), np.where(over, period_deg / 2, hi), gap.why)


def equal_within(a: Value, b: Value, limit: Num, period_deg: float | None = None) -> Truth:
    """`a = b within limit`, of lists at each position; angles modulo their period."""
    match a, b:
        case List(), List():
            return equal_lists(a, b, lambda x, y: equal_within(x, y, limit, period_deg))
        case Num(), Num():
            return less_equal(apart(a, b, period_deg), limit)
        case Point(), Point():
            away = np.asarray(np.hypot(a.x - b.x, a.y - b.y))
            return less_equal(Num(away, away, foremost_why(a.why, b.why)), limit)
        case Lab(), Lab():
            away = ciede2000(a.lab, b.lab)
            return less_equal(Num(away, away, foremost_why(a.why, b.why)), limit)
        case _:
            raise TypeError(f"no distance of {type(a).__name__} and {type(b).__name__}")


def item(values: List, place: int) -> Value:
    """One position of a list; for a literal list the item itself, which may be doubtful."""
    match values.items:
        case list() as items:
            one: Value = items[place]
            return one
        case Num(lo, hi, why) as n:
            first = lo[place]
            return Num(first, first if n.exact else hi[place], None if why is None else why[place])
        case Categorical(codes, names, why):
            return Categorical(codes[place], names, None if why is None else why[place])
        case Lab(lab, why, name):
            return Lab(lab[place], None if why is None else why[place], name)
        case _:
            assert_never(values.items)


def capacity(values: List) -> int:
    """The greatest number of places."""
    match values.items:
        case list() as items:
            return len(items)
        case Num(lo, _, _):
            return len(lo)
        case Categorical(codes, _, _):
            return len(codes)
        case Lab(lab, _, _):
            return len(lab)
        case _:
            assert_never(values.items)


def equal_lists(a: List, b: List, alike: Equality) -> Truth:
    """Equal lengths, and equal items at each position; under doubt false if no world makes them equal."""
    same = truth(np.asarray(a.size == b.size))
    found = same
    for place in range(min(capacity(a), capacity(b))):
        there = (place < a.size) & (place < b.size)
        pair = alike(item(a, place), item(b, place))
        found = both(found, either(truth(~there), pair))
    bad = unknown(a.why, b.why)
    if bad is None:
        return found
    can = found.can | bad
    if (a.sure is None) != (b.sure is None):
        doubted, fixed = (a, b) if b.sure is None else (b, a)
        assert doubted.doubt is not None
        other = unknown(fixed.why)
        known = doubted.doubt if other is None else doubted.doubt & ~other
        can = can & (~known | _possible(doubted, fixed, alike))
    return Truth(np.asarray(found.must & ~bad), np.asarray(can))


def _possible(doubted: List, fixed: List, alike: Equality) -> Mask:
    """Whether a list with doubtful places may be equal to one without.

    `reached[j]` says whether the positions so far, without some of the doubtful ones, may be the first j of the fixed
    list.
    """
    assert doubted.sure is not None
    reached: list[Mask] = [np.asarray(j == 0, bool) for j in range(capacity(fixed) + 1)]
    for place in range(capacity(doubted)):
        there = np.asarray(place < doubted.size)
        one, left_out = item(doubted, place), ~doubted.sure[place]
        after: list[Mask] = [np.asarray(np.where(there, reached[0] & left_out, reached[0]))]
        for j in range(1, len(reached)):
            fits = alike(one, item(fixed, j - 1)).can & (j <= fixed.size)
            after.append(np.asarray(np.where(there, (reached[j] & left_out) | (reached[j - 1] & fits), reached[j])))
        reached = after
    ends = [r & (fixed.size == j) for j, r in enumerate(reached)]
    return np.asarray(np.logical_or.reduce(np.broadcast_arrays(*ends)))
