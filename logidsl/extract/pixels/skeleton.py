"""`skeleton_length`: how long a part is along its middle line, measured only where a spec asks for it.

The outline is drawn at a size at which the part is some pixels wide, and thinned to its skeleton (Zhang and Suen,
1984). Of the skeleton the longest of the shortest ways between two of its places is taken: branches and spurs do not
count. Towards an end the skeleton of a strip leaves the middle line for a corner, so half a thickness is cut off there;
the way is smoothed over a thickness, for a staircase of pixels is longer than the line it stands for, and goes straight
on from there to the border of the part. Of a part too compact for that the long side of its turned rectangle counts.
May import `ir`, `table` and `library`.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TypeAlias

import numpy as np

from logidsl import ir
from logidsl.arrays import Floats, Pixels
from logidsl.extract.pixels.opencv import cv2
from logidsl.library.measure import convex_hull, ring_area, ring_length, turned_rectangles
from logidsl.table import ObjectTable

PixelIndex: TypeAlias = tuple[int, int]

NAME = "skeleton_length"
_WIDE_PX = 14.0  # a part is drawn about so wide: enough for its middle line, and no more work than that
_LARGEST_PX = 1600  # the longest side of what is drawn
_SHIFT = 4  # bits after the point of the corners that are drawn
_NEAR = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))


def asked_for(program: ir.Program) -> bool:
    """Whether a program reads `skeleton_length`."""
    return any(isinstance(n, ir.Column) and n.attribute == NAME for n in program.nodes)


def with_skeletons(program: ir.Program, table: ObjectTable) -> ObjectTable:
    """A table with `skeleton_length` of every outline, where the program reads it and no source has measured it."""
    if NAME in table.columns or table.outlines is None or not asked_for(program):
        return table
    found = np.array([skeleton_length(table.outlines.rings(i)) for i in range(len(table))], np.float64)
    return replace(table, columns={**table.columns, NAME: found})


def skeleton_length(rings: Sequence[Floats]) -> float:
    """Length of an object along its middle line.

    Parameters
    ----------
    rings : sequence of (k, 2) float64
        The outer outline, then its holes, not closed; px.

    Returns
    -------
    float
        In px; of a part that branches, of the longest way through it; NaN without an outline.

    Examples
    --------
    >>> round(skeleton_length([np.array([(0, 0), (100, 0), (100, 10), (0, 10)], float)]))
    100
    """
    if not rings or len(rings[0]) < 3 or not all(np.isfinite(r).all() for r in rings):
        return math.nan
    long, short, _ = turned_rectangles(convex_hull(rings[0])[None])[0].tolist()
    if not short > 0 or ring_area(rings[0]) >= 0.98 * long * short:  # a rectangle: its own middle line
        return float(long)
    by = _enlarged(rings)
    mask = _drawn(rings, by)
    way = _longest_way(_thinned(mask))
    depth = cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    along = _along(way, np.asarray(depth, np.float64), mask)
    return long if along is None else along / by


def _enlarged(rings: Sequence[Floats]) -> float:
    """How many times as large an outline is drawn."""
    around = sum(ring_length(r) for r in rings)
    wide = 2 * (ring_area(rings[0]) - sum(ring_area(r) for r in rings[1:])) / around
    return min(_WIDE_PX / max(wide, 1.0), _LARGEST_PX / max(float(np.ptp(rings[0], axis=0).max()), 1e-9))


def _drawn(rings: Sequence[Floats], by: float) -> Pixels:
    """The pixels inside an outline, with a margin of two rows."""
    corner = rings[0].min(0)
    width, height = (np.ceil(np.ptp(rings[0], axis=0) * by) + 5).astype(int).tolist()
    mask = np.zeros((height, width), np.uint8)
    corners = [np.rint(((r - corner) * by + 2 - 0.5) * (1 << _SHIFT)).astype(np.int32) for r in rings]
    cv2.fillPoly(mask, corners, 1, shift=_SHIFT)
    return mask


@lru_cache(maxsize=1)
def _tables() -> tuple[Pixels, Pixels]:
    """For each set of neighbours, a bit for each of `_NEAR`, 0 where a pixel goes in the first or the second step."""
    tables = []
    for first in (True, False):
        kept = np.ones(256, np.uint8)
        for code in range(256):
            p = [code >> i & 1 for i in range(8)]
            turns = sum(a == 0 and b == 1 for a, b in zip(p, p[1:] + p[:1], strict=True))
            north, east, south, west = p[0], p[2], p[4], p[6]
            bare = (north * east * south, east * south * west) if first else (north * east * west, north * south * west)
            if 2 <= sum(p) <= 6 and turns == 1 and not any(bare):
                kept[code] = 0
        tables.append(kept)
    return tables[0], tables[1]


def _thinned(mask: Pixels) -> Pixels:
    """The skeleton of a mask whose border is empty."""
    bits = np.zeros((3, 3), np.float32)
    for i, (dy, dx) in enumerate(_NEAR):
        bits[1 + dy, 1 + dx] = 1 << i
    left = mask.copy()
    while True:
        before = left
        for kept in _tables():
            left = left & cv2.LUT(cv2.filter2D(left, cv2.CV_8U, bits, borderType=cv2.BORDER_CONSTANT), kept)
        if np.array_equal(left, before):
            return np.asarray(left, np.uint8)


def _longest_way(skeleton: Pixels) -> list[PixelIndex]:
    """The longest of the shortest ways along a skeleton, from end to end: rows and columns of its pixels."""
    ys, xs = np.nonzero(skeleton)
    there = set(zip(ys.tolist(), xs.tolist(), strict=True))
    if not there:
        return []
    best: list[PixelIndex] = []
    left = set(there)
    while len(left) > len(best):  # a mask may fall apart where it is thin
        first = next(iter(left))
        reached = _ways(there, first)
        left -= reached.keys()
        farthest = max(reached, key=lambda p: (reached[p][0], p))
        reached = _ways(there, farthest)
        end = max(reached, key=lambda p: (reached[p][0], p))
        way = [end]
        while way[-1] != farthest:
            way.append(reached[way[-1]][1])
        best = max(best, way, key=len)
    return best


def _ways(there: set[PixelIndex], start: PixelIndex) -> dict[PixelIndex, tuple[float, PixelIndex]]:
    """Of each pixel that can be reached how far it is, and the one before it (Dijkstra, 1959)."""
    found: dict[PixelIndex, tuple[float, PixelIndex]] = {}
    waiting = [(0.0, start, start)]
    while waiting:
        far, here, before = heapq.heappop(waiting)
        if here in found:
            continue
        found[here] = far, before
        for dy, dx in _NEAR:
            after = here[0] + dy, here[1] + dx
            if after in there and after not in found:
                heapq.heappush(waiting, (far + (math.sqrt(2) if dy and dx else 1.0), after, here))
    return found


def _along(way: Sequence[PixelIndex], depth: Floats, mask: Pixels) -> float | None:
    """Length of a path, smoothed, from border to border of the mask; None if too little of it is left."""
    if len(way) < 3:
        return None
    points = np.array(way, np.float64)[:, ::-1]
    deep = depth[tuple(np.array(way).T)]
    half = float(np.median(deep))
    steps = np.hypot(*np.diff(points, axis=0).T)
    at = np.concatenate([[0.0], np.cumsum(steps)])
    cut = max(half, 1.0)
    if at[-1] < 4 * cut:
        return None
    even = np.arange(0.0, at[-1], 1.0)
    line = np.stack([np.interp(even, at, points[:, k]) for k in range(2)], axis=1)
    line = line[(even >= cut) & (even <= at[-1] - cut)]
    line = _smooth(line, max(1, round(half)))
    length = float(np.hypot(*np.diff(line, axis=0).T).sum())
    reach = max(2, min(round(2 * half), len(line) - 1))
    return length + sum(_straight_on(a, a - b, mask) for a, b in ((line[0], line[reach]), (line[-1], line[-1 - reach])))


def _smooth(line: Floats, half: int) -> Floats:
    """Each point as the mean of those within `half` steps, fewer towards the ends, so that these stay."""
    total = np.concatenate([np.zeros((1, 2)), np.cumsum(line, axis=0)])
    place = np.arange(len(line))
    reach = np.minimum(half, np.minimum(place, len(line) - 1 - place))
    return np.asarray((total[place + reach + 1] - total[place - reach]) / (2 * reach + 1)[:, None])


def _straight_on(start: Floats, way: Floats, mask: Pixels) -> float:
    """How far it is from a point to the border of a mask, straight on."""
    size = math.hypot(*way)
    if not size:
        return 0.0
    far = np.arange(0.0, math.hypot(*mask.shape), 0.25)
    x, y = (np.rint(start[k] + far * way[k] / size).astype(int).clip(0, mask.shape[1 - k] - 1) for k in range(2))
    outside = np.flatnonzero(mask[y, x] == 0)
    # drawing includes the pixels on the border
    return max(0.0, float(far[outside[0]]) - 0.5) if len(outside) else 0.0
