"""A file for each picture, named like it: without clashes, and never in place of one that is read."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from logidsl.commands.outputs import make_folder, protect, status
from logidsl.diagnostics import InputError
from logidsl.extract.pixels.header import SUFFIXES

_UNSAFE = re.compile(r"[^\w.\- ]")
_LONGEST = 120  # characters of a file name: below the limit of any file system, in any encoding
_LONGEST_BYTES = 255  # of a file name, on most file systems


class PictureFiles:
    """The files that something about pictures goes to.

    Parameters
    ----------
    place : Path
        A folder, which is made if it is not there, or with the suffix the file of a single picture.
    names : sequence of str
        The pictures to come, as far as known.
    inputs : iterable of path
        What is read.
    option : str
        What messages call the place.
    suffix : str
        Of the files. Those of annotations are named as their pictures to the letter where that can be.

    Raises
    ------
    InputError
        If the folder cannot be made.
    UsageError
        If a file would replace one of the inputs.
    """

    def __init__(
        self, place: Path, names: Sequence[str], inputs: Iterable[str | Path], option: str, suffix: str = ".png"
    ) -> None:
        self.file = place if place.suffix.lower() == suffix and not place.is_dir() else None
        self.folder, self.option, self.suffix = place.parent if self.file else place, option, suffix
        self.read = {(s.st_dev, s.st_ino): Path(n) for n in (*inputs, *names) if (s := status(n))}
        self.names: dict[str, str] = {}
        self._add(names)
        for name in names:
            self._protect(self._path(name))
        make_folder(self.folder)

    def target(self, name: str) -> Path:
        """The file of a picture.

        Raises
        ------
        InputError
            If there is a link in its place.
        UsageError
            If it is one of the inputs.
        """
        if name not in self.names:
            self._add([name])
        target = self._path(name)
        self._protect(target)
        if target.is_symlink():
            raise InputError(f"{target} is a link to {os.path.realpath(target)}: name another folder")
        return target

    def _path(self, name: str) -> Path:
        return self.file or self.folder / self.names[name]

    def _add(self, names: Sequence[str]) -> None:
        taken = list(self.names.values())
        own = {name: f"{Path(name).stem}{self.suffix}" for name in names}
        usable = self.suffix == ".json" and all(
            n.isprintable() and len(n.encode()) <= _LONGEST_BYTES for n in own.values()
        )
        if not usable or len({n.casefold() for n in (*own.values(), *taken)}) < len(own) + len(taken):
            own = file_names(names, taken, self.suffix)
        self.names |= own

    def _protect(self, target: Path) -> None:
        if (about := status(target)) and (same := self.read.get((about.st_dev, about.st_ino))):
            protect(target, [same], self.option)


def is_picture_name(place: str) -> bool:
    """Whether the value of an option names a picture, not a folder."""
    return Path(place).suffix.lower() in SUFFIXES and not Path(place).is_dir()


def file_names(names: Iterable[str], taken: Iterable[str] = (), suffix: str = ".png") -> dict[str, str]:
    """A file name for each image, no two alike on any file system.

    Images of different folders with one name get as much of their folders as tells them apart.

    Parameters
    ----------
    names : iterable of str
        Paths, or other names of images.
    taken : iterable of str
        File names that are gone.

    Examples
    --------
    >>> file_names(["a/x.png", "b/x.png", "b/y.jpg"])
    {'b/y.jpg': 'y.png', 'a/x.png': 'a_x.png', 'b/x.png': 'b_x.png'}
    """
    left, used, chosen = list(dict.fromkeys(names)), {t.casefold() for t in taken}, dict[str, str]()
    parts = {n: _parts(n) for n in left}
    for depth in range(1, max(map(len, parts.values()), default=0) + 1):
        groups = defaultdict(list)
        for name in left:
            groups[_safe("_".join(parts[name][-depth:]))].append(name)
        folded: dict[str, int] = defaultdict(int)
        for file in groups:
            folded[file.casefold()] += len(groups[file])
        left = []
        for file, members in groups.items():
            if folded[file.casefold()] == 1 and f"{file}{suffix}".casefold() not in used:
                chosen[members[0]] = f"{file}{suffix}"
                used.add(f"{file}{suffix}".casefold())
            else:
                left += members
    for name in left:  # x.png beside x.jpg
        stem = _safe(f"{parts[name][-1]}_{Path(name).suffix.strip('.')}".strip("_"))
        tries = (f"{stem}{f'-{n}' if n > 1 else ''}{suffix}" for n in range(1, len(used) + 3))
        chosen[name] = next(t for t in tries if t.casefold() not in used)
        used.add(chosen[name].casefold())
    return chosen


def _parts(name: str) -> list[str]:
    """The folders and the stem of a path, without parts that lead out of a folder."""
    path = Path(name.replace("\\", "/"))
    parts = [*path.parts[:-1], path.stem]
    return [p for p in parts if p.strip("./")] or ["picture"]


def _safe(name: str) -> str:
    """A name that any file system takes; of a long one the end counts."""
    return _UNSAFE.sub("_", name)[-_LONGEST:]
