"""Which of the classes and sets that a set expression names each member belongs to."""

from __future__ import annotations

from collections.abc import Iterator

from logidsl import ir
from logidsl import types as ty
from logidsl.check import sets
from logidsl.check.context import Context, Scope, Typed, place
from logidsl.source import Span
from logidsl.syntax import ast


def memberships(c: Context, expr: ast.Expr, w: sets.Walk, scope: Scope, span: Span) -> tuple[Typed, Typed] | None:
    """For the members of a set expression a list of truths, one for each class named, and the list of these names.

    A set that is a plain union stands for its parts. None after a mistake.
    """
    named = {ref.name: ref for ref in _classes(c, expr)}
    sources = [sets.source(c, ref, scope) for ref in named.values()]
    if any(s.bad for s in sources):
        return None
    truths = [c.call("member_of", (w.each.node, s.node), ty.TRUTH, w.scope, span).node for s in sources]
    label = ty.label("class")
    names = [c.add(ir.Literal_(type=label, depth=0, span=place(span), value=n, written=n)).node for n in named]
    found = c.call("list", tuple(truths), ty.list_of(ty.TRUTH), w.scope, span)
    return found, c.call("list", tuple(names), ty.list_of(label), Scope(), span)


def _classes(c: Context, expr: ast.Expr) -> Iterator[ast.Ref]:
    for ref in sets.names(expr):
        statement = c.things[ref.name].statement if ref.name in c.things else None
        if (
            isinstance(statement, ast.Derived)
            and isinstance(statement.phrase, ast.Union)
            and sets.is_plain(statement.phrase)
        ):
            yield from _classes(c, statement.phrase)
        else:
            yield ref
