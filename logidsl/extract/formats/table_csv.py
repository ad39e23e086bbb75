"""Tables of objects in CSV.

One row per object, with the columns `image, class, x0, y0, x1, y1` in any order, and any others: `id`, `confidence`,
the size of the picture as `image_width, image_height`, and other measurements. A row with a name but no class means
that the picture has no object. May import `ir`, `table` and `diagnostics`.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from logidsl.diagnostics import InputError
from logidsl.extract.formats.columns import BOX_COLUMNS, own_names, unit_of
from logidsl.extract.formats.documents import FileReader, read_text
from logidsl.extract.formats.place_records import PLACES, to_plain
from logidsl.extract.formats.rows import SIZE, in_own_words, picture_of_row, record_of_row, require_columns
from logidsl.extract.notes import Notes
from logidsl.extract.records import PictureRecords, Record, add_strays, table_of, unreadable
from logidsl.extract.values import class_name, empty_as_none, number
from logidsl.files import replace
from logidsl.ir import Program
from logidsl.spreadsheets import guarded, unguarded
from logidsl.table import BOX, ObjectTable, TextColumn

_SEPARATOR = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
#: The fields of lines, with their numbers.
Lines: TypeAlias = list[tuple[int, list[str]]]


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
    names, lines = csv_lines(path)
    rows: list[tuple[str, Mapping[str, object]]] = []
    notes, expected = Notes(str(path)), f"expected {len(names)} fields"
    lines = _without_units(names, lines, path, notes)
    lost: list[tuple[str, Record]] = []
    renamed = own_names(names)
    pictured = next((n for n, name in enumerate(names) if renamed.get(name, name) == "image"), len(names))
    for place, line in lines:
        if len(line) == len(names):
            rows.append((f"line {place}", dict(zip(names, line, strict=True))))
        else:
            record = unreadable(f"line {place}", expected, notes, found=f", found {len(line)}")
            lost.append((line[pictured] if pictured < len(line) else "", record))
            if len(lost) == 1:
                first = f"{expected} in line {place}, found {len(line)}"
    if lost and len(lost) >= len(rows):  # then it is the first line that is odd
        raise InputError(f"{path}: {first}")
    return table_of_rows(rows, program, str(path), names, notes, lost)


def csv_lines(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The names of the columns of a CSV file, and its lines with their numbers, without those that are empty.

    Raises
    ------
    InputError
        If the file cannot be read, is not CSV, or has a column twice.
    """
    text = read_text(path)
    header, first = text.splitlines()[0], 1
    delimiter = max(",;\t", key=header.count)
    if said := _SEPARATOR.match(text):  # of Excel: which delimiter it is
        text, delimiter, first = text[said.end() :], said[1], 2
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise InputError(f"{path} is not valid CSV: {error}") from None
    lines = [[unguarded(cell) for cell in line] for line in lines]
    names = [n.strip() for n in lines[0]] if lines else []
    require_header(names, path)
    if names.count("") > 1:
        raise InputError(f"{path}: expected a name for each column in the first line, found {names.count('')} without")
    for name in {n for n in names if names.count(n) > 1}:
        raise InputError(f"{path}: expected each column once, found `{name}` {names.count(name)} times")
    if delimiter in ";\t":
        lines = [line if len(line) != len(names) else [_decimal(field) for field in line] for line in lines]
    return names, [(n, line) for n, line in enumerate(lines[1:], first + 1) if any(field.strip() for field in line)]


def require_header(names: Sequence[str], path: Path) -> None:
    """See that the first line has the names of the columns.

    Raises
    ------
    InputError
        If it has numbers, or holds one field beside empty ones, as a title does.
    """
    value = next((n for n in names if number(n) is not None), None)
    if value is None and len(names) > 2 and sum(map(bool, names)) == 1:
        value = next(filter(None, names))
    if value is not None:
        raise InputError(f"{path}: expected the names of the columns in the first line, found `{value[:40]}`")


def _without_units(names: Sequence[str], lines: Lines, path: Path, notes: Notes) -> Lines:
    """The lines after one with the units of the columns.

    Raises
    ------
    InputError
        If boxes are in another unit than px.
    """
    place, line = lines[0] if lines else (0, [])
    units = {name: unit for name, cell in zip(names, line, strict=False) if (unit := unit_of(cell)) is not None}
    if not units or any(number(cell) is not None for cell in line):
        return lines
    for name, unit in units.items():
        if not unit.lower().startswith(("px", "pixel")) and name in BOX_COLUMNS:
            raise InputError(f"{path}: expected boxes in px, found `{name}` in {unit} in line {place}")
    notes.say(f"line {place} taken as the units of the columns")
    return lines[1:]


def table_of_rows(
    rows: Sequence[tuple[str, Mapping[str, object]]],
    program: Program,
    source: str,
    names: Sequence[str],
    notes: Notes | None = None,
    lost: Sequence[tuple[str, Record]] = (),
) -> ObjectTable:
    """The table of rows, each with its position and its values by column.

    Parameters
    ----------
    rows : sequence of (str, mapping)
        As their source has them.
    program : Program
        The names of classes and attributes.
    source : str
        The name of the source in messages.
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
    own = in_own_words([row for _, row in rows], names, notes)
    renamed = own_names(names)
    require_columns(list(own[0]) if own else [renamed.get(n, n) for n in names], source)
    strays: list[Record] = []
    for (place, _), row in zip(rows, own, strict=True):
        image = empty_as_none(row["image"])
        if image is None:
            why = "expected the name of a picture in `image`, found none"
            strays.append(unreadable(place, why, notes, class_name(row.get("seen_as") or row["class"])))
            continue
        frame = picture_of_row(frames, str(image), row, notes, program.picture_columns)
        record = record_of_row(row, place, notes)
        frame.records += [record] if record else []
    for named, record in lost:
        (frames[named].records if named in frames else strays).append(record)
    add_strays(list(frames.values()), strays)
    if rows and not frames:
        raise InputError(f"{source}: expected the name of a picture in `image`, found none in {rows[0][0]}")
    return table_of(list(frames.values()), program, source, notes)


def write_csv(table: ObjectTable, path: Path, *, guard: bool = True) -> None:
    """Write a table so that `read_csv` restores it: all images, boxes and columns, but no outlines.

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
            other = [shield(said[image] or "") if (said := table.facts.get(n)) else "" for n in names]
            writer.writerow([shield(name), *size, "", "", *[""] * len(BOX), *other, *places])
    replace(path, text.getvalue().encode())


def _field(value: object) -> str:
    """A value as text that parses back to it; empty for a missing one."""
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, list):
        return "" if any(v != v for v in value) else "|".join(repr(v) for v in value)
    return repr(value) if isinstance(value, float) else str(value)


def _decimal(field: str) -> str:
    """A number with a decimal comma, as spreadsheets write beside semicolons and tabs, with a point."""
    point = field.strip().replace(",", ".", 1)
    return point if number(field) is None and number(point) is not None else field


EXTRACTOR = FileReader("CSV table", lambda path: path.suffix.lower() in (".csv", ".tsv"), read_csv, generic=True)
