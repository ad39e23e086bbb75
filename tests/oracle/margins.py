"""Signed margins of the oracle: how far a clause is from flipping, by the table "Margins" of the reference."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from logidsl import ir
from tests.oracle import layouts, shapes
from tests.oracle.contact import greatest_gap
from tests.oracle.functions import equal, near, place, shape
from tests.oracle.interpreter import OBJECTS, Env, Interpreter
from tests.oracle.orders import known
from tests.oracle.picture import Picture
from tests.oracle.shapes import Shape
from tests.oracle.values import (
    SAME_DEG,
    Colour,
    Item,
    Listing,
    Num,
    Point,
    Truth,
    Undefined,
    Value,
    arcs,
    arithmetic,
    magnitude,
    turned_by,
)

#: What is made of these is a place on an axis: its size says nothing.
COORDINATES = frozenset(["x", "y", "x_min", "x_max", "y_min", "y_max"])
#: What picks one of several values, or averages them.
AVERAGED = ("min", "max", "mean", "median")
#: Stands for the shorter side, px, of what has none.
SIDE_PX = 2.0


def score(oracle: Interpreter) -> float:
    """The anomaly score of a picture: the negated least margin of its rules."""
    least = 1.0
    for rule in oracle.program.rules:
        own = margin(oracle, rule.node, {})
        least = min(least, max(own, 0.0) if rule.verdict == "review" else own)
    return -least


def margin(oracle: Interpreter, i: int, env: Env) -> float:
    """Margin of a condition: at least 0 where true, at most 0 where false, else 0; cut above 1."""
    truth = oracle.truth(i, env)
    if truth is None:
        return 0.0
    found = _raw(oracle, i, env, truth)
    found = 0.0 if math.isnan(found) else found
    return min(max(found, 0.0), 1.0) if truth else min(found, 0.0)


def _raw(oracle: Interpreter, i: int, env: Env, truth: bool) -> float:
    node = oracle.nodes[i]
    match node:
        case ir.Name(thing="let", target=int(target)):
            return margin(oracle, target, {})
        case ir.Quantifier():
            return _quantifier(oracle, node, env)
        case ir.Call(fn="and", args=args):
            return min(margin(oracle, a, env) for a in args)
        case ir.Call(fn="or", args=args):
            return max(margin(oracle, a, env) for a in args)
        case ir.Call(fn="not", args=(part,)):
            return -margin(oracle, part, env)
        case ir.Call(fn="if", args=args):
            parts = [margin(oracle, a, env) for a in args]
            found = max(-parts[0], parts[1])
            return found if len(parts) < 3 else min(found, max(parts[0], parts[2]))
        case ir.Call():
            return _clause(oracle, node, env, truth)
        case ir.Aggregate(fn="distinct" | "same", args=(_,)):
            return _spread(oracle, node, env, truth)
        case ir.Aggregate(fn="linked"):
            return _path(oracle, node, env, truth)
        case ir.Aggregate(fn="placed"):
            return layouts.margin(*oracle.on_layout(node, env))
        case _:
            return 1.0 if truth else -1.0


def _path(oracle: Interpreter, node: ir.Aggregate, env: Env, truth: bool) -> float:
    """How much less than allowed is the greatest gap of the best path, along the sure members of a true clause."""
    (start, end), limit = oracle.ends(node, env)
    assert isinstance(start, Shape) and isinstance(end, Shape) and isinstance(limit, Num)
    members = [s for _, s, sure in oracle.shaped(node, env) if isinstance(s, Shape) and (sure or not truth)]
    found, most = greatest_gap(start, end, members), limit.lo if truth else limit.hi
    return -1.0 if found is None else (most - found) / (most if most > 0 else 1.0)


def _spread(oracle: Interpreter, node: ir.Aggregate, env: Env, truth: bool) -> float:
    """Of `distinct` or `same` with a tolerance: how far the least, or greatest, difference is from it."""
    limit = oracle.value(node.args[0], env)
    assert node.value is not None
    period = oracle.period((node.value,))
    values = [v for v, sure in oracle.column(node, env) if known(v) and (sure or truth)]
    far = [_apart(a, b, period, truth) for k, a in enumerate(values) for b in values[k + 1 :]]
    if not far:  # whatever the tolerance
        return 1.0 if truth else -1.0
    assert isinstance(limit, Num)
    size = limit.lo if limit.lo > 0 else 1.0
    return (min(far) - limit.lo) / size if node.fn == "distinct" else (limit.lo - max(far)) / size


# ---- members ------------------------------------------------------------------------------------------


def _quantifier(oracle: Interpreter, node: ir.Quantifier, env: Env) -> float:
    if node.fn == "every":
        assert node.body is not None
        least = 1.0
        for _, member, inner in oracle.spoken_of(node, env):
            if member is not False:
                own = margin(oracle, node.body, inner)
                least = min(least, own if member else max(own, 0.0))
        return least
    if node.body is None:
        found = candidates(oracle, node.each, node.where, env)
    else:
        found = [min(m, margin(oracle, node.body, e)) for m, e in _of_walk(oracle, node.each, node.where, env)]
    most = max(found, default=-1.0)
    return -most if node.fn == "no" else most


def presence(oracle: Interpreter, item: Item, sure: bool) -> float:
    """How surely an object is there: 0 where doubtful, else by its confidence above the end of doubt."""
    if not sure:
        return 0.0
    high = None
    if item.store == OBJECTS and item.thing is not None:
        for d in sorted(oracle.program.doubtful, key=lambda d: bool(d.classes)):
            high = d.high if not d.classes or item.thing.cls in d.classes else high
        confidence = item.thing.columns.get("confidence")
        if high is not None and isinstance(confidence, float):
            return min(max((confidence - high) / max(1.0 - high, 1e-9), 0.0), 1.0)
    return 1.0


def _of_walk(oracle: Interpreter, each: int, where: int | None, env: Env) -> list[tuple[float, Env]]:
    """Membership margin of each object walked, whatever the filter says."""
    node = oracle.nodes[each]
    assert isinstance(node, ir.Binder)
    found = []
    for item, sure in oracle.members(node.source, env):
        inner = {**env, each: item}
        own = presence(oracle, item, sure)
        found.append((own if where is None else min(own, margin(oracle, where, inner)), inner))
    return found


def drawn_from(oracle: Interpreter, each: int, where: int | None) -> tuple[int, int | None]:
    """The walk that decides what belongs: of a declared set, of which nothing more is asked, its own."""
    while where is None:
        node = oracle.nodes[each]
        assert isinstance(node, ir.Binder)
        named = oracle.nodes[node.source]
        if not isinstance(named, ir.Name) or named.thing not in ("class", "set"):
            break
        made: list[ir.ClassDecl | ir.SetDecl] = (
            list(oracle.program.classes) if named.thing == "class" else list(oracle.program.sets)
        )
        declared = next(d for d in made if d.name == named.ref)
        if declared.each is None:
            break
        each, where = declared.each, declared.where
    return each, where


def candidates(oracle: Interpreter, each: int, where: int | None, env: Env) -> list[float]:
    """Membership margins of all candidates, in falling order."""
    each, where = drawn_from(oracle, each, where)
    return sorted((m for m, _ in _of_walk(oracle, each, where, env)), reverse=True)


def at_least(ranked: list[float], n: int) -> float:
    """Margin of "at least n members"."""
    if n <= 0:
        return 1.0
    first = sorted([*ranked, *[-1.0] * n], reverse=True)[:n]
    if first[-1] >= 0:
        return first[-1]
    return sum(max(m, -1.0) for m in first if m < 0)


def at_most(ranked: list[float], n: int) -> float:
    """Margin of "at most n members"."""
    surplus = sum(m for m in ranked[max(n, 0) :] if m > 0)
    if n < 0:
        return n - surplus
    if surplus > 0:
        return -surplus
    return -ranked[n] if len(ranked) > n else 1.0


# ---- what a value is made of --------------------------------------------------------------------------


def counting(oracle: Interpreter, i: int) -> ir.Aggregate | None:
    """The `count(S)` that a node is, names of values followed."""
    node = oracle.nodes[i]
    while isinstance(node, ir.Name) and node.thing == "let" and node.target is not None:
        node = oracle.nodes[node.target]
    return node if isinstance(node, ir.Aggregate) and node.fn == "count" and node.each is not None else None


def parts(node: ir.Node) -> tuple[int, ...]:
    """What a value is made of, without what lies inside a walk that it closes."""
    match node:
        case ir.Call(fn="pixel_share" | "unexplained", args=args):
            return args[:1]
        case ir.Call(args=args):
            return args
        case ir.Column(of=of):
            return (of,)
        case ir.Name(target=int(target)):
            return (target,)
        case ir.Match():
            last = () if node.otherwise is None else (node.otherwise,)
            return (node.subject, *(arm.value for arm in node.arms), *last)
        case ir.Aggregate(each=None, value=int(value)):
            return (value,)
        case ir.Aggregate(fn="rank" | "nth" | "linked", args=args):
            return args
        case _:
            return ()


def made_of(oracle: Interpreter, i: int) -> Iterator[ir.Node]:
    """A node and all that it is made of."""
    yield oracle.nodes[i]
    for k in parts(oracle.nodes[i]):
        yield from made_of(oracle, k)


def is_fixed(oracle: Interpreter, i: int) -> bool:
    """Whether a value is made of numbers, parameters and the picture's size alone."""
    for node in made_of(oracle, i):
        if isinstance(node, ir.Name) and node.thing not in ("param", "let", "image"):
            return False
        if isinstance(node, ir.Call) and node.fn in ("pixel_share", "unexplained"):
            return False
        if not isinstance(node, ir.Literal_ | ir.Call | ir.Name):
            return False
    return True


def is_place(oracle: Interpreter, i: int) -> bool:
    """Whether a coordinate, `dx` or `dy` goes into a value, or into those that it is picked or averaged from."""
    for node in made_of(oracle, i):
        if isinstance(node, ir.Column) and node.attribute in COORDINATES:
            return True
        if isinstance(node, ir.Call) and node.fn in ("dx", "dy"):
            return True
        if isinstance(node, ir.Aggregate) and node.fn in AVERAGED and node.each is not None:
            assert node.value is not None
            if is_place(oracle, node.value):
                return True
    return False


# ---- clauses ------------------------------------------------------------------------------------------


def _clause(oracle: Interpreter, node: ir.Call, env: Env, truth: bool) -> float:
    values = [oracle.value(a, env) for a in node.args]
    match node.fn:
        case "<" | "<=":
            return _order(oracle, node.args[0], node.args[1], node.fn == "<", env, truth)
        case ">" | ">=":
            return _order(oracle, node.args[1], node.args[0], node.fn == ">", env, truth)
        case "=":
            return _equal(oracle, node.args[0], node.args[1], env)
        case "!=":
            return -_equal(oracle, node.args[0], node.args[1], env)
        case "one_of":
            return max((_equal(oracle, node.args[0], a, env) for a in node.args[1:]), default=-1.0)
        case "between":
            return _between(oracle, node, env, truth)
        case "equal_within":
            return _within(oracle, node, values, truth)
        case "above" | "below" | "left_of" | "right_of":
            return _beside(node.fn, values[0], values[1])
        case "inside" | "outside":
            found = _inside(values[0], values[1])
            return -found if node.fn == "outside" else found
        case "contains":
            return _inside(values[1], values[0])
        case "near" | "touches" | "overlaps" | "wholly inside":
            return _shaped(node.fn, values, truth)
        case _:
            return 1.0 if truth else -1.0


def _gap(a: Num, b: Num, truth: bool) -> float:
    """B - a: the worst end of a true clause, the best of a false one."""
    return b.lo - a.hi if truth else b.hi - a.lo


def _order(oracle: Interpreter, low: int, high: int, strict: bool, env: Env, truth: bool) -> float:
    """Of `low <= high`, or `low < high`."""
    a, b = oracle.value(low, env), oracle.value(high, env)
    if not isinstance(a, Num) or not isinstance(b, Num):  # nothing
        return -1.0
    left, right = counting(oracle, low), counting(oracle, high)
    if left is not None and is_fixed(oracle, high):
        assert left.each is not None
        most = math.ceil(b.lo) - 1 if strict else math.floor(b.lo)
        return at_most(candidates(oracle, left.each, left.where, env), most)
    if right is not None and is_fixed(oracle, low):
        assert right.each is not None
        least = math.floor(a.lo) + 1 if strict else math.ceil(a.lo)
        return at_least(candidates(oracle, right.each, right.where, env), least)
    gap = _gap(a, b, truth)
    if all(oracle.nodes[k].type.dim == "count" for k in (low, high)):
        steps = gap - 1 if strict else gap
        return steps + 1 if steps >= 0 else steps
    return gap / _size(oracle, low, high, a, b)


def _size(oracle: Interpreter, low: int, high: int, a: Num, b: Num) -> float:
    """What a difference is measured by."""
    types = [oracle.nodes[k].type for k in (low, high)]
    axis = types[0].axis or types[1].axis
    width, height = oracle.picture.width or 0.0, oracle.picture.height or 0.0
    tenth = {"x": width, "y": height}.get(axis or "", min(width, height)) / 10
    spare = {"length": tenth, "area": tenth * tenth, "angle": 10.0}.get(types[0].dim or "", 1.0) or 1.0
    if types[0].dim in ("date", "days"):
        return 30.0
    if is_place(oracle, low) or is_place(oracle, high):
        return spare
    fixed = is_fixed(oracle, low), is_fixed(oracle, high)
    sizes = max(abs(a.lo), abs(a.hi)), max(abs(b.lo), abs(b.hi))
    if fixed[0] != fixed[1]:
        return (sizes[0] if fixed[0] else sizes[1]) or spare
    return max(sizes) or spare


def _equal(oracle: Interpreter, left: int, right: int, env: Env) -> float:
    """Of `left = right`, whatever it stands in."""
    a, b = oracle.value(left, env), oracle.value(right, env)
    same = equal(oracle.colors, a, b)
    match a, b:
        case Num(), Num():
            for counted, other, limit in ((left, right, b), (right, left, a)):
                node = counting(oracle, counted)
                if node is not None and is_fixed(oracle, other):
                    assert node.each is not None
                    ranked = candidates(oracle, node.each, node.where, env)
                    return min(at_least(ranked, math.ceil(limit.lo)), at_most(ranked, math.floor(limit.lo)))
            apart = max(b.lo - a.hi, a.lo - b.hi, 0.0)
            return 1.0 if same else -max(apart, 1.0 if same is False else 0.0)
        case Colour(), Colour() if (a.name is None) != (b.name is None):
            return _colour(oracle, *((a, b) if b.name is not None else (b, a)))
        case Listing(), Listing():
            return 1.0 if same else -_differing(a, b, lambda x, y: equal(oracle.colors, x, y))
        case _:
            return 1.0 if same else -1.0


def _colour(oracle: Interpreter, measured: Colour, named: Colour) -> float:
    assert named.name is not None
    reach = max(oracle.colors[named.name].reach, 1e-9)
    own = shapes.difference(measured.lab, oracle.colors[named.name].lab)
    others = [shapes.difference(measured.lab, c.lab) for c in oracle.colors.values() if c.name != named.name]
    return min([(reach - own) / reach, *((d - own) / reach for d in others)])


def _differing(a: Listing, b: Listing, alike: Callable[[Value, Value], Truth]) -> float:
    """Places that differ, with all members that may be there; at least one."""
    found = abs(len(a.items) - len(b.items))
    for (x, _), (y, _) in zip(a.items, b.items, strict=False):
        found += alike(x, y) is not True
    return float(max(found, 1))


def _between(oracle: Interpreter, node: ir.Call, env: Env, truth: bool) -> float:
    value, low, high = (oracle.value(a, env) for a in node.args)
    if not (isinstance(value, Num) and isinstance(low, Num) and isinstance(high, Num)):
        return -1.0
    counted = counting(oracle, node.args[0])
    if counted is not None and is_fixed(oracle, node.args[1]) and is_fixed(oracle, node.args[2]):
        assert counted.each is not None
        ranked = candidates(oracle, counted.each, counted.where, env)
        return min(at_least(ranked, math.ceil(low.lo)), at_most(ranked, math.floor(high.lo)))
    period = oracle.period(node.args)
    if period is None:
        half = (high.lo - low.lo) / 2
        return min(_gap(low, value, truth), _gap(value, high, truth)) / (half if half > 0 else 1.0)
    found = arcs(low, high, period)
    assert found is not None
    least, most = found
    if least.whole:
        return 1.0
    arc, away = (least, least.room(value)) if truth else (most, -min(most.gaps(value)))
    width = arc.end - arc.start
    return away / (width / 2 if width > SAME_DEG else 1.0)


def _within(oracle: Interpreter, node: ir.Call, values: list[Value], truth: bool) -> float:
    a, b, limit = values
    if not isinstance(limit, Num):
        return -1.0
    period = oracle.period(node.args[:2])
    match a, b:
        case Listing(), Listing():
            return 1.0 if truth else -_differing(a, b, lambda x, y: near(x, y, limit, period))
        case (Num(), Num()) | (Point(), Point()) | (Colour(), Colour()):
            return (limit.lo - _apart(a, b, period, truth)) / (limit.lo if limit.lo > 0 else 1.0)
        case _:
            return -1.0


def _apart(a: Value, b: Value, period: float | None, most: bool) -> float:
    """How far two values are apart: the most where in doubt, or the least."""
    match a, b:
        case Num(), Num():
            apart = arithmetic("-", a, b)
            assert isinstance(apart, Num)
            away = magnitude(apart) if period is None else turned_by(apart, period)
            return away.hi if most else away.lo
        case Point(), Point():
            return shapes.distance(a, b)
        case Colour(), Colour():
            return shapes.difference(a.lab, b.lab)
        case _:
            raise TypeError((a, b))


def _shape(value: Value) -> Shape:
    found = shape(value)
    assert isinstance(found, Shape), found
    return found


def _beside(word: str, one: Value, two: Value) -> float:
    a, b = place(one), place(two)
    assert isinstance(a, Point) and isinstance(b, Point)
    g, h = _shape(one), _shape(two)
    apart, size = (b.y - a.y, g.height + h.height) if word in ("above", "below") else (b.x - a.x, g.width + h.width)
    apart = apart if word in ("above", "left_of") else -apart
    return apart / (size / 2 if size > 0 else 1.0)


def _side(value: Value) -> float:
    """An object's or cell's shorter side."""
    found = min(_shape(value).width, _shape(value).height) if isinstance(value, Item) else 0.0
    return found if found > 0 else SIDE_PX


def _inside(what: Value, around: Value) -> float:
    p = place(what)
    assert isinstance(p, Point)
    return shapes.depth(p, _shape(around)) / (_side(what) / 2)


def _shaped(word: str, values: list[Value], truth: bool) -> float:
    a, b = _shape(values[0]), _shape(values[1])
    if word in ("near", "touches"):
        limit = shapes.TOUCH_PX
        if word == "near" and isinstance(values[2], Num):
            limit = values[2].lo if truth else values[2].hi
        return (limit - shapes.gap(a, b)) / (limit if limit > 0 else 1.0)
    if word == "wholly inside":
        if shapes.covers(b, a):
            return 1.0
        return -max(1 - shapes.shared(a, b) / a.area if a.area > 0 else 0.0, 1e-9)
    if shapes.overlaps(a, b):
        smaller = min(a.area, b.area)
        return shapes.shared(a, b) / (smaller if smaller > 0 else 1.0)
    return -shapes.gap(a, b) / _side(values[1] if isinstance(values[0], Shape) else values[0])


def margins_of(program: ir.Program, picture: Picture) -> tuple[dict[str, float], float]:
    """The margin of each rule on one picture, and the picture's score."""
    oracle = Interpreter(program, picture)
    return {rule.name: margin(oracle, rule.node, {}) for rule in program.rules}, score(oracle)


__all__ = ["Truth", "Undefined", "candidates", "counting", "margin", "margins_of", "parts", "score"]
