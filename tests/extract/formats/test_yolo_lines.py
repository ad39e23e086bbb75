"""What the numbers of YOLO's lines are: decided for a file as a whole, or refused."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

import logidsl
from logidsl.table import ObjectTable

SPEC = logidsl.loads("object nut, bolt\nrule r: count(nut) >= 0\n")
BOX = "1 .5 .5 .2 .4"
OBB = "1 .4 .4 .6 .4 .6 .6 .4 .6"
HEXAGON = "1 .4 .5 .45 .4 .55 .4 .6 .5 .55 .6 .45 .6"
POSE = "1 .5 .5 .2 .4 .45 .4 2 .55 .6 1"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((100, 200, 3), np.uint8))
    (tmp_path / "classes.txt").write_text("bolt\nnut\n")
    return tmp_path


def see(folder: Path, *lines: str) -> ObjectTable:
    (folder / "a.txt").write_text("\n".join(lines) + "\n")
    table = SPEC.see(folder / "a.txt")
    assert not table.problems, table.problems
    return table


def column(table: ObjectTable, name: str) -> list[float] | None:
    found = table.columns.get(name)
    return None if found is None else np.asarray(found).round(3).tolist()


def box(table: ObjectTable, row: int = 0) -> list[float]:
    return [float(np.asarray(table.columns[k])[row].round(3)) for k in ("x0", "y0", "x1", "y1")]


@pytest.mark.parametrize("start", [BOX, OBB, HEXAGON])
@pytest.mark.parametrize(
    ("tails", "scores", "ids"),
    [
        (["", ""], None, ["1", "2"]),
        ([" .9", " .8"], [0.9, 0.8], ["1", "2"]),
        ([" .9", " 1"], [0.9, 1.0], ["1", "2"]),
        ([" 1", " 2"], None, ["1", "2"]),
        ([" 7", " 4"], None, ["7", "4"]),
        ([" .9 7", " .8 4"], [0.9, 0.8], ["7", "4"]),
        ([" 1 7", " 0 4"], [1.0, 0.0], ["7", "4"]),
        ([" 1", " 1"], None, ["1", "2"]),  # a confidence or a track: neither is read
        ([" 1.5", " .5"], [None, 0.5], ["1", "2"]),
        ([" -3", " .5"], [None, 0.5], ["1", "2"]),
    ],
)
def test_what_follows_a_place(
    folder: Path, start: str, tails: list[str], scores: list[float | None] | None, ids: list[str]
) -> None:
    table = see(folder, *(start + tail for tail in tails))
    plain = see(folder, start)
    assert box(table) == box(table, 1) == box(plain)
    assert column(table, "area") == (None if start == BOX else [column(plain, "area")[0]] * 2)  # type: ignore[index]
    found = column(table, "confidence")
    assert found == scores or (found and scores and np.array_equal(found, np.array(scores, float), equal_nan=True))
    assert list(table.ids) == ids
    if " 1" in tails[0][:2] and tails[0] == tails[1]:
        assert "it may be a confidence or a track number" in table.notes[0]
    if tails[0].strip() in ("1.5", "-3"):
        assert "the numbers after its place are not read" in table.notes[0]


def test_one_track_alone(folder: Path) -> None:
    assert box(see(folder, BOX + " .9 1")) == [80, 30, 120, 70] and see(folder, BOX + " .9 1").ids == ("1",)
    assert box(see(folder, OBB + " .9 1")) == [80, 40, 120, 60]
    assert box(see(folder, HEXAGON + " .9 1")) == [80, 40, 120, 60]
    assert box(see(folder, "1 .1 .1 .3 .1 .2 .3")) == [20, 10, 60, 30]  # a triangle


def test_a_good_box_with_a_bad_tail_is_kept(folder: Path) -> None:
    table = see(folder, BOX + " best", BOX)
    assert (
        box(table) == [80, 30, 120, 70] and "the numbers after its box are not read: expected numbers" in table.notes[0]
    )
    table = see(folder, BOX + " nan", BOX + " 0_9")
    assert column(table, "confidence") is None and len(table) == 2


@pytest.mark.parametrize("tail", ["", " .9", " 3", " .9 3"])
def test_key_points_where_data_yaml_says_so(folder: Path, tail: str) -> None:
    (folder / "data.yaml").write_text("names: [bolt, nut]\nkpt_shape: [2, 3]\n")
    table = see(folder, POSE + tail, "0 .2 .2 .1 .1 .2 .2 2 0 0 0" + tail)
    assert box(table) == [80, 30, 120, 70] and table.classes.texts() == ["nut", "bolt"]
    assert column(table, "confidence") == ([0.9, 0.9] if ".9" in tail else None)
    assert "keypoints are not read" in "\n".join(table.notes)
    assert box(see(folder, BOX)) == [80, 30, 120, 70]
    short = see(folder, BOX + " .5 .5 2 .5")
    assert box(short) == [80, 30, 120, 70] and "expected 6 numbers of keypoints" in short.notes[0]


@pytest.mark.parametrize(
    "lines",
    [
        [POSE, "0 .2 .2 .1 .1 .2 .2 2 0 0 0"],
        ["1 .5 .5 .2 .4 .45 .4 .55 .6 .5 .5", "0 .2 .2 .1 .1 .2 .2 .21 .21 .19 .22"],  # two numbers a point
        [POSE + " .9"],
    ],
)
def test_outlines_or_key_points_is_refused(folder: Path, lines: list[str]) -> None:
    (folder / "a.txt").write_text("\n".join(lines) + "\n")
    [image] = SPEC.check(folder / "a.txt").images
    assert image.verdict == "error" and "state `kpt_shape: [number, 2 or 3]` in a data.yaml" in str(image.error)


def test_outlines_are_outlines(folder: Path) -> None:
    rng = np.random.default_rng(5)
    for count in (3, 4, 5, 8, 20, 60):
        for middle in ((0.5, 0.5), (0.3, 0.6), (0.8, 0.2)):
            turn = np.sort(rng.uniform(0, 2 * np.pi, count)) if count > 8 else np.arange(count) * 2 * np.pi / count
            ring = np.stack([np.cos(turn), np.sin(turn)], axis=1) * 0.1 + middle
            table = see(folder, "1 " + " ".join(f"{v:.6f}" for v in ring.ravel()))
            low, high = ring.min(0) * (200, 100), ring.max(0) * (200, 100)
            assert np.allclose(box(table), [*low, *high], atol=0.01), (count, middle)


def test_a_bad_kpt_shape_is_named(folder: Path) -> None:
    (folder / "data.yaml").write_text("names: [bolt, nut]\nkpt_shape: seventeen\n")
    (folder / "a.txt").write_text(POSE + "\n")
    [image] = SPEC.check(folder / "a.txt").images
    assert image.verdict == "error" and "expected `kpt_shape` as the number of keypoints and 2 or 3" in str(image.error)
