"""The JSON Schema of reports, generated from the annotations of their records: `docs/report.schema.json`."""

from __future__ import annotations

from collections.abc import Collection
from inspect import cleandoc
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from logidsl.records import hints_of, is_record, keys_of
from logidsl.report.model import BatchLine, ImageLine
from logidsl.report.report import Report

#: 2 has `batches`.
VERSION = 2
_NAMES = {str: "string", int: "integer", float: "number", bool: "boolean", NoneType: "null"}


def schema() -> dict[str, object]:
    """The JSON Schema of a report; `#/$defs/ImageLine` and `BatchLine` are those of the lines of `jsonl`."""
    found = schema_of("logidsl report", Report, ImageLine, BatchLine, optional=("batches",))
    return found | {"version": VERSION}


def schema_of(title: str, root: type, *others: type, optional: Collection[str] = ()) -> dict[str, object]:
    """The JSON Schema of a record, of which some keys may be missing, with the definitions of others."""
    known: dict[str, dict[str, object]] = {}
    for cls in (root, *others):
        _schema_of(cls, known)
    required = known[root.__name__].get("required")
    if isinstance(required, list):
        known[root.__name__]["required"] = [key for key in required if key not in optional]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "$ref": f"#/$defs/{root.__name__}",
        "$defs": dict(sorted(known.items())),
    }


def _schema_of(hint: Any, known: dict[str, dict[str, object]]) -> dict[str, object]:
    """The schema of a type; records are put in `known` and referenced."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _schema_of(args[0], known) | {"description": args[1]}
    if is_record(hint):
        if hint.__name__ not in known:
            known[hint.__name__] = {}
            known[hint.__name__] = _described(hint, known)
        return {"$ref": f"#/$defs/{hint.__name__}"}
    if origin is Literal:
        return {"const": args[0]} if len(args) == 1 else {"enum": [*args]}
    if origin in (Union, UnionType):
        return {"anyOf": [_schema_of(a, known) for a in args]}
    if origin is dict:
        return {"type": "object", "additionalProperties": _schema_of(args[1], known)}
    if origin is list or ... in args:
        return {"type": "array", "items": _schema_of(args[0], known)}
    if origin is tuple:
        return {
            "type": "array",
            "minItems": len(args),
            "maxItems": len(args),
            "prefixItems": [_schema_of(a, known) for a in args],
        }
    return {"type": _NAMES[hint]}


def _described(cls: Any, known: dict[str, dict[str, object]]) -> dict[str, object]:
    hints = hints_of(cls)
    return {
        "type": "object",
        "description": cleandoc(cls.__doc__),
        "properties": {key: _schema_of(hints[name], known) for key, name in keys_of(cls)},
        "required": [key for key, _ in keys_of(cls)],
        "additionalProperties": False,
    }
