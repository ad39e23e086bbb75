"""Formats of annotation tools and services: each sample is rebuilt by hand, its places are known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import logidsl
from logidsl.table import ObjectTable, TextColumn
from tests.extract.formats.samples import (
    NUT,
    RECTANGLE,
    SAMPLES,
    cvat,
    datumaro,
    detection,
    manifest,
    png_of_mask,
    region,
    sample,
    supervisely,
    task,
    video,
    vott1,
    vott2,
)

SPEC = logidsl.loads("object nut, bolt\nrule no_nut: no nut\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    cv2.imwrite(str(tmp_path / "tray.png"), np.zeros((100, 200, 3), np.uint8))
    return tmp_path


def written(folder: Path, name: str, document: object) -> Path:
    path = folder / name
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def see(folder: Path, name: str, document: object) -> ObjectTable:
    return SPEC.see(written(folder, name, document))


def boxes(table: ObjectTable) -> list[list[float]]:
    found: list[list[float]] = (
        np.stack([np.asarray(table.columns[b]) for b in ("x0", "y0", "x1", "y1")], 1).round(3).tolist()
    )
    return found


@pytest.mark.parametrize(("name", "document"), SAMPLES.values(), ids=SAMPLES)
def test_a_nut_is_where_it_was_drawn(folder: Path, name: str, document: object) -> None:
    table = see(folder, name, document)
    assert not table.problems and table.classes.texts() == ["nut"]
    assert np.allclose(boxes(table), [NUT], atol=0.06)
    if not name.startswith("u."):
        assert Path(table.images[0]).name == "tray.png"
        assert table.sizes.tolist() == [[200, 100]] or name in ("t.json",)


def damaged(name: str, document: Any) -> object:
    """The document with its one label, or its place, made something else."""
    text = document if isinstance(document, str) else json.dumps(document)
    return (
        text.replace('"nut"', '["nut"]').replace('""nut""', "[1]")
        if '["nut"]' not in text
        else text.replace('["nut"]', "[]")
    )


UNNAMED = {
    k: v
    for k, v in SAMPLES.items()
    if k not in ("label studio csv",)
    and not k.startswith(("cvat", "fiftyone labels", "sage", "datumaro", "roboflow rows", "ultra", "gemini", "qwen"))
}


@pytest.mark.parametrize(("name", "document"), UNNAMED.values(), ids=UNNAMED)
def test_a_label_that_is_not_a_name_is_an_uncertain_object(folder: Path, name: str, document: object) -> None:
    made = written(folder, name, damaged(name, document))
    table = SPEC.see(made)
    assert not table.problems and table.classes.texts() == ["?"]
    assert SPEC.check(made).images[0].verdict == "review"


LOST: dict[str, tuple[str, object, str]] = {
    "label studio brush": (
        "l.json",
        task(region(value={"rle": [1], "brushlabels": ["nut"]}, id="a")),
        "a region of `rle` is not read",
    ),
    "label studio without size": (
        "l.json",
        task({"value": {**RECTANGLE, "rectanglelabels": ["nut"]}, "id": "a"}, data={"image": "gone.png"}),
        "unknown size",
    ),
    "cvat cuboid": ("a.xml", cvat('<cuboid label="nut" xtl1="1"/>'), "a `cuboid` is not read"),
    "cvat mask": (
        "a.xml",
        cvat('<mask label="nut" rle="0, 9" left="1" top="2" width="20" height="10"/>'),
        "do not fill",
    ),
    "cvat box": (
        "a.xml",
        cvat('<box label="nut" xtl="100" ytl="25" xbr="wide" ybr="35"/>'),
        "expected `xtl, ytl, xbr, ybr`",
    ),
    "roboflow": (
        "tray.json",
        {"inference_id": "k", "image": {"width": 200, "height": 100}, "predictions": [detection(x="a")]},
        "`x, y, width, height`",
    ),
    "createml": (
        "c.json",
        [{"image": "tray.png", "annotations": [{"label": "nut", "coordinates": {"x": 1}}]}],
        "`coordinates`",
    ),
    "datumaro": ("d.json", datumaro({"type": "cuboid_3d", "label_id": 1}), "`cuboid_3d` is not read"),
    "supervisely graph": (
        "tray.png.json",
        supervisely({"classTitle": "nut", "geometryType": "graph"}),
        "`graph` is not read",
    ),
    "supervisely bitmap": (
        "tray.png.json",
        supervisely({"classTitle": "nut", "geometryType": "bitmap", "bitmap": {"data": "zzzz", "origin": [1, 2]}}),
        "its data are damaged",
    ),
    "fiftyone": (
        "s.json",
        sample({"detections": [{"label": "nut", "bounding_box": [50, 25, 10, 10]}]}),
        "in shares of the picture",
    ),
    "vott 1": ("v.json", vott1({"x1": 50, "tags": ["nut"]}), "expected `x1, y1, x2, y2`"),
    "vott 2": ("v.json", vott2({"tags": ["nut"], "points": []}), "`boundingBox`"),
    "sagemaker": ("m.manifest", manifest([{"class_id": 0, "left": 100}]), "`left, top, width, height`"),
    "darkflow": (
        "tray.json",
        [{"label": "nut", "topleft": {"x": 1}, "bottomright": {"x": 2, "y": 3}}],
        "`topleft` of `x, y`",
    ),
    "gemini": ("tray.json", [{"box_2d": [250, 500, 3500, 600], "label": "nut"}], "from 0 to 1000"),
    "qwen": ("tray.json", [{"bbox_2d": [250, 500], "label": "nut"}], "`bbox_2d` of four numbers"),
}


@pytest.mark.parametrize(("name", "document", "words"), LOST.values(), ids=LOST)
def test_an_entry_without_a_place_is_an_uncertain_nut(folder: Path, name: str, document: object, words: str) -> None:
    made = written(folder, name, document)
    table = SPEC.see(made)
    assert not table.problems and table.classes.texts() == ["nut"]
    [image] = SPEC.check(made).images
    assert image.verdict == "review" and words in str(image.findings[0].reason)


REFUSED: dict[str, tuple[str, object, str]] = {
    "label studio, not annotated": ("l.json", task(annotations=[]), "was not annotated"),
    "label studio, skipped": ("l.json", task(annotations=[{"result": [], "was_cancelled": True}]), "was not annotated"),
    "label studio, twice": ("l.json", task(annotations=[{"result": []}, {"result": []}]), "was annotated 2 times"),
    "fiftyone, two fields": ("s.json", sample(None, a={"detections": []}, b={"detections": []}), "found `a`, `b`"),
    "fiftyone, not labelled": ("s.json", {"classes": ["nut"], "labels": {"tray": None}}, "was not labelled"),
    "vott 2, not visited": ("v.json", vott2(state=0), "was not visited"),
    "sagemaker, failed": ("m.manifest", manifest([], **{"failure-reason": "no workers"}), "no workers"),
    "gemini without its picture": (
        "x.json",
        {"gone.png": [{"box_2d": [1, 2, 3, 4], "label": "nut"}]},
        "size is not known",
    ),
    "unknown": ("x.json", {"shapes": [{"label": "nut", "points": []}]}, "it resembles LabelMe, but lacks `imagePath`"),
    "by the name of the picture": (
        "x.json",
        {"tray.png": [{"x1": 1, "y1": 2, "x2": 3, "y2": 4, "kind": "nut"}]},
        "expected `class`",
    ),
    "with metadata": ("x.json", {"metadata": {"by": "me"}, "tray.png": {"left": {"nut": 1}}}, "expected `class`"),
    "frames": ("x.json", {"frames": {"tray.png": {"nut": 1}}}, "expected `class`"),
}


@pytest.mark.parametrize(("name", "document", "words"), REFUSED.values(), ids=REFUSED)
def test_what_says_nothing_of_a_picture_is_refused(folder: Path, name: str, document: object, words: str) -> None:
    [image] = SPEC.check(written(folder, name, document)).images
    assert image.verdict == "error" and words in str(image.error)


def test_a_picture_without_objects_is_one(folder: Path) -> None:
    for name, document in (
        ("l.json", task()),
        ("a.xml", cvat("")),
        ("tray.json", {"inference_id": "k", "image": {"width": 200, "height": 100}, "predictions": []}),
        ("c.json", [{"image": "tray.png", "annotations": []}]),
        ("d.json", datumaro()),
        ("tray.png.json", supervisely()),
        ("s.json", sample({"detections": []})),
        ("v.json", vott1()),
        ("v.json", vott2(state=1)),
        ("m.manifest", manifest([])),
    ):
        assert [i.verdict for i in SPEC.check(written(folder, name, document)).images] == ["pass"], name


def test_what_else_is_said_is_a_column(folder: Path) -> None:
    inner = (
        '<box label="nut" xtl="1" ytl="2" xbr="30" ybr="40" occluded="1"><attribute name="size">M4</attribute></box>'
    )
    table = see(folder, "a.xml", cvat(inner + '<tag label="day"/>'))
    size = table.columns["size"]
    assert isinstance(size, TextColumn) and size.texts() == ["M4"]
    assert "a tag of a whole picture is not read" in "\n".join(table.notes)
    choice = {"type": "choices", "id": "a", "from_name": "size", "value": {"choices": ["M4"]}}
    found = region(value={**RECTANGLE, "rectanglelabels": ["nut"]}, type="rectanglelabels", id="a")
    size = see(folder, "l.json", task(found, choice)).columns["size"]
    assert isinstance(size, TextColumn) and size.texts() == ["M4"]
    tagged = {
        "classTitle": "nut",
        "geometryType": "point",
        "points": {"exterior": [[9, 9]]},
        "tags": [{"name": "size", "value": "M4"}],
    }
    size = see(folder, "tray.png.json", supervisely(tagged)).columns["size"]
    assert isinstance(size, TextColumn) and size.texts() == ["M4"]


def test_label_studio_turns_boxes_about_their_corner(folder: Path) -> None:
    turned = {"x": 12.5, "y": 10, "width": 5, "height": 20, "rotation": 90, "rectanglelabels": ["nut"]}
    table = see(folder, "l.json", task(region(value=turned, id="a")))
    assert np.allclose(boxes(table), [[5, 10, 25, 20]])
    ellipse = {"x": 50, "y": 50, "radiusX": 10, "radiusY": 10, "rotation": 0, "ellipselabels": ["nut"]}
    assert np.allclose(boxes(see(folder, "l.json", task(region(value=ellipse, id="a")))), [[80, 40, 120, 60]], atol=0.1)
    point = {"x": 50, "y": 50, "width": 0.3, "keypointlabels": ["nut"]}
    assert np.allclose(boxes(see(folder, "l.json", task(region(value=point, id="a")))), [[100, 50, 100, 50]])


def test_cvat_tracks(folder: Path) -> None:
    shape = '<box frame="{}" outside="{}" keyframe="1" xtl="100" ytl="25" xbr="120" ybr="35"/>'
    inner = "".join(shape.format(n, outside) for n, outside in ((0, 0), (1, 0), (2, 1)))
    table = see(folder, "a.xml", video(f'<track id="7" label="nut">{inner}</track>'))
    assert table.images == ("frame_000000", "frame_000001", "frame_000002")
    assert np.diff(table.offsets).tolist() == [1, 1, 0] and table.ids == ("7", "7")
    assert table.sizes.tolist() == [[200, 100]] * 3
    lost = '<track id="7" label="nut"><box xtl="100" ytl="25" xbr="120" ybr="35"/></track>'
    assert see(folder, "a.xml", video(lost)).classes.texts() == ["nut"] * 3  # which frame it is on is not known


def test_supervisely_bitmaps(folder: Path) -> None:
    item = {"classTitle": "nut", "geometryType": "bitmap", "bitmap": {"data": png_of_mask(), "origin": [100, 25]}}
    table = see(folder, "tray.png.json", supervisely(item))
    assert np.allclose(boxes(table), [[101, 26, 107, 30]], atol=0.6)


def test_an_answer_that_is_cut_short_leaves_open_what_else_there_is(folder: Path) -> None:
    spec = logidsl.loads("object nut, bolt\nrule some_nut: some nut\nrule bolts: count(bolt) <= 3\n")
    text = '```json\n[{"box_2d": [250, 500, 350, 600], "label": "nut"}, {"box_2d": [250, 50'
    [image] = spec.check(written(folder, "tray.txt", text)).images
    assert image.verdict == "review" and [f.rule for f in image.findings] == ["bolts"]


def test_a_task_alone(folder: Path) -> None:
    [document] = task(region(value={**RECTANGLE, "rectanglelabels": ["nut"]}, id="a"))
    assert boxes(see(folder, "l.json", document)) == [NUT]


def test_fiftyone_reads_the_truth_and_names_the_rest(folder: Path) -> None:
    nut = {"detections": [{"label": "nut", "bounding_box": [0.5, 0.25, 0.1, 0.1]}]}
    table = see(folder, "s.json", sample(nut, guess={"detections": []}))
    assert table.classes.texts() == ["nut"] and "the field `guess` is not read" in "\n".join(table.notes)


@pytest.mark.parametrize("name", ["supervisely", "darkflow", "roboflow", "gemini"])
def test_files_of_one_picture_are_found_beside_it(folder: Path, name: str) -> None:
    written(folder, *SAMPLES[name])
    for path in (folder / "tray.png", folder):
        report = SPEC.check(path)
        assert [(Path(i.path).name, i.verdict) for i in report.images] == [("tray.png", "fail")]


def test_two_annotation_files_of_one_picture(folder: Path) -> None:
    written(folder, *SAMPLES["supervisely"])
    (folder / "classes.txt").write_text("nut\nbolt\n")
    (folder / "tray.txt").write_text("0 0.55 0.3 0.1 0.1\n")
    report = SPEC.check(folder / "tray.png")
    assert report.images[0].verdict == "fail" and "the picture has several annotation files" in "\n".join(report.notes)
    (folder / "tray.txt").write_text("1 0.55 0.3 0.1 0.1\n")
    [image] = SPEC.check(folder / "tray.png").images
    assert image.verdict == "error" and "two annotation files of different objects" in str(image.error)


def test_a_folder_of_one_tool(tmp_path: Path) -> None:
    written(tmp_path, *SAMPLES["createml"])
    assert [i.verdict for i in SPEC.check(tmp_path).images] == ["fail"]


@pytest.mark.parametrize("cut", range(1, 10))
@pytest.mark.parametrize(("name", "document"), SAMPLES.values(), ids=SAMPLES)
def test_half_a_file_is_one_clear_error(folder: Path, name: str, document: object, cut: int) -> None:
    text = document if isinstance(document, str) else json.dumps(document)
    path = written(folder, name, text[: len(text) * cut // 10])
    for image in SPEC.check(path).images:
        assert image.verdict in ("error", "review", "fail") and "internal error" not in str(image.error)
        assert "Traceback" not in str(image.error)


ODD: list[object] = [None, True, 0, -1, 1e308, "", "x", [], {}, [[]], [{}], {"a": 1}, "[1]", [None], 10**30]


@pytest.mark.parametrize(("name", "document"), [v for v in SAMPLES.values() if not isinstance(v[1], str)], ids=str)
def test_no_value_in_any_place_is_an_internal_error(folder: Path, name: str, document: Any) -> None:
    places = list(_places(document))
    for number, place in enumerate(places):
        for odd in (ODD[(number + k) % len(ODD)] for k in range(5)):
            copy = json.loads(json.dumps(document))
            at = copy
            for key in place[:-1]:
                at = at[key]
            at[place[-1]] = odd
            for image in SPEC.check(written(folder, name, copy)).images:
                assert "internal error" not in str(image.error), (place, odd, image.error)


def _places(value: Any, at: tuple[Any, ...] = ()) -> Any:
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list | tuple) else ():
        yield (*at, key)
        yield from _places(value[key], (*at, key))
