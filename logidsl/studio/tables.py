"""The objects found in photos, by the pixel part of the spec and the digest of the photo: in memory and on disk."""

from __future__ import annotations

import shutil
from pathlib import Path

from logidsl.diagnostics import InputError
from logidsl.files import replace
from logidsl.studio.held import Held
from logidsl.studio.table_files import packed, unpacked
from logidsl.table import ObjectTable

#: Objects that are kept in memory, and pixel parts of specs that are kept on disk.
MOST_ROWS, MOST_PARTS = 300_000, 8


class Tables:
    """The tables of photos.

    Parameters
    ----------
    folder : Path
        Where they are kept. What cannot be read or written there is found anew.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._held = Held[tuple[str, str], ObjectTable](MOST_ROWS, lambda table: len(table) + 1)

    def get(self, seeing: str, digest: str) -> ObjectTable | None:
        """The table of a photo for a pixel part, if it is known."""
        key = seeing, digest
        if (held := self._held.get(key)) is not None:
            return held
        try:
            table = unpacked(self._file(key).read_bytes())
        except OSError:
            return None
        if table is not None:
            self._held.put(key, table)
        return table

    def put(self, seeing: str, digest: str, table: ObjectTable) -> None:
        """Keep a table; one of a picture that could not be read is kept in memory alone, as it may be tried again."""
        key = seeing, digest
        self._held.put(key, table)
        if table.problems or not table.images:
            return
        try:
            file = self._file(key)
            if not file.parent.is_dir():
                file.parent.mkdir(parents=True, exist_ok=True)
                self._prune()
            replace(file, packed(table))
        except (OSError, InputError):
            return  # the disk is full, or the folder has gone: nothing depends on it

    def _prune(self) -> None:
        """Remove the tables of the pixel parts that were begun first."""
        parts = sorted((p for p in self.folder.iterdir() if p.is_dir()), key=lambda p: p.stat().st_mtime_ns)
        for part in parts[:-MOST_PARTS]:
            shutil.rmtree(part, ignore_errors=True)

    def _file(self, key: tuple[str, str]) -> Path:
        return self.folder / key[0] / f"{key[1]}.npz"
