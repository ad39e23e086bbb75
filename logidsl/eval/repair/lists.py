"""Lists that should or should not be equal: reordered, written item by item, extended or shortened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from logidsl import ir
from logidsl.eval.repair.bindings import Binding
from logidsl.eval.repair.columns import Column, Items, column_of, untied
from logidsl.eval.repair.operations import others
from logidsl.eval.repair.plans import Plan, exactly, reach, reach_value, removed, together, wanted


def equal_lists(b: Binding, one: int, other: int) -> Iterator[Plan]:
    """Plans by which a list becomes equal to another."""
    (i, node), need = b.node(one), b.items(other)
    have, column = b.items(i), column_of(b, i)
    if need is None:
        return
    if have is None:
        if isinstance(node, ir.Aggregate):
            yield from untied(b, node)
    elif len(have) != len(need):
        yield from _resized(b, i, node, have, need)
    elif column is not None:
        if isinstance(node, ir.Aggregate) and node.by is not None:
            yield from _reordered(_keys(b, node.by), column, need)
        yield from column.write(need)


def _keys(b: Binding, by: int) -> list[int]:
    """What objects are ordered by: several keys, and what levels are made of."""
    node = b.program.nodes[by]
    if isinstance(node, ir.Call) and (entry := ir.entry_of(node)) is not None and entry.negates:
        return _keys(b, node.args[0])
    if not isinstance(node, ir.Aggregate) or ir.closes(node):
        return [by]
    return [k for inner in ((node.value,) if node.value is not None else node.args) for k in _keys(b, inner)]


def _reordered(keys: Sequence[int], column: Column, need: Items) -> Iterator[Plan]:
    """The same items in another order: the objects exchange their keys."""
    left, parts = list(range(len(need))), []
    for k, old in enumerate(column.values):
        place = next((p for p in left if need[p] == old), None)
        if place is None:
            return
        left.remove(place)
        new = [(by, column.slots[place][0].number(by)) for by in keys] if place != k else []
        parts += [reach(column.slots[k][0], by, exactly(key.low)) for by, key in new if key is not None]
    yield from together(parts)


def _resized(b: Binding, i: int, node: ir.Node, have: Items, need: Items) -> Iterator[Plan]:
    """A list that is too long loses what differs; one that is too short gets members, which are then written."""
    match node:
        case ir.Call(args=args):  # put together from several: one that is made of objects
            for a in args:
                k, part = b.node(a)
                own = b.items(k) if isinstance(part, ir.Aggregate) else None
                if own is not None and (target := len(own) + len(need) - len(have)) >= 0:
                    yield from _resized(
                        b, k, part, own, [*own, *need][:target] if target > len(own) else [None] * target
                    )
        case ir.Aggregate(each=int(each), where=where) if b.of_objects(each):
            if len(have) < len(need):
                yield wanted(b, each, where, len(need) - len(have))
            elif (column := column_of(b, i)) is not None:
                rows = [m.row(each) for m, _ in column.slots]
                surplus = [rows[k] for k in _surplus(have, need) if k < len(rows)]
                yield removed(b, surplus)


def _surplus(have: Items, need: Items) -> Sequence[int]:
    """Items of a list to remove, so that it is as long as another: first those that the other does not have there."""
    blocks = SequenceMatcher(None, [*have], [*need], autojunk=False).get_matching_blocks()
    kept = [k for block in blocks for k in range(block.a, block.a + block.size)]
    ordered = [k for k in range(len(have)) if k not in kept][::-1] + kept[::-1]
    return ordered[: len(have) - len(need)]


def unequal_lists(b: Binding, one: int, other: int) -> Iterator[Plan]:
    """Plans that make a list differ from another: a different value, or one fewer, or one more."""
    for i, against in ((one, other), (other, one)):
        k, node = b.node(i)
        column, need = column_of(b, k), b.items(against) or ()
        for (m, value), now in zip(column.slots if column else (), need, strict=False):
            yield from (p for new in others(m, value, {now}, 1) for p in reach_value(m, value, new))
        if isinstance(node, ir.Aggregate) and node.each is not None and b.of_objects(node.each):
            yield removed(b, [row for _, row, _ in b.members(node.each, node.where)][-1:])
            yield wanted(b, node.each, node.where)
