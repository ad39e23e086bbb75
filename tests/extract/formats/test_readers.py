"""Annotations of others: COCO, Pascal VOC, YOLO, MVTec LOCO, detectors' outputs, columnar files; bad ones too."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

import logidsl
from logidsl.extract.formats.annotations import picture_beside
from logidsl.table import ObjectTable

SPEC = logidsl.loads("logic 1\nspec s\nobject nut\nobject bolt\nrule r: count(nut) >= 0\nrule q: count(bolt) >= 0\n")


def see(what: Any) -> ObjectTable:
    table = SPEC.see(what)
    assert not table.problems, table.problems
    return table


def problem(what: Any) -> str:
    table = SPEC.see(what)
    assert len(table.problems) == 1 and not table.images
    assert "internal error" not in table.problems[0].message
    return table.problems[0].message


def boxes(table: ObjectTable) -> list[list[float]]:
    edges = np.stack([np.asarray(table.columns[b]) for b in ("x0", "y0", "x1", "y1")], axis=1)
    found: list[list[float]] = edges.round(6).tolist()
    return found


def picture(path: Path, width: int = 100, height: int = 80, fill: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), np.full((height, width, 3), fill, np.uint8))
    return path


def write(path: Path, text: str | bytes | object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = text if isinstance(text, bytes) else (text if isinstance(text, str) else json.dumps(text)).encode()
    path.write_bytes(data)
    return path


def coco(*annotations: dict[str, object], **more: object) -> dict[str, object]:
    images = [{"id": 1, "file_name": "a.png", "width": 100, "height": 80}]
    categories = [{"id": 1, "name": "nut"}, {"id": 2, "name": "bolt"}]
    filled = [{"image_id": 1, "category_id": 1, **a} for a in annotations]
    return {"images": images, "annotations": filled, "categories": categories, **more}


# COCO


def test_coco_boxes_and_polygons(tmp_path: Path) -> None:
    square = [10, 10, 30, 10, 30, 40, 10, 40]
    table = see(
        write(
            tmp_path / "c.json",
            coco(
                {"bbox": [1, 2, 3, 4], "area": 10**6},
                {"category_id": 2, "bbox": [10, 10, 20, 30], "segmentation": [square]},
            ),
        )
    )
    assert table.images == ("a.png",) and table.sizes.tolist() == [[100, 80]]
    assert boxes(table) == [[1, 2, 4, 6], [10, 10, 30, 40]]
    assert table.classes.texts() == ["nut", "bolt"]
    area = table.columns["area"]
    assert isinstance(area, np.ndarray) and np.isnan(area[0]) and area[1] == 600  # the file's own area is not believed


def test_coco_polygon_in_parts(tmp_path: Path) -> None:
    parts = [[0, 0, 10, 0, 10, 10, 0, 10], [20, 0, 50, 0, 50, 10, 20, 10]]
    table = see(write(tmp_path / "c.json", coco({"bbox": [0, 0, 50, 10], "segmentation": parts})))
    assert table.outlines is not None
    assert table.outlines.rings(0)[0].min(0).tolist() == [20, 0]
    assert table.columns["area"].tolist() == [400]  # type: ignore[union-attr]


@pytest.mark.parametrize("packed", [False, True])
def test_coco_masks(tmp_path: Path, packed: bool) -> None:
    from pycocotools import mask as coder

    mask = np.zeros((80, 100), np.uint8)
    mask[20:50, 10:40] = 1
    mask[30:35, 20:25] = 0
    rle = coder.encode(np.asfortranarray(mask))
    if packed:
        code: dict[str, object] = {"size": [80, 100], "counts": rle["counts"].decode()}
    else:
        flat = mask.T.reshape(-1)
        edges = np.flatnonzero(np.diff(flat)) + 1
        code = {"size": [80, 100], "counts": np.diff([0, *edges.tolist(), flat.size]).tolist()}
    table = see(write(tmp_path / "c.json", coco({"bbox": [10, 20, 30, 30], "segmentation": code})))
    assert table.outlines is not None and len(table.outlines.rings(0)) == 2
    assert table.columns["holes"].tolist() == [1]  # type: ignore[union-attr]
    # the corners of a mask's outline are cut by half a pixel each
    assert table.columns["area"].tolist() == [pytest.approx(30 * 30 - 25, abs=2)]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "code",
    [
        {"size": [80, 100], "counts": "zzz"},
        {"size": [80, 100], "counts": [1, 2]},
        {"size": [80, 100], "counts": [10**12]},
        {"size": [80, 100], "counts": [-1, 8001]},
        {"size": [10**6, 10**6], "counts": "a"},
        {"size": "big", "counts": "a"},
        {"counts": "a"},
        {"size": [80, 100], "counts": "äöü"},
        {"size": [80, 100], "counts": "o" * 200},
        [[1, 2, 3]],
        [["a"] * 6],
    ],
)
def test_coco_broken_masks_cost_the_outline_only(tmp_path: Path, code: object) -> None:
    table = see(write(tmp_path / "c.json", coco({"bbox": [1, 2, 3, 4], "segmentation": code}, {"bbox": [5, 5, 5, 5]})))
    assert boxes(table) == [[1, 2, 4, 6], [5, 5, 10, 10]]
    assert "annotation 1, `nut`: its " in "\n".join(table.notes)


def test_coco_masks_of_any_shape(tmp_path: Path) -> None:
    from pycocotools import mask as coder

    from logidsl.extract.formats.run_lengths import decode_runs

    rng = np.random.default_rng(7)
    for share in [0, 0.02, 0.5, 0.98, 1] * 20:
        mask = (rng.random(rng.integers(1, 60, 2)) < share).astype(np.uint8)
        packed = coder.encode(np.asfortranarray(mask))["counts"].decode()
        made, left, top = decode_runs({"size": list(mask.shape), "counts": packed})
        whole = np.zeros_like(mask)
        whole[top : top + made.shape[0], left : left + made.shape[1]] = made
        assert (whole == mask).all()
        columns, rows = np.flatnonzero(whole.any(0)), np.flatnonzero(whole.any(1))
        assert made.shape == ((0, 0) if not mask.any() else (np.ptp(rows) + 1, np.ptp(columns) + 1))


def test_coco_many_alike_are_said_once(tmp_path: Path) -> None:
    """A hundred thousand of one mistake are one line, and ids that all repeat do not take forever."""
    bad = [{"bbox": [1, 2, 0, 4], "image_id": 1}] * 1000 + [{"bbox": [1, 2, 3, 4], "image_id": n} for n in range(2, 99)]
    alike = [{"bbox": [1, 2, 3, 4], "id": 7}] * 20_000
    table = see(write(tmp_path / "c.json", coco(*bad, *alike)))
    assert len(table) == 1000 + 97 + 20_000 and len(set(table.ids)) == 21_000
    assert len(table.notes) < 20
    said = "\n".join(table.notes)
    assert "annotation 5, `nut` cannot be read: its box has no area" in said and "annotation 6, `nut`" not in said
    assert ": 995 more cannot be read: its box has no area" in said
    assert "the picture is called by its id (97 of them, first annotation 1001, id `2`)" in said


def test_coco_outline_in_place_of_a_box_that_is_none(tmp_path: Path) -> None:
    square = [10, 10, 30, 10, 30, 40, 10, 40]
    outside = [110, 10, 130, 10, 130, 40]
    document = coco({"bbox": [1, 2, 0, 4], "segmentation": [square]}, {"segmentation": [outside]}, {"bbox": []})
    table = see(write(tmp_path / "c.json", document))
    found = boxes(table)
    assert found[0] == [10, 10, 30, 40]
    assert len(found) == 3 and np.isnan(found[1:]).all()
    said = "\n".join(table.notes)
    assert "annotation 1, `nut`: its box cannot be used, and was taken from its outline" in said
    assert "annotation 2, `nut` cannot be read: its box lies outside the picture of 100 by 80 px" in said
    assert "annotation 3, `nut` cannot be read: expected a box of four numbers, found none" in said


def test_coco_crowd_is_any_number(tmp_path: Path) -> None:
    path = write(tmp_path / "c.json", coco({"bbox": [1, 2, 3, 4], "iscrowd": 1}))
    spec = logidsl.loads("logic 1\nspec s\nobject nut\nrule some_nut: some nut\nrule five: count(nut) = 5\n")
    report = spec.check(path)
    assert [(f.rule) for f in report.images[0].findings] == ["five"]
    assert report.images[0].verdict == "review"


def test_coco_results_take_names_from_beside(tmp_path: Path) -> None:
    write(tmp_path / "truth.json", coco())
    found = write(tmp_path / "found.json", [{"image_id": 1, "category_id": 2, "bbox": [1, 2, 3, 4], "score": 0.75}])
    table = see(found)
    assert table.images == ("a.png",) and table.classes.texts() == ["bolt"]
    assert table.columns["confidence"].tolist() == [0.75]  # type: ignore[union-attr]
    assert "taken from truth.json beside it" in table.notes[0]
    (tmp_path / "truth.json").unlink()
    alone = see(found)
    assert alone.images == ("image 1",) and alone.classes.texts() == ["2"]
    assert "no list `categories`" in "\n".join(alone.notes)


def test_coco_bad_annotations_cost_themselves(tmp_path: Path) -> None:
    document = coco(
        {"bbox": [1, 2, 3, 4], "id": 7},
        {"bbox": [1, 2, 3, 4], "id": 7},
        {"bbox": [1, 2, 0, 4]},
        {"bbox": [500, 2, 3, 4]},
        {"bbox": [90, 70, 30, 30]},
        {"bbox": [1, 2, 3]},
        {"bbox": [1, 2, "x", 4]},
        {"bbox": [1, 2, 3, 4], "category_id": 99},
        {"bbox": [1, 2, 3, 4], "image_id": 99},
        {"segmentation": [[0, 0, 20, 20, 20, 0, 0, 20]], "id": []},
    )
    document["annotations"].append("nonsense")  # type: ignore[attr-defined]
    table = see(write(tmp_path / "c.json", document))
    said = "\n".join(table.notes)
    for words in (
        "annotation 2, id `7`: its id is that of another",
        "annotation 3, `nut` cannot be read: its box has no area",
        "annotation 4, `nut` cannot be read: its box lies outside the picture",
        "annotation 5, `nut`: its box reaches beyond the picture",
        "annotation 6, `nut` cannot be read: expected a box of four numbers",
        "annotation 7, `nut` cannot be read: expected a box of four numbers",
        "annotation 8 cannot be read: expected the id of a category in `category_id`, found `99`",
        "a picture that is not in the list: the picture is called by its id (1 of them, first annotation 9, id `99`)",
        "an outline that crosses itself was put right (1 of them, first annotation 10)",
        "annotation 11 cannot be read: expected `image_id` and `category_id`",
        "expected a number or text (1 of them, first annotation 10)",
    ):
        assert words in said
    assert table.images == ("a.png", "image 99")
    assert np.diff(table.offsets).tolist() == [10, 2]  # of the last nothing says whose it is: it may be anyone's
    assert [row for row, box in enumerate(boxes(table)) if np.isnan(box).any()] == [2, 3, 5, 6, 7, 9, 11]
    assert table.classes.texts()[7:10] == ["?", "nut", "?"]
    assert table.columns["area"][8] == pytest.approx(100)  # type: ignore[index]  # one of two equal triangles


# Pascal VOC

VOC = """<annotation><filename>A.JPG</filename><size><width>100</width><height>80</height></size>{}</annotation>"""
OBJECT = "<object><name>{}</name><bndbox><xmin>{}</xmin><ymin>{}</ymin><xmax>{}</xmax><ymax>{}</ymax></bndbox></object>"


def test_voc(tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg")
    text = VOC.format(OBJECT.format("Nuts", 30, 2, 3, 4) + OBJECT.format("bolt", 1, 1, 1, 5))
    table = see(write(tmp_path / "a.xml", text))
    assert table.images == (str(tmp_path / "a.jpg"),)
    assert boxes(table)[0] == [3, 2, 30, 4] and table.classes.texts() == ["nut", "bolt"]
    said = "\n".join(table.notes)
    assert (
        "swapped corners" in said
        and "`Nuts` read as `nut`" in said
        and "object 2, `bolt` cannot be read: its box has no area" in said
    )


def test_voc_polygon_and_turned_box(tmp_path: Path) -> None:
    points = "<x1>0</x1><y1>0</y1><x2>10</x2><y2>0</y2><x3>0</x3><y3>10</y3>"
    polygon = f"<object><name>nut</name><polygon>{points}</polygon></object>"
    turned = (
        "<object><name>bolt</name><robndbox><cx>50</cx><cy>40</cy><w>20</w><h>10</h><angle>1.5707963267948966</angle>"
        "</robndbox></object>"
    )
    table = see(write(tmp_path / "a.xml", VOC.format(polygon + turned)))
    assert boxes(table) == [[0, 0, 10, 10], [45, 30, 55, 50]]
    assert table.columns["area"].round(6).tolist() == [50, 200]  # type: ignore[union-attr]


def test_voc_in_other_encodings(tmp_path: Path) -> None:
    text = VOC.format(OBJECT.format("nut", 1, 2, 3, 4))
    table = see(write(tmp_path / "a.xml", ('<?xml version="1.0" encoding="utf-16"?>' + text).encode("utf-16")))
    assert boxes(table) == [[1, 2, 3, 4]]
    latin = '<?xml version="1.0" encoding="latin-1"?>' + VOC.format(OBJECT.format("Dübel", 1, 2, 3, 4))
    assert see(write(tmp_path / "b.xml", latin.encode("latin-1"))).classes.texts() == ["Dübel"]


BOMB = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><annotation>&b;</annotation>'
OUTSIDE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><annotation><filename>&x;</filename></annotation>'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BOMB, "declares entities, which are not read"),
        (BOMB.encode("utf-16"), "declares entities, which are not read"),
        (OUTSIDE, "declares entities, which are not read"),
        ("<annotation><object>", "is not valid XML: .* in line 1"),
        ("<annotation>" + "<a>" * 100, "is nested too deeply"),
        ("", "is empty"),
        (b"<annotation>\xff\xfe</annotation>", "is not valid XML"),
    ],
)
def test_bad_xml(tmp_path: Path, text: str | bytes, words: str) -> None:
    import re

    assert re.search(words, problem(write(tmp_path / "a.xml", text)))


# YOLO


def test_yolo_boxes_outlines_and_scores(tmp_path: Path) -> None:
    picture(tmp_path / "images/train/a.png")
    write(tmp_path / "data.yaml", "path: .\nnames:\n  0: bolt\n  1: nut\n")
    lines = "1 0.5 0.5 0.2 0.25 0.9\n0 0.1 0.1 0.3 0.1 0.3 0.5\n\n1 0.5 0.5 0.2\n5 .5 .5 .5 .5\n"
    path = write(tmp_path / "labels/train/a.txt", lines)
    table = see(path)
    assert table.images == (str(tmp_path / "images/train/a.png"),) or Path(table.images[0]).samefile(
        tmp_path / "images/train/a.png"
    )
    assert boxes(table)[:2] == [[40, 30, 60, 50], [10, 8, 30, 40]]
    assert table.classes.texts() == ["nut", "bolt", "nut", "?"]
    assert table.columns["confidence"][0] == 0.9  # type: ignore[index]
    said = "\n".join(table.notes)
    assert "line 4, `nut` cannot be read: expected a class and at least four numbers" in said
    assert "line 5 cannot be read: no class of this number in the list of 2, found `5`" in said
    # the picture finds its annotation too, and a folder of both has each picture once
    assert boxes(see(tmp_path / "images/train/a.png"))[:2] == boxes(table)[:2]
    assert len(see(tmp_path).images) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("classes.txt", "bolt\nnut\n"),
        ("obj.names", "bolt\nnut\n"),
        ("data.yaml", "names: [bolt, nut]"),
        ("notes.json", {"categories": [{"id": 0, "name": "bolt"}, {"id": 1, "name": "nut"}]}),
    ],
)
def test_yolo_lists_of_classes(tmp_path: Path, name: str, text: object) -> None:
    picture(tmp_path / "a.png")
    write(tmp_path / name, text)
    assert see(write(tmp_path / "a.txt", "1 .5 .5 .1 .1\n")).classes.texts() == ["nut"]


def test_yolo_without_its_picture(tmp_path: Path) -> None:
    said = problem(write(tmp_path / "a.txt", "1 .5 .5 .1 .1\n"))
    assert "expected the picture of the same name, as its shares need its size; found none" in said


def test_yolo_empty_file_is_a_picture_without_objects(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    table = see(write(tmp_path / "a.txt", ""))
    assert len(table.images) == 1 and len(table) == 0


# MVTec LOCO


def test_loco_layout(tmp_path: Path) -> None:
    picture(tmp_path / "test/good/000.png")
    picture(tmp_path / "test/logical_anomalies/000.png")
    mask = np.zeros((80, 100), np.uint8)
    mask[10:20, 30:50] = 251
    (tmp_path / "ground_truth/logical_anomalies/000").mkdir(parents=True)
    (tmp_path / "ground_truth/logical_anomalies/001").mkdir(parents=True)
    cv2.imwrite(str(tmp_path / "ground_truth/logical_anomalies/000/000.png"), mask)
    cv2.imwrite(str(tmp_path / "ground_truth/logical_anomalies/001/000.png"), mask[:, :90])
    cv2.imwrite(str(tmp_path / "ground_truth/logical_anomalies/000/001.png"), mask[:, :90])
    config = [
        {"defect_name": "missing_nut", "pixel_value": 251, "saturation_threshold": 200, "relative_saturation": False}
    ]
    table = SPEC.see(write(tmp_path / "defects_config.json", config))
    names = [str(Path(i).relative_to(tmp_path)) for i in table.images]
    assert names == ["test/good/000.png", "test/logical_anomalies/000.png", "test/logical_anomalies/001.png"]
    assert np.diff(table.offsets).tolist() == [0, 2, 1]
    assert boxes(table)[0] == [30, 10, 50, 20] and table.classes.texts() == ["missing_nut", "?", "missing_nut"]
    assert table.columns["saturation_threshold"][[0, 2]].tolist() == [200, 200]  # type: ignore[index]
    assert [p.message.split(": ")[-1] for p in table.problems] == ["expected 100 by 80 px, found 90 by 80 px"]
    assert "1 pictures that have masks are missing" in table.notes[0]
    for value in (0, 7):  # an empty mask, and one of a defect that is not in the list
        mask = np.full((80, 100), value, np.uint8)
        cv2.imwrite(str(tmp_path / "ground_truth/logical_anomalies/001/000.png"), mask)
        assert SPEC.see(tmp_path / "defects_config.json").classes.texts()[-1] == "?"


# LabelMe


def test_labelme_masks(tmp_path: Path) -> None:
    import base64

    ok, data = cv2.imencode(".png", np.full((10, 20), 1, np.uint8))
    assert ok
    shapes = [
        {
            "label": "nut",
            "shape_type": "mask",
            "points": [[5, 6], [24, 15]],
            "mask": base64.b64encode(data.tobytes()).decode(),
        },
        {"label": "nut", "shape_type": "mask", "points": [[5, 6], [24, 15]], "mask": "no base64"},
    ]
    document = {"imagePath": "a.png", "imageWidth": 100, "imageHeight": 80, "shapes": shapes}
    table = see(write(tmp_path / "a.json", document))
    assert boxes(table) == [[5, 6, 25, 16], [5, 6, 24, 15]]
    assert "only the box of its mask was read: it is not base64" in "\n".join(table.notes)


def test_colours_are_measured_where_they_are_asked_for(tmp_path: Path) -> None:
    pixels = np.full((80, 100, 3), 255, np.uint8)
    pixels[10:30, 10:30] = (0, 0, 255)
    cv2.imwrite(str(tmp_path / "a.png"), pixels)
    write(tmp_path / "a.xml", VOC.format(OBJECT.format("nut", 10, 10, 30, 30) + OBJECT.format("nut", 50, 50, 60, 60)))
    text = 'logic 1\nspec s\ncolor red = "#ff0000" within 5\nobject nut\nrule r: count(nut where color = red) = 1\n'
    assert logidsl.loads(text).check(tmp_path / "a.xml").images[0].verdict == "pass"
    assert "color" not in SPEC.see(tmp_path / "a.xml").columns
    (tmp_path / "a.png").unlink()
    report = logidsl.loads(text).check(tmp_path / "a.xml")
    assert report.images[0].verdict == "review"
    assert "colours not measured" in "\n".join(report.notes)


@pytest.mark.parametrize(("size", "words"), [((80, 100), "as before its EXIF rotation"), ((50, 40), "50 by 40 px")])
def test_colours_of_a_picture_of_another_size_are_not_measured(
    tmp_path: Path, size: tuple[int, int], words: str
) -> None:
    picture(tmp_path / "a.png", fill=255)
    document = coco({"bbox": [1, 2, 30, 30]})
    document["images"] = [{"id": 1, "file_name": "a.png", "width": size[0], "height": size[1]}]
    text = "logic 1\nspec s\nobject nut\nrule r: every nut: lightness > 50 %\n"
    report = logidsl.loads(text).check(write(tmp_path / "c.json", document))
    assert report.images[0].verdict == "review"
    said = "\n".join(report.notes)
    assert "a.png is 100 by 80 px, but its annotation is for" in said and words in said


# Tables in memory and in columns


def test_supervision_data_are_columns() -> None:
    import supervision

    data: dict[str, Any] = {"class_name": np.array(["nut", "bolt"]), "kind": ["a", "b"], "embedding": np.zeros((2, 5))}
    found = supervision.Detections(np.array([[1, 2, 3, 4], [5, 6, 7, 8]], float), data=data)
    table = see(found)
    assert set(table.columns) == {"x0", "y0", "x1", "y1", "kind"}
    assert table.columns["kind"].texts() == ["a", "b"]  # type: ignore[union-attr]


def test_data_frames_with_gaps_categories_and_an_index() -> None:
    import pandas as pd
    import polars as pl

    frame = pd.DataFrame(
        {
            "image": ["a", "a", "b"],
            "class": pd.Categorical(["nut", "bolt", None]),
            "x0": pd.array([1, None, 3], dtype="Int64"),
            **{name: [1.0, 2.0, 3.0] for name in ("y0",)},
            **{name: pd.array([4.0, 5.0, pd.NA], dtype="Float64") for name in ("x1", "y1")},
        }
    )
    for made in (frame, frame.set_index("image"), pl.from_pandas(frame)):
        table = see(made)
        assert table.images == ("a", "b") and table.classes.texts() == ["nut", "bolt", "?"]
        assert np.array_equal(boxes(table), np.array([[1, 1, 4, 4], *[[np.nan] * 4] * 2]), equal_nan=True)
        assert "item 3 cannot be read: expected the name of a class, found none" in "\n".join(table.notes)


@pytest.mark.parametrize("form", ["struct", "list", "decimal"])
def test_boxes_in_columnar_files(tmp_path: Path, form: str) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    classes = pa.array(["nut", "nut"]).dictionary_encode()
    columns: dict[str, pa.Array] = {"image": pa.array(["a", "a"]).dictionary_encode(), "class": classes}
    match form:
        case "struct":
            columns["box"] = pa.array([None, {"xmin": 1.0, "ymin": 2.0, "xmax": 3.0, "ymax": 4.0}])
        case "list":
            columns["box"] = pa.array([None, [1, 2, 3, 4]])
        case _:
            values = zip(("x0", "y0", "x1", "y1"), (1, 2, 3, 4), strict=True)
            columns |= {name: pa.array([None, value], pa.decimal128(5, 1)) for name, value in values}
    parquet.write_table(pa.table(columns), tmp_path / "t.parquet")
    found = boxes(see(tmp_path / "t.parquet"))
    assert np.array_equal(found, np.array([[np.nan] * 4, [1, 2, 3, 4]]), equal_nan=True)


# Files as people have them


def test_names_of_pictures_whatever_their_accents_and_separators(tmp_path: Path) -> None:
    import unicodedata

    for form, other in (("NFC", "NFD"), ("NFD", "NFC")):
        folder = tmp_path / form
        picture(folder / unicodedata.normalize(form, "große Tür.png"))  # type: ignore[arg-type]
        document = coco({"bbox": [1, 2, 3, 4]})
        name = unicodedata.normalize(other, "C:\\bilder\\große Tür.png")  # type: ignore[arg-type]
        document["images"] = [{"id": 1, "file_name": name}]
        table = see(write(folder / "c.json", document))
        assert table.sizes.tolist() == [[100, 80]] and Path(table.images[0]).is_file()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
def test_coco_in_other_encodings(tmp_path: Path, encoding: str) -> None:
    start = "\ufeff" if encoding == "utf-16-be" else ""
    path = write(tmp_path / "c.json", (start + json.dumps(coco({"bbox": [1, 2, 3, 4]}))).encode(encoding))
    assert see(path).images == ("a.png",)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (json.dumps(coco()).encode("utf-16-le"), "expected UTF-8, or UTF-16 with a byte order mark, found zero bytes"),
        ('{"class":\n"Dübel"}'.encode("latin-1"), "found byte 0xfc in line 2; save it as UTF-8"),
        (b"[]", "names no picture, so there is nothing to check"),
    ],
)
def test_texts_that_cannot_be_read_say_why(tmp_path: Path, data: bytes, words: str) -> None:
    assert words in problem(write(tmp_path / "t.json", data))


def test_coco_without_categories_and_by_names(tmp_path: Path) -> None:
    document = coco({"bbox": [1, 2, 3, 4], "category_name": "bolt"}, {"bbox": [1, 2, 3, 4]})
    del document["categories"]
    table = see(write(tmp_path / "c.json", document))
    assert table.classes.texts() == ["bolt", "1"] and "no list `categories`" in table.notes[0]
    for name in ("a.png", "a"):
        found = [{"image_id": name, "category_id": 2, "bbox": [1, 2, 3, 4], "score": 0.5}]
        assert see(write(tmp_path / "found.json", found)).images == ("a.png",)
    (tmp_path / "c.json").unlink()
    assert see(tmp_path / "found.json").images == ("a",)


def test_yolo_in_pixels_is_refused(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    said = problem(write(tmp_path / "a.txt", b"\xef\xbb\xbf0 50 40 10 10\r\n"))
    assert "expected shares of the picture, from 0 to 1, found 50 in line 1" in said
    assert len(see(write(tmp_path / "a.txt", "0 .5 .5 .1 .1\n0 50 40 10 10\n"))) == 2


def test_annotations_by_region_are_no_descriptions(tmp_path: Path) -> None:
    region = {"shape_attributes": {"name": "rect", "x": 1}, "region_attributes": {"type": "nut"}}
    path = write(tmp_path / "via.json", {"a.png9": {"filename": "a.png", "size": 9, "regions": [region]}})
    assert "expected `class`, or `objects` of a picture" in problem(path)


# Detectors


def test_supervision_detections() -> None:
    import supervision

    mask = np.zeros((2, 80, 100), bool)
    mask[0, 10:20, 30:50] = True
    mask[1, 40:60, 0:20] = True
    found = supervision.Detections(
        xyxy=np.array([[30, 10, 50, 20], [0, 40, 20, 60]], float),
        mask=mask,
        confidence=np.array([0.9, 0.5]),
        class_id=np.array([0, 1]),
        tracker_id=np.array([7, 8]),
        data={"class_name": np.array(["nut", "bolt"])},
    )
    table = see(found)
    assert boxes(table) == [[30, 10, 50, 20], [0, 40, 20, 60]]
    assert table.classes.texts() == ["nut", "bolt"] and table.ids == ("7", "8")
    assert table.sizes.tolist() == [[100, 80]]
    assert table.columns["area"].tolist() == [pytest.approx(200, abs=1), pytest.approx(400, abs=1)]  # type: ignore[union-attr]
    assert len(see([found, found]).images) == 2
    with pytest.raises(logidsl.InputError, match=r"what are the objects\?"):
        SPEC.see(supervision.Detections(found.xyxy))


class Tensor:
    """What a tensor of torch is to a reader: not an array, but one step away from it, on another device."""

    def __init__(self, values: object) -> None:
        self.values = np.asarray(values, np.float32)

    def cpu(self) -> Tensor:
        return self

    def numpy(self) -> np.ndarray:
        return self.values


def test_ultralytics_results() -> None:
    """An object with the attributes of ultralytics' Results; the library itself needs torch, which is not here."""
    boxes_ = SimpleNamespace(
        xyxy=Tensor([[30, 10, 50, 20]]), conf=Tensor([0.5]), cls=Tensor([1.0]), id=Tensor([4]), xywh=None
    )
    masks = SimpleNamespace(xy=[np.array([[30, 10], [50, 10], [50, 20]], np.float32)])
    result = SimpleNamespace(
        boxes=boxes_, masks=masks, obb=None, names={0: "bolt", 1: "nut"}, orig_shape=(80, 100), path="x/a.png"
    )
    table = see(result)
    assert table.images == ("x/a.png",) and table.sizes.tolist() == [[100, 80]]
    assert boxes(table) == [[30, 10, 50, 20]] and table.classes.texts() == ["nut"] and table.ids == ("4",)
    assert table.columns["area"].tolist() == [100]  # type: ignore[union-attr]
    turned = SimpleNamespace(
        xyxy=Tensor([[0, 0, 10, 10]]), conf=Tensor([0.5]), cls=Tensor([0]), id=None,
        xyxyxyxy=Tensor([[[5, 0], [10, 5], [5, 10], [0, 5]]]),
    )  # fmt: skip
    table = see(SimpleNamespace(boxes=None, masks=None, obb=turned, names={0: "bolt"}, orig_shape=(80, 100)))
    assert table.columns["area"].tolist() == [50]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "item",
    [
        {"boxes_xyxy": [[30, 10, 50, 20]], "labels": ["nut"], "scores": [0.5]},
        {"boxes": [[0.4, 0.1875, 0.2, 0.125]], "phrases": ["nut"], "logits": [0.5], "size": [80, 100]},
        {"boxes": Tensor([[0.4, 0.1875, 0.2, 0.125]]), "phrases": ["nut"], "logits": Tensor([0.5]), "size": [80, 100]},
        {"boxes_xywh": [[30, 10, 20, 10]], "labels": ["nut"], "scores": [0.5]},
        {"boxes": [[0.3, 0.125, 0.5, 0.25]], "box_format": "xyxy", "labels": ["nut"], "width": 100, "height": 80},
    ],
)
def test_dictionaries_of_boxes(item: dict[str, object]) -> None:
    table = see(item)
    assert np.allclose(boxes(table), [[30, 10, 50, 20]], atol=1e-4) and table.classes.texts() == ["nut"]


def test_dictionary_files_take_sizes_from_their_pictures(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    item = {"image": "a.png", "boxes": [[0.4, 0.1875, 0.2, 0.125]], "labels": ["nut"], "scores": [0.5]}
    table = see(write(tmp_path / "d.json", item))
    assert table.images == (str(tmp_path / "a.png"),) and boxes(table) == [[30, 10, 50, 20]]
    (tmp_path / "a.png").unlink()
    assert "its boxes are shares of the picture, whose size is not known" in problem(tmp_path / "d.json")
    bad = write(tmp_path / "e.json", {"boxes_xyxy": [[1, 2, 3, 4]], "labels": ["nut", "bolt"]})
    assert "expected as many labels and scores as boxes, found 1 boxes, 2 labels, 1 scores" in problem(bad)


def test_one_bad_dictionary_or_box_costs_that_one(tmp_path: Path) -> None:
    good = {"image": "a.png", "boxes_xyxy": [[1, 2, 30, 40], [1, 2, "x", 4]], "labels": ["nut", "bolt"]}
    odd = {"image": "b.png", "boxes_xyxy": [[1, 2, 30, 40]], "labels": [["nut"]]}
    lost = {"image": "c.png", "boxes_xyxy": [[1, 2, 30, 40]], "labels": ["nut", "bolt"]}
    table = SPEC.see(write(tmp_path / "d.json", [good, odd, lost]))
    assert table.images == ("a.png", "b.png") and table.classes.texts() == ["nut", "bolt", "?"]
    assert np.isnan(boxes(table)[1:]).all() and len(table.problems) == 1
    assert [i.verdict for i in SPEC.check(tmp_path / "d.json").images] == ["pass", "pass", "error"]


# Tables of other libraries


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_data_frames_with_the_columns_of_detectors(library: str) -> None:
    columns = {
        "file_name": ["a.png", "a.png"],
        "xmin": [1.0, 5.0], "ymin": [2.0, 6.0], "xmax": [3.0, 7.0], "ymax": [4.0, 8.0],
        "confidence": [0.5, 0.25], "class": [1, 0], "name": ["nut", "bolt"],
    }  # fmt: skip
    module = importlib.import_module(library)
    table = see(module.table(columns) if library == "pyarrow" else module.DataFrame(columns))
    assert boxes(table) == [[1, 2, 3, 4], [5, 6, 7, 8]] and table.classes.texts() == ["nut", "bolt"]
    assert "columns read as `x0`: `xmin`" in table.notes[0]


@pytest.mark.parametrize("ending", ["parquet", "feather", "arrow"])
def test_columnar_files(tmp_path: Path, ending: str) -> None:
    import pyarrow as pa
    from pyarrow import feather, parquet

    made = pa.table(
        {"image": ["a", "b"], "class": ["nut", "bolt"], "x0": [1, 5], "y0": [2, 6], "x1": [3, 7], "y1": [4, 8]}
    )
    path = tmp_path / f"t.{ending}"
    match ending:
        case "parquet":
            parquet.write_table(made, path)
        case "feather":
            feather.write_feather(made, path)
        case _:
            with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, made.schema) as writer:
                writer.write_table(made)
    assert boxes(see(path)) == [[1, 2, 3, 4], [5, 6, 7, 8]]
    write(path, "not a table")
    assert f"is not a {ending} table" in problem(path)


def test_rows_of_other_tools_in_json(tmp_path: Path) -> None:
    rows = [{"name": "nut", "class": 0, "confidence": 0.5, "box": {"x1": 1, "y1": 2, "x2": 3, "y2": 4}}]
    assert boxes(see(write(tmp_path / "r.json", rows))) == [[1, 2, 3, 4]]
    hugging = [{"score": 0.5, "label": "nut", "box": {"xmin": 1, "ymin": 2, "xmax": 3, "ymax": 4}}]
    assert boxes(see(write(tmp_path / "h.json", hugging))) == [[1, 2, 3, 4]]


# Many files


def test_one_broken_file_among_many_costs_one_row(tmp_path: Path) -> None:
    for n in range(40):
        write(tmp_path / f"{n:03}.xml", VOC.format(OBJECT.format("nut", 1, 2, 3, 4)).replace("A.JPG", f"{n:03}.jpg"))
    write(tmp_path / "017.xml", "<annotation><object>")
    report = SPEC.check(tmp_path)
    assert [i.verdict for i in report.images].count("pass") == 39
    assert [i.path for i in report.images if i.verdict == "error"] == [str(tmp_path / "017.xml")]


def test_pictures_are_found_in_the_usual_folders(tmp_path: Path) -> None:
    picture(tmp_path / "images/a.PNG")
    (tmp_path / "labels").mkdir()
    found = picture_beside(tmp_path / "labels", "C:\\old\\A.png")
    assert found is not None and found.samefile(tmp_path / "images/a.PNG")
    assert picture_beside(tmp_path / "labels", "b.png") is None


@pytest.mark.parametrize(
    "ring", [[(0, 0), (40, 0), (40, 10), (0, 10)], [(5, 9), (5, 2), (8, 2), (8, 9)], [(0, 0), (7, 0), (7, 7), (0, 7)]]
)
def test_drawn_boxes_are_measured_like_any_outline(ring: list[tuple[float, float]]) -> None:
    from logidsl.library.measure import measure_outline, of_rectangle

    rings = [np.array(ring, float)]
    fast, slow = of_rectangle(rings), measure_outline(rings)
    assert fast is not None and fast.keys() == slow.keys()
    assert all(np.allclose(fast[k], slow[k]) for k in slow)
    assert of_rectangle([np.array([(0, 0), (4, 1), (3, 5), (-1, 4)], float)]) is None
    assert of_rectangle([np.array([(0, 0), (80, 0), (80, 2), (0, 2)], float)]) is None
