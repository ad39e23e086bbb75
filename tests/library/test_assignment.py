"""Assignments against all pairings of small lists."""

from __future__ import annotations

from itertools import permutations

import numpy as np

from logidsl.library.assignment import least_limit, most_pairs, shortest_pairs


def pairings(fits, apart):
    """The number of pairs and the total distance of each pairing."""
    rows, columns = fits.shape
    for chosen in set(permutations([*range(columns), *[-1] * rows], rows)):
        pairs = [(r, c) for r, c in enumerate(chosen) if c >= 0]
        if all(fits[p] for p in pairs):
            yield len(pairs), -sum(float(apart[p]) for p in pairs)


def test_the_most_pairs_of_least_total_distance():
    rng = np.random.default_rng(3)
    for _ in range(300):
        rows, columns = (int(n) for n in rng.integers(0, 5, 2))
        fits = rng.random((rows, columns)) < rng.random()
        apart = rng.integers(0, 20, (rows, columns)).astype(float)
        count, total = max(pairings(fits, apart))
        found = shortest_pairs(apart, fits)
        pairs = [(r, c) for r, c in enumerate(found.tolist()) if c >= 0]
        assert (len(pairs), -sum(float(apart[p]) for p in pairs)) == (count, total)
        assert len({c for _, c in pairs}) == len(pairs)
        assert all(fits[p] for p in pairs)
        assert most_pairs(fits) == count


def test_the_least_limit():
    assert least_limit(np.array([3.0, 1.0, 2.0, 2.0]), lambda d: d >= 1.5) == 2.0
    assert least_limit(np.array([3.0]), lambda d: False) is None
    assert least_limit(np.zeros(0), lambda d: True) is None
