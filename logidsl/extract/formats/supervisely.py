"""Supervisely: a file for each picture, called `NAME.png.json`, of objects with a class and a geometry."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from logidsl.diagnostics import InputError
from logidsl.extract.formats.annotations import decode_mask, extent, line_record, mask_record, ring_of, unpacked
from logidsl.extract.formats.base import JsonFormat, Reading, flat_points, mapping
from logidsl.extract.records import EntryError, Record

#: A mask of so many bytes would be larger than pictures may be.
_LARGEST_BYTES = 64 << 20


def _claims(document: Any) -> bool:
    """Whether it has objects with `classTitle`, or no objects but its other keys."""
    if not isinstance(document, dict) or not isinstance(document.get("objects"), list):
        return False
    objects = document["objects"]
    if not objects:
        return isinstance(document.get("size"), dict) and "tags" in document
    return any(isinstance(o, dict) and "classTitle" in o and "geometryType" in o for o in objects)


def _fill(document: Any, reading: Reading) -> None:
    """Read the one picture."""
    size = mapping(document.get("size"))
    name = reading.path.stem  # `tray.png` of `tray.png.json`
    frame = reading.frame(name, size.get("width"), size.get("height"), name.rpartition(".")[0] or name)
    reading.read_each(frame, document["objects"], "object", "classTitle", _shape)


def _shape(item: Mapping[str, object], name: str) -> Record:
    """The object of a geometry."""
    points, values = mapping(item.get("points")), _tags(item.get("tags"))
    exterior = flat_points(points.get("exterior"))
    match item.get("geometryType"):
        case "rectangle" if exterior is not None and len(exterior) == 4:
            return Record(name, exterior, values=values)
        case "polygon" if (ring := ring_of(exterior)) is not None:
            inner = points.get("interior")
            holes = [ring_of(flat_points(h)) for h in inner] if isinstance(inner, list) else []
            return Record(name, extent(ring), [ring, *(h for h in holes if h is not None)], values=values)
        case "point" | "line" as kind if exterior is not None:
            return line_record(name, np.array(exterior).reshape(-1, 2), values, ends=kind == "line")
        case "bitmap":
            try:
                return _bitmap(mapping(item.get("bitmap")), name, values)
            except InputError as error:
                raise EntryError(f"its bitmap cannot be read: {error}") from None
        case kind:
            raise EntryError(f"a geometry `{str(kind)[:20]}` is not read")


def _bitmap(value: Mapping[str, object], name: str, values: Mapping[str, object]) -> Record:
    """The object of a mask: a PNG, packed and in base64, whose corner is at `origin`."""
    corner = flat_points([value.get("origin")])
    if not isinstance(value.get("data"), str) or corner is None:
        raise InputError("expected `data` and `origin`")
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(unpacked(value["data"]), _LARGEST_BYTES)
    except zlib.error:
        raise InputError("its data are damaged") from None
    if unpacker.unconsumed_tail:
        raise InputError("it is too large")
    return mask_record(name, decode_mask(data), corner[0], corner[1], values)


def _tags(value: object) -> dict[str, object]:
    """Tags with a value, and those without one as true."""
    return {
        str(tag["name"]): tag.get("value") if isinstance(tag.get("value"), str | int | float) else True
        for tag in (value if isinstance(value, list) else ())
        if isinstance(tag, dict) and isinstance(tag.get("name"), str)
    }


EXTRACTOR = JsonFormat("Supervisely annotation", _claims, _fill, marks=(b'"objects"', b'"size"'), start=b"{")
