"""Export for annotation tools, and the whole way round: exported, corrected as the tool does it, read, learned from."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import logidsl
from logidsl.extract import read_table
from logidsl.learn.examples import read_annotations
from logidsl.table import ObjectTable
from tests.cli.commands import logidsl as run

SPEC = """spec tray
param share = 0.05 % in 0.01 .. 1 %
color amber = "#f6b01c" within 25
blobs yellow where color = amber then open(0.4 %) then fill()
object pushpin = yellow where area >= share
rule pins as quantity: count(pushpin) = 15
    low missing_pushpin  high additional_pushpin
"""
TOOLS = ("labelstudio", "cvat", "coco", "fiftyone")
MAIN = {
    "labelstudio": "tasks.json",
    "cvat": "annotations.xml",
    "coco": "annotations.json",
    "fiftyone": "samples.json",
}


@pytest.fixture
def place(tmp_path: Path, trays: dict[str, Path]) -> Path:
    """`tray.logic` and two trays in `photos/`."""
    (tmp_path / "photos").mkdir()
    (tmp_path / "tray.logic").write_text(SPEC)
    for name in ("good", "one_missing"):
        shutil.copy(trays[name], tmp_path / "photos" / f"{name}.png")
    return tmp_path


def annotated(*objects: dict[str, Any], size: tuple[int, int] = (200, 100)) -> str:
    """A LabelMe file of some shapes."""
    shapes = [{"flags": {}} | item for item in objects]
    return json.dumps({"imagePath": "a.png", "imageWidth": size[0], "imageHeight": size[1], "shapes": shapes})


SHAPES: list[dict[str, Any]] = [
    {"label": "pin", "shape_type": "rectangle", "points": [[10, 10], [40, 30]]},
    {"label": "pin", "shape_type": "polygon", "points": [[60, 10], [90, 12], [80, 40]]},
    # turned by 30 degrees
    {"label": "nut", "shape_type": "polygon", "points": [[120, 20], [145.98, 35], [140.98, 43.66], [115, 28.66]]},
]


def exported(tool: str, place: Path, *options: str) -> Path:
    """The file of an export for a tool, and its folder's other files."""
    done = run("export", "photos", "--spec", "tray.logic", "--to", tool, "-o", tool, "--all", *options, cwd=place)
    assert done.returncode == 0, done.stderr
    return place / tool / MAIN[tool]


# What people did, in the words of each tool: on the tray with a missing pin the first pin is called a washer, the
# second is removed, and a new pin is drawn.


def label_studio(text: str) -> str:
    """As `JSON` of Label Studio's export."""
    tasks = json.loads(text)
    for number, task in enumerate(tasks, 1):
        result = task["predictions"][0]["result"]
        for region in result:
            region["origin"] = "prediction"
        if "one_missing" in task["data"]["image"]:
            result[0]["value"]["polygonlabels"] = ["washer"]
            result[0]["origin"] = "prediction-changed"
            del result[1]
            size = {"original_width": 850, "original_height": 500, "image_rotation": 0}
            value = {"x": 44, "y": 70, "width": 6, "height": 10, "rotation": 0, "rectanglelabels": ["pushpin"]}
            result.append(
                {**size, "id": "Xa1", "type": "rectanglelabels", "from_name": "rectangle", "to_name": "image",
                 "origin": "manual", "value": value}
            )  # fmt: skip
        about = {"id": number, "completed_by": 1, "was_cancelled": False, "ground_truth": False}
        task |= {
            "id": number,
            "annotations": [{**about, "result": result}],
            "drafts": [],
            "predictions": [number],
            "meta": {},
            "project": 1,
        }
    return json.dumps(tasks)


def cvat(text: str) -> str:
    """As `CVAT for images 1.1`."""
    root = ElementTree.fromstring(text)
    assert [e.text for e in root.iterfind("meta/task/labels/label/name")] == ["pushpin"]
    for image in root.iter("image"):
        image.set("subset", "default")
        if image.get("name") == "one_missing.png":
            first, second = list(image)[:2]
            first.set("label", "washer")
            image.remove(second)
            box = {"label": "pushpin", "source": "manual", "occluded": "0", "z_order": "0"}
            place = {"xtl": "374.00", "ytl": "350.00", "xbr": "425.00", "ybr": "400.00"}
            ElementTree.SubElement(image, "box", {**box, **place})
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)


def coco(text: str) -> str:
    """As CVAT and others export `COCO 1.0`."""
    document = json.loads(text)
    document["categories"].append({"id": 2, "name": "washer", "supercategory": ""})
    (image,) = (i["id"] for i in document["images"] if i["file_name"] == "one_missing.png")
    mine = [a for a in document["annotations"] if a["image_id"] == image]
    mine[0]["category_id"] = 2
    document["annotations"].remove(mine[1])
    document["annotations"].append(
        {"id": 900, "image_id": image, "category_id": 1, "segmentation": [], "area": 2550.0, "iscrowd": 0,
         "bbox": [374.0, 350.0, 51.0, 50.0], "attributes": {"occluded": False, "rotation": 0.0}}
    )  # fmt: skip
    for item in document["annotations"]:
        item.setdefault("attributes", {"occluded": False})
        item.pop("score", None)
    return json.dumps(document)


def fiftyone(text: str) -> str:
    """As `dataset.export(dataset_type=fo.types.FiftyOneDataset)` with the corrected field."""
    document = json.loads(text)
    for number, sample in enumerate(document["samples"]):
        sample["_id"] = {"$oid": f"{number:024x}"}
        sample["ground_truth"] = sample["predictions"]
        lines = sample["ground_truth"]["polylines"]
        for item in lines:
            item |= {"_id": {"$oid": "0" * 24}, "attributes": {}}
        if sample["filepath"].endswith("one_missing.png"):
            lines[0]["label"] = "washer"
            del lines[1]
            ring = [[0.44, 0.7], [0.5, 0.7], [0.5, 0.8], [0.44, 0.8]]
            lines.append({"_cls": "Polyline", "label": "pushpin", "points": [ring], "closed": True, "filled": True})
    return json.dumps(document)


CORRECTIONS: dict[str, Callable[[str], str]] = {
    "labelstudio": label_studio,
    "cvat": cvat,
    "coco": coco,
    "fiftyone": fiftyone,
}


@pytest.mark.parametrize("tool", TOOLS)
def test_what_people_corrected_is_learned_and_fitted(tool: str, place: Path) -> None:
    before = exported(tool, place)
    export = place / "photos" / f"corrected{before.suffix}"
    export.write_text(CORRECTIONS[tool](before.read_text("utf-8")), "utf-8")

    read = read_annotations([export])
    assert read.classes == ("pushpin", "washer")
    good, missing = sorted(read.pictures, key=lambda p: p.path.name)
    assert [p.path for p in (good, missing)] == [place / "photos" / n for n in ("good.png", "one_missing.png")]
    assert [s.name for s in good.shapes] == ["pushpin"] * 15
    assert sorted(s.name for s in missing.shapes) == ["pushpin"] * 13 + ["washer"]
    drawn = max(missing.shapes, key=lambda s: s.name == "pushpin" and s.is_box)
    assert drawn.box == pytest.approx((374, 350, 425, 400), abs=0.01)
    seen = logidsl.load(place / "tray.logic").see(place / "photos" / "one_missing.png")
    (washer,) = (s for s in missing.shapes if s.name == "washer")
    assert washer.box == pytest.approx(boxes(seen)[0].tolist(), abs=1.0)  # outlines are simplified by up to a pixel

    fitted = ("fit", "tray.logic", "--truth", export, "--format", "json")
    done = run(*fitted, cwd=place)
    assert "the spec has no class `washer`" in done.stderr
    done = run(*fitted, "--name", "washer=", cwd=place)
    assert done.returncode in (0, 1), done.stderr
    assert json.loads(done.stdout)["pictures"] == 2, done.stderr


def boxes(table: ObjectTable) -> Any:
    """(n, 4) boxes of a table."""
    return np.stack([np.asarray(table.columns[n]) for n in ("x0", "y0", "x1", "y1")], axis=1)


@pytest.mark.parametrize("tool", TOOLS)
def test_shapes_come_back_as_they_were(tool: str, place: Path) -> None:
    (place / "a.json").write_text(annotated(*SHAPES))
    (place / "parts.logic").write_text("object pin: 2\nobject nut: 1\n")
    done = run("export", "--table", "a.json", "--spec", "parts.logic", "--to", tool, "-o", "out", "--all", cwd=place)
    assert done.returncode == 0, done.stderr
    program = logidsl.load(place / "parts.logic").program
    given, back = (read_table(path, program) for path in (place / "a.json", place / "out" / MAIN[tool]))
    order = [sorted(range(3), key=lambda row: float(np.asarray(t.columns["x0"])[row])) for t in (given, back)]
    assert boxes(back)[order[1]] == pytest.approx(boxes(given)[order[0]], abs=0.02)
    assert [back.classes.texts()[row] for row in order[1]] == ["pin", "pin", "nut"]
    length = [np.asarray(t.columns["length"])[o][1:] for t, o in zip((given, back), order, strict=True)]
    assert length[1] == pytest.approx(length[0], abs=0.05)
    assert not (place / "out" / "b.json").exists()


def test_holes_and_points_and_lines(place: Path) -> None:
    shapes: list[dict[str, Any]] = [
        {"label": "nut", "shape_type": "point", "points": [[5, 7]]},
        {"label": "nut", "shape_type": "line", "points": [[10, 10], [60, 40]]},
    ]
    (place / "a.json").write_text(annotated(*shapes))
    ring = [[[20, 20], [60, 20], [60, 60], [20, 60]], [[30, 30], [50, 30], [50, 50], [30, 50]]]
    item = {"id": "1", "class": "nut", "box": [20, 20, 60, 60], "outline": ring}
    holed = {"path": "b.png", "width": 200, "height": 100, "objects": [item]}
    (place / "b.json").write_text(json.dumps({"images": [holed]}))
    (place / "parts.logic").write_text("object nut: 2\n")
    program = logidsl.load(place / "parts.logic").program
    lost = {
        "labelstudio": ["no shape for a line", "the holes were filled"],
        "cvat": [],
        "coco": ["no shape for a point", "no shape for a line"],
        "fiftyone": ["no shape for a point", "no shape for a line", "the holes were filled"],
    }
    for tool in TOOLS:
        said = ""
        for name in ("a", "b"):
            out = ("--to", tool, "-o", f"{tool}-{name}", "--all")
            said += run("export", "--table", f"{name}.json", "--spec", "parts.logic", *out, cwd=place).stderr
        assert [words for words in lost["fiftyone"] if words in said] == [
            w for w in lost["fiftyone"] if w in lost[tool]
        ]
        back = read_table(place / f"{tool}-b" / MAIN[tool], program)
        holes = 1200.0 if tool in ("cvat", "coco") else 1600.0
        assert np.asarray(back.columns["area"]).tolist() == [holes]
    back = read_table(place / "cvat-a" / "annotations.xml", program)
    assert boxes(back).tolist() == [[5, 7, 5, 7], [10, 10, 60, 40]]


DOUBTFUL = [
    {"image": "sure.png", "class": "nut", "x0": 1, "y0": 1, "x1": 9, "y1": 9, "confidence": 0.9},
    {"image": "bad.png", "class": "nut", "x0": 1, "y0": 1, "x1": 9, "y1": 9, "confidence": 0.8},
    {"image": "bad.png", "class": "nut", "x0": 21, "y0": 1, "x1": 29, "y1": 9, "confidence": 0.7},
    {"image": "open.png", "class": "nut", "x0": 1, "y0": 1, "x1": 9, "y1": 9, "confidence": 0.4},
]


def test_what_needs_review_is_written_first_and_else_alone(place: Path) -> None:
    rows = [{**row, "image_width": 100, "image_height": 50} for row in DOUBTFUL]
    (place / "found.json").write_text(json.dumps(rows))
    (place / "nuts.logic").write_text("doubtful 0.3 .. 0.6\nobject nut: 1\n")
    export = ("export", "--table", "found.json", "--spec", "nuts.logic", "--to", "labelstudio")
    done = run(*export, "-o", "some", cwd=place)
    assert done.returncode == 0
    assert "1 picture of 3 written to" in done.stderr
    (task,) = json.loads((place / "some" / "tasks.json").read_text())
    assert task["data"]["image"] == "/data/local-files/?d=open.png"
    assert task["data"]["verdict"] == "review"
    assert "0.4" in task["data"]["findings"]
    prediction = task["predictions"][0]
    assert prediction["score"] == 0.0
    (region,) = prediction["result"]
    assert region["score"] == pytest.approx(0.4)
    assert region["value"] == {
        "x": 1, "y": 2, "width": 8, "height": 16, "rotation": 0, "rectanglelabels": ["nut"]
    }  # fmt: skip
    run(*export, "-o", "all", "--all", "--prefix", "https://pictures.example/", cwd=place)
    tasks = json.loads((place / "all" / "tasks.json").read_text())
    assert [t["data"]["image"].rpartition("/")[2] for t in tasks] == ["open.png", "bad.png", "sure.png"]
    assert [t["predictions"][0]["score"] for t in tasks] == [0.0, 0.7, 0.9]


def test_the_labelling_configuration_has_every_control_that_results_name(place: Path) -> None:
    tasks = json.loads(exported("labelstudio", place).read_text("utf-8"))
    config = ElementTree.fromstring((place / "labelstudio" / "labeling_config.xml").read_text("utf-8"))
    controls = {e.get("name"): [x.get("value") for x in e] for e in config.iter() if e.get("toName") == "image"}
    used = {r["from_name"] for t in tasks for p in t["predictions"] for r in p["result"]}
    assert used and used <= set(controls)
    assert all(labels == ["pushpin"] for labels in controls.values())
    assert {e.get("value") for e in config.iter() if e.get("value", "").startswith("$")} == {"$image", "$findings"}


def test_nothing_is_replaced_unless_asked(place: Path) -> None:
    path = exported("coco", place)
    path.write_text("corrected by hand")
    again = ("export", "photos", "--spec", "tray.logic", "--to", "coco", "-o", "coco", "--all")
    done = run(*again, cwd=place)
    assert (done.returncode, path.read_text()) == (64, "corrected by hand")
    assert "annotations.json would be replaced: name another folder, or add --force" in done.stderr
    assert run(*again, "--force", cwd=place).returncode == 0
    assert path.read_text().startswith("{")


def test_a_broken_picture_is_said_and_costs_no_other(place: Path) -> None:
    (place / "photos" / "broken.png").write_text("no picture")
    done = run("export", "photos", "--spec", "tray.logic", "--to", "coco", "-o", "out", "--all", cwd=place)
    assert done.returncode == 4
    assert "broken.png" in done.stderr
    assert len(json.loads((place / "out" / "annotations.json").read_text())["images"]) == 2


def test_nothing_to_review_writes_nothing(place: Path) -> None:
    done = run("export", "photos/good.png", "--spec", "tray.logic", "--to", "cvat", "-o", "out", cwd=place)
    assert done.returncode == 0
    assert "none of 1 picture needs review, so nothing was written; --all exports all" in done.stderr
    assert not (place / "out").exists()


def test_names_are_escaped(place: Path) -> None:
    odd = 'a "b" <c> & ü%20;,.png'
    (place / "photos" / "good.png").rename(place / "photos" / odd)
    for tool in TOOLS:
        path = exported(tool, place)
        program = logidsl.load(place / "tray.logic").program
        shutil.copy(path, place / "photos" / f"{tool}{path.suffix}")
        table = read_table(place / "photos" / f"{tool}{path.suffix}", program)
        assert str(place / "photos" / odd) in table.images, tool
        assert not re.search(r"<c>", path.read_text("utf-8")) or path.suffix == ".json"
