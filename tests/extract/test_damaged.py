"""Damaged files of every format: bytes changed, values exchanged. Each ends in a table or a clear message."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import logidsl

SPEC = logidsl.loads(
    'logic 1\nspec s\nobject nut "a"\nobject bolt\nattribute side "place" of nut: left | right\n'
    "rule r: count(nut) >= 0\nrule p: every nut: side = left\nrule q: sum(area of bolt) >= 0 px2\n"
)
RLE = {"size": [8, 10], "counts": [20, 4, 56]}
DOCUMENTS: dict[str, Any] = {
    "coco": {
        "images": [{"id": 1, "file_name": "a.png", "width": 10, "height": 8}],
        "categories": [{"id": 1, "name": "nut"}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 4, 4], "segmentation": RLE, "iscrowd": 0},
            {
                "id": 2,
                "image_id": 1,
                "category_id": 1,
                "bbox": [1, 1, 4, 4],
                "segmentation": [[1, 1, 5, 1, 5, 5, 1, 5]],
            },
        ],
    },
    "results": [{"image_id": 1, "category_id": 1, "bbox": [1, 1, 4, 4], "score": 0.5}],
    "labelme": {
        "imagePath": "a.png",
        "imageWidth": 10,
        "imageHeight": 8,
        "shapes": [
            {"label": "nut", "shape_type": "polygon", "points": [[1, 1], [5, 1], [5, 5], [1, 5]], "flags": {"x": True}},
            {"label": "nut", "shape_type": "mask", "points": [[1, 1], [5, 5]], "mask": "iVBORw0KGgo="},
            {"label": "nut", "shape_type": "circle", "points": [[4, 4], [5, 4]], "group_id": 1},
        ],
    },
    "detections": {"boxes": [[0.5, 0.5, 0.1, 0.1]], "labels": ["nut"], "scores": [0.5], "size": [8, 10]},
    "facts": {"a.png": "left(nut,2) OR left(bolt,*)", "b.png": {"left": {"nut": 2}, "right": ["1 bolt"]}},
    "rows": [{"image": "a.png", "class": "nut", "box": [1, 1, 5, 5], "count": "2..3"}],
    "pictures": {
        "path": "a.png",
        "width": 10,
        "height": 8,
        "objects": [{"class": "nut", "outline": [[1, 1], [5, 1], [5, 5]]}],
    },
}
TEXTS: dict[str, bytes] = {f"{name}.json": json.dumps(d).encode() for name, d in DOCUMENTS.items()} | {
    "voc.xml": (
        b"<annotation><filename>a.png</filename><size><width>10</width><height>8</height></size><object><name>nut</name>"
        b"<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>5</xmax><ymax>5</ymax></bndbox></object></annotation>"
    ),
    "table.csv": b"image,class,x0,y0,x1,y1,count\na.png,nut,1,1,5,5,2\na.png,bolt,1,1,5,5,\n",
}
JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, -1, 0, 1e308, float("nan"), float("inf"), 10**30, "", "x", "1", [], [[]], [None], {}, {"a": 1}]
)
quiet = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def see(path: Path) -> None:
    """Judge a file; what is wrong with it must be said, not thrown."""
    report = SPEC.check(path)
    assert "internal error" not in str(report)
    assert report.images


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to each value inside a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(p for key, v in inner for p in places(v, (*path, key)))]


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
@quiet
@given(data=st.data())
def test_values_exchanged(name: str, data: st.DataObject, tmp_path: Path) -> None:
    document = copy.deepcopy(DOCUMENTS[name])
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from([p for p in places(document) if p]))
        holder = document
        for key in way:
            holder = holder[key]
        holder[last] = copy.deepcopy(data.draw(JUNK))
    path = tmp_path / "x.json"
    path.write_text(json.dumps(document), "utf-8")
    see(path)


@pytest.mark.parametrize("name", sorted(TEXTS))
@quiet
@given(data=st.data())
def test_bytes_changed(name: str, data: st.DataObject, tmp_path: Path) -> None:
    text = bytearray(TEXTS[name])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text) - 1))
        text[at : at + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=4))
        text = text or bytearray(b"x")
    path = tmp_path / f"x{Path(name).suffix}"
    path.write_bytes(bytes(text))
    see(path)
