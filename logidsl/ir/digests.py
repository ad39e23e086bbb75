"""Digests of meaning: records that say the same have the same digest, wherever they stand."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from functools import cache
from math import isfinite
from typing import Any

from logidsl.ir.nodes import Node
from logidsl.ir.walk import names_nodes
from logidsl.records import Record
from logidsl.types import Type

#: Fields with a record's position and spelling, not its meaning.
_SPELLING = frozenset(["span", "written", "var", "named"])
_encoded = json.JSONEncoder(sort_keys=True, default=str).encode
_CONSTANTS = {None: "null", True: "true", False: "false"}
_quoted = json.encoder.encode_basestring_ascii


@cache
def _said(cls: Any) -> tuple[tuple[str, str, bool], ...]:
    """The meaningful fields of a record in their order: the JSON before each, its name, and if it refers to nodes."""
    fields = sorted((name, names_nodes(text)) for name, text in cls.annotations.items() if name not in _SPELLING)
    return tuple((f", {_encoded(name)}: ", name, of_nodes) for name, of_nodes in fields)


def digest(value: object) -> str:
    """16 hex digits of a value, the same for equal ones."""
    return _digest(_encoded(value))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def bare(item: Any, marks: Sequence[str]) -> str:
    """A record as JSON text, keys in order, without positions, and with digests instead of node indices."""
    cls: Any = type(item)
    found = ['{"": "', cls.__name__, '"']
    for key, name, of_nodes in _said(cls):
        found += key, _json(getattr(item, name), marks, of_nodes)
    return "".join(found) + "}"


def _json(value: Any, marks: Sequence[str], of_nodes: bool) -> str:
    kind = type(value)
    if kind is str or kind is Type:
        return _quoted(str(value))
    if kind is int:
        return f'"{marks[value]}"' if of_nodes else str(value)
    if value is None or kind is bool:
        return _CONSTANTS[value]
    if kind is float and isfinite(value):
        return repr(value)
    if isinstance(value, tuple):
        return f"[{', '.join([_json(v, marks, of_nodes) for v in value])}]"
    if isinstance(value, Record):
        return bare(value, marks)
    return _encoded({k: marks[v] for k, v in value.items()} if isinstance(value, dict) else value)


def marks_of(nodes: Iterable[Node]) -> list[str]:
    """A digest of each node, from the digests of its operands, which precede it."""
    marks: list[str] = []
    for node in nodes:
        marks.append(_digest(bare(node, marks)))
    return marks
