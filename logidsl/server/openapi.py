"""The schema of the API: what the framework derives from the routes, with reports, decisions and problems."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

from logidsl.report.schema import schema
from logidsl.server.problems import SCHEMA

_TEXT = {"type": "string"}
DECISION = {
    "type": "object",
    "description": "A verdict, with all that is needed to judge the same input again.",
    "properties": {
        "id": _TEXT,
        "key": {"type": ["string", "null"], "description": "the Idempotency-Key of the request"},
        "time": {"type": "string", "format": "date-time"},
        "logidsl": {"type": "string", "description": "the version that judged"},
        "product": _TEXT,
        "variant": _TEXT,
        "revision": {"type": "string", "description": "the digest of the spec and its files"},
        "program": {"type": "string", "description": "what the spec means, as a digest"},
        "files": {"type": "object", "additionalProperties": _TEXT, "description": "SHA-256 of the spec's files"},
        "parameters": {"type": "object", "additionalProperties": _TEXT},
        "input": {
            "type": "object",
            "properties": {
                "name": _TEXT,
                "digest": {"type": "string", "description": "SHA-256"},
                "bytes": {"type": "integer"},
            },
        },
        "source": _TEXT,
        "tags": {"type": "object", "additionalProperties": _TEXT},
        "verdict": {"enum": ["pass", "fail", "review", "error"]},
        "labels": {"type": "array", "items": _TEXT},
        "images": {"type": "array", "items": {"$ref": "#/components/schemas/ImageReport"}},
        "notes": {"type": "array", "items": _TEXT},
        "seconds": {"type": "object", "additionalProperties": {"type": "number"}},
        "repeated": {"type": "boolean", "description": "whether the decision had been made for an earlier request"},
        "masked": {"type": "array", "items": _TEXT},
    },
    "required": ["id", "time", "logidsl", "product", "revision", "program", "input", "verdict", "labels", "images"],
}


def describe(app: FastAPI) -> None:
    """Let the schema of the API say what reports and problems are."""
    made = app.openapi

    def openapi() -> Mapping[str, Any]:
        if app.openapi_schema is None:
            found = made()
            schemas = found.setdefault("components", {}).setdefault("schemas", {})
            text = json.dumps(schema()["$defs"]).replace("#/$defs/", "#/components/schemas/")
            schemas.update(json.loads(text))
            found["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
            found["security"] = [{}, {"token": []}]
            schemas["Problem"] = SCHEMA
            schemas["Decision"] = DECISION
            app.openapi_schema = found
        return app.openapi_schema or {}

    app.openapi = openapi  # type: ignore[method-assign, assignment]
