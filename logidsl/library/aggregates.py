"""Aggregates: what is made of the members of a set.

Values come as arrays whose first axis runs over the members, with a mask of the same or a broadcast
shape that says which of them are there; the first axis is closed. Under doubt `bounds` takes (low, high,
sure, maybe) and gives (low, high); `maybe` holds where `sure` does. The bounds are those of the table
"Under doubt" of the language reference, and hold in every possible world.

What picks a member (`first`, `largest`, …) has no kernel on values: the evaluator picks it by its key.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.library.declare import Empty, builtin

Array: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]
Pair: TypeAlias = tuple[Array, Array]


def _count_bounds(low: Array, high: Array, sure: Mask, maybe: Mask) -> Pair:
    return np.asarray(sure.sum(axis=0), np.float64), np.asarray(maybe.sum(axis=0), np.float64)


@builtin(
    "aggregate",
    "count(S) -> count",
    "count(bolt) = 2",
    bounds=_count_bounds,
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
    bounds=_sum_bounds,
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


def _min_bounds(low: Array, high: Array, sure: Mask, maybe: Mask) -> Pair:
    return _least(low, maybe), _least(high, sure)


@builtin(
    "aggregate",
    "min(C) -> same",
    "min(length of bolt) >= 20 px",
    bounds=_min_bounds,
    witness="extreme",
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
    bounds=_max_bounds,
    witness="extreme",
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


def _mean_bounds(low: Array, high: Array, sure: Mask, maybe: Mask) -> Pair:
    low, high, sure, maybe = np.broadcast_arrays(low, high, sure, maybe)
    return _prefix_means(low, sure, maybe, True), _prefix_means(high, sure, maybe, False)


@builtin(
    "aggregate",
    "mean(C) -> same",
    "mean(length of bolt) in 20 .. 90 px",
    bounds=_mean_bounds,
    english="the mean {column}",
)
def mean(values: Array, mask: Mask) -> Array:
    """Arithmetic mean."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(mask, values, 0.0).sum(axis=0) / mask.sum(axis=0))


def _middle(values: Array, mask: Mask) -> Array:
    """Median of the members; the mean of the two in the middle where they are even in number."""
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
    bounds=_median_bounds,
    english="the median {column}",
)
def median(values: Array, mask: Mask) -> Array:
    """The value in the middle; the mean of two where they are even in number."""
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
    bounds=_std_bounds,
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
    bounds=_spread_bounds,
    witness="extreme",
    english="the difference between the greatest and the least {column}",
)
def spread(values: Array, mask: Mask) -> Array:
    """The greatest value minus the least."""
    return np.asarray(_greatest(values, mask) - _least(values, mask))


#: What of the aggregates below an empty set gives a value, and not undefined.
_OF_NOTHING: dict[str, Empty] = {
    "kinds": "zero",
    "steps": "value",
    "distinct": "value",
    "same": "value",
    "increasing": "value",
    "decreasing": "value",
    "paired": "value",
    "symmetric": "value",
}


def _pick(signature: str, english: str, doc: str, example: str) -> None:
    def kernel() -> None:
        return None

    kernel.__doc__ = doc
    empty = _OF_NOTHING.get(signature.partition("(")[0], "undefined")
    builtin("aggregate", signature, example, empty=empty, english=english)(kernel)


for _signature, _english, _doc, _example in (
    (
        "only(S) -> object",
        "the only one of the {set}",
        "The one member; undefined when there is none or more than one.",
        "only(bolt).length > 5 px",
    ),
    (
        "first(S by k) -> object",
        "the first of the {set}{order}",
        "The first in the order; a tie is ambiguous.",
        "first(bolt by x).length > 5 px",
    ),
    (
        "last(S by k) -> object",
        "the last of the {set}{order}",
        "The last in the order; a tie is ambiguous.",
        "last(bolt by x).length > 5 px",
    ),
    (
        "nth(S by k, count) -> object",
        "number {0} of the {set}{order}",
        "The member at that place of the order, from 1; a tie is ambiguous.",
        "nth(bolt by x, 2).length > 5 px",
    ),
    (
        "largest(S) -> object",
        "the largest of the {set}",
        "The member with the greatest area; a tie is ambiguous.",
        "largest(bolt).x > 50 px",
    ),
    (
        "smallest(S) -> object",
        "the smallest of the {set}",
        "The member with the least area; a tie is ambiguous.",
        "smallest(bolt).x > 50 px",
    ),
    (
        "nearest(S, P) -> object",
        "the one of the {set} nearest to {0}",
        "The member nearest to the place; a tie is ambiguous.",
        "nearest(bolt, left_end).x > 5 px",
    ),
    (
        "rank(P, S by k) -> count",
        "the place of {0} among the {set}{order}",
        "Place from 1, in the order, of the object or the member nearest to the point; equal keys share a place.",
        "rank(left_end, bolt | left_end by x) = 1",
    ),
    (
        "steps(S by k) -> list of length",
        "the steps from each of the {set} to the next{order}{round}",
        "Differences of neighbouring keys, in the order; of a full-circle angle also from the last on to the first.",
        "max(steps(bolt by x)) <= 20 px",
    ),
    (
        "distinct(C) -> truth",
        "the values of {column} [are|be] all different",
        "All values differ.",
        "distinct(class of bolt)",
    ),
    ("same(C) -> truth", "the values of {column} [are|be] all equal", "All values are equal.", "same(class of bolt)"),
    (
        "increasing(C) -> truth",
        "the values of {column}{order} [are|be] strictly increasing",
        "Each value is greater than the one before it in the order.",
        "increasing(width of bolt by x)",
    ),
    (
        "decreasing(C) -> truth",
        "the values of {column}{order} [are|be] strictly decreasing",
        "Each value is less than the one before it in the order.",
        "decreasing(width of bolt by x)",
    ),
    (
        "kinds(C) -> count",
        "the number of different values of {column}",
        "How many different values there are; 0 when empty.",
        "kinds(class of bolt) = 1",
    ),
    (
        "paired(S, S, length) -> truth",
        "the {set} and the {other} [are|be] paired one to one, at most {0} apart",
        "Every member has its mutual nearest in the other set within the length; a tie pairs nobody.",
        "paired(bolt, nut, 40 px)",
    ),
    (
        "symmetric(S, line, length) -> truth",
        "the {set} [are|be] mirror images of each other about {0}, to within {1}",
        "Every member has another, or itself, at its mirror place; the axis of the line (an x or a y) says which way.",
        "symmetric(bolt, left_end.x, 4 px)",
    ),
):
    _pick(_signature, _english, _doc, _example)
