"""Comparisons of measured numbers agree with each other, of arrays and of single numbers."""

from __future__ import annotations

import numpy as np
import pytest

from logidsl import library
from logidsl.eval.operators import at_most, close

left_of = library.REGISTRY["relation", "left_of"].kernel
NUMBERS = np.array([0.0, 1e-300, 7.0, -7.0, 1e9, np.inf, -np.inf, np.nan])
NEAR = np.array([*NUMBERS, *(NUMBERS * (1 + 5e-10)), *(NUMBERS * (1 + 2e-9))])
ONE_BY_ONE = [(np.asarray(a), np.asarray(b)) for a in NEAR for b in NEAR]
SIDE_BY_SIDE = [(NEAR[:, None], NEAR[None])]


@pytest.mark.parametrize("pairs", [ONE_BY_ONE, SIDE_BY_SIDE], ids=["numbers", "arrays"])
@pytest.mark.filterwarnings("ignore:invalid value")
def test_of_two_numbers_one_is_less_or_both_are_equal(pairs: list[tuple[np.ndarray, np.ndarray]]) -> None:
    for a, b in pairs:
        less, greater, equal = left_of((a, a), (b, b)), left_of((b, b), (a, a)), close(a, b)
        finite = np.isfinite(a) & np.isfinite(b)
        assert np.array_equal(equal, at_most(a, b) & at_most(b, a))
        assert (finite == (less.astype(int) + greater + equal == 1))[finite].all()
        assert not (less | greater | equal)[np.isnan(a) | np.isnan(b)].any()
