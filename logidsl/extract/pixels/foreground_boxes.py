"""Where in a mask there is anything: boxes that hold all of it and are much less than the picture.

Objects of a picture are usually separate. A box for each, instead of one around all, skips the empty space between them
in every step and measurement.

Method: rows without a pixel cut the picture into bands, and columns without a pixel cut each band into boxes: the first
two cuts of the X-Y tree (Nagy and Seth, 1984). Connected regions are never cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.arrays import Labels, Mask, Pixels
from logidsl.extract.pixels.opencv import cv2

Box: TypeAlias = tuple[slice, slice]

_MOST = 64  # boxes; each costs some calls, so many small ones cost more than the space between them
_WORTH = 0.5  # of the common bounding box: fuller boxes are not worth the calls


class MaskCrop(NamedTuple):
    """What lies in one box of a mask.

    Parameters
    ----------
    box : (slice, slice)
        Its rows and columns.
    mask : (h, w) uint8
        0 or 1, contiguous.
    labels : (h, w) int32, optional
        Which object each pixel belongs to, from 1; 0 outside the mask. Else what is connected is one object.
    borders : list of lists of (k, 2) int32, optional
        What `rings.border_pixels` gives for the mask, where it is known.
    """

    box: Box
    mask: Pixels
    labels: Labels | None = None
    borders: list[list[npt.NDArray[np.int32]]] | None = None


def pieces_of(mask: Pixels, margin: int) -> list[MaskCrop]:
    """The pieces of a mask in its boxes; see `foreground_boxes`."""
    return [MaskCrop(box, np.ascontiguousarray(mask[box])) for box in foreground_boxes(mask, margin)]


def recut(piece: MaskCrop) -> list[MaskCrop]:
    """The pieces of a piece without labels, whose box may have become far too wide."""
    rows, columns = piece.box
    return [
        MaskCrop((_moved(inner.box[0], rows.start), _moved(inner.box[1], columns.start)), inner.mask)
        for inner in pieces_of(piece.mask, 0)
    ]


def _moved(places: slice, by: int) -> slice:
    return slice(places.start + by, places.stop + by)


def together(pieces: Sequence[MaskCrop], shape: tuple[int, ...]) -> tuple[Pixels, Labels | None]:
    """The mask of this shape that the pieces are of, and its labels where they have some, numbered on."""
    mask = np.zeros(shape, np.uint8)
    labels = np.zeros(shape, np.int32) if any(p.labels is not None for p in pieces) else None
    count = 0
    for piece in pieces:
        mask[piece.box] = piece.mask
        if labels is not None and piece.labels is not None:
            labels[piece.box] = np.where(piece.labels > 0, piece.labels + count, 0)
            count += int(piece.labels.max())
    return mask, labels


def foreground_boxes(mask: Pixels, margin: int) -> list[Box]:
    """Boxes that hold every pixel of a mask; no two of them meet.

    Parameters
    ----------
    mask : (h, w) uint8
        0 or 1.
    margin : int
        How much wider than its pixels a box is on each side, px, as far as the picture goes.

    Returns
    -------
    list of (slice, slice)
        Rows and columns, from top to bottom and then from left to right; none for an empty mask. More than twice
        the margin lies between the pixels of two boxes.

    Examples
    --------
    >>> mask = np.zeros((9, 30), np.uint8)
    >>> mask[2:4, 3:5] = mask[7, 25] = 1
    >>> foreground_boxes(mask, 1)
    [(slice(1, 5, None), slice(2, 6, None)), (slice(6, 9, None), slice(24, 27, None))]
    >>> foreground_boxes(mask, 2)
    [(slice(0, 6, None), slice(1, 7, None)), (slice(5, 9, None), slice(23, 28, None))]
    """
    full = mask.view(np.bool_)
    found: list[tuple[int, int, int, int]] = []
    bands = _runs(np.asarray(full.any(1)), 2 * margin)
    for top, bottom in bands if len(bands) <= _MOST else [(bands[0][0], bands[-1][1])]:
        for left, right in _runs(np.asarray(full[top:bottom].any(0)), 2 * margin):
            _, above, _, height = cv2.boundingRect(mask[top:bottom, left:right])
            found.append((top + above, top + above + height, left, right))
    if not found:
        return []
    tops, bottoms, lefts, rights = zip(*found, strict=True)
    around = (min(tops), max(bottoms), min(lefts), max(rights))
    held = sum((b - t) * (r - x) for t, b, x, r in found)
    if len(found) > _MOST or held > _WORTH * (around[1] - around[0]) * (around[3] - around[2]):
        found = [around]
    height, width = mask.shape
    return [
        np.s_[max(0, t - margin) : min(height, b + margin), max(0, x - margin) : min(width, r + margin)]
        for t, b, x, r in found
    ]


def _runs(full: Mask, gap: int) -> list[tuple[int, int]]:
    """First and end of each run, where runs with at most so many places between them are one."""
    places = np.flatnonzero(full)
    if not places.size:
        return []
    last = np.flatnonzero(places[1:] - places[:-1] > gap + 1)
    firsts = [int(places[0]), *places[last + 1].tolist()]
    return list(zip(firsts, [*(places[last] + 1).tolist(), int(places[-1]) + 1], strict=True))
