"""Tables that come as columns are read as their rows are, or row by row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import logidsl
from logidsl.dataframe import arrow_of, rows_of
from logidsl.diagnostics import InputError
from logidsl.extract import table_of_arrow, table_of_json
from logidsl.table import ObjectTable, TextColumn

SPEC = logidsl.loads(
    'color red = "#d02020"\nobject bolt\nobject nut "Nut M6"\nattribute side of bolt: left | right\n'
    "attribute heat of bolt: number\nattribute note of bolt: text\n"
    "rule r: every bolt: color = red and side = left\n"
)
PLAIN: dict[str, list[Any]] = {
    "image": ["b.png", "a.png", "b.png", "a.png"],
    "class": ["bolt", "Nut M6", "washer", "bolt"],
    "x0": [1.0, 2.0, 3.0, 4.0],
    "y0": [0.0, 0.0, 0.0, 0.0],
    "x1": [5.0, 6.5, 7.0, 8.0],
    "y1": [9.0, 9.0, 9.0, 9.0],
}


def same(a: ObjectTable, b: ObjectTable) -> None:
    """Both tables are equal in everything."""
    assert (a.images, a.ids, a.notes, a.problems) == (b.images, b.ids, b.notes, b.problems)
    assert np.array_equal(a.offsets, b.offsets)
    assert np.array_equal(a.sizes, b.sizes, equal_nan=True)
    assert list(a.columns) == list(b.columns)
    for one, other in [(a.classes, b.classes), *((a.columns[k], b.columns[k]) for k in a.columns)]:
        assert type(one) is type(other)
        if isinstance(one, TextColumn) and isinstance(other, TextColumn):
            assert one.values == other.values
            assert np.array_equal(one.codes, other.codes)
        elif not isinstance(one, TextColumn) and not isinstance(other, TextColumn):
            assert np.array_equal(one, other, equal_nan=True)


def by_columns(columns: dict[str, list[Any]]) -> ObjectTable | None:
    """The table by its columns, which is the same as by its rows; None where it is read row by row."""
    arrow = arrow_of(pa.table(columns))
    found = table_of_arrow(arrow, SPEC.program, "table")
    if found is not None:
        same(found, table_of_json(rows_of(arrow), SPEC.program, "table"))
    return found


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"id": ["7", "7", "8", "9"], "confidence": [0.5, 1.0, None, float("nan")]},
        {"id": [7, 7, 8, 9], "heat": [1, 2, 3, None]},
        {"image": ["a", "a", "b", "b"], "id": ["7", "8", "7", "8"]},
        {
            "color": ["#d02020", None, "#00ff00", ""],
            "side": ["Left", "right", "top", None],
            "note": ["1", "x", " ", "1"],
        },
        {"area": ["3", "4.5", None, " 5 "], "own": ["a", "a", "b", None], "empty": [None] * 4},
        {"class": ["Bolts", "bolt", "nut m6", "?"]},
    ],
)
def test_plain_tables_are_read_by_columns(more: dict[str, list[Any]]) -> None:
    assert by_columns({**PLAIN, **more}) is not None


@pytest.mark.parametrize(
    "more",
    [
        {"class": ["bolt", None, "nut", "bolt"]},
        {"class": ["1", "2", "1", "2"]},
        {"class": ['["bolt"]', "bolt", "bolt", "bolt"]},
        {"image": ["", "a.png", "b.png", "b.png"]},
        {"x0": [1.0, None, 3.0, 4.0]},
        {"x0": [6.0, 2.0, 3.0, 4.0]},
        {"x0": [float("-inf"), 2.0, 3.0, 4.0]},
        {"x1": ["5", "6", "7", "8"]},
        {"id": ["7", "8", "7", "9"]},
        {"id": ["7", None, "8", "9"]},
        {"area": ["3", "wide", None, "5"]},
        {"count": ["1", "2", "1", "0..1"]},
        {"image_width": [100] * 4, "image_height": [100] * 4},
        {"flat": [True, False, True, True]},
        {"start_x": [1.0] * 4, "start_y": [2.0] * 4},
        {"x2": [1.0] * 4},
        {"Heat": [1.0] * 4},
    ],
)
def test_others_are_left_to_the_reader_of_rows(more: dict[str, list[Any]]) -> None:
    assert by_columns({**PLAIN, **more}) is None
    assert table_of_arrow(pa.table({k: v for k, v in PLAIN.items() if k != "y1"}), SPEC.program, "table") is None


NUMBERS = st.one_of(st.none(), st.floats(-1e3, 1e3), st.floats(), st.integers(-5, 5))
TEXTS = st.one_of(st.none(), st.sampled_from(["", " a ", "1", "1.5", "left", "Right", "#ff0000", "[1]", "bolt"]))
ROWS = st.fixed_dictionaries(
    {
        "image": st.sampled_from(["a", "b", "c"]),
        "class": st.sampled_from(["bolt", "nut", "Bolt", " nut", "7"]),
        **{k: st.floats(0, 9) for k in ("x0", "y0")},
        **{k: st.floats(9, 20) for k in ("x1", "y1")},
    }
)


@given(st.data())
def test_random_tables_are_read_alike(data: st.DataObject) -> None:
    rows = data.draw(st.lists(ROWS, min_size=1, max_size=6))
    columns = {k: [row[k] for row in rows] for k in rows[0]}
    for name in data.draw(st.lists(st.sampled_from(["id", "color", "side", "heat", "note", "own"]), unique=True)):
        values = data.draw(st.sampled_from([NUMBERS, TEXTS]))
        columns[name] = data.draw(st.lists(values, min_size=len(rows), max_size=len(rows)))
    try:
        table = pa.table(columns)
    except pa.ArrowException:  # whole numbers and others in one column
        return
    by_columns({k: table.column(k).to_pylist() for k in columns})


def test_frames_of_other_libraries_come_the_same_way() -> None:
    columns = {**PLAIN, "heat": [1.0, None, 2.0, 3.0]}
    whole = table_of_json(rows_of(pa.table(columns)), SPEC.program, "table")
    frame = pd.DataFrame(columns)
    for given_ in (frame, frame.astype({"class": "category"}), frame.set_index("image"), pl.DataFrame(columns)):
        arrow = arrow_of(given_)
        found = table_of_arrow(arrow, SPEC.program, "table")
        assert found is not None
        assert (found.images, found.ids) == (whole.images, whole.ids)
        assert set(found.columns) == set(whole.columns)
        same(SPEC.see(given_), found)
    numbered = frame.assign(**{"3": 1.0}).rename(columns={"3": 3})
    with pytest.raises(InputError, match="a column's name"):
        SPEC.see(numbered)
    assert arrow_of([{"class": "bolt"}]) is None
