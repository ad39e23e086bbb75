"""CVAT's XML, version 1.1: images with shapes, and tracks through the frames of a video.

Boxes and ellipses turn about their middle. A frame that a track is `outside` of does not have its object. A tag speaks
of a whole picture, and is no object. Frames of a video are called `frame_000012`.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt

from logidsl.diagnostics import InputError
from logidsl.extract.formats.annotations import ellipse, mask_record, ring_of, ring_record, turned_box
from logidsl.extract.formats.base import Reading, numbers_of
from logidsl.extract.formats.documents import read_bytes
from logidsl.extract.formats.xml_tree import Element, read_xml
from logidsl.extract.notes import Notes
from logidsl.extract.records import PictureRecords, Record, table_of
from logidsl.extract.values import class_name, number
from logidsl.ir import Program
from logidsl.table import ObjectTable

_SHAPES = ("box", "polygon", "polyline", "points", "ellipse", "mask", "cuboid", "skeleton")
_FLAT = ("polyline", "points", "skeleton")
#: A video of more frames is hardly one that was annotated.
_MOST_FRAMES = 1_000_000
_MOST_PIXELS = 100_000_000


class Cvat:
    """Reads a CVAT file."""

    name = "CVAT annotations"

    def matches(self, path: Path) -> bool:
        """Whether a file is one."""
        if path.suffix.lower() != ".xml":
            return False
        try:
            return b"<annotations" in read_bytes(path)[:65536].replace(b"\0", b"")
        except (OSError, InputError):
            return False

    def read(self, path: Path, program: Program) -> ObjectTable:
        """The table of its pictures.

        Raises
        ------
        InputError
            If it cannot be read or is none of CVAT's.
        """
        root = read_xml(path)
        if root.name != "annotations":
            raise InputError(f"{path} is not a CVAT file: expected `<annotations>`, found `<{root.name}>`")
        reading = Reading(path, Notes(str(path)))
        for image in root.all("image"):
            about = image.attributes
            frame = reading.frame(about.get("name") or path.stem, about.get("width"), about.get("height"))
            for n, shape in enumerate((e for e in image.inner if e.name in _SHAPES), 1):
                _add(frame, shape, shape.attributes.get("label"), f"{about.get('name')}, shape {n}", reading, {})
            for _ in image.all("tag"):
                reading.notes.count("a tag of a whole picture is not read", about.get("name") or "")
        tracks = list(root.all("track"))
        if tracks:
            _video(root, tracks, reading)
        return table_of(reading.frames, program, str(path), reading.notes)


EXTRACTOR = Cvat()


def _video(root: Element, tracks: list[Element], reading: Reading) -> None:
    """The frames of a video, with what its tracks have there."""
    about = _job(root)
    size = next((s for s in (about.all("original_size") if about else ())), Element("original_size"))
    shapes = [(track, e) for track in tracks for e in track.inner if e.name in _SHAPES]
    seen = [int(v) for _, e in shapes if (v := number(e.attributes.get("frame"))) is not None and v >= 0 and v % 1 == 0]
    count = number(about.get("size")) if about else None
    start = number(about.get("start_frame")) if about else None
    last = max([*seen, int(start or 0) + int(count or 0) - 1], default=-1)
    if last >= _MOST_FRAMES:
        raise InputError(f"{reading.path}: expected at most {_MOST_FRAMES} frames, found frame {last}")
    numbers = range(int(start or 0), last + 1) if count else sorted(set(seen))
    frames = {
        n: reading.frame(f"frame_{n:06}", size.get("width"), size.get("height"), f"frame_{n:06}") for n in numbers
    }
    strays: list[tuple[Element, Element]] = []
    for track, shape in shapes:
        frame = frames.get(int(number(shape.attributes.get("frame")) or 0)) if shape.attributes.get("frame") else None
        if frame is None:
            strays.append((track, shape))
        elif shape.attributes.get("outside") != "1":
            place = f"track {track.attributes.get('id')}, frame {shape.attributes.get('frame')}"
            track_id = track.attributes.get("id")
            _add(frame, shape, track.attributes.get("label"), place, reading, {}, track_id)
    for track, _ in strays:
        place, name = f"track {track.attributes.get('id')}", class_name(track.attributes.get("label"))
        for frame in frames.values():
            reading.lose(frame, place, "expected the number of a frame", name)


def _job(root: Element) -> Element | None:
    """What is said of the task or job."""
    for meta in root.all("meta"):
        for kind in ("task", "job"):
            for found in meta.all(kind):
                if not any(found.all("original_size")) and any(meta.all("original_size")):
                    found.inner += list(meta.all("original_size"))
                return found
    return None


def _add(
    frame: PictureRecords,
    shape: Element,
    label: str | None,
    place: str,
    reading: Reading,
    values: dict[str, object],
    track: str | None = None,
) -> None:
    name = class_name(label)
    if name is None:
        reading.lose(frame, place, "expected a name in `label`", None, label)
        return
    for attribute in shape.all("attribute"):
        if (key := attribute.attributes.get("name")) and attribute.text.strip():
            values[key] = attribute.text.strip()
    for key in ("occluded", "group_id"):
        if key in shape.attributes:
            values[key] = shape.attributes[key]
    record = _record(shape, name, place, values)
    if isinstance(record, str):
        reading.lose(frame, place, record, name)
        return
    record.id = track
    reading.add(frame, record, flat=shape.name in _FLAT)


def _record(shape: Element, name: str, place: str, values: dict[str, object]) -> Record | str:
    """The object of a shape, or why there is none."""
    said = shape.attributes
    turn = math.radians(number(said.get("rotation")) or 0.0)
    match shape.name:
        case "box":
            box = numbers_of(said, "xtl", "ytl", "xbr", "ybr")
            if box is None:
                return "expected `xtl, ytl, xbr, ybr`"
            x0, y0, x1, y1 = box
            if turn:
                ring = turned_box((x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0, turn)
                return ring_record(name, ring, values, place)
            return Record(name, box, values=values, place=place)
        case "polygon":
            ring_ = ring_of(_points(said.get("points")))
            return "expected at least three points" if ring_ is None else ring_record(name, ring_, values, place)
        case "ellipse":
            found = numbers_of(said, "cx", "cy", "rx", "ry")
            if found is None:
                return "expected `cx, cy, rx, ry`"
            cx, cy, rx, ry = found
            return ring_record(name, ellipse(cx, cy, rx, ry, turn), values, place)
        case "points" | "polyline" | "skeleton":
            inner = [p for e in shape.inner if e.name == "points" for p in _points(e.attributes.get("points")) or []]
            flat = inner if shape.name == "skeleton" else _points(said.get("points"))
            if not flat:
                return "expected points of two numbers"
            xy = np.array(flat).reshape(-1, 2)
            if shape.name == "polyline":
                ends = sorted((xy[0].tolist(), xy[-1].tolist()))
                values |= {"start": ends[0], "end": ends[1]}
            return Record(name, [*xy.min(0).tolist(), *xy.max(0).tolist()], values=values, place=place)
        case "mask":
            return _mask(said, name, place, values)
        case kind:
            return f"a `{kind}` is not read"


def _points(text: str | None) -> list[float] | None:
    """The numbers of `x,y;x,y;…`; None where they are not."""
    pairs = [[number(v) for v in pair.split(",")] for pair in (text or "").split(";") if pair.strip()]
    flat = [v for pair in pairs if len(pair) == 2 for v in pair if v is not None and math.isfinite(v)]
    return flat if flat and len(flat) == 2 * len(pairs) else None


def _mask(said: dict[str, str], name: str, place: str, values: dict[str, object]) -> Record | str:
    """The object of a mask: runs of 0 and 1 in turn, row by row, in a box."""
    place_, runs = numbers_of(said, "left", "top", "width", "height"), _runs(said.get("rle"))
    if place_ is None or runs is None:
        return "expected `rle, left, top, width, height`"
    left, top, width, height = place_
    size = int(width) * int(height)
    if width < 1 or height < 1 or size > _MOST_PIXELS or runs.sum() != size:
        return "its runs do not fill its box"
    bits = np.repeat(np.arange(len(runs)) % 2, runs).astype(np.uint8)
    record = mask_record(name, bits.reshape(int(height), int(width)), left, top)
    if record is None:
        return "its mask is empty"
    record.values, record.place = {**values, **record.values}, place
    return record


def _runs(text: str | None) -> npt.NDArray[np.int64] | None:
    found = [number(v) for v in (text or "").split(",")]
    known = [v for v in found if v is not None and 0 <= v <= _MOST_PIXELS and v % 1 == 0]
    return np.array(known, np.int64) if known and len(known) == len(found) else None
