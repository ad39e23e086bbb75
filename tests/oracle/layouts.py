"""Parts on the places of a layout, by trying every pairing."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.oracle.values import Item, Laid, Num, Point, Truth, less

Fits = Callable[[int, int], bool]


@dataclass(frozen=True)
class Part:
    """A member: whether it is there in every world, where, and of which classes it is."""

    item: Item
    sure: bool
    at: Point | None
    of: dict[str, Truth] = field(default_factory=dict)


@dataclass(frozen=True)
class Wrong:
    """Parts that do not belong where they are, and the classes of the empty places."""

    parts: tuple[Item, ...]
    missing: tuple[str, ...]


def apart(part: Part, place: tuple[str, Point]) -> float:
    """The distance of a part from a place; infinite where either is unknown."""
    return math.inf if part.at is None else math.hypot(part.at.x - place[1].x, part.at.y - place[1].y)


def holds(parts: list[Part], laid: Laid, limit: Num) -> Truth:
    """Whether each place has a part of its class near enough, one to one, and no part is left over."""
    return True if _always(parts, laid, limit.lo) else None if _ever(parts, laid, limit.hi) else False


def _always(parts: list[Part], laid: Laid, limit: float) -> bool:
    if len(parts) != len(laid.places) or not all(p.sure and p.at is not None for p in parts):
        return False

    def fits(k: int, j: int) -> bool:
        return parts[k].of[laid.places[j][0]] is True and not less(limit, apart(parts[k], laid.places[j]))

    return any(True for _ in _covering(len(parts), len(laid.places), fits))


def _ever(parts: list[Part], laid: Laid, limit: float) -> bool:
    def fits(k: int, j: int) -> bool:
        near = parts[k].at is None or not less(limit, apart(parts[k], laid.places[j]))
        return parts[k].of[laid.places[j][0]] is not False and near

    needed = {k for k, p in enumerate(parts) if p.sure}
    return any(needed <= set(chosen) for chosen in _covering(len(parts), len(laid.places), fits))


def _covering(parts: int, places: int, fits: Fits, chosen: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
    """For every pairing that fills all places the part on each."""
    if len(chosen) == places:
        yield chosen
        return
    for k in range(parts):
        if k not in chosen and fits(k, len(chosen)):
            yield from _covering(parts, places, fits, (*chosen, k))


def margin(parts: list[Part], laid: Laid, limit: Num) -> float:
    """How far the least limit with which it holds, or may hold, is from the limit, in limits; -1 if none is."""
    true = _always(parts, laid, limit.lo)
    check, top = (_always, limit.lo) if true else (_ever, limit.hi)
    away = sorted({0.0, *(d for p in parts for q in laid.places if (d := apart(p, q)) < math.inf)})
    worst = next((d for d in away if check(parts, laid, d)), None)
    return -1.0 if worst is None else (top - worst) / (top if top > 0 else 1.0)


def wrong(parts: list[Part], laid: Laid, limit: float) -> Wrong:
    """What is wrong: parts near a place of their class are right, of the rest those near another place are exchanged,
    of the rest each with a place of its class is misplaced; what is left is surplus or missing.
    """
    left, empty = list(range(len(parts))), list(range(len(laid.places)))
    bad: list[int] = []

    def near(k: int, j: int) -> bool:
        return parts[k].at is not None and not less(limit, apart(parts[k], laid.places[j]))

    def of_class(k: int, j: int) -> bool:
        return parts[k].of[laid.places[j][0]] is not False

    rounds: tuple[tuple[bool, Fits], ...] = (
        (True, lambda k, j: of_class(k, j) and (near(k, j) or parts[k].at is None)),
        (False, lambda k, j: not of_class(k, j) and near(k, j)),
        (False, of_class),
    )
    for right, fits in rounds:
        pairs = _shortest(parts, laid, left, empty, fits)
        left = [k for k in left if k not in pairs]
        empty = [j for j in empty if j not in pairs.values()]
        bad += [] if right else pairs
    bad += [k for k in left if parts[k].sure]
    return Wrong(tuple(parts[k].item for k in bad), tuple(laid.places[j][0] for j in empty))


def _shortest(parts: list[Part], laid: Laid, left: list[int], empty: list[int], fits: Fits) -> dict[int, int]:
    """The pairing with the most pairs, of these the shortest in all, of these that of the parts that stand first."""
    best: tuple[int, float, dict[int, int]] = (0, 0.0, {})

    def search(n: int, pairs: dict[int, int], total: float) -> None:
        nonlocal best
        if n == len(left):
            if (-len(pairs), total) < (-best[0], best[1]):
                best = (len(pairs), total, pairs)
            return
        if len(pairs) + len(left) - n < best[0]:
            return
        k = left[n]
        for j in empty:
            if j not in pairs.values() and fits(k, j):
                d = apart(parts[k], laid.places[j])
                search(n + 1, {**pairs, k: j}, total + (0.0 if math.isinf(d) else d) + 1e-6 * k)
        search(n + 1, pairs, total)

    search(0, {}, 0.0)
    return best[2]
