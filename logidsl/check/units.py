"""Numbers with units: literals to base units, shares to their reference, ranges that supply a unit."""

from __future__ import annotations

import re
from collections.abc import Sequence

from logidsl import ir
from logidsl import types as ty
from logidsl.check import errors, infer, number_errors, scales
from logidsl.check.context import Context, Scope, Symbol, Typed
from logidsl.library import Builtin, builtins
from logidsl.library.intervals import SHARE
from logidsl.source import Span
from logidsl.syntax import ast
from logidsl.types import Type


def number(c: Context, expr: ast.Number) -> Typed:
    """A number without a unit: a count if whole, otherwise a ratio."""
    whole = "." not in expr.text
    return c.number(float(expr.text), ty.COUNT if whole else ty.RATIO, expr.span, expr.text)


def quantity(c: Context, expr: ast.Quantity) -> Typed:
    """A number with a unit, in base units: px along x if a scale makes pixels not square."""
    value, unit = float(expr.text), expr.unit
    written = f"{expr.text} {unit}"
    match unit:
        case "px" if c.stretch != 1 and value != 0 and not c.raw:
            made = c.number(value, ty.RAW, expr.span, written)
            c.unsettled[made.node] = expr.span
            return made
        case "px":
            return c.number(value, ty.LENGTH, expr.span, written)
        case "px2":
            return c.number(value if c.raw else value * c.stretch, ty.AREA, expr.span, written)
        case "deg":
            return c.number(value, ty.ANGLE, expr.span, written)
        case "days":
            return c.number(value, ty.DAYS, expr.span, written)
        case "%":
            return c.number(value / 100.0, ty.PERCENT, expr.span, written)
        case _:
            if c.known_length is not None:
                return scales.quantity(c, expr, c.known_length)
            if c.scale is None:
                return c.error(number_errors.no_scale(expr.span, expr.span.text))
            if c.stretch != 1 and c.raw:
                return c.error(number_errors.pixels_counted(expr.span.text, expr.span))
            mm, per = ty.MM_PER[unit.rstrip("2")], c.scale.mm_per_px_x
            if unit.endswith("2"):
                return c.number(value * mm * mm / (per * per), ty.AREA, expr.span, written)
            return c.number(value * mm / per, ty.LENGTH, expr.span, written)


def fit(c: Context, value: Typed, wanted: Type, scope: Scope, span: Span, *, radius: bool = False) -> Typed:
    """A share, or px that are not square, converted for the place; other values unchanged.

    `radius`: whether a length without an axis may be a share of the frame's shorter side.
    """
    value = zero(c, value, wanted)
    if value.type == ty.RAW and wanted.dim == "length" and wanted != ty.RAW:
        return _settled(c, value, wanted, span)
    if value.type != ty.PERCENT or wanted.kind != "number" or wanted.dim == "percent":
        return value
    args = (value.node,) if scope.frame is None else (value.node, scope.frame)
    found = c.nodes[value.node]
    words = (isinstance(found, ir.Literal_) and found.written) or span.text
    match wanted.dim, wanted.axis:
        case "ratio", _ if wanted.domain == "difference":
            return c.error(number_errors.percent_of_colors(span, words))
        case "count", _ if not _of_a_count(c, value.node):
            return c.error(
                number_errors.percent_of_count(span, words, c.first_class(beside=span.source.line(span.line)))
            )
        case "ratio" | "count", _:
            return c.call("as_ratio", (value.node,), ty.RATIO, scope, span)
        case "length", "x":
            return c.call("share_x", args, ty.length("x"), scope, span)
        case "length", "y":
            return c.call("share_y", args, ty.length("y"), scope, span)
        case "length", None if radius:
            return c.call("share_r", args, ty.LENGTH, scope, span)
        case "area", _:
            return c.call("share_area", args, ty.AREA, scope, span)
        case _:
            whole = "180 deg" if wanted.dim == "angle" else "image.width"
            return c.error(number_errors.percent_of_what(span, words, whole))


def is_zero(c: Context, value: Typed) -> bool:
    """Whether a value is a literal 0 without a unit."""
    node = c.nodes[value.node]
    entry = ir.entry_of(node)
    written = isinstance(node, ir.Literal_) or (entry is not None and entry.negates)
    return ty.is_pure(value.type) and written and constant(c, value.node) == 0


def zero(c: Context, value: Typed, wanted: Type) -> Typed:
    """A 0 without a unit converted to the expected dimension; other values unchanged."""
    unit = {"length": "px", "area": "px2", "angle": "deg", "days": "days"}.get(wanted.dim or "")
    if unit is None or not is_zero(c, value):
        return value
    span = c.nodes[value.node].span
    type_ = Type("number", wanted.dim, wanted.axis)
    return c.add(ir.Literal_(type=type_, depth=0, span=span, value=0.0, written=f"0 {unit}"))


def _settled(c: Context, value: Typed, wanted: Type, span: Span) -> Typed:
    """Px of a picture as a length along the expected axis; copied, because a chain may need both."""
    node = c.nodes[value.node]
    words = (isinstance(node, ir.Literal_) and node.written) or span.text
    match node:
        case _ if wanted.axis is None:
            pass
        case ir.Literal_(value=float() as number):
            c.unsettled.pop(value.node, None)
            factor = c.stretch if wanted.axis == "y" else 1.0
            return c.add(node.replaced(value=number * factor, type=ty.length(wanted.axis)))
        case ir.Call(args=args) if _scales(node):
            parts = [Typed(a, c.nodes[a].type) for a in args]
            parts = [_settled(c, p, wanted, span) if p.type == ty.RAW else p for p in parts]
            bad = next((p for p in parts if p.bad), None)
            made = node.replaced(args=tuple(p.node for p in parts), type=ty.length(wanted.axis))
            return bad or c.add(made)
    return c.error(number_errors.pixels_by_axis(words, span))


def _scales(node: ir.Call) -> bool:
    """Whether a value changes in proportion to the values that it is made of."""
    return node.fn == "if" or ((entry := ir.entry_of(node)) is not None and entry.scales)


def is_fraction(c: Context, node: int) -> bool:
    """Whether a value lies between 0 and 1 by its nature, as a lightness does."""
    found = c.nodes[node]
    entry = builtins("attribute").get(found.attribute) if isinstance(found, ir.Column) else ir.entry_of(found)
    return entry is not None and entry.values is SHARE


def share_of(c: Context, a: Typed, b: Typed, expr: ast.Compare) -> str | None:
    """The value of which a tolerance in % may be a share; None if it is plainly a number of hundredths."""
    texts = [o.span.text for o in expr.operands]
    if not isinstance(expr.within, ast.Quantity) or "%" not in expr.within.span.text:
        return None
    return None if "%" in "".join(texts) or any(is_fraction(c, v.node) for v in (a, b)) else texts[1]


def raw_in(c: Context, thing: Symbol) -> bool:
    """Whether a length or an area is part of a parameter, a value or a region, which then does not count pixels."""
    if thing.kind == "param":
        return thing.type is not None and thing.type.dim in ("length", "area")
    waiting = [] if thing.node is None else [thing.node]
    while waiting:
        match c.nodes[waiting.pop()]:
            case ir.Literal_(type=Type(dim="length" | "area")):
                return True
            case ir.Name(thing="param", ref=ref) if raw_in(c, c.things[ref]):
                return True
            case ir.Name(target=int(target)):
                waiting.append(target)
            case ir.Call(args=args):
                waiting += args
    return False


def tolerance(c: Context, of: Type, expr: ast.Expr, scope: Scope) -> Typed | None:
    """How far two values of a type may be apart; None if they are compared exactly."""
    match of.kind:
        case "color":
            wanted = ty.DIFFERENCE
        case "number" if of in (ty.RATIO, ty.DIFFERENCE):
            wanted = of
        case "number" if of.dim != "count":
            wanted = ty.difference(Type("number", of.dim))
        case "point":
            wanted = ty.LENGTH
        case _:
            return None
    limit = infer.value(c, expr, scope, wanted)
    fitting = of if limit.type == ty.RAW and of.kind == "number" else wanted
    limit = limit if limit.bad else fit(c, limit, fitting, scope, expr.span)
    if limit.bad or ty.join(limit.type, wanted) is not None:
        return limit
    return c.error(errors.wrong_type(expr.span.text, limit.type, f"a {wanted}", expr.span))


def fit_pair(c: Context, a: Typed, b: Typed, scope: Scope, spans: tuple[Span, Span]) -> tuple[Typed, Typed]:
    """Both values of a comparison or sum, with shares converted for the other side; two shares are ratios."""
    if a.type == b.type == ty.PERCENT:
        return fit(c, a, ty.RATIO, scope, spans[0]), fit(c, b, ty.RATIO, scope, spans[1])
    return fit(c, a, widened(c, b), scope, spans[0]), fit(c, b, widened(c, a), scope, spans[1])


def widened(c: Context, value: Typed) -> Type:
    """The meaning of a share next to a value: next to a literal whole number, as in `1 - 5 %`, a ratio."""
    return ty.RATIO if value.type == ty.COUNT and constant(c, value.node) is not None else value.type


def _of_a_count(c: Context, node: int) -> bool:
    """Whether a share refers to a count that is not literal: `5 % * count(bolt)`."""
    found = c.nodes[node]
    if isinstance(found, ir.Name) and found.target is not None:
        return _of_a_count(c, found.target)
    if found.type == ty.COUNT:
        return not isinstance(found, ir.Literal_)
    return isinstance(found, ir.Call) and any(_of_a_count(c, a) for a in found.args)


def _unit(expr: ast.Expr) -> str | None:
    match expr:
        case ast.Quantity():
            return expr.unit
        case ast.Negate():
            return _unit(expr.part)
        case _:
            return None


def _lend(expr: ast.Expr, unit: str | None) -> ast.Expr:
    if unit is None:
        return expr
    match expr:
        case ast.Number():
            return ast.Quantity(expr.text, unit, span=expr.span)
        case ast.Negate():
            return expr.replaced(part=_lend(expr.part, unit))
        case _:
            return expr


def ends(expr: ast.RangeExpr) -> tuple[ast.Expr, ast.Expr]:
    """Both ends of a range; an end without a unit takes the other's."""
    return _lend(expr.low, _unit(expr.high)), _lend(expr.high, _unit(expr.low))


def sharing(items: Sequence[ast.Expr]) -> list[ast.Expr]:
    """The items of a list; numbers without a unit take the one unit of the others."""
    said = {unit for e in items if (unit := _unit(e)) is not None}
    return [_lend(e, *said) for e in items] if len(said) == 1 else [*items]


def hyphenated(expr: ast.Expr) -> str | None:
    """The range that `2-3` was meant as: a difference of plain numbers whose second is greater, or without spaces."""
    match expr:
        case ast.Binary(op="-", left=ast.Number() as low, right=(ast.Number() | ast.Quantity()) as high):
            if float(low.text) < float(high.text):
                return f"{low.span.text} .. {high.span.text}"
            unit = high.span.text.removeprefix(high.text)
            glued = expr.span.text.startswith(f"{low.text}-{high.text}") and float(low.text) > float(high.text)
            return f"{high.text} .. {low.text}{unit}" if glued else None
        case _:
            return None


def around(written: str) -> str | None:
    """A range about a number that is written out.

    Examples
    --------
    >>> around("5 px"), around("0.25"), around("limit")
    ('4.5 .. 5.5 px', '0.245 .. 0.255', None)
    """
    found = re.fullmatch(r"([0-9]+(?:\.([0-9]+))?) *(\S*)", written)
    if found is None:
        return None
    play = 0.5 * 10.0 ** -len(found[2] or "")
    ends = " .. ".join(f"{float(found[1]) + d:.7f}".rstrip("0").rstrip(".") for d in (-play, play))
    return f"{ends} {found[3]}".rstrip()


def is_share(c: Context, node: int) -> bool:
    """Whether a number is a share of a frame."""
    found = c.nodes[node]
    return (entry := ir.entry_of(found)) is not None and bool(entry.share_of)


def holds_share(c: Context, node: int) -> bool:
    """Whether a share of a frame goes into a number."""
    waiting = [node]
    while waiting:
        number = waiting.pop()
        if is_share(c, number):
            return True
        found = c.nodes[number]
        waiting += found.args if isinstance(found, ir.Call) else ()
    return False


def constant(c: Context, node: int) -> float | None:
    """The number that a node always is, or None."""
    found = c.nodes[node]
    match found, ir.entry_of(found):
        case ir.Literal_(value=float() as value), _:
            return value
        case ir.Call(args=(inner,)), Builtin(negates=True):
            value_ = constant(c, inner)
            return None if value_ is None else -value_
        case ir.Call(args=(inner,)), Builtin(identity=identity, share_of=share_of) if identity or share_of:
            return constant(c, inner)
        case _:
            return None
