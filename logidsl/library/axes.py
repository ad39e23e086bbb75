"""Frames of reference: the axes of an object, so that places can be said as on the part itself.

An `Axes` is a batch of frames: where the top-left corner lies in the picture, which way the x axis runs,
and how wide and high the frame is. Lengths stay as long as they are. Kernels take a `Geometry`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.library.declare import builtin
from logidsl.library.geometry import Geometry, Local, polygon_of

Array: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]
Pair: TypeAlias = tuple[Array, Array]


@dataclass(frozen=True, slots=True)
class Axes:
    """A batch of frames.

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

    def outward(self, u: Array, v: Array) -> Pair:
        """Points of the frame as points of the picture."""
        return self.x + u * self.cos - v * self.sin, self.y + u * self.sin + v * self.cos

    def inward(self, x: Array, y: Array) -> Pair:
        """Points of the picture as points of the frame."""
        dx, dy = x - self.x, y - self.y
        return dx * self.cos + dy * self.sin, dy * self.cos - dx * self.sin

    @property
    def upright(self) -> bool:
        """Whether no frame is turned."""
        return bool(np.all(self.sin == 0) and np.all(self.cos == 1))


@builtin("function", "upright(o) -> frame", "every bolt: inside left_half", english="the frame of the box of {0}")
def upright(g: Geometry) -> Axes:
    """The frame of the object's box."""
    one = np.ones_like(g.x0)
    return Axes(g.x0, g.y0, one, one * 0, g.x1 - g.x0, g.y1 - g.y0)


@builtin(
    "function",
    "turned(o, P?) -> frame",
    "every bolt: inside left_half",
    english="the frame turned with {0}<, {1} towards the top>",
)
def turned(g: Geometry, marker: Pair | None = None) -> Axes:
    """The frame of the smallest turned rectangle round the outline, turned as little as can be, or as the mark is that
    a `template` found; with a marker it is the one of the four that has the marker towards the top.
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
    boxes = shapely.oriented_envelope(g.shapes[there])
    solid = shapely.get_type_id(boxes) == shapely.GeometryType.POLYGON
    corners = shapely.get_coordinates(boxes[solid]).reshape(-1, 5, 2)
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 1]
    long, short = np.hypot(*first.T), np.hypot(*second.T)
    fine = (long > 0) & (short > 0)
    place = np.flatnonzero(there.ravel())[solid][fine]
    a, b = first[fine] / long[fine, None], second[fine] / short[fine, None]
    flat = np.abs(a[:, 0]) >= np.abs(b[:, 0])
    along = np.where(flat[:, None], a, b)
    along = np.where(along[:, :1] < 0, -along, along)
    middle = corners[fine, :4].mean(axis=1)
    for target, values in (
        (x, middle[:, 0]),
        (y, middle[:, 1]),
        (ux, along[:, 0]),
        (uy, along[:, 1]),
        (width, np.where(flat, long[fine], short[fine])),
        (height, np.where(flat, short[fine], long[fine])),
    ):
        target.reshape(-1)[place] = values
    return x, y, ux, uy, width, height


def _along(
    turn_deg: Array, known: Mask, ux: Array, uy: Array, width: Array, height: Array
) -> tuple[Array, Array, Array, Array]:
    """Turn frames by quarters, where it is known how their objects are turned, so that the x axis runs that way."""
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
    """Turn frames by quarters so that a way from the centre points towards the top."""
    across = (dx * ux + dy * uy) / np.where(width > 0, width, 1.0)
    down = (dy * ux - dx * uy) / np.where(height > 0, height, 1.0)
    sideways = np.abs(across) > np.abs(down)
    right, below = sideways & (across > 0), ~sideways & (down > 0)
    left = sideways & (across <= 0)
    # the new x axis: 90 deg clockwise of the old one where the marker lies right, and so on
    x = np.select([right, left, below], [-uy, uy, -ux], ux)
    y = np.select([right, left, below], [ux, -ux, -uy], uy)
    return x, y, np.where(sideways, height, width), np.where(sideways, width, height)


def placed(g: Geometry, axes: Axes) -> Geometry:
    """Shapes of a frame as shapes of the picture; boxes keep their own axes, so that borders stay sharp."""
    import shapely

    if g.shapes is None:
        u = [np.broadcast_arrays(v, axes.x)[0] for v in (g.x0, g.x1, g.x1, g.x0)]
        v = [np.broadcast_arrays(v, axes.x)[0] for v in (g.y0, g.y0, g.y1, g.y1)]
        corners = [axes.outward(a, b) for a, b in zip(u, v, strict=True)]
        points = np.stack([np.stack(np.broadcast_arrays(*c), axis=-1) for c in corners], axis=-2)
        made = polygon_of(np.asarray(shapely.polygons(points)))
        local = Local(axes.inward, g.x0, g.y0, g.x1, g.y1)
        return Geometry(made.x0, made.y0, made.x1, made.y1, made.shapes, g.open_right, g.open_bottom, local)
    wide = np.broadcast_shapes(g.shapes.shape, axes.x.shape)
    shapes = np.broadcast_to(g.shapes, wide)
    points, owner = shapely.get_coordinates(shapes.ravel(), return_index=True)
    left, top, cos, sin = (np.broadcast_to(v, wide).ravel()[owner] for v in (axes.x, axes.y, axes.cos, axes.sin))
    x, y = Axes(left, top, cos, sin, left, top).outward(points[:, 0], points[:, 1])
    moved = shapely.set_coordinates(shapes.ravel().copy(), np.stack([x, y], axis=1))
    return polygon_of(moved.reshape(wide))
