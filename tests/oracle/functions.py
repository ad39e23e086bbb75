"""Attributes, functions and relation words of the oracle, on single values."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from logidsl.ir import NamedColor
from tests.oracle import frames, shapes
from tests.oracle.check_digits import checked
from tests.oracle.picture import Thing
from tests.oracle.pixels import hue_and_saturation
from tests.oracle.shapes import Shape
from tests.oracle.values import (
    REASONS,
    SAME_DEG,
    Colour,
    Fact,
    Item,
    Listing,
    Nothing,
    Num,
    Point,
    Truth,
    Undefined,
    Value,
    arcs,
    arithmetic,
    at_most,
    both,
    either,
    exact,
    foremost,
    less,
    magnitude,
    negated,
    order,
    rounded,
    same_number,
    turned_by,
)

Palette = Mapping[str, NamedColor]
T = TypeVar("T")

#: Functions and relation words that the oracle knows; a builtin that is not here cannot be proved.
NUMERIC = (
    "abs",
    "round",
    "min",
    "max",
    "difference",
    "dx",
    "dy",
    "distance",
    "direction",
    "gap",
    "overlap",
    "mod",
    "arc",
)
DRAWN = ("box", "circle", "ring", "polygon", "grow")
FUNCTIONS = frozenset(
    [
        *NUMERIC,
        *DRAWN,
        "pixel_share",
        "unexplained",
        "tint_difference",
        "point",
        "midpoint",
        "matches",
        "contains_text",
        "characters",
        "valid",
        "date_of",
        "number",
        "angle_between",
        "upright",
        "turned",
    ]
)
BETWEEN_CENTRES = ("above", "below", "left_of", "right_of")
BETWEEN_SHAPES = ("inside", "wholly inside", "outside", "contains", "overlaps", "touches", "near")
RELATIONS = frozenset([*BETWEEN_CENTRES, *BETWEEN_SHAPES])
PICKS = ("only", "first", "last", "largest", "smallest", "nearest", "nth")
FIGURES = ("count", "sum", "min", "max", "mean", "spread", "median", "std", "rank", "kinds", "clusters", "cp", "cpk")
SAYINGS = (
    *("distinct", "same", "increasing", "decreasing", "paired", "symmetric", "linked", "placed"),
    *("beyond_3_sigma", "two_of_three_beyond_2_sigma", "four_of_five_beyond_1_sigma", "eight_on_one_side"),
)
#: What is said of several pictures alone: `tests.oracle.batches` knows them.
OF_PICTURES = ("pass_rate",)
AGGREGATES = frozenset([*FIGURES, *PICKS, *SAYINGS, *OF_PICTURES, "steps", "unlisted"])


#: What follows from a mean colour, of objects and places.
COLOURS = frozenset(["color", "lightness", "lab_a", "lab_b", "hue", "saturation"])
#: What follows from a box.
FROM_BOX = frozenset(
    ["center", "x", "x_min", "x_max", "width", "y", "y_min", "y_max", "height", "diagonal", "box_area", "area"]
)


def _of_box(box: tuple[float, float, float, float] | None, name: str) -> Value:
    """What follows from the box."""
    if box is None:
        return Undefined("not measured")
    x0, y0, x1, y1 = box
    if name == "center":
        return Point((x0 + x1) / 2, (y0 + y1) / 2)
    found = {
        "x": (x0 + x1) / 2,
        "x_min": x0,
        "x_max": x1,
        "width": x1 - x0,
        "y": (y0 + y1) / 2,
        "y_min": y0,
        "y_max": y1,
        "height": y1 - y0,
        "diagonal": shapes.distance(Point(x0, y0), Point(x1, y1)),
        "box_area": (x1 - x0) * (y1 - y0),
        "area": (x1 - x0) * (y1 - y0),
    }.get(name)
    return Undefined("not measured") if found is None else exact(found)


def attribute(of: Value, name: str) -> Value:
    """An attribute of an object, a cell or a region."""
    if isinstance(of, Item) and of.thing is not None:
        if name == "class":
            return of.thing.cls if of.thing.cls != "?" else Undefined("not measured")
        if name in of.thing.columns:
            measured = of.thing.columns[name]
            match measured:
                case None:
                    return Undefined(of.thing.lack)
                case float():
                    return exact(measured)
                case str():
                    return measured
                case (x, y):
                    return Point(x, y)
                case (l, a, b):
                    return Colour((l, a, b))
        if name in COLOURS and "color" in of.thing.columns:
            color = attribute(of, "color")
            return of_mean_color(color.lab, name) if isinstance(color, Colour) else color
        if name == "area" and shapes.outline(of.thing.outline) is not None:
            return exact(shapes.net_area(of.thing.outline))
        found = _of_box(of.thing.box, name)
        return Undefined(of.thing.lack) if isinstance(found, Undefined) and name in FROM_BOX else found
    if isinstance(of, Item):
        if name in ("row", "col") and of.store.startswith("grid:"):
            return exact(float(of.row if name == "row" else of.col))
        assert of.shape is not None
        of = of.shape
    if isinstance(of, Undefined):
        return of
    assert isinstance(of, Shape)
    if name != "area" and math.isnan(of.box[0]):
        return Undefined("empty")
    return exact(of.area) if name == "area" else _of_box(of.box, name)


def of_mean_color(lab: tuple[float, float, float], name: str) -> Value:
    """What follows from a mean colour."""
    if name == "color":
        return Colour(lab)
    if name in ("lightness", "lab_a", "lab_b"):
        return exact({"lightness": lab[0] / 100, "lab_a": lab[1], "lab_b": lab[2]}[name])
    hue, saturation = hue_and_saturation(lab)
    if name == "saturation":
        return exact(saturation)
    return Undefined("not measured") if hue is None else exact(hue)


def place(value: Value) -> Point | Undefined:
    """A point, or the centre of what has one."""
    if isinstance(value, Point | Undefined):
        return value
    found = attribute(value, "center")
    assert isinstance(found, Point | Undefined)
    return found


def shape(value: Value) -> Shape | Undefined:
    """The outline or box of what is compared; a point has no extent."""
    match value:
        case Undefined() | Shape():
            return value
        case Point(x, y):
            return Shape((x, y, x, y))
        case Item(thing=Thing() as thing):
            if thing.box is None:
                return Undefined(thing.lack)
            made = shapes.outline(thing.outline)
            return Shape(thing.box, made)
        case Item(shape=Shape() | Undefined() as own):
            return own
        case _:
            raise TypeError(value)


def as_place(fn: str, number: int) -> bool:
    """Whether a relation or function takes an argument as a point rather than as a shape."""
    if fn in ("inside", "outside", "contains"):
        return number == (fn == "contains")
    shaped = (*BETWEEN_SHAPES, "gap", "overlap", "grow", "upright", "pixel_share", "unexplained")
    return fn not in shaped and not (fn == "turned" and number == 0)


def _pair(read: Callable[[Value], T | Undefined], values: list[Value]) -> tuple[T, T] | Undefined:
    """Both arguments as places or shapes."""
    one, two = read(values[0]), read(values[1])
    missing = [v for v in (one, two) if isinstance(v, Undefined)]
    if missing:
        return min(missing, key=lambda v: REASONS.index(v.why))
    assert not isinstance(one, Undefined) and not isinstance(two, Undefined)
    return one, two


def numeric(fn: str, values: list[Num]) -> Value | None:
    """Operators and functions of numbers; None where `fn` is something else."""
    match fn:
        case "<" | "<=" | ">" | ">=":
            return Fact(order(fn, values[0], values[1]))
        case "+" | "-" | "*" | "/":
            return arithmetic(fn, values[0], values[1])
        case "neg":
            return Num(-values[0].hi, -values[0].lo)
        case "abs":
            return magnitude(values[0])
        case "round":
            return Num(rounded(values[0].lo), rounded(values[0].hi))
        case "min":
            return Num(min(v.lo for v in values), min(v.hi for v in values))
        case "max":
            return Num(max(v.lo for v in values), max(v.hi for v in values))
        case "arc" if all(v.exact for v in values):
            a, b = values
            return exact((a.lo - b.lo) % 360.0)
        case "mod" if all(v.exact for v in values):
            a, b = values
            return Undefined("division by zero") if b.lo == 0 else exact(a.lo % b.lo)
        case _:
            return None


def between(values: list[Value], period: float | None) -> Truth:
    """`value in low .. high`; of angles after whole periods, too."""
    value, low, high = values
    assert isinstance(value, Num) and isinstance(low, Num) and isinstance(high, Num)
    if period is None:
        return both([order("<=", low, value), order("<=", value, high)])
    found = arcs(low, high, period)
    if found is None:
        return None
    least, most = found
    if least.whole or least.room(value) >= -SAME_DEG:
        return True
    return False if max(most.gaps(value)) > 0 else None


def function(fn: str, values: list[Value]) -> Value:
    """Functions; what is no number, of an empty region say, is undefined."""
    found = _function(fn, values)
    if isinstance(found, Num) and math.isnan(found.lo):
        return Undefined("empty" if fn in ("gap", "overlap") else "division by zero")
    return found


def _function(fn: str, values: list[Value]) -> Value:
    """Functions, of numbers, places, shapes and colours."""
    if all(isinstance(v, Num) for v in values):
        made = numeric(fn, [v for v in values if isinstance(v, Num)])
        if made is not None:
            return made
    for v in values:
        if isinstance(v, Num) and not v.exact:
            return Undefined("doubtful")
    numbers = [v.lo for v in values if isinstance(v, Num)]
    match fn:
        case "matches":
            text, pattern = values
            assert isinstance(text, str) and isinstance(pattern, str)
            return Fact(re.fullmatch(pattern, text) is not None)
        case "number":
            (text,) = values
            assert isinstance(text, str)
            found = re.fullmatch(r" *([+-]?[0-9]+([.][0-9]+)?) *", text)
            return exact(float(text)) if found else Undefined("text of the wrong form")
        case "contains_text":
            text, part = values
            assert isinstance(text, str) and isinstance(part, str)
            return Fact(text.find(part) >= 0)
        case "characters":
            text = values[0]
            assert isinstance(text, str)
            first, last = numbers[0], numbers[-1]
            if not 1 <= first <= last <= len(text):
                return Undefined("text of the wrong form")
            return "".join(c for k, c in enumerate(text, 1) if first <= k <= last)
        case "date_of":
            text, *form = values
            assert isinstance(text, str)
            return _day(text.strip(), str(form[0]) if form else "YYYY-MM-DD")
        case "valid":
            text, system = values
            assert isinstance(text, str) and isinstance(system, str)
            return Fact(checked(text.replace(" ", "").replace("-", ""), system))
        case "point":
            return Point(*numbers)
        case "box":
            return shapes.box(*numbers)
        case "circle":
            return shapes.polygon(shapes.disc(*numbers))
        case "ring":
            return shapes.polygon(shapes.ring(*numbers))
        case "angle_between":
            return exact(90 - abs(abs(numbers[0] - numbers[1]) % 180 - 90))
        case "grow":
            whole = shape(values[0])
            return whole if isinstance(whole, Undefined) else shapes.grown(whole, numbers[0])
        case "upright" | "turned":
            whole = shape(values[0])
            marker = place(values[1]) if len(values) > 1 else None
            if (missing := foremost([whole] if marker is None else [whole, marker])) is not None:
                return missing
            assert isinstance(whole, Shape) and not isinstance(marker, Undefined)
            return frames.upright(whole) if fn == "upright" else frames.turned(whole, marker)
        case "polygon":
            return shapes.polygon(shapes.corners([v for v in values if isinstance(v, Point)]))
        case "difference" | "tint_difference":
            one, two = values
            assert isinstance(one, Colour) and isinstance(two, Colour)
            lit = one.lab if fn == "difference" else shapes.relit(one.lab, two.lab[0])
            return exact(shapes.difference(lit, two.lab))
        case "gap" | "overlap":
            pair = _pair(shape, values)
            if isinstance(pair, Undefined):
                return pair
            return exact(shapes.gap(*pair) if fn == "gap" else shapes.overlap(*pair))
    places = _pair(place, values)
    if isinstance(places, Undefined):
        return places
    a, b = places
    match fn:
        case "dx":
            return exact(b.x - a.x)
        case "dy":
            return exact(b.y - a.y)
        case "distance":
            return exact(shapes.distance(a, b))
        case "direction":
            return shapes.direction(a, b)
        case "midpoint":
            return Point((a.x + b.x) / 2, (a.y + b.y) / 2)
        case _:
            raise NotImplementedError(fn)


def relation(word: str, values: list[Value]) -> Value:
    """A relation word between two things."""
    if word in BETWEEN_CENTRES:
        places = _pair(place, values)
        if isinstance(places, Undefined):
            return places
        a, b = places
        one, two = (a, b) if word in ("above", "left_of") else (b, a)
        upright = word in ("above", "below")
        return Fact(less(one.y, two.y) if upright else less(one.x, two.x))
    if word in ("inside", "outside", "contains"):
        what, where = (values[1], values[0]) if word == "contains" else (values[0], values[1])
        anchor, around = place(what), shape(where)
        if isinstance(anchor, Undefined) or isinstance(around, Undefined):
            return anchor if isinstance(anchor, Undefined) else Undefined("not measured")
        return Fact(shapes.inside(anchor, around) != (word == "outside"))
    pair = _pair(shape, values)
    if isinstance(pair, Undefined):
        return pair
    match word:
        case "wholly inside":
            return Fact(shapes.covers(pair[1], pair[0]))
        case "overlaps":
            return Fact(shapes.overlaps(*pair))
        case "touches":
            return Fact(not less(shapes.TOUCH_PX, shapes.gap(*pair)))
        case "near":
            limit = values[2]
            assert isinstance(limit, Num)
            return Fact(order("<=", exact(shapes.gap(*pair)), limit))
        case _:
            raise NotImplementedError(word)


def equal(palette: Palette, a: Value, b: Value) -> Truth:
    """`a = b`; undetermined where either is undefined."""
    match a, b:
        case (Undefined(), _) | (_, Undefined()):
            return None
        case (Nothing(), _) | (_, Nothing()):
            return False
        case Num(), Num():
            return same_number(a, b)
        case str(), str():
            return a == b
        case Fact(), Fact():
            return either([both([a.truth, b.truth]), both([negated(a.truth), negated(b.truth)])])
        case Item(), Item():
            return a.same(b)
        case Colour(), Colour():
            return _same_color(palette, a, b)
        case Listing(), Listing():
            return _same_lists(a, b, lambda x, y: equal(palette, x, y))
        case _:
            raise TypeError((a, b))


def _same_color(palette: Palette, a: Colour, b: Colour) -> bool:
    """A colour is a named one within that one's reach, and when no other named one is nearer."""
    if a.name is not None and b.name is not None:
        return a.name == b.name
    named, other = (a, b) if a.name is not None else (b, a)
    if named.name is None:
        return shapes.difference(a.lab, b.lab) == 0
    own = shapes.difference(other.lab, named.lab)
    nearest = min(shapes.difference(other.lab, c.lab) for c in palette.values())
    return at_most(own, palette[named.name].reach) and own <= nearest


def _same_lists(a: Listing, b: Listing, alike: Callable[[Value, Value], Truth]) -> Truth:
    """Equal place by place; under doubt False where no world makes them equal, else undetermined."""
    if a.certain and b.certain:
        if len(a.items) != len(b.items):
            return False
        return both(alike(x, y) for (x, _), (y, _) in zip(a.items, b.items, strict=True))
    tried: dict[tuple[int, int], bool] = {}

    def may(i: int, j: int) -> bool:
        """Whether the rests from these places on are equal in some world."""
        if (i, j) not in tried:
            here, there = a.items[i : i + 1], b.items[j : j + 1]
            found = not here and not there
            found = found or any(not sure and may(i + 1, j) for _, sure in here)
            found = found or any(not sure and may(i, j + 1) for _, sure in there)
            for x, _ in here:
                for y, _ in there:
                    found = found or (alike(x, y) is not False and may(i + 1, j + 1))
            tried[i, j] = found
        return tried[i, j]

    return None if may(0, 0) else False


def equal_within(values: list[Value], period: float | None) -> Truth:
    """`a = b within t`; `period` after how many degrees two angles are the same."""
    a, b, limit = values
    assert isinstance(limit, Num)
    match a, b:
        case Listing(), Listing():
            return _same_lists(a, b, lambda x, y: near(x, y, limit, period))
        case Num(), Num():
            apart = arithmetic("-", a, b)
            assert isinstance(apart, Num)
            return order("<=", magnitude(apart) if period is None else turned_by(apart, period), limit)
        case Point(), Point():
            return order("<=", exact(shapes.distance(a, b)), limit)
        case Colour(), Colour():
            return order("<=", exact(shapes.difference(a.lab, b.lab)), limit)
        case _:
            raise TypeError((a, b))


def near(a: Value, b: Value, limit: Num, period: float | None) -> Truth:
    """Whether two items of lists are within a limit; undetermined where either is undefined."""
    if isinstance(a, Undefined) or isinstance(b, Undefined):
        return None
    if isinstance(a, Nothing) or isinstance(b, Nothing):
        return False
    return equal_within([a, b, limit], period)


def _day(text: str, form: str) -> Value:
    """The days from 1 January of the year 1 to a date, counted year by year and month by month."""
    wrong = Undefined("text of the wrong form")
    if len(text) != len(form):
        return wrong
    fields = {"Y": "", "M": "", "D": ""}
    for letter, c in zip(form, text, strict=True):
        if letter in fields and c in "0123456789":
            fields[letter] += c
        elif letter != c:
            return wrong
    year = int(fields["Y"]) + (2000 if len(fields["Y"]) == 2 else 0)
    month, day = int(fields["M"]), int(fields["D"] or 1)
    lengths = [31, 29 if _leap(year) else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    if not (year >= 1 and 1 <= month <= 12 and 1 <= day <= lengths[month - 1]):
        return wrong
    return exact(float(sum(366 if _leap(y) else 365 for y in range(1, year)) + sum(lengths[: month - 1]) + day))


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
