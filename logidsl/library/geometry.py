"""Shapes of objects, regions and cells, and what can be said of two of them.

A `Geometry` is a batch of shapes as arrays that broadcast. Where all are axis-parallel boxes, arithmetic
on boxes answers; where some have an outline, shapely does, and only for pairs whose boxes leave the
question open. Imports NumPy, and shapely where an outline comes up.

Circles and rings are polygons of 256 corners on the circle.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]
Shapes: TypeAlias = npt.NDArray[np.object_]

CORNERS = 256


@dataclass(frozen=True, slots=True)
class Local:
    """Boxes on axes of their own: how a point of the picture comes to those axes, and the boxes there."""

    inward: Callable[[Array, Array], tuple[Array, Array]]
    x0: Array
    y0: Array
    x1: Array
    y1: Array


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
        For turned boxes: what decides whether a point is inside.
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
    """Whether points lie in shapes; borders belong, but for the open ones of cells.

    An outline's holes do not count: inside an object means inside its outer outline.
    """
    if g.local is not None:
        px, py = g.local.inward(px, py)
        box = g.local
        return inside(px, py, Geometry(box.x0, box.y0, box.x1, box.y1, None, g.open_right, g.open_bottom))
    across = (px >= g.x0) & (px <= g.x1 if g.open_right is None else np.where(g.open_right, px < g.x1, px <= g.x1))
    down = (py >= g.y0) & (py <= g.y1 if g.open_bottom is None else np.where(g.open_bottom, py < g.y1, py <= g.y1))
    within = np.asarray(across & down)
    if g.shapes is None or not within.any():
        return within
    import shapely

    chosen = within & (np.broadcast_to(g.shapes, within.shape) != np.array(None))
    if chosen.any():
        x, y = np.broadcast_to(px, within.shape)[chosen], np.broadcast_to(py, within.shape)[chosen]
        within[chosen] = shapely.intersects_xy(g.select(chosen, within.shape), x, y)
    return within


def _shape_of(a: Geometry, b: Geometry) -> tuple[int, ...]:
    return np.broadcast_shapes(*(side.shape for g in (a, b) for side in (g.x0, g.y0, g.x1, g.y1)))


def gap(a: Geometry, b: Geometry) -> Array:
    """Distance of the shapes, px; 0 where they meet."""
    across = np.maximum(np.maximum(b.x0 - a.x1, a.x0 - b.x1), 0.0)
    down = np.maximum(np.maximum(b.y0 - a.y1, a.y0 - b.y1), 0.0)
    found: Array = np.sqrt(across * across + down * down)
    if a.shapes is None and b.shapes is None:
        return found
    import shapely

    chosen = np.ones(_shape_of(a, b), bool)
    found = np.broadcast_to(found, chosen.shape).copy()
    found[chosen] = shapely.distance(a.select(chosen, chosen.shape), b.select(chosen, chosen.shape))
    return found


def shared_area(a: Geometry, b: Geometry) -> Array:
    """Area that two shapes share, px2."""
    across = np.maximum(np.minimum(a.x1, b.x1) - np.maximum(a.x0, b.x0), 0.0)
    down = np.maximum(np.minimum(a.y1, b.y1) - np.maximum(a.y0, b.y0), 0.0)
    found: Array = across * down
    if a.shapes is None and b.shapes is None:
        return found
    import shapely

    chosen = np.broadcast_to(found > 0, _shape_of(a, b))
    found = np.broadcast_to(found, chosen.shape).copy()
    if chosen.any():
        pair = a.select(chosen, chosen.shape), b.select(chosen, chosen.shape)
        found[chosen] = shapely.area(shapely.intersection(*pair))
    return found


def area(a: Geometry) -> Array:
    """Area of the shapes, px2."""
    found: Array = (a.x1 - a.x0) * (a.y1 - a.y0)
    if a.shapes is None:
        return found
    import shapely

    return np.where(a.shapes == np.array(None), found, shapely.area(a.shapes))


def covers(outer: Geometry, inner: Geometry) -> Mask:
    """Whether the inner shape lies wholly in the outer one; common edges are allowed."""
    boxed: Mask = (inner.x0 >= outer.x0) & (inner.x1 <= outer.x1) & (inner.y0 >= outer.y0) & (inner.y1 <= outer.y1)
    if outer.shapes is None or not boxed.any():
        return boxed
    import shapely

    found = boxed.copy()
    pair = outer.select(boxed, boxed.shape), inner.select(boxed, boxed.shape)
    found[boxed] = shapely.covers(*pair)
    return found


def polygon_of(shapes: Shapes) -> Geometry:
    """The geometry of shapely polygons, with their bounds; empty places give NaN boxes."""
    import shapely

    bounds = shapely.bounds(shapes)
    return Geometry(bounds[..., 0], bounds[..., 1], bounds[..., 2], bounds[..., 3], shapes)


def ellipse_points(x: Array, y: Array, radius: Array) -> npt.NDArray[np.float64]:
    """(…, 256, 2) corners of circles; a negative radius counts as 0."""
    turn = np.arange(CORNERS) * (2 * np.pi / CORNERS)
    cx, cy, r = (np.asarray(v, np.float64)[..., None] for v in (x, y, np.maximum(radius, 0.0)))
    return np.stack([cx + r * np.cos(turn), cy + r * np.sin(turn)], axis=-1)


def signed_distance(px: Array, py: Array, g: Geometry) -> Array:
    """Distance of points to the border of shapes, px; positive inside."""
    if g.local is not None:
        px, py = g.local.inward(px, py)
        g = Geometry(g.local.x0, g.local.y0, g.local.x1, g.local.y1)
    right, left, down, up = g.x1 - px, px - g.x0, g.y1 - py, py - g.y0
    within = np.minimum(np.minimum(right, left), np.minimum(down, up))
    across, along = np.maximum(np.maximum(-right, -left), 0.0), np.maximum(np.maximum(-down, -up), 0.0)
    found: Array = np.where(within >= 0, within, -np.sqrt(across * across + along * along))
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
        far = shapely.distance(shapely.boundary(outlines), points)
    found = np.broadcast_to(found, wide).copy()
    found[chosen] = np.where(shapely.intersects(outlines, points), far, -far)
    return found


def grown(g: Geometry, by: Array) -> Geometry:
    """The shapes with all that is within a distance of them; a negative one makes them smaller."""
    import shapely

    wide = np.broadcast_shapes(g.x0.shape, np.shape(by))
    chosen = np.ones(wide, bool)
    made = shapely.buffer(g.select(chosen, wide), np.broadcast_to(by, wide)[chosen], quad_segs=CORNERS // 4)
    return polygon_of(np.asarray(made).reshape(wide))
