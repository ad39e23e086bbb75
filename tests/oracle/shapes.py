"""Shapes and colours of the oracle: one pair at a time, boxes by arithmetic, polygons by shapely."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import shapely
from shapely.geometry.base import BaseGeometry

from tests.oracle.picture import Ring
from tests.oracle.values import Num, Point

#: Circles and rings are polygons with this many corners on the circle.
CORNERS = 256
#: Greatest gap, in px, at which two things still touch.
TOUCH_PX = 1.5
#: Nearer than this share of the coordinates counts as equal.
ROUNDING = 1e-9
#: A shared square with sides of this share of the coordinates is rounding.
LEAST_SIDE = 1e-6


@dataclass(frozen=True)
class Axes:
    """A frame: its top-left corner in the picture, the direction of its x axis, and its sides."""

    x: float
    y: float
    cos: float
    sin: float
    width: float
    height: float

    def outward(self, u: float, v: float) -> tuple[float, float]:
        """A point of the frame as a point of the picture."""
        return self.x + u * self.cos - v * self.sin, self.y + u * self.sin + v * self.cos

    def inward(self, x: float, y: float) -> tuple[float, float]:
        """A point of the picture as a point of the frame."""
        dx, dy = x - self.x, y - self.y
        return dx * self.cos + dy * self.sin, dy * self.cos - dx * self.sin


@dataclass(frozen=True, eq=False)
class Shape:
    """A box x0 y0 x1 y1, or a polygon with its bounds; a cell leaves its open borders to the next one.

    `own` is of a turned shape its axes, and the shape there.
    """

    box: tuple[float, float, float, float]
    polygon: BaseGeometry | None = None
    open_right: bool = False
    open_bottom: bool = False
    own: tuple[Axes, Shape] | None = None

    @property
    def center(self) -> Point:
        return Point((self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2)

    @property
    def width(self) -> float:
        return self.box[2] - self.box[0]

    @property
    def height(self) -> float:
        return self.box[3] - self.box[1]

    @property
    def area(self) -> float:
        if math.isnan(self.box[0]):
            return 0.0
        return self.width * self.height if self.polygon is None else float(self.polygon.area)

    def solid(self) -> BaseGeometry:
        """As a geometry; a box without an extent is a line or a point."""
        if self.polygon is not None:
            return self.polygon
        x0, y0, x1, y1 = self.box
        if x0 == x1 and y0 == y1:
            return shapely.Point(x0, y0)
        if x0 == x1 or y0 == y1:
            return shapely.LineString([(x0, y0), (x1, y1)])
        return shapely.box(x0, y0, x1, y1)


def box(x0: float, y0: float, x1: float, y1: float) -> Shape:
    """The box with these two corners."""
    return Shape((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))


def polygon(geometry: BaseGeometry) -> Shape:
    """The shape of a polygon."""
    x0, y0, x1, y1 = geometry.bounds
    return Shape((x0, y0, x1, y1), geometry)


def outline(rings: tuple[Ring, ...]) -> BaseGeometry | None:
    """The outer outline, or None where there is none to speak of."""
    if not rings or len(rings[0]) < 3:
        return None
    return shapely.make_valid(shapely.Polygon(rings[0]))


def net_area(rings: tuple[Ring, ...]) -> float:
    """Area of an outline with its holes taken out."""
    return float(shapely.Polygon(rings[0], rings[1:]).area)


def disc(x: float, y: float, radius: float) -> BaseGeometry:
    """A circle's polygon; a negative radius counts as 0."""
    radius = max(radius, 0.0)
    turns = [k * (2 * math.pi / CORNERS) for k in range(CORNERS)]
    return shapely.Polygon([(x + radius * math.cos(t), y + radius * math.sin(t)) for t in turns])


def ring(x: float, y: float, a: float, b: float) -> BaseGeometry:
    """What lies between two circles."""
    return shapely.difference(disc(x, y, max(a, b)), disc(x, y, min(a, b)))


def corners(points: list[Point]) -> BaseGeometry:
    """The polygon with these corners."""
    return shapely.make_valid(shapely.Polygon([(p.x, p.y) for p in points]))


def grown(s: Shape, by: float) -> Shape:
    """The shape with all that is within a length of it."""
    made = polygon(shapely.buffer(s.solid(), by, quad_segs=CORNERS // 4))
    return made if s.own is None else replace(made, own=(s.own[0], carried(made, s.own[0].inward)))


def carried(s: Shape, move: Callable[[float, float], tuple[float, float]]) -> Shape:
    """A polygon with its points put elsewhere."""
    points = [move(x, y) for x, y in shapely.get_coordinates(s.polygon).tolist()]
    return polygon(shapely.set_coordinates(s.polygon, points) if points else s.polygon)


def size(s: Shape) -> float:
    """How large a coordinate of its bounds is."""
    return max(map(abs, s.box))


def inside(p: Point, s: Shape, far: float = 0.0) -> bool:
    """Whether a point lies in a shape, borders included but for a cell's open ones, and what rounding keeps off them.

    `far` says how large the numbers were that coordinates on other axes are made of.
    """
    if math.isnan(s.box[0]):
        return False
    if s.own is not None and s.own[1].polygon is None:
        axes, flat = s.own
        there = Point(*axes.inward(p.x, p.y))
        return inside(
            there, replace(flat, open_right=s.open_right, open_bottom=s.open_bottom), abs(axes.x) + abs(axes.y)
        )
    if s.polygon is not None:
        return bool(s.polygon.distance(shapely.Point(p.x, p.y)) <= ROUNDING * size(s))

    def before(a: float, b: float, side: float) -> bool:
        return a < b - ROUNDING * (abs(side) + far)

    x0, y0, x1, y1 = s.box
    if before(p.x, x0, x0) or before(p.y, y0, y0) or before(x1, p.x, x1) or before(y1, p.y, y1):
        return False
    return not (s.open_right and not before(p.x, x1, x1)) and not (s.open_bottom and not before(p.y, y1, y1))


def depth(p: Point, s: Shape) -> float:
    """Distance of a point to the border of a shape, positive inside."""
    if s.own is not None and s.own[1].polygon is None:
        return depth(Point(*s.own[0].inward(p.x, p.y)), s.own[1])
    if s.polygon is not None:
        if s.polygon.is_empty:
            return math.nan
        at = shapely.Point(p.x, p.y)
        if not s.polygon.intersects(at):
            return -float(s.polygon.distance(at))
        borders = [part.boundary if part.area > 0 else part for part in shapely.get_parts(s.polygon)]
        return min(float(border.distance(at)) for border in borders)
    x0, y0, x1, y1 = s.box
    sides = (p.x - x0, x1 - p.x, p.y - y0, y1 - p.y)
    if min(sides) >= 0:
        return min(sides)
    return -math.hypot(max(x0 - p.x, p.x - x1, 0.0), max(y0 - p.y, p.y - y1, 0.0))


def covers(outer: Shape, inner: Shape) -> bool:
    """Whether the inner shape lies wholly in the outer one but for rounding; common edges are allowed."""
    if math.isnan(outer.box[0] + inner.box[0]):
        return False
    rounding = ROUNDING * size(outer)
    if outer.polygon is None:
        a, b = outer.box, inner.box
        return max(a[0] - b[0], a[1] - b[1], b[2] - a[2], b[3] - a[3]) <= rounding
    solid = inner.solid()
    return bool(outer.polygon.covers(solid) or outer.polygon.buffer(rounding).covers(solid))


def gap(a: Shape, b: Shape) -> float:
    """Distance of two shapes, 0 where they meet but for rounding; NaN where one is empty."""
    if math.isnan(a.box[0] + b.box[0]):
        return math.nan
    if a.polygon is None and b.polygon is None:
        across = max(b.box[0] - a.box[2], a.box[0] - b.box[2], 0.0)
        down = max(b.box[1] - a.box[3], a.box[1] - b.box[3], 0.0)
        found = math.sqrt(across * across + down * down)
    else:
        found = float(a.solid().distance(b.solid()))
    return 0.0 if found <= ROUNDING * max(size(a), size(b)) else found


def shared(a: Shape, b: Shape) -> float:
    """Area that two shapes share; 0 where it is rounding of their coordinates, or one is empty."""
    if math.isnan(a.box[0] + b.box[0]):
        return 0.0
    across = min(a.box[2], b.box[2]) - max(a.box[0], b.box[0])
    down = min(a.box[3], b.box[3]) - max(a.box[1], b.box[1])
    if across <= 0 or down <= 0:
        return 0.0
    both_boxes = a.polygon is None and b.polygon is None
    area = across * down if both_boxes else float(a.solid().intersection(b.solid()).area)
    return area if area > (LEAST_SIDE * max(size(a), size(b))) ** 2 else 0.0


def overlaps(a: Shape, b: Shape) -> bool:
    """Whether two shapes share an area by more than rounding."""
    return shared(a, b) > ROUNDING * min(a.area, b.area)


def overlap(a: Shape, b: Shape) -> float:
    """Shared area by the smaller area; 0 where that is 0."""
    smaller = min(a.area, b.area)
    return shared(a, b) / smaller if smaller > 0 else 0.0


def distance(a: Point, b: Point) -> float:
    """Distance of two points."""
    return math.sqrt((b.x - a.x) ** 2 + (b.y - a.y) ** 2)


def direction(a: Point, b: Point) -> Num:
    """Angle of the way from one point to another, clockwise from the x axis; not a number where they are one."""
    if distance(a, b) <= ROUNDING * max(map(abs, (a.x, a.y, b.x, b.y))):
        return Num(math.nan, math.nan)
    turn = math.degrees(math.atan2(b.y - a.y, b.x - a.x))
    return Num(turn, turn)


def lab_of_hex(text: str) -> tuple[float, float, float]:
    """CIELAB (D65, two degrees) of `#rgb` or `#rrggbb`, by IEC 61966-2-1."""
    digits = text[1:] if len(text) == 7 else "".join(c * 2 for c in text[1:])
    linear = []
    for i in (0, 2, 4):
        v = int(digits[i : i + 2], 16) / 255
        linear.append(v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4)
    rows = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
    parts = []
    for row in rows:
        t = sum(k * v for k, v in zip(row, linear, strict=True)) / sum(row)
        parts.append(t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116)
    if len(set(linear)) == 1:  # a grey
        return 116 * parts[1] - 16, 0.0, 0.0
    return 116 * parts[1] - 16, 500 * (parts[0] - parts[1]), 200 * (parts[1] - parts[2])


def relit(color: tuple[float, float, float], lightness: float) -> tuple[float, float, float]:
    """The colour under more or less light: its XYZ times one number, away from the linear part of CIELAB."""
    root = (lightness + 16) / (color[0] + 16)
    return lightness, color[1] * root, color[2] * root


def difference(one: tuple[float, float, float], two: tuple[float, float, float]) -> float:
    """CIEDE2000, step by step after Sharma, Wu and Dalal (2005), equations 2 to 22."""
    (l1, a1, b1), (l2, a2, b2) = one, two
    mean_c = (math.hypot(a1, b1) + math.hypot(a2, b2)) / 2
    g = 0.5 * (1 - math.sqrt(mean_c**7 / (mean_c**7 + 25**7)))
    a1, a2 = (1 + g) * a1, (1 + g) * a2
    c1, c2 = math.hypot(a1, b1), math.hypot(a2, b2)
    h1 = math.degrees(math.atan2(b1, a1)) % 360 if c1 else 0.0
    h2 = math.degrees(math.atan2(b2, a2)) % 360 if c2 else 0.0
    dh = 0.0
    if c1 * c2:
        dh = h2 - h1
        dh = dh - 360 if dh > 180 else dh + 360 if dh < -180 else dh
    big_dh = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(dh / 2))
    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2
    if c1 * c2 == 0:
        mean_h = h1 + h2
    elif abs(h1 - h2) <= 180:
        mean_h = (h1 + h2) / 2
    else:
        mean_h = (h1 + h2 + 360) / 2 if h1 + h2 < 360 else (h1 + h2 - 360) / 2
    t = 1 - 0.17 * math.cos(math.radians(mean_h - 30)) + 0.24 * math.cos(math.radians(2 * mean_h))
    t += 0.32 * math.cos(math.radians(3 * mean_h + 6)) - 0.20 * math.cos(math.radians(4 * mean_h - 63))
    theta = 30 * math.exp(-(((mean_h - 275) / 25) ** 2))
    rc = 2 * math.sqrt(mean_c**7 / (mean_c**7 + 25**7))
    sl = 1 + 0.015 * (mean_l - 50) ** 2 / math.sqrt(20 + (mean_l - 50) ** 2)
    sc, sh = 1 + 0.045 * mean_c, 1 + 0.015 * mean_c * t
    rt = -math.sin(math.radians(2 * theta)) * rc
    x, y, z = (l2 - l1) / sl, (c2 - c1) / sc, big_dh / sh
    return math.sqrt(max(x * x + y * y + z * z + rt * y * z, 0.0))
