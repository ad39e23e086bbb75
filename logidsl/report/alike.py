"""Shortening similar notes about thousands of files."""

from __future__ import annotations

import re
from collections.abc import Sequence

_COUNTED = re.compile(r" \(\d+ of them, first .*\)$", re.DOTALL)
_NUMBER = re.compile(r"\d+")
_SHOWN, _FEW = 3, 5


def shortened(notes: Sequence[str]) -> list[str]:
    """The notes, with only the first few of many similar ones and the number of the rest.

    Parameters
    ----------
    notes : sequence of str
        `source: what was put right`. Alike are those that differ in their source, in numbers and in how often only.

    Returns
    -------
    list of str
        In the order in which each kind was first met.

    Examples
    --------
    >>> shortened([f"{n}.xml: object {n} left out: its box has no area" for n in range(9)])[-2:]
    ['2.xml: object 2 left out: its box has no area', '6 more notes like the last, of other files']
    """
    kinds: dict[str, list[str]] = {}
    for note in notes:
        said = note.partition(": ")[2] or note
        kinds.setdefault(_NUMBER.sub("#", _COUNTED.sub("", said)), []).append(note)
    lines: list[str] = []
    for alike in kinds.values():
        more = len(alike) - _SHOWN
        lines += alike if len(alike) <= _FEW else [*alike[:_SHOWN], f"{more} more notes like the last, of other files"]
    return lines
