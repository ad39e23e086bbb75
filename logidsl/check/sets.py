"""Sets and relations: opening an iteration, filtering it, and the right side of a relation word."""

from __future__ import annotations

from collections.abc import Iterator

from logidsl import ir
from logidsl import types as ty
from logidsl.check import errors, infer, orders, pooling
from logidsl.check.context import Context, Scope, Symbol, Typed, place
from logidsl.check.orders import Walk as Walk
from logidsl.library import builtins
from logidsl.source import Span
from logidsl.syntax import ast
from logidsl.syntax.tables import reserved_words


def the_one(c: Context, found: Symbol, span: Span) -> Typed:
    """The one member of a name with at most one."""
    if found.name not in c.singles:
        each = c.objects("class" if found.kind == "class" else "set", found.name, span)
        only = ir.Aggregate(fn="only", each=each.node, type=ty.object_of(ty.OBJECTS), depth=0, span=place(span))
        c.singles[found.name] = c.add(only).node
    return c.name("let", found.name, ty.object_of(ty.OBJECTS), span, c.singles[found.name])


def core(expr: ast.Expr) -> ast.Expr:
    """A set expression without its filters, order and variables."""
    while True:
        match expr:
            case ast.Phrase():
                expr = expr.head
            case ast.Named() | ast.Neighbours() | ast.Other():
                expr = expr.of
            case ast.OnView():
                expr = expr.part
            case ast.Relation() if expr.left is not None:
                expr = expr.left
            case _:
                return expr


def names(expr: ast.Expr, *, others: bool = True) -> Iterator[ast.Ref]:
    """The names in a set expression; without `others`, those after `other` are skipped."""
    match expr:
        case ast.Ref():
            yield expr
        case ast.Union(parts=parts):
            for part in parts:
                yield from names(part, others=others)
        case ast.Phrase(head=inner) | ast.Named(of=inner) | ast.Neighbours(of=inner) | ast.OnView(part=inner):
            yield from names(inner, others=others)
        case ast.Relation(left=inner) if inner is not None:
            yield from names(inner, others=others)
        case ast.Other(of=inner) if others:
            yield from names(inner)


def misnamed(c: Context, expr: ast.Expr, scope: Scope) -> Typed | None:
    """`bolt` inside an iteration over `bolt` without a variable: it means the whole set."""
    if scope.anonymous:
        for ref in names(expr, others=False):
            if ref.name in scope.anonymous and is_set(c, ref, scope):
                c.things[ref.name].used = True
                return c.error(errors.bare_class(ref.name, free_name(c, ref.name, scope), ref.span))
    return None


def free_name(c: Context, name: str, scope: Scope) -> str:
    """A name for a variable that stands for a member of a set."""
    taken = {*scope.names, *c.things, *builtins("function"), *builtins("aggregate")}
    options = [name[0], name[:2], f"a_{name}"[:48], f"the_{name}"[:48]]
    free = (o for o in options if o not in taken and c.attribute_type(o) is None and o not in reserved_words())
    return next(free, f"one_{name}"[:48])


def is_plain(expr: ast.Expr) -> bool:
    """Whether a set expression is a name or a union of names."""
    found = core(expr)
    if found is not expr:
        return False
    return all(is_plain(p) for p in found.parts) if isinstance(found, ast.Union) else True


def unfiltered(expr: ast.Expr) -> bool:
    """Whether a set expression means all of its members, ordered or not."""
    return is_plain(expr.head) and expr.where is None if isinstance(expr, ast.Phrase) else is_plain(expr)


def is_set(c: Context, expr: ast.Expr, scope: Scope) -> bool:
    """Whether the right side of a relation word is a set, rather than one thing."""
    match expr:
        case ast.Ref():
            found = c.things.get(expr.name)
            if expr.name in scope.names or found is None:
                return False
            if found.kind in ("class", "set"):
                return not found.single
            if found.kind == "region":
                done = infer.resolve(c, expr.name, expr.span)
                return done is not None and done.type is not None and done.type.kind == "set"
            return found.kind == "grid"
        case ast.CallExpr():
            return is_set_call(expr)
        case ast.OnView():
            return is_set(c, expr.part, scope)
        case ast.Union() | ast.Phrase() | ast.Named() | ast.Neighbours() | ast.Other() | ast.Relation():
            return True
        case _:
            return False


def is_place(c: Context, expr: ast.Expr, scope: Scope) -> bool:
    """Whether an object or a place stands where a range or a list is expected."""
    named = c.things.get(expr.name) if isinstance(expr, ast.Ref) and expr.name not in scope.names else None
    return is_set(c, expr, scope) or (named is not None and named.kind in ("class", "set", "region"))


def is_set_call(expr: ast.CallExpr) -> bool:
    """Whether a function gives a set."""
    entry = builtins("function").get(expr.function)
    return entry is not None and entry.result == "set"


def source(c: Context, expr: ast.Expr, scope: Scope) -> Typed:
    """The node of a set without filters."""
    match expr:
        case ast.Ref():
            return _named_set(c, expr, scope)
        case ast.Union():
            parts = [source(c, core(p), scope) for p in expr.parts]
            bad = next((p for p in parts if p.bad), None)
            if bad:
                return bad
            if all(p.type.kind in ("region", "set") and _is_place(p) for p in parts):
                return c.call("places", tuple(p.node for p in parts), ty.set_of(ty.REGIONS), scope, expr.span)
            for p, e in zip(parts, expr.parts, strict=True):
                if p.type != ty.set_of(ty.OBJECTS):
                    return c.error(errors.not_a_set(e.span.text, p.type, e.span))
            return c.call("union", tuple(p.node for p in parts), ty.set_of(ty.OBJECTS), scope, expr.span)
        case ast.Among():
            return c.error(errors.use_inside(expr.options.span.text, expr.span))
        case ast.And() | ast.Or() if all(is_set(c, p, scope) for p in expr.parts):
            word = "and" if isinstance(expr, ast.And) else "or"
            return c.error(errors.joined_sets(word, [p.span.text for p in expr.parts], expr.span))
        case ast.Binary(op="+", left=left, right=right) if is_set(c, left, scope) and is_set(c, right, scope):
            return c.error(errors.joined_sets("+", [left.span.text, right.span.text], expr.span))
        case _:
            found = infer.value(c, expr, scope)
            if found.bad or found.type.kind in ("set", "region"):
                return found
            return c.error(errors.not_a_set(expr.span.text, found.type, expr.span))


def _is_place(p: Typed) -> bool:
    return p.type.kind == "region" or p.type.domain == ty.REGIONS


def _named_set(c: Context, expr: ast.Ref, scope: Scope) -> Typed:
    if expr.name in scope.names:
        c.note_variable(expr.name, scope.names[expr.name].node, expr.span)
        found_type = scope.names[expr.name].type
        return c.error(errors.not_a_set(expr.name, found_type, expr.span))
    if expr.name not in c.things:
        sets_ = [t.name for t in c.things.values() if t.kind in ("class", "set", "grid", "region")]
        return c.error(errors.unknown_name(expr.name, expr.span, sets_))
    c.note("thing", expr.name, expr.span)
    found = infer.resolve(c, expr.name, expr.span)
    if found is None:
        return c.error(errors.circle(expr.name, expr.span))
    assert found.type is not None
    if found.type.kind == "error":
        return c.failed(expr.span)
    match found.kind:
        case "class" | "set" | "grid":
            store = f"grid:{found.name}" if found.kind == "grid" else ty.OBJECTS
            return c.name(found.kind, found.name, ty.set_of(store), expr.span)
        case "region":
            return c.name("region", found.name, found.type, expr.span, found.node)
        case _:
            return c.error(errors.not_a_set(expr.name, found.type, expr.span))


def walk(c: Context, expr: ast.Expr, scope: Scope) -> Walk:
    """Open an iteration over a set expression, with all its filters."""
    base = source(c, core(expr), scope)
    if base.type.kind == "region":
        base = c.call("places", (base.node,), ty.set_of(ty.REGIONS), scope, expr.span)
    store = str(base.type.domain)
    name = _variable(expr)
    found = c.add(
        ir.Binder(
            source=base.node,
            var=name,
            type=ty.ERROR if base.bad else ty.object_of(store),
            depth=scope.depth + 1,
            span=place(core(expr).span),
        )
    )
    anonymous = () if name is not None else (ref.name for ref in names(expr))
    opened = Walk(found, scope.walking(found, anonymous), bad=base.bad)
    if base.bad and name is not None:
        opened.scope = opened.scope.naming(name, found)
    if not base.bad:
        _filters(c, expr, opened, scope)
    if opened.second is not None and opened.by is None:
        _name(c, opened.second, c.error(errors.needs_order("next", opened.second.span)), opened)
        opened.bad = True
    return opened


def _variable(expr: ast.Expr) -> str | None:
    while True:
        match expr:
            case ast.Named():
                return expr.variable.name
            case ast.Neighbours():
                return expr.first.name
            case ast.Phrase():
                expr = expr.head
            case ast.OnView():
                expr = expr.part
            case ast.Relation() if expr.left is not None:
                expr = expr.left
            case _:
                return None


def _filters(c: Context, expr: ast.Expr, w: Walk, outer: Scope) -> None:
    """Add the filters, order and variables of a set expression to an iteration over its core."""
    match expr:
        case ast.Phrase():
            _filters(c, expr.head, w, outer)
            for s in expr.names if w.second is None else ():
                _value(c, s, w)
            if expr.where is not None:
                _keep(w, infer.truth(c, expr.where, w.scope))
            if expr.by:
                orders.order(c, expr.by, w, outer)
            if w.second is not None:
                _follower(c, w, expr.span)
                for s in expr.names:  # they may use the next one
                    _value(c, s, w)
        case ast.Named():
            _filters(c, expr.of, w, outer)
            _name(c, expr.variable, w.each, w)
        case ast.Neighbours():
            _filters(c, expr.of, w, outer)
            _name(c, expr.first, w.each, w)
            w.second = expr.second
        case ast.Relation() if expr.left is not None:
            _filters(c, expr.left, w, outer)
            _keep(w, infer.relation(c, w.each, expr, w.scope))
        case ast.OnView():
            _filters(c, expr.part, w, outer)
            _keep(w, pooling.on_view(c, expr))
        case ast.Other():
            _filters(c, expr.of, w, outer)
            for enclosing in outer.walks:
                if enclosing.type == w.each.type:
                    pair = (w.each.node, enclosing.node)
                    w.where.append(c.call("!=", pair, ty.TRUTH, w.scope, expr.span).node)
        case ast.Union() if not is_plain(expr):
            options = [_alternative(c, part, w, outer) for part in expr.parts]
            bad = next((o for o in options if o.bad), None)
            _keep(w, bad or c.call("or", tuple(o.node for o in options), ty.TRUTH, w.scope, expr.span))


def _alternative(c: Context, part: ast.Expr, w: Walk, outer: Scope) -> Typed:
    """The condition that the iterated object is in one part of a union with filters."""
    base = source(c, core(part), outer)
    if base.bad:
        return base
    belongs = c.call("member_of", (w.each.node, base.node), ty.TRUTH, w.scope, part.span)
    own = Walk(w.each, w.scope)
    _filters(c, part, own, outer)
    if own.bad:
        w.bad = True
    return c.call("and", (belongs.node, *own.where), ty.TRUTH, w.scope, part.span) if own.where else belongs


def _keep(w: Walk, found: Typed) -> None:
    if found.bad:
        w.bad = True
    else:
        w.where.append(found.node)


def _name(c: Context, variable: ast.Ident, obj: Typed, w: Walk, fix: str | None = None) -> None:
    if variable.name in w.scope.names or variable.name in c.things:
        c.bag.add(errors.shadows(variable.name, variable.span))
    elif c.attribute_type(variable.name) is not None:
        c.bag.add(errors.taken_name(variable.name, variable.span, "an attribute", fix))
    c.variables[obj.node, variable.name] = variable.span.start
    c.note_variable(variable.name, obj.node, variable.span)
    w.scope = w.scope.naming(variable.name, obj)


def _value(c: Context, s: ast.Setting, w: Walk) -> None:
    """`with i = E`: a name for a value of each member."""
    found = infer.value(c, s.value, w.scope)
    w.bad |= found.bad
    if not found.bad:
        w.named[s.name.name] = found.node
    _name(c, s.name, found, w, f"use another name, or `where {s.span.text}` for a condition")


def _follower(c: Context, w: Walk, span: Span) -> None:
    assert w.second is not None
    if w.by is None or w.by.bad:
        return
    node = ir.Aggregate(
        fn="next",
        var=w.second.name,
        each=w.each.node,
        where=w.filter(c, span),
        by=w.by.node,
        descending=w.descending,
        cyclic=w.by.type == ty.TURN,
        type=w.each.type,
        depth=w.scope.depth,
        span=place(w.second.span),
    )
    obj = c.add(node)
    w.follower = obj.node
    _name(c, w.second, obj, w)


@infer.handles_truth(ast.Every)
def every(c: Context, expr: ast.Every, scope: Scope, spine: bool) -> Typed:
    """`every S: P`."""
    if (bad := misnamed(c, expr.phrase, scope)) is not None:
        return bad
    w = walk(c, expr.phrase, scope)
    where = w.filter(c, expr.phrase.span)
    body = infer.truth(c, expr.body, w.scope, spine)
    if w.bad or body.bad:
        return c.failed(expr.span)
    return c.add(
        ir.Quantifier(
            fn="every",
            each=w.each.node,
            where=where,
            body=body.node,
            by=w.by.node if w.by else None,
            next=w.follower,
            named=w.named,
            type=ty.TRUTH,
            depth=scope.depth,
            span=place(expr.span),
        )
    )


@infer.handles_truth(ast.Exists)
def exists(c: Context, expr: ast.Exists, scope: Scope, spine: bool) -> Typed:
    """`some S`, `no S`."""
    if (bad := misnamed(c, expr.phrase, scope)) is not None:
        return bad
    w = walk(c, expr.phrase, scope)
    if w.bad:
        return c.failed(expr.span)
    return c.add(
        ir.Quantifier(
            fn=expr.word,
            each=w.each.node,
            where=w.filter(c, expr.phrase.span),
            type=ty.TRUTH,
            depth=scope.depth,
            span=place(expr.span),
        )
    )


def class_names(expr: ast.Expr | None) -> tuple[str, ...]:
    """The names in a union of names, or nothing for other expressions."""
    match expr:
        case ast.Ref():
            return (expr.name,)
        case ast.Union():
            return tuple(n for p in expr.parts for n in class_names(p))
        case _:
            return ()
