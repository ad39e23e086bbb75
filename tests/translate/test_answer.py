"""What a model writes is read, whatever it is; the worst outcome is a spec that the checker refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logidsl.source import Source
from logidsl.syntax.parse import parse
from logidsl.translate import SourceSentence, read_answer, split_sentences
from logidsl.translate.answer import joined, salvaged
from logidsl.translate.extraction import extracted
from logidsl.translate.result import written
from tests.syntax.generated import texts

ASKED = (SourceSentence(1, "Two bolts."), SourceSentence(2, "Nuts touch bolts."), SourceSentence(3, "Be nice."))
GOOD = """# 1
object bolt: 2
# 2
object nut
rule touching: every nut: touches bolt
# 3? nice how
"""


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"```\n{GOOD}```",
        f"Sure, here is the spec:\n\n```logic\n{GOOD}```\nI hope this helps!",
        f"Here it is.\n\n{GOOD}\n\nLet me know if you need more.",
        f"```logic\n{GOOD}",  # cut off before the end of the fence
        f"~~~\n{GOOD}~~~",
        f"<think>rule x: every\n# 1</think>\n{GOOD}",
        f"\ufeff{GOOD}".replace("\n", "\r\n"),
        f"```python\nprint(1)\n```\nor rather\n```logic\n{GOOD}```",
        "```\n# 1\nobject bolt: 2\n```\nand then\n```\n" + GOOD.partition("2\n")[2] + "```",
    ],
)
def test_the_logic_is_taken_out(text: str):
    made = read_answer(text, ASKED)
    assert made.program is not None, made.problems
    assert [(a.rules, a.question) for a in made.accounts] == [
        (("bolt",), None),
        (("touching",), None),
        ((), "nice how"),
    ]
    assert made.accounts[1].names == ("nut", "touching")
    assert made.missing == ()


def test_the_schema_form_is_read():
    said = [
        {"number": 1, "names": ["bolt"]},
        {"number": 2, "names": ["nut", "touching"]},
        {"number": 3, "names": [], "question": "nice\nhow"},
    ]
    spec = {"object": {"bolt": 2, "nut": "any"}, "rule": {"touching": {"every": "nut", "check": "touches bolt"}}}
    text = json.dumps({"sentences": said, "spec": spec})
    for form in (text, f"```json\n{text}\n```"):
        made = read_answer(form, ASKED)
        assert made.program is not None, made.problems
        assert [(a.rules, a.question) for a in made.accounts] == [
            (("bolt",), None), (("touching",), None), ((), "nice how")
        ]  # fmt: skip
    bad = read_answer(json.dumps({"sentences": said, "spec": {"objekt": {"bolt": 2}}}), ASKED)
    assert bad.program is None
    assert "E0" in bad.problems[0]


def test_notes_say_whose_a_statement_is():
    text = "object nut\n# 1, 2\nobject bolt: 2\nrule r: every nut: touches bolt\n# 3: a wish\nrule s: some nut"
    made = read_answer(text, ASKED)
    assert made.program is not None
    assert [a.rules for a in made.accounts] == [("bolt", "r"), ("bolt", "r"), ("s",)]
    assert read_answer("rule r: count(a) = 1 object a", ASKED).unasked == ("r",)
    assert [s.number for s in read_answer("# 1\nobject a", ASKED).missing] == [2, 3]
    remark = read_answer("# 1: a wish\n# 2: another\n# 3\nobject a: 1", ASKED)
    assert [a.remark for a in remark.accounts] == ["a wish", "another", None]


def test_problems_are_placed_in_the_answer():
    draft = Source("draft.logic", "spec a\n\nobject bolt\n")
    made = read_answer("# 1\nrule r: count(bolts) = 2", ASKED, draft)
    assert made.program is None
    assert "answer:2:15" in made.problems[0]
    assert "did you mean `bolt`" in made.problems[0]
    twice = read_answer("# 1\nobject bolt: 2", ASKED, draft)
    assert twice.program is None
    assert "draft.logic:3" in twice.problems[0]


def test_a_head_of_its_own_is_left_out_behind_a_draft():
    draft = Source("draft.logic", "logic 1\nspec a\nobject bolt\n")
    made = read_answer('logic 1\nspec b "B"\n# 1\nrule r: count(bolt) = 2', ASKED, draft)
    assert made.program is not None, made.problems
    assert made.program.name == "a"


REACHING = {
    "import": 'import "/etc/passwd"',
    "template": 'object lid = template("/etc/passwd", 80 %): 1',
    "detect": 'object lid = detect("model.onnx")',
    "learned": 'object lid = learned("lids.parts")',
    "test": 'test "x" on "/etc/passwd" expect pass',
    "blobs": "blobs pin where lightness > 50 %",
    "keep": "keep best of a where overlap > 60 %",
    "frame": "frame upright(a)",
    "inside a variant": 'variant v otherwise { import "a.logic" }',
}


@pytest.mark.parametrize("name", REACHING)
def test_files_are_out_of_reach(name: str):
    made = read_answer(f"# 1\nobject a: 1\n{REACHING[name]}\n", ASKED)
    assert made.program is None
    assert "is not allowed here" in made.problems[0]
    left, _ = salvaged(made, None)
    assert left.program is not None
    assert (left.program.sources, left.program.tests, left.program.blobs, left.program.keeps) == ((), (), (), ())
    assert [r.name for r in left.program.rules] == ["a"]


BREAKING_OUT = {
    "python": "import os\nos.system('rm -rf /')\nprint(open('/etc/passwd').read())",
    "a thousand brackets": f"# 1\nrule r: {'(' * 1000}1{')' * 1000} = 1",
    "a thousand nots": f"# 1\nrule r: {'not ' * 1000} some a",
    "a hundred thousand brackets": "[" * 100_000,
    "deep JSON": '{"spec":' * 50_000,
    "control characters": "# 1\nrule r\x00\x1b[31m: \u202e some a\u2028\x07",
    "nothing": "",
    "white space": " \n\t\n",
    "a megabyte": "rule r: some a\n" * 70_000,
    "a long name": f"object {'a' * 5000}: 1",
    "half a pair": "\ud800",
    "yaml": "spec: a\nobject: {bolt: 2}",
    "fences": "```\n" * 3000,
}


@pytest.mark.parametrize("name", BREAKING_OUT)
def test_nonsense_is_refused(name: str):
    made = read_answer(BREAKING_OUT[name], ASKED)
    assert made.program is None
    assert made.problems
    left, _ = salvaged(made, None)
    assert left.program is not None
    assert left.program.rules == ()


@settings(max_examples=40)
@given(st.text(max_size=200) | texts(fuel=40))
def test_whatever_is_answered_is_read_and_what_is_left_compiles(text: str):
    made = read_answer(f"# 1\n{text}", ASKED)
    left, lost = salvaged(made, None)
    assert left.program is not None
    assert len(left.pieces) + len(lost) == len(made.pieces)
    source, _ = written(left, None, "made")
    assert parse(source)[1].ok


def test_a_number_with_too_many_digits_is_not_cut():
    text = "# 1\nobject bolt: 2\n# 2\nattribute code of bolt: number\nrule code: every bolt: code >= 4000000000000"
    left, lost = salvaged(read_answer(text, ASKED), None)
    assert [r.name for r in left.program.rules] == ["bolt"]  # type: ignore[union-attr]
    assert [p.name for p in lost] == ["code"]


def test_a_statement_with_a_mistake_costs_what_hangs_on_it_and_no_more():
    text = "# 1\nobject bolt: 2\n# 2\nlet w = bolt.width + 3\nrule wide: w > 3 px\n# 3\nobject nut: 1"
    made = read_answer(text, ASKED)
    left, lost = salvaged(made, None)
    assert [r.name for r in left.program.rules] == ["bolt", "nut"]  # type: ignore[union-attr]
    assert {p.name for p in lost} == {"w", "wide"}
    assert [a.settled for a in left.accounts] == [True, False, True]


def test_a_sentence_cannot_leave_its_comment():
    hostile = "1. ok\r\nrule evil: 1 = 1\n2. a\u2028rule evil: 1 = 1\n3. b\x85rule evil: 2 = 2 \x0brule evil: 3 = 3"
    sentences = split_sentences(hostile)
    made = read_answer("".join(f"# {s.number}\nobject a{s.number}: 1\n" for s in sentences), sentences)
    source, own = written(made, None, "a")
    file, bag = parse(source)
    assert bag.ok
    assert len(file.statements) == len(sentences)
    assert "rule evil" in own


def test_the_spec_carries_every_sentence():
    made = read_answer(GOOD, (*ASKED, SourceSentence(4, "A heading " + "that is long " * 20)))
    source, own = written(made, None, "bag")
    assert source.text == own == "\n".join([
        "logic 1", "spec bag", "",
        "# 1: Two bolts.", "object bolt: 2", "",
        "# 2: Nuts touch bolts.", "object nut", "rule touching: every nut: touches bolt", "",
        "# 3: Be nice.", "#    question: nice how",
        *own.split("\n")[-5:-1], "",
    ])  # fmt: skip
    assert own.rstrip("\n").endswith("#    not translated")
    assert all(len(line) <= 100 for line in own.split("\n"))
    again = read_answer(own, [a.sentence for a in made.accounts])
    assert again.program is not None


def test_a_draft_stays_as_it_is(checkout: Path):
    text = (checkout / "specs" / "pushpins.logic").read_text()
    draft = Source("pushpins.logic", text)
    made = read_answer("# 1\nrule few: count(pushpin) < 20", (SourceSentence(1, "Few pins."),), draft)
    source, own = written(made, draft, "x")
    assert source.text.startswith(text.rstrip())
    assert own == "# 1: Few pins.\nrule few: count(pushpin) < 20\n"
    assert joined(draft, own)[0].text == source.text


def test_extract_takes_the_reading_with_the_fewest_mistakes():
    assert extracted("rule a: some b")[0] == "rule a: some b"
    assert extracted("no logic here")[0] == "no logic here"
    assert extracted("rule of thumb:\n\n```\nrule a: some b\n```")[0] == "rule a: some b"
