"""Judging: a program and a table give a value for each node.

Nodes are evaluated in their order, each once for a whole batch of images; see `frames` for the shape of
values. Nothing loops over images or objects. A `Trace` keeps every value, for the findings to read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, assert_never

import numpy as np

from logidsl import ir
from logidsl.eval import closures, operators
from logidsl.eval.frames import Cells, Frame, read, union
from logidsl.eval.operators import Palette
from logidsl.eval.values import (
    Array,
    Codes,
    Lab,
    List,
    Mask,
    Num,
    Obj,
    Placing,
    Point,
    Reasons,
    Set,
    Shape,
    Truth,
    Value,
    Why,
    exact,
    first_why,
    mark,
    truth,
    unknown,
)
from logidsl.library import REGISTRY
from logidsl.library.axes import Axes, placed, upright
from logidsl.library.color import lab_of_hex
from logidsl.library.geometry import Geometry
from logidsl.table import TextColumn
from logidsl.types import OBJECTS, REGIONS, set_of

SETS = set_of(OBJECTS)

Pair = tuple[Any, Any]


@dataclass
class Trace:
    """The values of all nodes for one batch of images.

    Parameters
    ----------
    program : Program
        What was judged.
    frame : Frame
        The batch.
    values : list
        A value for each node of the program.
    """

    program: ir.Program
    frame: Frame
    values: list[Any] = field(default_factory=list)
    palette: Palette = field(init=False)

    def __post_init__(self) -> None:
        colors = self.program.colors
        self.palette = Palette(
            tuple(c.name for c in colors), np.array([c.lab for c in colors]), np.array([c.reach for c in colors])
        )
        self.sets: dict[str, Set] = {}
        self.margins: dict[int, Array] = {}

    def truth(self, node: int) -> Truth:
        """The value of a truth node."""
        value = self.values[node]
        assert isinstance(value, Truth)
        return value

    def set_named(self, name: str) -> Set:
        """The members of a declared class or set."""
        kind = "class" if any(c.name == name for c in self.program.classes) else "set"
        node = self.program.nodes[0] if self.program.nodes else None
        span = node.span if node is not None else ir.Place(line=1, column=1, end_line=1, end_column=1, text="")
        asked = ir.Name(thing="class" if kind == "class" else "set", ref=name, type=SETS, depth=0, span=span)
        found = _name(self, asked)
        assert isinstance(found, Set)
        return found


def run(program: ir.Program, frame: Frame, stop: int | None = None) -> Trace:
    """Evaluate every node for a batch of images, or those before `stop`."""
    trace = Trace(program, frame)
    seen = program.pixel_nodes
    with np.errstate(invalid="ignore", over="ignore"):
        for number, node in enumerate(program.nodes[:stop]):
            trace.values.append(None if number in seen else _value(trace, node))
    return trace


def _value(t: Trace, node: ir.Node) -> Value:
    match node:
        case ir.Literal_():
            return _literal(t, node)
        case ir.Name():
            return _name(t, node)
        case ir.Each():
            return _each(t, node)
        case ir.Column():
            return _column(t, node)
        case ir.Call():
            return _call(t, node)
        case ir.Quantifier():
            return closures.quantify(t.values, node)
        case ir.Aggregate():
            return _aggregate(t, node)
        case ir.Match():
            return _match(t, node)
        case _:
            assert_never(node)


def _literal(t: Trace, node: ir.Literal_) -> Value:
    return _constant(t, node.type.kind, node.value)


def _constant(t: Trace, kind: str, value: float | str | bool) -> Value:
    match kind, value:
        case "truth", bool():
            return truth(np.asarray(value))
        case "color", str():
            lab = lab_of_hex(value)
            if lab is not None:
                return Lab(np.asarray(lab))
            return Lab(t.palette.labs[t.palette.names.index(value)], None, value)
        case _, str():
            return Codes(np.asarray(0), (value,))
        case _:
            return exact(np.asarray(float(value)))


def _name(t: Trace, node: ir.Name) -> Value:
    match node.thing:
        case "raw":
            return t.frame.members((node.ref,))
        case "class":
            decl = next(c for c in t.program.classes if c.name == node.ref)
            if decl.each is None:
                return t.frame.members((node.ref,))
            return _derived(t, f"class {node.ref}", decl.each, decl.where)
        case "set":
            made = next(s for s in t.program.sets if s.name == node.ref)
            return _own_too(t, node.ref, _derived(t, f"set {node.ref}", made.each, made.where))
        case "grid":
            return _grid(t, next(g for g in t.program.grids if g.name == node.ref))
        case "region" | "let":
            assert node.target is not None
            found: Value = t.values[node.target]
            return found
        case "param":
            param = next(p for p in t.program.params if p.name == node.ref)
            return _constant(t, param.type.kind, param.value)
        case "image":
            width, height = t.frame.size(0), t.frame.size(1)
            zero = np.zeros(t.frame.n)
            return Shape(Geometry(zero, zero, width.lo, height.lo), first_why(width.why, height.why))
        case "pixel":
            raise ValueError("a pixel has no value outside of seeing")
        case _:
            assert_never(node.thing)


def _derived(t: Trace, key: str, each: int, where: int | None) -> Set:
    if key not in t.sets:
        t.sets[key] = closures.kept(t.values, each, where, t.frame.n)
    return t.sets[key]


def _own_too(t: Trace, name: str, found: Set) -> Set:
    """A derived set with the rows that already bear its name, as in a table from elsewhere."""
    key = f"own {name}"
    if name not in t.frame.prepared.table.classes.values:
        return found
    if key not in t.sets:
        t.sets[key] = union([found, t.frame.members((name,))])
    return t.sets[key]


def _grid(t: Trace, grid: ir.Grid) -> Set:
    key = f"grid {grid.name}"
    if key not in t.sets:
        cells = Cells(
            grid.name,
            len(grid.rows_at) + 1 if grid.rows_at else grid.rows,
            len(grid.columns_at) + 1 if grid.columns_at else grid.columns,
            [t.values[i].lo for i in grid.rows_at],
            [t.values[i].lo for i in grid.columns_at],
            _lost([t.values[i] for i in (*grid.rows_at, *grid.columns_at)]),
        )
        of = None if grid.of is None else t.values[grid.of]
        match of:
            case Set():
                t.sets[key] = t.frame.cells_of(of, cells)
            case Shape(geometry, why):
                t.sets[key] = t.frame.fixed_cells(geometry, why, cells)
            case Obj():
                geometry, why = shape_of(t, of)
                t.sets[key] = t.frame.fixed_cells(geometry, why, cells)
            case Placing(axes, why):
                zero = np.zeros_like(axes.width)
                whole = Geometry(zero, zero, axes.width, axes.height)
                t.sets[key] = t.frame.fixed_cells(whole, why, cells, axes)
            case None:
                width, height = t.frame.size(0), t.frame.size(1)
                zero = np.zeros(t.frame.n)
                whole = Geometry(zero, zero, width.lo, height.lo)
                t.sets[key] = t.frame.fixed_cells(whole, first_why(width.why, height.why), cells)
            case _:
                raise TypeError(f"a grid of {type(of).__name__}")
    return t.sets[key]


def _lost(cuts: list[Num]) -> Mask | None:
    """Where a place of a cut is undefined or in doubt."""
    open_ = [mark(c.lo != c.hi, Why.DOUBTFUL) for c in cuts if not c.exact]
    return unknown(*(c.why for c in cuts), *open_)


def _each(t: Trace, node: ir.Each) -> Obj:
    source = t.values[node.source]
    if isinstance(source, List):
        source = _places(t, node.source, source)
        t.sets[f"each {node.source}"] = source
    assert isinstance(source, Set)
    depth = (source.rows.shape[0], *(1,) * (node.depth - 1), t.frame.n)
    found = Obj(source.store, source.rows.reshape(depth), origin=source)
    sure = source.sure.reshape(depth)
    maybe = sure if source.sure is source.maybe else source.maybe.reshape(depth)
    found.read["members"] = (sure, maybe)
    return found


def _places(t: Trace, node: int, places: List) -> Set:
    """A union of regions as a store of its own, so that it can be walked."""
    from logidsl.eval.frames import Store

    assert isinstance(places.items, list)
    shapes = [v for v in places.items if isinstance(v, Shape)]
    n, k = t.frame.n, len(places.items)
    columns = {
        name: np.append(np.stack([np.broadcast_to(getattr(s.geometry, name), (n,)) for s in shapes]).ravel(), 0.0)
        for name in ("x0", "y0", "x1", "y1")
    }
    outlines = None
    if any(s.geometry.shapes is not None for s in shapes):
        empty = np.full((), None, object)
        each = [np.broadcast_to(empty if s.geometry.shapes is None else s.geometry.shapes, (n,)) for s in shapes]
        outlines = np.concatenate([np.stack(each).ravel(), np.full(1, None, object)])
    gone = [np.zeros(n, bool) if s.why is None else np.broadcast_to(s.why > 0, (n,)) for s in shapes]
    missing = np.append(np.stack(gone).ravel(), False)
    store = f"{REGIONS}:{node}"
    t.frame.stores[store] = Store(store, columns, {"x0": missing if missing.any() else None}, shapes=outlines)
    there = np.ones((k, n), bool)
    return Set(store, np.arange(k * n).reshape(k, n), there, there)


def _column(t: Trace, node: ir.Column) -> Value:
    return attribute(t, t.values[node.of], node.attribute, node.type.kind)


def attribute(t: Trace, of: Value, name: str, kind: str = "number") -> Value:
    """An attribute of an object, a region or the frame."""
    if isinstance(of, Shape):
        return _shape_attribute(of, name)
    assert isinstance(of, Obj)
    if name not in of.read:
        of.read[name] = _read(t, of, name)
    found = of.read[name]
    if found is None:
        why = np.full(of.rows.shape, np.uint8(Why.NOT_MEASURED))
        return _undefined(kind, of.rows.shape, first_why(of.why, why))
    match found:
        case Num(lo, hi):
            return Num(lo, hi, first_why(of.why, found.why))
        case Point(x, y):
            return Point(x, y, first_why(of.why, found.why))
        case Lab(lab):
            return Lab(lab, first_why(of.why, found.why))
        case (TextColumn() as text, gone):
            return Codes(text.codes, text.values, first_why(of.why, gone))
        case _:
            raise TypeError(f"cannot read {name}")


def _read(t: Trace, of: Obj, name: str) -> Any:
    """A column of an object; of a walked one by way of its set, so that each is read once."""
    store = t.frame.stores[of.store]
    if of.origin is None or of.rows.ndim == 1:
        return read(store, name, of.rows)
    cache = of.origin.read
    if name not in cache:
        cache[name] = read(store, name, of.origin.rows)
    shape, found = of.rows.shape, cache[name]
    match found:
        case Num(lo, _, why):
            return exact(lo.reshape(shape), None if why is None else why.reshape(shape))
        case _ if shape == of.origin.rows.shape:
            return found
        case _:
            return read(store, name, of.rows)


def _undefined(kind: str, shape: tuple[int, ...], why: Reasons | None) -> Value:
    zero = np.zeros(shape)
    match kind:
        case "number":
            return Num(zero, zero, why)
        case "point":
            return Point(zero, zero, why)
        case "color":
            return Lab(np.zeros((*shape, 3)), why)
        case _:
            return Codes(np.full(shape, -1, np.int64), (), why)


def _shape_attribute(of: Shape, name: str) -> Value:
    g = of.geometry
    box = (g.x0, g.y0, g.x1, g.y1)
    if name == "area":
        from logidsl.library import geometry

        return exact(geometry.area(g), of.why)
    made = REGISTRY["attribute", name].kernel(*box)
    if isinstance(made, tuple):
        return Point(made[0], made[1], of.why)
    return exact(made, of.why)  # type: ignore[arg-type]


def place_of(t: Trace, value: Value) -> tuple[Pair, Reasons | None]:
    """A point, or an object's centre, as (x, y)."""
    if isinstance(value, Point):
        return (value.x, value.y), value.why
    if isinstance(value, Shape):
        return value.geometry.center, value.why
    x, y = attribute(t, value, "x"), attribute(t, value, "y")
    assert isinstance(x, Num) and isinstance(y, Num)
    return (x.lo, y.lo), first_why(x.why, y.why)


def shape_of(t: Trace, value: Value) -> tuple[Geometry, Reasons | None]:
    """A region, or an object's outline or box; a point is a box without size."""
    if isinstance(value, Shape):
        return value.geometry, value.why
    if isinstance(value, Point):
        return Geometry(value.x, value.y, value.x, value.y), value.why
    assert isinstance(value, Obj)
    if "geometry" not in value.read:
        value.read["geometry"] = t.frame.stores[value.store].geometry(value.rows)
    found = value.read["geometry"]
    if found is None:
        zero = np.zeros(value.rows.shape)
        gone = np.full(value.rows.shape, np.uint8(Why.NOT_MEASURED))
        return Geometry(zero, zero, zero, zero), first_why(value.why, gone)
    return found[0], first_why(value.why, found[1])


def _number(value: Value) -> Num:
    assert isinstance(value, Num)
    return value


def _truth(value: Value) -> Truth:
    assert isinstance(value, Truth)
    return value


def _call(t: Trace, node: ir.Call) -> Value:
    args: list[Value] = [t.values[i] for i in node.args]
    match node.fn:
        case "and" | "or":
            join = operators.both if node.fn == "and" else operators.either
            found = _truth(args[0])
            for a in args[1:]:
                found = join(found, _truth(a))
            return found
        case "not":
            return operators.negated(_truth(args[0]))
        case "one_variant":
            return _one_variant([_truth(a) for a in args])
        case "if":
            return _if(args)
        case "<" | "<=" | ">" | ">=":
            return operators.order(node.fn, _number(args[0]), _number(args[1]))
        case "=":
            return operators.equal(args[0], args[1], t.palette)
        case "!=":
            return operators.negated(operators.equal(args[0], args[1], t.palette))
        case "equal_within":
            kinds = [t.program.nodes[a].type for a in node.args[:2]]
            period = 360.0 if any(k.domain == "turn" for k in kinds) else 180.0
            return operators.equal_within(
                args[0], args[1], _number(args[2]), period if kinds[0].dim == "angle" else None
            )
        case "between":
            turn = t.program.nodes[node.args[0]].type.dim == "angle"
            return operators.between(_number(args[0]), _number(args[1]), _number(args[2]), turn)
        case "one_of":
            return _one_of(t, args)
        case "+" | "-" | "*" | "/":
            return operators.arithmetic(node.fn, _number(args[0]), _number(args[1]))
        case "neg":
            return operators.minus(_number(args[0]))
        case "share_x" | "share_y" | "share_r" | "share_area":
            return _share(t, node.fn, _number(args[0]), args[1] if len(args) > 1 else None)
        case "as_ratio":
            return args[0]
        case "union":
            return union([a for a in args if isinstance(a, Set)])
        case "places" | "list":
            size = np.asarray(len(args))
            return List(args, size)
        case "member_of":
            return _member_of(args[0], args[1])
        case "placed":
            return _placed(t, args[0], args[1])
        case _:
            return _builtin(t, node, args)


def _one_variant(whens: list[Truth]) -> Truth:
    """True where exactly one holds, else undetermined: it is not the part that is wrong."""
    sure = sum(w.must.astype(np.int64) for w in whens)
    ever = sum(w.can.astype(np.int64) for w in whens)
    must = np.asarray((sure == 1) & (ever == 1))
    return Truth(must, np.ones_like(must))


def _if(args: list[Value]) -> Value:
    if isinstance(args[1], Truth):
        return operators.implies(_truth(args[0]), args[1], _truth(args[2]) if len(args) > 2 else None)
    condition = _truth(args[0])
    return closures.choose([condition], [args[1]], args[2])


def _one_of(t: Trace, args: list[Value]) -> Truth:
    if len(args) == 1:
        return truth(np.asarray(False))
    found = operators.equal(args[0], args[1], t.palette)
    for option in args[2:]:
        found = operators.either(found, operators.equal(args[0], option, t.palette))
    return found


def _share(t: Trace, fn: str, part: Num, of: Value | None) -> Num:
    if of is None:
        width, height = t.frame.size(0), t.frame.size(1)
    elif isinstance(of, Placing):
        width, height = exact(of.axes.width, of.why), exact(of.axes.height, of.why)
    else:
        g, why = shape_of(t, of)
        width, height = exact(g.x1 - g.x0, why), exact(g.y1 - g.y0, why)
    match fn:
        case "share_x":
            return operators.arithmetic("*", part, width)
        case "share_y":
            return operators.arithmetic("*", part, height)
        case "share_r":
            shorter = exact(np.minimum(width.lo, height.lo), first_why(width.why, height.why))
            return operators.arithmetic("*", part, shorter)
        case _:
            return operators.arithmetic("*", part, operators.arithmetic("*", width, height))


def _placed(t: Trace, made: Value, owner: Value) -> Value:
    """A region drawn in the frame of an object, moved to where the object is."""
    if isinstance(made, List) and isinstance(made.items, list):
        return List([_placed(t, m, owner) for m in made.items], made.size, made.why)
    assert isinstance(made, Shape)
    axes, why = axes_of(t, owner)
    return Shape(_put(made.geometry, axes), first_why(made.why, why))


def axes_of(t: Trace, owner: Value) -> tuple[Axes, Reasons | None]:
    """The axes of a frame, or of an object's box."""
    if isinstance(owner, Placing):
        return owner.axes, owner.why
    g, why = shape_of(t, owner)
    return upright(g), why


def _put(g: Geometry, axes: Axes) -> Geometry:
    """Shapes of a frame as shapes of the picture."""
    if axes.upright and g.shapes is None:
        return Geometry(g.x0 + axes.x, g.y0 + axes.y, g.x1 + axes.x, g.y1 + axes.y, None, g.open_right, g.open_bottom)
    return placed(g, axes)


def _member_of(of: Value, members: Value) -> Truth:
    """Whether an object is in a set; `members` is walked on an axis of its own and closed."""
    assert isinstance(of, Obj) and isinstance(members, Set)
    extra = (1,) * (of.rows.ndim - 1)
    rows = members.rows.reshape(members.rows.shape[0], *extra, members.rows.shape[-1])
    same = (of.rows[None] == rows) & (rows >= 0)
    sure = members.sure.reshape(rows.shape)
    must = np.asarray((same & sure).any(axis=0))
    if members.sure is members.maybe:
        return Truth(must, must)
    return Truth(must, np.asarray((same & members.maybe.reshape(rows.shape)).any(axis=0)))


def _builtin(t: Trace, node: ir.Call, args: list[Value]) -> Value:
    group = "relation" if ("relation", node.fn) in REGISTRY else "function"
    entry = REGISTRY[group, node.fn]  # type: ignore[index]
    kinds = [p.kind for p in entry.parameters]
    payload: list[Any] = []
    reasons: list[Reasons | None] = []
    doubted: list[Num] = []
    for i, value in enumerate(args):
        kind = kinds[min(i, len(kinds) - 1)]
        match kind:
            case "P" | "point":
                found: Any
                found, why = place_of(t, value)
            case "R" | "o":
                found, why = shape_of(t, value)
            case _:
                found, why = _plain(value)
                if isinstance(value, Num):
                    doubted.append(value)
        payload.append(found)
        reasons.append(why)
    why = first_why(*reasons)
    if any(not v.exact for v in doubted):
        return _under_doubt(entry.bounds, entry.kernel, args, payload, why, node)
    return _wrap(entry.kernel(*payload), why, node.type.kind)


def _plain(value: Value) -> tuple[Any, Reasons | None]:
    match value:
        case Num(lo, _, why):
            return lo, why
        case Lab(lab, why):
            return lab, why
        case _:
            raise TypeError(f"{type(value).__name__} as an argument")


def _under_doubt(
    bounds: Callable[..., Any] | None,
    kernel: Callable[..., Any],
    args: list[Value],
    payload: list[Any],
    why: Reasons | None,
    node: ir.Call,
) -> Value:
    if bounds is not None:
        lo, hi = bounds(*((a.lo, a.hi) if isinstance(a, Num) else p for a, p in zip(args, payload, strict=True)))
        return Num(np.asarray(lo), np.asarray(hi), why)
    gaps = [a.lo != a.hi for a in args if isinstance(a, Num) and not a.exact]
    open_: Mask = gaps[0]
    for g in gaps[1:]:
        open_ = open_ | g
    return _wrap(kernel(*payload), first_why(why, mark(open_, Why.DOUBTFUL)), node.type.kind)


def _wrap(made: Any, why: Reasons | None, kind: str) -> Value:
    match kind:
        case "truth":
            return truth(np.asarray(made), None if why is None else why > 0)
        case "number":
            return exact(made, why)
        case "point":
            return Point(made[0], made[1], why)
        case "region":
            return Shape(made, why)
        case "frame":
            return Placing(made, why)
        case _:
            raise TypeError(f"a builtin that gives {kind}")


def _aggregate(t: Trace, node: ir.Aggregate) -> Value:
    args = [t.values[i] for i in node.args]
    for each in (node.each, node.other):
        if each is not None and node.fn in ("paired", "symmetric"):
            walked: Obj = t.values[each]
            walked.read["place"] = place_of(t, walked)[0]
    return closures.aggregate(t.values, node, args)


def fits(t: Trace, node: ir.Match) -> list[Truth]:
    """For each case of a match, whether the subject fits one of its patterns."""
    subject: Value = t.values[node.subject]
    made: list[Truth] = []
    for arm in node.arms:
        found: Truth | None = None
        for p in arm.patterns:
            pattern = t.values[p]
            one = pattern if isinstance(pattern, Truth) else operators.equal(subject, pattern, t.palette)
            found = one if found is None else operators.either(found, one)
        assert found is not None
        made.append(found)
    return made


def _match(t: Trace, node: ir.Match) -> Value:
    subject: Value = t.values[node.subject]
    values = [t.values[arm.value] for arm in node.arms]
    otherwise = None if node.otherwise is None else t.values[node.otherwise]
    bad = unknown(getattr(subject, "why", None))
    why = getattr(subject, "why", None) if bad is not None else None
    return closures.choose(fits(t, node), values, otherwise, why)
