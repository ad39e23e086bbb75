"""Counts brought into a range: which members to remove, how many to add, which conditions to change."""

from __future__ import annotations

import math
from collections.abc import Iterator

from logidsl import ir
from logidsl.eval.repair.bindings import Binding
from logidsl.eval.repair.plans import Plan, reach, removed, together, wanted
from logidsl.library.intervals import Interval
from logidsl.repairs import Remove

Member = tuple[Binding, int, bool]


def tally(b: Binding, node: ir.Aggregate, goal: Interval) -> Iterator[Plan]:
    """Plans by which `count(S)` comes into a range.

    Under doubt the sure members must be enough, and all together not too many; doubtful ones are removed first.
    """
    assert node.each is not None
    goal = goal.meet(Interval(0.0)).whole()
    if goal.low > goal.high:
        return
    members = list(b.members(node.each, node.where))
    sure = [row for _, row, certain in members if certain]
    doubtful = [row for _, row, certain in members if not certain]
    if b.of_objects(node.each):
        kept = int(goal.nearest(len(sure)))  # sure ones in the end
        spare = len(doubtful) if math.isinf(goal.high) else min(len(doubtful), int(goal.high) - kept)
        gone = (len(doubtful) - spare, max(len(sure) - kept, 0))
        if kept <= len(sure) and len(sure) - sum(gone) >= goal.low:
            plan = removed(b, [row for _, row, _ in members], sum(gone))
        else:
            plan = removed(b, doubtful, gone[0]) + removed(b, sure, gone[1])
        if not _judged_alone(b, node.each, node.where):  # which of them go makes a difference
            plan = [c.replaced(objects=c.objects[: c.count]) for c in plan if isinstance(c, Remove)]
        plan += wanted(b, node.each, node.where, kept - len(sure)) if kept > len(sure) else []
        if plan:
            yield plan
    if node.where is not None:
        yield from _turned(b, node.each, node.where, members, goal)


def _turned(b: Binding, each: int, where: int, members: list[Member], goal: Interval) -> Iterator[Plan]:
    """Surplus members stop to meet the condition, or missing ones start to."""
    if len(members) > goal.high:
        surplus = sorted(members, key=lambda m: m[2])[: len(members) - int(goal.high)]
        yield from together(reach(inner, where, False) for inner, _, _ in surplus)
        return
    there = {row for _, row, certain in members if certain}
    missing = int(goal.low) - len(there)
    others = (reach(inner, where, True) for inner, row, certain in b.members(each) if certain and row not in there)
    plans = sorted((plan for way in others if (plan := next(way, None))), key=len)
    if 0 < missing <= len(plans):
        yield [c for plan in plans[:missing] for c in plan]


def _judged_alone(b: Binding, each: int, where: int | None) -> bool:
    """Whether membership in an iteration depends on no other object.

    With `keep best`, removing one may bring back another.
    """
    roots = (each,) if where is None else (each, where)
    nodes = (b.program.nodes[i] for i in b.judged.used(*roots))
    return not b.program.keeps and not any(isinstance(n, ir.Aggregate | ir.Quantifier) for n in nodes)
