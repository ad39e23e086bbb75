"""How a column is spread over the members of a class and its rejected candidates, and the gaps between them.

The candidates of a class are the objects its `where` selects from. A limit belongs in the gap between the members and
the rejected candidates, far from both.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.diagnostics import InputError, did_you_mean
from logidsl.eval import members
from logidsl.eval.filters import explained
from logidsl.ir import Program
from logidsl.library import builtins
from logidsl.library.geometry import Geometry
from logidsl.object_counts import shown_names
from logidsl.table import ObjectTable

Floats: TypeAlias = npt.NDArray[np.float64]
Rows: TypeAlias = npt.NDArray[np.bool_]

BINS = 20
_UNITS = {"length": "px", "area": "px2", "angle": "deg", "turn": "deg"}


@dataclass(frozen=True)
class Gap:
    """The space between the members and the nearest rejected candidate on one side of them."""

    side: str
    low: float
    high: float
    undetermined: int

    @property
    def middle(self) -> float:
        """As far from both as can be."""
        return (self.low + self.high) / 2


@dataclass(frozen=True, eq=False)
class Spread:
    """The values of a column, grouped by the fate of the candidates.

    Parameters
    ----------
    column : str
        As it was asked for.
    values : dict of str to (k,) float64
        For each of `objects`, `undetermined` and `rejected`.
    missing : int
        How many candidates have no value.
    """

    column: str
    values: dict[str, Floats]
    missing: int

    @property
    def unit(self) -> str:
        """The unit of the values, as a spec writes it; empty for ratios, counts and unknown units."""
        known = builtins("attribute").get(self.column.rpartition(".")[2])
        return _UNITS.get(known.result.split()[0], "") if known else ""

    @property
    def gaps(self) -> list[Gap]:
        """The gaps between members and rejected candidates, below and above, if any."""
        members, rejected, open_ = (self.values[g] for g in ("objects", "rejected", "undetermined"))
        if not len(members):
            return []
        low, high = float(members.min()), float(members.max())
        ends = []
        if (under := rejected[rejected < low]).size:
            ends.append(("below", float(under.max()), low))
        if (over := rejected[rejected > high]).size:
            ends.append(("above", high, float(over.min())))
        return [Gap(side, a, b, int(((open_ > a) & (open_ < b)).sum())) for side, a, b in ends]

    @property
    def among(self) -> int:
        """How many rejected candidates have values from the least to the greatest of the members."""
        members, rejected = self.values["objects"], self.values["rejected"]
        return int(((rejected >= members.min()) & (rejected <= members.max())).sum()) if len(members) else 0

    def bins(self) -> list[tuple[float, float, dict[str, int]]]:
        """Edges, and how many of each group lie between: a bin for each of a few whole numbers, else 20."""
        every = np.concatenate(list(self.values.values()))
        if not len(every):
            return []
        low, high = float(every.min()), float(every.max())
        if low == high:
            return [(low, high, {g: len(v) for g, v in self.values.items()})]
        whole = high - low < BINS and bool((every == np.round(every)).all())
        edges = np.arange(low, high + 2) - 0.5 if whole else np.histogram_bin_edges(every, BINS)
        counts = {g: np.histogram(v, edges)[0].tolist() for g, v in self.values.items()}
        return [
            (a, b, {g: n[i] for g, n in counts.items()}) for i, (a, b) in enumerate(itertools.pairwise(edges.tolist()))
        ]


def spread(program: Program, table: ObjectTable, asked: str) -> Spread:
    """The values of `[CLASS.]COLUMN`; without a class, of all objects, where those of no class are rejected.

    Raises
    ------
    InputError
        If the spec has no such class, or the table no such column of numbers.
    """
    name, _, column = asked.rpartition(".")
    known = members(program, table)
    if name and name not in known:
        raise InputError(
            f"expected a class or set of the spec, found `{name}`; there are {', '.join(known)}"
            + did_you_mean(name, known)
        )
    named = [name] if name else shown_names(program)
    sure, maybe = (np.any([known[n][k] for n in named], axis=0) for k in (0, 1))
    candidates = np.zeros(len(table), bool)
    if not name:
        candidates[:] = True
    elif (found := explained(program, table, name)) is not None:
        candidates[found.rows] = True
    numbers = _numbers(table, column)
    measured = np.isfinite(numbers)
    rows: dict[str, Rows] = {"objects": sure, "undetermined": maybe & ~sure, "rejected": candidates & ~maybe}
    values = {group: np.asarray(numbers[chosen & measured]) for group, chosen in rows.items()}
    return Spread(asked, values, int(((candidates | maybe) & ~measured).sum()))


def _numbers(table: ObjectTable, column: str) -> Floats:
    """A column of numbers, measured or by the box."""
    numbers: object = table.columns.get(column)
    made = {n: e for n, e in builtins("attribute").items() if e.takes in ("box", "outline") and e.result != "point"}
    if numbers is None and column in made:
        box: list[Any] = [table.columns[c] for c in ("x0", "y0", "x1", "y1")]
        numbers = made[column].kernel(Geometry(box[0], box[1], box[2], box[3]))
    if not isinstance(numbers, np.ndarray) or numbers.ndim != 1 or numbers.dtype.kind != "f":
        found = {c for c, v in table.columns.items() if isinstance(v, np.ndarray) and v.ndim == 1}
        has = sorted(found | made.keys())
        raise InputError(
            f"expected a column of numbers, found `{column}`; there are {', '.join(has)}{did_you_mean(column, has)}"
        )
    return numbers
