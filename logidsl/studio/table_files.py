"""Tables of objects as files: exact copies, so that a photo is looked at once for each pixel part of a spec.

A file is an `.npz` archive of plain arrays, with one JSON text for all names.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np

from logidsl.table import ColumnData, ObjectTable, Outlines, PlaceValue, Problem, TextColumn

_ABOUT = "about"
#: Changes when what a table holds changes.
VERSION = 1


def packed(table: ObjectTable) -> bytes:
    """A table as bytes."""
    arrays: dict[str, Any] = {"sizes": table.sizes, "offsets": table.offsets, "classes": table.classes.codes}
    texts: dict[str, list[str]] = {}
    for name, column in table.columns.items():
        if isinstance(column, TextColumn):
            arrays[f"column {name}"], texts[name] = column.codes, list(column.values)
        else:
            arrays[f"column {name}"] = column
    if table.outlines is not None:
        made = table.outlines
        arrays |= {"points": made.points, "rings": made.ring_offsets, "rows": made.row_offsets}
    places = [
        [[p.measure, [len(r) for r in p.rings], list(p.value), p.lack, p.words] for p in image]
        for image in table.places
    ]
    rings = [r for image in table.places for p in image for r in p.rings]
    arrays["places"] = np.concatenate([np.zeros((0, 2)), *rings])
    about = {
        "version": VERSION,
        "images": table.images,
        "ids": table.ids,
        "classes": table.classes.values,
        "columns": list(table.columns),
        "texts": texts,
        "problems": [[p.path, p.message] for p in table.problems],
        "notes": table.notes,
        "places": places,
    }
    arrays[_ABOUT] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    out = io.BytesIO()
    np.savez(out, allow_pickle=False, **arrays)
    return out.getvalue()


def unpacked(data: bytes) -> ObjectTable | None:
    """The table of some bytes; None if they are damaged or of another version."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        about = json.loads(arrays[_ABOUT].tobytes())
        return _table(arrays, about) if about["version"] == VERSION else None
    except (ValueError, KeyError, OSError, EOFError, IndexError, TypeError, zipfile.BadZipFile):
        return None


def _table(arrays: Mapping[str, Any], about: Mapping[str, Any]) -> ObjectTable:
    columns: dict[str, ColumnData] = {}
    for name in about["columns"]:
        column = arrays[f"column {name}"]
        columns[name] = TextColumn(column, tuple(about["texts"][name])) if name in about["texts"] else column
    outlines = Outlines(arrays["points"], arrays["rings"], arrays["rows"]) if "points" in arrays else None
    places, points, at = [], arrays["places"], 0
    for image in about["places"]:
        row = []
        for measure, sizes, value, lack, words in image:
            rings = []
            for size in sizes:
                rings.append(points[at : at + size])
                at += size
            row.append(PlaceValue(measure, tuple(rings), tuple(value), lack, words))
        places.append(tuple(row))
    return ObjectTable(
        images=tuple(about["images"]),
        sizes=arrays["sizes"],
        offsets=arrays["offsets"],
        classes=TextColumn(arrays["classes"], tuple(about["classes"])),
        ids=tuple(about["ids"]),
        columns=columns,
        outlines=outlines,
        problems=tuple(Problem(*p) for p in about["problems"]),
        notes=tuple(about["notes"]),
        places=tuple(places),
    )
