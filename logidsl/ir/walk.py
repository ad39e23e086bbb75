"""Traversing a program: the operands of a node, the value of a name, the declaration of an operation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from logidsl.ir.nodes import Aggregate, Call, Name, Node, Quantifier
from logidsl.library import REGISTRY, Builtin, Group
from logidsl.library.comparisons import Comparison, Not, opposite

#: Types of fields that hold records, with nodes perhaps.
_RECORDS = re.compile(r"\b(?!SourceSpan|Type|Literal|None)[A-Z]\w+")
_CALLED: tuple[Group, ...] = ("relation", "function", "operator", "pixel")


def entry_of(node: Node) -> Builtin | None:
    """The declaration of the operation of a call or an aggregate; None for other nodes."""
    match node:
        case Aggregate(fn=fn):
            return REGISTRY.get(("aggregate", fn))
        case Call(fn=fn):
            for group in _CALLED:
                if (entry := REGISTRY.get((group, fn))) is not None:
                    return entry
    return None


def comparison(node: Node) -> Comparison | None:
    """What a comparison says of its operands; None for other nodes."""
    if not isinstance(node, Call) or (entry := entry_of(node)) is None or entry.meaning is None:
        return None
    found = entry.meaning(*node.args)
    return opposite(found.of) if isinstance(found, Not) else found


def reads_picture(node: Node) -> bool:
    """Whether a node is a function of pixels that looks at another picture."""
    return (entry := entry_of(node)) is not None and entry.reads_picture


def key_of(node: Node) -> Builtin | None:
    """The declaration of a key that depends on all members of its iteration; None for other nodes."""
    return REGISTRY.get(("key", node.fn)) if isinstance(node, Aggregate) else None


def closes(node: Node) -> bool:
    """Whether a node reduces its iteration: the next one and a key have a value for each member instead."""
    if isinstance(node, Aggregate):
        return node.fn not in ("next", "keys") and key_of(node) is None
    return isinstance(node, Quantifier)


def followed(nodes: Sequence[Node], number: int) -> int:
    """The node of a name's value, through any number of names; other nodes themselves."""
    while isinstance(node := nodes[number], Name) and node.thing in ("let", "region") and node.target is not None:
        number = node.target
    return number


def counting(nodes: Sequence[Node], number: int) -> Aggregate | None:
    """The aggregate that counts the members of an iteration, names resolved; None for any other node."""
    node = nodes[followed(nodes, number)]
    if isinstance(node, Aggregate) and node.each is not None and (entry := entry_of(node)) is not None and entry.counts:
        return node
    return None


def uses_of(record: object) -> list[int]:
    """The nodes that a record refers to, including those of the records inside it.

    Examples
    --------
    >>> from logidsl.ir import Call, SourceSpan
    >>> from logidsl.types import TRUTH
    >>> here = SourceSpan(line=1, column=1, end_line=1, end_column=2, text="a")
    >>> uses_of(Call(fn="and", args=(3, 5), type=TRUTH, depth=0, span=here))
    [3, 5]
    """
    found: list[int] = []
    cls: Any = type(record)
    for name in _naming(cls):
        value = getattr(record, name)
        if type(value) is int:
            found.append(value)
        elif value:  # a record, several, or the numbers of several nodes
            for item in value if isinstance(value, tuple) else value.values() if isinstance(value, dict) else (value,):
                if type(item) is int:
                    found.append(item)
                else:
                    found += uses_of(item)
    return found


@cache
def _naming(cls: Any) -> tuple[str, ...]:
    """The fields of a record that refer to nodes or contain records that may."""
    return tuple(name for name, text in cls.annotations.items() if names_nodes(text) or _RECORDS.search(text))


def names_nodes(text: str) -> bool:
    """Whether a type is made of the numbers of nodes."""
    return "NodeId" in text


def below(nodes: Sequence[Node], roots: Iterable[int], uses: Callable[[Node], Iterable[int]] = uses_of) -> list[int]:
    """The roots and all nodes below them, each once, in the order of the program.

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
