"""What a store says about a process: yield, labels, control charts, capability."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from sqlalchemy import func, select

from logidsl.store.store import Place, Store
from logidsl.store.summary import BatchRow, ChartName, Group, Grouping, History, Measured, individuals, summary
from logidsl.store.tables import Batch, BatchVerdict, Judgement, Measurement, Spec, StoredFinding


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

    def conditions(self, of: type[Judgement | BatchVerdict] = Judgement) -> list[object]:
        """What a statement that joins judgements, or verdicts on batches, with specs and batches requires."""
        found: list[object] = []
        if self.since is not None:
            found.append(of.time >= self.since)
        if self.spec is not None:
            found.append((Spec.program == self.spec) | (Spec.name == self.spec) | (Spec.path == self.spec))
        found += [getattr(Batch, name) == value for name, value in self.place._asdict().items() if value]
        return found


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
    found_here = summary(store.shown, list(groups.values()), labels, chart)
    return replace(found_here, batches=batches(store, choice))


def batches(store: Store, choice: Choice) -> tuple[BatchRow, ...]:
    """The last verdict on each batch, in the order of their times.

    Parameters
    ----------
    store, choice
        As for `history`.
    """
    columns = (
        select(BatchVerdict, Spec.path.label("spec"))
        .join(Spec, Spec.id == BatchVerdict.spec_id)
        .join(Batch, Batch.id == BatchVerdict.batch_id)
        .where(*choice.conditions(BatchVerdict))  # type: ignore[arg-type]
        .order_by(BatchVerdict.time, BatchVerdict.id)
    )
    last: dict[tuple[str, str, str], BatchRow] = {}
    with store.reading() as connection:
        for row in connection.execution_options(stream_results=True).execute(columns):
            name = row.spec, row.batch, row.key
            last.pop(name, None)
            last[name] = BatchRow(row.batch, row.key, row.pictures, row.verdict, tuple(row.labels), _aware(row.time))
    return tuple(last.values())


def _aware(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _group_of(row: object, by: Grouping) -> str:
    time = _aware(row.time)  # type: ignore[attr-defined]
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
    return individuals(store.shown, name, values, columns_of(store), low, high)


def columns_of(store: Store) -> list[str]:
    """The measured columns of a store, as `class.column`.

    Raises
    ------
    InputError
        If the store goes away.
    """
    with store.reading() as connection:
        rows = connection.execute(select(Measurement.class_, Measurement.column).distinct())
        return sorted(f"{class_}.{column}" for class_, column in rows)
