"""LabelMe annotations: a JSON file of shapes beside each picture.

Reads the files of LabelMe 3 to 5. A shape becomes an object whose class is its label: a polygon, a
rectangle, a circle and a mask have an outline, a line and a point only a box. Coordinates count from the top-left
corner of the picture, as ours do. May import `ir`, `table` and `diagnostics`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path, PureWindowsPath

import numpy as np

from logidsl.diagnostics import InputError
from logidsl.extract.formats.annotations import (
    decode_mask,
    ellipse,
    extent,
    line_record,
    mask_record,
    picture_beside,
    ring_record,
    unpacked,
)
from logidsl.extract.formats.base import Reading, flat_points, mapping, of_score, plain
from logidsl.extract.formats.documents import FileReader, read_json, starts_as_json
from logidsl.extract.records import FARTHEST_PX, EntryError, Record, needed
from logidsl.ir import Program
from logidsl.table import ObjectTable


def is_labelme(path: Path) -> bool:
    """Whether a file looks like LabelMe, by its extension and its keys."""
    return starts_as_json(path, b"{", b'"shapes"', b'"imagePath"')


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
        raise InputError(f"{path} is not a LabelMe file: expected a list `shapes`, found none")
    reading = Reading(path, program)
    named = document.get("imagePath")
    name = named if isinstance(named, str) and named.strip() else f"{path.stem}.png"
    image = image or str(
        picture_beside(path.parent, name, path.stem) or path.parent / Path(*PureWindowsPath(name).parts)
    )
    frame = reading.frame(name, document.get("imageWidth"), document.get("imageHeight"), image=image)
    reading.read_each(frame, shapes, "shape", "label", _shape)
    return reading.table()


def _shape(shape: Mapping[str, object], name: str) -> Record:
    kind = shape.get("shape_type") or "polygon"
    flat = flat_points(shape.get("points"))
    near = flat is not None and max(map(abs, flat)) <= FARTHEST_PX
    points = np.array(needed(flat if near else None, "expected points of two numbers")).reshape(-1, 2)
    group, flags = shape.get("group_id"), mapping(shape.get("flags"))
    values: dict[str, object] = {k: v for k, v in flags.items() if isinstance(v, bool)}
    values |= of_score(shape.get("score")) | plain(shape.get("attributes"))
    if group is not None:
        values["group"] = f"{group:g}" if isinstance(group, float) else str(group)
    if isinstance(shape.get("description"), str):
        values["description"] = shape["description"]
    match kind, len(points):
        case ("polygon", count) if count >= 3:
            return ring_record(name, points, values)
        case "rectangle", 2:
            x0, y0, x1, y1 = extent(points)
            return ring_record(name, np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)]), values)
        case (("rectangle" | "oriented_rectangle" | "rotation" | "quadrilateral"), 4):
            return ring_record(name, points, values)
        case "circle", 2:
            (x, y), radius = points[0].tolist(), math.dist(points[0], points[1])
            around = ellipse(x, y, radius, radius)
            return Record(name, [x - radius, y - radius, x + radius, y + radius], [around], values=values)
        case (("line" | "linestrip"), count) if count >= 2:
            return line_record(name, points, values)
        case "mask", 2 if isinstance(shape.get("mask"), str):
            try:  # a picture of its own with its corner at the first point
                left, top = points.min(0).tolist()
                return mask_record(name, decode_mask(unpacked(shape["mask"])), left, top, values)
            except InputError as error:
                doubt = f"only the box of its mask was read: {error}"
        case "point", 1:
            return line_record(name, points, values, ends=False)
        case _, count:
            if not (points.max(0) > points.min(0)).all():
                raise EntryError(f"a `{kind}` of {count} points has no area")
            doubt = f"only the box of a `{kind}` of {count} points was read"
    return Record(name, extent(points), values=values, flat=True, doubts=[doubt])


EXTRACTOR = FileReader("LabelMe annotation", is_labelme, read_labelme)
