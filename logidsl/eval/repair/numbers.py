"""Numbers brought into a range: written if they are measured, otherwise passed down to their operands."""

from __future__ import annotations

from collections.abc import Iterator

from logidsl import ir
from logidsl.eval.repair import columns, counts, operations
from logidsl.eval.repair.bindings import Binding
from logidsl.eval.repair.plans import Plan, Shift, closed, exactly, handles, number_written, reach
from logidsl.ir.walk import entry_of
from logidsl.library.declare import unmade
from logidsl.library.intervals import Interval
from logidsl.library.values import Shape
from logidsl.types import is_exact


@handles(Interval)
def bring(b: Binding, i: int, node: ir.Node, goal: Interval) -> Iterator[Plan]:
    """Plans by which a number comes into a range."""
    goal = closed(goal, is_exact(node.type))
    if not goal.low <= goal.high or node.type.kind != "number":
        return
    match node:
        case ir.Column(of=of, attribute=name) if b.of_objects(of) and not isinstance(b.state.values[of], Shape):
            plan = number_written(b, b.row(of), name, goal, _now(b, i, goal))
            if plan:
                yield plan
        case ir.Call(fn="if") | ir.Match():
            chosen = b.chosen(node)
            if chosen is not None:
                yield from reach(b, chosen, goal)
        case ir.Call(args=(a, *_)) if _is_share(node):  # in proportion
            share, whole = b.number(i), b.number(a)
            if share is not None and whole is not None and share.low and whole.low:
                low, high = sorted(end * whole.low / share.low for end in goal.ends)
                yield from reach(b, a, Interval(low, high))
        case ir.Call():
            yield from operations.inverted(b, node, goal)
        case ir.Aggregate() if not ir.closes(node):  # it depends on all members
            return
        case ir.Aggregate() if (entry := entry_of(node)) is not None and entry.groups is not None:
            yield from columns.regrouped(b, node, goal)
        case ir.Aggregate(each=int(), value=None, by=None):
            yield from counts.tally(b, node, goal)
        case ir.Aggregate(each=int(), by=int(), args=(_, *_)):
            yield from _ranked(b, i, node, goal)
        case ir.Aggregate():
            yield from columns.bring(b, i, node, goal)


def _is_share(node: ir.Call) -> bool:
    entry = entry_of(node)
    return entry is None or (entry.kernel is unmade and entry.invert is None)


def _now(b: Binding, i: int, goal: Interval) -> float | None:
    """The present value of a number: of bounds the end farther from the goal."""
    now = b.number(i)
    return None if now is None else now.high if now.high > goal.high else now.low


def _ranked(b: Binding, i: int, node: ir.Aggregate, goal: Interval) -> Iterator[Plan]:
    """A rank: the key of the ranked object goes between those of its new neighbours, a point to the one that has it."""
    assert node.each is not None and node.by is not None and node.args
    members = [(inner.number(node.by), inner, row) for inner, row, _ in b.members(node.each, node.where)]
    now, goal = b.number(i), goal.meet(Interval(1.0, float(len(members) + 1))).whole()
    if goal.low > goal.high or any(key is None for key, _, _ in members):
        return
    members.sort(key=lambda m: m[0].low if m[0] else 0.0, reverse=node.descending)
    place, ranked = int(goal.nearest(now.low if now else 1.0)) - 1, b.row(node.args[0])
    own = next((inner for _, inner, row in members if row == ranked >= 0), None)
    if own is not None:
        keys = [key.low for key, inner, _ in members if inner is not own and key is not None]
        yield from reach(own, node.by, exactly(_between(keys, min(place, len(keys)), node.descending)))
    elif place < len(members):
        here, there = b.place(node.args[0]), members[place][1].place(node.each)
        if here is not None and there is not None:
            yield from reach(b, node.args[0], Shift(there[0] - here[0], there[1] - here[1]))


def _between(keys: list[float], place: int, descending: bool) -> float:
    """A key for an index, from 0, among others in order."""
    step = -10.0 if descending else 10.0
    if not keys:
        return 0.0
    if place in (0, len(keys)):
        return keys[0] - step if place == 0 else keys[-1] + step
    return (keys[place - 1] + keys[place]) / 2
