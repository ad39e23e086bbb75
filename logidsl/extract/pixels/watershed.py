"""Basins of a map of heights, turned upside down: the places that climb to one peak.

Every place is sent uphill until it stands on a peak; the peaks' basins are then joined, from the highest pass down,
where a rule says so of the lesser peak and the pass between both.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from logidsl.arrays import Floats, Ints, Mask

NEIGHBOURS = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)]


def neighbours(inside: Mask | npt.NDArray[np.uint8]) -> Ints:
    """The eight neighbours, (8, n), of the n places inside a map, as numbers of such places; -1 for others."""
    wide = np.pad(inside, 1)
    places = np.flatnonzero(wide)
    number = np.full(wide.size, -1, np.int64)
    number[places] = np.arange(len(places))
    return np.stack([number[places + dy * wide.shape[1] + dx] for dy, dx in NEIGHBOURS])


def basins(heights: Floats, around: Ints, joins: Callable[[float, float], bool]) -> Ints:
    """The number of the basin of each place, from 0, (n,).

    Parameters
    ----------
    heights : (n,) float
        Of the places.
    around : (8, n) int64
        See `neighbours`; those to which a place may climb.
    joins : callable
        Whether two basins are one, from the height of the lesser peak and that of the pass between them.
    """
    if not len(heights):
        return np.zeros(0, np.int64)
    peaks, basin = np.unique(_climb(heights, around), return_inverse=True)
    a: list[Ints] = []
    b: list[Ints] = []
    height: list[Floats] = []
    for row in around[4:]:  # each pair of neighbours once
        here = np.flatnonzero((row >= 0) & (basin[row] != basin))
        a.append(basin[here])
        b.append(basin[row[here]])
        height.append(np.minimum(heights[here], heights[row[here]]))
    first, second, pass_ = np.concatenate(a), np.concatenate(b), np.concatenate(height)
    low, high = np.minimum(first, second), np.maximum(first, second)
    order = np.lexsort((-pass_, high, low))
    highest = order[np.flatnonzero(np.diff(low[order] * len(peaks) + high[order], prepend=-1))]
    parent = list(range(len(peaks)))
    top = heights[peaks].tolist()

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    by_height = highest[np.argsort(-pass_[highest], kind="stable")]
    pairs = np.stack([low, high], axis=1)[by_height].tolist()
    for (first_basin, second_basin), at in zip(pairs, pass_[by_height].tolist(), strict=True):
        one, two = root(first_basin), root(second_basin)
        if one != two and joins(min(top[one], top[two]), at):
            keep, gone = (one, two) if top[one] >= top[two] else (two, one)
            parent[gone] = keep
    roots = np.array([root(i) for i in range(len(peaks))])
    return np.unique(roots, return_inverse=True)[1][basin]


def _climb(heights: Floats, around: Ints) -> Ints:
    """The peak that each place reaches by always stepping to its highest neighbour, (n,)."""
    near = np.where(around >= 0, heights[around], -np.inf)
    best = near.argmax(0)
    here = np.arange(len(heights))
    up = np.where(near[best, here] > heights, around[best, here], here)
    while True:  # pointers are doubled: a path of n steps takes log2 n rounds
        further = up[up]
        if np.array_equal(further, up):
            return up
        up = further
