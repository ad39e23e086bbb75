"""The photos of a folder: their files, in the order that people count in, and what is known of each without judging."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from logidsl.diagnostics import InputError
from logidsl.extract.inputs import counting
from logidsl.extract.pixels.header import SUFFIXES
from logidsl.files import replace

#: What the studio keeps, inside the folder.
STATE = ".logidsl-studio"


@dataclass(frozen=True)
class Photo:
    """A photo.

    Parameters
    ----------
    id : str
        The same as long as the file keeps its name.
    path : Path
        Its file.
    name : str
        The path below the folder, with `/`.
    """

    id: str
    path: Path
    name: str

    def signature(self) -> str | None:
        """What changes when the file does; None if there is no file."""
        try:
            about = self.path.stat()
        except OSError:
            return None
        return f"{about.st_size}-{about.st_mtime_ns}"


def photos_of(folder: Path) -> list[Photo]:
    """The photos in a folder and below; hidden files and folders are left out.

    Raises
    ------
    InputError
        If the folder is not there or cannot be read.
    """
    problems: list[OSError] = []
    found = []
    for where, folders, names in os.walk(folder, onerror=problems.append):
        folders[:] = [f for f in folders if not f.startswith(".")]
        found += [Path(where) / n for n in names if not n.startswith(".") and Path(n).suffix.lower() in SUFFIXES]
    if problems and not found:
        raise InputError(f"{folder} cannot be read: {problems[0].strerror or problems[0]}")
    return [_photo(folder, path) for path in sorted(found, key=counting)]


def _photo(folder: Path, path: Path) -> Photo:
    name = path.relative_to(folder).as_posix()
    shown = name.encode("utf-8", "backslashreplace").decode()
    return Photo(hashlib.sha256(os.fsencode(name)).hexdigest()[:12], path, shown)


@dataclass
class Facts:
    """What was found out about a file: its digest and the size of its picture in px, 0 where unknown."""

    signature: str
    digest: str = ""
    width: int = 0
    height: int = 0


class FactFile:
    """The facts about the photos of a folder, kept on disk so that no file is read twice.

    Parameters
    ----------
    path : Path
        Of the file; one that cannot be used counts as empty, as all of it can be found out again.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._facts: dict[str, Facts] = {}
        self._changed = False
        try:
            rows = json.loads(path.read_text("utf-8"))
            self._facts = {k: Facts(*row) for k, row in rows.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            self._facts = {}

    def of(self, photo: Photo) -> Facts | None:
        """What is known of a photo as its file is now."""
        found = self._facts.get(photo.id)
        return found if found is not None and found.signature == photo.signature() else None

    def last(self, photo: Photo) -> Facts | None:
        """What was last known, whether or not the file has changed since."""
        return self._facts.get(photo.id)

    def note(self, photo: Photo, facts: Facts) -> None:
        """Keep what was found out."""
        self._facts[photo.id] = facts
        self._changed = True

    def save(self) -> None:
        """Write what is new."""
        if self._changed:
            self._changed = False
            rows = {k: [f.signature, f.digest, f.width, f.height] for k, f in list(self._facts.items())}
            replace(self.path, json.dumps(rows).encode())


def within(folder: Path, names: Iterator[Path]) -> bool:
    """Whether all paths lie inside a folder, links followed."""
    root = folder.resolve()
    return all(name.resolve().is_relative_to(root) for name in names)
