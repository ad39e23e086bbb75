"""What results say about a process: the same as of a store of runs, read from their Parquet files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from logidsl.diagnostics import InputError
from logidsl.scale.results import SCHEMA
from logidsl.store.summary import ChartName, Group, Grouping, History, Measured, individuals, summary

_TIMES = {"hour": "%Y-%m-%d %H:00", "day": "%Y-%m-%d"}


def history(folder: Path, since: datetime | None, by: Grouping, chart: ChartName) -> History:
    """Yield, labels and a control chart.

    Parameters
    ----------
    folder : Path
        The results.
    since : datetime, optional
        Rows from then on.
    by : str
        What makes a subgroup: `hour` or `day` of judging, or the `folder` of the picture.
    chart : str
        `p`, `laney` or `u`.

    Raises
    ------
    InputError
        If they cannot be read, there are none, or they do not have such subgroups.
    """
    if by not in (*_TIMES, "folder"):
        raise InputError(f"results have no {by} of a picture: expected --by hour, day or folder")
    groups: dict[str, Group] = {}
    labels: Counter[str] = Counter()
    for rows in _rows(folder, ["path", "verdict", "labels", "findings", "time"], since):
        if by == "folder":
            names = pc.replace_substring_regex(rows.column("path"), r"/[^/]*$", "")
        else:
            names = pc.strftime(rows.column("time"), format=_TIMES[by])
        counted = pa.table({"group": names, "verdict": rows.column("verdict"), "findings": rows.column("findings")})
        found = counted.group_by(["group", "verdict"]).aggregate([([], "count_all"), ("findings", "sum")])
        for row in found.to_pylist():
            group = groups.setdefault(row["group"], Group(row["group"]))
            group.verdicts[row["verdict"]] += row["count_all"]
            group.findings += row["findings_sum"] or 0
        failed = rows.filter(pc.not_equal(rows.column("verdict"), "pass")).column("labels")
        for one in pc.value_counts(pc.list_flatten(failed)).to_pylist():
            labels[one["values"]] += one["counts"]
    made = [groups[name] for name in sorted(groups)]
    if by == "folder":
        _shorten(made)
    return summary(str(folder), made, labels, chart)


def measured(folder: Path, since: datetime | None, name: str, low: float | None, high: float | None) -> Measured:
    """A measured column, `class.column`, with specification limits, in the order of judging.

    Raises
    ------
    InputError
        If the results have no tables of objects, or fewer than two values of it.
    """
    class_, _, column = name.rpartition(".")
    values: list[tuple[datetime, str, list[float]]] = []
    known: set[str] = set()
    tables = False
    for rows in _rows(folder, ["path", "table", "time"], since):
        for row in rows.to_pylist():
            tables = tables or row["table"] is not None
            objects = [o for image in json.loads(row["table"] or "[]") for o in image["objects"]]
            known.update(f"{o['class']}.{n}" for o in objects for n, v in o.items() if isinstance(v, float))
            values.append((row["time"], row["path"], [float(o[column]) for o in objects if _has(o, class_, column)]))
    if values and not tables:
        raise InputError(f"{folder} has no tables of objects: judge with --objects, to another folder")
    ordered = [value for *_, found in sorted(values, key=lambda v: v[:2]) for value in found]
    return individuals(str(folder), name, ordered, sorted(known), low, high)


def _has(item: dict[str, object], class_: str, column: str) -> bool:
    return item["class"] == class_ and isinstance(item.get(column), int | float)


def _rows(folder: Path, columns: Sequence[str], since: datetime | None) -> Iterator[pa.Table]:
    """Rows by batches, without those from before a time."""
    files = sorted(str(path) for path in (folder / "parts").glob("part-*.parquet"))
    if not files:
        return
    chosen = None if since is None else pc.field("time") >= since
    try:
        for batch in ds.dataset(files, schema=SCHEMA).to_batches(columns=list(columns), filter=chosen):
            yield pa.Table.from_batches([batch])
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{folder} cannot be read: {str(error).splitlines()[0]}") from None


def _shorten(groups: Sequence[Group]) -> None:
    """Leave out of the names of folders what all have in common."""
    parts = [group.name.split("/") for group in groups]
    common = min(len(names) for names in parts) - 1
    while len({tuple(names[:common]) for names in parts}) > 1:
        common -= 1
    for group, names in zip(groups, parts, strict=True):
        group.name = "/".join(names[common:])
