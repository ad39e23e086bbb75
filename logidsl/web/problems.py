"""Errors of HTTP as problem details (RFC 9457)."""

from __future__ import annotations

import http
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

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


def handle_errors(
    app: FastAPI, kinds: tuple[type[Exception], ...], on_error: Callable[[Request, Exception], Awaitable[JSONResponse]]
) -> None:
    """Answer with problem details whatever goes wrong.

    Parameters
    ----------
    app : FastAPI
    kinds : tuple of types
        Errors whose reason the client may see; any other is a fault of ours.
    on_error : callable
        Gives the response to whatever was raised.
    """

    async def invalid(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        found = [f"{'.'.join(str(p) for p in e['loc'])}: {e['msg'].lower()}" for e in error.errors()]
        return answer(ProblemError(422, "; ".join(found)), request.url.path)

    async def refused(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        if isinstance(error.__cause__, ProblemError):
            return answer(error.__cause__, request.url.path)
        headers = {**(error.headers or {})}
        return answer(ProblemError(error.status_code, str(error.detail), headers), request.url.path)

    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, refused)
    for kind in (*kinds, Exception):
        app.add_exception_handler(kind, on_error)
