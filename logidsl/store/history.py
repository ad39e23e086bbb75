"""What a store says about a process: yield, labels, control charts, capability."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from sqlalchemy import func, select

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
from logidsl.store.store import Place, Store
from logidsl.store.tables import Batch, Judgement, Measurement, Spec, StoredFinding

Grouping: TypeAlias = Literal["hour", "day", "run", "lot", "order", "line", "cell"]
ChartName: TypeAlias = Literal["p", "laney", "u"]
CHARTS: dict[str, Callable[..., Chart]] = {"p": p_chart, "laney": laney_chart, "u": u_chart}
MOST_POINTS = 5000  # of a chart of individual values: the last ones


@dataclass(frozen=True)
class Choice:
    """Which judgements are looked at.

    Parameters
    ----------
    since : datetime, optional
        None before it.
    spec : str, optional
        The name or path of a spec, or the digest of its program.
    place : Place
        Where they belong; empty parts match all.
    """

    since: datetime | None = None
    spec: str | None = None
    place: Place = field(default_factory=Place)

    def conditions(self) -> list[object]:
        """What a statement that joins judgements, specs and batches requires."""
        found: list[object] = []
        if self.since is not None:
            found.append(Judgement.time >= self.since)
        if self.spec is not None:
            found.append((Spec.program == self.spec) | (Spec.name == self.spec) | (Spec.path == self.spec))
        found += [getattr(Batch, name) == value for name, value in self.place._asdict().items() if value]
        return found


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


@dataclass(frozen=True, eq=False)
class History:
    """What was asked for."""

    groups: list[Group]
    labels: list[tuple[str, int, float]]
    chart_name: str
    chart: Chart
    measured: Measured | None

    @property
    def totals(self) -> Counter[str]:
        """All verdicts."""
        return sum((group.verdicts for group in self.groups), Counter())


def history(store: Store, choice: Choice, by: Grouping = "day", chart: ChartName = "p") -> History:
    """Yield, labels and a control chart.

    Parameters
    ----------
    store : Store
        Where judgements are.
    choice : Choice
        Which of them.
    by : str
        What makes a subgroup.
    chart : str
        `p`: the share of failed among decided images; `laney`: the same, with limits for more variation; `u`: findings
        for each image.

    Raises
    ------
    InputError
        If there are none, or the store goes away.
    """
    groups: dict[str, Group] = {}
    labels: Counter[str] = Counter()
    found = (
        select(Judgement.id, Judgement.time, Judgement.run_id, Judgement.verdict, Judgement.labels, Batch)
        .join(Spec, Spec.id == Judgement.spec_id)
        .join(Batch, Batch.id == Judgement.batch_id)
        .where(*choice.conditions())  # type: ignore[arg-type]
        .order_by(Judgement.time, Judgement.id)
    )
    columns = found.add_columns(
        select(func.count(StoredFinding.id)).where(StoredFinding.judgement_id == Judgement.id).scalar_subquery()
    )
    with store.reading() as connection:
        for row in connection.execution_options(stream_results=True).execute(columns):
            name = _group_of(row, by)
            group = groups.setdefault(name, Group(name))
            group.verdicts[row.verdict] += 1
            group.findings += int(row[-1])
            if row.verdict != "pass":
                labels.update(row.labels)
    if not groups:
        raise InputError(f"{store.shown} has no judgements that fit")
    made = list(groups.values())
    sizes = [g.total if chart == "u" else g.judged for g in made]
    counts = [g.findings if chart == "u" else g.verdicts["fail"] for g in made]
    return History(made, pareto(dict(labels)), chart, CHARTS[chart](counts, sizes), None)


def _group_of(row: object, by: Grouping) -> str:
    time: datetime = row.time  # type: ignore[attr-defined]
    time = time if time.tzinfo else time.replace(tzinfo=UTC)
    if by == "hour":
        return f"{time:%Y-%m-%d %H}:00"
    if by == "day":
        return f"{time:%Y-%m-%d}"
    if by == "run":
        return str(row.run_id)  # type: ignore[attr-defined]
    return str(getattr(row, by)) or "-"


def measured(store: Store, choice: Choice, name: str, low: float | None = None, high: float | None = None) -> Measured:
    """A measured column.

    Parameters
    ----------
    store, choice
        As for `history`.
    name : str
        `class.column`.
    low, high : float, optional
        Specification limits.

    Raises
    ------
    InputError
        If there are fewer than two values.
    """
    class_, _, column = name.rpartition(".")
    found = (
        select(Measurement.value)
        .join(Judgement, Judgement.id == Measurement.judgement_id)
        .join(Spec, Spec.id == Judgement.spec_id)
        .join(Batch, Batch.id == Judgement.batch_id)
        .where(Measurement.class_ == class_, Measurement.column == column, *choice.conditions())  # type: ignore[arg-type]
        .order_by(Judgement.time, Judgement.id, Measurement.id)
    )
    with store.reading() as connection:
        values = [float(value) for (value,) in connection.execute(found)]
        known = sorted(
            {f"{c}.{n}" for c, n in connection.execute(select(Measurement.class_, Measurement.column).distinct())}
        )
    if len(values) < 2:
        raise InputError(f"{store.shown} has {len(values)} values of `{name}`; it has {_listed(known)}")
    limits = None if low is None and high is None else capability(values, low, high)
    last = values[-MOST_POINTS:]
    return Measured(name, individuals_chart(last), moving_range_chart(last), limits)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "no measurements"
