"""Functions that make regions. Kernels take arrays that broadcast, px, and give a `Geometry`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.library.declare import builtin
from logidsl.library.geometry import Geometry, ellipse_points, grown, polygon_of, polygons_of

Array: TypeAlias = npt.NDArray[np.float64]
Pair: TypeAlias = tuple[Array, Array]


@builtin(
    "function",
    "box(length x, length y, length x, length y) -> region",
    "every bolt: inside box(0 %, 0 %, 50 %, 100 %)",
    brief="Two corners",
    english="the box from ({0}, {1}) to ({2}, {3})",
)
def box(x0: Array, y0: Array, x1: Array, y1: Array) -> Geometry:
    """The axis-parallel box with these two corners."""
    x0, y0, x1, y1 = np.broadcast_arrays(x0, y0, x1, y1)
    return Geometry(np.minimum(x0, x1), np.minimum(y0, y1), np.maximum(x0, x1), np.maximum(y0, y1))


@builtin(
    "function",
    "circle(length x, length y, length) -> region",
    "every bolt: inside circle(50 %, 50 %, 30 %)",
    brief="Centre and radius; % of the shorter side",
    english="the circle of radius {2} round ({0}, {1})",
)
def circle(x: Array, y: Array, radius: Array) -> Geometry:
    """The disc round (x, y); a radius in % is of the frame's shorter side."""
    x, y, radius = np.broadcast_arrays(x, y, radius)
    return polygon_of(polygons_of(ellipse_points(x, y, radius)))


@builtin(
    "function",
    "ring(length x, length y, length, length) -> region",
    "every bolt: inside ring(50 %, 50 %, 20 %, 40 %)",
    brief="Between two circles",
    english="the ring between the radii {2} and {3} round ({0}, {1})",
)
def ring(x: Array, y: Array, inner: Array, outer: Array) -> Geometry:
    """What lies between two circles round (x, y)."""
    import shapely

    x, y, inner, outer = np.broadcast_arrays(x, y, inner, outer)
    disc = polygons_of(ellipse_points(x, y, np.maximum(inner, outer)))
    hole = polygons_of(ellipse_points(x, y, np.minimum(inner, outer)))
    return polygon_of(np.asarray(shapely.difference(disc, hole)))


@builtin(
    "function",
    "polygon(point, point, point, …) -> region",
    "every bolt: inside polygon(point(0 %, 0 %), point(100 %, 0 %), point(50 %, 100 %))",
    brief="",
    english="the polygon with the corners {*}",
    refused=lambda corners: _without_inside(corners),
)
def polygon(*corners: Pair) -> Geometry:
    """The polygon with these corners, in order round it; where sides cross, what they enclose."""
    import shapely

    arrays = np.broadcast_arrays(*(v for corner in corners for v in corner))
    points = np.stack([np.stack(arrays[i : i + 2], axis=-1) for i in range(0, len(arrays), 2)], axis=-2)
    return polygon_of(np.asarray(shapely.make_valid(polygons_of(points))))


def _without_inside(corners: Sequence[tuple[float, float]]) -> str:
    import shapely

    around = shapely.Polygon(corners)
    if around.convex_hull.area <= 1e-9 * around.length**2:
        return "they lie on one line"
    return "" if around.exterior.is_simple else "its sides cross; list them in order round it"


@builtin(
    "function",
    "grow(R, length) -> region",
    "every bolt: inside grow(left_end, 10 px)",
    brief="The shape and all within the length of it",
    of_pixels=False,
    english="{0} grown by {1}",
)
def grow(shape: Geometry, by: Array) -> Geometry:
    """The region, or the object's outline, with all that is within the length of it."""
    return grown(shape, by)
