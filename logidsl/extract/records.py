"""From records, one an object, to a table: the common end of all readers of tables and annotations.

Corrects what can be corrected, with a note: swapped corners, duplicate ids, invalid boxes. May import `ir`, `table` and
`library`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from logidsl.arrays import Floats
from logidsl.diagnostics import InputError
from logidsl.extract.amounts import MOST, ONE, UNKNOWN, amount_of
from logidsl.extract.naming import class_names
from logidsl.extract.notes import Notes
from logidsl.extract.outlines import all_within, measured, uncrossed
from logidsl.extract.pixels.skeleton import with_skeletons
from logidsl.extract.typed_columns import typed_columns
from logidsl.extract.values import (
    empty_as_none,
    four_numbers,
    number,
    numbers,
)
from logidsl.ir import Program
from logidsl.library.measure import of_rectangle
from logidsl.table import (
    ANY_CLASS,
    ANY_NUMBER,
    BOX,
    COUNT,
    PERHAPS,
    UNREADABLE,
    ColumnData,
    ObjectTable,
    Outlines,
    PlaceValue,
    TextColumn,
)

T = TypeVar("T")

#: No picture reaches so far; greater numbers are mistakes, and their squares have no number.
FARTHEST_PX = 1e9
#: What is wrong with a class.
NO_CLASS = "expected the name of a class"
#: What is wrong with a box that has no place.
NOT_A_BOX = "expected a box of four numbers"
#: Where all boxes of a picture of such sides are smaller than this, they are hardly px.
LARGE_PX, TINY_PX = 64.0, 2.0


@dataclass
class Record:
    """An object as its source has it.

    Parameters
    ----------
    name : str
        Its class.
    box : sequence of 4 values, optional
        x0 y0 x1 y1 in px; not yet known to be numbers, nor in order.
    rings : list of (k, 2) float64
        Outline and holes.
    id : str, optional
        Its name in the picture.
    values : mapping of str to object
        Everything else.
    place : str
        Where it stands in its source, for notes: `line 7`.
    around : sequence of 4 float, optional
        The box round its outline, where `rings` are only one of several parts.
    flat : bool
        Whether it is a point or a line, whose box may lack an area.
    doubts : sequence of str
        What of it could not be read, to be noted: `its outline is not read`.
    """

    name: str
    box: Sequence[object] | None = None
    rings: list[Floats] = field(default_factory=list)
    id: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    place: str = ""
    around: Sequence[float] | None = None
    flat: bool = False
    doubts: Sequence[str] = ()

    @property
    def unreadable(self) -> bool:
        """Whether it represents an unreadable entry."""
        return bool(self.values.get(UNREADABLE))


class EntryError(InputError):
    """Why an entry cannot be read, in the same words for the same error, and the value found."""

    def __init__(self, why: str, found: object = None) -> None:
        super().__init__(why)
        self.found = "" if found is None else f", found `{str(found)[:40]}`"


def needed(value: T | None, why: str, found: object = None) -> T:
    """A value of an entry.

    Raises
    ------
    EntryError
        If there is none.
    """
    if value is None:
        raise EntryError(why, found)
    return value


def unreadable(
    place: str, why: str, notes: Notes, name: str | None = None, found: str = "", named: str | None = None
) -> Record:
    """The uncertain object for an unreadable entry, with a note.

    Parameters
    ----------
    place : str
        Where the entry is in its source: `line 7`.
    why : str
        What is wrong with it, the same words for the same mistake.
    notes : Notes
        Takes the note, and says what the source is called.
    name : str, optional
        Its class, where that could be read; else it may be of any.
    found : str
        What was found instead, after `why`.
    named : str, optional
        Its id in the picture.
    """
    called = place if name is None else f"{place}, `{name}`"
    notes.each(f" cannot be read: {why}", called, found)
    said = f"{notes.source}, {called}: {why}{found}"
    return Record(name or ANY_CLASS, id=named, values={COUNT: PERHAPS, UNREADABLE: said}, place=place)


@dataclass
class PictureRecords:
    """A picture as its source has it: name, size in px (NaN where unknown), objects, and values of places.

    `path` is where it was found, `named` what the source calls it, where that is another name.
    """

    path: str
    width: float = math.nan
    height: float = math.nan
    records: list[Record] = field(default_factory=list)
    places: list[PlaceValue] = field(default_factory=list)
    facts: dict[str, str | None] = field(default_factory=dict)
    named: str = ""


def table_of(
    frames: Sequence[PictureRecords], program: Program, source: str, notes: Notes | Sequence[str] = ()
) -> ObjectTable:
    """The table of records.

    Parameters
    ----------
    frames : sequence of Frame
        The pictures in order; one without records is a picture without objects.
    program : Program
        Says what classes and attributes are called.
    source : str
        What notes call the source.
    notes : Notes or sequence of str
        Notes to begin with.

    Returns
    -------
    ObjectTable
        A record whose box is not four numbers has no place. One with an outline is measured; without a box
        it gets that of its outline.
    """
    said = notes if isinstance(notes, Notes) else Notes(source)
    said.say(*(() if isinstance(notes, Notes) else notes))
    if any(COUNT in r.values for f in frames for r in f.records):
        frames = [replace(f, records=[one for r in f.records for one in _each(r, said)]) for f in frames]
    _tell_apart(frames, said)
    for frame in frames:
        frame.records = [placed(r, said) for r in frame.records]
    records = [r for f in frames for r in f.records]
    _look_normalised(frames, said)
    _other_sizes(frames, program, said)
    names, spelled = class_names(program, (r.name for r in records))
    said.say(*spelled)
    columns: dict[str, ColumnData] = {}
    _put_right(records, said)
    if any(r.box is not None or r.rings for r in records):
        boxes = _boxes(records, said)
        columns |= {name: boxes[:, i] for i, name in enumerate(BOX)}
    from_outlines = measured([r.rings for r in records])
    given = typed_columns([r.values for r in records], [r.place for r in records], program, said)
    columns |= from_outlines | {name: _first_of(column, from_outlines.get(name)) for name, column in given.items()}
    table = ObjectTable(
        images=tuple(f.path for f in frames),
        sizes=np.array([[f.width, f.height] for f in frames], np.float64).reshape(-1, 2),
        offsets=np.concatenate([[0], np.cumsum([len(f.records) for f in frames])]).astype(np.int64),
        classes=TextColumn.of([names[r.name] for r in records]),
        ids=tuple(i for f in frames for i in _ids(f, said)),
        columns=columns,
        outlines=Outlines.of([r.rings for r in records]) if any(r.rings for r in records) else None,
        notes=said.lines(),
        places=tuple(tuple(f.places) for f in frames) if any(f.places for f in frames) else (),
        facts={
            name: tuple(f.facts.get(name) for f in frames)
            for name in sorted(program.picture_columns)
            if any(name in f.facts for f in frames)
        },
    )
    return with_skeletons(program, table)


def _tell_apart(frames: Sequence[PictureRecords], notes: Notes) -> None:
    """Give pictures of several names their own, where one file was found for them: whose it is is not known."""
    names: dict[str, set[str]] = {}
    for frame in frames:
        names.setdefault(frame.path, set()).add(frame.named or frame.path)
    for frame in frames:
        if len(names[frame.path]) > 1:
            notes.count("the picture found for several names is not used", frame.named)
            frame.path = frame.named or frame.path


def _other_sizes(frames: Sequence[PictureRecords], program: Program, notes: Notes) -> None:
    """Note pictures whose size differs from the calibration's."""
    camera = program.camera
    for frame in frames if camera is not None else ():
        size = frame.width, frame.height
        if camera is not None and not any(map(math.isnan, size)) and size != (camera.width, camera.height):
            notes.count(
                f"the calibration is for pictures of {camera.width} by {camera.height} px: "
                "lengths in mm do not hold for a picture of another size",
                f"{frame.path} of {frame.width:g} by {frame.height:g} px",
            )


def _each(record: Record, notes: Notes) -> Sequence[Record]:
    """One record for each object of a record: the sure ones, then the possible ones.

    If any number more is possible, one record represents them; it keeps only labels, because nothing was measured on
    each. A record of several objects has no place: its box is the group's.
    """
    if COUNT not in record.values:
        return (record,)
    given, values = record.values[COUNT], {k: v for k, v in record.values.items() if k != COUNT}
    bare = replace(record, values=values)
    if empty_as_none(given) is None:
        return (bare,)
    amount = amount_of(given)
    if amount is None or amount.low > MOST or (amount.high or 0) > MOST:
        notes.count(f"`{given}` in the column `count` is not a number of objects: taken as unknown", record.place)
        amount = UNKNOWN
    if amount == ONE:
        return (bare,)
    if record.box is not None or record.rings:
        notes.count("a row for several objects has no place", record.place)
        bare = replace(bare, box=None, rings=[])
    perhaps = replace(bare, values=values | {COUNT: PERHAPS})
    if amount.high is None:
        words = {k: v for k, v in values.items() if isinstance(v, str) and number(v) is None}
        return [bare] * amount.low + [replace(bare, values=words | {COUNT: ANY_NUMBER}, id=_more(record.id))]
    return [bare] * amount.low + [perhaps] * (amount.high - amount.low)


def _more(name: str | None) -> str | None:
    return None if name is None else f"{name}-more"


def rings_of(value: object, place: str, notes: Notes) -> list[Floats]:
    """The rings of an outline in a table: lists of at least three points; a single one may be without the outer list.

    Unreadable ones are noted and dropped.
    """
    if empty_as_none(value) is None:
        return []
    given = [value] if isinstance(value, list | tuple) and value and numbers(value[0], 2) is not None else value
    rings = []
    for ring in given if isinstance(given, list | tuple) else [None]:
        points = [numbers(p, 2) for p in ring] if isinstance(ring, list | tuple) else []
        if len(points) < 3 or any(p is None for p in points):
            notes.each(": its outline is not read: expected lists of at least three points", place)
            return []
        rings.append(np.array(points, np.float64))
    return rings


def add_strays(frames: Sequence[PictureRecords], strays: Sequence[Record]) -> None:
    """Add entries without a known picture: each may be in any of them."""
    for frame in frames:
        frame.records += [replace(stray) for stray in strays]


def placed(record: Record, notes: Notes) -> Record:
    """A record, or an uncertain object in its place where its box is given and is not four numbers."""
    if record.box is None:
        return record
    if all(v is None or v != v or (isinstance(v, str) and not v.strip()) for v in record.box):
        record.box = None
        return record
    found = four_numbers(record.box)
    if found is not None and all(abs(v) <= FARTHEST_PX for v in found):
        return record
    shown = f", found `{', '.join(map(str, record.box))[:60]}`"
    return unreadable(record.place, NOT_A_BOX, notes, record.name, shown, record.id)


def _look_normalised(frames: Sequence[PictureRecords], notes: Notes) -> None:
    """Refuse boxes that are shares of the picture, and note boxes that are too small for objects in px.

    Raises
    ------
    InputError
        If no box of a large picture, or of pictures of unknown size, reaches beyond its first pixel.
    """
    unsized = frames if all(math.isnan(f.width) for f in frames if f.records) else ()
    given = [b for f in unsized for r in f.records if r.box is not None and (b := four_numbers(r.box)) is not None]
    if given and all(0 <= v <= 1 for b in given for v in b) and any(v % 1 for b in given for v in b):
        raise InputError(
            f"{notes.source}: every box lies within 0 to 1: expected pixels, found what look like shares of the "
            "picture; multiply x by its width and y by its height"
        )
    large = [f for f in frames if f.width >= LARGE_PX and f.height >= LARGE_PX]
    boxes = [b for f in large for r in f.records if r.box is not None and (b := four_numbers(r.box)) is not None]
    if not boxes or any(abs(b[2] - b[0]) >= TINY_PX or abs(b[3] - b[1]) >= TINY_PX for b in boxes):
        return
    if all(b[0] == b[2] and b[1] == b[3] for b in boxes):  # points
        return
    if all(0 <= v <= 1 for b in boxes for v in b):
        raise InputError(
            f"{notes.source}: every box lies within 0 to 1 in pictures of up to {max(f.width for f in large):g} px: "
            "expected pixels, found what look like shares of the picture; multiply x by its width and y by its height"
        )
    notes.say(f"every box is smaller than {TINY_PX:g} px: expected pixels; are they shares of the picture?")


def _boxes(records: Sequence[Record], notes: Notes) -> Floats:
    """(n, 4): each record's box with the lesser corner first, NaN without one."""
    given = [_outer_box(r) if r.box is None else four_numbers(r.box) for r in records]
    boxes = np.array([(math.nan,) * 4 if b is None else b for b in given], np.float64).reshape(-1, 4)
    for row in np.flatnonzero((boxes[:, 0] > boxes[:, 2]) | (boxes[:, 1] > boxes[:, 3])).tolist():
        notes.count("a box with swapped corners corrected", records[row].place)
    return np.concatenate([np.fmin(boxes[:, :2], boxes[:, 2:]), np.fmax(boxes[:, :2], boxes[:, 2:])], axis=1)


def _outer_box(record: Record) -> Sequence[float]:
    """The bounding box of a record's outline, or four NaN."""
    if not record.rings:
        return (math.nan,) * 4
    return [*record.rings[0].min(0).tolist(), *record.rings[0].max(0).tolist()]


def _ids(frame: PictureRecords, notes: Notes) -> list[str]:
    """An id for each record of a picture; given ones stay, the second of two alike becomes `7-2`."""
    given = {r.id for r in frame.records if r.id}
    used: set[str] = set()
    next_: dict[str, int] = {}  # of a name that repeats a thousand times, where to go on
    ids = []
    for number_, record in enumerate(frame.records, 1):
        name = record.id or str(number_)
        if name in used or (not record.id and name in given):
            taken, i = name, next_.get(name, 2)
            while (name := f"{taken}-{i}") in used or name in given:
                i += 1
            next_[taken] = i + 1
            if record.id:
                notes.count("a duplicate id made unique", f"`{taken}` now `{name}`, {record.place}".strip(", "))
        used.add(name)
        ids.append(name)
    return ids


def _first_of(given: ColumnData, measured: ColumnData | None) -> ColumnData:
    """A column from its source, with missing values as measured."""
    if measured is None or isinstance(given, TextColumn) or isinstance(measured, TextColumn):
        return given
    gone = np.isnan(given)
    return np.where(gone, measured, given) if given.shape == measured.shape and gone.any() else given


def _put_right(records: Sequence[Record], notes: Notes) -> None:
    """Outlines that cross themselves become the largest of the simple ones that they enclose."""
    if not all_within([ring for r in records for ring in r.rings], FARTHEST_PX):
        for record in records:
            if not all_within(record.rings, FARTHEST_PX):
                record.rings = []
                notes.count("an outline with invalid points was dropped", record.place)
    rows = [r for r in records if r.rings and len(r.rings[0]) > 3 and of_rectangle(r.rings) is None]
    if rows:
        for place, simple in uncrossed([r.rings[0] for r in rows]):
            rows[place].rings = [*simple, *rows[place].rings[1:]] if simple else []
            what = "was put right" if simple else "too often to be corrected was dropped"
            notes.count(f"an outline that crosses itself {what}", rows[place].place)
