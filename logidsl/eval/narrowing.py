"""Nested iterations narrowed to the objects that lie near enough to matter.

In `some cap c where p near c within 10 px` all caps further away than 10 px fail in every world. Where what closes an
inner iteration says so, a block evaluates it for each outer object with the candidates that a spatial index finds,
instead of all its objects. The results are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from logidsl import ir
from logidsl.eval.eval_state import EvalState
from logidsl.eval.reading import place_of, shape_of
from logidsl.eval.spatial_index import Boxes, SpatialIndex, sorted_pairs
from logidsl.library import Builtin
from logidsl.library.comparisons import AtMost, Comparison, InRange, Less, opposite
from logidsl.library.geometry import Geometry
from logidsl.library.values import Array, Ints, Mask, Num, Obj

#: Kinds of values that can be cut to those of some objects.
CUTTABLE = frozenset({"truth", "number", "point", "object", "color", "label", "text"})
#: Pairs below which all are tried: of the objects of one image, and of a batch.
LEAST_OF_IMAGE, LEAST_OF_BATCH = 512, 1 << 14
#: The share of all pairs up to which choosing among them pays.
WORTHWHILE = 0.1
#: What rounding may do to a place or a length, by its size.
SLACK = 1e-6


class Bound(NamedTuple):
    """A condition that is false where the gap between two things exceeds a reach.

    Parameters
    ----------
    outer, inner : (int, str)
        The node of each thing, one of which is made from the inner object, and what it is read as.
    reach : callable
        From the numbers `given`, in px, the reach, px.
    given : tuple of int
        The nodes of these numbers.
    of_inner : bool
        Whether they are made from the inner object.
    """

    outer: tuple[int, str]
    inner: tuple[int, str]
    reach: Callable[..., Any]
    given: tuple[int, ...]
    of_inner: bool


#: Of several bounds, beyond all of which a condition is false.
Bounds: TypeAlias = tuple[Bound, ...]


class Narrowing(NamedTuple):
    """An inner iteration that may be narrowed, by its bounds; `inputs` are nodes that are made from it alone."""

    walk: int
    bounds: Bounds
    inputs: tuple[int, ...]


class Candidates(NamedTuple):
    """The candidates of an inner iteration.

    Parameters
    ----------
    indexes : sequence of SpatialIndex
        Those that find them.
    most : (K1,) int64
        At most how many each outer object has, on any image.
    mean : (N,) float64
        At most how many one has on average, on each image.
    """

    indexes: Sequence[SpatialIndex]
    most: Ints
    mean: Array

    def of(self, some: slice) -> Ints:
        """(C, K, N) places of the candidates of some outer objects, in (K2, N) arrays; -1 beyond the last."""
        found = [index.pairs(some) for index in self.indexes]
        outer, inner = found[0] if len(found) == 1 else sorted_pairs(found)
        members, n = some.stop - some.start, len(self.mean)
        counts = np.bincount(outer, minlength=members * n)
        slot = np.arange(len(outer))
        slot -= (np.cumsum(counts) - counts).take(outer)
        slot *= members * n
        slot += outer
        most = int(counts.max())
        places = np.full(most * members * n, -1)
        places[slot] = inner
        return places.reshape(most, members, n)


def candidates(t: EvalState, outer: Obj, narrowing: Narrowing) -> Candidates | None:
    """The candidates of an inner iteration; None where trying all its objects is as good, or where one has no place."""
    inner: Obj = t.values[narrowing.walk]
    sizes, n = (len(outer.rows), len(inner.rows)), t.frame.n
    if sizes[0] * sizes[1] < LEAST_OF_IMAGE or sizes[0] * sizes[1] * n < LEAST_OF_BATCH:
        return None
    there = [_there(outer, n), _there(inner, n)]
    indexes: list[SpatialIndex] = []
    for bound in narrowing.bounds:
        first, second = _boxes(t, *bound.outer, there[0]), _boxes(t, *bound.inner, there[1])
        reach = _reach(t, bound, there[bound.of_inner])
        if first is None or second is None or reach is None:
            return None
        reach = reach * (1 + SLACK) + SLACK * (1 + max(first.largest, second.largest))
        if not np.isfinite(reach).all():
            return None
        index = SpatialIndex(first, second.grown(reach)) if bound.of_inner else SpatialIndex(first.grown(reach), second)
        if index.most is None:
            return None
        indexes.append(index)
    most, *more = (index.most for index in indexes if index.most is not None)
    totals = sum(more, most)
    if totals.sum() > WORTHWHILE * sizes[0] * sizes[1] * n:
        return None
    mean = totals.sum(axis=0) / np.maximum(1, there[0].sum(axis=0))
    return Candidates(indexes, totals.max(axis=1), mean)


def _there(walked: Obj, n: int) -> Mask:
    assert walked.members is not None
    return np.broadcast_to(_flat(walked.members[1]), (len(walked.rows), n))


def _flat(values: Any) -> Any:
    """Values of the objects of one iteration with two axes, or fewer: any other axis has one entry."""
    array = np.asarray(values)
    return array if array.ndim <= 2 else array.reshape(-1, array.shape[-1])


def _boxes(t: EvalState, node: int, kind: str, there: Mask) -> Boxes | None:
    """The boxes round things, and round their outlines; None if that of an object is not known."""
    value = t.values[node]
    if kind == "R":
        shape, why = shape_of(t, value)
        ends = _outer_box(shape)
    else:
        (x, y), why = place_of(t, value)
        ends = (x, y, x, y)
    if why is not None and (_flat(why) * there).any():
        return None
    whole = bool(there.all())
    x0, y0, x1, y1 = (
        np.broadcast_to(_flat(end), there.shape) if whole else np.where(there, _flat(end), 0.0) for end in ends
    )
    return Boxes(x0, y0, x1, y1, there)


def _outer_box(shape: Geometry) -> tuple[Array, Array, Array, Array]:
    if shape.shapes is None:
        return shape.x0, shape.y0, shape.x1, shape.y1
    import shapely

    x0, y0, x1, y1 = np.moveaxis(shapely.bounds(shape.shapes), -1, 0)
    return np.fmin(x0, shape.x0), np.fmin(y0, shape.y0), np.fmax(x1, shape.x1), np.fmax(y1, shape.y1)


def _reach(t: EvalState, bound: Bound, there: Mask) -> Array | None:
    """How far a condition reaches, px; None where that is not known."""
    numbers: list[Array] = []
    for node in bound.given:
        number = t.values[node]
        assert isinstance(number, Num)
        if not number.exact or (number.why is not None and (_flat(number.why) * there).any()):
            return None
        numbers.append(_flat(number.lo))
    reach = np.maximum(bound.reach(*numbers), 0.0)
    return reach if reach.ndim == 0 or there.all() else np.where(there, reach, 0.0)


def narrowings(
    program: ir.Program,
    same: Sequence[int],
    walk: int,
    inside: Collection[int],
    operands: Callable[[int], Iterable[int]],
) -> tuple[Narrowing, ...]:
    """The inner iterations of a block that may be narrowed.

    Parameters
    ----------
    program : Program
        The program.
    same : sequence of int
        See `Plan`.
    walk : int
        The outermost iteration.
    inside : collection of int
        The nodes of the block.
    operands : callable
        What a node is made of.
    """
    analysis = _Analysis(program, same, walk, frozenset(inside))
    inputs: dict[int, set[int]] = {}
    for n in inside:
        for k in set(operands(n)) - {*inside}:
            for inner in analysis.walks(k) - {walk}:
                inputs.setdefault(inner, set()).add(k)
    found: list[Narrowing] = []
    for inner, made in inputs.items():
        bounds = analysis.all_of([analysis.of_closer(n, inner) for n in inside if inner in _closed(program.nodes[n])])
        if bounds and all(analysis.walks(k) == {inner} and program.nodes[k].type.kind in CUTTABLE for k in made):
            found.append(Narrowing(inner, bounds, tuple(sorted(made - {inner}))))
    return tuple(found)


def _closed(node: ir.Node) -> tuple[int | None, ...]:
    match node:
        case ir.Quantifier():
            return (node.each,)
        case ir.Aggregate():
            return node.each, node.other
        case _:
            return ()


class _Analysis:
    """What bounds the conditions of a block."""

    def __init__(self, program: ir.Program, same: Sequence[int], walk: int, inside: frozenset[int]) -> None:
        self.program, self.same, self.walk, self.inside = program, same, walk, inside

    def walks(self, number: int) -> set[int]:
        """The open iterations of a node."""
        return {self.same[w] for w in self.program.walks[number]}

    def of_closer(self, number: int, inner: int) -> Bounds | None:
        """The bounds beyond which an object makes no difference to a node that closes its iteration."""
        node = self.program.nodes[number]
        match node:
            case ir.Quantifier(next=None):
                found = self.of(node.where, True, inner)
                return self.of(node.body, node.fn != "every", inner) if found is None else found
            case ir.Aggregate(other=None) if ir.entry_of(node) is not None:
                return self.of(node.where, True, inner)
            case _:
                return None

    def of(self, number: int | None, wanted: bool, inner: int) -> Bounds | None:
        """The bounds beyond which a condition is never true, or (not `wanted`) never false; None if it has none."""
        node = None if number is None else self.program.nodes[self.same[number]]
        if not isinstance(node, ir.Call):
            return None
        parts = [(a, wanted) for a in node.args]
        match node.fn:
            case "not":
                return self.of(node.args[0], not wanted, inner)
            case "and" | "or":
                return (self.any_of if wanted == (node.fn == "and") else self.all_of)(
                    [self.of(*part, inner) for part in parts]
                )
            case "if" if not wanted and len(parts) == 2:
                return self.any_of([self.of(node.args[0], True, inner), self.of(node.args[1], False, inner)])
            case _:
                if (said := ir.comparison(node)) is not None:
                    return self.compared(said if wanted else opposite(said), inner)
                entry = ir.entry_of(node)
                if entry is not None and not wanted:
                    entry = ir.entry_of(node.replaced(fn=entry.negation)) if entry.negation else None
                if entry is None or entry.reach is None:
                    return None
                return self.between(entry, node.args[:2], entry.reach, node.args[2:], inner)

    def all_of(self, found: Sequence[Bounds | None]) -> Bounds | None:
        """The bounds of all conditions."""
        bounds = [b for b in found if b is not None]
        return tuple({b: None for one in bounds for b in one}) if len(bounds) == len(found) else None

    def any_of(self, found: Sequence[Bounds | None]) -> Bounds | None:
        """The bounds of one condition that has some."""
        return min((b for b in found if b is not None), key=len, default=None)

    def compared(self, said: Comparison, inner: int) -> Bounds | None:
        """The bound of a comparison that is false where a distance exceeds its limit."""
        match said:
            case Less(distance, limit) | AtMost(distance, limit) | InRange(distance, _, limit):
                node = self.program.nodes[self.same[distance]]
            case _:
                return None
        entry = ir.entry_of(node)
        if not isinstance(node, ir.Call) or entry is None or not entry.apart:
            return None
        return self.between(entry, node.args, np.positive, [self.same[limit]], inner)

    def between(
        self, entry: Builtin, things: Sequence[int], reach: Callable[..., Any], given: Sequence[int], inner: int
    ) -> Bounds | None:
        """The bound of two things of which one is made from the inner object."""
        of_things = [(self.same[a], entry.parameters[k].kind) for k, a in enumerate(things)]
        given = [self.same[a] for a in given]
        of_inner = any(inner in self.walks(a) for a in given)
        allowed = {inner} if of_inner else {self.walk}
        if not (
            self.inside.isdisjoint([*given, *(a for a, _ in of_things)])
            and all(self.walks(a) <= allowed for a in given)
        ):
            return None
        for outer, other in (of_things, of_things[::-1]):
            if self.walks(other[0]) == {inner} and self.walks(outer[0]) == {self.walk}:
                return (Bound(outer, other, reach, tuple(given), of_inner),)
        return None
