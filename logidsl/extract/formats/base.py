"""Shared code of readers for annotation tools: recognising files, their pictures, and unreadable entries.

A reader says by which keys it knows a document and fills in its pictures, an entry at a time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

from logidsl.diagnostics import InputError
from logidsl.extract.formats.annotations import checked, picture_beside, side, size_of
from logidsl.extract.formats.documents import JSON_ENDINGS, read_json, starts_as_json
from logidsl.extract.notes import Notes, lost_lines
from logidsl.extract.records import PictureRecords, Record, needed, table_of, unreadable
from logidsl.extract.values import class_name, number
from logidsl.ir import Program
from logidsl.table import ObjectTable, Problem

#: How much of a document's list is examined to recognise its format.
_LOOKED_AT = 50


#: The key of an entry's class, or a function that finds it and may raise `EntryError`.
Label: TypeAlias = str | Callable[[Mapping[str, object]], str]
#: Makes the object of an entry and its class; may raise `EntryError`.
Shape: TypeAlias = Callable[[Mapping[str, object], str], Record]


@dataclass
class Reading:
    """The state of reading a file.

    Parameters
    ----------
    path : Path
        The file.
    program : Program
        The names of classes and attributes.
    image : str, optional
        The picture, if it is known and the only one.
    frames : list of PictureRecords
        Its pictures so far.
    problems : list of Problem
        Pictures that cannot be judged.
    """

    path: Path
    program: Program
    image: str | None = None
    frames: list[PictureRecords] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.notes = Notes(str(self.path))

    def frame(
        self, name: str, width: object = None, height: object = None, stem: str = "", image: str | None = None
    ) -> PictureRecords:
        """A further picture: `image`, else where it lies beside the file; its size as given, else from its header."""
        picture = Path(image) if image else picture_beside(self.path.parent, name, stem)
        size = side(width, self.notes), side(height, self.notes)
        if any(map(math.isnan, size)):
            size = size_of(picture)
        self.frames.append(PictureRecords(str(picture or name or stem), *size, named=name or stem))
        return self.frames[-1]

    def read_each(self, frame: PictureRecords, entries: object, what: str, label: Label, shape: Shape) -> None:
        """Add the object of each entry of a list; `what` names an entry in notes: `box` 3."""
        for place, entry in enumerate(entries if isinstance(entries, list) else (), 1):
            self.read_entry(frame, f"{what} {place}", mapping(entry), label, shape)

    def read_entry(
        self, frame: PictureRecords, place: str, entry: Mapping[str, object], label: Label, shape: Shape
    ) -> None:
        """Add the object of an entry; one that cannot be read becomes an uncertain object, with a note."""
        name = None
        try:
            name = label(entry) if callable(label) else name_under(entry, label)
            record = shape(entry, name)
            record.place = place
            for doubt in record.doubts:
                self.notes.each(f": {doubt}", f"{place}, `{name}`")
        except InputError as error:
            record = unreadable(place, str(error), self.notes, name, getattr(error, "found", ""))
        frame.records.append(checked(record, frame.width, frame.height, self.notes))

    def refuse(self, name: str, why: str) -> None:
        """Record that a picture cannot be judged."""
        self.problems.append(Problem(name, f"{self.path}: {why}"))

    def table(self, broken: Mapping[int, str] | None = None) -> ObjectTable:
        """The table of all pictures; `broken` are the lines of the file that are not JSON."""
        if self.image and len(self.frames) == 1:
            self.frames[0].path = self.image
        table = table_of(self.frames, self.program, str(self.path), self.notes)
        return replace(table, problems=(*self.problems, *lost_lines(self.path, broken or {})))


@dataclass(frozen=True)
class JsonFormat:
    """A reader of JSON files of one tool.

    Parameters
    ----------
    name : str
        What it reads, for people.
    claims : callable
        Whether a parsed document is one of its own.
    fill : callable
        Reads a document of its own; may raise InputError if nothing of it can be read.
    marks : tuple of bytes
        What each of its files holds somewhere: other files are not parsed to see whose they are.
    one_of : tuple of bytes
        Of these each of its files holds one at least.
    start : bytes
        How its files begin, where that tells them from others.
    endings : tuple of str
        Of its files.
    parse : callable
        The document of a file; takes what is wrong with lines that are no JSON.
    """

    name: str
    claims: Callable[[Any], bool]
    fill: Callable[[Any, Reading], None]
    marks: tuple[bytes, ...] = ()
    one_of: tuple[bytes, ...] = (b"",)
    start: bytes = b""
    endings: tuple[str, ...] = JSON_ENDINGS
    parse: Callable[[Path, dict[int, str]], object] = lambda path, broken: read_json(path, broken=broken)

    def matches(self, path: Path) -> bool:
        """Whether a file is one of its own."""
        if not any(starts_as_json(path, self.start, mark, *self.marks, endings=self.endings) for mark in self.one_of):
            return False
        try:
            return self.claims(self.parse(path, {}))
        except InputError:
            return False

    def read(self, path: Path, program: Program, image: str | None = None) -> ObjectTable:
        """The table of its pictures, of which a single one may be known as `image`.

        Raises
        ------
        InputError
            If nothing of it can be read.
        """
        broken: dict[int, str] = {}
        document, reading = self.parse(path, broken), Reading(path, program, image)
        self.fill(document, reading)
        return reading.table(broken)


def items_of(document: object) -> list[Mapping[str, object]]:
    """The mappings of a list, or the one that a document is."""
    found = document if isinstance(document, list) else [document]
    return [item for item in found if isinstance(item, dict)]


def all_have(document: object, *keys: str) -> bool:
    """Whether a document is a mapping, or a list of mappings, that have all of some keys.

    Examples
    --------
    >>> all_have([{"a": 1}, {"a": 2}], "a"), all_have([], "a"), all_have([{"a": 1}, 7], "a")
    (True, False, False)
    """
    found = document if isinstance(document, list) else [document]
    return bool(found) and all(isinstance(i, dict) and all(k in i for k in keys) for i in found[:_LOOKED_AT])


def name_under(entry: Mapping[str, object], key: str) -> str:
    """The class that an entry has under a key.

    Raises
    ------
    EntryError
        If it is not a name.
    """
    return needed(class_name(entry.get(key)), f"expected a name in `{key}`", entry.get(key))


def needed_numbers(entry: Mapping[str, object], *keys: str, under: str = "") -> list[float]:
    """The finite numbers under some keys of an entry, or of the mapping that it has `under` a key.

    Raises
    ------
    EntryError
        If one is missing.
    """
    listed = f"`{under}` of `{', '.join(keys)}`" if under else f"`{', '.join(keys)}`"
    return needed(numbers_of(entry.get(under) if under else entry, *keys), f"expected {listed}", entry.get(under))


def of_score(value: object) -> dict[str, object]:
    """A confidence as a column; nothing if it is not a number."""
    score = number(value)
    return {} if score is None else {"confidence": score}


def numbers_of(item: object, *keys: str) -> list[float] | None:
    """The finite numbers under some keys of a mapping; None if one is missing.

    Examples
    --------
    >>> numbers_of({"x": 1, "y": "2"}, "x", "y"), numbers_of({"x": 1}, "x", "y")
    ([1.0, 2.0], None)
    """
    if not isinstance(item, Mapping):
        return None
    found = [v for k in keys if (v := number(item.get(k))) is not None and math.isfinite(v)]
    return found if len(found) == len(keys) else None


def mapping(value: object) -> Mapping[str, object]:
    """A value that is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def plain(values: object) -> dict[str, object]:
    """The plain values among some: texts, numbers and truths."""
    if not isinstance(values, Mapping):
        return {}
    return {str(k): v for k, v in values.items() if isinstance(v, str | int | float)}


def flat_points(points: object) -> list[float] | None:
    """The points `[[x, y], …]` or `[{"x": …, "y": …}, …]` as one list of numbers, or None.

    Examples
    --------
    >>> flat_points([[1, 2], [3, 4]]), flat_points([{"x": 1, "y": 2}]), flat_points([[1]]), flat_points([])
    ([1.0, 2.0, 3.0, 4.0], [1.0, 2.0], None, None)
    """
    if not isinstance(points, list) or not points:
        return None
    found: list[float] = []
    for point in points:
        pair = [point.get("x"), point.get("y")] if isinstance(point, dict) else point
        values = [number(v) for v in pair] if isinstance(pair, list | tuple) and len(pair) == 2 else [None]
        if any(v is None or not math.isfinite(v) for v in values):
            return None
        found += [v for v in values if v is not None]
    return found
