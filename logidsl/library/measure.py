"""What is measured of an outline.

One set of formulas for outlines of pixels and of annotations: `measure_outline`. Lengths in px, angles in
deg with y downwards, all float64. Imports NumPy only, so that reading annotations needs no OpenCV.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]

#: The columns of `measure_outline` in their order: those of one number, and the points.
NUMBERS = (
    "area",
    "perimeter",
    "length",
    "thickness",
    "path_length",
    "angle",
    "aspect",
    "roundness",
    "solidity",
    "holes",
)
POINTS = ("start", "end")
#: A part is elongated, and has two ends of its own, from this many times as long as wide; see `fold_ends`.
ELONGATED = 8.0
_FOLDS, _FINER = 32, 6  # places along half an outline that are tried as ends, and steps between two of them
#: Lengths and areas closer than this share are equal.
TIE = 1e-9


def measure_outline(
    rings: Sequence[Floats],
    hull: Callable[[Floats], Floats] | None = None,
    perimeter_px: float | None = None,
) -> dict[str, float | tuple[float, float]]:
    """Measure an object by its outline.

    Parameters
    ----------
    rings : sequence of (k, 2) float64
        The outer outline, then its holes, not closed; px.
    hull : callable, optional
        Gives the convex hull of points; `convex_hull` unless a faster one is at hand.
    perimeter_px : float, optional
        Length of the outer outline where it is known better than by adding up its sides.

    Returns
    -------
    dict
        `area` (holes taken out), `perimeter` (outer), `length` and `thickness` (sides of the smallest turned
        rectangle), `path_length` (see there), `angle` (of its long side, above -90 up to 90), `aspect`,
        `roundness`, `solidity`, `holes`, and the points `start` and `end`. A ratio by 0 is NaN.

    Examples
    --------
    >>> m = measure_outline([np.array([(0, 0), (40, 0), (40, 10), (0, 10)], float)])
    >>> m["length"], m["thickness"], m["angle"], m["area"], m["aspect"], m["start"], m["end"]
    (40.0, 10.0, 0.0, 400.0, 4.0, (0.0, 0.0), (40.0, 10.0))
    """
    outer = np.asarray(rings[0], np.float64).reshape(-1, 2)
    corners = (hull or convex_hull)(outer)
    length, thickness, angle_deg = turned_rectangle(corners)
    filled = ring_area(outer)
    area = filled - sum(ring_area(r) for r in rings[1:])
    around = ring_length(outer) if perimeter_px is None else perimeter_px
    convex = ring_area(corners)
    start, end = farthest(corners)
    along = path_length(around, filled)
    width = filled / along if along > 0 else 0.0
    if along >= ELONGATED * width > TIE * along:
        start, end = fold_ends(outer)
    return {
        "area": area,
        "perimeter": around,
        "length": length,
        "thickness": thickness,
        "path_length": along,
        "angle": angle_deg,
        "aspect": length / thickness if thickness > 0 else math.nan,
        "roundness": min(1.0, 4 * math.pi * filled / around**2) if around > 0 else math.nan,
        "solidity": min(1.0, max(0.0, area) / convex) if convex > 0 else math.nan,
        "holes": float(len(rings) - 1),
        "start": start,
        "end": end,
    }


def path_length(perimeter_px: float, area_px2: float) -> float:
    """Length of a strip of this perimeter and area, however it is bent: of l + w = P / 2 and l w = A the greater.

    The *fiber length* of J. C. Russ, The Image Processing Handbook. A shape too round for a strip is a square's.

    Examples
    --------
    >>> path_length(100.0, 400.0), path_length(4.0, 1.0)
    (40.0, 1.0)
    """
    return (perimeter_px + math.sqrt(max(perimeter_px**2 - 16 * area_px2, 0.0))) / 4


def fold_ends(outer: Floats) -> tuple[tuple[float, float], tuple[float, float]]:
    """The ends of a strip, straight or bent: the two points of its outline about which it folds onto itself best.

    From either end both sides of a strip run beside each other, a strip's width apart, all the way to the other
    end, which is half the outline away. So for places evenly along the outline the sides from
    there are compared, and where they stay closest are the ends; then again, finer, round the best.

    Parameters
    ----------
    outer : (k, 2) float64
        Outer outline, px, not closed.

    Returns
    -------
    start, end : (x, y)
        The one with the lesser x, then y, comes first.

    Examples
    --------
    >>> u = np.array([(0, 0), (1, 0), (1, 9), (9, 9), (9, 0), (10, 0), (10, 10), (0, 10)], float)
    >>> [[round(v) for v in p] for p in fold_ends(u)]
    [[0, 0], [10, 1]]
    """
    closed = np.concatenate([outer, outer[:1]])
    way = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    half = way[-1] / 2
    coarse = np.arange(_FOLDS) * half / _FOLDS
    near = _tightest(closed, way, coarse)
    first = _tightest(closed, way, near + np.linspace(-1, 1, 2 * _FINER + 1) * half / _FOLDS)
    at = np.array([first, first + half]) % way[-1]
    ends = sorted((float(np.interp(s, way, closed[:, 0])), float(np.interp(s, way, closed[:, 1]))) for s in at)
    return ends[0], ends[1]


def _tightest(closed: Floats, way: Floats, firsts: Floats) -> float:
    """Of places along a closed outline the one about which it folds best: least mean distance of its two sides."""
    apart = (np.arange(_FOLDS) + 0.5) * (way[-1] / 2 / _FOLDS)
    sides = np.stack([firsts[:, None] + apart, firsts[:, None] - apart]) % way[-1]
    x, y = np.interp(sides, way, closed[:, 0]), np.interp(sides, way, closed[:, 1])
    spread = np.hypot(x[0] - x[1], y[0] - y[1]).mean(1)
    return float(firsts[np.argmax(spread <= spread.min() * (1 + TIE) + TIE)])


def ring_area(ring: Floats) -> float:
    """Area within a polygon, whichever way round it runs (the shoelace formula)."""
    if len(ring) < 3:
        return 0.0
    x, y = (ring - ring[0]).T  # near the origin nothing is lost to rounding
    return abs(float(x[:-1] @ y[1:] - x[1:] @ y[:-1] + x[-1] * y[0] - x[0] * y[-1])) / 2


def ring_length(ring: Floats) -> float:
    """Length of a closed polygon."""
    x, y = (ring - np.concatenate([ring[-1:], ring[:-1]])).T
    return float(np.hypot(x, y).sum())


def convex_hull(points: Floats) -> Floats:
    """The corners of the convex hull, in order (Andrew's monotone chain, 1979).

    Parameters
    ----------
    points : (n, 2) float64
        At least one.

    Examples
    --------
    >>> convex_hull(np.array([(0, 0), (2, 0), (1, 1), (2, 2), (0, 2)], float)).tolist()
    [[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]]
    """
    ordered = np.unique(points, axis=0).tolist()  # by x, then y
    if len(ordered) < 3:
        return np.array(ordered)

    def chain(row: list[list[float]]) -> list[list[float]]:
        kept: list[list[float]] = []
        for x, y in row:
            while len(kept) > 1:
                (x0, y0), (x1, y1) = kept[-2], kept[-1]
                if (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0) > 0:
                    break
                kept.pop()
            kept.append([x, y])
        return kept[:-1]

    return np.array(chain(ordered) + chain(ordered[::-1]))


def turned_rectangle(hull: Floats) -> tuple[float, float, float]:
    """Sides of the smallest rectangle round a convex polygon, and the direction of the long one.

    One of its sides lies on a side of the polygon (Freeman and Shapira, 1975), so each is tried.

    Parameters
    ----------
    hull : (m, 2) float64
        Corners in order, at least one.

    Returns
    -------
    length, thickness, angle : float
        px, px, and deg above -90 up to 90, clockwise on the screen from the x axis.
    """
    sides = np.concatenate([hull[1:], hull[:1]]) - hull
    spans = np.hypot(sides[:, 0], sides[:, 1])
    if not spans.all():
        sides, spans = sides[spans > 0], spans[spans > 0]
    if not spans.size:
        return 0.0, 0.0, 0.0
    along = sides / spans[:, None]
    across = np.empty_like(along)
    across[:, 0], across[:, 1] = -along[:, 1], along[:, 0]
    reached = hull @ np.concatenate([along, across]).T
    u, v = (reached.max(0) - reached.min(0)).reshape(2, -1)
    # Of rectangles equally small the longest counts, and of a square the side nearest to the x axis, so that
    # rounding decides nothing.
    area = u * v
    tied = area <= area.min() * (1 + TIE) + TIE
    best = int(np.where(tied, np.maximum(u, v), -1.0).argmax())
    long, short, axis = float(u[best]), float(v[best]), along[best]
    square = abs(long - short) <= TIE * max(long, short)
    if abs(axis[0]) < abs(axis[1]) if square else short > long:
        long, short, axis = short, long, across[best]
    angle_deg = math.degrees(math.atan2(float(axis[1]), float(axis[0])))
    if angle_deg > 90:
        angle_deg -= 180
    elif angle_deg <= -90:
        angle_deg += 180
    return long, short, angle_deg + 0.0


def farthest(hull: Floats) -> tuple[tuple[float, float], tuple[float, float]]:
    """The two corners of a convex polygon farthest apart; the one with the lesser x, then y, comes first.

    Of several pairs equally far apart the first in the order of x and y is taken.
    """
    ordered = hull[np.lexsort((hull[:, 1], hull[:, 0]))]
    x, y = ordered.T
    apart = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2
    i, j = sorted(divmod(int(np.argmax(apart)), len(ordered)))
    return (float(x[i]), float(y[i])), (float(x[j]), float(y[j]))
