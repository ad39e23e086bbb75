"""Specs that a model wrote: from answer files and from a live server, judged beside the reference."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from logidsl.bench.record import Benchmark, Generated
from logidsl.records import read
from tests.bench import sets
from tests.cli.commands import logidsl
from tests.llm.servers import Server, says, status

RIGHT = """# 1
rule one_pin as quantity: every cell c: count(pushpin inside c) = 1
# 2
rule no_stray as position: no pushpin outside cell
"""
MISSING = "# 1\nrule no_empty as quantity: every cell c: some pushpin inside c\n# 2! nothing to check\n"
STRICT = RIGHT + "rule tiny as size: every pushpin: area < 1 px2\n"
ERROR = "# 1\nrule one_pin as quantity: every cell c: countt(pushpin inside c) = \n# 2! no\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in os.environ:
        if name.startswith(("OPENAI", "LOGIDSL_MODEL", "LOGIDSL_BASE", "LOGIDSL_API")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("LOGIDSL_CACHE", str(tmp_path / "cache"))
    sets.loco(tmp_path / "data")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "pushpins.txt").write_text("Each compartment holds one pin.\nNo pin lies elsewhere.\n")
    return tmp_path


def run(here: Path, *arguments: str, code: int = 0):
    rest = ("--spec", str(sets.SPEC), "--bootstrap", "0", "--format", "json", "--quiet")
    done = logidsl("bench", "data", "--rules", "rules", *arguments, *rest, cwd=here)
    assert done.returncode == code, done.stderr
    return done


def generated(here: Path, *arguments: str) -> Generated:
    found = read(Benchmark, json.loads(run(here, *arguments).stdout)).products[0].generated
    assert found is not None
    return found


def answers(here: Path, texts: dict[str, str]) -> None:
    lines = [json.dumps({"custom_id": key, "text": text}) for key, text in texts.items()]
    (here / "answers.jsonl").write_text("\n".join(lines) + "\n")


def test_answers_from_a_file_are_judged_beside_the_reference(here: Path) -> None:
    texts = {"1": RIGHT, "2": MISSING, "3": STRICT, "4": ERROR, "6": f"Sure!\n```\n{RIGHT}```"}
    answers(here, {f"pushpins-{n}": text for n, text in texts.items()})
    g = generated(here, "--answers", "answers.jsonl")
    assert g.outcomes == ["success", "missing", "strict", "error", "unanswered", "success"]
    assert (g.asked, g.success, g.error, g.missing, g.strict, g.unanswered) == (6, 2, 1, 1, 1, 1)
    assert g.success_share == pytest.approx(1 / 3)
    assert any(d.startswith("pushpins-2: missing: 1 of 7 pictures, first ") for d in g.details), g.details
    assert any(d.startswith("pushpins-4: error: ") for d in g.details)
    assert generated(here, "--answers", "answers.jsonl", "--generate", "8").unanswered == 3


def test_nothing_that_an_answer_asks_for_is_read(here: Path) -> None:
    answers(here, {"pushpins-1": '# 1\nobject mark = template("../secret.png")\nrule some_mark: some mark\n# 2! no\n'})
    g = generated(here, "--answers", "answers.jsonl")
    assert g.outcomes == ["error"]


@pytest.mark.parametrize("key", ["pins-1", "pushpins-0", "pushpins-x", "pushpins-9"])
def test_answers_that_match_no_question_are_refused(here: Path, key: str) -> None:
    answers(here, {"pushpins-1": RIGHT, key: RIGHT})
    done = run(here, "--answers", "answers.jsonl", "--generate", "5", code=4)
    assert "an answer that matches no question: expected ids such as `pushpins-1` to `…-5`" in done.stderr
    assert f"found `{key}`" in done.stderr


def test_rules_of_no_product_are_refused(here: Path) -> None:
    (here / "rules" / "pushpin.txt").write_text("One pin.")
    answers(here, {"pushpins-1": RIGHT})
    done = run(here, "--answers", "answers.jsonl", code=4)
    assert "no product `pushpin`: expected one of `pushpins`" in done.stderr
    assert "did you mean `pushpins`?" in done.stderr


def test_a_model_is_asked_live_each_time_with_another_seed(here: Path) -> None:
    with Server(says(RIGHT), says(MISSING), status(500, "broken"), says(RIGHT)) as server:
        arguments = ("--generate", "4", "--base-url", server.url, "--retries", "0", "--temperature", "0.8")
        g = generated(here, *arguments)
        asked = [body for body in server.asked if "messages" in body]
    assert g.outcomes == ["success", "missing", "unanswered", "success"]
    assert [body["seed"] for body in asked] == [1, 2, 3, 4]
    assert len({json.dumps(body["messages"]) for body in asked}) == 1
    assert "rule one_pin_per_cell" not in json.dumps(asked[0])  # the reference is not given away


def test_questions_are_written_and_their_answers_taken(here: Path) -> None:
    done = run(here, "--generate", "2", "--questions", "questions.jsonl", "--model", "some")
    assert done.stdout == ""
    lines = [json.loads(line) for line in (here / "questions.jsonl").read_text().splitlines()]
    assert [(x["custom_id"], x["body"]["model"], x["body"]["seed"]) for x in lines] == [
        ("pushpins-1", "some", 1),
        ("pushpins-2", "some", 2),
    ]
    answers(here, {x["custom_id"]: RIGHT for x in lines})
    assert generated(here, "--answers", "answers.jsonl", "--generate", "2").success == 2


def test_published_shares_stand_beside(here: Path) -> None:
    answers(here, {"pushpins-1": RIGHT})
    made = read(Benchmark, json.loads(run(here, "--answers", "answers.jsonl").stdout))
    table = next(t for t in made.published if t.id == "logicode-generated")
    assert ["screw_bag", "0.600", "0.500", "0.350"] in table.rows
    assert "does not add up" in table.source
