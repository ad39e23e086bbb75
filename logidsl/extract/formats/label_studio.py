"""Label Studio: tasks with results in JSON, rows of JSON-MIN, and CSV whose cells hold the same.

Positions are percent of the picture, whose size each result gives; boxes rotate about their top-left corner. A task
that nobody annotated, or with several annotations and none marked as the truth, cannot be judged.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path, PureWindowsPath
from typing import Any
from urllib.parse import unquote

import numpy as np

from logidsl.diagnostics import InputError
from logidsl.extract.formats.annotations import (
    ellipse,
    picture_beside,
    polygon_record,
    ring_record,
    turn_deg_of,
    turned_box,
)
from logidsl.extract.formats.base import JsonFormat, Reading, flat_points, items_of, mapping, numbers_of, of_score
from logidsl.extract.formats.documents import JSON_ENDINGS, read_json, read_text
from logidsl.extract.pixels.header import SUFFIXES
from logidsl.extract.records import EntryError, PictureRecords, Record
from logidsl.extract.values import class_name

_SIZE = ("original_width", "original_height")
#: The prefix that uploads put before a picture's name.
_UPLOAD = re.compile(r"^[0-9a-f]{6,}-")
#: Results without a region, for a whole picture.
_OF_PICTURE = ("choices", "textarea", "rating", "taxonomy", "number", "datetime")
_DONE = ("annotations", "completions")


def _claims(document: Any) -> bool:
    """Whether it lists tasks with results, or rows whose cells are lists of regions."""
    items = items_of(document)
    if items and all("data" in i and any(k in i for k in (*_DONE, "predictions")) for i in items):
        return True
    return any(_region_keys(i) for i in items) and all("id" in i or "annotation_id" in i for i in items)


def _fill(document: Any, reading: Reading) -> None:
    """Read its tasks, a picture each."""
    items = items_of(document)
    if all("data" in i for i in items):
        for task in items:
            _task(task, reading)
        return
    rows: dict[str, list[Mapping[str, object]]] = {}
    for item in items:
        rows.setdefault(_image(item), []).append(item)
    for image, found in rows.items():
        if len(found) > 1:
            reading.refuse(image, f"{image} was annotated {len(found)} times: expected one row for each picture")
            continue
        regions = [r for key in _region_keys(found[0]) for r in _entries(found[0][key])]
        frame = _frame(image, regions, reading)
        for n, region in enumerate(regions, 1):
            _add(frame, [{"value": region, **mapping(region)}], f"{image}, region {n}", reading)


def _parsed(path: Path, broken: dict[int, str]) -> object:
    """The document of a file of JSON or CSV."""
    return _csv_rows(path) if path.suffix.lower() == ".csv" else read_json(path, broken=broken)


def _csv_rows(path: Path) -> list[dict[str, object]]:
    """The rows of a CSV export, its cells of JSON as values."""
    text = read_text(path)
    first = text.split("\n", 1)[0]
    if "annotation_id" not in first and "annotator" not in first:
        return []
    try:
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise InputError(f"{path} is not valid CSV: {error}") from None
    return [{key: _cell(text) for key, text in row.items()} for row in rows]


def _cell(text: object) -> object:
    """The value of a cell; one that cannot be parsed is a region that cannot be read."""
    if not isinstance(text, str) or not text.lstrip().startswith("["):
        return text
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return [text]


def _entries(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _region_keys(row: Mapping[str, object]) -> list[str]:
    """The columns of a row that hold regions."""
    return [
        k
        for k, v in row.items()
        if isinstance(v, list) and v and (any(isinstance(r, dict) and _SIZE[0] in r for r in v) or _cut(v))
    ]


def _cut(value: Sequence[object]) -> bool:
    """Whether a cell is JSON of regions that is damaged."""
    return len(value) == 1 and isinstance(value[0], str) and _SIZE[0] in value[0]


def _image(row: Mapping[str, object]) -> str:
    """The picture of a row or of a task's data: by the key, otherwise by the extension of the value."""
    texts = {k: v for k, v in row.items() if isinstance(v, str)}
    named = next((texts[k] for k in ("image", "img", "image_url", "picture", "ocr") if k in texts), None)
    ends = next((v for v in texts.values() if PureWindowsPath(v.split("?")[0]).suffix.lower() in SUFFIXES), None)
    said = named or ends or str(row.get("id") or "picture")
    if local := said.partition("?d=")[2]:
        return unquote(local)
    return unquote(said.split("?")[0].rpartition("/")[2])


def _frame(image: str, regions: Sequence[object], reading: Reading) -> PictureRecords:
    """The picture of a task, possibly renamed by an upload; its size as given by the regions."""
    size = next((s for r in regions if (s := numbers_of(r, *_SIZE)) is not None), [None, None])
    plain = _UPLOAD.sub("", image)
    if plain != image and picture_beside(reading.path.parent, image) is None:
        image = plain if picture_beside(reading.path.parent, plain) is not None else image
    return reading.frame(image, *size)


def _task(task: Mapping[str, object], reading: Reading) -> None:
    data = task["data"]
    image = _image(data) if isinstance(data, dict) else str(task.get("id"))
    done = [a for key in _DONE for a in items_of(task.get(key) or []) if not a.get("was_cancelled")]
    truths = [a for a in done if a.get("ground_truth")]
    if len(truths) == 1 or len(done) == 1:
        chosen = (truths or done)[0]
    elif done:
        reading.refuse(image, f"{image} was annotated {len(done)} times: mark one annotation as the ground truth")
        return
    else:
        guessed = items_of(task.get("predictions") or [])
        if len(guessed) != 1:
            reading.refuse(image, f"{image} was not annotated: its content is unknown")
            return
        reading.notes.count("no annotation, its prediction is read", image)
        chosen = guessed[0]
    results = _entries(chosen.get("result"))
    placed = [mapping(r) for r in results if _placed(r)]
    if any(r.get("item_index") is not None for r in placed) or len({str(r.get("to_name")) for r in placed}) > 1:
        reading.refuse(image, f"{image}: the task has several pictures: expected a task for each")
        return
    frame = _frame(image, results, reading)
    grouped: dict[str, list[object]] = {}
    for n, result in enumerate(results):  # a region and its label may be two results with one id
        key = str(result["id"]) if isinstance(result, dict) and result.get("id") is not None else f"\0{n}"
        grouped.setdefault(key, []).append(result)
    for n, (_, parts) in enumerate(grouped.items(), 1):
        if any(mapping(p).get("type") == "relation" for p in parts):
            continue
        if all(mapping(p).get("type") in _OF_PICTURE for p in parts) and not any(map(_placed, parts)):
            reading.notes.count("labels of a whole picture are not read", image)
            continue
        _add(frame, parts, f"{image}, region {n}", reading)


def _value(part: object) -> Mapping[str, object]:
    return mapping(mapping(part).get("value"))


def _placed(part: object) -> bool:
    return bool({"x", "points", "rle", "sequence", "vertices"} & set(_value(part)))


def _add(frame: PictureRecords, parts: Sequence[object], place: str, reading: Reading) -> None:
    """Add the object of the results of one region."""
    placed = mapping(next(filter(_placed, parts), None))
    size = numbers_of(placed, *_SIZE) or [frame.width, frame.height]
    shape = partial(_shape, size, _attributes(parts))
    reading.read_entry(frame, place, _value(placed), lambda _: _label(parts), shape)


def _label(parts: Sequence[object]) -> str:
    """The one label in all results of a region."""
    given = [v for part in parts for k, v in _value(part).items() if k.endswith("labels") and isinstance(v, list)]
    labels = {name for listed in given for label in listed if (name := class_name(label)) is not None}
    if len(labels) != 1:
        raise EntryError("expected one label", ", ".join(sorted(labels)) or None)
    return next(iter(labels))


def _attributes(parts: Sequence[object]) -> dict[str, object]:
    """The values of a region beside its label and position."""
    values: dict[str, object] = {}
    for part in map(mapping, parts):
        said = next((_value(part)[k] for k in ("choices", "text", "number", "rating") if k in _value(part)), None)
        said = said[0] if isinstance(said, list) and len(said) == 1 else said
        if isinstance(key := part.get("from_name"), str) and isinstance(said, str | int | float):
            values[key] = said
        values |= of_score(part.get("score"))
    return values


def _shape(size: Sequence[float], values: dict[str, object], value: Mapping[str, object], name: str) -> Record:
    """The object of a region in percent of a picture of some size."""
    if not all(v > 0 for v in size):
        raise EntryError("its place is in percent of a picture of unknown size")
    scale = np.array(size) / 100
    turn = math.radians(turn_deg_of(value.get("rotation")))
    if "points" in value:
        record = polygon_record(name, flat_points(value["points"]))
        return ring_record(name, record.rings[0] * scale, values)
    if (radii := numbers_of(value, "x", "y", "radiusX", "radiusY")) is not None:
        (x, y), (rx, ry) = np.array(radii[:2]) * scale, np.array(radii[2:]) * scale
        return ring_record(name, ellipse(x, y, rx, ry, turn), values)
    corner, sides = numbers_of(value, "x", "y"), numbers_of(value, "width", "height")
    if corner is not None and sides is not None:
        (x, y), (w, h) = np.array(corner) * scale, np.array(sides) * scale
        if not turn and not (w > 0 and h > 0):
            return Record(name, [x, y, x + w, y + h], values=values, flat=True)
        # turned about the corner: where the middle comes to lie
        cos, sin = math.cos(turn), math.sin(turn)
        middle = x + w / 2 * cos - h / 2 * sin, y + w / 2 * sin + h / 2 * cos
        return ring_record(name, turned_box(*middle, w, h, turn), values)
    if corner is not None and "keypointlabels" in value:
        x, y = (np.array(corner) * scale).tolist()
        return Record(name, [x, y, x, y], values=values, flat=True)
    kinds = [k for k in ("rle", "sequence", "vertices") if k in value]
    raise EntryError(
        f"a region of `{kinds[0]}` is not read" if kinds else "expected a box, a polygon, an ellipse or a point"
    )


EXTRACTOR = JsonFormat(
    "Label Studio annotations",
    _claims,
    _fill,
    one_of=(b'"original_width"', b'"completions"', b'"data"'),
    endings=(*JSON_ENDINGS, ".csv"),
    parse=_parsed,
)
