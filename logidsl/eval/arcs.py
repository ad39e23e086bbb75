"""The position of an angle relative to the arc of a range: `hue in 350 .. 10 deg`, its verdict, margin and side.

Under doubt the angle is itself an arc, from its lower to its upper end, and the ends of the range leave several arcs
open. Every one of them contains the *inner* arc, from the last start to the first end, and lies in the *outer* one,
from the first start to the last end. Where the range may also jump from no width to a full turn, as its ends pass each
other, there is no inner arc and the outer one is the whole circle.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from logidsl.library.angles import EPSILON_DEG, offset, turns, width
from logidsl.library.values import Array, Ints, Mask, Num


class ArcPosition(NamedTuple):
    """Arcs in degrees: their widths, and how far beyond their starts the angle begins."""

    period: float
    doubt: Array
    inner: Array
    from_inner: Array
    outer: Array
    from_outer: Array

    @property
    def must(self) -> Mask:
        """Whether the angle certainly lies in the range."""
        within = self.from_inner + self.doubt <= self.inner + EPSILON_DEG
        return np.asarray(within | (self.inner >= self.period - EPSILON_DEG))

    @property
    def can(self) -> Mask:
        """Whether the angle may lie in the range."""
        comes_round = self.from_outer + self.doubt >= self.period - EPSILON_DEG
        return np.asarray((self.from_outer <= self.outer + EPSILON_DEG) | comes_round)

    @property
    def margin(self) -> Array:
        """Distance to the nearer end divided by half the width, negative outside; meaningless if undetermined."""
        inside = np.minimum(self.from_inner, self.inner - self.from_inner - self.doubt) / _half(self.inner)
        whole = self.inner >= self.period - EPSILON_DEG
        outside = -np.minimum(self._below, self._above) / _half(self.outer)
        return np.asarray(np.where(self.must, np.where(whole, 1.0, inside), outside))

    @property
    def side(self) -> Ints:
        """-1 if the angle lies outside and nearer to the first end, 1 if nearer to the last one, otherwise 0."""
        return np.where(self.can, 0, np.where(self._below <= self._above + EPSILON_DEG, -1, 1))

    @property
    def _below(self) -> Array:
        return np.asarray(self.period - self.from_outer - self.doubt)

    @property
    def _above(self) -> Array:
        return np.asarray(self.from_outer - self.outer)


def _half(arc: Array) -> Array:
    return np.where(arc > EPSILON_DEG, arc / 2, 1.0)


def position(value: Num, low: Num, high: Num, period_deg: float) -> ArcPosition:
    """The position of an angle relative to the range `low .. high` on a circle with this period."""
    least, most = high.lo - low.hi, high.hi - low.lo
    inner, from_inner = width(least, period_deg), offset(value.lo, low.hi, period_deg)
    if low.exact and high.exact:
        return ArcPosition(period_deg, value.hi - value.lo, inner, from_inner, inner, from_inner)
    jumps = np.minimum(turns(least, period_deg), 0) != np.minimum(turns(most, period_deg), 0)
    return ArcPosition(
        period_deg,
        value.hi - value.lo,
        np.where(jumps, -period_deg, inner),
        from_inner,
        np.where(jumps, period_deg, width(most, period_deg)),
        offset(value.lo, low.lo, period_deg),
    )
