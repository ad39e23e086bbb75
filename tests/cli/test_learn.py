"""`logidsl learn` from the command line: what it writes and prints, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from logidsl import learn
from logidsl.extract.parts.model import read_parts
from tests.cli.commands import logidsl
from tests.learn.scenes import folder_of

QUICK = ("--jobs", "1", "--no-paste", "--no-resampling", "--variations", "3", "--quiet")


def test_a_file_a_report_and_a_sheet_are_written(tmp_path: Path) -> None:
    folder_of(tmp_path / "photos", 2)
    run = logidsl(
        "learn", "shapes.parts", "photos", "--report", "learned.html", "--sheet", "worst.png", *QUICK, cwd=tmp_path
    )
    assert run.returncode == 0, run.stderr
    assert "every class counted right on 2 of 2" in run.stdout
    assert "That is too few to be sure" in run.stdout
    assert 'object bar = learned("shapes.parts", "bar")' in run.stdout
    assert read_parts(tmp_path / "shapes.parts", 0).classes == ("bar", "disc")
    assert (tmp_path / "learned.html").read_text("utf-8").startswith("<!doctype html>")
    assert (tmp_path / "worst.png").read_bytes().startswith(b"\x89PNG")
    (tmp_path / "shapes.logic").write_text(
        'spec shapes\nobject bar = learned("shapes.parts"): 3\nobject disc = learned("shapes.parts"): 4\n', "utf-8"
    )
    checked = logidsl("check", "photos/p0.png", "--spec", "shapes.logic", "--format", "json", cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout
    assert json.loads(checked.stdout)["images"][0]["verdict"] == "pass"


def test_without_validation_parts_are_learned_and_nothing_is_claimed(tmp_path: Path) -> None:
    folder_of(tmp_path / "photos", 3)
    run = logidsl("learn", "shapes.parts", "photos", "--no-validation", *QUICK, cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert "Nothing was measured: no picture was left out." in run.stdout
    parts = read_parts(tmp_path / "shapes.parts", 0)
    assert (parts.settings.calibrated, parts.objects) == (False, None)
    (tmp_path / "shapes.logic").write_text(
        'spec shapes\nobject bar = learned("shapes.parts"): 3\nobject disc = learned("shapes.parts"): 4\n', "utf-8"
    )
    checked = logidsl("check", "photos/p0.png", "--spec", "shapes.logic", cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout


def test_figures_as_json(tmp_path: Path) -> None:
    folder_of(tmp_path / "photos", 1)
    run = logidsl("learn", "a.parts", "photos", "--format", "json", *QUICK, cwd=tmp_path)
    document = json.loads(run.stdout)
    assert (document["pictures"], document["judged"], document["calibrated"]) == (1, 0, False)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("a.zip", "photos"), 64, "expected a file that ends in .parts first, found `a.zip`"),
        (("a.parts", "photos", "--jobs", "0"), 64, "expected --jobs of 1 or more"),
        (("a.parts", "photos", "--seed", "-1"), 64, "expected --seed of 0 to"),
        (("a.parts", "nowhere"), 4, "no such file or folder: nowhere"),
        (("a.parts", "photos", "--any-color", "bolt"), 4, "no part of the class `bolt` is annotated"),
        (("a.parts", "photos", "--report", "photos/p0.json"), 64, "photos/p0.json is"),
        (
            ("a.parts", "photos", "--no-validation", "--sheet", "a.png"),
            64,
            "--sheet shows results on held-out pictures",
        ),
    ],
)
def test_what_cannot_be_done_is_said_before_any_work(
    arguments: tuple[str, ...], code: int, message: str, tmp_path: Path
) -> None:
    folder_of(tmp_path / "photos", 1)
    run = logidsl("learn", *arguments, cwd=tmp_path)
    assert (run.returncode, message in run.stderr) == (code, True), run.stderr
    assert not (tmp_path / "a.parts").exists()


def test_an_interrupted_run_leaves_the_former_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder_of(tmp_path / "photos", 1)
    (tmp_path / "a.parts").write_bytes(b"before")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(learn, "learn", interrupted)
    from logidsl.cli import main

    assert main(["learn", "a.parts", "photos"]) == 130
    assert (tmp_path / "a.parts").read_bytes() == b"before"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.parts", "photos"]
