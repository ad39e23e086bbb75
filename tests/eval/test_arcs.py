"""Ranges of angles against their definition: all angles between two ends, and the same after whole periods."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from logidsl.eval import operators
from logidsl.eval.arcs import position
from logidsl.library.values import Num, exact

DEGREES = st.integers(-400, 400).map(float)
DOUBT = st.sampled_from([0.0, 0.0, 1.0, 15.0, 200.0, 400.0])
PERIODS = st.sampled_from([180.0, 360.0])


def inside(angle: float, low: float, high: float, period: float) -> bool:
    """The definition, for whole degrees."""
    end = high
    while end < low:
        end += period
    return any(low <= angle + k * period <= end for k in range(-20, 21))


def num(low: float, doubt: float) -> Num:
    return Num(np.asarray(low), np.asarray(low + doubt)) if doubt else exact(np.asarray(low))


@given(DEGREES, DEGREES, DEGREES, PERIODS)
def test_known_angles_lie_where_the_definition_says(angle: float, low: float, high: float, period: float) -> None:
    found = operators.between(num(angle, 0.0), num(low, 0.0), num(high, 0.0), period)
    assert found.exact
    assert bool(found.must) == inside(angle, low, high, period)
    again = operators.between(num(angle - 3 * period, 0.0), num(low + period, 0.0), num(high + period, 0.0), period)
    assert bool(again.must) == bool(found.must)


@given(*[DEGREES] * 3, *[DOUBT] * 3, PERIODS, st.data())
def test_a_definite_answer_holds_for_every_choice(
    angle: float, low: float, high: float, more: float, wide: float, far: float, period: float, data: st.DataObject
) -> None:
    found = operators.between(num(angle, more), num(low, wide), num(high, far), period)
    one, start, end = (at + data.draw(st.integers(0, int(by))) for at, by in ((angle, more), (low, wide), (high, far)))
    chosen = inside(one, start, end, period)
    assert chosen or not bool(found.must)
    assert not chosen or bool(found.can)


@given(DEGREES, DEGREES, DEGREES, PERIODS)
def test_the_margin_is_the_way_to_the_nearer_end(angle: float, low: float, high: float, period: float) -> None:
    at = position(num(angle, 0.0), num(low, 0.0), num(high, 0.0), period)
    width = high - low if high >= low else (high - low) % period
    assume(width < period)
    ways = [abs((angle - end + period / 2) % period - period / 2) for end in (low, high)]
    sign = 1.0 if inside(angle, low, high, period) else -1.0
    assert float(at.margin) == pytest.approx(sign * min(ways) / (width / 2 or 1.0))
    if sign < 0 and ways[0] != ways[1]:
        assert int(at.side) == (-1 if ways[0] < ways[1] else 1)


def test_what_floats_leave_over_makes_no_difference() -> None:
    nearly = np.array([359.99999999999994, 20.000000000000004, 20.001])
    zero, twenty = np.zeros(3), np.full(3, 20.0)
    assert operators.between(exact(nearly), exact(zero), exact(twenty), 360.0).must.tolist() == [True, True, False]
    assert operators.between(exact(zero), exact(nearly), exact(nearly), 360.0).must.tolist() == [True, False, False]
