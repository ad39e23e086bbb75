"""Tables of other libraries as columns."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest

from logidsl.dataframe import columns_of, is_table
from logidsl.diagnostics import InputError

ROWS = [{"class": "bolt", "x0": 1.5, "note": None}, {"class": "nut", "x0": None, "note": "far"}]
COLUMNS = {"class": ["bolt", "nut"], "x0": [1.5, None], "note": [None, "far"]}


class Stream:
    """Speaks the Arrow C stream interface and nothing else, as a database's result does."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.table.__arrow_c_stream__(requested_schema)


class Interchange:
    """Speaks the dataframe interchange protocol and nothing else."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def __dataframe__(self, nan_as_null: bool = False, allow_copy: bool = True) -> object:
        return self.table.__dataframe__(nan_as_null, allow_copy)


@pytest.mark.parametrize(
    "table",
    [
        ROWS,
        tuple(ROWS),
        COLUMNS,
        {**COLUMNS, "x0": np.array([1.5, math.nan])},
        pa.Table.from_pylist(ROWS),
        pa.RecordBatch.from_pylist(ROWS),
        Stream(pa.Table.from_pylist(ROWS)),
        Interchange(pa.Table.from_pylist(ROWS)),
    ],
    ids=["rows", "tuple", "columns", "arrays", "arrow table", "arrow batch", "arrow stream", "interchange"],
)
def test_every_way_gives_the_same_columns(table: object) -> None:
    assert is_table(table)
    assert columns_of(table) == COLUMNS


@pytest.mark.parametrize("other", ["a.png", ["a.png"], [], np.zeros((2, 2), np.uint8), 3, None, [{}, "a.png"]])
def test_what_is_no_table(other: object) -> None:
    assert not is_table(other)


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ({"class": ["a", "b"], "x0": [1]}, "found `x0` with 1 and `class` with 2 values"),
        ({"class": "bolt"}, "expected the column `class` to be a list of values, found a `str`"),
        ([{1: "bolt"}], "a column's name is a text, found `1`"),
    ],
)
def test_what_no_table_can_be_is_told(table: object, complaint: str) -> None:
    with pytest.raises(InputError) as told:
        columns_of(table)
    assert complaint in str(told.value)


def test_no_library_is_needed_until_one_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert columns_of(ROWS) == COLUMNS
    with pytest.raises(InputError, match="a `Stream` is read through Arrow: `pip install pyarrow`"):
        columns_of(Stream(pa.table({"a": [1]})))
