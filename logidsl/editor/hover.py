"""Hover: what stands under the cursor, its type, what it says in English, and its value on the sample picture."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lsprotocol import types as lsp

from logidsl import ir
from logidsl.check.context import Context
from logidsl.editor.analysis import Analysis
from logidsl.editor.names import Names, Occurrence, Symbol
from logidsl.editor.outline import Outline
from logidsl.editor.positions import Positions
from logidsl.editor.words import KEYWORDS, SNIPPETS, documentation, entries, unit_words
from logidsl.library import Group, builtins
from logidsl.source import Source, Span
from logidsl.syntax.tokens import Token

_GROUPS: dict[str, tuple[Group, ...]] = {
    "attribute": ("attribute",),
    "function": ("aggregate", "function", "pixel", "key", "source", "step"),
}
_KINDS = {
    "thing": ("object", "set", "source", "blobs", "cardinality", "param", "region", "grid", "layout", "let"),
    "color": ("color",),
    "attribute": ("attribute",),
    "rule": ("rule", "cardinality"),
    "variant": ("variant",),
    "spec": ("spec",),
    "batch": (),
    "view": (),
}


def hover(
    analysis: Analysis, known: Names, text: Outline | None, offset: int, positions: Positions
) -> tuple[lsp.Range, list[str], Symbol | None] | None:
    """What to say of a place.

    Returns
    -------
    (range, parts, symbol) or None
        Paragraphs of Markdown, and the declared symbol, if the place is one, whose value may be added.
    """
    source = analysis.source
    occurrence = known.at(source.path, offset)
    if occurrence is not None:
        symbol = occurrence.symbol
        said = list(_of_symbol(analysis, known, occurrence))
        return (positions.range(occurrence.span), said, symbol) if said else None
    token = _token(text, offset) if text is not None else None
    if token is None:
        return None
    said = list(_of_word(text, token)) if text is not None else []
    if (typed := _typed(analysis, token.span)) is not None:
        said.append(typed)
    return (positions.range(token.span), said, None) if said else None


def _token(text: Outline, offset: int) -> Token | None:
    return next((t for t in text.tokens if t.span.start <= offset <= t.span.end), None)


def _of_symbol(analysis: Analysis, known: Names, occurrence: Occurrence) -> Iterator[str]:
    symbol, c = occurrence.symbol, analysis.context
    declaration = known.declaration(symbol)
    kind = _kind(symbol, c)
    if kind:
        yield f"```logic\n{kind}\n```"
    if symbol.namespace in _GROUPS and declaration is None:
        yield from (documentation(e) for e in entries(symbol.name, *_GROUPS[symbol.namespace]))
        return
    wanted = _KINDS.get(symbol.namespace, ())
    said = [s.sentence for s in analysis.sentences if s.name == symbol.name and s.kind in wanted]
    yield from dict.fromkeys(said)
    if not said and declaration is not None and symbol.namespace in _KINDS:
        words = declaration.span.source.line(declaration.span.line).strip()
        yield f"```logic\n{words}\n```"
    if symbol.namespace == "defect":
        rules = [r.name for r in analysis.program.rules if _labels(r, symbol.name)] if analysis.program else []
        yield f"The label of a defect{', of ' + ', '.join(f'`{r}`' for r in rules) if rules else ''}."
    if declaration is not None and declaration.span.source is not analysis.source:
        yield f"Declared in `{declaration.span.source.path}`."


def _labels(rule: ir.Rule, label: str) -> bool:
    return any(o is not None and o.label == label for o in (rule.defect, rule.low, rule.high))


def _kind(symbol: Symbol, c: Context) -> str:
    """A symbol with its type, as in `let gap: length`."""
    match symbol.namespace:
        case "thing" if symbol.name in c.things:
            found = c.things[symbol.name]
            type_ = f": {found.type}" if found.type is not None and found.type.kind != "error" else ""
            word = "object" if found.kind == "class" else found.kind
            return f"{word} {symbol.name}{type_ if word not in ('object', 'set') else ''}"
        case "color" if symbol.name in c.colors:
            return f'color {symbol.name} = "{c.colors[symbol.name].written}" within {c.colors[symbol.name].reach:g}'
        case "attribute" if symbol.name in c.attributes:
            a = c.attributes[symbol.name]
            return f"attribute {a.name}: {' | '.join(a.labels) or a.type}"
        case "label":
            return f"label {symbol.name} of {symbol.of}"
        case "variable":
            found_types = {node: name for (node, name) in c.variables if c.variables[node, name] == symbol.of}
            type_of = next((c.nodes[n].type for n, name in found_types.items() if name == symbol.name), None)
            return f"{symbol.name}: {type_of}" if type_of is not None else symbol.name
        case "rule" | "variant" | "spec":
            return f"{symbol.namespace} {symbol.name}"
        case _:
            return ""


def _of_word(text: Outline, token: Token) -> Iterator[str]:
    """A keyword, a relation, a unit."""
    if token.type == "QUANTITY":
        unit = re.sub(r"^[0-9. ]+", "", token.text)
        if (about := unit_words().get(unit)) is not None:
            yield f"`{unit}`: {about}"
        return
    number = text.tokens.index(token)
    pairs = (text.tokens[max(0, number - 1) : number + 1], text.tokens[number : number + 2])
    words = [" ".join(t.text for t in pair) for pair in pairs if len(pair) == 2]
    relation = next((w for w in (*words, token.text) if w in builtins("relation")), None)
    if relation is not None:
        yield documentation(builtins("relation")[relation])
    elif token.type in SNIPPETS:
        yield f"`{token.text}`: {SNIPPETS[token.type][1]}"
    elif token.type in KEYWORDS:
        yield f"`{token.text}`: {KEYWORDS[token.type]}"


def _typed(analysis: Analysis, span: Span) -> str | None:
    """The type of the smallest expression around a token."""
    if analysis.program is None:
        return None
    nodes = reversed(analysis.program.nodes)  # of two with the same text, the one that uses the other
    around = [(size, n) for n in nodes if (size := _around(analysis.source, n, span)) is not None]
    smallest = min(around, key=lambda found: found[0], default=None)
    if smallest is None or smallest[1].type.kind in ("error", "none"):
        return None
    words = " ".join(smallest[1].span.text.split())
    return f"```logic\n{words}: {smallest[1].type}\n```" if len(words) <= 200 else None


def _around(source: Source, node: ir.Node, span: Span) -> int | None:
    """The length of a node's text, if it contains a span."""
    place = node.span
    if place.path != source.path or not place.line <= span.line <= place.end_line:
        return None
    start = source.offset(place.line, place.column)
    return len(place.text) if start <= span.start and span.end <= start + len(place.text) else None
