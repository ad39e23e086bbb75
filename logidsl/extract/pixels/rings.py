"""Outlines of pixel masks as polygons.

The outline runs half-way between the pixels inside and those outside, through the midpoints of the pixel edges between
them. So a filled rectangle of w by h pixels has extents w and h, a border at 45 degrees is where it should be, and the
polygon never touches itself, unlike one along the pixel edges, which does wherever pixels meet only at a corner.

Method: OpenCV follows the border pixels of each region and of each hole with the inside on the left. At each border
pixel, the sides through which it was entered and left determine which of its four edges were passed; a table of these
cases turns all contours into polygons at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.arrays import Floats, Labels, Pixels
from logidsl.extract.pixels.opencv import cv2

Contour: TypeAlias = npt.NDArray[np.int32]
Halves: TypeAlias = npt.NDArray[np.int32]

# Directions anticlockwise on the screen from east; y runs downwards.
_STEP = {(1, 0): 0, (1, -1): 1, (0, -1): 2, (-1, -1): 3, (-1, 0): 4, (-1, 1): 5, (0, 1): 6, (1, 1): 7}
_CODE = np.full(9, -1, np.int32)
for (_dx, _dy), _code in _STEP.items():
    _CODE[(_dy + 1) * 3 + _dx + 1] = _code
# Middle of the pixel's edge towards E, N, W, S from its top-left corner, in halves of a pixel.
_MIDDLE_X, _MIDDLE_Y = np.array([2, 1, 0, 1], np.int32), np.array([1, 0, 1, 2], np.int32)


def _passed(back: int, out: int) -> list[int]:
    """The edges (0 E, 1 N, 2 W, 3 S) passed when turning anticlockwise from `back` to `out`, neither included."""
    turns = (out - back - 1) % 8 if out != back else 7
    return [code // 2 for code in ((back + 1 + i) % 8 for i in range(turns)) if code % 2 == 0]


_ALONE = 64  # a pixel without neighbours: it is neither entered nor left
_EDGES = np.full((65, 4), -1, np.int32)
for _back in range(8):
    for _out in range(8):
        _row = _passed(_back, _out)
        _EDGES[_back * 8 + _out, : len(_row)] = _row
_EDGES[_ALONE] = (1, 2, 3, 0)
_EDGE_COUNT = (_EDGES >= 0).sum(1).astype(np.int32)
_TURN = np.array([*((code + 4) % 8 * 8 for code in range(8)), -1], np.int32)  # eight times the way back


def region_rings(mask: Pixels) -> list[list[Floats]]:
    """The outlines of the connected regions of a mask.

    Parameters
    ----------
    mask : (h, w) uint8
        Not 0 where a pixel is in; pixels that meet at a corner are connected.

    Returns
    -------
    list of list of (k, 2) float64
        For each region its outer outline, then those of its holes; x and y in px from the top-left corner
        of the mask, not closed, without points in the middle of straight lines.

    Examples
    --------
    >>> [[outer]] = region_rings(np.ones((2, 3), np.uint8))
    >>> outer.min(0).tolist(), outer.max(0).tolist()
    ([0.0, 0.0], [3.0, 2.0])
    """
    return as_rings(border_pixels(mask))


def part_borders(labels: Labels, count: int) -> list[list[Contour]]:
    """The border pixels of labelled parts, which may touch; see `edge_rings`.

    Parameters
    ----------
    labels : (h, w) int32
        The parts from 1 to `count` - 1, each connected; 0 outside.
    count : int
        One more than there are parts.

    Returns
    -------
    list of list of (k, 2) int32
        As `border_pixels` has them, in the order of the labels.
    """
    ys, xs = np.nonzero(labels)
    owner = labels[ys, xs]
    low, high = np.full((count, 2), 1 << 30), np.zeros((count, 2), np.int64)
    for axis, at in enumerate((xs, ys)):
        np.minimum.at(low[:, axis], owner, at)
        np.maximum.at(high[:, axis], owner, at + 1)
    parts = []
    for label, ((x0, y0), (x1, y1)) in enumerate(zip(low[1:].tolist(), high[1:].tolist(), strict=True), 1):
        [part] = border_pixels((labels[y0:y1, x0:x1] == label).astype(np.uint8))
        parts.append([contour + np.array([x0, y0], np.int32) for contour in part])
    return parts


def border_pixels(mask: Pixels) -> list[list[Contour]]:
    """The border pixels of each connected region: of its outside, then of its holes; see `edge_rings`."""
    contours, hierarchy = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return []
    regions: dict[int, list[Contour]] = {}
    parents = np.asarray(hierarchy).reshape(-1, 4)[:, 3].tolist()
    for index, parent in enumerate(parents):
        if parent < 0:
            regions[index] = [np.asarray(contours[index]).reshape(-1, 2)]
    for index, parent in enumerate(parents):
        if parent >= 0:
            regions[parent].append(np.asarray(contours[index]).reshape(-1, 2))
    return list(regions.values())


def as_rings(regions: Sequence[Sequence[Contour]]) -> list[list[Floats]]:
    """The outlines of regions whose border pixels are given; see `edge_rings`."""
    if not regions:
        return []
    rings = iter(edge_rings([contour for region in regions for contour in region]))
    return [[next(rings) for _ in region] for region in regions]


def edge_rings(contours: Sequence[Contour]) -> list[Floats]:
    """Polygons half-way between border pixels and the outside.

    Parameters
    ----------
    contours : sequence of (k, 2) int32
        Border pixels in the order OpenCV follows them, each next to the one before.

    Returns
    -------
    list of (m, 2) float64
    """
    sizes = np.array([len(c) for c in contours])
    first = np.cumsum(sizes) - sizes
    x, y = np.ascontiguousarray(np.concatenate(contours).T)
    out = _CODE.take(3 * (_next(y, first) - y) + (_next(x, first) - x) + 4)
    case = np.where(out < 0, _ALONE, _TURN.take(_before(out, first)) + out)
    count = _EDGE_COUNT.take(case)
    ends = np.cumsum(count)
    owner = np.repeat(np.arange(len(x), dtype=np.int32), count)
    place = np.arange(len(owner), dtype=np.int32) - (ends - count).take(owner)
    edge = _EDGES.take(4 * case.take(owner) + place)
    first = (ends - count)[first]  # of each ring's points, now
    return _straightened(2 * x.take(owner) + _MIDDLE_X.take(edge), 2 * y.take(owner) + _MIDDLE_Y.take(edge), first)


def _straightened(x: Halves, y: Halves, first: Halves) -> list[Floats]:
    """Split points in half px into rings in px, without those in the middle of straight lines."""
    out = 4 * (_next(y, first) - y) + _next(x, first) - x  # a step is of at most one half each way, or of two one way
    turns = np.flatnonzero(out != _before(out, first))
    points = np.stack([x[turns], y[turns]], axis=1) / 2
    return np.split(points, np.searchsorted(turns, first[1:]))


def _next(values: Halves, first: Halves) -> Halves:
    """The successor of each value in its ring; rings are given by their first indices."""
    after = np.empty_like(values)
    after[:-1] = values[1:]
    after[np.append(first[1:], len(values)) - 1] = values[first]
    return after


def _before(values: Halves, first: Halves) -> Halves:
    """What comes before each value in its ring."""
    before = np.empty_like(values)
    before[1:] = values[:-1]
    before[first] = values[np.append(first[1:], len(values)) - 1]
    return before
