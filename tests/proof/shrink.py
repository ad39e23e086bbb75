"""Makes a failing pair of spec and table smaller: fewer statements, images, objects and columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from logidsl.table import BOX, ObjectTable

Fails = Callable[[str, ObjectTable], bool]


def shrink(text: str, table: ObjectTable, fails: Fails, rounds: int = 400) -> tuple[str, ObjectTable]:
    """A smaller pair that fails too, after at most so many attempts.

    `fails` says whether a pair still shows the fault; it must be False for a spec that does not compile.
    """
    left = rounds
    while True:
        for smaller in _smaller(text, table):
            left -= 1
            if left < 0:
                return text, table
            if fails(*smaller):
                text, table = smaller
                break
        else:
            return text, table


def _smaller(text: str, table: ObjectTable) -> Iterator[tuple[str, ObjectTable]]:
    n = len(table.images)
    if n > 1:
        for half in (range(n // 2), range(n // 2, n)):
            yield text, table.take_images(np.array(half, np.int64))
        for i in range(n):
            yield text, table.take_images(np.array([k for k in range(n) if k != i], np.int64))
    lines = text.strip().split("\n")
    for k in reversed(range(1, len(lines))):
        yield "\n".join(lines[:k] + lines[k + 1 :]) + "\n", table
    for row in range(len(table)):
        yield text, table.take_rows(np.array([r for r in range(len(table)) if r != row], np.int64))
    for name in table.columns:
        if name not in BOX:
            yield text, replace(table, columns={k: v for k, v in table.columns.items() if k != name})
    if table.outlines is not None:
        yield text, replace(table, outlines=None)
    for smaller in _parts(text):
        yield smaller, table


def _parts(text: str) -> Iterator[str]:
    """The text with one of its parentheses made something plain, the greatest first."""
    spans, open_ = [], []
    for i, c in enumerate(text):
        if c == "(":
            open_.append(i)
        elif c == ")" and open_:
            spans.append((open_.pop(), i + 1))
    for start, stop in sorted(spans, key=lambda s: s[0] - s[1]):
        if re.search(r"\w$", text[:start]):  # arguments of a call
            continue
        for plain in ("(1 = 1)", "(1 = 2)", "1", "5 px", "x", text[start + 1 : stop - 1]):
            if len(plain) < stop - start:
                yield text[:start] + plain + text[stop:]
    for found in re.finditer(
        r" where \(| low \w+| high \w+| defect \w+| severity \w+| as \w+|: at most \d|: at least \d", text
    ):
        if not found.group().endswith("("):
            yield text[: found.start()] + text[found.end() :]
