"""Functions of values: each kernel works on arrays of one broadcast shape.

A place is a pair of arrays (x, y) in px. Under doubt, `bounds` is used instead, which takes and returns pairs (low,
high) of arrays.
"""

from __future__ import annotations

from functools import reduce
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.library import intervals
from logidsl.library.declare import builtin
from logidsl.library.intervals import POSITIVE, Interval
from logidsl.library.tolerance import EPSILON
from logidsl.types import COUNT, is_pure

Array: TypeAlias = npt.NDArray[np.float64]
Pair: TypeAlias = tuple[Array, Array]


@builtin(
    "function",
    "dx(P, P) -> length x",
    "dx(left_end, right_end) in 100 .. 200 px",
    brief="Second minus first",
    proposed=(
        "{each}dx({a}, {P}) {?}",
        "{each}dx({a}, nearest({N}, {a})) {?}",
        "every {M} a next b by x: dx(a, b) {?}",
    ),
    odd=True,
    coordinate=True,
    english="the step in x from {0} to {1}",
)
def dx(a: Pair, b: Pair) -> Array:
    """Second x minus first x."""
    return b[0] - a[0]


@builtin(
    "function",
    "dy(P, P) -> length y",
    "dy(left_end, right_end) in -5 .. 5 px",
    brief="Second minus first",
    proposed=(
        "{each}dy({a}, {P}) {?}",
        "{each}dy({a}, nearest({N}, {a})) {?}",
        "every {M} a next b by y: dy(a, b) {?}",
    ),
    odd=True,
    coordinate=True,
    english="the step in y from {0} to {1}",
)
def dy(a: Pair, b: Pair) -> Array:
    """Second y minus first y."""
    return b[1] - a[1]


@builtin(
    "function",
    "distance(P, P) -> length",
    "distance(left_end, right_end) <= 200 px",
    brief="Of the centres",
    proposed=(
        "{each}distance({a}, {P}) {?}",
        "{each}distance({a}, nearest({N}, {a})) {?}",
        "every {M} a: distance(a, nearest(other {M}, a)) {?}",
    ),
    apart=True,
    values=POSITIVE,
    converse="distance",
    english="the distance from {0} to {1}",
)
def distance(a: Pair, b: Pair) -> Array:
    """Distance of the two places."""
    across, down = np.asarray(b[0] - a[0]), np.asarray(b[1] - a[1])
    if across.shape != down.shape or not across.ndim:
        return np.sqrt(across * across + down * down)
    across *= across  # in place: these may be the largest arrays of a batch
    down *= down
    across += down
    return np.sqrt(across, out=across)


@builtin(
    "function",
    "direction(P, P) -> turn",
    "direction(left_end, right_end) in -5 .. 5 deg",
    brief="From the first to the second, clockwise from the x axis, -180 to 180 deg",
    proposed=("direction({O}, {P}) {?}",),
    values=Interval(-180.0, 180.0),
    english="the direction from {0} to {1}",
)
def direction(a: Pair, b: Pair) -> Array:
    """Angle of the direction from the first to the second, clockwise from the x axis, -180 to 180 deg; undefined where
    they coincide.
    """
    across, down = b[0] - a[0], b[1] - a[1]
    size = reduce(np.maximum, map(np.abs, (*a, *b)))
    apart = np.maximum(np.abs(across), np.abs(down)) > EPSILON * size
    return np.where(apart, np.degrees(np.arctan2(down, across)), np.nan)


@builtin(
    "function",
    "arc(angle, angle) -> arc",
    "max(steps(bolt by arc(direction(left_end, center), 90 deg))) <= 30 deg",
    values=Interval(0.0, 360.0, high_open=True),
    english="the angle from {1} on to {0}",
)
def arc(angle: Array, start: Array) -> Array:
    """Angle from the second to the first, clockwise, 0 up to 360 deg; an order by it ends before the start."""
    return np.asarray(np.mod(angle - start, 360.0))


@builtin(
    "function",
    "angle_between(axis, axis) -> angle",
    "angle_between(left_end, right_end) <= 3 deg",
    brief="Of two long axes, 0 to 90 deg",
    proposed=("{each}angle_between({a}, {P}) {?}",),
    values=Interval(0.0, 90.0),
    converse="angle_between",
    english="the angle between {0} and {1}",
)
def angle_between(a: Array, b: Array) -> Array:
    """Angle between the long axes of two objects, 0 to 90 deg."""
    return np.asarray(90.0 - np.abs(np.abs(a - b) % 180.0 - 90.0))


@builtin(
    "function",
    "point(length x, length y) -> point",
    "left_end.center = point(100 px, 50 px) within 5 px",
    brief="",
    english="the point ({0}, {1})",
)
def point(x: Array, y: Array) -> Pair:
    """The point at x and y."""
    return x, y


@builtin(
    "function",
    "midpoint(P, P) -> point",
    "midpoint(left_end, right_end) inside image",
    brief="",
    converse="midpoint",
    english="the point half way from {0} to {1}",
)
def midpoint(a: Pair, b: Pair) -> Pair:
    """The point half way."""
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2


@builtin(
    "function",
    "abs(number) -> same",
    "abs(dx(left_end, right_end)) <= 5 px",
    brief="",
    bounds=intervals.size,
    scales=True,
    even=True,
    english="the absolute value of {0}",
)
def abs_(a: Array) -> Array:
    """The number without its sign."""
    return np.abs(a)


@builtin(
    "function",
    "mod(number, number) -> same",
    "mod(count(bolt), 2) = 0",
    brief="",
    english="the remainder of {0} divided by {1}",
    proposed=("mod(count({C}), 2) = {parity}",),
)
def mod(a: Array, b: Array) -> Array:
    """The remainder of the division, with the sign of the second; undefined by 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(b == 0, np.nan, np.mod(a, b)))


def _round(a: Array) -> Array:
    return np.floor(a + 0.5)


@builtin(
    "function",
    "round(number) -> same",
    "round(left_end.width / right_end.width) = 2",
    brief="",
    bounds=lambda a: (_round(a[0]), _round(a[1])),
    typed=lambda number: COUNT if is_pure(number) else number,
    english="the whole number nearest to {0}",
)
def round_(a: Array) -> Array:
    """The nearest whole number, halves upwards."""
    return _round(a)


@builtin(
    "function",
    "min(number, number, …) -> same",
    "min(left_end.width, right_end.width) >= 10 px",
    brief="",
    proposed=("min({size} of {M}) {?}",),
    bounds=intervals.least,
    scales=True,
    converse="min",
    english="the least of {*}",
)
def min_(*values: Array) -> Array:
    """The least of the values."""
    return reduce(np.minimum, values)


@builtin(
    "function",
    "max(number, number, …) -> same",
    "max(left_end.width, right_end.width) <= 90 px",
    brief="",
    proposed=(
        "max({size} of {M}) {?}",
        "max({size} of {M}) / min({size} of {M}) {?}",
    ),
    bounds=intervals.greatest,
    scales=True,
    converse="max",
    english="the greatest of {*}",
)
def max_(*values: Array) -> Array:
    """The greatest of the values."""
    return reduce(np.maximum, values)
