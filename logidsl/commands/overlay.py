"""Pictures with findings drawn in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from logidsl.arrays import Pixels
from logidsl.commands.picture_files import PictureFiles
from logidsl.commands.terminal import UsageError, say
from logidsl.diagnostics import InputError
from logidsl.extract import read_picture, write_picture
from logidsl.extract.pixels.calibration import straightened
from logidsl.extract.pixels.overlay import OverlayBox, draw_overlay
from logidsl.files import is_file
from logidsl.ir import Program
from logidsl.report.marks import marks
from logidsl.report.model import ImageReport


class Overlays:
    """The folder that overlays go to.

    Parameters
    ----------
    files : PictureFiles
        Where they go.
    base : Path
        Where pictures that are not found by their name alone are looked for.
    program : Program, optional
        By whose calibration the pictures were straightened before objects were seen in them.

    Attributes
    ----------
    unwritten : int
        How many could not be written.
    """

    def __init__(self, files: PictureFiles, base: Path | None = None, program: Program | None = None) -> None:
        self.files, self.base, self.program = files, base, program
        self.unwritten = 0

    def draw(self, image: ImageReport) -> None:
        """Write the overlay of one image; if that fails, report it and continue."""
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
        place = self._place(name)
        try:
            picture = read_picture(place)
            picture = straightened(self.program, picture) if self.program else picture
            target = self.files.target(name)
            if target.resolve() == place.resolve():
                raise InputError(f"it would replace the input {target}")
            drawn = draw_overlay(picture, boxes, title)
        except (InputError, UsageError) as error:
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

    def _place(self, name: str) -> Path:
        """The file of an image's name."""
        path = Path(name)
        return self.base / path if self.base and not is_file(path) else path


def header(image: ImageReport) -> str:
    """The caption of a picture.

    Verdict and labels; the report has the rest.
    """
    return " ".join([image.verdict.upper(), ", ".join([] if image.verdict == "pass" else image.labels)]).strip()
