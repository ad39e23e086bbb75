"""What is to be judged: files here, a manifest, or a store of objects."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import daft
from daft.io import IOConfig, S3Config

from logidsl.diagnostics import InputError, did_you_mean
from logidsl.extract.pixels.header import SUFFIXES
from logidsl.seeing import gather
from logidsl.table import Problem

MANIFESTS = (".csv", ".parquet", ".jsonl")
COLUMN = "path"


def config(addresses: Sequence[str]) -> IOConfig | None:
    """Where credentials come from: the usual variables and files, read by the engine and shown nowhere.

    Raises
    ------
    InputError
        If there are none, and a store needs them.
    """
    if not any(address.startswith("s3") for address in addresses):
        return None
    try:
        return IOConfig(s3=S3Config.from_env())
    except Exception as error:  # noqa: BLE001 - the engine raises what its libraries do
        raise InputError(f"{addresses[0]} cannot be read: {reason(error)}") from None


def addresses(sources: Sequence[str], column: str = COLUMN) -> list[str]:
    """The addresses of all inputs, each once, in order; of files whole paths, as workers may run elsewhere.

    Parameters
    ----------
    sources : sequence of str
        Files, folders and patterns; `s3://bucket/prefix/`; manifests, which have a column of addresses.
    column : str
        Of manifests.

    Raises
    ------
    InputError
        If one cannot be read, or has nothing in it.
    """
    found: dict[str, None] = {}
    for source in sources:
        if "://" in source:
            found.update(dict.fromkeys(_objects(source)))
        elif Path(source).suffix.lower() in MANIFESTS and Path(source).is_file():
            found.update(dict.fromkeys(_manifest(source, column)))
        else:
            for item in gather([source]):
                if isinstance(item, Problem):
                    raise InputError(item.message)
                found[str(item.absolute())] = None
    if not found:
        raise InputError("expected pictures, found none")
    return list(found)


def _objects(address: str) -> list[str]:
    """The pictures below an address, or those that a pattern names."""
    pattern = address if "*" in address or Path(address).suffix else address.rstrip("/") + "/**"
    try:
        names = daft.from_glob_path(pattern, io_config=config([address])).to_pydict()["path"]
    except Exception as error:  # noqa: BLE001 - the engine raises what its libraries do
        raise InputError(f"{address} cannot be listed: {reason(error)}") from None
    pictures = sorted(name for name in names if Path(name).suffix.lower() in SUFFIXES)
    if not pictures:
        raise InputError(f"no pictures at {address}")
    return pictures


def _manifest(path: str, column: str) -> list[str]:
    read: dict[str, Any] = {".csv": daft.read_csv, ".parquet": daft.read_parquet, ".jsonl": daft.read_json}
    try:
        table = read[Path(path).suffix.lower()](path)
        names = table.column_names
        if column not in names:
            hint = did_you_mean(column, names)
            raise InputError(f"{path} has no column `{column}`: it has {', '.join(f'`{n}`' for n in names)}{hint}")
        values = table.select(column).to_pydict()[column]
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001 - the engine raises what its libraries do
        raise InputError(f"{path} cannot be read: {reason(error)}") from None
    if any(not value for value in values):
        raise InputError(f"{path}: expected an address in every row of `{column}`")
    folder = Path(path).absolute().parent
    return [v if "://" in v else str(folder / v) for v in map(str, values)]


def reason(error: BaseException) -> str:
    """Why the engine failed, in one line, without the address of a secret."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1][:300] if lines else type(error).__name__
