"""Relation words, between two things.

`inside`, `outside`, `contains` take the anchor of what lies inside: a point, or an object's centre.
Kernels take the left and the right operand: a pair (x, y) for a place, a `Geometry` for a shape. A margin takes both
as `Operand`.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.library import geometry
from logidsl.library.declare import builtin
from logidsl.library.geometry import Geometry
from logidsl.library.intervals import POSITIVE, SHARE, Ends
from logidsl.library.tolerance import EPSILON, at_most

Array: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]
Pair: TypeAlias = tuple[Array, Array]

#: Greatest gap, in px, at which two things still touch.
TOUCH_PX = 1.5


class Operand(NamedTuple):
    """One side of a relation, as a margin measures it: where its centre is, and its shape."""

    place: Pair
    shape: Geometry
    kind: Literal["object", "region", "point"]

    def extent(self, axis: int) -> Array:
        """Its length along x (0) or y (1)."""
        return np.asarray(self.shape.x1 - self.shape.x0 if axis == 0 else self.shape.y1 - self.shape.y0)

    @property
    def half_side(self) -> Array:
        """Half the shorter side of an object's box; 1 px where it has none."""
        half = np.minimum(self.extent(0), self.extent(1)) / 2 if self.kind == "object" else np.asarray(0.0)
        return np.where(half > 0, half, 1.0)


def _ahead(a: Operand, b: Operand, axis: int) -> Array:
    """How far a comes before b along an axis, by their mean extent along it."""
    extent = (a.extent(axis) + b.extent(axis)) / 2
    return np.asarray((b.place[axis] - a.place[axis]) / np.where(extent > 0, extent, 1.0))


def _depth(a: Operand, b: Operand) -> Array:
    """How deep the centre of a lies in b, by half the shorter side of a."""
    return np.asarray(geometry.signed_distance(a.place[0], a.place[1], b.shape) / a.half_side)


def _slack(a: Operand, b: Operand, limit: Array) -> Array:
    """How much of the gap that is allowed is left over, by that gap."""
    return np.asarray((limit - geometry.gap(a.shape, b.shape)) / np.where(limit > 0, limit, 1.0))


def _within_ends(a: Geometry, b: Geometry, limit: Ends) -> tuple[Mask, Mask]:
    """Whether the gap is at most the least limit, and at most the greatest."""
    gap = geometry.gap(a, b)
    return at_most(gap, np.asarray(limit[0])), at_most(gap, np.asarray(limit[1]))


def _less(a: Array, b: Array) -> Mask:
    """`a < b` by more than rounding; of what has no place never."""
    return np.asarray(b - a > EPSILON * np.maximum(np.abs(a), np.abs(b)))


def _cover(a: Operand, b: Operand) -> Array:
    """1 where b covers a, else minus the share of the area of a that lies outside."""
    area, shared = geometry.area(a.shape), geometry.shared_area(a.shape, b.shape)
    outside = np.where(area > 0, 1.0 - shared / np.where(area > 0, area, 1.0), 0.0)
    return np.where(geometry.covers(b.shape, a.shape), 1.0, -np.maximum(outside, 1e-9))


def _shared(a: Operand, b: Operand) -> Array:
    """The shared area by the smaller area; minus the gap by the shorter side if there is none."""
    shared = geometry.shared_area(a.shape, b.shape)
    smaller = np.minimum(geometry.area(a.shape), geometry.area(b.shape))
    side = 2 * (b if a.kind == "region" else a).half_side
    apart = -geometry.gap(a.shape, b.shape) / side
    return np.where(shared > EPSILON * smaller, shared / np.where(smaller > 0, smaller, 1.0), apart)


@builtin(
    "relation",
    "inside(P, R) -> truth",
    "bolt inside left_end",
    brief="The centre, or the point, lies in the shape; borders belong",
    proposed=("every {C}: inside image",),
    synonyms=("inside of", "within", "into"),
    of_pixels=True,
    reach=lambda: 0.0,
    spatial=True,
    fixed=True,
    margin=_depth,
    converse="contains",
    english="{0} [is|be|] inside {1}",
)
def inside(place: Pair, shape: Geometry) -> Mask:
    """The place, or the object's centre, lies in the region, cell or outer outline; borders belong."""
    return geometry.inside(place[0], place[1], shape)


@builtin(
    "relation",
    "wholly inside(R, R) -> truth",
    "bolt wholly inside left_end",
    brief="All of the left shape lies in the right one",
    reach=lambda: 0.0,
    margin=_cover,
    english="{0} [is|be|] wholly inside {1}",
)
def wholly_inside(a: Geometry, b: Geometry) -> Mask:
    """The whole of the left shape lies in the right one; common edges are allowed."""
    return geometry.covers(b, a)


@builtin(
    "relation",
    "outside(P, R) -> truth",
    "bolt outside left_end",
    brief="Not inside; of several, in none",
    synonyms=("outside of",),
    of_pixels=True,
    spatial=True,
    fixed=True,
    margin=lambda a, b: -_depth(a, b),
    negation="inside",
    english="{0} [is|be|] outside {1}",
)
def outside(place: Pair, shape: Geometry) -> Mask:
    """The place, or the object's centre, does not lie in the shape; in none of them, where they are several."""
    return ~geometry.inside(place[0], place[1], shape)


@builtin(
    "relation",
    "contains(R, P) -> truth",
    "left_end contains bolt",
    brief="`inside` the other way round",
    synonyms=("containing", "contain", "includes", "has"),
    reach=lambda: 0.0,
    margin=lambda a, b: _depth(b, a),
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
    brief="They share an area; an edge is not enough",
    synonyms=("overlapping", "overlap", "intersects"),
    reach=lambda: 0.0,
    margin=_shared,
    converse="overlaps",
    english="{0} [overlaps|overlap|overlapping] {1}",
)
def overlaps(a: Geometry, b: Geometry) -> Mask:
    """The shapes share an area; an edge is not enough."""
    smaller = np.minimum(geometry.area(a), geometry.area(b))
    return np.asarray(geometry.shared_area(a, b) > EPSILON * smaller)


@builtin(
    "relation",
    "touches(R, R) -> truth",
    "bolt touches left_end",
    brief="The gap is at most 1.5 px",
    synonyms=("next to", "touching", "touch"),
    reach=lambda: TOUCH_PX,
    margin=lambda a, b: _slack(a, b, np.asarray(TOUCH_PX)),
    converse="touches",
    english="{0} [touches|touch|touching] {1}",
)
def touches(a: Geometry, b: Geometry) -> Mask:
    """The gap between the shapes is at most 1.5 px."""
    return at_most(geometry.gap(a, b), np.asarray(TOUCH_PX))


@builtin(
    "relation",
    "near(R, R, length) -> truth",
    "bolt near left_end within 30 px",
    brief="The gap is at most what stands after `within`",
    synonyms=("close to", "beside"),
    reach=lambda limit: limit,
    bounds=_within_ends,
    margin=_slack,
    converse="near",
    english="{0} [is|be|] at most {2} away from {1}",
)
def near(a: Geometry, b: Geometry, limit: Array) -> Mask:
    """The gap between the shapes is at most the length after `within`."""
    return at_most(geometry.gap(a, b), np.asarray(limit))


@builtin(
    "relation",
    "above(P, P) -> truth",
    "left_end above right_end",
    brief="Of the centres",
    synonyms=("on top of", "over", "atop"),
    margin=lambda a, b: _ahead(a, b, 1),
    converse="below",
    english="{0} [is|be|] above {1}",
)
def above(a: Pair, b: Pair) -> Mask:
    """The left centre lies higher."""
    return _less(a[1], b[1])


@builtin(
    "relation",
    "below(P, P) -> truth",
    "left_end below right_end",
    brief="",
    synonyms=("under", "beneath", "underneath"),
    margin=lambda a, b: _ahead(b, a, 1),
    converse="above",
    english="{0} [is|be|] below {1}",
)
def below(a: Pair, b: Pair) -> Mask:
    """The left centre lies lower."""
    return _less(b[1], a[1])


@builtin(
    "relation",
    "left_of(P, P) -> truth",
    "left_end left_of right_end",
    brief="",
    synonyms=("to the left of", "left of", "left from", "left to", "leftof"),
    margin=lambda a, b: _ahead(a, b, 0),
    converse="right_of",
    english="{0} [is|be|] left of {1}",
)
def left_of(a: Pair, b: Pair) -> Mask:
    """The left centre lies further left."""
    return _less(a[0], b[0])


@builtin(
    "relation",
    "right_of(P, P) -> truth",
    "left_end right_of right_end",
    brief="",
    synonyms=("to the right of", "right of", "right from", "right to", "rightof"),
    margin=lambda a, b: _ahead(b, a, 0),
    converse="left_of",
    english="{0} [is|be|] right of {1}",
)
def right_of(a: Pair, b: Pair) -> Mask:
    """The left centre lies further right."""
    return _less(b[0], a[0])


@builtin(
    "function",
    "gap(R, R) -> length",
    "gap(left_end, right_end) >= 5 px",
    brief="Of the outlines; 0 where they meet",
    proposed=(
        "{each}gap({a}, {P}) {?}",
        "{each}gap({a}, nearest({N}, {a})) {?}",
        "every {M} a: gap(a, nearest(other {M}, a)) {?}",
    ),
    apart=True,
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
    keeps=True,
    values=SHARE,
    converse="overlap",
    english="the overlap of {0} and {1}",
)
def overlap(a: Geometry, b: Geometry) -> Array:
    """Shared area by the smaller of the two areas."""
    smaller = np.minimum(geometry.area(a), geometry.area(b))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(smaller > 0, geometry.shared_area(a, b) / smaller, 0.0))
