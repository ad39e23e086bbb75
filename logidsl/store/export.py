"""A store as Parquet files, one for each table, written by batches."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from logidsl.diagnostics import InputError
from logidsl.extras import needed
from logidsl.files import file_errors
from logidsl.store.store import Store
from logidsl.store.tables import (
    Batch,
    BatchVerdict,
    Judgement,
    Measurement,
    Picture,
    Run,
    Spec,
    StoredBatchFinding,
    StoredFinding,
)

ROWS = 50_000
TABLES = (Spec, Batch, Run, Picture, Judgement, StoredFinding, Measurement, BatchVerdict, StoredBatchFinding)


def export(store: Store, folder: Path) -> dict[str, int]:
    """Write every table of a store to a new folder.

    Parameters
    ----------
    store : Store
        Where from.
    folder : Path
        Must not exist yet, or be empty.

    Returns
    -------
    dict of str to int
        How many rows each file has, by its name.

    Raises
    ------
    InputError
        If the folder holds something, cannot be written, or the extra `arrow` is missing.
    """
    arrow = needed("pyarrow", "arrow", "Parquet")
    parquet = needed("pyarrow.parquet", "arrow", "Parquet")
    with file_errors(folder, "written"):
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise InputError(f"expected a new folder or an empty one, found files in {folder}")
    written = {}
    for table in TABLES:
        name, columns = table.__tablename__, table.__table__.c
        schema = arrow.schema([(c.name, _type(arrow, c.type.python_type)) for c in columns])
        path, count = folder / f"{name}.parquet", 0
        with file_errors(path, "written"), parquet.ParquetWriter(path, schema) as writer, store.reading() as connection:
            rows = connection.execution_options(stream_results=True, yield_per=ROWS).execute(
                select(*columns).order_by(columns[0])
            )
            for part in rows.partitions(ROWS):
                values = [[_plain(row[i]) for row in part] for i in range(len(columns))]
                writer.write_table(arrow.table(values, schema=schema))
                count += len(part)
        written[path.name] = count
    return written


def _type(arrow: object, kind: type) -> object:
    name = {int: "int64", float: "float64", str: "string"}.get(kind)
    if name:
        return getattr(arrow, name)()
    if kind.__name__ == "datetime":
        return arrow.timestamp("us", tz="UTC")  # type: ignore[attr-defined]
    return arrow.string()  # type: ignore[attr-defined]


def _plain(value: object) -> object:
    import json
    from datetime import UTC, datetime

    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value
