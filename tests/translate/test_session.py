"""The flow: translate, repair, try, mend; driven by answers alone, and by files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from logidsl.diagnostics import InputError, SpecError
from logidsl.ir import Program
from logidsl.llm import Answer, Usage
from logidsl.source import Source
from logidsl.table import ObjectTable, TextColumn
from logidsl.translate import KINDS, Session, Trial, try_spec
from logidsl.translate.answer import compiled
from logidsl.translate.batch import read_answers, replay, request_line
from logidsl.translate.forms import ACCOUNTED
from logidsl.translate.prompt import EXAMPLES, TASK, builtin_words, system_prompt, worked
from logidsl.translate.session import Request

RULES = "1. Two bolts.\n2. Every bolt is at least 50 px long.\n3. Bolts are nice.\n"
GOOD = """# 1
object bolt: 2
# 2
rule long "at least 50 px" as size: every bolt: length >= 50px
# 3? nice how
"""


def table(lengths: list[list[float]], name: str = "bolt") -> ObjectTable:
    """Pictures with bolts of some lengths, one picture a list."""
    flat = np.array([x for row in lengths for x in row], np.float64)
    n = len(flat)
    at = np.arange(n, dtype=np.float64) * 100
    return ObjectTable(
        images=tuple(f"good{i}.png" for i in range(len(lengths))),
        sizes=np.full((len(lengths), 2), 1000.0),
        offsets=np.concatenate([[0], np.cumsum([len(r) for r in lengths])]).astype(np.int64),
        classes=TextColumn.of([name] * n),
        ids=tuple(map(str, range(n))),
        columns={"x0": at, "y0": at, "x1": at + 10, "y1": at + flat, "length": flat},
    )


def looking(made: ObjectTable) -> Callable[[Program], ObjectTable]:
    """The good pictures, whatever the program."""
    return lambda program: made


def done(session: Session) -> bool:
    """Whether nothing is left to ask."""
    return session.request is None


def told(session: Session) -> str:
    """What the model is told last."""
    assert session.request is not None
    messages = session.request.body["messages"]
    assert isinstance(messages, list)
    last = messages[-1]
    assert isinstance(last, dict)
    return str(last["content"])


def test_one_good_answer_is_enough():
    session = Session(RULES, look=looking(table([[60, 70], [80, 90]])), name="bolts")
    assert session.request is not None
    assert session.request.step == "translate"
    session.take(Answer(GOOD, usage=Usage(10, 2)))
    assert done(session)
    made = session.translation
    assert made.program is not None
    assert made.spec is not None
    assert made.spec.startswith("logic 1\nspec bolts\n\n# 1: Two bolts.\nobject bolt: 2\n")
    assert (made.standing, made.missing, len(made.questions)) == ("review", (), 1)
    assert (made.trial.pictures, made.trial.failures, made.trial.silent) == (2, (), ())
    assert (made.rounds, made.usage) == (1, Usage(10, 2))
    assert "at least 50 px" in made.plain()["long"]
    again = compiled(Source("again.logic", made.spec))[0]
    assert again is not None
    with pytest.raises(ValueError, match="done"):
        session.take(Answer(GOOD))


@pytest.mark.parametrize(
    ("file", "name"), [("rule", "my_rule"), ("ネジ", "neji"), ("规则", "spec_1"), ("Tray 2-b", "tray_2_b")]
)
def test_a_spec_is_named_after_its_rules(file: str, name: str):
    session = Session(RULES, name=file)
    session.take(Answer(GOOD))
    assert session.translation.spec is not None
    assert session.translation.spec.startswith(f"logic 1\nspec {name}\n")


def test_the_prompt_holds_what_there_is_to_speak_of():
    draft = Source("draft.logic", 'spec a\nscale 1 px = 0.1 mm\nobject nut "hex nut"\n')
    session = Session(RULES, draft=draft, look=looking(table([[60, 70], [80, 90]])))
    said = told(session)
    assert draft.text.strip() in said
    assert "bolt: 2 each, width 10 px; height 60 .. 90 px; length 60 .. 90 px" in said
    assert "Classes that may be declared with `object`, no others: bolt." in said
    assert "1. Two bolts.\n2. Every bolt is at least 50 px long.\n3. Bolts are nice." in said


def test_a_class_that_is_no_name_gets_one():
    session = Session(RULES, look=looking(table([[60, 70]], "Hex bolt (M4)")), constraint="llamacpp")
    assert '- hex_bolt_m4 (declared as `object hex_bolt_m4 "Hex bolt (M4)"`): 2 each' in told(session)
    assert session.request is not None
    assert "class_name: /(hex_bolt_m4)[ " in str(session.request.body["grammar"])


def test_the_system_prompt_is_made_from_the_project():
    text = system_prompt()
    assert all(worked(name) in text for name in EXAMPLES)
    assert builtin_words() in text
    assert "_range_or_list: range | _union" in text
    assert ACCOUNTED in text
    assert len(system_prompt(brief=True)) < len(text) / 4
    assert TASK in system_prompt(brief=True)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_worked_translations_are_good_answers(name: str):
    asked, _, answer = worked(name).partition("\nAnswer:\n")
    session = Session(asked.removeprefix("Sentences:\n"))
    session.take(Answer(answer))
    made = session.translation
    assert done(session), made.problems
    assert made.missing == ()
    assert all(a.rules for a in made.accounts)


def test_mistakes_go_back_and_the_best_is_kept():
    session = Session(RULES, rounds=2)
    session.take(Answer(GOOD.replace("object bolt: 2", "object bolt: 2 bolts")))
    assert session.request is not None
    assert session.request.step == "repair"
    assert "The checker refuses this:\n\nerror[" in told(session)
    session.take(Answer("I do not know."))
    assert "the answer contains no LOGIC statement" in told(session)
    session.take(Answer("# 1\nobject bolt: 2"))
    assert done(session)  # two repairs were allowed
    made = session.translation
    assert made.rounds == 3
    assert made.program is not None
    assert [s.number for s in made.missing] == [2, 3]
    assert made.standing == "review"


def test_a_sentence_that_nothing_became_of_is_asked_for_again():
    session = Session(RULES)
    session.take(Answer(GOOD.replace("# 3? nice how\n", "")))
    assert "No note says what became of these sentences" in told(session)
    assert told(session).count("3. Bolts are nice.") == 1
    session.take(Answer(GOOD))
    assert done(session)
    assert session.translation.missing == ()


def test_a_rule_that_fails_on_a_good_picture_has_one_chance():
    look = looking(table([[60, 70], [40, 45]]))
    session = Session(RULES, look=look)
    session.take(Answer(GOOD))
    assert session.request is not None
    assert session.request.step == "mend"
    said = told(session)
    assert "`long` fails on good1.png" in said
    assert "40 px" in said
    assert "(sentence 2)" in said
    session.take(Answer(GOOD))  # it stays with what the sentence says
    assert done(session)
    made = session.translation
    assert made.standing == "fail"
    assert {f.rule for f in made.trial.failures} == {"long"}
    mended = Session(RULES, look=look)
    mended.take(Answer(GOOD))
    mended.take(Answer(GOOD.replace("50px", "30px")))
    assert mended.translation.trial.failures == ()
    assert mended.translation.standing == "review"


def test_a_worse_mend_is_not_taken():
    session = Session(RULES, look=looking(table([[60, 70], [40, 45]])), rounds=1)
    session.take(Answer(GOOD))
    session.take(Answer("rule x: ("))
    session.take(Answer("rule x: ("))
    assert done(session)
    assert session.translation.spec is not None
    assert "rule long" in session.translation.spec


def test_what_never_compiles_loses_the_bad_statements_only():
    session = Session(RULES, rounds=0)
    session.take(Answer(GOOD.replace("50px", "50")))
    made = session.translation
    assert made.program is not None
    assert [r.name for r in made.program.rules] == ["bolt"]
    assert [p.name for p in made.lost] == ["long"]
    assert "E115" in made.problems[0]
    assert [s.number for s in made.missing] == [2]
    assert made.standing == "review"


def test_a_cut_answer_is_asked_for_again():
    session = Session(RULES)
    session.take(Answer(GOOD[: GOOD.index("every")], "length"))
    assert "cut off" in told(session)
    session.take(Answer(GOOD))
    assert session.translation.spec is not None


def test_a_refusal_ends_the_session():
    session = Session(RULES)
    session.take(Answer("I cannot help with bolts.", "refusal"))
    assert done(session)
    made = session.translation
    assert made.standing == "error"
    assert made.problems == ("the model refuses: I cannot help with bolts.",)
    assert len(made.missing) == 3


def test_a_rule_that_says_nothing_is_flagged():
    text = """object bolt, nut
rule a: count(bolt) >= 0
rule b: count(bolt) >= 1
rule c: every bolt: width < 999999999 px
rule d: no bolt where inside nut and width < 0 px
"""
    program, _ = compiled(Source("a.logic", text))
    assert program is not None
    assert set(try_spec(program).silent) == {"a", "c", "d"}
    seen = try_spec(program, looking(table([[60, 70]])))
    assert set(seen.silent) == {"a", "c", "d"}
    assert seen.pictures == 1
    assert try_spec(program, looking(table([])), ["b"]) == Trial()


@pytest.mark.parametrize("path", sorted(p.name for p in (Path(__file__).parents[2] / "specs").glob("*.logic")))
def test_hardly_a_shipped_rule_says_nothing(path: str, checkout: Path):
    program, _ = compiled(Source(path, (checkout / "specs" / path).read_text("utf-8")))
    assert program is not None
    # what a cable's ends must agree with is rarely broken by chance, where no good picture is given
    assert set(try_spec(program).silent) <= {"same_clamp"}


def test_that_one_variant_applies_is_not_called_vacuous() -> None:
    text = (
        "object bolt\nvariant two when count(bolt) = 2 { rule r: every bolt: width > 5 px }\n"
        "variant more otherwise { rule s: every bolt: width > 9 px }"
    )
    program, _ = compiled(Source("a.logic", text))
    assert program is not None
    assert "one_variant" in {r.name for r in program.rules}
    assert try_spec(program).silent == ()


def test_a_draft_with_a_mistake_is_told():
    with pytest.raises(SpecError, match="E0"):
        Session(RULES, draft=Source("a.logic", "object 3"))


@pytest.mark.parametrize("kind", KINDS)
def test_each_way_of_holding_a_model(kind: str):
    session = Session(RULES, constraint=kind, look=looking(table([[60]])))  # type: ignore[arg-type]
    assert session.request is not None
    body = session.request.body
    text = json.dumps(body)
    held = {"openai": "tools", "llamacpp": "grammar", "vllm": "structured_outputs", "schema": "response_format"}
    assert set(body) - {"messages", "tool_choice"} == ({held[kind]} if kind in held else set())
    assert ("class_name: /(bolt)[ " in text.replace("\\", "")) == (kind in ("openai", "llamacpp", "vllm"))
    if kind == "openai":
        assert body["tool_choice"] == {"type": "custom", "custom": {"name": "write_spec"}}
    if kind == "llamacpp":
        assert str(body["grammar"]).startswith("%llguidance {}\nstart: ")


# ---- files ----


def line(request: Request, text: str) -> str:
    """An answer as a line of a batch file."""
    body = {"choices": [{"message": {"content": text}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 7}}
    return json.dumps({"custom_id": request.id, "response": {"status_code": 200, "body": body}, "error": None})


def test_a_session_is_replayed_from_its_answers(tmp_path: Path):
    first = Session(RULES)
    assert first.request is not None
    sent = json.loads(request_line(first.request))
    assert (sent["custom_id"], sent["method"], sent["url"]) == (first.request.id, "POST", "/v1/chat/completions")
    (tmp_path / "1").write_text(line(first.request, "rule x: (") + "\n\n")
    second = Session(RULES)
    assert replay(second, read_answers([tmp_path / "1"])) == 1
    assert second.request is not None
    assert second.request.id != first.request.id
    (tmp_path / "2").write_text(json.dumps({"custom_id": second.request.id, "text": GOOD}))
    third = Session(RULES)
    assert replay(third, read_answers([tmp_path / "1", tmp_path / "2"])) == 2
    assert third.request is None
    assert third.translation.usage == Usage(7, 0)
    other = Session(RULES + "4. No nut.\n")
    assert replay(other, read_answers([tmp_path / "1", tmp_path / "2"])) == 0


def test_lines_that_hold_no_answer_are_told(tmp_path: Path):
    path = tmp_path / "answers.jsonl"
    rows = [
        {"custom_id": "a", "response": None, "error": {"message": "too late"}},
        {"custom_id": "b", "response": {"status_code": 500, "body": {"error": {"message": "oops"}}}},
        {"custom_id": "c", "response": {"status_code": 200, "body": {"choices": []}}},
        {"custom_id": "d", "text": "x"},
    ]
    path.write_text("".join(json.dumps(r) + "\n" for r in rows))
    found = read_answers([path])
    assert list(found.by_id) == ["d"]
    assert [p.split(": ", 1)[1][:14] for p in found.problems] == ["no answer to a", "no answer to b", "no answer to c"]
    assert "too late" in found.problems[0]
    assert "oops" in found.problems[1]
    for bad in ("not json", '["a"]', '{"id": 1}', "[" * 100_000):
        path.write_text(bad + "\n")
        with pytest.raises(InputError, match=r"answers.jsonl:1: expected an answer"):
            read_answers([path])
    with pytest.raises(InputError, match="cannot be read"):
        read_answers([tmp_path / "none"])
