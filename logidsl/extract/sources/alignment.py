"""Reference pictures that are aligned by the frame of a part: `background("golden.png", turned(mark))`.

The frame is found in the reference as in the picture; then the reference is rotated and shifted, so that the same place
of the part lies under the same pixel. It is not scaled. May import `ir` and `table`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np

from logidsl.arrays import Floats, Mask, Pixels
from logidsl.diagnostics import InputError
from logidsl.extract.pixels.calibration import straightened
from logidsl.extract.pixels.opencv import cv2
from logidsl.extract.pixels.picture import Picture, read_picture
from logidsl.extract.pixels.pixel_functions import background_path
from logidsl.extract.sources.dispatch import Evaluator
from logidsl.ir import Program
from logidsl.table import ObjectTable

#: The key of a reference: its file, and the node of the frame.
Key: TypeAlias = tuple[str, int]
See: TypeAlias = Callable[[Program, Picture, Evaluator], ObjectTable]

_KEPT = 4


class Reference(NamedTuple):
    """A reference picture as it lies under a picture.

    Parameters
    ----------
    bgr : (h, w, 3) uint8
        Its pixels, of the size of the picture.
    covered : (h, w) bool
        Where it has any.
    """

    bgr: Pixels
    covered: Mask


#: References by their keys; None if the picture does not show the frame.
References: TypeAlias = Mapping[Key, Reference | None]

_SEEN: list[tuple[Program, Path, int, Picture, ObjectTable]] = []  # references, and what was seen in them


def references(
    program: Program, keys: Iterable[Key], picture: Picture, table: ObjectTable, evaluator: Evaluator | None, see: See
) -> References:
    """The references of a picture.

    Parameters
    ----------
    program : Program
        A checked spec.
    keys : iterable of (str, int)
        See `Program.backgrounds`.
    picture : Picture
        The pixels, straightened.
    table : ObjectTable
        The objects found: at least those that define the frames.
    evaluator : Evaluator, optional
        Says where frames lie.
    see : callable
        Finds the objects that define the frames in a reference.

    Raises
    ------
    InputError
        If a reference cannot be used, or does not show what it is aligned by.
    """
    found: dict[Key, Reference | None] = {}
    for name, node in keys:
        if evaluator is None:
            raise InputError(f"nothing was given that says how `{name}` is aligned")
        here = evaluator.pose(program, table, node)
        golden, seen = _seen(program, name, evaluator, see)
        there = evaluator.pose(program, seen, node)
        if there is None:
            words = program.nodes[node].span.text
            raise InputError(f"the background `{name}` cannot be aligned: `{words}` is not found in it")
        found[name, node] = None if here is None else _moved(golden.bgr, here, there, picture.bgr.shape)
    return found


def _seen(program: Program, name: str, evaluator: Evaluator, see: See) -> tuple[Picture, ObjectTable]:
    """A reference, and the objects found in it; the most recent ones are cached."""
    path = background_path(program.path, name)
    changed_ns = path.stat().st_mtime_ns if path.exists() else 0
    for known, at, ns, picture, table in _SEEN:
        if known is program and (at, ns) == (path, changed_ns):
            return picture, table
    try:
        picture = straightened(program, read_picture(path))
    except InputError as error:
        raise InputError(f"the background `{name}` cannot be used: {error}") from None
    table = see(program, picture, evaluator)
    _SEEN.insert(0, (program, path, changed_ns, picture, table))
    del _SEEN[_KEPT:]
    return picture, table


def _moved(bgr: Pixels, here: Floats, there: Floats, shape: tuple[int, ...]) -> Reference:
    """A reference as it lies under a picture; poses are (3, 3), from the frame to px."""
    middle = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])  # OpenCV's pixels have their centres at whole numbers
    way = (np.linalg.inv(middle) @ there @ np.linalg.inv(here) @ middle)[:2]
    size, flags = (shape[1], shape[0]), cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    moved = cv2.warpAffine(bgr, way, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    ones = np.full(bgr.shape[:2], 255, np.uint8)
    near = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    covered = cv2.warpAffine(ones, way, size, flags=near, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    return Reference(np.asarray(moved, np.uint8), np.asarray(covered > 0))
