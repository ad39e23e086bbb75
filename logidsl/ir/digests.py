"""Digests of meaning: records that say the same have the same digest, wherever they stand."""

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

#: Fields with a record's position and spelling, not its meaning.
_SPELLING = frozenset(["span", "written", "var"])
_encoded = json.JSONEncoder(sort_keys=True, default=str).encode


@cache
def _said(cls: Any) -> tuple[tuple[str, bool], ...]:
    """The meaningful fields of a record, and whether each refers to nodes."""
    return tuple((name, names_nodes(text)) for name, text in cls.annotations.items() if name not in _SPELLING)


def digest(value: object) -> str:
    """16 hex digits of a value, the same for equal ones."""
    return hashlib.sha256(_encoded(value).encode()).hexdigest()[:16]


def bare(item: object, marks: list[str]) -> dict[str, object]:
    """Fields of a record without positions, with digests instead of node indices."""
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
    """A digest of each node, from the digests of its operands, which precede it."""
    marks: list[str] = []
    for node in nodes:
        marks.append(digest(bare(node, marks)))
    return marks
