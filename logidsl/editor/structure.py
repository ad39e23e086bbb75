"""The structure of a text: its symbols, what can be folded, the files that it names."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from lsprotocol import types as lsp

from logidsl.editor.outline import Outline
from logidsl.editor.positions import Positions
from logidsl.source import Source, Span
from logidsl.syntax import ast
from logidsl.syntax.read import read
from logidsl.syntax.walk import flattened

_KINDS = {
    ast.Object: lsp.SymbolKind.Class,
    ast.Derived: lsp.SymbolKind.Class,
    ast.Blobs: lsp.SymbolKind.Class,
    ast.Color: lsp.SymbolKind.Constant,
    ast.Param: lsp.SymbolKind.Constant,
    ast.Attribute: lsp.SymbolKind.Property,
    ast.Region: lsp.SymbolKind.Struct,
    ast.Grid: lsp.SymbolKind.Struct,
    ast.Layout: lsp.SymbolKind.Struct,
    ast.Let: lsp.SymbolKind.Variable,
    ast.Batch: lsp.SymbolKind.Array,
    ast.View: lsp.SymbolKind.Array,
    ast.Rule: lsp.SymbolKind.Function,
    ast.Variant: lsp.SymbolKind.Namespace,
    ast.Test: lsp.SymbolKind.Event,
}


def symbols(file: ast.File, positions: Positions) -> list[lsp.DocumentSymbol]:
    """The statements of a file that have a name; also names of those that cannot be read."""
    found = [s for statement in file.statements if (s := _symbol(statement, positions)) is not None]
    for name in file.unread:
        where = positions.range(name.span)
        found.append(lsp.DocumentSymbol(name.name, lsp.SymbolKind.Null, where, where, detail="with a mistake"))
    return sorted(found, key=lambda s: (s.range.start.line, s.range.start.character))


def _symbol(statement: ast.Statement, positions: Positions) -> lsp.DocumentSymbol | None:
    kind = _KINDS.get(type(statement))
    name = statement.title if isinstance(statement, ast.Test) else getattr(statement, "name", None)
    if kind is None or not isinstance(name, ast.Ident | ast.Text):
        return None
    span = statement.span
    if not (span.start <= name.span.start and name.span.end <= span.end):
        span = name.span.to(span)
    word = type(statement).__name__.lower()
    detail = statement.about if isinstance(statement, ast.Rule) else "set" if word == "derived" else word
    inner = statement.statements if isinstance(statement, ast.Variant) else ()
    children = [s for i in inner if (s := _symbol(i, positions)) is not None]
    words = name.value if isinstance(name, ast.Text) else name.name
    where = positions.range(span), positions.range(name.span)
    return lsp.DocumentSymbol(words or "test", kind, *where, detail=detail or word, children=children)


def workspace_symbols(source: Source, query: str, positions: Positions, uri: str) -> Iterator[lsp.WorkspaceSymbol]:
    """The symbols of a file whose names contain a query, in any case."""
    waiting = symbols(read(source)[0], positions)
    while waiting:
        symbol = waiting.pop(0)
        waiting = [*(symbol.children or ()), *waiting]
        if query.lower() in symbol.name.lower():
            where = lsp.Location(uri, symbol.selection_range)
            yield lsp.WorkspaceSymbol(location=where, name=symbol.name, kind=symbol.kind)


def folds(file: ast.File, source: Source) -> list[lsp.FoldingRange]:
    """Statements, variants and blocks of comments that take several lines."""
    found = [
        lsp.FoldingRange(s.span.line - 1, s.span.end_line - 1)
        for s in flattened(file.statements)
        if s.span.end_line > s.span.line
    ]
    lines = [c.span.line for c in file.comments if source.line(c.span.line).lstrip().startswith("#")]
    runs: list[list[int]] = []
    for line in lines:
        if runs and runs[-1][-1] == line - 1:
            runs[-1].append(line)
        else:
            runs.append([line])
    found += [lsp.FoldingRange(r[0] - 1, r[-1] - 1, kind=lsp.FoldingRangeKind.Comment) for r in runs if len(r) > 1]
    return found


def links(file: ast.File) -> Iterator[tuple[Span, str]]:
    """The files that statements name: imports, layouts, scenes, calibrations; each without its quotes."""
    for s in file.statements:
        match s:
            case ast.Import(path=named) | ast.Layout(file=named) | ast.Scale(pixels=ast.Text() as named):
                yield _inner(named), named.value
            case ast.Test(scene=ast.Text() as named):
                yield _inner(named), named.value


def _inner(named: ast.Text) -> Span:
    quoted = named.span.text[:1] == '"'
    return named.span.source.span(named.span.start + quoted, named.span.end - quoted)


def selection(text: Outline, offset: int) -> list[Span]:
    """Ever larger stretches around an offset: token, bracket by bracket, statement, text."""
    found: list[Span] = []
    touched = [t for t in text.tokens if t.span.start <= offset <= t.span.end]
    token = touched[-1] if touched else None
    number = text.at(offset)
    if token is not None:
        found.append(token.span)
    if number is not None:
        words = text.chunks[number].words
        opened: list[int] = []
        for word in words:
            if word.type in ("(", "[", "{"):
                opened.append(word.span.start)
            elif word.type in (")", "]", "}") and opened:
                start = opened.pop()
                if start <= offset <= word.span.end:
                    found.append(text.source.span(start, word.span.end))
        found.append(words[0].span.to(words[-1].span))
    found.append(text.source.span(0, len(text.source.text)))
    found.sort(key=lambda s: s.end - s.start)
    return [found[0], *(b for a, b in pairwise(found) if a[1:] != b[1:])]
