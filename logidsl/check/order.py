"""The order in which declarations are checked, dependencies first, and their depth.

The checker may then look up any name without following a chain of declarations, however long, and no value depends on
more than `HEIGHT_MAX` nested others, so that no later pass overflows the stack.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from logidsl import ir
from logidsl.check.context import Symbol
from logidsl.syntax import ast

#: Levels of expressions, including those of the declarations they name.
HEIGHT_MAX = 300


def in_order(things: Mapping[str, Symbol], wanted: Iterable[str]) -> list[str]:
    """The wanted names and their dependencies, each after those it mentions; within a cycle in any order.

    Takes linear time in the length of the spec and no stack.
    """
    found: dict[str, None] = {}
    seen: set[str] = set()
    for root in sorted(wanted):
        if root in seen:
            continue
        seen.add(root)
        open_ = [(root, mentioned(things, things[root].statement))]
        while open_:
            name, rest = open_[-1]
            further = next((m for m in rest if m not in seen), None)
            if further is None:
                found[name] = None
                open_.pop()
            else:
                seen.add(further)
                open_.append((further, mentioned(things, things[further].statement)))
    return list(found)


def mentioned(things: Mapping[str, Symbol], *statements: ast.Node | None) -> Iterator[str]:
    """The declared names in statements, including their own; a variable with such a name counts as well."""
    todo = list(statements)
    while todo:
        part = todo.pop()
        match part:
            case ast.Ref(name=name) | ast.Ident(name=name) if name in things:
                yield name
            case ast.Node():
                todo += part.children()


def highest(nodes: Sequence[ir.Node], parts: Mapping[str, tuple[int | None, ...]]) -> ir.Node | None:
    """The first node with more than `HEIGHT_MAX` nested others below it, or None.

    Parameters
    ----------
    nodes : sequence of Node
        Each after those that it uses.
    parts : mapping
        The nodes that say what a named set is, by its name.
    """
    heights: list[int] = []
    for node in nodes:
        below = ir.uses_of(node)
        if isinstance(node, ir.Name):
            below = [*below, *(i for i in parts.get(node.ref, ()) if i is not None and i < len(heights))]
        heights.append(1 + max((heights[i] for i in below), default=0))
        if heights[-1] > HEIGHT_MAX:
            return node
    return None
