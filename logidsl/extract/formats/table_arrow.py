"""Tables of objects in columnar files: Parquet, Feather and Arrow IPC, through pyarrow.

Columns are those of the CSV form; lists and structs are taken as they are. May import `ir`, `table` and
`diagnostics`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from logidsl.diagnostics import InputError
from logidsl.extract.formats.columnar import table_of_arrow
from logidsl.extract.formats.documents import FileReader
from logidsl.extract.formats.table_csv import table_of_rows
from logidsl.extras import needed
from logidsl.ir import Program
from logidsl.table import BOX, ObjectTable

#: Endings of columnar files, and what they are.
ENDINGS = {".parquet": "parquet", ".pq": "parquet", ".feather": "feather", ".arrow": "ipc", ".ipc": "ipc"}


def read_columnar(path: Path, program: Program) -> ObjectTable:
    """Read a table of objects.

    Parameters
    ----------
    path : Path
        Its ending says which kind it is.
    program : Program
        Says what classes and attributes are called.

    Raises
    ------
    InputError
        If pyarrow is not installed, the file cannot be read, or it lacks a column.
    """
    table = _arrow_table(path)
    columnar = table_of_arrow(table, program, str(path))
    if columnar is not None:
        return columnar
    rows = [_flat(row) for row in table.to_pylist()]
    names = list(dict.fromkeys(k for row in rows for k in row)) if rows else table.column_names
    return table_of_rows([(f"row {n}", row) for n, row in enumerate(rows, 1)], program, str(path), names)


def arrow_rows(path: Path) -> tuple[list[str], list[dict[str, object]]]:
    """The names of the columns of a columnar file, and its rows.

    Raises
    ------
    InputError
        If pyarrow is not installed, or the file cannot be read.
    """
    table = _arrow_table(path)
    return table.column_names, table.to_pylist()


def _arrow_table(path: Path) -> Any:
    if not path.is_file():
        raise InputError(f"no such file: {path}")
    needed("pyarrow", "arrow", f"reading {path.name}")
    import pyarrow as pa

    try:
        match ENDINGS[path.suffix.lower()]:
            case "parquet":
                from pyarrow import parquet

                return parquet.read_table(path)
            case "feather":
                from pyarrow import feather

                return feather.read_table(path)
            case _:
                with pa.memory_map(str(path)) as file:
                    try:
                        return pa.ipc.open_file(file).read_all()
                    except pa.ArrowInvalid:
                        file.seek(0)
                        return pa.ipc.open_stream(file).read_all()
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{path} is not a {path.suffix.lower()[1:]} table: {' '.join(str(error).split())[:200]}"
        ) from None


def _flat(row: dict[str, object]) -> dict[str, object]:
    """A row whose `box`, a list of four or a struct with names for them, is columns of its own."""
    match row.get("box"):
        case [x0, y0, x1, y1]:
            inner = dict(zip(BOX, (x0, y0, x1, y1), strict=True))
        case dict() as inner:
            pass
        case None if "box" in row:
            inner = {}
        case _:
            return row
    return {**{k: v for k, v in row.items() if k != "box"}, **inner}


EXTRACTOR = FileReader(
    "Parquet, Feather or Arrow table", lambda path: path.suffix.lower() in ENDINGS, read_columnar, generic=True
)
