"""`logidsl lint`, the hints of other commands, and diagnostics of several files as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands import logidsl

GOOD = 'spec pins\nobject pin: 2\ntest "none" on 9 px by 9 px expect fail pin\n'
WARNED = "spec pins\nobject pin: at least 0\nobject nut\n"
BAD = "object pin\nrule a: count(pim) = 1\n"
YAML = "spec: trays\nobject:\n  pin: 2\nrule:\n  pins: {check: count(pin) = 3}\n"


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    """A folder of a good spec and one with warnings; below it one in YAML, and YAML of another program."""
    (tmp_path / "good.logic").write_text(GOOD)
    (tmp_path / "warned.logic").write_text(WARNED)
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "tray.yaml").write_text(YAML)
    (tmp_path / "more" / "compose.yaml").write_text("services:\n  web: {image: a}\n")
    return tmp_path


def document(*arguments: str, cwd: Path, code: int) -> dict[str, Any]:
    """The JSON that a command prints."""
    done = logidsl(*arguments, "--format", "json", cwd=cwd)
    assert (done.returncode, done.stderr) == (code, "")
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def test_a_clean_spec(specs: Path) -> None:
    done = logidsl("lint", "good.logic", cwd=specs)
    assert (done.returncode, done.stdout, done.stderr) == (0, "1 spec: no findings\n", "")


def test_a_folder_in_both_forms(specs: Path) -> None:
    done = logidsl("lint", ".", cwd=specs)
    assert done.returncode == 0
    assert "warning[W001]: no rule uses the object `nut`\n  --> warned.logic:3:8\n 3 | object nut\n" in done.stdout
    assert "warning[W010]: `object pin: at least 0` can never fail" in done.stdout
    assert "warning[W012]" in done.stdout
    assert "  --> more/tray.yaml:5:17" in done.stdout
    assert "compose" not in done.stdout
    assert done.stdout.endswith("3 specs: 3 warnings, 2 of advice\n")


def test_warnings_count_where_it_is_strict(specs: Path) -> None:
    for option in ("--strict", "--warnings-as-errors"):
        assert logidsl("lint", "warned.logic", option, cwd=specs).returncode == 3
        assert logidsl("lint", "good.logic", option, cwd=specs).returncode == 0
    (specs / "advised.logic").write_text("spec a\nobject pin: 1\n")
    done = logidsl("lint", "advised.logic", "--strict", cwd=specs)
    assert (done.returncode, "advice[W101]" in done.stdout) == (0, True)


def test_mistakes_of_one_file_do_not_hide_the_others(specs: Path) -> None:
    (specs / "bad.logic").write_text(BAD)
    done = logidsl("lint", "bad.logic", "none.logic", "warned.logic", cwd=specs)
    assert done.returncode == 3
    assert "error[E101]: unknown name `pim`" in done.stdout
    assert "none.logic" in done.stdout
    assert "warning[W001]" in done.stdout
    assert done.stdout.endswith("3 specs: 2 mistakes, 2 warnings, 1 of advice\n")


def test_codes_are_chosen(specs: Path) -> None:
    (specs / "bad.logic").write_text(BAD)

    def found(*arguments: str) -> list[str]:
        done = logidsl("lint", "bad.logic", "warned.logic", "--format", "json", *arguments, cwd=specs)
        return [d["code"] for s in json.loads(done.stdout)["specs"] for d in s["diagnostics"]]

    assert found() == ["E101", "W101", "W010", "W001"]
    assert found("--ignore", "W1") == ["E101", "W010", "W001"]
    assert found("--ignore", "W001", "--ignore", "w101, E101") == ["E101", "W010"]
    assert found("--select", "W0") == ["E101", "W010", "W001"]
    assert found("--select", "W0", "--ignore", "W001") == ["E101", "W010"]
    done = logidsl("lint", "bad.logic", "--ignore", "W999", cwd=specs)
    assert (done.returncode, "--ignore: no code `W999`" in done.stderr) == (64, True)


def test_json_has_every_place(specs: Path) -> None:
    found = document("lint", "more/tray.yaml", "--strict", cwd=specs, code=3)
    assert set(found) == {"ok", "summary", "specs"}
    assert (found["ok"], found["summary"]) == (False, {"error": 0, "warning": 1, "advice": 1})
    (spec,) = found["specs"]
    assert (spec["path"], spec["ok"]) == ("more/tray.yaml", True)
    warned = next(d for d in spec["diagnostics"] if d["code"] == "W012")
    assert set(warned) == {"code", "severity", "message", "span", "fix", "other"}
    place = {"path": "more/tray.yaml", "line": 5, "column": 17, "end_line": 5, "end_column": 31}
    assert warned["span"] == {**place, "text": "count(pin) = 3"}
    assert warned["severity"] == "warning"
    assert warned["other"]["span"]["line"] == 3


def test_parameters_are_taken(specs: Path) -> None:
    (specs / "p.logic").write_text("param n = 2\nobject pin\nrule r: count(pin) >= n\n")
    assert "W010" not in logidsl("lint", "p.logic", cwd=specs).stdout
    assert "W010" in logidsl("lint", "p.logic", "-P", "n=0", cwd=specs).stdout


HINT = "logidsl: 2 warnings: run `logidsl lint warned.logic`\n"


@pytest.mark.parametrize("command", ["compile", "test"])
def test_other_commands_say_in_a_line_that_there_are_warnings(specs: Path, command: str) -> None:
    done = logidsl(command, "warned.logic", cwd=specs)
    assert (done.returncode, done.stderr) == (0, HINT)
    assert logidsl(command, "warned.logic", "--quiet", cwd=specs).stderr == ""
    assert logidsl(command, "good.logic", cwd=specs).stderr == ""


def test_check_says_so_too(specs: Path) -> None:
    (specs / "t.json").write_text('{"images": [{"path": "a.png", "width": 9, "height": 9, "objects": []}]}')
    done = logidsl("check", "--table", "t.json", "--spec", "warned.logic", cwd=specs)
    assert (done.returncode, done.stderr) == (0, HINT)
    assert logidsl("check", "--table", "t.json", "--spec", "warned.logic", "--quiet", cwd=specs).stderr == ""


def test_compile_has_the_warnings_in_its_json(specs: Path) -> None:
    found = document("compile", ".", cwd=specs, code=0)
    codes = {s["path"]: [d["code"] for d in s["diagnostics"]] for s in found["specs"]}
    assert codes == {"good.logic": [], "more/tray.yaml": ["W012"], "warned.logic": ["W010", "W001"]}


def test_a_folder_is_tested(specs: Path) -> None:
    done = logidsl("test", ".", "--quiet", cwd=specs)
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "good.logic: 1 passed, 0 failed",
        "more/tray.yaml: no tests",
        "warned.logic: no tests",
    ]


def test_fmt_check_as_json(specs: Path) -> None:
    (specs / "ugly.logic").write_text("object  bolt:2\n")
    found = document("fmt", "good.logic", "ugly.logic", "--check", cwd=specs, code=1)
    rows = [(s["path"], s["ok"], s["changed"]) for s in found["specs"]]
    assert rows == [("good.logic", True, False), ("ugly.logic", False, True)]
    (specs / "bad.logic").write_text("object bolt: 2\nrule r: count(bolt) == 2\n")
    found = document("fmt", "bad.logic", "--check", cwd=specs, code=3)
    (row,) = found["specs"]
    assert (row["changed"], row["diagnostics"][0]["code"]) == (None, "E020")
    done = logidsl("fmt", "ugly.logic", "--format", "json", cwd=specs)
    assert (done.returncode, "expected --format json beside --check" in done.stderr) == (64, True)
    assert (specs / "ugly.logic").read_text() == "object  bolt:2\n"


def test_the_warnings_of_a_spec_in_python(specs: Path) -> None:
    import logidsl as package

    assert [d.code for d in package.load(specs / "warned.logic").warnings] == ["W010", "W001"]
    assert package.loads(GOOD).warnings == []
