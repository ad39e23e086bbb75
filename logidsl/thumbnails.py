"""The pictures of a report, small, for pages that show them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from logidsl.diagnostics import InputError
from logidsl.files import is_file
from logidsl.ir import Program

SIDE_PX = 640


def thumbnails(
    program: Program, base: Path | None = None, loaded: Mapping[str, object] | None = None
) -> Callable[[str], str | None]:
    """What gives pictures as `data:` addresses of JPEGs, as the spec sees them; None for those that cannot be read.

    Parameters
    ----------
    program : Program
        By whose calibration pictures are straightened.
    base : Path, optional
        Where pictures are looked for that are not found by their name alone.
    loaded : mapping of str to Picture, optional
        Pictures in memory, by name.
    """

    def address(name: str) -> str | None:
        from logidsl.extract.pixels.calibration import straightened
        from logidsl.extract.pixels.header import SUFFIXES
        from logidsl.extract.pixels.picture import Picture, read_picture
        from logidsl.extract.pixels.thumbnails import data_uri, thumbnail

        path = Path(name)
        path = base / path if base and not is_file(path) else path
        known = (loaded or {}).get(name)
        try:
            if not isinstance(known, Picture):
                if path.suffix.lower() not in SUFFIXES:
                    return None
                known = read_picture(path)
            bgr = straightened(program, known).bgr if program.sees else known.bgr
        except InputError:
            return None
        return data_uri(thumbnail(bgr, min(SIDE_PX, max(bgr.shape[:2]))), lossless=False)

    return address
