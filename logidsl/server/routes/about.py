"""Health, version and metrics."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from logidsl.server.service import Service
from logidsl.version import __version__


def add(app: FastAPI, service: Service) -> None:
    """Add the routes."""

    @app.get("/health/live", tags=["health"])
    async def live() -> dict[str, str]:
        """Whether the process answers."""
        return {"status": "live"}

    @app.get("/health/ready", tags=["health"])
    async def ready() -> JSONResponse:
        """Whether pictures can be judged."""
        return JSONResponse({"status": "ready" if service.ready else "starting"}, 200 if service.ready else 503)

    @app.get("/version", tags=["health"])
    async def version() -> dict[str, str]:
        """The version of logidsl."""
        return {"logidsl": __version__}

    @app.get("/metrics", tags=["health"], response_class=PlainTextResponse)
    def metrics() -> Response:
        """Metrics for Prometheus."""
        return Response(service.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")
