"""Datumaro: items with annotations of several kinds, classes by their place among the labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from logidsl.extract.formats.annotations import (
    box_record,
    ellipse,
    line_record,
    mask_record,
    of_parts,
    polygon_record,
    ring_of,
    ring_record,
    turn_deg_of,
)
from logidsl.extract.formats.base import JsonFormat, Reading, flat_points, items_of, mapping, of_score, plain
from logidsl.extract.formats.run_lengths import decode_runs
from logidsl.extract.records import EntryError, Record, needed
from logidsl.extract.values import class_name, four_numbers

#: Annotations of the whole picture, not of an object.
_OF_PICTURE = ("label", "caption")


def _claims(document: Any) -> bool:
    """Whether it has items and categories."""
    return (
        isinstance(document, dict)
        and isinstance(document.get("items"), list)
        and isinstance(document.get("categories"), dict)
    )


def _fill(document: Any, reading: Reading) -> None:
    """Read its items, a picture each."""
    given = mapping(document["categories"].get("label")).get("labels")
    names = [class_name(i.get("name")) for i in items_of(given or [])]
    for item in items_of(document["items"]):
        about = mapping(item.get("image"))
        size = about.get("size")
        height, width = size if isinstance(size, list) and len(size) == 2 else (None, None)
        frame = reading.frame(str(about.get("path") or item.get("id")), width, height, str(item.get("id") or ""))
        entries = item.get("annotations")
        for n, entry in enumerate(_joined([mapping(e) for e in (entries if isinstance(entries, list) else ())]), 1):
            place = f"{item.get('id')}, annotation {n}"
            if entry.get("type") in _OF_PICTURE:
                reading.notes.count(f"a `{entry['type']}` of the whole picture is not read", place)
            else:
                reading.read_entry(frame, place, entry, partial(_label, names), _shape)


def _joined(entries: Sequence[Mapping[str, object]]) -> list[Mapping[str, object]]:
    """The annotations, polygons of one object in several parts as one: these have one id, group and label."""
    found: dict[object, Mapping[str, object]] = {}
    for n, entry in enumerate(entries):
        said = [entry.get(k) for k in ("id", "group", "label_id")]
        is_part = entry.get("type") == "polygon" and all(isinstance(v, int) for v in said) and said[0] and said[1]
        key = tuple(said) if is_part else n
        parts = [*(found[key]["parts"] if key in found else ()), entry.get("points")] if is_part else []  # type: ignore[misc]
        found[key] = {**entry, "parts": parts}
    return list(found.values())


def _label(names: Sequence[str | None], entry: Mapping[str, object]) -> str:
    code = entry.get("label_id")
    name = names[code] if isinstance(code, int) and 0 <= code < len(names) else None
    return needed(name, "expected the place of a label in `label_id`", code)


def _shape(entry: Mapping[str, object], name: str) -> Record:
    """The object of an annotation."""
    values = plain(entry.get("attributes"))
    values |= of_score(values.pop("score", None))
    if entry.get("group"):
        values["group"] = str(entry["group"])
    match entry:
        case {"type": "bbox"}:
            box = entry.get("bbox")
            found = four_numbers(box) if isinstance(box, list) else None
            x, y, w, h = needed(found, "expected `bbox` of four numbers")
            turn_deg = turn_deg_of(values.pop("rotation", None))
            return box_record(name, [x, y, x + w, y + h], turn_deg, values)
        case {"type": "polygon", "parts": [_, _, *_] as parts}:
            rings, box, area = of_parts([[needed(ring_of(p), "expected at least three points")] for p in parts])
            return Record(name, box, rings, values={**values, "area": area}, around=box)
        case {"type": "polygon"}:
            return polygon_record(name, entry.get("points"), values)
        case {"type": "ellipse", "points": list(points)} if found := four_numbers(points):
            x0, y0, x1, y1 = found
            ring = ellipse((x0 + x1) / 2, (y0 + y1) / 2, abs(x1 - x0) / 2, abs(y1 - y0) / 2)
            return ring_record(name, ring, values)
        case {"type": "points" | "polyline" as kind}:
            flat = entry.get("points")
            pairs = zip(flat[::2], flat[1::2], strict=False) if isinstance(flat, list) else ()
            xy = needed(flat_points([list(pair) for pair in pairs]), "expected points of two numbers")
            return line_record(name, np.array(xy).reshape(-1, 2), values, ends=kind == "polyline")
        case {"type": "mask", "rle": dict(rle)}:
            return mask_record(name, *decode_runs(rle), values=values)
    raise EntryError(f"an annotation of the type `{str(entry.get('type'))[:20]}` is not read")


EXTRACTOR = JsonFormat("Datumaro annotations", _claims, _fill, marks=(b'"items"', b'"categories"'), start=b"{")
