"""How many objects each class and set has on each picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.ir import ClassDecl, Program, SetDecl
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
