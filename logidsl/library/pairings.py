"""Statements about pairs of members: all different, all equal, rising, paired, symmetric.

Each is a statement about every pair or member, so doubtful members count as "if both exist": it holds in every world if
it holds for all possible pairs, and in some if it holds for all sure ones.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from logidsl.library.color import ciede2000
from logidsl.library.declare import builtin
from logidsl.library.intervals import POSITIVE
from logidsl.library.tolerance import at_most, close
from logidsl.library.values import (
    Array,
    Categorical,
    Lab,
    Mask,
    Members,
    Num,
    Reasons,
    Truth,
    UndefinedReason,
    Value,
    first_why,
    mark,
    weightiest,
)

#: A column whose values are compared may hold these.
_COMPARABLE = ("number", "label", "text")


@builtin(
    "aggregate",
    "distinct(C, tolerance?) -> truth",
    "distinct(class of bolt)",
    brief="All values; two within the tolerance are equal",
    proposed=("distinct({text} of {M})",),
    empty="value",
    items=(*_COMPARABLE, "color"),
    pairs=True,
    uncounted="same",
    margin=lambda m: _room(m, least=True),
    witness=lambda m: (_repeated(m),),
    english="the values of {column} [are|be] all different<, by more than {0}>",
)
def distinct(m: Members) -> Truth:
    """All values differ, by more than the tolerance."""
    return _of_all_pairs(m, lambda shape: _within(m, shape))


@builtin(
    "aggregate",
    "same(C, tolerance?) -> truth",
    "same(color of bolt, 8)",
    brief="",
    proposed=("same({text} of {M})", "same({own_color} of {M}, {delta})"),
    empty="value",
    items=(*_COMPARABLE, "color"),
    pairs=True,
    uncounted="same",
    margin=lambda m: _room(m, least=False),
    witness=lambda m: (_uncommon(m),),
    english="the values of {column} [are|be] all equal<, to within {0}>",
)
def same(m: Members) -> Truth:
    """All values are equal, or no two differ by more than the tolerance."""

    def broken(shape: tuple[int, ...]) -> tuple[Mask, Mask]:
        near, open_ = _within(m, shape)
        return ~near & ~open_, open_

    return _of_all_pairs(m, broken)


@builtin(
    "aggregate",
    "increasing(C) -> truth",
    "increasing(width of bolt by x)",
    brief="Strictly, in the order",
    proposed=("increasing({number} of {M} by {key})",),
    empty="value",
    ordered=True,
    pairs=True,
    uncounted="same",
    english="the values of {column}{order} [are|be] strictly increasing",
)
def increasing(m: Members) -> Truth:
    """Each value is greater than the one before it in the order."""
    return _of_all_pairs(m, lambda shape: _falls(m, falling=False, shape=shape))


@builtin(
    "aggregate",
    "decreasing(C) -> truth",
    "decreasing(width of bolt by x)",
    brief="",
    proposed=("decreasing({number} of {M} by {key})",),
    empty="value",
    ordered=True,
    pairs=True,
    uncounted="same",
    english="the values of {column}{order} [are|be] strictly decreasing",
)
def decreasing(m: Members) -> Truth:
    """Each value is less than the one before it in the order."""
    return _of_all_pairs(m, lambda shape: _falls(m, falling=True, shape=shape))


def _of_all_pairs(m: Members, broken_of: Callable[[tuple[int, ...]], tuple[Mask, Mask]]) -> Truth:
    """Whether no two members violate a condition; `broken_of` gives the pairs that do, and those for which it is
    unknown.
    """
    assert m.value is not None
    shape = _wide(m)
    sure, maybe = np.broadcast_to(m.sure, shape), np.broadcast_to(m.maybe, shape)
    broken, open_ = broken_of(shape)
    unread = _unread(m.value, shape)
    two = np.arange(shape[0])
    pair = (two[:, None] != two[None, :]).reshape(shape[0], shape[0], *(1,) * (len(shape) - 1))
    doubtful = open_ | unread[:, None] | unread[None, :]
    must = ~(pair & maybe[:, None] & maybe[None, :] & (broken | doubtful)).any(axis=(0, 1))
    can = ~(pair & sure[:, None] & sure[None, :] & broken & ~doubtful).any(axis=(0, 1))
    return Truth(np.asarray(must), np.asarray(can))


def _wide(m: Members) -> tuple[int, ...]:
    """The shape of the members with all that is read of them."""
    numbers = [*(() if m.key is None else (m.key,)), *(a for a in m.args if isinstance(a, Num))]
    outer = [np.broadcast_shapes(a.lo.shape, () if a.why is None else a.why.shape) for a in numbers]
    return np.broadcast_shapes(_shape(m.value), m.maybe.shape, *outer)


def _apart(m: Members, shape: tuple[int, ...]) -> Array:
    """(K, K, …) the difference of two members' numbers, angles the shorter way round, or of their colours."""
    match m.value:
        case Num(lo):
            whole = np.broadcast_to(lo, shape)
            away = np.abs(whole[:, None] - whole[None, :])
            return away if m.period_deg is None else np.minimum(away % m.period_deg, -away % m.period_deg)
        case Lab(lab):
            colors = np.broadcast_to(lab, (*shape, 3))
            return np.asarray(ciede2000(colors[:, None], colors[None, :]))
        case _:
            raise TypeError(f"members of {type(m.value).__name__}")


def _within(m: Members, shape: tuple[int, ...]) -> tuple[Mask, Mask]:
    """(K, K, …) pairs of members with the same value, to within a tolerance, and those for which this is open."""
    if not m.args:
        return _alike(m.value, shape), np.zeros((), bool)
    limit, away = m.number(0), _apart(m, shape)
    near, far = at_most(away, limit.lo), ~at_most(away, limit.hi)
    if limit.why is not None:
        near, far = near & (limit.why == 0), far & (limit.why == 0)
    return near, np.asarray(~near & ~far)


def _room(m: Members, least: bool) -> Array:
    """Margin of `distinct` (`least`) and `same`: how far the decisive difference is from the tolerance."""
    truth = distinct(m) if least else same(m)
    plain = np.where(truth.must, 1.0, -1.0)
    if not m.args:
        return plain
    shape = _wide(m)
    there = np.broadcast_to(np.where(truth.must, m.maybe, m.sure), shape) & ~_unread(m.value, shape)
    two = np.arange(shape[0])
    pair = (two[:, None] < two[None, :]).reshape(shape[0], shape[0], *(1,) * (len(shape) - 1))
    pair = pair & there[:, None] & there[None, :]
    limit = m.number(0).lo
    size = np.where(limit > 0, limit, 1.0)
    away = _apart(m, shape)
    if least:
        found = (np.where(pair, away, np.inf).min(axis=(0, 1), initial=np.inf) - limit) / size
    else:
        found = (limit - np.where(pair, away, 0.0).max(axis=(0, 1), initial=0.0)) / size
    return np.asarray(np.where(pair.any(axis=(0, 1)), found, plain))


def _shape(value: Value | None) -> tuple[int, ...]:
    match value:
        case Num(lo):
            return lo.shape
        case Categorical(codes):
            return codes.shape
        case Lab(lab):
            return lab.shape[:-1]
        case _:
            raise TypeError(f"members of {type(value).__name__}")


def _alike(value: Value | None, shape: tuple[int, ...]) -> Mask:
    """(K, K, …) where two members have the same value."""
    match value:
        case Num(lo):
            whole = np.broadcast_to(lo, shape)
            return close(whole[:, None], whole[None, :])
        case Categorical(codes):
            named = np.broadcast_to(codes, shape)
            return np.asarray((named[:, None] == named[None, :]) & (named >= 0)[:, None])
        case _:
            raise TypeError(f"members of {type(value).__name__}")


def _unread(value: Value | None, shape: tuple[int, ...]) -> Mask:
    """Where a member's value is undefined or in doubt."""
    why: Reasons | None = getattr(value, "why", None)
    found = np.zeros(shape, bool) if why is None else np.broadcast_to(why > 0, shape)
    if isinstance(value, Num) and not value.exact:
        found = found | (value.lo != value.hi)
    return found


def _falls(m: Members, falling: bool, shape: tuple[int, ...]) -> tuple[Mask, Mask]:
    """Pairs that violate the order, and pairs whose order is unknown."""
    assert isinstance(m.value, Num)
    keys, values = np.broadcast_to(m.order.lo, shape), np.broadcast_to(m.value.lo, shape)
    keys = -keys if m.descending else keys
    values = -values if falling else values
    tied = close(keys[:, None], keys[None, :])
    before = (keys[:, None] < keys[None, :]) & ~tied
    broken = before & at_most(values[None, :], values[:, None])
    unknown = _unread(m.order, shape)
    return np.asarray(broken), np.asarray(tied | unknown[:, None] | unknown[None, :])


@builtin(
    "aggregate",
    "kinds(C) -> count",
    "kinds(class of bolt) = 1",
    brief="How many different values",
    proposed=("kinds({text} of {M}) {?}",),
    empty="zero",
    values=POSITIVE,
    items=_COMPARABLE,
    pairs=True,
    uncounted="same",
    english="the number of different values of {column}",
)
def kinds(m: Members) -> Num:
    """How many different values there are; 0 when empty."""
    value = m.value
    assert value is not None
    shape = np.broadcast_shapes(_shape(value), m.maybe.shape)
    sure, maybe = np.broadcast_to(m.sure, shape), np.broadcast_to(m.maybe, shape)
    alike = _alike(value, shape)
    earlier = np.tri(shape[0], k=-1, dtype=bool).reshape(shape[0], shape[0], *(1,) * (len(shape) - 1))

    def different(there: Mask) -> Array:
        again = (alike & earlier & there[None, :]).any(axis=1)
        return np.asarray((there & ~again).sum(axis=0), np.float64)

    why = getattr(value, "why", None)
    reasons = None if why is None else weightiest(why, maybe)
    if isinstance(value, Num) and not value.exact:
        open_ = (maybe & (value.lo != value.hi)).any(axis=0)
        reasons = first_why(reasons, mark(np.asarray(open_), UndefinedReason.DOUBTFUL))
    least = different(sure)
    return Num(least, least if np.array_equal(sure, maybe) else different(maybe), reasons)


@builtin(
    "aggregate",
    "paired(S, S, length) -> truth",
    "paired(bolt, nut, 40 px)",
    brief="Every member has its mutual nearest in the other set within the length",
    proposed=("paired({C}, {N}, {length})",),
    empty="value",
    centres=True,
    pairs=True,
    witness=lambda m: _lonely(m),
    english="the {set} and the {other} [are|be] paired one to one, at most {0} apart",
)
def paired(m: Members) -> Truth:
    """Every member has its mutual nearest in the other set within the length; tied objects stay unpaired."""
    limit, other = m.number(0), m.other
    assert other is not None
    apart, sides, others = beside(m)
    decided = _paired(apart, sides[0], others[0], limit.lo), _paired(apart, sides[0], others[0], limit.hi)
    doubt = (sides[0] != sides[1]).any(axis=(0, 1)) | (others[0] != others[1]).any(axis=(0, 1))
    impossible = _never_paired(apart, sides, others, limit.hi)
    if limit.why is not None:
        doubt, impossible = doubt | (limit.why > 0), impossible & ~(limit.why > 0)
    must = np.asarray(decided[0] & ~doubt)
    found = Truth(must, np.asarray((decided[1] & ~doubt) | (doubt & ~impossible)))
    return _left_open(_left_open(found, m), other)


def beside(m: Members) -> tuple[Array, tuple[Mask, Mask], tuple[Mask, Mask]]:
    """Distances of the members of two sets, (K, L, …), and which of them exist, (sure, maybe), on that shape."""
    other = m.other
    assert other is not None and m.walked.place is not None and other.walked.place is not None
    (ax, ay), (bx, by) = m.walked.place, other.walked.place
    apart = np.hypot(ax[:, None] - bx[None, :], ay[:, None] - by[None, :])
    return apart, (m.sure[:, None], m.maybe[:, None]), (other.sure[None, :], other.maybe[None, :])


def _left_open(found: Truth, m: Members) -> Truth:
    """Undetermined if a possible member has no place."""
    if m.walked.unplaced is None:
        return found
    bad = (m.maybe & (m.walked.unplaced > 0)).any(axis=0)
    return Truth(np.asarray(found.must & ~bad), np.asarray(found.can | bad))


def _paired(apart: Array, a: Mask, b: Mask, limit: Array) -> Mask:
    partners = _partners(apart, a, b, limit)
    lonely = (a & ~partners.any(axis=1, keepdims=True)).any(axis=(0, 1))
    left = (b & ~partners.any(axis=0, keepdims=True)).any(axis=(0, 1))
    return np.asarray(~lonely & ~left)


def _partners(apart: Array, a: Mask, b: Mask, limit: Array) -> Mask:
    """(K, L, …) pairs in which each is the other's single nearest, within the length; ties stay unpaired."""
    far = np.where(a & b, apart, np.inf)
    rows, columns = far.min(axis=1, keepdims=True, initial=np.inf), far.min(axis=0, keepdims=True, initial=np.inf)
    there = np.isfinite(far)
    with np.errstate(invalid="ignore"):
        nearest, back = there & at_most(far, rows), there & at_most(far, columns)
        near = nearest & back & at_most(far, np.broadcast_to(limit, far.shape))
    one = (nearest.sum(axis=1, keepdims=True) == 1) & (back.sum(axis=0, keepdims=True) == 1)
    return np.asarray(near & one)


def _never_paired(apart: Array, a: tuple[Mask, Mask], b: tuple[Mask, Mask], limit: Array) -> Mask:
    """Whether some sure member has no partner in any world, or the numbers can never agree."""
    reach = at_most(apart, limit)
    alone = (a[0] & ~(reach & b[1]).any(axis=1, keepdims=True)).any(axis=(0, 1))
    spare = (b[0] & ~(reach & a[1]).any(axis=0, keepdims=True)).any(axis=(0, 1))
    many = a[0].sum(axis=(0, 1)) > b[1].sum(axis=(0, 1))
    few = b[0].sum(axis=(0, 1)) > a[1].sum(axis=(0, 1))
    return np.asarray(alone | spare | many | few)


@builtin(
    "aggregate",
    "symmetric(S, line, length) -> truth",
    "symmetric(bolt, left_end.x, 4 px)",
    brief="Every member has another, or itself, at its mirrored place; the line is an x or a y",
    proposed=("symmetric({M}, {P}.{key}, {length})",),
    empty="value",
    centres=True,
    pairs=True,
    english="the {set} [are|be] mirror images of each other about {0}, to within {1}",
)
def symmetric(m: Members) -> Truth:
    """Every member has another, or itself, at its mirrored place; the axis of the line (an x or a y) gives the
    direction.
    """
    line, limit, sure, maybe = m.number(0), m.number(1), m.sure, m.maybe
    assert m.walked.place is not None
    x, y = m.walked.place
    mirrored_x, mirrored_y = (2 * line.lo - x, y) if not m.descending else (x, 2 * line.lo - y)
    apart = np.hypot(mirrored_x[:, None] - x[None, :], mirrored_y[:, None] - y[None, :])
    near = at_most(apart, np.broadcast_to(limit.lo, apart.shape))
    itself = np.eye(len(x), dtype=bool).reshape(len(x), len(x), *(1,) * (x.ndim - 1))
    alone_sure = ~(near & (sure[None, :] | itself)).any(axis=1)
    alone_ever = ~(near & maybe[None, :]).any(axis=1)
    open_ = np.zeros((), bool)
    for v in (line, limit):
        open_ = open_ | (v.lo != v.hi) | (False if v.why is None else v.why > 0)
    must = ~(maybe & alone_sure).any(axis=0) & ~open_
    can = ~(sure & alone_ever).any(axis=0) | open_
    return _left_open(Truth(np.asarray(must), np.asarray(can)), m)


def _likeness(m: Members) -> tuple[Mask, Array]:
    """(K, …) which members have a known value, and how many of these have the same one."""
    shape = _wide(m)
    there = np.broadcast_to(m.maybe, shape) & ~_unread(m.value, shape)
    return there, (_within(m, shape)[0] & there[:, None] & there[None, :]).sum(axis=1)


def _repeated(m: Members) -> Mask:
    """(K, …) members whose value another member also has."""
    there, count = _likeness(m)
    return np.asarray(there & (count > 1))


def _uncommon(m: Members) -> Mask:
    """(K, …) members like fewer others than the most common are; all of them if none is most common."""
    there, count = _likeness(m)
    most = np.where(there, count, 0).max(axis=0, initial=0)
    rare = there & (count < most)
    return np.asarray(np.where(rare.any(axis=0), rare, there))


def _lonely(m: Members) -> tuple[Mask, Mask]:
    """(K, …) and (L, …) members of two sets without a mutual nearest within the length; see `paired`."""
    apart, (_, a), (_, b) = beside(m)
    partners = _partners(apart, a, b, m.number(0).lo)
    return np.asarray(a[:, 0] & ~partners.any(axis=1)), np.asarray(b[0] & ~partners.any(axis=0))
