"""Pairs of two lists, one to one: as many as there can be, the shortest in total, and the least greatest distance."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from logidsl.library.values import Array, Ints, Mask


def most_pairs(fits: Mask) -> int:
    """How many rows of (K, P) can each have a column of their own that fits, by augmenting paths.

    Examples
    --------
    >>> most_pairs(np.array([[True, True], [True, False]])), most_pairs(np.array([[True, False], [True, False]]))
    (2, 1)
    """
    if not fits.size:
        return 0
    if (fits.sum(axis=1) <= 1).all():
        return int(fits.any(axis=0).sum())
    owner = np.full(fits.shape[1], -1)
    for start in range(len(fits)):
        before = {start: (-1, -1)}  # the row and the column that a row was reached from
        waiting = [start]
        seen = np.zeros(fits.shape[1], bool)
        while waiting:
            row = waiting.pop()
            columns = np.flatnonzero(fits[row] & ~seen)
            seen[columns] = True
            free = columns[owner[columns] < 0]
            if len(free):
                column = int(free[0])
                while row >= 0:
                    last, (parent, earlier) = row, before[row]
                    owner[column] = last
                    row, column = parent, earlier
                break
            for column in columns.tolist():
                before[int(owner[column])] = (row, column)
                waiting.append(int(owner[column]))
    return int((owner >= 0).sum())


def shortest_pairs(apart: Array, fits: Mask) -> Ints:
    """The column of each row of (K, P), -1 for none: of the pairings with the most pairs one of least total distance.

    The Hungarian method with potentials, as in the shortest augmenting paths of Jonker and Volgenant (1987).

    Examples
    --------
    >>> shortest_pairs(np.array([[1.0, 2.0], [1.5, 9.0]]), np.ones((2, 2), bool)).tolist()
    [1, 0]
    """
    rows, columns = fits.shape
    found = np.full(rows, -1)
    if not fits.any():
        return found
    far = 1.0 + float(apart[fits].max()) * (min(rows, columns) + 1)  # one pair less costs more than any distances
    cost = np.full((rows, max(rows, columns)), far)
    cost[:, :columns] = np.where(fits, apart, far)
    of_column = _assigned(cost)
    for column, row in enumerate(of_column[:columns].tolist()):
        if row >= 0 and fits[row, column]:
            found[row] = column
    return found


def _assigned(cost: Array) -> Ints:
    """The row of each column of (n, m) with n of at most m, so that each row has one and the total is least."""
    n, m = cost.shape
    of_row, of_column = np.zeros(n + 1), np.zeros(m + 1)
    owner, way = np.full(m + 1, n), np.zeros(m + 1, np.int64)  # column m and row n are the start of each path
    for row in range(n):
        owner[m], column = row, m
        least, used = np.full(m, np.inf), np.zeros(m + 1, bool)
        while owner[column] != n:
            used[column] = True
            here = owner[column]
            open_ = ~used[:m]
            slack = cost[here] - of_row[here] - of_column[:m]
            nearer = open_ & (slack < least)
            least[nearer], way[:m][nearer] = slack[nearer], column
            after = int(np.where(open_, least, np.inf).argmin())
            step = least[after]
            of_row[owner[used]] += step
            of_column[used] -= step
            least[open_] -= step
            column = after
        while column != m:
            owner[column] = owner[way[column]]
            column = int(way[column])
        owner[m] = n
    return np.where(owner[:m] == n, -1, owner[:m])


def least_limit(distances: Array, holds: Callable[[float], bool]) -> float | None:
    """The least of some distances for which a condition holds that holds for all greater ones; None if for none."""
    steps = np.unique(distances)
    if not len(steps) or not holds(float(steps[-1])):
        return None
    low, high = 0, len(steps) - 1
    while low < high:
        middle = (low + high) // 2
        if holds(float(steps[middle])):
            high = middle
        else:
            low = middle + 1
    return float(steps[high])
