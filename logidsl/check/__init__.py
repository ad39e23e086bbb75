"""The checker: from AST to a typed program, or to diagnostics that say what cannot mean anything.

Takes the AST, gives an `ir.Program`. Goes on after the first mistake. Imports `syntax.ast`, `ir`, `library`
and what is below.
"""

from __future__ import annotations

from collections.abc import Mapping

from logidsl import ir
from logidsl.check import errors, rules, statements
from logidsl.check.context import Context, place
from logidsl.diagnostics import Bag
from logidsl.source import NOWHERE
from logidsl.syntax import ast

__all__ = ["check"]


def check(file: ast.File, bag: Bag, params: Mapping[str, str] | None = None) -> ir.Program | None:
    """Check a file.

    Parameters
    ----------
    file : ast.File
        What was read.
    bag : Bag
        Takes the diagnostics.
    params : mapping of str to str, optional
        Values of parameters from outside, as they would be written in the spec: `{"gap": "12 px"}`.

    Returns
    -------
    Program or None
        None when the bag holds an error, from here or from the parser.
    """
    c = Context(bag, params or {})
    statements.declare(c, file)
    for name in sorted(c.things):
        statements.resolve(c, name, c.things[name].span)
    _check_overrides(c)
    blobs = [statements.blobs(c, s) for s in file.statements if isinstance(s, ast.Blobs)]
    doubt = [statements.doubtful(c, s) for s in file.statements if isinstance(s, ast.Doubtful)]
    found = _rules(c, file)
    if not bag.ok:
        return None
    for s in file.statements:
        if isinstance(s, ast.Blobs) and s.name.name not in c.classes:
            c.classes[s.name.name] = ir.ClassDecl(name=s.name.name, span=place(s.span))
    return ir.Program(
        language=int(file.version.number) if file.version else 1,
        name=file.spec.name.name if file.spec else None,
        about=file.spec.about if file.spec else None,
        path=file.span.source.path,
        params=tuple(sorted(c.params, key=lambda p: p.name)),
        scale=c.scale,
        doubtful=tuple(d for d in doubt if d),
        colors=tuple(c.colors[k] for k in sorted(c.colors)),
        attributes=tuple(c.attributes[k] for k in sorted(c.attributes)),
        classes=tuple(c.classes[k] for k in sorted(c.classes)),
        sets=tuple(c.sets),
        regions=tuple(c.regions),
        grids=tuple(c.grids),
        blobs=tuple(b for b in blobs if b),
        rules=tuple(found),
        nodes=tuple(c.nodes),
    )


def _check_overrides(c: Context) -> None:
    known = [t.name for t in c.things.values() if t.kind == "param"]
    for name in c.overrides:
        if name not in known:
            c.bag.add(errors.unknown_param(name, NOWHERE, known))


def _rules(c: Context, file: ast.File) -> list[ir.Rule]:
    found: list[ir.Rule] = []
    names: dict[str, ast.Ident] = {}
    for s in file.statements:
        made = None
        match s:
            case ast.Rule():
                made = rules.rule(c, s)
            case ast.Object() | ast.Derived() if s.cardinality is not None:
                thing = c.things.get(s.name.name)
                if thing is not None and thing.type is not None and thing.type.kind != "error":
                    made = rules.cardinality(c, s)
            case _:
                continue
        assert isinstance(s, ast.Rule | ast.Object | ast.Derived)
        if isinstance(s, ast.Rule) and s.name.name in names:
            c.bag.add(errors.declared_twice(s.name.name, s.name.span, names[s.name.name].span, "rule"))
        names.setdefault(s.name.name, s.name)
        if made is not None:
            found.append(made)
    return found
