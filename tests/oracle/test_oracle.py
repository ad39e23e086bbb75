"""The oracle on examples whose answer can be read off the language reference."""

from __future__ import annotations

import math

import pytest
from skimage.color import deltaE_ciede2000

from tests.oracle import shapes, values
from tests.oracle.findings import labels_of, reasons_of
from tests.oracle.interpreter import judge_image
from tests.oracle.picture import Picture, Thing
from tests.oracle.values import Num, Undefined
from tests.oracle.worlds import judge_worlds
from tests.proof.compare import compiled

SURE, MAYBE = 0.9, 0.45


def picture(*things: tuple[str, float, float]) -> Picture:
    """Ten by ten boxes of a class at a place along x, with a confidence."""
    made = [
        Thing(f"o{k}", cls, (x, 40.0, x + 10.0, 50.0), {"confidence": confidence, "length": x})
        for k, (cls, x, confidence) in enumerate(things)
    ]
    return Picture("p", 100.0, 100.0, tuple(made))


def judged(rule: str, of: Picture, doubtful: bool = True) -> values.Truth:
    """The truth of one rule body."""
    doubt = "doubtful 0.3 .. 0.6\n" if doubtful else ""
    program = compiled(f"spec t\n{doubt}object bolt, nut\nobject cap: at most 1\nrule r: {rule}\n")
    found = judge_image(program, of)["r"]
    if doubtful and found is not None:
        assert judge_worlds(program, of)["r"] == {found}
    return found


TWO = picture(("bolt", 0.0, SURE), ("bolt", 30.0, SURE))
OPEN = picture(("bolt", 0.0, SURE), ("bolt", 30.0, MAYBE))
NONE = picture()


@pytest.mark.parametrize(
    ("rule", "of", "truth"),
    [
        ("count(bolt) = 2", TWO, True),
        ("count(bolt) = 2", OPEN, None),
        ("count(bolt) in 1 .. 2", OPEN, True),
        ("count(bolt) >= 3", OPEN, False),
        ("no nut", TWO, True),
        ("every nut: x > 50 px", NONE, True),
        ("some bolt", OPEN, True),
        ("sum(length of nut) = 0 px within 0 px", NONE, True),
        ("min(length of nut) > 0 px", NONE, None),
        ("max(length of bolt) <= 30 px", OPEN, True),
        ("mean(length of bolt) in 0 .. 15 px", OPEN, True),
        ("mean(length of bolt) > 15 px", OPEN, False),
        ("if some cap then cap.x > 0 px", NONE, True),
        ("cap.x > 0 px", NONE, None),
        ("first(bolt by x).x < 10 px", OPEN, True),
        ("last(bolt by x).x < 10 px", OPEN, None),
        ("[class of bolt by x] = [bolt, bolt, bolt]", OPEN, False),
        ("[class of bolt by x] = [bolt]", OPEN, None),
        ("every bolt a next b by x: dx(a, b) = 30 px within 1 px", TWO, True),
        ("every bolt a next b by x: dx(a, b) = 30 px within 1 px", OPEN, None),
        ("every bolt a: no other bolt touches a", TWO, True),
        ("every bolt: x < 50 % and y in 40 .. 50 %", TWO, True),
        ("1 / count(nut) > 0", NONE, None),
        ("count(bolt) = match count(nut) { 0 -> 2, else -> 7 }", TWO, True),
        ("count(bolt) = match count(nut) { 1 -> 2 }", TWO, None),
    ],
)
def test_reference_sentences(rule: str, of: Picture, truth: values.Truth) -> None:
    assert judged(rule, of) is truth


def test_two_numbers_closer_than_a_billionth_are_equal() -> None:
    a, b = 1.0, 1.0 + 1e-10
    assert values.at_most(b, a)
    assert not values.less(a, b)
    assert values.less(1.0, 1.0 + 1e-8)


def test_a_divisor_that_may_be_zero_is_undefined() -> None:
    assert values.arithmetic("/", Num(1, 1), Num(-1, 1)) == Undefined("division by zero")
    assert values.arithmetic("/", Num(1, 2), Num(-2, -1)) == Num(-2, -0.5)


@pytest.mark.parametrize(
    ("gap", "period", "apart"),
    [
        (Num(170, 170), 180, Num(10, 10)),
        (Num(350, 350), 360, Num(10, 10)),
        (Num(80, 100), 180, Num(80, 90)),
        (Num(-10, 200), 180, Num(0, 90)),
    ],
)
def test_axes_and_directions_come_round(gap: Num, period: float, apart: Num) -> None:
    assert values.turned_by(gap, period) == apart


def test_labels_go_by_direction_and_member() -> None:
    text = "object bolt\nrule r: every bolt: length in 10 .. 20 px low short high long defect odd\n"
    assert labels_of(compiled("spec t\n" + text), TWO) == {"r": {"short", "long"}}


def test_the_first_open_cell_is_the_one_higher_up() -> None:
    text = """spec t
object tray: at most 1
region up = circle(10 %, 10 %, 30 px) | ring(50 %, 50 %, 10 px, tray.width)
region down = circle(50 %, 50 %, 30 px) | ring(50 %, 50 %, 10 px, tray.width)
grid upper = 2 columns of up
grid lower = 2 columns of down
rule r: every upper u: u.lightness >= 0 %
rule s: every lower u: u.lightness >= 0 %
"""
    why = reasons_of(compiled(text), NONE)
    assert [why[r][1] for r in "rs"] == ["no pixels", "no frame"]  # a place that nobody knows stands at 0


def test_greys_are_neutral() -> None:
    for shade in range(256):
        assert shapes.lab_of_hex(f"#{shade:02x}{shade:02x}{shade:02x}")[1:] == (0.0, 0.0)


def test_colour_difference_is_that_of_another_implementation() -> None:
    labs = [(L, a, b) for L in (5.0, 50.0, 95.0) for a in (-60.0, 0.0, 3.0, 80.0) for b in (-80.0, -1.0, 0.0, 60.0)]
    for one in labs:
        for two in labs:
            assert math.isclose(shapes.difference(one, two), float(deltaE_ciede2000(one, two)), abs_tol=1e-6)
