"""CVAT's XML, version 1.1: images with shapes, and tracks through the frames of a video.

Boxes and ellipses rotate about their centre. A frame in which a track is `outside` does not have its object, and a
skeleton not its `outside` points. A tag describes a whole picture, and is not an object. Frames of a video are called
`frame_000012`; of every fifth frame (`step=5`), the others are not pictures.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np

from logidsl.arrays import Pixels
from logidsl.diagnostics import InputError
from logidsl.extract.formats.annotations import (
    box_record,
    ellipse,
    line_record,
    mask_record,
    polygon_record,
    ring_record,
    turn_deg_of,
)
from logidsl.extract.formats.base import Reading, needed_numbers
from logidsl.extract.formats.documents import FileReader, sniffed
from logidsl.extract.formats.xml_tree import Element, read_xml
from logidsl.extract.records import EntryError, Record
from logidsl.extract.values import number
from logidsl.ir import Program
from logidsl.table import ObjectTable

_SHAPES = ("box", "polygon", "polyline", "points", "ellipse", "mask", "cuboid", "skeleton")
#: A video of more frames is hardly one that was annotated.
_MOST_FRAMES = 1_000_000
_MOST_PIXELS = 100_000_000


def is_cvat(path: Path) -> bool:
    """Whether a file looks like CVAT, by its ending and its root."""
    return b"<annotations" in sniffed(path, ".xml")[:65536].replace(b"\0", b"")


def read_cvat(path: Path, program: Program) -> ObjectTable:
    """The table of the pictures of a file.

    Raises
    ------
    InputError
        If it cannot be read, or is not a CVAT file.
    """
    root = read_xml(path)
    if root.name != "annotations":
        raise InputError(f"{path} is not a CVAT file: expected `<annotations>`, found `<{root.name}>`")
    reading = Reading(path, program)
    for image in root.all("image"):
        about = image.attributes
        frame = reading.frame(about.get("name") or path.stem, about.get("width"), about.get("height"))
        for n, shape in enumerate((e for e in image.inner if e.name in _SHAPES), 1):
            place = f"{about.get('name')}, shape {n}"
            reading.read_entry(frame, place, shape.attributes, "label", partial(_shape, shape))
        for _ in image.all("tag"):
            reading.notes.count("a tag of a whole picture is not read", about.get("name") or "")
    tracks = list(root.all("track"))
    if tracks:
        _video(root, tracks, reading)
    return reading.table()


def _video(root: Element, tracks: list[Element], reading: Reading) -> None:
    """The frames of a video, with the objects of its tracks."""
    about = _job(root)
    size = next((s for s in (about.all("original_size") if about else ())), Element("original_size"))
    shapes = [(track, e) for track in tracks for e in track.inner if e.name in _SHAPES]
    seen = [int(v) for _, e in shapes if (v := number(e.attributes.get("frame"))) is not None and v >= 0 and v % 1 == 0]
    count = number(about.get("size")) if about else None
    start = number(about.get("start_frame")) if about else None
    step = _step(about)
    last = max([*seen, int(start or 0) + (int(count or 0) - 1) * step], default=-1)
    if last >= _MOST_FRAMES:
        raise InputError(f"{reading.path}: expected at most {_MOST_FRAMES} frames, found frame {last}")
    numbers = sorted({*seen, *range(int(start or 0), last + 1, step)} if count else set(seen))
    frames = {
        n: reading.frame(f"frame_{n:06}", size.get("width"), size.get("height"), f"frame_{n:06}") for n in numbers
    }
    for track, shape in shapes:
        entry, n = shape.attributes | track.attributes, number(shape.attributes.get("frame"))
        place = f"track {entry.get('id')}, frame {entry.get('frame')}"
        if n is None or int(n) not in frames:
            for frame in frames.values():
                reading.read_entry(frame, place, entry, "label", _stray)
        elif not _is_absent(shape):
            reading.read_entry(frames[int(n)], place, entry, "label", partial(_shape, shape))


def _step(about: Element | None) -> int:
    """How many frames of the video there are for each one that was annotated."""
    found = re.fullmatch(r"\s*step\s*=\s*([1-9][0-9]{0,5})\s*", about.get("frame_filter") or "") if about else None
    return int(found[1]) if found else 1


def _stray(_entry: Mapping[str, object], _name: str) -> Record:
    raise EntryError("expected the number of a frame")


def _job(root: Element) -> Element | None:
    """The metadata of the task or job."""
    for meta in root.all("meta"):
        for kind in ("task", "job"):
            for found in meta.all(kind):
                if not any(found.all("original_size")) and any(meta.all("original_size")):
                    found.inner += list(meta.all("original_size"))
                return found
    return None


def _shape(shape: Element, entry: Mapping[str, object], name: str) -> Record:
    """The object of a shape, whose `entry` has the attributes of its track, too."""
    values: dict[str, object] = {
        key: text for a in shape.all("attribute") if (key := a.attributes.get("name")) and (text := a.text.strip())
    }
    values |= {key: entry[key] for key in ("occluded", "group_id") if key in entry}
    record = _drawn(shape, name, values)
    record.id = None if entry is shape.attributes or "id" not in entry else str(entry["id"])
    return record


def _drawn(shape: Element, name: str, values: dict[str, object]) -> Record:
    said = shape.attributes
    turn_deg = turn_deg_of(said.get("rotation"))
    match shape.name:
        case "box":
            return box_record(name, needed_numbers(said, "xtl", "ytl", "xbr", "ybr"), turn_deg, values)
        case "polygon":
            return polygon_record(name, _points(said.get("points")), values)
        case "ellipse":
            cx, cy, rx, ry = needed_numbers(said, "cx", "cy", "rx", "ry")
            return ring_record(name, ellipse(cx, cy, rx, ry, math.radians(turn_deg)), values)
        case "points" | "polyline" | "skeleton" as kind:
            joints = [p for e in _joints(shape) for p in _points(e.attributes.get("points")) or []]
            flat = joints if kind == "skeleton" else _points(said.get("points"))
            if not flat:
                raise EntryError("expected points of two numbers")
            return line_record(name, np.array(flat).reshape(-1, 2), values, ends=kind == "polyline")
        case "mask":
            left, top, width, height = needed_numbers(said, "left", "top", "width", "height")
            mask = _mask(said.get("rle"), int(width), int(height))
            return mask_record(name, mask, left, top, values)
        case kind:
            raise EntryError(f"a `{kind}` is not read")


def _joints(skeleton: Element) -> list[Element]:
    """The points of a skeleton that are in the picture; the others have the place at which they last were."""
    return [e for e in skeleton.all("points") if e.attributes.get("outside") != "1"]


def _is_absent(shape: Element) -> bool:
    """Whether the object of a shape is not in its frame."""
    if shape.name == "skeleton" and any(shape.all("points")):
        return not _joints(shape)
    return shape.attributes.get("outside") == "1"


def _points(text: str | None) -> list[float] | None:
    """The numbers of `x,y;x,y;…`, or None."""
    pairs = [[number(v) for v in pair.split(",")] for pair in (text or "").split(";") if pair.strip()]
    flat = [v for pair in pairs if len(pair) == 2 for v in pair if v is not None and math.isfinite(v)]
    return flat if flat and len(flat) == 2 * len(pairs) else None


def _mask(text: str | None, width: int, height: int) -> Pixels:
    """A mask of a size from its runs of 0 and 1 in turn, row by row."""
    found = [number(v) for v in (text or "").split(",")]
    runs = [int(v) for v in found if v is not None and 0 <= v <= _MOST_PIXELS and v % 1 == 0]
    fits = len(runs) == len(found) and min(width, height) >= 1 and width * height <= _MOST_PIXELS
    if not fits or sum(runs) != width * height:
        raise EntryError("its runs do not fill its box")
    return np.repeat(np.arange(len(runs)) % 2, runs).astype(np.uint8).reshape(height, width)


EXTRACTOR = FileReader("CVAT annotations", is_cvat, read_cvat)
