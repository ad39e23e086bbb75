"""Supervisely: a file for each picture, called `NAME.png.json`, of objects with a class and a geometry."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from logidsl.diagnostics import InputError
from logidsl.extract.formats.annotations import mask_record, ring_of
from logidsl.extract.formats.base import JsonFormat, Reading, flat_points, listed, mapping
from logidsl.extract.records import Record
from logidsl.extract.values import class_name

#: A mask of so many bytes would be larger than pictures may be.
_LARGEST_BYTES = 64 << 20


class Supervisely(JsonFormat):
    """Reads a Supervisely file."""

    name = "Supervisely annotation"
    marks = (b'"objects"', b'"size"')
    start = b"{"

    def claims(self, document: object) -> bool:
        """Whether it has objects with `classTitle`, or none of them and its other keys."""
        if not isinstance(document, dict) or not isinstance(document.get("objects"), list):
            return False
        objects = document["objects"]
        if not objects:
            return isinstance(document.get("size"), dict) and "tags" in document
        return any(isinstance(o, dict) and "classTitle" in o and "geometryType" in o for o in objects)

    def fill(self, document: object, reading: Reading) -> None:
        """Read the one picture."""
        assert isinstance(document, dict)
        size = mapping(document.get("size"))
        name = reading.path.stem  # `tray.png` of `tray.png.json`
        frame = reading.frame(name, size.get("width"), size.get("height"), name.rpartition(".")[0] or name)
        for place, item in listed(document["objects"], "object"):
            label = class_name(item.get("classTitle")) if isinstance(item, dict) else None
            if label is None or not isinstance(item, dict):
                reading.lose(frame, place, "expected a name in `classTitle`")
                continue
            record = _record(item, label, place)
            if isinstance(record, str):
                reading.lose(frame, place, record, label)
            else:
                record.values = {**record.values, **_tags(item.get("tags"))}
                reading.add(frame, record, flat=item.get("geometryType") in ("point", "line"))


EXTRACTOR = Supervisely()


def _record(item: Mapping[str, object], label: str, place: str) -> Record | str:
    """The object of a geometry, or why there is none."""
    kind = item.get("geometryType")
    points = item.get("points")
    exterior = flat_points(points.get("exterior")) if isinstance(points, dict) else None
    match kind:
        case "rectangle" if exterior is not None and len(exterior) == 4:
            return Record(label, exterior, place=place)
        case "polygon" if isinstance(points, dict) and (ring := ring_of(exterior)) is not None:
            inner = points.get("interior")
            holes = [ring_of(flat_points(h)) for h in inner] if isinstance(inner, list) else []
            box = [*ring.min(0).tolist(), *ring.max(0).tolist()]
            return Record(label, box, [ring, *(h for h in holes if h is not None)], place=place)
        case "point" | "line" if exterior is not None:
            xy = np.array(exterior).reshape(-1, 2)
            ends = sorted((xy[0].tolist(), xy[-1].tolist()))
            values: dict[str, object] = {"start": ends[0], "end": ends[1]} if kind == "line" else {}
            return Record(label, [*xy.min(0).tolist(), *xy.max(0).tolist()], values=values, place=place)
        case "bitmap":
            try:
                record = _bitmap(item.get("bitmap"), label)
            except InputError as error:
                return f"its bitmap cannot be read: {error}"
            record.place = place
            return record
        case _:
            return f"a geometry `{str(kind)[:20]}` is not read"


def _bitmap(value: object, label: str) -> Record:
    """The object of a mask: a PNG, packed and in base64, whose corner is at `origin`."""
    origin = value.get("origin") if isinstance(value, dict) else None
    corner = flat_points([origin])
    if not isinstance(value, dict) or not isinstance(value.get("data"), str) or corner is None:
        raise InputError("expected `data` and `origin`")
    try:
        packed = base64.b64decode(value["data"], validate=True)
        unpacker = zlib.decompressobj()
        data = unpacker.decompress(packed, _LARGEST_BYTES)
    except (binascii.Error, ValueError, zlib.error):
        raise InputError("its data are damaged") from None
    if unpacker.unconsumed_tail:
        raise InputError("it is too large")
    record = mask_record(label, _opaque(data), *corner)
    if record is None:
        raise InputError("it is empty")
    return record


def _opaque(data: bytes) -> npt.NDArray[np.generic]:
    """Where the picture of a mask is opaque, or not black where it has no alpha."""
    from logidsl.extract.pixels.header import read_header
    from logidsl.extract.pixels.opencv import opencv
    from logidsl.extract.pixels.picture import pixel_limit

    header = read_header(data, "it")
    if header.width * header.height > pixel_limit():
        raise InputError(f"it is too large: {header.width} by {header.height} px")
    cv2 = opencv()
    made = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if made is None:
        raise InputError("it is damaged")
    return np.asarray(made if made.ndim == 2 else made[:, :, 3] if made.shape[2] == 4 else made.max(axis=2))


def _tags(value: object) -> dict[str, object]:
    """Tags with a value, and those without one as true."""
    return {
        str(tag["name"]): tag.get("value") if isinstance(tag.get("value"), str | int | float) else True
        for _, tag in listed(value, "")
        if isinstance(tag, dict) and isinstance(tag.get("name"), str)
    }
