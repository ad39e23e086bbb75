"""Records: immutable values with named fields, as plain JSON values, and back.

Owns `Record`, the base of programs, reports and calibrations, and the way to JSON: `plain` writes a record as dicts,
lists and atoms, `read` makes the record of such a value and refuses whatever its annotations do not allow. A field
whose name ends in `_` has the key without it (`class_` is `class`); of a union of records the field with a single
`Literal` says which one is meant. Nothing is converted but whole numbers where a float is expected, and lists to
tuples.

`Record` is a frozen dataclass without generated code: the dataclasses of a program would cost each start of a process
30 ms, models of pydantic 80 ms.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, SimpleNamespace, UnionType
from typing import (
    Annotated,
    Any,
    ClassVar,
    Literal,
    Self,
    TypeVar,
    Union,
    cast,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)

T = TypeVar("T")
_Reader = Callable[[object], object]
_ATOMS = frozenset([str, int, bool, NoneType])
_JSON_NAMES = {dict: "an object", list: "a list", str: "a text", bool: "true or false", NoneType: "null"}


def made(*, factory: Callable[[], T]) -> T:
    """The default of a field that each record gets for itself."""
    return cast("T", _Factory(factory))


class _Factory:
    def __init__(self, factory: Callable[[], object]) -> None:
        self.make = factory


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(made,))
class Record:
    """An immutable value; the annotations of its class are its fields, given by name. Private ones are not fields.

    Examples
    --------
    >>> class Point(Record):
    ...     x: float
    ...     y: float = 0.0
    >>> Point(x=1.0).replaced(y=2.0)
    Point(x=1.0, y=2.0)
    """

    annotations: ClassVar[dict[str, str]] = {}
    fields: ClassVar[tuple[str, ...]] = ()
    _modules: ClassVar[dict[str, str]] = {}
    _known: ClassVar[frozenset[str]] = frozenset()
    _required: ClassVar[frozenset[str]] = frozenset()
    _factories: ClassVar[tuple[tuple[str, Callable[[], object]], ...]] = ()
    _adjusts: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        cls.annotations = cls.annotations | {k: v for k, v in cls.__annotations__.items() if not k.startswith("_")}
        cls.fields = tuple(cls.annotations)
        cls._modules = {name: cls._modules.get(name, cls.__module__) for name in cls.fields}
        cls._known = frozenset(cls.fields)
        cls._required = frozenset(name for name in cls.fields if not hasattr(cls, name))
        defaults = [(name, getattr(cls, name, None)) for name in cls.fields]
        cls._factories = tuple((name, d.make) for name, d in defaults if isinstance(d, _Factory))
        cls._adjusts = bool(cls._factories) or cls._adjust is not Record._adjust

    def __init__(self, **values: Any) -> None:
        if not self._required <= values.keys() <= self._known:
            amiss = sorted({*self._required} - values.keys() | values.keys() - self._known)
            raise TypeError(f"{type(self).__name__}: missing or unknown {', '.join(amiss)}")
        if self._adjusts:
            for name, make in self._factories:
                if name not in values:
                    values[name] = make()
            self._adjust(values)
        object.__setattr__(self, "__dict__", values)

    def _adjust(self, values: dict[str, Any]) -> None:
        """Bring values into the form in which they are kept; raises ValueError for those that cannot be."""

    def replaced(self, **changes: Any) -> Self:
        """The same record with other values of some fields."""
        kept = self.__dict__
        return type(self)(**{name: kept[name] for name in self.fields if name in kept} | changes)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The record of a JSON text.

        Raises
        ------
        RecordError
            If it is not that of such a record.
        """
        return read_json(cls, text)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"cannot assign to field `{name}`")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"cannot delete field `{name}`")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and all(getattr(self, f) == getattr(other, f) for f in self.fields)

    def __hash__(self) -> int:
        return hash((type(self), *(getattr(self, f) for f in self.fields)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{f}={getattr(self, f)!r}' for f in self.fields)})"


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
    cls: Any = type(value)
    if cls in _ATOMS or isinstance(value, str | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, tuple | list):
        return [v if type(v) in _ATOMS else plain(v) for v in value]
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return {key: item if type(item := getattr(value, name)) in _ATOMS else plain(item) for key, name in keys_of(cls)}


def fields_of(record: object) -> dict[str, object]:
    """The values of a record's fields, by key."""
    cls: Any = type(record)
    return {key: getattr(record, name) for key, name in keys_of(cls)}


_LINES = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False, default=fields_of)


def json_line(value: object) -> str:
    """A record, and all that it holds, as JSON text without line breaks; as `plain` has it, and faster.

    Examples
    --------
    >>> from logidsl.types import Type
    >>> json_line([Type("text"), float("nan")])
    '[{"kind": "text", "dim": null, "axis": null, "domain": null, "item": null}, null]'
    """
    try:
        return _LINES.encode(value)
    except ValueError:  # a number that JSON cannot write
        return _LINES.encode(plain(value))


@cache
def keys_of(cls: Any) -> tuple[tuple[str, str], ...]:
    """Key and attribute of each field, in their order."""
    names = cls.fields if issubclass(cls, Record) else [f.name for f in fields(cls)]
    return tuple((name.removesuffix("_"), name) for name in names)


def is_record(hint: Any) -> bool:
    """Whether a type is one of records: a `Record`, or a dataclass."""
    return isinstance(hint, type) and (issubclass(hint, Record) or is_dataclass(hint))


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
    logidsl.records.RecordError: dim: expected count, ratio, length, area, angle, percent, date, days or null, found 3
    """
    return cast("T", _record(cls, value))


def read_json(cls: type[T], text: str | bytes) -> T:
    """The record of a JSON text.

    Raises
    ------
    RecordError
        If it is not JSON, or not that of such a record; see `read`.
    """
    try:
        return read(cls, json.loads(text))
    except RecordError:
        raise
    except ValueError as error:
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
        name, reader = known[key]
        try:
            given[name] = reader(item)
        except RecordError as error:
            raise error.below(key) from None
    for key, (name, _) in known.items():
        if key not in value and not hasattr(cls, name):
            raise RecordError("missing", [key])
    try:
        return cls(**given)
    except RecordError:
        raise
    except ValueError as error:
        raise RecordError(str(error)) from None


@cache
def _fields(cls: Any) -> Mapping[str, tuple[str, _Reader]]:
    """The fields of a record, by key, and what reads each."""
    hints = hints_of(cls)
    return {key: (name, _reader(hints[name])) for key, name in keys_of(cls)}


@cache
def hints_of(cls: Any) -> dict[str, Any]:
    """The types of the fields of a record."""
    if not issubclass(cls, Record):
        return get_type_hints(cls, include_extras=True)
    return {name: _hint(text, cls._modules[name]) for name, text in cls.annotations.items()}


@cache
def _hint(text: str, module: str) -> Any:
    """What an annotation means in a module. Most are written many times, and each evaluation is slow."""
    written = SimpleNamespace(__annotations__={"it": text})
    return get_type_hints(written, vars(sys.modules[module]), include_extras=True)["it"]


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
    if is_record(hint):
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
        if value is None and NoneType in args:
            return None
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
    if not is_record(cls):
        return None
    hints = hints_of(cls)
    of_one = (
        (key, str(get_args(hints[name])[0]))
        for key, name in keys_of(cls)
        if get_origin(hints[name]) is Literal and len(get_args(hints[name])) == 1
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
