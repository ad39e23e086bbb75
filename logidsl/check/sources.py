"""Sources: `object NAME = read_text(…)` and similar, a class whose rows are found in a picture.

Arguments are matched by type, in order; optional ones may be omitted. Regions may refer to other objects, which are
found first; cycles are errors.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from logidsl import ir
from logidsl import types as ty
from logidsl.check import arguments, errors, infer, source_errors, units
from logidsl.check.context import Context, Scope, Symbol, Typed, place
from logidsl.check.imports import path_below
from logidsl.library import Builtin, Parameter, builtins
from logidsl.syntax import ast


@dataclass
class SourceArguments:
    """The arguments of one source."""

    texts: list[ast.Text] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)
    turn_deg: float = 0.0
    region: int | None = None


def called(s: ast.Statement) -> ast.CallExpr | None:
    """The source call that a statement declares a class by; None for other statements."""
    if not isinstance(s, ast.Derived):
        return None
    head = s.phrase.head if isinstance(s.phrase, ast.Phrase) else s.phrase
    return head if isinstance(head, ast.CallExpr) and head.function in builtins("source") else None


def source(c: Context, found: Symbol, s: ast.Derived) -> None:
    """Make a class of `object NAME = fn(…) where P`."""
    call = called(s)
    assert call is not None
    found.type = ty.set_of(ty.OBJECTS)
    given = _arguments(c, builtins("source")[call.function], call)
    by = s.phrase.by[0] if isinstance(s.phrase, ast.Phrase) and s.phrase.by else None
    if by is not None:
        c.bag.add(source_errors.source_order(call.function, by.span.text, by.span))
    if given is not None:
        file = _file(c, call, given.texts[0]) if builtins("source")[call.function].files else None
        names = tuple(t.value for t in given.texts[1:])
        c.sources.append(
            ir.SourceDecl(
                name=found.name,
                fn=call.function,
                file=file,
                score=given.ratios[0] if given.ratios else None,
                stretch=given.ratios[1] if len(given.ratios) > 1 else 0.0,
                turn_deg=given.turn_deg,
                of=given.region,
                names=names,
                numbers=tuple(given.numbers),
                span=place(s.span),
            )
        )
    if given is None or by is not None:
        found.type = ty.ERROR
    each, where = _filter(c, found, s)
    c.classes[found.name] = ir.ClassDecl(
        name=found.name, each=each, where=where, single=found.single, span=place(s.span)
    )


def _filter(c: Context, found: Symbol, s: ast.Derived) -> tuple[int | None, int | None]:
    """The iteration over the objects found, and the filter that narrows it."""
    condition = s.phrase.where if isinstance(s.phrase, ast.Phrase) else None
    if condition is None:
        return None, None
    obj = c.objects("raw", found.name, s.name.span)
    kept = infer.truth(c, condition, Scope().walking(obj))
    if kept.bad:
        found.type = ty.ERROR
    return obj.node, kept.node


def _arguments(c: Context, entry: Builtin, call: ast.CallExpr) -> SourceArguments | None:
    """The arguments, each for the next parameter of its kind; None after a mistake."""
    given, left, good = SourceArguments(), list(entry.parameters), True
    for expr in call.args:
        kind = _kind(c, expr, entry)
        at_ = next((i for i, p in enumerate(left) if p.kind == kind), None)
        if at_ is None or any(_needed(p) for p in left[:at_]):
            c.bag.add(source_errors.source_argument(entry.signature, expr.span.text, expr.span))
            return None
        fitting = left[at_]
        left = left[at_ + (not fitting.repeats) :]
        good &= _take(c, given, fitting, expr)
    if any(_needed(p) for p in left):
        c.bag.add(errors.wrong_arguments(entry.name, entry.signature, len(call.args), call.span))
        return None
    return given if good else None


def _needed(p: Parameter) -> bool:
    return not p.optional and not p.repeats


def _kind(c: Context, expr: ast.Expr, entry: Builtin) -> str:
    """The kind of parameter that an argument is for, by its form."""
    match expr:
        case ast.Text():
            return "text"
        case ast.Number() if "." not in expr.text and entry.numbered:
            return "text"  # the number of a class stands for its name
        case ast.Number():
            return "ratio"
        case ast.Quantity():
            return {"%": "ratio", "deg": "angle"}.get(expr.unit, expr.unit)
        case ast.Ref() if expr.name in c.things and c.things[expr.name].kind == "param":
            kind = _type_of(c, expr)
            return {"text": "text", "ratio": "ratio", "percent": "ratio", "angle": "angle"}.get(kind, kind)
        case _:
            return "R"


def _type_of(c: Context, expr: ast.Ref) -> str:
    """What a parameter is: the kind of its type, or its dimension."""
    found = infer.value(c, expr, Scope()).type
    return (found.dim or "") if found.kind == "number" else found.kind


def _take(c: Context, given: SourceArguments, p: Parameter, expr: ast.Expr) -> bool:
    """Take one argument in; whether it is right."""
    match p.kind, expr:
        case "text", ast.Text():
            given.texts.append(expr)
        case "text", ast.Number():
            given.numbers.append(int(expr.text))
        case "text", _:
            param = next(q for q in c.params if isinstance(expr, ast.Ref) and q.name == expr.name)
            given.texts.append(ast.Text(str(param.value), span=expr.span))
        case "ratio" | "angle", _:
            wanted = ty.RATIO if p.kind == "ratio" else ty.ANGLE
            made = units.fit(c, infer.value(c, expr, Scope(), wanted), wanted, Scope(), expr.span)
            value = _constant(c, made)
            if value is None or not 0 <= value <= (1 if p.kind == "ratio" else 180):
                if not made.bad:
                    limits = "a share of 0 to 100 %" if p.kind == "ratio" else "an angle of 0 to 180 deg"
                    c.bag.add(errors.wrong_type(expr.span.text, made.type, limits, expr.span))
                return False
            if p.kind == "ratio":
                given.ratios.append(value)
            else:
                given.turn_deg = value
        case _:
            made = arguments.argument(c, p, expr, Scope(), None)
            if not made.bad and made.type.kind == "point":
                made = c.error(errors.wrong_type(expr.span.text, made.type, "a region or an object", expr.span))
            given.region = made.node
            return not made.bad
    return True


def _constant(c: Context, made: Typed) -> float | None:
    """The number of a literal or of a parameter."""
    node = c.nodes[made.node]
    if isinstance(node, ir.Call) and (entry := ir.entry_of(node)) is not None and entry.identity:
        node = c.nodes[node.args[0]]
    if isinstance(node, ir.Name) and node.thing == "param":
        value = next((p.value for p in c.params if p.name == node.ref), None)
        return value if isinstance(value, float) else None
    return None if made.bad else units.constant(c, made.node)


def _file(c: Context, call: ast.CallExpr, path: ast.Text) -> str | None:
    """The path of a file below the spec's folder, relative to it."""
    endings = builtins("source")[call.function].files
    if PurePosixPath(path.value).suffix.lower() not in endings:
        c.bag.add(source_errors.source_ending(call.function, path.value, endings, path.span))
        return None
    root = Path(c.path).parent
    found = path_below(root, path.span.source.path, path.value)
    if found is None:
        c.bag.add(source_errors.source_outside(path.value, path.span))
    return found
