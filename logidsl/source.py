"""Where text comes from and how a place in it is named.

Owns `Source` (a named text) and `Span` (a range of it). Offsets count characters from 0; lines and columns count from
1, as in editors.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from logidsl.records import Record


@dataclass(frozen=True, eq=False)
class Source:
    """A text and its displayed name.

    Parameters
    ----------
    path : str
        Path or other name of the text, as shown in messages.
    text : str
        The whole text.

    Examples
    --------
    >>> Source("a.logic", "spec a\\nobject b").position(7)
    (2, 1)
    """

    path: str
    text: str

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        """Offset of the first character of each line."""
        return (0, *(i + 1 for i, c in enumerate(self.text) if c == "\n"))

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1."""
        starts = self.line_starts
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and column, both from 1."""
        return self.line_starts[line - 1] + column - 1

    def place(self, at: SourceSpan) -> Span:
        """The stretch of a place; `NOWHERE` if it is in another file."""
        if at.path != self.path:
            return NOWHERE
        start = self.offset(at.line, at.column)
        return self.span(start, start + len(at.text))

    def line(self, number: int) -> str:
        """Text of a line, counted from 1, without its end."""
        start = self.line_starts[number - 1]
        end = self.text.find("\n", start)
        return self.text[start : len(self.text) if end < 0 else end].rstrip("\r")

    def span(self, start: int, end: int) -> Span:
        """The stretch from `start` up to, not including, `end`."""
        return Span(self, start, max(start, end))


class Span(NamedTuple):
    """A stretch of a source, half-open.

    Examples
    --------
    >>> s = Source("a.logic", "object bolt: 2").span(7, 11)
    >>> s.text, s.line, s.column
    ('bolt', 1, 8)
    """

    source: Source
    start: int
    end: int

    def __repr__(self) -> str:
        return f"Span(start={self.start}, end={self.end})"

    @property
    def text(self) -> str:
        """The words of the source."""
        return self.source.text[self.start : self.end]

    @property
    def line(self) -> int:
        """Line of the first character, from 1."""
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        """Column of the first character, from 1."""
        return self.source.position(self.start)[1]

    @property
    def end_line(self) -> int:
        """Line of the end, from 1."""
        return self.source.position(self.end)[0]

    @property
    def end_column(self) -> int:
        """Column just after the last character, from 1."""
        return self.source.position(self.end)[1]

    def to(self, other: Span) -> Span:
        """From the start of this span to the end of the other."""
        start = self.start if self.start <= other.start else other.start
        return Span(self.source, start, self.end if self.end >= other.end else other.end)


def same_ends(old: Sequence[object], new: Sequence[object]) -> tuple[int, int]:
    """How many items two sequences have alike at their beginnings, and behind these at their ends.

    Examples
    --------
    >>> same_ends("9 px", "12 px"), same_ends("aa", "aaa")
    ((0, 3), (2, 0))
    """
    most = min(len(old), len(new))
    start = next((i for i in range(most) if old[i] != new[i]), most)
    return start, next((i for i in range(most - start) if old[-1 - i] != new[-1 - i]), most - start)


class SourceSpan(Record):
    """A position in the spec: lines and columns from 1, the end just after the last character."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str
    path: str = ""


NOWHERE = Source("", "").span(0, 0)
