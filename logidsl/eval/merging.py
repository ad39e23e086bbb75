"""Nodes that mean the same, of which one is evaluated."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import assert_never

from logidsl import ir


def merged(program: ir.Program) -> tuple[int, ...]:
    """For each node the first one that means the same."""
    same: list[int] = []
    first: dict[Hashable, int] = {}
    for number, node in enumerate(program.nodes):
        if isinstance(node, ir.Name) and node.target is not None:
            same.append(same[node.target])
            continue
        same.append(first.setdefault(_meaning(node, same), number))
    return tuple(same)


def _meaning(node: ir.Node, same: list[int]) -> Hashable:
    """The meaning of a node, without its position and the names of its objects."""

    def of(numbers: Iterable[int]) -> tuple[int, ...]:
        return tuple(same[n] for n in numbers)

    def one(number: int | None) -> int | None:
        return None if number is None else same[number]

    start = (type(node), node.type, node.depth)
    match node:
        case ir.Literal_():
            return (*start, type(node.value), node.value)
        case ir.Name():
            return (*start, node.thing, node.ref)
        case ir.Binder():
            return (*start, same[node.source])
        case ir.Column():
            return (*start, same[node.of], node.attribute)
        case ir.Call():
            return (*start, node.fn, of(node.args))
        case ir.Quantifier():
            return (*start, node.fn, *map(one, (node.each, node.where, node.body, node.by, node.next)))
        case ir.Aggregate():
            inner = (node.each, node.where, node.next, node.value, node.by, node.other, node.other_where)
            return (*start, node.fn, *map(one, inner), node.descending, node.cyclic, of(node.args))
        case ir.Match():
            arms = tuple((of(a.patterns), same[a.value]) for a in node.arms)
            return (*start, same[node.subject], arms, one(node.otherwise))
        case _:
            assert_never(node)
