"""`logidsl explain`."""

from __future__ import annotations

import json
from pathlib import Path

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


def test_an_unknown_code_names_the_nearest(tmp_path: Path) -> None:
    known = next(iter(catalogue()))
    done = logidsl("explain", known.replace("E", "E0"), cwd=tmp_path)
    assert done.returncode == 64
    assert f"did you mean {known}, {catalogue()[known].title}?" in done.stderr
