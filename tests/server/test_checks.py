"""Judging over HTTP: every way to send an input, the same answer as the command line, and what is refused."""

from __future__ import annotations

import http.client
import json
import socket
import time
from pathlib import Path

import httpx
import jsonschema
import pytest

from logidsl import load
from logidsl.report.schema import schema
from tests.server.conftest import GOOD, MOVED, TRAYS, Shared
from tests.server.running import Server

CHECK = "/v1/products/trays/check"
PNG = {"Content-Type": "image/png"}


def test_a_picture_as_the_body_gets_the_verdict_of_the_command_line(shared_server: Shared, trays: Path) -> None:
    spec = load(TRAYS)
    for path in sorted(trays.glob("*.png")):
        answer = shared_server.client.post(CHECK, content=path.read_bytes(), headers=PNG)
        assert answer.status_code == 200
        made, expected = answer.json(), spec.check(path)
        assert made["verdict"] == expected.verdict
        assert [f["message"] for f in made["images"][0]["findings"]] == [f.message for f in expected.images[0].findings]


def test_the_answer_keeps_to_its_schema_and_names_no_path(shared_server: Shared, trays: Path) -> None:
    form = {"picture": (MOVED, (trays / MOVED).read_bytes(), "image/png")}
    answer = shared_server.client.post(CHECK, files=form, params={"repairs": "true", "scores": "true", "tag": "a=b"})
    made = answer.json()
    about = shared_server.client.get("/openapi.json").json()
    jsonschema.validate(made, {**about["components"]["schemas"]["Decision"], "components": about["components"]})
    jsonschema.validate(made["images"][0], {**schema(), "$ref": "#/$defs/ImageReport"})
    assert made["images"][0]["path"] == MOVED
    assert made["images"][0]["findings"][0]["repairs"]
    assert made["images"][0]["score"] > 0
    assert made["tags"] == {"a": "b"}
    assert str(shared_server.server.folder) not in answer.text
    assert made["images"][0]["findings"][0]["span"]["path"] == TRAYS.name


def test_a_path_below_the_root_and_none_beside_it(shared_server: Shared, trays: Path) -> None:
    post = shared_server.client.post
    assert post(f"{CHECK}-path", json={"path": GOOD}).json()["verdict"] == "pass"
    (trays / "away.png").unlink(missing_ok=True)
    (trays / "away.png").symlink_to(TRAYS)
    try:
        outside, missing = ["../x.png", "/etc/passwd", "away.png"], ["no.png", "a\0b", "x" * 5000]
        for name, status in [*((n, 403) for n in outside), *((n, 404) for n in missing), ("", 422)]:
            answer = post(f"{CHECK}-path", json={"path": name})
            assert answer.status_code == status, name
            assert answer.headers["content-type"] == "application/problem+json"
    finally:
        (trays / "away.png").unlink()


def test_a_table_is_judged_by_a_spec_that_was_uploaded(shared_server: Shared) -> None:
    made = shared_server.client.post(
        "/v1/products/nuts/revisions", content="object nut: 2 .. 3", params={"activate": "true"},
        headers={**shared_server.writer, "Content-Type": "text/plain"},
    )  # fmt: skip
    assert made.status_code == 201, made.text
    rows = "image,class,x0,y0,x1,y1\na,nut,1,1,5,5\nb,nut,1,1,5,5\nb,nut,11,1,15,5\n"
    answer = shared_server.client.post(
        "/v1/products/nuts/check", content=rows, headers={"Content-Type": "text/csv"}
    ).json()
    assert answer["verdict"] == "fail"
    assert [image["verdict"] for image in answer["images"]] == ["fail", "pass"]


@pytest.mark.parametrize("data", [b"abc", b"\x89PNG\r\n\x1a\n" + b"\0" * 200, b"\xff\xd8\xff\xe0" + b"x" * 999])
def test_what_is_no_picture_is_an_error_and_never_a_pass(shared_server: Shared, data: bytes) -> None:
    answer = shared_server.client.post(CHECK, content=data, headers=PNG)
    assert answer.status_code == 200
    assert answer.json()["verdict"] == "error"
    assert answer.json()["images"][0]["error"].startswith("input.png")


def test_bad_requests_get_problem_details(shared_server: Shared, trays: Path) -> None:
    post, picture = shared_server.client.post, (trays / GOOD).read_bytes()
    cases = [
        (post("/v1/products/none/check", content=picture, headers=PNG), 404, "no product `none`"),
        (post(CHECK, content=b"", headers=PNG), 422, "empty"),
        (post(CHECK, content=picture, headers={"Content-Type": "text/html"}), 415, "text/html"),
        (post(CHECK, content=picture, headers=PNG, params={"revision": "0" * 32}), 404, "no revision"),
        (post(CHECK, content=picture, headers=PNG, params={"param": "nonsense"}), 422, "param=NAME=VALUE"),
        (post(CHECK, content=picture, headers=PNG, params={"param": "no_such=3 px"}), 422, "diagnostics"),
        (post(CHECK, content=picture, headers={**PNG, "Idempotency-Key": "job:1"}), 422, "job:"),
        (post(CHECK, content=b"x" * 2_000_001, headers=PNG), 413, "2,000,000"),
        (post(CHECK, files=[("a", b"1"), ("b", b"2")]), 422, "one file"),
        (post(f"{CHECK}-path", json={"file": "x"}), 422, "body.path"),
        (post("/v1/nothing"), 404, "Not Found"),
        (shared_server.client.get("/v1/decisions", params={"after": 1 << 70}), 422, "query.after"),
        (shared_server.client.get("/v1/decisions", params={"after": -1}), 422, "query.after"),
        (shared_server.client.get(CHECK), 405, "Method Not Allowed"),
        (shared_server.client.get("/version", headers={"Host": "evil.example"}), 400, "`evil.example`"),
        (post(CHECK, content=picture, headers={**PNG, "Host": "evil.example"}), 400, "`evil.example`"),
    ]
    for answer, status, said in cases:
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        made = answer.json()
        assert made["status"] == status
        assert said in made["detail"]
    assert "Traceback" not in shared_server.server.told


def test_checks_need_a_token_beyond_loopback(tmp_path: Path, trays: Path) -> None:
    server = Server(tmp_path / "line", "--spec", f"trays={TRAYS}", "--host", "0.0.0.0")
    token = server.token("line")
    with server:
        picture, there = (trays / GOOD).read_bytes(), server.url.replace("0.0.0.0", "127.0.0.1") + CHECK
        assert httpx.post(there, content=picture, headers=PNG).status_code == 401
        assert httpx.post(there, content=picture, headers={**PNG, **token}, timeout=60).json()["verdict"] == "pass"


def test_a_slow_upload_is_ended(shared_server: Shared) -> None:
    host, port = shared_server.server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as line:
        head = [f"POST {CHECK} HTTP/1.1", "Host: localhost", "Content-Type: image/png", "Content-Length: 999"]
        line.sendall("\r\n".join([*head, "", "ab"]).encode())
        answer = line.recv(65536).decode()
    assert answer.startswith("HTTP/1.1 408 ")
    assert shared_server.client.get("/health/ready").status_code == 200


def test_a_connection_is_kept_between_slow_parts(shared_server: Shared) -> None:
    host, _, port = shared_server.server.url.removeprefix("http://").partition(":")
    line = http.client.HTTPConnection(host, int(port), timeout=30)
    line.connect()
    ours = line.sock.getsockname()
    for wait_s in (6, 0):
        line.request("GET", "/health/ready")
        assert line.getresponse().read()
        time.sleep(wait_s)
    assert line.sock.getsockname() == ours
    line.close()


def test_a_key_gives_one_decision(shared_server: Shared, trays: Path) -> None:
    headers = {**PNG, "Idempotency-Key": f"serial-{time.time_ns()}"}
    good, moved = (trays / GOOD).read_bytes(), (trays / MOVED).read_bytes()
    first = shared_server.client.post(CHECK, content=good, headers=headers).json()
    again = shared_server.client.post(CHECK, content=good, headers=headers).json()
    assert again["id"] == first["id"]
    assert again["repeated"]
    other = shared_server.client.post(CHECK, content=moved, headers=headers)
    assert other.status_code == 409
    kept = shared_server.client.get(f"/v1/decisions/{first['id']}").json()
    assert kept["verdict"] == first["verdict"] == "pass"
    assert shared_server.client.get("/v1/decisions/none").status_code == 404


def test_decisions_can_be_listed_and_metrics_count_them(shared_server: Shared, trays: Path) -> None:
    shared_server.client.post(CHECK, content=(trays / GOOD).read_bytes(), headers=PNG)
    ids: list[str] = []
    after = 0
    while page := shared_server.client.get("/v1/decisions", params={"after": after, "most": 2}).json():
        if not page["decisions"]:
            break
        ids += [d["id"] for d in page["decisions"]]
        after = page["next"]
    assert len(ids) == len(set(ids)) > 0
    text = shared_server.client.get("/metrics").text
    assert 'logidsl_verdicts_total{product="trays",variant="",verdict="pass"}' in text
    assert 'logidsl_mean{column="yellow.length",product="trays"}' in text
    assert 'logidsl_mean{column="score",product="trays"}' in text
    assert "logidsl_waiting 0.0" in text


def test_the_log_is_lines_of_json(shared_server: Shared) -> None:
    lines = shared_server.server.told.splitlines()
    assert any(json.loads(line)["message"] for line in lines if line.startswith("{"))
