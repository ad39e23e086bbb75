"""The columns of records, each with its type: from the spec (`attribute`), from the language (`length`, `color`, …), or
from its values. May import `ir` and `table`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from logidsl.diagnostics import InputError
from logidsl.extract.naming import column_names, label_names
from logidsl.extract.notes import Notes
from logidsl.extract.values import (
    COLOR_NAME,
    PLAIN,
    TYPED,
    as_floats,
    column_of,
    is_word,
    joined_names,
    kind_declared,
    kind_of,
    number,
    numbers,
    value_of,
)
from logidsl.ir import Program
from logidsl.table import ColumnData, TextColumn

#: Columns of values from 0 to 1: they reach so far by rounding, and in percent further than the second.
_SHARES = ("confidence", "lightness")
_MOST_SURE, _LEAST_PERCENT = 1.001, 2.0


def typed_columns(
    rows: Sequence[Mapping[str, object]], places: Sequence[str], program: Program, notes: Notes
) -> dict[str, ColumnData]:
    """The columns of a source, each with its type; columns without any value are omitted.

    Parameters
    ----------
    rows : sequence of mapping
        The values of each object, by name.
    places : sequence of str
        Where each stands in its source, for notes.
    program : Program
        Says what attributes are called, and of what type they are.
    notes : Notes

    Raises
    ------
    InputError
        If a value cannot be of its column's type.
    """
    names = list(dict.fromkeys(k for row in rows for k in row))
    attributes, spelled = column_names(program, names)
    notes.say(*spelled)
    declared = {a.name: kind_declared(a.type.kind) for a in program.attributes}
    parts = joined_names(names)
    columns: dict[str, ColumnData] = {}
    for name, pieces in parts.items():
        values: Sequence[object] = [value_of(row, pieces) for row in rows]
        if any(isinstance(v, dict | list | tuple) for v in values):
            values = [_plain(v, name, place, notes) for v, place in zip(values, places, strict=True)]
        types = set(map(type, values))
        if types == {type(None)}:
            continue
        wanted = attributes.get(name, name)
        kind = declared.get(wanted) or TYPED.get(wanted) or ("number" if types <= PLAIN else kind_of(values))
        if wanted == "color" and any(map(is_word, values)):
            if COLOR_NAME not in names:
                notes.say(f"words in the column `{name}` are read as the text `{COLOR_NAME}`")
                columns[COLOR_NAME] = column_of(COLOR_NAME, values, "text", places, notes)
            values = [None if is_word(v) else v for v in values]
            if all(v is None for v in values):
                continue
        if wanted in _SHARES:
            values = _shares(wanted, values, notes)
        made = column_of(wanted, values, kind, places, notes)
        if wanted == "angle" and isinstance(made, np.ndarray) and bool((np.abs(made) > 90).any()):
            notes.say(
                f"angles beyond 90 deg in the column `{name}` are those of an axis: 180 deg is 0 deg; for full turns "
                f'declare `attribute heading "{name}": turn`'
            )
        if isinstance(made, TextColumn) and (labels := program.labels.get(wanted)):
            spellings, spelled = label_names(wanted, labels, made.values)
            if spellings:
                made = TextColumn.of([None if t is None else spellings.get(t, t) for t in made.texts()])
            notes.say(*spelled)
        columns[wanted] = made
        if wanted != name and name in TYPED:  # `attribute heading "angle"` does not change `angle`
            typed = [None if name == "color" and is_word(v) else v for v in values]
            columns[name] = column_of(name, typed, TYPED[name], places, notes)
    return columns


def _shares(name: str, values: Sequence[object], notes: Notes) -> Sequence[object]:
    """Values from 0 to 1, also of those in percent, with a note.

    Raises
    ------
    InputError
        If they are neither.
    """
    if set(map(type, values)) <= PLAIN:
        plain = as_floats(values)
        if not ((plain < 0) | (plain > _MOST_SURE)).any():
            return values
    signed = [number(v.strip()[:-1]) if isinstance(v, str) and v.strip().endswith("%") else None for v in values]
    values = [v if share is None else share / 100 for v, share in zip(values, signed, strict=True)]
    given = [n for v in values if (n := number(v)) is not None and math.isfinite(n)]
    low, high = min(given, default=0.0), max(given, default=0.0)
    if low >= 0 and high <= _MOST_SURE:
        return values
    if low < 0 or not _LEAST_PERCENT <= high <= 100 or any(v is not None for v in signed):
        wrong = low if low < 0 else high
        raise InputError(f"{notes.source}: expected `{name}` from 0 to 1, or in percent, found {wrong:g}")
    notes.say(f"`{name}` up to {high:g} taken as percent")
    return [v if (n := number(v)) is None else n / 100 for v in values]


def _plain(value: object, name: str, place: str, notes: Notes) -> object:
    """A value, or None, with a note, if it is nested but neither a point nor a colour."""
    if not isinstance(value, dict | list | tuple) or any(numbers(value, width) is not None for width in (2, 3)):
        return value
    if isinstance(value, list | tuple) and len(value) in (2, 3) and None in value:  # a part of it is missing
        return value
    notes.count(f"nested values in `{name}` is not read", place)
    return None
