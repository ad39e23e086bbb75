"""What comes before rules are judged: `keep best`, and the frame on whose axes a picture is said."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import shapely

from logidsl import ir
from tests.oracle import shapes
from tests.oracle.picture import Measured, Picture, Ring, Thing
from tests.oracle.shapes import Axes, Shape
from tests.oracle.values import Point


def upright(s: Shape) -> Axes:
    """The frame of a box."""
    return Axes(s.box[0], s.box[1], 1.0, 0.0, s.width, s.height)


def turned(s: Shape, marker: Point | None) -> Axes:
    """The frame of the smallest turned rectangle, by the side nearest to the x axis; a marker is at its top."""
    middle, along, width, height = _rectangle(s)
    ux, uy = along
    if marker is not None:
        dx, dy = marker.x - middle.x, marker.y - middle.y
        across = (dx * ux + dy * uy) / (width or 1.0)
        down = (dy * ux - dx * uy) / (height or 1.0)
        if abs(across) > abs(down):
            ux, uy = (-uy, ux) if across > 0 else (uy, -ux)
            width, height = height, width
        elif down > 0:
            ux, uy = -ux, -uy
    x = middle.x - width / 2 * ux + height / 2 * uy
    return Axes(x, middle.y - width / 2 * uy - height / 2 * ux, ux, uy, width, height)


def _rectangle(s: Shape) -> tuple[Point, tuple[float, float], float, float]:
    """Middle, direction nearest to the x axis, extent along it and across, of the smallest turned rectangle."""
    best = (s.center, (1.0, 0.0), s.width, s.height)
    if s.polygon is None:
        return best
    corners = shapely.get_coordinates(shapely.convex_hull(s.polygon)).tolist()
    least = math.inf
    for (x0, y0), (x1, y1) in pairwise(corners):
        span = math.hypot(x1 - x0, y1 - y0)
        ux, uy = (x1 - x0) / span, (y1 - y0) / span
        if abs(ux) < abs(uy):
            ux, uy = uy, -ux
        if ux < 0:
            ux, uy = -ux, -uy
        us, vs = [x * ux + y * uy for x, y in corners], [y * ux - x * uy for x, y in corners]
        width, height = max(us) - min(us), max(vs) - min(vs)
        tied = width * height <= least * (1 + 1e-9)  # of equally small ones the longest
        longer = max(width, height) > max(best[2:]) * (1 + 1e-9)
        if width * height < least * (1 - 1e-9) or (tied and longer):
            least = width * height
            u, v = (max(us) + min(us)) / 2, (max(vs) + min(vs)) / 2
            best = (Point(u * ux - v * uy, u * uy + v * ux), (ux, uy), width, height)
    return best


def of_shape(s: Shape) -> Axes:
    """The frame of what a region is said on, or a grid cut from: of a turned shape the box on its own axes."""
    if s.own is None:
        return upright(s)
    axes, drawn = s.own
    x, y = axes.outward(drawn.box[0], drawn.box[1])
    return Axes(x, y, axes.cos, axes.sin, drawn.width, drawn.height)


def placed(s: Shape, axes: Axes) -> Shape:
    """A shape of a frame as a shape of the picture, which keeps its own axes."""
    flat = axes.sin == 0 and axes.cos == 1
    if s.polygon is None and math.isnan(s.box[0]):
        return replace(s, own=(axes, s))
    if flat and s.polygon is None:
        x0, y0, x1, y1 = s.box
        box = (x0 + axes.x, y0 + axes.y, x1 + axes.x, y1 + axes.y)
        return replace(s, box=box)
    if s.polygon is None:
        x0, y0, x1, y1 = s.box
        corners = [axes.outward(*p) for p in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))]
        made = shapes.polygon(shapely.Polygon(corners))
        return replace(made, open_right=s.open_right, open_bottom=s.open_bottom, own=(axes, s))
    made = shapes.carried(s, axes.outward)
    if s.own is not None:
        return replace(made, own=(_composed(s.own[0], axes), s.own[1]))
    return made if flat else replace(made, own=(axes, s))


def _composed(inner: Axes, outer: Axes) -> Axes:
    """A frame that is said on another, as a frame of the picture."""
    x, y = outer.outward(inner.x, inner.y)
    dx, dy = replace(outer, x=0.0, y=0.0).outward(inner.cos, inner.sin)
    return Axes(x, y, dx, dy, inner.width, inner.height)


def kept(program: ir.Program, picture: Picture) -> Picture:
    """The picture without what `keep best` drops: the surest of those that overlap too much stays."""
    things = list(enumerate(picture.things))
    for keep in program.keeps:
        stays: list[Shape] = []
        dropped: set[int] = set()
        mine = [thing for _, thing in things if thing.cls in (*keep.classes, "?")]
        open_ = any(t.contested or (t.box is None and (t.cls == "?" or t.columns.get("count") == "0..1")) for t in mine)
        if open_ and len(mine) > 1 and any(t.box is not None for t in mine):
            things = [(k, replace(t, contested=True) if t in mine else t) for k, t in things]
            continue
        for k, thing in sorted(things, key=_rank):
            if thing not in mine or thing.box is None:
                continue
            own = solid(thing)
            parts = [shapes.overlap(own, other) for other in stays]
            if any(p > keep.share if keep.strict else p >= keep.share for p in parts):
                dropped.add(k)
            else:
                stays.append(own)
        things = [(k, thing) for k, thing in things if k not in dropped]
    return replace(picture, things=tuple(thing for _, thing in things))


def solid(thing: Thing) -> Shape:
    """The outer outline of an object, or its box."""
    assert thing.box is not None
    return Shape(thing.box, shapes.outline(thing.outline))


def _rank(numbered: tuple[int, Thing]) -> tuple[float, float, str]:
    """Falling confidence, those without last; then falling area; then the id."""
    _, thing = numbered
    confidence = thing.columns.get("confidence")
    sure = -confidence if isinstance(confidence, float) else math.inf
    return sure, -solid(thing).area if thing.box is not None else 0.0, thing.name.rjust(9)


def said_on(axes: Axes | None, picture: Picture) -> Picture:
    """A picture on the axes of a frame; without one nothing has a place."""
    things = tuple(_said(axes, thing) for thing in picture.things)
    if axes is None:
        return replace(picture, width=None, height=None, things=things)
    return replace(picture, width=axes.width, height=axes.height, things=things)


def _said(axes: Axes | None, thing: Thing) -> Thing:
    columns = dict(thing.columns)
    for name, value in columns.items():
        if isinstance(value, tuple) and len(value) == 2:
            columns[name] = None if axes is None else axes.inward(*value)
    angle = columns.get("angle")
    if isinstance(angle, float):
        columns["angle"] = None
        if axes is not None:
            columns["angle"] = 90.0 - (90.0 - (angle - math.degrees(math.atan2(axes.sin, axes.cos)))) % 180.0
    _order_ends(columns)
    if axes is None:
        return replace(thing, box=None, columns=columns, outline=(), framed=False)
    rings: tuple[Ring, ...] = tuple(tuple(axes.inward(x, y) for x, y in ring) for ring in thing.outline)
    if thing.box is None:
        return replace(thing, columns=columns, outline=rings)
    x0, y0, x1, y1 = thing.box
    points = [axes.inward(*p) for p in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))]
    points = list(rings[0]) if rings and len(rings[0]) >= 3 else points
    us, vs = [u for u, _ in points], [v for _, v in points]
    return replace(thing, box=(min(us), min(vs), max(us), max(vs)), columns=columns, outline=rings)


def _order_ends(columns: dict[str, Measured]) -> None:
    """Of two ends the one with the lesser x, then y, is the start."""
    start, end = columns.get("start"), columns.get("end")
    if isinstance(start, tuple) and isinstance(end, tuple) and end < start:
        columns["start"], columns["end"] = end, start
