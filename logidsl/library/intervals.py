"""Interval arithmetic: possible values of a number, for the evaluator, the repairs and the warnings.

Owns the arithmetic on pairs (low, high) of arrays or floats, and `Interval`, a pair of floats whose ends may be open or
infinite. Two measured numbers closer than 1e-9 of the greater count as equal when a spec is judged, so `Interval`
decides nothing by less than `SLACK` of the greater, unless the spec fixes the number on both sides. Imports nothing of
the project.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeAlias

import numpy as np

SLACK = 1e-6
_INF = math.inf
#: Ends (low, high): arrays of one broadcast shape, or floats.
Ends: TypeAlias = tuple[Any, Any]


def plus(a: Ends, b: Ends) -> Ends:
    """The sums."""
    return a[0] + b[0], a[1] + b[1]


def minus(a: Ends, b: Ends) -> Ends:
    """The differences."""
    return a[0] - b[1], a[1] - b[0]


def negative(a: Ends) -> Ends:
    """The negatives."""
    return -a[1], -a[0]


def times(a: Ends, b: Ends) -> Ends:
    """The products; 0 times an infinite end is 0.

    Examples
    --------
    >>> [float(end) for end in times((0.0, 2.0), (3.0, math.inf))]
    [0.0, inf]
    """
    return _corners(_product, a, b)


def over(a: Ends, b: Ends) -> Ends:
    """The quotients; unbounded if the divisor may be 0, on one side only if nothing is negative."""
    low, high = _corners(_quotient, a, b)
    zero = np.sign(b[0]) * np.sign(b[1]) <= 0
    positive = (np.asarray(a[0]) >= 0) & (np.asarray(b[0]) >= 0)
    return np.where(zero, np.where(positive, 0.0, -_INF), low), np.where(zero, _INF, high)


def size(a: Ends) -> Ends:
    """The absolute values."""
    first, last = np.abs(a[0]), np.abs(a[1])
    zero = (np.asarray(a[0]) <= 0) & (np.asarray(a[1]) >= 0)
    return np.where(zero, 0.0, np.minimum(first, last)), np.maximum(first, last)


def least(*values: Ends) -> Ends:
    """The least of several numbers."""
    return reduce(np.minimum, [v[0] for v in values]), reduce(np.minimum, [v[1] for v in values])


def greatest(*values: Ends) -> Ends:
    """The greatest of several numbers."""
    return reduce(np.maximum, [v[0] for v in values]), reduce(np.maximum, [v[1] for v in values])


def _product(a: Any, b: Any) -> Any:
    with np.errstate(invalid="ignore"):
        return np.where((np.asarray(a) == 0) | (np.asarray(b) == 0), 0.0, np.multiply(a, b))


def _quotient(a: Any, b: Any) -> Any:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((np.asarray(a) == 0) | np.isinf(b), 0.0, np.divide(a, b))


def _corners(of: Callable[[Any, Any], Any], a: Ends, b: Ends) -> Ends:
    """The minimum and maximum of an operation on the ends."""
    found = [of(x, y) for x in a for y in b]
    return reduce(np.minimum, found), reduce(np.maximum, found)


@dataclass(frozen=True, slots=True)
class Interval:
    """The numbers from `low` to `high`; open ends are excluded.

    Examples
    --------
    >>> Interval(0, 3).meet(Interval(3, 5, low_open=True)).empty
    True
    """

    low: float = -_INF
    high: float = _INF
    low_open: bool = False
    high_open: bool = False

    @classmethod
    def of(cls, ends: Ends) -> Interval:
        """The closed interval of two ends."""
        return cls(float(ends[0]), float(ends[1]))

    @property
    def ends(self) -> tuple[float, float]:
        """Both ends."""
        return self.low, self.high

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

    def nearest(self, value: float) -> float:
        """The number of the interval nearest to a value.

        Examples
        --------
        >>> Interval(2, 3).nearest(7), Interval(2, 3).nearest(2.5)
        (3, 2.5)
        """
        return min(max(value, self.low), self.high)

    def meet(self, other: Interval) -> Interval:
        """What is in both."""
        low, low_open = max((self.low, self.low_open), (other.low, other.low_open))
        high, closed = min((self.high, not self.high_open), (other.high, not other.high_open))
        return Interval(low, high, low_open, not closed)

    def hull(self, other: Interval) -> Interval:
        """The least interval that holds both."""
        low, low_open = min((self.low, self.low_open), (other.low, other.low_open))
        high, closed = max((self.high, not self.high_open), (other.high, not other.high_open))
        return Interval(low, high, low_open, not closed)

    def whole(self) -> Interval:
        """Its whole numbers.

        Examples
        --------
        >>> Interval(2, 3, True, True).whole().empty
        True
        """
        low, high = self.low, self.high
        if math.isfinite(low):
            low = math.floor(low) + 1 if self.low_open else math.ceil(low)
        if math.isfinite(high):
            high = math.ceil(high) - 1 if self.high_open else math.floor(high)
        return Interval(low, high)


ANY = Interval()
POSITIVE = Interval(0.0)
SHARE = Interval(0.0, 1.0)


def _above(a: float, b: float) -> bool:
    """Whether a is greater than b by more than the tolerance of equality."""
    if math.isinf(a) or math.isinf(b):
        return a > b
    return a - b > SLACK * max(abs(a), abs(b))


def below(a: Interval, b: Interval) -> tuple[bool, bool]:
    """Whether `a < b` can be true, and whether it can be false."""
    fixed = a.point or b.point
    never = _above(a.low, b.high) or (fixed and a.low == b.high)
    met = fixed and a.high == b.low and (a.high_open or b.low_open)
    return not never, not (_above(b.low, a.high) or met)


def at_most(a: Interval, b: Interval) -> tuple[bool, bool]:
    """Whether `a <= b` can be true, and whether it can be false."""
    true, false = below(b, a)
    return false, true
