"""Every builtin and every kind of node has words, and they are the ones that a sentence uses."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from logidsl import ir
from logidsl.describe import describe
from logidsl.describe.nodes import written
from logidsl.diagnostics import SpecError
from logidsl.library import REGISTRY, Builtin, Group
from logidsl.pipeline import compile_spec
from logidsl.source import Source

PRELUDE = """
color red = "#a82a24" within 18
object bolt, nut
object left_end: 1
object right_end: 1
grid cell = 2 rows, 3 columns
region left_half = box(0 %, 0 %, 50 %, 100 %)
region top = box(0 %, 0 %, 100 %, 50 %)
layout seats "seats.csv" of turned(left_end)
"""
# what the example of a declaration does not show
SHOWN = {
    ("aggregate", "count"): "rule it_is: count(bolt) = count(nut)",
    ("aggregate", "pass_rate"): "batch lot\nrule it_is over lot: pass_rate(count(bolt) = 2) >= 99 %",
    ("function", "upright"): "region place = box(0 %, 0 %, 50 %, 50 %) of upright(left_end)",
    ("function", "turned"): "region place = box(0 %, 0 %, 50 %, 50 %) of turned(left_end, right_end)",
}


def compiled(text: str) -> ir.Program:
    return compile_spec(Source("<spec>", text), layouts=False)


def said(text: str) -> list[str]:
    """The sentences of a spec, all of them worded."""
    program = compiled(text)
    assert written(program).unworded == []
    return [s.sentence for s in describe(program)]


def sentence(rule: str, prelude: str = PRELUDE) -> str:
    """What a rule is said as, without its name."""
    return said(f"{prelude}\nrule it_is: {rule}")[-1].removesuffix(" (rule it_is).")


def shown(group: Group, entry: Builtin) -> str:
    """A spec that uses a builtin."""
    example = entry.example
    match group:
        case "attribute" if entry.of == ("pixels",):
            return f"blobs part where {entry.name} {'= 5 deg within 3 deg' if entry.name == 'hue' else '>= 10 %'}"
        case "attribute" if entry.of == ("cells",):
            return f"{PRELUDE}rule it_is: every cell: {entry.name} = 1"
        case "attribute":
            return f"{PRELUDE}let measured = left_end.{entry.name}"
        case "pixel":
            return f"blobs part where {example}"
        case "step":
            return f"blobs part where lightness >= 10 % then {example}"
        case "source":
            return example
        case "relation" if example.startswith("bolt"):
            return f"{PRELUDE}rule it_is: count({example}) = 1"
        case _:
            return PRELUDE + SHOWN.get((group, entry.name), f"rule it_is: {example}")


def pieces(english: str) -> list[str]:
    """The fixed words of a declaration, without what may be left out; of a verb any form will do."""
    whole = re.sub(r"<[^<>]*>", "", english)
    fixed = [re.escape(p.strip()) for p in re.split(r"\[[^\]]*\]|\{[*\w]+\}", whole) if p.strip(" (),")]
    verb = re.search(r"\[([^\]]*)\]", whole)
    return fixed if verb is None else [*fixed, "|".join(re.escape(v) for v in verb[1].split("|") if v)]


@pytest.mark.parametrize("key", sorted(REGISTRY), ids=" ".join)
def test_every_builtin_is_worded(key: tuple[Group, str]) -> None:
    entry = REGISTRY[key]
    assert entry.english, f"give `{entry.name}` its `english`: see logidsl/library/declare.py"
    if entry.result == "truth":
        assert re.search(r"\[[^|\]]+\|[^|\]]+(\|[^|\]]*)?\]", entry.english), "a truth needs its verb"
    text = shown(*key[:1], entry)
    try:
        found = " ".join(said(text))
    except SpecError as error:
        raise AssertionError(f"the example does not compile:\n{text}\n{error}") from None
    for piece in pieces(entry.english):
        assert re.search(piece, found, re.IGNORECASE), (piece, found)


def test_a_builtin_without_words_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    monkeypatch.setitem(REGISTRY, ("function", "dx"), replace(REGISTRY["function", "dx"], english=""))
    program = compiled(f"{PRELUDE}rule r: dx(left_end, right_end) < 5 px")
    assert written(program).unworded == ["dx"]


# a rule and how it is said; together they hold every kind of node and every operator
RULES = [
    ("left_end.width < 3 px", "The width of the left_end must be less than 3 px"),
    ("left_end.width <= 3 px", "The width of the left_end must be at most 3 px"),
    ("left_end.width > 3 px", "The width of the left_end must be more than 3 px"),
    ("left_end.width >= 50 %", "The width of the left_end must be at least 50 % of the picture's width"),
    ("left_end.area <= 5 %", "The area of the left_end must be at most 5 % of the picture's area"),
    ("left_end.class = bolt", "The class of the left_end must be bolt"),
    ("left_end.class != bolt", "The class of the left_end must differ from bolt"),
    ("not left_end.class = bolt", "The class of the left_end must not be bolt"),
    ("left_end.class in [bolt, nut]", "The class of the left_end must be one of bolt or nut"),
    ("left_end.width in 3 .. 5 px", "The width of the left_end must be from 3 px to 5 px"),
    ("left_end.width = 3 px within 1 px", "The width of the left_end must be within 1 px of 3 px"),
    ("left_end.width != 3 px within 1 px", "The width of the left_end must not be within 1 px of 3 px"),
    ("left_end.color = red within 5", "The colour of the left_end must be within a colour difference of 5 from red"),
    (
        "2 px < left_end.width <= 5 px",
        "The width of the left_end must be more than 2 px and at most 5 px",
    ),
    (
        "1 px < left_end.width < right_end.width < 9 px",
        "1 px must be less than the width of the left_end, which must be less than the width of the right_end, "
        "which must be less than 9 px",
    ),
    (
        "left_end.width + 2 * right_end.width - 1 px < 9 px",
        "(the width of the left_end plus (2 times the width of the right_end)) minus 1 px must be less than 9 px",
    ),
    ("dx(left_end, right_end) > -5 px", "The step in x from the left_end to the right_end must be more than -5 px"),
    ("-left_end.width < 1 px", "Minus the width of the left_end must be less than 1 px"),
    ("count(nut) = 2", "There must be exactly 2 nuts"),
    ("count(nut) = 1", "There must be exactly 1 nut"),
    ("count(nut) != 2", "The number of nuts must differ from 2"),
    ("count(nut) in 1 .. 3", "There must be from 1 to 3 nuts"),
    ("count(nut) = count(bolt)", "The number of nuts must be equal to the number of bolts"),
    ("count(bolt | nut) >= 3", "There must be at least 3 bolts and nuts"),
    ("some nut", "There must be some nut"),
    ("no nut where width > 3 px", "There must be no nut whose width is more than 3 px"),
    ("every nut: width < 3 px", "The width of every nut must be less than 3 px"),
    ("every nut: inside left_end", "Every nut must be inside the left_end"),
    ("every nut: inside cell", "Every nut must be inside some cell"),
    ("every nut: not inside cell", "Every nut must not be inside any cell"),
    ("every nut: outside cell", "Every nut must be outside every cell"),
    (
        "every nut: inside (cell where row = 1)",
        "Every nut must be inside some (cell whose row is equal to 1)",
    ),
    ("every cell c: count(nut inside c) = 1", "For every cell c, there must be exactly 1 nut inside c"),
    (
        "every bolt: no other bolt touches left_end",
        "For every bolt A, there must be no bolt other than A and touching the left_end",
    ),
    (
        "every bolt a: every nut: width < a.width",
        "For every bolt a, the width of every nut must be less than the width of a",
    ),
    (
        "every bolt: some nut where width > 1 px",
        "For every bolt, there must be some nut whose width is more than 1 px",
    ),
    (
        "every bolt a next b by x: dx(a, b) <= 9 px",
        "For every a and the next one b of the bolts in order of x, the step in x from a to b must be at most 9 px",
    ),
    (
        "every bolt a next b by -x: b.width < a.width",
        "For every a and the next one b of the bolts in descending order of x, "
        "the width of b must be less than the width of a",
    ),
    (
        "every bolt a next b by direction(left_end, center): b.width < a.width",
        "For every a and the next one b of the bolts in order of (the direction from the left_end to the centre of a) "
        "all the way round, the last followed by the first, the width of b must be less than the width of a",
    ),
    (
        "every bolt: angle in 80 .. -80 deg",
        "The angle of every bolt must be from 80 deg round to -80 deg",
    ),
    (
        "max(steps(bolt by direction(left_end, center))) <= 40 deg",
        "The greatest value of (the steps from each of the bolts to the next in order of (the direction from the "
        "left_end to its centre) all the way round, the last followed by the first) must be at most 40 deg",
    ),
    (
        "max(steps(bolt by arc(direction(left_end, center), 90 deg))) <= 40 deg",
        "The greatest value of (the steps from each of the bolts to the next in order of (the angle from 90 deg on to "
        "(the direction from the left_end to its centre))) must be at most 40 deg",
    ),
    (
        "count(bolt where x > 1 px and touches left_end) = 2",
        "There must be exactly 2 bolts whose x is more than 1 px and that touch the left_end",
    ),
    (
        "count(bolt where x > 1 px or touches left_end) = 1",
        "There must be exactly 1 bolt whose x is more than 1 px or that touches the left_end",
    ),
    (
        "count((bolt where x > 1 px) | nut) = 2",
        "There must be exactly 2 (bolts and nuts) for which "
        "(either (it is among the bolts and its x is more than 1 px) or it is among the nuts)",
    ),
    ("max(width of bolt) < 9 px", "The greatest width of all bolts must be less than 9 px"),
    (
        "max(width * height of bolt) < 9 px2",
        "The greatest (its width times its height) of all bolts must be less than 9 px2",
    ),
    ("max([1, 2]) < 9", "The greatest value of [1, 2] must be less than 9"),
    (
        "[class of bolt | nut by x] = [bolt, nut]",
        "The list of the class of all bolts and nuts in order of x must be equal to [bolt, nut]",
    ),
    (
        "count(nut) = match count(bolt) { 0 -> 1, 2 .. 3 -> 2, else -> 3 }",
        "The number of nuts must be equal to what follows from the number of bolts (0: 1; 2 to 3: 2; anything else: 3)",
    ),
    (
        "left_end.width < (if some nut then 3 px else 5 px)",
        "The width of the left_end must be less than (3 px if there is some nut, otherwise 5 px)",
    ),
    ("if some nut then no bolt", "If there is some nut, then there must be no bolt"),
    (
        "if some nut then (no bolt) else (some bolt)",
        "If there is some nut, then there must be no bolt, otherwise there must be some bolt",
    ),
    (
        "some nut and (some bolt or no bolt)",
        "All of this must hold (rule it_is):\n- there must be some nut;\n"
        "- either there must be some bolt or there must be no bolt.",
    ),
    (
        "(some nut and some bolt) or no bolt",
        "At least one of these must hold (rule it_is):\n- there must be some nut and there must be some bolt;\n"
        "- there must be no bolt.",
    ),
    (
        "not (some nut and some bolt)",
        "It must not be true that (there is some nut and there is some bolt)",
    ),
    (
        "last(bolt by x) = largest(bolt)",
        "The last of the bolts in order of x must be the same object as the largest of the bolts",
    ),
    (
        "first(bolt by x) != smallest(bolt)",
        "The first of the bolts in order of x must be other than the smallest of the bolts",
    ),
    (
        "circle(50 %, 50 %, 10 %) contains left_end",
        "The circle of radius 10 % of the picture's shorter side round "
        "(50 % of the picture's width, 50 % of the picture's height) must contain the left_end",
    ),
    (
        "left_end inside box(0 %, 0 %, 50 %, 50 %)",
        "The left_end must be inside the box from (0 %, 0 %) to (50 %, 50 %) of the picture",
    ),
    (
        "every left_half | top p: some nut inside p",
        "For every region (left_half or top) p, there must be some nut inside p",
    ),
]


@pytest.mark.parametrize(("rule", "expected"), RULES, ids=[r for r, _ in RULES])
def test_a_rule_in_words(rule: str, expected: str) -> None:
    assert sentence(rule) == expected


def test_the_rules_hold_every_kind_of_node() -> None:
    kinds = {cls.kind for cls in get_args(ir.Node)}
    found: set[str] = set()
    for rule, _ in RULES:
        found |= {n.kind for n in compiled(f"{PRELUDE}rule r: {rule}").nodes}
    assert found == kinds


def test_a_name_in_a_label_is_said_in_the_rule() -> None:
    text = "attribute kind of bolt: a | b\nobject bolt\nrule r: every bolt: width < 3 px"
    text += " defect match kind { a -> x, else -> y }"
    assert said(text)[-1] == (
        "The width of every bolt must be less than 3 px (rule r). "
        'A violation is named by the kind of that bolt (a: "x"; anything else: "y").'
    )


def test_outcomes() -> None:
    head = 'object nut: 2 low few high many\nrule r "nuts lie flat" as position: every nut: height < 2 px\n'
    tail = 'high tall severity major verdict review message "as {image.width}"'
    *_, counted, rule = said(head + tail)
    assert counted == "There must be exactly 2 nuts (object nut). Too few is called few, too many is called many."
    assert rule == (
        'The height of every nut must be less than 2 px (rule r, position: "nuts lie flat"). Too high is called tall. '
        "Its severity is major. A violation asks for review and does not reject the picture. "
        'The message is "as {image.width}".'
    )


def test_declarations() -> None:
    text = """
spec tray "All of it"
scale 10 px = 1 mm
frame turned(plate)
doubtful 0.3 .. 0.6 of nut
color red = "#a82a24" within 18.5
attribute kind "type" of nut: hex | square
attribute turned_by: turn
attribute teeth of nut: count
param play = 1.5 mm in 1 .. 2 mm
object nut "hex nut" | "nut_2" where kind = hex
object plate: at most 1
keep best of nut where overlap > 62.5 %
object near_nut = nut near plate within play by x
grid slot = rows at [10 px, 20 px], columns at [5 px] of (near_nut where width > 1 px)
region rim = ring(5 mm, 5 mm, 1 mm, 2 mm)
let shifted = plate.x + play
"""
    assert said(text)[:-1] == [
        "tray: All of it.",
        "A pixel is 0.1 mm wide and high.",
        "Places, axes, angles and shares are those of the frame turned with the plate.",
        "Detections of nuts with a confidence from 0.3 up to, not including, 0.6 are doubtful; "
        "those below 0.3 do not count.",
        "red is the colour #a82a24, out to a difference of 18.5 (CIEDE2000).",
        'The kind of nuts, which the source calls "type" is one of the labels hex or square.',
        "The turned_by of objects is a turn.",
        "The teeth of nuts is a count.",
        'Of the objects of the class nut, which the source calls "hex nut" or "nut_2", only those count '
        "whose kind is hex.",
        "plate is a class of objects. It stands for one object.",
        "Of two nuts that overlap by more than 62.5 % only the better one is kept.",
        "play is 1.5 mm, and may be set from 1 mm to 2 mm.",
        "Any nut at most play (1.5 mm) away from the plate counts as near_nut.",
        "The slots are a grid of rows with borders at y 10 px and 20 px by columns with a border at x 5 px "
        "over each near_nut whose width is more than 1 px: 6 cells each.",
        "rim is the ring between the radii 1 mm and 2 mm round (5 mm, 5 mm).",
        "shifted is the x of the plate plus play (1.5 mm).",
    ]  # fmt: skip


def test_pixels_become_objects() -> None:
    text = "blobs part where (hue in 20 .. 60 deg and saturation >= 60 %) then open(2 px) then fill()"
    assert said(text) == [
        "Patches of pixels whose hue is from 20 deg to 60 deg and whose saturation is at least 60 %, opened by 2 px, "
        "then with holes filled, count as part."
    ]


def test_variants_and_tests() -> None:
    text = """
object cap: at most 1
object pill
variant child when some cap { rule few: count(pill) < 3 }
variant adult otherwise { rule many: count(pill) >= 3 }
test "a cap" on 100 px by 50 px
    put cap box(1 px, 2 px, 3 px, 4 px) with color = "#ffffff" expect pass few, many expect defect cap
test "seen" on "a.png" expect review
"""
    assert said(text)[3:] == [
        "In the variant child, there must be fewer than 3 pills (rule few).",
        "In the variant adult, there must be at least 3 pills (rule many).",
        "The variant child applies when there is some cap. It brings the rules few.",
        "Where none of the variants applies, or more than one, the picture goes to review.",
        "The variant adult applies when no other variant does. It brings the rules many.",
        'Test "a cap": on an empty picture of 100 px by 50 px with one cap (from (1 px, 2 px) to (3 px, 4 px); '
        'colour "#ffffff"): pass of each of the rules few and many is expected; the defect cap is expected.',
        'Test "seen": on "a.png": review is expected.',
    ]


def test_values_from_outside_are_said_in_the_declared_unit() -> None:
    text = 'scale 1 px = 0.1 mm\nparam play = 2 mm\nparam tag = "x"\nobject nut\nrule r: every nut: width < play'
    program = compile_spec(Source("<spec>", text), {"play": "35 px", "tag": "y"})
    words = [s.sentence for s in describe(program)]
    rule = "The width of every nut must be less than play (3.5 mm) (rule r)."
    assert words[2:] == ["play is 3.5 mm.", 'tag is "y".', rule]


def test_a_scale_by_an_object_is_said_with_each_length() -> None:
    text = "scale bolt.length = 20 mm\nobject bolt: 1\nobject nut\nrule r: every nut: width < 8 mm\n"
    text += "rule s: every nut: area < 4 mm2"
    assert said(text)[-2:] == [
        "The width of every nut must be less than 8 mm (0.4 times the length of the bolt) (rule r).",
        "The area of every nut must be less than 4 mm2 (0.01 times the square of the length of the bolt) (rule s).",
    ]


def test_a_camera_is_said() -> None:
    from logidsl.describe.statements import seen

    camera = ir.Camera(width=640, height=480, matrix=(1.0,) * 9)
    book = written(compiled("scale 1 px = 0.5 mm").replaced(camera=camera))
    assert [s.sentence for s in seen(book)][1] == (
        "The camera is calibrated for pictures of 640 px by 480 px, its lens included."
    )


def test_deep_conditions_are_said_without_recursion() -> None:
    from tests.describe.deep import nested_program

    assert describe(nested_program(3_000))[-1].sentence.startswith("It must not be true that ")
