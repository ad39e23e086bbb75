"""Relation words: what stands between two things.

`inside`, `outside`, `contains` take the anchor of what lies inside: a point, or an object's centre.
Kernels take the left and the right operand: a pair (x, y) for a place, a `Geometry` for a shape.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.library import geometry
from logidsl.library.declare import builtin
from logidsl.library.geometry import Geometry
from logidsl.library.intervals import POSITIVE, SHARE

Array: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]
Pair: TypeAlias = tuple[Array, Array]

#: Greatest gap, in px, at which two things still touch.
TOUCH_PX = 1.5


@builtin(
    "relation",
    "inside(P, R) -> truth",
    "bolt inside left_end",
    converse="contains",
    negation="outside",
    english="{0} [is|be|] inside {1}",
)
def inside(place: Pair, shape: Geometry) -> Mask:
    """The place, or the object's centre, lies in the region, cell or outer outline; borders belong."""
    return geometry.inside(place[0], place[1], shape)


@builtin(
    "relation", "wholly inside(R, R) -> truth", "bolt wholly inside left_end", english="{0} [is|be|] wholly inside {1}"
)
def wholly_inside(a: Geometry, b: Geometry) -> Mask:
    """The whole of the left shape lies in the right one; common edges are allowed."""
    return geometry.covers(b, a)


@builtin(
    "relation", "outside(P, R) -> truth", "bolt outside left_end", negation="inside", english="{0} [is|be|] outside {1}"
)
def outside(place: Pair, shape: Geometry) -> Mask:
    """The place, or the object's centre, does not lie in the shape; in none of them, where they are several."""
    return ~geometry.inside(place[0], place[1], shape)


@builtin(
    "relation",
    "contains(R, P) -> truth",
    "left_end contains bolt",
    converse="inside",
    english="{0} [contains|contain|containing] {1}",
)
def contains(shape: Geometry, place: Pair) -> Mask:
    """The right place, or object's centre, lies in the left shape."""
    return geometry.inside(place[0], place[1], shape)


@builtin(
    "relation",
    "overlaps(R, R) -> truth",
    "bolt overlaps left_end",
    converse="overlaps",
    english="{0} [overlaps|overlap|overlapping] {1}",
)
def overlaps(a: Geometry, b: Geometry) -> Mask:
    """The shapes share an area; an edge is not enough."""
    return geometry.shared_area(a, b) > 0


@builtin(
    "relation",
    "touches(R, R) -> truth",
    "bolt touches left_end",
    converse="touches",
    english="{0} [touches|touch|touching] {1}",
)
def touches(a: Geometry, b: Geometry) -> Mask:
    """The gap between the shapes is at most 1.5 px."""
    return geometry.gap(a, b) <= TOUCH_PX


@builtin(
    "relation",
    "near(R, R, length) -> truth",
    "bolt near left_end within 30 px",
    converse="near",
    english="{0} [is|be|] at most {2} away from {1}",
)
def near(a: Geometry, b: Geometry, limit: Array) -> Mask:
    """The gap between the shapes is at most the length after `within`."""
    return geometry.gap(a, b) <= limit


@builtin(
    "relation", "above(P, P) -> truth", "left_end above right_end", converse="below", english="{0} [is|be|] above {1}"
)
def above(a: Pair, b: Pair) -> Mask:
    """The left centre lies higher."""
    return a[1] < b[1]


@builtin(
    "relation", "below(P, P) -> truth", "left_end below right_end", converse="above", english="{0} [is|be|] below {1}"
)
def below(a: Pair, b: Pair) -> Mask:
    """The left centre lies lower."""
    return a[1] > b[1]


@builtin(
    "relation",
    "left_of(P, P) -> truth",
    "left_end left_of right_end",
    converse="right_of",
    english="{0} [is|be|] left of {1}",
)
def left_of(a: Pair, b: Pair) -> Mask:
    """The left centre lies further left."""
    return a[0] < b[0]


@builtin(
    "relation",
    "right_of(P, P) -> truth",
    "left_end right_of right_end",
    converse="left_of",
    english="{0} [is|be|] right of {1}",
)
def right_of(a: Pair, b: Pair) -> Mask:
    """The left centre lies further right."""
    return a[0] > b[0]


@builtin(
    "function",
    "gap(R, R) -> length",
    "gap(left_end, right_end) >= 5 px",
    values=POSITIVE,
    converse="gap",
    english="the gap between {0} and {1}",
)
def gap(a: Geometry, b: Geometry) -> Array:
    """Distance of the outlines; 0 where they meet."""
    return geometry.gap(a, b)


@builtin(
    "function",
    "overlap(R, R) -> ratio",
    "overlap(left_end, right_end) <= 10 %",
    values=SHARE,
    converse="overlap",
    english="the overlap of {0} and {1}",
)
def overlap(a: Geometry, b: Geometry) -> Array:
    """Shared area by the smaller of the two areas."""
    smaller = np.minimum(geometry.area(a), geometry.area(b))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(smaller > 0, geometry.shared_area(a, b) / smaller, 0.0))
