"""`logidsl describe`: text and JSON, one rule, several specs, mistakes."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.commands import CHECKOUT, logidsl, logidsl_process

PINS = CHECKOUT / "specs" / "pushpins.logic"


def test_sentences_stand_in_groups(tmp_path: Path) -> None:
    done = logidsl("describe", PINS, cwd=tmp_path)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    heads = [line for line in lines if line and not line.startswith(" ")]
    title = "pushpins: Pushpin tray, 15 compartments."
    assert heads == [title, "What is seen", "What is named", "What must hold", "Tests"]
    assert max(map(len, lines)) <= 100
    assert not any(line.lstrip().startswith("%") for line in lines)


def test_lines_are_as_wide_as_the_page(tmp_path: Path) -> None:
    done = logidsl_process("describe", PINS, cwd=tmp_path, COLUMNS="60")
    assert done.returncode == 0
    assert 50 < max(map(len, done.stdout.splitlines())) <= 60


def test_one_rule(tmp_path: Path) -> None:
    done = logidsl("describe", PINS, "--rule", "no_stray_pin", cwd=tmp_path)
    assert done.returncode == 0
    assert " ".join(done.stdout.split()) == (
        'There must be no pushpin outside every cell (rule no_stray_pin, position: "pins lie in compartments"). '
        "A violation is called stray_pushpin."
    )


def test_a_rule_that_is_not_there(tmp_path: Path) -> None:
    done = logidsl("describe", PINS, "--rule", "no_stray", cwd=tmp_path)
    assert done.returncode == 64
    assert "no rule `no_stray`; did you mean `no_stray_pin`?" in done.stderr


def test_json_is_a_list_of_sentences(tmp_path: Path) -> None:
    done = logidsl("describe", PINS, "--format", "json", cwd=tmp_path)
    rows = json.loads(done.stdout)
    assert [set(row) for row in rows] == [{"kind", "name", "sentence", "line", "path"}] * len(rows)
    rule = next(row for row in rows if row["name"] == "one_pin_per_cell")
    assert rule["kind"] == "rule"
    assert PINS.read_text("utf-8").splitlines()[rule["line"] - 1].startswith("rule one_pin_per_cell")
    assert rule["path"] == str(PINS)
    assert rule["sentence"].startswith("For every cell c, there must be exactly 1 pushpin inside c (rule")


def test_a_folder_has_a_page_for_each_spec(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.logic").write_text(f"object {name}_part: 1\n")
    done = logidsl("describe", ".", cwd=tmp_path)
    assert done.stdout.splitlines()[0] == "a.logic"
    assert "b.logic" in done.stdout.splitlines()
    assert "There must be exactly 1 b_part (object b_part)." in done.stdout


def test_parameters_from_outside_are_said(tmp_path: Path) -> None:
    (tmp_path / "a.logic").write_text("param limit = 2\nobject pin\nrule few: count(pin) <= limit\n")
    done = logidsl("describe", "a.logic", "-P", "limit=7", "--rule", "few", cwd=tmp_path)
    assert done.stdout == "There must be at most limit (7) pins (rule few).\n"


def test_a_yaml_spec(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("object: {nut: 2}\n")
    done = logidsl("describe", "a.yaml", cwd=tmp_path)
    assert "There must be exactly 2 nuts (object nut)." in done.stdout


def test_imported_rules_name_their_file(tmp_path: Path) -> None:
    (tmp_path / "part.logic").write_text("object nut: 2\n")
    (tmp_path / "a.logic").write_text('import "part.logic"\nobject bolt: 1\n')
    rows = json.loads(logidsl("describe", "a.logic", "--format", "json", cwd=tmp_path).stdout)
    assert [(Path(r["path"]).name, r["name"]) for r in rows if r["kind"] == "cardinality"] == [
        ("a.logic", "bolt"),
        ("part.logic", "nut"),
    ]


def test_a_mistake_in_one_spec_leaves_the_other(tmp_path: Path) -> None:
    (tmp_path / "bad.logic").write_text("object 3\n")
    (tmp_path / "good.logic").write_text("object nut: 2\n")
    done = logidsl("describe", "bad.logic", "good.logic", "missing.logic", cwd=tmp_path)
    assert done.returncode == 3
    assert "There must be exactly 2 nuts" in done.stdout
    assert "bad.logic" in done.stderr
    assert "missing.logic" in done.stderr


def test_a_folder_without_specs(tmp_path: Path) -> None:
    done = logidsl("describe", ".", cwd=tmp_path)
    assert (done.returncode, "no spec in the folder" in done.stderr) == (3, True)


def test_help_has_examples(tmp_path: Path) -> None:
    done = logidsl("describe", "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert "logidsl describe pushpins.logic --rule one_pin_per_cell" in done.stdout
