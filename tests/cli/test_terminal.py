"""What depends on a terminal: colours, width, the progress bar."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from logidsl.commands import terminal
from tests.cli.commands import environment
from tests.cli.test_check import SPEC


class Tty(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, to be set."""
    now = [100.0]
    monkeypatch.setattr("logidsl.commands.terminal.time.monotonic", lambda: now[0])
    return now


def test_a_bar_appears_only_after_a_second_and_goes_before_other_words(
    monkeypatch: pytest.MonkeyPatch, clock: list[float]
) -> None:
    screen = Tty()
    monkeypatch.setattr(sys, "stderr", screen)
    bar = terminal.Bar("pictures")
    bar(1, 100)
    clock[0] += 0.9
    bar(20, 100)
    assert screen.getvalue() == ""
    clock[0] += 1.1
    bar(50, 100)
    drawn = screen.getvalue()
    assert "█" * 15 + "░" * 15 in drawn
    assert drawn.endswith(" 50 of 100 pictures, 2 s left")
    bar(51, 100)
    assert screen.getvalue() == drawn  # not more often than can be seen
    terminal.say("look")
    assert screen.getvalue() == drawn + "\r\033[Klogidsl: look\n"
    terminal.clear_bar()
    assert screen.getvalue().endswith("look\n")


@pytest.mark.parametrize(("stream", "quiet"), [(io.StringIO, False), (Tty, True)], ids=["pipe", "quiet"])
def test_no_bar_in_a_pipe_or_where_quiet_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, clock: list[float], stream: type[io.StringIO], quiet: bool
) -> None:
    screen = stream()
    monkeypatch.setattr(sys, "stderr", screen)
    bar = terminal.Bar("pictures", quiet)
    clock[0] += 60
    bar(1, 2)
    assert screen.getvalue() == ""


@pytest.mark.parametrize(
    ("variables", "stream", "wanted"),
    [
        ({}, Tty, True),
        ({}, io.StringIO, False),
        ({"NO_COLOR": "1"}, Tty, False),
        ({"NO_COLOR": ""}, Tty, True),
        ({"TERM": "dumb"}, Tty, False),
        ({"FORCE_COLOR": "1"}, io.StringIO, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, Tty, False),
    ],
)
def test_colours(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], stream: type, wanted: bool) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert terminal.wants_color(stream()) is wanted


@pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals")
@pytest.mark.parametrize("no_color", ["", "1"])
def test_on_a_real_terminal(tmp_path: Path, trays: dict[str, Path], no_color: str) -> None:
    import pty

    (tmp_path / "tray.logic").write_text(SPEC)
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "logidsl", "check", str(trays["one_missing"]), "--spec", "tray.logic"]
    env = environment(TERM="xterm", COLUMNS="60", NO_COLOR=no_color)
    run = subprocess.Popen(command, cwd=tmp_path, env=env, stdout=theirs, stderr=subprocess.STDOUT)
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # Linux says so that the other end is closed
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    assert run.wait() == 1
    text = shown.decode().replace("\r\n", "\n")
    assert ("\033[31;1mFAIL" in text) is (not no_color)
    plain = re.sub(r"\033\[[\d;]*m", "", text)
    assert "missing_pushpin" in plain
    own = [line for line in plain.splitlines() if "|" not in line and "-->" not in line and "/" not in line]
    assert max(map(len, own)) <= 60
