"""Tables of objects in JSON.

Any of: a list of rows with the columns of the CSV form (`image, class, x0, y0, x1, y1` or `box`, …); a
picture `{"path", "width", "height", "objects": [{"id", "class", "box", …}]}`; a list of such, or `{"images":
[…]}`; one of these on each line. What `logidsl table --format json` prints is among them. An object may have
an `outline`: a list of rings of points, the holes after the outer one. May import `ir`, `table` and
`diagnostics`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from logidsl.diagnostics import InputError, did_you_mean
from logidsl.extract.formats.box_columns import with_boxes
from logidsl.extract.formats.columns import own_names
from logidsl.extract.formats.documents import JSON_ENDINGS, FileReader, read_json
from logidsl.extract.formats.labelme import is_labelme
from logidsl.extract.formats.place_records import PLACES, to_plain
from logidsl.extract.formats.resemblance import resembling
from logidsl.extract.formats.rows import SIZE, in_own_words, picture_of_row, record_of_row, require_names
from logidsl.extract.notes import Notes, lost_lines
from logidsl.extract.records import EntryError, PictureRecords, Record, add_strays, table_of, unreadable
from logidsl.extract.values import class_name, empty_as_none
from logidsl.ir import Program
from logidsl.table import BOX, ObjectTable, Problem, TextColumn


def is_json_table(path: Path) -> bool:
    """Whether a file has the ending of one, and is not LabelMe's."""
    return path.suffix.lower() in JSON_ENDINGS and not is_labelme(path)


def read_json_table(path: Path, program: Program) -> ObjectTable:
    """Read a table of objects.

    Parameters
    ----------
    path : Path
        UTF-8.
    program : Program
        Says what classes and attributes are called.

    Raises
    ------
    InputError
        If the file cannot be read, is no JSON, or no table.
    """
    broken: dict[int, str] = {}
    table = table_of_json(read_json(path, broken=broken), program, str(path), broken)
    return replace(table, problems=(*table.problems, *lost_lines(path, broken)))


def _are_pictures(document: Mapping[str, object]) -> bool:
    """Whether the `images` of a document contain its objects, even if those of a single one are repeated."""
    images = document["images"]
    each = isinstance(images, list) and len(images) == 1 and isinstance(images[0], dict) and "objects" in images[0]
    return "objects" not in document or each


def table_of_json(
    document: object, program: Program, source: str, broken: Mapping[int, str] | None = None
) -> ObjectTable:
    """The table of a JSON value.

    Parameters
    ----------
    document : object
        In one of the forms that the module describes.
    program : Program
        Says what classes and attributes are called.
    source : str
        What messages call it; also the name of a picture that has none.
    broken : mapping of int to str, optional
        Lines that are not JSON, and why: where others are objects, each may be one of any picture.

    Returns
    -------
    ObjectTable
        A bad object is an uncertain one, with a note; a picture that cannot be read at all is a problem. Neither costs
        the others.

    Raises
    ------
    InputError
        If it is in none of the forms, or nothing in it can be read.
    """
    frames: dict[str, PictureRecords] = {}
    if isinstance(document, dict) and isinstance(images := document.get("images"), list) and _are_pictures(document):
        document = images
    notes = Notes(source)
    items = _in_own_words(document if isinstance(document, list) else [document], notes)
    problems: list[Problem] = []
    errors: list[EntryError] = []
    lost: list[tuple[str, Record]] = []
    named = any(isinstance(i, dict) and "class" in i and _picture_name(i) for i in items)
    facts = program.picture_columns
    for place, item in enumerate(items, 1):
        try:
            _add_item(frames, item, source, place if len(items) > 1 else None, notes, facts, named=named)
        except EntryError as error:
            errors.append(error)
            image = item.get("image") if isinstance(item, dict) else None
            if isinstance(item, dict) and "class" not in item and "image" not in item:
                name = str(item.get("path") or f"{source}, item {place}")
                problems.append(Problem(name, f"{source}: {error}"))
            else:
                known = class_name(item.get("class")) if isinstance(item, dict) else None
                record = unreadable(f"item {place}", str(error), notes, known)
                lost.append((image if isinstance(image, str) else "", record))
    if errors and len(errors) == len(items):
        raise InputError(f"{source}: {errors[0]}{resembling(document)}")
    if broken and any(isinstance(i, dict) and "objects" not in i for i in items):
        lost += [("", unreadable(f"line {n}", "it is not JSON", notes, found=f" ({why})")) for n, why in broken.items()]
    for image, record in lost:
        if image:
            frames.setdefault(image, PictureRecords(image)).records.append(record)
        else:
            add_strays(list(frames.values()), [record])
    return replace(table_of(list(frames.values()), program, source, notes), problems=tuple(problems))


def _in_own_words(items: Sequence[object], notes: Notes) -> Sequence[object]:
    """Rows with other tools' columns renamed to the language's names; renamings are noted."""
    rows = [i for i in items if isinstance(i, dict)]
    if not rows or any("objects" in r for r in rows):
        return items
    flat: Sequence[Mapping[str, object]] = [_unfolded(r) for r in rows]
    names = list(dict.fromkeys(k for r in flat for k in r))
    if "class" not in names and "class" not in own_names(names).values():
        return items  # not rows of objects: the message lists what is missing
    flat = in_own_words(flat, names, notes)
    if len(flat) > 1 and all(set(row) == {"class", "confidence"} for row in flat):
        raise InputError(
            f"{notes.source}: expected objects with a place, a picture or a `count`, found classes with a confidence "
            "alone, as for a picture as a whole"
        )
    named = iter(flat)
    return [next(named) if isinstance(i, dict) else i for i in items]


def _unfolded(row: Mapping[str, object]) -> Mapping[str, object]:
    """A row with the parts of its box as columns, and the outline that ultralytics calls `segments`."""
    match row:
        case {"segments": {"x": list(x), "y": list(y)}} if "outline" not in row and len(x) == len(y):
            row = {k: v for k, v in row.items() if k != "segments"} | {
                "outline": list(map(list, zip(x, y, strict=True)))
            }
    box = row.get("box")
    return {**{k: v for k, v in row.items() if k != "box"}, **box} if isinstance(box, dict) else row


def _add_item(
    frames: dict[str, PictureRecords],
    item: object,
    source: str,
    place: int | None,
    notes: Notes,
    facts: frozenset[str],
    *,
    named: bool,
) -> None:
    """Add a picture or an object; one of several has a place. If rows are `named`, one without a picture is of any.

    Raises
    ------
    EntryError
        If it is neither, or nothing of it can be read.
    """
    if not isinstance(item, dict):
        raise EntryError(f"expected an object or a picture, found `{str(item)[:40]}` as item {place or 1}")
    if isinstance(item.get("objects"), list):
        _add_picture(frames, item, source, place, notes, facts)
    elif "class" in item:
        name = _picture_name(item)
        if name is None and named:
            raise EntryError("expected the name of a picture in `image`, found none")
        record = _record(item, f"item {place or 1}", notes)
        frame = picture_of_row(frames, name or source, item, notes, facts)
        frame.records += [record] if record else []
    else:
        hint = did_you_mean("class", item) or did_you_mean("objects", item)
        found = ", ".join(f"`{k}`" for k in list(item)[:8]) or "nothing"
        raise EntryError(f"expected `class`, or `objects` of a picture, found {found}{hint}")


def _picture_name(row: Mapping[str, object]) -> str | None:
    """The picture that a row names; a frame is a number, which may be 0."""
    given = (empty_as_none(row.get(key)) for key in ("image", "path"))
    return next((str(name) for name in given if name is not None), None)


def _add_picture(
    frames: dict[str, PictureRecords],
    item: Mapping[str, object],
    source: str,
    place: int | None,
    notes: Notes,
    facts: frozenset[str],
) -> None:
    images, objects = item.get("images"), item["objects"]
    several = isinstance(images, list)  # a table of several pictures whose objects name theirs
    name = item.get("path") or item.get("image")
    if name is None and place is not None:
        raise EntryError(f"expected the name of each picture in `path`, found none in item {place}")
    assert isinstance(objects, list)
    require_names([row.get("class") for row in objects if isinstance(row, dict)], source)
    if objects and all(isinstance(row, dict) for row in objects):
        boxed, said = with_boxes([{**_sized(item), **row} for row in objects])
        notes.say(*said)
        objects = boxed if said else objects
    read: list[tuple[str, Record | None]] = []
    errors: list[EntryError] = []
    for number_, row in enumerate(objects, 1):
        own = row.get("image") if several and isinstance(row, dict) else None
        here = str(own or name or source)
        where = f"object {number_} of {here}"
        try:
            read.append((here, _record(row, where, notes)))
        except EntryError as error:
            errors.append(error)
            read.append((here, unreadable(where, str(error), notes)))
    if errors and len(errors) == len(read):
        raise errors[0]
    for image in images if isinstance(images, list) else ():
        if isinstance(image, dict) and isinstance(image.get("path"), str):
            picture_of_row(frames, image["path"], _sized(image, facts), notes, facts)
    if not several:
        picture_of_row(frames, str(name or source), _sized(item, facts), notes, facts)
    for here, record in read:
        picture_of_row(frames, here, {}, notes).records += [record] if record else []


def _sized(item: Mapping[str, object], facts: frozenset[str] = frozenset()) -> dict[str, object]:
    """The size, the places and the `facts` of a picture under the names that rows have for them."""
    said = {name: item[name] for name in facts if name in item}
    return said | dict(zip((*SIZE, PLACES), map(item.get, ("width", "height", PLACES)), strict=True))


def _record(row: object, place: str, notes: Notes) -> Record | None:
    """The object of a mapping; None if it has neither a class nor a box."""
    if not isinstance(row, dict):
        raise EntryError(f"expected an object, found `{str(row)[:40]}` as {place}")
    if "class" not in row:
        raise EntryError(f"expected `class`, found none in {place}{did_you_mean('class', row)}")
    return record_of_row(row, place, notes)


def to_json_rows(table: ObjectTable, image: int) -> dict[str, object]:
    """One picture of a table as plain values that `table_of_json` reads back, including outlines.

    Parameters
    ----------
    table : ObjectTable
        The table.
    image : int
        Place of the picture in it.

    Returns
    -------
    dict
        `path`, `width`, `height`, `objects`; each object has `id`, `class`, `box` and what was measured. `places` where
        something was measured of places.
    """
    width, height = (None if math.isnan(v) else v for v in table.sizes[image].tolist())
    classes = table.classes.texts()
    columns = {n: c.texts() if isinstance(c, TextColumn) else c.tolist() for n, c in table.columns.items()}
    objects = []
    for row in range(int(table.offsets[image]), int(table.offsets[image + 1])):
        item: dict[str, object] = {"id": table.ids[row], "class": classes[row]}
        box = [columns[b][row] for b in BOX] if all(b in columns for b in BOX) else None
        if box is not None and _measured(box):
            item["box"] = box
        item |= {n: c[row] for n, c in columns.items() if n not in BOX and _measured(c[row])}
        rings = table.outlines.rings(row) if table.outlines is not None else []
        if rings:
            item["outline"] = [ring.tolist() for ring in rings]
        objects.append(item)
    places = {PLACES: to_plain(table.places[image])} if table.places and table.places[image] else {}
    facts = {name: v for name, values in table.facts.items() if (v := values[image]) is not None}
    return {"path": table.images[image], "width": width, "height": height, **facts, "objects": objects, **places}


def _measured(value: object) -> bool:
    """Whether there is a value: neither None nor NaN."""
    items: Sequence[object] = value if isinstance(value, list) else [value]
    return all(v is not None and v == v for v in items)


EXTRACTOR = FileReader("JSON table", is_json_table, read_json_table, generic=True)
