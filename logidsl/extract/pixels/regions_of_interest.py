"""The region of interest of a `blobs` predicate, and functions of several pixels there.

A predicate that requires `inside` of a region, alone or joined to the rest by `and`, is false outside its bounding box,
so nothing else is examined. Owns `RegionOfInterest` and `Around`, the functions of pixels (`contrast(…)`, `otsu`,
`background`). May import `ir` and `library`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.diagnostics import InputError
from logidsl.extract.pixels.fixed import box_of, number_of, pixels_inside, region_of
from logidsl.extract.pixels.picture import Pixels, read_picture
from logidsl.extract.pixels.pixel_values import (
    SPATIAL,
    Floats,
    colour_attribute,
    contrast_of,
    lightness_image,
    otsu_of,
    spatial_attribute,
)
from logidsl.extract.pixels.predicate import Value, conjuncts
from logidsl.ir import Call, Literal_, Name, Program
from logidsl.library.color import lab_of_rgb


@dataclass(frozen=True)
class RegionOfInterest:
    """A region of interest, and the remaining parts of the predicate's `and`, without the boxes it is limited to."""

    rows: slice
    columns: slice
    parts: tuple[int, ...]


def is_limited(program: Program, where: int) -> bool:
    """Whether a predicate joins an `inside` of the pixel to the rest, or is one."""
    return any(_limit(program, part) is not None for part in conjuncts(program, where))


def _limit(program: Program, index: int) -> int | None:
    """The node of the region that the pixel must be inside, if that is all that a node says."""
    match program.nodes[index]:
        case Call(fn="inside", args=(subject, region)) if _is_pixel(program, subject):
            return region
        case _:
            return None


def _is_pixel(program: Program, index: int) -> bool:
    node = program.nodes[index]
    return isinstance(node, Name) and node.thing == "pixel"


def look_of(program: Program, where: int, shape: tuple[int, ...]) -> RegionOfInterest:
    """The box of pixels outside which a predicate is certainly false, and the rest of the predicate."""
    rows, columns, parts = slice(0, shape[0]), slice(0, shape[1]), list[int]()
    if not is_limited(program, where):
        return RegionOfInterest(rows, columns, (where,))
    for index in conjuncts(program, where):
        limit = _limit(program, index)
        if limit is None:
            parts.append(index)
            continue
        region = region_of(program, limit, shape)
        down, across = box_of(region, shape)
        rows, columns = _common(rows, down), _common(columns, across)
        if region.shapes is not None:  # the box is not all: its pixels are asked one by one
            parts.append(index)
    return RegionOfInterest(rows, columns, tuple(parts))


def _common(a: slice, b: slice) -> slice:
    first = max(a.start, b.start)
    return slice(first, max(first, min(a.stop, b.stop)))


class Under(Protocol):
    """A background as it lies under a picture."""

    @property
    def bgr(self) -> Pixels:
        """(h, w, 3) uint8."""
        ...

    @property
    def covered(self) -> npt.NDArray[np.bool_]:
        """(h, w), where it has pixels."""
        ...


#: Aligned backgrounds, by file and node of the frame; None if the picture does not show it.
Aligned: TypeAlias = Mapping[tuple[str, int], Under | None]


class Around:
    """The functions of several pixels, over the box of one predicate."""

    def __init__(
        self, program: Program, bgr: Pixels, rows: slice, columns: slice, aligned: Aligned | None = None
    ) -> None:
        self.program, self.bgr, self.rows, self.columns, self.aligned = program, bgr, rows, columns, aligned or {}
        self.known: dict[str, Floats] = {}

    def leaf(self, name: str) -> Floats:
        """An attribute of each pixel."""
        if name not in self.known:
            part = (self.rows, self.columns)
            if name in SPATIAL:
                self.known[name] = spatial_attribute(self.bgr, name, part)
            elif name == "lightness":
                self.known[name] = np.asarray(lightness_image(self.bgr[part]), np.float64)
            else:
                self.known[name] = colour_attribute(self.bgr[part][..., ::-1], name)
        return self.known[name]

    def call(self, call: Call, args: Sequence[Value]) -> Value:
        """The value of a function of pixels."""
        shape = self.bgr.shape
        match call.fn:
            case "otsu":
                return np.asarray(otsu_of(np.asarray(args[0], np.float64)))
            case "contrast":
                side_px = number_of(self.program, call.args[0], shape)
                return contrast_of(self.bgr, side_px, (self.rows, self.columns))
            case "background":
                name = self.program.nodes[call.args[0]]
                assert isinstance(name, Literal_)
                if call.args[1:]:
                    return self._aligned(str(name.value), call.args[1])
                other = background_of(self.program.path, str(name.value), shape)
                return lab_of_rgb(other[self.rows, self.columns][..., ::-1])
            case _:  # inside, outside
                here = pixels_inside(region_of(self.program, call.args[1], shape), self.rows, self.columns)
                return np.where(here, np.int8(1), np.int8(-1)) * np.int8(1 if call.fn == "inside" else -1)

    def _aligned(self, name: str, frame: int) -> Floats:
        """The colours of an aligned background; NaN outside it."""
        found = self.aligned.get((name, frame))
        shape = self.bgr[self.rows, self.columns].shape
        if found is None:
            return np.full(shape, np.nan)
        lab = lab_of_rgb(found.bgr[self.rows, self.columns][..., ::-1])
        lab[~found.covered[self.rows, self.columns]] = np.nan
        return lab


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
