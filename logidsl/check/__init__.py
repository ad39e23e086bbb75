"""The checker: from AST to a typed program, or to diagnostics of semantic errors.

Takes the AST, returns an `ir.Program`. Continues after the first error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from logidsl import ir
from logidsl.check import (
    batch_errors,
    batches,
    blobs,
    errors,
    functions,
    imports,
    matching,
    number_errors,
    order,
    relations,
    rules,
    scenes,
    sets,
    statements,
    values,
)
from logidsl.check.context import Context, Typed, place
from logidsl.check.imports import Read
from logidsl.diagnostics import Bag, InputError
from logidsl.library import builtins
from logidsl.source import NOWHERE, Source
from logidsl.syntax import ast

__all__ = ["check", "check_in"]

#: The modules that register what they handle with `infer`.
HANDLERS = (functions, matching, relations, sets, statements, values)


def check(
    file: ast.File, bag: Bag, params: Mapping[str, str] | None = None, read: Read | None = None
) -> ir.Program | None:
    """Check a file.

    Parameters
    ----------
    file : ast.File
        What was read.
    bag : Bag
        Takes the diagnostics.
    params : mapping of str to str, optional
        Values of parameters from outside, as they would be written in the spec: `{"gap": "12 px"}`.
    read : callable, optional
        Gives the text of an imported file, or raises `InputError`.

    Returns
    -------
    Program or None
        None when the bag holds an error, from here or from the parser.
    """
    return check_in(Context(bag, params or {}, path=file.span.source.path, read=read or _no_files), file)


def check_in(c: Context, file: ast.File) -> ir.Program | None:
    """Check a file in a given context, which then has the symbols and the meanings of names, after errors too."""
    bag = c.bag
    if file.version is not None and file.version.number != str(ir.LANGUAGE):
        bag.add(errors.other_language(file.version.number, ir.LANGUAGE, file.version.span))
    found, broken = imports.gather(c, file, c.read or _no_files)
    variants = [s for s in found if isinstance(s, ast.Variant)]
    placed = [(s, v) for v in variants for s in v.statements]
    plain = [s for s in found if not isinstance(s, ast.Variant)]
    statements.declare(c, [*plain, *(s for s, _ in placed)], broken)
    frames = [s for s in plain if isinstance(s, ast.FrameDecl)]
    for name in order.in_order(c.things, order.mentioned(c.things, *frames)):
        statements.resolve(c, name, c.things[name].span)
    frame = statements.frame(c, frames)
    for name in order.in_order(c.things, c.things):
        statements.resolve(c, name, c.things[name].span)
    _check_params(c)
    everything = [*plain, *(s for s, _ in placed)]
    with c.before_seeing():
        of_pixels = [blobs.blobs(c, s) for s in everything if isinstance(s, ast.Blobs)]
    doubt = [statements.doubtful(c, s) for s in everything if isinstance(s, ast.Doubtful)]
    keeps = [scenes.keep(c, s) for s in everything if isinstance(s, ast.Keep)]
    conditions = scenes.conditions(c, variants)
    said = _rules(c, plain, placed, variants, conditions)
    over_several = [r for r in said if isinstance(r, ir.BatchRule)]
    said = [r for r in said if not isinstance(r, ir.BatchRule)]
    single = [s for s in everything if not (isinstance(s, ast.Rule) and s.over is not None)]
    names = [s.name.name for s in single if isinstance(s, ast.Rule | ast.Object | ast.Derived)]
    names += ["one_variant"] if variants else []
    labels = set(ir.defects_of(said, c.nodes)) if bag.ok else None
    for span in c.unsettled.values() if bag.ok else ():
        bag.add(number_errors.pixels_by_axis(span.text, span))
    for node in c.nodes if bag.ok and not any(builtins("source")[s.fn].background for s in c.sources) else ():
        if isinstance(node, ir.Call) and node.fn in ir.MEASURING and len(node.args) == 1:
            bag.add(errors.no_foreground(file.span.source.place(node.span)))
    with c.before_seeing():
        tests = [scenes.test(c, s, names, labels) for s in everything if isinstance(s, ast.Test)]
    parts = {d.name: (d.each, d.where) for d in c.classes.values()} | {d.name: (d.each, d.where) for d in c.sets}
    stacked = order.highest(c.nodes, parts) if bag.ok else None
    if stacked is not None:
        bag.add(errors.stacked(order.HEIGHT_MAX, file.span.source.place(stacked.span)))
    if not bag.ok:
        return None
    for s in everything:
        if isinstance(s, ast.Blobs) and s.name.name not in c.classes:
            c.classes[s.name.name] = ir.ClassDecl(name=s.name.name, span=place(s.span))
    program = ir.Program(
        language=ir.LANGUAGE,
        name=file.spec.name.name if file.spec else None,
        about=file.spec.about if file.spec else None,
        path=file.span.source.path,
        params=tuple(sorted(c.params, key=lambda p: p.name)),
        scale=c.scale,
        camera=c.camera,
        frame=frame,
        doubtful=tuple(d for d in doubt if d),
        colors=tuple(c.colors[k] for k in sorted(c.colors)),
        attributes=tuple(c.attributes[k] for k in sorted(c.attributes)),
        classes=tuple(c.classes[k] for k in sorted(c.classes)),
        sets=tuple(c.sets),
        lets=tuple(c.lets),
        regions=tuple(c.regions),
        grids=tuple(c.grids),
        layouts=tuple(c.layouts),
        blobs=tuple(b for b in of_pixels if b),
        sources=tuple(c.sources),
        keeps=tuple(k for k in keeps if k),
        tests=tuple(t for t in tests if t),
        rules=tuple(said),
        variants=scenes.described(variants, conditions, said),
        batches=tuple(c.batches[k] for k in sorted(c.batches)),
        views=tuple(c.views[k] for k in sorted(c.views)),
        batch_rules=tuple(over_several),
        nodes=tuple(c.nodes),
    )
    circles = [b for b in program.aligned if _hangs_on_aligned(program, b)]
    for b in circles:
        bag.add(errors.circle(b.name, file.span.source.place(b.span)))
    return None if circles else program


def _hangs_on_aligned(program: ir.Program, b: ir.Blobs) -> bool:
    """Whether the frame of a background depends on `blobs` that use an aligned background."""
    needed = {n for _, frame in program.backgrounds_below(b.where) for n in program.classes_below(frame)}
    return not needed.isdisjoint(a.name for a in program.aligned)


def _no_files(path: str) -> Source:
    raise InputError("a spec that is given as text alone cannot import")


def _check_params(c: Context) -> None:
    known = [t.name for t in c.things.values() if t.kind == "param"]
    for name in c.overrides:
        if name not in known:
            c.bag.add(errors.unknown_param(name, NOWHERE, known))
    for name, setting in c.settings.items():
        if name not in known:
            c.bag.add(errors.unknown_param(name, setting.name.span, known))


def _rules(
    c: Context,
    plain: Sequence[ast.Statement],
    placed: Sequence[tuple[ast.Statement, ast.Variant]],
    variants: list[ast.Variant],
    conditions: Mapping[str, Typed],
) -> list[ir.Rule]:
    names: dict[str, ast.Ident] = {}
    several = [s for s in plain if isinstance(s, ast.Rule) and s.over is not None]
    found = [r for s in plain if s not in several and (r := _rule(c, s, names))]
    choice = scenes.one_variant(c, variants, conditions) if variants else None
    found += [choice] if choice else []
    for s, v in placed:
        if isinstance(s, ast.Rule) and s.over is not None:
            c.bag.add(batch_errors.in_variant(s.over.span))
            continue
        made = _rule(c, s, names)
        condition = conditions.get(v.name.name)
        if made is not None and condition is not None and not condition.bad:
            found.append(scenes.under(c, made, condition, v))
    c.rule_nodes.update({r.name: r.node for r in found})
    return found + [r for s in several if (r := _rule(c, s, names))]


def _rule(c: Context, s: ast.Statement, names: dict[str, ast.Ident]) -> ir.Rule | None:
    made = None
    match s:
        case ast.Rule():
            made = rules.rule(c, s) if s.over is None else batches.rule(c, s)
        case ast.Object() | ast.Derived() if s.cardinality is not None:
            thing = c.things.get(s.name.name)
            if thing is not None and thing.type is not None and thing.type.kind != "error":
                made = rules.cardinality(c, s)
        case _:
            return None
    assert isinstance(s, ast.Rule | ast.Object | ast.Derived)
    if isinstance(s, ast.Rule) and s.name.name in names:
        c.bag.add(errors.declared_twice(s.name.name, s.name.span, names[s.name.name].span, "rule"))
    names.setdefault(s.name.name, s.name)
    return made
