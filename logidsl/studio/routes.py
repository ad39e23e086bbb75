"""The routes of the studio: from requests to what `project` and the modules beside it do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import Body, FastAPI, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel

from logidsl.extract.pixels.deep_zoom import descriptor, jpeg
from logidsl.studio import spec as specs
from logidsl.studio.annotations import Shapes
from logidsl.studio.colors import Click, proposal
from logidsl.studio.limits import Asked, Plateaus, histogram, values_document, with_limit
from logidsl.studio.pictures import values_at
from logidsl.studio.project import Project
from logidsl.studio.proof import Prover, export, with_test
from logidsl.studio.spec import digest_of
from logidsl.studio.tools import Tools, with_rules
from logidsl.syntax.identifiers import identifiers
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


class Place(BaseModel):
    """A place in the text: lines and columns from 1, the end just after the last character."""

    line: int
    column: int
    endLine: int  # noqa: N815 - as editors have it
    endColumn: int  # noqa: N815


class LimitEdit(BaseModel):
    """A number at a place in the text."""

    span: Place
    value: float
    photo: str | None = None


class ClickAt(BaseModel):
    """A place of a photo, px."""

    photo: str
    x: float
    y: float
    radius: float = 0.0


class ColorOf(BaseModel):
    """Clicks on one colour."""

    clicks: list[ClickAt]
    name: str | None = None
    kind: Literal["color", "predicate"] = "color"


class Rules(BaseModel):
    """Statements to add."""

    texts: list[str]
    photo: str | None = None


class Test(BaseModel):
    """A test to make of what is on screen."""

    photo: str
    title: str


class Sentences(BaseModel):
    """Rules in plain language."""

    sentences: str


class Named(BaseModel):
    """A name."""

    name: str


def add(app: FastAPI, project: Project, tools: Tools, plateaus: Plateaus) -> None:
    """Add the routes."""
    _add_spec(app, project, tools)
    _add_photos(app, project)
    _add_pictures(app, project)
    _add_pointing(app, project, tools, plateaus)
    _add_jobs(app, tools)
    _add_proof(app, project)


def _edited(project: Project, make: Callable[[], str], photo: str | None) -> Response:
    """Save a text that is made from the current one, and answer as to an edit."""
    before = digest_of(project.text)
    project.put_spec(make(), before)
    return JSONResponse(judged(project, photo))


def judged(project: Project, photo: str | None) -> dict[str, Any]:
    """The spec after an edit, and the judgement on the photo that is on screen; then the others have their turn."""
    try:
        shown = project.by_id.get(photo or "")
        judgement = project.judgement(shown, repairs=False) if shown is not None and project.checked.program else None
        return {"spec": project.spec_document(), "judgement": judgement}
    finally:
        project.wake()


def _add_spec(app: FastAPI, project: Project, tools: Tools) -> None:
    @app.get("/api/project")
    def about() -> Response:
        return _about()

    def _about() -> Response:
        return JSONResponse({**project.document(), "translate": tools.can_translate})

    @app.put("/api/spec")
    def put_spec(edit: SpecEdit) -> Response:
        project.put_spec(edit.text, edit.digest)
        return JSONResponse(judged(project, edit.photo))

    @app.post("/api/undo")
    def undo() -> Response:
        project.undo()
        return _about()

    @app.post("/api/redo")
    def redo() -> Response:
        project.redo()
        return _about()

    @app.put("/api/limit")
    def put_limit(edit: LimitEdit) -> Response:
        return _edited(project, lambda: with_limit(project, edit.span.model_dump(), edit.value), edit.photo)

    @app.post("/api/rules")
    def add_rules(rules: Rules) -> Response:
        return _edited(project, lambda: with_rules(project, rules.texts), rules.photo)

    @app.post("/api/tests")
    def add_test(test: Test) -> Response:
        photo = project.photo(test.photo)
        return _edited(project, lambda: with_test(project, photo, test.title), photo.id)


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

    @app.get("/api/photos/{key}/annotations")
    def annotations(key: str) -> Response:
        return JSONResponse({"shapes": project.state.annotations.get(project.photo(key).id) or []})

    @app.put("/api/photos/{key}/annotations")
    def annotate(key: str, shapes: Shapes) -> Response:
        photo = project.photo(key)
        project.put("annotations", photo, shapes.plain() or None)
        return JSONResponse({"shapes": project.state.annotations.get(photo.id) or []})


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


def _add_pointing(app: FastAPI, project: Project, tools: Tools, plateaus: Plateaus) -> None:
    @app.post("/api/color")
    def color(asked: ColorOf) -> Response:
        program = project.program
        clicks = [Click(project.pictures.of(project.photo(c.photo), program), c.x, c.y, c.radius) for c in asked.clicks]
        found = proposal(clicks)
        taken = [] if program is None else [*(c.name for c in program.colors), *(b.name for b in program.blobs)]
        taken += specs.classes_of(program)
        wanted = asked.name or "picked"
        name = identifiers([wanted], taken=taken)[wanted]
        statement = f'color {name} = "{found.hex}" within {found.within:g}'
        pixels = found.pixels
        if asked.kind == "predicate":
            statement, pixels = f"blobs {name} where {found.predicate}", found.predicate_pixels
        made = {"statement": statement, "hex": found.hex, "within": found.within, "predicate": found.predicate}
        return JSONResponse({**made, "pixels": pixels})

    @app.get("/api/values")
    def values() -> Response:
        return JSONResponse(values_document(project))

    @app.get("/api/histogram")
    def histogram_of(
        value: str = "",
        name: Annotated[str, Query(alias="class")] = "",
        column: str = "",
        photo: str | None = None,
        limit: float | None = None,
    ) -> Response:
        shown = None if photo is None else project.photo(photo)
        return JSONResponse(histogram(project, plateaus, Asked(value, name, column, shown, limit)))

    @app.get("/api/photos/{key}/probabilities")
    def probabilities(key: str, name: Annotated[str, Query(alias="class")]) -> Response:
        return Response(tools.probabilities(project.photo(key), name), media_type="image/png")


def _add_jobs(app: FastAPI, tools: Tools) -> None:
    @app.post("/api/learn")
    def learn() -> Response:
        return JSONResponse({"job": tools.learn()})

    @app.post("/api/infer")
    def infer() -> Response:
        return JSONResponse({"job": tools.infer()})

    @app.post("/api/translate")
    def translate(asked: Sentences) -> Response:
        return JSONResponse({"job": tools.translate(asked.sentences)})

    @app.get("/api/jobs")
    def jobs() -> Response:
        return JSONResponse({"jobs": tools.jobs.latest()})

    @app.get("/api/jobs/{key}")
    def job(key: str) -> Response:
        return JSONResponse(tools.jobs.of(key).document())

    @app.delete("/api/jobs/{key}")
    def cancel(key: str) -> Response:
        return JSONResponse(tools.jobs.cancel(key))


def _add_proof(app: FastAPI, project: Project) -> None:
    prover = Prover(project)

    @app.get("/api/prove")
    def prove() -> Response:
        return JSONResponse(prover.document())

    @app.post("/api/export")
    def export_to(named: Named) -> Response:
        return JSONResponse(export(project, named.name))


def _unless_known(request: Request, tag: str, made: Callable[[], bytes]) -> Response:
    """A picture, or word that the page has it already."""
    headers = {"ETag": f'"{tag}"', "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(made(), media_type="image/jpeg", headers=headers)
