"""How many objects each class and set has, on each picture and in total: a line below the table, and `--counts`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.commands.outputs import rendered
from logidsl.ir import ClassDecl, Program, SetDecl
from logidsl.report.formats.text import in_columns
from logidsl.table import ANY_NUMBER, ObjectTable, TextColumn


@dataclass(frozen=True)
class Count:
    """From the least to the most that there may be; they differ where members are undetermined.

    Parameters
    ----------
    least : int
    most : int or None
        None if an object stands for any number of them.

    Examples
    --------
    >>> str(Count(2, 2) + Count(0, 1)), str(Count(1, None))
    ('2 to 3', '1 or more')
    """

    least: int
    most: int | None

    def __add__(self, other: Count) -> Count:
        most = None if self.most is None or other.most is None else self.most + other.most
        return Count(self.least + other.least, most)

    def __str__(self) -> str:
        if self.most is None:
            return f"{self.least} or more"
        return str(self.least) if self.least == self.most else f"{self.least} to {self.most}"


Counts: TypeAlias = Mapping[str, Count]
Members: TypeAlias = Mapping[str, tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]]


def shown_names(program: Program) -> list[str]:
    """The classes and sets of a spec in its order; the names of its `blobs` where it has nothing else."""
    blobs = {b.name for b in program.blobs}
    declared: list[ClassDecl | SetDecl] = [*program.classes, *(s for s in program.sets if " " not in s.name)]
    declared.sort(key=lambda d: (d.span.path != program.path, d.span.line, d.span.column))
    names = [d.name for d in declared]
    return [n for n in names if n not in blobs] or names


def counts_of(table: ObjectTable, inside: Members, names: Sequence[str]) -> Sequence[Counts]:
    """The counts on each picture of a table.

    Parameters
    ----------
    table : ObjectTable
        Of N images.
    inside : mapping of str to two (n,) bool
        The members of each class and set, sure ones and possible ones; see `eval.members`.
    names : sequence of str
        The classes and sets to count.

    Returns
    -------
    list of N mappings of str to Count
    """
    n = len(table.images)
    amounts = table.columns.get("count")
    any_number = np.zeros(len(table), bool)
    if isinstance(amounts, TextColumn):
        any_number[:] = [text == ANY_NUMBER for text in amounts.texts()]
    found: list[dict[str, Count]] = [{} for _ in range(n)]
    for name in names:
        sure, maybe = inside[name]
        per_image = [np.bincount(table.image_index[rows], minlength=n) for rows in (sure, maybe, maybe & any_number)]
        for counts, least, most, without_end in zip(found, *(c.tolist() for c in per_image), strict=True):
            counts[name] = Count(least, None if without_end else most)
    return found


def total(counts: Sequence[Counts]) -> Counts:
    """The sum over pictures; empty without any."""
    return {name: sum((c[name] for c in counts), Count(0, 0)) for name in (counts[0] if counts else {})}


def line(counts: Counts) -> str:
    """The counts in words."""
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def plain(counts: Counts) -> dict[str, dict[str, int | None]]:
    """The counts as JSON has them."""
    return {name: {"least": c.least, "most": c.most} for name, c in counts.items()}


def table_of(names: Sequence[str], counts: Sequence[Counts], form: str) -> str:
    """A line for each picture, and for several their total, in the format asked for.

    Parameters
    ----------
    names : sequence of n str
        Of the pictures.
    counts : sequence of n mappings of str to Count
    form : str
        `text`, `json` or `csv`, where each count has two columns, `NAME` and `NAME most`, and the total is left out.
    """
    pictures = list(zip(names, counts, strict=True))
    classes = list(counts[0]) if counts else []

    def text() -> str:
        every = [*pictures, *([("total", total(counts))] if len(counts) > 1 else [])]
        return in_columns([["picture", *classes], *([name, *map(str, mine.values())] for name, mine in every)])

    def document() -> object:
        images = [{"path": name, "counts": plain(mine)} for name, mine in pictures]
        return {"images": images, "counts": plain(total(counts))}

    def lines() -> Iterator[list[object]]:
        yield ["image", *(f"{c}{end}" for c in classes for end in ("", " most"))]
        for name, mine in pictures:
            bounds = (v for c in mine.values() for v in (c.least, c.most))
            yield [name, *("" if v is None else v for v in bounds)]

    return rendered(form, text, document, lines)
