"""Asking a model that sees, against a server that the tests start. No model was run: what is tested is the way there
and back, the form of the answer, what is done about bad ones, and that a key goes nowhere else.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import cv2
import jsonschema
import numpy as np
import pytest

from logidsl.cli import main
from logidsl.diagnostics import InputError
from logidsl.extract import read_table
from logidsl.extract.pixels.picture import Picture, picture_of, write_picture
from logidsl.extract.sources.asking import Form, ask_picture, read_answer
from logidsl.ir import Program
from logidsl.llm import Client, Key, ModelError, Settings, Store
from logidsl.pipeline import compile_spec, report
from logidsl.source import Source

SPEC = """
object pin "Push pin" | "tack": 2
object cap
attribute state of pin: bent | straight
attribute mass "weight" of cap: number
attribute ridges of cap: count
rule straight: every pin: state = straight
rule left: every cap: x < 50 %
rule label as matching: some cap where text = "A12"
"""
KEY = "sk-test-0123456789"


class Server(ThreadingHTTPServer):
    """Answers with what the test lined up: a text, or (status, headers, body), or seconds to be silent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies: list[Any] = []
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.server.asked.append(json.loads(self.rfile.read(length)))
        self.server.keys.append(self.headers.get("Authorization"))
        reply = self.server.replies.pop(0)
        if isinstance(reply, float):
            time.sleep(reply)
            return
        status, headers, body = reply if isinstance(reply, tuple) else (200, {}, said(reply))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as its base has it
        pass


def said(text: str, finish: str = "stop") -> bytes:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
    usage = {"prompt_tokens": 900, "completion_tokens": 40, "total_tokens": 940}
    return json.dumps({"id": "1", "model": "eyes", "choices": [choice], "usage": usage}).encode()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    settings = Settings(model="eyes", base_url=server.url, key=Key(KEY), timeout_s=20, retries=2)
    with Client(settings, Store(None), sleep=lambda _: None) as made:
        yield made


@pytest.fixture(scope="module")
def program() -> Program:
    return compile_spec(Source("pins.logic", SPEC))


@pytest.fixture(scope="module")
def form(program: Program) -> Form:
    return Form.of(program)


def pin(x0: float = 100, **more: object) -> dict[str, object]:
    box = {"x0": x0, "y0": 200, "x1": x0 + 100, "y1": 400}
    row: dict[str, object] = {
        "class": "pin",
        "count": "1",
        "box": box,
        "state": "straight",
        "mass": None,
        "ridges": None,
        "text": None,
    }
    return {**row, **more}


CAP = {
    "class": "cap",
    "count": "1",
    "box": {"x0": 50, "y0": 0, "x1": 150, "y1": 90},
    "state": None,
    "mass": 3.5,
    "ridges": 12,
    "text": "A12",
}


def answer(*objects: object) -> str:
    return json.dumps({"objects": list(objects)})


@pytest.fixture
def tray() -> Picture:
    bgr = np.zeros((400, 800, 3), np.uint8)
    bgr[:, :400] = (40, 160, 220)
    return picture_of(bgr, "tray.png")


def picture_in(data: str) -> np.ndarray:
    """The pixels of a picture that was sent."""
    found = cv2.imdecode(np.frombuffer(base64.b64decode(data), np.uint8), cv2.IMREAD_COLOR)
    assert found is not None
    return found


def test_the_question_has_the_picture_the_names_and_a_strict_schema(
    server: Server, client: Client, form: Form, tray: Picture
) -> None:
    server.replies = [answer(pin(), pin(300), CAP)]
    ask_picture(client, form, tray)
    (body,) = server.asked
    text, image = body["messages"][0]["content"]
    assert "- pin, also called Push pin, tack" in text["text"]
    assert "- state of pin: one of bent, straight" in text["text"]
    assert "- mass (weight) of cap: a number" in text["text"]
    assert "- ridges of cap: a whole number" in text["text"]
    kind, _, data = image["image_url"]["url"].partition(",")
    assert kind == "data:image/jpeg;base64"
    sent = picture_in(data)
    assert sent.shape == (400, 800, 3)
    assert np.abs(sent[200, 100].astype(int) - [40, 160, 220]).max() < 6
    held = body["response_format"]["json_schema"]
    assert held["strict"] is True
    schema = held["schema"]
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(answer(pin(), CAP)), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(json.loads(answer(pin(state="broken"))), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(json.loads(answer(pin(ridges=2.5))), schema)
    for part in (schema, schema["properties"]["objects"]["items"]):
        assert part["additionalProperties"] is False
        assert part["required"] == list(part["properties"])


def test_a_large_picture_is_sent_smaller_and_places_come_back_in_its_own_pixels(
    server: Server, client: Client, form: Form
) -> None:
    server.replies = [answer(pin())]
    found = ask_picture(client, form, picture_of(np.zeros((1000, 4000, 3), np.uint8), "wide.png"))
    data = server.asked[0]["messages"][0]["content"][1]["image_url"]["url"].partition(",")[2]
    sent = picture_in(data)
    assert sent.shape[:2] == (384, 1536)
    assert found["objects"] == [{"class": "pin", "box": [400.0, 200.0, 800.0, 400.0], "state": "straight"}]


def test_what_was_seen_is_judged_as_a_table(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the command line: ask, then check; the key is in the request and nowhere else."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EYES_KEY", KEY)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    Path("pins.logic").write_text(SPEC)
    for name in ("a.png", "b.png", "c.png"):
        write_picture(name, np.full((400, 800, 3), 40 + ord(name[0]), np.uint8))
    server.replies = [
        answer(pin(), pin(300), CAP),
        answer(pin(state="bent"), {**pin(), "count": "1", "box": None}, CAP),
        answer({"class": "tack", "count": "2", "box": None, "state": "straight"}, {**CAP, "box": None}),
    ]
    asked = ["ask", "a.png", "b.png", "c.png", "--spec", "pins.logic", "--base-url", server.url, "--model", "eyes"]
    assert main([*asked, "--key-env", "EYES_KEY", "-o", "seen.jsonl"]) == 0
    assert server.keys == [f"Bearer {KEY}"] * 3
    told = capsys.readouterr()
    assert "3 questions asked" in told.err
    program = compile_spec(Path("pins.logic"))
    images = report(program, read_table(Path("seen.jsonl"), program)).images
    assert [i.verdict for i in images] == ["pass", "fail", "review"]
    assert [f.rule for f in images[1].findings] == ["straight"]
    assert [(f.rule, f.truth) for f in images[2].findings] == [("left", "undetermined")]
    # asked again, nothing is sent
    assert main([*asked, "--key-env", "EYES_KEY", "-o", "again.jsonl"]) == 0
    assert Path("again.jsonl").read_bytes() == Path("seen.jsonl").read_bytes()
    assert len(server.asked) == 3
    written = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
    assert KEY.encode() not in written
    assert KEY not in told.out + told.err


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ("I see two pins.", "expected JSON, found `I see two pins.`"),
        ('{"pins": 2}', 'expected {"objects": [...]}'),
        (answer({"class": "nail"}), "item 1 has the class `nail`; there are cap, pin"),
        (answer(pin(state="broken")), "`state` of item 1 is `broken`; there are bent, straight, or null"),
        (answer(pin(), pin(4000)), "the box of item 2 is in thousandths, 0 to 1000, found 4000"),
        (answer(pin(box=[1, 2, 3])), "expected x0 y0 x1 y1 as the box of item 1"),
        (answer(pin(box={"x0": 1, "y0": 2, "x1": "wide", "y1": 4})), "expected x0 y0 x1 y1 as the box of item 1"),
        (answer(pin(box={"x0": 5, "y0": 5, "x1": 5, "y1": 9})), "the box of item 1 has no area"),
        (answer("pin"), "expected an object as item 1"),
        ("[" * 4000, "expected JSON"),
    ],
)
def test_a_bad_answer_is_asked_for_again_with_the_reason(
    bad: str, words: str, server: Server, client: Client, form: Form, tray: Picture
) -> None:
    server.replies = [bad, f"```json\n{answer(pin())}\n```"]
    found = ask_picture(client, form, tray)
    assert found["objects"] == [{"class": "pin", "box": [80.0, 80.0, 160.0, 160.0], "state": "straight"}]
    question, wrong, again = server.asked[1]["messages"]
    assert question == server.asked[0]["messages"][0]
    assert wrong == {"role": "assistant", "content": bad}
    assert words in again["content"]


def test_after_three_bad_answers_it_is_an_error_that_says_why(
    server: Server, client: Client, form: Form, tray: Picture
) -> None:
    server.replies = ["no", "no", "still no"]
    with pytest.raises(
        InputError, match=r"tray\.png: no answer of the form came in 3 tries; of the last, expected JSON"
    ):
        ask_picture(client, form, tray)


def test_an_answer_that_is_cut_off_is_asked_for_again(
    server: Server, client: Client, form: Form, tray: Picture
) -> None:
    server.replies = [(200, {}, said(answer(pin())[:40], "length")), answer(CAP)]
    assert len(ask_picture(client, form, tray)["objects"]) == 1  # type: ignore[arg-type]
    assert "cut off" in server.asked[1]["messages"][-1]["content"]


def test_a_refusal_is_an_error(server: Server, client: Client, form: Form, tray: Picture) -> None:
    server.replies = [(200, {}, said("", "content_filter"))]
    with pytest.raises(InputError, match="the model refuses"):
        ask_picture(client, form, tray)


def test_a_busy_server_is_asked_again(server: Server, client: Client, form: Form, tray: Picture) -> None:
    server.replies = [(503, {}, b"{}"), (429, {"Retry-After": "3"}, b"{}"), answer(pin())]
    assert len(ask_picture(client, form, tray)["objects"]) == 1  # type: ignore[arg-type]
    assert len(server.asked) == 3


def test_a_refused_key_is_an_error_without_the_key(server: Server, client: Client, form: Form, tray: Picture) -> None:
    server.replies = [(401, {}, json.dumps({"error": {"message": f"wrong key {KEY}"}}).encode())]
    with pytest.raises(ModelError, match="refuses the key") as caught:
        ask_picture(client, form, tray)
    assert KEY not in str(caught.value)


def test_a_silent_server_is_given_up(server: Server, form: Form, tray: Picture) -> None:
    settings = Settings(model="eyes", base_url=server.url, timeout_s=0.3, retries=0)
    server.replies = [1.0]
    with Client(settings, Store(None)) as client, pytest.raises(ModelError, match=r"no answer within 0\.3 s"):
        ask_picture(client, form, tray)


def test_one_picture_without_an_answer_does_not_stop_the_others(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pins.logic").write_text(SPEC)
    Path("a.png").write_bytes(b"no picture")
    write_picture("b.png", np.zeros((40, 80, 3), np.uint8))
    server.replies = [answer(pin())]
    argv = ["ask", "a.png", "b.png", "--spec", "pins.logic", "--base-url", server.url, "--model", "eyes", "--no-cache"]
    assert main([*argv, "-o", "seen.jsonl"]) == 4
    assert "a.png" in capsys.readouterr().err
    (line,) = Path("seen.jsonl").read_text().splitlines()
    assert json.loads(line)["path"] == "b.png"


@pytest.mark.parametrize(
    ("options", "said"),
    [(["--base-url", "http://127.0.0.1:9/v1", "--model", "eyes"], "no server at"), ([], "no model")],
)
def test_without_a_model_the_ways_on_are_those_of_this_command(
    tmp_path: Path,
    tray: Picture,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "LOGIDSL_MODEL", "LOGIDSL_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "pins.logic").write_text("object pushpin: 1\n")
    write_picture("a.png", tray.bgr)
    assert main(["ask", "a.png", "--spec", "pins.logic", "--no-cache", "--retries", "0", *options]) == 4
    told = capsys.readouterr().err
    assert said in told
    assert "three ways to go on" in told
    assert "logidsl check --table FILE" in told
    assert "batch" not in told


def test_a_spec_that_sees_everything_itself_asks_nothing() -> None:
    program = compile_spec(Source("s.logic", "blobs dark where lightness < 30 %\nrule r: count(dark) = 1"))
    with pytest.raises(InputError, match="there is nothing to ask"):
        Form.of(program)


def test_amounts_stand_as_the_model_said_them(form: Form) -> None:
    found = read_answer(form, answer(pin(count="2..3"), pin(count="some", state=None)), 100, 100)
    assert found == [{"class": "pin", "count": "2..3", "state": "straight"}, {"class": "pin", "count": "some"}]
