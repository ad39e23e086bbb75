"""Values and conditions: names, attributes, arithmetic, choices, and the logic of conditions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from logidsl import ir
from logidsl import types as ty
from logidsl.check import errors, infer, number_errors, sets, units, word_errors
from logidsl.check.context import Context, Scope, Typed, place
from logidsl.diagnostics import Diagnostic
from logidsl.library import attribute as attribute_entry
from logidsl.library import builtins
from logidsl.library.color import lab_of_hex
from logidsl.source import Span
from logidsl.syntax import ast
from logidsl.types import Type

_DAY = re.compile(r"[12][0-9]{3}-[01][0-9]-[0-3][0-9](?![-0-9.])")


@infer.handles_value(ast.Number)
def _number(c: Context, expr: ast.Number, scope: Scope, hint: Type | None) -> Typed:
    if day := _DAY.match(expr.span.source.text, expr.span.start):
        return c.error(number_errors.bare_date(day[0], expr.span))
    return units.number(c, expr)


@infer.handles_value(ast.Quantity)
def _quantity(c: Context, expr: ast.Quantity, scope: Scope, hint: Type | None) -> Typed:
    return units.quantity(c, expr)


@infer.handles_value(ast.Union, ast.Phrase, ast.Named, ast.Neighbours, ast.OnView, ast.Other)
def _no_object(c: Context, expr: ast.Expr, scope: Scope, hint: Type | None) -> Typed:
    if isinstance(expr, ast.Union) and all(isinstance(p, ast.Number | ast.Quantity | ast.Text) for p in expr.parts):
        return c.error(word_errors.numbers_as_a_set(expr.parts, expr.span))
    return c.error(errors.set_for_object(expr.span.text, expr.span))


@infer.handles_value(ast.ColumnOf, ast.RangeExpr)
def _no_value(c: Context, expr: ast.Expr, scope: Scope, hint: Type | None) -> Typed:
    return c.error(errors.wrong_type(expr.span.text, ty.list_of(ty.NONE), "a value", expr.span))


@infer.handles_value(ast.Text)
def text(c: Context, expr: ast.Text, scope: Scope, hint: Type | None) -> Typed:
    """A quoted text: a colour or a label if one is expected, otherwise a text."""
    kind = ty.TEXT
    if hint is not None and hint.kind == "color":
        if lab_of_hex(expr.value) is None:
            return c.error(errors.bad_color(expr.value, expr.span, c.colors))
        kind = ty.COLOR
    elif hint is not None and hint.kind == "label":
        if expr.value not in c.labels(hint.domain):
            known = c.labels(hint.domain)
            return c.error(errors.unknown_label(expr.value, str(hint.domain), expr.span, known))
        kind = hint
    return c.add(ir.Literal_(type=kind, depth=0, span=place(expr.span), value=expr.value, written=expr.span.text))


@infer.handles_value(ast.Ref)
def reference(c: Context, expr: ast.Ref, scope: Scope, hint: Type | None) -> Typed:
    """A bare name where a value is wanted; a label or colour before an object of that name where one is expected."""
    name = expr.name
    if name in scope.names and not (scope.names[name].type.kind == "object" and _is_expected(c, name, hint)):
        c.note_variable(name, scope.names[name].node, expr.span)
        return scope.names[name]
    if hint is not None and hint.kind == "label" and (found := label(c, expr, hint)) is not None:
        return found
    if hint is not None and hint.kind == "color" and name in c.colors:
        return color(c, expr)
    if name in c.things:
        return thing(c, expr, scope, hint)
    if name == "image":
        return c.name("image", "image", ty.REGION, expr.span)
    if c.attribute_type(name) is not None:
        if scope.bare is None:
            return c.error(errors.attribute_of_what(name, expr.span, c.first_class()))
        return column(c, scope.bare, name, scope, expr.span)
    if name in c.colors:
        return color(c, expr)
    return c.error(unresolved(c, name, expr.span, scope, hint))


def _is_expected(c: Context, name: str, hint: Type | None) -> bool:
    """Whether a label or a colour is expected, and this is the name of one."""
    if hint is None or hint.kind not in ("label", "color"):
        return False
    return name in (c.colors if hint.kind == "color" else c.labels(hint.domain))


def unresolved(c: Context, name: str, span: Span, scope: Scope, hint: Type | None) -> Diagnostic:
    """What to say of a name that means nothing here."""
    if hint is not None and hint.kind == "label":
        return errors.unknown_label(name, str(hint.domain), span, c.labels(hint.domain))
    if hint is not None and hint.kind == "color":
        return errors.unknown_color(name, span, c.colors)
    if hint == ty.TEXT:
        return errors.text_without_quotes(name, span)
    dim = hint.dim if hint is not None else None
    attributes = {n: c.attribute_type(n) for n in (*(builtins("attribute") if scope.bare else ()), *c.attributes)}
    fitting = [n for n, t in attributes.items() if dim is None or (t is not None and t.dim == dim)]
    known = [*c.things, *scope.names, *fitting]
    return errors.unknown_name(name, span, known, "attribute" if scope.bare and not hint else "object", dim)


def label(c: Context, expr: ast.Ref, hint: Type) -> Typed | None:
    """A bare name as a label of the expected list, or None."""
    if expr.name in ("none", "unknown") and expr.name in c.labels(hint.domain):
        return c.error(errors.label_word(expr.name, expr.span))
    if expr.name == "none":
        return c.add(ir.Literal_(type=hint, depth=0, span=place(expr.span), value="", written="none"))
    if expr.name not in c.labels(hint.domain):
        return None
    if hint.domain == "class":
        c.things[expr.name].used = True
        c.note("thing", expr.name, expr.span)
    else:
        c.note("label", expr.name, expr.span, str(hint.domain))
    return c.add(ir.Literal_(type=hint, depth=0, span=place(expr.span), value=expr.name, written=expr.name))


def color(c: Context, expr: ast.Ref) -> Typed:
    """A named colour."""
    c.used_colors.add(expr.name)
    c.note("color", expr.name, expr.span)
    return c.add(ir.Literal_(type=ty.COLOR, depth=0, span=place(expr.span), value=expr.name, written=expr.name))


def thing(c: Context, expr: ast.Ref, scope: Scope, hint: Type | None) -> Typed:
    """A declared thing as a value: a parameter, a `let`, a region, or the single member of a set."""
    c.note("thing", expr.name, expr.span)
    found = infer.resolve(c, expr.name, expr.span)
    if found is None:
        return c.error(errors.circle(expr.name, expr.span))
    assert found.type is not None
    if found.type.kind == "error":
        return c.failed(expr.span)
    if c.raw and c.stretch != 1 and units.raw_in(c, found):
        return c.error(number_errors.pixels_counted(expr.name, expr.span))
    match found.kind:
        case "param":
            if hint is not None and hint.kind == "color" and found.type == ty.TEXT:
                return c.name("param", found.name, ty.COLOR, expr.span)
            return c.name("param", found.name, found.type, expr.span)
        case "layout":
            return c.name("layout", found.name, ty.LAYOUT, expr.span)
        case "let" | "region":
            return c.name(found.kind, found.name, found.type, expr.span, found.node)
        case _:
            if not found.single:
                if (bad := sets.misnamed(c, expr, scope)) is not None:
                    return bad
                return c.error(errors.set_for_object(expr.name, expr.span))
            return sets.the_one(c, found, expr.span)


@infer.handles_value(ast.Attr)
def attribute(c: Context, expr: ast.Attr, scope: Scope, hint: Type | None) -> Typed:
    """`base.name`."""
    if isinstance(expr.base, ast.Ref) and expr.base.name not in scope.names:
        named = c.things.get(expr.base.name)
        if named is not None and named.kind in ("class", "set") and not named.single:
            named.used = True
            c.note("thing", named.name, expr.base.span)
            if (bad := sets.misnamed(c, expr.base, scope)) is not None:
                return bad
            return c.error(errors.set_for_object(expr.base.name, expr.base.span, expr.name))
    base = infer.value(c, expr.base, scope)
    if base.bad:
        return base
    return column(c, base, expr.name, scope, expr.span)


def column(c: Context, of: Typed, name: str, scope: Scope, span: Span) -> Typed:
    """An attribute of an object, a region or a pixel."""
    if of.bad:
        return of
    found = c.attribute_type(name)
    if found is None:
        return c.error(errors.unknown_attribute(name, span, [*builtins("attribute"), *c.attributes]))
    c.note("attribute", name, span)
    if of.type.kind not in ("object", "region"):
        return c.error(errors.wrong_type(span.text.rsplit(".", 1)[0], of.type, "an object", span))
    domain = ty.REGIONS if of.type.kind == "region" else str(of.type.domain)
    if (bad := _not_of(c, name, domain, of, span)) is not None:
        return c.error(bad)
    return c.add(ir.Column(of=of.node, attribute=name, type=found, depth=scope.depth, span=place(span)))


def _not_of(c: Context, name: str, domain: str, of: Typed, span: Span) -> Diagnostic | None:
    """The error if things of a store do not have an attribute."""
    entry = attribute_entry(name)
    owners = (*(() if entry is None else entry.of), *(("objects",) if name in c.attributes else ()))
    kind = {ty.PIXELS: "pixels", ty.REGIONS: "places"}.get(domain, "cells" if domain.startswith("grid:") else "objects")
    if kind in owners:
        return None
    if kind == "pixels":
        return errors.only_objects(name, span)
    if owners == ("pixels",):
        return errors.only_pixels(name, span)
    if owners == ("cells",):
        return errors.cell_only(name, span)
    return errors.wrong_type(span.text, of.type, "an object of the table", span)


def _between(expr: ast.Binary) -> str:
    """What stands between the sides of an operation, with the sign of the right one."""
    start, end = expr.left.span.end, expr.right.span.start + 1
    return expr.span.source.text[start:end] if expr.left.span.source is expr.right.span.source else ""


@infer.handles_value(ast.Binary)
def arithmetic(c: Context, expr: ast.Binary, scope: Scope, hint: Type | None) -> Typed:
    """`+ - * /`."""
    if expr.op == "+" and isinstance(expr.right, ast.Negate) and re.search(r"\+-$", _between(expr)):
        return c.error(word_errors.tolerance_as_a_sum(expr.left.span.text, expr.right.part.span.text, expr.span))
    if expr.op == "-" and isinstance(expr.right, ast.Negate) and "--" in _between(expr):
        return c.error(word_errors.comment_as_a_difference(expr.span))
    a = infer.value(c, expr.left, scope, hint if expr.op in "+-" else None)
    b = infer.value(c, expr.right, scope, hint if expr.op in "+-" else None)
    if a.bad or b.bad:
        return a if a.bad else b
    for side, e in ((a, expr.left), (b, expr.right)):
        if side.type.kind != "number":
            return c.error(errors.wrong_type(e.span.text, side.type, "a number", e.span))
    args = (a.node, b.node)
    if expr.op in "+-":
        if a.type == b.type == ty.PERCENT:
            return c.call(expr.op, args, ty.PERCENT, scope, expr.span)
        if hint is not None and hint.axis is not None and ty.PERCENT in (a.type, b.type):
            # `100 % - 10 px` where a length along x or y is wanted
            a, b = units.fit(c, a, hint, scope, expr.left.span), units.fit(c, b, hint, scope, expr.right.span)
        a, b = units.fit_pair(c, a, b, scope, (expr.left.span, expr.right.span))
        if a.bad or b.bad:
            return a if a.bad else b
        joined = ty.sum_of(a.type, b.type, expr.op == "-")
        if joined is None and a.type.dim == b.type.dim:
            return c.error(number_errors.bad_product(expr.op, a.type, b.type, expr.span))
        if joined is None:
            return c.error(
                number_errors.different_types(
                    expr.left.span.text, a.type, expr.right.span.text, b.type, expr.span, c.scaled
                )
            )
        return c.call(expr.op, (a.node, b.node), joined, scope, expr.span)
    percent = [t.type == ty.PERCENT for t in (a, b)]
    if any(percent):
        other = b if percent[0] else a
        if ty.is_pure(other.type) and other.type != ty.DIFFERENCE and (percent[0] or expr.op == "*"):
            return c.call(expr.op, args, ty.PERCENT, scope, expr.span)
        a, b = (units.fit(c, v, ty.RATIO, scope, expr.span) for v in (a, b))
    made = ty.product(a.type, b.type, expr.op == "/")
    if made is None:
        return c.error(number_errors.bad_product(expr.op, a.type, b.type, expr.span))
    return c.call(expr.op, (a.node, b.node), made, scope, expr.span)


@infer.handles_value(ast.Negate)
def negate(c: Context, expr: ast.Negate, scope: Scope, hint: Type | None) -> Typed:
    """`-a`."""
    part = infer.value(c, expr.part, scope)
    if part.bad:
        return part
    if part.type.kind != "number":
        return c.error(errors.wrong_type(expr.part.span.text, part.type, "a number", expr.part.span))
    return c.call("neg", (part.node,), part.type, scope, expr.span)


@infer.handles_value(ast.If)
def choice(c: Context, expr: ast.If, scope: Scope, hint: Type | None) -> Typed:
    """`if P then a else b`: a value, or a truth if both are truths."""
    if expr.otherwise is None or hint == ty.TRUTH:
        return infer.truth(c, expr, scope)
    condition = infer.truth(c, expr.condition, scope)
    a = infer.value(c, expr.then, scope, hint)
    b = infer.value(c, expr.otherwise, scope, hint or a.type)
    if condition.bad or a.bad or b.bad:
        return next(v for v in (condition, a, b) if v.bad)
    a, b = units.fit_pair(c, a, b, scope, (expr.then.span, expr.otherwise.span))
    joined = ty.join(a.type, b.type)
    if joined is None:
        return c.error(errors.mixed_arms(a.type, b.type, expr.span))
    return c.call("if", (condition.node, a.node, b.node), joined, scope, expr.span)


@infer.handles_truth(ast.And, ast.Or)
def joined(c: Context, expr: ast.And | ast.Or, scope: Scope, spine: bool) -> Typed:
    """`and`, `or`."""
    kinds = {n: t.kind for n, t in c.things.items()} | dict.fromkeys(scope.names, "variable")
    if (meant := word_errors.one_of_several(expr, kinds)) is not None:
        return c.error(word_errors.several_values(expr, meant))
    return _of_truths(c, "and" if isinstance(expr, ast.And) else "or", expr.parts, scope, expr.span)


@infer.handles_truth(ast.Not)
def denied(c: Context, expr: ast.Not, scope: Scope, spine: bool) -> Typed:
    """`not P`."""
    return _of_truths(c, "not", (expr.part,), scope, expr.span)


def _of_truths(c: Context, fn: str, exprs: Sequence[ast.Expr], scope: Scope, span: Span) -> Typed:
    parts = [infer.truth(c, p, scope) for p in exprs]
    bad = next((p for p in parts if p.bad), None)
    return bad or c.call(fn, tuple(p.node for p in parts), ty.TRUTH, scope, span)


@infer.handles_truth(ast.Union, ast.Phrase, ast.Named, ast.Neighbours, ast.OnView, ast.Other)
def _no_truth(c: Context, expr: ast.Expr, scope: Scope, spine: bool) -> Typed:
    return c.error(errors.set_for_truth(expr.span.text, expr.span.text, "…", expr.span))


@infer.handles_truth(ast.If)
def condition(c: Context, expr: ast.If, scope: Scope, spine: bool) -> Typed:
    """`if P then Q [else R]` as a condition."""
    parts = [p for p in (expr.condition, expr.then, expr.otherwise) if p is not None]
    return _of_truths(c, "if", parts, scope, expr.span)
