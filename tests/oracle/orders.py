"""What the oracle says of members in their order, two by two, and side by side.

Members come with whether each is sure; a doubtful one is "if it is there, then".
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise as pairs

from tests.oracle.shapes import distance
from tests.oracle.values import Item, Listing, Num, Point, Truth, Undefined, Value, both, either, less, order

Equal = Callable[[Value, Value], Truth]
#: Item, whether it is sure, and its key, negated in falling orders.
Keyed = tuple[Item, bool, Num]


def nth(keyed: list[Keyed], place: Num) -> Item | Undefined:
    """The member at a place of the order, from 1; undefined under any doubt about the members."""
    if not place.exact or not all(sure for _, sure, _ in keyed):
        return Undefined("doubtful")
    if not 1 <= place.lo <= len(keyed):
        return Undefined("absent")
    for item, _, key in keyed:
        others = [k for i, _, k in keyed if not i.same(item)]
        before = [k for k in others if less(k.hi, key.lo)]
        after = [k for k in others if less(key.hi, k.lo)]
        if len(before) == place.lo - 1 and len(before) + len(after) == len(others):
            return item
    return Undefined("ambiguous")


def rank(of: Item, keyed: list[Keyed]) -> Num | Undefined:
    """How many members come before an object, and one; equal keys share a place."""
    own = next(((sure, key) for i, sure, key in keyed if i.same(of)), None)
    if own is None:
        return Undefined("absent")
    if not own[0]:
        return Undefined("doubtful")
    others = [(sure, key) for i, sure, key in keyed if not i.same(of)]
    least = sum(sure and less(key.hi, own[1].lo) for sure, key in others)
    most = sum(less(key.lo, own[1].hi) for _, key in others)
    return Num(1.0 + least, 1.0 + most)


def rank_of_nearest(keyed: list[Keyed], away: list[Num]) -> Num | Undefined:
    """The rank of the member nearest to a point; two as near must stand at one key."""
    sure = [(a, k) for (_, s, k), a in zip(keyed, away, strict=True) if s]
    if not sure:
        return Undefined("doubtful" if keyed else "absent")
    nearest = min(a.lo for a, _ in sure)
    if any(not s and not less(nearest, a.lo) for (_, s, _), a in zip(keyed, away, strict=True)):
        return Undefined("doubtful")
    near = [(i, s, k) for (i, s, k), a in zip(keyed, away, strict=True) if s and a.lo <= nearest]
    ranks = {rank(i, keyed) for i, _, _ in near}
    return ranks.pop() if len(ranks) == 1 else Undefined("ambiguous")


def direction(angle: float) -> float:
    """An angle as a direction: above -180 up to 180 deg."""
    return 180.0 - (180.0 - angle) % 360.0


def steps(keyed: list[Keyed], descending: bool, cyclic: bool) -> Listing | Undefined:
    """Each key minus the one before it in the order, round the circle also the way from the last to the first.

    Undefined under any doubt.
    """
    if not all(sure and key.exact for _, sure, key in keyed):
        return Undefined("doubtful")
    keys = sorted(direction(key.lo) if cyclic else key.lo for _, _, key in keyed)
    sign = -1.0 if descending else 1.0
    if cyclic and keys:
        keys.append(keys[0] + 360.0)
    return Listing(tuple((Num(sign * (b - a), sign * (b - a)), True) for a, b in pairs(keys)))


def known(value: Value) -> bool:
    return not isinstance(value, Undefined) and not (isinstance(value, Num) and not value.exact)


def pairwise(fn: str, values: list[tuple[Value, bool]], equal: Equal) -> Truth:
    """`distinct`, `same`: of every two members, if both are there."""
    parts = []
    for k, (a, one) in enumerate(values):
        for b, two in values[k + 1 :]:
            alike = equal(a, b) if known(a) and known(b) else None
            fine = alike if fn == "same" else None if alike is None else not alike
            parts.append(either([fine, None if not (one and two) else False]))
    return both(parts)


def rising(fn: str, values: list[tuple[Value, bool, Num | Undefined]]) -> Truth:
    """`increasing`, `decreasing`: strictly, of every two members whose order is known."""
    parts = []
    for k, (a, one, first) in enumerate(values):
        for b, two, second in values[k + 1 :]:
            fine: Truth = None
            told = known(first) and known(second) and known(a) and known(b)
            if told and isinstance(first, Num) and isinstance(second, Num):
                assert isinstance(a, Num) and isinstance(b, Num)
                forward, backward = less(first.lo, second.lo), less(second.lo, first.lo)
                if forward or backward:
                    fine = order("<" if forward == (fn == "increasing") else ">", a, b)
            parts.append(either([fine, None if not (one and two) else False]))
    return both(parts)


def kinds(values: list[tuple[Value, bool]], equal: Equal) -> Num | Undefined:
    """How many different values there are, of the sure members, and of all."""
    if any(isinstance(v, Num) and not v.exact for v, _ in values):
        return Undefined("doubtful")
    found = []
    for chosen in ([v for v, sure in values if sure], [v for v, _ in values]):
        different: list[Value] = []
        for v in chosen:
            if isinstance(v, Undefined):
                return v
            if not any(equal(v, d) for d in different):
                different.append(v)
        found.append(float(len(different)))
    return Num(found[0], found[1])


Placed = list[tuple[Point, bool]]


def paired(first: Placed, second: Placed, limit: Num) -> Truth:
    """Every member has its mutual nearest in the other set near enough, and none is left; tied objects stay unpaired.

    Under doubt False where a sure member has nobody near enough in any world, or the numbers cannot agree.
    """
    if all(sure for _, sure in first + second):
        least, most = (_all_paired(first, second, t) and _all_paired(second, first, t) for t in (limit.lo, limit.hi))
        return least if least == most else None
    for a, b in ((first, second), (second, first)):
        if sum(sure for _, sure in a) > len(b):
            return False
        if any(sure and all(less(limit.hi, distance(p, q)) for q, _ in b) for p, sure in a):
            return False
    return None


def _all_paired(first: Placed, second: Placed, limit: float) -> bool:
    points = [p for p, _ in first], [q for q, _ in second]
    return all(partnered(p, *points, limit) for p, _ in first)


def partnered(p: Point, own: list[Point], others: list[Point], limit: float) -> bool:
    """Whether a member has exactly one nearest in the other set, which has it as its only nearest."""
    away = [distance(p, q) for q in others]
    near = [q for q, d in zip(others, away, strict=True) if not less(min(away), d)]
    if len(near) != 1 or less(limit, min(away)):
        return False
    back = [distance(q, near[0]) for q in own]
    return sum(not less(min(back), d) for d in back) == 1 and not less(min(back), min(away))


def symmetric(members: Placed, line: Num, across: bool, limit: Num) -> Truth:
    """Every member has another, or itself, at its mirror place within a length; `across`: the line is an x."""
    if not line.exact or not limit.exact:
        return None
    parts = []
    for k, (p, here) in enumerate(members):
        mirror = Point(2 * line.lo - p.x, p.y) if across else Point(p.x, 2 * line.lo - p.y)
        partners: list[Truth] = []
        for j, (q, there) in enumerate(members):
            near = not less(limit.lo, distance(mirror, q))
            partners.append(both([near, True if there or j == k else None]))
        parts.append(either([either(partners), False if here else None]))
    return both(parts)


def level(own: float, keys: list[float], limit: float) -> float:
    """The least key of the level of a key: keys no further than the limit from the one below it share one."""
    below = sorted(k for k in keys if not less(own, k))
    least = own
    for k in reversed(below):
        if less(limit, least - k):
            break
        least = k
    return least
