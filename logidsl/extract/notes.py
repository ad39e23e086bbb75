"""Notes of readers about a file: what was corrected or dropped. May import `table`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from logidsl.table import Problem

#: Of many things with the same wrong, so many have a line of their own.
_SHOWN = 5
_PICTURES = 3


class Notes:
    """Collects corrections and omissions: for many similar ones the number and the first, or the first few.

    Parameters
    ----------
    source : str
        What lines call the source.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self._shown: dict[str, list[str]] = {}
        self._counts, self._more = Counter[str](), Counter[str]()

    def say(self, *lines: str) -> None:
        """Note things that there are once each."""
        self._shown |= {line: [line] for line in lines}

    def count(self, what: str, place: str) -> None:
        """Note one more case of something whose cases need no line of their own."""
        if not self._counts[what]:
            self._shown[what] = [place]
        self._counts[what] += 1

    def each(self, what: str, thing: str, found: object = "") -> None:
        """Note one thing that has something wrong; of many alike the first few have a line of their own."""
        lines = self._shown.setdefault(what, [])
        if len(lines) < _SHOWN:
            lines.append(f"{thing}{what}{found}")
        else:
            self._more[what] += 1

    def lines(self) -> tuple[str, ...]:
        """The notes, in the order in which each kind was first met."""
        lines: list[str] = []
        for what, shown in self._shown.items():
            if what in self._counts:
                lines.append(f"{what} ({self._counts[what]} of them, first {shown[0]})")
            else:
                lines += shown + [f"{self._more[what]} more{what}"] * (what in self._more)
        return tuple(f"{self.source}: {line}" for line in lines)


def lost_pictures(what: str, why: Sequence[str]) -> list[str]:
    """Notes on pictures on which something was not done: the first few, and how many more."""
    more = len(why) - _PICTURES
    return [f"{what}: {line}" for line in why[:_PICTURES]] + [f"{what} in {more} more pictures"] * (more > 0)


def lost_lines(path: Path, broken: Mapping[int, str]) -> tuple[Problem, ...]:
    """Lines that could not be read, as problems: a picture may have been in each."""
    return tuple(
        Problem(f"{path}, line {n}", f"line {n} of {path} is not valid JSON: {why}") for n, why in broken.items()
    )
