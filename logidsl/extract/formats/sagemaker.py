"""SageMaker Ground Truth: a manifest with a line for each picture, boxes by corner and sides in px.

Of the attributes of a line those are read that have `annotations`, with the class map of their `-metadata`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import chain, repeat
from typing import Any

from logidsl.extract.formats.base import JsonFormat, Reading, all_have, items_of, mapping, needed_numbers, of_score
from logidsl.extract.formats.documents import JSON_ENDINGS
from logidsl.extract.records import Record, needed
from logidsl.extract.values import class_name


def _claims(document: Any) -> bool:
    """Whether each line names its source."""
    return all_have(document, "source-ref")


def _fill(document: Any, reading: Reading) -> None:
    """Read its lines, a picture each."""
    for item in items_of(document):
        name = str(item["source-ref"]).rpartition("/")[2]
        labels = [k for k, v in item.items() if isinstance(v, dict) and isinstance(v.get("annotations"), list)]
        if len(labels) != 1:
            found = ", ".join(f"`{k}`" for k in labels) or "none"
            reading.refuse(name, f"{name}: expected one attribute with `annotations`, found {found}")
            continue
        _picture(item, labels[0], name, reading)


def _picture(item: Mapping[str, Any], label: str, name: str, reading: Reading) -> None:
    found, about = item[label], mapping(item.get(f"{label}-metadata"))
    if about.get("failure-reason"):
        reading.refuse(name, f"{name} was not labelled: {about['failure-reason']}")
        return
    classes = mapping(about.get("class-map"))
    size = next(iter(items_of(found.get("image_size") or [])), {})
    frame = reading.frame(name, size.get("width"), size.get("height"))
    entries = [mapping(e) for e in found["annotations"]]
    if about.get("type") and about.get("human-annotated") != "yes":  # else it is how sure the workers were
        scores = chain(items_of(about.get("objects") or []), repeat(mapping(None)))
        entries = [{**e, "confidence": s.get("confidence")} for e, s in zip(entries, scores, strict=False)]
    reading.read_each(frame, entries, f"{name}, annotation", partial(_class, classes), _box)


def _class(classes: Mapping[str, object], entry: Mapping[str, object]) -> str:
    code = entry.get("class_id")
    return needed(class_name(classes.get(str(code))), "expected a class of the class map in `class_id`", code)


def _box(entry: Mapping[str, object], name: str) -> Record:
    x, y, w, h = needed_numbers(entry, "left", "top", "width", "height")
    return Record(name, [x, y, x + w, y + h], values=of_score(entry.get("confidence")))


EXTRACTOR = JsonFormat(
    "SageMaker Ground Truth manifest",
    _claims,
    _fill,
    marks=(b'"source-ref"',),
    endings=(".manifest", *JSON_ENDINGS),
)
