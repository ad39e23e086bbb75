"""What is measured of an outline.

One set of formulas for outlines of pixels and of annotations: `measure_outlines`. Lengths in px, angles in
deg with y downwards, all float64.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Places: TypeAlias = npt.NDArray[np.int64]

#: The columns of `measure_outlines` in their order: those of one number, and the points.
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
#: A part at least this many times as long as wide is elongated, and has two ends; see `fold_ends`.
ELONGATED = 8.0
_FOLDS, _FINER = 32, 6  # positions along half an outline tried as ends, and steps between two of them
#: Lengths and areas closer than this share are equal.
TIE = 1e-9
_AT_ONCE = 1 << 17  # pairs of corners processed together: arrays of 1 MB


def measure_outline(rings: Sequence[Floats]) -> dict[str, float | tuple[float, float]]:
    """Measure one object by its outline; see `measure_outlines`.

    Parameters
    ----------
    rings : sequence of (k, 2) float64
        The outer outline, then its holes, not closed; px.

    Returns
    -------
    dict
        A number for each of `NUMBERS`, a point for each of `POINTS`.

    Examples
    --------
    >>> m = measure_outline([np.array([(0, 0), (40, 0), (40, 10), (0, 10)], float)])
    >>> m["length"], m["thickness"], m["angle"], m["area"], m["aspect"], m["start"], m["end"]
    (40.0, 10.0, 0.0, 400.0, 4.0, (0.0, 0.0), (40.0, 10.0))
    """
    columns = measure_outlines([rings])
    measures: dict[str, float | tuple[float, float]] = {name: float(columns[name][0]) for name in NUMBERS}
    for name in POINTS:
        x, y = columns[name][0].tolist()
        measures[name] = (x, y)
    return measures


def measure_outlines(
    outlines: Sequence[Sequence[Floats]],
    hulls: Sequence[Floats] | None = None,
    perimeters_px: Floats | None = None,
) -> dict[str, Floats]:
    """Measure objects by their outlines; each figure depends on its own object only.

    Parameters
    ----------
    outlines : sequence of n sequences of (k, 2) float64
        The rings of each object: the outer outline, then its holes, not closed; px.
    hulls : sequence of n (m, 2) float64, optional
        The corners of the convex hulls, in order, where they are known.
    perimeters_px : (n,) float64, optional
        Lengths of the outer outlines where they are known better than by adding up their sides.

    Returns
    -------
    dict
        `area` (holes taken out), `perimeter` (outer), `length` and `thickness` (sides of the smallest turned
        rectangle), `path_length` (see there), `angle` (of its long side, above -90 up to 90), `aspect`,
        `roundness`, `solidity`, `holes`, (n,) each, and the points `start` and `end`, (n, 2). A ratio by 0 is NaN.
    """
    outer = [np.asarray(rings[0], np.float64).reshape(-1, 2) for rings in outlines]
    corners = [convex_hull(ring) for ring in outer] if hulls is None else hulls
    count = np.array([len(rings) for rings in outlines], np.int64)
    rings = [ring for row in outlines for ring in row]
    areas = ring_areas(rings)
    first = np.cumsum(count) - count
    filled = areas[first] if len(count) else np.zeros(0)
    area = 2 * filled - np.add.reduceat(areas, first) if len(count) else filled
    around = _ring_lengths(outer) if perimeters_px is None else perimeters_px
    convex = ring_areas(corners)
    spans, points = _of_hulls(corners)
    length, thickness, angle_deg = spans.T
    along = path_lengths(around, filled)
    with np.errstate(divide="ignore", invalid="ignore"):
        width = np.where(along > 0, filled / along, 0.0)
        for row in np.flatnonzero((along >= ELONGATED * width) & (ELONGATED * width > TIE * along)).tolist():
            points[row] = fold_ends(outer[row])
        return {
            "area": area,
            "perimeter": around,
            "length": length,
            "thickness": thickness,
            "path_length": along,
            "angle": angle_deg,
            "aspect": np.where(thickness > 0, length / thickness, np.nan),
            "roundness": np.where(around > 0, np.minimum(1.0, 4 * math.pi * filled / around**2), np.nan),
            "solidity": np.where(convex > 0, np.minimum(1.0, np.maximum(0.0, area) / convex), np.nan),
            "holes": (count - 1).astype(np.float64),
            "start": points[:, 0],
            "end": points[:, 1],
        }


def sides_of(width: float, height: float) -> dict[str, float]:
    """What is measured of the sides of an upright rectangle."""
    long, short = max(width, height), min(width, height)
    turned = width < height * (1 - TIE)
    return {"length": long, "thickness": short, "aspect": long / short, "angle": 90.0 if turned else 0.0}


def of_rectangle(rings: Sequence[Floats]) -> dict[str, float | tuple[float, float]] | None:
    """`measure_outlines` for a drawn box, tens of times faster; None for another outline."""
    if len(rings) != 1 or len(rings[0]) != 4:
        return None
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = rings[0].tolist()
    if not ((ay == by and bx == cx and cy == dy and dx == ax) or (ax == bx and by == cy and cx == dx and dy == ay)):
        return None
    width, height = abs(cx - ax), abs(cy - ay)
    around, long, short = 2 * (width + height), max(width, height), min(width, height)
    if not short > 0 or long >= ELONGATED * short:  # the ends of a strip are found otherwise
        return None
    return {
        **sides_of(width, height),
        "area": width * height,
        "perimeter": around,
        "path_length": long,
        "roundness": 4 * math.pi * width * height / around**2,
        "solidity": 1.0,
        "holes": 0.0,
        "start": (min(ax, cx), min(ay, cy)),
        "end": (max(ax, cx), max(ay, cy)),
    }


def path_lengths(perimeters_px: Floats, areas_px2: Floats) -> Floats:
    """Lengths of strips with these perimeters and areas, however bent: the greater solution of l + w = P / 2, l w = A.

    The *fiber length* of J. C. Russ, The Image Processing Handbook. A shape too round for a strip is treated as a
    square.

    Examples
    --------
    >>> path_lengths(np.array([100.0, 4.0]), np.array([400.0, 1.0])).tolist()
    [40.0, 1.0]
    """
    return (perimeters_px + np.sqrt(np.maximum(perimeters_px**2 - 16 * areas_px2, 0.0))) / 4


def fold_ends(outer: Floats) -> tuple[tuple[float, float], tuple[float, float]]:
    """The ends of a strip, straight or bent: the two points of its outline about which it folds onto itself best.

    From either end both sides of a strip run beside each other, a strip's width apart, to the other end, which is half
    the outline away. So the sides are compared from evenly spaced positions along the outline, and the ends are where
    they stay closest; then again, finer, around the best.

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
    """The position along a closed outline about which it folds best: minimum mean distance of its two sides."""
    apart = (np.arange(_FOLDS) + 0.5) * (way[-1] / 2 / _FOLDS)
    sides = np.stack([firsts[:, None] + apart, firsts[:, None] - apart]) % way[-1]
    x, y = np.interp(sides, way, closed[:, 0]), np.interp(sides, way, closed[:, 1])
    spread = np.hypot(x[0] - x[1], y[0] - y[1]).mean(1)
    return float(firsts[np.argmax(spread <= spread.min() * (1 + TIE) + TIE)])


def ring_areas(rings: Sequence[Floats]) -> Floats:
    """Areas of polygons of either orientation (the shoelace formula), (n,).

    Parameters
    ----------
    rings : sequence of n (k, 2) float64
        At least one point each, not closed.

    Examples
    --------
    >>> ring_areas([np.array([(0, 0), (2, 0), (0, 2)], float), np.array([(7, 7)], float)]).tolist()
    [2.0, 0.0]
    """
    if not rings:
        return np.zeros(0)
    points, first, size = _joined(rings)
    x, y = (points - np.repeat(points[first], size, axis=0)).T  # near the origin nothing is lost to rounding
    after = _after(first, size)
    return np.asarray(np.abs(np.add.reduceat(x * y[after] - x[after] * y, first)) / 2)


def ring_area(ring: Floats) -> float:
    """Area within one polygon; see `ring_areas`."""
    return float(ring_areas([ring])[0])


def ring_length(ring: Floats) -> float:
    """Length of a closed polygon."""
    return float(_ring_lengths([ring])[0])


def _ring_lengths(rings: Sequence[Floats]) -> Floats:
    """Lengths of closed polygons, (n,)."""
    if not rings:
        return np.zeros(0)
    points, first, size = _joined(rings)
    x, y = (points[_after(first, size)] - points).T
    return np.asarray(np.add.reduceat(np.hypot(x, y), first))


def _joined(rings: Sequence[Floats]) -> tuple[Floats, Places, Places]:
    """The points of all rings, where each ring begins, and how many points it has."""
    size = np.array([len(ring) for ring in rings], np.int64)
    return np.concatenate(rings).astype(np.float64, copy=False), np.cumsum(size) - size, size


def _after(first: Places, size: Places) -> Places:
    """The index of the next point of the same ring, for each point."""
    after = np.arange(1, int(size.sum()) + 1)
    after[first + size - 1] = first
    return after


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


def _of_hulls(hulls: Sequence[Floats]) -> tuple[Floats, Floats]:
    """The turned rectangles (n, 3) and the farthest corners (n, 2, 2) of convex polygons; see below."""
    spans, points = np.zeros((len(hulls), 3)), np.zeros((len(hulls), 2, 2))
    size = np.array([len(hull) for hull in hulls], np.int64)
    order = np.argsort(size, kind="stable")
    while len(order):
        # polygons of similar size together, to limit padding
        rows = order[-max(1, min(len(order), _AT_ONCE // int(size[order[-1]]) ** 2)) :]
        order = order[: -len(rows)]
        most = int(size[rows[-1]])
        joined, first, _ = _joined([hulls[row] for row in rows.tolist()])
        # a corner that is given twice changes nothing
        padded = joined[first[:, None] + np.minimum(np.arange(most), size[rows, None] - 1)]
        spans[rows] = turned_rectangles(padded)
        points[rows] = farthest(padded)
    return spans, points


def spans_of_hulls(hulls: Sequence[Floats]) -> Floats:
    """The smallest turned rectangles of convex polygons of any number of corners; see `turned_rectangles`."""
    return _of_hulls(hulls)[0]


def turned_rectangles(hulls: Floats) -> Floats:
    """Sides of the smallest rectangles round convex polygons, and the directions of the long ones.

    One of its sides lies on a side of the polygon (Freeman and Shapira, 1975), so each is tried.

    Parameters
    ----------
    hulls : (n, m, 2) float64
        Corners in order; the same one may stand several times in a row.

    Returns
    -------
    (n, 3) float64
        Length and thickness, px, and angle, deg above -90 up to 90, clockwise on the screen from the x axis.
    """
    corners = hulls - hulls[:, :1]
    sides = np.roll(corners, -1, axis=1) - corners
    spans = np.hypot(sides[..., 0], sides[..., 1])
    none = spans == 0
    along_x, along_y = np.moveaxis(sides / np.where(none, 1.0, spans)[..., None], 2, 0)
    x, y = corners[..., 0, None], corners[..., 1, None]
    u = _reach(x * along_x[:, None] + y * along_y[:, None])
    v = _reach(y * along_x[:, None] - x * along_y[:, None])
    # Of equally small rectangles the longest is chosen, and of a square the side nearest to the x axis, so that
    # rounding decides nothing.
    area = np.where(none, np.inf, u * v)
    tied = (area <= area.min(1, keepdims=True) * (1 + TIE) + TIE) & ~none
    best = (np.arange(len(hulls)), np.where(tied, np.maximum(u, v), -1.0).argmax(1))
    long, short, axis_x, axis_y = u[best], v[best], along_x[best], along_y[best]
    square = np.abs(long - short) <= TIE * np.maximum(long, short)
    turned = np.where(square, np.abs(axis_x) < np.abs(axis_y), short > long)
    axis_x, axis_y = np.where(turned, -axis_y, axis_x), np.where(turned, axis_x, axis_y)
    angle = np.degrees(np.arctan2(axis_y, axis_x))
    angle = np.where(angle > 90, angle - 180, np.where(angle <= -90, angle + 180, angle)) + 0.0
    found = np.stack([np.where(turned, short, long), np.where(turned, long, short), angle], axis=1)
    return np.where(none.all(1)[:, None], 0.0, found)


def _reach(along: Floats) -> Floats:
    """The extent of corners in each direction: maximum minus minimum of (n, corners, directions)."""
    return np.asarray(along.max(1) - along.min(1))


def farthest(hulls: Floats) -> Floats:
    """The two corners of convex polygons farthest apart; the one with the smaller x, then y, comes first.

    Of several pairs equally far apart the first in the order of x and y is chosen.

    Parameters
    ----------
    hulls : (n, m, 2) float64
        Corners; the same one may stand several times.

    Returns
    -------
    (n, 2, 2) float64
    """
    rows = np.arange(len(hulls))
    ordered = hulls[rows[:, None], np.lexsort((hulls[..., 1], hulls[..., 0]), axis=-1)]
    x, y = ordered[..., 0], ordered[..., 1]
    apart = (x[:, :, None] - x[:, None]) ** 2 + (y[:, :, None] - y[:, None]) ** 2
    pair = np.divmod(apart.reshape(len(hulls), -1).argmax(1), hulls.shape[1])
    return np.stack([ordered[rows, np.minimum(*pair)], ordered[rows, np.maximum(*pair)]], axis=1)
