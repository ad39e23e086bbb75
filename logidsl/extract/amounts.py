"""The number of objects in a row of a source: `3`, `two`, `2..4`, `at least 2`, `some`, `*`.

Owns `Amount` and `amount_of`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

_NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
_WORDS = {word: number for number, word in enumerate(_NUMBERS.split())}
_WORDS |= dict(a=1, an=1, single=1, no=0, none=0, pair=2, couple=2, dozen=12)  # noqa: C408 - one line
#: Words for objects that were not counted: any number of them, one or more, two or more.
_UNCOUNTED = (
    re.compile(r"unknown|\?"),
    re.compile(r"[*+]|some|any|many|much|lots|present|multiple|irrel(evant)?|various|uncountable"),
    re.compile(r"several|few|numerous|a (few|lot|number|handful).*"),
)
_RANGE = re.compile(r"(\d+)\s*(?:\.\.|-|–|to|or)\s*(\d*)")
_BOUND = re.compile(r"(at least|at most|up to|more than|less than|fewer than|over|>=|<=|>|<|~|about|around)\s*(\w+)")
#: More rows than this of one are refused: no picture shows so many.
MOST = 100_000


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of objects, from `low` to `high`; `high` is None if unbounded.

    Examples
    --------
    >>> Amount(2, 2).exact, Amount(1, None).exact
    (True, False)
    """

    low: int
    high: int | None

    @property
    def exact(self) -> bool:
        """Whether the number is known."""
        return self.low == self.high

    def __add__(self, other: Amount) -> Amount:
        """The number of both together."""
        high = None if self.high is None or other.high is None else self.high + other.high
        return Amount(self.low + other.low, high)

    def either(self, other: Amount) -> Amount:
        """The range that covers two alternative numbers."""
        high = None if self.high is None or other.high is None else max(self.high, other.high)
        return Amount(min(self.low, other.low), high)


ONE = Amount(1, 1)
SOME = Amount(1, None)
UNKNOWN = Amount(0, None)


def amount_of(value: object) -> Amount | None:
    """The number in a source's text, or None.

    Parameters
    ----------
    value : object
        A whole number, or a text: figures, an English word up to twenty, a range, a bound, or a word for an
        amount that was not counted.

    Examples
    --------
    >>> amount_of("2"), amount_of("Two"), amount_of("2..4")
    (Amount(low=2, high=2), Amount(low=2, high=2), Amount(low=2, high=4))
    >>> amount_of("*"), amount_of("at least 3"), amount_of("0.."), amount_of("red"), amount_of(2.5)
    (Amount(low=1, high=None), Amount(low=3, high=None), Amount(low=0, high=None), None, None)
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int) and abs(value) > 10**9:  # more than any picture has, or a float holds
        return None
    if isinstance(value, int | float):
        return _known(int(value)) if math.isfinite(value) and value >= 0 and value == int(value) else None
    text = " ".join(str(value).strip().lower().replace("_", " ").split())
    single = _number(text)
    if single is not None:
        return _known(single)
    for least, uncounted in enumerate(_UNCOUNTED):
        if uncounted.fullmatch(text):
            return Amount(least, None)
    if found := _RANGE.fullmatch(text):
        low, high = int(found[1]), int(found[2]) if found[2] else None
        return Amount(low, high) if high is None else Amount(min(low, high), max(low, high))
    return _bounded(text)


def _known(number: int) -> Amount:
    return Amount(number, number)


def _number(text: str) -> int | None:
    if re.fullmatch(r"[0-9]{1,9}(?:\.0+)?", text):
        return int(float(text))
    return _WORDS.get(text)


def _bounded(text: str) -> Amount | None:
    found = _BOUND.fullmatch(text)
    limit = _number(found[2]) if found else None
    if found is None or limit is None:
        return None
    match found[1]:
        case "at least" | ">=":
            return Amount(limit, None)
        case "more than" | "over" | ">":
            return Amount(limit + 1, None)
        case "at most" | "up to" | "<=":
            return Amount(0, limit)
        case "less than" | "fewer than" | "<":
            return Amount(0, max(0, limit - 1))
        case _:  # about so many: somewhere near, and no telling how near
            return Amount(min(1, limit), None)
