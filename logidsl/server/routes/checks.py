"""Judging inputs, and decisions that were made."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict
from starlette.datastructures import UploadFile

from logidsl.server import journal
from logidsl.server.guard import Guard
from logidsl.server.service import Ask, Service
from logidsl.server.spool import Upload
from logidsl.server.uploads import ENDINGS, below, name_of, pieces, save
from logidsl.server.wanted import PARAMETERS, Direct, Wanted, wanted
from logidsl.web.problems import ProblemError

_PAGE = 500


class PathInput(BaseModel):
    """A file below the server's root."""

    model_config = ConfigDict(extra="forbid")
    path: str


def add(app: FastAPI, service: Service, guard: Guard) -> None:
    """Add the routes."""
    body = {
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"picture": {"type": "string", "format": "binary"}},
                    "required": ["picture"],
                }
            },
            **{kind: {"schema": {"type": "string", "format": "binary"}} for kind in ENDINGS},
        },
        "required": True,
    }
    decided: dict[int | str, dict[str, Any]] = {
        200: {
            "description": "the decision",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Decision"}}},
        }
    }

    async def decided_on(ask: Ask, upload: Upload) -> Response:
        return Response((await service.decide(ask, upload)).text, media_type="application/json")

    async def check(request: Request, product: str) -> Response:
        """Judge a picture, an annotation or a table: the body, or the only file of a form."""
        ask = await wanted(product, request)
        with service.accepted():
            if request.headers.get("content-type", "").startswith("multipart/form-data"):
                async with request.form(max_files=2, max_fields=0) as form:
                    files = [f for f in form.values() if isinstance(f, UploadFile)]
                    if len(files) != 1:
                        raise ProblemError(422, f"expected one file in the form, found {len(files)}")
                    with service.spool.upload(files[0].filename or "input") as upload:
                        await save(pieces(files[0]), upload.path)
                        return await decided_on(ask, upload)
            with service.spool.upload(name_of(request)) as upload:
                await save(request.stream(), upload.path)
                return await decided_on(ask, upload)

    app.router.add_api_route(
        "/v1/products/{product}/check", check, methods=["POST"], tags=["check"], dependencies=[Depends(guard.reads)],
        responses=decided, openapi_extra={"requestBody": body, "parameters": PARAMETERS}, route_class_override=Direct,
    )  # fmt: skip

    @app.post(
        "/v1/products/{product}/check-path", tags=["check"], dependencies=[Depends(guard.reads)], responses=decided,
        openapi_extra={"parameters": PARAMETERS},
    )  # fmt: skip
    async def check_path(item: PathInput, ask: Wanted) -> Response:
        """Judge a file that the server can reach, below its root."""
        with service.accepted():
            path = below(service.settings.root, item.path)
            if not path.is_file():
                raise ProblemError(422, f"expected a file, found the folder `{item.path}`: `jobs-path` takes folders")
            with service.spool.upload(path.name) as upload:
                upload.path.symlink_to(path)
                return await decided_on(ask, upload)

    @app.get("/v1/decisions/{identifier}", tags=["decisions"], dependencies=[Depends(guard.reads)], responses=decided)
    async def decision(identifier: str) -> Response:
        """A decision that was made, as it is in the log."""
        found = await service.log.do(partial(journal.decision, identifier=identifier))
        if found is None:
            raise ProblemError(404, f"no decision `{identifier}`: it may have been dropped since")
        return Response(found, media_type="application/json")

    @app.get("/v1/decisions", tags=["decisions"], dependencies=[Depends(guard.reads)])
    async def decisions(
        after: Annotated[int, Query(ge=0, lt=1 << 63)] = 0, most: Annotated[int, Query(ge=1, le=_PAGE)] = 100
    ) -> Response:
        """Decisions in the order in which they were made; `next` is where to go on."""
        found = await service.log.do(partial(journal.decisions_after, seq=after, most=most))
        last = found[-1][0] if found else after
        text = f'{{"next": {last}, "decisions": [{", ".join(text for _, text in found)}]}}'
        return Response(text, media_type="application/json")
