"""Colours fitted by counts and by annotations."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from logidsl.fit.colors import assigned
from logidsl.library.color import ciede2000, lab_of_hex
from tests.cli.commands import logidsl

SPEC = """color red    = "#e00000"            # of the small ones
color orange = "#e0b000" within 4
blobs spots where saturation >= 30 %
object red_disc    = spots where color = red
object orange_disc = spots where color = orange
rule reds as quantity: count(red_disc) >= 1
"""
BGR = {"red_disc": (50, 50, 190), "orange_disc": (40, 120, 200)}
KINDS = ("rro", "roo", "rrr", "oor", "oro")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Pictures of three discs of two colours in changing light, with counts, and annotations in LabelMe's format."""
    random = np.random.default_rng(2)
    (tmp_path / "annotated").mkdir()
    (tmp_path / "sweets.logic").write_text(SPEC)
    truth = {}
    for number, kinds in enumerate(KINDS):
        picture = np.full((60, 200, 3), 230, np.uint8)
        shapes = []
        for i, kind in enumerate(kinds):
            label = {"r": "red_disc", "o": "orange_disc"}[kind]
            light = random.uniform(0.9, 1.1)
            cv2.circle(picture, (30 + 60 * i, 30), 14, [round(v * light) for v in BGR[label]], -1)
            corners = [[24 + 60 * i, 24], [36 + 60 * i, 36]]
            shapes.append({"label": label, "points": corners, "shape_type": "rectangle"})
        cv2.imwrite(str(tmp_path / "annotated" / f"{number}.png"), picture)
        document = {"imagePath": f"{number}.png", "imageHeight": 60, "imageWidth": 200, "shapes": shapes}
        (tmp_path / "annotated" / f"{number}.json").write_text(json.dumps(document))
        truth[f"{number}.png"] = {"red_disc": kinds.count("r"), "orange_disc": kinds.count("o")}
    (tmp_path / "annotated" / "truth.csv").write_text(
        "picture,red_disc,orange_disc\n"
        + "".join(f"{n},{c['red_disc']},{c['orange_disc']}\n" for n, c in truth.items())
    )
    return tmp_path


def fit(place: Path, *args: str, code: int = 0) -> Any:
    done = logidsl("fit", "sweets.logic", *args, "--colors", "--jobs", "1", "--format", "json", cwd=place)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def far(color: str, bgr: tuple[int, int, int]) -> float:
    wanted = lab_of_hex("#" + "".join(f"{v:02x}" for v in reversed(bgr)))
    found = lab_of_hex(color)
    assert wanted is not None
    assert found is not None
    return float(ciede2000(found, wanted))


def test_colours_are_learned_from_counts(place: Path) -> None:
    made = fit(place, "--truth", "annotated/truth.csv", "-o", "new.logic", "--report", "new.html")
    assert (made["pictures"], made["right"], made["right_before"]) == (5, 5, 1)
    by_name = {c["name"]: c for c in made["colors"]}
    assert far(by_name["red"]["color"], BGR["red_disc"]) < 3
    assert far(by_name["orange"]["color"], BGR["orange_disc"]) < 3
    assert [by_name[n]["objects"] for n in ("red", "orange")] == [8, 7]
    assert made["estimate"]["rates"][0] == {
        "what": "pictures counted wrong",
        "errors": 0,
        "judged": 5,
        "review": 0,
        "at_most": pytest.approx(1 - 0.05 ** (1 / 5)),
    }
    lines = (place / "new.logic").read_text().splitlines()
    assert lines[0].startswith("# fit: red: 8 objects, the farthest at")
    red = by_name["red"]
    assert lines[1] == f'color red    = "{red["color"]}" within {red["within"]:g}            # of the small ones'
    assert [*lines[4:]] == SPEC.splitlines()[2:]
    assert red["color"] in (place / "new.html").read_text()


def test_colours_are_learned_from_annotations(place: Path) -> None:
    (place / "annotated" / "truth.csv").unlink()
    made = fit(place, "annotated")
    by_name = {c["name"]: c for c in made["colors"]}
    assert far(by_name["red"]["color"], BGR["red_disc"]) < 3
    assert far(by_name["orange"]["color"], BGR["orange_disc"]) < 3
    assert made["estimate"] is None


def test_pictures_with_other_numbers_teach_nothing(place: Path) -> None:
    (place / "annotated" / "truth.csv").write_text(
        "picture,red_disc,orange_disc\n0.png,2,1\n1.png,1,2\n2.png,3,0\n3.png,1,5\n"
    )
    made = fit(place, "--truth", "annotated/truth.csv", code=1)
    assert made["wrong"] == ["annotated/3.png"]
    assert "no colour is learned from annotated/3.png" in made["notes"][0]


def test_what_cannot_be_fitted(place: Path) -> None:
    def told(*args: str) -> str:
        done = logidsl("fit", *args, "--jobs", "1", cwd=place)
        assert done.returncode in (4, 64)
        return done.stderr

    (place / "none.logic").write_text("blobs spots where lightness > 5 %\nobject disc = spots where area > 3 px2\n")
    (place / "t.json").write_text('{"annotated/0.png": {"disc": 3}}')
    assert "no class selected by a named colour" in told("none.logic", "--colors", "--truth", "t.json")
    (place / "t.json").write_text('{"annotated/0.png": {"red_disc": 30}}')
    assert "no colour can be learned" in told("sweets.logic", "--colors", "--truth", "t.json")
    assert "expected one of --colors and --every-number" in told(
        "sweets.logic", "--colors", "--every-number", "--truth", "t.json"
    )
    assert "expected --truth FILE with counts" in told("sweets.logic", "--colors", "--good", "annotated")


def test_objects_are_given_to_classes_at_least_cost() -> None:
    random = np.random.default_rng(4)
    for _ in range(30):
        costs = random.uniform(0, 10, (6, 2))
        counts = (2, 4)
        best = min(
            costs[list(a), 0].sum() + costs[[i for i in range(6) if i not in a], 1].sum()
            for a in itertools.combinations(range(6), 2)
        )
        owner = assigned(costs, counts)
        assert np.bincount(owner, minlength=2).tolist() == list(counts)
        assert costs[np.arange(6), owner].sum() == pytest.approx(best)
