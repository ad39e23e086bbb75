"""From records, one an object, to a table: the common end of all readers of tables and annotations.

Puts right what can be put right and says so: swapped corners, ids that repeat, boxes that are no numbers.
Columns get their type from the spec (`attribute`), from the language (`length`, `color`, …), else from what
they hold. May import `ir`, `table` and `library`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.extract.amounts import MOST, ONE, UNKNOWN, amount_of
from logidsl.extract.naming import class_names, column_names
from logidsl.extract.outlines import all_within, hulls_of, uncrossed
from logidsl.extract.skeleton import NAME as SKELETON
from logidsl.extract.skeleton import with_skeletons
from logidsl.ir import Program
from logidsl.library.color import lab_of_hex
from logidsl.library.measure import ELONGATED, NUMBERS, POINTS, TIE, measure_outlines
from logidsl.table import ANY_NUMBER, BOX, COUNT, PERHAPS, ColumnData, ObjectTable, Outlines, Problem, TextColumn

Floats: TypeAlias = npt.NDArray[np.float64]
Kind: TypeAlias = Literal["number", "text", "point", "color"]

_TYPED: dict[str, Kind] = {
    **dict.fromkeys((*NUMBERS, SKELETON, "confidence", "lightness"), "number"),
    **dict.fromkeys((*POINTS, "center"), "point"),
    "color": "color",
    "text": "text",
    COUNT: "text",
}
#: No picture reaches so far; greater numbers are mistakes, and their squares have no number.
FARTHEST_PX = 1e9
#: What a column of numbers holds where nothing in it need be looked at one by one.
_PLAIN = frozenset([float, int, type(None)])
_WIDTHS = {"point": 2, "color": 3}
#: Of many things with the same wrong, so many have a line of their own.
_SHOWN = 5


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
    """

    name: str
    box: Sequence[object] | None = None
    rings: list[Floats] = field(default_factory=list)
    id: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    place: str = ""


@dataclass
class Frame:
    """A picture as its source has it: name, size in px (NaN where unknown), objects."""

    path: str
    width: float = math.nan
    height: float = math.nan
    records: list[Record] = field(default_factory=list)


class Notes:
    """Collects what was put right or left out: of many alike, how often and where first, or the first few.

    Parameters
    ----------
    source : str
        What lines call the source.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self._shown: dict[str, list[str]] = {}
        self._counts, self._more = Counter[str](), Counter[str]()

    def say(self, line: str) -> None:
        """Note something that there is once."""
        self._shown[line] = [line]

    def count(self, what: str, place: str) -> None:
        """Note one more case of something whose cases need no line of their own."""
        if not self._counts[what]:
            self._shown[what] = [place]
        self._counts[what] += 1

    def each(self, what: str, thing: str, found: object = "") -> None:
        """Note one thing that has something wrong; of many alike the first few have a line of their own."""
        lines = self._shown.setdefault(what, [])
        if len(lines) < _SHOWN:
            lines.append(f"{thing}{what}{found}")
        else:
            self._more[what] += 1

    def lines(self) -> tuple[str, ...]:
        """The notes, in the order in which each kind was first met."""
        lines: list[str] = []
        for what, shown in self._shown.items():
            if what in self._counts:
                lines.append(f"{what} ({self._counts[what]} of them, first {shown[0]})")
            else:
                lines += shown + [f"{self._more[what]} more{what}"] * (what in self._more)
        return tuple(f"{self.source}: {line}" for line in lines)


def table_of(frames: Sequence[Frame], program: Program, source: str, notes: Notes | Sequence[str] = ()) -> ObjectTable:
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
    for line in () if isinstance(notes, Notes) else notes:
        said.say(line)
    if any(COUNT in r.values for f in frames for r in f.records):
        frames = [replace(f, records=[one for r in f.records for one in _each(r, said)]) for f in frames]
    records = [r for f in frames for r in f.records]
    _other_sizes(frames, program, said)
    names, spelled = class_names(program, (r.name for r in records))
    for line in spelled:
        said.say(line)
    columns: dict[str, ColumnData] = {}
    _put_right(records, said)
    if any(r.box is not None or r.rings for r in records):
        boxes = _boxes(records, said)
        columns |= {name: boxes[:, i] for i, name in enumerate(BOX)}
    from_outlines = measured([r.rings for r in records])
    given = _given(records, program, said)
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
    )
    return with_skeletons(program, table)


def _other_sizes(frames: Sequence[Frame], program: Program, notes: Notes) -> None:
    """Note pictures that are not of the size that the spec's calibration holds for."""
    camera = program.camera
    for frame in frames if camera is not None else ():
        size = frame.width, frame.height
        if camera is not None and not any(map(math.isnan, size)) and size != (camera.width, camera.height):
            notes.count(
                f"the calibration holds for pictures of {camera.width} by {camera.height} px: what is said in mm is "
                "not that of a picture of another size",
                f"{frame.path} of {frame.width:g} by {frame.height:g} px",
            )


def _each(record: Record, notes: Notes) -> Sequence[Record]:
    """One record for each object that a record stands for: so many sure ones, then those that may be there.

    Where there may be any number more, one record stands for them; it keeps only what is said in words, as
    nothing was measured on each. A record of several objects has no place of its own: its box is the group's.
    """
    if COUNT not in record.values:
        return (record,)
    given, values = record.values[COUNT], {k: v for k, v in record.values.items() if k != COUNT}
    bare = replace(record, values=values)
    if empty_as_none(given) is None:
        return (bare,)
    amount = amount_of(given)
    if amount is None or amount.low > MOST or (amount.high or 0) > MOST:
        notes.count(f"`{given}` in the column `count` is no number of objects: taken as unknown", record.place)
        amount = UNKNOWN
    if amount == ONE:
        return (bare,)
    if record.box is not None or record.rings:
        notes.count("a row that stands for other than one object has no place of its own", record.place)
        bare = replace(bare, box=None, rings=[])
    perhaps = replace(bare, values=values | {COUNT: PERHAPS})
    if amount.high is None:
        words = {k: v for k, v in values.items() if isinstance(v, str) and number(v) is None}
        return [bare] * amount.low + [replace(bare, values=words | {COUNT: ANY_NUMBER}, id=_more(record.id))]
    return [bare] * amount.low + [perhaps] * (amount.high - amount.low)


def _more(name: str | None) -> str | None:
    return None if name is None else f"{name}-more"


def lost_lines(path: Path, broken: Mapping[int, str]) -> tuple[Problem, ...]:
    """Lines that could not be read, as problems: a picture may have been in each."""
    return tuple(Problem(f"{path}, line {n}", f"line {n} of {path} is no JSON: {why}") for n, why in broken.items())


def _boxes(records: Sequence[Record], notes: Notes) -> Floats:
    """(n, 4): each record's box with the lesser corner first, NaN where it has none."""
    given = [_outer_box(r) if r.box is None else r.box for r in records]
    if {len(b) for b in given} <= {4} and {type(v) for b in given for v in b} <= {float, int}:
        boxes = _as_floats(given)
    else:
        boxes = np.array([_four(b) for b in given], np.float64)
    boxes = boxes.reshape(-1, 4)
    for row in np.flatnonzero(~(np.abs(boxes) <= FARTHEST_PX).all(1)).tolist():
        boxes[row] = np.nan
        if records[row].box is not None or records[row].rings:
            notes.count("a box that is not four numbers: the object has no place", records[row].place)
    for row in np.flatnonzero((boxes[:, 0] > boxes[:, 2]) | (boxes[:, 1] > boxes[:, 3])).tolist():
        notes.count("a box with swapped corners put right", records[row].place)
    return np.concatenate([np.fmin(boxes[:, :2], boxes[:, 2:]), np.fmax(boxes[:, :2], boxes[:, 2:])], axis=1)


def _outer_box(record: Record) -> Sequence[float]:
    """The box round a record's outline, else four NaN."""
    if not record.rings:
        return (math.nan,) * 4
    return [*record.rings[0].min(0).tolist(), *record.rings[0].max(0).tolist()]


def _four(box: Sequence[object]) -> Sequence[float]:
    """Four numbers, or four NaN."""
    found = [number(v) for v in box]
    return (math.nan,) * 4 if len(found) != 4 or None in found else [v for v in found if v is not None]


def _as_floats(values: Sequence[object]) -> Floats:
    """Numbers as float64; whole ones beyond its range, and what is not there, as NaN."""
    try:
        return np.array(values, np.float64)
    except OverflowError:
        return np.array([_four(v) if isinstance(v, list | tuple) else number(v) for v in values], np.float64)


def _ids(frame: Frame, notes: Notes) -> list[str]:
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
                notes.count(
                    "an id made the only one of its name", f"`{taken}` now `{name}`, {record.place}".strip(", ")
                )
        used.add(name)
        ids.append(name)
    return ids


def measured(outlines: Sequence[Sequence[Floats]]) -> dict[str, ColumnData]:
    """The columns that follow from outlines, the rings of each row: NaN where a row has none, none where all lack them.

    Parameters
    ----------
    outlines : sequence of sequence of (k, 2) float64
        Rings in px, the outer outline first.
    """
    if not any(outlines):
        return {}
    columns = {name: np.full(len(outlines), np.nan) for name in NUMBERS}
    columns |= {name: np.full((len(outlines), 2), np.nan) for name in POINTS}
    others = []
    for row, rings in enumerate(outlines):
        if not rings:
            continue
        found = _of_rectangle(rings)
        if found is None:
            others.append(row)
            continue
        for name, value in found.items():
            columns[name][row] = value
    if others:
        slanted = [outlines[row] for row in others]
        for name, column in measure_outlines(slanted, hulls_of([rings[0] for rings in slanted])).items():
            columns[name][others] = column
    return {**columns}


def _of_rectangle(rings: Sequence[Floats]) -> dict[str, float | tuple[float, float]] | None:
    """What `measure_outlines` gives for a drawn box, tens of times faster; None for another outline."""
    if len(rings) != 1 or len(rings[0]) != 4:
        return None
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = rings[0].tolist()
    if not ((ay == by and bx == cx and cy == dy and dx == ax) or (ax == bx and by == cy and cx == dx and dy == ay)):
        return None
    width, height = abs(cx - ax), abs(cy - ay)
    around, long, short = 2 * (width + height), max(width, height), min(width, height)
    if not short > 0 or long >= ELONGATED * short:  # the ends of a strip are found otherwise
        return None
    return {
        "area": width * height,
        "perimeter": around,
        "length": long,
        "thickness": short,
        "path_length": long,
        "angle": 0.0 if width >= height * (1 - TIE) else 90.0,
        "aspect": long / short,
        "roundness": 4 * math.pi * width * height / around**2,
        "solidity": 1.0,
        "holes": 0.0,
        "start": (min(ax, cx), min(ay, cy)),
        "end": (max(ax, cx), max(ay, cy)),
    }


def _given(records: Sequence[Record], program: Program, notes: Notes) -> dict[str, ColumnData]:
    """The columns that the source gives, each with its type; columns without any value are left out."""
    names = list(dict.fromkeys(k for r in records for k in r.values))
    attributes, spelled = column_names(program, names)
    for line in spelled:
        notes.say(line)
    declared = {a.name: _declared(a.type.kind) for a in program.attributes}
    parts = _joined(names)
    columns: dict[str, ColumnData] = {}
    places = [r.place for r in records]
    for name, pieces in parts.items():
        values = [_value_of(r.values, pieces) for r in records]
        types = set(map(type, values))
        if types == {type(None)}:
            continue
        wanted = attributes.get(name, name)
        kind = declared.get(wanted) or _TYPED.get(wanted) or ("number" if types <= _PLAIN else _kind(values))
        columns[wanted] = _column(wanted, values, kind, places, notes)
        if wanted != name and name in _TYPED:  # `attribute heading "angle"` leaves `angle` what it is
            columns[name] = _column(name, values, _TYPED[name], places, notes)
    return columns


def _first_of(given: ColumnData, measured: ColumnData | None) -> ColumnData:
    """A column as its source gives it, and where it does not, as it was measured."""
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
                notes.count("an outline whose points are no places was left out", record.place)
    rows = [r for r in records if r.rings and len(r.rings[0]) > 3 and _of_rectangle(r.rings) is None]
    if rows:
        for place, simple in uncrossed([r.rings[0] for r in rows]):
            rows[place].rings = [*simple, *rows[place].rings[1:]]
            notes.count("an outline that crosses itself was put right", rows[place].place)


def _declared(kind: str) -> Kind:
    match kind:
        case "number" | "point" | "color":
            return kind
        case _:
            return "text"


def _joined(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The columns a value is made of: `start_x` and `start_y` make `start`, `color_L` and its kin `color`."""
    pool = dict.fromkeys(names)
    joined: dict[str, tuple[str, ...]] = {}
    for name in pool:
        stem, _, ending = name.rpartition("_")
        for endings in (("x", "y"), ("L", "a", "b")):
            whole = tuple(f"{stem}_{e}" for e in endings)
            if stem and ending in endings and stem not in pool and all(w in pool for w in whole):
                joined[stem] = whole
                break
        else:
            joined[name] = (name,)
    return joined


def _value_of(values: Mapping[str, object], pieces: tuple[str, ...]) -> object:
    if len(pieces) == 1:
        return empty_as_none(values.get(pieces[0]))
    found = [empty_as_none(values.get(p)) for p in pieces]
    return None if all(v is None for v in found) else found


def empty_as_none(value: object) -> object:
    """None for what says nothing: an empty text or list, a number that is none."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, float) and math.isnan(value):
        return None
    return None if value in ([], ()) else value


def number(value: object) -> float | None:
    """A number, or the number a text says; None for anything else.

    Examples
    --------
    >>> number("1e3"), number(True), number("x"), number(float("nan")), number(10**400)
    (1000.0, None, None, nan, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):  # of a signalling NaN too
        return None


def numbers(value: object, count: int) -> list[float] | None:
    """So many numbers of a list, or of a text with `|` between them; None for anything else."""
    items = value.split("|") if isinstance(value, str) else value
    if not isinstance(items, list | tuple) or len(items) != count:
        return None
    found = [number(v) for v in items]
    return [v for v in found if v is not None] if all(v is not None for v in found) else None


def _kind(values: Sequence[object]) -> Kind:
    """What a column holds: the first kind that every value fits."""
    there = [v for v in values if v is not None]
    if all(number(v) is not None for v in there):
        return "number"
    if all(numbers(v, 2) is not None for v in there):
        return "point"
    if all((isinstance(v, str) and lab_of_hex(v) is not None) or numbers(v, 3) is not None for v in there):
        return "color"
    return "text"


def _column(name: str, values: Sequence[object], kind: Kind, places: Sequence[str], notes: Notes) -> ColumnData:
    """A column of one kind; what does not fit is not measured, and noted."""
    if kind == "text":
        return TextColumn.of([None if v is None else _text(v) for v in values])
    width = _WIDTHS.get(kind, 1)
    if width == 1 and set(map(type, values)) <= _PLAIN:
        plain = _as_floats(values)
        if np.isfinite(plain).sum() == len(values) - values.count(None):
            return plain
    rows: list[list[float]] = []
    for value, place in zip(values, places, strict=True):
        found: Sequence[float] | None = None
        if kind == "color" and isinstance(value, str):
            found = lab_of_hex(value)
        if found is None and value is not None:
            alone = number(value) if width == 1 else None
            found = numbers(value, width) if width > 1 else None if alone is None else [alone]
            if found is None or not all(math.isfinite(v) for v in found):
                shown = f"`{value}` in the column `{name}` is no {kind}: taken as not measured"
                notes.count(shown, place)
                found = None
        rows.append([math.nan] * width if found is None else list(found))
    made = np.array(rows, np.float64).reshape(len(values), width)
    return made[:, 0] if width == 1 else made


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
