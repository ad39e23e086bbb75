"""What is said of members two by two: all differ, all equal, rising, paired, symmetric.

Each is a statement about every pair, or every member, so doubtful members are "if both are there": it
holds in every world if it holds for all pairs that may be there, and in some if for all that surely are.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from logidsl.eval import operators
from logidsl.eval.values import (
    Array,
    Categorical,
    Lab,
    List,
    Mask,
    Num,
    Reasons,
    Truth,
    UndefinedReason,
    Value,
    exact,
    first_why,
    mark,
    weightiest,
)

_TRIANGLE = ("distinct", "same", "kinds")


def of_column(fn: str, value: Value, key: Num | None, descending: bool, sure: Mask, maybe: Mask) -> Truth | Num:
    """`distinct same increasing decreasing kinds` of what is read of the members of a walk."""
    if fn == "kinds":
        return _kinds(value, sure, maybe)
    shape = np.broadcast_shapes(_shape(value), maybe.shape, () if key is None else key.lo.shape)
    sure, maybe = np.broadcast_to(sure, shape), np.broadcast_to(maybe, shape)
    if fn in ("increasing", "decreasing"):
        assert isinstance(value, Num)
        broken, open_ = _falls(value, key, descending, fn == "decreasing", shape)
    else:
        broken = _alike(value, shape) if fn == "distinct" else ~_alike(value, shape)
        open_ = np.zeros((), bool)
    unread = _unread(value, shape)
    two = np.arange(shape[0])
    pair = (two[:, None] != two[None, :]).reshape(shape[0], shape[0], *(1,) * (len(shape) - 1))
    doubtful = open_ | unread[:, None] | unread[None, :]
    must = ~(pair & maybe[:, None] & maybe[None, :] & (broken | doubtful)).any(axis=(0, 1))
    can = ~(pair & sure[:, None] & sure[None, :] & broken & ~doubtful).any(axis=(0, 1))
    return Truth(np.asarray(must), np.asarray(can))


def of_list(fn: str, values: List) -> Truth | Num:
    """The same of a list, whose order is that of its places."""
    k = operators.capacity(values)
    items = [operators.item(values, i) for i in range(k)]
    value = _stacked(items)
    size = np.asarray(values.size)
    slots = np.arange(k, dtype=np.float64).reshape(k, *(1,) * max(size.ndim, len(_shape(value)) - 1))
    there, place = slots < size, exact(slots)
    found = of_column(fn, value, place, False, there, there)
    if values.why is None:
        return found
    bad = values.why > 0
    if isinstance(found, Num):
        return Num(found.lo, found.hi, first_why(values.why, found.why))
    return Truth(found.must & ~bad, found.can | bad)


def _stacked(items: list[Value]) -> Value:
    """Items of a list on a first axis."""
    if not items or isinstance(items[0], Num):
        numbers = [v for v in items if isinstance(v, Num)]
        if not numbers:
            return exact(np.zeros(0))
        lo = _beside([v.lo for v in numbers], [v.why for v in numbers])
        hi = lo if all(v.exact for v in numbers) else _beside([v.hi for v in numbers], [v.why for v in numbers])
        return Num(lo, hi, _reasons([v.why for v in numbers], lo.shape))
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


def _shape(value: Value) -> tuple[int, ...]:
    match value:
        case Num(lo):
            return lo.shape
        case Categorical(codes):
            return codes.shape
        case Lab(lab):
            return lab.shape[:-1]
        case _:
            raise TypeError(f"members of {type(value).__name__}")


def _alike(value: Value, shape: tuple[int, ...]) -> Mask:
    """(K, K, …) where two members have the same value."""
    match value:
        case Num(lo):
            whole = np.broadcast_to(lo, shape)
            return operators.close(whole[:, None], whole[None, :])
        case Categorical(codes):
            named = np.broadcast_to(codes, shape)
            return np.asarray((named[:, None] == named[None, :]) & (named >= 0)[:, None])
        case _:
            raise TypeError(f"members of {type(value).__name__}")


def _unread(value: Value, shape: tuple[int, ...]) -> Mask:
    """Where a member's value is undefined or in doubt."""
    why: Reasons | None = getattr(value, "why", None)
    found = np.zeros(shape, bool) if why is None else np.broadcast_to(why > 0, shape)
    if isinstance(value, Num) and not value.exact:
        found = found | (value.lo != value.hi)
    return found


def _falls(value: Num, key: Num | None, descending: bool, falling: bool, shape: tuple[int, ...]) -> tuple[Mask, Mask]:
    """Pairs that stand against the order, and pairs whose order is unknown."""
    assert key is not None
    keys, values = np.broadcast_to(key.lo, shape), np.broadcast_to(value.lo, shape)
    keys = -keys if descending else keys
    values = -values if falling else values
    tied = operators.close(keys[:, None], keys[None, :])
    before = (keys[:, None] < keys[None, :]) & ~tied
    broken = before & operators.at_most(values[None, :], values[:, None])
    unknown = _unread(key, shape)
    return np.asarray(broken), np.asarray(tied | unknown[:, None] | unknown[None, :])


def _kinds(value: Value, sure: Mask, maybe: Mask) -> Num:
    """How many different values there are."""
    shape = np.broadcast_shapes(_shape(value), maybe.shape)
    sure, maybe = np.broadcast_to(sure, shape), np.broadcast_to(maybe, shape)
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


def paired(apart: Array, sides: tuple[Mask, Mask], others: tuple[Mask, Mask], limit: Num) -> Truth:
    """Every member has its mutual nearest in the other set within the length, and none is left over.

    Parameters
    ----------
    apart : (K, L, …) array
        Distances of centres.
    sides, others : (sure, maybe)
        Members of the first set, (K, 1, …), and of the second, (1, L, …).
    """
    decided = _paired(apart, sides[0], others[0], limit.lo), _paired(apart, sides[0], others[0], limit.hi)
    doubt = (sides[0] != sides[1]).any(axis=(0, 1)) | (others[0] != others[1]).any(axis=(0, 1))
    if limit.why is not None:
        doubt = doubt | (limit.why > 0)
    impossible = _never_paired(apart, sides, others, limit.hi)
    must = np.asarray(decided[0] & ~doubt)
    return Truth(must, np.asarray((decided[1] & ~doubt) | (doubt & ~impossible)))


def _paired(apart: Array, a: Mask, b: Mask, limit: Array) -> Mask:
    partners = _partners(apart, a, b, limit)
    lonely = (a & ~partners.any(axis=1, keepdims=True)).any(axis=(0, 1))
    left = (b & ~partners.any(axis=0, keepdims=True)).any(axis=(0, 1))
    return np.asarray(~lonely & ~left)


def _partners(apart: Array, a: Mask, b: Mask, limit: Array) -> Mask:
    """(K, L, …) pairs each of which is the other's one nearest, within the length; two as near pair nobody."""
    far = np.where(a & b, apart, np.inf)
    rows, columns = far.min(axis=1, keepdims=True, initial=np.inf), far.min(axis=0, keepdims=True, initial=np.inf)
    there = np.isfinite(far)
    with np.errstate(invalid="ignore"):
        nearest, back = there & operators.at_most(far, rows), there & operators.at_most(far, columns)
        near = nearest & back & operators.at_most(far, np.broadcast_to(limit, far.shape))
    one = (nearest.sum(axis=1, keepdims=True) == 1) & (back.sum(axis=0, keepdims=True) == 1)
    return np.asarray(near & one)


def _never_paired(apart: Array, a: tuple[Mask, Mask], b: tuple[Mask, Mask], limit: Array) -> Mask:
    """Whether some sure member has nobody near enough in any world, or the numbers can never agree."""
    reach = operators.at_most(apart, limit)
    alone = (a[0] & ~(reach & b[1]).any(axis=1, keepdims=True)).any(axis=(0, 1))
    spare = (b[0] & ~(reach & a[1]).any(axis=0, keepdims=True)).any(axis=(0, 1))
    many = a[0].sum(axis=(0, 1)) > b[1].sum(axis=(0, 1))
    few = b[0].sum(axis=(0, 1)) > a[1].sum(axis=(0, 1))
    return np.asarray(alone | spare | many | few)


def symmetric(x: Array, y: Array, line: Num, along_x: bool, limit: Num, sure: Mask, maybe: Mask) -> Truth:
    """Every member has another, or itself, at its mirror place within the length.

    Parameters
    ----------
    x, y : (K, …) array
        Centres.
    line : Num
        Where the mirror stands: an x where `along_x`, else a y.
    """
    mirrored_x, mirrored_y = (2 * line.lo - x, y) if along_x else (x, 2 * line.lo - y)
    apart = np.hypot(mirrored_x[:, None] - x[None, :], mirrored_y[:, None] - y[None, :])
    near = operators.at_most(apart, np.broadcast_to(limit.lo, apart.shape))
    itself = np.eye(len(x), dtype=bool).reshape(len(x), len(x), *(1,) * (x.ndim - 1))
    alone_sure = ~(near & (sure[None, :] | itself)).any(axis=1)
    alone_ever = ~(near & maybe[None, :]).any(axis=1)
    open_ = np.zeros((), bool)
    for v in (line, limit):
        open_ = open_ | (v.lo != v.hi) | (False if v.why is None else v.why > 0)
    must = ~(maybe & alone_sure).any(axis=0) & ~open_
    can = ~(sure & alone_ever).any(axis=0) | open_
    return Truth(np.asarray(must), np.asarray(can))


def repeated(value: Value, there: Mask) -> Mask:
    """(K, …) members whose value another member has, too."""
    shape = np.broadcast_shapes(_shape(value), there.shape)
    there = np.broadcast_to(there, shape) & ~_unread(value, shape)
    alike = _alike(value, shape) & there[:, None] & there[None, :]
    return np.asarray(there & (alike.sum(axis=1) > 1))


def uncommon(value: Value, there: Mask) -> Mask:
    """(K, …) members unlike the commonest value; all of them where no value is the commonest."""
    shape = np.broadcast_shapes(_shape(value), there.shape)
    there = np.broadcast_to(there, shape) & ~_unread(value, shape)
    count = (_alike(value, shape) & there[:, None] & there[None, :]).sum(axis=1)
    most = np.where(there, count, 0).max(axis=0, initial=0)
    rare = there & (count < most)
    return np.asarray(np.where(rare.any(axis=0), rare, there))


def lonely(apart: Array, a: Mask, b: Mask, limit: Array) -> tuple[Mask, Mask]:
    """(K, …) and (L, …) members of two sets without a mutual nearest within the length; see `paired`."""
    partners = _partners(apart, a, b, limit)
    return np.asarray(a[:, 0] & ~partners.any(axis=1)), np.asarray(b[0] & ~partners.any(axis=0))
