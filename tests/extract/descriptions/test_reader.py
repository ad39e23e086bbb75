"""Descriptions in words and formulae: what they say, and what they leave open."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import logidsl
from logidsl import pipeline
from logidsl.extract.amounts import amount_of
from logidsl.extract.descriptions.formulae import parse_formulae
from logidsl.extract.descriptions.reader import EXTRACTOR, are_descriptions, table_of_descriptions
from logidsl.extract.registry import extractors, installed_extractors
from logidsl.report.model import Verdict

SPEC = """logic 1
spec facts
object citrus "orange" | "tangerine" | "mandarin orange"
object peach "nectarine" | "peach"
object granola
object nut "almond" | "nut"
attribute side "place" of citrus | peach | granola | nut: left | right
attribute tint "color" of peach: red | yellow
"""


def verdict(rule: str, said: object) -> Verdict:
    """The verdict of one rule on one description."""
    spec = logidsl.loads(f"{SPEC}rule r: {rule}\n")
    report = pipeline.report(spec.program, table_of_descriptions({"a.png": said}, spec.program, "facts"))
    assert len(report.images) == 1
    return report.images[0].verdict


@pytest.mark.parametrize(
    ("said", "rule", "expected"),
    [
        # numbers
        ("left(orange,2)", "count(citrus) = 2", "pass"),
        ("left(orange,two)", "count(citrus) = 2", "pass"),
        ("left(orange,3)", "count(citrus) = 2", "fail"),
        ("left(orange,2..3)", "count(citrus) = 2", "review"),
        ("left(orange,2..3)", "count(citrus) >= 2", "pass"),
        ("left(orange,at least 2)", "count(citrus) >= 2", "pass"),
        ("left(orange,at least 2)", "count(citrus) <= 5", "review"),
        # without a number: there, and any number of them
        ("right(almond,*)", "some nut", "pass"),
        ("right(almond,*)", "count(nut) <= 100", "review"),
        ("right(almond,*)", "count(nut) = 100", "review"),
        ("right(almond,*)", "no nut", "fail"),
        ("right(almond,0)\nleft(orange,1)", "some nut", "fail"),
        # what is not spoken of is not there
        ("left(orange,2)", "some nut", "fail"),
        # alternatives: one thing under two names, or no telling which
        ("left(orange,2) OR left(tangerine,2)", "count(citrus) = 2", "pass"),
        ("left(orange,2) OR left(tangerine,3)", "count(citrus) = 2", "review"),
        ("left(orange,1) OR left(peach,1)", "count(citrus) = 1", "review"),
        ("left(orange,1) OR left(peach,1)", "count(citrus) <= 1", "pass"),
        ("left(orange,1) AND left(peach,1)", "count(citrus) = 1 and count(peach) = 1", "pass"),
        # names: what a thing is comes last in its name
        ("left(small_orange,2)", "count(citrus) = 2", "pass"),
        ("left(Whole Tangerines,2)", "count(citrus) = 2", "pass"),
        ("right(almond_like_thing,1)", "some nut", "review"),
        ("left(mandarin_orange,2)", "count(citrus) = 2", "pass"),
        # said twice
        ("left(peach,1)\ntop(peach,1)", "count(peach) = 1", "pass"),
        ("left(orange,1)\nright(orange,1)", "count(citrus) = 2", "pass"),
        ("left(orange,1)\nleft(orange,1)", "count(citrus) = 1", "review"),
        ("in_cup(orange,1)\nin_box(orange,2)", "count(citrus) = 3", "review"),
        # places
        ("left(orange,2)", "every citrus: side = left", "pass"),
        ("right_top(granola,*)", "every granola: side = right", "pass"),
        ("left(top(peach,1))", "every peach: side = left", "pass"),
        ("right(mixture,*)\ncontains(mixture,almond,*)", "every nut: side = right", "pass"),
        ("somewhere(orange,1)", "every citrus: side = left", "review"),
        # attributes; what is not said is undetermined, not false
        ("left(peach,1)\ncolor(peach,dark_red)", "every peach: tint = red", "pass"),
        ("left(peach,1)\ncolor(peach,reddish)", "every peach: tint = red", "pass"),
        ("left(peach,1)\ncolor(peach,yellow)", "every peach: tint = red", "fail"),
        ("left(peach,1)", "every peach: tint = red", "review"),
        ("left(peach,1)\ncolor(peach,red) OR color(peach,yellow)", "every peach: tint = red", "review"),
        ("left(peach,1)\ncolor(peach,mauve)", "every peach: tint = red", "review"),
        ("left(peach,1)", "every peach: x < 100 px", "review"),
        # denials
        ("left(orange,1)\nNOT right(almond,1)", "some nut", "fail"),
        ("left(orange,1)\nnot_visible(almond,*)", "some nut", "fail"),
        ("left(orange,1)\nright(almond,*) = false", "some nut", "fail"),
        # cut short, or about something else: anything may be there as well
        ("left(orange,2)\nright(alm", "some nut", "review"),
        ("left(orange,2)\nright(alm", "count(citrus) >= 2", "pass"),
        ("left(orange,2)\nright(nut,*) OR right", "some granola", "review"),
        ("I'm sorry, I can't help with that.", "some nut", "review"),
        ("", "some nut", "review"),
        # words; formulae that are cut are made whole by the words before them
        ("There are two oranges on the left, and some almonds on the right.", "count(citrus) = 2", "pass"),
        ("There are two oranges on the left, and some almonds on the right.", "every nut: side = right", "pass"),
        ("There are two oranges, but no almonds.", "some nut", "fail"),
        ("Two oranges and possibly some almonds.", "some nut", "review"),
        ("The oranges are missing. There is one peach.", "some citrus", "fail"),
        ("- 2 oranges: one large and one small orange.\n- 1 peach", "count(citrus) = 2", "pass"),
        ("one peach (or nectarine) and two oranges (or tangerines)", "count(peach) = 1", "pass"),
        ("one peach (or nectarine) and two oranges (or tangerines)", "count(citrus) = 2", "pass"),
        ("Text: Two oranges and granola are there.\nFormulae: left(orange,2)\nright(gran", "some granola", "pass"),
        ("Text: Two oranges and granola are there.\nFormulae: left(orange,2)\nright(gran", "some nut", "fail"),
        ("Text: Two oranges and granola are there.\nFormulae: left(orange,2)", "some granola", "review"),
        # JSON
        ({"left": {"orange": 2}, "right": {"almond": "*"}}, "count(citrus) = 2", "pass"),
        ({"left": [{"name": "orange", "count": 2}]}, "every citrus: side = left", "pass"),
        ({"left": ["2 oranges", "1 peach"]}, "count(citrus) = 2 and count(peach) = 1", "pass"),
        (["left: 2 oranges", "right: granola"], "every citrus: side = left", "pass"),
        ('```json\n{"left": {"orange": 2}}\n```', "count(citrus) = 2", "pass"),
        ([], "no citrus", "pass"),
    ],
)
def test_what_a_description_says(said: object, rule: str, expected: Verdict) -> None:
    assert verdict(rule, said) == expected


@pytest.mark.parametrize("said", ["left((((((", ")" * 50, "left(" * 3000, "a(b,1" * 500, "OR AND NOT", "\0", "((a,1))"])
def test_nothing_that_a_model_writes_is_an_error(said: str) -> None:
    assert verdict("count(citrus) >= 0", said) == "pass"


def test_one_bad_description_costs_its_picture_only(tmp_path: Path) -> None:
    path = tmp_path / "facts.json"
    path.write_text(json.dumps({"a.png": "left(orange,2)", "b.png": 7, "c.png": "left(orange,1)"}), "utf-8")
    report = logidsl.loads(f"{SPEC}rule r: count(citrus) = 2\n").check(path)
    assert {i.path: i.verdict for i in report.images} == {"a.png": "pass", "c.png": "fail", "b.png": "error"}
    assert "expected a description as a text, found `7`" in str(report)


def test_notes_say_what_was_not_understood(tmp_path: Path) -> None:
    path = tmp_path / "facts.jsonl"
    rows = [{"image": "a.png", "text": "left(tray,1)\nleft(orange,2)"}, {"image": "b.png", "text": "left(orange,2"}]
    path.write_text("\n".join(json.dumps(r) for r in rows), "utf-8")
    notes = "\n".join(logidsl.loads(f"{SPEC}rule r: count(citrus) = 2\n").check(path).notes)
    assert "names that the spec does not know: `tray` (1)" in notes
    assert "mentions nothing that the spec knows (1 of them, first b.png)" in notes
    assert "`orange` read as `citrus`" not in notes  # a declared name is no guess


def test_a_count_column_is_read_from_tables() -> None:
    spec = logidsl.loads(f"{SPEC}rule two: count(citrus) = 2\nrule many: count(nut) >= 3\n")
    rows = [{"image": "a", "class": "citrus", "count": "2"}, {"image": "a", "class": "nut", "count": "several"}]
    report = spec.check(rows)
    assert [f.rule for f in report.images[0].findings] == ["many"]
    assert report.images[0].verdict == "review"
    assert "2 or more" in str(report)


@pytest.mark.parametrize("bound", ["some", "2..4", "at most 3", "?"])
def test_amounts_read_back_from_what_is_written(bound: str, tmp_path: Path) -> None:
    """A table with open numbers means the same after it was written as CSV and read again."""
    from logidsl.extract import write_csv

    spec = logidsl.loads(f"{SPEC}rule a: count(citrus) >= 2\nrule b: count(citrus) <= 3\nrule c: some citrus\n")
    table = spec.see([{"image": "a", "class": "citrus", "count": bound}])
    write_csv(table, tmp_path / "t.csv")
    first, again = spec.check(table), spec.check(tmp_path / "t.csv")
    assert [f.rule for f in first.images[0].findings] == [f.rule for f in again.images[0].findings]
    assert first.images[0].verdict == again.images[0].verdict


def test_amounts() -> None:
    assert amount_of("at most 3") == amount_of("0..3")
    assert amount_of("irrel") == amount_of("*") == amount_of("some")
    assert [amount_of(v) for v in ("red", "", None, True, -1, "1e9999", "9" * 40)] == [None] * 7


def test_statements_keep_what_is_whole() -> None:
    found, _ = parse_formulae("```\n- left(a,1) OR left(b,1)\\\n* right(c,*) AND right(d\n```")
    assert [[[t.args[0] for t in g] for g in s] for s in found] == [[["a"], ["b"]], [["c"]]]


def test_other_documents_are_no_descriptions() -> None:
    assert not are_descriptions({"images": [], "annotations": []})
    assert not are_descriptions([{"class": "nut", "image": "a.png"}])
    assert not are_descriptions({"boxes": [[0, 0, 1, 1]], "labels": ["a"], "image": "a.png"})


def test_the_reader_is_registered_as_one_of_another_package() -> None:
    assert EXTRACTOR in installed_extractors(), "install the project again: its entry points have changed"
    assert EXTRACTOR not in extractors()
