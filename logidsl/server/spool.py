"""Inputs as files, in a folder of the server's: workers read them there."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple


class Content(NamedTuple):
    """What is in an input: the SHA-256 of its bytes, and how many there are."""

    digest: str
    bytes: int


@dataclass(frozen=True)
class Upload:
    """An input in a folder of the server's: one file, or a picture with its annotation.

    Parameters
    ----------
    folder : Path
        Where it is, for itself; removed when it was judged.
    name : str
        The name of the file to judge.
    """

    folder: Path
    name: str

    @property
    def path(self) -> Path:
        """The file to judge."""
        return self.folder / self.name


class Spool:
    """The folder, emptied at first: what was not answered before a crash is sent again by its client.

    Parameters
    ----------
    folder : Path
        Created if necessary.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._free: list[Path] = []
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.iterdir():
            shutil.rmtree(left, ignore_errors=True)

    @contextlib.contextmanager
    def upload(self, name: str) -> Iterator[Upload]:
        """An `Upload` with an empty folder, for a file of this name; removed in the end."""
        if self._free:
            folder = self._free.pop()
        else:
            folder = self.folder / uuid.uuid4().hex
            folder.mkdir()
        try:
            yield Upload(folder, safe_name(name))
        finally:  # nobody waits for it
            asyncio.get_running_loop().run_in_executor(None, self._empty, folder)

    def _empty(self, folder: Path) -> None:
        """Have a folder used again, or removed if it cannot be emptied."""
        try:
            for path in folder.iterdir():
                path.unlink()
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            self._free.append(folder)


def safe_name(name: str) -> str:
    """The last part of a file name that came from elsewhere, without what a file system may refuse.

    Examples
    --------
    >>> safe_name("../../etc/passwd"), safe_name("C:\\\\a\\\\tray 1.png"), safe_name("..")
    ('passwd', 'tray 1.png', 'input')
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(c for c in last if c.isprintable() and c not in '<>:"|?*').strip(" .")
    stem, dot, ending = kept.rpartition(".")
    stem, ending = (stem, dot + ending[:20]) if dot else (ending, "")
    return (stem.encode()[:150].decode("utf-8", "ignore") + ending).lstrip(".") or "input"


def content_of(path: Path) -> Content:
    """What is in a file."""
    with path.open("rb") as file:
        return Content(hashlib.file_digest(file, "sha256").hexdigest(), os.fstat(file.fileno()).st_size)
