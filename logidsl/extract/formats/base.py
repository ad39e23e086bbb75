"""What readers of annotation tools' files share: which file is whose, its pictures, and what could not be read.

A reader says by which keys it knows a document and fills in its pictures, an entry at a time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from logidsl.diagnostics import InputError
from logidsl.extract.formats.annotations import checked, picture_beside, side, size_of
from logidsl.extract.formats.documents import WIDE, read_bytes, read_json
from logidsl.extract.notes import Notes, lost_lines
from logidsl.extract.records import PictureRecords, Record, table_of, unreadable
from logidsl.extract.values import number
from logidsl.ir import Program
from logidsl.table import ObjectTable, Problem

#: As much of a document's list is looked at to see whose it is.
_LOOKED_AT = 50


@dataclass
class Reading:
    """What is being read of a file.

    Parameters
    ----------
    path : Path
        The file.
    notes : Notes
        What is to be said of it.
    frames : list of Frame
        Its pictures so far.
    problems : list of Problem
        Pictures that cannot be judged.
    """

    path: Path
    notes: Notes
    frames: list[PictureRecords] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def frame(self, name: str, width: object = None, height: object = None, stem: str = "") -> PictureRecords:
        """A further picture: where it lies beside the file, and its size as said, else from its header."""
        picture = picture_beside(self.path.parent, name, stem)
        size = side(width, self.notes), side(height, self.notes)
        if any(map(math.isnan, size)):
            size = size_of(picture)
        self.frames.append(PictureRecords(str(picture or name or stem), *size))
        return self.frames[-1]

    def add(self, frame: PictureRecords, record: Record, *, flat: bool = False) -> None:
        """Add an object to its picture; see `checked` for what becomes of one whose place is none."""
        frame.records.append(checked(record, frame.width, frame.height, self.notes, flat=flat))

    def lose(self, frame: PictureRecords, place: str, why: str, name: str | None = None, found: object = None) -> None:
        """Add the uncertain object of an entry that cannot be read."""
        shown = "" if found is None else f", found `{str(found)[:40]}`"
        frame.records.append(unreadable(place, why, self.notes, name, shown))

    def refuse(self, name: str, why: str) -> None:
        """Say that a picture cannot be judged."""
        self.problems.append(Problem(name, f"{self.path}: {why}"))


class JsonFormat:
    """A reader of JSON files of one tool.

    Attributes
    ----------
    name : str
        What it reads, for people.
    marks : tuple of bytes
        What each of its files holds somewhere: other files are not parsed to see whose they are.
    one_of : tuple of bytes
        Of these each of its files holds one at least.
    start : bytes
        How its files begin, where that tells them from others.
    endings : tuple of str
        Of its files.
    """

    name = ""
    marks: tuple[bytes, ...] = ()
    one_of: tuple[bytes, ...] = ()
    start = b""
    endings: tuple[str, ...] = (".json", ".jsonl", ".ndjson")

    def claims(self, document: object) -> bool:
        """Whether a parsed document is one of its own."""
        raise NotImplementedError

    def fill(self, document: object, reading: Reading) -> None:
        """Read a document of its own.

        Raises
        ------
        InputError
            If nothing of it can be read.
        """
        raise NotImplementedError

    def matches(self, path: Path) -> bool:
        """Whether a file is one of its own."""
        if path.suffix.lower() not in self.endings:
            return False
        try:
            data = read_bytes(path)
            if data.startswith(WIDE):
                data = data.decode("utf-16", "replace").encode("utf-8", "replace")
            if not data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(self.start):
                return False
            if not all(mark in data for mark in self.marks):
                return False
            if self.one_of and not any(mark in data for mark in self.one_of):
                return False
            return self.claims(read_json(path, broken={}))
        except (InputError, OSError):
            return False

    def read(self, path: Path, program: Program) -> ObjectTable:
        """The table of its pictures.

        Raises
        ------
        InputError
            If nothing of it can be read.
        """
        broken: dict[int, str] = {}
        document = read_json(path, broken=broken)
        reading = Reading(path, Notes(str(path)))
        self.fill(document, reading)
        table = table_of(reading.frames, program, str(path), reading.notes)
        return replace(table, problems=(*reading.problems, *lost_lines(path, broken)))


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


def listed(value: object, what: str) -> Iterator[tuple[str, object]]:
    """The entries of a list, each with what it is called: `box 3`; none where it is not a list."""
    for place, item in enumerate(value if isinstance(value, list) else (), 1):
        yield f"{what} {place}", item


def numbers_of(item: object, *keys: str) -> list[float] | None:
    """The finite numbers under some keys of a mapping; None where one is missing.

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
    """What is plain among some values: texts, numbers and truths."""
    if not isinstance(values, Mapping):
        return {}
    return {str(k): v for k, v in values.items() if isinstance(v, str | int | float)}


def flat_points(points: object) -> list[float] | None:
    """The points `[[x, y], …]` or `[{"x": …, "y": …}, …]` as one list of numbers; None where they are not.

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
