"""What must outlast a crash: decisions, jobs, specs; and what reaches receivers, once."""

from __future__ import annotations

import gzip
import json
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from logidsl.store.history import Choice, history
from logidsl.store.store import Place, Store
from tests.cli.commands import environment
from tests.server.conftest import GOOD, MOVED, TRAYS
from tests.server.running import Server, until

CHECK = "/v1/products/trays/check"
PNG = {"Content-Type": "image/png"}


class Receiver(ThreadingHTTPServer):
    """Takes decisions; refuses the first batch."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got: list[dict[str, object]] = []
        self.refusals = 1
        self.authorization = ""

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_address[1]}/"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = gzip.decompress(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.authorization = self.headers.get("Authorization", "")
        if self.server.refusals:
            self.server.refusals -= 1
            self.send_response(503)
        else:
            self.server.got += json.loads(body)
            self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that runs."""
    with Receiver() as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def test_decisions_reach_every_receiver_masked_and_once_in_spite_of_a_crash(
    tmp_path: Path, trays: Path, receiver: Receiver
) -> None:
    folder = tmp_path / "line"
    folder.mkdir()
    (folder / "server.toml").write_text(
        f'[log]\nmask = ["input.name", "images.*.path"]\n'
        f'[[log.to]]\nurl = "{receiver.url}"\ntoken_env = "LOG_TOKEN"\nretry_s = 0.2\n[[log.to]]\nfile = "log.jsonl"\n'
    )
    picture = (trays / GOOD).read_bytes()
    made = []
    with Server(folder, "--spec", f"trays={TRAYS}", LOG_TOKEN="secret") as server:
        made += [server.client.post(CHECK, content=picture, headers=PNG).json() for _ in range(3)]
        until(lambda: len(receiver.got) == 3)
        server.kill()
    lines = folder / "log.jsonl"
    with lines.open("ab") as file:
        file.write(b'{"id": "half a li')
    with Server(folder, LOG_TOKEN="secret") as server:
        made.append(server.client.post(CHECK, content=picture, headers=PNG).json())
        until(lambda: len({str(r["id"]) for r in receiver.got}) == 4)
        until(lambda: len(lines.read_text().splitlines()) >= 4)
        assert server.stop() == 0
        assert "secret" not in server.told
    wanted = [m["id"] for m in made]
    assert list(dict.fromkeys(r["id"] for r in receiver.got)) == wanted
    assert list(dict.fromkeys(json.loads(line)["id"] for line in lines.read_text().splitlines())) == wanted
    assert receiver.authorization == "Bearer secret"
    assert receiver.got[0]["masked"] == ["input.name", "images.*.path"]
    assert receiver.got[0]["input"]["name"] == "***"  # type: ignore[index]


def test_decisions_go_into_a_store_of_runs_once(tmp_path: Path, trays: Path) -> None:
    folder = tmp_path / "line"
    folder.mkdir()
    (folder / "server.toml").write_text(f'store = "{tmp_path / "runs.db"}"\n')
    with Server(folder, "--spec", f"trays={TRAYS}") as server:
        for name in (GOOD, GOOD, MOVED):
            picture = (trays / name).read_bytes()
            server.client.post(CHECK, content=picture, headers=PNG, params={"tag": "lot=L1"})
        until(lambda: 'logidsl_delivered_total{receiver="store"} 3.0' in server.client.get("/metrics").text)
        server.kill()
    with sqlite3.connect(folder / "journal.sqlite") as journal:
        journal.execute("DELETE FROM receivers")  # as if the crash had come before this was noted
    journal.close()
    with Server(folder) as server:
        until(lambda: 'logidsl_delivered_total{receiver="store"} 3.0' in server.client.get("/metrics").text)
    found = history(Store(str(tmp_path / "runs.db")), Choice(place=Place(lot="L1")), by="lot")
    assert [dict(group.verdicts) for group in found.groups] == [{"pass": 2, "fail": 1}]


def test_what_a_job_accepted_is_judged_once_in_spite_of_crashes(tmp_path: Path, trays: Path) -> None:
    folder, names = tmp_path / "line", [GOOD, MOVED] * 15
    server = Server(folder, "--spec", f"trays={TRAYS}", "--root", trays)
    with server:
        form = [("picture", (f"{i}-{name}", (trays / name).read_bytes())) for i, name in enumerate(names)]
        form.append(("picture", ("broken.png", b"no picture")))
        job = server.client.post("/v1/products/trays/jobs", files=form)
        assert job.status_code == 202
        where = job.headers["location"]
        until(lambda: server.client.get(where).json()["done"] >= 3)
        server.kill()
    with server:
        until(lambda: server.client.get(where).json()["done"] >= 8)
        server.kill()
    with server:
        until(lambda: server.client.get(where).json()["state"] == "done")
        lines = [json.loads(line) for line in server.client.get(f"{where}/decisions").text.splitlines()]
        listed = server.client.get("/v1/decisions", params={"most": 500}).json()["decisions"]
    assert [line["input"]["name"] for line in lines] == [*(f"{i}-{name}" for i, name in enumerate(names)), "broken.png"]
    assert [line["verdict"] for line in lines] == ["pass", "fail"] * 15 + ["error"]
    assert len({line["id"] for line in lines}) == len(listed) == 31


def test_a_job_over_paths_can_be_cancelled(tmp_path: Path, trays: Path) -> None:
    server = Server(tmp_path / "line", "--spec", f"trays={TRAYS}", "--root", trays)
    writer = server.token("me")
    with server:
        job = server.client.post("/v1/products/trays/jobs-path", json={"paths": ["."]})
        where = job.headers["location"]
        assert server.client.delete(where).status_code == 401
        assert server.client.delete(where, headers=writer).json()["state"] in ("cancelled", "done")
        assert server.client.get("/v1/jobs/none").status_code == 404
        assert server.client.post("/v1/products/trays/jobs-path", json={"paths": ["../.."]}).status_code == 403
        assert server.client.post("/v1/products/none/jobs-path", json={"paths": ["."]}).status_code == 404
        server.client.post("/v1/products/trays/jobs-path", json={"paths": ["."]})
        started = time.monotonic()
        assert server.stop() == 0, "a server ends in order, in the middle of a job too"
        assert time.monotonic() - started < 30


def test_overload_is_refused_and_loses_nothing(tmp_path: Path, trays: Path) -> None:
    folder = tmp_path / "line"
    folder.mkdir()
    (folder / "server.toml").write_text("[limits]\nqueue = 2\n")
    answers: list[httpx.Response] = []
    picture = (trays / GOOD).read_bytes()
    with Server(folder, "--spec", f"trays={TRAYS}") as server:

        def ask() -> None:
            answers.append(httpx.post(server.url + CHECK, content=picture, headers=PNG, timeout=60))

        threads = [threading.Thread(target=ask) for _ in range(24)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        good = [a for a in answers if a.status_code == 200]
        refused = [a for a in answers if a.status_code == 429]
        kept = server.client.get("/v1/decisions", params={"most": 100}).json()["decisions"]
        metrics = server.client.get("/metrics").text
    assert len(good) + len(refused) == 24
    assert good
    assert refused
    assert all(a.headers["retry-after"] == "1" for a in refused)
    assert {a.json()["id"] for a in good} == {d["id"] for d in kept}
    assert f'logidsl_refused_total{{why="overloaded"}} {float(len(refused))}' in metrics


def _refused(folder: Path, *arguments: str | int | Path, **changes: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "logidsl", "serve", str(folder), *map(str, arguments)],
        capture_output=True, text=True, timeout=60, check=False, env=environment(**changes),
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def test_what_cannot_be_served_is_said_at_the_start(tmp_path: Path) -> None:
    bad = tmp_path / "bad.logic"
    bad.write_text("object nut: 2-3")
    folder = tmp_path / "line"
    with Server(folder, "--spec", TRAYS) as server:
        assert "in use: another server" in _refused(folder, "--port", 0)[1]
        port = server.url.rpartition(":")[2]
        assert f"port {port} is in use" in _refused(tmp_path / "other", "--port", port)[1]
    code, told = _refused(folder, "--port", 0, "--spec", bad)
    assert (code, "E186" in told) == (3, True)
    assert "--new-token" in _refused(folder, "--port", 0, "--host", "0.0.0.0")[1]
    assert "no folder `nowhere`" in _refused(folder, "--port", 0, "--root", "nowhere")[1]
    (folder / "server.toml").write_text("[limits]\nbodies = 3\n")
    assert "server.toml: limits" in _refused(folder, "--port", 0)[1]
    (folder / "server.toml").write_text('[[log.to]]\nurl = "http://127.0.0.1:1/"\ntoken_env = "NO_SUCH"\n')
    assert "`NO_SUCH`" in _refused(folder, "--port", 0)[1]
    (folder / "server.toml").unlink()
    other = tmp_path / "other"
    (other / "journal.sqlite").write_bytes(b"no database" * 100)
    assert "journal.sqlite cannot be used" in _refused(other, "--port", 0)[1]
