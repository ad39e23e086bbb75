"""Yield, labels, control charts and capability of judgements, wherever they are kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from logidsl.control_charts import (
    Capability,
    Chart,
    capability,
    individuals_chart,
    laney_chart,
    moving_range_chart,
    p_chart,
    pareto,
    u_chart,
)
from logidsl.diagnostics import InputError

Grouping: TypeAlias = Literal["hour", "day", "run", "folder", "lot", "order", "line", "cell"]
ChartName: TypeAlias = Literal["p", "laney", "u"]
CHARTS: dict[str, Callable[..., Chart]] = {"p": p_chart, "laney": laney_chart, "u": u_chart}
MOST_POINTS = 5000  # of a chart of individual values: the last ones


@dataclass
class Group:
    """Judgements that belong together: of an hour, a lot, ..."""

    name: str
    verdicts: Counter[str] = field(default_factory=Counter)
    findings: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.verdicts.values())

    @property
    def judged(self) -> int:
        """Those that passed or failed; the others were not decided."""
        return self.verdicts["pass"] + self.verdicts["fail"]


@dataclass(frozen=True, eq=False)
class Measured:
    """A measured column: its chart of individual values, and what is known of limits."""

    name: str
    chart: Chart
    ranges: Chart
    capability: Capability | None


@dataclass(frozen=True)
class BatchRow:
    """The last verdict on a batch by the rules over several pictures.

    Parameters
    ----------
    batch, key : str
        Its name in the spec, and what its pictures have in common; no key where it is all pictures of a run.
    pictures : int
        How many it had.
    """

    batch: str
    key: str
    pictures: int
    verdict: str
    labels: tuple[str, ...]
    time: datetime

    @property
    def name(self) -> str:
        """What it is called: `lot L17`."""
        return f"{self.batch} {self.key}".rstrip()


@dataclass(frozen=True, eq=False)
class History:
    """What was asked for."""

    groups: list[Group]
    labels: list[tuple[str, int, float]]
    chart_name: str
    chart: Chart
    measured: Measured | None
    batches: tuple[BatchRow, ...] = ()

    @property
    def totals(self) -> Counter[str]:
        """All verdicts."""
        return sum((group.verdicts for group in self.groups), Counter())


def summary(where: str, groups: Sequence[Group], labels: Mapping[str, int], chart: ChartName) -> History:
    """A history of subgroups in order.

    Parameters
    ----------
    where : str
        What they were read from, for messages.
    groups : sequence of Group
        The subgroups.
    labels : mapping of str to int
        How many images have each label.
    chart : str
        `p`, `laney` or `u`.

    Raises
    ------
    InputError
        If there are none.
    """
    if not groups:
        raise InputError(f"{where} has no judgements that fit")
    sizes = [g.total if chart == "u" else g.judged for g in groups]
    counts = [g.findings if chart == "u" else g.verdicts["fail"] for g in groups]
    return History(list(groups), pareto(dict(labels)), chart, CHARTS[chart](counts, sizes), None)


def individuals(
    where: str, name: str, values: Sequence[float], known: Sequence[str], low: float | None, high: float | None
) -> Measured:
    """A measured column by its values in order.

    Parameters
    ----------
    where, name : str
        What they were read from, and the column, for messages.
    values : sequence of float
        At least two.
    known : sequence of str
        The columns that there are.
    low, high : float, optional
        Specification limits.

    Raises
    ------
    InputError
        If there are fewer than two values.
    """
    if len(values) < 2:
        listed = ", ".join(f"`{one}`" for one in known) or "no measurements"
        raise InputError(f"{where} has {len(values)} values of `{name}`; it has {listed}")
    limits = None if low is None and high is None else capability(values, low, high)
    last = values[-MOST_POINTS:]
    return Measured(name, individuals_chart(last), moving_range_chart(last), limits)
