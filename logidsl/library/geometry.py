"""Shapes of objects, regions and cells, and relations between two of them.

A `Geometry` is a batch of shapes as broadcastable arrays. Axis-parallel boxes use arithmetic only; outlines use
shapely, and only for pairs whose boxes leave the question open.

Circles and rings are polygons of 256 corners on the circle.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.library.tolerance import EPSILON, at_most

Array: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]
Shapes: TypeAlias = npt.NDArray[np.object_]

_OUTWARD = -1.0, -1.0, 1.0, 1.0

CORNERS = 256
#: A shared square with sides of this share of the coordinates is rounding.
LEAST_SIDE = 1e-6


@dataclass(frozen=True, slots=True)
class Axes:
    """A batch of frames of reference. Lengths do not change.

    Parameters
    ----------
    x, y : array
        The top-left corner, px of the picture.
    cos, sin : array
        Direction of the x axis; the y axis stands clockwise from it.
    width, height : array
        Of the frame, px.
    """

    x: Array
    y: Array
    cos: Array
    sin: Array
    width: Array
    height: Array

    def outward(self, u: Array, v: Array) -> tuple[Array, Array]:
        """Points of the frame as points of the picture."""
        return self.x + u * self.cos - v * self.sin, self.y + u * self.sin + v * self.cos

    def inward(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Points of the picture as points of the frame."""
        dx, dy = x - self.x, y - self.y
        return dx * self.cos + dy * self.sin, dy * self.cos - dx * self.sin

    @property
    def parts(self) -> tuple[Array, Array, Array, Array, Array, Array]:
        """The arrays, in their order."""
        return self.x, self.y, self.cos, self.sin, self.width, self.height

    @property
    def upright(self) -> bool:
        """Whether no frame is turned."""
        return bool(np.all(self.sin == 0) and np.all(self.cos == 1))

    def each(self, change: Callable[[Array], Array]) -> Axes:
        """The frames with each of their arrays changed: chosen, repeated or given another shape."""
        return Axes(*map(change, self.parts))

    def within(self, outer: Axes) -> Axes:
        """Frames given on other frames, as frames of the picture."""
        x, y = outer.outward(self.x, self.y)
        cos, sin = self.cos * outer.cos - self.sin * outer.sin, self.sin * outer.cos + self.cos * outer.sin
        return Axes(x, y, cos, sin, self.width, self.height)


@dataclass(frozen=True, slots=True)
class Local:
    """Shapes on their own turned axes, on which they are measured and cut.

    Parameters
    ----------
    axes : Axes
        Only where they lie and which way they run counts.
    x0, y0, x1, y1 : array
        The boxes round the shapes on these axes.
    boxed : array of bool
        Whether the box is the shape.
    """

    axes: Axes
    x0: Array
    y0: Array
    x1: Array
    y1: Array
    boxed: Mask

    @property
    def box(self) -> tuple[Array, Array, Array, Array]:
        """The boxes on their axes."""
        return self.x0, self.y0, self.x1, self.y1

    @property
    def frame(self) -> Axes:
        """The boxes as frames of reference."""
        x, y = self.axes.outward(self.x0, self.y0)
        return Axes(x, y, self.axes.cos, self.axes.sin, self.x1 - self.x0, self.y1 - self.y0)

    def each(self, change: Callable[[npt.NDArray[Any]], npt.NDArray[Any]]) -> Local:
        """The shapes with each of their arrays changed: chosen, repeated or given another shape."""
        x0, y0, x1, y1 = map(change, self.box)
        return Local(self.axes.each(change), x0, y0, x1, y1, change(self.boxed))

    @staticmethod
    def joined(parts: Sequence[Local]) -> Local:
        """Batches of shapes of one dimension, concatenated."""
        axes = (np.concatenate(vs) for vs in zip(*(p.axes.parts for p in parts), strict=True))
        x0, y0, x1, y1 = (np.concatenate(vs) for vs in zip(*(p.box for p in parts), strict=True))
        return Local(Axes(*axes), x0, y0, x1, y1, np.concatenate([p.boxed for p in parts]))


@dataclass(frozen=True, slots=True)
class Geometry:
    """A batch of shapes.

    Parameters
    ----------
    x0, y0, x1, y1 : array
        Bounding boxes, px.
    shapes : array of shapely geometries, optional
        The outlines; None in a place (or altogether) where the box is the shape.
    open_right, open_bottom : array of bool, optional
        Cells whose right or lower border belongs to the next cell.
    local : Local, optional
        For turned shapes, their own axes.
    turn_deg : array, optional
        How far objects are turned clockwise where that is known of them, else NaN.
    """

    x0: Array
    y0: Array
    x1: Array
    y1: Array
    shapes: Shapes | None = None
    open_right: Mask | None = None
    open_bottom: Mask | None = None
    local: Local | None = None
    turn_deg: Array | None = None

    @property
    def center(self) -> tuple[Array, Array]:
        """Middle of the boxes."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    @property
    def own(self) -> Local:
        """The shapes on their own axes: the picture's if they are not turned."""
        if self.local is not None:
            return self.local
        zero = np.zeros(self.x0.shape)
        boxed = np.ones(zero.shape, bool) if self.shapes is None else self.shapes == np.array(None)
        return Local(Axes(zero, zero, zero + 1, zero, zero, zero), self.x0, self.y0, self.x1, self.y1, boxed)

    def select(self, chosen: Mask, shape: tuple[int, ...]) -> Shapes:
        """Shapely geometries, flat, of the places chosen of this batch broadcast to `shape`."""
        import shapely

        def pick(a: npt.NDArray[Any]) -> npt.NDArray[Any]:
            return np.broadcast_to(a, shape)[chosen]

        boxes: Shapes = shapely.box(pick(self.x0), pick(self.y0), pick(self.x1), pick(self.y1))
        if self.shapes is None:
            return boxes
        outlines = pick(self.shapes)
        return np.where(outlines == np.array(None), boxes, outlines)


def inside(px: Array, py: Array, g: Geometry) -> Mask:
    """Whether points lie in shapes, including borders except the open ones of cells.

    A point is on a border if it is no farther from it than rounding. Holes are ignored: inside an object means inside
    its outer outline.
    """
    if g.local is not None and g.local.boxed.any():
        axes = g.local.axes
        own = _in_box(*axes.inward(px, py), g.local.box, g, np.abs(axes.x) + np.abs(axes.y))
        if g.local.boxed.all():
            return own
        return np.where(g.local.boxed, own, inside(px, py, replace(g, local=None)))
    box = g.x0, g.y0, g.x1, g.y1
    if g.shapes is None:
        return _in_box(px, py, box, g, np.asarray(0.0))
    shaped = np.asarray(g.shapes != np.array(None))
    within = _in_box(px, py, box, g, np.where(shaped, _size(box), 0.0))
    chosen = within & np.broadcast_to(shaped, within.shape)
    if not chosen.any():
        return within
    import shapely

    x, y = np.broadcast_to(px, within.shape)[chosen], np.broadcast_to(py, within.shape)[chosen]
    outlines = g.select(chosen, within.shape)
    found = shapely.intersects_xy(outlines, x, y)
    out = ~found
    if out.any():
        rounding = EPSILON * np.abs(shapely.bounds(outlines[out])).max(axis=-1)
        found[out] = shapely.dwithin(outlines[out], shapely.points(x[out], y[out]), rounding)
    within[chosen] = found
    return within


def _size(box: tuple[Array, Array, Array, Array]) -> Array:
    """The greatest distance of a side from 0."""
    return np.asarray(np.maximum.reduce([np.abs(side) for side in np.broadcast_arrays(*box)]))


def _in_box(px: Array, py: Array, box: tuple[Array, Array, Array, Array], g: Geometry, size: Array) -> Mask:
    """Whether points lie in boxes; a border is as wide as rounding of its coordinate, or of numbers of that size.

    Neighbouring cells have equal coordinates and sizes, so a point lies in just one of them.
    """
    x0, y0, x1, y1 = (side + way * EPSILON * (np.abs(side) + size) for side, way in zip(box, _OUTWARD, strict=True))
    across, down = (px >= x0) & (px <= x1), (py >= y0) & (py <= y1)
    for within, place, far, is_open in ((across, px, 2, g.open_right), (down, py, 3, g.open_bottom)):
        if is_open is not None:
            within &= ~is_open | (place < box[far] - EPSILON * (np.abs(box[far]) + size))
    return np.asarray(across & down)


def _shape_of(a: Geometry, b: Geometry) -> tuple[int, ...]:
    return np.broadcast_shapes(*(side.shape for g in (a, b) for side in (g.x0, g.y0, g.x1, g.y1)))


def gap(a: Geometry, b: Geometry) -> Array:
    """Distance of the shapes, px; 0 where they meet, but for rounding of their coordinates."""
    across = np.maximum(np.maximum(b.x0 - a.x1, a.x0 - b.x1), 0.0)
    down = np.maximum(np.maximum(b.y0 - a.y1, a.y0 - b.y1), 0.0)
    found: Array = np.sqrt(across * across + down * down)
    if a.shapes is not None or b.shapes is not None:
        found = _distance(a, b, np.ones(_shape_of(a, b), bool)).reshape(_shape_of(a, b))
    greatest = max(np.fmax.reduce(np.abs(v), axis=None, initial=0.0) for g in (a, b) for v in (g.x0, g.y0, g.x1, g.y1))
    if not (found <= EPSILON * greatest).any():
        return found
    return np.where(found <= _rounding(a, b), 0.0, found)


def _rounding(a: Geometry, b: Geometry) -> Array:
    """The distance that rounding of the coordinates of two shapes may make."""
    return EPSILON * np.maximum(_size((a.x0, a.y0, a.x1, a.y1)), _size((b.x0, b.y0, b.x1, b.y1)))


def _distance(a: Geometry, b: Geometry, chosen: Mask) -> Array:
    """Distances of the outlines, flat, of the pairs chosen."""
    import shapely

    pair = a.select(chosen, chosen.shape), b.select(chosen, chosen.shape)
    with np.errstate(divide="ignore", invalid="ignore"):  # of lines that are hardly longer than 0
        return np.asarray(shapely.distance(*pair))


def within(a: Geometry, b: Geometry, limit: Array, chosen: Mask) -> Mask:
    """Whether shapes are at most so far apart, of the pairs chosen."""
    if a.shapes is None and b.shapes is None:
        return np.asarray(chosen & at_most(gap(a, b), limit))
    boxes = gap(replace(a, shapes=None), replace(b, shapes=None))
    found = np.asarray(chosen & (boxes <= limit * (1 + 2 * EPSILON)))  # shapes are no nearer than their boxes
    apart, rounding = _distance(a, b, found), np.broadcast_to(_rounding(a, b), found.shape)[found]
    found[found] = at_most(np.where(apart <= rounding, 0.0, apart), np.broadcast_to(limit, found.shape)[found])
    return found


def shared_area(a: Geometry, b: Geometry) -> Array:
    """Area that two shapes share, px2; 0 with an empty one, whose box is not a number, and where rounding makes it."""
    across = np.fmax(np.minimum(a.x1, b.x1) - np.maximum(a.x0, b.x0), 0.0)
    down = np.fmax(np.minimum(a.y1, b.y1) - np.maximum(a.y0, b.y0), 0.0)
    least = (LEAST_SIDE * np.maximum(_size((a.x0, a.y0, a.x1, a.y1)), _size((b.x0, b.y0, b.x1, b.y1)))) ** 2
    boxes = across * down
    found: Array = np.where(boxes > least, boxes, 0.0)
    if a.shapes is None and b.shapes is None:
        return found
    import shapely

    chosen = np.broadcast_to(found > 0, _shape_of(a, b))
    found = np.broadcast_to(found, chosen.shape).copy()
    if chosen.any():
        pair = a.select(chosen, chosen.shape), b.select(chosen, chosen.shape)
        found[chosen] = shapely.area(shapely.intersection(*pair))
    return np.where(found > least, found, 0.0)


def area(a: Geometry) -> Array:
    """Area of the shapes, px2."""
    found: Array = np.nan_to_num((a.x1 - a.x0) * (a.y1 - a.y0))  # 0 of an empty one
    if a.shapes is None:
        return found
    import shapely

    return np.where(a.shapes == np.array(None), found, shapely.area(a.shapes))


def covers(outer: Geometry, inner: Geometry) -> Mask:
    """Whether the inner shape lies entirely in the outer one but for rounding; common edges are allowed."""
    rounding = EPSILON * _size((outer.x0, outer.y0, outer.x1, outer.y1))
    across = (inner.x0 >= outer.x0 - rounding) & (inner.x1 <= outer.x1 + rounding)
    found: Mask = np.asarray(across & (inner.y0 >= outer.y0 - rounding) & (inner.y1 <= outer.y1 + rounding))
    if outer.shapes is None or not found.any():
        return found
    import shapely

    chosen = found.copy()
    outers, inners = outer.select(chosen, chosen.shape), inner.select(chosen, chosen.shape)
    flat = shapely.area(inners) == 0  # nothing covers a polygon without extent, only the line or point that it is
    inners[flat] = shapely.make_valid(inners[flat])
    covered = shapely.covers(outers, inners)
    out = ~covered
    if out.any():
        wider = shapely.buffer(outers[out], np.broadcast_to(rounding, chosen.shape)[chosen][out])
        covered[out] = shapely.covers(wider, inners[out])
    found[chosen] = covered
    return found


def polygon_of(shapes: Shapes) -> Geometry:
    """The geometry of shapely polygons, with their bounds; empty ones get NaN boxes."""
    import shapely

    bounds = shapely.bounds(shapes)
    return Geometry(bounds[..., 0], bounds[..., 1], bounds[..., 2], bounds[..., 3], shapes)


def polygons_of(points: npt.NDArray[np.float64]) -> Shapes:
    """(…, k, 2) corners as (…) shapely polygons; None if a corner is unknown."""
    import shapely

    known = np.asarray(np.isfinite(points).all(axis=(-2, -1), keepdims=True))
    made = np.asarray(shapely.polygons(np.where(known, points, 0.0)))
    return np.asarray(np.where(known[..., 0, 0], made, np.array(None)))


def ellipse_points(x: Array, y: Array, radius: Array) -> npt.NDArray[np.float64]:
    """(…, 256, 2) corners of circles; a negative radius counts as 0."""
    turn = np.arange(CORNERS) * (2 * np.pi / CORNERS)
    cx, cy, r = (np.asarray(v, np.float64)[..., None] for v in (x, y, np.maximum(radius, 0.0)))
    return np.stack([cx + r * np.cos(turn), cy + r * np.sin(turn)], axis=-1)


def signed_distance(px: Array, py: Array, g: Geometry) -> Array:
    """Distance of points to the border of shapes, px; positive inside."""
    if g.local is not None and g.local.boxed.any():
        own = signed_distance(*g.local.axes.inward(px, py), Geometry(*g.local.box))
        if g.local.boxed.all():
            return own
        return np.where(g.local.boxed, own, signed_distance(px, py, replace(g, local=None)))
    across, along = _nearer(px - g.x0, g.x1 - px), _nearer(py - g.y0, g.y1 - py)
    found = np.asarray(np.minimum(across, along))
    if (found < 0).any():
        for way in (across, along):  # in place: these may be the largest arrays of a batch
            np.minimum(way, 0.0, out=way)
            np.multiply(way, way, out=way)
        far = np.asarray(across + along)
        np.maximum(found, 0.0, out=found)
        found -= np.sqrt(far, out=far)
    if g.shapes is None:
        return found
    import shapely

    wide = np.broadcast_shapes(found.shape, g.shapes.shape)
    chosen = np.broadcast_to(g.shapes != np.array(None), wide)
    if not chosen.any():
        return found
    outlines = np.broadcast_to(g.shapes, wide)[chosen]
    points = shapely.points(np.broadcast_to(px, wide)[chosen], np.broadcast_to(py, wide)[chosen])
    with np.errstate(invalid="ignore"):  # an empty region has no border
        far = shapely.distance(_borders(outlines), points)
    found = np.broadcast_to(found, wide).copy()
    found[chosen] = np.where(shapely.intersects(outlines, points), far, -far)
    return found


def _borders(outlines: Shapes) -> Shapes:
    """The borders of shapes; a line or a point, which has no inside, is its own border."""
    import shapely

    found: Shapes = np.where(shapely.get_dimensions(outlines) < 2, outlines, shapely.boundary(outlines))
    for k in np.flatnonzero(found == np.array(None)):  # shapely has none of polygons together with lines
        found[k] = shapely.geometrycollections(_borders(shapely.get_parts(outlines[k])))
    return found


def _nearer(a: Array, b: Array) -> Array:
    """The lesser, in place where possible."""
    return np.asarray(np.minimum(a, b, out=a) if np.ndim(a) and np.shape(a) == np.shape(b) else np.minimum(a, b))


def grown(g: Geometry, by: Array) -> Geometry:
    """The shapes grown by a distance; a negative one shrinks them."""
    import shapely

    wide = np.broadcast_shapes(g.x0.shape, np.shape(by))
    chosen = np.ones(wide, bool)
    made = shapely.buffer(g.select(chosen, wide), np.broadcast_to(by, wide)[chosen], quad_segs=CORNERS // 4)
    found = polygon_of(np.asarray(made).reshape(wide))
    return found if g.local is None else replace(found, local=_on(found, g.local.axes))


def carried(shapes: Shapes, axes: Axes, *, out: bool) -> Shapes:
    """Shapes given on some axes as shapes of the picture (`out`), or the reverse; None on unknown axes."""
    import shapely

    wide = np.broadcast_shapes(shapes.shape, axes.x.shape)
    flat = np.broadcast_to(shapes, wide).ravel().copy()
    points, owner = shapely.get_coordinates(flat, return_index=True)
    here = axes.each(lambda v: np.broadcast_to(v, wide).ravel()[owner])
    x, y = (here.outward if out else here.inward)(points[:, 0], points[:, 1])
    unknown = np.unique(owner[~np.isfinite(x + y)])
    if len(unknown):
        flat[unknown] = None
        known = ~np.isin(owner, unknown)
        x, y = x[known], y[known]
    return np.asarray(shapely.set_coordinates(flat, np.stack([x, y], axis=1)).reshape(wide))


def _on(g: Geometry, axes: Axes) -> Local:
    """Shapes that have outlines, on turned axes."""
    assert g.shapes is not None
    own = polygon_of(carried(g.shapes, axes, out=False))
    return Local(axes, own.x0, own.y0, own.x1, own.y1, np.zeros(own.x0.shape, bool))
