"""What is said of a whole set: `distinct`, `same`, `increasing`, `decreasing`, `paired`, `symmetric`.

What spoils it is taken away, or put in order; where it should not hold, one member is made to spoil it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from logidsl import ir
from logidsl.eval import operators
from logidsl.eval.gather import take_axis
from logidsl.eval.reductions import members_of
from logidsl.eval.repair import columns, lists
from logidsl.eval.repair.bindings import Binding, Goal, Plan
from logidsl.eval.repair.comparisons import assign
from logidsl.eval.repair.count_repairs import removed, wanted
from logidsl.eval.repair.goals import reach, together
from logidsl.eval.values import Categorical, Lab, Num, Value
from logidsl.library.pairings import beside
from logidsl.types import OBJECTS


def make(s: Binding, node: ir.Aggregate, want: bool) -> Iterator[Plan]:
    """Plans by which what is said of a set comes to hold, or not to."""
    if node.each is None:
        yield from _of_list(s, node, want)
    elif node.fn in ("distinct", "same"):
        yield from _alike(s, node, want)
    elif node.fn in ("increasing", "decreasing"):
        yield from _sorted(s, node, want)
    elif node.fn == "paired":
        yield from _paired(s, node, want)
    elif node.fn == "symmetric":
        yield from _symmetric(s, node, want)


def _values(s: Binding, node: ir.Aggregate) -> list[tuple[Binding, int, object]]:
    """The members with their values, None where one is undefined."""
    assert node.each is not None and node.value is not None
    found: list[tuple[Binding, int, object]] = []
    for inner, row, _ in s.members(node.each, node.where):
        number = inner.number(node.value)
        value = inner.lab(node.value) or inner.label(node.value) if number is None else number[0]
        found.append((inner, row, value))
    return found


def _equal(s: Binding, a: object, b: object) -> bool:
    """Whether two values are equal as the language says it."""
    one, two = _value(a), _value(b)
    if type(one) is not type(two) or one is None or two is None:
        return False
    return bool(operators.equal(one, two, s.trace.palette).must)


def _value(a: object) -> Value | None:
    match a:
        case float():
            return Num(np.asarray(a), np.asarray(a))
        case str():
            return Categorical(np.asarray(0), (a,))
        case tuple():
            return Lab(np.asarray(a))
        case _:
            return None


def _kinds(s: Binding, members: list[tuple[Binding, int, object]]) -> list[list[int]]:
    """Places of the members that have one value, the commonest value first."""
    kinds: list[list[int]] = []
    for k, (_, _, value) in enumerate(members):
        group = next((g for g in kinds if _equal(s, members[g[0]][2], value)), None)
        if group is None:
            kinds.append([k])
        else:
            group.append(k)
    kinds.sort(key=len, reverse=True)
    return kinds


def _alike(s: Binding, node: ir.Aggregate, want: bool) -> Iterator[Plan]:
    assert node.each is not None and node.value is not None
    members = _values(s, node)
    kinds = _kinds(s, members)
    objects = s.trace.program.nodes[node.each].type.domain == OBJECTS
    if want:
        gone = [k for g in kinds for k in g[1:]] if node.fn == "distinct" else [k for g in kinds[1:] for k in g]
        if objects:
            yield removed(s, [members[k][1] for k in gone], len(gone))
        if node.fn == "same" and kinds:
            target = members[kinds[0][0]][2]
            if isinstance(target, float | str | tuple):
                plan = together(assign(members[k][0], node.value, target) for k in gone)
                if plan:
                    yield plan
        return
    if node.fn == "distinct" and objects and members:
        yield [wanted(s, node.each, node.where)]
    if node.fn == "distinct" and len(members) > 1 and isinstance(members[0][2], float | str | tuple):
        yield from assign(members[1][0], node.value, members[0][2])
    if node.fn == "same" and len(members) > 1:
        yield from _different(members[1][0], node.value, members[0][2])


def set_kinds(s: Binding, node: ir.Aggregate, goal: Goal) -> Iterator[Plan]:
    """The number of different texts, labels or colours brought into a range: the rarest become the commonest."""
    assert node.value is not None
    members = _values(s, node)
    kinds = _kinds(s, members)
    target = int(goal.nearest(len(kinds)))
    plan: Plan | None = None
    if 1 <= target < len(kinds):
        common = members[kinds[0][0]][2]
        if isinstance(common, str | tuple):
            plan = together(assign(members[k][0], node.value, common) for g in kinds[target:] for k in g)
    elif len(kinds) < target <= len(members):
        again = [k for g in kinds for k in g[1:]][: target - len(kinds)]
        plan = together(assign(members[k][0], node.value, f"kind {n}") for n, k in enumerate(again, 1))
    if plan:
        yield plan


def _different(s: Binding, value: int, now: object) -> Iterator[Plan]:
    """A member's value made unlike another."""
    match now:
        case float():
            yield from reach(s, value, Goal(now + max(1.0, abs(now) * 0.01), np.inf))
        case str():
            yield from assign(s, value, "other" if now != "other" else "another")
        case (float(light), _, _):
            yield from assign(s, value, (0.0 if light > 50 else 100.0, 0.0, 0.0))
        case _:
            return


def _sorted(s: Binding, node: ir.Aggregate, want: bool) -> Iterator[Plan]:
    """The values in strict order: the same ones, put in their places; or none in order."""
    assert node.each is not None and node.value is not None
    ordered = _in_order(s, node)
    if ordered is None:
        return
    values = [v for _, v, _ in ordered]
    if want:
        if node.by is not None:
            yield from _strictly([spot for spot, _, _ in ordered], node.by, [k for _, _, k in ordered], node.descending)
        target = _strict(sorted(values), node.fn == "decreasing")
        plan = together(
            reach(spot, node.value, columns.exactly(v))
            for (spot, old, _), v in zip(ordered, target, strict=True)
            if old != v
        )
        if plan:
            yield plan
        if s.trace.program.nodes[node.each].type.domain == OBJECTS:
            rows = [spot.row(node.each) for spot, _, _ in ordered]
            yield removed(s, rows[1:], len(rows) - 1)
        return
    if len(values) > 1:
        yield from reach(ordered[1][0], node.value, columns.exactly(values[0]))


def _in_order(s: Binding, node: ir.Aggregate) -> list[tuple[Binding, float, float]] | None:
    """The members with value and key, in their order; None where one is undefined."""
    assert node.each is not None and node.value is not None
    found = []
    for place, (inner, _, _) in enumerate(s.members(node.each, node.where)):
        value = inner.number(node.value)
        key = (float(place), 0.0) if node.by is None else inner.number(node.by)
        if value is None or key is None:
            return None
        found.append((inner, value[0], key[0]))
    found.sort(key=lambda f: -f[2] if node.descending else f[2])
    return found


def _strict(values: list[float], descending: bool) -> list[float]:
    """Values in rising (or falling) order with equal ones moved apart by a little."""
    found: list[float] = []
    for v in values:
        found.append(
            v if not found or v > found[-1] * (1 + 1e-6) + 1e-6 else found[-1] + max(1e-3, abs(found[-1]) * 1e-3)
        )
    return found[::-1] if descending else found


def _strictly(spots: list[Binding], by: int, keys: list[float], descending: bool) -> Iterator[Plan]:
    """Members that share a key moved apart, so that they stand in an order at all."""
    target = _strict(sorted(keys), descending)
    if sorted(target) == sorted(keys):
        return
    plan = together(
        reach(spot, by, columns.exactly(k)) for spot, old, k in zip(spots, keys, target, strict=True) if old != k
    )
    if plan:
        yield plan


def _of_list(s: Binding, node: ir.Aggregate, want: bool) -> Iterator[Plan]:
    """The same of a list of numbers, each place of which is written."""
    assert node.value is not None
    values = columns.items(s, node.value)
    if len(values) < 2:
        return
    match node.fn, want:
        case "increasing" | "decreasing", True:
            target = _strict(sorted(values), node.fn == "decreasing")
        case "distinct", True:
            ranks = sorted(range(len(values)), key=lambda k: values[k])
            apart = _strict(sorted(values), False)
            target = [apart[ranks.index(k)] for k in range(len(values))]
        case "same", True:
            common = max(values, key=values.count)
            target = [common] * len(values)
        case "same", False:
            target = [values[0] + 1.0, *values[1:]]
        case _:
            target = [values[0], values[0], *values[2:]]
    goals = [columns.exactly(t) if t != v else None for t, v in zip(target, values, strict=True)]
    yield from lists.set_list(s, node.value, goals)


def _paired(s: Binding, node: ir.Aggregate, want: bool) -> Iterator[Plan]:
    """Members without a partner taken away, until none is left without; or a stray one added."""
    assert node.each is not None and node.other is not None
    limit = s.number(node.args[-1])
    if not want:
        yield [wanted(s, node.each, node.where)]
        yield [wanted(s, node.other, node.other_where)]
        return
    if limit is None or s.trace.program.nodes[node.each].type.domain != OBJECTS:
        return
    apart, firsts, seconds = beside(members_of(s.trace.values, node))
    there = take_axis(firsts[1][:, 0], s.at)[:, 0], take_axis(seconds[1][0], s.at)[:, 0]
    near = _square(apart, s)
    rows = [take_axis(s.trace.values[w].rows, s.at)[:, 0] for w in (node.each, node.other)]
    lone = _lonely(near, there[0].copy(), there[1].copy(), limit[0])
    gone = [[int(r[k]) for k in np.flatnonzero(was & ~left)] for r, was, left in zip(rows, there, lone, strict=True)]
    yield [c for g in gone for c in removed(s, g, len(g))]


def _square(apart: np.ndarray, s: Binding) -> np.ndarray:
    """(K, L) distances at a spot."""
    found = np.asarray(apart)
    for a, size in zip(s.at[-(apart.ndim - 2) :], apart.shape[2:], strict=True):
        found = found[:, :, int(a[0]) if size > 1 else 0]
    return found


def _lonely(near: np.ndarray, a: np.ndarray, b: np.ndarray, limit: float) -> tuple[np.ndarray, np.ndarray]:
    """Who is left when those without a mutual nearest within the limit go, and go on going."""
    while a.any() and b.any():
        d = np.where(a[:, None] & b[None], near, np.inf)
        first = (d == d.min(axis=1, keepdims=True)) & (d == d.min(axis=0, keepdims=True)) & (d <= limit)
        first &= (d == d.min(axis=1, keepdims=True)).sum(axis=1, keepdims=True) == 1
        first &= (d == d.min(axis=0, keepdims=True)).sum(axis=0, keepdims=True) == 1
        left = a & first.any(axis=1), b & first.any(axis=0)
        if (left[0] == a).all() and (left[1] == b).all():
            return a, b
        a, b = left
    return a & False, b & False


def _symmetric(s: Binding, node: ir.Aggregate, want: bool) -> Iterator[Plan]:
    """Members without another at their mirror place taken away; or one moved off."""
    assert node.each is not None
    line, limit = (s.number(a) for a in node.args)
    places = [(inner, row, inner.place(node.each)) for inner, row, _ in s.members(node.each, node.where)]
    if line is None or limit is None or s.trace.program.nodes[node.each].type.domain != OBJECTS:
        return
    axis = 1 if node.descending else 0  # which way the mirror turns, as the evaluator has it
    if not want:
        for _, row, p in places:
            if p is not None:
                by = limit[1] + 10.0 + 3.0 * abs(p[axis] - line[0])
                plan = s.moved(row, by if axis == 0 else 0.0, by if axis == 1 else 0.0)
                if plan:
                    yield plan
        return
    lonely = []
    for _, row, p in places:
        mirror = None if p is None else (2 * line[0] - p[0], p[1]) if axis == 0 else (p[0], 2 * line[0] - p[1])
        if mirror is None or not any(
            q is not None and np.hypot(q[0] - mirror[0], q[1] - mirror[1]) <= limit[0] * (1 + 1e-9)
            for _, _, q in places
        ):
            lonely.append(row)
    yield removed(s, lonely, len(lonely))
