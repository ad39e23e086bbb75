"""What Roboflow's inference answers: boxes in px by their middle, outlines as points, the size of the picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from logidsl.extract.formats.annotations import ring_of
from logidsl.extract.formats.base import JsonFormat, Reading, flat_points, items_of, listed, numbers_of
from logidsl.extract.records import Record
from logidsl.extract.values import class_name, number

_BOX = ("x", "y", "width", "height")


class Roboflow(JsonFormat):
    """Reads answers of Roboflow's inference."""

    name = "Roboflow inference"
    marks = (b'"predictions"',)

    def claims(self, document: object) -> bool:
        """Whether each answer has a list of boxes by their middle, and the size of the picture or an id."""
        answers = [list(_answers(item)) for item in items_of(document)]
        return bool(answers) and all(found and all(_is_answer(a) for a in found) for found in answers)

    def fill(self, document: object, reading: Reading) -> None:
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
            for place, entry in listed(answer.get("predictions"), f"{name}, prediction"):
                label = class_name(entry.get("class")) if isinstance(entry, dict) else None
                found = numbers_of(entry, *_BOX)
                if label is None:
                    reading.lose(frame, place, "expected a name in `class`")
                elif found is None or not isinstance(entry, dict):
                    reading.lose(frame, place, "expected `x, y, width, height`", label)
                else:
                    reading.add(frame, _record(entry, label, found, place, reading))


EXTRACTOR = Roboflow()


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
    return "inference_id" in item or ("time" in item and isinstance(item.get("image"), dict))


def _record(entry: Mapping[str, object], label: str, found: list[float], place: str, reading: Reading) -> Record:
    x, y, w, h = found
    values = {k: v for k in ("class_id", "tracker_id") if isinstance(v := entry.get(k), int | float | str)}
    score = number(entry.get("confidence"))
    if score is not None:
        values["confidence"] = score
    if "keypoints" in entry:
        reading.notes.say("key points are not read")
    rings: list[np.ndarray[tuple[int, ...], np.dtype[np.float64]]] = []
    if entry.get("points"):
        ring = ring_of(flat_points(entry["points"]))
        if ring is None:
            reading.notes.each(": its outline is not read: expected at least three points", f"{place}, `{label}`")
        else:
            rings = [ring]
    return Record(label, [x - w / 2, y - h / 2, x + w / 2, y + h / 2], rings, values=values, place=place)
