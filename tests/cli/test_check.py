"""`logidsl check` on rendered trays: verdicts, exit codes, formats, and what goes wrong."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import jsonschema
import pytest

from logidsl.report.schema import schema
from tests.cli.commands import logidsl, logidsl_process

SPEC = """spec tray "Pushpin tray, 15 compartments"
param pins = 1
color amber = "#f6b01c" within 25
blobs yellow where color = amber then open(0.4 %) then fill()
object pushpin = yellow where area >= 0.05 %
grid cell = 3 rows, 5 columns of box(2 %, 4 %, 98 %, 96 %)

rule one_pin_per_cell "each compartment holds one pin" as quantity:
    every cell c: count(pushpin inside c) = pins
    low missing_pushpin  high additional_pushpin
"""


@pytest.fixture
def place(tmp_path: Path, trays: dict[str, Path]) -> Path:
    """A folder with `trays/`, each tray under its own name, and `specs/trays.logic`."""
    (tmp_path / "trays").mkdir()
    (tmp_path / "specs").mkdir()
    for name, path in trays.items():
        shutil.copy(path, tmp_path / "trays" / f"{name}.png")
    (tmp_path / "specs" / "trays.logic").write_text(SPEC)
    return tmp_path


def report(text: str) -> dict:
    """A report that keeps its contract."""
    document: dict = json.loads(text)
    jsonschema.Draft202012Validator(schema()).validate(document)
    return document


def test_a_good_tray_passes(place: Path) -> None:
    done = logidsl_process("check", "trays/good.png", cwd=place)
    assert done.returncode == 0
    assert done.stdout == "PASS   trays/good.png: 15 objects, every rule holds\n"
    assert done.stderr == "logidsl: spec specs/trays.logic (in specs)\n"


def test_a_missing_pin_is_shown_with_its_place_and_the_words_of_the_spec(place: Path) -> None:
    done = logidsl("check", "trays/one_missing.png", "--spec", "specs/trays.logic", cwd=place)
    assert done.returncode == 1
    assert done.stderr == ""
    assert done.stdout.startswith("FAIL   trays/one_missing.png: missing_pushpin, 14 objects\n")
    assert "expected 1, found 0" in done.stdout
    assert "9 |     every cell c: count(pushpin inside c) = pins\n" in done.stdout
    assert "  |                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^" in done.stdout


def test_json_of_a_folder_keeps_order_and_contract(place: Path) -> None:
    done = logidsl("check", "trays", "--format", "json", cwd=place)
    assert done.returncode == 1
    document = report(done.stdout)
    paths = [i["path"] for i in document["images"]]
    assert paths == sorted(paths)
    assert len(paths) == document["summary"]["pass"] + document["summary"]["fail"] == 5
    (missing,) = (i for i in document["images"] if i["path"] == "trays/one_missing.png")
    assert missing["labels"] == ["missing_pushpin"]
    assert document["spec"]["path"] == "specs/trays.logic"


def test_jsonl_and_output(place: Path) -> None:
    done = logidsl("check", "trays", "--format", "jsonl", "-o", "out.jsonl", "-q", cwd=place)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
    lines = [json.loads(line) for line in (place / "out.jsonl").read_text("utf-8").splitlines()]
    whole = report(logidsl("check", "trays", "--format", "json", cwd=place).stdout)
    own = ("logidsl", "spec", "input", "digest")  # what makes a line stand alone
    assert [{k: v for k, v in line.items() if k not in own} for line in lines] == whole["images"]
    for line in lines:
        assert line["spec"] == whole["spec"]
        assert line["input"] == line["path"]
        assert line["digest"] == hashlib.sha256((place / line["path"]).read_bytes()).hexdigest()


def test_patterns_folders_and_files_are_each_taken_once(place: Path) -> None:
    done = logidsl("check", "trays/good.png", "trays/*_cell.png", "trays", "--format", "json", cwd=place)
    paths = [i["path"] for i in report(done.stdout)["images"]]
    assert len(paths) == len(set(paths)) == 5
    assert paths[:2] == ["trays/good.png", "trays/two_in_one_cell.png"]


def test_quiet_says_nothing_of_a_good_tray(place: Path) -> None:
    done = logidsl("check", "trays/good.png", "--quiet", cwd=place)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_cannot_be_read_is_a_row_and_code_4(place: Path) -> None:
    (place / "trays" / "cut.png").write_bytes((place / "trays" / "good.png").read_bytes()[:3000])
    (place / "empty").mkdir()
    arguments = ("trays/good.png", "trays/cut.png", "trays/none.png", "empty")
    done = logidsl("check", *arguments, "--format", "json", "--spec", "specs/trays.logic", cwd=place)
    assert done.returncode == 4
    assert "3 of 4 could not be judged" in done.stderr
    images = report(done.stdout)["images"]
    assert [(i["path"], i["verdict"]) for i in images] == [
        ("trays/good.png", "pass"), *((a, "error") for a in arguments[1:])
    ]  # fmt: skip
    assert all(i["error"] and i["objects"] is None for i in images[1:])


def test_a_violation_outweighs_an_unreadable_picture_which_is_still_told(place: Path) -> None:
    (place / "trays" / "cut.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    for quiet in ([], ["--quiet"]):
        done = logidsl("check", "trays/cut.png", "trays/one_missing.png", *quiet, cwd=place)
        assert done.returncode == 1
        assert "ERROR  trays/cut.png: " in done.stdout
        assert "1 of 2 could not be judged" in done.stderr


def test_a_parameter_from_outside_changes_the_verdict(place: Path) -> None:
    assert logidsl("check", "trays/good.png", "-P", "pins = 2", cwd=place).returncode == 1
    done = logidsl("check", "trays/good.png", "-P", "pinz=2", cwd=place)
    assert done.returncode == 3
    assert "pinz" in done.stderr
    assert "-->" not in done.stderr


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        ("object pin\nrule r: count(pim) = 1\n", "  --> bad.logic:2:15"),
        ("object pin:\n", "bad.logic:1"),
        (None, "there is no such file"),
    ],
)
def test_a_spec_error_is_code_3_and_nothing_is_judged(place: Path, spec: str | None, complaint: str) -> None:
    if spec is not None:
        (place / "bad.logic").write_text(spec)
    done = logidsl("check", "trays/good.png", "--spec", "bad.logic", cwd=place)
    assert (done.returncode, done.stdout) == (3, "")
    assert complaint in done.stderr


def test_no_spec_is_code_3(place: Path) -> None:
    shutil.rmtree(place / "specs")
    done = logidsl("check", "trays/good.png", cwd=place)
    assert done.returncode == 3
    assert "no spec for trays/good.png" in done.stderr


def test_an_output_that_cannot_be_written_is_code_4(place: Path) -> None:
    done = logidsl("check", "trays/good.png", "-o", "no/such/folder.txt", cwd=place)
    assert (done.returncode, done.stdout) == (4, "")
    assert "no/such/folder.txt cannot be written" in done.stderr


def test_other_processes_give_the_same_report(place: Path) -> None:
    (place / "trays" / "cut.png").write_bytes(b"no picture")
    alone = logidsl("check", "trays", "--format", "json", "--jobs", "1", cwd=place)
    shared = logidsl("check", "trays", "--format", "json", "--jobs", "2", cwd=place)
    assert shared.stdout == alone.stdout
    assert (shared.returncode, alone.returncode) == (1, 1)


def test_overlays_of_one_name_in_two_folders(place: Path) -> None:
    shutil.copytree(place / "trays", place / "more")
    pictures = ("trays/good.png", "more/good.png", "trays/one_missing.png")
    done = logidsl("check", *pictures, "--spec", "specs/trays.logic", "--overlay", "marked/deep", cwd=place)
    assert (done.returncode, done.stderr) == (1, "")
    names = {p.name for p in (place / "marked" / "deep").iterdir()}
    assert names == {"trays_good.png", "more_good.png", "one_missing.png"}
    from logidsl.extract.pixels.picture import read_picture

    drawn, bare = read_picture(place / "marked/deep/one_missing.png"), read_picture(place / "trays/one_missing.png")
    assert (drawn.bgr.shape[1], drawn.bgr.ndim) == (bare.bgr.shape[1], 3)
    assert drawn.bgr.tobytes() != bare.bgr.tobytes()


def test_an_overlay_never_replaces_a_picture(place: Path) -> None:
    before = (place / "trays" / "good.png").read_bytes()
    done = logidsl("check", "trays/good.png", "--overlay", "trays", cwd=place)
    assert done.returncode == 64
    assert "is the input trays/good.png" in done.stderr
    assert (place / "trays" / "good.png").read_bytes() == before


def test_names_that_a_shell_finds_hard(place: Path) -> None:
    for name in ("-dash.png", "ein Ä 红 [1].png", "new\nline.png"):
        shutil.copy(place / "trays" / "good.png", place / "trays" / name)
        done = logidsl("check", f"trays/{name}", "--format", "json", cwd=place)
        assert done.returncode == 0, done.stderr
        assert report(done.stdout)["images"][0]["path"] == f"trays/{name}"
    done = logidsl("check", "--spec", "specs/trays.logic", "--", "-dash.png", cwd=place / "trays")
    assert done.returncode == 3


def test_json_is_utf8_whatever_the_terminal_speaks(place: Path) -> None:
    shutil.copy(place / "trays" / "good.png", place / "trays" / "Ä 红.png")
    for form in ("json", "jsonl"):
        arguments = ("check", "trays/Ä 红.png", "--format", form)
        done = logidsl_process(*arguments, cwd=place, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
        assert done.returncode == 0
        assert json.loads(done.stdout)["spec"]["name"] == "tray"
        assert "trays/Ä 红.png" in done.stdout
    text = logidsl_process("check", "trays/Ä 红.png", cwd=place, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert text.stdout.startswith("PASS   trays/\\xc4 \\u7ea2.png: ")
