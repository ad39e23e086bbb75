"""Datumaro: items with annotations of several kinds, classes by their place among the labels."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from logidsl.diagnostics import InputError
from logidsl.extract.formats.annotations import ellipse, mask_record, ring_of, ring_record, turned_box
from logidsl.extract.formats.base import JsonFormat, Reading, items_of, listed, numbers_of, plain
from logidsl.extract.formats.run_lengths import decode_runs
from logidsl.extract.records import Record
from logidsl.extract.values import class_name, four_numbers, number

#: Annotations of the whole picture, not of an object.
_OF_PICTURE = ("label", "caption")


class Datumaro(JsonFormat):
    """Reads a Datumaro file."""

    name = "Datumaro annotations"
    marks = (b'"items"', b'"categories"')
    start = b"{"

    def claims(self, document: object) -> bool:
        """Whether it has items and categories."""
        return (
            isinstance(document, dict)
            and isinstance(document.get("items"), list)
            and isinstance(document.get("categories"), dict)
        )

    def fill(self, document: object, reading: Reading) -> None:
        """Read its items, a picture each."""
        assert isinstance(document, dict)
        labels = document["categories"].get("label")
        given = labels.get("labels") if isinstance(labels, dict) else None
        names = [class_name(i.get("name")) for i in items_of(given or [])]
        for item in items_of(document["items"]):
            about = item.get("image") if isinstance(item.get("image"), dict) else {}
            assert isinstance(about, dict)
            size = about.get("size")
            height, width = size if isinstance(size, list) and len(size) == 2 else (None, None)
            frame = reading.frame(str(about.get("path") or item.get("id")), width, height, str(item.get("id") or ""))
            for place, entry in listed(item.get("annotations"), f"{item.get('id')}, annotation"):
                if not isinstance(entry, dict):
                    reading.lose(frame, place, "expected an annotation", None, entry)
                    continue
                if entry.get("type") in _OF_PICTURE:
                    reading.notes.count(f"a `{entry['type']}` of the whole picture is not read", place)
                    continue
                code = entry.get("label_id")
                known = isinstance(code, int) and 0 <= code < len(names)
                name = names[code] if known and isinstance(code, int) else None
                if name is None:
                    reading.lose(frame, place, "expected the place of a label in `label_id`", None, code)
                    continue
                record = _record(entry, name, place)
                if isinstance(record, str):
                    reading.lose(frame, place, record, name)
                else:
                    reading.add(frame, record, flat=entry.get("type") in ("points", "polyline"))


EXTRACTOR = Datumaro()


def _record(entry: Mapping[str, object], name: str, place: str) -> Record | str:
    """The object of an annotation, or why there is none."""
    values = plain(entry.get("attributes"))
    score = number(values.pop("score", None))
    if score is not None:
        values["confidence"] = score
    if entry.get("group"):
        values["group"] = str(entry["group"])
    match entry.get("type"):
        case "bbox":
            box = entry.get("bbox")
            found = four_numbers(box) if isinstance(box, list) else None
            if found is None:
                return "expected `bbox` of four numbers"
            x, y, w, h = found
            turn = number(values.pop("rotation", 0.0)) or 0.0
            if turn:
                return ring_record(name, turned_box(x + w / 2, y + h / 2, w, h, math.radians(turn)), values, place)
            return Record(name, [x, y, x + w, y + h], values=values, place=place)
        case "polygon":
            ring = ring_of(entry.get("points"))
            return "expected at least three points" if ring is None else ring_record(name, ring, values, place)
        case "ellipse" if isinstance(points := entry.get("points"), list) and (found := four_numbers(points)):
            x0, y0, x1, y1 = found
            ring = ellipse((x0 + x1) / 2, (y0 + y1) / 2, abs(x1 - x0) / 2, abs(y1 - y0) / 2)
            return ring_record(name, ring, values, place)
        case "points" | "polyline" as kind:
            flat = entry.get("points")
            pairs = list(zip(flat[::2], flat[1::2], strict=False)) if isinstance(flat, list) and len(flat) > 1 else []
            xy = [numbers_of({"x": x, "y": y}, "x", "y") for x, y in pairs]
            known = np.array([p for p in xy if p is not None]).reshape(-1, 2)
            if not len(known) or len(known) < len(xy):
                return "expected points of two numbers"
            if kind == "polyline":
                ends = sorted((known[0].tolist(), known[-1].tolist()))
                values |= {"start": ends[0], "end": ends[1]}
            return Record(name, [*known.min(0).tolist(), *known.max(0).tolist()], values=values, place=place)
        case "mask" if isinstance(entry.get("rle"), dict):
            try:
                record = mask_record(name, *decode_runs(entry["rle"]))  # type: ignore[arg-type]
            except InputError as error:
                return str(error)
            if record is None:
                return "its mask is empty"
            record.values, record.place = {**values, **record.values}, place
            return record
        case kind:
            return f"an annotation of the type `{str(kind)[:20]}` is not read"
