"""Contact: the groups that members form, and paths along them.

Members at most a length apart are connected; without a length those that touch. Under doubt more members or a greater
length may join groups, and a member may form one of its own.
"""

from __future__ import annotations

import numpy as np

from logidsl.library import geometry
from logidsl.library.declare import builtin
from logidsl.library.geometry import Geometry
from logidsl.library.intervals import POSITIVE
from logidsl.library.relations import TOUCH_PX
from logidsl.library.values import (
    Array,
    Ints,
    Mask,
    Members,
    Num,
    Obj,
    Point,
    Reasons,
    Shape,
    Truth,
    Value,
    exact,
    first_why,
    weightiest,
)


@builtin(
    "aggregate",
    "clusters(S, length?) -> count",
    "clusters(bolt, 5 px) = 1",
    brief="Connected groups: of members that touch, or are at most so far apart",
    proposed=("clusters({M}, {length}) {?}",),
    empty="zero",
    values=POSITIVE,
    pairs=True,
    shapes=True,
    groups=lambda m: _groups_of(m),
    witness=lambda m: (_outside_the_largest(m),),
    english="the number of groups that the {set} form<, with gaps of at most {0}>",
)
def clusters(m: Members) -> Num:
    """Number of connected groups: members that touch, or are at most the length apart, are connected."""
    limit = _limit(m, 0)
    sure, placed, why = _placed(m, limit)
    must, can = _contacts(m, limit, placed)
    why = first_why(limit.why, why)
    least = _roots(_connected(can, placed), sure)
    if sure is placed and limit.exact:
        return exact(least, why)
    alone = placed & ~sure & ~(must & sure[None]).any(axis=1)
    most = _roots(_connected(must & sure[:, None] & sure[None], sure), sure) + alone.sum(axis=0)
    return Num(least, most, why)


@builtin(
    "aggregate",
    "linked(R, R, S, length?) -> truth",
    "linked(left_end, right_end, bolt)",
    brief="A path of members leads from the first to the second",
    proposed=("linked({O}, {P}, {M})",),
    pairs=True,
    shapes=True,
    margin=lambda m: _room(m),
    groups=lambda m: _ends(m),
    witness=lambda m: (_ends(m) >= 0,),
    english="{0} [is|be|] linked to {1} by the {set}<, with gaps of at most {2}>",
)
def linked(m: Members) -> Truth:
    """A path of members leads from the first to the second: each touches the next, or is at most the length from it."""
    limit = _limit(m, 2)
    sure, placed, why = _placed(m, limit)
    must, can = _contacts(m, limit, placed)
    first, second = (_reach(m, k, limit.hi, placed) for k in (0, 1))
    possible = (_reached(_connected(can, placed), first) & second).any(axis=0)
    certain = possible
    if not (sure is placed and limit.exact):
        first, second = (_reach(m, k, limit.lo, sure) for k in (0, 1))
        certain = (_reached(_connected(must & sure[:, None] & sure[None], sure), first) & second).any(axis=0)
    unknown = [w > 0 for w in (limit.why, _shape(m.args[0])[1], _shape(m.args[1])[1]) if w is not None]
    open_ = np.logical_or.reduce(np.broadcast_arrays(*unknown)) if unknown else np.zeros((), bool)
    unplaced = np.zeros((), bool) if why is None else why > 0
    return Truth(np.asarray(certain & ~open_), np.asarray(possible | open_ | unplaced))


def _limit(m: Members, place: int) -> Num:
    """How far apart members are connected, px."""
    return m.number(place) if len(m.args) > place else exact(TOUCH_PX)


def _shape(value: Value) -> tuple[Geometry, Reasons | None]:
    """The shape of an argument, and why it has none."""
    match value:
        case Shape(found, why):
            return found, why
        case Point(x, y, why):
            return Geometry(x, y, x, y), why
        case Obj(shape=(found, why)):
            return found, why
        case _:
            raise TypeError(f"no shape of {type(value).__name__}")


def _placed(m: Members, limit: Num) -> tuple[Mask, Mask, Reasons | None]:
    """The members with a shape, (sure, maybe), and why one of them has none."""
    found, why = _shape(m.walked)
    ends = [_shape(a)[0].x0.shape for a in m.args if not isinstance(a, Num)]
    wide = np.broadcast_shapes(m.maybe.shape, found.x0.shape, limit.lo.shape, *ends)
    known = np.ones((), bool) if why is None else why == 0
    placed = np.broadcast_to(m.maybe & known, wide)
    sure = placed if m.sure is m.maybe else np.broadcast_to(m.sure & known, wide)
    return sure, placed, None if why is None else weightiest(why, m.maybe)


def _facing(m: Members, shape: tuple[int, ...]) -> tuple[Geometry, Geometry]:
    """The members' shapes, (K, 1, …) and (1, K, …)."""
    found, _ = _shape(m.walked)
    x0, y0, x1, y1 = (np.broadcast_to(v, shape) for v in (found.x0, found.y0, found.x1, found.y1))
    outlines = None if found.shapes is None else np.broadcast_to(found.shapes, shape)
    rows = None if outlines is None else outlines[:, None]
    columns = None if outlines is None else outlines[None]
    one = Geometry(x0[:, None], y0[:, None], x1[:, None], y1[:, None], rows)
    return one, Geometry(x0[None], y0[None], x1[None], y1[None], columns)


def _contacts(m: Members, limit: Num, placed: Mask) -> tuple[Mask, Mask]:
    """(K, K, …) pairs of members that are surely, and perhaps, connected."""
    one, other = _facing(m, placed.shape)
    pairs = np.asarray(placed[:, None] & placed[None])
    can = geometry.within(one, other, limit.hi, pairs)
    return (can if limit.exact else geometry.within(one, other, limit.lo, can)), can


def _reach(m: Members, place: int, limit: Array, there: Mask) -> Mask:
    """(K, …) members connected with an argument, where that is known."""
    end, why = _shape(m.args[place])
    there = there if why is None else np.asarray(there & (why == 0))
    return geometry.within(end, _shape(m.walked)[0], limit, there)


def _connected(near: Mask, there: Mask) -> Ints:
    """(K, …) for each member the first of its group, -1 where there is none: labels spread until none changes."""
    size = len(there)
    own = np.arange(size).reshape(-1, *(1,) * (there.ndim - 1))
    found = np.where(there, own, size)
    while size:
        least = np.minimum(found, np.where(near, found[None], size).min(axis=1))
        least = np.take_along_axis(np.concatenate([least, np.full((1, *least.shape[1:]), size)]), least, 0)
        if np.array_equal(least, found):
            break
        found = least
    return np.where(there, found, -1)


def _roots(groups: Ints, there: Mask) -> Array:
    """How many groups hold one of some members."""
    own = np.arange(len(groups)).reshape(-1, *(1,) * (groups.ndim - 1))
    return np.asarray(((groups[None] == own[:, None]) & there[None]).any(axis=1).sum(axis=0), np.float64)


def _reached(groups: Ints, start: Mask) -> Mask:
    """(K, …) the members of the groups that hold one of some members."""
    return np.asarray(((groups[:, None] == groups[None]) & start[None]).any(axis=1) & (groups >= 0))


def _groups_of(m: Members) -> Ints:
    """(K, …) the group of each member, counting doubtful ones."""
    limit = _limit(m, 0)
    _, placed, _ = _placed(m, limit)
    return _connected(_contacts(m, limit, placed)[1], placed)


def _outside_the_largest(m: Members) -> Mask:
    """(K, …) members of all groups but the largest; all of them if none is largest."""
    groups = _groups_of(m)
    there = groups >= 0
    size = ((groups[:, None] == groups[None]) & there[None]).sum(axis=1)
    small = there & (size < np.where(there, size, 0).max(axis=0, initial=0))
    return np.asarray(np.where(small.any(axis=0), small, there))


def _ends(m: Members) -> Ints:
    """(K, …) 0 for members reached from the first end, 1 for others reached from the second, -1 for the rest."""
    limit = _limit(m, 2)
    _, placed, _ = _placed(m, limit)
    groups = _connected(_contacts(m, limit, placed)[1], placed)
    first, second = (_reached(groups, _reach(m, k, limit.hi, placed)) for k in (0, 1))
    return np.where(first, 0, np.where(second, 1, -1))


def _room(m: Members) -> Array:
    """Margin of `linked`: how much less than allowed is the greatest gap of the best path, by what is allowed."""
    limit = _limit(m, 2)
    truth = linked(m)
    sure, placed, _ = _placed(m, limit)
    there = np.where(truth.must, sure, placed)
    most = np.where(truth.must, limit.lo, limit.hi)
    members = _shape(m.walked)[0]
    start, end = (_gaps(_shape(m.args[k])[0], members, there) for k in (0, 1))
    gaps = _gaps(*_facing(m, placed.shape), there[:, None] & there[None])
    for _ in range(len(there)):
        nearer = np.minimum(start, np.maximum(start[None], gaps).min(axis=1, initial=np.inf))
        if np.array_equal(nearer, start):
            break
        start = nearer
    greatest = np.maximum(start, end).min(axis=0, initial=np.inf)
    found = (most - greatest) / np.where(most > 0, most, 1.0)
    return np.asarray(np.where(np.isfinite(greatest), found, -1.0))


def _gaps(a: Geometry, b: Geometry, there: Mask) -> Array:
    """The gaps of shapes; infinite where one is not there, or empty."""
    found = geometry.gap(a, b)
    return np.where(there & ~np.isnan(found), found, np.inf)
