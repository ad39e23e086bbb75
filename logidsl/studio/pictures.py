"""The pixels of photos: whole pictures, thumbnails, tiles, and the values of a place."""

from __future__ import annotations

import json
import math
import threading
from pathlib import Path
from typing import Any

import numpy as np

from logidsl.arrays import Floats, Pixels
from logidsl.diagnostics import InputError
from logidsl.extract import read_picture
from logidsl.extract.pixels.calibration import straightened
from logidsl.extract.pixels.deep_zoom import at_level, greatest_level, jpeg, tile
from logidsl.extract.pixels.pixel_values import colour_attribute, pixel_attribute
from logidsl.extract.pixels.thumbnails import thumbnail
from logidsl.files import replace
from logidsl.ir import Program
from logidsl.library import builtins
from logidsl.library.intervals import Interval
from logidsl.records import plain
from logidsl.studio.held import Held
from logidsl.studio.photos import Photo

#: The longer side of a thumbnail, px, and bytes of pixels that are kept in memory.
SIDE_PX, MOST_BYTES = 256, 400_000_000
Key = tuple[str, str | None, str]


class Pictures:
    """Decoded photos, as the spec sees them: straightened if it has a calibration.

    Parameters
    ----------
    folder : Path
        Where thumbnails are kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._held = Held[tuple[Key, int], Pixels](MOST_BYTES, lambda bgr: bgr.nbytes)
        self._reading = threading.Lock()

    def key(self, photo: Photo, program: Program | None) -> Key:
        """What changes when the pixels that are shown do."""
        camera = "" if program is None or program.camera is None else json.dumps(plain(program.camera))
        return photo.id, photo.signature(), camera

    def of(self, photo: Photo, program: Program | None = None) -> Pixels:
        """A photo as (h, w, 3) uint8 BGR.

        Raises
        ------
        InputError
            If it cannot be read.
        """
        return self._copy(photo, program, -1)

    def tile(self, photo: Photo, program: Program | None, level: int, column: int, row: int) -> bytes | None:
        """A tile as JPEG; None if there is none."""
        bgr = self.of(photo, program)
        if not 0 <= level <= greatest_level(bgr.shape[1], bgr.shape[0]):
            return None
        found = tile(self._copy(photo, program, level), column, row)
        return None if found is None else jpeg(found)

    def thumbnail(self, photo: Photo) -> bytes:
        """A small copy as JPEG, made once."""
        some = self.folder / photo.id[:2]  # of thousands in one folder, the old ones would be found slowly
        file = some / f"{photo.id}-{photo.signature()}.jpg"
        try:
            return file.read_bytes()
        except OSError:
            bgr = read_picture(photo.path).bgr
            made = jpeg(thumbnail(bgr, min(SIDE_PX, max(bgr.shape[:2]))), 85)
        try:
            some.mkdir(exist_ok=True)
            for old in some.glob(f"{photo.id}-*.jpg"):
                old.unlink(missing_ok=True)
            replace(file, made)
        except (OSError, InputError):
            pass  # it is made again the next time
        return made

    def _copy(self, photo: Photo, program: Program | None, level: int) -> Pixels:
        key = self.key(photo, program), level
        if (held := self._held.get(key)) is not None:
            return held
        if level < 0:
            with self._reading:  # a page asks for many tiles of one picture at once
                if (held := self._held.get(key)) is not None:
                    return held
                picture = read_picture(photo.path)
                bgr = picture.bgr if program is None else straightened(program, picture).bgr
                self._held.put(key, bgr)
                return bgr
        made = at_level(self._copy(photo, program, -1), level)
        self._held.put(key, made)
        return made


def disc(bgr: Pixels, x: float, y: float, radius: float) -> tuple[tuple[slice, slice], Any]:
    """The rows and columns round a place, and which of their pixels lie within a radius; px.

    Raises
    ------
    InputError
        If the place lies outside the picture.
    """
    high, wide = bgr.shape[:2]
    if not (math.isfinite(x) and math.isfinite(y) and 0 <= x < wide and 0 <= y < high):
        raise InputError(f"expected a place inside the picture of {wide} by {high} px, found {x:g}, {y:g}")
    radius = min(max(radius, 0.0), 200.0)
    x0, x1 = max(0, math.floor(x - radius)), min(wide, math.floor(x + radius) + 1)
    y0, y1 = max(0, math.floor(y - radius)), min(high, math.floor(y + radius) + 1)
    across, down = np.arange(x0, x1) + 0.5 - x, np.arange(y0, y1) + 0.5 - y
    inside = across[None] ** 2 + down[:, None] ** 2 <= max(radius, 0.75) ** 2
    inside[int(y) - y0, int(x) - x0] = True
    return (slice(y0, y1), slice(x0, x1)), inside


def pixels_at(bgr: Pixels, x: float, y: float, radius: float) -> Pixels:
    """The pixels within a radius of a place, (n, 3) uint8 BGR."""
    part, inside = disc(bgr, x, y, radius)
    return np.asarray(bgr[part][inside], np.uint8)


def pixel_values() -> dict[str, str]:
    """The attributes of a pixel that are numbers, and the unit in which each is shown: `%`, `deg`, or none."""
    found = {}
    for name, entry in builtins("attribute").items():
        if (entry.takes == "color" or entry.made_by) and entry.result != "color":
            low = entry.values.low if isinstance(entry.values, Interval) else 0.0
            found[name] = "deg" if entry.result == "turn" else "%" if low >= -1 else ""
    return found


def values_at(bgr: Pixels, x: float, y: float, radius: float) -> dict[str, Any]:
    """The values of a place, as the language has them: means over the pixels within a radius, of ratios as they are.

    What has a period, as the hue has, is that of the mean colour; None for grey.
    """
    part, inside = disc(bgr, x, y, radius)
    rgb = [int(v) for v in np.round(bgr[part][inside][:, ::-1].mean(axis=0))]
    found: dict[str, Any] = {"x": x, "y": y, "rgb": rgb, "hex": "#{:02x}{:02x}{:02x}".format(*rgb)}
    for name, unit in pixel_values().items():
        if unit == "deg":
            value = float(colour_attribute(np.array([rgb], np.uint8), name)[0])
        else:
            value = float(pixel_attribute(bgr, name, part)[inside].mean())
        found[name] = round(value, 4) if math.isfinite(value) else None
    return found


def pixel_sample(bgr: Pixels, name: str, most: int) -> Floats:
    """The values of at most `most` pixels of a picture, spread evenly; without those that have none."""
    step = max(1, bgr.shape[0] * bgr.shape[1] // most)
    if builtins("attribute")[name].spatial:
        values = pixel_attribute(bgr, name).ravel()[::step]
    else:
        values = colour_attribute(bgr.reshape(-1, 3)[::step, ::-1], name)
    return np.asarray(values[np.isfinite(values)], np.float64)
