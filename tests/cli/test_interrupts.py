"""A run that is cut short: by an interrupt, or by a reader that leaves."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.commands import environment
from tests.cli.test_check import SPEC

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="signals and pipes work otherwise there")]
COUNT = 600


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory, trays: dict[str, Path]) -> Path:
    """A folder of more trays than can be judged while a test looks on."""
    folder = tmp_path_factory.mktemp("many")
    (folder / "trays").mkdir()
    (folder / "trays.logic").write_text(SPEC)
    for n in range(COUNT):
        shutil.copy(trays["good"], folder / "trays" / f"{n:04}.png")
    return folder


def start(many: Path, *arguments: str) -> subprocess.Popen[str]:
    """A check of all trays, in a process group of its own, as a shell starts it."""
    command = [sys.executable, "-m", "logidsl", "check", "trays", "--spec", "trays.logic", *arguments]
    return subprocess.Popen(
        command,
        cwd=many,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("jobs", [(), ("--jobs", "1"), ("--jobs", "2")], ids=["auto", "one", "two"])
def test_a_signal_leaves_a_report_of_what_was_judged(many: Path, jobs: tuple[str, ...], end: signal.Signals) -> None:
    run = start(many, "--format", "jsonl", *jobs)
    assert run.stdout is not None
    first = run.stdout.readline()
    os.killpg(run.pid, end)  # as a terminal does, or a service manager: to the workers too
    # not `communicate`, which would pass over what `readline` has taken in
    assert run.stderr is not None
    lines = [json.loads(line) for line in (first + run.stdout.read()).splitlines()]
    told = run.stderr.read()
    run.stdout.close()
    run.stderr.close()
    assert run.wait(60) == 128 + end
    assert 0 < len(lines) < COUNT
    word = "interrupted" if end == signal.SIGINT else "terminated"
    assert told.endswith(f"logidsl: {word} after {len(lines)} of {COUNT}\n")
    assert "Traceback" not in told
    assert [line["path"] for line in lines] == [f"trays/{n:04}.png" for n in range(len(lines))]


def test_an_interrupted_json_document_is_whole(many: Path, tmp_path: Path) -> None:
    run = start(many, "--format", "json", "--jobs", "2", "--overlay", str(tmp_path))
    while run.poll() is None and not list(tmp_path.glob("*.png")):
        pass
    os.killpg(run.pid, signal.SIGINT)
    out, told = run.communicate(timeout=60)
    assert run.returncode == 130
    assert f"interrupted after {json.loads(out)['summary']['pass']} of {COUNT}" in told


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_reader_that_leaves_ends_the_run_in_silence(many: Path, jobs: str) -> None:
    """`logidsl check trays --format jsonl | head -1`."""
    run = start(many, "--format", "jsonl", "--jobs", jobs)
    assert run.stdout is not None
    assert run.stderr is not None
    assert json.loads(run.stdout.readline())["verdict"] == "pass"
    run.stdout.close()
    assert run.wait(60) == 141
    assert run.stderr.read() == ""
    run.stderr.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("words", [["--format", "json"], ["--format", "jsonl"], ["--verbose"]])
@pytest.mark.parametrize("option", [True, False], ids=["output", "standard output"])
def test_a_full_disk_is_told_in_a_line(tmp_path: Path, trays: dict[str, Path], words: list[str], option: bool) -> None:
    (tmp_path / "trays.logic").write_text(SPEC)
    command = [sys.executable, "-m", "logidsl", "check", str(trays["good"]), "--spec", "trays.logic", *words]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*command, "--output", "/dev/full"] if option else command,
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.DEVNULL if option else full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
    assert done.returncode == 4
    name = "/dev/full" if option else "the output"
    assert done.stderr.strip().splitlines()[-1] == f"logidsl: {name} cannot be written: No space left on device"


@pytest.mark.parametrize("colour", ["good", "wrong_color"])
def test_overlays_that_cannot_be_written_are_told_once_and_count(
    tmp_path: Path, trays: dict[str, Path], colour: str
) -> None:
    (tmp_path / "trays.logic").write_text(SPEC)
    names = [f"{n}.png" for n in range(3)]
    for name in names:
        shutil.copy(trays[colour], tmp_path / name)
        (tmp_path / "marked" / name).mkdir(parents=True)  # a folder where the file belongs
    command = [sys.executable, "-m", "logidsl", "check", *names, "--spec", "trays.logic", "--overlay", "marked", "-q"]
    done = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, encoding="utf-8")
    first, last = done.stderr.splitlines()
    assert first.startswith("logidsl: no overlay of 0.png: ")
    assert "0.png cannot be written" in first
    assert last == "logidsl: 3 overlays could not be written"
    assert done.returncode == (4 if colour == "good" else 1)
