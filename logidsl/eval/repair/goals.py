"""From a number that should be another to changes of the objects that it is made from.

A goal is handed down: what a sum should be says what each summand should be while the others stay. Numbers
are made from sets, sets from conditions and conditions from numbers, so `goals`, `tallies`, `lists`, `shifts`,
`gatherings` and `fixes` call each other; the ones named later are imported where they are called.

Each function yields plans, the most natural first: each alone should do, where nothing else depends on the
same objects. Whether it does is found by judging the changed table (`trials`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from logidsl import ir
from logidsl.eval.repair import columns
from logidsl.eval.repair.bindings import Binding, Goal, Plan
from logidsl.eval.values import Shape


def reach(s: Binding, i: int, goal: Goal) -> Iterator[Plan]:
    """Plans by which a number comes into a range."""
    from logidsl.eval.repair import count_repairs, lists

    i, node = s.node(i)
    if goal.low > goal.high or s.trace.program.nodes[i].type.kind != "number":
        return
    match node:
        case ir.Column(of=of, attribute=name) if not isinstance(s.trace.values[of], Shape):
            found = s.set_number(s.row(of), name, goal, _now(s, i, goal)) if not _is_cell(s, of) else None
            if found:
                yield found
        case ir.Call():
            yield from _call(s, i, node, goal)
        case ir.Match():
            yield from _chosen(s, node, goal)
        case ir.Aggregate(fn="count", each=int()):
            yield from count_repairs.tally(s, node, goal)
        case ir.Aggregate(fn="rank"):
            yield from _ranked(s, node, goal, _now(s, i, goal))
        case ir.Aggregate(each=int()):
            yield from lists.set_column(s, node, goal)
        case ir.Aggregate(value=int(value)):
            wanted = columns.goals(node.fn, columns.items(s, value), goal)
            for each in wanted:
                yield from lists.set_list(s, value, each)


def _is_cell(s: Binding, i: int) -> bool:
    return s.trace.program.nodes[i].type.domain != "objects"


def _now(s: Binding, i: int, goal: Goal) -> float | None:
    """What a number is now: of bounds the end that is further from the goal."""
    now = s.number(i)
    if now is None:
        return None
    return now[1] if now[1] > goal.high else now[0]


def together(parts: Iterable[Iterator[Plan]]) -> Plan | None:
    """The first plan of each, all to be carried out; None where one has none."""
    found: Plan = []
    for part in parts:
        plan = next(part, None)
        if plan is None:
            return None
        found += plan
    return found


def _chosen(s: Binding, node: ir.Match, goal: Goal) -> Iterator[Plan]:
    """Of a choice among cases, the value of the case that was chosen."""
    value = s.chosen(node)
    if value is not None:
        yield from reach(s, value, goal)


def _call(s: Binding, i: int, node: ir.Call, goal: Goal) -> Iterator[Plan]:
    from logidsl.eval.repair import shifts

    match node.fn, node.args:
        case (("+" | "-" | "*" | "/"), (a, b)):
            x, y = s.number(a), s.number(b)
            if x is not None and y is not None:
                for part, its in ((a, _left(node.fn, goal, y)), (b, _right(node.fn, goal, x))):
                    if its is not None:
                        yield from reach(s, part, its)
        case "neg", (a,):
            yield from reach(s, a, Goal(-goal.high, -goal.low))
        case "as_ratio", (a, *_):
            yield from reach(s, a, goal)
        case "round", (a,) if math.ceil(goal.low) <= goal.high if math.isfinite(goal.low) else True:
            low = math.ceil(goal.low) - 0.5 if math.isfinite(goal.low) else goal.low
            high = math.floor(goal.high) + 0.499 if math.isfinite(goal.high) else goal.high
            yield from reach(s, a, Goal(low, high))
        case "abs", (a,):
            yield from _without_sign(s, a, goal)
        case "mod" | "arc", (a, _):
            now, of = s.number(i), s.number(a)
            if now is not None and of is not None:
                target = of[0] + goal.nearest(now[0]) - now[0]
                yield from reach(s, a, Goal(target, target))
        case (("share_x" | "share_y" | "share_r" | "share_area"), (a, *_)):
            now, of = s.number(i), s.number(a)
            if now is not None and of is not None and of[0]:
                its = _left("*", goal, (now[0] / of[0], now[0] / of[0]))
                if its is not None:
                    yield from reach(s, a, its)
        case (("min" | "max"), args):
            yield from _extreme(s, node.fn, args, goal)
        case "if", (condition, a, b):
            if s.holds(condition, True):
                yield from reach(s, a, goal)
            elif s.holds(condition, False):
                yield from reach(s, b, goal)
        case _:
            yield from shifts.measured(s, node, goal)


def _left(op: str, goal: Goal, other: tuple[float, float]) -> Goal | None:
    """What the left operand should be, so that with the right one the goal is met."""
    low, high = other
    match op:
        case "+":
            return Goal(goal.low - low, goal.high - high)
        case "-":
            return Goal(goal.low + high, goal.high + low)
        case _ if low != high or low == 0:
            return None
        case "*":
            return _sorted(goal.low / low, goal.high / low)
        case _:
            return _sorted(goal.low * low, goal.high * low)


def _right(op: str, goal: Goal, other: tuple[float, float]) -> Goal | None:
    """What the right operand should be, so that with the left one the goal is met."""
    low, high = other
    match op:
        case "+" | "*":
            return _left(op, goal, other)
        case "-":
            return Goal(high - goal.high, low - goal.low)
        case _ if low != high or low == 0:
            return None
        case _ if goal.low > 0:
            return _sorted(low / goal.low, low / goal.high)
        case _ if goal.high < 0:
            return _sorted(low / goal.high, low / goal.low)
        case _ if goal.high > 0:  # towards 0, from the side that the quotient has
            return Goal(low / goal.high, math.inf) if low > 0 else Goal(-math.inf, low / goal.high)
        case _:
            return None


def _sorted(a: float, b: float) -> Goal:
    return Goal(min(a, b), max(a, b))


def _without_sign(s: Binding, a: int, goal: Goal) -> Iterator[Plan]:
    now = s.number(a)
    if goal.high < 0 or now is None:
        return
    if goal.low <= 0:
        yield from reach(s, a, Goal(-goal.high, goal.high))
        return
    ways = [Goal(goal.low, goal.high), Goal(-goal.high, -goal.low)]
    for way in ways if now[0] >= 0 else ways[::-1]:
        yield from reach(s, a, way)


def _extreme(s: Binding, fn: str, args: tuple[int, ...], goal: Goal) -> Iterator[Plan]:
    """`min(a, b, …)`, `max(a, b, …)`: each that is beyond the range, or one that should reach into it."""
    values = [s.number(a) for a in args]
    ends = [v[1] if fn == "max" else v[0] for v in values if v is not None]
    if len(ends) < len(args):
        return
    for wanted in columns.goals(fn, ends, goal):
        plan = together(reach(s, a, w) for a, w in zip(args, wanted, strict=True) if w is not None)
        if plan:
            yield plan


def _ranked(s: Binding, node: ir.Aggregate, goal: Goal, now: float | None) -> Iterator[Plan]:
    """A rank: the key of what is ranked goes between those of its new neighbours, a point to the one that has it."""
    assert node.each is not None and node.by is not None and node.args
    low = max(goal.low, 1.0)
    keyed = [(inner.number(node.by), inner, row) for inner, row, _ in s.members(node.each, node.where)]
    if not math.isfinite(low) or any(key is None for key, _, _ in keyed):
        return
    keyed.sort(key=lambda k: k[0] or (0.0, 0.0), reverse=node.descending)
    ranked = s.row(node.args[0])
    own = next((k for k in keyed if k[2] == ranked and ranked >= 0), None)
    place = math.ceil(low if now is None or now < goal.low else min(goal.high, len(keyed)))
    if own is not None:
        keys = [k[0][0] for k in keyed if k is not own and k[0] is not None]
        yield from reach(own[1], node.by, columns.between(keys, min(place, len(keys) + 1) - 1, node.descending))
    elif place <= len(keyed) and s.trace.program.nodes[node.args[0]].type.kind == "point":
        from logidsl.eval.repair import shifts

        here, there = s.place(node.args[0]), keyed[place - 1][1].place(node.each)
        if here is not None and there is not None:
            yield from shifts.displace(s, node.args[0], (there[0] - here[0], there[1] - here[1]))
