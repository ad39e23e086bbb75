"""`blobs` statements: a condition on a pixel, and the steps that turn pixels into objects.

Pixels are examined before any object is known, so a condition may not depend on objects.
"""

from __future__ import annotations

from logidsl import ir
from logidsl import types as ty
from logidsl.check import errors, infer, source_errors, units
from logidsl.check.context import Context, Scope, Typed, place
from logidsl.library import builtins, takes
from logidsl.source import Span
from logidsl.syntax import ast
from logidsl.types import Type


def blobs(c: Context, s: ast.Blobs) -> ir.Blobs | None:
    """A `blobs` statement: a condition on a pixel, and steps."""
    where = condition(c, s.where)
    made = [_step(c, step) for step in s.steps]
    if where.bad:
        return None
    steps = tuple(step for step in made if step)
    return ir.Blobs(name=s.name.name, where=where.node, steps=steps, span=place(s.span))


def condition(c: Context, expr: ast.Expr) -> Typed:
    """A condition on a pixel, evaluated before any object is known."""
    with c.before_seeing():
        pixel = c.name("pixel", "pixel", ty.object_of(ty.PIXELS), expr.span)
        found = infer.truth(c, expr, Scope(bare=pixel))
    if found.bad or _of_pixels(c, found.node, expr.span):
        return found
    return Typed(found.node, ty.ERROR)


def _step(c: Context, step: ast.CallExpr) -> ir.Step | None:
    """A step after `then`, as it is declared."""
    known = builtins("step")
    entry = known.get(step.function)
    if entry is None:
        c.bag.add(errors.unknown_step(step.function, step.span, known))
        return None
    least, most = sum(not p.optional for p in entry.parameters), len(entry.parameters)
    if not least <= len(step.args) <= most:
        signature = entry.signature.partition(" -> ")[0]
        c.bag.add(errors.wrong_arguments(step.function, signature, len(step.args), step.span))
        return None
    args = []
    for e in step.args:
        made = units.fit(c, infer.value(c, e, Scope()), ty.LENGTH, Scope(), e.span, radius=True)
        if not made.bad and made.type.dim != "length":
            made = c.error(errors.wrong_type(e.span.text, made.type, "a length", e.span))
        args.append(made.node)
    return ir.Step(name=step.function, args=tuple(args), span=place(step.span))


def _of_pixels(c: Context, root: int, span: Span) -> bool:
    """Whether a condition is independent of objects; otherwise its first dependent part is reported."""
    waiting, seen = [root], set[int]()
    while waiting:
        index = waiting.pop()
        if index in seen:
            continue
        seen.add(index)
        match c.nodes[index]:
            case ir.Name(thing="param", type=Type(dim="date")) as node:  # it may be open
                c.bag.add(source_errors.not_of_a_pixel(node.span.text, span))
                return False
            case ir.Literal_() | ir.Name(thing="param" | "pixel" | "image"):
                pass
            case ir.Name(thing="let" | "region", target=int(target)):
                waiting.append(target)
            case ir.Column(of=of, attribute=name) if takes(name) != "color" or c.nodes[of].type.kind == "object":
                waiting.append(of)
            case ir.Call(args=(name, *_)) as call if ir.reads_picture(call) and isinstance(c.nodes[name], ir.Literal_):
                pass  # its frame is found in the picture first
            case ir.Call(args=args) as call if (entry := ir.entry_of(call)) is None or entry.of_pixels:
                waiting.extend(args)
            case node:
                c.bag.add(source_errors.not_of_a_pixel(node.span.text, span))
                return False
    return True
