"""What the oracle says of capability, and of the Western Electric rules, by trying the worlds one by one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise, product

from tests.oracle.values import (
    Num,
    Truth,
    Undefined,
    at_most,
    exact,
    foremost,
    less,
)
from tests.oracle.values import aggregate as bounds_of

#: How many of how many successive values lie beyond how many standard deviations.
RULES = {
    "beyond_3_sigma": (1, 1, 3.0),
    "two_of_three_beyond_2_sigma": (2, 3, 2.0),
    "four_of_five_beyond_1_sigma": (4, 5, 1.0),
    "eight_on_one_side": (8, 8, 0.0),
}
#: A value with whether it is sure, and its key.
Row = tuple[Num | Undefined, bool, Num | Undefined]


def capability(fn: str, column: list[tuple[Num | Undefined, bool]], args: list[Num | Undefined]) -> Num | Undefined:
    """`cp` and `cpk`, from bounds on the mean and the sum of squares."""
    missing = foremost(args) or foremost(v for v, _ in column)
    if missing is not None:
        return missing
    every = [v for v, _ in column if isinstance(v, Num)]
    sure = [v for v, s in column if s and isinstance(v, Num)]
    lower, upper = (a for a in args if isinstance(a, Num))
    if len(every) < 2:
        return Undefined("division by zero" if every else "empty")
    if at_most(max(v.hi for v in every), min(v.lo for v in every)):
        return Undefined("division by zero")
    if len(sure) < 2 or at_most(max(v.lo for v in sure), min(v.hi for v in sure)):
        return Undefined("doubtful")
    ends = [x for v in every for x in (v.lo, v.hi)]
    few = _least(lambda c: sum(max(v.lo - c, c - v.hi, 0.0) ** 2 for v in sure), min(ends), max(ends))
    many = _least(lambda c: sum(max(c - v.lo, v.hi - c) ** 2 for v in every), min(ends), max(ends))
    deviations = math.sqrt(few / (len(every) - 1)), math.sqrt(many / (len(sure) - 1))
    mean = bounds_of("mean", [(v, s) for v, s in column if isinstance(v, Num)])
    assert isinstance(mean, Num)
    if fn == "cp":
        narrow, wide = (upper.lo - lower.hi) / 6, (upper.hi - lower.lo) / 6
    else:
        narrow = min(mean.lo - lower.hi, upper.lo - mean.hi) / 3
        middle = min(max((lower.lo + upper.hi) / 2, mean.lo), mean.hi)
        wide = min(middle - lower.lo, upper.hi - middle) / 3
    return Num(min(narrow / s for s in deviations), max(wide / s for s in deviations))


def _least(of: Callable[[float], float], low: float, high: float) -> float:
    """The least value of a convex function, by thirds."""
    for _ in range(200):
        third = (high - low) / 3
        if of(low + third) <= of(high - third):
            high -= third
        else:
            low += third
    return of((low + high) / 2)


def pattern(fn: str, rows: list[Row], args: list[Num | Undefined]) -> Truth:
    """Whether values are beyond the center line as a rule says: on one side in all worlds, on some side in one."""
    sides, open_ = _outside(fn, rows, args)
    many, of, _ = RULES[fn]
    must, can = False, False
    for surely, perhaps in sides:
        if open_:
            must |= sum(surely[k] and rows[k][1] for k in range(len(rows))) >= many and (of == 1 or len(rows) <= of)
            can |= sum(perhaps) >= many
        else:
            must |= all(runs(fn, [k for k in world if surely[k]], world) for world in _worlds(rows))
            can |= any(runs(fn, [k for k in world if perhaps[k]], world) for world in _worlds(rows))
    return True if must else None if can else False


def members(fn: str, rows: list[Row], args: list[Num | Undefined]) -> list[int]:
    """The places of the members of a pattern that occurs in every world; otherwise all."""
    sides, open_ = _outside(fn, rows, args)
    if open_ or pattern(fn, rows, args) is not True:
        return [*range(len(rows))]
    found: set[int] = set()
    for surely, _ in sides:
        kept = [k for k, row in sorted(enumerate(rows), key=_place) if row[1] or not surely[k]]
        found |= runs(fn, [k for k in kept if surely[k] and rows[k][1]], kept)
    return sorted(found)


def runs(fn: str, out: Sequence[int], series: Sequence[int]) -> set[int]:
    """Those outside that are among enough within few successive places of a series."""
    many, of, _ = RULES[fn]
    windows = [series[max(0, end - of) : end] for end in range(1, len(series) + 1)]
    full = [w for w in windows if sum(k in out for k in w) >= many]
    return {k for w in full for k in w if k in out}


def _place(numbered: tuple[int, Row]) -> float:
    key = numbered[1][2]
    return key.lo if isinstance(key, Num) else 0.0


def _worlds(rows: list[Row]) -> list[list[int]]:
    """The places of the members that are there, in their order, in each world."""
    order = [k for k, _ in sorted(enumerate(rows), key=_place)]
    doubtful = [k for k in order if not rows[k][1]]
    if len(doubtful) > 12:
        raise ValueError("too many worlds")
    found = []
    for there in product([True, False], repeat=len(doubtful)):
        gone = {k for k, t in zip(doubtful, there, strict=True) if not t}
        found.append([k for k in order if k not in gone])
    return found


def _outside(fn: str, rows: list[Row], args: list[Num | Undefined]) -> tuple[list[tuple[list[bool], list[bool]]], bool]:
    """For both sides which values lie beyond surely, and perhaps; and whether the order is unknown."""
    beyond = RULES[fn][2]
    keys = [key for _, _, key in rows]
    known = all(isinstance(k, Num) for k in keys)
    ordered = sorted((k for k in keys if isinstance(k, Num)), key=lambda k: k.lo)
    open_ = not known or any(not less(a.hi, b.lo) for i, a in enumerate(ordered) for b in ordered[i + 1 :])
    center, sigma = _chart(rows, args, open_, bool(beyond))
    lost = isinstance(center, Undefined) or (bool(beyond) and (isinstance(sigma, Undefined) or sigma.lo < 0))
    up: tuple[list[bool], list[bool]] = ([], [])
    down: tuple[list[bool], list[bool]] = ([], [])
    for value, _, _ in rows:
        if lost or isinstance(value, Undefined) or isinstance(center, Undefined):
            for side in (up, down):
                side[0].append(False)
                side[1].append(True)
            continue
        least, most = (beyond * sigma.lo, beyond * sigma.hi) if isinstance(sigma, Num) and beyond else (0.0, 0.0)
        up[0].append(less(center.hi + most, value.lo))
        up[1].append(less(center.lo + least, value.hi))
        down[0].append(less(value.hi, center.lo - most))
        down[1].append(less(value.lo, center.hi - least))
    return [up, down], open_


def _chart(
    rows: list[Row], args: list[Num | Undefined], open_: bool, deviates: bool
) -> tuple[Num | Undefined, Num | Undefined]:
    """The center line and the standard deviation, of the chart of individual values where they are not given."""
    if len(args) == 2:
        return args[0], args[1]
    if args and not deviates:
        return args[0], exact(0.0)
    values = [v for _, (v, _, _) in sorted(enumerate(rows), key=_place)]
    numbers = [v.lo for v in values if isinstance(v, Num) and v.exact]
    if open_ or len(numbers) < max(len(rows), 2) or not all(sure for _, sure, _ in rows):
        return (args[0] if args else Undefined("doubtful")), Undefined("doubtful")
    moving = sum(abs(b - a) for a, b in pairwise(numbers)) / (len(numbers) - 1)
    return (args[0] if args else exact(sum(numbers) / len(numbers))), exact(moving / 1.128)
