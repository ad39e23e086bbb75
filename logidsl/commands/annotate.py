"""`logidsl table --save-annotations`: objects written as LabelMe files, without replacing any unless asked to."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from logidsl.commands.arguments import argument
from logidsl.commands.job import Job
from logidsl.commands.picture_files import PictureFiles
from logidsl.commands.terminal import UsageError, json_text
from logidsl.diagnostics import InputError
from logidsl.extract import to_labelme
from logidsl.extract.formats.beside import annotations_of
from logidsl.extract.pixels.header import SUFFIXES
from logidsl.files import is_file, replace
from logidsl.ir import Program
from logidsl.table import ObjectTable

ARGUMENTS = (
    argument(
        "--save-annotations",
        metavar="PATH",
        help="write LabelMe files for manual correction: to a folder, or for one picture to a .json file",
    ),
    argument("--force", action="store_true", help="replace existing annotations, or an existing layout"),
)


def chosen(job: Job) -> Annotations | None:
    """The files for --save-annotations, none of which may replace an input; None without the option.

    Raises
    ------
    InputError
        If they cannot be written, or would not fit the pictures.
    UsageError
        If several pictures are to go to one file, or an annotation would replace a file that is read.
    """
    if not job.args.save_annotations:
        if job.args.force and not job.args.save_layout:
            raise UsageError("--force needs --save-annotations or --save-layout")
        return None
    refuse_straightened(job.program, "annotate")
    return Annotations(job)


def refuse_straightened(program: Program, what: str) -> None:
    """Raise InputError if the spec straightens pictures, so that annotations of them would not match."""
    if program.camera is not None and program.camera.matrix is not None:
        raise InputError(
            "annotations would not match the pictures, because the spec corrects lens distortion; "
            f"remove its `scale` to {what}"
        )


def labels_of(program: Program, table: ObjectTable, names: Sequence[Sequence[str]]) -> list[str | None]:
    """The label of each row: the first of its names, or None; in a spec without classes, its name in the source."""
    blobs = {b.name for b in program.blobs}
    if not program.sets and all(c.name in blobs for c in program.classes):
        return table.classes.texts()
    return [mine[0] if mine else None for mine in names]


class Annotations:
    """The files that annotations go to: one that ends in .json for one picture, else in a folder.

    Attributes
    ----------
    written : int
        How many files were written.
    """

    def __init__(self, job: Job) -> None:
        place = Path(job.args.save_annotations)
        one = place.suffix.lower() == ".json" and not place.is_dir()
        if one and len(job.names) != 1:
            raise UsageError(
                f"expected a folder after --save-annotations for {len(job.names)} pictures, found `{place}`"
            )
        pictures = [] if job.program.sees else [Path(n) for n in job.read if Path(n).suffix.lower() in SUFFIXES]
        read = [*job.read, *(path for picture in pictures for path in annotations_of(picture))]
        self.one, self.force, self.written = one, job.args.force, 0
        self.files = PictureFiles(place, job.names, read, "--save-annotations", ".json")
        taken = [path for name in job.names if os.path.lexists(path := self.files.target(name))]
        if taken and not self.force:
            others = f" and {len(taken) - 1} more" if len(taken) > 1 else ""
            raise InputError(f"{taken[0]}{others} would be replaced: name another folder, or add --force")

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
        if self.one and len(table.images) > 1:
            raise UsageError(f"expected a folder after --save-annotations: {source} holds {len(table.images)} pictures")
        for image, name in enumerate(table.images):
            target = self.files.target(name)
            picture = Path(name) if is_file(Path(name)) else source.parent / name
            mine = labels[int(table.offsets[image]) : int(table.offsets[image + 1])]
            document = to_labelme(table, image, mine, _from(picture, target.parent))
            if os.path.lexists(target) and not self.force:
                raise InputError(f"{target} would be replaced: name another folder, or add --force")
            replace(target, json_text(document).encode())
            self.written += 1


def _from(picture: Path, folder: Path) -> str:
    """The path of a picture as a file in a folder names it."""
    try:
        return Path(os.path.relpath(picture, folder)).as_posix()
    except ValueError:  # on another drive
        return picture.resolve().as_posix()
