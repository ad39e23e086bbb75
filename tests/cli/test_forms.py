"""`logidsl fmt` and `logidsl convert`: specs in their one spelling, and in their other form."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest

from tests.cli.commands import CHECKOUT, logidsl

UGLY = "spec  a\nobject bolt:2   # two\nrule r:((count( bolt )=2)) defect  x\n"
FINE = "spec a\nobject bolt: 2  # two\nrule r: count(bolt) = 2    defect x\n"
BROKEN = "object bolt: 2\nrule r: count(bolt) == 2\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ugly.logic").write_text(UGLY)
    (tmp_path / "fine.logic").write_text(FINE)
    return tmp_path


# ---- fmt ----


def test_files_are_written_anew_only_where_they_change(folder: Path) -> None:
    before = (folder / "fine.logic").stat().st_mtime_ns
    done = logidsl("fmt", ".", cwd=folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "logidsl: ugly.logic changed\n")
    assert (folder / "ugly.logic").read_text() == FINE
    assert (folder / "fine.logic").stat().st_mtime_ns == before
    assert logidsl("fmt", "ugly.logic", "--check", cwd=folder).returncode == 0


def test_check_and_diff_write_nothing(folder: Path) -> None:
    done = logidsl("fmt", ".", "--check", cwd=folder)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "logidsl: ugly.logic would be changed\n")
    shown = logidsl("fmt", "ugly.logic", "--diff", cwd=folder)
    assert shown.returncode == 0
    assert "-object bolt:2   # two\n" in shown.stdout
    assert "+object bolt: 2  # two\n" in shown.stdout
    assert logidsl("fmt", "ugly.logic", "--diff", "--check", cwd=folder).returncode == 1
    assert (folder / "ugly.logic").read_text() == UGLY


def test_the_input_goes_to_the_output(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(UGLY))
    done = logidsl("fmt", "-", cwd=folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, FINE, "")
    monkeypatch.setattr("sys.stdin", io.StringIO(UGLY))
    assert logidsl("fmt", "-", "--check", cwd=folder).returncode == 1


def test_mistakes_are_shown_and_other_files_formatted(folder: Path) -> None:
    (folder / "broken.logic").write_text(BROKEN)
    done = logidsl("fmt", ".", cwd=folder)
    assert done.returncode == 3
    assert "  --> broken.logic:2:21" in done.stderr
    assert "logidsl: 1 of 3 cannot be formatted" in done.stderr
    assert (folder / "broken.logic").read_text() == BROKEN
    assert (folder / "ugly.logic").read_text() == FINE


def test_what_cannot_be_formatted_is_said(folder: Path) -> None:
    (folder / "empty").mkdir()
    (folder / "a.yaml").write_text("spec: a\n")
    assert logidsl("fmt", "none.logic", cwd=folder).returncode == 3
    assert logidsl("fmt", "empty", cwd=folder).returncode == 3
    done = logidsl("fmt", "a.yaml", cwd=folder)
    assert done.returncode == 64
    assert "YAML" in done.stderr


# ---- convert ----


def test_a_spec_goes_to_yaml_and_back(folder: Path) -> None:
    done = logidsl("convert", "ugly.logic", "-o", "ugly.yaml", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "logidsl: 1 comment is left out: the YAML form keeps none\n"
    assert (folder / "ugly.yaml").read_text() == (
        "spec: a\nobject:\n  bolt: 2\nrule:\n  r: {check: count(bolt) = 2, defect: x}\n"
    )
    done = logidsl("convert", "ugly.yaml", cwd=folder)
    assert done.stdout == "spec a\n\nobject bolt: 2\n\nrule r: count(bolt) = 2    defect x\n"


def test_the_input_is_converted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("object: {bolt: 2}"))
    assert logidsl("convert", "-", cwd=folder).stdout == "object bolt: 2\n"
    monkeypatch.setattr("sys.stdin", io.StringIO("object bolt: 2"))
    assert logidsl("convert", "-", "--to", "yaml", cwd=folder).stdout == "object:\n  bolt: 2\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["fine.logic", "--to", "logic"], "is in the text form already; `logidsl fmt`"),
        (["fine.logic", "-o", "other.logic"], "is in the text form already"),
        (["fine.logic", "-o", "a.logic", "--to", "yaml"], "--to yaml does not go with a file named a.logic"),
    ],
)
def test_a_conversion_to_the_same_form_is_refused(folder: Path, words: list[str], told: str) -> None:
    done = logidsl("convert", *words, cwd=folder)
    assert done.returncode == 64
    assert told in done.stderr


def test_a_file_is_never_written_over_itself(folder: Path) -> None:
    shutil.copy(folder / "fine.logic", folder / "fine")
    done = logidsl("convert", "fine", "-o", "fine", cwd=folder)
    assert done.returncode == 64
    assert (folder / "fine").read_text() == FINE


def test_mistakes_are_shown_in_place_of_a_conversion(folder: Path) -> None:
    (folder / "broken.yaml").write_text("object: {bolt: 2}\nrule:\n  r: count(bolt) == 2\n")
    done = logidsl("convert", "broken.yaml", "-o", "out.logic", cwd=folder)
    assert done.returncode == 3
    assert "  --> broken.yaml:3:18\n 3 |   r: count(bolt) == 2\n   |                  ^^" in done.stderr
    assert not (folder / "out.logic").exists()


# ---- a spec in YAML, used ----


def test_yaml_judges_as_the_text_form_does(tmp_path: Path, trays: dict[str, Path]) -> None:
    shutil.copy(CHECKOUT / "specs" / "pushpins.logic", tmp_path / "text.logic")
    assert logidsl("convert", "text.logic", "-o", "other.yaml", cwd=tmp_path).returncode == 0
    found = []
    for spec in ("text.logic", "other.yaml"):
        done = logidsl("check", *trays.values(), "--spec", spec, cwd=tmp_path)
        assert done.returncode == 1
        found.append([line for line in done.stdout.splitlines() if line.startswith(("FAIL", "pass", "PASS", "REVIEW"))])
    assert found[0] == found[1]
    assert len(found[0]) == len(trays)


def test_yaml_compiles_with_its_own_places(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("object:\n  bolt: 2\nrule:\n  r: >-\n    some bolt or\n    count(bolts) = 1\n")
    done = logidsl("compile", "a.yaml", cwd=tmp_path)
    assert done.returncode == 3
    assert "  --> a.yaml:6:11" in done.stderr


def test_either_form_imports_the_other(tmp_path: Path) -> None:
    (tmp_path / "colors.yaml").write_text('color: {red: "#8c2a1e"}\n')
    (tmp_path / "a.logic").write_text('import "colors.yaml"\nobject b: 1\nrule r: b.color = red\n')
    (tmp_path / "c.yaml").write_text("import: a.logic\nrule: {s: b.area > 3 px2}\n")
    done = logidsl("compile", "c.yaml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "3 rules, 1 class" in done.stdout  # the number of `b` is one of them
