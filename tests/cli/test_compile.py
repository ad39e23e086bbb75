"""`logidsl compile`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from logidsl.ir import Program
from tests.cli.commands import logidsl

GOOD = "spec pins\nparam n = 2\nobject pin\nrule two: count(pin) = n\n"
BAD = "object pin\nrule a: count(pim) = 1\nrule b: pin.width > 3 px\n"


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    """A folder with a good spec, a bad one, and a good one below."""
    (tmp_path / "good.logic").write_text(GOOD)
    (tmp_path / "bad.logic").write_text(BAD)
    (tmp_path / "more" / "deep").mkdir(parents=True)
    (tmp_path / "more" / "deep" / "other.logic").write_text("object nut: 1\n")
    return tmp_path


def test_a_good_spec_says_what_it_holds(specs: Path) -> None:
    done = logidsl("compile", "good.logic", cwd=specs)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "good.logic: ok, 1 rule, 1 class, 0 derived sets\n"


def test_every_mistake_is_shown_and_good_specs_are_still_checked(specs: Path) -> None:
    done = logidsl("compile", "bad.logic", "good.logic", "none.logic", cwd=specs)
    assert done.returncode == 3
    assert "  --> bad.logic:2:15\n 2 | rule a: count(pim) = 1\n   |               ^^^" in done.stderr
    assert "  --> bad.logic:3:9" in done.stderr
    assert "none.logic" in done.stderr
    assert done.stdout.startswith("good.logic: ok")


def test_diagnostics_as_json_have_every_place(specs: Path) -> None:
    done = logidsl("compile", "bad.logic", "none.logic", "good.logic", "--format", "json", cwd=specs)
    assert (done.returncode, done.stderr) == (3, "")
    document = json.loads(done.stdout)
    assert document["ok"] is False
    bad, none, good = document["specs"]
    assert [s["ok"] for s in (bad, none, good)] == [False, False, True]
    first = bad["diagnostics"][0]
    assert set(first) == {"code", "severity", "message", "span", "fix", "other"}
    assert first["severity"] == "error"
    place = {"path": "bad.logic", "line": 2, "column": 15, "end_line": 2, "end_column": 18, "text": "pim"}
    assert first["span"] == place
    assert none["diagnostics"][0]["span"] is None
    assert good["diagnostics"] == []


def test_the_program_is_given_whole(specs: Path) -> None:
    done = logidsl("compile", "good.logic", "--emit", "ir", "-P", "n=3", cwd=specs)
    assert done.returncode == 0
    program = Program.from_json(done.stdout)
    assert program.name == "pins"
    assert [p.value for p in program.params] == [3.0]


def test_programs_of_several_specs_are_lines(specs: Path) -> None:
    done = logidsl("compile", "good.logic", "more", "--emit", "ir", cwd=specs)
    first, second = (Program.from_json(line) for line in done.stdout.splitlines())
    assert (first.name, second.path) == ("pins", "more/deep/other.logic")


def test_programs_stand_beside_their_diagnostics(specs: Path) -> None:
    done = logidsl("compile", "good.logic", "bad.logic", "--emit", "ir", "--format", "json", cwd=specs)
    good, bad = json.loads(done.stdout)["specs"]
    assert Program.from_json(json.dumps(good["program"])).name == "pins"
    assert bad["program"] is None


def test_a_folder_without_specs_is_told(specs: Path) -> None:
    (specs / "empty").mkdir()
    done = logidsl("compile", "empty", cwd=specs)
    said = "logidsl: no spec in the folder empty: expected a .logic file, or YAML that holds a spec\n"
    assert (done.returncode, done.stderr) == (3, said)
