"""Nested walks evaluated in blocks of their outermost walk, so that memory does not grow with what is nested.

What is made of combinations of objects needs as much memory as there are combinations. Where only what each member
of the outermost walk comes to is wanted, the combinations are evaluated for some members at a time, and given up.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from logidsl.eval.narrowing import Candidates, Narrowing
from logidsl.eval.spatial_index import pieces
from logidsl.library.values import Categorical, Ints, Lab, Mask, Num, Obj, Point, Reasons, Set, Truth, Value

#: Combinations in a block: their values stay near the processor.
BLOCK_ELEMENTS = 1 << 18
#: What the results of a block can be put together from.
JOINABLE = frozenset({"truth", "number", "point", "object"})


class Block(NamedTuple):
    """Nodes that are evaluated together, for some members of their outermost walk at a time.

    Parameters
    ----------
    walk : int
        The `Binder` node of that walk.
    nodes : tuple of int
        The nodes in their order; each is made of combinations of objects.
    inputs : tuple of int
        Other nodes with a value for each member of the walk, which they read.
    results : tuple of int
        Which of the nodes have a value for each member that is read elsewhere.
    chains : tuple of tuple of int
        The walks of the nodes that are made of combinations.
    narrowings : tuple of Narrowing
        Walks that may be narrowed to candidates.
    """

    walk: int
    nodes: tuple[int, ...]
    inputs: tuple[int, ...]
    results: tuple[int, ...]
    chains: tuple[tuple[int, ...], ...]
    narrowings: tuple[Narrowing, ...]

    def parts(self, values: Sequence[Any], n: int, narrowed: Mapping[int, Candidates]) -> list[slice]:
        """The members of the walk, some at a time, for n images."""
        members = len(values[self.walk].rows)
        most = np.zeros(members if narrowed else 1)
        for chain in self.chains:
            inner = [w for w in chain if w != self.walk]
            most = np.maximum(
                most, math.prod(narrowed[w].most if w in narrowed else len(values[w].rows) for w in inner)
            )
        if narrowed:
            return pieces(most.astype(np.int64).tolist(), BLOCK_ELEMENTS / max(1, n))
        some = max(1, BLOCK_ELEMENTS // max(1, n * int(most[0])))
        return [slice(start, start + some) for start in range(0, members, some)]


def sliced(value: Value, members: int, some: slice) -> Value:
    """A value for some of the members of the outermost walk; what does not depend on it is left as it is."""

    def cut(array: Any, images: int = 1) -> Any:
        rows = _by_member(array, members, images)
        return array if rows is None else rows[some]

    made = _changed(value, cut)
    if isinstance(value, Obj) and isinstance(made, Obj) and value.origin is not None:
        made.origin = _some_of(value.origin, some)
    return made


def picked(value: Value, members: int, places: Ints) -> Value:
    """A value of the members of an inner walk for the candidates of each outer one.

    Parameters
    ----------
    value : Value
        Of that many members, for N images.
    places : (C, …, N) int64
        See `Candidates.of`.
    """
    n = places.shape[-1]

    def pick(array: Any, images: int = 1) -> Any:
        rows = _by_member(array, members, images)
        if rows is None:
            return array
        if rows.dtype == np.bool_ and rows.all():
            return places >= 0
        tail = rows.shape[2:]
        flat = np.zeros((members * n + 1, *tail), rows.dtype)  # the last one stands for a place without candidate
        flat[:-1].reshape(members, n, *tail)[...] = rows
        if rows.dtype == np.int64:
            flat[-1] = -1
        return flat.take(places, axis=0)

    return _changed(value, pick)


def _by_member(array: Any, members: int, images: int) -> Any:
    """An array with the members of the walk that it depends on first, then the images; None if it depends on none."""
    if array is None or np.ndim(array) <= images:
        return None
    ends = array.shape[-images:]
    return array.reshape(members, *ends) if math.prod(array.shape[:-images]) == members else None


def _changed(value: Value, change: Callable[..., Any]) -> Value:
    """A value with each of its arrays changed by `change`, which is given its axes from the images on, unless one."""

    def both(must: Mask, can: Mask) -> tuple[Mask, Mask]:
        first = change(must)
        return first, first if must is can else change(can)

    match value:
        case Obj():
            made = Obj(value.store, change(value.rows), change(value.why), uncounted=change(value.uncounted))
            made.members = None if value.members is None else both(*value.members)
            made.has_next = None if value.has_next is None else Truth(*both(value.has_next.must, value.has_next.can))
            return made
        case Num(lo, hi, why):
            low = change(lo)
            return Num(low, low if value.exact else change(hi), change(why))
        case Truth(must, can):
            return Truth(*both(must, can))
        case Categorical(codes, names, why):
            return Categorical(change(codes), names, change(why))
        case Point(x, y, why):
            return Point(change(x), change(y), change(why))
        case Lab(lab, why, name):
            return Lab(change(lab, 2), change(why), name)
        case _:
            raise TypeError(f"no block of {type(value).__name__}")


def _some_of(members: Set, some: slice) -> Set:
    sure, part = members.sure[some], None if members.part is None else (members.part[0], members.part[1][some])
    maybe = sure if members.sure is members.maybe else members.maybe[some]
    return Set(members.store, members.rows[some], sure, maybe, part=part)


def joined(parts: Sequence[Value], sizes: Sequence[int]) -> Value:
    """One value of those of successive members of the outermost walk, of which each has so many."""
    if len(parts) == 1:
        return parts[0]

    def whole(arrays: Sequence[Any], images: int = 1) -> Any:
        if all(np.ndim(array) <= images for array in arrays):
            return arrays[0]
        wide = np.broadcast_shapes(*(np.shape(array)[1:] for array in arrays if np.ndim(array) > images))
        return np.concatenate(
            [np.broadcast_to(array, (size, *wide)) for array, size in zip(arrays, sizes, strict=True)]
        )

    def reasons() -> Reasons | None:
        whys = [p.why for p in parts if not isinstance(p, Truth | Set)]
        if all(why is None for why in whys):
            return None
        found: Reasons = whole([np.zeros((1, 1), np.uint8) if why is None else why for why in whys])
        return found

    def ends(low: Sequence[Any], high: Sequence[Any], exact: bool) -> tuple[Any, Any]:
        first = whole(low)
        return first, first if exact else whole(high)

    exact = all(p.exact for p in parts if isinstance(p, Num | Truth))
    match parts[0]:
        case Truth():
            truths = [p for p in parts if isinstance(p, Truth)]
            return Truth(*ends([p.must for p in truths], [p.can for p in truths], exact))
        case Num():
            numbers = [p for p in parts if isinstance(p, Num)]
            return Num(*ends([p.lo for p in numbers], [p.hi for p in numbers], exact), reasons())
        case Categorical(_, names):
            return Categorical(whole([p.codes for p in parts if isinstance(p, Categorical)]), names, reasons())
        case Point():
            points = [p for p in parts if isinstance(p, Point)]
            return Point(whole([p.x for p in points]), whole([p.y for p in points]), reasons())
        case Obj(store):
            return Obj(store, whole([p.rows for p in parts if isinstance(p, Obj)]), reasons())
        case _:
            raise TypeError(f"no blocks of {type(parts[0]).__name__}")
