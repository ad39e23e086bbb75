"""The workbench of `logidsl table`: masks, what a condition takes, histograms."""

from __future__ import annotations

import base64
import csv
import io
import json
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.cli.commands import logidsl

SPEC = """blobs spots where lightness > 50 % then open(3 px) then fill()
object big  = spots where area >= 200 px2 and roundness >= 0.8
object any_spot = spots where area >= 1 px2
rule two as quantity: count(big) = 2
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a spec and two pictures: two discs, a bar and a spot each."""
    (tmp_path / "spots.logic").write_text(SPEC)
    (tmp_path / "good").mkdir()
    for name in ("a", "b"):
        picture = np.zeros((120, 200, 3), np.uint8)
        cv2.circle(picture, (40, 40), 15, (255, 255, 255), -1)
        cv2.circle(picture, (100, 40), 20, (255, 255, 255), -1)
        cv2.rectangle(picture, (20, 90), (180, 96), (255, 255, 255), -1)
        cv2.rectangle(picture, (150, 30), (154, 34), (255, 255, 255), -1)
        cv2.imwrite(str(tmp_path / "good" / f"{name}.png"), picture)
    return tmp_path


def table(place: Path, *args: str) -> str:
    done = logidsl("table", *args, "--spec", "spots.logic", "--quiet", cwd=place)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_masks_of_every_stage_are_written(place: Path) -> None:
    table(place, "good/a.png", "--masks", "stages/deep")
    names = sorted(p.name for p in (place / "stages" / "deep").iterdir())
    assert names == ["spots-0-where.png", "spots-1-open.png", "spots-2-fill.png"]
    first = cv2.imread(str(place / "stages" / "deep" / names[0]))
    assert first is not None
    assert set(np.unique(first)) == {0, 255}
    assert first[40, 40].tolist() == [255, 255, 255]


def test_explain_says_which_condition_drops_what(place: Path) -> None:
    text = table(place, "good/a.png", "--explain", "big")
    assert text.startswith("big: 2 of 4 spots\n")
    assert "a: area >= 200 px2: drops 1, alone 1\n" in text
    assert "b: roundness >= 0.8: drops 1, alone 1\n" in text
    found = json.loads(table(place, "good/a.png", "--explain", "big", "--format", "json"))
    assert [o["kept"] for o in found["objects"]].count("yes") == 2
    bar = next(o for o in found["objects"] if o["conditions"][1]["holds"] == "no")
    assert bar["conditions"][0]["measured"] == 161 * 7
    assert bar["conditions"][1]["margin"] < 0 < bar["conditions"][0]["margin"]
    rows = list(csv.DictReader(io.StringIO(table(place, "good/a.png", "--explain", "big", "--format", "csv"))))
    assert [r["kept"] for r in rows] == [o["kept"] for o in found["objects"]]


def test_a_histogram_counts_every_object_of_a_folder_once(place: Path) -> None:
    text = table(place, "good", "--histogram", "big.width")
    assert text.startswith("big.width: 4 objects on 2 pictures, from 29 to 39, median 34; 4 rejected\n")
    rows = list(csv.DictReader(io.StringIO(table(place, "good", "--histogram", "area", "--format", "csv"))))
    assert len(rows) == 20
    assert sum(int(r["objects"]) for r in rows) == 8
    bins = json.loads(table(place, "good", "--histogram", "area", "--format", "json"))["bins"]
    assert [b["objects"] for b in bins] == [int(r["objects"]) for r in rows]


def test_a_histogram_shows_what_was_rejected_and_the_gaps(place: Path) -> None:
    rows = "image,image_width,image_height,id,class,x0,y0,x1,y1,area,confidence\n"
    areas = [(10, 0.9), (20, 0.9), (90, 0.9), (100, 0.9), (110, 0.5), (120, 0.9), (300, 0.9)]
    rows += "".join(f"a.png,200,200,{i},thing,0,0,{a / 10},9,{a},{c}\n" for i, (a, c) in enumerate(areas))
    (place / "t.csv").write_text(rows)
    (place / "spots.logic").write_text(
        "spec t\ndoubtful 0.4 .. 0.6\nobject thing\nobject mid = thing where area in 80 .. 130 px2 and width > 9.5 px\n"
        "rule r: count(mid) = 1\n"
    )
    found = json.loads(table(place, "t.csv", "--histogram", "mid.area", "--format", "json"))
    assert {k: found[k] for k in ("objects", "undetermined", "rejected", "rejected_among_objects")} == {
        "objects": 2,
        "undetermined": 1,
        "rejected": 4,
        "rejected_among_objects": 0,
    }
    assert found["unit"] == "px2"
    assert found["gaps"] == [
        {"side": "below", "low": 90.0, "high": 100.0, "undetermined": 0, "middle": 95.0},
        {"side": "above", "low": 120.0, "high": 300.0, "undetermined": 0, "middle": 210.0},
    ]
    for group in ("objects", "undetermined", "rejected"):
        assert sum(b[group] for b in found["bins"]) == found[group]
    text = table(place, "t.csv", "--histogram", "mid.area")
    assert text.splitlines()[0].endswith("on 1 picture, from 100 to 120, median 110; 1 undetermined, 4 rejected")
    assert text.endswith("gap below: 90 to 100, middle 95 px2\ngap above: 120 to 300, middle 210 px2\n")
    bars = [line.split()[-1] for line in text.splitlines()[2:-2]]
    assert {c for bar in bars for c in bar} >= set("#?-")


def test_what_other_conditions_reject_lies_among_the_objects(place: Path) -> None:
    text = table(place, "good", "--histogram", "big.area")
    assert "gap below: 25 to " in text
    assert text.endswith("2 of 4 rejected lie among the objects: other conditions reject them\n")
    rows = list(csv.DictReader(io.StringIO(table(place, "good", "--histogram", "big.area", "--format", "csv"))))
    assert sum(int(r["rejected"]) for r in rows) == sum(int(r["objects"]) for r in rows) == 4
    rows = list(csv.DictReader(io.StringIO(table(place, "good", "--histogram", "spots.area", "--format", "csv"))))
    assert sum(int(r["objects"]) for r in rows) == 8


def test_whole_numbers_have_a_bar_each_and_one_value_has_one(place: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(table(place, "good", "--histogram", "big.holes", "--format", "csv"))))
    assert [(float(r["low"]), float(r["high"]), int(r["objects"])) for r in rows] == [(0.0, 0.0, 4)]
    (place / "spots.logic").write_text(SPEC.replace("roundness >= 0.8", "roundness >= 0"))
    picture = np.zeros((60, 200, 3), np.uint8)
    for i, width in enumerate((29, 32, 39)):
        cv2.rectangle(picture, (10 + 60 * i, 20), (9 + 60 * i + width, 39), (255, 255, 255), -1)
    cv2.imwrite(str(place / "bars.png"), picture)
    rows = list(csv.DictReader(io.StringIO(table(place, "bars.png", "--histogram", "big.width", "--format", "csv"))))
    assert [float(r["low"]) for r in rows] == [w - 0.5 for w in range(29, 40)]
    assert [int(r["objects"]) for r in rows if r["objects"] != "0"] == [1, 1, 1]


def test_several_pictures_are_one_table_that_check_takes_back(place: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(text := table(place, "good", "--format", "csv"))))
    assert [r["image"] for r in rows] == ["good/a.png"] * 4 + ["good/b.png"] * 4
    found = json.loads(table(place, "good/a.png", "good/b.png", "--format", "json"))
    assert [len(i["objects"]) for i in found["images"]] == [4, 4]
    assert table(place, "good").count("4 objects, ") == 2
    assert table(place, "good", "--explain", "big").count("good/b.png ") == 4
    (place / "objects.csv").write_text(text)
    by_table = logidsl("check", "--table", "objects.csv", "--spec", "spots.logic", cwd=place)
    by_pixels = logidsl("check", "good", "--spec", "spots.logic", cwd=place)
    assert by_table.returncode == by_pixels.returncode


@pytest.mark.parametrize("option", [[], ["--explain", "big"], ["--histogram", "area"]])
def test_a_broken_picture_among_others_is_told_and_counts(place: Path, option: list[str]) -> None:
    (place / "good" / "c.png").write_text("no picture")
    done = logidsl("table", "good", "--spec", "spots.logic", *option, cwd=place)
    assert done.returncode == 4
    assert done.stderr.count("good/c.png is not a picture") == 1
    assert done.stdout


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["good/a.png", "--explain", "bug"], "there are `any_spot`, `big`"),
        (["good/a.png", "--histogram", "bug.area"], "expected a class or set of the spec, found `bug`"),
        (["good/a.png", "--histogram", "big.color"], "expected a column of numbers, found `color`"),
        (["good/a.png", "--histogram", "area", "--explain", "big"], "cannot be combined with"),
        (["good", "--masks", "m"], "expected one picture beside --masks, found 2 in good"),
        (["good/a.png", "good/b.png", "--overlay", "m.png"], "expected a folder after --overlay for 2 pictures"),
        (["good/a.png", "--overlay", "m.png", "--histogram", "area"], "--histogram cannot be combined with --overlay"),
        (["good/a.png", "--explain", "bigg"], "did you mean `big`?"),
        (["good/a.png", "--histogram", "big.widht"], "did you mean `width`?"),
        (["good/a.png", "--histogram", "bigg.width"], "did you mean `big`?"),
    ],
)
def test_what_cannot_be_shown_is_said(place: Path, args: list[str], words: str) -> None:
    done = logidsl("table", *args, "--spec", "spots.logic", cwd=place)
    assert done.returncode != 0
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_masks_go_nowhere_but_into_a_folder(place: Path) -> None:
    (place / "file").write_text("")
    done = logidsl("table", "good/a.png", "--masks", "file", "--spec", "spots.logic", cwd=place)
    assert done.returncode == 4
    assert "file cannot be written" in done.stderr


# ---- overlays and the contact sheet ----


class Sheet(HTMLParser):
    """The figures of a contact sheet: links, sources and captions."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.sources: list[str] = []
        self.text = ""
        self.feed(path.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "a":
            self.links.append(values["href"] or "")
        if tag == "img":
            self.sources.append(values["src"] or "")

    def handle_data(self, data: str) -> None:
        self.text += data


def is_near(path: Path, x: int, y: int, color: tuple[int, ...]) -> bool:
    """Whether a drawn picture has a colour about a place of the picture that it was drawn into, roughly."""
    drawn = cv2.imread(str(path))
    assert drawn is not None
    scale = drawn.shape[1] // 200
    top, left = drawn.shape[0] - (120 - y) * scale, x * scale  # the header stands above
    around = drawn[top - 6 : top + 7, left - 6 : left + 7].astype(int)
    return bool((abs(around - color).max(axis=2) < 30).any())


def test_a_folder_of_pictures_has_a_contact_sheet(place: Path) -> None:
    (place / "more").mkdir()
    (place / "more" / "a.png").write_bytes((place / "good" / "a.png").read_bytes())
    text = table(place, "good", "more", "--overlay", "out")
    assert text == table(place, "good", "more")
    assert sorted(p.name for p in (place / "out").iterdir()) == ["b.png", "good_a.png", "index.html", "more_a.png"]
    sheet = Sheet(place / "out" / "index.html")
    assert sheet.links == ["good_a.png", "b.png", "more_a.png"]
    assert sheet.text.count("big 2, any_spot 4") == 3
    for source in sheet.sources:
        data = np.frombuffer(base64.b64decode(source.removeprefix("data:image/jpeg;base64,")), np.uint8)
        small = cv2.imdecode(data, cv2.IMREAD_COLOR)
        assert small is not None
        assert max(small.shape) == 420


def test_a_sheet_says_where_there_is_no_picture(place: Path) -> None:
    (place / "t.csv").write_text("image,class,x0,y0,x1,y1,area,roundness\nnone.png,spots,1,1,9,9,300,0.9\n")
    done = logidsl("table", "t.csv", "--spec", "spots.logic", "--overlay", "out", cwd=place)
    assert done.returncode == 4
    assert "no overlay of none.png" in done.stderr
    assert "big 1, any_spot 1 (no picture)" in Sheet(place / "out" / "index.html").text


def test_a_sheet_replaces_no_input(place: Path) -> None:
    done = logidsl("table", "good", "--spec", "spots.logic", "--overlay", "good", cwd=place)
    assert done.returncode == 64
    assert "expected another file after --overlay: good is the input good" in done.stderr
    (place / "copy").mkdir()
    (place / "copy" / "a.png").hardlink_to(place / "good" / "a.png")
    done = logidsl("table", "good", "--spec", "spots.logic", "--overlay", "copy", cwd=place)
    assert done.returncode == 64
    assert "expected another file after --overlay: copy/a.png is the input good/a.png" in done.stderr


def test_candidates_are_drawn_in_colours(place: Path) -> None:
    from logidsl.extract.pixels.overlay import COLORS

    (place / "spots.logic").write_text(SPEC.replace("roundness >= 0.8", "roundness >= 0.8 and not color = red")
                                       + 'color red = "#ff0000" within 20\n')  # fmt: skip
    picture = cv2.imread(str(place / "good" / "a.png"))
    assert picture is not None
    cv2.circle(picture, (100, 40), 20, (0, 0, 255), -1)
    cv2.imwrite(str(place / "good" / "a.png"), picture)
    spec = (place / "spots.logic").read_text()
    (place / "spots.logic").write_text(spec.replace("lightness > 50 %", "lightness > 20 %"))
    text = table(place, "good/a.png", "--explain", "big", "--overlay", "drawn.png")
    assert text.startswith("big: 1 of 4 spots\n")
    assert " yes #ffffff (" in text
    assert " no #ff0000 (" in text
    green, red = COLORS["ok"], COLORS["witness"]
    for x, y, color, other in ((40, 25, green, red), (100, 20, red, green), (100, 90, red, green)):
        assert is_near(place / "drawn.png", x, y, color)
        assert not is_near(place / "drawn.png", x, y, other)
    found = json.loads(table(place, "good", "--explain", "big", "--format", "json", "--overlay", "out"))
    measured = [o["conditions"][2]["measured"] for o in found["objects"] if o["image"] == "good/a.png"]
    assert sorted(measured) == ["#ff0000", "#ffffff", "#ffffff", "#ffffff"]
    assert "big: 1 of 4 spots" in Sheet(place / "out" / "index.html").text
