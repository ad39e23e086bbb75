"""Keys that orders are made of: levels of nearly equal values, and several keys as one."""

from __future__ import annotations

import numpy as np

from logidsl.library.declare import builtin
from logidsl.library.tolerance import at_most, close
from logidsl.library.values import Array, Mask, Members, Num, UndefinedReason, exact, first_why, mark


@builtin(
    "key",
    "level(number, tolerance) -> same",
    "first(bolt by level(y, 12 px), x).x < 90 px",
    english="level of {column} (gaps of at most {0})",
)
def level(m: Members) -> Num:
    """The least value of a member's level: values at most the tolerance apart, or joined by others between, share one.

    Under doubt from that of a level of all members to that of one of the sure members.
    """
    value, limit = m.value, m.number(0)
    assert isinstance(value, Num)
    shape = np.broadcast_shapes(value.lo.shape, m.maybe.shape, limit.lo.shape)
    known = np.ones((), bool) if value.why is None else value.why == 0
    maybe = np.broadcast_to(m.maybe & known, shape)
    keys = np.broadcast_to(value.lo, shape)
    open_ = None if value.exact else mark(np.asarray(value.lo != value.hi), UndefinedReason.DOUBTFUL)
    why = first_why(value.why, limit.why, open_)
    least = _levels(keys, maybe, maybe, limit.hi)
    if m.sure is m.maybe and limit.exact:
        return exact(least, why)
    return Num(least, _levels(keys, np.broadcast_to(m.sure & known, shape), maybe, limit.lo), why)


def _levels(keys: Array, joining: Mask, there: Mask, limit: Array) -> Array:
    """The least key of the level of each member, which only the `joining` ones and itself form."""
    order = np.where(there, keys, np.inf).argsort(axis=0, kind="stable")
    ranked, joins = (np.take_along_axis(a, order, 0) for a in (np.where(there, keys, np.inf), joining))
    nearest = np.maximum.accumulate(np.where(joins, ranked, -np.inf), axis=0)
    before = np.concatenate([np.full((min(1, len(keys)), *nearest.shape[1:]), -np.inf), nearest[:-1]])
    with np.errstate(invalid="ignore"):
        begins = ~(np.isfinite(before) & at_most(ranked - before, np.broadcast_to(limit, ranked.shape)))
        starts = np.maximum.accumulate(np.where(joins & begins, ranked, -np.inf), axis=0)
        above = np.concatenate([np.full((min(1, len(keys)), *starts.shape[1:]), -np.inf), starts[:-1]])
        found = np.where(begins, ranked, above)
    back = order.argsort(axis=0, kind="stable")
    return np.where(there, np.take_along_axis(found, back, 0), keys)


def ranked_by(m: Members) -> Num:
    """One key for each member that orders them as several do, of which the first unequal one decides."""
    keys = [k for k in m.args if isinstance(k, Num)]
    shape = np.broadcast_shapes(m.walked.rows.shape, *(k.lo.shape for k in keys))
    base, low, high = 2.0 * shape[0], np.zeros(shape), np.zeros(shape)
    for key in keys:
        first, last = _dense(np.broadcast_to(key.lo, shape), np.broadcast_to(key.hi, shape))
        low, high = _dense(low * base + first, high * base + last)
    why = first_why(*(k.why for k in keys))
    return exact(low, why) if all(k.exact for k in keys) else Num(low, high, why)


def _dense(low: Array, high: Array) -> tuple[Array, Array]:
    """Both ends of keys as whole numbers in their order, equal where the ends are."""
    ends = np.concatenate([low, high])
    order = ends.argsort(axis=0, kind="stable")
    ranked = np.take_along_axis(ends, order, 0)
    new = np.zeros(ranked.shape)
    new[1:] = ~close(ranked[1:], ranked[:-1])
    found = np.take_along_axis(new.cumsum(axis=0), order.argsort(axis=0, kind="stable"), 0)
    return found[: len(low)], found[len(low) :]
