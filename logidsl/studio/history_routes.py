"""The routes of the history."""

from __future__ import annotations

from typing import Literal

from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from logidsl.store.summary import ChartName, Grouping
from logidsl.studio.histories import Asked, Histories


class Lot(BaseModel):
    """Where the photos of a run belong."""

    lot: str = Field("", max_length=200)


def add(app: FastAPI, histories: Histories) -> None:
    """Add the routes."""

    @app.get("/api/history")
    def history(
        source: Literal["photos", "store"] = "photos",
        by: Grouping = "day",
        chart: ChartName = "p",
        since: str = "",
        this_spec: bool = False,
        measure: str = "",
        low: float | None = None,
        high: float | None = None,
    ) -> Response:
        return JSONResponse(histories.document(Asked(source, by, chart, since, this_spec, measure, low, high)))

    @app.post("/api/record")
    def record(lot: Lot) -> Response:
        return JSONResponse({"job": histories.record(lot.lot)})
