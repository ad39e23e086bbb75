"""Tables of objects in columnar files: Parquet, Feather and Arrow IPC, by way of pyarrow.

Columns are those of the CSV form; lists and structs are taken as they are. May import `ir`, `table` and
`diagnostics`.
"""

from __future__ import annotations

from pathlib import Path

from logidsl.diagnostics import InputError
from logidsl.extract.extras import needed
from logidsl.extract.table_csv import table_of_rows
from logidsl.ir import Program
from logidsl.table import ObjectTable

_ENDINGS = {".parquet": "parquet", ".pq": "parquet", ".feather": "feather", ".arrow": "ipc", ".ipc": "ipc"}


class ArrowFile:
    """Reads a columnar table."""

    name = "Parquet, Feather or Arrow table"

    def matches(self, path: Path) -> bool:
        """Whether a file has the ending of one."""
        return path.suffix.lower() in _ENDINGS

    def read(self, path: Path, program: Program) -> ObjectTable:
        """The table; see `read_columnar`."""
        return read_columnar(path, program)


EXTRACTOR = ArrowFile()


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
    if not path.is_file():
        raise InputError(f"no file {path}")
    needed("pyarrow", "arrow", f"reading {path.name}")
    import pyarrow as pa

    try:
        match _ENDINGS[path.suffix.lower()]:
            case "parquet":
                from pyarrow import parquet

                table = parquet.read_table(path)
            case "feather":
                from pyarrow import feather

                table = feather.read_table(path)
            case _:
                with pa.memory_map(str(path)) as file:
                    try:
                        table = pa.ipc.open_file(file).read_all()
                    except pa.ArrowInvalid:
                        file.seek(0)
                        table = pa.ipc.open_stream(file).read_all()
        rows = table.to_pylist()
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{path} is no {path.suffix.lower()[1:]} table: {' '.join(str(error).split())[:200]}"
        ) from None
    return table_of_rows([(f"row {n}", row) for n, row in enumerate(rows, 1)], program, str(path), table.column_names)
