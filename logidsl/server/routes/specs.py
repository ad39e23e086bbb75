"""Specs of products: upload, activate, roll back."""

from __future__ import annotations

import asyncio
from functools import partial

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.datastructures import UploadFile

from logidsl.server.guard import Guard
from logidsl.server.revisions import Active, Revision
from logidsl.server.service import Service
from logidsl.server.spool import safe_name
from logidsl.web.problems import ProblemError


class Activation(BaseModel):
    """Which revision is to be active, with which values of its parameters."""

    model_config = ConfigDict(extra="forbid")
    revision: str
    parameters: dict[str, str] = {}


def add(app: FastAPI, service: Service, guard: Guard) -> None:
    """Add the routes."""
    revisions = service.revisions
    reads, writes = [Depends(guard.reads)], [Depends(guard.writes)]

    def shown(active: Active) -> dict[str, object]:
        return {"revision": active.revision, "parameters": active.parameters, "since": active.since}

    def about(product: str, revision: Revision) -> dict[str, object]:
        spec = revision.spec.relative_to(revision.spec.parent).as_posix()
        return {"product": product, "revision": revision.digest, "spec": spec, "files": dict(revision.files)}

    @app.get("/v1/products", tags=["specs"], dependencies=reads)
    def products() -> dict[str, object]:
        """All products, with what is active."""
        return {p: {v: shown(a) for v, a in revisions.variants(p).items()} for p in revisions.products}

    @app.get("/v1/products/{product}", tags=["specs"], dependencies=reads)
    def product_(product: str) -> dict[str, object]:
        """The revisions of a product, and what is active."""
        active = {v: shown(a) for v, a in revisions.variants(product).items()}
        return {"product": product, "revisions": revisions.digests(product), "active": active}

    @app.get("/v1/products/{product}/revisions/{digest}", tags=["specs"], dependencies=reads)
    def revision_(product: str, digest: str) -> dict[str, object]:
        """A revision: its files, its text, and warnings about it."""
        found = revisions.revision(product, digest)
        text = found.spec.read_text("utf-8", "replace")
        return {**about(product, found), "text": text, "warnings": revisions.warnings(found)}

    @app.post(
        "/v1/products/{product}/revisions", tags=["specs"], dependencies=writes, status_code=201,
        openapi_extra={"requestBody": {"content": {
            "text/plain": {"schema": {"type": "string"}},
            "multipart/form-data": {"schema": {
                "type": "object",
                "properties": {
                    "spec": {"type": "string", "format": "binary"},
                    "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
                },
                "required": ["spec"],
            }},
        }, "required": True}},
    )  # fmt: skip
    async def upload(request: Request, product: str, activate: bool = False, variant: str = "") -> JSONResponse:
        """Keep a spec: the body, or the file `spec` of a form with the files that it reads. It must compile."""
        files, spec = await _uploaded(request, service.settings.limits.files)
        found = await asyncio.to_thread(partial(revisions.add, product, files, spec))
        if activate:
            await asyncio.to_thread(partial(revisions.activate, product, found.digest, variant))
        warnings = await asyncio.to_thread(partial(revisions.warnings, found))
        return JSONResponse({**about(product, found), "active": activate, "warnings": warnings}, 201)

    @app.put("/v1/products/{product}/active", tags=["specs"], dependencies=writes)
    async def activate(product: str, wanted: Activation, variant: str = "") -> dict[str, object]:
        """Make a revision the active one."""
        return shown(
            await asyncio.to_thread(partial(revisions.activate, product, wanted.revision, variant, wanted.parameters))
        )

    @app.post("/v1/products/{product}/rollback", tags=["specs"], dependencies=writes)
    async def rollback(product: str, variant: str = "") -> dict[str, object]:
        """Go back to what was active before."""
        return shown(await asyncio.to_thread(partial(revisions.rollback, product, variant)))


async def _uploaded(request: Request, most: int) -> tuple[dict[str, bytes], str]:
    """The files of a revision, and which is the spec."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        data = await request.body()
        if not data.strip():
            raise ProblemError(422, "expected a spec, found an empty body")
        return {"spec.logic": data}, "spec.logic"
    files, spec = dict[str, bytes](), None
    async with request.form(max_files=most, max_fields=10) as form:
        for field, value in form.multi_items():
            if not isinstance(value, UploadFile):
                raise ProblemError(422, f"expected files in the form, found the field `{field}`")
            name = value.filename or "spec.logic"
            if field == "spec":
                spec = name = safe_name(name)
            if name in files:
                raise ProblemError(422, f"the form has two files `{name}`")
            files[name] = await value.read()
    if spec is None:
        raise ProblemError(422, "expected a file in the form's field `spec`")
    return files, spec
