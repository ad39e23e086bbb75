"""Frames of reference: the axes of an object, for places relative to the part itself.

Kernels take a `Geometry` and give `Axes`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.library.declare import builtin
from logidsl.library.geometry import Axes, Geometry, Local, carried, polygon_of, polygons_of
from logidsl.library.measure import spans_of_hulls

Array: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]
Pair: TypeAlias = tuple[Array, Array]


@builtin(
    "function",
    "upright(o) -> frame",
    "every bolt: inside left_half",
    of_pixels=False,
    english="the frame of the box of {0}",
)
def upright(g: Geometry) -> Axes:
    """The frame of the object's box."""
    one = np.ones_like(g.x0)
    return Axes(g.x0, g.y0, one, one * 0, g.x1 - g.x0, g.y1 - g.y0)


@builtin(
    "function",
    "turned(o, P?) -> frame",
    "every bolt: inside left_half",
    of_pixels=False,
    by_turn=True,
    english="the frame turned with {0}<, {1} towards the top>",
)
def turned(g: Geometry, marker: Pair | None = None) -> Axes:
    """The frame of the smallest turned rectangle round the outline (of equally small ones the longest), turned as
    little as possible, or as the mark found by a `template`; with a marker it is the one of the four that has the
    marker towards the top.
    """
    x, y, ux, uy, width, height = _rectangle(g)
    if marker is None and g.turn_deg is not None:
        known = ~np.isnan(g.turn_deg)
        ux, uy, width, height = _along(np.where(known, g.turn_deg, 0.0), known, ux, uy, width, height)
    elif marker is not None:
        ux, uy, width, height = _towards(marker[0] - x, marker[1] - y, ux, uy, width, height)
    left, top = width / 2, height / 2
    return Axes(x - left * ux + top * uy, y - left * uy - top * ux, ux, uy, width, height)


def _rectangle(g: Geometry) -> tuple[Array, Array, Array, Array, Array, Array]:
    """Centre, direction of the side nearest to the x axis, and both sides, of the smallest turned rectangles."""
    x, y = g.center
    ux, uy = np.ones_like(x), np.zeros_like(x)
    width, height = np.asarray(g.x1 - g.x0), np.asarray(g.y1 - g.y0)
    if g.shapes is None:
        return x, y, ux, uy, width, height
    import shapely

    there = g.shapes != np.array(None)
    hulls = shapely.convex_hull(g.shapes[there])
    solid = (shapely.get_type_id(hulls) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(hulls)
    place = np.flatnonzero(there.ravel())[solid]
    if not len(place):
        return x, y, ux, uy, width, height
    corners, of = shapely.get_coordinates(hulls[solid], return_index=True)
    firsts = np.flatnonzero(np.diff(of, prepend=-1))
    angle = np.radians(spans_of_hulls([ring[:-1] for ring in np.split(corners, firsts[1:])])[:, 2])
    cos, sin = np.cos(angle), np.sin(angle)
    flat = np.abs(cos) >= np.abs(sin)
    along_x, along_y = np.where(flat, cos, np.abs(sin)), np.where(flat, sin, np.where(sin > 0, -cos, cos))
    u = corners[:, 0] * along_x[of] + corners[:, 1] * along_y[of]
    v = corners[:, 1] * along_x[of] - corners[:, 0] * along_y[of]
    (left, right), (top, bottom) = ((np.minimum.reduceat(w, firsts), np.maximum.reduceat(w, firsts)) for w in (u, v))
    across, down = (left + right) / 2, (top + bottom) / 2
    for target, values in (
        (x, across * along_x - down * along_y),
        (y, across * along_y + down * along_x),
        (ux, along_x),
        (uy, along_y),
        (width, right - left),
        (height, bottom - top),
    ):
        target.reshape(-1)[place] = values
    return x, y, ux, uy, width, height


def _along(
    turn_deg: Array, known: Mask, ux: Array, uy: Array, width: Array, height: Array
) -> tuple[Array, Array, Array, Array]:
    """Turn frames by quarters, if the orientation of their objects is known, so that the x axis runs that way."""
    cos, sin = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
    along, across = cos * ux + sin * uy, sin * ux - cos * uy
    quarter = np.where(known, np.mod(np.rint(np.degrees(np.arctan2(across, along)) / 90), 4), 0)
    x = np.select([quarter == 1, quarter == 2, quarter == 3], [-uy, -ux, uy], ux)
    y = np.select([quarter == 1, quarter == 2, quarter == 3], [ux, -uy, -ux], uy)
    odd = quarter % 2 == 1
    return x, y, np.where(odd, height, width), np.where(odd, width, height)


def _towards(
    dx: Array, dy: Array, ux: Array, uy: Array, width: Array, height: Array
) -> tuple[Array, Array, Array, Array]:
    """Turn frames by quarters so that a direction from the centre points towards the top."""
    across = (dx * ux + dy * uy) / np.where(width > 0, width, 1.0)
    down = (dy * ux - dx * uy) / np.where(height > 0, height, 1.0)
    sideways = np.abs(across) > np.abs(down)
    right, below = sideways & (across > 0), ~sideways & (down > 0)
    left = sideways & (across <= 0)
    # the new x axis: 90 deg clockwise of the old one if the marker lies right, and so on
    x = np.select([right, left, below], [-uy, uy, -ux], ux)
    y = np.select([right, left, below], [ux, -ux, -uy], uy)
    return x, y, np.where(sideways, height, width), np.where(sideways, width, height)


def placed(g: Geometry, axes: Axes) -> Geometry:
    """Shapes of a frame as shapes of the picture, which keep their own axes, so that what is cut from them turns with
    them.
    """
    if g.shapes is not None:
        made = polygon_of(carried(g.shapes, axes, out=True))
        if g.local is not None:
            return replace(made, local=replace(g.local, axes=g.local.axes.within(axes)))
        return (
            made
            if axes.upright
            else replace(made, local=Local(axes, g.x0, g.y0, g.x1, g.y1, np.zeros(g.x0.shape, bool)))
        )
    u = [np.broadcast_arrays(v, axes.x)[0] for v in (g.x0, g.x1, g.x1, g.x0)]
    v = [np.broadcast_arrays(v, axes.x)[0] for v in (g.y0, g.y0, g.y1, g.y1)]
    corners = [axes.outward(a, b) for a, b in zip(u, v, strict=True)]
    points = np.stack([np.stack(np.broadcast_arrays(*c), axis=-1) for c in corners], axis=-2)
    made = polygon_of(polygons_of(points))
    local = Local(axes, g.x0, g.y0, g.x1, g.y1, np.ones(made.x0.shape, bool))
    return replace(made, open_right=g.open_right, open_bottom=g.open_bottom, local=local)
