"""The files of reference layouts: read when a program is complete, and written by `logidsl table --save-layout`.

A file with the columns `class`, `x` and `y` lists places on the axes of the layout. Any other file shows a good part:
a picture, an annotation or a table of one picture, read as any input of the spec is; its parts become the places.
"""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

from logidsl.diagnostics import Diagnostic, InputError, SpecError
from logidsl.files import digest, read_bytes, replace
from logidsl.ir import Layout, LayoutPlace, Program
from logidsl.source import Source
from logidsl.table import ObjectTable

COLUMNS = ("class", "x", "y")
MOST_BYTES, MOST_PLACES = 4 << 20, 10_000
ENDING = ".csv"


def with_places(program: Program, source: Source) -> Program:
    """A program whose layouts are read.

    Parameters
    ----------
    program : Program
        A checked spec.
    source : Source
        Its text, for diagnostics.

    Raises
    ------
    SpecError
        If a file is missing, outside the spec's folder, damaged, or shows no part that a rule looks for.
    """
    from logidsl.check.source_errors import layout_file

    found, said = list[Layout](), list[Diagnostic]()
    for layout in program.layouts:
        try:
            found.append(_read(program, layout))
        except InputError as error:
            said.append(layout_file(layout.file, str(error), source.place(layout.span)))
    if said:
        raise SpecError(said)
    return program.replaced(layouts=tuple(found)) if found else program


def _read(program: Program, layout: Layout) -> Layout:
    from logidsl.eval.golden import classes_placed

    folder = Path(program.path).parent
    path = folder / layout.file
    try:
        if not path.resolve(strict=True).is_relative_to(folder.resolve()):
            raise InputError("it lies outside of the spec's folder through a link")
        listed = _listed(path) if path.suffix.lower() == ENDING else None
    except FileNotFoundError:
        raise InputError("there is no such file") from None
    except (OSError, RuntimeError) as error:  # also a link to itself
        raise InputError(getattr(error, "strerror", None) or str(error)) from None
    places = _shown(program, layout, path) if listed is None else listed
    names = classes_placed(program, layout)
    declared = {*(c.name for c in program.classes), *(s.name for s in program.sets)}
    unknown = next((p.name for p in places if p.name not in declared), None)
    if unknown is not None:
        raise InputError(f"unknown class `{unknown}`; the spec has {', '.join(f'`{n}`' for n in names)}")
    lacking = [n for n in names if n not in {p.name for p in places}]
    if not places or len(lacking) == len(names):
        raise InputError(f"expected places for {' or '.join(f'`{n}`' for n in names)}, found none")
    if len(places) > MOST_PLACES:
        raise InputError(f"expected at most {MOST_PLACES} places, found {len(places)}")
    return layout.replaced(places=places, digest=digest(path) or "unread")


def _listed(path: Path) -> tuple[LayoutPlace, ...] | None:
    """The places that a file lists; None for a table of objects."""
    try:
        text = read_bytes(path, MOST_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("expected text in UTF-8") from None
    try:
        lines = [
            (n, row) for n, row in enumerate(csv.reader(io.StringIO(text)), 1) if any(cell.strip() for cell in row)
        ]
    except csv.Error as error:
        raise InputError(f"expected a table, found {error}") from None
    if not lines:
        raise InputError("the file is empty")
    head = [cell.strip().lower() for cell in lines[0][1]]
    if sorted(head) != sorted(COLUMNS):
        return None
    places = []
    for number, row in lines[1:]:
        if len(row) != len(head):
            raise InputError(f"line {number}: expected {len(head)} values, found {len(row)}")
        values = {k: cell.strip() for k, cell in zip(head, row, strict=True)}
        places.append(LayoutPlace(name=values["class"], x=_px(values["x"], number), y=_px(values["y"], number)))
    return tuple(places)


def _px(text: str, line: int) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"line {line}: expected a number of px, found `{text}`")
    return value


def _shown(program: Program, layout: Layout, path: Path) -> tuple[LayoutPlace, ...]:
    from logidsl.seeing import see_one

    return places_of(program, layout, see_one(program, path))


def places_of(program: Program, layout: Layout, table: ObjectTable) -> tuple[LayoutPlace, ...]:
    """The places that the one picture of a table shows.

    Raises
    ------
    InputError
        If it shows several pictures or none, or the frame or a part is not clear.
    """
    from logidsl.eval.golden import shown

    if table.problems:
        raise InputError(table.problems[0].named)
    if len(table.images) != 1:
        raise InputError(f"expected one picture, found {len(table.images)}")
    return shown(program, table, layout)


def write(path: Path, places: tuple[LayoutPlace, ...]) -> None:
    """Write a file of places, from the top, then from the left.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for p in sorted(places, key=lambda p: (p.y, p.x, p.name)):
        writer.writerow([p.name, f"{p.x:.6g}", f"{p.y:.6g}"])
    replace(path, out.getvalue().encode())
