"""Completion in a real bash, which asks the program itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.commands import environment, logidsl

BASH = """
eval "$(logidsl completion bash)"
COMP_LINE="$1" COMP_POINT=${#1} COMP_TYPE=9
read -ra COMP_WORDS <<< "$1"; [[ "$1" == *" " ]] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_python_argcomplete logidsl "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a spec, a picture, and a program `logidsl` in `programs`."""
    folder = tmp_path_factory.mktemp("shell")
    (folder / "part.logic").write_text("param max_gap = 12 px\nparam pins = 3\nobject pin: pins\n")
    (folder / "part.png").touch()
    (folder / "programs").mkdir()
    program = folder / "programs" / "logidsl"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m logidsl "$@"\n')
    program.chmod(0o755)
    return folder


def offered(line: str, place: Path) -> list[str]:
    """What bash offers after a line."""
    there = environment()
    there["PATH"] = f"{place / 'programs'}:{there['PATH']}"
    command = ["bash", "--norc", "-c", BASH, "bash", line]
    done = subprocess.run(command, cwd=place, env=there, capture_output=True, text=True, check=True, timeout=120)
    assert done.stderr == ""
    return [word.strip() for word in done.stdout.split("\n") if word.strip()]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("logidsl co", ["compile", "convert", "completion"]),
        ("logidsl export --to c", ["cvat", "coco"]),
        ("logidsl check --format j", ["json", "jsonl", "junit"]),
        ("logidsl check --max-f", ["--max-findings"]),
        ("logidsl lint pa", ["part.logic"]),
        ("logidsl check --spec pa", ["part.logic"]),
        ("logidsl check pa", ["part.logic", "part.png"]),
        ("logidsl test part.logic -P ", ["max_gap=", "pins="]),
        ("logidsl explain W00", ["W001", "W002", "W003"]),
    ],
)
def test_bash_offers_what_fits(line: str, words: list[str], place: Path) -> None:
    found = offered(line, place)
    assert found[: len(words)] == words if line.startswith("logidsl explain") else sorted(found) == sorted(words)


@pytest.mark.parametrize(("shell", "words"), [("zsh", "compdef"), ("fish", "complete --command logidsl")])
def test_other_shells_get_their_own_code(shell: str, words: str, tmp_path: Path) -> None:
    assert words in logidsl("completion", shell, cwd=tmp_path).stdout
