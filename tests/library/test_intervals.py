"""Interval arithmetic holds every result, whatever numbers the operands are, and is as narrow as it can be."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logidsl.library import Group, builtins
from logidsl.library.intervals import Interval

NUMBERS = st.floats(-100, 100, allow_nan=False).map(lambda x: round(x, 3))
PAIRS = st.tuples(NUMBERS, NUMBERS).map(sorted)
SHARES = st.floats(0, 1)
GROUPS: tuple[Group, ...] = ("operator", "function")
BOUNDED = [(group, entry.name) for group in GROUPS for entry in builtins(group).values() if entry.bounds is not None]


def test_operators_and_functions_have_bounds() -> None:
    assert {"+", "-", "*", "/", "neg", "abs", "min", "max", "round"} <= {name for _, name in BOUNDED}


@pytest.mark.parametrize(("group", "name"), BOUNDED)
@given(a=PAIRS, b=PAIRS, s=SHARES, t=SHARES)
def test_bounds_hold_the_value(group, name, a, b, s, t) -> None:
    entry = builtins(group)[name]
    arity = len(entry.parameters)
    ends = [tuple(a), tuple(b)][:arity]
    inner = [np.asarray(low + share * (high - low)) for (low, high), share in zip(ends, (s, t), strict=False)]
    if name == "/" and inner[1] == 0:
        return
    assert entry.bounds is not None
    low, high = entry.bounds(*ends)
    with np.errstate(over="ignore"):
        value = float(entry.kernel(*inner))
    slack = 1e-9 * max(1.0, abs(value))
    assert float(low) - slack <= value <= float(high) + slack


@given(a=PAIRS, b=PAIRS)
def test_the_ends_of_a_product_and_a_quotient_are_reached(a, b) -> None:
    for name in ("*", "/"):
        entry = builtins("operator")[name]
        assert entry.bounds is not None
        corners = [float(entry.kernel(x, y)) for x in a for y in b if y or name == "*"]
        low, high = (float(v) for v in entry.bounds(tuple(a), tuple(b)))
        if name == "*" or b[0] * b[1] > 0:
            assert (low, high) == pytest.approx((min(corners), max(corners)))


def test_a_divisor_that_may_be_zero_leaves_the_quotient_open() -> None:
    over = builtins("operator")["/"].bounds
    assert over is not None
    assert Interval.of(over((1.0, 2.0), (0.0, 4.0))) == Interval(0.0, math.inf)
    assert Interval.of(over((-1.0, 2.0), (0.0, 4.0))) == Interval(-math.inf, math.inf)


def test_arrays_and_floats_have_one_arithmetic() -> None:
    times = builtins("operator")["*"].bounds
    assert times is not None
    low, high = times((np.array([0.0, -1.0]), np.array([2.0, 1.0])), (np.array([3.0, 4.0]), np.array([math.inf, 5.0])))
    assert low.tolist() == [0.0, -5.0]
    assert high.tolist() == [math.inf, 5.0]
