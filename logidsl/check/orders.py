"""Orders of an open iteration: by one key, by several, by the levels of a key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from logidsl import ir
from logidsl import types as ty
from logidsl.check import errors, infer, units
from logidsl.check.context import Context, Scope, Typed, place
from logidsl.library import builtins
from logidsl.source import Span
from logidsl.syntax import ast


@dataclass
class Walk:
    """An open iteration: its object, the filters so far, and its order."""

    each: Typed
    scope: Scope
    where: list[int] = field(default_factory=list)
    by: Typed | None = None
    descending: bool = False
    second: ast.Ident | None = None
    follower: int | None = None
    named: dict[str, int] = field(default_factory=dict)
    bad: bool = False

    def filter(self, c: Context, span: Span) -> int | None:
        """The node of all filters together."""
        if len(self.where) < 2:
            return self.where[0] if self.where else None
        return c.call("and", tuple(self.where), ty.TRUTH, self.scope, span).node


def order(c: Context, keys: Sequence[ast.Expr], w: Walk, outer: Scope) -> None:
    """Order an iteration; of several keys the later ones decide between members that are equal by the earlier ones."""
    found = [_key(c, key, w, outer) for key in keys]
    (w.by, w.descending), *more = found
    w.bad |= any(key.bad for key, _ in found)
    if not more or w.bad:
        return
    for (key, _), words in zip(found, keys, strict=True):
        if key.type == ty.TURN:
            w.by = c.error(errors.cyclic_key(words.span.text, words.span))
            w.bad = True
            return
    span = keys[0].span.to(keys[-1].span)
    nodes = [c.call("neg", (key.node,), key.type, w.scope, span).node if turned else key.node for key, turned in found]
    w.descending = False
    w.by = _for_each(c, "keys", w, None, tuple(nodes), ty.RATIO, span)


def _key(c: Context, key: ast.Expr, w: Walk, outer: Scope) -> tuple[Typed, bool]:
    """The node of a key, and whether the order is a descending one."""
    descending = False
    while isinstance(key, ast.Negate):
        descending = not descending
        key = key.part
    if isinstance(key, ast.CallExpr) and key.function in builtins("key"):
        return _made(c, key, w, outer), descending
    found = infer.value(c, key, w.scope)
    if not found.bad and found.type.kind != "number":
        found = c.error(errors.wrong_type(key.span.text, found.type, "a number to order by", key.span))
    return found, descending


def _made(c: Context, key: ast.CallExpr, w: Walk, outer: Scope) -> Typed:
    """A key that depends on all members."""
    entry = builtins("key")[key.function]
    if len(key.args) != len(entry.parameters):
        return c.error(errors.wrong_arguments(entry.name, entry.signature, len(key.args), key.span))
    first, second = key.args
    found = infer.value(c, first, w.scope)
    if found.bad:
        return found
    if found.type.kind != "number":
        return c.error(errors.wrong_type(first.span.text, found.type, "a number to order by", first.span))
    if found.type == ty.TURN:
        return c.error(errors.cyclic_key(first.span.text, first.span))
    counted = found.type == ty.COUNT
    limit = infer.value(c, second, outer) if counted else units.tolerance(c, found.type, second, outer)
    assert limit is not None
    if limit.bad:
        return limit
    if ty.join(limit.type, found.type) is None:
        return c.error(errors.wrong_type(second.span.text, limit.type, f"a {found.type}", second.span))
    return _for_each(c, entry.name, w, found.node, (limit.node,), found.type, key.span)


def _for_each(
    c: Context, fn: str, w: Walk, value: int | None, args: tuple[int, ...], type_: ty.Type, span: Span
) -> Typed:
    """A node with a value for each member of an iteration, made from all of them."""
    return c.add(
        ir.Aggregate(
            fn=fn,
            each=w.each.node,
            where=w.filter(c, span),
            value=value,
            args=args,
            type=type_,
            depth=w.scope.depth,
            span=place(span),
        )
    )


def with_keys(c: Context, expr: ast.ListExpr, scope: Scope) -> ast.ListExpr:
    """`[class of bolt by y, x]`: an item that can only be meant as another key of the column before it."""
    for k, (before, item) in enumerate(pairwise(expr.items)):
        key = item.part if isinstance(item, ast.Negate) else item
        made = isinstance(key, ast.CallExpr) and key.function in builtins("key")
        bare = isinstance(key, ast.Ref) and scope.bare is None and _is_bare_attribute(c, key)
        if isinstance(before, ast.ColumnOf) and isinstance(before.of, ast.Phrase) and before.of.by and (made or bare):
            meant = f"{before.value.span.text} of ({before.of.span.text}, {item.span.text})"
            c.bag.add(errors.key_in_list(meant, item.span))
            column = before.replaced(of=before.of.replaced(by=(*before.of.by, item)))
            return with_keys(c, expr.replaced(items=(*expr.items[:k], column, *expr.items[k + 2 :])), scope)
    return expr


def _is_bare_attribute(c: Context, name: ast.Ref) -> bool:
    """Whether a name is that of a number to order by, and of nothing that may be an item of a list."""
    found = c.attribute_type(name.name)
    if found is None or found.kind != "number" or name.name in c.things or name.name in c.colors:
        return False
    return not any(name.name in attribute.labels for attribute in c.attributes.values())
