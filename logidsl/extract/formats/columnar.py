"""Tables of objects that come as columns, read without making a row of each object.

Only for tables in the language's own words in which nothing has to be put right: `table_of_arrow` gives None for any
other, which is then read row by row. What is said of a text is decided once for each different text. May import
`table`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from logidsl.arrays import Floats, Ints
from logidsl.diagnostics import InputError
from logidsl.extract.formats.box_columns import OTHER_BOXES
from logidsl.extract.formats.columns import own_names
from logidsl.extract.formats.place_records import PLACES
from logidsl.extract.formats.rows import NEEDED, SIZE
from logidsl.extract.naming import class_names, column_names, label_names
from logidsl.extract.notes import Notes
from logidsl.extract.records import FARTHEST_PX
from logidsl.extract.values import TYPED, column_of, is_json, joined_names, kind_declared, kind_of
from logidsl.ir import Program
from logidsl.table import BOX, COUNT, UNREADABLE, ColumnData, ObjectTable, TextColumn

#: Columns that mean more than a value of the object.
_SPECIAL = frozenset([*SIZE, *OTHER_BOXES, PLACES, COUNT, UNREADABLE, "path", "box", "outline", "segments", "seen_as"])
#: Columns that are no value of the object, or are written for people.
_LEFT_OUT = frozenset([*NEEDED, "id", "names", "undetermined", "row"])


class _Unplain(Exception):  # noqa: N818 - not an error: the table is read in another way
    """Something that only reading row by row knows what to do with."""


def table_of_arrow(given: Any, program: Program, source: str) -> ObjectTable | None:
    """The table of an Arrow table with a row for each object; None if it must be read row by row.

    Parameters
    ----------
    given : pyarrow.Table
        With the columns of the CSV form.
    program : Program
        Says what classes and attributes are called.
    source : str
        What notes call the source.
    """
    names = given.column_names
    plain = len(set(names)) == len(names) and {*NEEDED} <= {*names} and not _SPECIAL & {*names}
    if not plain or not len(given) or own_names(names) or any(len(p) > 1 for p in joined_names(names).values()):
        return None
    try:
        return _table(given, program, source)
    except _Unplain:
        return None


def _table(given: Any, program: Program, source: str) -> ObjectTable:
    notes = Notes(source)
    pictures, images, order = _pictures(given)
    codes, names = _texts(given, "class")
    stripped = [name.strip() for name in names]
    _need(all(images) and all(stripped) and not any(map(is_json, stripped)))
    _need(not all(name.isascii() and name.isdigit() for name in stripped))  # numbers of classes: their names elsewhere
    boxes = {name: _numbers(given, name) for name in BOX}
    _need(all(max(-v.min(), v.max()) <= FARTHEST_PX for v in boxes.values()))  # which a missing one is not
    _need(any(v.max() > 1 for v in boxes.values()))  # else they may be shares of the picture
    _need(bool((boxes["x0"] <= boxes["x1"]).all() and (boxes["y0"] <= boxes["y1"]).all()))
    called, spelled = class_names(program, stripped)
    notes.say(*spelled)
    counts = np.bincount(pictures, minlength=len(images))
    columns: dict[str, ColumnData] = {**boxes, **dict(_given(given, program, notes))}
    classes = TextColumn.of([called[name] for name in stripped]).take(codes)
    if order is not None:
        columns = {n: c.take(order) if isinstance(c, TextColumn) else c[order] for n, c in columns.items()}
        classes = classes.take(order)
    return ObjectTable(
        images=tuple(images),
        sizes=np.full((len(images), 2), np.nan),
        offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        classes=classes,
        ids=_ids(given, pictures, counts, order),
        columns=columns,
        notes=notes.lines(),
    )


def _need(plain: bool) -> None:
    if not plain:
        raise _Unplain


def _is(column: Any, *kinds: str) -> bool:
    import pyarrow as pa

    return any(getattr(pa.types, f"is_{kind}")(column.type) for kind in kinds)


def _pictures(given: Any) -> tuple[Ints, list[str], Ints | None]:
    """The picture of each row, their names, and the order that puts rows of a picture together; None if they are."""
    import pyarrow.compute as pc

    runs = pc.run_end_encode(_plain_texts(given, "image"))
    codes, images = _coded(runs.values)
    together = len(images) == len(codes)
    pictures = np.repeat(codes, np.diff(np.asarray(runs.run_ends), prepend=0))
    return pictures, images, None if together else np.argsort(pictures, kind="stable")


def _texts(given: Any, name: str, *, gaps: bool = False) -> tuple[Ints, list[str]]:
    """A column of texts: for each row which of the different ones, in the order in which they come; -1 for a gap."""
    return _coded(_plain_texts(given, name, gaps=gaps))


def _plain_texts(given: Any, name: str, *, gaps: bool = False) -> Any:
    import pyarrow as pa

    column = given.column(name)
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    _need(kind in (pa.string(), pa.large_string(), pa.string_view()) and (gaps or not column.null_count))
    return column.cast(pa.large_string()).combine_chunks()


def _coded(texts: Any) -> tuple[Ints, list[str]]:
    coded = texts.dictionary_encode()
    return np.asarray(coded.indices.fill_null(-1), np.int64), coded.dictionary.to_numpy(zero_copy_only=False).tolist()


def _numbers(given: Any, name: str) -> Floats:
    """A column of numbers, NaN for a gap."""
    column = given.column(name)
    _need(_is(column, "floating", "integer"))
    values = np.array(column.to_numpy(), np.float64)  # not the memory of the table, which may change
    _need(not np.isinf(values).any())
    return values


def _given(given: Any, program: Program, notes: Notes) -> list[tuple[str, ColumnData]]:
    """The columns that are values of the objects, each with its type; columns without any value are left out."""
    names = [n for n in given.column_names if n not in _LEFT_OUT]
    attributes, spelled = column_names(program, names)
    _need(not attributes and not spelled)
    declared = {a.name: kind_declared(a.type.kind) for a in program.attributes}
    found: list[tuple[str, ColumnData]] = []
    for name in names:
        kind = declared.get(name) or TYPED.get(name)
        if _is(given.column(name), "null"):
            continue
        if _is(given.column(name), "floating", "integer"):
            _need(kind in (None, "number"))
            numbers = _numbers(given, name)
            _need(
                name not in ("confidence", "lightness")
                or not (np.nanmax(numbers, initial=0) > 1 or np.nanmin(numbers, initial=0) < 0)
            )
            if not np.isnan(numbers).all():
                found.append((name, numbers))
            continue
        codes, texts = _texts(given, name, gaps=True)
        values = [text or None for text in map(str.strip, texts)]
        if all(v is None for v in values):
            continue
        silent = Notes("")
        try:
            made = column_of(name, [*values, None], kind or kind_of(values), [""] * (len(values) + 1), silent)
        except InputError:
            raise _Unplain from None  # the other way names the source
        _need(not silent.lines())
        if isinstance(made, TextColumn) and (labels := program.labels.get(name)):
            spellings, spelled = label_names(name, labels, made.values)
            made = TextColumn.of([None if t is None else spellings.get(t, t) for t in made.texts()])
            notes.say(*spelled)
        found.append(
            (name, made.take(codes) if isinstance(made, TextColumn) else made.take(codes, axis=0, mode="wrap"))
        )
    return found


def _ids(given: Any, pictures: Ints, counts: Ints, order: Ints | None) -> tuple[str, ...]:
    """The ids as they are given, or else the objects' numbers in their picture."""
    if "id" not in given.column_names:
        numbers = tuple(map(str, range(1, int(counts.max(initial=0)) + 1)))
        upto = {n: numbers[:n] for n in np.unique(counts).tolist()}
        found: list[str] = []
        for n in counts.tolist():
            found += upto[n]
        return tuple(found)
    if _is(given.column("id"), "integer"):
        _need(not given.column("id").null_count)
        codes = given.column("id").to_numpy()
        names = list(map(str, codes.tolist()))
    else:
        codes, texts = _texts(given, "id")
        _need(all(text and text == text.strip() for text in texts))
        names = [texts[code] for code in codes.tolist()]
    _need(len(np.unique(np.stack([pictures, codes]), axis=1).T) == len(codes))
    return tuple(names if order is None else (names[row] for row in order.tolist()))
