"""SageMaker Ground Truth: a manifest with a line for each picture, boxes by corner and sides in px.

Of the attributes of a line those are read that have `annotations`, with the class map of their `-metadata`.
"""

from __future__ import annotations

from collections.abc import Mapping

from logidsl.extract.formats.base import JsonFormat, Reading, all_have, items_of, listed, mapping, numbers_of
from logidsl.extract.records import Record
from logidsl.extract.values import class_name, number


class GroundTruth(JsonFormat):
    """Reads a manifest."""

    name = "SageMaker Ground Truth manifest"
    marks = (b'"source-ref"',)
    endings = (".manifest", ".jsonl", ".json", ".ndjson")

    def claims(self, document: object) -> bool:
        """Whether each line names its source."""
        return all_have(document, "source-ref")

    def fill(self, document: object, reading: Reading) -> None:
        """Read its lines, a picture each."""
        for item in items_of(document):
            name = str(item["source-ref"]).rpartition("/")[2]
            labels = [k for k, v in item.items() if isinstance(v, dict) and isinstance(v.get("annotations"), list)]
            if len(labels) != 1:
                found = ", ".join(f"`{k}`" for k in labels) or "none"
                reading.refuse(name, f"{name}: expected one attribute with `annotations`, found {found}")
                continue
            _picture(item, labels[0], name, reading)


EXTRACTOR = GroundTruth()


def _picture(item: Mapping[str, object], label: str, name: str, reading: Reading) -> None:
    found, about = item[label], mapping(item.get(f"{label}-metadata"))
    assert isinstance(found, dict)
    if about.get("failure-reason"):
        reading.refuse(name, f"{name} was not labelled: {about['failure-reason']}")
        return
    classes = mapping(about.get("class-map"))
    size = next(iter(items_of(found.get("image_size") or [])), {})
    frame = reading.frame(name, size.get("width"), size.get("height"))
    scores = items_of(about.get("objects") or [])
    for n, (place, entry) in enumerate(listed(found["annotations"], f"{name}, annotation")):
        code = entry.get("class_id") if isinstance(entry, dict) else None
        known = class_name(classes.get(str(code)))
        box = numbers_of(entry, "left", "top", "width", "height")
        if known is None:
            reading.lose(frame, place, "expected a class of the class map in `class_id`", None, code)
        elif box is None:
            reading.lose(frame, place, "expected `left, top, width, height`", known)
        else:
            x, y, w, h = box
            score = number(scores[n].get("confidence")) if n < len(scores) else None
            values: dict[str, object] = {"confidence": score} if score is not None and about.get("type") else {}
            if about.get("human-annotated") == "yes":
                values = {}  # how sure the workers were of each other, not a detector
            reading.add(frame, Record(known, [x, y, x + w, y + h], values=values, place=place))
