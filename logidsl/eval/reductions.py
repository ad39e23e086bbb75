"""Reductions of iterations: quantifiers, aggregates, picks, lists; and the choice among cases.

The members lie along the first axis. `sure` marks those that exist in every world, `maybe` those in some; without doubt
they are one array.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, assert_never

import numpy as np

from logidsl import ir
from logidsl.eval import operators
from logidsl.eval.eval_state import EvalState
from logidsl.eval.image_batch import compact
from logidsl.eval.reading import place_of, ranks_of, shape_of
from logidsl.library import Builtin
from logidsl.library.levels import ranked_by
from logidsl.library.orders import following, listed
from logidsl.library.values import (
    Array,
    Categorical,
    Lab,
    Layout,
    List,
    Mask,
    Members,
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
from logidsl.verdicts import BOUNDLESS

#: Along the first axis; the methods of arrays take longer to get here.
_every, _any = np.logical_and.reduce, np.logical_or.reduce
_ZERO = exact(0.0)


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


def quantified(values: Sequence[Any], node: ir.Quantifier | ir.Aggregate) -> tuple[Mask, Mask]:
    """The objects of a quantifier or aggregate: the members, and for neighbours those with a successor."""
    assert node.each is not None
    sure, maybe = members(values, node.each, node.where)
    if node.next is None:
        return sure, maybe
    has_next: Truth = values[node.next].has_next
    exactly = sure is maybe and has_next.exact
    maybe = np.asarray(maybe & has_next.can)
    return (maybe if exactly else np.asarray(sure & has_next.must)), maybe


def quantify(values: Sequence[Any], node: ir.Quantifier) -> Truth:
    """`every`, `some`, `no`: a doubtful member counts as "if it exists, then"."""
    sure, maybe = quantified(values, node)
    if node.body is None:
        must = np.asarray(sure.any(axis=0))
        found = Truth(must, must if sure is maybe else np.asarray(maybe.any(axis=0)))
        return operators.negated(found) if node.fn == "no" else found
    body: Truth = values[node.body]
    exactly = body.exact and sure is maybe
    if node.fn == "every":
        must = np.asarray(_every(~maybe | body.must))
        return Truth(must, must if exactly else np.asarray(_every(~sure | body.can)))
    must = np.asarray(_any(sure & body.must))
    found = Truth(must, must if exactly else np.asarray(_any(maybe & body.can)))
    return operators.negated(found) if node.fn == "no" else found


def aggregate(program: ir.Program, node: ir.Aggregate) -> Callable[[EvalState], Value]:
    """The evaluation of an aggregate node, whatever number of objects a row stands for that has none."""
    entry, closes = ir.entry_of(node) or ir.key_of(node), ir.closes(node)
    if node.each is None:
        return partial(_of_list, node)
    structural: dict[str, Callable[[Members], Value]] = {"next": following, "keys": ranked_by}
    made = structural.get(node.fn, listed) if entry is None else entry.kernel
    reducing = entry if entry is not None and entry.bounds is not None else None
    ranked = node.fn == "list" or (entry is not None and entry.classed)
    members_in = _members_in(program, node)

    def step(t: EvalState) -> Value:
        m = members_in(t)
        if ranked:
            m.walked.ranks = partial(ranks_of, t, m.walked)
        found: Value = made(m) if reducing is None else _reduced(reducing, m, None)
        for one in (m, m.other) if closes else ():
            if one is not None and one.walked.uncounted is not None:
                found = _uncounted(entry, found, np.asarray((one.maybe & one.walked.uncounted).any(axis=0)))
        return found

    return step


def _of_list(node: ir.Aggregate, t: EvalState) -> Value:
    """The value of an aggregate of a list."""
    entry, m = ir.entry_of(node) or ir.key_of(node), members_of(t, node)
    assert node.value is not None and entry is not None
    why = t.values[node.value].why
    return _reduced(entry, m, why) if entry.bounds is not None else _undefined(entry.kernel(m), why)


def members_of(t: EvalState, node: ir.Aggregate) -> Members:
    """What an aggregate of a set or list is made from."""
    if node.each is not None:
        return _members_in(t.program, node)(t)
    assert node.value is not None
    period_deg = t.program.period_deg([node.value])
    m, args = members_of_list(t.values[node.value]), [t.values[i] for i in node.args]
    outer = max((a.lo.ndim for a in args if isinstance(a, Num)), default=0)
    return replace(_under(m, outer), args=args, period_deg=period_deg)


def _under(m: Members, outer: int) -> Members:
    """The members of a list with axes for the iterations around it, on which only its further arguments depend."""
    missing = outer - (m.maybe.ndim - 1)
    if missing <= 0:
        return m

    def beside(values: Any) -> Any:
        return None if values is None else values.reshape(values.shape[0], *(1,) * missing, *values.shape[1:])

    def numbers(n: Num) -> Num:
        low = beside(n.lo)
        return Num(low, low if n.exact else beside(n.hi), beside(n.why))

    sure = beside(m.sure)
    maybe = sure if m.maybe is m.sure else beside(m.maybe)
    value = numbers(m.value) if isinstance(m.value, Num) else m.value
    key = None if m.key is None else numbers(m.key)
    return replace(m, sure=sure, maybe=maybe, value=value, key=key)


def _members_in(program: ir.Program, node: ir.Aggregate) -> Callable[[EvalState], Members]:
    """A function that returns the members of the set that an aggregate ranges over."""
    entry, each = ir.entry_of(node), node.each
    assert each is not None
    placed, shaped = entry is not None and entry.centres, entry is not None and entry.shapes
    period_deg = None if node.value is None else program.period_deg([node.value])
    looked_at = [i for i in (each, node.other, *node.args) if i is not None] if placed or shaped else []

    def found(t: EvalState) -> Members:
        values = t.values
        for i in looked_at:
            if isinstance(of := values[i], Obj):
                if placed:
                    of.place, of.unplaced = place_of(t, of)
                if shaped:
                    of.shape = shape_of(t, of)
        value = None if node.value is None else values[node.value]
        key = None if node.by is None else values[node.by]
        other = None
        if node.other is not None:
            other = Members(*members(values, node.other, node.other_where), values[node.other])
        there, args = quantified(values, node), [values[i] for i in node.args]
        return Members(*there, values[each], value, key, node.descending, node.cyclic, args, other, period_deg)

    return found


def _uncounted(entry: Builtin | None, found: Value, where: Mask) -> Value:
    """A value of members whose number is open, as declared by the operation.

    Picked members are already doubtful, because those rows may or may not exist.
    """
    way = "open" if entry is None else entry.uncounted
    match found:
        case Num(lo, hi, why) if way == "boundless":
            return Num(lo, np.where(where, BOUNDLESS, hi), why)
        case Num() | List() if way == "open":
            return replace(found, why=first_why(found.why, mark(where, UndefinedReason.DOUBTFUL)))
        case Truth() if entry is not None and entry.pairs:  # further members can only break it
            return Truth(found.must & ~where, found.can)
        case Truth() if way == "open":
            return Truth(found.must & ~where, found.can | where)
        case _:
            return found


def _undefined(found: Value, why: Reasons | None) -> Value:
    """A value computed from a list that is undefined somewhere."""
    match found:
        case Num() if why is not None:
            return Num(found.lo, found.hi, first_why(why, found.why))
        case Truth() if why is not None:
            return Truth(found.must & ~(why > 0), found.can | (why > 0))
        case _:
            return found


def _reduced(entry: Builtin, m: Members, why: Reasons | None) -> Num:
    """What a kernel on numbers makes of the members."""
    numbers, sure, maybe = _ZERO if m.value is None else m.value, m.sure, m.maybe
    assert isinstance(numbers, Num)
    if numbers.why is not None:
        bad = np.asarray((maybe & (numbers.why > 0)).any(axis=0))
        why = first_why(why, weightiest(numbers.why, maybe) if bad.any() else None)
    if entry.empty == "undefined":
        none = np.asarray(~_any(sure))
        if np.count_nonzero(none):
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
    finite = np.count_nonzero(np.isfinite(array)) == array.size
    return array if finite else np.asarray(np.nan_to_num(array, posinf=0.0, neginf=0.0))


def members_of_list(values: List) -> Members:
    """The items of a list, in their order."""
    value = _stacked(values.items) if isinstance(values.items, list) else values.items
    size = np.asarray(values.size)
    array = value.codes if isinstance(value, Categorical) else value.lo if isinstance(value, Num) else value.lab[..., 0]
    slots = np.arange(len(array), dtype=np.float64).reshape(-1, *(1,) * max(size.ndim, array.ndim - 1))
    there = np.broadcast_to(slots < size, np.broadcast_shapes(slots.shape, size.shape, array.shape))
    return Members(there, there, value=value, key=exact(slots))


def _stacked(items: list[Value]) -> Num | Categorical | Lab:
    """Items of a list on a first axis."""
    if not items or isinstance(items[0], Num):
        numbers = [v for v in items if isinstance(v, Num)]
        if not numbers:
            return exact(np.zeros(0))
        lo = _beside([v.lo for v in numbers], [v.why for v in numbers])
        hi = lo if all(v.exact for v in numbers) else _beside([v.hi for v in numbers], [v.why for v in numbers])
        return Num(lo, hi, _reasons([v.why for v in numbers], lo.shape))
    if isinstance(items[0], Lab):
        labs = [v for v in items if isinstance(v, Lab)]
        whys = [v.why for v in labs]
        planes = [_beside([v.lab[..., k] for v in labs], whys) for k in range(3)]
        return Lab(np.stack(planes, axis=-1), _reasons(whys, planes[0].shape))
    codes = [v for v in items if isinstance(v, Categorical)]
    names = tuple(dict.fromkeys(n for v in codes for n in v.values))
    place = {n: i for i, n in enumerate(names)}
    luts = [np.array([*(place[n] for n in v.values), -1], np.int64)[v.codes] for v in codes]
    whole = _beside(luts, [v.why for v in codes])
    return Categorical(whole, names, _reasons([v.why for v in codes], whole.shape))


def _beside(arrays: list[Any], reasons: list[Reasons | None]) -> Any:
    """Arrays on a first axis, wide enough for their reasons."""
    shape = np.broadcast_shapes(*(np.shape(a) for a in arrays), *(r.shape for r in reasons if r is not None))
    return np.stack([np.broadcast_to(a, shape) for a in arrays])


def _reasons(reasons: list[Reasons | None], shape: tuple[int, ...]) -> Reasons | None:
    if all(r is None for r in reasons):
        return None
    return np.stack([np.broadcast_to(np.uint8(0) if r is None else r, shape[1:]) for r in reasons])


def choose(fits: list[Truth], cases: list[Value], otherwise: Value | None, why: Reasons | None = None) -> Value:
    """The case of the first condition that holds, otherwise `otherwise`, otherwise undefined: no case.

    Where a condition is undetermined before one holds, the choice is undefined, unless only truths are
    chosen.
    """
    rest: Mask = np.ones((), bool)
    open_: list[Mask] = []
    chosen: list[tuple[Mask, Value]] = []
    for fit, case in zip(fits, cases, strict=True):
        chosen.append((np.asarray(rest & fit.must), case))
        if not fit.exact:
            open_.append(np.asarray(rest & fit.can & ~fit.must))
        rest = np.asarray(rest & ~fit.can)
    if otherwise is not None:
        chosen.append((rest, otherwise))
    else:
        why = first_why(why, mark(rest, UndefinedReason.NO_CASE))
    why = first_why(why, *(mark(m, UndefinedReason.DOUBTFUL) for m in open_))
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
        case List() | Shape() | Placing() | Layout() | Set():
            raise TypeError(f"a choice of {type(first).__name__}")
        case _:
            assert_never(first)


def _pick(parts: list[tuple[Mask, Any]], default: float = 0.0) -> Any:
    found: Any = np.asarray(default)
    for m, v in reversed(parts):
        found = np.where(m, v, found)
    kind = np.int64 if np.asarray(parts[0][1]).dtype.kind in "iu" else np.float64
    return found.astype(kind)
