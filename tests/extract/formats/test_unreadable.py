"""Entries that cannot be read: one uncertain object each, whoever reads them, and never a silent pass."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

import logidsl as library
from tests.cli.commands import logidsl

SPEC = "object nut, bolt\nrule no_nut: no nut\nrule bolts: count(bolt) <= 1\n"
VOC = "<annotation><filename>a.png</filename><size><width>200</width><height>100</height></size>{}</annotation>"
BOX = "<bndbox><xmin>{}</xmin><ymin>2</ymin><xmax>{}</xmax><ymax>30</ymax></bndbox>"


def labelme(shape: object) -> str:
    return json.dumps({"shapes": [shape], "imagePath": "a.png", "imageWidth": 200, "imageHeight": 100})


def coco(item: object) -> str:
    images = [{"id": 1, "file_name": "a.png", "width": 200, "height": 100}]
    document = {"images": images, "annotations": [item], "categories": [{"id": 1, "name": "nut"}]}
    return json.dumps(document)


def csv(row: str) -> str:
    return f"image,class,x0,y0,x1,y1\na.png,bolt,1,2,30,40\n{row}\na.png,,,,,\n"


UNREADABLE: list[tuple[str, str, str | None, str]] = [
    # file, text, the class that is known, what the entry is called
    ("a.json", labelme({"label": "nut", "shape_type": "rectangle", "points": [[5, 5], [5, 50]]}), "nut", "shape 1"),
    ("a.json", labelme({"label": "nut", "shape_type": "polygon", "points": [["x", 5], [5, 50]]}), "nut", "shape 1"),
    ("a.json", labelme({"label": "nut", "shape_type": "point", "points": [[900, 5]]}), "nut", "shape 1"),
    ("a.json", labelme({"label": ["nut"], "shape_type": "point", "points": [[9, 5]]}), None, "shape 1"),
    ("a.json", labelme({"label": "", "points": [[9, 5], [20, 5], [20, 20]]}), None, "shape 1"),
    ("a.json", labelme("nut"), None, "shape 1"),
    ("c.json", coco({"image_id": 1, "category_id": 1, "bbox": [1, 2, 0, 9]}), "nut", "annotation 1"),
    ("c.json", coco({"image_id": 1, "category_id": 1, "bbox": [1, 2, "wide", 9]}), "nut", "annotation 1"),
    ("c.json", coco({"image_id": 1, "category_id": 1, "bbox": [500, 2, 9, 9]}), "nut", "annotation 1"),
    ("c.json", coco({"image_id": 1, "category_id": 1, "segmentation": [[1, 2]]}), "nut", "annotation 1"),
    ("c.json", coco({"image_id": 1, "category_id": 9, "bbox": [1, 2, 9, 9]}), None, "annotation 1"),
    ("c.json", coco({"category_id": 1, "bbox": [1, 2, 9, 9]}), "nut", "annotation 1"),
    ("c.json", coco(7), None, "annotation 1"),
    ("a.xml", VOC.format(f"<object><name>nut</name>{BOX.format(1, 1)}</object>"), "nut", "object 1"),
    ("a.xml", VOC.format(f"<object><name>nut</name>{BOX.format('a', 'b')}</object>"), "nut", "object 1"),
    ("a.xml", VOC.format("<object><name>nut</name></object>"), "nut", "object 1"),
    ("a.xml", VOC.format(f"<object>{BOX.format(1, 9)}</object>"), None, "object 1"),
    ("a.txt", "0 .5 .5 .1 .1\n1 .5 .5 .1\n", "nut", "line 2"),
    ("a.txt", "0 .5 .5 .1 .1\n1 .5 .5 0 .1\n", "nut", "line 2"),
    ("a.txt", "0 .5 .5 .1 .1\n1 1.5 .5 .1 .1\n", "nut", "line 2"),
    ("a.txt", "0 .5 .5 .1 .1\n7 .5 .5 .1 .1\n", None, "line 2"),
    ("a.txt", "0 .5 .5 .1 .1\nnut .5 .5 .1 .1\n", None, "line 2"),
    ("t.csv", csv("a.png,nut,1,2,wide,4"), "nut", "line 3"),
    ("t.csv", csv("a.png,nut,nan,2,3,4"), "nut", "line 3"),
    ("t.csv", csv("a.png,nut,1_0,2,3,4"), "nut", "line 3"),
    ("t.csv", csv("a.png,,1,2,3,4"), None, "line 3"),
    ("t.csv", csv('a.png,"[{""a"": 1}]",1,2,3,4'), None, "line 3"),
    ("t.csv", csv("a.png,nut,1,2,3"), None, "line 3"),
    ("t.csv", csv(",nut,1,2,3,4"), "nut", "line 3"),
    ("t.json", json.dumps([{"image": "a.png", "class": "bolt"}, {"image": "a.png", "clas": "nut"}]), None, "item 2"),
    ("t.json", json.dumps([{"image": "a.png", "class": "bolt"}, 7]), None, "item 2"),
    ("t.json", json.dumps({"path": "a.png", "objects": [{"class": "bolt"}, {"class": ["nut"]}]}), None, "object 2"),
    ("t.json", json.dumps({"path": "a.png", "objects": [{"class": "nut", "box": [1, 2, 3]}]}), "nut", "object 1"),
    ("d.json", json.dumps({"boxes_xyxy": [[5, 5, 5, 9]], "labels": ["nut"], "image": "a.png"}), "nut", "detection 1"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((100, 200, 3), np.uint8))
    (tmp_path / "classes.txt").write_text("bolt\nnut\n")
    (tmp_path / "s.logic").write_text(SPEC)
    return tmp_path


@pytest.mark.parametrize(("name", "text", "known", "entry"), UNREADABLE)
def test_an_entry_that_cannot_be_read_is_an_uncertain_object(
    folder: Path, name: str, text: str, known: str | None, entry: str
) -> None:
    (folder / name).write_text(text)
    spec = library.load(folder / "s.logic")
    table = spec.see(folder / name)
    assert not table.problems and table.classes.texts().count(known or "?") == 1
    [image] = spec.check(folder / name).images
    assert image.verdict == "review"
    found = image.findings[0]
    assert found.rule == "no_nut" and entry in str(found.reason) and name in str(found.reason)
    assert [o.unreadable is not None for o in found.objects] == [True]
    assert ("bolts" in [f.rule for f in image.findings]) == (known is None and "bolt" in table.classes.texts())
    assert [i.verdict for i in spec.check(folder / name, unreadable="skip").images] == ["pass"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_in_every_process(folder: Path, jobs: int) -> None:
    spec = library.load(folder / "s.logic")
    for name in ("b.json", "c.json"):
        (folder / name).write_text(labelme({"label": "nut", "points": []}))
    files = [folder / "b.json", folder / "c.json"]
    assert [i.verdict for i in spec.check(files, jobs=jobs).images] == ["review"] * 2
    assert [i.verdict for i in spec.check(files, jobs=jobs, unreadable="skip").images] == ["pass"] * 2


@pytest.mark.parametrize("form", ["csv", "json"])
@pytest.mark.parametrize(("name", "text", "known", "entry"), UNREADABLE[::4])
def test_it_survives_a_table(folder: Path, name: str, text: str, known: str | None, entry: str, form: str) -> None:
    (folder / name).write_text(text)
    made = logidsl("table", name, "--spec", "s.logic", "--format", form, "--output", f"out.{form}", cwd=folder)
    assert made.returncode == 0, made.stderr
    done = logidsl("check", "--table", f"out.{form}", "--spec", "s.logic", cwd=folder)
    assert done.returncode == 2 and entry in " ".join(done.stdout.split())
    table = library.load(folder / "s.logic").see(folder / f"out.{form}")
    assert table.classes.texts().count(known or "?") == 1
    done = logidsl("check", "--table", f"out.{form}", "--spec", "s.logic", "--unreadable", "skip", cwd=folder)
    assert done.returncode == 0 and "1 unreadable entry skipped" in done.stdout
    made = logidsl("table", name, "--spec", "s.logic", "--format", form, "--unreadable", "skip", cwd=folder)
    assert entry not in made.stdout or "cannot be read" in made.stdout


KEEP = "object nut, bolt, cap\nkeep best of nut | bolt where overlap > 50 %\n"
ROWS = [
    {"image": "a", "class": "nut", "box": [0, 0, 40, 40], "confidence": 0.9},
    {"image": "a", "class": "bolt", "box": [2, 0, 42, 40], "confidence": 0.8},
    {"image": "a", "class": "cap", "box": [2, 0, 42, 40], "confidence": 0.8},
]


@pytest.mark.parametrize(
    ("rule", "lost", "verdict"),
    [
        ("count(nut) = 1", None, "pass"),
        ("no bolt", None, "pass"),
        # it may be the better one, and then the nut is left out, which may bring the bolt back
        ("count(nut) = 1", "bolt", "review"),
        ("no bolt", "nut", "review"),
        ("count(nut) <= 1", "bolt", "pass"),
        ("count(cap) = 1", "bolt", "pass"),
        ("count(nut) = 1", "cap", "pass"),
        ("count(nut) = 1", "?", "review"),
        ("count(cap) <= 1", "?", "review"),
        ("every cap: width < 50 px", "bolt", "pass"),
    ],
)
def test_what_it_might_suppress_is_doubtful(rule: str, lost: str | None, verdict: str) -> None:
    spec = library.loads(f"{KEEP}rule r: {rule}\n")
    more = [{"image": "a", "class": lost, "count": "0..1"}] if lost else []
    [image] = spec.check([*ROWS, *more]).images
    assert image.verdict == verdict
    said = any("could not be applied: an uncertain object without a place" in n for n in image.notes)
    assert said == (lost in ("bolt", "nut", "?"))


def test_the_frame_is_not_found_by_an_uncertain_object() -> None:
    spec = library.loads("object nut\nobject plate: at most 1\nframe turned(plate)\nrule r: every nut: x < 50 px\n")
    rows = [{"image": "a", "class": "nut", "box": [0, 0, 4, 4]}, {"image": "a", "class": "plate", "box": [0, 0, 9, 9]}]
    assert spec.check(rows).images[0].verdict == "pass"
    assert spec.check([*rows, {"image": "a", "class": "plate", "count": "0..1"}]).images[0].verdict == "review"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("t.csv", 'image,class\na.png,"[{""label"": ""nut""}]"\n', "expected the name of a class in `class`"),
        ("t.json", json.dumps([{"image": "a.png", "class": [{"x": 1}]}]), "expected the name of a class in `class`"),
        ("t.csv", "image,image_width,image_height,class,x0,y0,x1,y1\na,640,480,nut,0.1,0.1,0.5,0.5\n", "shares of the"),
        ("a.json", labelme({"label": "nut", "points": [[0.1, 0.1], [0.5, 0.1], [0.5, 0.5]]}), "shares of the picture"),
    ],
)
def test_what_cannot_be_decided_is_refused(folder: Path, name: str, text: str, words: str) -> None:
    (folder / name).write_text(text)
    done = logidsl("check", name, "--spec", "s.logic", cwd=folder)
    assert done.returncode == 4 and words in " ".join(done.stdout.split())


def test_a_contradiction_between_box_and_outline_is_noted(folder: Path) -> None:
    ring = [100, 20, 160, 20, 160, 80, 100, 80]
    (folder / "c.json").write_text(
        coco({"image_id": 1, "category_id": 1, "bbox": [10, 2, 16, 8], "segmentation": [ring]})
    )
    table = library.load(folder / "s.logic").see(folder / "c.json")
    assert [float(np.asarray(table.columns[k])[0]) for k in ("x0", "y0", "x1", "y1")] == [100, 20, 160, 80]
    assert "its box contradicts its outline, whose box is taken" in "\n".join(table.notes)
    # of an object in parts the outline is one of them, and the box is that of all
    parts = [[0, 0, 20, 0, 20, 20, 0, 20], [170, 70, 199, 70, 199, 99, 170, 99]]
    whole = {"image_id": 1, "category_id": 1, "bbox": [0, 0, 199, 99], "segmentation": parts}
    (folder / "c.json").write_text(coco(whole))
    assert not library.load(folder / "s.logic").see(folder / "c.json").notes


@pytest.mark.parametrize("other", ["1", 1, 1.0])
def test_a_label_that_is_a_number_is_a_class(folder: Path, other: object) -> None:
    (folder / "a.json").write_text(labelme({"label": other, "points": [[9, 5], [20, 5], [20, 20]]}))
    assert library.load(folder / "s.logic").see(folder / "a.json").classes.texts() == ["1"]
