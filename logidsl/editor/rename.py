"""Renaming: the edits that give a symbol another name, tried before they are proposed."""

from __future__ import annotations

from collections.abc import Sequence

from logidsl.diagnostics import InputError
from logidsl.editor.analysis import Analysis, ReadFile, analyse
from logidsl.editor.names import NAME, Names, Occurrence, Symbol, is_builtin
from logidsl.source import Source, Span
from logidsl.syntax.tables import reserved_words


def renamable(analysis: Analysis, known: Names, occurrence: Occurrence | None) -> Occurrence:
    """The occurrence, if its symbol can be renamed.

    Raises
    ------
    InputError
        If it cannot; the message says why.
    """
    if occurrence is None:
        raise InputError("expected the cursor on a name")
    symbol = occurrence.symbol
    if is_builtin(symbol, analysis.context):
        raise InputError(f"`{symbol.name}` is part of the language")
    if symbol.namespace != "defect" and known.declaration(symbol) is None:
        raise InputError(f"`{symbol.name}` is not declared")
    return occurrence


def rename(
    analyses: Sequence[tuple[Analysis, Names]], symbol: Symbol, new: str, read_file: ReadFile
) -> dict[str, list[Span]]:
    """Where a new name must be written, by file.

    Parameters
    ----------
    analyses : sequence of (Analysis, Names)
        The specs that may use the name: the one it was asked in, and others that import the same file.
    symbol : Symbol
        What to rename.
    new : str
        Its new name.
    read_file : callable
        Returns the text of a file; raises InputError.

    Raises
    ------
    InputError
        If the name is not allowed, or a spec would have more mistakes than before.
    """
    if not NAME.fullmatch(new):
        raise InputError(f"expected a name (letters, digits and `_`, at most 48, no leading digit), found `{new}`")
    if new in reserved_words():
        raise InputError(f"`{new}` is a reserved word")
    edits: dict[str, dict[int, Span]] = {}
    for analysis, known in analyses:
        _complete(analysis, known, symbol)
        for o in known.of(symbol):
            edits.setdefault(o.span.source.path, {})[o.span.start] = o.span
    found = {path: [spans[k] for k in sorted(spans)] for path, spans in edits.items()}
    for analysis, known in analyses:
        _try(analysis, known, symbol, new, found, read_file)
    return found


def _complete(analysis: Analysis, known: Names, symbol: Symbol) -> None:
    """Raise if the name also stands where nobody knows what it means: in a statement with a mistake."""
    seen = {o.span.start for o in known.occurrences if o.span.source is analysis.source}
    for d in analysis.diagnostics:
        if d.severity != "error" or d.span.source is not analysis.source:
            continue
        line = analysis.source.line_starts[d.span.line - 1]
        end = analysis.source.line_starts[d.span.end_line - 1] + len(analysis.source.line(d.span.end_line))
        words = NAME.finditer(analysis.source.text, line, end)
        if any(w[0] == symbol.name and w.start() not in seen for w in words):
            raise InputError(
                f"`{symbol.name}` also stands on line {d.span.line}, which has a mistake: correct it first"
            )


def _try(
    analysis: Analysis, known: Names, symbol: Symbol, new: str, edits: dict[str, list[Span]], read_file: ReadFile
) -> None:
    """Raise if the renamed spec has mistakes that it did not have, or the new name was in use."""
    texts = {path: _edited(spans[0].source, spans, new) for path, spans in edits.items()}

    def read(path: str) -> Source:
        return Source(path, texts[path]) if path in texts else read_file(path)

    source = Source(analysis.source.path, texts.get(analysis.source.path, analysis.source.text))
    after = analyse(source, read, warn=False)
    before = [d for d in analysis.diagnostics if d.severity == "error"]
    if after.errors > len(before):
        old = {(d.code, d.message) for d in before}
        wrong = next((d for d in after.diagnostics if (d.code, d.message) not in old), after.diagnostics[0])
        raise InputError(f"`{new}` cannot be used here: {wrong.message}")
    taken = symbol._replace(name=new)
    if known.of(taken) and symbol.namespace not in ("variable", "defect"):
        raise InputError(f"`{new}` is already in use")


def _edited(source: Source, spans: Sequence[Span], new: str) -> str:
    parts, at = [], 0
    for span in spans:
        parts += [source.text[at : span.start], new]
        at = span.end
    return "".join([*parts, source.text[at:]])
