"""Repairs: what would make a false clause true, as plain records that can be applied to a table.

Owns `Repair` and the changes it is made of. A repair belongs to one finding on one image; all its changes
are made together, in their order. `apply_repair` carries them out.

Places are px of the picture, origin at the top-left corner, x to the right, y downwards.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, TypeAlias

from logidsl.records import Record, made

Setting: TypeAlias = float | str | tuple[float, float] | tuple[float, float, float]
Box: TypeAlias = tuple[float, float, float, float]


class Remove(Record):
    """Take `count` of some objects away, any of them; the first ones named are the least sure."""

    do: Literal["remove"] = "remove"
    class_: str
    objects: Annotated[tuple[str, ...], "ids of the objects to choose from"]
    count: int


class Add(Record):
    """Put `count` objects of a class: each a copy of `like`, or one with nothing measured but its box.

    Without `like` and `box` the box stands in the middle of the picture, a tenth as wide and high.
    """

    do: Literal["add"] = "add"
    class_: str
    name: Annotated[str, "what the spec calls them, where that is not the class"] = ""
    count: int
    like: Annotated[str | None, "id of the object whose measured values the new ones take"] = None
    box: Annotated[Box | None, "x0 y0 x1 y1 in px; null where the place is free"] = None
    values: Annotated[dict[str, Setting], "further values that the clause asks for"] = made(factory=dict)
    meeting: Annotated[str | None, "the filter that the new ones must meet, as the spec says it"] = None


class Change(Record):
    """Give an object another value; `value` is the nearest one of the range `low` .. `high`.

    Of a size that follows from the box (width, height, diagonal, box_area, area) the box and the outline are
    scaled about their middle. A colour is given in CIELAB.
    """

    do: Literal["change"] = "change"
    class_: str
    object: Annotated[str, "id of the object"]
    attribute: str
    value: Setting
    low: float | None = None
    high: float | None = None
    unit: str = ""


class Move(Record):
    """Move an object as a whole, by px: its box, its outline and all its points."""

    do: Literal["move"] = "move"
    class_: str
    object: Annotated[str, "id of the object"]
    dx: float
    dy: float


AnyChange: TypeAlias = Remove | Add | Change | Move


class Repair(Record):
    """Changes that together, and without any other, make the clause of a finding true.

    Parameters
    ----------
    text : str
        The changes in words.
    changes : tuple of Remove, Add, Change or Move
        What is done, in this order.
    """

    text: str
    changes: tuple[AnyChange, ...]


def merged(changes: Iterable[AnyChange]) -> list[AnyChange]:
    """The same changes with fewer words: moves of one object added up, the last value of an attribute kept.

    Examples
    --------
    >>> a = Move(class_="bolt", object="1", dx=3.0, dy=0.0)
    >>> merged([a, a])[0].dx
    6.0
    """
    found: dict[tuple[str, ...], AnyChange] = {}
    for number, c in enumerate(changes):
        match c:
            case Move():
                key: tuple[str, ...] = ("move", c.object)
                old = found.get(key)
                if isinstance(old, Move):
                    c = c.replaced(dx=old.dx + c.dx, dy=old.dy + c.dy)
            case Change():
                key = ("change", c.object, c.attribute)
                found.pop(key, None)
            case Remove() if c.count == len(c.objects):
                key = ("remove", c.class_)
                old = found.get(key)
                if isinstance(old, Remove):
                    ids = tuple(dict.fromkeys([*old.objects, *c.objects]))
                    c = c.replaced(objects=ids, count=len(ids))
            case _:
                key = ("other", str(number))
        found[key] = c
    return sorted(found.values(), key=lambda c: isinstance(c, Remove))  # what goes may be copied before


_UNITS = {"length": "px", "area": "px2", "angle": "deg"}


def unit_of(dim: str | None) -> str:
    """The base unit of a dimension; empty for counts and ratios."""
    return _UNITS.get(dim or "", "")


def words(changes: Iterable[AnyChange]) -> str:
    """Changes in words, as they stand in a report.

    Examples
    --------
    >>> words([Remove(class_="nut", objects=("2", "5", "7"), count=1)])
    'remove any one of nut 2, 5, 7'
    >>> words([Change(class_="bolt", object="3", attribute="length", value=50, high=50, unit="px")])
    'change `length` of bolt 3 to at most 50 px'
    """
    return "; ".join(_said(c) for c in changes)


def _said(c: AnyChange) -> str:
    match c:
        case Remove(objects=ids, count=count):
            names = ", ".join(ids[:6]) + (f" and {len(ids) - 6} more" if len(ids) > 6 else "")
            if count == len(ids):
                return f"remove {c.class_} {names}"
            if len(ids) == 2:
                return f"remove {c.class_} {' or '.join(ids)}"
            return f"remove any {'one' if count == 1 else count} of {c.class_} {names}"
        case Add():
            place = (
                ""
                if c.box is None
                else f" at x {c.box[0]:.4g} to {c.box[2]:.4g}, y {c.box[1]:.4g} to {c.box[3]:.4g} px"
            )
            values = ", ".join(f"`{k}` {_value(v)}" for k, v in c.values.items())
            told = f" with {values}" if values else ""
            return f"add {c.count} {c.name or c.class_}{place}{told}"
        case Change():
            return f"change `{c.attribute}` of {c.class_} {c.object} to {_range(c)}"
        case Move():
            ways = [_way(c.dx, "right", "left"), _way(c.dy, "down", "up")]
            return f"move {c.class_} {c.object} " + (" and ".join(w for w in ways if w) or "nowhere")


def _way(by: float, forward: str, backward: str) -> str:
    return f"{abs(by):.4g} px {forward if by > 0 else backward}" if abs(by) >= 5e-5 else ""


def _range(c: Change) -> str:
    unit = f" {c.unit}" if c.unit else ""
    if c.low is not None and c.high is not None and c.low < c.high:
        return f"{c.low:.6g} .. {c.high:.6g}{unit}"
    if c.low is not None and c.high is None:
        return f"at least {c.low:.6g}{unit}"
    if c.low is None and c.high is not None:
        return f"at most {c.high:.6g}{unit}"
    return f"{_value(c.value)}{unit}"


def _value(value: Setting) -> str:
    match value:
        case str():
            return value
        case (light, a, b):
            return f"the colour L {light:.3g}, a {a:.3g}, b {b:.3g}"
        case (x, y):
            return f"({x:.4g}, {y:.4g})"
        case _:
            return f"{value:.6g}"
