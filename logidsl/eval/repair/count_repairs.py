"""Counts that should be others: which members to take away, how many to add, which conditions to turn."""

from __future__ import annotations

import math
from collections.abc import Iterator

from logidsl import ir
from logidsl.eval.repair.bindings import Binding, Goal, Plan, Wanted
from logidsl.eval.repair.goals import together
from logidsl.eval.repair.uses import judged_alone
from logidsl.repairs import AnyChange, Remove
from logidsl.types import OBJECTS

Member = tuple[Binding, int, bool]


def tally(s: Binding, node: ir.Aggregate, goal: Goal) -> Iterator[Plan]:
    """Plans by which `count(S)` comes into a range.

    Under doubt the sure members must be enough, and all together not too many; the doubtful go first.
    """
    assert node.each is not None
    least, most = max(math.ceil(goal.low), 0) if math.isfinite(goal.low) else 0, math.inf
    if math.isfinite(goal.high):
        most = math.floor(goal.high)
    if least > most:
        return
    members = list(s.members(node.each, node.where))
    if s.trace.program.nodes[node.each].type.domain == OBJECTS:
        plan = _by_number(s, node.each, node.where, members, least, most)
        yield plan if judged_alone(s.trace.program, node.each, node.where) else [_these(c) for c in plan]
    if node.where is not None:
        yield from _by_condition(s, node.each, node.where, members, least, most)


def _these(c: AnyChange | Wanted) -> AnyChange | Wanted:
    """Of objects any of which may go, the first ones: which go is not the same where they speak of each other."""
    return c.replaced(objects=c.objects[: c.count]) if isinstance(c, Remove) else c


def _by_number(s: Binding, each: int, where: int | None, members: list[Member], least: int, most: float) -> Plan:
    sure = [r for _, r, certain in members if certain]
    doubtful = [r for _, r, certain in members if not certain]
    surplus = int(max(len(members) - most, 0)) if math.isfinite(most) else 0
    if len(sure) >= least and len(members) - surplus - len(doubtful) >= least:
        return removed(s, by_confidence(s, [r for _, r, _ in members]), surplus) if surplus else []
    kept = int(min(max(len(sure), least), most))  # sure ones in the end
    spare = int(min(len(doubtful), max(most - kept, 0))) if math.isfinite(most) else len(doubtful)
    found: Plan = removed(s, by_confidence(s, doubtful), len(doubtful) - spare)
    found += removed(s, by_confidence(s, sure), max(len(sure) - kept, 0))
    if kept > len(sure):
        found.append(wanted(s, each, where, kept - len(sure)))
    return found


def wanted(s: Binding, each: int, where: int | None, count: int = 1) -> Wanted:
    """Objects that are to be added to a walk that stands at a spot."""
    outer = s.trace.program.nodes[each].depth - 1
    keys = s.keys()
    return Wanted(each, where, count, s.walks[len(s.walks) - outer :], keys[len(keys) - outer :])


def by_confidence(s: Binding, rows: list[int]) -> list[int]:
    """Rows, the least sure first, then in the order of the table from its end."""
    column = s.trace.frame.stores[OBJECTS].column("confidence")
    if column is None:
        return rows[::-1]
    last_first = rows[::-1]
    return sorted(last_first, key=lambda r: float(column[0][r]) if column[1] is None or not column[1][r] else 1.0)


def removed(s: Binding, rows: list[int], count: int) -> Plan:
    """Any `count` of some rows taken away."""
    if count <= 0 or not rows:
        return []
    classes = {s.class_of(r) for r in rows}
    name = classes.pop() if len(classes) == 1 else " | ".join(sorted(classes))
    return [Remove(class_=name, objects=tuple(s.table.ids[r] for r in rows), count=count)]


def _by_condition(s: Binding, each: int, where: int, members: list[Member], least: int, most: float) -> Iterator[Plan]:
    """As many members as are too many stop to meet the condition, or as many others as are missing begin to."""
    from logidsl.eval.repair.fixes import make

    if len(members) > most:
        surplus = len(members) - int(most)
        turned = sorted(members, key=lambda m: m[2])[:surplus]
        plan = together(make(inner, where, False) for inner, _, _ in turned)
    else:
        missing = least - sum(certain for _, _, certain in members)
        there = {r for _, r, certain in members if certain}
        others = [inner for inner, r, certain in s.members(each) if certain and r not in there]
        made = [p for p in (next(make(inner, where, True), None) for inner in others) if p is not None]
        made.sort(key=len)
        plan = [c for p in made[:missing] for c in p] if 0 < missing <= len(made) else None
    if plan:
        yield plan
