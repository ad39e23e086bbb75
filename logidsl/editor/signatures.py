"""Signature help: the parameters of the builtin whose arguments are being written."""

from __future__ import annotations

from lsprotocol import types as lsp

from logidsl.editor.outline import Outline
from logidsl.editor.words import documentation, entries
from logidsl.library import Builtin, Group

_CALLED: tuple[Group, ...] = ("aggregate", "function", "pixel", "key", "source", "step")


def signature_help(text: Outline, offset: int) -> lsp.SignatureHelp | None:
    """The signatures of the innermost open call at an offset, and which parameter comes next."""
    number = text.at(offset)
    if number is None:
        return None
    words = [w for w in text.chunks[number].words if w.span.end <= offset]
    opened: list[tuple[int, int]] = []  # the place of each open bracket, and the commas since
    for n, word in enumerate(words):
        if word.type in ("(", "[", "{"):
            opened.append((n, 0))
        elif word.type in (")", "]", "}") and opened:
            opened.pop()
        elif word.type == "," and opened:
            opened[-1] = (opened[-1][0], opened[-1][1] + 1)
    while opened:
        n, commas = opened.pop()
        if words[n].type == "(" and n and words[n - 1].type == "NAME":
            found = entries(words[n - 1].text, *_CALLED)
            return _help(found, commas) if found else None
    return None


def _help(found: list[Builtin], place: int) -> lsp.SignatureHelp:
    signatures = [
        lsp.SignatureInformation(
            label=entry.signature,
            documentation=lsp.MarkupContent(lsp.MarkupKind.Markdown, documentation(entry)),
            parameters=_parameters(entry),
            active_parameter=min(place, max(0, len(entry.parameters) - 1)),
        )
        for entry in found
    ]
    return lsp.SignatureHelp(signatures, 0, signatures[0].active_parameter)


def _parameters(entry: Builtin) -> list[lsp.ParameterInformation]:
    """The parameters as they stand in the signature."""
    inside = entry.signature.partition("(")[2].rpartition(") ->")[0]
    return [lsp.ParameterInformation(part.strip()) for part in inside.split(",") if part.strip() not in ("", "…")]
