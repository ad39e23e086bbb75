"""A grid over the boxes of a batch of images, for finding those that lie near others.

Each image has about as many cells as boxes, so that time and memory grow with the number of boxes, whatever the number
of pairs. NumPy alone: making as many boxes for an R-tree of shapely takes longer than all of this.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from logidsl.library.values import Array, Ints, Mask

#: Columns and rows of a grid, by the square root of the number of boxes: cells that a box meets in a row are one run.
FINENESS = 4.0, 0.5
#: Rows of cells that a box may meet on average; with more, trying all pairs is as good.
MOST_ROWS = 8


class Boxes(NamedTuple):
    """Boxes, px, (K, N) each: 0 where none is `there`."""

    x0: Array
    y0: Array
    x1: Array
    y1: Array
    there: Mask

    @property
    def largest(self) -> float:
        """The greatest distance of an end from 0; NaN where an end is."""
        return float(np.max([self.x1.max(), self.y1.max(), -self.x0.min(), -self.y0.min()]))

    def grown(self, by: Array) -> Boxes:
        """The same with each side moved out by a distance."""
        return Boxes(self.x0 - by, self.y0 - by, self.x1 + by, self.y1 + by, self.there)


class SpatialIndex:
    """The pairs of two kinds of boxes that meet.

    Parameters
    ----------
    outer : Boxes
        (K1, N), for each of which others are sought.
    inner : Boxes
        (K2, N), which are sought.

    Attributes
    ----------
    most : (K1, N) int64, or None
        The number of boxes among which `pairs` seeks, for each outer one; None where the index is of no use.
    """

    def __init__(self, outer: Boxes, inner: Boxes) -> None:
        self.outer, self.inner = outer, inner
        self.most: Ints | None = None
        sides = [max(1, int(f * np.sqrt(len(inner.x0)))) for f in FINENESS]
        low = inner.x0.min(axis=0), inner.y0.min(axis=0)
        spans = [np.maximum(v.max(axis=0) - start, 1e-9) for v, start in zip((inner.x0, inner.y0), low, strict=True)]
        scale = [side / span for side, span in zip(sides, spans, strict=True)]
        sizes = inner.x1 - inner.x0, inner.y1 - inner.y0
        parts = [inner.there]
        if any((size.max(axis=0) * sides[1] > span).any() for size, span in zip(sizes, spans, strict=True)):
            large = (sizes[0] * sides[1] > spans[0]) | (sizes[1] * sides[1] > spans[1])
            if large.sum() < large.size / 2:  # a few would widen the search for all
                parts = [inner.there & ~large, inner.there & large]
        self.grids: list[_Grid] = []
        for there in parts:
            largest = [(v if there.all() else np.where(there, v, 0.0)).max(axis=0) for v in sizes]
            grid = _Grid(sides, low, scale, inner, largest, there)
            if not grid.search(outer):
                return
            self.grids.append(grid)
        first, *more = (g.most for g in self.grids)
        self.most = sum(more, first)

    def pairs(self, some: slice) -> tuple[Ints, Ints]:
        """The pairs of some outer boxes, sorted: places in flat (K, N) arrays, of the outer ones from `some` on."""
        found = [self._meeting(*g.pairs(some)) for g in self.grids]
        return sorted_pairs(found, some.start * self.outer.x0.shape[1])

    def _meeting(self, outer: Ints, inner: Ints) -> tuple[Ints, Ints]:
        a, b = self.outer, self.inner
        for low, high in (((a.y0, b.y0), (a.y1, b.y1)), ((a.x0, b.x0), (a.x1, b.x1))):
            here = (_at(low[0], outer) <= _at(high[1], inner)) & (_at(low[1], inner) <= _at(high[0], outer))
            places = np.flatnonzero(here)
            outer, inner = outer.take(places), inner.take(places)
        return outer, inner


def sorted_pairs(found: Sequence[tuple[Ints, Ints]], start: int = 0) -> tuple[Ints, Ints]:
    """The pairs of all, each once, in order; `start` is taken off the first of each."""
    bits = max((int(second.max(initial=0)).bit_length() for _, second in found), default=0)
    keys = [(first - start) << bits | second for first, second in found]
    pairs = np.sort(keys[0]) if len(keys) == 1 else np.unique(np.concatenate(keys))
    return pairs >> bits, pairs & ((1 << bits) - 1)


def _at(values: Array, places: Ints) -> Array:
    return values.ravel().take(places)


class _Grid:
    """Some boxes of each image, sorted by the cell that their upper left corner lies in."""

    def __init__(
        self,
        sides: Sequence[int],
        low: Sequence[Array],
        scale: Sequence[Array],
        inner: Boxes,
        largest: Sequence[Array],
        there: Mask,
    ) -> None:
        self.sides, self.low, self.scale, self.largest = sides, low, scale, largest
        columns, rows = sides
        n = inner.x0.shape[1]
        self.images = np.arange(n) * (columns * rows)
        key = self._cell(1, inner.y0)
        key *= columns
        key += self._cell(0, inner.x0)
        key += self.images
        if not there.all():
            key[~there] = n * columns * rows
        cells = n * columns * rows + 1
        flat = key.ravel()
        small = cells < 1 << 16  # which are sorted by their digits
        self.order = np.argsort(flat.astype(np.uint16) if small else flat, kind="stable")
        self.starts = np.zeros(cells + 1, np.int64)
        np.cumsum(np.bincount(flat, minlength=cells), out=self.starts[1:])

    def _cell(self, axis: int, places: Array, less: Array | float = 0.0) -> Ints:
        """The column (0) or row (1) of places `less` a length; the outermost ones have all beyond them."""
        found = places - (self.low[axis] + less)
        found *= self.scale[axis]
        return np.clip(found, 0, self.sides[axis] - 1, out=found).astype(np.int64)

    def search(self, outer: Boxes) -> bool:
        """Find the runs of cells that each box may meet; false if these are too many."""
        first, last = self._cell(1, outer.y0, self.largest[1]), self._cell(1, outer.y1)
        last -= first
        last += 1
        rows = (last if outer.there.all() else last * outer.there).ravel()
        if rows.sum() > MOST_ROWS * max(64, rows.size):
            return False
        left, right = self._cell(0, outer.x0, self.largest[0]), self._cell(0, outer.x1)
        right -= left
        right += 1
        first *= self.sides[0]
        first += left
        first += self.images
        self.of, step = _spread(rows)
        step *= self.sides[0]
        step += first.ravel().take(self.of)
        self.first = self.starts.take(step)
        step += right.ravel().take(self.of)
        self.counts = self.starts.take(step)
        self.counts -= self.first
        ends = np.append(0, np.cumsum(rows))
        found = np.append(0, np.cumsum(self.counts)).take(ends)
        self.most = np.diff(found).reshape(outer.x0.shape)
        self.runs = ends[:: outer.x0.shape[1]]
        return True

    def pairs(self, some: slice) -> tuple[Ints, Ints]:
        """The outer and the inner boxes, as places in flat arrays, that lie in the same cells."""
        here = slice(self.runs[some.start], self.runs[some.stop])
        run, step = _spread(self.counts[here])
        step += self.first[here].take(run)
        return self.of[here].take(run), self.order.take(step)


def _spread(counts: Ints) -> tuple[Ints, Ints]:
    """For each of so many items of each owner the owner, and its place among them."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    owner = np.cumsum(np.bincount(ends, minlength=total + 1)[:-1])
    place = np.arange(total)
    ends -= counts
    place -= ends.take(owner)
    return owner, place


def pieces(most: Sequence[int], limit: float) -> list[slice]:
    """Successive members in as few slices as possible, none of which exceeds a limit, if padded to its widest member.

    Examples
    --------
    >>> pieces([1, 1, 5, 1, 1], 4)
    [slice(0, 2, None), slice(2, 3, None), slice(3, 5, None)]
    """
    if len(most) * max(most, default=0) <= limit:
        return [slice(0, len(most))]
    found: list[slice] = []
    start, widest = 0, 0
    for place, wide in enumerate(most):
        widest = max(widest, int(wide))
        if place > start and widest * (place + 1 - start) > limit:
            found.append(slice(start, place))
            start, widest = place, int(wide)
    return [*found, slice(start, len(most))]
