"""In which order declarations are checked, what a declaration mentions before it; and how high they are stacked.

The checker may then look up any name without going down a chain of declarations, however long a spec makes it, and
no value hangs on more than `HEIGHT_MAX` others one below another, so that no later pass can run out of stack.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from logidsl import ir
from logidsl.check.context import Symbol
from logidsl.syntax import ast

#: Levels of expressions, those of the declarations that they name counted with them.
HEIGHT_MAX = 300


def in_order(things: Mapping[str, Symbol], wanted: Iterable[str]) -> list[str]:
    """The names wanted and those that they need, each after those that it mentions; within a circle in any order.

    Takes a time linear in the length of the spec and no stack.
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
    """The declared names that statements mention, their own with them; a variable of the same name counts as well."""
    todo = list(statements)
    while todo:
        part = todo.pop()
        match part:
            case ast.Ref(name=name) | ast.Ident(name=name) if name in things:
                yield name
            case ast.Node():
                todo += part.children()
            case _:
                pass


def highest(nodes: Sequence[ir.Node], parts: Mapping[str, tuple[int | None, ...]]) -> ir.Node | None:
    """The first node that stands on more than `HEIGHT_MAX` others, one below another; None where there is none.

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
