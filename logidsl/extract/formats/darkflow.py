"""Darkflow: a file of detections for each picture, with the same name, boxes by two corners in px."""

from __future__ import annotations

from logidsl.extract.formats.base import JsonFormat, Reading, all_have, listed, numbers_of
from logidsl.extract.records import Record
from logidsl.extract.values import class_name, number


class Darkflow(JsonFormat):
    """Reads a darkflow file."""

    name = "darkflow detections"
    marks = (b'"topleft"', b'"bottomright"')
    start = b"["

    def claims(self, document: object) -> bool:
        """Whether it lists detections by two corners."""
        return isinstance(document, list) and all_have(document, "topleft", "bottomright")

    def fill(self, document: object, reading: Reading) -> None:
        """Read the detections of one picture."""
        frame = reading.frame(reading.path.stem, stem=reading.path.stem)
        for place, entry in listed(document, "detection"):
            if not isinstance(entry, dict):
                reading.lose(frame, place, "expected a label and two corners", None, entry)
                continue
            label = class_name(entry.get("label"))
            first, last = (numbers_of(entry.get(k), "x", "y") for k in ("topleft", "bottomright"))
            if label is None:
                reading.lose(frame, place, "expected a name in `label`", None, entry.get("label"))
            elif first is None or last is None:
                reading.lose(frame, place, "expected `x` and `y` of two corners", label)
            else:
                score = number(entry.get("confidence"))
                values: dict[str, object] = {} if score is None else {"confidence": score}
                reading.add(frame, Record(label, [*first, *last], values=values, place=place))


EXTRACTOR = Darkflow()
