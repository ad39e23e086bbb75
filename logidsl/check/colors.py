"""A colour compared with a chosen named one: `cap.color = match tag.kind { a -> red, b -> blue }`.

A named colour equals what lies within its reach, so each case is compared by itself: the comparison is pushed down into
the cases.
"""

from __future__ import annotations

from logidsl import ir
from logidsl import types as ty
from logidsl.check.context import Context, Scope, Typed
from logidsl.source import Span


def is_named(c: Context, node: int) -> bool:
    """Whether a value is always a named colour or `none`."""
    match c.nodes[node]:
        case ir.Literal_(value=str() as value):
            return value in c.colors or value == ""
        case ir.Name(thing="let", target=int(target)):
            return is_named(c, target)
        case ir.Match(arms=arms, otherwise=otherwise):
            return all(is_named(c, v) for v in (*(a.value for a in arms), *([] if otherwise is None else [otherwise])))
        case ir.Call(fn="if", args=(_, a, b)):
            return is_named(c, a) and is_named(c, b)
        case _:
            return False


def chosen(c: Context, a: int, b: int) -> int | None:
    """The side of a comparison that is a named colour but not a literal one; None if neither or both are."""
    named = [n for n in (a, b) if is_named(c, n)]
    return named[0] if len(named) == 1 and not isinstance(c.nodes[named[0]], ir.Literal_) else None


def equal(c: Context, measured: Typed, named: int, scope: Scope, span: Span) -> Typed:
    """The comparison of a colour with a named one, case by case."""
    match c.nodes[named]:
        case ir.Name(thing="let", target=int(target)):
            return equal(c, measured, target, scope, span)
        case ir.Match(arms=cases, otherwise=otherwise) as found:
            arms = [a.replaced(value=equal(c, measured, a.value, scope, span).node) for a in cases]
            last = None if otherwise is None else equal(c, measured, otherwise, scope, span).node
            return c.add(found.replaced(arms=tuple(arms), otherwise=last, type=ty.TRUTH))
        case ir.Call(fn="if", args=(condition, a, b)):
            both = (equal(c, measured, a, scope, span).node, equal(c, measured, b, scope, span).node)
            return c.call("if", (condition, *both), ty.TRUTH, scope, span)
        case _:
            return c.call("=", (measured.node, named), ty.TRUTH, scope, span)
