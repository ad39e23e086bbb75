"""YOLO annotations: a text file for each picture, a line for each object, in shares of the picture.

A line is `class x y width height` (the middle), or `class x y x y x y …`, the points of an outline or the four corners
of an oriented box; after it may stand a confidence, the number of a track, or both. Where a `data.yaml` has
`kpt_shape`, key points follow the box. Names of classes come from a `data.yaml`, `classes.txt`, `obj.names` or
`notes.json` in the folder or one above it, the size of the picture from its own header. What the numbers of a line are
is decided for the whole file, in `yolo_lines`. May import `ir`, `table` and `diagnostics`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from logidsl.diagnostics import InputError
from logidsl.extract.formats.annotations import picture_beside, ring_record
from logidsl.extract.formats.base import Reading, of_score
from logidsl.extract.formats.documents import FileReader, read_json, read_text
from logidsl.extract.formats.yolo_lines import Layout, layout_of
from logidsl.extract.pixels.header import SUFFIXES
from logidsl.extract.pixels.picture import picture_size
from logidsl.extract.records import EntryError, PictureRecords, Record, needed
from logidsl.extract.values import class_name, number
from logidsl.files import is_file, open_regular
from logidsl.ir import Program
from logidsl.table import ObjectTable

_LISTS = ("classes.txt", "obj.names", "_darknet.labels", "classes.names", "labels.txt")
_YAMLS = ("data.yaml", "data.yml", "dataset.yaml", "dataset.yml")
_ABOVE = 4
#: A share beyond this is not one: boxes reach beyond the picture by rounding and by augmentation only.
_FARTHEST = 2.0
_LINE = re.compile(rb"\s*[0-9]+(?:\.0*)?(?:[ \t]+[-+.0-9eE]+){4}(?:\s|$)")


def is_yolo(path: Path) -> bool:
    """Whether a file looks like YOLO: its first line is numbers, or it is empty beside a picture of its name."""
    if path.suffix.lower() != ".txt" or path.name.lower() in _LISTS:
        return False
    try:
        with open_regular(path) as (file, _):
            start = file.read(65536)
    except (OSError, InputError):
        return False
    if not start.strip():
        return picture_beside(path.parent, "", path.stem) is not None
    return bool(_LINE.match(start.removeprefix(b"\xef\xbb\xbf")))


def read_yolo(path: Path, program: Program, image: str | None = None) -> ObjectTable:
    """Read the annotation of one picture.

    Parameters
    ----------
    path : Path
        The text file; an empty one means no objects.
    program : Program
        Says what classes are called.
    image : str, optional
        The picture; else the one of the same name, in the usual folders.

    Raises
    ------
    InputError
        If the file cannot be read, its lines may be outlines or key points, or the picture is missing: shares of it
        are no lengths without its size.
    """
    picture = Path(image) if image else picture_beside(path.parent, "", path.stem)
    if picture is None:
        raise InputError(f"{path}: expected the picture of the same name, as its shares need its size; found none")
    if image is None:
        _require_one_size(path, picture)
    dataset, reading = dataset_of(path.parent), Reading(path, program)
    frame = reading.frame("", *picture_size(picture), image=image or str(picture))
    if not dataset.names:
        reading.notes.say("no list of class names beside it (data.yaml, classes.txt): classes are called by number")
    text = read_text(path) if path.stat().st_size else ""
    lines = [(f"line {n}", line.split()) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
    leading = [_leading(fields[1:]) for _, fields in lines]
    beyond = [next((v for v in numbers[:4] if abs(v) > _FARTHEST), None) for numbers in leading]
    if beyond and all(beyond):
        raise InputError(f"{path}: expected shares of the picture, from 0 to 1, found {beyond[0]:g} in {lines[0][0]}")
    layout = layout_of(leading, dataset.key_points, decided=dataset.described, source=str(path))
    for (place, fields), numbers in zip(lines, leading, strict=True):
        label = partial(_class, dataset.names, fields)
        reading.read_entry(frame, place, {}, label, partial(_shape, layout, frame, fields, numbers))
    if layout.key_points and lines:
        reading.notes.say("keypoints are not read")
    return reading.table()


def _require_one_size(path: Path, picture: Path) -> None:
    """See that no other picture of the same name has another size.

    Raises
    ------
    InputError
        If one has: of which the shares are is not known.
    """
    others = [p for ending in SUFFIXES if (p := picture.with_suffix(ending)) != picture and is_file(p)]
    other = next((p for p in others if picture_size(p) != picture_size(picture)), None)
    if other is not None:
        names = " and ".join(sorted((picture.name, other.name)))
        raise InputError(f"{path}: expected one picture of this name, found {names} of different sizes")


def _leading(fields: list[str]) -> list[float]:
    """The numbers that a line begins with, after its class."""
    numbers: list[float] = []
    for one in fields:
        value = number(one)
        if value is None or not math.isfinite(value):
            break
        numbers.append(value)
    return numbers


def _class(names: Mapping[int, str], fields: Sequence[str], _entry: Mapping[str, object]) -> str:
    code = number(fields[0])
    if code is None or not code.is_integer() or code < 0:
        raise EntryError("expected the number of a class and at least four numbers", " ".join(fields))
    name = names.get(int(code), None if names else str(int(code)))
    return needed(name, f"no class of this number in the list of {len(names)}", int(code))


def _shape(
    layout: Layout,
    frame: PictureRecords,
    fields: Sequence[str],
    numbers: Sequence[float],
    _entry: Mapping[str, object],
    name: str,
) -> Record:
    if len(numbers) < 4:
        raise EntryError("expected a class and at least four numbers", " ".join(fields))
    whole = len(numbers) + 1 == len(fields)
    read = layout.read(numbers if whole else numbers[:4])
    far = [v for v in (*read.box, *(v for point in read.points for v in point)) if abs(v) > _FARTHEST]
    if far:
        raise EntryError("expected shares of the picture, from 0 to 1", f"{max(far, key=abs):g}")
    scale = np.array([frame.width, frame.height])
    if read.points:
        record = ring_record(name, np.array(read.points) * scale)
    else:
        (x, y), (w, h) = (np.array(read.box[:2]) * scale).tolist(), (np.array(read.box[2:]) * scale).tolist()
        record = Record(name, [x - w / 2, y - h / 2, x + w / 2, y + h / 2])
        if w < 0 or h < 0:
            raise EntryError("its box has no area", " ".join(fields))
    record.id, record.values = read.track, of_score(read.confidence)
    record.doubts = [*read.doubts, *([] if whole else ["the numbers after its box are not read: expected numbers"])]
    return record


@dataclass(frozen=True)
class Dataset:
    """Information about all labels from the files around them.

    Parameters
    ----------
    names : dict of int to str
        Names of classes; empty without a list.
    key_points : int
        How many numbers of keypoints follow each box: `kpt_shape` multiplied out; 0 without.
    described : bool
        Whether there is a `data.yaml`, which says by `kpt_shape` whether there are key points.
    """

    names: dict[int, str] = field(default_factory=dict)
    key_points: int = 0
    described: bool = False


def dataset_of(folder: Path) -> Dataset:
    """Information about the labels of a folder, there or in the nearest folder above it.

    A list above the folder counts only if it belongs to a dataset: `labels.txt` does not count there.
    """
    return _dataset_of(folder.resolve())


@lru_cache(maxsize=64)
def _dataset_of(folder: Path) -> Dataset:
    described, key_points = False, 0
    for level, here in enumerate([folder, *folder.parents][: _ABOVE + 1]):
        for name in _YAMLS:
            if (here / name).is_file():
                found = _of_yaml(here / name)
                if not described:
                    described, key_points = found.described, found.key_points
                if found.names:
                    return Dataset(found.names, key_points, described)
        if (here / "notes.json").is_file() and (names := _of_notes(here / "notes.json")):
            return Dataset(names, key_points, described)
        for name in _LISTS if level == 0 else _LISTS[:-1]:
            if (here / name).is_file():
                return Dataset(_numbered(read_text(here / name).splitlines()), key_points, described)
    return Dataset({}, key_points, described)


def _numbered(names: Iterable[object]) -> dict[int, str]:
    return {place: name for place, given in enumerate(names) if (name := class_name(given)) is not None}


def _of_yaml(path: Path) -> Dataset:
    import yaml

    try:
        document = yaml.safe_load(read_text(path))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InputError(f"{path} is not valid YAML: {' '.join(str(error).split())[:200]}") from None
    if not isinstance(document, dict):
        return Dataset()
    names: dict[int, str] = {}
    match document.get("names"):
        case list(given):
            names = _numbered(given)
        case dict(given):
            codes = {code: class_name(v) for k, v in given.items() if (code := number(k)) is not None}
            names = {int(k): v for k, v in codes.items() if v is not None and k.is_integer()}
    match document.get("kpt_shape"):
        case None:
            return Dataset(names, 0, bool(names) or "train" in document or "val" in document)
        case [int(count), (2 | 3) as width] if 0 < count < 10_000:
            return Dataset(names, count * width, True)
        case shape:
            raise InputError(
                f"{path}: expected `kpt_shape` as the number of keypoints and 2 or 3, [17, 3] say, found `{shape}`"
            )


def _of_notes(path: Path) -> dict[int, str]:
    """Label Studio's list."""
    document = read_json(path)
    items = document.get("categories") if isinstance(document, dict) else None
    found = {
        int(i): class_name(item.get("name"))
        for item in (items if isinstance(items, list) else [])
        if isinstance(item, dict) and (i := number(item.get("id"))) is not None and math.isfinite(i)
    }
    return {code: name for code, name in found.items() if name is not None}


EXTRACTOR = FileReader("YOLO annotation", is_yolo, read_yolo)
