"""Columns from the values that files hold: numbers, texts, points and colours. May import `table` and `library`."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Literal, TypeAlias

import numpy as np

from logidsl.arrays import Floats
from logidsl.diagnostics import InputError
from logidsl.extract.notes import Notes
from logidsl.extract.pixels.skeleton import NAME as SKELETON
from logidsl.library.color import lab_of_hex, lab_of_rgb, rgb_of_hex, rgb_of_hexes
from logidsl.library.measure import NUMBERS, POINTS
from logidsl.spreadsheets import DECIMAL
from logidsl.table import COUNT, UNREADABLE, ColumnData, TextColumn

Kind: TypeAlias = Literal["number", "text", "point", "color"]

#: Columns whose kind is that of the language.
TYPED: dict[str, Kind] = {
    **dict.fromkeys((*NUMBERS, SKELETON, "confidence", "lightness"), "number"),
    **dict.fromkeys((*POINTS, "center"), "point"),
    "color": "color",
    "text": "text",
    COUNT: "text",
    UNREADABLE: "text",
}
#: The column for words in `color`, such as `red`: which colour each means, the source does not say.
COLOR_NAME = "color_name"
#: Placeholder for a numeric column whose values need no individual checks.
PLAIN = frozenset([float, int, type(None)])
_CODE = re.compile(r"0[0-9]+|[0-9]{10,}")
_WORD = re.compile(r"[^\W\d_].*", re.DOTALL)
_QUOTED = re.compile(r"[\[{]\s*[\[{\"'0-9-]|^[\[{]\s*[\]}]$")
#: No colour has greater coordinates in CIELAB; those of 0 to 255 do.
_FARTHEST_LAB = (100.5, 150.0, 150.0)
_WIDTHS = {"point": 2, "color": 3}


def kind_declared(kind: str) -> Kind:
    """The kind of a column whose attribute is declared of a type."""
    match kind:
        case "number" | "point" | "color":
            return kind
        case _:
            return "text"


def joined_names(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The columns a value is made of: `start_x` and `start_y` make `start`, `color_L` and its kin `color`."""
    pool = dict.fromkeys(names)
    joined: dict[str, tuple[str, ...]] = {}
    for name in pool:
        stem, _, ending = name.rpartition("_")
        for endings in (("x", "y"), ("L", "a", "b")):
            whole = tuple(f"{stem}_{e}" for e in endings)
            if stem and ending in endings and stem not in pool and all(w in pool for w in whole):
                joined[stem] = whole
                break
        else:
            joined[name] = (name,)
    return joined


def value_of(values: Mapping[str, object], pieces: tuple[str, ...]) -> object:
    """The value of a row in the columns for one; None if missing."""
    if len(pieces) == 1:
        return empty_as_none(values.get(pieces[0]))
    found = [empty_as_none(values.get(p)) for p in pieces]
    return None if all(v is None for v in found) else found


def empty_as_none(value: object) -> object:
    """None for missing values: an empty text or list, NaN."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, float) and math.isnan(value):
        return None
    return None if value in ([], ()) else value


def number(value: object) -> float | None:
    """A number, or a text that spells one in ASCII decimals; None for anything else.

    Examples
    --------
    >>> number("1e3"), number(True), number("x"), number(float("nan")), number(10**400)
    (1000.0, None, None, nan, None)
    >>> number(" -.5 "), number("17_12"), number("nan"), number("１２")
    (-0.5, None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    if isinstance(value, str) and not DECIMAL.fullmatch(value):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):  # of a signalling NaN too
        return None


def numbers(value: object, count: int) -> list[float] | None:
    """A fixed number of numbers in a list, or in a text separated by `|`; None for anything else."""
    items = value.split("|") if isinstance(value, str) else value
    if not isinstance(items, list | tuple) or len(items) != count:
        return None
    found = [number(v) for v in items]
    return [v for v in found if v is not None] if all(v is not None for v in found) else None


def is_word(value: object) -> bool:
    """Whether a value is a text that begins with a letter.

    Examples
    --------
    >>> is_word("red"), is_word("#ff0000"), is_word("12|3|4"), is_word(None)
    (True, False, False, False)
    """
    return isinstance(value, str) and _WORD.fullmatch(value) is not None


def kind_of(values: Sequence[object]) -> Kind:
    """The type of a column: the first that fits every value. With leading zeros or ten digits, they are codes."""
    there = [v for v in values if v is not None]
    if any(isinstance(v, str) and _CODE.fullmatch(v) for v in there) and not any(isinstance(v, float) for v in there):
        return "text"
    if all(number(v) is not None for v in there):
        return "number"
    if all(numbers(v, 2) is not None for v in there):
        return "point"
    if all((isinstance(v, str) and rgb_of_hex(v) is not None) or numbers(v, 3) is not None for v in there):
        return "color"
    return "text"


def column_of(name: str, values: Sequence[object], kind: Kind, places: Sequence[str], notes: Notes) -> ColumnData:
    """A column of one type; other values are not measured, and noted."""
    if kind == "text":
        return TextColumn.of([None if v is None else _text(v) for v in values])
    width = _WIDTHS.get(kind, 1)
    if width == 1 and set(map(type, values)) <= PLAIN:
        plain = as_floats(values)
        if np.isfinite(plain).sum() == len(values) - values.count(None):
            return plain
    if kind == "color":
        there = [v is not None for v in values]
        rgb = rgb_of_hexes([v for v in values if v is not None])
        if rgb is not None:
            made = np.full((len(values), 3), np.nan)
            made[there] = lab_of_rgb(rgb)
            return made
    rows: list[list[float]] = []
    for value, place in zip(values, places, strict=True):
        found: Sequence[float] | None = None
        if kind == "color" and isinstance(value, str):
            found = lab_of_hex(value)
        if found is None and value is not None:
            alone = number(value) if width == 1 else None
            found = numbers(value, width) if width > 1 else None if alone is None else [alone]
            if found is None or not all(math.isfinite(v) for v in found):
                shown = f"`{value}` in the column `{name}` is not a {kind}: taken as not measured"
                notes.count(shown, place)
                found = None
        rows.append([math.nan] * width if found is None else list(found))
    made = np.array(rows, np.float64).reshape(len(values), width)
    if kind == "color" and (wrong := np.flatnonzero((np.abs(made) > _FARTHEST_LAB).any(1) | (made[:, 0] < 0))).size:
        raise InputError(
            f"{notes.source}: expected colours in `{name}` as #rrggbb or CIELAB, `50|1|-1`, found "
            f"`{values[int(wrong[0])]}`: write red, green and blue as #rrggbb"
        )
    return made[:, 0] if width == 1 else made


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def as_floats(values: Sequence[object]) -> Floats:
    """Numbers as float64; integers beyond its range, and missing ones, as NaN."""
    try:
        return np.array(values, np.float64)
    except OverflowError:
        return np.array([number(v) for v in values], np.float64)


def class_name(value: object) -> str | None:
    """The name of a class given as text or a number; None for anything else, including JSON in text.

    Examples
    --------
    >>> class_name(" nut "), class_name(1), class_name(1.0), class_name(["nut"]), class_name('["nut"]'), class_name("")
    ('nut', '1', '1', None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value != value:
        return None
    name = _text(value).strip()
    return None if not name or is_json(name) else name


def is_json(text: str) -> bool:
    """Whether a text is a list or a mapping in JSON, or looks like one in Python.

    Examples
    --------
    >>> is_json('{"a": 1}'), is_json("[{'a': 1}]"), is_json("[x] nut"), is_json("nut")
    (True, True, False, False)
    """
    text = text.strip()
    return (text[:1], text[-1:]) in (("{", "}"), ("[", "]")) and bool(_QUOTED.search(text))


def four_numbers(box: Sequence[object]) -> Sequence[float] | None:
    """The four finite numbers of a box, possibly as text, or None.

    Examples
    --------
    >>> four_numbers([1, "2", 3.5, 4]), four_numbers([1, 2, 3])
    ([1.0, 2.0, 3.5, 4.0], None)
    """
    if len(box) != 4:
        return None
    match box:
        case [float(a), float(b), float(c), float(d)] if math.isfinite(a + b + c + d):
            return [a, b, c, d]  # as most are
    found = [v for v in map(number, box) if v is not None and math.isfinite(v)]
    return found if len(found) == 4 else None
