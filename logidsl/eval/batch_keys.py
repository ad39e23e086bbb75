"""Which batch each picture belongs to, where it stands in its order, and which views it is part of.

A key comes from a column that the table has for each picture, or from the picture's path by a pattern: `{}` is the key,
one or more characters within a component of the path, `*` any number of them; a pattern begins where a component does,
and ends at the path's end unless it ends in `/`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np

from logidsl import ir
from logidsl.library.values import Truth
from logidsl.picture_facts import PictureFacts
from logidsl.table import ObjectTable, Problem, TextColumn

_DIGITS = re.compile(r"(\d+)")
#: The key of a batch, of all pictures of a run: its own name.
Key = str


def texts_of(table: ObjectTable, column: str) -> list[str | None]:
    """The value of a column for each picture, as text; None without one, or with several.

    Examples
    --------
    >>> from logidsl.table import concatenate
    >>> texts_of(concatenate([]), "lot")
    []
    """
    if column in table.facts:
        return list(table.facts[column])
    found = table.columns.get(column)
    if found is None or (not isinstance(found, TextColumn) and found.ndim != 1):
        return [None] * len(table.images)
    if isinstance(found, TextColumn):
        rows: list[str | None] = found.texts()
    else:
        rows = [None if v != v else f"{v:.15g}" for v in found.tolist()]
    ends = table.offsets.tolist()
    values = [{v for v in rows[start:end] if v is not None} for start, end in pairwise(ends)]
    return [next(iter(v)) if len(v) == 1 else None for v in values]


@cache
def pattern(written: str) -> re.Pattern[str]:
    """The regular expression of a pattern of paths; its first group is the key, if there is one."""
    parts = {"{}": "([^/]+)", "*": "[^/]*"}
    body = "".join(parts.get(p) or re.escape(p) for p in re.split(r"(\{\}|\*)", written.lstrip("/")))
    return re.compile(f"(?:^|/){body}" + ("" if written.endswith("/") else "$"))


def key_in(path: str, written: str) -> str | None:
    """The key in a path, or None if the path does not fit.

    Examples
    --------
    >>> key_in("data/lots/L7/a.png", "lots/{}/"), key_in("a/17_front.png", "{}_*.png"), key_in("a.png", "lots/{}/")
    ('L7', '17', None)
    """
    found = pattern(written).search(path.replace("\\", "/"))
    return found[1] if found else None


def keys_of(batch: ir.Batch, table: ObjectTable) -> list[Key | None]:
    """The key of each picture of a table; None where it is not known."""
    if batch.path is not None:
        return [key_in(path, batch.path) for path in table.images]
    if batch.column is not None:
        return texts_of(table, batch.column)
    return [batch.name] * len(table.images)


def key_of_problem(batch: ir.Batch, problem: Problem, facts: PictureFacts | None = None) -> Key | None:
    """The key of what could not be read."""
    if batch.path is not None:
        return key_in(problem.path, batch.path)
    if batch.column is not None:
        return None if facts is None else facts.value(problem.path, batch.column)
    return batch.name


def with_facts(table: ObjectTable, columns: Iterable[str], facts: PictureFacts | None) -> ObjectTable:
    """A table with what is said beside it of its pictures, which counts before what it says itself.

    Raises
    ------
    InputError
        If a row is that of two pictures.
    """
    wanted = [] if facts is None else [c for c in columns if c in facts.columns]
    if facts is None or not wanted or not table.images:
        return table
    found = dict(table.facts)
    for column in wanted:
        said, own = [facts.value(path, column) for path in table.images], texts_of(table, column)
        found[column] = tuple(b if a is None else a for a, b in zip(said, own, strict=True))
    return replace(table, facts=found)


def in_view(view: ir.View, table: ObjectTable) -> Truth:
    """(N,) whether the pictures of a table belong to a view; undetermined where its column has no value."""
    if view.path is not None:
        fits = np.array([fits_path(view.path, path) for path in table.images], bool)
        return Truth(fits, fits)
    texts = texts_of(table, view.column or "")
    must = np.array([same_text(t, view.value) for t in texts], bool)
    known = np.array([t is not None for t in texts], bool)
    return Truth(must, must if known.all() else must | ~known)


def fits_path(written: str, path: str) -> bool:
    """Whether a path fits a pattern without a key."""
    return pattern(written).search(path.replace("\\", "/")) is not None


def same_text(found: str | None, wanted: str | None) -> bool:
    """Whether a value of a column is that of a view: the same text, or the same number.

    Examples
    --------
    >>> same_text("2.0", "2"), same_text("A", "a")
    (True, False)
    """
    if found is None or wanted is None or found == wanted:
        return found is not None and found == wanted
    try:
        return float(found) == float(wanted)
    except ValueError:
        return False


def order_key(text: str | None) -> tuple[bool, tuple[tuple[bool, float, str], ...]]:
    """What texts are sorted by: the numbers in them as numbers; what has no text comes last.

    Examples
    --------
    >>> sorted(["a10.png", "a9.png", "b1.png"], key=order_key)
    ['a9.png', 'a10.png', 'b1.png']
    """
    parts: Sequence[str] = _DIGITS.split(text or "")
    return text is None, tuple((bool(k % 2), float(p) if k % 2 else 0.0, p) for k, p in enumerate(parts))
