"""Unused declarations: those that no rule uses, directly or through another declaration.

A rule, a cardinality, a variant's condition, the frame and `keep best` are where everything begins; a test is
not. A name counts as used wherever it stands as a word, as a label too, so that nothing in use is ever named
here. Files that a spec imports are libraries, and may hold more than one spec uses. A colour near to one in use takes
from it, so it matters though nobody names it. An iteration is unused where its condition does not depend on the member.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from logidsl import ir
from logidsl.diagnostics import Diagnostic
from logidsl.lint import warnings
from logidsl.lint.places import Spec, short
from logidsl.syntax import ast
from logidsl.syntax.walk import names_in, walk

_KINDS: dict[type[ast.Node], str] = {
    ast.Object: "object",
    ast.Derived: "object",
    ast.Region: "region",
    ast.Grid: "grid",
    ast.Layout: "layout",
    ast.Color: "color",
    ast.Param: "param",
    ast.Let: "let",
    ast.Attribute: "attribute",
    ast.Blobs: "blobs",
    ast.Batch: "batch",
    ast.View: "view",
}


def find(spec: Spec) -> Iterator[Diagnostic]:
    """Everything that no rule uses."""
    roots = [s for s in spec.statements if _is_root(s)]
    if not any(isinstance(s, ast.Rule | ast.Object | ast.Derived) for s in roots):
        return
    yield from _idle_iterations(spec)
    used = _reached(spec, [*roots, *spec.variants])
    for s in spec.own:
        yield from _unused_values(s)
        kind = _KINDS.get(type(s))
        if kind is not None and not _is_root(s):
            name = s.name  # type: ignore[union-attr]  # every kind of the table has one
            if name.name not in used and not (kind == "color" and _takes_part(spec, name.name, used)):
                yield warnings.unused(kind, name.name, name.span)


def _idle_iterations(spec: Spec) -> Iterator[Diagnostic]:
    """Each `every` without a variable whose condition does not depend on the current member."""
    nodes = spec.program.nodes
    for node in nodes:
        if not isinstance(node, ir.Quantifier) or node.fn != "every" or node.body is None:
            continue
        each, span, body = nodes[node.each], spec.span(node.span), spec.span(nodes[node.body].span)
        assert isinstance(each, ir.Binder)
        if each.var is None and span.source is spec.source and node.each not in ir.below(nodes, [node.body]):
            head = span.source.text[span.start : body.start].rstrip(" \t\n(")
            yield warnings.idle_iteration(short(body.text), each.span.text, head, body)


def _unused_values(s: ast.Statement) -> Iterator[Diagnostic]:
    """The names that `with` gives to values and nothing in the statement uses."""
    nodes = [*walk(s)]
    used = {n for node in nodes for n in names_in(node)}
    for phrase in nodes:
        for value in phrase.names if isinstance(phrase, ast.Phrase) else ():
            if value.name.name not in used:
                yield warnings.unused("name", value.name.name, value.name.span)


def _takes_part(spec: Spec, name: str, used: set[str]) -> bool:
    """Whether an unused colour is so near to one in use that it can take colours from it.

    What is within reach r of one colour is nearer to another only where the two are less than 2 r apart.
    """
    from logidsl.library.color import ciede2000

    colors = {c.name: c for c in spec.program.colors}
    own = colors[name].lab
    return any(float(ciede2000(c.lab, own)) < 2 * c.reach for c in colors.values() if c.name in used and c.name != name)


def _is_root(s: ast.Statement) -> bool:
    match s:
        case ast.Object() | ast.Derived():
            return s.cardinality is not None
        case ast.Rule() | ast.Keep() | ast.FrameDecl():
            return True
        case _:
            return False


def _reached(spec: Spec, roots: Iterable[ast.Statement]) -> set[str]:
    """Names used by the roots, directly or indirectly."""
    declared: dict[str, list[ast.Statement]] = {}
    for s in spec.statements:
        if type(s) in _KINDS:
            declared.setdefault(s.name.name, []).append(s)  # type: ignore[union-attr]
    waiting: list[ast.Statement] = list(roots)
    used: set[str] = set()
    while waiting:
        for name in _mentioned(waiting.pop()) - used:
            used.add(name)
            waiting += declared.get(name, ())
    return used


def _mentioned(s: ast.Statement) -> set[str]:
    """Every name that a statement uses: as a thing, an attribute, a label, in a message."""
    if isinstance(s, ast.Variant):
        return set() if s.when is None else {n for node in walk(s.when) for n in names_in(node)}
    if isinstance(s, ast.Attribute):
        return set()
    return {n for node in walk(s) for n in names_in(node)}
