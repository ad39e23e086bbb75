"""The notes of an answer, `# 1`, `# 2? which`, and how its statements are named and printed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from logidsl.syntax import ast
from logidsl.syntax.format import format_file
from logidsl.syntax.walk import flattened

_NOTE = re.compile(r"^(\d{1,3}(?:\s*(?:,|and|&)\s*\d{1,3})*)\s*(?:([?:.)–-])\s*(.*))?$", re.DOTALL)
_NAMED = (
    ast.Rule,
    ast.Object,
    ast.Derived,
    ast.Let,
    ast.Param,
    ast.Region,
    ast.Grid,
    ast.Layout,
    ast.Attribute,
    ast.Color,
    ast.Batch,
    ast.View,
)


@dataclass(frozen=True, slots=True)
class Note:
    """A note: its position, the sentences it names, `?` for a question or `:`, and its text."""

    start: int
    numbers: tuple[int, ...]
    mark: str
    words: str


def numbered(comments: Sequence[ast.Comment]) -> Iterator[Note]:
    """The comments that say a sentence's number."""
    for comment in sorted(comments, key=lambda c: c.span.start):
        found = _NOTE.match(comment.text.lstrip("# ").strip())
        if found:
            numbers = tuple(int(n) for n in re.findall(r"\d+", found[1]))
            words = printable(" ".join((found[3] or "").split()))
            mark = "?" if found[2] == "?" else ":"
            yield Note(comment.span.start, numbers, mark, words)


def spelt(file: ast.File, statement: ast.Statement) -> str:
    """A statement of a file in standard layout, without its final line end."""
    return format_file(ast.File(None, None, (statement,), span=file.span)).rstrip("\n")


def name_of(statement: ast.Statement) -> str | None:
    """What a statement declares, or None."""
    return statement.name.name if isinstance(statement, (*_NAMED, ast.Variant)) else None


def rules_of(statement: ast.Statement) -> Iterator[str]:
    """The names of the rules in a statement, including those inside a variant."""
    for s in flattened([statement]):
        if isinstance(s, ast.Rule) or (isinstance(s, ast.Object | ast.Derived) and s.cardinality is not None):
            yield s.name.name


def printable(text: str) -> str:
    """A text that is safe for a terminal and a request: model output may contain control characters.

    Examples
    --------
    >>> printable("a\\x1b[31mb\\nc")
    'a�[31mb\\nc'
    """
    return "".join(c if c == "\n" or unicodedata.category(c)[0] != "C" else "\ufffd" for c in text)
