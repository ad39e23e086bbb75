"""Functions of several pixels, over the box of a `blobs` predicate.

A function that is declared in the group `pixel` has its implementation here: it takes a `PixelBox`, the call, and the
values of the arguments at each pixel (none if they are fixed), and returns a value at each pixel, or one for all. May
import `ir` and `library`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np

from logidsl.arrays import Floats, Mask, Pixels
from logidsl.diagnostics import InputError
from logidsl.extract.pixels.fixed import number_of, region_of
from logidsl.extract.pixels.picture import read_picture
from logidsl.extract.pixels.pixel_values import contrast_of, pixel_attribute
from logidsl.ir import Call, Literal_, Program, entry_of
from logidsl.library import implementation
from logidsl.library.color import lab_of_rgb


class Under(Protocol):
    """A background as it lies under a picture."""

    @property
    def bgr(self) -> Pixels:
        """(h, w, 3) uint8."""
        ...

    @property
    def covered(self) -> Mask:
        """(h, w), where it has pixels."""
        ...


#: Aligned backgrounds, by file and node of the frame; None if the picture does not show it.
Aligned: TypeAlias = Mapping[tuple[str, int], Under | None]


class PixelBox:
    """The pixels in the box of one predicate, whose attributes are computed once."""

    def __init__(
        self, program: Program, bgr: Pixels, rows: slice, columns: slice, aligned: Aligned | None = None
    ) -> None:
        self.program, self.bgr, self.part, self.aligned = program, bgr, (rows, columns), aligned or {}
        self.known: dict[str, Floats] = {}

    def leaf(self, name: str) -> Floats:
        """An attribute of each pixel."""
        if name not in self.known:
            self.known[name] = pixel_attribute(self.bgr, name, self.part)
        return self.known[name]

    def call(self, call: Call, values: Sequence[Any]) -> Any:
        """The value of a function of pixels, or of a relation between the centre of each pixel and a fixed region."""
        entry = entry_of(call)
        assert entry is not None
        if entry.made_by:
            return implementation(entry.made_by)(self, call, values)
        y, x = np.mgrid[self.part] + 0.5
        holds = entry.kernel((x, y), region_of(self.program, call.args[1], self.bgr.shape))
        return np.where(holds, np.int8(1), np.int8(-1))


def contrast(here: PixelBox, call: Call, _values: Sequence[Any]) -> Floats:
    """See `contrast_of`."""
    return contrast_of(here.bgr, number_of(here.program, call.args[0], here.bgr.shape), here.part)


def otsu(_here: PixelBox, _call: Call, values: Sequence[Floats]) -> Floats:
    """See `otsu_of`."""
    return np.asarray(otsu_of(np.asarray(values[0], np.float64)))


def background(here: PixelBox, call: Call, _values: Sequence[Any]) -> Floats:
    """The colours of another picture, NaN where it does not lie under this one."""
    name, *frame = call.args
    file = here.program.nodes[name]
    assert isinstance(file, Literal_)
    if not frame:
        return lab_of_rgb(background_of(here.program.path, str(file.value), here.bgr.shape)[here.part][..., ::-1])
    under = here.aligned.get((str(file.value), frame[0]))
    if under is None:
        return np.full(here.bgr[here.part].shape, np.nan)
    lab = lab_of_rgb(under.bgr[here.part][..., ::-1])
    lab[~under.covered[here.part]] = np.nan
    return lab


def otsu_of(values: Floats) -> float:
    """The limit between low and high values that makes the spread between both groups greatest.

    N. Otsu, "A threshold selection method from gray-level histograms", 1979, on 256 steps from the smallest to the
    largest value. If all are equal, that value; NaN is ignored.
    """
    flat = values[np.isfinite(values)]
    if not flat.size:
        return np.nan
    counts, edges = np.histogram(flat, 256)
    middle = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)[:-1].astype(np.float64)
    above = flat.size - below
    total = np.cumsum(counts * middle)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = total[:-1] / below - (total[-1] - total[:-1]) / above
        between = np.where((below > 0) & (above > 0), below * above * apart**2, 0.0)
    best = between >= between.max() * (1 - 1e-12)  # an empty valley is a plateau: its middle is meant
    return float(edges[1:-1][best].mean())


@lru_cache(maxsize=4)
def _background(path: Path, _changed_ns: int) -> Pixels:
    return read_picture(path).bgr


def background_path(spec_path: str, name: str) -> Path:
    """Where a background picture lies.

    Raises
    ------
    InputError
        If that is outside of the spec's folder.
    """
    folder = Path(spec_path).resolve().parent if spec_path else Path.cwd()
    path = (folder / name).resolve()
    if not path.is_relative_to(folder):
        raise InputError(f"the background `{name}` lies outside of the folder of the spec: expected a file below it")
    return path


def background_of(spec_path: str, name: str, shape: tuple[int, ...]) -> Pixels:
    """The pixels of a background picture of the same size.

    Raises
    ------
    InputError
        If the picture lies outside of the spec's folder, cannot be read, or has another size.
    """
    path = background_path(spec_path, name)
    try:
        found = _background(path, path.stat().st_mtime_ns if path.exists() else 0)
    except InputError as error:
        raise InputError(f"the background `{name}` cannot be used: {error}") from None
    if found.shape[:2] != shape[:2]:
        raise InputError(
            f"the background `{name}` has {found.shape[1]} by {found.shape[0]} px: expected the size of the picture, "
            f"{shape[1]} by {shape[0]} px"
        )
    return found
