"""Relations: `bolt inside tray`, as a condition, and the right side of the word."""

from __future__ import annotations

from logidsl import ir
from logidsl import types as ty
from logidsl.check import errors, infer, number_errors, sets, units
from logidsl.check.context import Context, Scope, Typed, place
from logidsl.diagnostics import Diagnostic
from logidsl.library import Builtin, builtins
from logidsl.syntax import ast
from logidsl.syntax.recovery_rules import pattern_of


@infer.handles_truth(ast.Relation)
def relation_truth(c: Context, expr: ast.Relation, scope: Scope, spine: bool) -> Typed:
    """A relation where a condition is wanted."""
    if expr.left is None:
        if scope.bare is None:
            return c.error(errors.without_object(expr.span, expr.word, c.first_class()))
        return relation(c, scope.bare, expr, scope)
    if sets.is_set(c, expr.left, scope):
        if (bad := sets.misnamed(c, expr.left, scope)) is not None:
            return bad
        left = expr.left.span.text
        rest = expr.span.text[len(left) :].strip()
        return c.error(errors.set_for_truth(expr.span.text, left, rest, expr.span))
    subject = infer.value(c, expr.left, scope)
    return subject if subject.bad else relation(c, subject, expr, scope)


@infer.provides
def relation(c: Context, subject: Typed, expr: ast.Relation, scope: Scope) -> Typed:
    """Subject, word, and right side: one thing, or some member of a set (`outside`: none)."""
    entry = builtins("relation")[expr.word]
    if subject.type == ty.TEXT and isinstance(expr.right, ast.Text):
        left = expr.left.span.text if expr.left is not None else expr.span.text
        return c.error(errors.text_inside(expr.word, left, pattern_of(expr.right.value), expr.span))
    if subject.type.kind not in ("object", "point", "region", "error"):
        words = expr.left.span.text if expr.left is not None else expr.span.text
        return c.error(errors.wrong_type(words, subject.type, "an object or a point", expr.span))
    limit = _limit(c, entry, expr, scope)
    if limit is not None and limit.bad:
        return limit
    if not sets.is_set(c, expr.right, scope):
        right = infer.value(c, expr.right, scope)
        if right.bad or subject.bad:
            return right if right.bad else subject
        if right.type.kind not in ("object", "point", "region"):
            wanted = "an object, a set or a region"
            return c.error(errors.wrong_type(expr.right.span.text, right.type, wanted, expr.right.span))
        return _related(c, entry, subject, right, expr, scope, limit)
    if (bad := sets.misnamed(c, expr.right, scope)) is not None:
        return bad
    if all(p.kind == "P" for p in entry.parameters):
        return c.error(_beside_a_set(c, entry, expr, scope))
    w = sets.walk(c, expr.right, scope)
    if w.bad or subject.bad:
        return c.failed(expr.span)
    where = w.filter(c, expr.right.span)
    said = builtins("relation")[entry.negation or entry.name]
    body = _related(c, said, subject, w.each, expr, w.scope, limit)
    if body.bad:
        return body
    return c.add(
        ir.Quantifier(
            fn="no" if entry.negation else "some",
            each=w.each.node,
            where=where,
            body=body.node,
            type=ty.TRUTH,
            depth=scope.depth,
            span=place(expr.span),
        )
    )


def _beside_a_set(c: Context, entry: Builtin, expr: ast.Relation, scope: Scope) -> Diagnostic:
    """`b above nut` with several nuts: `some nut where below b`."""
    right, left = expr.right.span.text, expr.left
    meant = None
    if not entry.converse:
        return errors.set_beside(expr.word, right, None, expr.span)
    if isinstance(left, ast.Ref) and not sets.is_set(c, left, scope):
        meant = f"some {right} where {entry.converse} {left.name}"
    elif isinstance(left, ast.Ref):
        one = sets.free_name(c, left.name, scope)
        meant = f"{left.name} {one} where some {right} where {entry.converse} {one}"
    return errors.set_beside(expr.word, right, meant, expr.span)


def _limit(c: Context, entry: Builtin, expr: ast.Relation, scope: Scope) -> Typed | None:
    if len(entry.parameters) < 3:
        if expr.within is not None:
            return c.error(number_errors.needless_within(expr.word, expr.within.span))
        return None
    if expr.within is None:
        return c.error(errors.near_what(expr.word, expr.span))
    found = infer.value(c, expr.within, scope)
    found = units.fit(c, found, ty.LENGTH, scope, expr.within.span)
    if not found.bad and (found.type.kind != "number" or found.type.dim != "length"):
        return c.error(errors.wrong_type(expr.within.span.text, found.type, "a length", expr.within.span))
    return found


def _related(
    c: Context, entry: Builtin, a: Typed, b: Typed, expr: ast.Relation, scope: Scope, limit: Typed | None
) -> Typed:
    args = (a.node, b.node) if limit is None else (a.node, b.node, limit.node)
    kinds = [p.kind for p in entry.parameters[:2]]
    if "P" in kinds and "R" in kinds and (a, b)[kinds.index("R")].type.kind == "point":
        shape = (a, b)[kinds.index("R")]
        return c.error(errors.wrong_type(expr.span.text, shape.type, "an object or a region", expr.span))
    return c.call(entry.name, args, ty.TRUTH, scope, expr.span)
