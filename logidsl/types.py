"""The type system: what a value is, its dimension and its axis.

Owns `Type` and the rules for combining types. The checker infers them, the IR stores them, the evaluator and the
documentation read them.

A set and an object carry in `domain` the *store* of their rows: `objects` for the object table, `grid:NAME` for the
cells of a grid, `regions` for places, `pixels` inside `blobs`, `pictures` for those of a batch. A label carries its
list: `class`, or the name of an attribute.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "truth",
    "number",
    "text",
    "label",
    "color",
    "point",
    "region",
    "object",
    "set",
    "list",
    "frame",
    "layout",
    "none",
    "error",
]
Dimension = Literal["count", "ratio", "length", "area", "angle", "percent", "date", "days"]
Axis = Literal["x", "y"]

OBJECTS, REGIONS, PIXELS, PICTURES = "objects", "regions", "pixels", "pictures"

#: Millimetres in each unit of length that needs a scale.
MM_PER = {"mm": 1.0, "cm": 10.0, "um": 0.001, "inch": 25.4, "mil": 0.0254}
#: Every unit of a quantity, as in the grammar.
UNITS = ("px", *MM_PER, "px2", "mm2", "cm2", "inch2", "deg", "days", "%")
#: The same as an alternative of a regular expression.
UNIT_PATTERN = "|".join(sorted(UNITS, key=len, reverse=True))


@dataclass(frozen=True, slots=True)
class Type:
    """What a value is.

    Parameters
    ----------
    kind : str
        `truth`, `number`, `text`, `label`, `color`, `point`, `region`, `object`, `set`, `list`, `frame`;
        `none` for the empty list's items, `error` after a mistake that is already reported.
    dim : str, optional
        Of a number. `percent` is a share whose whole is not yet known.
    axis : str, optional
        Of a length: `x`, `y`, or None.
    domain : str, optional
        Of a label, an object or a set: see the module. Of a ratio `difference` where it is one of colours, which has no
        whole to be a share of. Of a length `raw` where it is in pixels that are not square and
        its axis is not yet known. Of an angle `turn` where it runs round the whole circle,
        `arc` where it does so from a start, in an order with an end, `amount` where it is a difference of angles that
        is compared as a plain number, and None for a main axis, which runs half round.
    item : Type, optional
        Of a list: what it holds.

    Examples
    --------
    >>> str(length("x")), str(list_of(label("class")))
    ('length along x', 'list of class labels')
    """

    kind: Kind
    dim: Dimension | None = None
    axis: Axis | None = None
    domain: str | None = None
    item: Type | None = None

    def __str__(self) -> str:
        match self.kind:
            case "number":
                if self.domain == "difference":
                    return "colour difference"
                if self.dim == "days":
                    return "number of days"
                return f"{self.dim} along {self.axis}" if self.axis else str(self.dim)
            case "label":
                return f"{self.domain} label"
            case "list":
                return "list" if self.item is None or self.item.kind in ("none", "error") else _list_of(self.item)
            case "object":
                return {None: "object", OBJECTS: "object", REGIONS: "region", PIXELS: "pixel"}.get(self.domain, "cell")
            case "set":
                return {None: "set", OBJECTS: "set of objects", REGIONS: "set of regions"}.get(
                    self.domain, "set of cells"
                )
            case _:
                return self.kind


def _list_of(item: Type) -> str:
    return f"list of {re.sub(r'(?= along | of |$)', 's', str(item), count=1)}"


TRUTH, TEXT, COLOR, POINT, REGION = Type("truth"), Type("text"), Type("color"), Type("point"), Type("region")
FRAME, LAYOUT, NONE, ERROR = Type("frame"), Type("layout"), Type("none"), Type("error")
COUNT, RATIO, AREA, ANGLE = (Type("number", d) for d in ("count", "ratio", "area", "angle"))
TURN, ARC, AMOUNT = (Type("number", "angle", domain=d) for d in ("turn", "arc", "amount"))
DATE, DAYS = Type("number", "date"), Type("number", "days")
PERCENT = Type("number", "percent")
DIFFERENCE = Type("number", "ratio", domain="difference")


def length(axis: Axis | None = None) -> Type:
    """A length along x, along y, or without an axis."""
    return Type("number", "length", axis)


LENGTH = length()
RAW = Type("number", "length", domain="raw")


def label(domain: str) -> Type:
    """A label of one list."""
    return Type("label", domain=domain)


def object_of(store: str) -> Type:
    """One row of a store."""
    return Type("object", domain=store)


def set_of(store: str) -> Type:
    """Rows of a store."""
    return Type("set", domain=store)


def list_of(item: Type) -> Type:
    """A list of items of one type."""
    return Type("list", item=item)


def is_pure(t: Type) -> bool:
    """Whether a type is a number without a unit."""
    return t.kind == "number" and t.dim in ("count", "ratio")


def is_exact(t: Type) -> bool:
    """Whether a type is a number that is compared exactly: a whole number of something."""
    return t.dim in ("count", "date", "days")


def difference(t: Type) -> Type:
    """The type of a difference of two values of a type: of dates a number of days."""
    return DAYS if t == DATE else t


def deviation(t: Type) -> Type:
    """The type of how far values of a type lie from another: of angles an amount, of a count any ratio.

    Examples
    --------
    >>> str(deviation(COUNT)), str(deviation(length("x"))), str(deviation(DATE))
    ('ratio', 'length along x', 'number of days')
    """
    if t == COUNT:
        return RATIO
    return t if t == RAW or is_pure(t) else difference(t) if t == DATE else Type("number", t.dim, t.axis)


def sum_of(a: Type, b: Type, subtract: bool) -> Type | None:
    """The type of `a + b` or `a - b`, or None if there is no such sum.

    Examples
    --------
    >>> (
    ...     str(sum_of(DATE, DATE, subtract=True)),
    ...     str(sum_of(DATE, DAYS, subtract=False)),
    ...     sum_of(DAYS, DATE, subtract=True),
    ... )
    ('number of days', 'date', None)
    """
    if DATE not in (a, b):
        return join(a, b)
    if a == b:
        return DAYS if subtract else None
    return DATE if (a == DATE and b == DAYS) or (b == DATE and a == DAYS and not subtract) else None


def join(a: Type, b: Type) -> Type | None:
    """The common type of two, or None.

    A count serves as a ratio; lengths with different axes give one without.

    Examples
    --------
    >>> str(join(length("x"), length("y"))), str(join(COUNT, RATIO)), join(COUNT, LENGTH)
    ('length', 'ratio', None)
    """
    if a == b or b.kind in ("error", "none"):
        return a
    if a.kind in ("error", "none"):
        return b
    if a.kind == b.kind == "number":
        if is_pure(a) and is_pure(b):
            return Type("number", "ratio", domain=a.domain or b.domain)
        if a.dim == b.dim:
            domain = b.domain if a.domain in (None, AMOUNT.domain) else a.domain
            return Type("number", a.dim, a.axis if a.axis == b.axis else None, domain or a.domain)
        return None
    if a.kind == b.kind == "list" and a.item and b.item:
        item = join(a.item, b.item)
        return list_of(item) if item else None
    return None


def period_deg(types: Iterable[Type]) -> float | None:
    """The period of compared angles, or lists of them, in degrees; None for plain numbers.

    Examples
    --------
    >>> period_deg([ANGLE, ANGLE]), period_deg([TURN, ANGLE]), period_deg([AMOUNT, ANGLE]), period_deg([LENGTH, LENGTH])
    (180.0, 360.0, None, None)
    """
    domains = {t.domain for t in (t.item or t for t in types) if t.dim == "angle"}
    if not domains or "amount" in domains:
        return None
    return 180.0 if domains == {None} else 360.0


_POWER: dict[Dimension, int] = {"count": 0, "ratio": 0, "length": 1, "area": 2}


def product(a: Type, b: Type, divide: bool) -> Type | None:
    """The type of `a * b` or `a / b`, or None if its dimension does not exist.

    Examples
    --------
    >>> str(product(LENGTH, LENGTH, divide=False)), str(product(LENGTH, LENGTH, divide=True))
    ('area', 'ratio')
    """
    if a.kind != "number" or b.kind != "number" or a.dim is None or b.dim is None:
        return None
    if "angle" in (a.dim, b.dim) or DAYS in (a, b):
        if a.dim == b.dim and divide:
            return RATIO
        if is_pure(b):
            return a
        return b if is_pure(a) and not divide else None
    if a.dim not in _POWER or b.dim not in _POWER:
        return None
    power = _POWER[a.dim] - _POWER[b.dim] if divide else _POWER[a.dim] + _POWER[b.dim]
    if power == 0:
        if a == b == COUNT and not divide:
            return COUNT
        return RATIO if divide and b.domain else Type("number", "ratio", domain=a.domain or b.domain)
    if power == 1:
        return a if is_pure(b) else b if is_pure(a) else LENGTH
    return AREA if power == 2 else None
