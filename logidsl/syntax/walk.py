"""The nodes of a tree, and the names that they use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from logidsl.syntax import ast

_BRACES = re.compile(r"\{([^{}]*)\}")


def walk(node: ast.Node) -> Iterator[ast.Node]:
    """A node and all below it, in the order of the text. Not recursive."""
    waiting: list[ast.Node] = [node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed([*node.children()])


def flattened(statements: Iterable[ast.Statement]) -> Iterator[ast.Statement]:
    """Statements in their order, each variant followed by those inside it."""
    for s in statements:
        yield s
        if isinstance(s, ast.Variant):
            yield from flattened(s.statements)


def names_in(node: ast.Node) -> Iterator[str]:
    """The names in a node of the tree itself: as a thing, an attribute, a label, in a text or a message."""
    match node:
        case ast.Ref(name=name):
            yield name
        case ast.OnView(view=view):
            yield view.name
        case ast.View(of=batch):
            yield batch.name
        case ast.Attr(name=name):
            yield name
        case ast.Text(value=value):
            yield value
            for words in _BRACES.findall(value):
                yield from words.strip().split(".")
