"""Places in a text as editors count them: lines from 0, and code units within the line."""

from __future__ import annotations

from dataclasses import dataclass

from lsprotocol import types as lsp

from logidsl.source import Source, Span

_BYTES = {lsp.PositionEncodingKind.Utf8: ("utf-8", 1), lsp.PositionEncodingKind.Utf16: ("utf-16-le", 2)}


@dataclass(frozen=True)
class Positions:
    """Converts between offsets of characters and positions in the code units that an editor uses.

    Examples
    --------
    >>> text = Source("a.logic", 'spec a "\U0001f529" # x')
    >>> Positions().at(text, 10).character, Positions(lsp.PositionEncodingKind.Utf32).at(text, 10).character
    (11, 10)
    """

    encoding: lsp.PositionEncodingKind | str = lsp.PositionEncodingKind.Utf16

    def at(self, source: Source, offset: int) -> lsp.Position:
        """The position of a character."""
        line, column = source.position(offset)
        start = source.line_starts[line - 1]
        return lsp.Position(line - 1, self._units(source.text[start : start + column - 1]))

    def range(self, span: Span) -> lsp.Range:
        """The range of a span."""
        return lsp.Range(self.at(span.source, span.start), self.at(span.source, span.end))

    def offset(self, source: Source, position: lsp.Position) -> int:
        """The character at a position, which may lie beyond the end of its line or of the text."""
        starts = source.line_starts
        if position.line >= len(starts):
            return len(source.text)
        start = starts[position.line]
        end = starts[position.line + 1] - 1 if position.line + 1 < len(starts) else len(source.text)
        line = source.text[start:end]
        if line.isascii() or self.encoding not in _BYTES:
            return start + min(position.character, len(line))
        name, size = _BYTES[lsp.PositionEncodingKind(self.encoding)]
        units = line.encode(name, "surrogatepass")[: position.character * size]
        return start + len(units.decode(name, "ignore"))

    def span(self, source: Source, where: lsp.Range) -> Span:
        """The span of a range."""
        return source.span(self.offset(source, where.start), self.offset(source, where.end))

    def whole(self, source: Source) -> lsp.Range:
        """The range of the whole text."""
        return self.range(source.span(0, len(source.text)))

    def _units(self, text: str) -> int:
        if text.isascii() or self.encoding not in _BYTES:
            return len(text)
        name, size = _BYTES[lsp.PositionEncodingKind(self.encoding)]
        return len(text.encode(name, "surrogatepass")) // size
