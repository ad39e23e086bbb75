"""Orders: picking a member by position, counting positions, or listing the members.

Members with equal keys have no order: what depends on which of them comes first is ambiguous. Under doubt an order is
known only if no doubtful member could change the answer.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from logidsl.library.declare import Pick, builtin, declare
from logidsl.library.intervals import Interval
from logidsl.library.tolerance import at_most, close
from logidsl.library.values import (
    Array,
    Categorical,
    Ints,
    Lab,
    List,
    Mask,
    Members,
    Num,
    Obj,
    Point,
    Reasons,
    Truth,
    UndefinedReason,
    exact,
    first_why,
    mark,
    no_case,
    weightiest,
)


@builtin(
    "aggregate",
    "only(S) -> object",
    "only(bolt).length > 5 px",
    brief="Undetermined unless there is just one",
    english="the only one of the {set}",
)
def only(m: Members) -> Obj:
    """The one member; undefined when there is none or more than one."""
    obj, sure, maybe = m.walked, m.sure, m.maybe
    most = maybe.sum(axis=0)
    rows = np.where(maybe, obj.rows, -1).max(axis=0, initial=-1)
    if sure is maybe:
        why = first_why(mark(most == 0, UndefinedReason.ABSENT), mark(most > 1, UndefinedReason.AMBIGUOUS))
    else:
        least = sure.sum(axis=0)
        open_ = (most != least) & (least < 2)
        why = first_why(
            mark(most == 0, UndefinedReason.ABSENT),
            mark(least > 1, UndefinedReason.AMBIGUOUS),
            mark(open_, UndefinedReason.DOUBTFUL),
        )
    return Obj(obj.store, np.where(most == 1, rows, -1) if why is not None else rows, why)


def _alone_and_others(pick: str) -> tuple[str, ...]:
    """What may hold of one member, and of all others."""
    others = f"every {{M}} a where a != {pick}: "
    return (
        f"{pick}.{{size}} {{?}}",
        f"{pick}.{{text}} = {{value}}",
        *(others + clause for clause in ("a.{size} {?}", "a.{text} = {value}", "count({N} touches a) {?}")),
        others + "count({N} inside a) {?}",
    )


@builtin(
    "aggregate",
    "first(S by k) -> object",
    "first(bolt by x).length > 5 px",
    brief="In the order",
    proposed=_alone_and_others("first({M} by {key})"),
    english="the first of the {set}{order}",
)
def first(m: Members) -> Obj:
    """The first in the order; a tie is ambiguous."""
    obj, key, sure, maybe = m.walked, m.order, m.sure, m.maybe
    low, high = (-key.hi, -key.lo) if m.descending else (key.lo, key.hi)
    masked = np.where(sure, high, np.inf)
    if len(masked) == 0:
        shape = masked.shape[1:]
        return Obj(obj.store, np.full(shape, -1), np.full(shape, np.uint8(UndefinedReason.ABSENT)))
    best = masked.argmin(axis=0)[None]
    least = np.take_along_axis(masked, best, 0)[0]
    rows = np.take_along_axis(np.broadcast_to(obj.rows, masked.shape), best, 0)[0]
    nobody, never = np.asarray(~sure.any(axis=0)), np.asarray(~maybe.any(axis=0))
    near = sure & at_most(np.where(sure, low, np.inf), least)
    tie = near.sum(axis=0) > 1
    why = first_why(mark(never, UndefinedReason.ABSENT), mark(tie & ~nobody, UndefinedReason.AMBIGUOUS))
    if sure is not maybe:
        rival = (maybe & ~sure & at_most(low, least)).any(axis=0)
        why = first_why(why, mark(np.asarray((rival | nobody) & ~never), UndefinedReason.DOUBTFUL))
    if key.why is not None:
        unread = weightiest(key.why, maybe)
        why = first_why(unread if unread.any() else None, why)
    if why is not None:
        rows = np.where(why > 0, -1, rows)
    return Obj(obj.store, rows, why)


declare(
    "aggregate",
    "last(S by k) -> object",
    "The last in the order; a tie is ambiguous.",
    "last(bolt by x).length > 5 px",
    brief="",
    proposed=_alone_and_others("last({M} by {key})"),
    kept_as=Pick("first", descending=True),
    english="the last of the {set}{order}",
)
declare(
    "aggregate",
    "largest(S) -> object",
    "The member with the greatest area; a tie is ambiguous.",
    "largest(bolt).x > 50 px",
    brief="By area",
    proposed=_alone_and_others("largest({M})"),
    kept_as=Pick("first", "area", descending=True),
    english="the largest of the {set}",
)
declare(
    "aggregate",
    "smallest(S) -> object",
    "The member with the least area; a tie is ambiguous.",
    "smallest(bolt).x > 50 px",
    brief="",
    proposed=_alone_and_others("smallest({M})"),
    kept_as=Pick("first", "area"),
    english="the smallest of the {set}",
)
declare(
    "aggregate",
    "nearest(S, P) -> object",
    "The member nearest to the place; a tie is ambiguous.",
    "nearest(bolt, left_end).x > 5 px",
    brief="",
    proposed=("{each}{a}.{shared} / nearest({N}, {a}).{shared} {?}",),
    kept_as=Pick("first", "distance"),
    english="the one of the {set} nearest to {0}",
)


def member_order(key: Num, maybe: Mask, descending: bool, ranks: Ints | None = None) -> tuple[Ints, Array, Mask]:
    """Order of the members, their sorted keys, and positions where a member may come before its predecessor.

    That is where two keys are equal, or keys under doubt overlap.
    """
    low, high = (-key.hi, -key.lo) if descending else (key.lo, key.hi)
    masked = np.where(maybe, low, np.inf)
    if ranks is None:
        order = masked.argsort(axis=0, kind="stable")
    else:
        order = np.lexsort((np.broadcast_to(ranks, masked.shape), masked), axis=0)
    keys = np.take_along_axis(masked, order, 0)
    tied = np.zeros(keys.shape, bool)
    reach = np.maximum.accumulate(np.take_along_axis(np.where(maybe, high, -np.inf), order, 0), axis=0)
    tied[1:] = np.isfinite(keys[1:]) & at_most(keys[1:], reach[:-1])
    return order, keys, tied


def _round(key: Num) -> Num:
    """Angles as directions, above -180 up to 180 deg."""
    if key.exact:
        return exact(180.0 - np.mod(180.0 - key.lo, 360.0), key.why)
    wide = mark(np.asarray(key.lo != key.hi), UndefinedReason.DOUBTFUL)
    return exact(180.0 - np.mod(180.0 - key.lo, 360.0), first_why(key.why, wide))


def following(m: Members) -> Obj:
    """For each member its successor in the order; `has_next` says which have one.

    `cyclic`: the keys are angles of a full circle, and the first follows the last, unless it is the only one.

    A successor is known if neither the member nor the next one may change places with another. Doubtful members leave
    all successors open.
    """
    obj, sure, maybe, descending, cyclic = m.walked, m.sure, m.maybe, m.descending, m.cyclic
    key = _round(m.order) if cyclic else m.order
    order, keys, tied = member_order(key, maybe, descending)
    rows = np.take_along_axis(np.broadcast_to(obj.rows, keys.shape), order, 0)
    alone = ~tied
    alone[:-1] &= ~tied[1:]
    clear = alone.copy()
    clear[:-1] &= alone[1:] & np.isfinite(keys[1:])
    clear[-1:] = False
    follower = np.full(rows.shape, -1)
    follower[:-1] = np.where(clear[:-1], rows[1:], -1)
    if cyclic and len(rows):
        slots = np.arange(len(rows)).reshape(-1, *(1,) * (rows.ndim - 1))
        last = (slots == maybe.sum(axis=0) - 1) & (slots > 0)
        follower = np.where(last & alone & alone[:1], rows[:1], follower)
    back = order.argsort(axis=0, kind="stable")
    follower = np.take_along_axis(follower, back, 0)
    must, can = (maybe, maybe) if cyclic else _has_next(key, maybe, descending)
    several = np.asarray(maybe.sum(axis=0) > 1)
    unread = unread_key(key, maybe)
    open_ = several & (sure != maybe).any(axis=0)
    if unread is not None:
        open_ = open_ | (several & (unread > 0))
    must, can = np.asarray(must & several & ~open_), np.asarray((can & several) | (maybe & open_))
    why = first_why(
        None if unread is None else np.broadcast_to(unread, follower.shape),
        mark(np.broadcast_to((sure != maybe).any(axis=0), follower.shape), UndefinedReason.DOUBTFUL),
        mark(np.asarray(can & (follower < 0)), UndefinedReason.AMBIGUOUS),
        mark(follower < 0, UndefinedReason.ABSENT),
    )
    found = Obj(obj.store, follower if why is None else np.where(why > 0, -1, follower), why)
    found.has_next = Truth(must, must if (must == can).all() else can)
    return found


def _has_next(key: Num, maybe: Mask, descending: bool) -> tuple[Mask, Mask]:
    """Which members another one comes after surely, and which perhaps, by their keys alone."""
    low, high = (-key.hi, -key.lo) if descending else (key.lo, key.hi)
    lows, highs = np.where(maybe, low, -np.inf), np.where(maybe, high, -np.inf)
    must = maybe & ~at_most(lows.max(axis=0, initial=-np.inf), highs)
    if len(highs) < 2:
        return must, must
    best = highs.argmax(axis=0)[None]
    others = highs.copy()
    np.put_along_axis(others, best, -np.inf, axis=0)
    slots = np.arange(len(highs)).reshape(-1, *(1,) * (highs.ndim - 1))
    latest = np.where(slots == best, others.max(axis=0), highs.max(axis=0))
    return must, np.asarray(maybe & np.isfinite(latest) & at_most(lows, latest))


def _same(a: Array, b: Array) -> Mask:
    """Whether numbers are equal but for rounding; none is closer to infinity than infinity."""
    return np.asarray((a == b) | close(a, b))


def listed(m: Members) -> List:
    """The column of the members, in their order; without a key in the order of the rows.

    `ranks` of the iterated object gives each member a rank that does not depend on the order of the rows: it decides
    which of two with equal keys is named, if that does not affect the list.
    """
    obj, value, key, sure, maybe, descending = m.walked, m.value, m.key, m.sure, m.maybe, m.descending
    ranks = obj.ranks
    shape = maybe.shape
    tied = np.zeros(shape, bool)
    if key is None:
        order = (~maybe).argsort(axis=0, kind="stable")
    else:
        shape = np.broadcast_shapes(shape, key.lo.shape)
        maybe = np.broadcast_to(maybe, shape)
        order, _, tied = member_order(key, maybe, descending)
        if ranks is not None and tied.any():
            order, _, tied = member_order(key, maybe, descending, ranks())
    why = None if key is None else unread_key(key, maybe)

    def arranged(a: Any) -> Any:
        whole = np.broadcast_to(a, np.broadcast_shapes(np.shape(a), order.shape))
        return np.take_along_axis(whole, np.broadcast_to(order, whole.shape), 0)

    items: Num | Categorical | Lab
    match value:
        case Num(lo, hi, reasons):
            first = arranged(lo)
            items = Num(first, first if value.exact else arranged(hi), None if reasons is None else arranged(reasons))
            low, high, at = first[:-1], items.hi[:-1], items.hi[1:]
            differ = ~(_same(first[1:], low) & _same(at, low) & _same(high, low))
        case Categorical(codes, names, reasons):
            items = Categorical(arranged(codes), names, None if reasons is None else arranged(reasons))
            differ = items.codes[1:] != items.codes[:-1]
        case Lab(lab, reasons):
            planes = [arranged(lab[..., i]) for i in range(3)]
            items = Lab(np.stack(planes, axis=-1), None if reasons is None else arranged(reasons))
            differ = np.any([p[1:] != p[:-1] for p in planes], axis=0)
        case _:
            raise TypeError(f"a list of {type(value).__name__}")
    if tied.any():
        if items.why is not None:
            differ = differ | (items.why[1:] > 0) | (items.why[:-1] > 0)
        why = first_why(why, mark(np.asarray((tied[1:] & differ).any(axis=0)), UndefinedReason.AMBIGUOUS))
    doubt = mark(np.asarray((sure != maybe).any(axis=0)), UndefinedReason.DOUBTFUL)
    size = np.asarray(maybe.sum(axis=0))
    rows = np.where(np.take_along_axis(np.broadcast_to(maybe, order.shape), order, 0), arranged(obj.rows), -1)
    if doubt is None:
        return List(items, size, why, rows=rows)
    only = np.asarray(doubt > 0) if why is None else np.asarray((doubt > 0) & (why == 0))
    return List(items, size, first_why(why, doubt), arranged(np.broadcast_to(sure, maybe.shape)), only, rows)


@builtin(
    "aggregate",
    "nth(S by k, count) -> object",
    "nth(bolt by x, 2).length > 5 px",
    brief="From 1",
    proposed=("nth({M} by {key}, {place}).{size} {?}",),
    english="number {0} of the {set}{order}",
)
def nth(m: Members) -> Obj:
    """The member at that place of the order, from 1; a tie is ambiguous."""
    obj, key, place, sure, maybe = m.walked, m.order, m.number(0), m.sure, m.maybe
    order, keys, tied = member_order(key, maybe, m.descending)
    rows = np.take_along_axis(np.broadcast_to(obj.rows, keys.shape), order, 0)
    slots = np.arange(len(rows)).reshape(-1, *(1,) * (rows.ndim - 1))
    wanted = np.round(place.lo).astype(np.int64) - 1
    here = slots == wanted
    beside = tied.copy()
    beside[:-1] |= tied[1:]
    found = np.where(here & np.isfinite(keys), rows, -1).max(axis=0, initial=-1)
    why = first_why(
        no_case(place.why),
        unread_key(key, maybe),
        mark(np.asarray((sure != maybe).any(axis=0)), UndefinedReason.DOUBTFUL),
        None if place.exact else mark(np.asarray(place.lo != place.hi), UndefinedReason.DOUBTFUL),
        mark(np.asarray(found < 0), UndefinedReason.ABSENT),
        mark(np.asarray((here & beside).any(axis=0)), UndefinedReason.AMBIGUOUS),
    )
    return Obj(obj.store, found if why is None else np.where(why > 0, -1, found), why)


@builtin(
    "aggregate",
    "rank(P, S by k) -> count",
    "rank(left_end, bolt | left_end by x) = 1",
    brief="Place in the order, from 1, of the object or the member nearest to the point; equal keys share one",
    proposed=(
        "{each}rank({a}.{point}, {N} by {key}) = rank({a}.{end}, {N} by {key})",
        "{each}rank({a}.{point}, {N} by {key}) = rank({a}.{end}, {V} by {key})",
    ),
    values=Interval(1.0),
    english="the place of {0} among the {set}{order}",
)
def rank(m: Members) -> Num:
    """Place from 1, in the order, of the object or the member nearest to the point; equal keys share a place.

    `value` of the members is their distance to the point.
    """
    of, near, obj, sure, maybe = m.args[0], m.value, m.walked, m.sure, m.maybe
    key = Num(-m.order.hi, -m.order.lo, m.order.why) if m.descending else m.order
    key = exact(key.lo, key.why) if m.order.exact else key
    assert isinstance(of, Obj | Point)
    unseen = None
    if isinstance(of, Obj):
        mine = sure & (obj.rows == of.rows)
        hidden = maybe & ~sure & (obj.rows == of.rows)
    else:
        assert isinstance(near, Num)
        unseen = unread_key(near, maybe)
        far = np.where(sure, near.lo, np.inf)
        closest = far.min(axis=0, initial=np.inf)
        mine = sure & (far <= closest)
        hidden = maybe & ~sure & at_most(near.lo, np.broadcast_to(closest, far.shape))
    low, apart = _one_key(key.lo, mine)
    high, wider = (low, apart) if key.exact else _one_key(key.hi, mine)
    lost = np.asarray(~mine.any(axis=0))
    least = (sure & ~at_most(_wide(low, key.hi), key.hi)).sum(axis=0) + 1.0
    # an uncertain key may come before its own upper bound: the member itself is not counted
    most = (maybe & ~at_most(_wide(high, key.lo), key.lo)).sum(axis=0) + 1.0
    most = most - (~lost & ~at_most(high, low))
    why = first_why(
        of.why,
        unread_key(key, maybe),
        unseen,
        mark(np.asarray(hidden.any(axis=0)), UndefinedReason.DOUBTFUL),
        mark(lost, UndefinedReason.ABSENT),
        mark(np.asarray(~lost & (apart | wider)), UndefinedReason.AMBIGUOUS),
    )
    if sure is maybe and key.exact:
        return exact(least, why)
    return Num(np.asarray(least), np.asarray(most), why)


def _one_key(key: Array, mine: Mask) -> tuple[Array, Mask]:
    """The key of the chosen members, 0 if there is none, and where they have different ones."""
    least = np.where(mine, key, np.inf).min(axis=0, initial=np.inf)
    greatest = np.where(mine, key, -np.inf).max(axis=0, initial=-np.inf)
    there = np.isfinite(least) & np.isfinite(greatest)
    least, greatest = np.where(there, least, 0.0), np.where(there, greatest, 0.0)
    return least, np.asarray((greatest > least) & ~close(greatest, least))


def _wide(a: Array, like: Array) -> Array:
    return np.broadcast_to(a, np.broadcast_shapes(a.shape, like.shape))


@builtin(
    "aggregate",
    "steps(S by k) -> list of length",
    "max(steps(bolt by x)) <= 20 px",
    brief="Differences of neighbouring keys, in the order",
    proposed=(
        "spread(steps({M} by {key})) {?}",
        "max(steps({M} by {key})) / min(steps({M} by {key})) {?}",
    ),
    empty="value",
    listed=True,
    english="the steps from each of the {set} to the next{order}{round}",
)
def steps(m: Members) -> List:
    """Differences of neighbouring keys, in the order; of a full-circle angle also from the last on to the first."""
    sure, maybe, descending, cyclic = m.sure, m.maybe, m.descending, m.cyclic
    key = _round(m.order) if cyclic else m.order
    shape = np.broadcast_shapes(key.lo.shape, maybe.shape)
    maybe = np.broadcast_to(maybe, shape)
    masked = np.where(maybe, key.lo, np.inf)
    keys = np.sort(np.where(maybe, -masked if descending else masked, np.inf), axis=0)
    there = np.isfinite(keys)
    flat = np.where(there, keys, 0.0)
    found = np.where(there[1:], flat[1:] - flat[:-1], 0.0) * (-1.0 if descending else 1.0)
    why = first_why(unread_key(key, maybe), mark(np.asarray((sure != maybe).any(axis=0)), UndefinedReason.DOUBTFUL))
    size = maybe.sum(axis=0)
    if not cyclic:
        return List(exact(found), np.maximum(size - 1, 0), why)
    greatest = np.where(there, keys, -np.inf).max(axis=0, initial=-np.inf)
    back = np.where(size > 0, (flat[:1].sum(axis=0) + 360.0 - greatest) * (-1.0 if descending else 1.0), 0.0)
    slots = np.arange(len(keys)).reshape(-1, *(1,) * (keys.ndim - 1))
    whole = np.concatenate([found, np.zeros((min(len(keys), 1), *found.shape[1:]))])
    return List(exact(np.where(slots == size - 1, back, whole)), size, why)


def unread_key(key: Num, maybe: Mask) -> Reasons | None:
    """Why the order is unknown, or which member is the nearest: a member's key, or its distance, is undefined."""
    if key.why is None:
        return None
    worst = weightiest(key.why, maybe)
    return worst if worst.any() else None
