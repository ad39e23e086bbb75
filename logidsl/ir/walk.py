"""Walking a program: what a node is made of, what a name stands for, and how an operation is declared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from logidsl.ir.nodes import Aggregate, Binder, Call, Column, Match, Name, Node, Quantifier
from logidsl.library import REGISTRY, Builtin, Group

_CALLED: tuple[Group, ...] = ("relation", "function", "operator", "pixel")


def entry_of(node: Node) -> Builtin | None:
    """The declaration of the operation that a call or an aggregate carries out; None of what has none."""
    match node:
        case Aggregate(fn=fn):
            return REGISTRY.get(("aggregate", fn))
        case Call(fn=fn):
            return next((e for g in _CALLED if (e := REGISTRY.get((g, fn))) is not None), None)
        case _:
            return None


def followed(nodes: Sequence[Node], number: int) -> int:
    """The node of the value that a name stands for, through any number of names; else the node itself."""
    while isinstance(node := nodes[number], Name) and node.thing in ("let", "region") and node.target is not None:
        number = node.target
    return number


def uses_of(node: Node) -> list[int]:
    """The nodes that a node uses."""
    found: list[int | None] = []
    match node:
        case Call():
            return [*node.args]
        case Column():
            return [node.of]
        case Binder():
            return [node.source]
        case Name():
            found = [node.target]
        case Quantifier():
            found = [node.each, node.where, node.body, node.by, node.next]
        case Aggregate():
            found = [node.each, node.where, node.value, node.by, *node.args, node.other, node.other_where]
        case Match():
            found = [node.subject, node.otherwise, *(i for arm in node.arms for i in (*arm.patterns, arm.value))]
        case _:
            pass
    return [i for i in found if i is not None]


def below(nodes: Sequence[Node], roots: Iterable[int], uses: Callable[[Node], Iterable[int]] = uses_of) -> list[int]:
    """The roots and all that they are made of, each once, in the order of the program.

    Parameters
    ----------
    nodes : sequence of Node
        The program's.
    roots : iterable of int
        Where to begin.
    uses : callable
        What is taken to be part of a node; all that it uses where this is left out.
    """
    waiting = list(roots)
    found = set(waiting)
    while waiting:
        new = {*uses(nodes[waiting.pop()])} - found
        found |= new
        waiting += new
    return sorted(found)
