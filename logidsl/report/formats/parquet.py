"""Findings as a Parquet file, with the columns of the CSV; it needs the extra `arrow`."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from logidsl.extras import needed
from logidsl.report.finding_rows import COLUMNS, finding_rows
from logidsl.report.formats import Stream, Style

ROWS = 10_000  # of a row group
_NUMBERS = {"score": "float64", "margin": "float64", "line": "int32"}
_LISTS = ("labels", "objects", "repairs")


class _Pieces(io.RawIOBase):
    """A file to write to, whose bytes are taken out as they come."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.pieces.append(bytes(data))
        return len(self.pieces[-1])

    def taken(self) -> bytes:
        """What was written since the last time."""
        data, self.pieces = b"".join(self.pieces), []
        return data


def render(stream: Stream, _style: Style) -> Iterator[bytes]:
    """Yield the file, a group of rows at a time.

    Raises
    ------
    InputError
        Without the extra.
    """
    pa = needed("pyarrow", "arrow", "writing Parquet")
    parquet = needed("pyarrow.parquet", "arrow", "writing Parquet")
    texts = pa.list_(pa.string())
    fields = [(n, texts if n in _LISTS else getattr(pa, _NUMBERS.get(n, "string"))()) for n in COLUMNS]
    schema = pa.schema(fields, metadata={"logidsl": stream.logidsl, "spec": stream.spec.hash})
    file = _Pieces()
    writer = parquet.ParquetWriter(file, schema)
    yield file.taken()  # before the first image is read: where it cannot be written, nothing is lost
    rows: list[dict[str, object]] = []
    for judged in stream.judged():
        rows += finding_rows(judged, stream.spec)
        if len(rows) >= ROWS:
            writer.write_table(pa.Table.from_pylist(rows, schema))
            rows = []
            yield file.taken()
    if rows:
        writer.write_table(pa.Table.from_pylist(rows, schema))
    writer.close()
    yield file.taken()
