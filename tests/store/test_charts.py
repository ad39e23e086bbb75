"""Control charts and capability, against published examples and against simulation."""

from __future__ import annotations

import numpy as np
import pytest

from logidsl.control_charts import capability, individuals_chart, laney_chart, moving_range_chart, p_chart, u_chart
from logidsl.control_charts import western_electric as runs

# NIST/SEMATECH e-Handbook of Statistical Methods, section 6.3.3.2: misregistered chips of 50 on each of 30 wafers.
CHIPS = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6]
# Section 6.3.2.2.
FLOW = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]


def test_the_p_chart_is_that_of_the_handbook() -> None:
    chart = p_chart(CHIPS, [50] * 30)
    assert chart.center == pytest.approx(0.2313, abs=5e-5)
    assert chart.upper[0] == pytest.approx(0.4102, abs=5e-5)
    assert chart.lower[0] == pytest.approx(0.0524, abs=5e-5)
    assert [place for place, rule in chart.signals() if rule == "beyond_3"] == [14, 22]


def test_the_chart_of_individuals_is_that_of_the_handbook() -> None:
    chart, ranges = individuals_chart(FLOW), moving_range_chart(FLOW)
    assert (chart.lower[0], chart.center, chart.upper[0]) == pytest.approx((45.8159, 50.81, 55.8041), abs=1e-3)
    assert ranges.center == pytest.approx(1.8778, abs=5e-5)
    assert ranges.upper[0] == pytest.approx(3.267 * ranges.center)
    assert chart.signals() == []


def test_laney_widens_limits_where_subgroups_vary_and_only_there() -> None:
    chance = np.random.default_rng(1)
    sizes = np.full(400, 2000)
    steady = chance.binomial(sizes, 0.05)
    varying = chance.binomial(sizes, np.clip(chance.normal(0.05, 0.01, 400), 0, 1))
    assert laney_chart(steady, sizes).upper[0] == pytest.approx(p_chart(steady, sizes).upper[0], rel=0.05)
    wide, narrow = laney_chart(varying, sizes), p_chart(varying, sizes)
    assert wide.upper[0] - wide.center > 1.7 * (narrow.upper[0] - narrow.center)
    assert len([s for s in wide.signals() if s[1] == "beyond_3"]) < 5 < len(narrow.signals())


def test_the_u_chart_of_equal_subgroups_is_the_chart_of_counts_of_the_handbook() -> None:
    # NIST/SEMATECH e-Handbook, section 6.3.3.1: defects on 25 wafers, with limits at 4 and 28 around 16.
    wafers = [16, 14, 28, 16, 12, 20, 10, 12, 10, 17, 19, 17, 14, 16, 15, 13, 14, 16, 11, 20, 11, 19, 16, 31, 13]
    chart = u_chart(wafers, [1] * 25)
    assert (chart.center, chart.lower[0], chart.upper[0]) == (16, 4, 28)
    assert [place for place, rule in chart.signals() if rule == "beyond_3"] == [23]


def test_the_u_chart_allows_for_the_size_of_subgroups() -> None:
    chart = u_chart([2, 8], [1, 4])
    assert chart.center == 2
    assert list(chart.upper) == pytest.approx([2 + 3 * 2**0.5, 2 + 3 * 0.5**0.5])
    assert list(chart.lower) == [0, 0]
    assert np.isnan(p_chart([0, 1], [0, 2]).values[0])


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([0, 3.1], [(1, "beyond_3")]),
        ([0, -3.1], [(1, "beyond_3")]),
        ([2.1, 0, 2.1], [(2, "2_of_3")]),
        ([2.1, 0, -2.1], []),
        ([2.1, 0, 0, 2.1], []),
        ([2.1, 2.1], [(1, "2_of_3")]),
        ([1.1, 1.1, -1, 1.1, 1.1], [(4, "4_of_5")]),
        ([1.1, 1.1, 1.1, 1.1], [(3, "4_of_5")]),
        ([1.1, 1.1, 1.1], []),
        ([0.1] * 8, [(7, "8_in_a_row")]),
        ([0.1] * 7 + [0.0], []),
        ([0.1] * 4 + [float("nan")] + [0.1] * 4, []),
        ([0.1] * 9, [(7, "8_in_a_row"), (8, "8_in_a_row")]),
    ],
)
def test_runs_break_the_western_electric_rules(scores: list[float], expected: list[tuple[int, str]]) -> None:
    assert runs(scores) == expected


def test_capability_is_that_of_the_handbook() -> None:
    """Section 6.1.6: limits 8 and 20, mean 16, standard deviation 2."""
    spread = np.array([-1.0, 1.0]) * 2 / np.sqrt(2)
    found = capability(16 + spread, 8, 20)
    assert (found.cp, found.cpk) == pytest.approx((1.0, 2 / 3))
    assert capability(16 + spread, None, 20).cp is None
    assert capability([0.1] * 3, 0, 2).cpk is None
    with pytest.raises(ValueError, match="one limit"):
        capability([1, 2], None, None)


def test_bounds_of_capability_hold_as_often_as_they_say() -> None:
    chance = np.random.default_rng(2)
    true = 1.5
    held = {"cp": 0, "cpk": 0}
    for _ in range(1000):
        found = capability(chance.normal(0, 1, 50), -3 * true, 3 * true)
        assert found.cp_bounds is not None
        assert found.cpk_bounds is not None
        held["cp"] += found.cp_bounds[0] <= true <= found.cp_bounds[1]
        held["cpk"] += found.cpk_bounds[0] <= true <= found.cpk_bounds[1]
    assert 0.93 <= held["cp"] / 1000 <= 0.97
    assert 0.92 <= held["cpk"] / 1000 <= 0.98
