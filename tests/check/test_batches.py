"""Rules over several pictures, before anything is judged."""

import pytest

from logidsl import ir
from logidsl.describe import describe
from logidsl.pipeline import compile_spec
from logidsl.source import Source
from logidsl.syntax.format import format_file
from logidsl.syntax.read import read
from logidsl.syntax.yaml_write import to_yaml

SPEC = """
object bolt, pin, hole
object cap: 1
batch lot by lot_id ordered by taken_at
batch shift by path "lots/{}/"
batch run
batch unit by "Serial No"
view front of unit by camera = "A"
view back of unit by path "*_back.*"
view side of unit by camera = 2
rule drift "as wide" over last(lot, 50) as size: mean(length of bolt) in 19.8 .. 20.2 px    low short
rule unique over lot: distinct(text of bolt)
rule both over unit: count(pin on front) = count(hole on back where x > 3 px)
rule alike over unit: same(text of ((pin on front) | (hole on back)))
rule there over unit: count(image on front) = 1
rule steady over run: increasing(count(bolt))
rule wider over unit: increasing(cap.width on side)
rule yield over shift: pass_rate(two) >= 99 % and pass_rate(cap.width > 3 px) >= 90 %
rule two: count(bolt) = 2
"""


def program_of(text: str, path: str = "a.logic") -> ir.Program:
    return compile_spec(Source(path, text))


def test_both_forms_and_the_formatter_keep_the_meaning():
    source = Source("a.logic", SPEC)
    file, said = read(source)
    assert not said.items
    program = program_of(SPEC)
    printed = format_file(file, source)
    assert program_of(printed).hash == program.hash
    assert format_file(read(Source("a.logic", printed))[0], Source("a.logic", printed)) == printed
    assert program_of(to_yaml(file), "a.yaml").hash == program.hash
    assert ir.Program.from_json(program.to_json()).hash == program.hash


def test_they_are_apart_from_the_rules_of_each_picture():
    program = program_of(SPEC)
    assert [r.name for r in program.rules if not r.cardinality] == ["two"]
    over = [(r.name, r.over, r.last) for r in program.batch_rules]
    assert over[:2] == [("drift", "lot", 50), ("unique", "lot", None)]
    assert {b.name: (b.column, b.path, b.order) for b in program.batches} == {
        "lot": ("lot_id", None, "taken_at"),
        "run": (None, None, None),
        "shift": (None, "lots/{}/", None),
        "unit": ("Serial No", None, None),
    }
    assert {v.name: v.value or v.path for v in program.views} == {"front": "A", "back": "*_back.*", "side": "2"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("last(lot, 50)", "lot"),
        ("last(lot, 50)", "last(lot, 49)"),
        ("over run", "over shift"),
        ("by camera = 2", "by camera = 3"),
        ("ordered by taken_at", ""),
        ("lots/{}/", "lots/{}_"),
        ("count(image on front)", "count(image on back)"),
    ],
)
def test_every_word_has_a_meaning(before, after):
    assert before in SPEC
    assert program_of(SPEC.replace(before, after)).hash != program_of(SPEC).hash


def test_each_is_said_in_words():
    said = {s.name: s.sentence for s in describe(program_of(SPEC))}
    assert said["lot"] == "Pictures with the same lot_id are one lot, in the order of taken_at."
    assert said["drift"].startswith("Over the last 50 pictures of each lot, the mean length of all bolts must be")
    assert len(set(said.values())) == len(said)


def test_a_name_of_a_value_is_one_of_each_picture():
    text = "object bolt\nlet many = count(bolt)\nlet few = 3\nbatch lot\nrule a over lot: max(many) <= few"
    assert program_of(text).batch_rules
