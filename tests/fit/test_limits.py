"""What can be fitted: which numbers of a spec, in which bounds, and how they are written."""

from __future__ import annotations

import pytest

from logidsl.diagnostics import InputError
from logidsl.fit.limits import numbers_of, params_of, replaced, rounded
from logidsl.source import Source

SPEC = """param gap = 12 px in 4 .. 20 px
param n = 3 in 1 .. 9
param free = 5 %
param pattern = "a.*"
scale 1 px = 0.1 mm
param long = 2 cm in 5 mm .. 40 mm
region left = box(0 px, 0 px, 50 px, 80 px)
color red = "#c82828" within 20
blobs spot where lightness >= 70 % then open(3 px)
object washer = spot where area in 20 .. 1000 px2 and roundness >= 0.8: 4
rule few as quantity: count(washer where width > gap) in 1 .. 4
test "one" on 100 px by 100 px
    put spot box(10 px, 10 px, 30 px, 30 px)
    expect fail washer
"""


def test_parameters_with_bounds_in_their_own_unit() -> None:
    limits, notes = params_of(Source("a.logic", SPEC))
    assert [(x.name, x.value, x.low, x.high, x.unit, x.whole) for x in limits] == [
        ("gap", 12, 4, 20, "px", False),
        ("n", 3, 1, 9, "", True),
        ("long", 2, 0.5, 4, "cm", False),
    ]
    assert notes == ["`free` has no bounds: write `param free = 5 % in LOW .. HIGH` to have it fitted"]
    assert [x.name for x in params_of(Source("a.logic", SPEC), fixed=["gap"], only=["n"])[0]] == ["n"]


def test_every_number_but_counts_places_colours_and_tests() -> None:
    limits, _ = numbers_of(Source("a.logic", SPEC))
    numbers = [(x.name, x.value, x.low, x.high, x.unit) for x in limits if not x.param]
    assert numbers == [
        ("lightness >= _ (line 9)", 70, 35, 100, "%"),
        ("open(_) (line 9)", 3, 1.5, 6, "px"),
        ("area in _ .. 1000 px2 (line 10)", 20, 10, 40, "px2"),
        ("area in 20 .. _ (line 10)", 1000, 500, 2000, "px2"),
        ("roundness >= _ (line 10)", 0.8, 0.4, 1.6, ""),
    ]
    source = Source("a.logic", SPEC)
    by_value = {x.value: x for x in numbers_of(source)[0] if not x.param}
    made = replaced(source, [(by_value[v].span, by_value[v].words(n)) for v, n in ((20, 25.5), (70, 66), (0.8, 1))])
    assert "lightness >= 66 % then" in made.text
    assert "area in 25.5 .. 1000 px2 and roundness >= 1.0: 4" in made.text


def test_a_spec_without_any() -> None:
    with pytest.raises(InputError, match="no number to fit"):
        numbers_of(Source("a.logic", "object nut: 2"))


def test_numbers_of_few_digits() -> None:
    assert rounded(0, 100, 51.7) == 52
    assert rounded(0.111, 0.114, 0.1125) == pytest.approx(0.1125, abs=1.5e-4)
    assert rounded(3, 4, 3.5, whole=True) == 4
