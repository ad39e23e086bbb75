"""What aggregates of a rule over several pictures range over: members of all pictures, the pictures, views of them."""

from __future__ import annotations

from logidsl import ir
from logidsl import types as ty
from logidsl.check import batch_errors, infer
from logidsl.check.context import Context, Scope, Typed, place
from logidsl.check.orders import Walk
from logidsl.library import Builtin
from logidsl.syntax import ast


def pools(entry: Builtin | None) -> bool:
    """Whether an aggregate can range over the members of several pictures."""
    return entry is not None and (entry.counts or entry.parameters[0].kind in ("C", "rule"))


def pictures(c: Context, view: ast.OnView | None, span: ast.Node, scope: Scope) -> Walk:
    """An iteration over the pictures of the batch, or of a view of it."""
    source = c.name("pictures", "picture", ty.set_of(ty.PICTURES), span.span)
    each = c.add(
        ir.Binder(source=source.node, type=ty.object_of(ty.PICTURES), depth=scope.depth + 1, span=place(span.span))
    )
    made = Walk(each, scope.walking(each))
    if view is not None:
        found = on_view(c, view)
        made.bad = found.bad
        made.where.append(found.node)
    return made


def of_member(c: Context, each: Typed, value: int | None) -> int | None:
    """A value of the members of an iteration over several pictures, also where it is one of their pictures."""
    if value is None:
        return None
    node = c.nodes[value]
    if isinstance(node, ir.Aggregate) and node.depth > 0 and not ir.closes(node):
        return value  # a key made from all members
    made = ir.Call(fn="of_member", args=(each.node, value), type=node.type, depth=1, span=node.span)
    return c.add(made).node


def order_of_pictures(c: Context, span: ast.Node) -> Typed:
    """The order in which the pictures of a batch stand, as a key of members."""
    return c.add(ir.Name(thing="place", ref="place", type=ty.COUNT, depth=0, span=place(span.span)))


def on_view(c: Context, expr: ast.OnView) -> Typed:
    """Whether the picture belongs to a view."""
    name = expr.view.name
    if c.batch is None:
        return c.error(batch_errors.only_over(f"on {name}", expr.view.span))
    if name not in c.views or c.views[name].batch != c.batch:
        known = [v.name for v in c.views.values() if v.batch == c.batch]
        return c.error(batch_errors.unknown_view(name, c.batch, expr.view.span, known))
    return c.name("view", name, ty.TRUTH, expr.view.span)


def rule_or_condition(c: Context, expr: ast.Expr, scope: Scope) -> Typed:
    """The argument of a pass rate: the name of a rule, or a condition on a picture; as 1 where it holds, else 0."""
    if isinstance(expr, ast.Ref) and expr.name in c.rule_nodes:
        found = Typed(c.rule_nodes[expr.name], ty.TRUTH)
    elif isinstance(expr, ast.Ref) and expr.name not in c.things:
        return c.error(batch_errors.unknown_rule(expr.name, expr.span, c.rule_nodes))
    else:
        found = infer.truth(c, expr, scope)
    return found if found.bad else c.call("as_share", (found.node,), ty.RATIO, scope, expr.span)
