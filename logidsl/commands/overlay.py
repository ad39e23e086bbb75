"""Pictures with findings drawn in: their paths, without clashes."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from logidsl.commands.outputs import status
from logidsl.commands.terminal import UsageError, say
from logidsl.diagnostics import InputError
from logidsl.files import is_file

if TYPE_CHECKING:
    from logidsl.arrays import Pixels
    from logidsl.extract.pixels.overlay import OverlayBox
    from logidsl.ir import Program
    from logidsl.report.model import ImageReport

_UNSAFE = re.compile(r"[^\w.\- ]")
_LONGEST = 120  # characters of a file name: below the limit of any file system, in any encoding


class Overlays:
    """The folder that overlays go to.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    names : sequence of str
        The images to come, as far as known.
    base : Path
        Where pictures that are not found by their name alone are looked for.
    program : Program, optional
        By whose calibration the pictures were straightened before objects were seen in them.
    inputs : sequence of path
        What else is read, which no overlay may replace either.

    Attributes
    ----------
    unwritten : int
        How many could not be written.

    Raises
    ------
    InputError
        If the folder cannot be made.
    UsageError
        If an overlay would replace one of the inputs.
    """

    def __init__(
        self,
        folder: Path,
        names: Sequence[str],
        base: Path | None = None,
        program: Program | None = None,
        inputs: Sequence[str | Path] = (),
    ) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"no folder {folder} for overlays: {error.strerror or error}") from None
        self.folder, self.base, self.program = folder, base, program
        self.unwritten = 0
        self.targets = file_names(names)
        self.read = {(s.st_dev, s.st_ino) for n in (*names, *inputs) if (s := status(n))}
        for name, target in self.targets.items():
            if self._is_read(folder / target):
                raise UsageError(
                    f"expected another folder after --overlay: that of {name} would replace the input {folder / target}"
                )

    def draw(self, image: ImageReport) -> None:
        """Write the overlay of one image; if that fails, report it and continue."""
        from logidsl.extract.pixels.overlay import OverlayBox
        from logidsl.report.marks import marks

        if image.verdict != "error":
            boxes = [OverlayBox(m.box, m.role, m.label, m.outline) for m in marks(image)]
            self.put(image.path, boxes, header(image))

    def put(self, name: str, boxes: Sequence[OverlayBox], title: str) -> Pixels | None:
        """Write a picture with boxes drawn in; if that fails, report it and continue.

        Parameters
        ----------
        name : str
            The image.
        boxes : sequence of OverlayBox
        title : str
            Stands over the picture.

        Returns
        -------
        (h, w, 3) uint8 or None
            What was drawn, BGR; None if it was not written.
        """
        from logidsl.extract import read_picture
        from logidsl.extract.pixels.calibration import straightened
        from logidsl.extract.pixels.overlay import draw_overlay
        from logidsl.extract.pixels.picture import write_picture

        if name not in self.targets:
            self.targets.update(file_names([name], self.targets.values()))
        target = self.folder / self.targets[name]
        try:
            picture = read_picture(self._place(name))
            picture = straightened(self.program, picture) if self.program else picture
            if self._is_read(target) or target.resolve() == self._place(name).resolve():
                raise InputError(f"it would replace the input {target}")
            if target.is_symlink():
                raise InputError(f"{target} is a link to {os.path.realpath(target)}, and a picture would replace that")
            drawn = draw_overlay(picture, boxes, title)
        except InputError as error:
            say(f"no overlay of {name}: {error}")
            return None
        try:
            write_picture(target, drawn)
        except InputError as error:
            self.unwritten += 1
            if self.unwritten == 1:  # a disk that is full is full for the next thousand, too
                say(f"no overlay of {name}: {error}")
            return None
        return drawn

    def _is_read(self, target: Path) -> bool:
        about = status(target)
        return about is not None and (about.st_dev, about.st_ino) in self.read

    def _place(self, name: str) -> Path:
        """The file of an image's name."""
        path = Path(name)
        return self.base / path if self.base and not is_file(path) else path


def header(image: ImageReport) -> str:
    """The caption of a picture.

    Verdict and labels; the report has the rest.
    """
    return " ".join([image.verdict.upper(), ", ".join([] if image.verdict == "pass" else image.labels)]).strip()


def file_names(names: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
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
            if folded[file.casefold()] == 1 and f"{file}.png".casefold() not in used:
                chosen[members[0]] = f"{file}.png"
                used.add(f"{file}.png".casefold())
            else:
                left += members
    for name in left:  # x.png beside x.jpg
        stem = _safe(f"{parts[name][-1]}_{Path(name).suffix.strip('.')}".strip("_"))
        tries = (f"{stem}{f'-{n}' if n > 1 else ''}.png" for n in range(1, len(used) + 3))
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
