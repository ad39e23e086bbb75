"""The HTTP API. What is done is in `service`."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator

from fastapi import Depends, FastAPI
from fastapi.telemetry import TelemetryConfig

from logidsl.server.body_limits import BodyLimits
from logidsl.server.guard import Guard
from logidsl.server.line import Line
from logidsl.server.openapi import describe
from logidsl.server.problems import FOR_CLIENTS, on_error
from logidsl.server.routes import about, checks, jobs, specs
from logidsl.server.service import Service
from logidsl.server.tokens import Tokens
from logidsl.version import __version__
from logidsl.web.problems import MEDIA_TYPE, handle_errors

_PROBLEM = {
    "description": "what went wrong",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def application(service: Service, host: str, tokens: Tokens) -> FastAPI:
    """The application of a service.

    Parameters
    ----------
    service : Service
        Runs as long as the application does.
    host : str
        The address that it listens on; beyond loopback each request needs a token.
    tokens : Tokens
        Of clients.
    """
    line = Line(service)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with service.running(), line.running():
            yield

    guard = Guard(tokens, host, service.settings.hosts)
    app = FastAPI(
        title="logidsl", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None,
        description="Judge pictures and tables of objects by rules, and say why.",
        dependencies=[Depends(guard.knows_host)], telemetry=_telemetry(),
        responses=dict.fromkeys((401, 404, 408, 413, 422, 429, 500, 504), _PROBLEM),
    )  # fmt: skip
    app.state.service = service
    limits = service.settings.limits
    app.add_middleware(BodyLimits, most=limits.body, seconds=limits.upload_s, on_refused=service.metrics.refused)
    handle_errors(app, FOR_CLIENTS, on_error)
    about.add(app, service)
    checks.add(app, service, guard)
    specs.add(app, service, guard)
    jobs.add(app, service, guard)
    describe(app)
    return app


def _telemetry() -> TelemetryConfig:
    """Traces go where the usual variables of OpenTelemetry say, and nowhere without them."""
    wanted = any(os.environ.get(f"OTEL_EXPORTER_OTLP_{part}ENDPOINT") for part in ("", "TRACES_"))
    return {"tracing": wanted, "metrics": False, "logs": False, "auto_configure": wanted}
