"""Columns and lists that should be others: values written place by place, or objects put in another order."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from logidsl import ir
from logidsl.eval import operators
from logidsl.eval.repair import columns
from logidsl.eval.repair.bindings import Binding, Goal, Plan
from logidsl.eval.repair.goals import reach, together
from logidsl.eval.values import Categorical, Lab, List, Num

Item = float | str | tuple[float, float, float] | None


def set_column(s: Binding, node: ir.Aggregate, goal: Goal) -> Iterator[Plan]:
    """Plans by which an aggregate of a column comes into a range."""
    from logidsl.eval.repair import count_repairs

    assert node.each is not None
    if node.value is None:
        return
    members = list(s.members(node.each, node.where))
    values = [inner.number(node.value) for inner, _, _ in members]
    known = [v[0] for v in values if v is not None]
    if node.fn == "kinds" and len(known) < len(values):
        from logidsl.eval.repair import gatherings

        yield from gatherings.set_kinds(s, node, goal)
    if node.fn == "sum":
        yield from _sure_ones(s, node, goal)
    if not members and node.fn == "sum" and not goal.low <= 0 <= goal.high:
        yield [count_repairs.wanted(s, node.each, node.where)]
    if len(known) < len(values):
        return
    for wanted in columns.goals(node.fn, known, goal):
        plan = together(
            reach(inner, node.value, w) for (inner, _, _), w in zip(members, wanted, strict=True) if w is not None
        )
        if plan:
            yield plan


def _sure_ones(s: Binding, node: ir.Aggregate, goal: Goal) -> Iterator[Plan]:
    """Under doubt the sure members of a sum alone, such that it holds whichever of the others are there."""
    assert node.each is not None and node.value is not None
    members = [(inner, inner.number(node.value), certain) for inner, _, certain in s.members(node.each, node.where)]
    spare = [v for _, v, certain in members if not certain and v is not None]
    sure = [(inner, v[0]) for inner, v, certain in members if certain and v is not None]
    if not spare or not sure:
        return
    low, high = sum(min(v[0], 0.0) for v in spare), sum(max(v[1], 0.0) for v in spare)
    for wanted in columns.goals("sum", [v for _, v in sure], Goal(goal.low - low, goal.high - high)):
        plan = together(
            reach(inner, node.value, w) for (inner, _), w in zip(sure, wanted, strict=True) if w is not None
        )
        if plan:
            yield plan


def members_of(s: Binding, i: int) -> list[Binding] | None:
    """The spots of the members that a list was read of, place by place; None where it is no such list."""
    i, node = s.node(i)
    value = s.trace.values[i]
    if not isinstance(node, ir.Aggregate) or node.each is None or not isinstance(value, List):
        return None
    inner = {row: spot for spot, row, _ in s.members(node.each, node.where)}
    if node.fn == "steps":
        assert node.by is not None
        keyed = [(spot.number(node.by), spot) for spot in inner.values()]
        ordered = sorted((k for k in keyed if k[0] is not None), key=lambda k: k[0] or (0.0, 0.0))
        return [spot for _, spot in (ordered[::-1] if node.descending else ordered)]
    if value.rows is None:
        return None
    rows = [int(s.one(value.rows[k])) for k in range(int(s.one(value.size)))]
    return [inner[r] for r in rows] if all(r in inner for r in rows) else None


def slots(s: Binding, i: int) -> list[tuple[Binding, int]] | None:
    """Where each place of a list is read: a spot and the node of its value; None where it is not known."""
    i, node = s.node(i)
    match node:
        case ir.Call(fn="list", args=args):
            return [(s, a) for a in args]
        case ir.Call(fn="splice", args=args):
            parts = [slots(s, a) for a in args]
            return None if any(p is None for p in parts) else [place for p in parts for place in p or ()]
        case ir.Aggregate(fn="list", value=int(value)):
            spots = members_of(s, i)
            return None if spots is None else [(spot, value) for spot in spots]
        case _:
            return None


def set_list(s: Binding, i: int, wanted: Sequence[Goal | None]) -> Iterator[Plan]:
    """Plans by which the numbers of a list come into ranges, place by place."""
    i, node = s.node(i)
    if isinstance(node, ir.Aggregate) and node.fn == "steps":
        yield from _set_steps(s, node, members_of(s, i) or [], columns.items(s, i), wanted)
        return
    places = slots(s, i)
    if places is not None:
        plan = together(reach(m, v, w) for (m, v), w in zip(places, wanted, strict=False) if w is not None)
        if plan:
            yield plan


def _set_steps(
    s: Binding, node: ir.Aggregate, spots: list[Binding], steps: list[float], wanted: Sequence[Goal | None]
) -> Iterator[Plan]:
    """Each key from the second on becomes the one before it and the step that is wanted."""
    assert node.by is not None
    first = spots[0].number(node.by) if spots else None
    if first is None:
        return
    key, plans = first[0], []
    for spot, step, w in zip(spots[1:], steps, wanted, strict=False):
        key += step if w is None else w.nearest(step)
        now = spot.number(node.by)
        if now is not None and abs(now[0] - key) > 1e-12:
            plans.append(reach(spot, node.by, columns.exactly(key)))
    plan = together(plans)
    if plan:
        yield plan


def read(s: Binding, i: int) -> list[Item] | None:
    """The items of a list at a spot; None where it is undefined."""
    i, _ = s.node(i)
    value = s.trace.values[i]
    if not isinstance(value, List) or (value.why is not None and s.one(value.why)):
        return None
    found: list[Item] = []
    for k in range(int(s.one(value.size))):
        match operators.item(value, k):
            case Num(lo):
                found.append(float(s.one(lo)))
            case Categorical(codes, names):
                code = int(s.one(codes))
                found.append(names[code] if code >= 0 else None)
            case Lab(lab):
                found.append((float(s.one(lab[..., 0])), float(s.one(lab[..., 1])), float(s.one(lab[..., 2]))))
            case _:
                return None
    return found


def equal_lists(s: Binding, a: int, b: int) -> Iterator[Plan]:
    """Plans by which a list becomes equal to another: put in order, written place by place, made longer or shorter."""
    from logidsl.eval.repair.comparisons import assign

    need = read(s, b)
    i, node = s.node(a)
    if need is None or not isinstance(node, ir.Aggregate | ir.Call):
        return
    have, places = read(s, i), slots(s, i)
    if have is None:
        if isinstance(node, ir.Aggregate) and node.by is not None:
            yield from _untied(s, i, node)
    elif len(have) == len(need) and places is not None:
        if isinstance(node, ir.Aggregate) and node.by is not None:
            yield from _reordered(node, [spot for spot, _ in places], have, need)
        plan = together(
            assign(spot, value, new)
            for (spot, value), old, new in zip(places, have, need, strict=True)
            if old != new and new is not None
        )
        if plan:
            yield plan
    elif isinstance(node, ir.Aggregate) and places is not None:
        yield from _resized(s, node, [spot for spot, _ in places], have, need)
    elif isinstance(node, ir.Call) and node.fn == "splice":
        yield from _part_resized(s, node, have, need)


def _untied(s: Binding, i: int, node: ir.Aggregate) -> Iterator[Plan]:
    """Members at one key moved apart, so that they stand in an order."""
    assert node.by is not None
    keyed = [(spot.number(node.by), spot) for spot in members_of(s, i) or []]
    if any(key is None for key, _ in keyed):
        return
    last, parts = -math.inf, []
    for key, spot in sorted(keyed, key=lambda k: k[0] or (0.0, 0.0)):
        assert key is not None
        wanted = key[0] if key[0] > last + 1e-6 * max(abs(last), 1.0) or not math.isfinite(last) else last + 1.0
        if wanted != key[0]:
            parts.append(reach(spot, node.by, columns.exactly(wanted)))
        last = wanted
    plan = together(parts)
    if plan:
        yield plan


def _part_resized(s: Binding, node: ir.Call, have: list[Item], need: list[Item]) -> Iterator[Plan]:
    """Of a list put together from several, one that is made of objects made longer or shorter."""
    for a in node.args:
        i, part = s.node(a)
        own = read(s, i)
        if isinstance(part, ir.Aggregate) and own is not None and len(own) >= len(have) - len(need):
            target = len(own) + len(need) - len(have)
            spots = members_of(s, i)
            if spots is not None:
                yield from _resized(
                    s, part, spots, own, [None] * target if target < len(own) else [*own, *need][:target]
                )


def _reordered(node: ir.Aggregate, spots: list[Binding], have: list[Item], need: list[Item]) -> Iterator[Plan]:
    """The same items in another order: the objects change their keys among themselves."""
    assert node.by is not None
    left, takes = list(range(len(need))), []
    for old in have:
        place = next((k for k in left if need[k] == old), None)
        if place is None:
            return
        left.remove(place)
        takes.append(place)
    keys = [spot.number(node.by) for spot in spots]
    parts = []
    for k, place in enumerate(takes):
        key = keys[place]
        if place != k and key is not None:
            parts.append(reach(spots[k], node.by, columns.exactly(key[0])))
    plan = together(parts)
    if plan:
        yield plan


def _resized(
    s: Binding, node: ir.Aggregate, spots: list[Binding], have: list[Item], need: list[Item]
) -> Iterator[Plan]:
    """A list that is too long loses what differs; one that is too short gets members, that are then written."""
    from logidsl.eval.repair import count_repairs

    assert node.each is not None
    if len(have) < len(need):
        yield [count_repairs.wanted(s, node.each, node.where, len(need) - len(have))]
        return
    rows = [spot.row(node.each) for spot in spots]
    if any(r < 0 for r in rows) or s.trace.program.nodes[node.each].type.domain != "objects":
        return
    kept = _common(have, need)
    surplus = [k for k in range(len(have)) if k not in kept][::-1] + sorted(kept, reverse=True)
    gone = [rows[k] for k in surplus[: len(have) - len(need)]]
    yield count_repairs.removed(s, gone, len(gone))


def _common(have: list[Item], need: list[Item]) -> set[int]:
    """Places of the longest part of a list that stands in the other in that order."""
    best = [[0] * (len(need) + 1) for _ in range(len(have) + 1)]
    for i in range(len(have) - 1, -1, -1):
        for j in range(len(need) - 1, -1, -1):
            same = have[i] == need[j]
            best[i][j] = best[i + 1][j + 1] + 1 if same else max(best[i + 1][j], best[i][j + 1])
    found, i, j = set[int](), 0, 0
    while i < len(have) and j < len(need):
        if have[i] == need[j]:
            found.add(i)
            i, j = i + 1, j + 1
        elif best[i + 1][j] >= best[i][j + 1]:
            i += 1
        else:
            j += 1
    return found


def unequal_lists(s: Binding, a: int, b: int) -> Iterator[Plan]:
    """Plans by which a list becomes unlike another: one more, or one fewer."""
    from logidsl.eval.repair import count_repairs

    for i, other in ((a, b), (b, a)):
        j, node = s.node(i)
        need = read(s, other)
        for k, (spot, value) in enumerate(slots(s, j) or []):
            if need is not None and k < len(need) and isinstance(number := need[k], float):
                yield from reach(spot, value, Goal(number + 1.0, math.inf))
        if isinstance(node, ir.Aggregate) and node.each is not None and node.fn in ("list", "steps"):
            members = list(s.members(node.each, node.where))
            if members and s.trace.program.nodes[node.each].type.domain == "objects":
                yield count_repairs.removed(s, [members[-1][1]], 1)
            if node.fn == "list":
                yield [count_repairs.wanted(s, node.each, node.where)]
