"""COCO files: ground truth (`images`, `annotations`, `categories`) and result lists of detectors.

An annotation becomes an object whose class is its category's name, with its box, the outline of its polygons
or run-length mask, and its score. The JSON's own `area` is not read: it is often wrong, and the outline gives
it. Ground truth beside a result list lends it names and sizes. May import `ir`, `table` and `diagnostics`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from logidsl.diagnostics import InputError
from logidsl.extract.annotations import checked, mask_record, of_parts, picture_beside, ring_of, side, size_of
from logidsl.extract.documents import read_json, starts_as_json
from logidsl.extract.extras import needed
from logidsl.extract.records import Frame, Record, number, table_of
from logidsl.ir import Program
from logidsl.table import COUNT, ObjectTable

_READ = frozenset(
    ["id", "image_id", "category_id", "category_name", "bbox", "segmentation", "area", "score", "iscrowd"]
)
#: A mask of more pixels than this is refused before memory is asked for it.
_MOST_PIXELS = 1 << 28


class Coco:
    """Reads a COCO file."""

    name = "COCO annotation or result list"

    def matches(self, path: Path) -> bool:
        """Whether a file is COCO's, judged by its ending and its keys."""
        return is_ground_truth(path) or starts_as_json(path, b"[", b'"image_id"', b'"category_id"')

    def read(self, path: Path, program: Program) -> ObjectTable:
        """The table of all its pictures; see `read_coco`."""
        return read_coco(path, program)


EXTRACTOR = Coco()


def is_ground_truth(path: Path) -> bool:
    """Whether a file looks like COCO's ground truth."""
    return starts_as_json(path, b"{", b'"annotations"', b'"images"', b'"categor')


@dataclass
class _Dataset:
    """What a file says of pictures and categories."""

    frames: dict[object, Frame] = field(default_factory=dict)
    categories: dict[object, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    strange: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)

    def odd(self, what: str, place: str) -> None:
        """Note one more case of something strange; each kind becomes one note, with how often and where first."""
        self.strange[what] += 1
        self.first.setdefault(what, place)

    def all_notes(self) -> list[str]:
        """The notes, those of single things first."""
        counted = [f"{what} ({n} of them, first {self.first[what]})" for what, n in self.strange.items()]
        return self.notes + counted


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
    document = read_json(path)
    if isinstance(document, dict):
        data, items = _dataset(document, path), document.get("annotations")
    else:
        data, items = _beside(document, path), document
    if not isinstance(items, list):
        raise InputError(f"{path} is no COCO file: expected a list `annotations`, found none")
    seen: set[str] = set()
    for place, item in enumerate(items, 1):
        _add(data, item, f"annotation {place}", path, seen)
    return table_of(list(data.frames.values()), program, str(path), data.all_notes())


def _dataset(document: Mapping[str, object], path: Path) -> _Dataset:
    """The pictures and categories of ground truth."""
    data = _Dataset()
    for wanted in ("images", "categories"):
        if not isinstance(document.get(wanted), list):
            raise InputError(f"{path} is no COCO file: expected a list `{wanted}`, found none")
    for item in _items(document["categories"]):
        data.categories[_key(item.get("id"))] = str(item.get("name") or item.get("id"))
    for place, item in enumerate(_items(document["images"]), 1):
        key, name = _key(item.get("id")), item.get("file_name")
        if key in data.frames:
            data.odd(f"image id `{key}` given twice: the first counts", f"image {place}")
            continue
        width, height = side(item.get("width")), side(item.get("height"))
        named = name if isinstance(name, str) and name.strip() else f"image {item.get('id', place)}"
        picture = picture_beside(path.parent, named)
        if math.isnan(width) or math.isnan(height):
            width, height = size_of(picture)
        data.frames[key] = Frame(str(picture or named), width, height)
    return data


def _items(value: object) -> list[Mapping[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _key(value: object) -> object:
    """An id that compares: `1`, `1.0` and `"1"` are one."""
    found = number(value)
    return int(found) if found is not None and found.is_integer() else str(value)


def _beside(results: object, path: Path) -> _Dataset:
    """The ground truth in the folder of a result list that has most of its pictures; else nothing is known."""
    asked = {_key(r.get("image_id")) for r in _items(results)}
    best, most = _Dataset(), 0
    for other in sorted(path.parent.glob("*.json")):
        if other == path or not is_ground_truth(other):
            continue
        try:
            document = read_json(other)
            data = _dataset(document, other) if isinstance(document, dict) else _Dataset()
        except InputError:
            continue
        common = len(asked & set(data.frames))
        if common > most:
            best, most = data, common
            best.notes = [f"pictures and categories taken from {other.name} beside it"]
    return best


def _add(data: _Dataset, item: object, place: str, path: Path, seen: set[str]) -> None:
    """Add the object of an annotation to its picture."""
    if not isinstance(item, dict) or "image_id" not in item or ("category_id" not in item and "bbox" not in item):
        data.odd("an annotation left out: expected `image_id` and `category_id`", place)
        return
    key = _key(item["image_id"])
    if key not in data.frames:
        if data.frames:
            data.odd(f"no picture of id `{key}`: its objects are on a picture of that name", place)
        data.frames[key] = Frame(f"image {key}")
    frame = data.frames[key]
    category = _key(item.get("category_id"))
    name = data.categories.get(category) or item.get("category_name")
    if not isinstance(name, str):
        data.odd(f"no category of id `{category}`: taken as the class `{category}`", place)
        name = str(category)
    record = _record(item, name, place, frame, data)
    if record is None:
        return
    given = item.get("id")
    if isinstance(given, str | int | float):
        record.id = str(given)
        if record.id in seen:
            data.odd(f"annotation id `{given}` given twice", place)
        seen.add(record.id)
    elif given is not None:
        data.odd("an annotation id left out: expected a number or text", place)
    kept = checked(record, frame.width, frame.height, data.notes)
    if kept is not None:
        frame.records.append(kept)


def _record(item: Mapping[str, object], name: str, place: str, frame: Frame, data: _Dataset) -> Record | None:
    box = _box(item.get("bbox"))
    try:
        record = _outlined(item.get("segmentation"), name)
    except InputError as error:
        if "extra" in str(error):
            raise
        data.notes.append(f"{place}, `{name}`: {error}")
        record = None
    if record is None:
        record = Record(name, box)
    elif box is not None:
        record.box = box
    values: dict[str, object] = {k: v for k, v in item.items() if k not in _READ and isinstance(v, str | int | float)}
    values |= record.values
    if number(item.get("score")) is not None:
        values["confidence"] = number(item["score"])
    attributes = item.get("attributes")
    if isinstance(attributes, dict):
        values |= {k: v for k, v in attributes.items() if isinstance(v, str | int | float)}
    if item.get("iscrowd") in (1, True):
        values[COUNT] = "1.."
    record.values, record.place = values, place
    return record


def _box(value: object) -> list[object] | None:
    """Corners of a box that is given as corner, width and height; what is none stays, to be named as wrong."""
    if not isinstance(value, list) or not value:
        return None
    given = [number(v) for v in value]
    if len(given) != 4 or any(v is None for v in given):
        return value
    x, y, width, height = (v for v in given if v is not None)
    return [x, y, x + width, y + height]


def _outlined(segmentation: object, name: str) -> Record | None:
    """The object of polygons or of a mask; None where there is none.

    Raises
    ------
    InputError
        If it is neither; the object may still have its box.
    """
    if isinstance(segmentation, dict):
        return mask_record(name, _mask(segmentation))
    if not isinstance(segmentation, list) or not segmentation:
        return None
    if isinstance(segmentation[0], int | float):
        segmentation = [segmentation]
    rings = [ring_of(p) for p in segmentation]
    good = [[r] for r in rings if r is not None]
    if not good:
        raise InputError("its outline is none: expected lists of at least three points")
    outline, box, area = of_parts(good)
    return Record(name, box, outline, values={"area": area} if len(good) > 1 else {})


def _mask(rle: Mapping[str, object]) -> npt.NDArray[np.uint8]:
    """The mask of a run-length code.

    Raises
    ------
    InputError
        If it is broken, or the extra that decodes it is not installed.
    """
    size, counts = rle.get("size"), rle.get("counts")
    sides = [number(v) for v in size] if isinstance(size, list) and len(size) == 2 else []
    if len(sides) != 2 or any(v is None or not 1 <= v <= _MOST_PIXELS or v != int(v) for v in sides):
        raise InputError(f"its mask has no size: expected `[height, width]`, found `{str(size)[:40]}`")
    height, width = (int(v) for v in sides if v is not None)
    if height * width > _MOST_PIXELS:
        raise InputError(f"its mask is too large: {width} by {height} px")
    coder = needed("pycocotools.mask", "coco", "reading COCO's run-length masks")
    try:
        if isinstance(counts, list):
            _see_runs(counts, height * width)
            packed = coder.frPyObjects({"size": [height, width], "counts": counts}, height, width)
        else:
            text = counts.encode("ascii") if isinstance(counts, str) else b""
            _see_code(text, height * width)
            packed = {"size": [height, width], "counts": text}
        return np.asarray(coder.decode(packed), np.uint8)
    except (ValueError, TypeError, OverflowError, UnicodeEncodeError, MemoryError) as error:
        raise InputError(f"its mask cannot be decoded: {error}") from None


def _see_runs(runs: Sequence[object], pixels: int) -> None:
    """See that runs fill a mask: the decoder writes where they lead, without a look."""
    if any(isinstance(r, bool) or not isinstance(r, int) or r < 0 for r in runs) or sum(runs) != pixels:  # type: ignore[arg-type]
        raise ValueError(f"expected runs of {pixels} pixels in all")


def _see_code(code: bytes, pixels: int) -> None:
    """The same for the packed form: six bits a character, five of them value, differences from the third run on."""
    runs: list[int] = []
    at = 0
    while at < len(code):
        value, shift, more = 0, 0, True
        while more:
            if at >= len(code) or shift > 60:
                raise ValueError("its code is cut short")
            bits = code[at] - 48
            if not 0 <= bits < 64:
                raise ValueError(f"expected characters of the code, found byte {code[at]}")
            value |= (bits & 0x1F) << shift
            more = bool(bits & 0x20)
            at, shift = at + 1, shift + 5
            if not more and bits & 0x10:
                value -= 1 << shift
        runs.append(value + runs[-2] if len(runs) > 2 else value)
    _see_runs(runs, pixels)
