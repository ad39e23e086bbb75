"""`logidsl explain`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from logidsl.diagnostics import catalogue
from tests.cli.commands import logidsl


def test_without_a_code_all_are_listed(tmp_path: Path) -> None:
    lines = logidsl("explain", cwd=tmp_path).stdout.splitlines()
    assert len(lines) == len(catalogue()) > 20
    assert [line.split()[0] for line in lines] == list(catalogue())


def test_a_code_is_explained_in_any_case(tmp_path: Path) -> None:
    code = next(iter(catalogue().values()))
    for spelling in (code.code, code.code.lower(), f"[{code.code}]"):
        done = logidsl("explain", spelling, cwd=tmp_path)
        assert done.returncode == 0
        assert done.stdout.startswith(f"error[{code.code}]: {code.title}\n")
        assert " ".join(code.why.split()) in " ".join(done.stdout.split())
        for example in (code.wrong, code.right):
            assert all(line in done.stdout for line in example.strip().splitlines())


def test_several_as_json(tmp_path: Path) -> None:
    first, second = list(catalogue())[:2]
    entries = json.loads(logidsl("explain", second, first, "--format", "json", cwd=tmp_path).stdout)
    assert [e["code"] for e in entries] == [second, first]
    assert set(entries[0]) == {"code", "severity", "title", "why", "wrong", "right"}


def test_a_number_written_otherwise_names_its_code(tmp_path: Path) -> None:
    known = catalogue()
    for word in ("E0012", "e12", "E-012"):
        done = logidsl("explain", word, cwd=tmp_path)
        assert done.returncode == 64
        assert f"no code `{word}`; did you mean E012, {known['E012'].title}?" in done.stderr
        assert "W012" not in done.stderr
    both = f"did you mean E012, {known['E012'].title}, or W012, {known['W012'].title}?"
    assert both in logidsl("explain", "12", cwd=tmp_path).stderr


@pytest.mark.parametrize("word", ["E999", "E046", "W200", "range"])
def test_a_code_that_there_is_not_is_told_where_codes_lie(tmp_path: Path, word: str) -> None:
    """What looks alike, E199 for E999, has nothing to do with it."""
    known = sorted(catalogue())
    assert word not in known
    done = logidsl("explain", word, cwd=tmp_path)
    assert done.returncode == 64
    assert "did you mean" not in done.stderr
    first = [c for c in known if c.startswith("E0")]
    assert f"no code `{word}`; errors are among {first[0]} .. {first[-1]} and E101 .. " in done.stderr
    advice = [c for c in known if c.startswith("W1")]
    assert f"pieces of advice are among {advice[0]} .. {advice[-1]}; `logidsl explain` lists all" in done.stderr
