"""Records: frozen dataclasses as plain JSON values, and back.

Owns the way between the two for programs, reports and calibrations: `plain` writes a record as dicts, lists and
atoms, `read` makes the record of such a value and refuses whatever its annotations do not allow. A field whose name
ends in `_` has the key without it (`class_` is `class`); of a union of records the field with a single `Literal` says
which one is meant. Nothing is converted but whole numbers where a float is expected, and lists to tuples.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
_Reader = Callable[[object], object]
_JSON_NAMES = {dict: "an object", list: "a list", str: "a text", bool: "true or false", NoneType: "null"}


class RecordError(ValueError):
    """A value that is not what a record's field expects.

    Parameters
    ----------
    message : str
        What was expected and what was found.
    place : iterable of str
        The keys and positions that lead to the value.
    """

    def __init__(self, message: str, place: Iterable[str] = ()) -> None:
        self.message, self.place = message, tuple(place)
        super().__init__(f"{'.'.join(self.place)}: {message}" if self.place else message)

    def below(self, key: str) -> RecordError:
        """The same error, as seen from the value that has this one under a key."""
        return RecordError(self.message, (key, *self.place))


def plain(value: object) -> Any:
    """A record, and all that it holds, as JSON values; a number that JSON cannot write is `None`.

    Examples
    --------
    >>> from logidsl.types import length
    >>> plain([length("x"), float("inf")])
    [{'kind': 'number', 'dim': 'length', 'axis': 'x', 'domain': None, 'item': None}, None]
    """
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, tuple | list):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    cls: Any = type(value)
    return {key: plain(getattr(value, name)) for key, name in _keys(cls)}


@cache
def _keys(cls: Any) -> tuple[tuple[str, str], ...]:
    """Key and attribute of each field, in their order."""
    return tuple((f.name.removesuffix("_"), f.name) for f in fields(cls))


def read(cls: type[T], value: object) -> T:
    """The record of a JSON value.

    Raises
    ------
    RecordError
        If the value has a key too many or too few, or a value of another type, or the record refuses it.

    Examples
    --------
    >>> from logidsl.types import Type
    >>> str(read(Type, {"kind": "label", "domain": "class"}))
    'class label'
    >>> read(Type, {"kind": "label", "dim": 3})
    Traceback (most recent call last):
    ...
    logidsl.records.RecordError: dim: expected count, ratio, length, area, angle, percent or null, found 3
    """
    return cast("T", _record(cls, value))


def read_json(cls: type[T], text: str) -> T:
    """The record of a JSON text.

    Raises
    ------
    RecordError
        If it is not JSON, or not that of such a record; see `read`.
    """
    try:
        return read(cls, json.loads(text))
    except json.JSONDecodeError as error:
        raise RecordError(f"invalid JSON: {error}") from None
    except RecursionError:
        raise RecordError("invalid JSON: nested too deeply") from None


def _record(cls: Any, value: object) -> object:
    if not isinstance(value, dict):
        raise RecordError(f"expected an object, found {_named(value)}")
    known = _fields(cls)
    given: dict[str, object] = {}
    for key, item in value.items():
        if key not in known:
            raise RecordError("unknown key", [str(key)])
        field, reader = known[key]
        try:
            given[field.name] = reader(item)
        except RecordError as error:
            raise error.below(key) from None
    for key, (field, _) in known.items():
        if key not in value and field.default is MISSING and field.default_factory is MISSING:
            raise RecordError("missing", [key])
    try:
        return cls(**given)
    except RecordError:
        raise
    except ValueError as error:
        raise RecordError(str(error)) from None


@cache
def _fields(cls: Any) -> Mapping[str, tuple[Field[object], _Reader]]:
    """The fields of a record, by key, and what reads each."""
    hints = get_type_hints(cls, include_extras=True)
    return {f.name.removesuffix("_"): (f, _reader(hints[f.name])) for f in fields(cls)}


@cache
def _reader(hint: Any) -> _Reader:
    """What reads values of a type."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _reader(args[0])
    if hint is float:
        return _float
    if hint in (int, str, bool, NoneType):
        return lambda value: value if type(value) is hint else _refuse(hint, value)
    if is_dataclass(hint):
        return lambda value: _record(hint, value)
    if origin is Literal:
        return lambda value: (
            value
            if any(value is a or (value == a and type(value) is type(a)) for a in args)
            else (_refuse(hint, value))
        )
    if origin in (Union, UnionType):
        return _union(hint, args)
    if origin in (tuple, list):
        items = [_reader(a) for a in args if a is not ...]
        return lambda value: origin(_items(hint, value, items, None if ... in args or origin is list else len(items)))
    if origin is dict:
        item = _reader(args[1])
        return lambda value: _values(hint, value, item)
    raise TypeError(f"a record cannot hold {hint}")


def _union(hint: Any, args: tuple[Any, ...]) -> _Reader:
    tagged = {tag: a for a in args if (tag := _tag(a)) is not None}
    key = next((k for k, _ in tagged), "")
    others = [_reader(a) for a in args if a not in tagged.values()]

    def read_union(value: object) -> object:
        if tagged and isinstance(value, dict):
            cls = tagged.get((key, str(value.get(key))))
            if cls is None:
                raise RecordError(f"expected {_either([t for _, t in tagged])}, found {_named(value.get(key))}", [key])
            return _record(cls, value)
        for reader in others:
            try:
                return reader(value)
            except RecordError as error:
                if error.place and len(others) - (NoneType in args) == 1:
                    raise
        return _refuse(hint, value)

    return read_union


@cache
def _tag(cls: Any) -> tuple[str, str] | None:
    """The key that names a record among others, and its value there; None for what is not such a record."""
    if not is_dataclass(cls):
        return None
    hints = get_type_hints(cls, include_extras=True)
    of_one = (
        (f.name, str(get_args(hints[f.name])[0]))
        for f in fields(cls)
        if get_origin(hints[f.name]) is Literal and len(get_args(hints[f.name])) == 1
    )
    return next(of_one, None)


def _float(value: object) -> float:
    try:
        number = float(value) if type(value) in (float, int) else math.nan  # type: ignore[arg-type]
    except OverflowError:
        number = math.inf
    return number if math.isfinite(number) else cast("float", _refuse(float, value))


def _items(hint: Any, value: object, readers: list[_Reader], size: int | None) -> list[object]:
    if not isinstance(value, list | tuple):
        _refuse(hint, value)
    assert isinstance(value, list | tuple)
    if size is not None and len(value) != size:
        raise RecordError(f"expected {size} items, found {len(value)}")
    found = []
    for number, item in enumerate(value):
        try:
            found.append((readers[number] if size is not None else readers[0])(item))
        except RecordError as error:
            raise error.below(str(number)) from None
    return found


def _values(hint: Any, value: object, reader: _Reader) -> dict[str, object]:
    if not isinstance(value, dict):
        _refuse(hint, value)
    assert isinstance(value, dict)
    found = {}
    for key, item in value.items():
        try:
            found[str(key)] = reader(item)
        except RecordError as error:
            raise error.below(str(key)) from None
    return found


def _refuse(hint: Any, value: object) -> Any:
    raise RecordError(f"expected {_expected(hint)}, found {_named(value)}")


def _expected(hint: Any) -> str:
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _expected(args[0])
    if origin is Literal:
        return _either(args)
    if origin in (Union, UnionType):
        return _either([w for a in args for w in (get_args(a) if get_origin(a) is Literal else [_expected(a)])])
    if hint in (int, float):
        return "a whole number" if hint is int else "a number"
    return _JSON_NAMES.get(origin or hint, "a list" if origin is tuple else "an object")


def _either(options: Sequence[object]) -> str:
    words = [*map(str, options)]
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else words[0]


def _named(value: object) -> str:
    return (
        str(value)
        if isinstance(value, int | float) and not isinstance(value, bool)
        else (f"`{value}`" if isinstance(value, str) else _JSON_NAMES.get(type(value), "something else"))
    )
