"""Calls: the arguments of a call against a builtin's declaration."""

from __future__ import annotations

from logidsl import ir
from logidsl import types as ty
from logidsl.check import (
    arguments,
    batch_errors,
    class_names,
    errors,
    infer,
    number_errors,
    pooling,
    sets,
    source_errors,
    units,
    values,
    word_errors,
)
from logidsl.check.context import Context, Scope, Typed, place
from logidsl.library import Builtin, Parameter, Pick, builtins, type_named
from logidsl.library.dates import date_text
from logidsl.syntax import ast
from logidsl.types import Type


@infer.handles_value(ast.CallExpr)
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
            return c.error(source_errors.only_in_blobs(name, expr.span))
        return function(c, pixel, expr, scope, hint)
    if name in builtins("key"):
        return c.error(errors.only_in_order(name, expr.span))
    if name in builtins("source"):
        return c.error(source_errors.source_place(name, expr.span))
    entries = [*functions.values(), *aggregates.values()]
    meant = next((e.name for e in entries if name in e.synonyms), None)
    if meant is None and (name in builtins("attribute") or name in c.attributes):
        return c.error(errors.attribute_called(name, expr.span))
    return c.error(errors.unknown_function(name, expr.span, [e.name for e in entries], meant))


def function(c: Context, entry: Builtin, expr: ast.CallExpr, scope: Scope, hint: Type | None) -> Typed:
    """A function of values that stand side by side."""
    wanted = _spread(entry, len(expr.args))
    if wanted is None:
        return c.error(errors.wrong_arguments(entry.name, entry.signature, len(expr.args), expr.span))
    if entry.after_objects and (circle := _resolved(c, expr)) is not None:
        return circle
    numbers = hint if entry.result == "same" else None
    if (bad := _of_a_set(c, entry, expr, wanted, scope)) is not None:
        return bad
    args = [arguments.argument(c, p, a, scope, numbers) for p, a in zip(wanted, expr.args, strict=True)]
    bad = next((a for a in args if a.bad), None)
    if bad:
        return bad
    if entry.refused is not None and (points := _corners(c, args)) and (why := entry.refused(points)):
        return c.error(errors.no_shape(entry.name, why, expr.span))
    if (bad := _refused(c, entry, args, expr)) is not None:
        return bad
    result = type_named(entry.result)
    if result is None:
        args, result = _same(c, args, expr, scope)
        if result.kind == "error":
            return args[0]
        result = result if entry.typed is None else entry.typed(result)
    nodes = [c.nodes[a.node] for a in args]
    if result == ty.DATE and all(isinstance(n, ir.Literal_) for n in nodes):  # written in the spec
        first, *more = (n.value for n in nodes if isinstance(n, ir.Literal_))
        day = float(entry.kernel([first], *more)[0])
        return c.number(day, result, expr.span, date_text(day))
    return c.call(
        entry.name, tuple(a.node for a in args), result, Scope() if result.kind == "set" else scope, expr.span
    )


def _corners(c: Context, args: list[Typed]) -> list[tuple[float, float]] | None:
    """The points of a call up to the scale of each axis, if all are fixed: those along x in one unit, as along y."""
    points = [node.args for a in args if isinstance(node := c.nodes[a.node], ir.Call) and len(node.args) == 2]
    read = [(units.constant(c, p[0]), units.constant(c, p[1])) for p in points]
    known = [(x, y) for x, y in read if x is not None and y is not None]
    for axis in (0, 1):
        if len({units.is_share(c, p[axis]) for p, v in zip(points, known, strict=False) if v[axis]}) > 1:
            return None
    return known if len(known) == len(args) else None


def _resolved(c: Context, expr: ast.CallExpr) -> Typed | None:
    """Make all objects known before `unexplained`; an error if one depends on it."""
    for name in [t.name for t in c.things.values() if t.kind in ("class", "set")]:
        if infer.resolve(c, name, expr.span) is None:
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
    """The parameter of each argument, or None if their number is wrong."""
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


def _refused(c: Context, entry: Builtin, args: list[Typed], expr: ast.CallExpr) -> Typed | None:
    """An error if an operation refuses its fixed arguments."""
    if entry.refuse is None:
        return None
    nodes = [c.nodes[a.node] for a in args]
    why = entry.refuse(*(n.value if isinstance(n, ir.Literal_) else None for n in nodes))
    return c.error(errors.bad_argument(why, expr.args[-1].span)) if why else None


def aggregate(c: Context, entry: Builtin, expr: ast.CallExpr, scope: Scope) -> Typed:
    """A function that closes a set."""
    expr = _with_keys(entry, expr)
    parameters = _spread(entry, len(expr.args))
    if parameters is None and entry.parameters[0].kind == "S" and all(sets.is_set(c, a, scope) for a in expr.args[1:]):
        return c.error(word_errors.sets_as_arguments(entry.name, [a.span.text for a in expr.args], expr.span))
    if parameters is None:
        return c.error(errors.wrong_arguments(entry.name, entry.signature, len(expr.args), expr.span))
    first = expr.args[0] if expr.args else None
    if entry.parameters[0].kind == "C" and isinstance(first, ast.Attr) and sets.is_set(c, first.base, scope):
        return c.error(word_errors.column_of(entry.name, first.base.span.text, first.name, first.span))
    given = [*zip(parameters, expr.args, strict=True)]
    pooled = c.pooling and scope.depth == 0
    if entry.parameters[0].kind == "rule":
        if not pooled:
            return c.error(batch_errors.only_over(entry.name, expr.span))
        return _of_pictures(c, entry, expr, scope)
    if entry.parameters[0].kind == "C":
        return _of_column(c, entry, expr, scope)
    if pooled:
        return _pooled(c, entry, expr, scope)
    of = [e for p, e in given if p.kind.startswith("S")]
    if not sets.unfiltered(of[0]) and (bad := sets.misnamed(c, of[0], scope)) is not None:
        return bad
    walks = [sets.walk(c, e, scope) for e in of]
    if any(w.bad for w in walks):
        return c.failed(expr.span)
    rest = [(p, e) for p, e in given if not p.kind.startswith("S")]
    args = [arguments.argument(c, p, e, scope, None) for p, e in rest]
    if (failed := next((a for a in args if a.bad), None)) is not None:
        return failed
    if any(p.kind == "S by k" for p in entry.parameters) and walks[0].by is None:
        return c.error(errors.needs_order(entry.name, expr.span))
    member, subject = walks[0].each.type, expr.args[0].span
    if entry.parameters[0].kind == "P" and args[0].type not in (ty.POINT, member):
        return c.error(number_errors.no_member(subject.text, args[0].type, member, subject))
    kinds = [p.kind for p in parameters if p.kind == "S by k" or not p.kind.startswith("S")]
    return _closed(c, entry, expr, walks, kinds, args, scope)


def _pooled(c: Context, entry: Builtin, expr: ast.CallExpr, scope: Scope) -> Typed:
    """An aggregate of a set over all pictures of a batch: a count."""
    if not pooling.pools(entry):
        result = type_named(entry.result)
        kind = "object" if result is None else result.kind
        return c.error(batch_errors.within_one_picture(entry.name, expr.span.text, kind, expr.span))
    of = expr.args[0]
    view, part = (of, of.part) if isinstance(of, ast.OnView) else (None, of)
    if isinstance(part, ast.Ref) and part.name == "image":
        w = pooling.pictures(c, view, of, scope)
        return c.failed(expr.span) if w.bad else _closed(c, entry, expr, [w], [], [], scope)
    with c.within_picture():
        if (bad := sets.misnamed(c, of, scope)) is not None:
            return bad
        w = sets.walk(c, of, scope)
    return c.failed(expr.span) if w.bad else _closed(c, entry, expr, [w], [], [], scope)


def _of_pictures(c: Context, entry: Builtin, expr: ast.CallExpr, scope: Scope) -> Typed:
    """An aggregate of a value that each picture has."""
    arg = expr.args[0]
    view, part = (arg, arg.part) if isinstance(arg, ast.OnView) else (None, arg)
    w = pooling.pictures(c, view, arg, scope)
    with c.within_picture():
        truth = entry.parameters[0].kind == "rule"
        found = pooling.rule_or_condition(c, part, scope) if truth else infer.value(c, part, scope)
    if w.bad or found.bad:
        return c.failed(expr.span)
    return _made_of(c, entry, expr, w, found, scope)


def _with_keys(entry: Builtin, expr: ast.CallExpr) -> ast.CallExpr:
    """`first(bolt by y, x)`: arguments too many after an ordered set are its further keys."""
    surplus = len(expr.args) - len(entry.parameters)
    wanted = entry.ordered or any(p.kind == "S by k" for p in entry.parameters)
    for k, arg in enumerate(expr.args if surplus > 0 and wanted else ()):
        of = arg.of if isinstance(arg, ast.ColumnOf) else arg
        if isinstance(of, ast.Phrase) and of.by:
            more = expr.args[k + 1 : k + 1 + surplus]
            of = of.replaced(by=(*of.by, *more))
            args = (*expr.args[:k], arg.replaced(of=of) if isinstance(arg, ast.ColumnOf) else of)
            return expr.replaced(args=(*args, *expr.args[k + 1 + surplus :]))
    return expr


def _closed(
    c: Context,
    entry: Builtin,
    expr: ast.CallExpr,
    walks: list[sets.Walk],
    kinds: list[str],
    args: list[Typed],
    scope: Scope,
) -> Typed:
    """The node of the aggregate, with the keys and further arguments of its declaration."""
    w, *others = walks
    if entry.listed and w.by is not None and isinstance(by_ := c.nodes[w.by.node], ir.Aggregate) and by_.fn == "keys":
        return c.error(errors.steps_of_keys(entry.name, expr.span))
    kept = entry.kept_as or Pick(entry.name)
    ordered, args_of = "S by k" in kinds, dict(zip((k for k in kinds if k != "S by k"), args, strict=True))
    by, descending = (w.by, w.descending) if ordered else (None, False)
    if kept.key:
        by = _key(c, kept.key, w, args, expr)
        if by.bad:
            return by
    if "line" in args_of:
        descending = args_of["line"].type.axis == "y"
    if c.pooling and scope.depth == 0:
        w.where = [n for n in [pooling.of_member(c, w.each, w.filter(c, expr.span))] if n is not None]
    where, other_where = w.filter(c, expr.span), others[0].filter(c, expr.span) if others else None
    value = None
    if ordered and "P" in args_of and args_of["P"].type.kind == "point":  # the member meant is the nearest one
        value = _key(c, "distance", w, [args_of["P"]], expr).node
    key = None if by is None else by.type
    if entry.classed:
        if w.each.type.domain != ty.OBJECTS:
            return c.error(errors.not_a_set(expr.args[0].span.text, w.each.type, expr.args[0].span))
        classes = class_names.memberships(c, expr.args[0], w, scope, expr.span)
        if classes is None:
            return c.failed(expr.span)
        value, args = classes[0].node, [*args, classes[1]]
    node = ir.Aggregate(
        fn=kept.fn,
        each=w.each.node,
        where=where,
        value=value,
        by=None if by is None else by.node,
        descending=descending is not kept.descending,
        cyclic=entry.listed and key == ty.TURN,
        args=() if entry.kept_as else tuple(a.node for a in args),
        other=others[0].each.node if others else None,
        other_where=other_where,
        type=_of_members(entry, w, key),
        depth=scope.depth,
        span=place(expr.span),
    )
    return c.add(node)


def _of_members(entry: Builtin, w: sets.Walk, key: Type | None) -> Type:
    """The type of what is made of the members of a set."""
    if entry.listed and key is not None:
        return ty.list_of(ty.AMOUNT if key.dim == "angle" else ty.difference(key))
    return type_named(entry.result) or w.each.type


def _key(c: Context, name: str, w: sets.Walk, args: list[Typed], expr: ast.CallExpr) -> Typed:
    """The implicit key of an aggregate: an attribute, or a function of the member and the argument."""
    if (function := builtins("function").get(name)) is None:
        return values.column(c, w.each, name, w.scope, expr.span)
    type_ = type_named(function.result)
    assert type_ is not None
    return c.call(name, (w.each.node, *(a.node for a in args)), type_, w.scope, expr.span)


def _of_column(c: Context, entry: Builtin, expr: ast.CallExpr, scope: Scope) -> Typed:
    arg = expr.args[0]
    if not isinstance(arg, ast.ColumnOf):
        pooled = c.pooling and scope.depth == 0 and not isinstance(arg, ast.ListExpr)
        return _of_pictures(c, entry, expr, scope) if pooled else _of_list(c, entry, expr, scope)
    with c.within_picture():
        w = sets.walk(c, arg.of, scope)
        found = infer.value(c, arg.value, w.scope)
    if w.bad or found.bad:
        return c.failed(expr.span)
    return _made_of(c, entry, expr, w, found, scope)


def _made_of(c: Context, entry: Builtin, expr: ast.CallExpr, w: sets.Walk, found: Typed, scope: Scope) -> Typed:
    """The node of an aggregate of a column."""
    column = expr.args[0].value if isinstance(expr.args[0], ast.ColumnOf) else expr.args[0]
    if found.type.kind not in entry.items:
        wanted = "numbers" if entry.items == ("number",) else "numbers, labels or texts"
        return c.error(errors.wrong_type(column.span.text, found.type, wanted, column.span))
    limits = _limits(c, entry, expr, found.type, scope)
    if isinstance(limits, Typed):
        return limits
    if entry.ordered and w.by is None and c.pooling and scope.depth == 0:
        w.by = pooling.order_of_pictures(c, expr)
    if entry.ordered and w.by is None:
        return c.error(errors.needs_order(entry.name, expr.span))
    where, by = w.filter(c, expr.span), w.by.node if w.by else None
    value: int | None = found.node
    if c.pooling and scope.depth == 0:
        where, value, by = (pooling.of_member(c, w.each, n) for n in (where, value, by))
    node = ir.Aggregate(
        fn=entry.name,
        each=w.each.node,
        where=where,
        next=w.follower,
        value=value,
        by=by,
        descending=w.descending,
        args=limits,
        type=_of_items(entry, found.type),
        depth=scope.depth,
        span=place(expr.span),
    )
    return c.add(node)


def _limits(c: Context, entry: Builtin, expr: ast.CallExpr, of: Type, scope: Scope) -> tuple[int, ...] | Typed:
    """The arguments after a column: numbers of its type, or the tolerance, which colours need."""
    said, wanted = expr.args[1:], _spread(entry, len(expr.args)) or []
    found: list[Typed] = []
    for p, e in zip(wanted[1:], said, strict=True):
        if p.kind == "tolerance":
            limit = units.tolerance(c, of, e, scope)
            if limit is None:
                return c.error(number_errors.needless_tolerance(str(of), e.span))
        else:
            limit = arguments.number(c, of if p.kind == "value" else ty.deviation(of), e, scope)
        if limit.bad:
            return limit
        found.append(limit)
    if of.kind == "color" and not said:
        inside = expr.args[0].span.text
        return c.error(number_errors.needs_tolerance(f"{entry.name}({inside}, 10)", expr.span))
    return _refused(c, entry, found, expr) or tuple(limit.node for limit in found)


def _of_list(c: Context, entry: Builtin, expr: ast.CallExpr, scope: Scope) -> Typed:
    found = infer.value(c, expr.args[0], scope)
    if found.bad:
        return found
    item = found.type.item
    if found.type.kind != "list" or item is None or item.kind not in (*entry.items, "none"):
        return c.error(errors.wrong_type(expr.args[0].span.text, found.type, "a column or list", expr.args[0].span))
    type_ = _of_items(entry, ty.RATIO if item.kind == "none" else item)
    limits = _limits(c, entry, expr, item, scope)
    if isinstance(limits, Typed):
        return limits
    node = ir.Aggregate(
        fn=entry.name, each=None, value=found.node, args=limits, type=type_, depth=scope.depth, span=place(expr.span)
    )
    return c.add(node)


def _of_items(entry: Builtin, item: Type) -> Type:
    """The type of an aggregate of a column or list."""
    return type_named(entry.result) or (item if entry.typed is None else entry.typed(item))
