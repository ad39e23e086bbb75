"""Following a fix line to the letter.

A fix line says in backticks what to write. `followed` gives the texts that come of one such piece of code: put where a
reader could put it, in the place of some words of the line that the message points at, between two of them, or as a
statement of its own. An ellipsis in it stands for words that stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from logidsl.diagnostics import Diagnostic
from logidsl.syntax.split import STARTS

TOKEN = re.compile(
    r'"[^"\n]*"?|[0-9]+(?:\.[0-9]+)?(?: ?(?:px2?|mm2?|cm2?|um|inch2?|mil|deg)\b| ?%)?|\w+|\.\.|->|[<>!=]=|\S'
)
LEFT_OUT = re.compile(
    r"(?:leave|remove) (?:it|them|one of them|the \w+|`([^`]+)`(?: and its label)?)(?: out)?|leave out `([^`]+)`"
)
MOVED = re.compile(r"move `([^`]+)` to the top")
#: A name is changed wherever it stands.
RENAMED = re.compile(r"(?:use|choose) another name.*`(?:(\w+) )?(\w+)( \"[^\"]*\")?`")
IN_TWO_PLACES = re.compile(r"declare `([^`]+)`, and write `([^`]+)` here")


def followed(text: str, found: Diagnostic) -> dict[str, Iterator[str]]:
    """For each thing that a fix line says to do, the texts that come of it; nothing for a fix line in prose."""
    fix = found.fix or ""
    if moved := MOVED.search(fix):
        return {moved[0]: iter([moved[1] + "\n" + text.replace(moved[1], "")])}
    if both := IN_TWO_PLACES.search(fix):
        return {both[0]: iter([f"{both[1]}\n{text[: found.span.start]}{both[2]}{text[found.span.end :]}"])}
    if named := RENAMED.search(fix):
        renamed = re.sub(rf"\b{re.escape(found.span.text)}\b", named[2], text)
        head = f"{named[1]} {named[2]}" if named[1] else named[2]
        alone = text[: found.span.start] + named[2] + text[found.span.end :]
        return {named[0]: iter([renamed.replace(head, head + (named[3] or ""), 1), alone])}
    done: dict[str, Iterator[str]] = {}
    out = LEFT_OUT.search(fix)
    if out:
        done[out[0]] = _left_out(text, found, out[1] or out[2])
    for piece in re.findall(r"`([^`]+)`", LEFT_OUT.sub("", fix)):
        if not piece.startswith("logidsl "):  # a command
            done[piece] = _written(text, found, piece)
    return done


def _written(text: str, found: Diagnostic, piece: str) -> Iterator[str]:
    """The texts with a piece of code in some place, the likeliest first."""
    start, end = found.span.start, found.span.end
    yield text[:start] + piece + text[end:]
    yield from _as_statement(text, piece)
    head, *kept = [part.strip() for part in piece.strip("… ").split("…")]
    tail = kept[-1] if kept else ""
    first, last = _lines(text, start, end)
    edges = sorted({first, *(p for t in TOKEN.finditer(text, first, last) for p in t.span())})
    windows = [(a, b) for a in edges for b in edges if a <= b]
    for a, b in sorted(windows, key=lambda w: (abs(w[0] - start) + abs(w[1] - end), w)):
        middle = f" {text[a:b]} {tail} " if kept else " "
        yield f"{text[:a]} {head}{middle}{text[b:]}"


def _left_out(text: str, found: Diagnostic, piece: str | None) -> Iterator[str]:
    start, end = found.span.start, found.span.end
    first, last = _lines(text, start, end)
    if piece is None:
        yield text[:start] + text[end:]
        yield text[:first] + text[last:]
    else:
        label = r" \w+" if "and its label" in (found.fix or "") else ""
        yield from (text[: m.start()] + text[m.end() :] for m in re.finditer(re.escape(piece) + label, text))


def _lines(text: str, start: int, end: int) -> tuple[int, int]:
    last = text.find("\n", end)
    return text.rfind("\n", 0, start) + 1, len(text) if last < 0 else last


def _as_statement(text: str, piece: str) -> Iterator[str]:
    """A statement of its own, or in the place of one that begins alike."""
    words = piece.split()
    if not words or words[0] not in STARTS:
        return
    lines = text.split("\n")
    for i, line in enumerate(lines):
        if line.split()[:1] == words[:1]:
            yield "\n".join([*lines[:i], piece, *lines[i + 1 :]])
    yield f"{piece}\n{text}"
    yield f"{text}\n{piece}"
