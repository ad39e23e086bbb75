"""Capability and patterns hold in every world that they say, and the figures are the published ones."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from logidsl.control_charts import capability, western_electric
from logidsl.library import process_control
from logidsl.library.process_control import cp, cpk
from logidsl.library.values import Members, Num, UndefinedReason, exact

PATTERNS = {
    "beyond_3_sigma": "beyond_3",
    "two_of_three_beyond_2_sigma": "2_of_3",
    "four_of_five_beyond_1_sigma": "4_of_5",
    "eight_on_one_side": "8_in_a_row",
}


def members(low, high, sure, *args) -> Members:
    """The members of one picture, in the order of their places, of which those that are not sure are doubtful."""
    low, high = (np.asarray(x, np.float64)[:, None] for x in (low, high))
    there = np.ones(low.shape, bool)
    certain = there if all(sure) else np.asarray(sure)[:, None]
    value = exact(low) if (low == high).all() else Num(low, high)
    key = exact(np.arange(float(len(low)))[:, None])
    return Members(certain, there, value=value, key=key, args=[exact(a) for a in args])


def worlds(chance, low, high, sure):
    """Values that the members may have, for each choice of the doubtful ones: at their ends, and between."""
    doubtful = np.flatnonzero(~sure)
    for there in product([True, False], repeat=len(doubtful)):
        kept = sure.copy()
        kept[doubtful] = there
        for _ in range(4):
            part = chance.choice([0.0, 1.0, chance.random()], len(low))
            yield (low + part * (high - low))[kept]


@pytest.mark.parametrize("seed", range(25))
def test_bounds_of_capability_hold_in_every_world(seed: int) -> None:
    chance = np.random.default_rng(seed)
    n = int(chance.integers(3, 9))
    low = chance.integers(0, 12, n).astype(float)
    high = low + chance.choice([0.0, 0.5, 2.0], n)
    sure = chance.random(n) < 0.7
    for index, name in ((cp, "cp"), (cpk, "cpk")):
        found = index(members(low, high, sure, 2.0, 9.0))
        if found.why is not None and found.why[0]:
            continue
        values = [capability(world, 2.0, 9.0) for world in worlds(chance, low, high, sure)]
        figures = [getattr(v, name) for v in values]
        assert found.lo[0] <= min(figures) + 1e-9
        assert found.hi[0] >= max(figures) - 1e-9


def test_without_doubt_capability_is_that_of_the_charts() -> None:
    values = [14.2, 15.1, 16.9, 18.0, 13.3]
    found = cpk(members(values, values, [True] * 5, 8.0, 20.0))
    assert found.exact
    assert found.lo[0] == pytest.approx(capability(values, 8.0, 20.0).cpk)
    assert cp(members(values, values, [True] * 5, 8.0, 20.0)).lo[0] == pytest.approx(capability(values, 8.0, 20.0).cp)


def test_one_doubtful_value_of_many_moves_the_bounds_little() -> None:
    values = np.random.default_rng(0).normal(14, 1, 200)
    found = cpk(members(values, values, [True] * 199 + [False], 8.0, 20.0))
    assert found.hi[0] - found.lo[0] < 0.02


@pytest.mark.parametrize(
    ("values", "sure", "why"),
    [
        ([], [], UndefinedReason.EMPTY),
        ([5.0], [True], UndefinedReason.DIVISION),
        ([0.1 + 0.2, 0.3], [True, True], UndefinedReason.DIVISION),
        ([5.0, 6.0], [True, False], UndefinedReason.DOUBTFUL),
        ([5.0, 5.0, 6.0], [True, True, False], UndefinedReason.DOUBTFUL),
    ],
)
def test_capability_is_undefined_without_variation(values, sure, why: UndefinedReason) -> None:
    for index in (cp, cpk):
        found = index(members(values, values, sure, 2.0, 9.0))
        assert found.why is not None
        assert found.why[0] == why


@pytest.mark.parametrize("seed", range(40))
def test_a_pattern_holds_in_the_worlds_that_it_says(seed: int) -> None:
    chance = np.random.default_rng(seed)
    n = int(chance.integers(1, 11))
    low = chance.choice([-3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5], n) * chance.choice([1.0, 0.6])
    if chance.random() < 0.5:
        low = np.abs(low)
    high = low + chance.choice([0.0, 0.0, 1.5], n)
    sure = chance.random(n) < 0.75
    for name, rule in PATTERNS.items():
        args = (0.0,) if name == "eight_on_one_side" else (0.0, 1.0)
        found = getattr(process_control, name)(members(low, high, sure, *args))
        found_in = [western_electric(world) for world in worlds(chance, low, high, sure)]
        occurs = {any(r == rule for _, r in signals) for signals in found_in}
        if found.must[0]:
            assert occurs <= {True}, name
        if not found.can[0]:
            assert True not in occurs, name
        if sure.all() and (low == high).all():
            assert found.must[0] == found.can[0] == (True in occurs), name
