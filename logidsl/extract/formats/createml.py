"""CreateML: a list of pictures, each with labelled boxes in px, given by their middle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from logidsl.extract.formats.base import JsonFormat, Reading, items_of, needed_numbers, of_score
from logidsl.extract.records import Record

_IMAGES = ("image", "imagefilename", "image_name")
_ANNOTATIONS = ("annotations", "annotation")


def _claims(document: Any) -> bool:
    """Whether it lists pictures whose annotations, if any, have `coordinates`."""
    if not isinstance(document, list) or not document or not all(isinstance(i, dict) for i in document[:50]):
        return False
    pictures = [(_first(i, _IMAGES), _first(i, _ANNOTATIONS)) for i in document[:50]]
    if not all(isinstance(image, str) and isinstance(found, list) for image, found in pictures):
        return False
    entries = [e for _, found in pictures if isinstance(found, list) for e in found]
    return not entries or any(isinstance(e, dict) and "coordinates" in e for e in entries)


def _fill(document: Any, reading: Reading) -> None:
    """Read its pictures."""
    for item in items_of(document):
        image = str(_first(item, _IMAGES) or "")
        reading.read_each(reading.frame(image), _first(item, _ANNOTATIONS), f"{image}, annotation", "label", _box)


def _first(item: Mapping[str, object], keys: tuple[str, ...]) -> object:
    return next((item[k] for k in keys if k in item), None)


def _box(entry: Mapping[str, object], name: str) -> Record:
    x, y, w, h = needed_numbers(entry, "x", "y", "width", "height", under="coordinates")
    return Record(name, [x - w / 2, y - h / 2, x + w / 2, y + h / 2], values=of_score(entry.get("confidence")))


EXTRACTOR = JsonFormat("CreateML annotations", _claims, _fill, marks=(b'"annotation', b'"image'), start=b"[")
