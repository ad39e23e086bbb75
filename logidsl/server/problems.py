"""Errors of the HTTP API as problem details (RFC 9457)."""

from __future__ import annotations

import http
import sqlite3
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse

from logidsl.diagnostics import InputError, SpecError, diagnostic_rows
from logidsl.server.journal import ConflictError
from logidsl.server.pool import TookTooLongError, WorkerDiedError
from logidsl.server.revisions import NotFoundError
from logidsl.server.service import OverloadedError

MEDIA_TYPE = "application/problem+json"


class ProblemError(Exception):
    """An answer other than success.

    Parameters
    ----------
    status : int
        The status of HTTP.
    detail : str
        What is wrong, and what to do.
    headers : dict, optional
        Further headers of the answer.
    more : object
        Further members of the problem.
    """

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None, **more: object) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers, self.more = status, detail, headers or {}, more


def answer(problem: ProblemError, instance: str) -> JSONResponse:
    """The response of a problem."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": http.HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "instance": instance,
        **problem.more,
    }
    return JSONResponse(body, problem.status, problem.headers, MEDIA_TYPE)


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
