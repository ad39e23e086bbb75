"""Darkflow: a file of detections for each picture, with the same name, boxes by two corners in px."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from logidsl.extract.formats.base import JsonFormat, Reading, all_have, needed_numbers, of_score
from logidsl.extract.records import Record


def _claims(document: Any) -> bool:
    """Whether it lists detections by two corners."""
    return isinstance(document, list) and all_have(document, "topleft", "bottomright")


def _fill(document: Any, reading: Reading) -> None:
    """Read the detections of one picture."""
    frame = reading.frame(reading.path.stem, stem=reading.path.stem)
    reading.read_each(frame, document, "detection", "label", _box)


def _box(entry: Mapping[str, object], name: str) -> Record:
    first, last = (needed_numbers(entry, "x", "y", under=corner) for corner in ("topleft", "bottomright"))
    return Record(name, [*first, *last], values=of_score(entry.get("confidence")))


EXTRACTOR = JsonFormat("darkflow detections", _claims, _fill, marks=(b'"topleft"', b'"bottomright"'), start=b"[")
