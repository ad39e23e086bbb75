"""What the prompt says of the language: short, complete, and true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from logidsl.library import builtins
from logidsl.scenes import run_tests
from logidsl.source import Source
from logidsl.syntax.parse import parse
from logidsl.syntax.walk import walk
from logidsl.translate.answer import compiled, read_answer
from logidsl.translate.forms import ACCOUNTED, DECLARED, FORMS, HABITS
from logidsl.translate.prompt import builtin_words, system_prompt
from logidsl.translate.sentence_splitter import SourceSentence

#: Whatever stands in backticks and is more than a word.
EXAMPLES = [
    " ".join(e.split()) for text in (HABITS, FORMS) for e in re.findall(r"`([^`]+)`", text) if re.search(r"[ (]", e)
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_compiles(example: str):
    tried = [compiled(Source("example.logic", f"{DECLARED}{head}{example}\n")) for head in ("", "rule r: ")]
    assert any(program is not None for program, _ in tried), "\n\n".join(str(bag) for _, bag in tried)


def test_each_form_has_an_example():
    examples = [s for e in EXAMPLES for head in ("", "rule r: ") for s in parse(Source("e", head + e))[0].statements]
    shown = {type(node).__name__ for s in (*parse(Source("d", DECLARED))[0].statements, *examples) for node in walk(s)}
    forms = "Attribute Color Doubtful Grid Neighbours Object Derived Other Param Region Rule Scale Variant MatchExpr If"
    assert set(forms.split()) <= shown
    said = HABITS + FORMS
    for word in (
        "!=",
        "not in",
        "E182",
        "arc(",
        "inch",
        "mil",
        "touches",
        "gap",
        "severity",
        "else -> none",
        "learned(",
    ):
        assert word in said, word


def test_the_prompt_stays_short():
    assert len(system_prompt()) < 24_000
    assert len(system_prompt(brief=True)) < 4_000


def test_the_worked_translation_accounts_for_every_sentence():
    asked, _, answer = ACCOUNTED.removeprefix("Sentences:\n").partition("Answer:\n")
    sentences = [SourceSentence(int(n), words) for n, words in re.findall(r"(?m)^(\d+)\. (.*)$", asked)]
    candidate = read_answer(answer, sentences)
    assert candidate.program is not None, candidate.problems
    assert len(candidate.accounts) == len(sentences) == 8
    assert not candidate.missing
    assert not candidate.unasked


def test_every_builtin_of_rules_is_in_the_prompt():
    said = builtin_words()
    for group in ("attribute", "relation", "function", "aggregate"):
        for name, entry in builtins(group).items():
            wanted = not entry.for_seeing and entry.result != "frame"
            assert bool(re.search(rf"(^|\n|, ){name}\b", said)) == wanted, name


def test_names_join_only_those_of_the_same_signature():
    lines = builtin_words().splitlines()
    assert "first, last(S by k) -> object: In the order" in lines
    assert "diagonal -> length" in lines
    assert "lightness -> ratio" in lines


SCENE = """
rule nested: every bolt b: gap(b, tray) <= 0px
rule touching: every bolt b: b touches tray
rule in_none: every bolt: inside nut
rule out_of_none: every bolt: outside nut
rule no_case: every bolt: match grade { good -> 1 } = 1
rule person: every bolt: match grade { good -> 1, else -> unknown } = 1
rule wrong: every bolt: match grade { good -> 1, else -> none } = 1
rule absent: cap.width > 1px
rule guarded: if some cap then cap.color = red
rule demanded: some cap and cap.color = red
rule of_none: every nut: width > 900px
rule longest: max(width of nut) < 900px
rule last: every bolt a next b by x: dx(a, b) > 900px
rule longer_list: [grade of bolt by x] = [poor, good]
test "said" on 200 px by 200 px
    put tray box(0 px, 0 px, 100 px, 100 px)
    put hub box(0 px, 0 px, 9 px, 9 px)
    put bolt box(40 px, 40 px, 60 px, 60 px) with grade = poor
    expect pass nested, touching, out_of_none, guarded, of_none, last
    expect fail in_none, wrong, demanded, longer_list
    expect review no_case, person, absent, longest
"""


def test_what_the_forms_say_is_so():
    program, bag = compiled(Source("said.logic", DECLARED + SCENE))
    assert program is not None, str(bag)
    assert [o.failures for o in run_tests(program, Path())] == [()]
