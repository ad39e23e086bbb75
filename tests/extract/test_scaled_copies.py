"""Pictures seen in a smaller copy: px stay those of the original."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.cli.commands import logidsl

SPEC = """param crack = 60 px
region left_side = box(0 px, 0 px, 800 px, 100 %)
blobs plates where lightness > 50 % and inside left_side then open(40 px) then close(crack)
object plate = plates where area >= 10000 px2 and width >= 150 px
rule two as quantity: count(plate) = 2
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a spec, and a picture of 1600 by 1200 px.

    On the left a bar thinner than 40 px, a plate in two halves 30 px apart, and a plate; on the right another plate.
    """
    picture = np.zeros((1200, 1600, 3), np.uint8)
    for x0, y0, x1, y1 in (
        (100, 100, 700, 119),
        (100, 300, 299, 499),
        (330, 300, 529, 499),
        (100, 800, 299, 999),
        (1200, 800, 1399, 999),
    ):
        cv2.rectangle(picture, (x0, y0), (x1, y1), (255, 255, 255), -1)
    cv2.imwrite(str(tmp_path / "plates.png"), picture)
    (tmp_path / "plates.logic").write_text(SPEC)
    return tmp_path


def seen(place: Path, *more: str) -> dict:
    """The one picture as JSON."""
    done = logidsl("table", "plates.png", "--spec", "plates.logic", "--format", "json", "--quiet", *more, cwd=place)
    assert done.returncode == 0, done.stderr
    document: dict = json.loads(done.stdout)
    return document


@pytest.mark.parametrize("size", [400, 800])
def test_lengths_and_areas_stay_those_of_the_original(place: Path, size: int) -> None:
    whole, copy = seen(place), seen(place, "--size", str(size))
    assert (
        f"plates.png: seen in a copy of {size} by {size * 3 // 4} px; lengths are those of the original"
        in copy["notes"]
    )
    (whole,), (copy,) = whole["images"], copy["images"]
    assert (copy["width"], copy["height"]) == (1600, 1200)
    assert copy["counts"] == whole["counts"] == {"plate": {"least": 2, "most": 2}}
    for one, other in zip(copy["objects"], whole["objects"], strict=True):
        assert one["box"] == pytest.approx(other["box"], abs=2 * 1600 / size)
        assert one["names"] == other["names"] == ["plate"]
        assert np.abs(np.array(one["outline"][0]).max(axis=0) - np.array(other["outline"][0]).max(axis=0)).max() <= 8
        for name in ("area", "length", "thickness", "perimeter", "path_length", "aspect", "roundness", "cover"):
            assert one[name] == pytest.approx(other[name], rel=0.06), name


def test_a_picture_that_is_small_enough_is_seen_as_it_is(place: Path) -> None:
    assert seen(place, "--size", "1600") == seen(place)


def test_histogram_and_candidates_are_of_the_copy_in_px_of_the_original(place: Path) -> None:
    text = logidsl(
        "table", "plates.png", "--spec", "plates.logic", "--size", "400", "--quiet", "--explain", "plate",
        "--overlay", "drawn.png", cwd=place,
    ).stdout  # fmt: skip
    assert text.startswith("plate: 2 of 2 plates\n")
    drawn = cv2.imread(str(place / "drawn.png"))
    assert drawn is not None
    assert drawn.shape[1] == 1600


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('blobs new where difference(color, background("plates.png")) > 9', "it compares with a `background`"),
        ("rule dark: left_side.lightness < 90 %", "it measures pixels of places"),
        ('object words = read_text(image)', "`words` is found by a source"),
    ],
)  # fmt: skip
def test_what_would_differ_is_refused(place: Path, line: str, words: str) -> None:
    (place / "plates.logic").write_text(SPEC + line + "\n")
    done = logidsl("table", "plates.png", "--spec", "plates.logic", "--size", "400", cwd=place)
    assert done.returncode == 4
    assert f"the spec cannot be run on a scaled copy, because {words}: remove --size" in done.stderr


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--size", "9"], "expected --size of 16 px or more, found 9"),
        (["--size", "400", "--masks", "m"], "--size cannot be combined with --masks"),
    ],
)
def test_sizes_that_cannot_be(place: Path, more: list[str], words: str) -> None:
    done = logidsl("table", "plates.png", "--spec", "plates.logic", *more, cwd=place)
    assert done.returncode == 64
    assert words in done.stderr
