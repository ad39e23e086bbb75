"""What an operator says its operands should be gives what is wanted, whatever the other operands are under doubt."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from logidsl.library import REGISTRY
from logidsl.library.intervals import Interval

ROUND = st.integers(-20, 20).map(float)
ENDS = st.tuples(ROUND, ROUND).map(lambda e: (min(e), max(e)))
TRUTHS: dict[str, Callable[..., bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
    "between": lambda a, low, high: low <= a <= high,
    "equal_within": lambda a, b, limit: abs(a - b) <= limit,
    "one_of": lambda a, *others: a in others,
}


def inside(way: Interval) -> float | None:
    """A number of an interval, near its end where it is open; None where there is none."""
    if way.low > way.high or way.empty:
        return None
    if way.low_open or way.high_open:
        return way.low + 0.5 if way.low_open else way.high - 0.5
    return way.nearest(0.0)


@pytest.mark.parametrize("name", ["+", "-", "*", "/", "neg"])
@given(goal=ENDS, data=st.data())
def test_arithmetic(name: str, goal: tuple[float, float], data: st.DataObject) -> None:
    entry = REGISTRY["operator", name]
    ends = [data.draw(ENDS) for _ in entry.parameters]
    assert entry.invert is not None and entry.bounds is not None
    for way in entry.invert(Interval(*goal), ends):
        wished = [None if w is None else inside(w) for w in way]
        if all(x is None for x in wished):
            continue
        now = [e if x is None else (x, x) for e, x in zip(ends, wished, strict=True)]
        assume(name != "/" or now[1][0] * now[1][1] > 0)
        low, high = (float(v) for v in entry.bounds(*now))
        assert goal[0] - 1e-9 <= low <= high <= goal[1] + 1e-9, (way, now)


@pytest.mark.parametrize("name", sorted(TRUTHS))
@given(want=st.booleans(), data=st.data())
def test_comparisons(name: str, want: bool, data: st.DataObject) -> None:
    entry = REGISTRY["operator", name]
    ends = [data.draw(ENDS) for _ in entry.parameters]
    if name == "equal_within":
        ends[2] = (abs(ends[2][0]), abs(ends[2][0]))
    if name == "between":  # of ends that stand backwards an arc is meant, which has tests of its own
        assume(ends[1][1] <= ends[2][0])
    assert entry.invert is not None
    ways = [*entry.invert(Interval(float(want), float(want)), ends)]
    assert ways or (name in ("=", "!=", "one_of") and any(low != high for low, high in ends))
    for way in ways:
        wished = [None if w is None else inside(w) for w in way]
        if any(w is not None and x is None for w, x in zip(way, wished, strict=True)):
            continue  # under doubt no number would do
        for operands in itertools.product(*(e if x is None else (x,) for e, x in zip(ends, wished, strict=True))):
            assert TRUTHS[name](*operands) == want, (way, operands)
