"""The results: Parquet files, each there when it is complete, and a manifest that says by what they were made."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from logidsl.diagnostics import InputError
from logidsl.files import file_errors, replace
from logidsl.scale import MANIFEST

SCHEMA = pa.schema(
    [
        ("path", pa.string()), ("verdict", pa.string()), ("labels", pa.list_(pa.string())), ("score", pa.float64()),
        ("findings", pa.int64()), ("objects", pa.int64()), ("error", pa.string()), ("digest", pa.string()),
        ("images", pa.string()), ("table", pa.string()), ("seconds", pa.float64()), ("bytes", pa.int64()),
        ("time", pa.timestamp("us", "UTC")),
    ]
)  # fmt: skip


class Results:
    """A folder of results.

    Parameters
    ----------
    folder : Path
        Created if necessary.
    made_by : dict
        What the results depend on: the program's digest, version, options.

    Raises
    ------
    InputError
        If it holds results of something else, or other files.
    """

    def __init__(self, folder: Path, made_by: dict[str, Any]) -> None:
        self.folder, self.made_by = folder, made_by
        self.parts = folder / "parts"
        manifest = folder / MANIFEST
        with file_errors(folder, "written"):
            folder.mkdir(parents=True, exist_ok=True)
            if manifest.exists():
                before = json.loads(manifest.read_text("utf-8"))["made_by"]
                if before != made_by:
                    other = [key for key in made_by if before.get(key) != made_by[key]]
                    raise InputError(f"{folder} holds results of another {' and '.join(other)}: choose another folder")
            elif any(folder.iterdir()):
                raise InputError(
                    f"expected a new folder, an empty one or one of results, found other files in {folder}"
                )
            self.parts.mkdir(exist_ok=True)
            for left in self.parts.glob(".*"):
                left.unlink()
        self._write({"made_by": made_by, "complete": False})

    def known(self) -> set[str]:
        """The addresses that have a row."""
        found: set[str] = set()
        for path in self._files():
            with file_errors(path, "read"):
                found.update(pq.read_table(path, columns=["path"]).column("path").to_pylist())
        return found

    def add(self, rows: pa.Table) -> None:
        """Add rows as one file, which is there when it is complete."""
        name = hashlib.sha256("\n".join(rows.column("path").to_pylist()).encode()).hexdigest()[:24]
        target, temporary = self.parts / f"part-{name}.parquet", self.parts / f".{name}"
        with file_errors(target, "written"):
            pq.write_table(rows.cast(SCHEMA), temporary, compression="zstd")
            with temporary.open("rb") as file:
                os.fsync(file.fileno())
            temporary.replace(target)

    def finish(self) -> Counter[str]:
        """Write the manifest of complete results; give the number of each verdict."""
        counts: Counter[str] = Counter()
        files = {}
        for path in self._files():
            with file_errors(path, "read"):
                counts.update(pq.read_table(path, columns=["verdict"]).column("verdict").to_pylist())
                files[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
        self._write({"made_by": self.made_by, "complete": True, "verdicts": dict(counts), "parts": files})
        return counts

    def _files(self) -> list[Path]:
        return sorted(self.parts.glob("part-*.parquet"))

    def _write(self, document: dict[str, Any]) -> None:
        replace(self.folder / MANIFEST, (json.dumps(document, indent=1) + "\n").encode(), private=True)
