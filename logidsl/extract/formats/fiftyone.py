"""FiftyOne: samples with fields of detections or polylines, in shares of the picture.

Read are a sample alone, a list of samples, `{"samples": [...]}`, and the labels file of its detection datasets,
`{"classes": [...], "labels": {"name": [...]}}`. Of several fields `ground_truth` is read, and the others are noted;
without one of that name the picture cannot be judged, as nothing says which field is meant.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from pathlib import PureWindowsPath
from typing import Any

import numpy as np

from logidsl.extract.formats.annotations import line_record, picture_beside, ring_of, ring_record
from logidsl.extract.formats.base import JsonFormat, Reading, all_have, flat_points, items_of, mapping, of_score
from logidsl.extract.records import EntryError, PictureRecords, Record, needed
from logidsl.extract.values import class_name, four_numbers

_FIELDS = ("detections", "polylines")
_TRUTH = ("ground_truth", "ground_truth.detections")
_READ = frozenset(
    ["label", "bounding_box", "confidence", "id", "_id", "_cls", "index", "mask", "tags", "points", "closed", "filled"]
)


def _claims(document: Any) -> bool:
    """Whether it has samples with a `filepath`, or classes and labels by picture."""
    if isinstance(document, dict) and isinstance(document.get("labels"), dict) and "classes" in document:
        return all(isinstance(v, list | None) for v in document["labels"].values())
    samples = _samples(document)
    return all_have(samples, "filepath") and any(
        _fields(s) or {"metadata", "_media_type", "tags"} & set(s) for s in items_of(samples)
    )


def _fill(document: Any, reading: Reading) -> None:
    """Read its samples, a picture each."""
    if isinstance(document, dict) and isinstance(document.get("labels"), dict):
        _labels_file(document, reading)
        return
    for sample in items_of(_samples(document)):
        name = PureWindowsPath(str(sample["filepath"])).name
        fields = _fields(sample)
        chosen = next((t for t in _TRUTH if t in fields), fields[0] if len(fields) == 1 else None)
        others = [f for f in fields if f != chosen]
        if chosen is None:
            found = ", ".join(f"`{f}`" for f in fields) or "none"
            reading.refuse(name, f"{name}: expected one field of detections, or `ground_truth`, found {found}")
            continue
        for other in others:
            reading.notes.count(f"the field `{other}` is not read beside `{chosen}`", name)
        about = mapping(sample.get("metadata"))
        picture = picture_beside(reading.path.parent, str(sample["filepath"]))
        frame = reading.frame(
            name, about.get("width"), about.get("height"), image=os.path.normpath(picture) if picture else None
        )
        _field(sample[chosen], frame, name, reading)


def _samples(document: object) -> object:
    return document["samples"] if isinstance(document, dict) and "samples" in document else document


def _fields(sample: Mapping[str, object]) -> list[str]:
    """The fields of a sample that hold objects."""
    return [k for k, v in sample.items() if isinstance(v, dict) and any(isinstance(v.get(f), list) for f in _FIELDS)]


def _labels_file(document: Any, reading: Reading) -> None:
    classes, labels = document["classes"], document["labels"]
    names = [class_name(c) for c in classes] if isinstance(classes, list) else []
    for name, entries in labels.items():
        if entries is None:
            reading.refuse(name, f"{name} was not labelled: its content is unknown")
            continue
        frame = reading.frame(name, stem=name)
        for entry in entries:
            code = entry.get("label") if isinstance(entry, dict) else None
            if isinstance(code, int) and not isinstance(code, bool):
                entry["label"] = names[code] if 0 <= code < len(names) else None
        _field({"detections": entries}, frame, name, reading)


def _field(field: Any, frame: PictureRecords, name: str, reading: Reading) -> None:
    """Add the objects of a field to their picture."""
    for kind in _FIELDS:
        reading.read_each(frame, field.get(kind), f"{name}, {kind.removesuffix('s')}", "label", partial(_shape, frame))


def _shape(frame: PictureRecords, entry: Mapping[str, object], name: str) -> Record:
    if not (frame.width > 0 and frame.height > 0):
        raise EntryError("its box is in shares of a picture of unknown size")
    values: dict[str, object] = {k: v for k, v in entry.items() if k not in _READ and isinstance(v, str | int | float)}
    values |= of_score(entry.get("confidence"))
    size = np.array([frame.width, frame.height])
    if "points" in entry:
        shapes = entry["points"] if isinstance(entry["points"], list) else []
        ring = ring_of(flat_points(shapes[0])) if len(shapes) == 1 else None
        if entry.get("closed") is False and not entry.get("filled"):
            flat = needed(flat_points(shapes[0]) if len(shapes) == 1 else None, "expected one line of points")
            return line_record(name, np.array(flat).reshape(-1, 2) * size, values)
        return ring_record(name, needed(ring, "expected one outline of at least three points") * size, values)
    box = entry.get("bounding_box")
    found = needed(four_numbers(box) if isinstance(box, list) else None, "expected `bounding_box` of four numbers")
    if max(map(abs, found)) > 2:
        raise EntryError("expected `bounding_box` in shares of the picture, from 0 to 1")
    x, y, w, h = found
    return Record(name, (np.array([x, y, x + w, y + h]) * [*size, *size]).tolist(), values=values)


EXTRACTOR = JsonFormat("FiftyOne samples", _claims, _fill, one_of=(b'"filepath"', b'"classes"'))
