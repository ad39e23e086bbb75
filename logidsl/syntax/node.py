"""The base class of the nodes of a syntax tree.

Owns `Node`: fields from annotations, as in a frozen dataclass, but without generating code for each class, which
would cost every start of the program about 40 ms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Self, dataclass_transform

from logidsl.source import Span

HEIGHT_MAX = 100  # levels of a statement: deeper recursion could overflow the stack


@dataclass_transform(frozen_default=True)
class Record:
    """An immutable value; its annotations are its fields, and those with a default are not compared."""

    fields: ClassVar[tuple[str, ...]] = ()
    compared: ClassVar[tuple[str, ...]] = ()
    span: Span
    height: int

    def __init_subclass__(cls, kw_only: bool = False) -> None:
        if not kw_only:
            cls.fields = tuple(cls.__annotations__)
            setattr(cls, "__match_args__", cls.fields)  # noqa: B010  # mypy makes its own
            cls.compared = tuple(name for name in cls.fields if name not in cls.__dict__)

    def __init__(self, *values: object, span: Span, **named: object) -> None:
        own, height = self.__dict__, 0
        own.update(zip(self.fields, values, strict=False), **named)
        for value in own.values():
            for part in value if type(value) is tuple else (value,):
                if isinstance(part, Record) and part.height > height:
                    height = part.height
        own["span"], own["height"] = span, height + 1

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"cannot assign to field `{name}`")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and all(getattr(self, f) == getattr(other, f) for f in self.compared)

    def __hash__(self) -> int:
        return hash((type(self), *(getattr(self, f) for f in self.compared)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{f}={getattr(self, f)!r}' for f in self.compared)})"


class Node(Record, kw_only=True):
    """Base of all nodes.

    Spans are not compared, so that two layouts of a spec are one tree. `height` is the number of levels from this node
    down.
    """

    span: Span

    def children(self) -> Iterator[Node]:
        """The direct children of this node, in the order of the fields."""
        for name in self.fields:
            value = getattr(self, name)
            for part in value if isinstance(value, tuple) else (value,):
                if isinstance(part, Node):
                    yield part

    def replaced(self, **changes: Any) -> Self:
        """The same node with other fields."""
        return type(self)(**{name: getattr(self, name) for name in (*self.fields, "span")} | changes)

    def moved(self, move: Callable[[Span], Span]) -> Self:
        """The same tree with other spans."""

        def part(value: object) -> object:
            if isinstance(value, tuple):
                return tuple(map(part, value))
            return value.moved(move) if isinstance(value, Node) else value

        return self.replaced(span=move(self.span), **{name: part(getattr(self, name)) for name in self.fields})
