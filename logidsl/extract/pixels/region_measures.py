"""Measurements of regions of pixels, by their outlines: see `rings`.

The perimeter is that of the outline simplified by 1 px (Douglas and Peucker, 1973): a staircase of pixels is up to 8 %
longer than the line it represents. May import `library`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from logidsl.arrays import Floats, Singles
from logidsl.extract.pixels.opencv import cv2
from logidsl.library.measure import NUMBERS, POINTS, measure_outlines, ring_area, sides_of

_SMOOTHING_PX = 1.0
_HOLE_PX2 = 0.75  # the outline of a hole of one pixel has an area of 0.5, of two pixels 1.5
_SPECK = 24  # outlines of at most so many corners are measured once for each shape


def without_pores(rings: Sequence[Floats]) -> Sequence[Floats]:
    """The outline of a region and those of its holes, without holes of one pixel."""
    return rings if len(rings) == 1 else [rings[0], *(r for r in rings[1:] if ring_area(r) > _HOLE_PX2)]


def pixel_count(rings: Sequence[Floats]) -> float:
    """The number of pixels of a region: its outline cuts off half a pixel in total, whatever its shape, and so do
    holes.

    Examples
    --------
    >>> from logidsl.extract.pixels.rings import region_rings
    >>> [rings] = region_rings(np.array([[1, 1, 1], [1, 0, 1], [0, 1, 1]], np.uint8))
    >>> pixel_count(rings)
    7.0
    """
    return ring_area(rings[0]) + 0.5 - sum(ring_area(hole) + 0.5 for hole in rings[1:])


def measure_regions(rings: Sequence[Sequence[Floats]], areas: Floats) -> dict[str, Floats]:
    """The columns that follow from the outlines of regions, (n,) or (n, 2); see `measure.measure_outlines`.

    Parameters
    ----------
    rings : sequence of n sequences of (k, 2) float64
        See `Regions`.
    areas : (n,) float64
        Their numbers of pixels.
    """
    kinds: dict[bytes, int] = {}
    shapes: list[Sequence[Floats]] = []
    shape_of, moved = np.zeros(len(rings), np.int64), np.zeros((len(rings), 2))
    for place, row in enumerate(rings):
        outer = row[0]
        if len(row) == 1 and len(outer) <= _SPECK:
            moved[place] = outer[0]
            row = [outer - outer[0]]
            # equal small shapes, such as specks of noise, are measured once
            shape_of[place] = kinds.setdefault(row[0].tobytes(), len(shapes))
            if shape_of[place] < len(shapes):
                continue
        shape_of[place] = len(shapes)
        shapes.append(row)
    outers = [row[0].astype(np.float32) for row in shapes]
    measures = measure_outlines(shapes, [_hull(o) for o in outers], np.array([_smooth_length(o) for o in outers]))
    columns = {name: measures[name][shape_of] for name in (*NUMBERS, *POINTS)}
    for name in POINTS:
        columns[name] += moved
    for place in np.flatnonzero(areas <= 2).tolist():
        width, height = np.ptp(rings[place][0], axis=0).tolist()
        if areas[place] == 1 or min(width, height) == 1:
            # the outline of one or two pixels is a diamond, whose turned rectangle is too small
            for name, value in sides_of(width, height).items():
                columns[name][place] = value
    return columns


def _smooth_length(outer: Singles) -> float:
    """Length of an outline without its staircase."""
    smooth = cv2.approxPolyDP(outer, _SMOOTHING_PX, True)
    return float(cv2.arcLength(smooth if len(smooth) > 2 else outer, True))


def _hull(points: Singles) -> Floats:
    return np.asarray(cv2.convexHull(points), np.float64).reshape(-1, 2)
