"""COCO files: ground truth (`images`, `annotations`, `categories`) and result lists of detectors.

An annotation becomes an object whose class is its category's name, with its box, the outline of its polygons
or run-length mask, and its score. The JSON's own `area` is not read: it is often wrong, and the outline gives
it. Ground truth beside a result list lends it names and sizes. May import `ir`, `table` and `diagnostics`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PureWindowsPath

from logidsl.diagnostics import InputError
from logidsl.extract.formats.annotations import (
    box_record,
    mask_record,
    of_parts,
    ring_of,
    turn_deg_of,
)
from logidsl.extract.formats.base import Reading, of_score, plain
from logidsl.extract.formats.documents import FileReader, read_json, starts_as_json
from logidsl.extract.formats.resemblance import keys_of, unread
from logidsl.extract.formats.run_lengths import decode_runs
from logidsl.extract.records import PictureRecords, Record, add_strays, needed, unreadable
from logidsl.extract.values import class_name, four_numbers, number
from logidsl.ir import Program
from logidsl.table import COUNT, ObjectTable

_LONGEST_ID = 4000  # digits: Python reads no longer numbers
_READ = frozenset(
    ["id", "image_id", "category_id", "category_name", "bbox", "segmentation", "area", "score", "iscrowd"]
)


def is_coco(path: Path) -> bool:
    """Whether a file looks like COCO, by its extension and its keys."""
    return is_ground_truth(path) or starts_as_json(path, b"[", b'"image_id"', b'"category_id"')


def is_ground_truth(path: Path) -> bool:
    """Whether a file looks like COCO ground truth."""
    return any(starts_as_json(path, b"{", b'"annotations"', b'"images"', key) for key in (b'"categor', b'"image_id"'))


@dataclass
class _Dataset:
    """The pictures and categories of a file, and notes about it."""

    reading: Reading
    frames: dict[object, PictureRecords] = field(default_factory=dict)
    categories: dict[object, str] = field(default_factory=dict)
    known: frozenset[object] = frozenset()
    names: dict[str, object] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    strays: list[Record] = field(default_factory=list)

    def key_of(self, image_id: object) -> object:
        """The id of a picture here: its own, or that of the picture with this name, with or without extension."""
        key = _key(image_id)
        return key if key in self.frames else self.names.get(str(image_id), key)

    def called(self, image_id: object) -> str | None:
        """The name of a picture; None if it is not here."""
        frame = self.frames.get(self.key_of(image_id))
        return None if frame is None else frame.path


def read_coco(path: Path, program: Program) -> ObjectTable:
    """Read ground truth or results.

    Parameters
    ----------
    path : Path
        The JSON file. For a list of results, a file of ground truth in the same folder that has the pictures
        gives names and sizes.
    program : Program
        Says what classes are called.

    Returns
    -------
    ObjectTable
        All pictures of the file, in its order, those without objects too. A crowd stands for any number of
        objects. What is wrong with one annotation costs that one, with a note.

    Raises
    ------
    InputError
        If the file cannot be read or is none of COCO's.
    """
    document = read_json(path, _with_rings)
    reading = Reading(path, program)
    if isinstance(document, dict):
        data, items = _dataset(document, path, reading), document.pop("annotations", None)
    else:
        data, items = _beside(document, reading), document
    if not isinstance(items, list):
        raise InputError(f"{path} is not a COCO file: expected a list `annotations`, found none")
    items = _segments(items, reading)
    if items is document and (hint := unread([*keys_of(items)])):
        raise InputError(f"{path} is not a list of COCO results{hint}")
    data.known = frozenset(data.frames)
    for place, item in enumerate(items, 1):
        _add(data, item, f"annotation {place}")
        items[place - 1] = None  # free what has been read
    add_strays(data.reading.frames, data.strays)
    return data.reading.table()


def _segments(items: list[object], reading: Reading) -> list[object]:
    """Annotations, in place of those of panoptic segmentation their segments, without the masks."""
    if not any(isinstance(i, dict) and isinstance(i.get("segments_info"), list) for i in items):
        return items
    reading.notes.say("boxes of panoptic segments are read, their masks are not")
    found: list[object] = []
    for item in items:
        segments = item.get("segments_info") if isinstance(item, dict) else None
        picture = item.get("image_id") if isinstance(item, dict) else None
        if not isinstance(segments, list):
            found.append(item)
        else:
            found += [{**s, "image_id": picture} if isinstance(s, dict) else s for s in segments]
    return found


def _with_rings(item: dict[str, object]) -> dict[str, object]:
    """Points as arrays while the file is still being parsed: as Python's numbers they would take many times the memory.

    They are put into a tuple, which JSON has none of; None stands for points that are none.
    """
    parts = item.get("segmentation")
    if isinstance(parts, list) and parts:
        item["segmentation"] = tuple(ring_of(p) for p in ([parts] if isinstance(parts[0], int | float) else parts))
    return item


def _without_outlines(item: dict[str, object]) -> dict[str, object]:
    """Nothing of an annotation: of ground truth beside a result list pictures and categories are read."""
    return {} if "segmentation" in item or "bbox" in item else item


def _dataset(document: Mapping[str, object], path: Path, reading: Reading) -> _Dataset:
    """The pictures and categories of ground truth."""
    data, notes = _Dataset(reading), reading.notes
    if not isinstance(document.get("images"), list):
        raise InputError(f"{path} is not a COCO file: expected a list `images`, found none")
    for item in _items(document.get("categories")):
        given = class_name(item.get("name", item.get("id")))
        if given is None:
            notes.each(" has no name: its annotations may be of any class", f"category `{item.get('id')}`")
        elif data.categories.setdefault(_key(item.get("id")), given) != given:
            both = f"`{data.categories[_key(item.get('id'))]}` and `{given}`"
            raise InputError(f"{path}: expected each category once, found the id `{item.get('id')}` of {both}")
    for place, item in enumerate(_items(document["images"]), 1):
        key, name = _key(item.get("id")), item.get("file_name")
        if key in data.frames:
            notes.each(": its id is that of another picture, and the first counts", f"image {place}, id `{key}`")
            continue
        named = name if isinstance(name, str) and name.strip() else f"image {item.get('id', place)}"
        data.frames[key] = reading.frame(named, item.get("width"), item.get("height"))
        path_ = PureWindowsPath(named)
        stem = path_.stem
        number_ = {stem.lstrip("0") or "0": key} if stem.isascii() and stem.isdecimal() else {}  # as ultralytics has it
        data.names |= number_ | {path_.name: key, stem: key}
    return data


def _items(value: object) -> list[Mapping[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _key(value: object) -> object:
    """An id that compares: `1`, `1.0` and `"1"` are one, `"01"` is another."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and value.isascii() and value.isdecimal() and value == (value.lstrip("0") or "0"):
        return int(value) if len(value) < _LONGEST_ID else value
    return value if type(value) is int else str(value)


def _beside(results: object, reading: Reading) -> _Dataset:
    """The ground truth in the folder of a result list that has most of its pictures; else nothing is known."""
    asked = {_key(r.get("image_id")) for r in _items(results)}
    found: list[tuple[_Dataset, str]] = []
    most = 1
    for other in sorted(reading.path.parent.glob("*.json")):
        if other == reading.path or not is_ground_truth(other):
            continue
        try:
            document = read_json(other, _without_outlines)
            if not isinstance(document, dict):
                continue
            data = _dataset(document, other, Reading(reading.path, reading.program))
        except InputError:
            continue
        common = sum(key in data.frames or str(key) in data.names for key in asked)
        if common >= most:
            found, most = [*(found if common == most else ()), (data, other.name)], common
    if not found:
        return _Dataset(reading)
    best, name = found[0]
    for data, other_name in found[1:]:
        if data.categories != best.categories or any(data.called(key) != best.called(key) for key in asked):
            raise InputError(
                f"{reading.path}: {name} and {other_name} beside it have its pictures, under other names or with other "
                "categories: leave only its own ground truth in the folder"
            )
    best.reading.notes.say(f"pictures and categories taken from {name} beside it")
    return best


def _add(data: _Dataset, item: object, place: str) -> None:
    """Add the object of an annotation to its picture."""
    reading = data.reading
    if not isinstance(item, dict) or not isinstance(item.get("image_id"), str | int | float):
        why = "expected `image_id` and `category_id`"
        data.strays.append(unreadable(place, why, reading.notes, _named(data, item)))
        return
    key = data.key_of(item["image_id"])
    if key not in data.frames:
        data.frames[key] = PictureRecords(key if isinstance(key, str) else f"image {key}")
        reading.frames.append(data.frames[key])
    if data.known and key not in data.known:
        what = "an annotation of a picture that is not in the list: the picture is called by its id"
        reading.notes.count(what, f"{place}, id `{key}`")
    reading.read_entry(data.frames[key], place, item, partial(_class, data, place), partial(_record, data, place))


def _class(data: _Dataset, place: str, item: Mapping[str, object]) -> str:
    name, category = _named(data, item), item.get("category_id")
    if name is None and not data.categories and isinstance(category, str | int):
        data.reading.notes.count("no list `categories`: classes are called by number", place)
        return str(category)
    found = ", found none" if category is None else ""
    return needed(name, f"expected the id of a category in `category_id`{found}", category)


def _named(data: _Dataset, item: object) -> str | None:
    """The class of an annotation, or None."""
    if not isinstance(item, dict):
        return None
    return data.categories.get(_key(item.get("category_id"))) or class_name(item.get("category_name"))


def _record(data: _Dataset, place: str, item: Mapping[str, object], name: str) -> Record:
    box, parts, given, notes = _box(item.get("bbox")), item.get("segmentation"), item.get("id"), data.reading.notes
    attributes = plain(item.get("attributes"))
    rotation = attributes.get("rotation")
    turn_deg = turn_deg_of(rotation) if not parts and number(rotation) is not None else 0.0  # words are of a user
    record = Record(name, box)
    if turn_deg and not parts and (corners := four_numbers(box or ())) is not None:  # CVAT turns a box by an attribute
        record = box_record(name, corners, turn_deg)
    if parts:
        try:
            record = _outlined(parts, name)
            record.around, record.box = record.box, box or record.box  # type: ignore[assignment]
        except InputError as error:
            notes.each(": its outline is not read: ", f"{place}, `{name}`", error)
        if record.rings and isinstance(parts, tuple) and any(r is None for r in parts):
            notes.each(": a part of its outline is not read: expected at least three points", f"{place}, `{name}`")
    values = plain({k: v for k, v in item.items() if k not in _READ}) | dict(record.values)
    values |= of_score(item.get("score")) | attributes
    if item.get("iscrowd") in (1, True):
        values[COUNT] = "1.."
    record.values = values
    if isinstance(given, str | int | float):
        record.id = str(given)
        if record.id in data.seen:
            notes.each(": its id is that of another", f"{place}, id `{given}`")
        data.seen.add(record.id)
    elif given is not None:
        notes.count("an annotation id left out: expected a number or text", place)
    return record


def _box(value: object) -> Sequence[object] | None:
    """Corners of a box given as corner, width and height; other values are kept, to be reported."""
    if not isinstance(value, list) or not value:
        return None
    given = four_numbers(value)
    if given is None:
        return value
    x, y, width, height = given
    return [x, y, x + width, y + height]


def _outlined(segmentation: object, name: str) -> Record:
    """The object of polygons, as `_with_rings` has them, or of a mask.

    Raises
    ------
    InputError
        If it is neither; the object may still have its box.
    """
    if isinstance(segmentation, dict):
        return mask_record(name, *decode_runs(segmentation))
    good = [[r] for r in segmentation if r is not None] if isinstance(segmentation, tuple) else []
    if not good:
        raise InputError("expected lists of at least three points")
    rings, box, area = of_parts(good)
    return Record(name, box, rings, values={"area": area} if len(good) > 1 else {})


EXTRACTOR = FileReader("COCO annotation or result list", is_coco, read_coco)
