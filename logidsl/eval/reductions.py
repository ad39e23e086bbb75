"""What closes a walk: quantifiers, aggregates, picks, lists; and the choice among cases.

The members of a walk lie along the first axis. `sure` says which are there in every world, `maybe` which
in some; they are one array where nothing is in doubt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, assert_never

import numpy as np

from logidsl import ir
from logidsl.eval import operators, orders, pairings
from logidsl.eval.image_batch import compact
from logidsl.eval.values import (
    Array,
    Categorical,
    Lab,
    List,
    Mask,
    Num,
    Obj,
    Placing,
    Point,
    Reasons,
    Set,
    Shape,
    Truth,
    UndefinedReason,
    Value,
    exact,
    first_why,
    mark,
    weightiest,
)
from logidsl.library import REGISTRY
from logidsl.verdicts import BOUNDLESS

PAIRWISE = frozenset(["distinct", "same", "increasing", "decreasing", "kinds"])


def members(values: Sequence[Any], each: int, where: int | None) -> tuple[Mask, Mask]:
    """Which objects of a walk are members, (sure, maybe)."""
    sure, maybe = values[each].members
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
    has_next: Truth = values[node.next].has_next
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
    """The value of an aggregate node, whatever number of objects a row stands for that has none."""
    found = _aggregate(values, node, args)
    for each, where in ((node.each, node.where), (node.other, node.other_where)):
        uncounted = None if each is None else values[each].uncounted
        if each is not None and uncounted is not None:
            _, maybe = members(values, each, where)
            found = _boundless(node.fn, found, np.asarray((maybe & uncounted).any(axis=0)))
    return found


def _boundless(fn: str, found: Value, where: Mask) -> Value:
    """A value of members of which there may be any number more: a count has no end, the rest is in doubt.

    What is picked is in doubt already, as those rows may be there or not, and what an extreme or a kind is
    does not hang on how many there are.
    """
    match found:
        case Num(lo, hi, why) if fn == "count":
            return Num(lo, np.where(where, BOUNDLESS, hi), why)
        case Num(lo, hi, why) if fn not in ("min", "max", "kinds"):
            return Num(lo, hi, first_why(why, mark(where, UndefinedReason.DOUBTFUL)))
        case List():
            return replace(found, why=first_why(found.why, mark(where, UndefinedReason.DOUBTFUL)))
        case Truth() if fn in ("paired", "symmetric"):
            return _left_open(found, where)
        case _:
            return found


def _aggregate(values: Sequence[Any], node: ir.Aggregate, args: list[Value]) -> Value:
    if node.each is None:
        assert node.value is not None
        if node.fn in PAIRWISE:
            return pairings.of_list(node.fn, values[node.value])
        numbers, there, why = _of_list(values[node.value])
        return _reduced(node.fn, numbers, there, there, why)
    sure, maybe = members(values, node.each, node.where)
    obj: Obj = values[node.each]
    match node.fn:
        case "only":
            return _only(obj, sure, maybe)
        case "first":
            assert node.by is not None
            return orders.first(obj, values[node.by], sure, maybe, node.descending)
        case "next":
            assert node.by is not None
            return orders.following(obj, values[node.by], sure, maybe, node.descending, node.cyclic)
        case "list":
            assert node.value is not None
            key = None if node.by is None else values[node.by]
            return orders.listed(obj, values[node.value], key, sure, maybe, node.descending, obj.ranks)
        case "nth":
            assert node.by is not None
            place = args[0]
            assert isinstance(place, Num)
            return orders.nth(obj, values[node.by], place, sure, maybe, node.descending)
        case "rank":
            return _rank(values, node, args, obj, sure, maybe)
        case "steps":
            assert node.by is not None
            return orders.steps(values[node.by], sure, maybe, node.descending, node.cyclic)
        case "paired":
            return _paired(values, node, args, sure, maybe)
        case "symmetric":
            return _symmetric(values, node, args, sure, maybe)
        case fn if fn in PAIRWISE:
            assert node.value is not None
            key = None if node.by is None else values[node.by]
            return pairings.of_column(fn, values[node.value], key, node.descending, sure, maybe)
        case "count":
            return _reduced("count", exact(0.0), sure, maybe, None)
        case _:
            assert node.value is not None
            return _reduced(node.fn, values[node.value], sure, maybe, None)


def _rank(values: Sequence[Any], node: ir.Aggregate, args: list[Value], obj: Obj, sure: Mask, maybe: Mask) -> Num:
    assert node.by is not None
    key: Num = values[node.by]
    of = args[0]
    assert isinstance(of, Obj | Point)
    near = values[node.value] if node.value is not None else None
    return orders.rank(of, operators.minus(key) if node.descending else key, near, obj, sure, maybe)


def _paired(values: Sequence[Any], node: ir.Aggregate, args: list[Value], sure: Mask, maybe: Mask) -> Truth:
    """Both walks stand on the same axis; the second is set beside the first."""
    apart, sides, others = beside(values, node)
    limit = args[-1]
    assert isinstance(limit, Num)
    found = pairings.paired(apart, sides, others, limit)
    assert node.each is not None and node.other is not None
    found = _left_open(found, _unplaced(values[node.each], sides[1][:, 0]))
    return _left_open(found, _unplaced(values[node.other], others[1][0]))


def beside(values: Sequence[Any], node: ir.Aggregate) -> tuple[Array, tuple[Mask, Mask], tuple[Mask, Mask]]:
    """Distances of two walks' members, and which of them are there, (sure, maybe), each on an axis of its own."""
    assert node.other is not None and node.each is not None
    sure, maybe = members(values, node.each, node.where)
    others = members(values, node.other, node.other_where)
    (ax, ay), (bx, by) = values[node.each].place, values[node.other].place
    apart = np.hypot(ax[:, None] - bx[None, :], ay[:, None] - by[None, :])
    return apart, (sure[:, None], maybe[:, None]), (others[0][None, :], others[1][None, :])


def _unplaced(obj: Obj, maybe: Mask) -> Mask | None:
    """Where a member that may be there has no place; None where all have one."""
    return None if obj.unplaced is None else np.asarray((maybe & (obj.unplaced > 0)).any(axis=0))


def _symmetric(values: Sequence[Any], node: ir.Aggregate, args: list[Value], sure: Mask, maybe: Mask) -> Truth:
    line, limit = args
    assert isinstance(line, Num) and isinstance(limit, Num) and node.each is not None
    x, y = values[node.each].place
    found = pairings.symmetric(x, y, line, not node.descending, limit, sure, maybe)
    return _left_open(found, _unplaced(values[node.each], maybe))


def _left_open(found: Truth, bad: Mask | None) -> Truth:
    return found if bad is None else Truth(found.must & ~bad, found.can | bad)


def _reduced(fn: str, numbers: Num, sure: Mask, maybe: Mask, why: Reasons | None) -> Num:
    entry = REGISTRY["aggregate", fn]
    if numbers.why is not None:
        bad = np.asarray((maybe & (numbers.why > 0)).any(axis=0))
        why = first_why(why, weightiest(numbers.why, maybe) if bad.any() else None)
    if entry.empty == "undefined":
        none = np.asarray(~sure.any(axis=0))
        if none.any():
            never = np.asarray(~maybe.any(axis=0))
            why = first_why(why, mark(never, UndefinedReason.EMPTY), mark(none & ~never, UndefinedReason.DOUBTFUL))
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
        why = first_why(why, mark(rest, UndefinedReason.NO_CASE))
    why = first_why(why, mark(np.asarray(open_), UndefinedReason.DOUBTFUL))
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
        case Categorical():
            names: tuple[str, ...] = tuple(
                dict.fromkeys(n for _, v in chosen if isinstance(v, Categorical) for n in v.values)
            )
            place = {n: i for i, n in enumerate(names)}
            parts = [
                (m, np.array([*(place[n] for n in v.values), -1], np.int64)[v.codes])
                for m, v in chosen
                if isinstance(v, Categorical)
            ]
            return Categorical(_pick(parts, -1), names, why)
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
        case List() | Shape() | Placing() | Set():
            raise TypeError(f"a choice of {type(first).__name__}")
        case _:
            assert_never(first)


def _pick(parts: list[tuple[Mask, Any]], default: float = 0.0) -> Any:
    found: Any = np.asarray(default)
    for m, v in reversed(parts):
        found = np.where(m, v, found)
    kind = np.int64 if np.issubdtype(np.asarray(parts[0][1]).dtype, np.integer) else np.float64
    return found.astype(kind)
