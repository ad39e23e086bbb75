"""Checks that are killed, terminated and interrupted at random moments, and resumed until they end."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.cli.commands import environment

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
_GIVE_UP_S = 900.0


@dataclass
class Stress:
    """A check of a folder of pictures that is cut short again and again.

    Parameters
    ----------
    place : Path
        Holds the folder `trays` and `trays.logic`.
    rng : random.Random
        Chooses the moments and the signals.
    jobs : str
        Number of worker processes.

    Attributes
    ----------
    ended : Counter
        How many runs each signal ended.
    """

    place: Path
    rng: random.Random
    jobs: str = "2"
    ended: Counter[str] = field(default_factory=Counter)

    def start(self, report: str, *more: str, file_bytes: int | None = None) -> subprocess.Popen[str]:
        """Start `logidsl check`, in a session of its own; `file_bytes` is how large a file it can write."""
        words = ["check", "trays", "--spec", "trays.logic", "--format", "jsonl", "--jobs", self.jobs, "--quiet"]

        def limit() -> None:
            if file_bytes is not None:
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # writing fails, as on a full disk
                resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))

        return subprocess.Popen(
            [sys.executable, "-m", "logidsl", *words, *more, report],
            cwd=self.place, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, encoding="utf-8", start_new_session=True, preexec_fn=limit,
        )  # fmt: skip

    def undisturbed(self) -> list[str]:
        """The lines of a run that nothing cuts short."""
        run = self.start("whole.jsonl", "-o")
        told = run.communicate(timeout=_GIVE_UP_S)[1]
        assert run.returncode == 1, told
        return lines(self.place / "whole.jsonl")

    def disturbed(self, count: int, cuts: int) -> list[str]:
        """The lines of a report that was cut short `cuts` times on its way to `count` pictures, and resumed.

        After each run the report is held against what it was before: a line that was there stays, byte for byte, so
        nothing was judged a second time.
        """
        report = self.place / "cut.jsonl"
        stops = sorted(self.rng.sample(range(1, count), cuts))
        for number, stop in enumerate(stops):
            before = report.read_bytes() if report.exists() else b""
            run = self.start(report.name, "--resume")
            end = SIGNALS[number % len(SIGNALS)]
            # Never before a line is added: a signal that comes while Python itself is loading is not ours to handle.
            told = self._cut(run, report, max(stop, before.count(b"\n") + 1), end)
            kept = before[: before.rfind(b"\n") + 1]
            after = report.read_bytes() if report.exists() else b""
            assert after.startswith(kept), f"lines of {report} were changed"
            assert "Traceback" not in told, told
            assert "internal error" not in told, told
        run = self.start(report.name, "--resume")
        told = run.communicate(timeout=_GIVE_UP_S)[1]
        assert run.returncode == 1, told
        return lines(report)

    def _cut(self, run: subprocess.Popen[str], report: Path, stop: int, end: signal.Signals) -> str:
        """Send a signal once the report has `stop` lines, or a moment later; what the run said."""
        begun = time.monotonic()
        while run.poll() is None and _count(report) < stop:
            assert time.monotonic() < begun + _GIVE_UP_S, "the check does not go on"
            time.sleep(0.005)
        time.sleep(self.rng.uniform(0, 0.05))
        if run.poll() is None:
            if end == signal.SIGKILL or self.rng.random() < 0.5:
                os.kill(run.pid, end)  # the workers must notice
            else:
                os.killpg(run.pid, end)
        told = run.communicate(timeout=_GIVE_UP_S)[1]
        assert run.returncode in (1, -end, 128 + end), (end, run.returncode, told)
        self.ended[end.name if run.returncode != 1 else "none"] += 1
        _gone(run.pid)
        return told

    def full(self, share: float) -> list[str]:
        """The lines of a report for which there was no room, resumed when there was; `share` is that of the room."""
        size = int((self.place / "whole.jsonl").stat().st_size * share)
        run = self.start("full.jsonl", "--resume", file_bytes=size)
        told = run.communicate(timeout=_GIVE_UP_S)[1]
        assert run.returncode == 4, (run.returncode, told)
        assert "full.jsonl cannot be written: " in told
        assert "Traceback" not in told
        _gone(run.pid)
        run = self.start("full.jsonl", "--resume")
        told = run.communicate(timeout=_GIVE_UP_S)[1]
        assert run.returncode == 1, told
        return lines(self.place / "full.jsonl")


def compare(found: list[str], whole: list[str], broken: dict[str, str], count: int) -> None:
    """Hold a report against that of an undisturbed run: every picture once, each with the same line."""
    documents = [json.loads(line) for line in found]
    times = Counter(document["path"] for document in documents)
    names = {f"trays/{n:05}.png" for n in range(count)}
    folders = {f"trays/{name}" for name, kind in broken.items() if kind == "folder"}
    assert set(times) == names - folders, sorted(set(times) ^ names)
    assert set(times.values()) == {1}
    assert found == whole
    errors = {d["path"] for d in documents if d["verdict"] == "error"}
    assert errors == {f"trays/{name}" for name in broken} - folders


def lines(path: Path) -> list[str]:
    """The lines of a report."""
    return path.read_text("utf-8").splitlines(keepends=True)


def _count(report: Path) -> int:
    return report.read_bytes().count(b"\n") if report.exists() else 0


def _gone(group: int, wait_s: float = 60.0) -> None:
    """See that no process of a group is left, workers of a killed run least of all."""
    end = time.monotonic() + wait_s
    while time.monotonic() < end:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)
    raise AssertionError(f"workers of the process group {group} outlive it by {wait_s:g} s")
