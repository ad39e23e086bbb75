"""The HTTP API of the studio and the page itself. What is done is in `project` and the modules beside it."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import html
import re
from collections.abc import AsyncIterator, Callable
from importlib.resources import files
from typing import Any

from fastapi import FastAPI, Request, WebSocket
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from logidsl.diagnostics import InputError, SpecError
from logidsl.server.body_limits import BodyLimits
from logidsl.studio import history_routes, routes
from logidsl.studio.background import Background
from logidsl.studio.histories import Histories
from logidsl.studio.limits import Plateaus
from logidsl.studio.project import Project
from logidsl.studio.sockets import Hub, serve_language
from logidsl.studio.tools import Tools
from logidsl.version import __version__
from logidsl.web.listening import LOOPBACK
from logidsl.web.problems import ProblemError, answer, handle_errors

TOKEN_HEADER = "X-Logidsl-Studio"
_CSP = "default-src 'self'; img-src 'self' blob: data:; style-src 'self' 'unsafe-inline'"
_META = re.compile(r'(<meta\s+name="logidsl-token"\s+content=")[^"]*(")')
_TYPES = {
    ".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml",
    ".png": "image/png", ".woff2": "font/woff2", ".txt": "text/plain", ".json": "application/json",
    ".map": "application/json",
}  # fmt: skip
MOST_BYTES, UPLOAD_S = 64 << 20, 60.0


def application(project: Project, host: str, token: str, jobs: int, named: str, store: str | None = None) -> FastAPI:
    """The application of a project.

    Parameters
    ----------
    project : Project
    host : str
        The address that it listens on.
    token : str
        What a page must send to change anything; it is in the page alone.
    jobs : int
        Processes that look at photos.
    named : str
        The folder as the user named it.
    store : str, optional
        The address of a store of runs, if not the folder's own.
    """
    hub = Hub()
    project.announce = hub.announce
    background = Background(project, jobs)
    tools, plateaus = Tools(project, jobs), Plateaus(project)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        hub.start()
        judging = asyncio.create_task(background.run())
        try:
            yield
        finally:
            judging.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await judging
            tools.jobs.close()
            plateaus.close()
            project.close()

    app = FastAPI(
        title="logidsl studio", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None
    )
    app.state.hub = hub
    app.add_middleware(BodyLimits, most=MOST_BYTES, seconds=UPLOAD_S, on_refused=lambda _: None)
    app.add_middleware(Guard, host=host, token=token)
    handle_errors(app, (ProblemError, InputError, SpecError, OSError), _on_error)
    routes.add(app, project, tools, plateaus)
    history_routes.add(app, Histories(project, tools.jobs, named, store, jobs))

    @app.websocket("/api/events")
    async def events(socket: WebSocket) -> None:
        await socket.accept()
        progress = {"type": "progress", "done": background.done, "total": background.total}
        await hub.serve(socket, [{"type": "revision", "revision": project.revision}, progress])

    @app.websocket("/api/lsp")
    async def language(socket: WebSocket) -> None:
        await socket.accept()
        await serve_language(socket)

    @app.get("/")
    def page() -> Response:
        return _static("index.html", token)

    @app.get("/static/{path:path}")
    def static(path: str) -> Response:
        return _static(path, token)

    return app


def _static(path: str, token: str) -> Response:
    """A file of the page, with the token in its index."""
    parts = path.split("/")
    if any(p in ("", ".", "..") or "\\" in p or "\0" in p for p in parts):
        raise ProblemError(404, f"there is no `{path}`")
    file = files("logidsl.studio") / "static"
    for part in parts:
        file = file / part
    if not file.is_file():
        hint = "the page was not built: run `make studio`" if path == "index.html" else f"there is no `{path}`"
        raise ProblemError(404, hint)
    data = file.read_bytes()
    if path == "index.html":
        page = _META.sub(lambda m: m[1] + html.escape(token) + m[2], data.decode("utf-8"))
        return HTMLResponse(page, headers={"Cache-Control": "no-store"})
    kind = _TYPES.get("." + parts[-1].rpartition(".")[2], "application/octet-stream")
    return Response(data, media_type=kind, headers={"Cache-Control": "no-cache"})


async def _on_error(request: Request, error: Exception) -> JSONResponse:
    match error:
        case ProblemError():
            problem = error
        case SpecError():
            first = error.diagnostics[0] if error.diagnostics else None
            said = str(error) if first is None else f"line {first.span.line}: {first.message}"
            problem = ProblemError(422, said, title="the spec has errors", fix=first.fix if first else None)
        case InputError():
            problem = ProblemError(422, str(error))
        case OSError():
            problem = ProblemError(503, f"nothing can be kept: {error}", fix="make room on the disk, and try again")
        case _:
            problem = ProblemError(500, "internal error: see what `logidsl studio` printed")
    return answer(problem, request.url.path)


class Guard:
    """Middleware that answers this page alone: another site in the same browser may send requests, too.

    Parameters
    ----------
    app : ASGIApp
        What it protects.
    host : str
        The address that is listened on.
    token : str
        Of the page.
    """

    def __init__(self, app: ASGIApp, host: str, token: str) -> None:
        self.app, self.token = app, token
        self.names = {host.lower(), *LOOPBACK} if host in LOOPBACK else {host.lower()}
        self.any_name = host in ("0.0.0.0", "::")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        problem = self._problem(scope)
        if problem is None:
            await self.app(scope, receive, _with_headers(send) if scope["type"] == "http" else send)
        elif scope["type"] == "http":
            await answer(problem, scope["path"])(scope, receive, _with_headers(send))
        else:
            await send({"type": "websocket.close", "code": 1008, "reason": problem.detail[:120]})

    def _problem(self, scope: Scope) -> ProblemError | None:
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self.any_name and _name(host) not in self.names:
            return ProblemError(400, f"the studio is not called `{_name(host)}`: open the address that it printed")
        if origin is not None and origin not in (f"http://{host}", f"https://{host}"):
            return ProblemError(403, f"the page of `{origin}` may not use the studio")
        given = headers.get(TOKEN_HEADER, "")
        if scope["type"] == "websocket":
            given = QueryParams(scope["query_string"]).get("token", "")
        elif scope["method"] in ("GET", "HEAD"):
            return None
        if not hmac.compare_digest(given.encode(), self.token.encode()):
            return ProblemError(403, "the studio was started again since this page was loaded", fix="reload the page")
        return None


def _name(host: str) -> str:
    return re.sub(r":\d*$", "", host).strip("[]").lower()


def _with_headers(send: Send) -> Callable[[Message], Any]:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["Content-Security-Policy"] = _CSP
            headers["X-Content-Type-Options"] = "nosniff"
            headers["Referrer-Policy"] = "no-referrer"
            headers["Cross-Origin-Resource-Policy"] = "same-origin"
            headers.setdefault("Cache-Control", "no-cache")
        await send(message)

    return with_headers
