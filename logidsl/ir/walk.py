"""Walking a program: what a node is made of, what a name stands for, and how an operation is declared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, get_args, get_type_hints

from logidsl.ir.nodes import Aggregate, Call, Name, Node, NodeId, SourceSpan
from logidsl.library import REGISTRY, Builtin, Group
from logidsl.types import Type

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


def uses_of(record: object) -> list[int]:
    """The nodes that a record names, those of the records inside it included.

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
        for item in value if isinstance(value, tuple) else value.values() if isinstance(value, dict) else (value,):
            if isinstance(item, int):
                found.append(item)
            elif item is not None:
                found += uses_of(item)
    return found


@cache
def _naming(cls: Any) -> tuple[str, ...]:
    """The fields of a record that name nodes or hold records that may."""
    return tuple(name for name, hint in field_types(cls) if holds(hint, nodes=True) or holds(hint, nodes=False))


def field_types(cls: Any) -> list[tuple[str, Any]]:
    """The fields of a record with their types."""
    hints = get_type_hints(cls, include_extras=True)
    return [(f.name, hints[f.name]) for f in fields(cls)]


def holds(hint: Any, *, nodes: bool) -> bool:
    """Whether a field's type is made of the numbers of nodes, or of records."""
    if hint == NodeId:
        return nodes
    if is_dataclass(hint):
        return not nodes and hint not in (Type, SourceSpan)
    return any(holds(h, nodes=nodes) for h in get_args(hint))


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
