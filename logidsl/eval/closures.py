"""What closes a walk: quantifiers, aggregates, picks, lists; and the choice among cases.

The members of a walk lie along the first axis. `sure` says which are there in every world, `maybe` which
in some; they are one array where nothing is in doubt.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, assert_never

import numpy as np

from logidsl import ir
from logidsl.eval import operators
from logidsl.eval.frames import compact
from logidsl.eval.values import (
    Array,
    Codes,
    Ints,
    Lab,
    List,
    Mask,
    Num,
    Obj,
    Point,
    Reasons,
    Set,
    Shape,
    Truth,
    Value,
    Why,
    exact,
    first_why,
    mark,
)
from logidsl.library import REGISTRY


def members(values: Sequence[Any], each: int, where: int | None) -> tuple[Mask, Mask]:
    """Which objects of a walk are members, (sure, maybe)."""
    sure, maybe = values[each].read["members"]
    if where is None:
        return sure, maybe
    kept: Truth = values[where]
    found = np.asarray(sure & kept.must)
    if sure is maybe and kept.exact:
        return found, found
    return found, np.asarray(maybe & kept.can)


def kept(values: Sequence[Any], each: int, where: int | None, n: int) -> Set:
    """The members of a walk as a set of its own."""
    obj: Obj = values[each]
    sure, maybe = members(values, each, where)
    shape = (obj.rows.shape[0], n)
    whole = np.broadcast_to(maybe, obj.rows.shape).reshape(shape)
    some = whole if sure is maybe else np.broadcast_to(sure, obj.rows.shape).reshape(shape)
    return compact(Set(obj.store, np.where(whole, obj.rows.reshape(shape), -1), some, whole))


def quantified(values: Sequence[Any], node: ir.Quantifier) -> tuple[Mask, Mask]:
    """Which objects a quantifier speaks of: the members, and for neighbours those that have a next."""
    sure, maybe = members(values, node.each, node.where)
    if node.next is None:
        return sure, maybe
    has_next: Truth = values[node.next].read["has_next"]
    exactly = sure is maybe and has_next.exact
    maybe = np.asarray(maybe & has_next.can)
    return (maybe if exactly else np.asarray(sure & has_next.must)), maybe


def quantify(values: Sequence[Any], node: ir.Quantifier) -> Truth:
    """`every`, `some`, `no`: a doubtful member is "if it is there, then"."""
    sure, maybe = quantified(values, node)
    if node.body is None:
        must = np.asarray(sure.any(axis=0))
        found = Truth(must, must if sure is maybe else np.asarray(maybe.any(axis=0)))
        return operators.negated(found) if node.fn == "no" else found
    body: Truth = values[node.body]
    exactly = body.exact and sure is maybe
    if node.fn == "every":
        must = np.asarray((~maybe | body.must).all(axis=0))
        return Truth(must, must if exactly else np.asarray((~sure | body.can).all(axis=0)))
    must = np.asarray((sure & body.must).any(axis=0))
    found = Truth(must, must if exactly else np.asarray((maybe & body.can).any(axis=0)))
    return operators.negated(found) if node.fn == "no" else found


def aggregate(values: Sequence[Any], node: ir.Aggregate, args: list[Value]) -> Value:
    """The value of an aggregate node."""
    if node.each is None:
        assert node.value is not None
        numbers, there, why = _of_list(values[node.value])
        return _reduced(node.fn, numbers, there, there, why)
    sure, maybe = members(values, node.each, node.where)
    obj: Obj = values[node.each]
    match node.fn:
        case "only":
            return _only(obj, sure, maybe)
        case "first":
            assert node.by is not None
            return _first(obj, values[node.by], sure, maybe, node.descending)
        case "next":
            assert node.by is not None
            return _next(obj, values[node.by], sure, maybe, node.descending)
        case "list":
            assert node.value is not None
            key = None if node.by is None else values[node.by]
            return _listed(values[node.value], key, sure, maybe, node.descending)
        case "count":
            return _reduced("count", exact(0.0), sure, maybe, None)
        case _:
            assert node.value is not None
            return _reduced(node.fn, values[node.value], sure, maybe, None)


def _reduced(fn: str, numbers: Num, sure: Mask, maybe: Mask, why: Reasons | None) -> Num:
    entry = REGISTRY["aggregate", fn]
    if numbers.why is not None:
        bad = np.asarray((maybe & (numbers.why > 0)).any(axis=0))
        worst = np.where(maybe, numbers.why, 0).max(axis=0, initial=0)
        why = first_why(why, np.where(bad, worst, 0).astype(np.uint8) if bad.any() else None)
    if entry.empty == "undefined":
        none = np.asarray(~sure.any(axis=0))
        if none.any():
            never = np.asarray(~maybe.any(axis=0))
            why = first_why(why, mark(never, Why.EMPTY), mark(none & ~never, Why.DOUBTFUL))
    if sure is maybe and numbers.exact:
        found = entry.kernel(numbers.lo, sure)
        return exact(_finite(found), why)
    assert entry.bounds is not None
    ends: Any = entry.bounds(numbers.lo, numbers.hi, sure, maybe)
    return Num(_finite(ends[0]), _finite(ends[1]), why)


def _finite(found: Any) -> Array:
    array = np.asarray(found, np.float64)
    return array if np.isfinite(array).all() else np.asarray(np.nan_to_num(array, posinf=0.0, neginf=0.0))


def _of_list(values: List) -> tuple[Num, Mask, Reasons | None]:
    """The numbers of a list, which of its places are there, and why it is undefined."""
    if isinstance(values.items, list):
        numbers = [v for v in values.items if isinstance(v, Num)]
        if not numbers:
            return exact(np.zeros((0,))), np.zeros((0,), bool), values.why
        lo = np.stack(np.broadcast_arrays(*(v.lo for v in numbers)))
        hi = lo if all(v.exact for v in numbers) else np.stack(np.broadcast_arrays(*(v.hi for v in numbers)))
        reasons = [np.zeros((), np.uint8) if v.why is None else v.why for v in numbers]
        shape = np.broadcast_shapes(lo.shape[1:], *(r.shape for r in reasons))
        why = (
            np.stack([np.broadcast_to(r, shape) for r in reasons]) if any(v.why is not None for v in numbers) else None
        )
        return Num(lo, hi, why), np.ones(lo.shape, bool), values.why
    assert isinstance(values.items, Num)
    lo = values.items.lo
    slots = np.arange(len(lo)).reshape(-1, *(1,) * (lo.ndim - 1))
    return values.items, np.broadcast_to(slots < values.size, lo.shape), values.why


def _only(obj: Obj, sure: Mask, maybe: Mask) -> Obj:
    most = maybe.sum(axis=0)
    rows = np.where(maybe, obj.rows, -1).max(axis=0, initial=-1)
    if sure is maybe:
        why = first_why(mark(most == 0, Why.ABSENT), mark(most > 1, Why.AMBIGUOUS))
    else:
        least = sure.sum(axis=0)
        open_ = (most != least) & (least < 2)
        why = first_why(mark(most == 0, Why.ABSENT), mark(least > 1, Why.AMBIGUOUS), mark(open_, Why.DOUBTFUL))
    return Obj(obj.store, np.where(most == 1, rows, -1) if why is not None else rows, why)


def _first(obj: Obj, key: Num, sure: Mask, maybe: Mask, descending: bool) -> Obj:
    low, high = (-key.hi, -key.lo) if descending else (key.lo, key.hi)
    masked = np.where(sure, high, np.inf)
    if len(masked) == 0:
        shape = masked.shape[1:]
        return Obj(obj.store, np.full(shape, -1), np.full(shape, np.uint8(Why.ABSENT)))
    best = masked.argmin(axis=0)[None]
    least = np.take_along_axis(masked, best, 0)[0]
    rows = np.take_along_axis(np.broadcast_to(obj.rows, masked.shape), best, 0)[0]
    nobody, never = np.asarray(~sure.any(axis=0)), np.asarray(~maybe.any(axis=0))
    near = sure & operators.at_most(np.where(sure, low, np.inf), least)
    tie = near.sum(axis=0) > 1
    why = first_why(mark(never, Why.ABSENT), mark(tie & ~nobody, Why.AMBIGUOUS))
    if sure is not maybe:
        rival = (maybe & ~sure & operators.at_most(low, np.broadcast_to(least, low.shape))).any(axis=0)
        why = first_why(why, mark(np.asarray((rival | nobody) & ~never), Why.DOUBTFUL))
    if key.why is not None:
        unread = np.where(maybe, key.why, 0).max(axis=0, initial=0).astype(np.uint8)
        why = first_why(unread if unread.any() else None, why)
    if why is not None:
        rows = np.where(why > 0, -1, rows)
    return Obj(obj.store, rows, why)


def _ordered(key: Num, maybe: Mask, descending: bool) -> tuple[Ints, Array, Mask]:
    """Order of the members, their sorted keys, and where two members stand at one key."""
    masked = np.where(maybe, -key.hi if descending else key.lo, np.inf)
    order = masked.argsort(axis=0, kind="stable")
    keys = np.take_along_axis(masked, order, 0)
    tied = np.zeros(keys.shape, bool)
    tied[1:] = np.isfinite(keys[1:]) & operators.close(np.where(np.isfinite(keys[:-1]), keys[:-1], 0), keys[1:])
    return order, keys, tied


def _next(obj: Obj, key: Num, sure: Mask, maybe: Mask, descending: bool) -> Obj:
    order, keys, tied = _ordered(key, maybe, descending)
    rows = np.take_along_axis(np.broadcast_to(obj.rows, keys.shape), order, 0)
    follower = np.full(rows.shape, -1)
    follower[:-1] = np.where(np.isfinite(keys[1:]), rows[1:], -1)
    beside = tied.copy()
    beside[:-1] |= tied[1:]
    back = order.argsort(axis=0, kind="stable")
    follower, beside = (np.take_along_axis(a, back, 0) for a in (follower, beside))
    has = np.asarray(maybe & (follower >= 0))
    doubt = np.broadcast_to((sure != maybe).any(axis=0), has.shape)
    why = first_why(mark(doubt, Why.DOUBTFUL), mark(beside & has, Why.AMBIGUOUS), key.why)
    found = Obj(obj.store, follower, why)
    can = has if not doubt.any() else np.asarray(maybe & (has | doubt))
    found.read["has_next"] = Truth(has, has) if can is has else Truth(np.asarray(has & ~doubt), can)
    return found


def _listed(value: Value, key: Num | None, sure: Mask, maybe: Mask, descending: bool) -> List:
    shape = maybe.shape
    tied = np.zeros(shape, bool)
    if key is None:
        order = (~maybe).argsort(axis=0, kind="stable")
    else:
        shape = np.broadcast_shapes(shape, key.lo.shape)
        maybe = np.broadcast_to(maybe, shape)
        order, _, tied = _ordered(key, maybe, descending)
    why = mark(np.asarray((sure != maybe).any(axis=0)), Why.DOUBTFUL)
    if key is not None and key.why is not None:
        unread = np.where(maybe, key.why, 0).max(axis=0, initial=0).astype(np.uint8)
        why = first_why(why, unread if unread.any() else None)

    def arranged(a: Any) -> Any:
        whole = np.broadcast_to(a, np.broadcast_shapes(np.shape(a), order.shape))
        return np.take_along_axis(whole, np.broadcast_to(order, whole.shape), 0)

    items: Num | Codes | Lab
    match value:
        case Num(lo, hi, reasons):
            first = arranged(lo)
            items = Num(first, first if value.exact else arranged(hi), None if reasons is None else arranged(reasons))
            differ = first[1:] != first[:-1]
        case Codes(codes, names, reasons):
            items = Codes(arranged(codes), names, None if reasons is None else arranged(reasons))
            differ = items.codes[1:] != items.codes[:-1]
        case Lab(lab, reasons):
            planes = [arranged(lab[..., i]) for i in range(3)]
            items = Lab(np.stack(planes, axis=-1), None if reasons is None else arranged(reasons))
            differ = np.ones(planes[0][1:].shape, bool)
        case _:
            raise TypeError(f"a list of {type(value).__name__}")
    if tied.any():
        why = first_why(why, mark(np.asarray((tied[1:] & differ).any(axis=0)), Why.AMBIGUOUS))
    return List(items, np.asarray(maybe.sum(axis=0)), why)


def choose(fits: list[Truth], cases: list[Value], otherwise: Value | None, why: Reasons | None = None) -> Value:
    """The case of the first condition that holds, else `otherwise`, else undefined: no case.

    Where a condition is undetermined before one holds, the choice is undefined, unless only truths are
    chosen.
    """
    taken: Mask = np.zeros((), bool)
    open_: Mask = np.zeros((), bool)
    chosen: list[tuple[Mask, Value]] = []
    for fit, case in zip(fits, cases, strict=True):
        here = fit.must & ~taken & ~open_
        open_ = open_ | (fit.can & ~fit.must & ~taken)
        chosen.append((np.asarray(here), case))
        taken = taken | here
    rest = np.asarray(~taken & ~open_)
    if otherwise is not None:
        chosen.append((rest, otherwise))
    elif rest.any():
        why = first_why(why, mark(rest, Why.NO_CASE))
    why = first_why(why, mark(np.asarray(open_), Why.DOUBTFUL))
    return _merged(chosen, why)


def _merged(chosen: list[tuple[Mask, Value]], why: Reasons | None) -> Value:
    own = [np.where(m, v.why, 0) for m, v in chosen if not isinstance(v, Truth | Set) and v.why is not None]
    for extra in own:
        why = first_why(why, extra.astype(np.uint8))
    first = chosen[0][1]
    match first:
        case Num():
            numbers = [(m, v) for m, v in chosen if isinstance(v, Num)]
            lo = _pick([(m, v.lo) for m, v in numbers])
            sharp = all(v.exact for _, v in numbers)
            return Num(lo, lo if sharp else _pick([(m, v.hi) for m, v in numbers]), why)
        case Codes():
            names: tuple[str, ...] = tuple(
                dict.fromkeys(n for _, v in chosen if isinstance(v, Codes) for n in v.values)
            )
            place = {n: i for i, n in enumerate(names)}
            parts = [
                (m, np.array([*(place[n] for n in v.values), -1], np.int64)[v.codes])
                for m, v in chosen
                if isinstance(v, Codes)
            ]
            return Codes(_pick(parts, -1), names, why)
        case Lab():
            planes = [_pick([(m, v.lab[..., i]) for m, v in chosen if isinstance(v, Lab)]) for i in range(3)]
            return Lab(np.stack(planes, axis=-1), why)
        case Point():
            points = [(m, v) for m, v in chosen if isinstance(v, Point)]
            return Point(_pick([(m, v.x) for m, v in points]), _pick([(m, v.y) for m, v in points]), why)
        case Truth():
            must, can = np.zeros((), bool), np.zeros((), bool)
            for m, v in chosen:
                assert isinstance(v, Truth)
                must, can = must | (m & v.must), can | (m & v.can)
            bad = None if why is None else why > 0
            return Truth(must if bad is None else must & ~bad, can if bad is None else can | bad)
        case Obj():
            objects = [(m, v) for m, v in chosen if isinstance(v, Obj)]
            return Obj(first.store, _pick([(m, v.rows) for m, v in objects], -1), why)
        case List() | Shape() | Set():
            raise TypeError(f"a choice of {type(first).__name__}")
        case _:
            assert_never(first)


def _pick(parts: list[tuple[Mask, Any]], default: float = 0.0) -> Any:
    found: Any = np.asarray(default)
    for m, v in reversed(parts):
        found = np.where(m, v, found)
    kind = np.int64 if np.issubdtype(np.asarray(parts[0][1]).dtype, np.integer) else np.float64
    return found.astype(kind)
