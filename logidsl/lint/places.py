"""From a place in the program back to the words of the spec."""

from __future__ import annotations

from collections.abc import Sequence

from logidsl import ir
from logidsl.source import NOWHERE, Source, Span
from logidsl.syntax import ast

SHORT = 60


class Spec:
    """A checked spec with its text: what every search for advice starts from.

    Parameters
    ----------
    program : Program
        What it means.
    file : File
        The file itself.
    statements : sequence of Statement
        Its statements and those of all that it imports.
    """

    def __init__(self, program: ir.Program, file: ast.File, statements: Sequence[ast.Statement]) -> None:
        self.program, self.file = program, file
        self.source: Source = file.span.source
        inner = [(s, v) for v in statements if isinstance(v, ast.Variant) for s in v.statements]
        plain = [s for s in statements if not isinstance(s, ast.Variant)]
        self.statements: list[ast.Statement] = [*plain, *(s for s, _ in inner)]
        self.variants = [v for v in statements if isinstance(v, ast.Variant)]
        self.variant_of = {
            s.name.name: v.name.name for s, v in inner if isinstance(s, ast.Rule | ast.Object | ast.Derived)
        }
        self.sources = {s.span.source.path: s.span.source for s in [*statements, *self.statements]}
        self.sources[self.source.path] = self.source
        #: The statements of the file itself, those inside its variants too.
        self.own = [s for s in self.statements if s.span.source is self.source]
        self.colors = {c.name for c in program.colors}
        #: The attribute that each label is one of.
        self.labels = {name: a.name for a in program.attributes for name in a.labels}

    def span(self, place: ir.SourceSpan) -> Span:
        """The words at a place."""
        source = self.sources.get(place.path)
        if source is None or max(place.line, place.end_line) > len(source.line_starts):
            return NOWHERE
        return source.span(source.offset(place.line, place.column), source.offset(place.end_line, place.end_column))

    def words(self, node: int) -> str:
        """The words of a node, on one line, and not too many."""
        return short(self.program.nodes[node].span.text)


def short(text: str) -> str:
    """A text on one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= SHORT else f"{line[: SHORT - 1].rstrip()}…"
