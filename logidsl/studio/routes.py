"""The routes of the studio: from requests to what `project` and the modules beside it do."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Body, FastAPI, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel

from logidsl.extract.pixels.deep_zoom import descriptor, jpeg
from logidsl.studio.pictures import values_at
from logidsl.studio.project import Project
from logidsl.web.problems import ProblemError

Filter = Literal["all", "fail", "review", "pass", "error", "changed", "wrong", "marked"]


class SpecEdit(BaseModel):
    """An edited text, with the digest of the one that the page had, and the photo that is on screen."""

    text: str
    digest: str
    photo: str | None = None


class Mark(BaseModel):
    """What a person knows of a photo."""

    good: bool
    labels: list[str] = []


class Box(BaseModel):
    """A box: x0 y0 x1 y1, px."""

    kind: Literal["box"]
    class_: str
    box: tuple[float, float, float, float]


def add(app: FastAPI, project: Project) -> None:
    """Add the routes."""
    _add_spec(app, project)
    _add_photos(app, project)
    _add_pictures(app, project)


def judged(project: Project, photo: str | None) -> dict[str, Any]:
    """The spec after an edit, and the judgement on the photo that is on screen."""
    shown = project.by_id.get(photo or "")
    judgement = project.judgement(shown, repairs=False) if shown is not None and project.checked.program else None
    return {"spec": project.spec_document(), "judgement": judgement}


def _add_spec(app: FastAPI, project: Project) -> None:
    @app.get("/api/project")
    def about() -> Response:
        return JSONResponse(project.document())

    @app.put("/api/spec")
    def put_spec(edit: SpecEdit) -> Response:
        project.put_spec(edit.text, edit.digest)
        return JSONResponse(judged(project, edit.photo))

    @app.post("/api/undo")
    def undo() -> Response:
        project.undo()
        return JSONResponse(project.document())

    @app.post("/api/redo")
    def redo() -> Response:
        project.redo()
        return JSONResponse(project.document())


def _add_photos(app: FastAPI, project: Project) -> None:
    @app.get("/api/photos")
    def photos(filter: Filter = "all", sort: Literal["name", "score"] = "name") -> Response:  # noqa: A002
        return JSONResponse(project.photos_document(filter, sort))

    @app.get("/api/photos/{key}/judgement")
    def judgement(key: str) -> Response:
        photo = project.photo(key)
        made = project.judgement(photo, repairs=True)
        if made is None:
            raise ProblemError(422, "the spec has errors, so nothing can be judged: correct them first")
        return JSONResponse(made)

    @app.put("/api/photos/{key}/mark")
    def mark(key: str, mark: Annotated[Mark | None, Body()] = None) -> Response:
        photo = project.photo(key)
        project.put("marks", photo, None if mark is None else mark.model_dump())
        return JSONResponse(project.photo_document(photo))


def _add_pictures(app: FastAPI, project: Project) -> None:
    @app.get("/api/photos/{key}/thumbnail")
    def thumbnail(key: str, request: Request) -> Response:
        photo = project.photo(key)
        return _unless_known(request, f"{photo.id}-{photo.signature()}", lambda: project.pictures.thumbnail(photo))

    @app.get("/api/photos/{key}/image")
    def image(key: str, request: Request) -> Response:
        photo, program = project.photo(key), project.program
        tag = str(abs(hash(project.pictures.key(photo, program))))
        return _unless_known(request, tag, lambda: jpeg(project.pictures.of(photo, program), 95))

    @app.get("/api/photos/{key}/tiles.dzi")
    def tiles(key: str) -> Response:
        bgr = project.pictures.of(project.photo(key), project.program)
        return Response(descriptor(bgr.shape[1], bgr.shape[0]), media_type="application/xml")

    @app.get("/api/photos/{key}/tiles_files/{level}/{place}.jpg")
    def tile(key: str, level: int, place: str, request: Request) -> Response:
        photo, program = project.photo(key), project.program
        column, _, row = place.partition("_")
        if not (column.isdigit() and row.isdigit()):
            raise ProblemError(404, f"expected a tile such as 0_0.jpg, found `{place}.jpg`")

        def made() -> bytes:
            found = project.pictures.tile(photo, program, level, int(column), int(row))
            if found is None:
                raise ProblemError(404, f"there is no tile {place} at level {level}")
            return found

        return _unless_known(request, f"{abs(hash(project.pictures.key(photo, program)))}-{level}-{place}", made)

    @app.get("/api/photos/{key}/pixel")
    def pixel(key: str, x: float, y: float, radius: float = 0.0) -> Response:
        bgr = project.pictures.of(project.photo(key), project.program)
        return JSONResponse(values_at(bgr, x, y, radius))


def _unless_known(request: Request, tag: str, made: Any, kind: str = "image/jpeg") -> Response:
    """A picture, or word that the page has it already."""
    headers = {"ETag": f'"{tag}"', "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(made(), media_type=kind, headers=headers)
