"""Tables of other libraries as plain columns, without importing those libraries.

Accepts data frames of pandas, polars, Arrow and others with their interfaces, and lists of rows; returns columns of
plain values, with None for missing ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, Protocol, TypeAlias, runtime_checkable

from logidsl.diagnostics import InputError

Columns: TypeAlias = dict[str, list[object]]


@runtime_checkable
class ArrowTable(Protocol):
    """Objects with the Arrow C stream interface: polars, pyarrow, pandas 2.2, duckdb."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...


@runtime_checkable
class InterchangeTable(Protocol):
    """Objects with the dataframe interchange protocol: pandas 1.5, cuDF, Modin, Vaex."""

    def __dataframe__(self, nan_as_null: bool = False, allow_copy: bool = True) -> object: ...


DataFrame: TypeAlias = ArrowTable | InterchangeTable


def is_table(what: object) -> bool:
    """Whether something is a table: a data frame, columns by name, or a list of rows.

    Examples
    --------
    >>> is_table([{"class": "bolt"}]), is_table({"class": ["bolt"]}), is_table(["a.png"]), is_table([])
    (True, True, False, False)
    """
    if isinstance(what, Mapping | ArrowTable | InterchangeTable):
        return True
    return isinstance(what, list | tuple) and bool(what) and all(isinstance(row, Mapping) for row in what)


def columns_of(what: object) -> Columns:
    """The columns of a table, in its order.

    Parameters
    ----------
    what : object
        Something that `is_table` takes.

    Raises
    ------
    InputError
        If columns differ in length, a name is not text, or the table's interface needs pyarrow and it is missing.

    Examples
    --------
    >>> columns_of([{"class": "bolt", "x0": 1}, {"class": "nut"}])
    {'class': ['bolt', 'nut'], 'x0': [1, None]}
    """
    if isinstance(what, Mapping):
        columns = {_name(k): [_plain(v) for v in _values(k, values)] for k, values in what.items()}
    elif isinstance(what, list | tuple):
        names = list(dict.fromkeys(_name(k) for row in what for k in row))
        columns = {name: [_plain(row.get(name)) for row in what] for name in names}
    else:
        columns = {_name(k): [_plain(v) for v in values] for k, values in _frame(what).items()}
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        short, long = min(lengths, key=lambda k: lengths[k]), max(lengths, key=lambda k: lengths[k])
        raise InputError(
            "expected the columns of a table to be of one length, "
            f"found `{short}` with {lengths[short]} and `{long}` with {lengths[long]} values"
        )
    return columns


def rows_of(what: object) -> list[dict[str, object]]:
    """The rows of a table: each has its values by column, None for missing ones.

    Raises
    ------
    InputError
        As `columns_of` does.
    """
    columns = columns_of(what)
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def arrow_of(what: Any) -> Any:
    """A data frame as an Arrow table; None if it is not one, cannot be one, or pyarrow is not installed."""
    try:
        pa = import_module("pyarrow")
    except ImportError:
        return None
    if isinstance(what, pa.Table):
        return what
    try:
        if hasattr(what, "isna") and hasattr(what, "columns"):  # pandas
            what = _with_index(what)
            named = all(isinstance(name, str) for name in what.columns)
            # in a column of floats NaN stays as it is, which saves a pass over it
            columns = [pa.array(c, from_pandas=str(c.dtype) not in ("float32", "float64")) for _, c in what.items()]
            return pa.Table.from_arrays(columns, names=list(what.columns)) if named else None
        return pa.table(what) if isinstance(what, ArrowTable) else None
    except (pa.ArrowException, TypeError, ValueError):
        return None


def _with_index(what: Any) -> Any:
    """A data frame of pandas whose index, if it has a name, is a column like others."""
    named = any(name is not None for name in getattr(getattr(what, "index", None), "names", ()))
    return what.reset_index() if named else what


def _frame(what: object) -> Mapping[str, Sequence[object]]:
    """The columns of a data frame, by the fastest interface that it offers."""
    if hasattr(what, "to_pydict"):  # pyarrow
        made: Mapping[str, Sequence[object]] = what.to_pydict()
    elif hasattr(what, "to_dicts") and hasattr(what, "to_dict"):  # polars
        made = what.to_dict(as_series=False)
    elif hasattr(what, "isna") and hasattr(what, "items"):  # pandas
        made = {
            k: [None if gone else v for v, gone in zip(column.tolist(), column.isna().tolist(), strict=True)]
            for k, column in _with_index(what).items()
        }
    else:
        name = type(what).__name__
        try:
            if isinstance(what, ArrowTable):
                made = import_module("pyarrow").table(what).to_pydict()
            else:
                made = import_module("pyarrow.interchange").from_dataframe(what).to_pydict()
        except ImportError:
            raise InputError(f"a `{name}` is read through Arrow: `pip install pyarrow`") from None
    return made


def _name(key: object) -> str:
    """The name of a column."""
    if not isinstance(key, str):
        raise InputError(f"a column's name is a text, found `{key!r}`")
    return key


def _values(key: object, values: object) -> Sequence[object]:
    """The values of a column given by itself."""
    if hasattr(values, "tolist"):
        values = values.tolist()
    if not isinstance(values, list | tuple):
        raise InputError(f"expected the column `{key}` to be a list of values, found a `{type(values).__name__}`")
    return values


def _plain(value: object) -> object:
    """A value as a plain Python value; None if it is not a number."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    return None if isinstance(value, float) and value != value else value
