"""VoTT, versions 1 and 2: pictures with regions that have tags.

Version 1 has `frames` by the name of the picture, with boxes on a canvas of `width` by `height`; version 2 an `asset`
with `regions` in px, alone or among the `assets` of a project. A region with several tags may be of any of their
classes. A picture that nobody visited cannot be judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from logidsl.extract.formats.annotations import picture_beside, ring_of, ring_record, size_of
from logidsl.extract.formats.base import JsonFormat, Reading, flat_points, mapping, needed_numbers, numbers_of
from logidsl.extract.records import EntryError, PictureRecords, Record, needed
from logidsl.extract.values import class_name

_UNVISITED = 0
_BOX = ("left", "top", "width", "height")


def _claims(document: Any) -> bool:
    """Whether it has frames by name, or an asset with regions."""
    if isinstance(document, dict) and isinstance(document.get("frames"), dict):
        return bool({"framerate", "inputTags", "visitedFrames", "tag_colors"} & set(document))
    return isinstance(document, dict) and bool(_assets(document))


def _fill(document: Any, reading: Reading) -> None:
    """Read its pictures."""
    if isinstance(document.get("frames"), dict):
        _frames(document, reading)
        return
    for item in _assets(document):
        _asset(item, reading)


def _frames(document: Any, reading: Reading) -> None:
    """Version 1."""
    frames = document["frames"]
    visited = document.get("visitedFrames")
    empty = [v for v in visited if isinstance(v, str) and v not in frames] if isinstance(visited, list) else []
    for name, regions in [*frames.items(), *((v, []) for v in empty)]:
        frame = _sized(name, regions, reading)
        reading.read_each(frame, regions, f"{name}, region", _tag, partial(_on_canvas, frame))


def _on_canvas(frame: PictureRecords, region: Mapping[str, object], name: str) -> Record:
    """The object of a region of version 1, in px of the canvas on which it was drawn."""
    canvas = numbers_of(region, "width", "height")
    known = frame.width > 0 and canvas is not None and min(canvas) > 0
    across, down = (frame.width / canvas[0], frame.height / canvas[1]) if known and canvas else (1.0, 1.0)
    ring = ring_of(flat_points(region.get("points")))
    if ring is not None and region.get("type") not in ("Rectangle", "rectangle", "square", "Square"):
        return ring_record(name, ring * (across, down))
    x1, y1, x2, y2 = needed_numbers(region, "x1", "y1", "x2", "y2")
    return Record(name, [x1 * across, y1 * down, x2 * across, y2 * down])


def _sized(name: str, regions: object, reading: Reading) -> PictureRecords:
    """The picture of a frame: its own size, else that of the canvas on which regions were drawn."""
    picture = picture_beside(reading.path.parent, name)
    width, height = size_of(picture)
    if not width > 0:
        sizes = [numbers_of(region, "width", "height") for region in regions] if isinstance(regions, list) else []
        width, height = next((s for s in sizes if s is not None), (width, height))
    return reading.frame(name, width, height)


def _assets(document: Mapping[str, object]) -> list[Mapping[str, object]]:
    """The assets of version 2: that of the document, or those of a project."""
    several = document.get("assets")
    found = list(several.values()) if isinstance(several, dict) else [document]
    assets = [a for a in found if isinstance(a, dict) and isinstance(a.get("asset"), dict)]
    return [a for a in assets if isinstance(a.get("regions"), list)]


def _asset(item: Mapping[str, object], reading: Reading) -> None:
    asset = mapping(item["asset"])
    name = str(asset.get("name") or asset.get("path") or reading.path.stem)
    if not item["regions"] and asset.get("state") == _UNVISITED:
        reading.refuse(name, f"{name} was not visited: its content is unknown")
        return
    size = mapping(asset.get("size"))
    frame = reading.frame(name, size.get("width"), size.get("height"))
    reading.read_each(frame, item["regions"], f"{name}, region", _tag, _region)


def _region(region: Mapping[str, object], name: str) -> Record:
    """The object of a region of version 2."""
    box, ring = numbers_of(region.get("boundingBox"), *_BOX), ring_of(flat_points(region.get("points")))
    if box is None and ring is None:
        raise EntryError("expected `boundingBox` or at least three points")
    corners = None if box is None else [box[0], box[1], box[0] + box[2], box[1] + box[3]]
    return Record(name, corners, [] if ring is None else [ring])


def _tag(region: Mapping[str, object]) -> str:
    """The one tag of a region."""
    tags = region.get("tags")
    names = [class_name(t.get("name") if isinstance(t, dict) else t) for t in tags] if isinstance(tags, list) else []
    return needed(names[0] if len(names) == 1 else None, "expected one tag", tags)


EXTRACTOR = JsonFormat("VoTT annotations", _claims, _fill, one_of=(b'"frames"', b'"asset"'), start=b"{")
