"""What the errors of the service mean for a client."""

from __future__ import annotations

import sqlite3
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse

from logidsl.diagnostics import InputError, SpecError, diagnostic_rows
from logidsl.server.journal import ConflictError
from logidsl.server.pool import TookTooLongError, WorkerDiedError
from logidsl.server.revisions import NotFoundError
from logidsl.server.service import OverloadedError
from logidsl.web.problems import ProblemError, answer


def problem_of(error: Exception) -> ProblemError | None:
    """What an exception means for the client; None if the fault is ours."""
    match error:
        case ProblemError():
            return error
        case SpecError():
            rows = diagnostic_rows(error)
            for row in rows:
                span: Any = row["span"]
                if span is not None:
                    span["path"] = span["path"].replace("\\", "/").rpartition("/")[2]
            return ProblemError(422, error.failure or "the spec cannot be used: see `diagnostics`", diagnostics=rows)
        case NotFoundError():
            return ProblemError(404, str(error))
        case ConflictError():
            return ProblemError(409, str(error))
        case OverloadedError():
            return ProblemError(429, str(error), {"Retry-After": str(error.retry_s)})
        case TookTooLongError():
            return ProblemError(504, str(error))
        case WorkerDiedError():
            return ProblemError(500, str(error))
        case InputError():
            return ProblemError(422, str(error))
        case OSError() | sqlite3.Error():
            return ProblemError(503, f"nothing can be kept: {error}", {"Retry-After": "5"})
    return None


#: What a client is told the reason of; everything else is a fault of ours.
FOR_CLIENTS = (
    ProblemError,
    SpecError,
    NotFoundError,
    ConflictError,
    OverloadedError,
    TookTooLongError,
    WorkerDiedError,
    InputError,
    OSError,
    sqlite3.Error,
)


async def on_error(request: Request, error: Exception) -> JSONResponse:
    """The response to whatever was raised."""
    problem = problem_of(error) or ProblemError(500, "internal error: see the log of the server")
    return answer(problem, request.url.path)


SCHEMA = {
    "type": "object",
    "description": "What went wrong, as RFC 9457 has it; `diagnostics` says it of a spec.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "diagnostics": {"type": "array", "items": {"type": "object"}},
        "decision": {"type": "string", "description": "the id of the decision that was logged"},
    },
    "required": ["type", "title", "status", "detail"],
}
