"""What annotations become: masks at the working size, and clear messages where they cannot."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from logidsl.diagnostics import InputError
from logidsl.learn.examples import IGNORED, Example, example, read_annotations
from tests.learn.scenes import COLORS, SIDES, Part, annotate, folder_of, parts


def first_example(folder: Path) -> tuple[Example, list[str]]:
    annotations = read_annotations([folder])
    notes = list(annotations.notes)
    return example(annotations.pictures[0], annotations, notes), notes


def changed(path: Path, change: str, value: object) -> None:
    document = json.loads(path.read_text("utf-8"))
    if value is None:
        del document[change]
    else:
        document[change] = value
    path.write_text(json.dumps(document), "utf-8")


@pytest.mark.parametrize(("kind", "least"), [("rectangle", 0.85), ("point", 0.6)])
def test_boxes_and_points_grow_into_the_part(kind: str, least: float, tmp_path: Path) -> None:
    drawn, _ = first_example(folder_of(tmp_path / "drawn", 1))
    grown, _ = first_example(folder_of(tmp_path / "grown", 1, kind=kind))
    shown = parts(0)
    scale = grown.bgr.shape[1] / 360
    whole = drawn.bgr.shape[1] / 360
    for part in shown:
        wanted = np.mean(drawn.instances == drawn.instances[round(part.y * whole), round(part.x * whole)])
        label = grown.instances[round(part.y * scale), round(part.x * scale)]
        assert label > 0
        found = np.mean(grown.instances == label)
        assert least < found / wanted < 1 / least, part


@pytest.mark.parametrize("turn_deg", [25, 45, 120])
def test_a_box_round_a_slanted_part_is_not_the_part(
    turn_deg: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SIDES, "bar", (80, 10))
    shown = [Part("bar", 100, 130, turn_deg), Part("bar", 260, 130, 180 - turn_deg)]
    annotate(tmp_path / "drawn", "a", shown, 0)
    annotate(tmp_path / "grown", "a", shown, 0, "rectangle")
    drawn, grown = (first_example(tmp_path / name)[0] for name in ("drawn", "grown"))
    size = drawn.instances.shape[::-1]
    one, two = drawn.instances > 0, cv2.resize((grown.instances > 0).astype(np.uint8), size) > 0
    assert np.sum(one & two) > 0.75 * np.sum(one | two)


def test_strokes_say_how_large_parts_are_that_lie_far_apart(tmp_path: Path) -> None:
    shown = [Part("bar", 60, 60, 20), Part("bar", 300, 210, 80)]
    annotate(tmp_path / "drawn", "a", shown, 0)
    annotate(tmp_path / "grown", "a", shown, 0, "line")
    drawn, grown = (first_example(tmp_path / name)[0] for name in ("drawn", "grown"))
    ratio = np.mean(grown.instances > 0) / np.mean(drawn.instances > 0)
    assert 0.75 < ratio < 1.3


def test_a_part_lies_near_its_point(tmp_path: Path) -> None:
    shown = parts(0, bars=0)
    path = annotate(tmp_path, "a", shown, 0, "point")
    picture_path = path.with_suffix(".png")
    bgr = np.asarray(cv2.imread(str(picture_path)))
    middle = round(shown[0].x), round(shown[0].y)
    for sign in (-1, 1):  # background in the colour of the part
        cv2.line(bgr, middle, (middle[0] + 400, middle[1] + sign * 400), COLORS["disc"], 24)
        cv2.line(bgr, middle, (middle[0] - 400, middle[1] - sign * 400), COLORS["disc"], 24)
    cv2.imwrite(str(picture_path), bgr)
    annotations = read_annotations([tmp_path])
    one = example(annotations.pictures[0], annotations, [])
    x, y = (np.array(middle) * one.bgr.shape[1] / 360).round()
    ys, xs = np.nonzero(one.instances == one.instances[int(y), int(x)])
    assert np.hypot(xs - x, ys - y).max() < 0.85 * annotations.size_px


def test_unknown_areas_are_neither_part_nor_background(tmp_path: Path) -> None:
    path = annotate(tmp_path, "a", parts(0), 0)
    shapes = json.loads(path.read_text("utf-8"))["shapes"]
    corner = {"label": "unknown", "shape_type": "polygon", "points": [[0, 0], [10, 0], [10, 10], [0, 10]]}
    changed(path, "shapes", [*shapes, corner])
    shown, _ = first_example(tmp_path)
    assert shown.instances[2, 2] == IGNORED
    assert read_annotations([tmp_path]).classes == ("bar", "disc")


def test_a_picture_without_parts_is_background(tmp_path: Path) -> None:
    annotate(tmp_path, "a", parts(0), 0)
    annotate(tmp_path, "empty", [], 1)
    annotations = read_annotations([tmp_path])
    empty = example(annotations.pictures[1], annotations, [])
    assert not empty.instances.any()
    assert empty.counts(2) == [0, 0]


def test_pictures_without_annotations_are_left_out_with_a_note(tmp_path: Path) -> None:
    folder_of(tmp_path, 2)
    (tmp_path / "p1.json").unlink()
    annotations = read_annotations([tmp_path])
    assert len(annotations.pictures) == 1
    assert any("1 picture" in n and "p1.png" in n for n in annotations.notes)


def test_a_folder_of_pictures_may_have_one_coco_file(tmp_path: Path) -> None:
    folder_of(tmp_path, 2)
    images: list[dict[str, object]] = []
    objects: list[dict[str, object]] = []
    for number, path in enumerate(sorted(tmp_path.glob("*.json"))):
        document = json.loads(path.read_text("utf-8"))
        path.unlink()
        images.append({"id": number, "file_name": document["imagePath"], "width": 360, "height": 270})
        for shape in document["shapes"]:
            outline = np.array(shape["points"])
            box = [*outline.min(0).tolist(), *np.ptp(outline, axis=0).tolist()]
            kind = ["bar", "disc"].index(shape["label"])
            one = {"id": len(objects), "image_id": number, "category_id": kind, "bbox": box}
            objects.append(one | {"segmentation": [outline.ravel().tolist()]})
    categories = [{"id": 0, "name": "bar"}, {"id": 1, "name": "disc"}]
    document = {"images": images, "annotations": objects, "categories": categories}
    (tmp_path / "instances.json").write_text(json.dumps(document), "utf-8")
    annotations = read_annotations([tmp_path])
    assert [len(p.shapes) for p in annotations.pictures] == [7, 7]
    assert annotations.classes == ("bar", "disc")


def test_parts_that_cover_each_other_are_noted(tmp_path: Path) -> None:
    shown = parts(0)
    path = annotate(tmp_path, "a", shown, 0)
    shapes = json.loads(path.read_text("utf-8"))["shapes"]
    changed(path, "shapes", [*shapes, shapes[0] | {"label": "bolt"}])
    _, notes = first_example(tmp_path)
    assert any("lies over" in n and "bolt" in n for n in notes)
    annotations = read_annotations([tmp_path])
    example(annotations.pictures[0], annotations, notes)
    assert sum("lies over" in n for n in notes) == 1


def test_parts_too_small_to_learn_are_noted(tmp_path: Path) -> None:
    path = annotate(tmp_path, "a", parts(0), 0)
    shapes = json.loads(path.read_text("utf-8"))["shapes"]
    speck = {"label": "disc", "shape_type": "polygon", "points": [[3.2, 3], [3.8, 3], [3.2, 3.6]]}
    changed(path, "shapes", [*shapes, speck])
    _, notes = first_example(tmp_path)
    assert any("a.png: 1 object of less than 4 px at the working size" in n for n in notes)


def test_an_object_annotated_twice_is_one(tmp_path: Path) -> None:
    path = annotate(tmp_path, "a", parts(0), 0)
    shapes = json.loads(path.read_text("utf-8"))["shapes"]
    again = shapes[0] | {"points": (np.array(shapes[0]["points"]) + 1).tolist()}
    changed(path, "shapes", [*shapes, again])
    shown, notes = first_example(tmp_path)
    assert shown.counts(2) == [3, 4]
    assert [n for n in notes if "a.png: one `bar` is annotated twice" in n or "one `disc` is annotated twice" in n]


def test_spellings_of_a_class_are_one_class(tmp_path: Path) -> None:
    folder_of(tmp_path, 2)
    path = tmp_path / "p0.json"
    shapes = json.loads(path.read_text("utf-8"))["shapes"]
    changed(
        path,
        "shapes",
        [shapes[0] | {"label": shapes[0]["label"].upper()}, *shapes[1:-1], shapes[-1] | {"label": "Unknown"}],
    )
    annotations = read_annotations([tmp_path])
    assert annotations.classes == ("bar", "disc")
    assert f"`{shapes[0]['label'].upper()}` read as `{shapes[0]['label']}`" in annotations.notes
    assert "`Unknown` read as `unknown`" in annotations.notes


def test_a_class_on_one_picture_is_noted(tmp_path: Path) -> None:
    folder_of(tmp_path, 2)
    path = tmp_path / "p0.json"
    shapes = json.loads(path.read_text("utf-8"))["shapes"]
    changed(path, "shapes", [shapes[0] | {"label": "bolt"}, *shapes[1:]])
    assert any("`bolt` has a single object" in n for n in read_annotations([tmp_path]).notes)


def test_annotations_may_be_of_a_scaled_picture(tmp_path: Path) -> None:
    path = annotate(tmp_path, "a", parts(0), 0)
    before, _ = first_example(tmp_path)
    document = json.loads(path.read_text("utf-8"))
    for shape in document["shapes"]:
        shape["points"] = (np.array(shape["points"]) * 2).tolist()
    document |= {"imageWidth": 720, "imageHeight": 540}
    path.write_text(json.dumps(document), "utf-8")
    after, _ = first_example(tmp_path)
    assert np.mean(before.instances == after.instances) > 0.99


@pytest.mark.parametrize(
    ("break_", "message"),
    [
        (lambda p: p.with_suffix(".png").unlink(), "the annotated picture"),
        (lambda p: changed(p, "shapes", []), "no picture has an annotated object"),
        (lambda p: changed(p, "imageWidth", 100), "was made for a picture of 100 by 270 px"),
        (lambda p: p.unlink(), "nothing to learn from"),
        (lambda p: p.with_suffix(".png").write_bytes(b"\x89PNG\r\n"), "p.png"),
    ],
)
def test_what_cannot_be_learned_from_is_said(break_, message: str, tmp_path: Path) -> None:
    break_(annotate(tmp_path, "p", parts(0), 0))
    with pytest.raises(InputError, match=message.replace("(", r"\(")):
        first_example(tmp_path)


def test_a_damaged_annotation_is_named_where_it_is_the_only_one(tmp_path: Path) -> None:
    annotate(tmp_path, "a", parts(0), 0).write_text("{", "utf-8")
    with pytest.raises(InputError, match=r"nothing to learn from: .*a\.json is damaged; save the annotation again"):
        read_annotations([tmp_path])
    (tmp_path / "a.json").unlink()
    with pytest.raises(InputError, match="pictures without one beside them: 1"):
        read_annotations([tmp_path])
