"""Jobs: many inputs accepted at once and judged one after another."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict
from starlette.datastructures import UploadFile

from logidsl.seeing import gather
from logidsl.server import journal
from logidsl.server.guard import Guard
from logidsl.server.service import Service
from logidsl.server.spool import safe_name
from logidsl.server.uploads import below, pieces, removed_unless_kept, save, sync
from logidsl.server.wanted import PARAMETERS, Wanted
from logidsl.web.problems import ProblemError

_PAGE = 500


class PathsInput(BaseModel):
    """Files and folders below the server's root."""

    model_config = ConfigDict(extra="forbid")
    paths: list[str]


def add(app: FastAPI, service: Service, guard: Guard) -> None:
    """Add the routes."""
    reads = [Depends(guard.reads)]
    extra = {"parameters": PARAMETERS}

    async def about(identifier: str) -> dict[str, object]:
        found = await service.log.do(partial(journal.job, identifier=identifier))
        if found is None:
            raise ProblemError(404, f"no job `{identifier}`")
        since, body, total, cancelled, done = found
        state = "cancelled" if cancelled else "done" if done == total else "running"
        asked = json.loads(body)
        return {
            "id": identifier, "since": since, "state": state, "total": total, "done": done,
            "product": asked["product"], "variant": asked["variant"], "revision": asked["revision"],
        }  # fmt: skip

    async def accepted(identifier: str) -> JSONResponse:
        return JSONResponse(await about(identifier), 202, {"Location": f"/v1/jobs/{identifier}"})

    @app.post("/v1/products/{product}/jobs", tags=["jobs"], dependencies=reads, status_code=202, openapi_extra=extra)
    async def start(request: Request, ask: Wanted) -> JSONResponse:
        """Accept the files of a form, to be judged one after another; what is accepted survives a crash."""
        identifier = uuid.uuid4().hex
        folder = service.folder / "jobs" / identifier
        inputs: dict[str, Path] = {}
        with service.accepted(), removed_unless_kept(folder) as keep:
            async with request.form(max_files=service.settings.limits.files, max_fields=0) as form:
                for number, (_, value) in enumerate(form.multi_items()):
                    assert isinstance(value, UploadFile)
                    name = safe_name(value.filename or "input")
                    path = folder / str(number) / name
                    path.parent.mkdir(parents=True)
                    await save(pieces(value), path)
                    inputs[name if name not in inputs else f"{number}/{name}"] = path
            if not inputs:
                raise ProblemError(422, "expected files in a form, found none")
            await asyncio.to_thread(partial(sync, inputs.values()))
            await service.start_job(ask, inputs, identifier)
            keep()
        return await accepted(identifier)

    @app.post(
        "/v1/products/{product}/jobs-path", tags=["jobs"], dependencies=reads, status_code=202, openapi_extra=extra
    )
    async def start_paths(item: PathsInput, ask: Wanted) -> JSONResponse:
        """Accept files and folders below the server's root, to be judged one after another."""
        identifier = uuid.uuid4().hex
        paths = [below(service.settings.root, name) for name in item.paths]
        found = await asyncio.to_thread(partial(gather, paths))
        root = Path(str(service.settings.root)).resolve()
        inputs = {Path(p).resolve().relative_to(root).as_posix(): p for p in found if isinstance(p, Path)}
        if not inputs:
            raise ProblemError(422, "expected files or folders of pictures, found none")
        await service.start_job(ask, inputs, identifier)
        return await accepted(identifier)

    @app.get("/v1/jobs/{identifier}", tags=["jobs"], dependencies=reads)
    async def progress(identifier: str) -> dict[str, object]:
        """How far a job is."""
        return await about(identifier)

    @app.get("/v1/jobs/{identifier}/decisions", tags=["jobs"], dependencies=reads)
    async def results(identifier: str) -> StreamingResponse:
        """The decisions made so far, as lines of JSON in the order of the files."""
        await about(identifier)

        async def lines() -> AsyncIterator[str]:
            after = -1
            while found := await service.log.do(
                partial(journal.job_results, identifier=identifier, after=after, most=_PAGE)
            ):
                yield "".join(f"{body}\n" for _, body in found)
                after = found[-1][0]

        return StreamingResponse(lines(), media_type="application/jsonl")

    @app.delete("/v1/jobs/{identifier}", tags=["jobs"], dependencies=[Depends(guard.writes)])
    async def cancel(identifier: str) -> dict[str, object]:
        """Judge no more of a job."""
        await service.log.do(partial(journal.cancel_job, identifier=identifier))
        return await about(identifier)
