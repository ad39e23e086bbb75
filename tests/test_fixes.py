"""Every fix line is followed to the letter: of what comes of it the mistake is gone."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator

import pytest

from logidsl.check import batch_errors, check, errors, number_errors, source_errors, word_errors
from logidsl.diagnostics import Bag, Diagnostic, SpecError, catalogue
from logidsl.editor.fixes import followed
from logidsl.layouts import with_places
from logidsl.lint import lint, warnings
from logidsl.source import Source
from logidsl.syntax.parse import read_source
from logidsl.syntax.read import read
from tests.syntax.test_diagnostics import MISTAKES

#: What an example leaves out: declarations, and files beside the spec.
OPEN = {"E101", "E150", "E152", "E195"}
CATALOGUE = {f"{code}": entry.wrong for code, entry in catalogue().items() if entry.wrong}
ZONES = "object gear\nregion a = box(0 px, 0 px, 9 px, 9 px)\nregion b = box(9 px, 0 px, 20 px, 9 px)\n"
#: More ways into the checker's messages than the catalogue has examples for.
FURTHER = [
    'object bolt = "Hex bolt"',
    "object gear: 1 verdict fail",
    "batch lot order by day",
    "object nut\nitem by serial\nrule r over item: count(nut) = 2",
    "object nut\nitem unit by serial\nrule r over unit: count(nut) = 2",
    'batch lot by and\nbatch day by "day"\nobject nut\nrule r over day: count(nut) = 2',
    "batch lot by day ordered by every",
    "batch lot\nview a of lot by not = 1",
    'batch lot by file "{}/"',
    'batch lot by path "a"',
    'batch lot\nview a of lot by path "{}_a"',
    "batch lot\nview a of lot by camera",
    'batch lot\nview a of lot by path "a_*" = "A"',
    "batch lot\nobject nut\nrule r over lots: count(nut) = 2",
    "object nut\nrule r over lot: count(nut) = 2",
    "batch lot\nobject nut\nrule r over last(lot): count(nut) = 2",
    'batch lot\nview side of lot by camera = "A"\nobject nut\nrule r over lot: count(nut on sid) = 2',
    "batch lot\nobject nut\nrule r over lot: count(nut on side) = 2",
    "batch lot\nobject nut\nrule r over lot: every nut: width > 3 px",
    "batch lot\nobject nut: 1\nrule r over lot: nut.width > 3 px",
    "batch lot\nobject nut: 1\nrule r over lot: nut.text = nut.text",
    "batch lot\nobject nut\nrule r over lot: paired(nut, nut, 3 px)",
    "batch lot\nobject nut\nrule r over lot: clusters(nut) = 3",
    'batch lot\nview side of lot by camera = "A"\nobject nut\nrule r: count(nut on side) = 2',
    "batch lot\nobject nut: 1\nrule r: pass_rate(nut) >= 90 %",
    "batch lot\nobject nut\nrule two: count(nut) = 2\nrule r over lot: pass_rate(tw) >= 90 %",
    "batch lot\nobject nut\nvariant a when count(nut) = 2 { rule r over lot: count(nut) = 2 }",
    "object gear: 1 verdict pass",
    "object tray: 1\ngrid cell = 2 columns of tray\nrule r: rank(tray, cell by x) = 1",
    "param limit in 3 .. 5 px\nobject gear\nrule r: every gear: width < limit",
    "object gear\nrule r: every gear: torque > 20",
    "object gear\nrule r: every gear: torque in 20 .. 30 px2",
    "object gear\nrule r: every gear g: g.torque < 3 deg",
    'object gear\nrule r: every gear: torque = "M4"',
    "object gear\nrule r: every gear: torque = hex",
    "object gear\nrule r: every gear: torque not in 2 .. 5 px",
    "object gear\nrule r: every gear: width < limit",
    "object gear\nrule r: count(gear) = wanted",
    "object gear\nrule r: every gear: angle < steep",
    "rule r: pedestal.width < 3 px",
    "object gear\nrule r: every gear: inside pedestal",
    'object cap: 1\ncolor red = "#8c2a1e"\nrule r: cap.color = turquoise',
    'object cap: 1\nattribute grade of cap: "" | good',
    "object cap: 1\nattribute grade of cap: unknown | good",
    "object ring: 1",
    "object ring: 1\nrule r: ring.width > 3 px and count(ring) = 1",
    "object frame: 1\nrule r: frame.width > 3 px",
    "object gear, ring\nrule r: count(ring) = 1",
    'object ring "O-ring": 1',
    "object image",
    "object gear\nobject ring = gear where width > 3 px",
    "let ring = 3",
    "region row = box(0 px, 0 px, 5 px, 5 px)",
    "object plate\nattribute plate: number",
    "attribute text of rating: text",
    "attribute angle of gear: number",
    'attribute angle "tilt" of gear: number',
    "attribute class: a | b",
    "object gear\nrule r: every gear width: width.x > 3 px",
    "object gear\nlet g = gear\nrule r: g.width > 3 px",
    "object gear, nut\nrule r: every gear g: distance(g, other gear) > 3 px",
    "object gear\nrule r: gear inside image",
    "object gear, nut\nrule r: gear near nut within 5 px",
    "object gear\nrule r: width > 3 px and count(gear) = 2",
    "object gear\nrule r: inside image",
    "object gear\nrule r: every gear: angle > 3",
    "object gear\nrule r: every gear: area > 3",
    "object gear\nrule r: every gear: 3 < length",
    "scale 1 px = 0.1 mm\nobject gear\nrule r: every gear: length > 3",
    "object gear\nrule r: count(gear) > 5 %",
    "object gear\nrule r: count(gear) > 5 % - 3 %",
    "object gear\nrule r: every gear: length > 5 % + 3 %",
    "object gear\nrule r: every gear: angle < 5 %",
    "object a: 1\nobject b: 1\nlet most = 10 %\nrule r: difference(a.color, b.color) < most",
    "object a: 1\nobject b: 1\nrule r: a.color = b.color",
    "object a: 1\nobject b: 1\nrule r: a.color in [b.color]",
    "object a: 1\nobject b: 1\nrule r: a.center = b.center",
    "object a: 1\nrule r: a.width in [3 px, 5 px]",
    "object a: 1\nattribute size of a: number\nrule r: a.size = 3",
    "object a: 1\nattribute size of a: number\nrule r: a.holes = match a.size { 1 -> 2, else -> 3 }",
    "object a: 1\nrule r: a.holes = match a.width { 5.25 px -> 2, else -> 3 }",
    "object gear\nrule r: every gear a next b: dx(a, b) > 3 px",
    "object gear\nrule r: increasing(width of gear)",
    "object gear\nrule r: rank(image.center, gear) = 1",
    "object gear\nrule r: max(steps(gear by y, x)) <= 3 px",
    "object gear\nattribute kind of gear: hex | square\nrule r: [kind of gear by level(y, 12 px), x] = [hex, square]",
    "object gear\nrule r: same(color of gear)",
    "object gear\nattribute kind of gear: hex | square\nrule r: same(kind of gear, 3 px)",
    "object gear: 2-3",
    "object gear: 3-2",
    "object gear\nrule r: count(gear) = 5-3",
    "object gear\nrule r: count(gear) != 2-3",
    "object gear: 1\nrule r: gear.width in 2-3 px",
    "object gear\nrule r: every gear: width in 5 .. 2 px",
    "object gear\nrule r: every gear: width in 5 .. 2px",
    "object gear, nut\nrule r: count(nut) = count(gear) / 2",
    "object tag: 1\nrule r: date_of(tag.text) >= today",
    "object gear\nkeep best of gear by x",
    'object gear = detect("gears.onnx") where width > 3 px by x',
    "blobs part where lightness > 50 % then opn(2 px)\nobject gear = part",
    "scale 1 px = 0 mm\nobject gear\nrule r: every gear: length > 3 mm",
    "scale 250 px = 20 mm by 21 mm\nobject gear\n"
    'test "t" on 100 px by 100 px put gear box(0 px, 0 px, 9 px, 9 px) with length = 3 mm expect pass',
    "object gear, nut\nrule r: every gear g: gap(g, nut) > 3 px",
    "object gear\nrule r: every gear g: angle_between(g, other gear) < 3 deg",
    "object gear, nut\nrule r: every gear g: g above nut",
    "object gear, nut\nrule r: count(gear left_of nut) = 2",
    "object gear, nut\nrule r: every gear: below nut",
    "object gear\nrule r: count(gear) = 2 or 3",
    "object gear, nut\nrule r: count(gear or nut) = 2",
    "object gear\nrule r: average(width of gear) > 3 px",
    "object gear\nattribute grade of gear: text\nrule r: every gear: grade = A1",
    "object gear\nobject nut: 1\nrule r: gap(gear by x, nut) > 3 px",
    "object gear, nut\nrule r: every gear g: some (gear and nut) where below g",
    "object gear\nattribute kind of gear: hex | square | round\nrule r: every gear: kind != hex or square",
    'object cap: 1\ncolor red = "#ff0000"\ncolor blue = "#0000ff"\nrule r: cap.color = red or blue',
    'object tag: 1\nrule r: tag.text contains "a+b"',
    "object a: 1\nobject b: 1\nrule r: 3 px < a.width > 5 px < b.width",
    "object gear\nrule r: every gear: is inside image",
    "object gear\nrule r: count(gear) = three",
    "object gear, nut\nrule r: count(gear, nut) = 3",
    "object gear, nut\nrule r: count(gear + nut) = 3",
    f"{ZONES}rule r: every gear: inside a or b",
    f"{ZONES}rule r: every gear: outside a or b",
    f"{ZONES}rule r: every gear: outside a and b",
    f"{ZONES}rule r: count(gear inside a or b) = 2",
    "object gear\nattribute kind of gear: hex | square | round\nrule r: every gear: kind != hex and square",
    'object cap: 1\ncolor red = "#ff0000"\nrule r: cap = red',
    'object cap: 1\ncolor red = "#ff0000"\nrule r: cap.color = "red"',
    "object cap: at most 1\nobject gear\nrule r: if cap then count(gear) = 2",
    "object gear\nattribute torque of gear: number\nrule r: every gear: torque = 8 within 5 %",
    "object gear\nrule r: every gear: width / height = 2 within 10 %",
    "object gear\nrule r: count(gear) = 2 | 3",
    "object gear\nrule r: max(gear.width) < 5 px",
    "object gear\nrule r: every gear: width = 3 px within 2",
    "object gear\nrule r: every gear: width = 20 px +- 1 px",
    "object gear: 1\nobject plate: 1\nrule r: gear in plate",
    "object gear\nattribute torque of gear: float\nrule r: every gear: torque > 3",
    "object gear\nrule r: count(gear) = 2 -- two of them",
    "scale 1 mm = 10 px\nobject gear: 1",
    "object gear\nregion a = box(0, 0, 50, 9 px)\nrule r: every gear: inside a",
    "object cap: 1\nattribute kind of cap: a | b\nobject pin\nrule r: count(pin) = match cap.kind { a -> 2, _ -> 3 }",
]


def said_of(text: str, code: str, syntax_alone: bool = False) -> list[Diagnostic]:
    """The mistakes of a text, or the warnings with a code."""
    source = Source("t.yaml" if "E050" <= code < "E061" else "t.logic", text)
    file, bag = read(source)
    if syntax_alone and not bag.ok:
        return bag.errors
    program = check(file, bag, {})
    if code == "all":
        return bag.errors
    if code.startswith("W"):
        assert program is not None
        return [d for d in lint(program, file, read_source, advice=True) if d.code == code]
    return [d for d in bag.errors if d.code not in OPEN - {code}]


def follow(text: str, code: str, syntax_alone: bool = False) -> None:
    before = said_of(text, code, syntax_alone)
    for found in before:
        for what, texts in followed(text, found).items():
            assert _gone(texts, code, found, len(before), syntax_alone), f"{text!r}: {found.fix}: {what}"


def _gone(texts: Iterator[str], code: str, found: Diagnostic, before: int, syntax_alone: bool) -> bool:
    for text in texts:
        try:
            said = said_of(text, code, syntax_alone)
            declared = _is_gone(said, found) and len(said) <= before and "declare" in (found.fix or "")
            if len(said) < before or declared:
                return True
        except AssertionError:
            continue
    return False


def _is_gone(said: list[Diagnostic], found: Diagnostic) -> bool:
    """Whether a mistake is gone: what is now declared may turn out to be of the wrong type."""
    return all((d.code, d.message) != (found.code, found.message) for d in said)


@pytest.mark.parametrize("code", CATALOGUE)
def test_the_fix_of_the_wrong_example(code: str) -> None:
    assert said_of(CATALOGUE[code], code) or code in OPEN | {"E003"}
    follow(CATALOGUE[code], code, code < "E050")


@pytest.mark.parametrize("text", FURTHER)
def test_the_fix_of_a_further_example(text: str) -> None:
    assert any(found.fix for found in said_of(text, "all"))
    follow(text, "all")


WARNED = [
    ("W014", "object nut\nrule r: count(nut) = 2 defect match count(nut) { 0 -> missing, 1 -> too_few }"),
    ("W014", "object a: 1\nrule r: a.holes = match a.width { 0 .. 5 px -> 1, 7 .. 9 px -> 2 }"),
    ("W025", "object cap: at most 1\nrule r: cap.width > 3 px"),
    (
        "W023",
        'object nut: 0\ntest "t" on 9 px by 9 px expect pass\n'
        'test "t" on 9 px by 9 px put nut box(0 px, 0 px, 3 px, 3 px) expect fail',
    ),
]


@pytest.mark.parametrize(("code", "text"), WARNED)
def test_the_fix_of_a_further_warning(code: str, text: str) -> None:
    assert said_of(text, code)
    follow(text, code)


@pytest.mark.parametrize("wrong", [m[0] for m in MISTAKES])
def test_the_fix_of_a_mistake_in_syntax(wrong: str) -> None:
    (found,) = read(Source("t.logic", wrong))[1].items
    for what, texts in followed(wrong, found).items():
        assert any(read(Source("t.logic", text))[1].ok for text in texts), f"{found.fix}: {what}"


def _offering(module: object) -> set[str]:
    """The functions of a module that give a fix line."""
    found = set()
    for name, function in inspect.getmembers(module, inspect.isfunction):
        if function.__module__ == getattr(module, "__name__", ""):
            calls = (n for n in ast.walk(ast.parse(inspect.getsource(function))) if isinstance(n, ast.Call))
            given = [c for c in calls if isinstance(c.func, ast.Name) and c.func.id == "Diagnostic"]
            found |= {name for c in given if len(c.args) > 3}
    return found


def _watched(
    function: Callable[..., Diagnostic | None], of: tuple[str, str], offered: set[tuple[str, str]]
) -> Callable[..., Diagnostic | None]:
    """A function that says something, and notes when it offers a fix."""

    def say(*args: object, **more: object) -> Diagnostic | None:
        made = function(*args, **more)
        if made is not None and made.fix is not None:
            offered.add(of)
        return made

    return say


def test_every_fix_has_an_example(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever function of the checker or of `lint` offers a fix, some example above makes it do so."""
    offered: set[tuple[str, str]] = set()
    homes = {m.__name__: m for m in (errors, batch_errors, number_errors, source_errors, warnings, word_errors)}
    wanted = {(module, f) for module, home in homes.items() for f in _offering(home)}
    for module, name in wanted:
        monkeypatch.setattr(homes[module], name, _watched(getattr(homes[module], name), (module, name), offered))
    for code, text in CATALOGUE.items():
        if "E100" <= code < "E200" or code.startswith("W"):
            said_of(text, code)
    for code, text in WARNED:
        said_of(text, code)
    for text in FURTHER:
        said_of(text, "all")
    check(read(Source("t.logic", "param limit = 3 px"))[0], Bag(), {"limits": "4 px"})
    layout = Source("t.logic", CATALOGUE["E195"])
    complete = check(read(layout)[0], Bag(), {})
    assert complete is not None
    with pytest.raises(SpecError):
        with_places(complete, layout)
    assert {name for _, name in wanted - offered} == set()
