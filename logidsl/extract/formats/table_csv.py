"""Tables of objects in CSV.

One line an object, with the columns `image, class, x0, y0, x1, y1` in any order, and any others: `id`,
`confidence`, the size of the picture as `image_width, image_height`, and whatever else was measured. A line
with a name but no class says that the picture has no object. May import `ir`, `table` and `diagnostics`.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from logidsl.diagnostics import InputError, nearest
from logidsl.extract.formats.annotations import side
from logidsl.extract.formats.box_columns import with_boxes
from logidsl.extract.formats.columns import missing_corner, named_classes, own_names
from logidsl.extract.formats.documents import read_text
from logidsl.extract.formats.place_records import PLACES, from_plain, to_plain
from logidsl.extract.notes import Notes
from logidsl.extract.records import (
    NO_CLASS,
    PictureRecords,
    Record,
    add_strays,
    require_names,
    rings_of,
    table_of,
    unreadable,
)
from logidsl.extract.values import class_name, empty_as_none, number
from logidsl.files import replace
from logidsl.ir import Program
from logidsl.table import BOX, ObjectTable, TextColumn

NEEDED = ("image", "class", *BOX)
SIZE = ("image_width", "image_height")
#: Written by `logidsl table` for people; the reader goes by what the source said.
_DERIVED = ("names", "undetermined", "seen_as", "row")
_OWN = frozenset([*NEEDED, *SIZE, *_DERIVED, PLACES, "id"])


class CsvTable:
    """Reads a table in CSV."""

    name = "CSV table"
    generic = True

    def matches(self, path: Path) -> bool:
        """Whether a file has the ending of one."""
        return path.suffix.lower() in (".csv", ".tsv")

    def read(self, path: Path, program: Program) -> ObjectTable:
        """The table; see `read_csv`."""
        return read_csv(path, program)


EXTRACTOR = CsvTable()
#: What a spreadsheet takes for the beginning of a formula, apostrophes before it.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def read_csv(path: Path, program: Program) -> ObjectTable:
    """Read a table of objects.

    Parameters
    ----------
    path : Path
        UTF-8; commas, semicolons or tabs between the fields, as the first line has them.
    program : Program
        Says what classes and attributes are called.

    Raises
    ------
    InputError
        If the file cannot be read, lacks a column, or half of its lines have other fields than the first.
    """
    text = read_text(path)
    header = text.splitlines()[0]
    delimiter = max(",;\t", key=header.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise InputError(f"{path} is no CSV: {error}") from None
    lines = [[unguarded(cell) for cell in line] for line in lines]
    names = [n.strip() for n in lines[0]]
    for name in {n for n in names if names.count(n) > 1}:
        raise InputError(f"{path}: expected each column once, found `{name}` {names.count(name)} times")
    rows: list[tuple[str, Mapping[str, object]]] = []
    notes = Notes(str(path))
    odd: list[str] = []
    lost: list[Record] = []
    images: list[str] = []
    renamed = own_names(names)
    pictured = next((n for n, name in enumerate(names) if renamed.get(name, name) == "image"), len(names))
    for place, line in enumerate(lines[1:], 2):
        if not any(field.strip() for field in line):
            continue
        if len(line) != len(names):
            odd.append(f"expected {len(names)} fields in line {place}, found {len(line)}")
            lost.append(
                unreadable(f"line {place}", f"expected {len(names)} fields", notes, found=f", found {len(line)}")
            )
            images.append(line[pictured] if pictured < len(line) else "")
            continue
        values = [_decimal(v) if delimiter == ";" else v for v in line]
        rows.append((f"line {place}", dict(zip(names, values, strict=True))))
    if odd and len(odd) >= len(rows):  # then it is the first line that is odd
        raise InputError(f"{path}: {odd[0]}")
    return table_of_rows(rows, program, str(path), names, notes, list(zip(images, lost, strict=True)))


def require(names: Sequence[str], source: str) -> None:
    """See that the needed columns are there; a table without any of the four of a box has facts, not places.

    Raises
    ------
    InputError
        If one is missing; the message offers the nearest name.
    """
    corner = missing_corner(names)
    if corner is not None and not any(b in names for b in BOX):
        near = nearest(corner[0], [n for n in names if n not in NEEDED])
        hint = f"; did you mean `{near}`?" if near else ""
        raise InputError(f"{source}: expected a column `{corner[0]}` (`{corner[1]}`) beside the other three{hint}")
    near_box = [nearest(b, [n for n in names if n not in NEEDED and len(n) > 1 and n != "id"]) for b in BOX]
    placed = any(b in names for b in BOX) or any(near_box)
    for needed in NEEDED if placed else NEEDED[:2]:
        if needed not in names:
            near = nearest(needed, [n for n in names if n not in NEEDED])
            hint = f"; did you mean `{near}`?" if near else ""
            found = ", ".join(f"`{n}`" for n in names[:12]) or "none"
            raise InputError(f"{source}: expected a column `{needed}`, found {found}{hint}")


def table_of_rows(
    rows: Sequence[tuple[str, Mapping[str, object]]],
    program: Program,
    source: str,
    names: Sequence[str],
    notes: Notes | None = None,
    lost: Sequence[tuple[str, Record]] = (),
) -> ObjectTable:
    """The table of rows, each with the place where it stands and its values by column.

    Parameters
    ----------
    rows : sequence of (str, mapping)
        As their source has them.
    program : Program
        Says what classes and attributes are called.
    source : str
        What messages call it.
    names : sequence of str
        The columns. Those of other tools are known, and noted; see `columns`.
    notes : Notes, optional
        What was noted before.
    lost : sequence of (str, Record)
        Uncertain objects of lines that could not be read, each with what may be the name of its picture.

    Returns
    -------
    ObjectTable
        A row that names no picture may be of any of them: it is an uncertain object in each.

    Raises
    ------
    InputError
        If a needed column is missing, no row names a picture, or no row has a class that is a name.
    """
    frames: dict[str, PictureRecords] = {}
    notes = notes or Notes(source)
    renamed = own_names(names)
    if renamed:
        notes.say("columns read as " + ", ".join(f"`{new}`: `{old}`" for old, new in renamed.items()))
        rows = [(place, {renamed.get(k, k): v for k, v in row.items()}) for place, row in rows]
    boxed, said_of_boxes = with_boxes([row for _, row in rows])
    for line in said_of_boxes:
        notes.say(line)
    if said_of_boxes:
        rows = list(zip((place for place, _ in rows), boxed, strict=True))
    require(list(rows[0][1]) if said_of_boxes else [renamed.get(n, n) for n in names], source)
    said = named_classes([row for _, row in rows])
    if said is not None:
        notes.say(f"`class` only numbers the classes: their names taken from `{said}`")
        rows = [(place, {**row, "class": row[said]}) for place, row in rows]
    require_names([row["class"] for _, row in rows], source)
    strays: list[Record] = []
    for place, row in rows:
        image, name = empty_as_none(row["image"]), empty_as_none(row.get("seen_as")) or empty_as_none(row["class"])
        known = class_name(name)
        if image is None:
            why = "expected the name of a picture in `image`, found none"
            strays.append(unreadable(place, why, notes, known))
            continue
        frame = frames.setdefault(str(image), PictureRecords(str(image)))
        width, height = (side(row.get(s), notes) for s in SIZE)
        frame.width = frame.width if frame.width > 0 else width
        frame.height = frame.height if frame.height > 0 else height
        frame.places += from_plain(row.get(PLACES), frame.path, notes)
        box = [row.get(b) for b in BOX] if any(b in row for b in BOX) else None
        if known is None:
            if name is not None or (box and any(empty_as_none(v) is not None for v in box)):
                shown = ", found none" if name is None else f", found `{str(name)[:40]}`"
                frame.records.append(unreadable(place, NO_CLASS, notes, found=shown))
            continue
        given = empty_as_none(row.get("id"))
        other = {k: v for k, v in row.items() if k not in _OWN}
        rings = rings_of(other.pop("outline", None), place, notes)
        frame.records.append(Record(known, box, rings, None if given is None else str(given), other, place))
    for named, record in lost:
        if named in frames:
            frames[named].records.append(record)
        else:
            strays.append(record)
    add_strays(list(frames.values()), strays)
    if rows and not frames:
        raise InputError(f"{source}: expected the name of a picture in `image`, found none in {rows[0][0]}")
    return table_of(list(frames.values()), program, source, notes)


def guarded(text: str) -> str:
    """A text cell that no spreadsheet takes for a formula: with an apostrophe before `=`, `+`, `-` or `@`.

    Numbers stay as they are; `read_csv` takes the apostrophe away.

    Examples
    --------
    >>> guarded("=1+1"), guarded("-5"), guarded("bolt"), unguarded(guarded("'=x"))
    ("'=1+1", '-5', 'bolt', "'=x")
    """
    return f"'{text}" if _FORMULA.match(text) and number(text) is None else text


def unguarded(text: str) -> str:
    """The cell that `guarded` was given."""
    return text[1:] if text[:1] == "'" and _FORMULA.match(text) else text


def write_csv(table: ObjectTable, path: Path, *, guard: bool = True) -> None:
    """Write a table so that `read_csv` gives it back: all images, boxes and columns, but no outlines.

    Parameters
    ----------
    table : ObjectTable
        What is written.
    path : Path
        The file.
    guard : bool
        Whether texts that a spreadsheet would take for formulas get an apostrophe.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    names = [n for n in table.columns if n not in BOX]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    shield = guarded if guard else str
    head = ["image", *SIZE, "id", "class", *BOX, *map(shield, names)]
    writer.writerow([*head, PLACES] if table.places else head)
    columns = {
        n: c.texts() if isinstance(c, TextColumn) else c.tolist()
        for n in (*BOX, *names)
        if (c := table.columns.get(n)) is not None
    }
    classes = table.classes.texts()
    for image, name in enumerate(table.images):
        size = [_field(v) for v in table.sizes[image].tolist()]
        first, end = int(table.offsets[image]), int(table.offsets[image + 1])
        for row in range(first, end):
            box = [_field(columns[b][row]) if b in columns else "" for b in BOX]
            other = [shield(_field(columns[n][row])) for n in names]
            if table.places:  # of a picture, as its size is: once is enough
                other.append(json.dumps(to_plain(table.places[image])) if row == first and table.places[image] else "")
            writer.writerow([shield(name), *size, shield(table.ids[row]), shield(classes[row] or ""), *box, *other])
        if first == end:
            places = [json.dumps(to_plain(table.places[image]))] if table.places else []
            writer.writerow([shield(name), *size, "", "", *[""] * (len(BOX) + len(names)), *places])
    replace(path, text.getvalue().encode())


def _field(value: object) -> str:
    """A value as text that reads back as the same; empty for none."""
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, list):
        return "" if any(v != v for v in value) else "|".join(repr(v) for v in value)
    return repr(value) if isinstance(value, float) else str(value)


def _decimal(field: str) -> str:
    """A number with a decimal comma, as spreadsheets write beside semicolons, with a point."""
    point = field.strip().replace(",", ".", 1)
    return point if number(field) is None and number(point) is not None else field
