"""YOLO annotations: a text file for each picture, a line for each object, in shares of the picture.

A line is `class x y width height` (the middle), with a confidence after it where a detector wrote it, or
`class x y x y x y …`, the points of an outline. Names of classes come from a `data.yaml`, `classes.txt`,
`obj.names` or `notes.json` in the folder or one above it, the size of the picture from its own header. May
import `ir`, `table` and `diagnostics`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import numpy as np

from logidsl.diagnostics import InputError
from logidsl.extract.annotations import checked, picture_beside, ring_of
from logidsl.extract.documents import read_json, read_text
from logidsl.extract.notes import Notes
from logidsl.extract.picture import picture_size
from logidsl.extract.records import Frame, Record, table_of
from logidsl.extract.values import number
from logidsl.files import open_regular
from logidsl.ir import Program
from logidsl.table import ObjectTable

_LISTS = ("classes.txt", "obj.names", "_darknet.labels", "classes.names", "labels.txt")
_YAMLS = ("data.yaml", "data.yml", "dataset.yaml", "dataset.yml")
_ABOVE = 4
#: A share beyond this is no share: boxes reach beyond the picture by rounding only.
_FARTHEST = 2.0
_LINE = re.compile(rb"\s*\d+(?:\.0*)?(?:\s+[-+.\deE]+){4,}\s*(?:\n|\r|$)")


class Yolo:
    """Reads a YOLO file."""

    name = "YOLO annotation"

    def matches(self, path: Path) -> bool:
        """Whether a file is one."""
        return is_yolo(path)

    def read(self, path: Path, program: Program) -> ObjectTable:
        """The table of one annotated picture; see `read_yolo`."""
        return read_yolo(path, program)


EXTRACTOR = Yolo()


def is_yolo(path: Path) -> bool:
    """Whether a file looks like YOLO's: its first line is numbers, or it is empty beside a picture of its name."""
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
        The text file; an empty one says that there is no object.
    program : Program
        Says what classes are called.
    image : str, optional
        The picture; else the one of the same name, in the usual folders.

    Raises
    ------
    InputError
        If the file cannot be read, or the picture is missing: shares of it are no lengths without its size.
    """
    picture = Path(image) if image else picture_beside(path.parent, "", path.stem)
    if picture is None:
        raise InputError(f"{path}: expected the picture of the same name, as its shares need its size; found none")
    width, height = picture_size(picture)
    names = class_list(path.parent)
    frame, notes = Frame(image or str(picture), float(width), float(height)), Notes(str(path))
    if not names:
        notes.say("no list of class names beside it (data.yaml, classes.txt): classes are called by number")
    lines, wrong = read_text(path).splitlines() if path.stat().st_size else [], 0
    for place, line in enumerate(lines, 1):
        if line.strip():
            record = _record(line.split(), f"line {place}", names, (width, height), notes)
            wrong += record is None
            kept = checked(record, frame.width, frame.height, notes) if record else None
            if kept is not None:
                frame.records.append(kept)
    if wrong and wrong == sum(bool(line.strip()) for line in lines):  # then these are no shares of a picture
        raise InputError(f"{path} has no line that can be read: {notes.lines()[-1].removeprefix(f'{path}: ')}")
    return table_of([frame], program, str(path), notes)


def _record(fields: list[str], place: str, names: dict[int, str], size: tuple[int, int], notes: Notes) -> Record | None:
    values = [number(f) for f in fields]
    if len(values) < 5 or any(v is None or not math.isfinite(v) for v in values):
        shown = f", found `{' '.join(fields)[:60]}`"
        notes.each(" left out: expected a class and at least four numbers", place, shown)
        return None
    first, *rest = (v for v in values if v is not None)
    if any(abs(v) > _FARTHEST for v in rest):
        far = f", found {max(rest, key=abs):g}"
        notes.each(" left out: expected shares of the picture, from 0 to 1", place, far)
        return None
    name = names.get(int(first), str(int(first)))
    if names and int(first) not in names:
        notes.count(f"no class of number {int(first)} in the list of {len(names)}", place)
    scale = np.array(size, np.float64)
    if len(rest) in (4, 5):
        (x, y), (w, h) = np.array(rest[:2]) * scale, np.array(rest[2:4]) * scale
        other: dict[str, object] = {"confidence": rest[4]} if len(rest) == 5 else {}
        return Record(name, [x - w / 2, y - h / 2, x + w / 2, y + h / 2], values=other, place=place)
    other = {"confidence": rest.pop()} if len(rest) % 2 else {}
    ring = ring_of(rest)
    if ring is None:
        notes.each(f" left out: expected a box or the points of an outline, found {len(rest)} numbers", place)
        return None
    ring = ring * scale
    return Record(name, [*ring.min(0).tolist(), *ring.max(0).tolist()], [ring], values=other, place=place)


def class_list(folder: Path) -> dict[int, str]:
    """The names of classes by number, from the folder or the nearest above it; empty where there is no list.

    A list above the folder counts only where it lies with a dataset: `labels.txt` is no list there.
    """
    return _class_list(folder.resolve())


@lru_cache(maxsize=64)
def _class_list(folder: Path) -> dict[int, str]:
    for level, here in enumerate([folder, *folder.parents][: _ABOVE + 1]):
        for name in _YAMLS:
            if (here / name).is_file() and (found := _of_yaml(here / name)):
                return found
        if (here / "notes.json").is_file() and (found := _of_notes(here / "notes.json")):
            return found
        for name in _LISTS if level == 0 else _LISTS[:-1]:
            if (here / name).is_file():
                return _numbered(line.strip() for line in read_text(here / name).splitlines() if line.strip())
    return {}


def _numbered(names: Iterable[object]) -> dict[int, str]:
    return {number_: str(name) for number_, name in enumerate(names)}


def _of_yaml(path: Path) -> dict[int, str]:
    import yaml

    try:
        document = yaml.safe_load(read_text(path))
    except (yaml.YAMLError, RecursionError) as error:
        raise InputError(f"{path} is no YAML: {' '.join(str(error).split())[:200]}") from None
    names = document.get("names") if isinstance(document, dict) else None
    match names:
        case list():
            return _numbered(names)
        case dict():
            return {int(k): str(v) for k, v in names.items() if number(k) is not None}
        case _:
            return {}


def _of_notes(path: Path) -> dict[int, str]:
    """Label Studio's list."""
    document = read_json(path)
    items = document.get("categories") if isinstance(document, dict) else None
    return {
        int(i): str(item.get("name"))
        for item in (items if isinstance(items, list) else [])
        if isinstance(item, dict) and (i := number(item.get("id"))) is not None
    }
