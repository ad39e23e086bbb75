"""Rules over several pictures, world by world: what a picture holds, which batch it belongs to and where it stands.

Written from the language reference. In a world nothing is open: every object is there or not, every picture has a batch
and a place in its order, and one that could not be read holds something. A rule is given as a function of the pictures
of a batch.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product

from tests.oracle import process_control
from tests.oracle.values import Num, Truth, Undefined, at_most, exact, less

#: The batch of a picture that belongs to none of those seen.
ELSEWHERE = "elsewhere"


@dataclass(frozen=True)
class Bolt:
    """An object with a measured value and a text, None where it has none."""

    length: float | None
    doubtful: bool = False
    code: str | None = "A"


@dataclass(frozen=True)
class Shot:
    """A picture of a run; without a key it may belong to any batch, without a place it may stand anywhere.

    `front` says whether it is of the view, None where that is not known.
    """

    name: str
    key: str | None
    place: float | None
    bolts: tuple[Bolt, ...]
    error: bool = False
    front: bool | None = False


#: What a picture that could not be read may hold, among anything else.
UNREAD = ((), (Bolt(2.0),), (Bolt(9.0), Bolt(9.0, code="Z")))


#: What a rule says of the pictures of a batch in their order; None where it is undefined.
Rule = Callable[[Sequence[Shot]], Truth]


def in_every_world(rule: Rule, shots: Sequence[Shot], last: int | None, ordered: bool) -> dict[str, set[Truth]]:
    """The truths of a rule in some world, for each batch."""
    keys = sorted({s.key for s in shots if s.key is not None})
    found: dict[str, set[Truth]] = {key: set() for key in keys}
    for world in worlds(shots, keys, ordered):
        for key in keys:
            batch = sorted((s for s in world if s.key == key), key=lambda s: (s.place or 0.0, s.name))
            found[key].add(rule(batch if last is None else batch[-last:]))
    return found


def worlds(shots: Sequence[Shot], keys: Sequence[str], ordered: bool) -> Iterator[list[Shot]]:
    """What a run may be."""
    for world in product(*(list(_ways(shot, keys, ordered, len(shots))) for shot in shots)):
        yield list(world)


def count_worlds(shots: Sequence[Shot], ordered: bool) -> int:
    """How many there are."""
    keys, many = {s.key for s in shots if s.key is not None}, 1
    for shot in shots:
        many *= len(list(_ways(shot, sorted(keys), ordered, len(shots))))
    return many


def _ways(shot: Shot, keys: Sequence[str], ordered: bool, many: int) -> Iterator[Shot]:
    held = list(UNREAD) if shot.error else _held(shot.bolts)
    fronts = [True, False] if shot.front is None else [shot.front]
    belongs = [shot.key] if shot.key is not None else [*keys, ELSEWHERE]
    places = [shot.place] if not ordered or shot.place is not None else [k - 0.5 for k in range(many + 2)]
    for bolts, key, place, front in product(held, belongs, places, fronts):
        yield replace(shot, key=key, place=place if ordered else 0.0, bolts=bolts, front=front)


def _held(bolts: Sequence[Bolt]) -> list[tuple[Bolt, ...]]:
    chosen = product(*([True, False] if b.doubtful else [True] for b in bolts))
    return [tuple(b for b, there in zip(bolts, some, strict=True) if there) for some in chosen]


# ---- aggregates in one world ---------------------------------------------------------------------------


def values_in(batch: Sequence[Shot]) -> list[float | None]:
    """The column of all pictures, in their order and that of the table."""
    return [b.length for shot in batch for b in shot.bolts]


def on_front(batch: Sequence[Shot]) -> list[Shot]:
    """The pictures of the view."""
    return [shot for shot in batch if shot.front]


def codes_in(batch: Sequence[Shot]) -> list[str | None]:
    """The texts of all pictures, in their order and that of the table."""
    return [b.code for shot in batch for b in shot.bolts]


def kinds(codes: Sequence[str | None]) -> float | None:
    """How many different texts there are; None where one is missing."""
    return None if None in codes else float(len(set(codes)))


def of_code(codes: Sequence[str | None], wanted: str) -> tuple[int, int]:
    """How many members have a text, at least and at most."""
    sure = sum(code == wanted for code in codes)
    return sure, sure + sum(code is None for code in codes)


def texts(fn: str, codes: Sequence[str | None]) -> Truth:
    """`distinct` or `same` of texts."""
    pairs = [(a, b) for k, a in enumerate(codes) for b in codes[k + 1 :]]
    told = [None if None in pair else (pair[0] == pair[1]) == (fn == "same") for pair in pairs]
    return False if False in told else None if None in told else True


def figure(fn: str, values: Sequence[float | None], limits: Sequence[float] = ()) -> float | None:
    """A number made of values; None where it is undefined."""
    known = [v for v in values if v is not None]
    if fn == "count":
        return float(len(values))
    if len(known) < len(values):
        return None
    if fn == "sum":
        return sum(known)
    if not known:
        return None
    if fn in ("cp", "cpk"):
        low, high = limits
        if len(known) < 2 or at_most(max(known), min(known)):
            return None
        deviation, mean = statistics.stdev(known), statistics.fmean(known)
        return (high - low) / 6 / deviation if fn == "cp" else min(mean - low, high - mean) / 3 / deviation
    plain: dict[str, Callable[[list[float]], float]] = {
        "mean": statistics.fmean,
        "median": statistics.median,
        "min": min,
        "max": max,
        "std": statistics.pstdev,
        "spread": lambda v: max(v) - min(v),
    }
    return plain[fn](known)


def statement(fn: str, values: Sequence[float | None], limits: Sequence[float] = ()) -> Truth:
    """What an aggregate says of values in their order."""
    if fn in process_control.RULES:
        rows: list[process_control.Row] = [
            (Undefined("not measured") if v is None else exact(v), True, Num(k, k)) for k, v in enumerate(values)
        ]
        return process_control.pattern(fn, rows, [exact(limit) for limit in limits])
    pairs = [(a, b) for k, a in enumerate(values) for b in values[k + 1 :]] if fn == "distinct" else pairwise(values)
    told: list[Truth] = []
    for a, b in pairs:
        if a is None or b is None:
            told.append(None)
        else:
            same = at_most(a, b) and at_most(b, a)
            told.append(not same if fn == "distinct" else less(a, b))
    if fn == "increasing":  # also of those that do not stand side by side
        known = [v for v in values if v is not None]
        told += [less(a, b) for a, b in pairwise(known)]
    return False if False in told else None if None in told else True
