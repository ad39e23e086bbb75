"""The client against a server that misbehaves: success by retry, or a clear error; nothing paid for is lost."""

from __future__ import annotations

import copy
import json
import time
from pathlib import Path

import pytest

from logidsl.llm import Answer, Client, Json, Key, ModelError, NoModelError, Settings, Store, Usage, answer_of
from tests.llm.servers import KEY, Server, Step, body, cuts, drips, hangs, says, status

QUESTION: dict[str, Json] = {"messages": [{"role": "user", "content": "a rule"}]}


class Waits(list[float]):
    """Takes the place of waiting: notes for how long."""

    def __call__(self, seconds: float) -> None:
        """Wait not at all."""
        self.append(seconds)


def client(server: Server, store: Path | None = None, waits: Waits | None = None, **settings: object) -> Client:
    """A client of a server."""
    made = {"model": "served", "key": Key(KEY), "timeout_s": 20.0, "retries": 2} | settings
    sleep = waits if waits is not None else Waits()
    return Client(Settings(base_url=server.url, **made), Store(store, server.url), sleep=sleep)  # type: ignore[arg-type]


def test_an_answer_comes_with_its_tokens():
    with Server(says("rule a: b")) as server, client(server, price=(1.0, 10.0)) as asking:
        assert asking.ask(QUESTION) == Answer("rule a: b", "stop", Usage(100, 10), "served")
        assert str(asking.spent) == "1 question asked, 100 tokens in, 10 out, cost 0.0002"
        sent = server.asked[0]
    assert sent["messages"] == QUESTION["messages"]
    assert sent["model"] == "served"
    assert sent["max_tokens"] == 8192
    assert sent["temperature"] == 0
    assert server.keys == [f"Bearer {KEY}"]


def test_fields_of_one_kind_of_server_pass():
    with Server(says("x")) as server, client(server) as asking:
        asking.ask(QUESTION | {"grammar": "%llguidance {}", "temperature": 0.5, "structured_outputs": {"a": [1]}})
    assert server.asked[0]["grammar"] == "%llguidance {}"
    assert server.asked[0]["temperature"] == 0.5
    assert server.asked[0]["structured_outputs"] == {"a": [1]}


PASSING = {
    "429 without Retry-After": (status(429), (0.7, 1.3)),
    "429 with Retry-After": (status(429, Retry_After="7"), (7.0, 7.0)),
    "429 with Retry-After in ms": (status(429, retry_after_ms="2500"), (2.5, 2.5)),
    "429 with a date": (status(429, Retry_After="Wed, 21 Oct 2015 07:28:00 GMT"), (0.7, 1.3)),
    "500": (status(500), (0.7, 1.3)),
    "503": (status(503, Retry_After="soon"), (0.7, 1.3)),
    "a cut connection": (cuts, (0.7, 1.3)),
    "no JSON": (body("<html>oops"), (0.7, 1.3)),
    "half of the JSON": (body('{"choices": [{"mess'), (0.7, 1.3)),
    "deep JSON": (body("[" * 100_000), (0.7, 1.3)),
    "no choice": (body('{"choices": []}'), (0.7, 1.3)),
    "an empty choice": (says(""), (0.7, 1.3)),
    "no content": (says(None), (0.7, 1.3)),
    "an error with 200": (body('{"error": {"message": "overloaded"}}'), (0.7, 1.3)),
    "a list": (body("[]"), (0.7, 1.3)),
}


@pytest.mark.parametrize("name", PASSING)
def test_what_may_pass_is_asked_again(name: str):
    step, (low, high) = PASSING[name]
    waits = Waits()
    with Server(step, says("good")) as server, client(server, waits=waits) as asking:
        assert asking.ask(QUESTION).text == "good"
        assert asking.spent.asked == 1
    assert len(server.asked) == 2
    assert len(waits) == 1
    assert low <= waits[0] <= high


def test_waits_grow():
    waits = Waits()
    with (
        Server(status(500)) as server,
        client(server, waits=waits, retries=4) as asking,
        pytest.raises(ModelError, match=r"the server answers 500: .*after 5 tries"),
    ):
        asking.ask(QUESTION)
    assert len(server.asked) == 5
    assert [0.7 * 2**n <= w <= 1.3 * 2**n for n, w in enumerate(waits)] == [True] * 4


def test_a_server_that_wants_an_hour_is_not_waited_for():
    waits = Waits()
    with (
        Server(status(429, "come back later", Retry_After="3600")) as server,
        client(server, waits=waits) as asking,
        pytest.raises(ModelError, match=r"429: .*come back later"),
    ):
        asking.ask(QUESTION)
    assert (waits, len(server.asked)) == ([], 1)


@pytest.mark.parametrize("step", [hangs(30), drips], ids=["hang", "drip"])
def test_a_server_that_hangs_is_left(step: Step):
    started = time.monotonic()
    with Server(step, says("good")) as server, client(server, timeout_s=0.5) as asking:
        assert asking.ask(QUESTION).text == "good"
    with (
        Server(step) as server,
        client(server, timeout_s=0.3, retries=1) as asking,
        pytest.raises(ModelError, match=r"no answer within 0\.3 s \(after 2 tries\)"),
    ):
        asking.ask(QUESTION)
    assert time.monotonic() - started < 20


FINAL = {
    "a wrong request": (status(400, "unknown field grammar"), "400: .*unknown field grammar"),
    "no such model": (status(404, "model not found"), "no model `served`"),
    "no money": (status(429, "insufficient_quota: pay first"), "429: .*pay first"),
    "ten megabytes": (says("x" * 10_000_000), "expected an answer of at most 4,194,304 bytes, found a longer one"),
}


@pytest.mark.parametrize("name", FINAL)
def test_what_cannot_pass_is_an_error_at_once(name: str):
    step, message = FINAL[name]
    with Server(step) as server, client(server) as asking, pytest.raises(ModelError, match=message):
        asking.ask(QUESTION)
    assert len(server.asked) == 1


def test_a_wrong_key_is_told_and_not_shown(capsys: pytest.CaptureFixture[str]):
    with (
        Server(says("x"), key="another") as server,
        client(server) as asking,
        pytest.raises(ModelError, match="refuses the key") as caught,
    ):
        asking.ask(QUESTION)
    shown = f"{caught.value!r} {caught.value} {asking!r} {asking.settings!r} {asking.settings.key}"
    assert "<key>" in shown
    assert KEY not in shown + "".join(capsys.readouterr())
    assert copy.deepcopy(asking.settings.key).reveal() in ("", KEY)


def test_a_refusal_and_a_cut_are_answers():
    with (
        Server(says(None, refusal="I will not."), says("rule a", "length"), says("x", "content_filter")) as server,
        client(server) as asking,
    ):
        assert asking.ask(QUESTION).finish == "refusal"
        assert asking.ask(QUESTION).finish == "length"
        assert asking.ask(QUESTION).finish == "refusal"


def test_the_input_of_a_tool_is_the_text():
    call: Json = {"id": "1", "type": "custom", "custom": {"name": "write_spec", "input": "rule a: b"}}
    message: Json = {"tool_calls": [call]}
    assert answer_of({"choices": [{"message": message, "finish_reason": "tool_calls"}]}).text == "rule a: b"
    parts: Json = {"content": [{"type": "text", "text": "rule "}, {"type": "text", "text": "a: b"}]}
    assert answer_of({"choices": [{"message": parts}]}).text == "rule a: b"


def test_no_server_says_the_ways_to_go_on():
    with Server(says("x")) as server:
        url = server.url
    with (
        Client(Settings(model="m", base_url=url), Store(None)) as asking,
        pytest.raises(NoModelError, match=r"no server at .*three ways(.|\n)*OPENAI_API_KEY(.|\n)*--batch-out"),
    ):
        asking.ask(QUESTION)


def test_no_key_says_the_ways_to_go_on():
    with (
        Client(Settings(model="m"), Store(None)) as asking,
        pytest.raises(NoModelError, match=r"no key: (.|\n)*--base-url(.|\n)*--batch-out"),
    ):
        asking.ask(QUESTION)


# ---- the cache ----


def test_a_second_run_is_free(tmp_path: Path):
    with Server(says("first"), says("second")) as server, client(server, tmp_path) as asking:
        assert asking.ask(QUESTION).text == "first"
        with client(server, tmp_path) as asking:
            again = asking.ask(QUESTION)
            assert (again.text, asking.spent.asked, asking.spent.kept) == ("first", 0, 1)
        with client(server, tmp_path, model="other") as asking:
            assert asking.ask(QUESTION).text == "second"
        with client(server, tmp_path, max_tokens=5) as asking:
            assert asking.ask(QUESTION).text == "second"
    assert len(server.asked) == 3


def test_what_failed_is_not_kept_and_a_damaged_file_is_asked_again(tmp_path: Path):
    with Server(says(""), says("first"), says("second")) as server, client(server, tmp_path) as asking:
        assert asking.ask(QUESTION).text == "first"
        (kept,) = tmp_path.iterdir()
        assert KEY not in kept.read_text()
        kept.write_text('{"choices": [')
        assert asking.ask(QUESTION).text == "second"
        kept.write_text(json.dumps({"choices": []}))
        assert asking.ask(QUESTION).text == "second"


def test_a_cache_that_cannot_be_written_is_no_matter(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with Server(says("good")) as server, client(server, tmp_path / "file" / "below") as asking:
        assert asking.ask(QUESTION).text == "good"


def test_an_interrupt_loses_nothing_that_was_answered(tmp_path: Path):
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    with Server(says("first"), status(500), says("third")) as server:
        asking = Client(Settings(model="served", base_url=server.url), Store(tmp_path, server.url), sleep=interrupt)
        with asking:
            asking.ask(QUESTION)
            with pytest.raises(KeyboardInterrupt):
                asking.ask(QUESTION | {"n": 1})
        with client(server, tmp_path) as asking:
            asking.ask(QUESTION)
            assert asking.spent.kept == 1


# ---- which model ----


def test_a_server_with_one_model_needs_no_name():
    with Server(says("x")) as server, client(server, model="") as asking:
        asking.ask(QUESTION)
        assert server.asked[0]["model"] == "served"
    with (
        Server(says("x"), models=("a", "b")) as server,
        client(server, model="") as asking,
        pytest.raises(ModelError, match=r"name of a model after --model; .* has a, b"),
    ):
        asking.ask(QUESTION)
