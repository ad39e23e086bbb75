"""What the numbers in other tools' files mean: turned boxes, frames, units, shares, percent; one scene each time."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

import logidsl
from logidsl.table import ObjectTable

SPEC = logidsl.loads("logic 1\nspec s\nobject bolt\nobject nut\nrule r: count(nut) >= 0\nrule q: count(bolt) >= 0\n")
WIDTH, HEIGHT = 640, 480
BOLT, NUT = [100.0, 40.0, 160.0, 80.0], [300.0, 200.0, 340.0, 260.0]
UPRIGHT = [110.0, 30.0, 150.0, 90.0]  # the bolt, turned by a quarter about its middle


def write(path: Path, content: str | bytes | object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = content if isinstance(content, str | bytes) else json.dumps(content)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def objects(table: ObjectTable) -> dict[str, list[tuple[str | None, list[float]]]]:
    """The class and the box of each object, by picture."""
    assert not table.problems, table.problems
    edges = np.stack([np.asarray(table.columns[b]) for b in ("x0", "y0", "x1", "y1")], axis=1).round(6).tolist()
    rows = list(zip(table.classes.texts(), edges, strict=True))
    return {
        image: rows[first:end]
        for image, first, end in zip(table.images, table.offsets[:-1], table.offsets[1:], strict=True)
    }


def see(path: Path) -> dict[str, list[tuple[str | None, list[float]]]]:
    return objects(SPEC.see(path))


def refusal(path: Path) -> str:
    table = SPEC.see(path)
    assert not table.images and len(table.problems) == 1, (table.images, table.problems)
    assert "internal error" not in table.problems[0].message
    return table.problems[0].message


def corner_and_sides(box: list[float]) -> list[float]:
    return [box[0], box[1], box[2] - box[0], box[3] - box[1]]


def coco(*annotations: dict[str, object], name: str = "tray.png", classes: tuple[str, ...] = ("bolt", "nut")) -> object:
    return {
        "images": [{"id": 1, "file_name": name, "width": WIDTH, "height": HEIGHT}],
        "categories": [{"id": n, "name": c} for n, c in enumerate(classes)],
        "annotations": [{"image_id": 1, **a} for a in annotations],
    }


# turned boxes


def test_coco_boxes_that_cvat_turns_by_an_attribute(tmp_path: Path) -> None:
    bolt = {"category_id": 0, "bbox": corner_and_sides(BOLT), "segmentation": []}
    turned = bolt | {"attributes": {"occluded": False, "rotation": 90.0}}
    level = bolt | {"attributes": {"occluded": False, "rotation": 0.0}}
    assert see(write(tmp_path / "c.json", coco(turned, level))) == {"tray.png": [("bolt", UPRIGHT), ("bolt", BOLT)]}


@pytest.mark.parametrize("turn", ["left", 1e400])
def test_a_box_turned_by_no_number_has_no_place(tmp_path: Path, turn: object) -> None:
    bolt = {"category_id": 0, "bbox": corner_and_sides(BOLT), "attributes": {"rotation": turn}}
    table = SPEC.see(write(tmp_path / "c.json", coco(bolt)))
    if turn == "left":  # an attribute that a user made
        assert objects(table) == {"tray.png": [("bolt", BOLT)]} and "rotation" in table.columns
    else:
        assert table.columns["count"].texts() == ["0..1"]  # type: ignore[union-attr]
    region = _region("bolt", BOLT)
    region["value"]["rotation"] = turn  # type: ignore[index]
    task = [{"id": 1, "data": {"image": "/data/tray.png"}, "annotations": [{"result": [region]}]}]
    table = SPEC.see(write(tmp_path / "e.json", task))
    assert table.classes.texts() == ["bolt"] and table.columns["count"].texts() == ["0..1"]  # type: ignore[union-attr]


@pytest.mark.parametrize(("degrees", "box"), [("90.0", UPRIGHT), ("0.0", BOLT)])
def test_voc_boxes_that_cvat_turns_by_an_attribute(tmp_path: Path, degrees: str, box: list[float]) -> None:
    text = (
        f"<annotation><filename>tray.png</filename><size><width>{WIDTH}</width><height>{HEIGHT}</height></size>"
        "<object><name>bolt</name><bndbox><xmin>100</xmin><ymin>40</ymin><xmax>160</xmax><ymax>80</ymax></bndbox>"
        f"<attributes><attribute><name>rotation</name><value>{degrees}</value></attribute>"
        "<attribute><name>batch</name><value>a</value></attribute></attributes></object></annotation>"
    )
    table = SPEC.see(write(tmp_path / "tray.xml", text))
    assert [o for found in objects(table).values() for o in found] == [("bolt", box)]
    assert table.columns["batch"].texts() == ["a"]  # type: ignore[union-attr]


def test_the_angle_of_an_ellipse_is_that_of_its_axes(tmp_path: Path) -> None:
    ellipse = '<ellipse label="bolt" cx="130" cy="60" rx="30" ry="20" rotation="{}"/>'
    text = '<annotations><image name="tray.png" width="640" height="480">{}{}</image></annotations>'
    table = SPEC.see(write(tmp_path / "a.xml", text.format(ellipse.format(0), ellipse.format(30))))
    assert objects(table)["tray.png"][0] == ("bolt", BOLT)
    angles, areas = np.asarray(table.columns["angle"]), np.asarray(table.columns["area"])
    assert np.abs(np.abs(angles) - [0, 30]).max() < 1e-6
    assert areas == pytest.approx([np.pi * 600] * 2, rel=1e-3)


# CVAT


def _video(frame_filter: str, *boxes: str, size: int = 3, start: int = 10) -> str:
    return (
        f"<annotations><meta><job><size>{size}</size><start_frame>{start}</start_frame>"
        f"<frame_filter>{frame_filter}</frame_filter></job>"
        f"<original_size><width>{WIDTH}</width><height>{HEIGHT}</height></original_size></meta>"
        f'<track id="0" label="bolt">{"".join(boxes)}</track></annotations>'
    )


def _tracked(frame: int, outside: int = 0) -> str:
    return f'<box frame="{frame}" outside="{outside}" keyframe="1" xtl="100" ytl="40" xbr="160" ybr="80"/>'


def test_cvat_frames_between_those_of_a_step_are_no_pictures(tmp_path: Path) -> None:
    text = _video("step=5", _tracked(10), _tracked(15), _tracked(20, outside=1))
    assert see(write(tmp_path / "a.xml", text)) == {
        "frame_000010": [("bolt", BOLT)],
        "frame_000015": [("bolt", BOLT)],
        "frame_000020": [],
    }


def test_cvat_points_of_a_skeleton_that_are_outside_have_no_place(tmp_path: Path) -> None:
    def point(outside: int, place: str) -> str:
        return f'<points label="1" outside="{outside}" occluded="0" points="{place}"/>'

    joints = point(0, "100,40") + point(0, "160,80") + point(1, "1,2")
    image = f'<image name="tray.png" width="640" height="480"><skeleton label="bolt">{joints}</skeleton></image>'
    assert see(write(tmp_path / "a.xml", f"<annotations>{image}</annotations>")) == {"tray.png": [("bolt", BOLT)]}
    shown, gone = (f'<skeleton frame="{n}">{j}</skeleton>' for n, j in ((0, joints), (1, point(1, "1,2"))))
    text = _video("", shown, gone, size=2, start=0)
    assert see(write(tmp_path / "b.xml", text)) == {"frame_000000": [("bolt", BOLT)], "frame_000001": []}


# COCO results


def test_coco_results_beside_two_ground_truths(tmp_path: Path) -> None:
    bolt = {"image_id": 1, "category_id": 0, "bbox": corner_and_sides(BOLT), "score": 0.9}
    results = write(tmp_path / "results.json", [bolt])
    write(tmp_path / "train.json", coco(name="other.png", classes=("nut",)))
    write(tmp_path / "val.json", coco())
    assert "train.json and val.json beside it have its pictures" in refusal(results)
    write(tmp_path / "train.json", coco())  # a copy leaves nothing open
    assert see(results) == {"tray.png": [("bolt", BOLT)]}


# Label Studio


def _region(label: str, box: list[float], **more: object) -> dict[str, object]:
    x, y, w, h = corner_and_sides(box)
    value = {"x": x / 6.4, "y": y / 4.8, "width": w / 6.4, "height": h / 4.8, "rectanglelabels": [label]}
    size = {"original_width": WIDTH, "original_height": HEIGHT}
    return {"id": label, "type": "rectanglelabels", "to_name": "image", **size, "value": value, **more}


@pytest.mark.parametrize(
    ("data", "bolt", "nut"),
    [
        ({"images": ["/data/a.png", "/data/b.png"]}, {"item_index": 0}, {"item_index": 1}),
        ({"left": "/data/a.png", "right": "/data/b.png"}, {"to_name": "left"}, {"to_name": "right"}),
    ],
)
def test_label_studio_pictures_of_one_task_are_not_merged(
    tmp_path: Path, data: object, bolt: dict[str, object], nut: dict[str, object]
) -> None:
    results = [_region("bolt", BOLT, **bolt), _region("nut", NUT, **nut)]
    path = write(tmp_path / "e.json", [{"id": 1, "data": data, "annotations": [{"result": results}]}])
    assert "the task has several pictures: expected a task for each" in refusal(path)
    one = [{"id": 1, "data": {"image": "/data/tray.png"}, "annotations": [{"result": [_region("bolt", BOLT)]}]}]
    assert see(write(tmp_path / "e.json", one)) == {"tray.png": [("bolt", BOLT)]}


# shares, angles and scores


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (
            "r.json",
            [{"name": "bolt", "class": 0, "confidence": 0.9, "box": {"x1": 0.2, "y1": 0.1, "x2": 0.3, "y2": 0.2}}],
        ),
        ("r.csv", "image,class,xmin,ymin,xmax,ymax\ntray.png,bolt,0.2,0.1,0.3,0.2\n"),
        ("r.csv", "image,class,x_center,y_center,width,height\ntray.png,bolt,0.2,0.1,0.1,0.1\n"),
    ],
)
def test_shares_of_pictures_of_unknown_size_are_no_px(tmp_path: Path, name: str, content: object) -> None:
    assert "every box lies within 0 to 1: expected pixels" in refusal(write(tmp_path / name, content))


def test_shares_in_a_data_frame_are_no_px() -> None:
    pd = pytest.importorskip("pandas")
    corners = {"x0": [0.2], "y0": [0.1], "x1": [0.3], "y1": [0.2]}
    with pytest.raises(logidsl.InputError, match="every box lies within 0 to 1"):
        SPEC.see(pd.DataFrame({"image": ["tray.png"], "class": ["bolt"], **corners}))


def test_shares_by_their_corners_where_middles_cannot_be(tmp_path: Path) -> None:
    found = {"labels": ["bolt"], "scores": [0.9], "boxes": [[0.4, 0.4, 0.5, 0.5]], "width": WIDTH, "height": HEIGHT}
    assert see(write(tmp_path / "r.json", found | {"image": "a.png"})) == {
        "a.png": [("bolt", [96.0, 72.0, 416.0, 312.0])]
    }
    corners = found | {"image": "a.png", "boxes": [[0.1, 0.1, 0.9, 0.9]]}
    assert see(write(tmp_path / "r.json", corners)) == {"a.png": [("bolt", [64.0, 48.0, 576.0, 432.0])]}


def test_boxes_of_five_numbers_are_not_cut_to_four(tmp_path: Path) -> None:
    turned = {"labels": [0], "scores": [0.9], "bboxes": [[130, 60, 60, 40, 0.5]]}
    assert "found (1, 5); a fifth number may be an angle or a score" in refusal(write(tmp_path / "r.json", turned))


def _scored(scores: list[object]) -> str:
    rows = [f"tray.png,bolt,{20 * n},40,{20 * n + 10},80,{score}" for n, score in enumerate(scores)]
    return "\n".join(["image,class,x0,y0,x1,y1,score", *rows, ""])


@pytest.mark.parametrize(
    ("scores", "shares"),
    [
        ([87, 12.5, ""], [0.87, 0.125, np.nan]),
        (["87%", "12.5 %"], [0.87, 0.125]),
        ([0.87, 1, 1.0000001], [0.87, 1, 1.0000001]),
    ],
)
def test_confidences_in_percent(tmp_path: Path, scores: list[object], shares: list[float]) -> None:
    table = SPEC.see(write(tmp_path / "r.csv", _scored(scores)))
    assert not table.problems and table.columns["confidence"] == pytest.approx(np.array(shares), nan_ok=True)
    assert any("`confidence` up to 87 taken as percent" in n for n in table.notes) == (87 in scores)


@pytest.mark.parametrize("scores", [[-3.5, 2.25], [0.5, 250], [1.5, 0.5], ["87%", 12]])
def test_scores_that_are_no_confidences(tmp_path: Path, scores: list[object]) -> None:
    assert "expected `confidence` from 0 to 1, or in percent, found" in refusal(
        write(tmp_path / "r.csv", _scored(scores))
    )


def test_confidences_in_percent_in_a_data_frame() -> None:
    pd = pytest.importorskip("pandas")
    corners = dict(zip(("x0", "y0", "x1", "y1"), ([v] for v in BOLT), strict=True))
    table = SPEC.see(pd.DataFrame({"image": ["tray.png"], "class": ["bolt"], **corners, "confidence": [87.0]}))
    assert table.columns["confidence"] == pytest.approx([0.87])


@pytest.mark.parametrize("columns", ["cx,cy,w,h,angle", "x,y,width,height,rotation", "left,top,width,height,theta"])
def test_boxes_by_sides_that_may_be_turned(tmp_path: Path, columns: str) -> None:
    turned = write(tmp_path / "r.csv", f"image,class,{columns}\ntray.png,bolt,130,60,60,40,90\n")
    assert f"the column `{columns.split(',')[-1]}` may turn the boxes" in refusal(turned)
    level = write(tmp_path / "r.csv", f"image,class,{columns}\ntray.png,bolt,130,60,60,40,0\n")
    assert len(see(level)["tray.png"]) == 1
    corners = write(tmp_path / "r.csv", "image,class,x0,y0,x1,y1,angle\ntray.png,bolt,100,40,160,80,30\n")
    assert see(corners) == {"tray.png": [("bolt", BOLT)]}


# tables: units, headers, frames

_ROWS = "tray.png;bolt;100,0;40,0;160,0;80,0\ntray.png;nut;300,0;200,0;340,0;260,0\n"
_BOTH = {"tray.png": [("bolt", BOLT), ("nut", NUT)]}


@pytest.mark.parametrize(
    "text",
    [
        "image;class;x0;y0;x1;y1\n;;px;px;px;px\n",
        "image;class;x0;y0;x1;y1\n-;-;[px];[px];[px];[px]\n",
        "image;class;x0 [px];y0 [px];x1 [px];y1 [px]\n",
        "image;class;xmin (px);ymin (px);xmax (px);ymax (px)\n",
        "sep=;\nimage;class;x0;y0;x1;y1\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_units_in_px_and_the_separator_of_a_spreadsheet(tmp_path: Path, text: str, encoding: str) -> None:
    assert see(write(tmp_path / "r.csv", (text + _ROWS).encode(encoding))) == _BOTH


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("image;class;x0;y0;x1;y1\n;;mm;mm;mm;mm\n", "found `x0` in mm in line 2"),
        ("image;class;x0 [mm];y0 [mm];x1 [mm];y1 [mm]\n", "found `x0 [mm]` in mm"),
        ("image;class;left_mm;top_mm;right_mm;bottom_mm\n", "found `left_mm` in mm"),
    ],
)
def test_boxes_in_other_units_are_no_px(tmp_path: Path, header: str, found: str) -> None:
    assert f"expected boxes in px, {found}" in refusal(write(tmp_path / "r.csv", header + _ROWS))


def test_other_columns_may_have_a_unit(tmp_path: Path) -> None:
    text = "image,class,x0,y0,x1,y1,width_mm\n,,px,px,px,px,mm\ntray.png,bolt,100,40,160,80,6.5\n"
    table = SPEC.see(write(tmp_path / "r.csv", text))
    assert objects(table) == {"tray.png": [("bolt", BOLT)]} and table.columns["width_mm"].tolist() == [6.5]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("tray.png,100,40,160,80,bolt\ntray.png,300,200,340,260,nut\n", "100"),
        ("TRAIN,gs://b/tray.png,bolt,0.1,0.1,,,0.3,0.3,,\n", "0.1"),
        ("Report of Monday;;;;;\nimage;class;x0;y0;x1;y1\n" + _ROWS, "Report of Monday"),
    ],
)
def test_tables_without_names_of_columns(tmp_path: Path, text: str, found: str) -> None:
    said = refusal(write(tmp_path / "r.csv", text))
    assert f"expected the names of the columns in the first line, found `{found}`" in said


def test_frames_of_a_video_are_not_merged(tmp_path: Path) -> None:
    def row(frame: int, label: str, box: list[float]) -> dict[str, object]:
        corners = dict(zip(("x_min", "y_min", "x_max", "y_max"), box, strict=True))
        return {
            **corners,
            "class_id": 0,
            "confidence": 0.9,
            "tracker_id": "",
            "class_name": label,
            "frame_number": frame,
        }

    rows = [row(0, "bolt", BOLT), row(1, "nut", NUT)]
    expected = {"0": [("bolt", BOLT)], "1": [("nut", NUT)]}
    assert see(write(tmp_path / "r.json", rows)) == expected
    text = "\n".join(",".join(map(str, r)) for r in [list(rows[0]), *(r.values() for r in rows)])
    assert see(write(tmp_path / "r.csv", text)) == expected


def test_a_row_without_a_picture_beside_others_is_of_any(tmp_path: Path) -> None:
    rows = [{"image": name, "class": "bolt", "box": BOLT} for name in ("a.png", "b.png")]
    table = SPEC.see(write(tmp_path / "r.json", [*rows, {"class": "nut", "box": NUT}]))
    assert table.images == ("a.png", "b.png") and table.classes.texts() == ["bolt", "nut"] * 2
    assert table.columns["count"].texts() == [None, "0..1"] * 2  # type: ignore[union-attr]


def test_classes_of_a_whole_picture_are_no_objects(tmp_path: Path) -> None:
    answer = [{"label": "bolt", "score": 0.9}, {"label": "nut", "score": 0.05}]
    assert "found classes with a confidence alone" in refusal(write(tmp_path / "r.json", answer))


# pictures, segments, shapes


def test_pictures_of_one_name_in_several_folders_stay_apart(tmp_path: Path) -> None:
    assert cv2.imwrite(str(tmp_path / "tray.png"), np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    size = {"width": WIDTH, "height": HEIGHT}
    annotations = [
        {"image_id": n, "category_id": n, "bbox": corner_and_sides(box)} for n, box in enumerate((BOLT, NUT))
    ]
    images = [{"id": n, "file_name": f"{folder}/tray.png", **size} for n, folder in enumerate("ab")]
    document = {"images": images, "categories": [{"id": 0, "name": "bolt"}, {"id": 1, "name": "nut"}]}
    table = SPEC.see(write(tmp_path / "c.json", {**document, "annotations": annotations}))
    assert objects(table) == {"a/tray.png": [("bolt", BOLT)], "b/tray.png": [("nut", NUT)]}
    assert any("the picture found for several names is not used" in note for note in table.notes)
    named = [{"image": f"{f}/tray.png", "boxes": [box], "labels": ["bolt"]} for f, box in (("a", BOLT), ("b", NUT))]
    assert set(see(write(tmp_path / "d.json", named))) == {"a/tray.png", "b/tray.png"}


def test_coco_panoptic_segments_are_objects(tmp_path: Path) -> None:
    segments = [
        {"id": n, "category_id": n, "bbox": corner_and_sides(box), "iscrowd": 0} for n, box in enumerate((BOLT, NUT))
    ]
    path = write(tmp_path / "p.json", coco({"file_name": "tray.png", "segments_info": segments}))
    assert see(path) == _BOTH
    assert any("panoptic segments" in note for note in SPEC.see(path).notes)


@pytest.mark.parametrize("kind", ["rotation", "quadrilateral"])
def test_turned_boxes_and_scores_of_x_anylabeling(tmp_path: Path, kind: str) -> None:
    points = [[110, 90], [130, 20], [150, 30], [130, 100]]
    shape = {"label": "bolt", "shape_type": kind, "points": points, "score": 0.8, "attributes": {"batch": "a"}}
    document = {"shapes": [shape], "imagePath": "tray.png", "imageWidth": WIDTH, "imageHeight": HEIGHT}
    table = SPEC.see(write(tmp_path / "tray.json", document))
    assert table.outlines is not None and table.outlines.rings(0)[0].tolist() == points
    assert np.asarray(table.columns["confidence"]).tolist() == [0.8]


def test_points_of_the_old_labelme(tmp_path: Path) -> None:
    def drawn(name: str, deleted: int, box: list[float]) -> str:
        x0, y0, x1, y1 = box
        points = "".join(f"<pt><x>{x}</x><y>{y}</y></pt>" for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1)))
        return f"<object><name>{name}</name><deleted>{deleted}</deleted><polygon>{points}</polygon></object>"

    size = f"<imagesize><nrows>{HEIGHT}</nrows><ncols>{WIDTH}</ncols></imagesize>"
    text = f"<annotation><filename>tray.png</filename>{size}{drawn('bolt', 0, BOLT)}{drawn('nut', 1, NUT)}</annotation>"
    table = SPEC.see(write(tmp_path / "tray.xml", text))
    assert list(objects(table).values()) == [[("bolt", BOLT)]] and table.sizes.tolist() == [[WIDTH, HEIGHT]]


# formats that are not read

_VERTICES = {"normalizedVertices": [{"x": 0.1, "y": 0.1}, {"x": 0.3, "y": 0.1}, {"x": 0.3, "y": 0.3}]}
_REGION = {"shape_attributes": {"name": "rect", "x": 1, "y": 2, "width": 3, "height": 4}, "region_attributes": {}}


@pytest.mark.parametrize(
    ("name", "content", "tool"),
    [
        ("v.json", {"a.png12": {"filename": "a.png", "size": 12, "regions": [_REGION]}}, "VIA"),
        ("v.csv", "filename,region_id,region_shape_attributes,region_attributes\na.png,0,{},{}\n", "VIA"),
        ("v.json", {"file": {}, "metadata": {"1_a": {"vid": "1", "xy": [2, 1, 2, 3, 4], "av": {}}}}, "VIA 3"),
        ("d.json", {"item": {"name": "a.png", "slots": []}, "annotations": [{"name": "bolt"}]}, "V7 Darwin"),
        ("l.ndjson", {"data_row": {"id": "1"}, "projects": {}}, "Labelbox"),
        ("s.json", {"task_id": "1", "response": {"annotations": []}, "params": {}}, "Scale"),
        ("e.json", [{"data_title": "a.png", "data_units": {"u": {"labels": {"objects": []}}}}], "Encord"),
        ("h.json", {"images": [{"image_name": "a.png", "labels": [{"class_name": "bolt"}]}]}, "Hasty"),
        ("k.json", [{"externalId": "a.png", "labels": [{"jsonResponse": {"JOB": {"a": [_VERTICES]}}}]}], "Kili"),
        ("s.json", {"metadata": {}, "instances": [{"className": "bolt", "points": {"x1": 1}}]}, "SuperAnnotate"),
        ("t.json", {"detection_boxes": [[0, 0, 1, 1]], "detection_classes": [1]}, "TensorFlow detection"),
        (
            "d.json",
            [{"image_id": 0, "file_name": "a.png", "annotations": [{"bbox_mode": 0, "bbox": BOLT, "category_id": 0}]}],
            "Detectron2 dataset",
        ),
        ("r.json", {"CustomLabels": [{"Name": "bolt", "Geometry": {"BoundingBox": {}}}]}, "Amazon Rekognition"),
        ("r.json", {"predictions": [{"tagName": "bolt", "boundingBox": {}}]}, "Azure Custom Vision"),
        ("r.json", {"responses": [{"a": [{"name": "bolt", "boundingPoly": _VERTICES}]}]}, "Google Cloud Vision"),
        ("r.jsonl", {"imageGcsUri": "gs://b/a.png", "boundingBoxAnnotations": []}, "Vertex AI"),
        ("r.json", {"<OD>": {"bboxes": [BOLT], "labels": ["bolt"]}}, "Florence-2"),
        ("r.json", {"input_path": "a.png", "boxes": [{"label": "bolt", "coordinate": BOLT}]}, "PaddleX"),
        ("r.json", {"input_path": "a.png", "rec_texts": ["A"], "rec_boxes": [BOLT]}, "PaddleOCR"),
        ("r.json", {"pages": [{"blocks": [{"geometry": [[0, 0], [1, 1]]}]}]}, "docTR"),
        ("o.csv", "ImageID,Source,LabelName,XMin,XMax,YMin,YMax\na,x,bolt,0.1,0.2,0.1,0.2\n", "Open Images"),
        ("t.tsv", "level\tblock_num\tpar_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n", "Tesseract"),
        ("a.txt", "imagesource:GoogleEarth\ngsd:0.1\n1 2 3 2 3 4 1 4 bolt 0\n", "DOTA"),
        ("a.txt", "Car 0.00 0 -1.58 587.0 173.3 614.1 200.1 1.65 1.67 3.64 -0.65 1.71 46.7 -1.59\n", "KITTI"),
        ("gt.txt", "1,1,100,40,60,40,1,1,1.0\n", "MOT"),
        ("Label.txt", 'a.png\t[{"transcription": "A", "points": [[1, 2], [3, 2], [3, 4]]}]\n', "PaddleOCR"),
        ("r.html", "<html><body><div class='ocr_page' title='bbox 0 0 9 9'></div></body></html>", "hOCR"),
    ],
)
def test_formats_that_are_not_read_are_named(tmp_path: Path, name: str, content: object, tool: str) -> None:
    assert f"it looks like {tool}, which is not read: export COCO, or a table of" in refusal(
        write(tmp_path / name, content)
    )


# columns of boxes, names, colours


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", 'image,class,bbox\ntray.png,bolt,"[100, 40, 60, 40]"\n'),
        ("a.json", [{"image": "tray.png", "label": "bolt", "bbox": BOLT, "score": 0.9}]),
        ("a.json", {"path": "tray.png", "objects": [{"class": "bolt", "bbox": BOLT}]}),
    ],
)
def test_four_numbers_in_bbox_may_be_corners_or_sides(tmp_path: Path, name: str, content: object) -> None:
    assert "`bbox` may be two corners or a corner and sides: expected `box`" in refusal(write(tmp_path / name, content))


@pytest.mark.parametrize(
    "columns", ["xtl,ytl,xbr,ybr", "bbox_xmin,bbox_ymin,bbox_xmax,bbox_ymax", "column1,row1,column2,row2"]
)
def test_corners_by_names_of_further_tools(tmp_path: Path, columns: str) -> None:
    text = f"image,class,{columns}\ntray.png,bolt,100,40,160,80\n"
    assert see(write(tmp_path / "a.csv", text)) == {"tray.png": [("bolt", BOLT)]}


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        ([5, 7], {"names": {"5": "bolt", "7": "nut"}}),
        ([1, 2], {"class_names": ["bolt", "nut"]}),  # of each box: there is no class 2
        ([1, 2], {"classes": ["background", "bolt", "nut"]}),
        ([0, 1], {"class_names": ["bolt", "nut"]}),
    ],
)
def test_labels_that_are_numbers_beside_names(tmp_path: Path, labels: list[int], names: dict[str, object]) -> None:
    found = {"image": "tray.png", "boxes": [BOLT, NUT], "labels": labels, "scores": [0.9, 0.8], **names}
    assert see(write(tmp_path / "r.json", found)) == _BOTH


def test_names_beside_labels_that_fit_in_two_ways(tmp_path: Path) -> None:
    found = {"image": "tray.png", "boxes": [BOLT, NUT], "labels": [1, 0], "class_names": ["bolt", "nut"]}
    assert "numbers beside names that fit in two ways" in refusal(write(tmp_path / "r.json", found))


@pytest.mark.parametrize("color", [[255, 0, 0], [0, 0, 255], [200, 90, 90]])
def test_red_green_and_blue_are_not_cielab(tmp_path: Path, color: list[int]) -> None:
    rows = [{"image": "tray.png", "class": "bolt", "box": BOLT, "color": c} for c in ([50, 1, -1], color)]
    assert "write red, green and blue as #rrggbb" in refusal(write(tmp_path / "a.json", rows))


def test_red_green_and_blue_in_a_data_frame() -> None:
    pd = pytest.importorskip("pandas")
    corners = dict(zip(("x0", "y0", "x1", "y1"), ([v] for v in BOLT), strict=True))
    frame = pd.DataFrame({"image": ["tray.png"], "class": ["bolt"], **corners, "color": ["255|0|0"]})
    with pytest.raises(logidsl.InputError, match="table: expected colours in `color` as #rrggbb or CIELAB"):
        SPEC.see(frame)


def test_lightness_in_percent(tmp_path: Path) -> None:
    text = "image,class,x0,y0,x1,y1,lightness\ntray.png,bolt,100,40,160,80,87\n"
    table = SPEC.see(write(tmp_path / "a.csv", text))
    assert table.columns["lightness"] == pytest.approx([0.87])
    assert any("`lightness` up to 87 taken as percent" in note for note in table.notes)


def test_coco_results_by_the_number_in_the_name_of_a_picture(tmp_path: Path) -> None:
    result = {"image_id": 42, "category_id": 0, "bbox": corner_and_sides(BOLT), "score": 0.9}
    write(tmp_path / "truth.json", coco(name="000000000042.png"))
    assert see(write(tmp_path / "results.json", [result])) == {"000000000042.png": [("bolt", BOLT)]}


def test_tables_with_tabs_and_decimal_commas(tmp_path: Path) -> None:
    text = "image\tclass\tx0\ty0\tx1\ty1\n" + _ROWS.replace(";", "\t")
    assert see(write(tmp_path / "a.tsv", text)) == _BOTH


def test_fiftyone_lines_that_are_not_closed(tmp_path: Path) -> None:
    points = [[[100 / WIDTH, 40 / HEIGHT], [160 / WIDTH, 80 / HEIGHT], [160 / WIDTH, 40 / HEIGHT]]]
    line = {"label": "bolt", "points": points, "closed": False, "filled": False}
    sample = {
        "filepath": "tray.png",
        "metadata": {"width": WIDTH, "height": HEIGHT},
        "ground_truth": {"polylines": [line]},
    }
    table = SPEC.see(write(tmp_path / "s.json", {"samples": [sample]}))
    assert objects(table) == {"tray.png": [("bolt", BOLT)]} and table.outlines is None
    assert np.asarray(table.columns["end"]).round(6).tolist() == [[160, 40]]


def test_spreadsheets_are_refused_with_a_fix(tmp_path: Path) -> None:
    said = refusal(write(tmp_path / "a.xlsx", b"PK"))
    assert said.endswith("is a spreadsheet: save the sheet with the objects as CSV")


def test_a_spec_is_no_picture(tmp_path: Path) -> None:
    assert refusal(write(tmp_path / "tray.logic", b"object pin\n")).endswith(
        "is a spec: expected a picture, an annotation or a table"
    )


# YOLO, Datumaro, Roboflow


def _yolo(folder: Path, line: str, names: str, *pictures: tuple[str, int, int]) -> Path:
    for name, width, height in pictures:
        assert cv2.imwrite(str(folder / name), np.zeros((height, width, 3), np.uint8))
    write(folder / "classes.txt", names)
    return write(folder / "tray.txt", line)


def test_an_empty_line_in_a_list_of_classes_counts(tmp_path: Path) -> None:
    line = f"2 {130 / WIDTH} {60 / HEIGHT} {60 / WIDTH} {40 / HEIGHT}\n"
    path = _yolo(tmp_path, line, "nut\n\nbolt\n", ("tray.png", WIDTH, HEIGHT))
    assert list(see(path).values()) == [[("bolt", BOLT)]]


def test_two_pictures_of_one_name_and_different_sizes(tmp_path: Path) -> None:
    path = _yolo(tmp_path, "0 0.5 0.5 0.5 0.5\n", "bolt\n", ("tray.png", 640, 480), ("tray.jpg", 320, 240))
    assert "found tray.jpg and tray.png of different sizes" in refusal(path)
    same = _yolo(tmp_path, "0 0.5 0.5 0.5 0.5\n", "bolt\n", ("tray.jpg", 640, 480))
    assert list(see(same).values()) == [[("bolt", [160.0, 120.0, 480.0, 360.0])]]


def _polygon(number: int, group: int, box: list[float]) -> dict[str, object]:
    x0, y0, x1, y1 = box
    points = [x0, y0, x1, y0, x1, y1, x0, y1]
    return {"id": number, "type": "polygon", "group": group, "label_id": 0, "points": points}


def test_datumaro_polygons_of_one_object_in_parts(tmp_path: Path) -> None:
    parts = [_polygon(7, 7, [100, 40, 120, 80]), _polygon(7, 7, [150, 40, 160, 80])]
    others = [_polygon(0, 1, NUT), _polygon(0, 1, BOLT)]  # grouped by hand, as CVAT writes it
    item = {"id": "tray", "annotations": [*parts, *others], "image": {"path": "tray.png", "size": [HEIGHT, WIDTH]}}
    categories = {"label": {"labels": [{"name": "bolt"}]}}
    table = SPEC.see(write(tmp_path / "d.json", {"categories": categories, "items": [item]}))
    assert objects(table) == {"tray.png": [("bolt", BOLT), ("bolt", NUT), ("bolt", BOLT)]}
    assert np.asarray(table.columns["area"]).round(6).tolist() == [1200, 2400, 2400]


def test_coco_categories_of_one_id(tmp_path: Path) -> None:
    document = {"images": [], "annotations": [], "categories": [{"id": 1, "name": "bolt"}, {"id": 1, "name": "nut"}]}
    said = refusal(write(tmp_path / "c.json", document))
    assert "expected each category once, found the id `1` of `bolt` and `nut`" in said


def test_roboflow_answers_without_objects(tmp_path: Path) -> None:
    size = {"width": WIDTH, "height": HEIGHT}
    bolt = {"x": 130, "y": 60, "width": 60, "height": 40, "class": "bolt", "confidence": 0.9}
    answers = [{"image": size, "predictions": [bolt]}, {"image": size, "predictions": []}]
    assert list(see(write(tmp_path / "r.json", answers)).values()) == [[("bolt", BOLT)], []]


def test_columns_without_names(tmp_path: Path) -> None:
    text = "image;class;box;;;\n;;x0;y0;x1;y1\n" + _ROWS
    assert "expected a name for each column in the first line, found 3 without" in refusal(
        write(tmp_path / "a.csv", text)
    )
