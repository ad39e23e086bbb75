"""The nodes of a tree, and the names that they use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields

from logidsl.syntax import ast

_BRACES = re.compile(r"\{([^{}]*)\}")


def walk(node: ast.Node) -> Iterator[ast.Node]:
    """A node and all below it, in the order of the text. Not recursive."""
    waiting: list[ast.Node] = [node]
    while waiting:
        node = waiting.pop()
        yield node
        below: list[ast.Node] = []
        for f in fields(node):
            value = getattr(node, f.name)
            if isinstance(value, ast.Node):
                below.append(value)
            elif isinstance(value, tuple):
                below += [v for v in value if isinstance(v, ast.Node)]
        waiting += reversed(below)


def names_in(node: ast.Node) -> Iterator[str]:
    """The names that a node of the tree itself speaks of: as a thing, an attribute, a label, in a text or a message."""
    match node:
        case ast.Ref(name=name):
            yield name
        case ast.Attr(name=name):
            yield name
        case ast.Text(value=value):
            yield value
            for words in _BRACES.findall(value):
                yield from words.strip().split(".")
        case _:
            pass
