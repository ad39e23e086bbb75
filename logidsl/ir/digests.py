"""Digests: what a record says, without where it stands, so that two that say the same have the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from functools import cache
from typing import Any

from logidsl.ir.nodes import Node
from logidsl.ir.walk import names_nodes
from logidsl.records import Record
from logidsl.types import Type

#: Fields that say where a record stands and how it is spelt, not what it means.
_SPELLING = frozenset(["span", "written", "var"])
_encoded = json.JSONEncoder(sort_keys=True, default=str).encode


@cache
def _said(cls: Any) -> tuple[tuple[str, bool], ...]:
    """The fields of a record that have a meaning, and whether each names nodes."""
    return tuple((name, names_nodes(text)) for name, text in cls.annotations.items() if name not in _SPELLING)


def digest(value: object) -> str:
    """16 hex digits of a value, the same for equal ones."""
    return hashlib.sha256(_encoded(value).encode()).hexdigest()[:16]


def bare(item: object, marks: list[str]) -> dict[str, object]:
    """Fields of a record without places in the text, with digests in place of the numbers of nodes."""
    cls: Any = type(item)
    found: dict[str, object] = {"": cls.__name__}
    for name, of_nodes in _said(cls):
        value = getattr(item, name)
        if isinstance(value, tuple):
            found[name] = [marks[v] if of_nodes else bare(v, marks) if isinstance(v, Record) else v for v in value]
        elif isinstance(value, dict):
            found[name] = {k: marks[v] for k, v in value.items()}
        elif isinstance(value, Type):
            found[name] = str(value)
        elif isinstance(value, Record):
            found[name] = bare(value, marks)
        else:
            found[name] = marks[value] if of_nodes and value is not None else value
    return found


def marks_of(nodes: Iterable[Node]) -> list[str]:
    """A digest of each node, from the digests of the nodes it uses, which stand before it."""
    marks: list[str] = []
    for node in nodes:
        marks.append(digest(bare(node, marks)))
    return marks
