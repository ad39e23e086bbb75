"""Judging at scale on one machine: the verdicts of `check`, stores of objects, what is cut short and goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread

import boto3
import httpx
import pyarrow.parquet as pq
import pytest
from moto.server import ThreadedMotoServer

from examples.render import write_variants
from tests.cli.commands import CHECKOUT, environment, logidsl

SPEC = CHECKOUT / "specs" / "pushpins.logic"


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Trays, good and bad, and a broken picture."""
    folder = tmp_path_factory.mktemp("scale") / "trays"
    write_variants(folder, width=425)
    (folder / "broken.png").write_bytes(b"no picture")
    return folder


def scale(*arguments: str | Path, cwd: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    command = [sys.executable, "-m", "logidsl", "scale", *map(str, arguments), "--spec", str(SPEC), "--jobs", "1"]
    done = subprocess.run(
        command, cwd=cwd, env=environment(**changes), capture_output=True, text=True, timeout=120, check=False
    )
    assert "Traceback" not in done.stderr
    return done


def rows_of(folder: Path) -> list[dict[str, object]]:
    """All rows of results."""
    found: list[dict[str, object]] = pq.read_table(folder / "parts").to_pylist()
    return found


def rows(folder: Path) -> dict[str, dict[str, object]]:
    """The rows of results by the last part of their address; each once."""
    found = rows_of(folder)
    made = {Path(str(row["path"])).name: row for row in found}
    assert len(made) == len(found)
    return made


def test_rows_are_what_check_says(pictures: Path, tmp_path: Path) -> None:
    done = scale(pictures, "-o", "results", "--objects", "--scores", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    made = rows(tmp_path / "results")
    lines = subprocess.run(
        [sys.executable, "-m", "logidsl", "check", str(pictures), "--spec", str(SPEC), "--format", "jsonl", "--scores"],
        env=environment(), capture_output=True, text=True, check=False,
    ).stdout.splitlines()  # fmt: skip
    expected = {Path(line["path"]).name: line for line in map(json.loads, lines)}
    assert made.keys() == expected.keys()
    for name, row in made.items():
        (image,) = json.loads(str(row["images"]))
        line = expected[name]
        assert (row["verdict"], row["labels"], row["score"]) == (line["verdict"], line["labels"], line["score"])
        assert [f["message"] for f in image["findings"]] == [f["message"] for f in line["findings"]]
        assert image["path"] == name
    assert len(json.loads(str(made["tray_good.png"]["table"]))[0]["objects"]) == 15
    manifest = json.loads((tmp_path / "results" / "manifest.json").read_text())
    assert manifest["complete"]
    assert manifest["verdicts"] == {"pass": 1, "fail": 4, "error": 1}


def test_what_has_a_row_is_not_judged_again_and_other_results_are_not_mixed(pictures: Path, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(f"path\n{pictures}/tray_good.png\n{pictures}/tray_moved.png\n")
    assert scale("list.csv", "-o", "results", cwd=tmp_path).stdout == "2 pictures: 1 pass, 1 fail\n"
    again = scale(pictures, "-o", "results", cwd=tmp_path)
    assert "2 pictures judged before, 4 to go" in again.stderr
    assert again.stdout == "6 pictures: 1 pass, 4 fail, 1 error\n"
    assert len(rows(tmp_path / "results")) == 6
    other = scale(pictures, "-o", "results", "--scores", cwd=tmp_path)
    assert (other.returncode, "results of another scores" in other.stderr) == (4, True)
    assert "found other files" in scale(pictures, "-o", ".", cwd=tmp_path).stderr


def test_a_run_that_is_killed_goes_on(pictures: Path, tmp_path: Path) -> None:
    many = tmp_path / "many"
    many.mkdir()
    for number in range(200):
        os.link(pictures / "tray_good.png", many / f"{number}.png")
    command = [sys.executable, "-m", "logidsl", "scale", "many", "-o", "results", "--spec", str(SPEC), "--part", "10"]
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environment(), stderr=subprocess.DEVNULL, start_new_session=True
    )
    parts = tmp_path / "results" / "parts"
    end = time.monotonic() + 60
    while len(list(parts.glob("part-*"))) < 3:
        assert time.monotonic() < end
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    before = len(rows(tmp_path / "results"))
    done = scale("many", "-o", "results", "--part", "50", cwd=tmp_path)
    assert f"{before} pictures judged before, {200 - before} to go" in done.stderr
    assert done.stdout == "200 pictures: 200 pass\n"
    assert len(rows(tmp_path / "results")) == 200


def test_results_have_a_history(pictures: Path, tmp_path: Path) -> None:
    for day, names in [("30", ["good", "moved"]), ("29", ["good", "one_missing"])]:
        (tmp_path / day).mkdir()
        for name in names:
            os.link(pictures / f"tray_{name}.png", tmp_path / day / f"{name}.png")
    assert scale("30", "29", "-o", "results", "--objects", cwd=tmp_path).returncode == 1
    (row,) = [r for r in rows_of(tmp_path / "results") if str(r["path"]).endswith("moved.png")]
    (image,) = json.loads(str(row["images"]))
    assert row["findings"] == len(image["findings"]) > 0

    def history(*arguments: str) -> subprocess.CompletedProcess[str]:
        return logidsl("history", "results", *arguments, cwd=tmp_path)

    found = json.loads(history("--by", "folder", "--chart", "u", "--format", "json").stdout)
    assert found["totals"] == {"pass": 2, "fail": 2}
    assert [(g["name"], g["pass"], g["fail"]) for g in found["groups"]] == [("29", 1, 1), ("30", 1, 1)]
    assert found["groups"][1]["findings"] == row["findings"]
    assert {one["label"] for one in found["labels"]} >= set(row["labels"])  # type: ignore[call-overload]
    shown = history().stdout
    assert f"{row['time']:%Y-%m-%d}" in shown
    assert "yield 50.0% of 4 decided (2 pass, 2 fail)" in shown
    assert "no judgements that fit" in history("--since", "2999-01-01").stderr
    assert "--by hour, day or folder" in history("--by", "lot").stderr
    assert history("--batch", "lot=1").returncode == 64
    (tmp_path / "begun").mkdir()
    begun = logidsl("history", "begun", cwd=tmp_path)
    assert (begun.returncode, "run that to its end" in begun.stderr) == (4, True)
    column = history("--measure", "pushpin.none").stderr
    assert "0 values of `pushpin.none`; it has `" in column
    name = column.partition("it has `")[2].partition("`")[0]
    measured = json.loads(history("--measure", name, "--format", "json").stdout)["measured"]
    assert len(measured["individuals"]["values"]) >= 15


@pytest.fixture
def store(pictures: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """A store of objects with the pictures in a bucket, and the variables that lead to it."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    variables = {
        "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret-of-the-test", "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": f"http://{host}:{port}",
    }  # fmt: skip
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3", endpoint_url=variables["AWS_ENDPOINT_URL"])
    client.create_bucket(Bucket="line")
    for path in pictures.iterdir():
        client.put_object(Bucket="line", Key=f"day1/{path.name}", Body=path.read_bytes())
    client.put_object(Bucket="line", Key="day1/notes.txt", Body=b"no picture")
    yield variables
    server.stop()


def test_objects_of_a_store_are_judged(store: dict[str, str], pictures: Path, tmp_path: Path) -> None:
    done = scale("s3://line/day1/", "-o", "results", cwd=tmp_path, **store)
    assert done.stdout == "6 pictures: 1 pass, 4 fail, 1 error\n", done.stderr
    assert rows(tmp_path / "results").keys() == {p.name for p in pictures.iterdir()}
    (tmp_path / "list.jsonl").write_text(
        '{"url": "s3://line/day1/tray_good.png"}\n{"url": "s3://line/day1/none.png"}\n'
    )
    done = scale("list.jsonl", "--column", "url", "-o", "other", cwd=tmp_path, **store)
    assert done.stdout == "2 pictures: 1 pass, 1 error\n"
    assert "cannot be downloaded" in str(rows(tmp_path / "other")["none.png"]["error"])
    estimate = scale("s3://line/day1/", "--estimate", "10000000", cwd=tmp_path, **store).stdout
    assert "10,000,000 pictures:" in estimate
    assert "core hours" in estimate
    missing = scale("s3://nowhere/", "-o", "third", cwd=tmp_path, **store)
    assert (missing.returncode, "s3://nowhere/ cannot be listed" in missing.stderr) == (4, True)
    assert "secret-of-the-test" not in done.stderr + missing.stderr


class _Gate(ThreadingHTTPServer):
    """In front of the store: after so many pictures, the token has expired; what is locked, nobody may read."""

    daemon_threads = True

    def __init__(self, address: str) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.behind, self.left, self.lock = address, 0, Lock()


class _Passing(BaseHTTPRequestHandler):
    server: _Gate

    def do_GET(self) -> None:
        """Pass a request on, or refuse it as S3 does."""
        picture = self.path.partition("?")[0].endswith(".png")
        with self.server.lock:
            self.server.left -= picture
            expired = self.server.left < 0
        if expired:
            self._refuse(400, "<Code>ExpiredToken</Code><Message>The provided token has expired.</Message>")
            return
        if "/locked/" in self.path:
            self._refuse(403, "<Code>AccessDenied</Code><Message>Access Denied</Message>")
            return
        wanted = {k: v for k, v in self.headers.items() if k.lower() != "host"}
        answer = httpx.request(self.command, self.server.behind + self.path, headers=wanted)
        kept = {k: v for k, v in answer.headers.items() if k not in ("content-length", "connection", "date", "server")}
        self._answer(answer.status_code, kept, answer.content)

    do_HEAD = do_GET  # noqa: N815 - the name is given

    def _refuse(self, status: int, code: str) -> None:
        self._answer(status, {"Content-Type": "application/xml"}, f"<Error>{code}</Error>".encode())

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_credentials_that_expire_in_mid_run_cost_nothing_that_was_judged(
    store: dict[str, str], pictures: Path, tmp_path: Path
) -> None:
    client = boto3.client("s3", endpoint_url=store["AWS_ENDPOINT_URL"])
    for number in range(40):
        client.put_object(Bucket="line", Key=f"many/{number}.png", Body=(pictures / "tray_good.png").read_bytes())
    with _gate(store) as (gate, through):
        gate.left = 15
        cut = scale("s3://line/many/", "-o", "results", "--part", "4", cwd=tmp_path, **through)
        assert cut.returncode == 4, cut.stdout
        assert "cannot be downloaded" in cut.stderr
        assert "expired" in cut.stderr
        assert "what was judged is kept" in cut.stderr
        assert not json.loads((tmp_path / "results" / "manifest.json").read_text())["complete"]
        before = rows(tmp_path / "results")
        assert {row["verdict"] for row in before.values()} == {"pass"}, "a row says what was not the picture's fault"
        assert 0 < len(before) <= 15
        gate.left = 1000
        done = scale("s3://line/many/", "-o", "results", cwd=tmp_path, **through)
        assert f"{len(before)} pictures judged before, {40 - len(before)} to go" in done.stderr
        assert done.stdout == "40 pictures: 40 pass\n"
        assert len(rows(tmp_path / "results")) == 40
        for secret in ("secret-of-the-test", "token-of-the-test"):
            assert secret not in cut.stderr + done.stderr


def test_pictures_that_may_not_be_read_are_rows_unless_none_may_be(
    store: dict[str, str], pictures: Path, tmp_path: Path
) -> None:
    client = boto3.client("s3", endpoint_url=store["AWS_ENDPOINT_URL"])
    for number in range(4):
        client.put_object(Bucket="line", Key=f"locked/{number}.png", Body=(pictures / "tray_good.png").read_bytes())
    with _gate(store) as (gate, through):
        gate.left = 1000
        some = scale("s3://line/day1/", "s3://line/locked/", "-o", "some", cwd=tmp_path, **through)
        assert some.stdout == "10 pictures: 1 pass, 4 fail, 5 error\n", some.stderr
        assert "Access Denied" in str(rows(tmp_path / "some")["3.png"]["error"])
        none = scale("s3://line/locked/", "-o", "none", cwd=tmp_path, **through)
        assert (none.returncode, "cannot be downloaded" in none.stderr) == (4, True), none.stderr
        assert not rows(tmp_path / "none")


@contextmanager
def _gate(store: dict[str, str]) -> Iterator[tuple[_Gate, dict[str, str]]]:
    gate = _Gate(store["AWS_ENDPOINT_URL"])
    Thread(target=gate.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{gate.server_port}"
    try:
        yield gate, {**store, "AWS_ENDPOINT_URL": address, "AWS_SESSION_TOKEN": "token-of-the-test"}
    finally:
        gate.shutdown()
        gate.server_close()


def test_bad_input_is_said(pictures: Path, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("adress\na.png\n")
    (tmp_path / "bad.csv").write_bytes(b"\xff\xfe\0")
    for arguments, said in [
        (["nowhere", "-o", "r"], "nowhere"),
        (["list.csv", "-o", "r"], "no column `path`"),
        (["list.csv"], "--output FOLDER"),
        ([str(pictures), "-o", "r", "--estimate", "3"], "not both"),
        (["bad.csv", "-o", "r"], "bad.csv"),
    ]:
        done = scale(*arguments, cwd=tmp_path)
        assert done.returncode in (4, 64), done.stdout
        assert said in done.stderr
