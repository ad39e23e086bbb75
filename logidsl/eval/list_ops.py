"""Composite lists, of columns and single items, and membership."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.eval import operators
from logidsl.eval.eval_state import EvalState
from logidsl.eval.operators import Equality, Palette
from logidsl.library.comparisons import Comparison, Near
from logidsl.library.values import (
    Categorical,
    Ints,
    Lab,
    List,
    Mask,
    Num,
    Reasons,
    Truth,
    UndefinedReason,
    Value,
    first_why,
    unknown,
)

Plane: TypeAlias = npt.NDArray[Any]
Moved: TypeAlias = Callable[[Sequence[Plane]], Plane]


def equality(t: EvalState, said: Comparison | None = None) -> Equality:
    """When the items of two lists that are compared are equal: for `= … within t` when near enough."""
    if not isinstance(said, Near):
        return lambda a, b: operators.equal(a, b, t.palette)
    limit, period_deg = t.values[said.limit], t.program.period_deg((said.a, said.b))
    return lambda a, b: operators.equal_within(a, b, limit, period_deg)


def spliced(parts: Sequence[List]) -> List:
    """Several lists joined, the items of each after those of the one before.

    Parts have different lengths on different images, so the items present are moved to the front.
    """
    shape = np.broadcast_shapes(*(_shape(p) for p in parts))
    there = _stacked([_places(operators.capacity(p), shape) < p.size for p in parts], shape)
    order = (~there).argsort(axis=0, kind="stable")

    def moved(planes: Sequence[Plane]) -> Plane:
        return np.take_along_axis(_stacked(planes, shape), order, 0)

    size = np.asarray(there.sum(axis=0))
    why = first_why(*(p.why for p in parts))
    items = _joined([v for p in parts for v in _columns(p)], moved)
    rows = None
    if any(p.rows is not None for p in parts):
        rows = moved([_rows_of(p, shape) for p in parts])
    if all(p.sure is None for p in parts):
        return List(items, size, why, rows=rows)
    sure = moved([np.ones((operators.capacity(p), *shape), bool) if p.sure is None else p.sure for p in parts])
    return List(items, size, why, sure, _doubt(parts, shape), rows)


def member(value: Value, of: List, palette: Palette) -> Truth:
    """Whether a value equals an item of a list; a doubtful member counts if it exists."""
    found = Truth(np.zeros((), bool), np.zeros((), bool))
    for k in range(operators.capacity(of)):
        same = operators.equal(value, operators.item(of, k), palette)
        there = np.asarray(k < of.size)
        sure = there if of.sure is None else there & of.sure[k]
        found = operators.either(found, Truth(same.must & sure, same.can & there))
    bad = unknown(of.why)
    if bad is None:
        return found
    # a list without an order is uncertain only about which members exist
    known = of.doubt if of.doubt is not None else np.zeros((), bool)
    return Truth(np.asarray(found.must & (~bad | known)), np.asarray(found.can | (bad & ~known)))


def _stacked(planes: Sequence[Plane], shape: tuple[int, ...]) -> Plane:
    """Arrays (K, …) concatenated along the first axis, with the rest broadcast to a shape."""
    full = [a.reshape(len(a), *(1,) * (len(shape) + 1 - a.ndim), *a.shape[1:]) for a in planes]
    return np.concatenate([np.broadcast_to(a, (len(a), *shape)) for a in full])


def _places(count: int, shape: tuple[int, ...]) -> Ints:
    return np.arange(count).reshape(-1, *(1,) * len(shape))


def _shape(values: List) -> tuple[int, ...]:
    """The shape of one place."""
    shapes = [np.shape(values.size)]
    for k in range(operators.capacity(values)):
        match operators.item(values, k):
            case Num(lo, hi, why):
                shapes += [np.shape(lo), np.shape(hi), () if why is None else why.shape]
            case Categorical(codes, _, why):
                shapes += [np.shape(codes), () if why is None else why.shape]
            case Lab(lab, why):
                shapes += [np.shape(lab)[:-1], () if why is None else why.shape]
            case List() as inner:
                shapes.append(_shape(inner))
            case _:
                pass
    return np.broadcast_shapes(*shapes, (1,))


def _columns(values: List) -> list[Value]:
    return [operators.item(values, k) for k in range(operators.capacity(values))]


def _rows_of(values: List, shape: tuple[int, ...]) -> Ints:
    """(K, …) the object that each item was read from, -1 for a literal."""
    if values.rows is not None:
        return values.rows
    return np.full((operators.capacity(values), *(1,) * len(shape)), -1)


def _doubt(parts: Sequence[List], shape: tuple[int, ...]) -> Mask:
    """Where nothing is open but which members are there."""
    fine = np.ones(shape, bool)
    open_ = np.zeros(shape, bool)
    for p in parts:
        bad = unknown(p.why)
        known = np.zeros((), bool) if p.doubt is None else p.doubt
        open_ = open_ | known
        if bad is not None:
            fine = fine & (~bad | known)
    return np.asarray(fine & open_)


def _joined(flat: Sequence[Value], moved: Moved) -> Num | Categorical | Lab:
    """The items of all parts on one axis, in their order."""
    kind = next((type(v) for v in flat), Num)
    if kind is Num:
        numbers = [v for v in flat if isinstance(v, Num)]
        low = moved([np.asarray(v.lo)[None] for v in numbers]) if numbers else np.zeros((0, 1))
        exact = all(v.exact for v in numbers)
        return Num(low, low if exact else moved([np.asarray(v.hi)[None] for v in numbers]), _reasons(numbers, moved))
    if kind is Categorical:
        codes = [v for v in flat if isinstance(v, Categorical)]
        names = tuple(dict.fromkeys(n for v in codes for n in v.values))
        place = {n: k for k, n in enumerate(names)}
        tables = [np.array([*(place[n] for n in v.values), -1]) for v in codes]
        joined = moved([np.asarray(t[v.codes])[None] for t, v in zip(tables, codes, strict=True)])
        return Categorical(joined, names, _reasons(codes, moved))
    labs = [v for v in flat if isinstance(v, Lab)]
    planes = [moved([np.asarray(v.lab)[..., k][None] for v in labs]) for k in range(3)]
    return Lab(np.stack(planes, axis=-1), _reasons(labs, moved))


def _reasons(items: Sequence[Num] | Sequence[Categorical] | Sequence[Lab], moved: Moved) -> Reasons | None:
    if all(v.why is None for v in items):
        return None
    none = np.full((1, 1), np.uint8(UndefinedReason.DEFINED))
    return moved([none if v.why is None else np.asarray(v.why)[None] for v in items])
