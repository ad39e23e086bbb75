"""LabelMe annotations: a JSON file of shapes beside each picture.

Reads the files of LabelMe 3 to 5. A shape becomes an object whose class is its label: a polygon, a
rectangle, a circle and a mask have an outline, a line and a point only a box. Coordinates count from the top-left
corner of the picture, as ours do. May import `ir`, `table` and `diagnostics`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PureWindowsPath

import numpy as np
import numpy.typing as npt

from logidsl.diagnostics import InputError
from logidsl.extract.formats.annotations import (
    checked,
    decode_mask,
    ellipse,
    mask_record,
    picture_beside,
    side,
    size_of,
)
from logidsl.extract.formats.documents import read_bytes, read_json
from logidsl.extract.notes import Notes
from logidsl.extract.records import FARTHEST_PX, PictureRecords, Record, table_of, unreadable
from logidsl.extract.values import class_name, number
from logidsl.files import is_file
from logidsl.ir import Program
from logidsl.table import ObjectTable


class LabelMe:
    """Reads a LabelMe file."""

    name = "LabelMe annotation"

    def matches(self, path: Path) -> bool:
        """Whether a file is LabelMe's."""
        return is_labelme(path)

    def read(self, path: Path, program: Program) -> ObjectTable:
        """The table of one annotated picture; see `read_labelme`."""
        return read_labelme(path, program)


EXTRACTOR = LabelMe()


def is_labelme(path: Path) -> bool:
    """Whether a file looks like LabelMe's, judged by its ending and its keys."""
    if path.suffix.lower() != ".json":
        return False
    try:
        data = read_bytes(path)
    except (OSError, InputError):
        return False
    return data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and b'"shapes"' in data and b'"imagePath"' in data


def read_labelme(path: Path, program: Program, image: str | None = None) -> ObjectTable:
    """Read the annotation of one picture.

    Parameters
    ----------
    path : Path
        The JSON file.
    program : Program
        Says what classes are called.
    image : str, optional
        Name of the picture; else `imagePath`, beside the file.

    Raises
    ------
    InputError
        If the file cannot be read or is none of LabelMe's.
    """
    document = read_json(path)
    shapes = document.get("shapes") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(shapes, list):
        raise InputError(f"{path} is no LabelMe file: expected a list `shapes`, found none")
    notes = Notes(str(path))
    picture = _picture(path, document)
    frame = PictureRecords(image or str(picture), *_size(document, picture, notes))
    for place, shape in enumerate(shapes, 1):
        record = _record(shape, f"shape {place}", notes)
        frame.records.append(checked(record, frame.width, frame.height, notes, flat=not record.rings))
    return table_of([frame], program, str(path), notes)


def _picture(path: Path, document: Mapping[str, object]) -> Path:
    """The annotated picture: where the file says, else the one of its own name beside it."""
    named = document.get("imagePath")
    if isinstance(named, str) and named.strip():
        # Files made on Windows have its separators; those made elsewhere may have a backslash in no name.
        meant = path.parent / Path(*PureWindowsPath(named).parts)
        return meant if is_file(meant) else picture_beside(path.parent, named, path.stem) or meant
    return picture_beside(path.parent, "", path.stem) or path.with_suffix(".png")


def _size(document: Mapping[str, object], picture: Path, notes: Notes) -> tuple[float, float]:
    size = side(document.get("imageWidth"), notes), side(document.get("imageHeight"), notes)
    return size_of(picture) if any(map(math.isnan, size)) else size


def _record(shape: object, place: str, notes: Notes) -> Record:
    """The object of a shape."""
    if not isinstance(shape, dict):
        return unreadable(place, "expected a shape with `label` and `points`", notes, found=f", found `{shape!s:.40}`")
    label, kind = class_name(shape.get("label")), shape.get("shape_type") or "polygon"
    points = _points(shape.get("points"))
    if label is None:
        return unreadable(place, "expected a name in `label`", notes, found=f", found `{shape.get('label')!s:.40}`")
    if points is None:
        return unreadable(place, "expected points of two numbers", notes, label)
    values: dict[str, object] = {}
    if shape.get("group_id") is not None:
        values["group"] = _as_text(shape["group_id"])
    if isinstance(shape.get("description"), str):
        values["description"] = shape["description"]
    if isinstance(shape.get("flags"), dict):
        values |= {k: v for k, v in shape["flags"].items() if isinstance(v, bool)}
    box = [*points.min(0).tolist(), *points.max(0).tolist()]
    match kind, len(points):
        case "polygon", count if count >= 3:
            return Record(label, box, [points], values=values, place=place)
        case "rectangle", 2:
            x0, y0, x1, y1 = box
            corners = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
            return Record(label, box, [corners], values=values, place=place)
        case (("rectangle" | "oriented_rectangle"), 4):
            return Record(label, box, [points], values=values, place=place)
        case "circle", 2:
            (x, y), radius = points[0].tolist(), math.dist(points[0], points[1])
            around = ellipse(x, y, radius, radius)
            return Record(label, [x - radius, y - radius, x + radius, y + radius], [around], values=values, place=place)
        case (("line" | "linestrip"), count) if count >= 2:
            ends = sorted((points[0].tolist(), points[-1].tolist()))
            values |= {"start": ends[0], "end": ends[1]}
            return Record(label, box, values=values, place=place)
        case "mask", 2 if isinstance(shape.get("mask"), str):
            return _masked(label, shape["mask"], points, values, place, notes)
        case "point", 1:
            return Record(label, box, values=values, place=place)
        case _ if len(points) > 1 and (points.max(0) > points.min(0)).all():
            notes.each(f": only the box of a `{kind}` of {len(points)} points was read", f"{place}, `{label}`")
            return Record(label, box, values=values, place=place)
        case _:
            return unreadable(place, f"a `{kind}` of {len(points)} points has no area", notes, label)


def _masked(
    label: str, code: str, points: npt.NDArray[np.float64], values: dict[str, object], place: str, notes: Notes
) -> Record:
    """The object of a mask, which is a picture of its own with its corner at the first point."""
    box = [*points.min(0).tolist(), *points.max(0).tolist()]
    try:
        mask = decode_mask(code)
        record = mask_record(label, mask, *points.min(0).tolist())
    except InputError as error:
        notes.each(": only the box of its mask was read: ", f"{place}, `{label}`", error)
        record = None
    if record is None:
        return Record(label, box, values=values, place=place)
    return replace(record, values=values | dict(record.values), place=place)


def _as_text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _points(value: object) -> npt.NDArray[np.float64] | None:
    if not isinstance(value, list) or not value:
        return None
    pairs = [[number(v) for v in p] if isinstance(p, list | tuple) else [] for p in value]
    if any(len(p) != 2 or any(v is None or not abs(v) <= FARTHEST_PX for v in p) for p in pairs):
        return None
    return np.array(pairs, np.float64)
