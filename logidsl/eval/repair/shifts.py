"""Places that should be others: relations, distances and points, and the objects that are moved for them.

Everything is worked out on the axes of the trace, with shapely for outlines.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from logidsl import ir
from logidsl.eval.repair.bindings import Binding, Goal, Plan
from logidsl.eval.repair.goals import reach, together
from logidsl.eval.values import Obj, Point
from logidsl.library.relations import TOUCH_PX

#: How far beyond a border a thing is put that should lie beyond it, px.
CLEAR_PX = 1.0
Step = tuple[float, float]


def displace(s: Binding, i: int, by: Step) -> Iterator[Plan]:
    """Plans by which a point, or what an object is, comes to lie elsewhere."""
    i, node = s.node(i)
    value = s.trace.values[i]
    dx, dy = by
    match node:
        case ir.Column(of=of, attribute=name) if isinstance(value, Point):
            now = s.place(i)
            if s.has_points(name) and now is not None:
                plan = s.set_point(s.row(of), name, now[0] + dx, now[1] + dy)
                if plan:
                    yield plan
                return
            yield from displace(s, of, by)
        case ir.Call(fn="point", args=(x, y)):
            now_x, now_y = s.number(x), s.number(y)
            if now_x is not None and now_y is not None:
                goals = [(x, now_x[0] + dx, dx), (y, now_y[0] + dy, dy)]
                plan = together(reach(s, a, Goal(g, g)) for a, g, d in goals if d)
                if plan:
                    yield plan
        case ir.Call(fn="midpoint", args=args):
            for a in args:
                yield from displace(s, a, (2 * dx, 2 * dy))
            plan = together(displace(s, a, by) for a in args)
            if plan:
                yield plan
        case ir.Call(fn="placed", args=(_, owner)) | ir.Call(fn="upright" | "turned" | "grow", args=(owner, *_)):
            yield from displace(s, owner, by)
        case ir.Call(fn="box", args=(x0, y0, x1, y1)):
            yield from _sides(s, ((x0, dx), (y0, dy), (x1, dx), (y1, dy)))
        case ir.Call(fn="circle" | "ring", args=(x, y, *_)):
            yield from _sides(s, ((x, dx), (y, dy)))
        case _ if isinstance(value, Obj):
            plan = s.moved(s.row(i), dx, dy)
            if plan:
                yield plan
        case _:
            return


def _sides(s: Binding, sides: tuple[tuple[int, float], ...]) -> Iterator[Plan]:
    """The numbers that a region is drawn from, each by its step; what is fixed stays."""
    parts: Plan = []
    for a, by in sides:
        now = s.number(a)
        plan = next(reach(s, a, Goal(now[0] + by, now[0] + by)), None) if now is not None and by else None
        parts += plan or []
    if parts:
        yield parts


def relate(s: Binding, node: ir.Call, want: bool) -> Iterator[Plan]:
    """Plans by which a relation comes to hold, or not to."""
    a, b = node.args[:2]
    if node.fn == "contains":
        a, b = b, a
    word = "inside" if node.fn in ("contains", "outside") else node.fn
    want = not want if node.fn == "outside" else want
    steps = list(_steps(s, node, word, a, b, want))
    for step in steps:
        yield from displace(s, a, step)
    if word == "wholly inside" and want:
        yield from _fitted(s, a, b)
    for dx, dy in steps:
        yield from displace(s, b, (-dx, -dy))
    if word == "near":
        gap = _gap(s, a, b)
        if gap is not None:
            yield from reach(s, node.args[2], Goal(gap, math.inf) if want else Goal(-math.inf, gap - _beyond(gap)))


def _beyond(value: float) -> float:
    """How far beyond a limit a number is put that must not reach it."""
    return max(abs(value) * 1e-3, 1e-3)


def _steps(s: Binding, node: ir.Call, word: str, a: int, b: int, want: bool) -> Iterator[Step]:
    """Ways that the left thing may be moved."""
    if word in ("above", "below", "left_of", "right_of"):
        yield from _beside(s, word, a, b, want)
        return
    g, h = s.shape(a), s.shape(b)
    if g is None or h is None or g.is_empty or h.is_empty:
        return
    match word:
        case "inside":
            p = s.place(a)
            if p is not None:
                yield from _into(p, h) if want else _out_of(p, h)
        case "wholly inside":
            yield from _within(g, h) if want else _across(g, h)
        case "near" | "touches":
            limit = s.number(node.args[2]) if word == "near" else (TOUCH_PX, TOUCH_PX)
            if limit is not None:
                yield from _gapped(g, h, Goal(0.0, limit[0]) if want else Goal(limit[1] + CLEAR_PX, math.inf))
        case _:
            yield from _shared(g, h) if want else _apart(g, h, 0.0)


def _beside(s: Binding, word: str, a: int, b: int, want: bool) -> Iterator[Step]:
    p, q, g, h = s.place(a), s.place(b), s.shape(a), s.shape(b)
    if p is None or q is None or g is None or h is None:
        return
    k = 1 if word in ("above", "below") else 0
    size = (g.bounds[k + 2] - g.bounds[k] + h.bounds[k + 2] - h.bounds[k]) / 2
    sign = -1.0 if word in ("above", "left_of") else 1.0
    target = q[k] + sign * max(size, CLEAR_PX) if want else q[k] - sign * max(size, CLEAR_PX)
    by = target - p[k]
    yield (0.0, by) if k else (by, 0.0)


def _into(p: Step, h: Any) -> Iterator[Step]:
    """Half way between the nearest border and the middle; the middle; a point that is surely inside."""
    import shapely

    sure = shapely.point_on_surface(h)
    near = shapely.shortest_line(shapely.Point(p), h)
    for share in (0.5, 0.9):
        x, y = near.coords[1][0] * (1 - share) + sure.x * share, near.coords[1][1] * (1 - share) + sure.y * share
        if h.area > 0 and shapely.contains_xy(h, x, y):
            yield x - p[0], y - p[1]
    yield sure.x - p[0], sure.y - p[1]


def _out_of(p: Step, h: Any) -> Iterator[Step]:
    """Beyond the nearest side of the bounds, then beyond the others."""
    x0, y0, x1, y1 = h.bounds
    ways = [(x0 - CLEAR_PX - p[0], 0.0), (x1 + CLEAR_PX - p[0], 0.0)]
    ways += [(0.0, y0 - CLEAR_PX - p[1]), (0.0, y1 + CLEAR_PX - p[1])]
    yield from sorted(ways, key=lambda w: abs(w[0]) + abs(w[1]))


def _within(g: Any, h: Any) -> Iterator[Step]:
    """Inside the bounds by the shortest way, else middle on middle."""
    import shapely

    a, b = g.bounds, h.bounds
    dx, dy = (max(b[k] - a[k], 0.0) + min(b[k + 2] - a[k + 2], 0.0) for k in (0, 1))
    yield dx, dy
    middle = shapely.point_on_surface(h)
    for x, y in ((h.centroid.x, h.centroid.y), (middle.x, middle.y)):
        yield x - (a[0] + a[2]) / 2, y - (a[1] + a[3]) / 2


def _across(g: Any, h: Any) -> Iterator[Step]:
    """Over the nearest side of the bounds, then over the others."""
    a, b = g.bounds, h.bounds
    ways = [(b[0] - a[0] - CLEAR_PX, 0.0), (b[2] - a[2] + CLEAR_PX, 0.0)]
    ways += [(0.0, b[1] - a[1] - CLEAR_PX), (0.0, b[3] - a[3] + CLEAR_PX)]
    yield from sorted(ways, key=lambda w: abs(w[0]) + abs(w[1]))


def _fitted(s: Binding, a: int, b: int) -> Iterator[Plan]:
    """An object made small enough to lie in a shape, and put in its middle."""
    import shapely

    h, g = s.shape(b), s.shape(a)
    if h is None or g is None or h.area <= 0:
        return
    middle = shapely.point_on_surface(h)
    free = middle.distance(h.boundary)
    x0, y0, x1, y1 = g.bounds
    wide, high = min(x1 - x0, free), min(y1 - y0, free)
    row = s.row(a)
    parts = [
        s.set_number(row, "width", Goal(0.0, wide), x1 - x0),
        s.set_number(row, "height", Goal(0.0, high), y1 - y0),
    ]
    parts.append(s.moved(row, middle.x - (x0 + x1) / 2, middle.y - (y0 + y1) / 2))
    if all(p is not None for p in parts):
        yield [c for p in parts for c in p or ()]


def _shared(g: Any, h: Any) -> Iterator[Step]:
    """A little over the nearest border, else middle on middle."""
    import shapely

    line = shapely.shortest_line(g, h)
    (ax, ay), (bx, by) = line.coords[0], line.coords[-1]
    middle = shapely.point_on_surface(h)
    own = shapely.point_on_surface(g)
    far = math.hypot(middle.x - bx, middle.y - by) or 1.0
    deep = min(far, 2.0 * CLEAR_PX) / far
    yield bx - ax + (middle.x - bx) * deep, by - ay + (middle.y - by) * deep
    yield middle.x - own.x, middle.y - own.y


def _apart(g: Any, h: Any, gap: float) -> Iterator[Step]:
    """The four ways by which the bounds come to lie so far apart, the shortest first."""
    a, b = g.bounds, h.bounds
    ways = [(b[0] - gap - a[2], 0.0), (b[2] + gap - a[0], 0.0), (0.0, b[1] - gap - a[3]), (0.0, b[3] + gap - a[1])]
    yield from sorted(ways, key=lambda w: abs(w[0]) + abs(w[1]))


def _gap(s: Binding, a: int, b: int) -> float | None:
    g, h = s.shape(a), s.shape(b)
    return None if g is None or h is None else float(g.distance(h))


def _gapped(g: Any, h: Any, goal: Goal) -> Iterator[Step]:
    """Ways by which the gap of two shapes comes into a range."""
    import shapely

    gap = float(g.distance(h))
    if goal.high < 0:
        return
    if gap > goal.high:
        line = shapely.shortest_line(g, h)
        (ax, ay), (bx, by) = line.coords[0], line.coords[-1]
        share = (gap - max(goal.low, goal.high * 0.999, 0.0)) / gap
        yield (bx - ax) * share, (by - ay) * share
        yield from _shared(g, h)
    elif gap < goal.low:
        if gap > 0:
            line = shapely.shortest_line(g, h)
            (ax, ay), (bx, by) = line.coords[0], line.coords[-1]
            share = (goal.low - gap) / gap
            yield (ax - bx) * share, (ay - by) * share
        yield from _apart(g, h, goal.low)


def measured(s: Binding, node: ir.Call, goal: Goal) -> Iterator[Plan]:
    """Plans by which what is measured of two things comes into a range."""
    match node.fn, node.args:
        case (("distance" | "dx" | "dy" | "direction" | "gap" | "overlap"), (a, b, *_)):
            for step in _measured_steps(s, node.fn, a, b, goal):
                yield from displace(s, a, step)
                yield from displace(s, b, (-step[0], -step[1]))
        case "angle_between", args if args:
            yield from _turned(s, args, goal)
        case "number", (text,):
            from logidsl.eval.repair.comparisons import assign

            yield from assign(s, text, f"{math.ceil(goal.nearest(0.0)):g}")
        case "difference", (a, b):
            from logidsl.eval.repair.comparisons import recoloured

            yield from recoloured(s, a, b, goal)
        case _:
            return


def _measured_steps(s: Binding, fn: str, a: int, b: int, goal: Goal) -> Iterator[Step]:
    """Steps of the first thing by which the measure comes into the range."""
    if fn in ("gap", "overlap"):
        g, h = s.shape(a), s.shape(b)
        if g is not None and h is not None:
            if fn == "gap":
                yield from _gapped(g, h, goal)
            elif goal.low > 0:
                middle, own = h.centroid, g.centroid
                yield middle.x - own.x, middle.y - own.y
            elif goal.high >= 0:
                yield from _apart(g, h, 0.0)
        return
    p, q = s.place(a), s.place(b)
    if p is None or q is None:
        return
    dx, dy = q[0] - p[0], q[1] - p[1]
    match fn:
        case "dx":
            yield dx - goal.nearest(dx), 0.0
        case "dy":
            yield 0.0, dy - goal.nearest(dy)
        case "distance":
            now = math.hypot(dx, dy)
            target = goal.nearest(now)
            if target >= 0:
                ux, uy = (dx / now, dy / now) if now > 0 else (1.0, 0.0)
                yield ux * (now - target), uy * (now - target)
        case _:
            now = math.hypot(dx, dy) or 10.0
            angle = math.radians(goal.nearest(math.degrees(math.atan2(dy, dx))))
            yield dx - now * math.cos(angle), dy - now * math.sin(angle)


def _turned(s: Binding, args: tuple[int, ...], goal: Goal) -> Iterator[Plan]:
    """The angle of one thing to that of another."""
    for k, a in enumerate(args[:2]):
        one, other = s.number(a), s.number(args[1 - k])
        if one is not None and other is not None and 0 <= goal.nearest(0.0) <= 90:
            away = 90.0 - abs(abs(one[0] - other[0]) % 180.0 - 90.0)
            target = other[0] + goal.nearest(away)
            target = 90.0 - (90.0 - target) % 180.0
            yield from reach(s, a, Goal(target, target))
