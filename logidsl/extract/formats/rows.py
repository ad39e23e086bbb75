"""Rows of objects with named columns, the common part of the readers of CSV, JSON and Arrow tables.

Columns that other tools name otherwise are found and noted; see `columns` and `box_columns`. May import `table`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from logidsl.diagnostics import InputError, did_you_mean, nearest
from logidsl.extract.formats.annotations import side
from logidsl.extract.formats.box_columns import with_boxes
from logidsl.extract.formats.columns import in_other_unit, missing_corner, named_classes, own_names
from logidsl.extract.formats.place_records import PLACES, from_plain
from logidsl.extract.formats.resemblance import unread
from logidsl.extract.notes import Notes
from logidsl.extract.records import NO_CLASS, EntryError, PictureRecords, Record, rings_of, unreadable
from logidsl.extract.values import class_name, empty_as_none
from logidsl.table import BOX

NEEDED = ("image", "class", *BOX)
SIZE = ("image_width", "image_height")
#: Columns that `logidsl table` writes for people; the reader ignores them.
_DERIVED = ("names", "undetermined", "seen_as", "row")
_OWN = frozenset([*NEEDED, *SIZE, *_DERIVED, PLACES, "id", "path", "box", "outline"])


def in_own_words(
    rows: Sequence[Mapping[str, object]], names: Sequence[str], notes: Notes
) -> Sequence[Mapping[str, object]]:
    """Rows whose columns have the names of the language.

    Parameters
    ----------
    rows : sequence of mapping
        Values by column.
    names : sequence of str
        The columns.
    notes : Notes
        Takes what was taken for what.

    Raises
    ------
    InputError
        If classes are given, and none of them is a name.
    """
    renamed = own_names(names)
    if renamed:
        notes.say("columns read as " + ", ".join(f"`{new}`: `{old}`" for old, new in renamed.items()))
        rows = [{renamed.get(k, k): v for k, v in row.items()} for row in rows]
    try:
        rows, said = with_boxes(rows)
    except EntryError as error:
        raise InputError(f"{notes.source}: {error}") from None
    require_px(rows, notes.source)
    notes.say(*said)
    if (source := named_classes(rows)) is not None:
        notes.say(f"`class` only numbers the classes: their names taken from `{source}`")
        rows = [{**row, "class": row[source]} for row in rows]
    require_names([row.get("class") for row in rows], notes.source)
    return rows


def require_columns(names: Sequence[str], source: str) -> None:
    """See that the needed columns are there; a table without any of the four of a box has facts, not places.

    Raises
    ------
    InputError
        If one is missing; the message offers the nearest name.
    """
    others = [n for n in names if n not in NEEDED]
    corner = missing_corner(names)
    boxed = any(b in names for b in BOX)
    if corner is not None and not boxed:
        said = f"expected a column `{corner[0]}` (`{corner[1]}`) beside the other three"
        raise InputError(f"{source}: {said}{did_you_mean(corner[0], others)}")
    like = [n for n in others if len(n) > 1 and n != "id"]
    for needed in NEEDED if boxed or any(nearest(b, like) for b in BOX) else NEEDED[:2]:
        if needed not in names:
            found = ", ".join(f"`{n}`" for n in names[:12]) or "none"
            hint = unread(names) or did_you_mean(needed, others)
            raise InputError(f"{source}: expected a column `{needed}`, found {found}{hint}")


def require_px(rows: Sequence[Mapping[str, object]], source: str) -> None:
    """See that no box is given in another unit than px.

    Raises
    ------
    InputError
        If there is none in px, but a column of a box with another unit.
    """
    names = dict.fromkeys(name for row in rows for name in row)
    other = None if {*BOX, "box", "outline"} & {*names} else next((n for n in names if in_other_unit(n)), None)
    if other is not None:
        unit = in_other_unit(other)
        raise InputError(
            f"{source}: expected boxes in px, found `{other}` in {unit}: multiply it by the px of one {unit}"
        )


def require_names(classes: Sequence[object], source: str) -> None:
    """Check that the classes are not something else throughout, such as lists of boxes.

    Raises
    ------
    InputError
        If classes are given, and none of them is a name.
    """
    given = [c for c in classes if empty_as_none(c) is not None]
    if given and all(class_name(c) is None for c in given):
        raise InputError(f"{source}: {NO_CLASS} in `class`, found `{str(given[0])[:40]}`")


def picture_of_row(
    frames: dict[str, PictureRecords],
    name: str,
    row: Mapping[str, object],
    notes: Notes,
    facts: frozenset[str] = frozenset(),
) -> PictureRecords:
    """The picture with a name, added if new, with the size, the places and the `facts` given by a row."""
    frame = frames.setdefault(name, PictureRecords(name))
    sides = side(row.get(SIZE[0]), notes), side(row.get(SIZE[1]), notes)
    frame.width = frame.width if frame.width > 0 else sides[0]
    frame.height = frame.height if frame.height > 0 else sides[1]
    frame.places += from_plain(row.get(PLACES), name, notes)
    for column in facts:
        value = empty_as_none(row.get(column))
        if value is None:
            continue
        text = f"{value:.15g}" if isinstance(value, float) else str(value)
        if frame.facts.setdefault(column, text) not in (text, None):
            notes.count(f"`{column}` of a picture is not one value, and counts as missing", name)
            frame.facts[column] = None
    return frame


def record_of_row(row: Mapping[str, object], place: str, notes: Notes) -> Record | None:
    """The object of a row; None if it has neither a class nor a box."""
    name = empty_as_none(row.get("seen_as")) or empty_as_none(row.get("class"))
    known, box = class_name(name), row.get("box")
    if not isinstance(box, list | tuple) and any(empty_as_none(row.get(b)) is not None for b in BOX):
        box = [row.get(b) for b in BOX]
    if known is None:
        shown = EntryError(NO_CLASS, name).found or ", found none"
        return None if name is None and box is None else unreadable(place, NO_CLASS, notes, found=shown)
    given = empty_as_none(row.get("id"))
    return Record(
        known,
        box if isinstance(box, list | tuple) or box is None else [box],
        rings_of(row.get("outline"), place, notes),
        None if given is None else str(given),
        {k: v for k, v in row.items() if k not in _OWN},
        place,
    )
