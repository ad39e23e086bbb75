"""Values of the oracle, one at a time, and the arithmetic of what is in doubt.

A truth is True, False or None (undetermined). A number is an interval, exact where both ends agree. What is
undefined is an `Undefined` with its reason, and everything made of it is undefined too.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from tests.oracle.picture import Thing
    from tests.oracle.shapes import Axes, Shape

Truth: TypeAlias = bool | None

#: Two measured numbers closer than this share of the greater are equal.
SAME = 1e-9


@dataclass(frozen=True)
class Undefined:
    """No value, and why."""

    why: str


#: The reasons of the reference, the one that is given first.
REASONS = (
    "not given", "absent", "ambiguous", "empty", "division by zero", "not measured", "no pixels", "outside the picture",
    "unknown label", "text of the wrong form", "no case", "no frame",
    "doubtful",
)  # fmt: skip


def foremost(values: Iterable[Value]) -> Undefined | None:
    """Of what is undefined among some values, that of the reason which is given first."""
    return min((v for v in values if isinstance(v, Undefined)), key=lambda v: REASONS.index(v.why), default=None)


@dataclass(frozen=True)
class Num:
    """A number between two ends."""

    lo: float
    hi: float

    @property
    def exact(self) -> bool:
        return self.lo == self.hi


@dataclass(frozen=True)
class Nothing:
    """What `else -> none` gives: equals nothing."""


@dataclass(frozen=True)
class Colour:
    """A colour in CIELAB; `name` where it is a named one."""

    lab: tuple[float, float, float]
    name: str | None = None


@dataclass(frozen=True)
class Point:
    """A point, px."""

    x: float
    y: float


@dataclass(frozen=True, eq=False)
class Item:
    """A row of a store: an object of the picture, a cell of a grid, or a region of several.

    `shape` is a cell's or region's, an `Undefined` where it has none; `owner` is what a cell was cut from.
    """

    store: str
    number: tuple[int, ...]
    thing: Thing | None = None
    shape: Shape | Undefined | None = None
    row: int = 0
    col: int = 0
    owner: Item | None = None

    def same(self, other: Item) -> bool:
        """Whether both are one row."""
        return (self.store, self.number) == (other.store, other.number)


@dataclass(frozen=True, eq=False)
class Members:
    """A set: its members, and whether each is there in every world."""

    store: str
    items: tuple[tuple[Item, bool], ...]


@dataclass(frozen=True, eq=False)
class Listing:
    """A list: its places in order, and whether each is there in every world."""

    items: tuple[tuple[Value, bool], ...]

    @property
    def certain(self) -> bool:
        return all(sure for _, sure in self.items)


@dataclass(frozen=True, eq=False)
class Fact:
    """A truth as a value."""

    truth: Truth


@dataclass(frozen=True)
class Laid:
    """The places of a layout, each with its class."""

    places: tuple[tuple[str, Point], ...]


Value: TypeAlias = (
    "Num | str | Nothing | Colour | Point | Shape | Axes | Item | Members | Listing | Laid | Fact | Undefined"
)


def both(parts: Iterable[Truth]) -> Truth:
    """Kleene's `and`; true of none."""
    found: Truth = True
    for p in parts:
        if p is False:
            return False
        if p is None:
            found = None
    return found


def either(parts: Iterable[Truth]) -> Truth:
    """Kleene's `or`; false of none."""
    return negated(both(negated(p) for p in parts))


def negated(a: Truth) -> Truth:
    """Kleene's `not`."""
    return None if a is None else not a


def exact(value: float) -> Num:
    """A number without doubt."""
    return Num(value, value)


def at_most(a: float, b: float) -> bool:
    """`a <= b` of numbers, those closer than 1e-9 of the greater being equal."""
    return a - b <= SAME * max(abs(a), abs(b))


def less(a: float, b: float) -> bool:
    """`a < b`, so that it and `b <= a` never both hold or both fail."""
    return not at_most(b, a)


def order(op: str, a: Num, b: Num) -> Truth:
    """A comparison: true where it holds for all values between the ends, false where for none."""
    match op:
        case "<=":
            return True if at_most(a.hi, b.lo) else None if at_most(a.lo, b.hi) else False
        case "<":
            return True if less(a.hi, b.lo) else None if less(a.lo, b.hi) else False
        case ">" | ">=":
            return order({">": "<", ">=": "<="}[op], b, a)
        case _:
            raise ValueError(op)


def same_number(a: Num, b: Num) -> Truth:
    """`a = b` of numbers."""
    return both([order("<=", a, b), order("<=", b, a)])


def arithmetic(op: str, a: Num, b: Num) -> Num | Undefined:
    """Interval arithmetic; a divisor that may be 0 makes the quotient undefined."""
    match op:
        case "+":
            return Num(a.lo + b.lo, a.hi + b.hi)
        case "-":
            return Num(a.lo - b.hi, a.hi - b.lo)
        case "*":
            ends = [x * y for x in (a.lo, a.hi) for y in (b.lo, b.hi)]
        case "/":
            if b.lo <= 0 <= b.hi:
                return Undefined("division by zero")
            ends = [x / y for x in (a.lo, a.hi) for y in (b.lo, b.hi)]
        case _:
            raise ValueError(op)
    return Num(min(ends), max(ends))


def magnitude(a: Num) -> Num:
    """The number without its sign."""
    ends = sorted([abs(a.lo), abs(a.hi)])
    return Num(0.0 if a.lo <= 0 <= a.hi else ends[0], ends[1])


def rounded(a: float) -> float:
    """The nearest whole number, halves upwards."""
    return math.floor(a + 0.5)


def turned_by(gap: Num, period: float) -> Num:
    """How far apart two directions are that are the same after `period` degrees, from their difference."""

    def apart(x: float) -> float:
        rest = math.fmod(abs(x), period)
        return min(rest, period - rest)

    ends = [apart(gap.lo), apart(gap.hi)]
    lo, hi = min(ends), max(ends)
    half = period / 2
    k = math.ceil(gap.lo / half)
    while k * half <= gap.hi:  # multiples of the period are 0 apart, the places half way farthest
        lo, hi = (0.0, hi) if k % 2 == 0 else (lo, half)
        if k * half > gap.lo + 2 * period:
            break
        k += 1
    return Num(lo, hi)


#: Angles nearer than this are one.
SAME_DEG = 1e-7


@dataclass(frozen=True)
class Arc:
    """The part of a circle from one angle on to another, which is not less: by whole periods, where it was."""

    start: float
    end: float
    period: float

    @property
    def whole(self) -> bool:
        return self.end - self.start >= self.period - SAME_DEG

    def gaps(self, angle: Num) -> tuple[float, float]:
        """How far an angle lies before the start and beyond the end, the nearest way; at most 0 where it does not."""
        first = math.floor((self.start - angle.lo) / self.period)
        turned = [k * self.period for k in range(first - 1, first + 3)]
        before = [self.start - (angle.hi + t) for t in turned]
        beyond = [angle.lo + t - self.end for t in turned]
        if any(max(b, e) <= SAME_DEG for b, e in zip(before, beyond, strict=True)):
            return 0.0, 0.0
        return min(b for b in before if b > 0), min(e for e in beyond if e > 0)

    def room(self, angle: Num) -> float:
        """How far all that an angle may be lies from the nearer end, negative where some of it is not inside."""
        first = math.floor((self.start - angle.lo) / self.period)
        turned = [k * self.period for k in range(first - 1, first + 3)]
        return max(min(angle.lo + t - self.start, self.end - (angle.hi + t)) for t in turned)


def arcs(low: Num, high: Num, period: float) -> tuple[Arc, Arc] | None:
    """What every range between two ends holds, and what some may hold; None where it may be anything.

    A range whose ends stand backwards goes on round the circle to the next place of its last end.
    """

    def turns(start: float, end: float) -> int:
        n = 0
        while end + n * period < start - SAME_DEG:
            n += 1
        return n

    least, most = turns(low.hi, high.lo), turns(low.lo, high.hi)
    if least != most:
        return None
    return Arc(low.hi, high.lo + least * period, period), Arc(low.lo, high.hi + most * period, period)


def aggregate(fn: str, values: list[tuple[Num, bool]]) -> Num | Undefined:
    """An aggregate of the values of members, by the table "Under doubt"; the flag says which are sure."""
    sure = [v for v, s in values if s]
    doubtful = [v for v, s in values if not s]
    if fn == "count":
        return Num(float(len(sure)), float(len(values)))
    if fn == "sum":
        low = sum(v.lo for v in sure) + sum(min(v.lo, 0.0) for v in doubtful)
        return Num(low, sum(v.hi for v in sure) + sum(max(v.hi, 0.0) for v in doubtful))
    if not sure:
        return Undefined("doubtful" if doubtful else "empty")
    every = [v for v, _ in values]
    match fn:
        case "min":
            return Num(min(v.lo for v in every), min(v.hi for v in sure))
        case "max":
            return Num(max(v.lo for v in sure), max(v.hi for v in every))
        case "mean":
            return _mean(sure, doubtful)
        case "spread":
            least = max(v.lo for v in sure) - min(v.hi for v in sure)
            return Num(max(least, 0.0), max(v.hi for v in every) - min(v.lo for v in every))
        case "median":
            return _median(sure, doubtful)
        case "std":
            return _std([v.lo for v in sure]) if not doubtful and all(v.exact for v in sure) else _any_std(every)
        case _:
            raise NotImplementedError(fn)


def _median(sure: list[Num], doubtful: list[Num]) -> Num:
    """Least and greatest median of the sure with the k least, or the k greatest, of the doubtful."""
    up = sorted(v.lo for v in doubtful)
    down = sorted((v.hi for v in doubtful), reverse=True)
    counts = range(len(doubtful) + 1)
    least = min(statistics.median([v.lo for v in sure] + up[:k]) for k in counts)
    return Num(least, max(statistics.median([v.hi for v in sure] + down[:k]) for k in counts))


def _std(values: list[float]) -> Num:
    """Of the whole population."""
    mean = sum(values) / len(values)
    return exact(math.sqrt(sum((v - mean) ** 2 for v in values) / len(values)))


def _any_std(every: list[Num]) -> Num:
    """From 0 to half the spread of all."""
    return Num(0.0, (max(v.hi for v in every) - min(v.lo for v in every)) / 2)


def _mean(sure: list[Num], doubtful: list[Num]) -> Num:
    """Least and greatest over the sure with the k least, or the k greatest, of the doubtful, over all k."""
    lows, highs = [], []
    up = sorted(v.lo for v in doubtful)
    down = sorted((v.hi for v in doubtful), reverse=True)
    for k in range(len(doubtful) + 1):
        lows.append((sum(v.lo for v in sure) + sum(up[:k])) / (len(sure) + k))
        highs.append((sum(v.hi for v in sure) + sum(down[:k])) / (len(sure) + k))
    return Num(min(lows), max(highs))
