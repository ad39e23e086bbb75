"""The checker's catalogue: each code is triggered by its wrong example and by nothing in the right one."""

import re
from pathlib import Path

import pytest

from logidsl import ir
from logidsl.check import check
from logidsl.diagnostics import Bag, catalogue
from logidsl.source import Source
from logidsl.syntax.parse import parse

CHECKER = {code: entry for code, entry in catalogue().items() if "E100" <= code < "F"}
OUTSIDE = {"E128", "E195"}  # come from values and files given from outside


def compiled(text: str, params: dict[str, str] | None = None) -> tuple[ir.Program | None, Bag]:
    file, bag = parse(Source("t.logic", text))
    return check(file, bag, params or {}), bag


def codes(text: str) -> list[str]:
    return [d.code for d in compiled(text)[1].sorted()]


def test_the_catalogue_has_exactly_the_codes_that_the_checker_says(checkout: Path):
    source = "".join(
        (checkout / "logidsl/check" / f"{name}.py").read_text()
        for name in ("errors", "batch_errors", "number_errors", "source_errors")
    )
    said = set(re.findall(r'"(E\d{3})"', source))
    assert len(said) > 40
    assert said == set(CHECKER)


@pytest.mark.parametrize("code", sorted(set(CHECKER) - OUTSIDE))
def test_wrong_example_gives_the_code(code):
    assert codes(CHECKER[code].wrong) == [code]


@pytest.mark.parametrize("code", sorted(CHECKER))
def test_right_example_is_clean(code):
    program, bag = compiled(CHECKER[code].right)
    assert not bag.items, str(bag)
    assert program is not None


def test_three_separate_mistakes_are_all_reported_with_place_and_fix():
    text = """
spec tray
object pushpin
rule pins: count(pushpn) = 15
rule size: every pushpin: width > 3
rule place: every pushpin: color = redd
"""
    _, bag = compiled(text)
    found = [(d.code, d.span.line, d.span.text) for d in bag.sorted()]
    assert found == [("E101", 4, "pushpn"), ("E115", 5, "width > 3"), ("E103", 6, "redd")]
    assert all(d.fix for d in bag.items)
    shown = str(bag)
    assert "did you mean `pushpin`?" in shown
    assert "4 | rule pins: count(pushpn) = 15" in shown
    assert "^^^^^^" in shown


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("object pushpin\nrule r: count(pushpins) = 2", "pushpin"),
        ("color yellow = '#ffff00'\n".replace("'", '"') + "object a: 1\nrule r: a.color = yelow", "yellow"),
        ("object a\nrule r: every a: widht > 3 px", "width"),
        ("object a\nrule r: cuont(a) = 3", "count"),
        ("object a\nattribute kind of a: cherry | banana\nrule r: every a: kind = bananna", "banana"),
        ("object a\nrule r: every a: width > 3 pixel", "px"),
    ],
)
def test_the_nearest_right_name_is_offered(text, fix):
    _, bag = compiled(text)
    assert bag.items
    assert fix in (bag.sorted()[0].fix or "")


def test_an_attribute_may_be_a_count() -> None:
    text = "object gear: 1\nattribute teeth of gear: count\n"
    assert codes(f"{text}rule r: gear.teeth = match gear.holes {{ 1 -> 12, else -> 8 }}") == []
    assert codes(f"{text}rule r: gear.width > match gear.teeth {{ 12 -> 8 px, else -> 5 px }}") == []
    assert codes(f"{text}rule r: gear.teeth = 12 within 1") == ["E118"]
    scene = 'test "one" on 100 px by 80 px put gear box(5 px, 5 px, 20 px, 20 px) with teeth = {} expect pass'
    assert codes(text + scene.format("12")) == []
    assert codes(text + scene.format("12.5")) == codes(text + scene.format("-1")) == ["E155"]


def test_params_from_outside():
    text = "param max_gap = 5 px in 1 .. 20 px\nobject a\nrule r: every a: width <= max_gap"
    program, _ = compiled(text, {"max_gap": "12 px"})
    assert program is not None
    assert program.params[0].value == 12.0
    assert [d.code for d in compiled(text, {"max_gap": "12"})[1].items] == ["E129"]
    assert [d.code for d in compiled(text, {"max_gap": "30 px"})[1].items] == ["E129"]
    assert [d.code for d in compiled(text, {"max_gap": "a lot"})[1].items] == ["E129"]
    _, bag = compiled(text, {"gap_max": "3 px"})
    assert [d.code for d in bag.items] == ["E128"]
    assert "max_gap" in str(bag)


def test_what_an_unreadable_statement_declares_makes_no_second_mistake():
    found = codes("object bolt == 2\nrule r: count(bolt) = 2\nrule s: every bolt: width > 3 px")
    assert len(found) == 1
    assert found[0] < "E100"


def test_a_range_from_px_to_a_share_is_not_called_backwards():
    assert codes("object bolt\nrule r: every bolt: x in 10 px .. 50 %") == []
    assert codes("object bolt\nrule r: every bolt: x in 60 % .. 50 %") == ["E121"]
    assert codes("object bolt\nrule r: every bolt: x in 60 .. 50 px") == ["E121"]


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("object nut: 2-3", "write `nut: 2 .. 3`"),
        ("object nut: at least 2 - 3", "write `nut: 2 .. 3`"),
        ("object bolt\nobject nut = bolt where width > 3 px: 2-3", "write `nut: 2 .. 3`"),
        ("object nut\nrule r: count(nut) = 2-3", "write `count(nut) in 2 .. 3`"),
        ("object nut\nrule r: count(nut) != 2-3", "write `count(nut) not in 2 .. 3`"),
        ("object nut: 1\nrule r: nut.width in 2-3 px", "write `2 .. 3 px`"),
    ],
)
def test_a_hyphen_makes_no_range(text: str, fix: str) -> None:
    assert [(d.code, d.fix) for d in compiled(text)[1].items] == [("E186", fix)]


@pytest.mark.parametrize(
    ("text", "code", "fix"),
    [
        ("object lid: 1\nrule r: date_of(lid.text) >= 2026-11-30", "E198", 'write `date_of("2026-11-30")`'),
        ("object lid: 1\nrule r: date_of(lid.text) - 2026-11-30 >= 5 days", "E198", 'write `date_of("2026-11-30")`'),
        ('param today in 2026-01-01 .. date_of("2027-01-01")', "E198", 'write `date_of("2026-01-01")`'),
        ('object lid: 1\nrule r: date_of(lid.text) >= "2026-11-30"', "E115", 'write `date_of("2026-11-30")`'),
        ('object lid: 1\nrule r: lid.text < date_of("2026-11-30")', "E115", "write `date_of(lid.text)`"),
        (
            "object lid: 1\nattribute code of lid: number\nrule r: lid.code >= 4012345678901",
            "E010",
            'compare a code as a text: `"4012345678901"`',
        ),
        ('object bolt = "Hex bolt": 2', "E112", 'write `object bolt "Hex bolt"`'),
        (
            'object bolt = "Hex" | "Torx" where width > 3 px',
            "E112",
            'write `object bolt "Hex" | "Torx" where width > 3 px`',
        ),
    ],
)
def test_what_people_write_of_dates_and_names(text: str, code: str, fix: str) -> None:
    assert [(d.code, d.fix) for d in compiled(text)[1].items] == [(code, fix)]


@pytest.mark.parametrize("clause", ["every bolt a next b: b.x > a.x", "max(b.x - a.x of bolt a next b) < 9 px"])
def test_neighbours_need_an_order(clause: str) -> None:
    assert codes(f"object bolt\nrule r: {clause}") == ["E123"]


def test_a_difference_of_numbers_stays_one() -> None:
    assert codes("object nut: 3 - 2\nrule r: count(nut) = 5 - 2\nrule s: every nut: width > 2 px - 3 px") == []


@pytest.mark.parametrize(
    ("condition", "fix"),
    [
        ("difference(a.color, c.color) <= 10 %", "write `10`"),
        ("a.color = c.color within 5 % + 3 %", "write `5 + 3`"),
        ("difference(a.color, c.color) <= limit", "write a number: `12`"),
        ("count(bolt) > 5 %", "name the reference: `5 % * count(nut)`"),
        ("count(bolt) > 5 % + 3 %", "name the reference: `(5 % + 3 %) * count(nut)`"),
        ("a.length > 40 %", "name the reference: `40 % * image.width`"),
        ("a.angle > 5 %", "name the reference: `5 % * 180 deg`"),
    ],
)
def test_a_share_of_nothing_has_a_fix_that_compiles(condition: str, fix: str) -> None:
    text = "object bolt, nut\nobject a: 1\nobject c: 1\nlet limit = 10 %\nrule r: "
    (found,) = compiled(text + condition)[1].items
    assert found.fix == fix
    assert codes(text + condition.replace(found.span.text, fix.split("`")[1])) == []


def test_a_share_of_a_difference_is_one_of_another_difference() -> None:
    both = "difference(a.color, b.color)"
    rules = f"rule r: {both} <= 50 % * difference(b.color, a.color)\nrule s: {both} / {both} > 5 %"
    assert codes(f"object a: 1\nobject b: 1\n{rules}") == []


@pytest.mark.parametrize(
    ("condition", "message", "fix"),
    [
        (
            "area >= 0.05",
            "cannot compare `area`, an area, with `0.05`, a ratio",
            "give `0.05` a unit: `0.05 %`, `0.05 px2`",
        ),
        (
            "3 < length",
            "cannot compare `3`, a count, with `length`, a length",
            "give `3` a unit: `3 px`",
        ),
        ("angle < 3", "cannot compare `angle`, an angle, with `3`, a count", "give `3` a unit: `3 deg`"),
        ("length < count(part)", "cannot compare `length`, a length, with `count(part)`, a count", None),
    ],
)
def test_what_a_number_without_unit_lacks(condition: str, message: str, fix: str | None) -> None:
    (found,) = compiled(f"object part\nrule r: every part: {condition}")[1].items
    assert (found.message, found.fix) == (message, fix)


@pytest.mark.parametrize("scale", ["0 px = 0.08 mm", "1 px = 0 mm", "1 px = 1 mm by 0 mm"])
def test_a_scale_is_above_zero(scale: str) -> None:
    assert codes(f"scale {scale}\nobject bolt: 1\nrule r: bolt.length > 3 mm")[:1] == ["E176"]
