"""Digests: what a model says, without where it stands, so that two that say the same have the same.

Knows models by their fields only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from pydantic import BaseModel

from logidsl.types import Type

#: Fields that hold the number of a node, by the model that has them.
NODE_FIELDS = frozenset(
    {"target", "source", "of", "each", "where", "body", "by", "next", "value", "subject", "otherwise", "node"}
    | {"args", "patterns", "rows_at", "columns_at", "other", "other_where"}
)


def digest(value: object) -> str:
    """16 hex digits of a value, the same for equal ones."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:16]


def bare(item: BaseModel, marks: list[str]) -> dict[str, object]:
    """Fields of a model without places in the text, with digests in place of the numbers of nodes."""
    found: dict[str, object] = {"": type(item).__name__}
    for name, value in item:
        if name in ("span", "written", "var"):
            continue
        if name == "message_nodes":
            found[name] = {k: marks[v] for k, v in sorted(value.items())}
        elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
            found[name] = [bare(v, marks) for v in value]
        elif isinstance(value, BaseModel):
            found[name] = bare(value, marks)
        elif name in NODE_FIELDS and isinstance(value, tuple) and all(isinstance(v, int) for v in value):
            found[name] = [marks[v] for v in value]
        elif name in NODE_FIELDS and isinstance(value, int) and not isinstance(value, bool):
            found[name] = marks[value]
        elif isinstance(value, Type):
            found[name] = str(value)
        else:
            found[name] = value
    return found


def marks_of(nodes: Iterable[BaseModel]) -> list[str]:
    """A digest of each node, from the digests of the nodes it uses, which stand before it."""
    marks: list[str] = []
    for node in nodes:
        marks.append(digest(bare(node, marks)))
    return marks
