"""The names in a spec: what each means, where it is declared and used, and how it is renamed.

The checker records what it takes each name for. Names that it does not reach (labels of defects, classes in lists,
those of a statement with a mistake) are resolved by their place in the tree.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from logidsl.check.context import Context, Use
from logidsl.check.statements import TYPE_NAMES
from logidsl.editor.analysis import Analysis
from logidsl.library import builtins
from logidsl.source import Span
from logidsl.syntax import ast
from logidsl.syntax.walk import flattened, walk

Namespace: TypeAlias = Literal[
    "thing", "color", "label", "attribute", "variable", "rule", "variant", "spec", "defect", "function", "batch", "view"
]
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,47}")


class Symbol(NamedTuple):
    """What a name stands for: `of` is the attribute of a label, or the offset at which a variable is declared."""

    namespace: Namespace
    name: str
    of: str | int = ""


class Occurrence(NamedTuple):
    """A name in a text."""

    span: Span
    symbol: Symbol
    declares: bool = False


@dataclass(frozen=True, eq=False)
class Names:
    """The names of a spec and of the files that it imports.

    Parameters
    ----------
    occurrences : list of Occurrence
        In the order of the text, file by file.
    """

    occurrences: list[Occurrence]

    def at(self, path: str, offset: int) -> Occurrence | None:
        """The name that an offset of a file touches."""
        found = [o for o in self.occurrences if o.span.start <= offset <= o.span.end and o.span.source.path == path]
        return min(found, key=lambda o: (offset == o.span.end, o.span.end - o.span.start), default=None)

    def of(self, symbol: Symbol) -> list[Occurrence]:
        """Every occurrence of a symbol; an object with a number is a rule as well."""
        return [o for o in self.occurrences if o.symbol == symbol]

    def declaration(self, symbol: Symbol) -> Occurrence | None:
        """Where a symbol is declared."""
        return next((o for o in self.of(symbol) if o.declares), None)


def names(analysis: Analysis) -> Names:
    """The names of a spec."""
    found: dict[tuple[str, int, int], Occurrence] = {}
    for occurrence in _all(analysis):
        span = occurrence.span
        found.setdefault((span.source.path, span.start, span.end), occurrence)
    return Names(sorted(found.values(), key=lambda o: (o.span.source.path, o.span.start)))


def _all(analysis: Analysis) -> Iterator[Occurrence]:
    """All occurrences, the surer ones first."""
    file = analysis.file
    if file.spec is not None:
        yield Occurrence(file.spec.name.span, Symbol("spec", file.spec.name.name), True)
    statements = list(flattened(analysis.statements))
    for statement in statements:
        yield from _declared(statement)
    for use in analysis.context.uses or ():
        yield from _used(use)
    rules = {s.name.name for s in statements if isinstance(s, ast.Rule)}
    for statement in analysis.statements:
        yield from _by_place(statement, analysis.context, rules)
    for name in file.broken:
        yield Occurrence(name.span, Symbol("thing", name.name), True)


_NAMESPACES: dict[type[ast.Statement], Namespace] = {
    ast.Color: "color",
    ast.Rule: "rule",
    ast.Batch: "batch",
    ast.View: "view",
    ast.Variant: "variant",
}


def _declared(statement: ast.Statement) -> Iterator[Occurrence]:
    """What a statement declares."""
    match statement:
        case ast.Attribute(name=name, options=options):
            yield Occurrence(name.span, Symbol("attribute", name.name), True)
            typed = len(options) == 1 and isinstance(options[0], ast.Ident) and options[0].name in TYPE_NAMES
            for option in () if typed else options:
                if isinstance(option, ast.Ident):
                    yield Occurrence(option.span, Symbol("label", option.name, name.name), True)
        case ast.Color() | ast.Rule() | ast.Batch() | ast.View() | ast.Variant():
            yield Occurrence(statement.name.span, Symbol(_NAMESPACES[type(statement)], statement.name.name), True)
        case _ if isinstance(statement, ast.Thing):
            yield Occurrence(statement.name.span, Symbol("thing", statement.name.name), True)


def _used(use: Use) -> Iterator[Occurrence]:
    """Where a name that the checker met stands: its span may be wider, as of `bolt.width`, or of a message."""
    symbol = Symbol(use.kind, use.name, use.of)
    declares = use.kind == "variable" and use.of == use.span.start
    for span in _narrowed(use.span, use.name):
        yield Occurrence(span, symbol, declares)


def _narrowed(span: Span, name: str) -> Iterator[Span]:
    text = span.text
    if text == name:
        yield span
    elif "{" in text:
        for braces in re.finditer(r"\{[^{}]*\}", text):
            for word in re.finditer(rf"\b{re.escape(name)}\b", braces[0]):
                start = span.start + braces.start() + word.start()
                yield span.source.span(start, start + len(name))
    elif text.endswith(name):
        yield span.source.span(span.end - len(name), span.end)


def _by_place(statement: ast.Statement, c: Context, rules: set[str]) -> Iterator[Occurrence]:
    """Names by where they stand in the tree."""
    for node in walk(statement):
        match node:
            case ast.Outcome(word="defect" | "low" | "high", value=value):
                yield from _labels(value)
            case ast.View(of=batch):
                yield Occurrence(batch.span, Symbol("batch", batch.name))
            case ast.OnView(view=view):
                yield Occurrence(view.span, Symbol("view", view.name))
            case ast.Rule(over=ast.Ref(name=name, span=span) | ast.CallExpr(args=(ast.Ref(name=name, span=span), *_))):
                yield Occurrence(span, Symbol("batch", name))
            case ast.Expect(rules=named, defect=defect):
                for r in named:
                    yield Occurrence(r.span, Symbol("rule" if r.name in rules else "thing", r.name))
                if defect is not None:
                    yield from _labels(defect)
            case ast.Put(name=name, settings=settings):
                yield Occurrence(name.span, Symbol("thing", name.name))
                for s in settings:
                    yield Occurrence(s.name.span, Symbol("attribute", s.name.name))
            case ast.Import(settings=settings):
                for s in settings:
                    yield Occurrence(s.name.span, Symbol("thing", s.name.name))
            case ast.Phrase(names=named):
                for s in named:
                    yield Occurrence(s.name.span, Symbol("variable", s.name.name, s.name.span.start), True)
            case ast.Named(variable=v):
                yield Occurrence(v.span, Symbol("variable", v.name, v.span.start), True)
            case ast.Neighbours(first=a, second=b):
                for v in (a, b):
                    yield Occurrence(v.span, Symbol("variable", v.name, v.span.start), True)
            case ast.CallExpr(function=name, span=span):
                yield Occurrence(span.source.span(span.start, span.start + len(name)), Symbol("function", name))
            case ast.Attr(name=name, span=span):
                for part in _narrowed(span, name):
                    yield Occurrence(part, Symbol("attribute", name))
            case ast.Ref(name=name, span=span) if (
                span.text == name and (meant := _namespace(name, c, rules)) is not None
            ):
                yield Occurrence(span, Symbol(meant, name))


def _labels(value: ast.Node) -> Iterator[Occurrence]:
    """The labels of defects in an outcome."""
    match value:
        case ast.Ident(name=name, span=span):
            yield Occurrence(span, Symbol("defect", name))
        case ast.MatchExpr(arms=arms):
            for arm in arms:
                yield from _labels(arm.value)
        case ast.Ref(name=name, span=span):
            yield Occurrence(span, Symbol("defect", name))


def _namespace(name: str, c: Context, rules: Collection[str]) -> Namespace | None:
    """What a bare name probably is, where the checker did not come to it."""
    if name in c.things:
        return "thing"
    if c.attribute_type(name) is not None:
        return "attribute"
    if name in c.colors:
        return "color"
    return "rule" if name in rules else None


def is_builtin(symbol: Symbol, c: Context) -> bool:
    """Whether a symbol is part of the language."""
    if symbol.namespace == "attribute":
        return symbol.name in builtins("attribute") and symbol.name not in c.attributes
    return symbol.namespace == "function"
