"""Calls: a builtin's declaration against the arguments of a call."""

from __future__ import annotations

from logidsl import ir
from logidsl import types as ty
from logidsl.check import blobs, errors, number_errors, sets, units, values
from logidsl.check.context import Context, Scope, Typed, place
from logidsl.library import Builtin, Parameter, builtins, type_named
from logidsl.library.texts import compiled
from logidsl.syntax import ast
from logidsl.types import Type


def call(c: Context, expr: ast.CallExpr, scope: Scope, hint: Type | None) -> Typed:
    """A function or an aggregate."""
    functions, aggregates = builtins("function"), builtins("aggregate")
    name = expr.function
    if name in aggregates and not (name in functions and len(expr.args) > 1):
        return aggregate(c, aggregates[name], expr, scope)
    if name in functions:
        return function(c, functions[name], expr, scope, hint)
    if (pixel := builtins("pixel").get(name)) is not None:
        if scope.bare is None or scope.bare.type.domain != ty.PIXELS:
            return c.error(errors.only_in_blobs(name, expr.span))
        return function(c, pixel, expr, scope, hint)
    if name in builtins("source"):
        return c.error(errors.source_place(name, expr.span))
    return c.error(errors.unknown_function(name, expr.span, [*functions, *aggregates]))


def function(c: Context, entry: Builtin, expr: ast.CallExpr, scope: Scope, hint: Type | None) -> Typed:
    """A function of values that stand side by side."""
    wanted = _spread(entry, len(expr.args))
    if wanted is None:
        return c.error(errors.wrong_arguments(entry.name, entry.signature, len(expr.args), expr.span))
    if entry.name == "unexplained" and (circle := _resolved(c, expr)) is not None:
        return circle
    numbers = hint if entry.result == "same" else None
    if (bad := _of_a_set(c, entry, expr, wanted, scope)) is not None:
        return bad
    args = [argument(c, p, a, scope, numbers) for p, a in zip(wanted, expr.args, strict=True)]
    bad = next((a for a in args if a.bad), None)
    if bad:
        return bad
    result = type_named(entry.result)
    if result is None:
        args, result = _same(c, args, expr, scope)
        if result.kind == "error":
            return args[0]
        if entry.name == "round" and ty.is_pure(result):
            result = ty.COUNT
    return c.call(entry.name, tuple(a.node for a in args), result, scope, expr.span)


def _resolved(c: Context, expr: ast.CallExpr) -> Typed | None:
    """See that all objects are known before what none of them covers; an error where one is declared by way of it."""
    from logidsl.check import statements

    for name in [t.name for t in c.things.values() if t.kind in ("class", "set")]:
        if statements.resolve(c, name, expr.span) is None:
            return c.error(errors.circle(name, expr.span))
    return None


def _of_a_set(c: Context, entry: Builtin, expr: ast.CallExpr, wanted: list[Parameter], scope: Scope) -> Typed | None:
    """`gap(p, other bolt)`: a set of several where a function takes one object."""
    found = [
        a for p, a in zip(wanted, expr.args, strict=True) if p.kind in ("P", "o", "R") and sets.is_set(c, a, scope)
    ]
    if len(found) != 1 or not isinstance(found[0], ast.Other | ast.Ref):
        return None
    if (bad := sets.misnamed(c, found[0], scope)) is not None:
        return bad
    name = found[0].span.text
    one = sets.free_name(c, next((r.name for r in sets.names(found[0])), name), scope)
    args = ", ".join(one if a is found[0] else a.span.text for a in expr.args)
    number = (type_ := type_named(entry.result)) is not None and type_.kind == "number"
    call = f"{entry.name}({args})"
    return c.error(errors.set_for_argument(name, call, f"{name} {one}", found[0].span, number))


def _spread(entry: Builtin, found: int) -> list[Parameter] | None:
    """The parameter of each argument, or None where their number does not fit."""
    params = list(entry.parameters)
    if params and params[-1].repeats:
        return params + [params[-1]] * (found - len(params)) if found >= len(params) else None
    least = sum(not p.optional for p in params)
    return params[:found] if least <= found <= len(params) else None


def _same(c: Context, args: list[Typed], expr: ast.CallExpr, scope: Scope) -> tuple[list[Typed], Type]:
    """Arguments of one dimension, and that type."""
    closed = (units.widened(c, a) for a in args if a.type not in (ty.PERCENT, ty.RAW) and not units.is_zero(c, a))
    concrete = next(closed, ty.RAW if any(a.type == ty.RAW for a in args) else ty.RATIO)
    args = [units.fit(c, a, concrete, scope, e.span) for a, e in zip(args, expr.args, strict=True)]
    joined: Type | None = args[0].type
    for a, e in zip(args[1:], expr.args[1:], strict=True):
        before = joined
        joined = ty.join(joined, a.type) if joined else None
        if joined is None and before is not None:
            first = expr.args[0].span.text
            return [
                c.error(number_errors.different_types(first, before, e.span.text, a.type, expr.span, c.scaled))
            ], ty.ERROR
    assert joined is not None
    return args, joined


def argument(c: Context, p: Parameter, expr: ast.Expr, scope: Scope, hint: Type | None) -> Typed:
    """One argument of a function."""
    match p.kind:
        case "P":
            return _of_kind(c, expr, scope, ("object", "point", "region"), "an object or a point")
        case "o":
            return _of_kind(c, expr, scope, ("object",), "an object")
        case "R":
            return _of_kind(c, expr, scope, ("object", "region", "point"), "an object or a region")
        case "axis":
            return _axis(c, expr, scope)
        case "point":
            return _of_kind(c, expr, scope, ("point",), "a point")
        case "color":
            return _of_kind(c, expr, scope, ("color",), "a colour", ty.COLOR)
        case "text":
            return _of_kind(c, expr, scope, ("text",), "a text", ty.TEXT)
        case "pattern":
            return _pattern(c, expr, scope)
        case "frame":
            with c.before_seeing(fixed=False, raw=False):  # it is found in the picture first
                return _of_kind(c, expr, Scope(), ("frame",), "a frame, `turned(mark)` say")
        case "pixels":
            return blobs.condition(c, expr)
        case "number":
            return _of_kind(c, expr, scope, ("number",), "a number", hint)
        case _:
            return _number(c, p, expr, scope)


def _pattern(c: Context, expr: ast.Expr, scope: Scope) -> Typed:
    """A fixed text that RE2 reads: what it means is known before a picture is seen."""
    found = _of_kind(c, expr, scope, ("text",), "a pattern in quotes", ty.TEXT)
    if found.bad:
        return found
    node = c.nodes[found.node]
    if not isinstance(node, ir.Literal_) or not isinstance(node.value, str):
        return c.error(errors.wrong_type(expr.span.text, found.type, "a pattern in quotes", expr.span))
    try:
        compiled(node.value)
    except ValueError as error:
        return c.error(errors.bad_pattern(node.value, str(error), expr.span))
    return found


def _axis(c: Context, expr: ast.Expr, scope: Scope) -> Typed:
    """An angle, or the angle of an object."""
    found = values.value(c, expr, scope)
    if found.type.kind == "object":
        return values.column(c, found, "angle", scope, expr.span)
    if found.bad or found.type.dim == "angle":
        return found
    return c.error(errors.wrong_type(expr.span.text, found.type, "an object or an angle", expr.span))


def _of_kind(
    c: Context, expr: ast.Expr, scope: Scope, kinds: tuple[str, ...], words: str, hint: Type | None = None
) -> Typed:
    found = values.value(c, expr, scope, hint)
    if found.bad or found.type.kind in kinds:
        return found
    return c.error(errors.wrong_type(expr.span.text, found.type, words, expr.span))


def _number(c: Context, p: Parameter, expr: ast.Expr, scope: Scope) -> Typed:
    wanted = type_named(f"{p.kind} {p.axis}" if p.axis else p.kind)
    assert wanted is not None
    found = values.value(c, expr, scope, wanted)
    if found.bad:
        return found
    found = units.fit(c, found, wanted, scope, expr.span, radius=True)
    if found.bad or (found.type.kind == "number" and (ty.join(found.type, wanted) is not None)):
        return found
    return c.error(errors.wrong_type(expr.span.text, found.type, f"a {wanted}", expr.span))


def aggregate(c: Context, entry: Builtin, expr: ast.CallExpr, scope: Scope) -> Typed:
    """A function that closes a set."""
    if len(expr.args) != len(entry.parameters):
        return c.error(errors.wrong_arguments(entry.name, entry.signature, len(expr.args), expr.span))
    kinds = [p.kind for p in entry.parameters]
    if kinds[0] == "C":
        return _of_column(c, entry, expr, scope)
    place_ = next(i for i, k in enumerate(kinds) if k.startswith("S"))
    of = expr.args[place_]
    bad = None if sets.unfiltered(of) else sets.misnamed(c, of, scope)
    if bad:
        return bad
    w = sets.walk(c, expr.args[place_], scope)
    if w.bad:
        return c.add(ir.Literal_(type=ty.ERROR, depth=0, span=place(expr.span), value=0.0))
    if entry.name == "paired":
        return _paired(c, entry, expr, w, scope)
    rest = [(p, e) for p, e in zip(entry.parameters, expr.args, strict=True) if not p.kind.startswith("S")]
    if entry.name == "symmetric":
        return _symmetric(c, expr, w, scope)
    args = [argument(c, p, e, scope, None) for p, e in rest]
    bad = next((a for a in args if a.bad), None)
    if bad:
        return bad
    if kinds[place_] == "S by k" and w.by is None:
        return c.error(errors.needs_order(entry.name, expr.span))
    if entry.result == "object":
        return _pick(c, entry, expr, w, args, scope)
    if entry.name == "count":
        return _close(c, expr, w, "count", ty.COUNT, scope)
    assert w.by is not None
    found = _close(c, expr, w, entry.name, ty.COUNT, scope, by=w.by.node, descending=w.descending)
    if entry.name == "steps":
        if w.by.type == ty.TURN:
            c.nodes[found.node] = c.nodes[found.node].replaced(cyclic=True)
        return _retyped(c, found, ty.list_of(ty.AMOUNT if w.by.type.dim == "angle" else w.by.type))
    return _ranked(c, found, w, args[0], expr, scope)


def _retyped(c: Context, found: Typed, type_: Type) -> Typed:
    c.nodes[found.node] = c.nodes[found.node].replaced(type=type_)
    return Typed(found.node, type_)


def _ranked(c: Context, found: Typed, w: sets.Walk, of: Typed, expr: ast.CallExpr, scope: Scope) -> Typed:
    """`rank` keeps what is placed as its argument, and for a point how far each member is from it."""
    if of.type.kind == "region":
        return c.error(errors.wrong_type(expr.args[0].span.text, of.type, "an object or a point", expr.span))
    node = c.nodes.pop()
    assert isinstance(node, ir.Aggregate) and found.node == len(c.nodes)
    value = node.value
    if of.type.kind == "point":
        value = c.call("distance", (w.each.node, of.node), ty.LENGTH, w.scope, expr.span).node
    return c.add(node.replaced(args=(of.node,), value=value))


def _pick(c: Context, entry: Builtin, expr: ast.CallExpr, w: sets.Walk, args: list[Typed], scope: Scope) -> Typed:
    """What picks one member: `first` by a key, `nth`, or `only`."""
    by, descending, fn = w.by, w.descending, "first"
    match entry.name:
        case "only":
            fn, by = "only", None
        case "last":
            descending = not descending
        case "nth":
            fn = "nth"
        case "largest" | "smallest":
            by, descending = values.column(c, w.each, "area", w.scope, expr.span), entry.name == "largest"
        case "nearest":
            by = c.call("distance", (w.each.node, args[0].node), ty.LENGTH, w.scope, expr.span)
    if by is not None and by.bad:
        return by
    found = _close(c, expr, w, fn, w.each.type, scope, by=by.node if by else None, descending=descending)
    if fn != "nth":
        return found
    node = c.nodes[found.node]
    c.nodes[found.node] = node.replaced(args=(args[0].node,))
    return found


def _limit(c: Context, expr: ast.Expr, scope: Scope) -> Typed:
    return _number(c, Parameter("length"), expr, scope)


def _paired(c: Context, entry: Builtin, expr: ast.CallExpr, w: sets.Walk, scope: Scope) -> Typed:
    """Two walks side by side: both stand on the axis that the first would open."""
    second = sets.walk(c, expr.args[1], scope)
    limit = _limit(c, expr.args[2], scope)
    if second.bad or limit.bad:
        return c.add(ir.Literal_(type=ty.ERROR, depth=0, span=place(expr.span), value=0.0))
    node = ir.Aggregate(
        fn="paired",
        each=w.each.node,
        where=w.filter(c, expr.span),
        other=second.each.node,
        other_where=second.filter(c, expr.span),
        args=(limit.node,),
        type=ty.TRUTH,
        depth=scope.depth,
        span=place(expr.span),
    )
    return c.add(node)


def _symmetric(c: Context, expr: ast.CallExpr, w: sets.Walk, scope: Scope) -> Typed:
    line = values.value(c, expr.args[1], scope)
    limit = _limit(c, expr.args[2], scope)
    if line.bad or limit.bad:
        return line if line.bad else limit
    if line.type.dim != "length" or line.type.axis is None:
        wanted = "an x or a y, `plate.x` say"
        return c.error(errors.wrong_type(expr.args[1].span.text, line.type, wanted, expr.args[1].span))
    node = ir.Aggregate(
        fn="symmetric",
        each=w.each.node,
        where=w.filter(c, expr.span),
        args=(line.node, limit.node),
        descending=line.type.axis == "y",
        type=ty.TRUTH,
        depth=scope.depth,
        span=place(expr.span),
    )
    return c.add(node)


def _of_column(c: Context, entry: Builtin, expr: ast.CallExpr, scope: Scope) -> Typed:
    arg = expr.args[0]
    if not isinstance(arg, ast.ColumnOf):
        return _of_list(c, entry, expr, scope)
    w = sets.walk(c, arg.of, scope)
    found = values.value(c, arg.value, w.scope)
    if w.bad or found.bad:
        return c.add(ir.Literal_(type=ty.ERROR, depth=0, span=place(expr.span), value=0.0))
    if found.type.kind not in _items(entry):
        wanted = "numbers" if _items(entry) == ("number",) else "numbers, labels or texts"
        return c.error(errors.wrong_type(arg.value.span.text, found.type, wanted, arg.value.span))
    if entry.name in ("increasing", "decreasing") and w.by is None:
        return c.error(errors.needs_order(entry.name, expr.span))
    by = w.by.node if w.by else None
    type_ = _result(entry, found.type)
    return _close(c, expr, w, entry.name, type_, scope, value=found.node, by=by, descending=w.descending)


def _items(entry: Builtin) -> tuple[str, ...]:
    """What an aggregate's column may hold."""
    return ("number", "label", "text") if entry.name in ("distinct", "same", "kinds") else ("number",)


def _of_list(c: Context, entry: Builtin, expr: ast.CallExpr, scope: Scope) -> Typed:
    found = values.value(c, expr.args[0], scope)
    if found.bad:
        return found
    item = found.type.item
    if found.type.kind != "list" or item is None or item.kind not in (*_items(entry), "none"):
        return c.error(errors.wrong_type(expr.args[0].span.text, found.type, "a column or list", expr.args[0].span))
    type_ = _result(entry, ty.RATIO if item.kind == "none" else item)
    node = ir.Aggregate(
        fn=entry.name, each=None, value=found.node, type=type_, depth=scope.depth, span=place(expr.span)
    )
    return c.add(node)


def _result(entry: Builtin, item: Type) -> Type:
    if entry.result != "same":
        named = type_named(entry.result)
        assert named is not None
        return named
    return ty.RATIO if entry.name == "mean" and item == ty.COUNT else item


def _close(
    c: Context,
    expr: ast.CallExpr,
    w: sets.Walk,
    fn: str,
    type_: Type,
    scope: Scope,
    *,
    value: int | None = None,
    by: int | None = None,
    descending: bool = False,
) -> Typed:
    return c.add(
        ir.Aggregate(
            fn=fn,
            each=w.each.node,
            where=w.filter(c, expr.span),
            value=value,
            by=by,
            descending=descending,
            type=type_,
            depth=scope.depth,
            span=place(expr.span),
        )
    )
