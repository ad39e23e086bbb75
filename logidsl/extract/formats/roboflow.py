"""Roboflow inference results: boxes in px by their centre, outlines as points, the size of the picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from logidsl.extract.formats.annotations import ring_of
from logidsl.extract.formats.base import (
    JsonFormat,
    Reading,
    flat_points,
    items_of,
    needed_numbers,
    numbers_of,
    of_score,
)
from logidsl.extract.records import Record

_BOX = ("x", "y", "width", "height")


def _claims(document: Any) -> bool:
    """Whether each answer has a list of boxes by their middle, and the size of the picture or an id."""
    answers = [list(_answers(item)) for item in items_of(document)]
    return bool(answers) and all(found and all(_is_answer(a) for a in found) for found in answers)


def _fill(document: Any, reading: Reading) -> None:
    """Read its answers, a picture each."""
    answers = [answer for item in items_of(document) for answer in _answers(item)]
    for number_, answer in enumerate(answers, 1):
        size, named = answer.get("image"), next((answer[k] for k in ("image_path", "file") if k in answer), None)
        name = str(named) if isinstance(named, str) else reading.path.stem
        stem = "" if len(answers) > 1 else reading.path.stem
        if len(answers) > 1 and not isinstance(named, str):
            name = f"{reading.path.stem} {number_}"
        size = size if isinstance(size, Mapping) else {}
        frame = reading.frame(name, size.get("width"), size.get("height"), stem)
        shape = partial(_shape, reading)
        reading.read_each(frame, answer.get("predictions"), f"{name}, prediction", "class", shape)


def _answers(item: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """The answers in a document: itself, or those that a workflow wraps."""
    if isinstance(item.get("predictions"), dict):
        yield from _answers(dict(item["predictions"]))  # type: ignore[call-overload]
    elif isinstance(item.get("outputs"), list):
        for inner in items_of(item["outputs"]):
            yield from _answers(inner)
    elif isinstance(item.get("predictions"), list):
        yield item


def _is_answer(item: Mapping[str, object]) -> bool:
    entries = items_of(item["predictions"])
    if entries:
        return all(set(_BOX) <= set(e) for e in entries[:50]) and any("class" in e for e in entries)
    return "inference_id" in item or numbers_of(item.get("image"), "width", "height") is not None


def _shape(reading: Reading, entry: Mapping[str, object], name: str) -> Record:
    x, y, w, h = needed_numbers(entry, *_BOX)
    values: dict[str, object] = {
        k: v for k in ("class_id", "tracker_id") if isinstance(v := entry.get(k), int | float | str)
    }
    if "keypoints" in entry:
        reading.notes.say("keypoints are not read")
    ring = ring_of(flat_points(entry.get("points")))
    lost = entry.get("points") and ring is None
    doubts = ["its outline is not read: expected at least three points"] if lost else []
    box = [x - w / 2, y - h / 2, x + w / 2, y + h / 2]
    values |= of_score(entry.get("confidence"))
    return Record(name, box, [] if ring is None else [ring], values=values, doubts=doubts)


EXTRACTOR = JsonFormat("Roboflow inference", _claims, _fill, marks=(b'"predictions"',))
