"""`logidsl infer` from the shell: drafts, questions, pictures, and what is refused."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.cli.commands import logidsl


def rows(count: int) -> str:
    dice, lines = random.Random(1), ["image,image_width,image_height,class,x0,y0,x1,y1"]
    for i in range(count):
        for k in range(3):
            x, y = 20 + 60 * k + dice.uniform(-5, 5), 30 + dice.uniform(-5, 5)
            lines.append(f"p{i}.png,200,100,pin,{x:.2f},{y:.2f},{x + dice.uniform(18, 22):.2f},{y + 20:.2f}")
    return "\n".join(lines) + "\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "good.csv").write_text(rows(20))
    return tmp_path


def test_a_table_becomes_a_draft_that_judges_it(place: Path) -> None:
    done = logidsl("infer", "--table", "good.csv", "-o", "draft.logic", cwd=place)
    assert done.returncode == 0
    assert "20 good parts" in done.stderr and "at 95 % confidence" in done.stderr
    draft = (place / "draft.logic").read_text("utf-8")
    assert re.search("^object pin: 3 +low missing_pin  high additional_pin$", draft, re.MULTILINE)
    assert logidsl("fmt", "--check", "draft.logic", cwd=place).returncode == 0
    assert logidsl("check", "--table", "good.csv", "--spec", "draft.logic", cwd=place).returncode == 0
    (place / "bad.csv").write_text(rows(20).rsplit("\n", 2)[0] + "\n")
    assert logidsl("check", "--table", "bad.csv", "--spec", "draft.logic", cwd=place).returncode == 1


def test_json_has_the_figures(place: Path) -> None:
    found = json.loads(logidsl("infer", "--table", "good.csv", "--format", "json", "--quiet", cwd=place).stdout)
    assert found["parts"] == 20 and found["rejected"] / 20 < found["bound"] <= 1
    assert found["spec"].startswith("# Inferred from 20 good parts")
    assert {"clause", "seen", "rejects", "alone"} <= set(found["rules"][0])


def test_questions_are_answered_in_the_file(place: Path) -> None:
    logidsl("infer", "--table", "good.csv", "--ask", "asked.txt", "-o", "first.logic", cwd=place)
    asked = (place / "asked.txt").read_text("utf-8")
    first = next(line for line in asked.splitlines() if line.startswith("? "))
    (place / "asked.txt").write_text(asked.replace("\n? ", "\nkeep ", 1))
    kept = logidsl("infer", "--table", "good.csv", "--keep", "asked.txt", "--quiet", cwd=place)
    assert first.removeprefix("? ").partition("    #")[0] in kept.stdout and "# kept" in kept.stdout


def test_pictures_are_seen_by_a_spec(place: Path) -> None:
    (place / "good").mkdir()
    dice = np.random.default_rng(0)
    for i in range(8):
        picture = np.full((100, 200, 3), 20, np.uint8)
        for k in range(3):
            x, y = 30 + 60 * k + int(dice.integers(-5, 6)), 50 + int(dice.integers(-5, 6))
            cv2.circle(picture, (x, y), 10, (240, 240, 240), -1)
        cv2.imwrite(str(place / "good" / f"{i}.png"), picture)
    (place / "spots.logic").write_text("blobs spot where lightness > 50 %\nobject pill = spot where area > 20 px2\n")
    done = logidsl("infer", "good", "--spec", "spots.logic", "-o", "draft.logic", cwd=place)
    assert done.returncode == 0, done.stderr
    assert logidsl("check", "good", "--spec", "draft.logic", cwd=place).returncode == 0
    empty = np.full((100, 200, 3), 20, np.uint8)
    cv2.imwrite(str(place / "empty.png"), empty)
    assert logidsl("check", "empty.png", "--spec", "draft.logic", cwd=place).returncode == 1


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ([], 64, "expected pictures of good parts, or --table FILE"),
        (["good.png"], 64, "expected --spec SPEC with pictures"),
        (
            ["--table", "good.csv", "--max-false-rejects", "lots"],
            64,
            "--max-false-rejects from 0% to below 100%, found `lots`",
        ),
        (["--table", "good.csv", "--seed", "-1"], 64, "expected --seed of 0 or more, found -1"),
        (["--table", "none.csv"], 4, "none.csv"),
        (["--table", "one.csv"], 4, "expected at least 5 good parts, found 1"),
        (["--table", "good.csv", "--keep", "none.txt"], 4, "none.txt cannot be read"),
        (["--table", "good.csv", "-o", "good.csv"], 64, "is the input good.csv"),
    ],
)
def test_what_cannot_be_done_is_said(place: Path, words: list[str], code: int, message: str) -> None:
    (place / "one.csv").write_text(rows(1))
    done = logidsl("infer", *words, cwd=place)
    assert (done.returncode, message in done.stderr) == (code, True), done.stderr
    assert (place / "good.csv").read_text() == rows(20)
