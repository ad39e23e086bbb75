"""Contact in the oracle: groups of members that are connected, and paths along them."""

from __future__ import annotations

from collections.abc import Sequence

from tests.oracle.shapes import Shape, gap
from tests.oracle.values import Num, Truth, at_most, less

#: A member's shape, and whether it is there in every world.
Placed = tuple[Shape, bool]


def groups(members: Sequence[Shape], limit: float) -> list[list[int]]:
    """The members' places, those at most the limit apart in one group."""
    left, found = [*range(len(members))], list[list[int]]()
    while left:
        own, waiting = [], [left.pop(0)]
        while waiting:
            here = waiting.pop()
            own.append(here)
            near = [k for k in left if at_most(gap(members[here], members[k]), limit)]
            left = [k for k in left if k not in near]
            waiting += near
        found.append(sorted(own))
    return found


def clusters(members: Sequence[Placed], limit: Num) -> Num:
    """From the groups of all members that hold a sure one, to those of the sure and one for each other near none."""
    sure = [s for s, there in members if there]
    least = sum(any(members[k][1] for k in g) for g in groups([s for s, _ in members], limit.hi))
    alone = [s for s, there in members if not there and all(less(limit.lo, gap(s, other)) for other in sure)]
    return Num(float(least), float(len(groups(sure, limit.lo)) + len(alone)))


def reached(start: Shape, members: Sequence[Shape], limit: float) -> list[int]:
    """The members on a path from a place."""
    found = groups(members, limit)
    return sorted(k for g in found if any(at_most(gap(start, members[j]), limit) for j in g) for k in g)


def leads(start: Shape, end: Shape, members: Sequence[Shape], limit: float) -> bool:
    """Whether a path of members leads from one place to another."""
    return any(at_most(gap(members[k], end), limit) for k in reached(start, members, limit))


def linked(start: Shape, end: Shape, members: Sequence[Placed], limit: Num) -> Truth:
    """True along the sure members, false where not even along all."""
    if leads(start, end, [s for s, there in members if there], limit.lo):
        return True
    return None if leads(start, end, [s for s, _ in members], limit.hi) else False


def greatest_gap(start: Shape, end: Shape, members: Sequence[Shape]) -> float | None:
    """The least distance at which a path leads from one place to another; None where no members are there."""
    gaps = [gap(a, b) for a in members for b in (start, end, *members)]
    return min((d for d in gaps if leads(start, end, members, d)), default=None)
