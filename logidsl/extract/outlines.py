"""Outlines of many objects at once: convex hulls, measurements, and repair of self-intersections.

A file of annotations has hundreds of thousands of them, so they go to shapely in portions, not one by one. Imports
shapely, lazily, `library` and `table`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from logidsl.arrays import Floats, Ints
from logidsl.library.measure import NUMBERS, POINTS, measure_outlines, of_rectangle
from logidsl.table import ColumnData

#: Outlines in shapely's hands at a time: more would only take more memory.
_AT_ONCE = 4096
#: An outline with fewer corners is put right whatever it looks like; of another, so many pairs of edges are looked at.
_SIMPLE_CORNERS, _PAIRS, _MOST_CROSSINGS = 150, 50_000, 5_000


def all_within(rings: Sequence[Floats], farthest_px: float) -> bool:
    """Whether all points are finite and at most so far from the corner of the picture, along x and along y.

    Examples
    --------
    >>> all_within([np.array([(0.0, 4.0)])], 4.0), all_within([np.array([(0.0, np.nan)])], 4.0)
    (True, False)
    """
    for first in range(0, len(rings), _AT_ONCE):
        points = np.concatenate(rings[first : first + _AT_ONCE])
        if points.size and not (points.min() >= -farthest_px and points.max() <= farthest_px):
            return False
    return True


def hulls_of(rings: Sequence[Floats]) -> list[Floats]:
    """The corners of convex hulls, in order.

    Parameters
    ----------
    rings : sequence of n (k, 2) float64
        At least two points each, all of them finite.

    Returns
    -------
    list of n (m, 2) float64
        Not closed; two corners where all points lie on a line, one where they are one place.

    Examples
    --------
    >>> len(hulls_of([np.array([(0, 0), (2, 0), (1, 1), (2, 2), (0, 2)], float)])[0])
    4
    """
    import shapely

    hulls: list[Floats] = []
    for first in range(0, len(rings), _AT_ONCE):
        points, owner = _joined(rings[first : first + _AT_ONCE])
        made = shapely.convex_hull(shapely.linestrings(points, indices=owner))
        corners, of = shapely.get_coordinates(made, return_index=True)
        ends = np.cumsum(np.bincount(of, minlength=len(made)))
        closed = (shapely.get_type_id(made) == shapely.GeometryType.POLYGON).astype(np.int64)
        starts = np.concatenate([[0], ends[:-1]])
        hulls += [corners[a:b] for a, b in zip(starts.tolist(), (ends - closed).tolist(), strict=True)]
    return hulls


def uncrossed(rings: Sequence[Floats]) -> Iterator[tuple[int, list[Floats]]]:
    """Yield the repaired outline for each that intersects itself.

    Parameters
    ----------
    rings : sequence of (k, 2) float64
        At least three points each, all of them finite.

    Yields
    ------
    place : int
        Of an outline that crosses itself.
    rings : list of (k, 2) float64
        The largest of the simple polygons that it encloses, with the holes of that one; none where it crosses itself
        so often that finding them would take too long. Outlines that enclose nothing are left out.
    """
    import shapely

    for first in range(0, len(rings), _AT_ONCE):
        points, owner = _joined(rings[first : first + _AT_ONCE])
        with np.errstate(invalid="ignore"):
            shapes = shapely.polygons(shapely.linearrings(points, indices=owner))
            crossed = np.flatnonzero(~shapely.is_valid(shapes))
        for place in crossed.tolist():
            if tangled(rings[first + place]):
                yield first + place, []
                continue
            parts = shapely.get_parts(shapely.make_valid(shapes[place], method="structure", keep_collapsed=False))
            parts = [p for p in parts if p.geom_type == "Polygon" and p.area > 0]
            if parts:
                largest = max(parts, key=lambda p: float(p.area))
                simple = [largest.exterior, *largest.interiors]
                yield first + place, [np.asarray(r.coords, np.float64)[:-1] for r in simple]


def tangled(ring: Floats) -> bool:
    """Whether an outline crosses itself thousands of times, by a sample of the pairs of its edges.

    Examples
    --------
    >>> turn = np.arange(1001) * (2 * np.pi / 1001)
    >>> (
    ...     tangled(np.stack([np.cos(turn), np.sin(turn)], axis=1)),
    ...     tangled(np.stack([np.cos(turn * 499), np.sin(turn * 499)], axis=1)),
    ... )
    (False, True)
    """
    n = len(ring)
    if n < _SIMPLE_CORNERS:
        return False
    first, second = np.random.default_rng(0).integers(0, n, (2, _PAIRS))
    apart = np.minimum((first - second) % n, (second - first) % n) > 1
    first, second = first[apart], second[apart]
    a, b, c, d = ring[first], ring[(first + 1) % n], ring[second], ring[(second + 1) % n]
    low, high = np.maximum(np.minimum(a, b), np.minimum(c, d)), np.minimum(np.maximum(a, b), np.maximum(c, d))
    crossing = (
        (low <= high).all(axis=1) & (_side(a, b, c) * _side(a, b, d) <= 0) & (_side(c, d, a) * _side(c, d, b) <= 0)
    )
    return bool(crossing.mean() * n * n / 2 > _MOST_CROSSINGS)


def _side(start: Floats, end: Floats, point: Floats) -> Floats:
    """On which side of lines points lie: -1, 0 or 1."""
    along, to = end - start, point - start
    return np.sign(along[:, 0] * to[:, 1] - along[:, 1] * to[:, 0])


def _joined(rings: Sequence[Floats]) -> tuple[Floats, Ints]:
    """The points of all rings, and the place of each one's ring."""
    sizes = np.array([len(ring) for ring in rings], np.int64)
    return np.concatenate(rings), np.repeat(np.arange(len(rings)), sizes)


def measured(outlines: Sequence[Sequence[Floats]]) -> dict[str, ColumnData]:
    """The columns that follow from outlines, the rings of each row: NaN for a row without any, omitted if all lack
    them.

    Parameters
    ----------
    outlines : sequence of sequence of (k, 2) float64
        Rings in px, the outer outline first.
    """
    if not any(outlines):
        return {}
    columns = {name: np.full(len(outlines), np.nan) for name in NUMBERS}
    columns |= {name: np.full((len(outlines), 2), np.nan) for name in POINTS}
    others = []
    for row, rings in enumerate(outlines):
        if not rings:
            continue
        found = of_rectangle(rings)
        if found is None:
            others.append(row)
            continue
        for name, value in found.items():
            columns[name][row] = value
    if others:
        slanted = [outlines[row] for row in others]
        for name, column in measure_outlines(slanted, hulls_of([rings[0] for rings in slanted])).items():
            columns[name][others] = column
    return {**columns}
