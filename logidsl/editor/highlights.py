"""Semantic tokens and colour swatches."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lsprotocol import types as lsp

from logidsl.diagnostics import Bag
from logidsl.editor.names import Names, Symbol
from logidsl.editor.outline import Outline
from logidsl.editor.positions import Positions
from logidsl.library.color import lab_of_hex
from logidsl.source import Source, Span
from logidsl.syntax.lexer import lex
from logidsl.syntax.tables import keywords

TYPES = (
    lsp.SemanticTokenTypes.Keyword,
    lsp.SemanticTokenTypes.Comment,
    lsp.SemanticTokenTypes.String,
    lsp.SemanticTokenTypes.Number,
    lsp.SemanticTokenTypes.Operator,
    lsp.SemanticTokenTypes.Class,
    lsp.SemanticTokenTypes.Struct,
    lsp.SemanticTokenTypes.Variable,
    lsp.SemanticTokenTypes.Parameter,
    lsp.SemanticTokenTypes.Property,
    lsp.SemanticTokenTypes.Function,
    lsp.SemanticTokenTypes.EnumMember,
    lsp.SemanticTokenTypes.Namespace,
    lsp.SemanticTokenTypes.Event,
)
MODIFIERS = (lsp.SemanticTokenModifiers.Declaration, lsp.SemanticTokenModifiers.DefaultLibrary)
LEGEND = lsp.SemanticTokensLegend([t.value for t in TYPES], [m.value for m in MODIFIERS])
_OF_TOKEN = {
    "STRING": lsp.SemanticTokenTypes.String,
    "NUMBER": lsp.SemanticTokenTypes.Number,
    "QUANTITY": lsp.SemanticTokenTypes.Number,
    "ROWS": lsp.SemanticTokenTypes.Number,
    "COLUMNS": lsp.SemanticTokenTypes.Number,
    **dict.fromkeys(("ORDER", "=", "!=", "+", "-", "TIMES", "|", "->", ".."), lsp.SemanticTokenTypes.Operator),
}
_OF_SYMBOL = {
    "color": lsp.SemanticTokenTypes.EnumMember,
    "label": lsp.SemanticTokenTypes.EnumMember,
    "defect": lsp.SemanticTokenTypes.EnumMember,
    "attribute": lsp.SemanticTokenTypes.Property,
    "variable": lsp.SemanticTokenTypes.Parameter,
    "function": lsp.SemanticTokenTypes.Function,
    "rule": lsp.SemanticTokenTypes.Event,
    "variant": lsp.SemanticTokenTypes.Namespace,
    "batch": lsp.SemanticTokenTypes.Namespace,
    "view": lsp.SemanticTokenTypes.EnumMember,
    "spec": lsp.SemanticTokenTypes.Namespace,
}
_OF_THING = {
    "grid": lsp.SemanticTokenTypes.Struct,
    "region": lsp.SemanticTokenTypes.Struct,
    "layout": lsp.SemanticTokenTypes.Struct,
    "let": lsp.SemanticTokenTypes.Variable,
    "param": lsp.SemanticTokenTypes.Variable,
}
_HEX = re.compile(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\Z")


def semantic_tokens(
    text: Outline | None, source: Source, known: Names, kinds: dict[str, str], positions: Positions
) -> list[int]:
    """The tokens of a text as the protocol encodes them: each relative to the one before.

    Parameters
    ----------
    text : Outline, optional
        The tokens; a spec in YAML has only those of names.
    source : Source
        The text.
    known : Names
        What the names mean.
    kinds : dict of str to str
        What each declared thing is.
    positions : Positions
        How the editor counts.
    """
    found: dict[int, tuple[Span, lsp.SemanticTokenTypes, int]] = {}
    for token in text.tokens if text is not None else ():
        type_ = lsp.SemanticTokenTypes.Keyword if token.type in keywords() else _OF_TOKEN.get(token.type)
        if type_ is not None:
            found[token.span.start] = (token.span, type_, 0)
    for comment in text.comments if text is not None else ():
        found[comment.span.start] = (comment.span, lsp.SemanticTokenTypes.Comment, 0)
    strings = [s for s, t, _ in found.values() if t == lsp.SemanticTokenTypes.String]
    for o in known.occurrences:
        if o.span.source is source and not any(s.start < o.span.start < s.end for s in strings):
            library = o.symbol.namespace == "function" or (
                o.symbol.namespace == "attribute" and known.declaration(o.symbol) is None
            )
            found[o.span.start] = (o.span, _type_of(o.symbol, kinds), o.declares | (2 if library else 0))
    return _encoded([found[k] for k in sorted(found)], positions)


def _type_of(symbol: Symbol, kinds: dict[str, str]) -> lsp.SemanticTokenTypes:
    if symbol.namespace == "thing":
        return _OF_THING.get(kinds.get(symbol.name, ""), lsp.SemanticTokenTypes.Class)
    return _OF_SYMBOL[symbol.namespace]


def _encoded(found: list[tuple[Span, lsp.SemanticTokenTypes, int]], positions: Positions) -> list[int]:
    data: list[int] = []
    line = character = end = 0
    for span, type_, modifiers in found:
        if span.start < end or "\n" in span.text:  # no editor needs tokens that overlap or have several lines
            continue
        where, end = positions.range(span), span.end
        start = where.start
        same = start.line == line
        data += [start.line - line, start.character - character if same else start.character]
        data += [where.end.character - start.character, TYPES.index(type_), modifiers]
        line, character = start.line, start.character
    return data


def colors(source: Source, positions: Positions) -> Iterator[lsp.ColorInformation]:
    """The colours that are written in a text, in quotes, with a swatch for each."""
    for token in lex(source, Bag())[0]:
        code = token.text.strip('"')
        if token.type == "STRING" and _HEX.match(code) and lab_of_hex(code) is not None:
            digits = code[1:] if len(code) == 7 else "".join(2 * c for c in code[1:])
            red, green, blue = (int(digits[k : k + 2], 16) / 255 for k in (0, 2, 4))
            where = source.span(token.span.start + 1, token.span.end - 1)
            yield lsp.ColorInformation(positions.range(where), lsp.Color(red, green, blue, 1.0))


def written(color: lsp.Color, where: lsp.Range) -> lsp.ColorPresentation:
    """A colour as it is written in a spec."""
    code = "#" + "".join(f"{round(255 * v):02x}" for v in (color.red, color.green, color.blue))
    return lsp.ColorPresentation(label=code, text_edit=lsp.TextEdit(where, code))
