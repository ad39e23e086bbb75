"""Annotations written as LabelMe files: their paths, without replacing any unless asked to."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from logidsl.commands.outputs import protect, status
from logidsl.commands.overlay import file_names
from logidsl.commands.terminal import UsageError, json_text
from logidsl.diagnostics import InputError
from logidsl.files import is_file, replace

if TYPE_CHECKING:
    from logidsl.ir import Program
    from logidsl.seeing import Input
    from logidsl.table import ObjectTable

_LONGEST_BYTES = 255  # of a file name, on most file systems


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--save-annotations",
        metavar="PATH",
        help="write LabelMe files for manual correction: to a folder, or for one picture to a .json file",
    )
    parser.add_argument("--force", action="store_true", help="replace existing annotations")


def chosen(
    args: argparse.Namespace, program: Program, inputs: Sequence[Input], read: Sequence[str | Path]
) -> Annotations | None:
    """The files for --save-annotations, none of which may replace an input; None without the option.

    Raises
    ------
    InputError
        If they cannot be written, or would not fit the pictures.
    """
    if not args.save_annotations:
        if args.force:
            raise UsageError("--force needs --save-annotations")
        return None
    if program.camera is not None and program.camera.matrix is not None:
        raise InputError(
            "annotations would not match the pictures, because the spec corrects lens distortion; "
            "remove its `scale` to annotate"
        )
    from logidsl.extract.formats.beside import annotations_of
    from logidsl.extract.pixels.header import SUFFIXES

    pictures = [] if program.sees else [Path(name) for name in read if Path(name).suffix.lower() in SUFFIXES]
    beside = [path for picture in pictures for path in annotations_of(picture)]
    return Annotations(Path(args.save_annotations), inputs, args.force, [*read, *beside])


def labels_of(program: Program, table: ObjectTable, names: Sequence[Sequence[str]]) -> list[str | None]:
    """The label of each row: the first of its names, or None; in a spec without classes, its name in the source."""
    blobs = {b.name for b in program.blobs}
    if not program.sets and all(c.name in blobs for c in program.classes):
        return table.classes.texts()
    return [mine[0] if mine else None for mine in names]


class Annotations:
    """The files that annotations go to.

    Parameters
    ----------
    place : Path
        A file that ends in .json for one picture, else a folder, which is made if it is not there.
    inputs : sequence of Path, Picture or Problem
        What will be annotated.
    force : bool
        Whether files that are there may be replaced.
    read : sequence of path
        Files that are read, which are never replaced.

    Attributes
    ----------
    written : int
        How many files were written.

    Raises
    ------
    InputError
        If a file is there already, or the folder cannot be made.
    UsageError
        If several pictures are to go to one file, or an annotation would replace a file that is read.
    """

    def __init__(self, place: Path, inputs: Sequence[Input], force: bool, read: Sequence[str | Path]) -> None:
        self.file = place if place.suffix.lower() == ".json" and not place.is_dir() else None
        self.folder = place.parent if self.file else place
        self.force = force
        self.written = 0
        self.read = {(about.st_dev, about.st_ino): Path(name) for name in read if (about := status(name))}
        if self.file and len(inputs) != 1:
            raise UsageError(f"expected a folder after --save-annotations for {len(inputs)} pictures, found `{place}`")
        names = [str(item) if isinstance(item, Path) else item.path for item in inputs]
        self.targets = {} if self.file else _file_names(names)
        for name in names:
            self._protect(self._target(name))
        taken = [path for name in names if status(path := self._target(name))]
        if taken and not force:
            others = f" and {len(taken) - 1} more" if len(taken) > 1 else ""
            raise InputError(f"{taken[0]}{others} would be replaced: name another folder, or add --force")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{self.folder} cannot be written: {error.strerror or error}") from None

    def write(self, table: ObjectTable, labels: Sequence[str | None], source: Path) -> None:
        """Write the annotation of each picture of a table.

        Parameters
        ----------
        table : ObjectTable
            With n rows.
        labels : sequence of n str or None
            What each object is called; None leaves it out.
        source : Path
            The input, beside which pictures are looked for that are not found by their name alone.

        Raises
        ------
        InputError
            If a file is there already, or cannot be written.
        """
        from logidsl.extract import to_labelme

        if self.file and len(table.images) > 1:
            raise UsageError(f"expected a folder after --save-annotations: {source} holds {len(table.images)} pictures")
        for image, name in enumerate(table.images):
            if name not in self.targets and not self.file:
                self.targets |= _file_names([name], list(self.targets.values()))
            target = self._target(name)
            self._protect(target)
            picture = Path(name) if is_file(Path(name)) else source.parent / name
            mine = labels[int(table.offsets[image]) : int(table.offsets[image + 1])]
            document = to_labelme(table, image, mine, _from(picture, self.folder))
            _put(target, json_text(document), self.force)
            self.written += 1

    def _target(self, name: str) -> Path:
        return self.file or self.folder / self.targets[name]

    def _protect(self, target: Path) -> None:
        if (about := status(target)) and (same := self.read.get((about.st_dev, about.st_ino))):
            protect(target, [same], "--save-annotations")


def _file_names(names: Sequence[str], taken: Sequence[str] = ()) -> dict[str, str]:
    """A file name for each picture: its own with .json, by which LabelMe finds it, unless two are one or too long."""
    own = {name: f"{Path(name).stem}.json" for name in names}
    usable = all(n.isprintable() and len(n.encode()) <= _LONGEST_BYTES for n in own.values())
    if usable and len({n.casefold() for n in (*own.values(), *taken)}) == len(own) + len(taken):
        return own
    distinct = file_names(names, [f"{Path(t).stem}.png" for t in taken])
    return {name: f"{Path(file).stem}.json" for name, file in distinct.items()}


def _from(picture: Path, folder: Path) -> str:
    """The path of a picture as a file in a folder names it."""
    try:
        return Path(os.path.relpath(picture, folder)).as_posix()
    except ValueError:  # on another drive
        return picture.resolve().as_posix()


def _put(target: Path, text: str, force: bool) -> None:
    """Write a file whole or not at all."""
    if os.path.lexists(target) and not force:
        raise InputError(f"{target} would be replaced: name another folder, or add --force")
    if target.is_symlink():
        raise InputError(f"{target} is a link to {os.path.realpath(target)}: name another folder")
    replace(target, text.encode())
