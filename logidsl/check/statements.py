"""Statements: declarations, resolved on first use. `blobs` and rules have their own modules."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

from logidsl import ir
from logidsl import types as ty
from logidsl.check import batches, errors, infer, number_errors, places, scales, sets, sources, units, word_errors
from logidsl.check.context import Context, Scope, Symbol, ThingKind, Typed, place
from logidsl.library import builtins
from logidsl.library.color import DEFAULT_REACH, lab_of_hex
from logidsl.library.dates import ISO, day_of
from logidsl.source import Span
from logidsl.syntax import ast
from logidsl.syntax.identifiers import identifiers

TYPE_NAMES = {
    "count": ty.COUNT,
    "number": ty.RATIO,
    "length": ty.LENGTH,
    "area": ty.AREA,
    "angle": ty.ANGLE,
    "turn": ty.TURN,
    "text": ty.TEXT,
    "color": ty.COLOR,
    "point": ty.POINT,
}


#: Limit on nested resolutions: declarations are resolved in order, so that only a cycle nests.
CIRCLE = 20


def declare(c: Context, found: Sequence[ast.Statement], broken: Sequence[ast.Ident]) -> None:
    """Register all declarations, so that the order of statements does not matter.

    Names from unreadable statements are registered as errors, so that their uses are not reported.
    """
    for name in broken:
        c.things.setdefault(name.name, Symbol("let", name.name, name.span, state="done", type=ty.ERROR))
    for s in found:
        match s:
            case ast.Color():
                _color(c, s)
            case ast.Attribute():
                _attribute(c, s)
            case ast.Scale():
                _scale(c, s)
            case ast.Variant():
                c.bag.add(errors.no_scene(s.span.text.split()[0], s.span))
            case _ if isinstance(s, ast.Thing):
                _thing(c, s)
            case ast.Batch():
                batches.declare(c, s)
            case ast.View() | ast.Rule() | ast.Doubtful() | ast.Keep() | ast.Test() | ast.Import() | ast.FrameDecl():
                pass
    for s in found:
        if isinstance(s, ast.View):
            batches.declare(c, s)


def _thing(c: Context, s: ast.Statement) -> None:
    kind: ThingKind
    match s:
        case ast.Object() | ast.Blobs():
            kind = "class"
        case ast.Derived():
            kind = "class" if sources.called(s) else "set"
        case ast.Grid():
            kind = "grid"
        case ast.Layout():
            kind = "layout"
        case ast.Region():
            kind = "region"
        case ast.Let():
            kind = "let"
        case ast.Param():
            kind = "param"
        case _:
            raise TypeError(s)
    name = s.name
    if name.name in c.things:
        first = c.things[name.name].span
        c.bag.add(errors.declared_twice(name.name, name.span, first, kind))
        return
    functions = {*builtins("function"), *builtins("aggregate"), *builtins("source")}
    taken = {**dict.fromkeys(functions, "a function"), "image": "the whole picture"}
    taken |= dict.fromkeys((*builtins("attribute"), *c.attributes), "an attribute")
    if name.name in taken:
        c.bag.add(errors.taken_name(name.name, name.span, taken[name.name], _renamed(c, s)))
    single = isinstance(s, ast.Object | ast.Derived) and _is_single(s.cardinality)
    c.things[name.name] = Symbol(kind, name.name, name.span, s, single=single)


def _renamed(c: Context, s: ast.Statement) -> str | None:
    """A new name for a class that keeps its name in the source."""
    if isinstance(s, ast.Object) and not s.aliases:
        name = s.name.name
        other = identifiers([name], taken=c.things)[name]
        return f'choose another name, and say what the source calls it: `object {other} "{name}"`'
    return None


def _is_single(cardinality: ast.Cardinality | None) -> bool:
    """Whether at most one member is declared."""
    if cardinality is None or cardinality.word == "at least":
        return False
    value = cardinality.value
    top = value.high if isinstance(value, ast.RangeExpr) else value
    return isinstance(top, ast.Number) and top.text in ("0", "1")


def _color(c: Context, s: ast.Color) -> None:
    lab = lab_of_hex(s.value.value)
    if lab is None:
        c.bag.add(errors.bad_color(s.value.value, s.value.span))
        lab = (50.0, 0.0, 0.0)
    if s.name.name in c.colors:
        c.bag.add(errors.declared_twice(s.name.name, s.name.span, s.name.span, "color"))
        return
    reach = float(s.reach.text) if s.reach is not None else DEFAULT_REACH
    c.colors[s.name.name] = ir.NamedColor(
        name=s.name.name, lab=lab, reach=reach, written=s.value.value, span=place(s.span)
    )


def _attribute(c: Context, s: ast.Attribute) -> None:
    name = s.name.name
    if name in c.attributes:
        c.bag.add(errors.declared_twice(name, s.name.span, s.name.span, "attribute"))
        return
    if name in builtins("attribute"):
        wanted = TYPE_NAMES.get(s.options[0].name) if isinstance(s.options[0], ast.Ident) else None
        if wanted == c.attribute_type(name) and len(s.options) == 1 and not s.aliases:
            fix = "remove the statement"
        else:
            called = "" if s.aliases else f' "{name}"'
            fix = f"choose another name: `attribute my_{name}{called}`"
        c.bag.add(errors.built_in(name, s.name.span, fix))
        return
    if name in c.things:  # whichever of them stands first
        c.bag.add(errors.taken_name(name, c.things[name].span, "an attribute"))
    for o in s.options:
        if isinstance(o, ast.Ident) and o.name in ("none", "unknown"):
            c.bag.add(errors.label_word(o.name, o.span))
        elif isinstance(o, ast.Text) and not o.value:
            c.bag.add(errors.empty_label(o.span))
    options = tuple(o.value if isinstance(o, ast.Text) else o.name for o in s.options)
    simple = None
    if len(options) == 1 and isinstance(s.options[0], ast.Ident):
        simple = TYPE_NAMES.get(options[0])
        if (wrong := word_errors.type_as_a_label(options[0], s.options[0].span)) is not None:
            c.bag.add(wrong)
    c.attributes[name] = ir.Attribute(
        name=name,
        type=simple or ty.label(name),
        labels=() if simple else options,
        source=tuple(a.value for a in s.aliases),
        classes=sets.class_names(s.of),
        span=place(s.span),
    )


def _scale(c: Context, s: ast.Scale) -> None:
    if isinstance(s.pixels, ast.Text):
        scales.from_file(c, s.pixels)
        return
    if isinstance(s.pixels, ast.Attr):
        scales.by_object(c, s)
        return
    if s.pixels.unit != "px":
        turned = s.size is not None and s.size_y is None and s.size.unit == "px" and s.pixels.unit in ty.MM_PER
        c.bag.add(
            number_errors.no_pixels(
                s.pixels.span.text, s.pixels.unit, s.size.span.text if turned and s.size else "", s.pixels.span
            )
        )
        return
    sizes = [q for q in (s.size, s.size_y) if q is not None]
    for q in sizes:
        if q.unit not in ty.MM_PER:
            c.bag.add(number_errors.unit_unknown(q.span.text, q.unit, f"{', '.join(ty.MM_PER)} after `=`", q.span))
            return
    for q in (s.pixels, *sizes):
        if not float(q.text) > 0:
            c.bag.add(number_errors.scale_zero(q.span.text, q.span))
            return
    per = [float(q.text) * ty.MM_PER[q.unit] / float(s.pixels.text) for q in sizes]
    c.scale = ir.Scale(mm_per_px_x=per[0], mm_per_px_y=per[-1])


@infer.provides
def resolve(c: Context, name: str, span: Span) -> Symbol | None:
    """A declared thing with its type and node; None in a circular definition."""
    found = c.things[name]
    found.used = True
    if found.state == "open" or (found.state == "new" and c.waiting == CIRCLE):
        return None
    if found.state == "new":
        found.state = "open"
        c.waiting += 1
        match found.statement:
            case ast.Object() as s:
                _class(c, found, s)
            case ast.Derived() as s if sources.called(s):
                sources.source(c, found, s)
            case ast.Derived() as s:
                _derived(c, found, s)
            case ast.Grid() as s:
                places.grid(c, found, s)
            case ast.Layout() as s:
                places.layout(c, found, s)
            case ast.Region() as s:
                places.region(c, found, s)
            case ast.Let() as s:
                made = infer.value(c, s.value, Scope())
                found.node, found.type = made.node, made.type
                c.lets.append(ir.Let(name=name, node=made.node, span=place(s.span)))
            case ast.Param() as s:
                with c.before_seeing(raw=False):
                    _param(c, found, s)
            case _:
                found.type = ty.set_of(ty.OBJECTS)
        found.state = "done"
        c.waiting -= 1
    return found


def _class(c: Context, found: Symbol, s: ast.Object) -> None:
    found.type = ty.set_of(ty.OBJECTS)
    aliases = tuple(a.value for a in s.aliases)
    each = where = None
    if s.where is not None:
        obj = c.objects("raw", found.name, s.name.span)
        kept = infer.truth(c, s.where, Scope().walking(obj))
        if kept.bad:
            found.type = ty.ERROR
        each, where = obj.node, kept.node
    c.classes[found.name] = ir.ClassDecl(
        name=found.name, aliases=aliases, each=each, where=where, single=found.single, span=place(s.span)
    )


def _derived(c: Context, found: Symbol, s: ast.Derived) -> None:
    found.type = ty.set_of(ty.OBJECTS)
    if isinstance(s.phrase, ast.Number):
        if not c.reported(s.span):
            c.bag.add(errors.number_for_set(found.name, s.phrase.text, s.phrase.span))
        found.type = ty.ERROR
        return
    core = sets.core(s.phrase)
    if all(isinstance(part, ast.Text) for part in (core.parts if isinstance(core, ast.Union) else (core,))):
        c.bag.add(errors.text_for_set(found.name, s.phrase.span.text, s.phrase.span))
        found.type = ty.ERROR
        return
    w = sets.walk(c, s.phrase, Scope())
    if w.bad or w.each.type.domain != ty.OBJECTS:
        if not w.bad:
            c.bag.add(errors.not_a_set(s.phrase.span.text, w.each.type, s.phrase.span))
        found.type = ty.ERROR
        return
    c.sets.append(
        ir.SetDecl(
            name=found.name,
            each=w.each.node,
            where=w.filter(c, s.phrase.span),
            single=found.single,
            span=place(s.span),
        )
    )


def _param(c: Context, found: Symbol, s: ast.Param) -> None:
    name, expr = found.name, s.value if s.value is not None else cast("ast.RangeExpr", s.bounds).low
    written = expr.span.text
    if name in c.overrides:
        made, written = _override(c, name, c.overrides[name], expr), c.overrides[name]
    elif name in c.settings:
        made, written = _setting(c, name, c.settings[name], expr), c.settings[name].value.span.text
    else:
        made = infer.value(c, expr, Scope())
    open_ = s.value is None and name not in c.overrides and name not in c.settings
    if s.value is None and s.bounds is not None and not made.bad and made.type != ty.DATE:
        made = c.error(errors.value_needed(name, s.bounds.low.span.text, s.bounds.high.span.text, s.span))
    if s.bounds is not None:  # `param gap = 0 in 0 .. 5 px`
        made = units.zero(c, made, infer.value(c, units.ends(s.bounds)[1], Scope()).type)
    node = c.nodes[made.node]
    number = units.constant(c, made.node)
    if made.bad or (number is None and not (isinstance(node, ir.Literal_) and isinstance(node.value, str))):
        if not made.bad:
            c.error(errors.wrong_type(expr.span.text, made.type, "a number, a quantity or a text", expr.span))
        found.type = ty.ERROR
        return
    text = node.value if isinstance(node, ir.Literal_) and isinstance(node.value, str) else ""
    low = high = None
    if s.bounds is not None:
        ends = [infer.value(c, e, Scope()) for e in units.ends(s.bounds)]
        low, high = (units.constant(c, e.node) for e in ends)
        if low is not None and high is not None and low > high:
            c.bag.add(number_errors.backwards(s.bounds.low.span.text, s.bounds.high.span.text, s.bounds.span))
        elif number is not None and low is not None and high is not None and not low <= number <= high:
            given = c.overrides.get(name, expr.span.text)
            c.bag.add(errors.bad_param(name, given, s.bounds.span.text, expr.span))
    found.type, found.node = made.type, made.node
    unit = expr.unit if isinstance(expr, ast.Quantity) else ""
    c.params.append(
        ir.Param(
            name=name,
            type=made.type,
            value=None if open_ else text if number is None else number,
            unit=unit,
            written="" if open_ else written,
            low=low,
            high=high,
            span=place(s.span),
        )
    )


def _setting(c: Context, name: str, s: ast.Setting, expr: ast.Expr) -> Typed:
    """The value that an import's `with` gives a parameter."""
    default, made = infer.value(c, expr, Scope()), infer.value(c, s.value, Scope())
    made = units.zero(c, made, default.type)
    if made.bad or default.bad or ty.join(made.type, default.type) == default.type:
        return made
    return c.error(errors.bad_param(name, s.value.span.text, f"a {default.type}", s.value.span))


def _override(c: Context, name: str, text: str, expr: ast.Expr) -> Typed:
    """The value of a parameter set from outside, such as `12 px`, of the same kind as in the spec."""
    default = infer.value(c, expr, Scope())
    if default.type == ty.TEXT:
        text = text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
        return c.add(ir.Literal_(type=ty.TEXT, depth=0, span=place(expr.span), value=text, written=text))
    if default.type == ty.DATE and (day := day_of(text, ISO)) == day:
        return c.number(day, ty.DATE, expr.span, text)
    found = re.fullmatch(rf"\s*(-?)(\d{{1,9}}(?:\.\d{{1,6}})?)\s{{0,3}}({ty.UNIT_PATTERN})?\s*", text)
    if found is not None:
        sign, number, unit = found.groups()
        written: ast.Expr = ast.Number(number, span=expr.span)
        if unit:
            written = ast.Quantity(number, unit, span=expr.span)
        made = infer.value(c, ast.Negate(written, span=expr.span) if sign else written, Scope())
        made = units.zero(c, made, default.type)
        if made.bad or ty.join(made.type, default.type) == default.type:
            return made
    example = "2026-11-30" if default.type == ty.DATE else expr.span.text
    return c.error(errors.bad_param(name, text, f"a {default.type}, as in `{example}`", expr.span))


def doubtful(c: Context, s: ast.Doubtful) -> ir.Doubtful | None:
    """A `doubtful` statement."""
    ends = [infer.value(c, e, Scope(), ty.RATIO) for e in units.ends(s.range)]
    low, high = (units.constant(c, e.node) for e in ends)
    if low is None or high is None:
        c.bag.add(errors.wrong_type(s.range.span.text, ends[0].type, "two confidences", s.range.span))
        return None
    if low > high:
        c.bag.add(number_errors.backwards(s.range.low.span.text, s.range.high.span.text, s.range.span))
        return None
    classes = sets.class_names(s.of)
    for name in classes:
        if name not in c.things or c.things[name].kind != "class":
            known = [t.name for t in c.things.values() if t.kind == "class"]
            c.bag.add(errors.unknown_name(name, s.span, known))
    return ir.Doubtful(low=low, high=high, classes=classes, span=place(s.span))


def frame(c: Context, found: Sequence[ast.FrameDecl]) -> int | None:
    """The node of the spec's frame."""
    for extra in found[1:]:
        c.bag.add(errors.declared_twice("frame", extra.span, found[0].span, "the"))
    if not found:
        return None
    made = infer.value(c, found[0].call, Scope())
    if not made.bad and made.type != ty.FRAME:
        made = c.error(errors.wrong_type(found[0].call.span.text, made.type, "a frame", found[0].call.span))
    return None if made.bad else made.node
