"""The corners of a dark square on a light ground, from its edges: exact however soft they are.

A blurred corner is rounded, and appears too far inside; the middle of a blurred edge stays where it was. So for each
side the edge is located across positions along its middle part, where the grey is half-way between inside and outside;
a line is fitted through these, and the corners are the intersections of lines. May import `opencv`.
"""

from __future__ import annotations

import numpy as np

from logidsl.arrays import Floats, Pixels
from logidsl.extract.pixels.opencv import cv2

_PLACES = 24  # along each side
_FROM, _TO = 0.15, 0.85  # the part of a side that its corners do not blur
_REACH = 0.14  # how far to either side an edge is searched, as a share of the side: within the border of a marker
_FINE = 61  # places across
_STEP = 5  # steps of 255 that an edge has at least


def square_corners(grey: Pixels, rough: Floats) -> Floats:
    """The corners of a square made exact.

    Parameters
    ----------
    grey : (h, w) uint8
        The picture.
    rough : (4, 2) float64
        Where they are about, in order, px from the corner of the first pixel.

    Returns
    -------
    (4, 2) float64
        As they were where no edge shows.
    """
    centre = rough.mean(0)
    lines = []
    for a, b in zip(rough, np.roll(rough, -1, axis=0), strict=True):
        along = b - a
        side = float(np.hypot(*along))
        outward = np.array([along[1], -along[0]]) / max(side, 1e-9)
        outward = outward if (outward @ (a - centre)) > 0 else -outward
        places = a + np.linspace(_FROM, _TO, _PLACES)[:, None] * along
        line = _line(_edge(grey, places, outward, _REACH * side))
        if line is None:
            return rough
        lines.append(line)
    corners = [_meeting(lines[i - 1], lines[i]) for i in range(4)]
    found = np.array([rough[i] if c is None else c for i, c in enumerate(corners)])
    near = np.hypot(*(found - rough).T) <= _REACH * np.hypot(*(rough - np.roll(rough, 1, axis=0)).T).max()
    return np.where(near.all(), found, rough)


def _edge(grey: Pixels, places: Floats, outward: Floats, reach_px: float) -> Floats:
    """Where the grey on lines across an edge is half-way between dark and light, (k, 2); fewer if some have no edge."""
    far = np.linspace(-reach_px, reach_px, _FINE)
    at = (places[:, None] + far[None, :, None] * outward - 0.5).astype(np.float32)
    seen = np.asarray(cv2.remap(grey.astype(np.float32), at[..., 0], at[..., 1], cv2.INTER_LINEAR), np.float64)
    # of some positions together, to reduce noise; a light cell of the marker may lie farther in
    seen = np.asarray(cv2.blur(seen, (1, 5), borderType=cv2.BORDER_REPLICATE), np.float64)
    dark, light = seen[:, : _FINE // 2].min(1), seen[:, _FINE // 2 :].max(1)
    half = ((dark + light) / 2)[:, None]
    # from the darkest place outwards the first that is light enough
    after = np.arange(_FINE)[None] >= seen[:, : _FINE // 2].argmin(1)[:, None]
    first = ((seen >= half) & after).argmax(1)
    row = np.arange(len(seen))
    before = np.maximum(first - 1, 0)
    low, high = seen[row, before], seen[row, first]
    place = far[before] + (far[1] - far[0]) * np.clip((half[:, 0] - low) / np.maximum(high - low, 1e-9), 0, 1)
    good = (light - dark > _STEP) & (first > 0)
    return np.asarray((places + place[:, None] * outward)[good], np.float64)


def _line(points: Floats) -> tuple[Floats, Floats] | None:
    """A point of the line through most points, and its direction; None with too few."""
    if len(points) < _PLACES // 2:
        return None
    kept = points
    for _ in range(2):
        middle = kept.mean(0)
        way = np.linalg.svd(kept - middle, full_matrices=False)[2][0]
        off = np.abs((points - middle) @ (-way[1], way[0]))
        kept = points[off <= max(2.5 * float(np.median(off)), 0.05)]
        if len(kept) < _PLACES // 3:
            return None
    middle = kept.mean(0)
    return middle, np.linalg.svd(kept - middle, full_matrices=False)[2][0]


def _meeting(one: tuple[Floats, Floats], other: tuple[Floats, Floats]) -> Floats | None:
    """The intersection of two lines; None if they are parallel."""
    table = np.stack([one[1], -other[1]], axis=1)
    if abs(float(np.linalg.det(table))) < 0.2:
        return None
    return np.asarray(one[0] + np.linalg.solve(table, other[0] - one[0])[0] * one[1])
