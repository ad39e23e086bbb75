"""Aggregates: what is made of the members of a set.

Values are arrays whose first axis runs over the members, with a mask of the same or a broadcast shape that marks the
existing ones; the first axis is reduced. Under doubt `bounds` takes (low, high, sure, maybe) and returns (low, high);
`maybe` includes `sure`. The bounds are those of the table "Under doubt" of the language reference, and hold in every
possible world.

Aggregates that pick a member (`first`, `largest`, …) have no kernel on values: the evaluator picks it by its key.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.library.declare import builtin
from logidsl.library.intervals import POSITIVE, Interval
from logidsl.library.values import Members, Num
from logidsl.types import COUNT, RATIO, difference

Array: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]
Pair: TypeAlias = tuple[Array, Array]


def _count_bounds(low: Array, high: Array, sure: Mask, maybe: Mask) -> Pair:
    return np.asarray(sure.sum(axis=0), np.float64), np.asarray(maybe.sum(axis=0), np.float64)


@builtin(
    "aggregate",
    "count(S) -> count",
    "count(bolt) = 2",
    brief="",
    proposed=(
        "count({S}) {?}",
        "count({S}) - count({T}) {?}",
        "every {cells} g: count({S} inside g) {?}",
        "every {cells} g where row = {row}: count({S} inside g) {?}",
        "every {cells} g where col = {col}: count({S} inside g) {?}",
        "{each}count({N} inside {a}) {?}",
        "{each}count({N} touches {a}) {?}",
        "every {M} a: count(other {M} touches a) {?}",
        "every {M} a: count({M} b where b.{text} = a.{text}) {?}",
        "count({C} | {N}) {?}",
        "2 * count({S}) - count({T}) {?}",
        "count({S}) - 2 * count({T}) {?}",
        "count({F}) / count({whole}) {?}",
    ),
    bounds=_count_bounds,
    counts=True,
    synonyms=("len", "size"),
    uncounted="boundless",
    values=POSITIVE,
    empty="zero",
    english="the number of {set}",
)
def count(values: Array, mask: Mask) -> Array:
    """Number of members; 0 when empty."""
    if len(mask) < 256:
        return np.asarray(np.add.reduce(mask.view(np.uint8), axis=0, dtype=np.uint8), np.float64)
    return np.asarray(mask.sum(axis=0), np.float64)


def _sum_bounds(low: Array, high: Array, sure: Mask, maybe: Mask) -> Pair:
    least = np.where(sure, low, np.where(maybe, np.minimum(low, 0.0), 0.0)).sum(axis=0)
    greatest = np.where(sure, high, np.where(maybe, np.maximum(high, 0.0), 0.0)).sum(axis=0)
    return least, greatest


@builtin(
    "aggregate",
    "sum(C) -> same",
    "sum(area of bolt) <= 5000 px2",
    brief="",
    synonyms=("total",),
    proposed=("sum({size} of {M}) {?}",),
    bounds=_sum_bounds,
    values=lambda column: Interval(0.0 if column.low >= 0 else -np.inf, 0.0 if column.high <= 0 else np.inf),
    empty="zero",
    english="the total {column}",
)
def sum_(values: Array, mask: Mask) -> Array:
    """Sum; 0 when empty."""
    return np.asarray(np.where(mask, values, 0.0).sum(axis=0))


def _least(values: Array, mask: Mask) -> Array:
    return np.asarray(np.where(mask, values, np.inf).min(axis=0, initial=np.inf))


def _greatest(values: Array, mask: Mask) -> Array:
    return np.asarray(np.where(mask, values, -np.inf).max(axis=0, initial=-np.inf))


def _least_ones(m: Members) -> Mask:
    """Members that are the least in some world."""
    number, known = _known(m)
    return np.asarray(known & (number.lo <= _least(number.hi, m.sure & known)))


def _greatest_ones(m: Members) -> Mask:
    """Members that are the greatest in some world."""
    number, known = _known(m)
    return np.asarray(known & (number.hi >= _greatest(number.lo, m.sure & known)))


def _known(m: Members) -> tuple[Num, Mask]:
    """The members' column, and where it is known."""
    assert isinstance(m.value, Num)
    return m.value, np.ones((), bool) if m.value.why is None else m.value.why == 0


def _failing_ones(m: Members) -> Mask:
    """Members of a share for which what is asked does not surely hold."""
    number, known = _known(m)
    return np.asarray(~known | (number.lo < 1.0))


def _within(column: Interval) -> Interval:
    """What lies between the least and the greatest member."""
    return column


def _apart(column: Interval) -> Interval:
    """How far members can be apart."""
    return Interval(0.0, column.high - column.low)


def _min_bounds(low: Array, high: Array, sure: Mask, maybe: Mask) -> Pair:
    return _least(low, maybe), _least(high, sure)


@builtin(
    "aggregate",
    "min(C) -> same",
    "min(length of bolt) >= 20 px",
    brief="",
    synonyms=("minimum",),
    proposed=(),
    bounds=_min_bounds,
    values=_within,
    coordinate=True,
    witness=lambda m: (_least_ones(m),),
    uncounted="same",
    english="the least {column}",
)
def min_of(values: Array, mask: Mask) -> Array:
    """The least value."""
    return _least(values, mask)


def _max_bounds(low: Array, high: Array, sure: Mask, maybe: Mask) -> Pair:
    return _greatest(low, sure), _greatest(high, maybe)


@builtin(
    "aggregate",
    "max(C) -> same",
    "max(length of bolt) <= 90 px",
    brief="",
    synonyms=("maximum",),
    proposed=(),
    bounds=_max_bounds,
    values=_within,
    coordinate=True,
    witness=lambda m: (_greatest_ones(m),),
    uncounted="same",
    english="the greatest {column}",
)
def max_of(values: Array, mask: Mask) -> Array:
    """The greatest value."""
    return _greatest(values, mask)


def _prefix_means(values: Array, sure: Mask, maybe: Mask, least: bool) -> Array:
    """The extreme mean over the sure members with the k least (or greatest) doubtful ones, over all k."""
    sign = 1.0 if least else -1.0
    doubtful = np.sort(np.where(maybe & ~sure, sign * values, np.inf), axis=0)
    base, size = np.where(sure, sign * values, 0.0).sum(axis=0), sure.sum(axis=0).astype(np.float64)
    there = np.isfinite(doubtful)
    sums = base + np.cumsum(np.where(there, doubtful, 0.0), axis=0)
    sizes = size + np.cumsum(there, axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.where(there, sums / sizes, np.inf)
        return np.asarray(sign * np.minimum(base / size, means.min(axis=0, initial=np.inf)))


def mean_bounds(low: Array, high: Array, sure: Mask, maybe: Mask) -> Pair:
    """The least and the greatest mean, exactly; arguments as of `bounds`."""
    low, high, sure, maybe = np.broadcast_arrays(low, high, sure, maybe)
    return _prefix_means(low, sure, maybe, True), _prefix_means(high, sure, maybe, False)


@builtin(
    "aggregate",
    "mean(C) -> same",
    "mean(length of bolt) in 20 .. 90 px",
    brief="",
    synonyms=("average", "avg"),
    bounds=mean_bounds,
    values=_within,
    coordinate=True,
    typed=lambda column: RATIO if column == COUNT else column,
    english="the mean {column}",
)
def mean(values: Array, mask: Mask) -> Array:
    """Arithmetic mean."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(mask, values, 0.0).sum(axis=0) / mask.sum(axis=0))


@builtin(
    "aggregate",
    "pass_rate(rule) -> ratio",
    "pass_rate(count(bolt) = 2) >= 99 %",
    brief="Share of a batch's pictures in which a rule, or condition, holds",
    bounds=mean_bounds,
    values=Interval(0.0, 1.0),
    witness=lambda m: (_failing_ones(m),),
    english="the share of {set} in which {column}",
)
def pass_rate(values: Array, mask: Mask) -> Array:
    """The share of the pictures of a batch in which a rule, or a condition, holds."""
    return np.asarray(mean(values, mask))


def _middle(values: Array, mask: Mask) -> Array:
    """Median of the members; the mean of the two middle ones if their number is even."""
    ranked = np.sort(np.where(mask, values, np.inf), axis=0)
    size = np.broadcast_to(mask, ranked.shape).sum(axis=0)
    lower, upper = np.maximum((size - 1) // 2, 0), np.maximum(size // 2, 0)
    if not len(ranked):
        return np.zeros(size.shape)
    last = len(ranked) - 1
    pair = [np.take_along_axis(ranked, np.minimum(k, last)[None], 0)[0] for k in (lower, upper)]
    return np.asarray(np.where(size > 0, (pair[0] + pair[1]) / 2, np.nan))


def _median_bounds(low: Array, high: Array, sure: Mask, maybe: Mask) -> Pair:
    low, high, sure, maybe = np.broadcast_arrays(low, high, sure, maybe)
    ends = []
    for values, sign in ((low, 1.0), (high, -1.0)):
        doubtful = np.where(maybe & ~sure, sign * values, np.inf)
        place = doubtful.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
        most = int((maybe & ~sure).sum(axis=0).max(initial=0))
        tried = [_middle(sign * values, sure | (maybe & ~sure & (place < k))) for k in range(most + 1)]
        ends.append(sign * np.fmin.reduce(tried))
    return ends[0], ends[1]


@builtin(
    "aggregate",
    "median(C) -> same",
    "median(length of bolt) in 20 .. 90 px",
    brief="",
    proposed=("median({size} of {M}) {?}",),
    bounds=_median_bounds,
    values=_within,
    coordinate=True,
    english="the median {column}",
)
def median(values: Array, mask: Mask) -> Array:
    """The middle value; the mean of two if their number is even."""
    return _middle(values, mask)


def _std_bounds(low: Array, high: Array, sure: Mask, maybe: Mask) -> Pair:
    half = (_greatest(high, maybe) - _least(low, maybe)) / 2
    settled = np.asarray((np.broadcast_to(sure == maybe, np.broadcast_shapes(sure.shape, low.shape))).all(axis=0))
    sharp = settled & np.asarray((~maybe | (low == high)).all(axis=0))
    known = std(low, sure)
    return np.where(sharp, known, 0.0), np.where(sharp, known, half)


@builtin(
    "aggregate",
    "std(C) -> same",
    "std(y of bolt) <= 5 px",
    brief="",
    synonyms=("stdev", "stddev"),
    typed=difference,
    bounds=_std_bounds,
    values=_apart,
    english="the standard deviation of the {column}",
)
def std(values: Array, mask: Mask) -> Array:
    """Standard deviation of the whole population."""
    with np.errstate(invalid="ignore", divide="ignore"):
        above = values - _least(values, mask)  # so that equal values have exactly none
        away = np.where(mask, above - mean(above, mask), 0.0)
        return np.asarray(np.sqrt((away * away).sum(axis=0) / mask.sum(axis=0)))


def _spread_bounds(low: Array, high: Array, sure: Mask, maybe: Mask) -> Pair:
    least = np.maximum(_greatest(low, sure) - _least(high, sure), 0.0)
    return least, _greatest(high, maybe) - _least(low, maybe)


@builtin(
    "aggregate",
    "spread(C) -> same",
    "spread(y of bolt) <= 5 px",
    brief="Greatest minus least",
    proposed=(
        "spread({number} of {M}) {?}",
        "spread({at} of {M}) {?}",
    ),
    typed=difference,
    bounds=_spread_bounds,
    values=_apart,
    witness=lambda m: (_least_ones(m) | _greatest_ones(m),),
    english="the difference between the greatest and the least {column}",
)
def spread(values: Array, mask: Mask) -> Array:
    """The greatest value minus the least."""
    return np.asarray(_greatest(values, mask) - _least(values, mask))
