"""Ranges of numbers: what a number can be, and what two of them leave open.

Owns `Range` and interval arithmetic over it. An end may be open, as that of `x > 3` is. Two measured numbers
closer than 1e-9 of the greater count as equal when a spec is judged, so nothing here is decided by less than
`SLACK` of the greater, but where a number is fixed by the spec on both sides.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

SLACK = 1e-6
_INF = math.inf


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers from `low` to `high`; an open end does not belong.

    Examples
    --------
    >>> Range(0, 3).meet(Range(3, 5, low_open=True)).empty
    True
    """

    low: float = -_INF
    high: float = _INF
    low_open: bool = False
    high_open: bool = False

    @property
    def point(self) -> bool:
        """Whether it is one number."""
        return self.low == self.high and not (self.low_open or self.high_open)

    @property
    def empty(self) -> bool:
        """Whether no number is in it, for certain."""
        if self.low == self.high:
            return self.low_open or self.high_open
        return _above(self.low, self.high)

    def meet(self, other: Range) -> Range:
        """What is in both."""
        low, low_open = max((self.low, self.low_open), (other.low, other.low_open))
        high, closed = min((self.high, not self.high_open), (other.high, not other.high_open))
        return Range(low, high, low_open, not closed)

    def hull(self, other: Range) -> Range:
        """The least range that holds both."""
        low, low_open = min((self.low, self.low_open), (other.low, other.low_open))
        high, closed = max((self.high, not self.high_open), (other.high, not other.high_open))
        return Range(low, high, low_open, not closed)

    def whole(self) -> Range:
        """Its whole numbers.

        Examples
        --------
        >>> Range(2, 3, True, True).whole().empty
        True
        """
        low, high = self.low, self.high
        if math.isfinite(low):
            low = math.floor(low) + 1 if self.low_open else math.ceil(low)
        if math.isfinite(high):
            high = math.ceil(high) - 1 if self.high_open else math.floor(high)
        return Range(low, high)

    def plus(self, other: Range) -> Range:
        """The sums."""
        return Range(self.low + other.low, self.high + other.high)

    def negated(self) -> Range:
        """The negatives."""
        return Range(-self.high, -self.low, self.high_open, self.low_open)

    def times(self, other: Range) -> Range:
        """The products; 0 times what has no end is 0."""
        ends = [_product(a, b) for a in (self.low, self.high) for b in (other.low, other.high)]
        return Range(min(ends), max(ends))

    def over(self, other: Range) -> Range:
        """The quotients; anything where the divisor may be 0."""
        if other.low <= 0 <= other.high:
            positive = self.low >= 0 and other.low >= 0
            return Range(0.0) if positive else ANY
        return self.times(Range(1 / other.high, 1 / other.low))

    def size(self) -> Range:
        """The numbers without their signs."""
        if self.low >= 0:
            return self
        return self.negated() if self.high <= 0 else Range(0.0, max(-self.low, self.high))


ANY = Range()
#: The range of nothing, known to hold no number.
NEVER = Range(_INF, -_INF)


def _above(a: float, b: float) -> bool:
    """Whether a is greater than b, by more than could count as equal."""
    if math.isinf(a) or math.isinf(b):
        return a > b
    return a - b > SLACK * max(abs(a), abs(b))


def _product(a: float, b: float) -> float:
    return 0.0 if a == 0 or b == 0 else a * b


def below(a: Range, b: Range) -> tuple[bool, bool]:
    """Whether `a < b` can be true, and whether it can be false."""
    fixed = a.point or b.point
    never = _above(a.low, b.high) or (fixed and a.low == b.high)
    met = fixed and a.high == b.low and (a.high_open or b.low_open)
    return not never, not (_above(b.low, a.high) or met)


def at_most(a: Range, b: Range) -> tuple[bool, bool]:
    """Whether `a <= b` can be true, and whether it can be false."""
    true, false = below(b, a)
    return false, true
