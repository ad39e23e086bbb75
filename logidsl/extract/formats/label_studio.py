"""Label Studio: tasks with results in JSON, rows of JSON-MIN, and CSV whose cells hold the same.

Places are percent of the picture, whose size each result says; boxes turn about their top-left corner. A task that
nobody annotated, or that several people did without one being marked as the truth, cannot be judged.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PureWindowsPath
from urllib.parse import unquote

import numpy as np

from logidsl.diagnostics import InputError
from logidsl.extract.formats.annotations import ellipse, picture_beside, ring_of, ring_record, turned_box
from logidsl.extract.formats.base import JsonFormat, Reading, flat_points, items_of, listed, mapping, numbers_of
from logidsl.extract.formats.documents import read_text
from logidsl.extract.notes import Notes
from logidsl.extract.pixels.header import SUFFIXES
from logidsl.extract.records import PictureRecords, Record, table_of
from logidsl.extract.values import class_name, number
from logidsl.ir import Program
from logidsl.table import ObjectTable

_SIZE = ("original_width", "original_height")
#: What uploads put before the name of a picture.
_UPLOAD = re.compile(r"^[0-9a-f]{6,}-")
#: Results that speak of a whole picture where they have no region.
_OF_PICTURE = ("choices", "textarea", "rating", "taxonomy", "number", "datetime")
_DONE = ("annotations", "completions")


class LabelStudio(JsonFormat):
    """Reads Label Studio's exports."""

    name = "Label Studio annotations"
    one_of = (b'"original_width"', b'"completions"', b'"data"')

    def claims(self, document: object) -> bool:
        """Whether it lists tasks with results, or rows whose cells are lists of regions."""
        items = items_of(document)
        if not items:
            return False
        if all("data" in i and any(k in i for k in (*_DONE, "predictions")) for i in items):
            return True
        return any(_region_keys(i) for i in items) and all("id" in i or "annotation_id" in i for i in items)

    def matches(self, path: Path) -> bool:
        """Whether a file is one of its exports."""
        if path.suffix.lower() != ".csv":
            return super().matches(path)
        try:
            return self.claims(_csv_rows(path))
        except (InputError, OSError):
            return False

    def read(self, path: Path, program: Program) -> ObjectTable:
        """The table of its pictures.

        Raises
        ------
        InputError
            If nothing of it can be read.
        """
        if path.suffix.lower() != ".csv":
            return super().read(path, program)
        reading = Reading(path, Notes(str(path)))
        self.fill(_csv_rows(path), reading)
        table = table_of(reading.frames, program, str(path), reading.notes)
        return replace(table, problems=tuple(reading.problems))

    def fill(self, document: object, reading: Reading) -> None:
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
            for place, region in listed(regions, f"{image}, region"):
                _add(frame, [{"value": region, **(region if isinstance(region, dict) else {})}], place, reading)


EXTRACTOR = LabelStudio()


def _csv_rows(path: Path) -> list[dict[str, object]]:
    """The rows of a CSV export, its cells of JSON as values."""
    text = read_text(path)
    first = text.split("\n", 1)[0]
    if "annotation_id" not in first and "annotator" not in first:
        return []
    try:
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise InputError(f"{path} is no CSV: {error}") from None
    found: list[dict[str, object]] = []
    for row in rows:
        cells: dict[str, object] = {}
        for key, cell in row.items():
            cells[key] = cell
            if isinstance(cell, str) and cell.lstrip().startswith("["):
                try:
                    cells[key] = json.loads(cell)
                except (json.JSONDecodeError, RecursionError):
                    cells[key] = [cell]  # one region that cannot be read
        found.append(cells)
    return found


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
    """The picture of a row or of a task's data: what is called so, else what ends like one."""
    texts = {k: v for k, v in row.items() if isinstance(v, str)}
    named = next((texts[k] for k in ("image", "img", "image_url", "picture", "ocr") if k in texts), None)
    ends = next((v for v in texts.values() if PureWindowsPath(v.split("?")[0]).suffix.lower() in SUFFIXES), None)
    said = named or ends or str(row.get("id") or "picture")
    local = said.partition("?d=")[2] or said.split("?")[0]
    return unquote(local.rpartition("/")[2])


def _frame(image: str, regions: Sequence[object], reading: Reading) -> PictureRecords:
    """The picture of a task, which an upload may have renamed; its size as the regions say it."""
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
            reading.refuse(image, f"{image} was not annotated: nothing says what is on it")
            return
        reading.notes.count("no annotation, its prediction is read", image)
        chosen = guessed[0]
    results = _entries(chosen.get("result"))
    frame = _frame(image, results, reading)
    grouped: dict[str, list[object]] = {}
    for n, result in enumerate(results):  # a region and its label may be two results with one id
        key = str(result["id"]) if isinstance(result, dict) and result.get("id") is not None else f"\0{n}"
        grouped.setdefault(key, []).append(result)
    for n, (_, parts) in enumerate(grouped.items(), 1):
        if any(mapping(p).get("type") == "relation" for p in parts):
            continue
        if all(mapping(p).get("type") in _OF_PICTURE for p in parts) and not any(map(_placed, parts)):
            reading.notes.count("what is said of a whole picture is not read", image)
            continue
        _add(frame, parts, f"{image}, region {n}", reading)


def _value(part: object) -> Mapping[str, object]:
    value = part.get("value") if isinstance(part, dict) else None
    return value if isinstance(value, dict) else {}


def _placed(part: object) -> bool:
    return bool({"x", "points", "rle", "sequence", "vertices"} & set(_value(part)))


def _add(frame: PictureRecords, parts: Sequence[object], place: str, reading: Reading) -> None:
    """Add the object of the results of one region."""
    labels = {
        name
        for part in parts
        for key, given in _value(part).items()
        if key.endswith("labels") and isinstance(given, list)
        for label in given
        if (name := class_name(label)) is not None
    }
    name = next(iter(labels)) if len(labels) == 1 else None
    shape = next((p for p in parts if _placed(p)), None)
    if name is None:
        found = ", ".join(sorted(labels)) or None
        reading.lose(frame, place, "expected one label", None, found)
        return
    values: dict[str, object] = {}
    for part in parts:
        key, value = (part.get("from_name"), _value(part)) if isinstance(part, dict) else (None, {})
        said = next((value[k] for k in ("choices", "text", "number", "rating") if k in value), None)
        said = said[0] if isinstance(said, list) and len(said) == 1 else said
        if isinstance(key, str) and isinstance(said, str | int | float):
            values[key] = said
        score = number(part.get("score")) if isinstance(part, dict) else None
        if score is not None:
            values["confidence"] = score
    size = numbers_of(shape, *_SIZE) or [frame.width, frame.height]
    if not all(v > 0 for v in size):
        reading.lose(frame, place, "its place is in percent of a picture of unknown size", name)
        return
    record = _record(_value(shape), name, place, size, values)
    if isinstance(record, str):
        reading.lose(frame, place, record, name)
    else:
        reading.add(frame, record, flat="keypointlabels" in _value(shape) or not record.rings)


def _record(
    value: Mapping[str, object], name: str, place: str, size: Sequence[float], values: dict[str, object]
) -> Record | str:
    """The object of a region, or why there is none."""
    scale = np.array(size) / 100
    turn = math.radians(number(value.get("rotation")) or 0.0)
    if "points" in value:
        ring = ring_of(flat_points(value["points"]))
        return "expected at least three points" if ring is None else ring_record(name, ring * scale, values, place)
    if (radii := numbers_of(value, "x", "y", "radiusX", "radiusY")) is not None:
        (x, y), (rx, ry) = np.array(radii[:2]) * scale, np.array(radii[2:]) * scale
        return ring_record(name, ellipse(x, y, rx, ry, turn), values, place)
    corner, sides = numbers_of(value, "x", "y"), numbers_of(value, "width", "height")
    if corner is not None and sides is not None:
        (x, y), (w, h) = (np.array(corner) * scale).tolist(), (np.array(sides) * scale).tolist()
        if not turn:
            ring = np.array([(x, y), (x + w, y), (x + w, y + h), (x, y + h)])
            return Record(name, [x, y, x + w, y + h], [ring] if w > 0 and h > 0 else [], values=values, place=place)
        # turned about the corner: where the middle comes to lie
        cos, sin = math.cos(turn), math.sin(turn)
        middle = x + w / 2 * cos - h / 2 * sin, y + w / 2 * sin + h / 2 * cos
        return ring_record(name, turned_box(*middle, w, h, turn), values, place)
    if corner is not None and "keypointlabels" in value:
        x, y = (np.array(corner) * scale).tolist()
        return Record(name, [x, y, x, y], values=values, place=place)
    kinds = [k for k in ("rle", "sequence", "vertices") if k in value]
    return f"a region of `{kinds[0]}` is not read" if kinds else "expected a box, a polygon, an ellipse or a point"
