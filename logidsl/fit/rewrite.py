"""A spec with fitted values and a comment for each; the rest stays byte for byte.

Owns `rewritten`. A comment goes on the line above the statement and replaces one from an earlier fit. If no comment is
possible there, as inside a multi-line text in YAML, all comments go at the top.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from logidsl.diagnostics import SpecError
from logidsl.fit.limits import replaced
from logidsl.pipeline import compile_spec
from logidsl.source import Source, Span

#: A line, and how it ends.
Line: TypeAlias = tuple[str, str]
#: How comments of a fit begin.
MARK = "# fit: "


@dataclass(frozen=True)
class Edit:
    """A replacement, and a comment above its line that starts with a name."""

    span: Span
    words: str
    name: str
    comment: str


def rewritten(
    source: Source,
    edits: Sequence[Edit],
    params: Mapping[str, str] | None = None,
    data: bytes | None = None,
) -> bytes:
    """The bytes of a spec with other values.

    Parameters
    ----------
    source : Source
        The spec.
    edits : sequence of Edit
        What changes. Edits of one name have one comment.
    params : mapping of str to str
        Parameters from outside that the spec cannot do without.
    data : bytes, optional
        The bytes that the source was read from, whose encoding and ends of lines are kept.
    """
    plain = replaced(source, [(e.span, e.words) for e in edits]).text
    encoding = "utf-8"
    if data is not None and data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        encoding = "utf-8-sig" if data.startswith(b"\xef") else "utf-16"
    text = source.text if data is None else data.decode(encoding, "replace")
    ends = [*re.findall("\r\n|\r|\n", text), ""]
    lines = list(zip(plain.split("\n"), ends, strict=True))
    notes: dict[int, list[str]] = {}
    for e in edits:
        line = notes.setdefault(e.span.line - 1, [])
        note = f"{MARK}{e.name}: {e.comment}"
        line += [note] if note not in line else []
    made = lines
    if not source.path.lower().endswith(".json"):  # which has no comments
        wanted = compile_spec(Source(source.path, plain), params).hash
        for tried in (_above(lines, notes), _on_top(lines, notes)):
            if _means(wanted, Source(source.path, "\n".join(line for line, _ in tried)), params):
                made = tried
                break
    return "".join(line + end for line, end in made).encode(encoding)


def _means(wanted: str, source: Source, params: Mapping[str, str] | None) -> bool:
    try:
        return compile_spec(source, params).hash == wanted
    except SpecError:
        return False


def _above(lines: Sequence[Line], notes: Mapping[int, Sequence[str]]) -> list[Line]:
    """The lines with comments above some of them, by their numbers from 0."""
    made: list[Line] = []
    for number, (line, end) in enumerate(lines):
        if number in notes:
            indent = line[: len(line) - len(line.lstrip(" \t"))]
            names = {_name_in(note) for note in notes[number]}
            while made and _name_in(made[-1][0]) in names:
                made.pop()
            made += [(f"{indent}{note}", end or "\n") for note in notes[number]]
        made.append((line, end))
    return made


def _on_top(lines: Sequence[Line], notes: Mapping[int, Sequence[str]]) -> list[Line]:
    listed = [note for number in sorted(notes) for note in notes[number]]
    names = {_name_in(note) for note in listed}
    end = lines[0][1] or "\n"
    return [*((note, end) for note in listed), *((x, e) for x, e in lines if _name_in(x) not in names)]


def _name_in(line: str) -> str | None:
    """The limit that a fit's comment is about."""
    found = re.match(rf"\s*{MARK}(.*?): \d+ (?:of|objects?)\b", line)
    return found[1] if found else None
