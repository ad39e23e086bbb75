"""One run: what has no row yet is judged, and rows are written as they come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import daft
import pyarrow as pa
import pyarrow.compute as pc
from daft import DataType, col, lit
from daft.functions import download

from logidsl.diagnostics import InputError
from logidsl.scale.inputs import config, reason
from logidsl.scale.results import SCHEMA, Results
from logidsl.scale.work import BATCH, UNREAD
from logidsl.workers import Progress

#: Signs that no other picture could be downloaded either: always, and where none could be before.
_INVALID = ("expired", "invalidaccesskey", "unauthenticated", "credential", "signature")
_DENIED = (*_INVALID, "accessdenied", "forbidden")

TRIED = 20  # pictures of a file of rows that are downloaded again, to see why it failed


class EngineStoppedError(InputError):
    """The engine gave up: a node or a worker was lost. What was judged is kept."""


def judge_all(
    judge: Any, rest: Sequence[str], results: Results, part: int, on_progress: Progress = lambda _done, _all: None
) -> None:
    """Judge pictures, and add their rows by parts.

    Parameters
    ----------
    judge : Judge
        What judges.
    rest : sequence of str
        Their addresses.
    results : Results
        Where rows go.
    part : int
        How many rows a file has.
    on_progress : callable
        Told how many are done.

    Raises
    ------
    EngineStoppedError
        If the engine gives up without having judged any more picture, twice.
    InputError
        If pictures cannot be downloaded for a reason that concerns them all; what was judged before is kept.
    """
    left, idle = list(rest), 0
    while left:
        before = len(rest) - len(left)
        try:
            if not _judge(judge, left, results, part, partial(_told, on_progress, before, len(rest))):
                return
            stopped = EngineStoppedError("some pictures could be downloaded only at times; start again to go on")
        except EngineStoppedError as error:
            stopped = error
        known = results.known()
        left = [address for address in left if address not in known]
        idle = idle + 1 if len(rest) - len(left) == before else 0
        if idle == 2:
            raise stopped


def _told(on_progress: Progress, before: int, total: int, done: int, _rest: int) -> None:
    on_progress(before + done, total)


def _judge(judge: Any, rest: Sequence[str], results: Results, part: int, on_progress: Progress) -> int:
    """Judge pictures; give how many have no row yet, as they could be downloaded only when tried again."""
    done, read_any = 0, False
    for rows in _parts(judge, rest, part):
        unread = [
            path for path, why in zip(rows.column("path").to_pylist(), rows.column("error").to_pylist(), strict=True)
            if why == UNREAD
        ]  # fmt: skip
        read_any = read_any or len(unread) < rows.num_rows
        if unread:
            read = _without(rows, unread)
            try:
                reasons = _reasons(unread[:TRIED], _INVALID if read_any else _DENIED)
            except InputError:
                if read.num_rows:
                    results.add(read)
                raise
            rows = _with_reasons(_without(rows, [path for path in unread[:TRIED] if path not in reasons]), reasons)
        if rows.num_rows:
            results.add(rows)
        done += rows.num_rows
        on_progress(done, len(rest))
    return len(rest) - done


def _parts(judge: Any, rest: Sequence[str], part: int) -> Iterator[pa.Table]:
    frame = with_data(daft.from_pydict({"path": list(rest)}).into_batches(max(1, min(part, BATCH))), rest)
    frame = frame.with_column("row", judge.rows(col("path"), col("data"))).exclude("data")
    waiting: list[pa.Table] = []
    try:
        for batch in frame.to_arrow_iter():
            table = pa.Table.from_batches([batch])
            row = table.column("row").combine_chunks()
            columns = [table.column("path").cast(pa.string())]
            columns += [pa.array(row.field(name)).cast(SCHEMA.field(name).type) for name in SCHEMA.names[1:]]
            waiting.append(pa.table(columns, schema=SCHEMA))
            if sum(t.num_rows for t in waiting) >= part:
                yield pa.concat_tables(waiting)
                waiting = []
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001 - the engine raises what its libraries do
        if waiting:
            yield pa.concat_tables(waiting)
        raise EngineStoppedError(f"the engine stopped: {reason(error)}; start again to go on") from None
    if waiting:
        yield pa.concat_tables(waiting)


def with_data(frame: daft.DataFrame, addresses: Sequence[str]) -> daft.DataFrame:
    """The frame with the bytes of what lies elsewhere; files here are read by the workers."""
    if any("://" in address for address in addresses):
        return frame.with_column("data", download(col("path"), on_error="null", io_config=config(addresses)))
    return frame.with_column("data", lit(None).cast(DataType.binary()))


def _reasons(unread: Sequence[str], fatal: Sequence[str]) -> dict[str, str]:
    """Why pictures could not be downloaded; those that can be now are left out.

    Raises
    ------
    InputError
        If a reason has one of the signs that it concerns all pictures.
    """
    found = {}
    for path in unread:
        frame = daft.from_pydict({"path": [path]}).with_column("data", download(col("path"), io_config=config([path])))
        try:
            frame.collect()
        except Exception as error:  # noqa: BLE001 - the engine raises what its libraries do
            why = reason(error)
            if any(sign in str(error).lower() for sign in fatal):
                raise InputError(f"{path} cannot be downloaded: {why}; what was judged is kept") from None
            found[path] = f"it cannot be downloaded: {why}"
    return found


def _without(rows: pa.Table, paths: Sequence[str]) -> pa.Table:
    return rows.filter(pc.invert(pc.is_in(rows.column("path"), pa.array(paths, pa.string()))))


def _with_reasons(rows: pa.Table, reasons: dict[str, str]) -> pa.Table:
    place = rows.schema.get_field_index("error")
    pairs = zip(rows.column("path").to_pylist(), rows.column("error").to_pylist(), strict=True)
    return rows.set_column(place, "error", pa.array([reasons.get(path, why) for path, why in pairs], pa.string()))
