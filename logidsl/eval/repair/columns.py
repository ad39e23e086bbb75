"""What the values of a column or a list should be, so that what is made of them comes into a range.

Works on plain numbers. For each way there is a list of goals, one for each value; None leaves a value as
it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from logidsl.eval import operators
from logidsl.eval.repair.bindings import Binding, Goal
from logidsl.eval.values import List, Num

Goals = list[Goal | None]


def items(s: Binding, i: int) -> list[float]:
    """The numbers of a list at a spot; empty where one is undefined."""
    i, _ = s.node(i)
    value = s.trace.values[i]
    if not isinstance(value, List) or (value.why is not None and s.one(value.why)):
        return []
    found = []
    for k in range(int(s.one(value.size))):
        one = operators.item(value, k)
        if not isinstance(one, Num) or (one.why is not None and s.one(one.why)):
            return []
        found.append(float(s.one(one.lo)))
    return found


def goals(fn: str, v: list[float], goal: Goal) -> Iterator[Goals]:
    """Ways to bring what an aggregate makes of some values into a range, most natural first."""
    if not v:
        return
    match fn:
        case "min":
            yield from (_negated(w) for w in _greatest([-x for x in v], Goal(-goal.high, -goal.low)))
        case "max":
            yield from _greatest(v, goal)
        case "sum":
            yield from _total(v, goal)
        case "mean":
            yield from _total(v, Goal(goal.low * len(v), goal.high * len(v)))
            yield [exactly(goal.nearest(sum(v) / len(v)))] * len(v)
        case "median":
            middle = _median(v)
            by = goal.nearest(middle) - middle
            yield [exactly(x + by) for x in v]
            yield [exactly(middle + by)] * len(v)
        case "std" | "spread":
            yield from _wider(fn, v, goal)
        case "kinds":
            yield from _kinds(v, goal)
        case _:
            return


def exactly(value: float) -> Goal:
    """The one number."""
    return Goal(value, value)


def _negated(wanted: Goals) -> Goals:
    return [None if g is None else Goal(-g.high, -g.low) for g in wanted]


def _greatest(v: list[float], goal: Goal) -> Iterator[Goals]:
    if max(v) > goal.high:
        yield [Goal(goal.low if x == max(v) else -math.inf, goal.high) if x > goal.high else None for x in v]
    elif max(v) < goal.low:
        for k in sorted(range(len(v)), key=lambda k: -v[k]):
            yield [goal if j == k else None for j in range(len(v))]


def _total(v: list[float], goal: Goal) -> Iterator[Goals]:
    now = sum(v)
    target = goal.nearest(now)
    by = target - now
    if all(x > 0 for x in v) and target > 0:
        yield [exactly(x * target / now) for x in v]
    yield [exactly(x + by / len(v)) for x in v]
    for k in sorted(range(len(v)), key=lambda k: -v[k]):
        yield [exactly(x + by) if j == k else None for j, x in enumerate(v)]


def _median(v: list[float]) -> float:
    ordered, half = sorted(v), len(v) // 2
    return ordered[half] if len(v) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _wider(fn: str, v: list[float], goal: Goal) -> Iterator[Goals]:
    mean = sum(v) / len(v)
    now = max(v) - min(v) if fn == "spread" else math.sqrt(sum((x - mean) ** 2 for x in v) / len(v))
    target = goal.nearest(now)
    if target < 0 or (target > 0 and len(v) < 2):
        return
    if now > 0:
        if target == 0:
            yield [exactly(mean)] * len(v)
        yield [exactly(mean + (x - mean) * target / now) for x in v]
    else:
        by = target if fn == "spread" else target * len(v) / math.sqrt(len(v) - 1)
        yield [exactly(v[0] + by), *([None] * (len(v) - 1))]


def _kinds(v: list[float], goal: Goal) -> Iterator[Goals]:
    """Fewer kinds: the rarest become the commonest; more: what repeats becomes something new."""
    seen: dict[float, int] = {}
    for x in v:
        seen[x] = seen.get(x, 0) + 1
    target = int(goal.nearest(len(seen)))
    if target < 1 or target > len(v):
        return
    ordered = sorted(seen, key=lambda x: -seen[x])
    kept = set(ordered[:target])
    if target <= len(seen):
        yield [None if x in kept else exactly(ordered[0]) for x in v]
        return
    new, fresh, wanted, met = target - len(seen), max(v) + 1.0, Goals(), set[float]()
    for x in v:
        if x in met and new:
            wanted.append(exactly(fresh))
            new, fresh = new - 1, fresh + 1.0
        else:
            wanted.append(None)
        met.add(x)
    yield wanted


def between(keys: list[float], place: int, descending: bool = False) -> Goal:
    """The key of what should stand at a place, from 0, among keys that are in order."""
    before = keys[place - 1] if place > 0 else None
    after = keys[place] if place < len(keys) else None
    step = -10.0 if descending else 10.0
    if before is None and after is None:
        return exactly(0.0)
    if before is None:
        assert after is not None
        return exactly(after - step)
    if after is None:
        return exactly(before + step)
    return exactly((before + after) / 2)
