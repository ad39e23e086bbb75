"""Bounds against published tables and against counting."""

from __future__ import annotations

import math

import numpy as np
import pytest

from logidsl.fit.intervals import tolerance_factor, upper_bound


@pytest.mark.parametrize(
    ("errors", "judged", "bound"),
    [(0, 10, 1 - 0.05 ** (1 / 10)), (0, 1, 0.95), (1, 20, 0.21611), (3, 20, 0.34366), (10, 10, 1.0), (0, 0, 1.0)],
)
def test_clopper_pearson(errors: int, judged: int, bound: float) -> None:
    assert upper_bound(errors, judged) == pytest.approx(bound, abs=1e-4)


def test_the_bound_is_where_so_few_errors_become_unlikely() -> None:
    share = upper_bound(2, 30, 0.9)
    so_few = sum(math.comb(30, k) * share**k * (1 - share) ** (30 - k) for k in range(3))
    assert so_few == pytest.approx(0.1, abs=1e-9)


# one-sided factors as tabulated (Natrella 1963, table A-7)
@pytest.mark.parametrize(
    ("count", "coverage", "confidence", "factor"),
    [(3, 0.90, 0.95, 6.155), (10, 0.99, 0.95, 3.981), (20, 0.95, 0.95, 2.396), (50, 0.99, 0.99, 3.124)],
)
def test_tolerance_factors_are_those_of_the_tables(
    count: int, coverage: float, confidence: float, factor: float
) -> None:
    assert tolerance_factor(count, coverage, confidence) == pytest.approx(factor, rel=2e-3)


def test_the_tolerance_bound_covers_as_often_as_it_says() -> None:
    draws = np.random.default_rng(0).normal(size=(4000, 8))
    bounds = draws.mean(axis=1) + tolerance_factor(8, 0.95, 0.9) * draws.std(axis=1, ddof=1)
    assert np.mean(bounds >= 1.6449) == pytest.approx(0.9, abs=0.02)  # the 95 % quantile of new values
