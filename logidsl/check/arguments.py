"""The arguments of a call, by the kinds of parameters that a builtin's declaration has."""

from __future__ import annotations

from logidsl import ir
from logidsl import types as ty
from logidsl.check import blobs, errors, infer, sets, units, values
from logidsl.check.context import Context, Scope, Typed
from logidsl.library import Parameter
from logidsl.syntax import ast
from logidsl.types import Type

#: What an argument of a kind may be, its name in messages, and the type of a bare name.
_ACCEPTED: dict[str, tuple[tuple[str, ...], str, Type | None]] = {
    "P": (("object", "point", "region"), "an object or a point", None),
    "o": (("object",), "an object", None),
    "R": (("object", "region", "point"), "an object or a region", None),
    "point": (("point",), "a point", None),
    "color": (("color",), "a colour", ty.COLOR),
    "text": (("text",), "a text", ty.TEXT),
}


def argument(c: Context, p: Parameter, expr: ast.Expr, scope: Scope, hint: Type | None) -> Typed:
    """One argument of a call."""
    if p.kind in _ACCEPTED:
        kinds, words, type_ = _ACCEPTED[p.kind]
        return _of_kind(c, expr, scope, kinds, words, type_)
    match p.kind:
        case "layout" if sets.is_set(c, expr, scope):
            return c.error(errors.wrong_type(expr.span.text, ty.set_of(ty.OBJECTS), "a `layout`", expr.span))
        case "layout":
            return _of_kind(c, expr, scope, ("layout",), "a `layout`")
        case "axis":
            return _axis(c, expr, scope)
        case "line":
            return _line(c, expr, scope)
        case _ if p.quoted:
            return _quoted(c, p, expr, scope)
        case "frame":
            with c.before_seeing(fixed=False, raw=False):  # it is found in the picture first
                return _of_kind(c, expr, Scope(), ("frame",), "a frame, `turned(mark)` say")
        case "pixels":
            return blobs.condition(c, expr)
        case "number":
            return _of_kind(c, expr, scope, ("number",), "a number", hint)
        case _:
            assert p.type is not None
            return number(c, p.type, expr, scope)


def _line(c: Context, expr: ast.Expr, scope: Scope) -> Typed:
    """An x or a y, which gives a line's position and direction."""
    line = infer.value(c, expr, scope)
    if line.bad or (line.type.dim == "length" and line.type.axis is not None):
        return line
    return c.error(errors.wrong_type(expr.span.text, line.type, "an x or a y, `plate.x` say", expr.span))


def _quoted(c: Context, p: Parameter, expr: ast.Expr, scope: Scope) -> Typed:
    """A text that is written in the spec."""
    words = f"a {p.kind} in quotes"
    found = _of_kind(c, expr, scope, ("text",), words, ty.TEXT)
    if found.bad or isinstance(c.nodes[found.node], ir.Literal_):
        return found
    return c.error(errors.wrong_type(expr.span.text, found.type, words, expr.span))


def _axis(c: Context, expr: ast.Expr, scope: Scope) -> Typed:
    """An angle, or the angle of an object."""
    found = infer.value(c, expr, scope)
    if found.type.kind == "object":
        return values.column(c, found, "angle", scope, expr.span)
    if found.bad or found.type.dim == "angle":
        return found
    return c.error(errors.wrong_type(expr.span.text, found.type, "an object or an angle", expr.span))


def _of_kind(
    c: Context, expr: ast.Expr, scope: Scope, kinds: tuple[str, ...], words: str, hint: Type | None = None
) -> Typed:
    found = infer.value(c, expr, scope, hint)
    if found.bad or found.type.kind in kinds:
        return found
    return c.error(errors.wrong_type(expr.span.text, found.type, words, expr.span))


def number(c: Context, wanted: Type, expr: ast.Expr, scope: Scope) -> Typed:
    """An argument that is a number of a dimension."""
    found = infer.value(c, expr, scope, wanted)
    if found.bad:
        return found
    found = units.fit(c, found, wanted, scope, expr.span, radius=True)
    if found.bad or (found.type.kind == "number" and (ty.join(found.type, wanted) is not None)):
        return found
    return c.error(errors.wrong_type(expr.span.text, found.type, f"a {wanted}", expr.span))
