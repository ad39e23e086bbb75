"""Annotations of photos: shapes as the page draws them, and as files that `learn` reads."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from shapely import LineString, Point, Polygon, unary_union

from logidsl.files import replace
from logidsl.studio.photos import Photo
from logidsl.studio.project import Project
from logidsl.web.problems import ProblemError

Place = tuple[float, float]


class _Shape(BaseModel):
    model_config = ConfigDict(populate_by_name=True, allow_inf_nan=False)

    name: str = Field(alias="class", min_length=1, max_length=100)


class Box(_Shape):
    """A box: x0 y0 x1 y1, px."""

    kind: Literal["box"]
    box: tuple[float, float, float, float]


class Outline(_Shape):
    """A polygon: its corners, px."""

    kind: Literal["polygon"]
    points: list[Place] = Field(min_length=3, max_length=10_000)


class Stroke(_Shape):
    """What a round brush painted: the way of its middle, and its radius, px."""

    kind: Literal["stroke"]
    points: list[Place] = Field(min_length=1, max_length=10_000)
    radius: float = Field(gt=0, le=10_000)


class Shapes(BaseModel):
    """The shapes on a photo."""

    shapes: list[Annotated[Box | Outline | Stroke, Field(discriminator="kind")]] = Field(max_length=5000)

    def plain(self) -> list[dict[str, Any]]:
        """As they are kept and sent."""
        return [s.model_dump(by_alias=True) for s in self.shapes]


def write_annotations(project: Project) -> Path:
    """Write the annotations of all photos as LabelMe files to the studio's folder, and return that folder.

    A stroke is the area that the brush painted; strokes of a class that overlap are one object.

    Raises
    ------
    ProblemError
        If nothing is annotated.
    """
    folder = project.kept / "annotations"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.json"):
        old.unlink()
    with project.lock:
        annotated = [(p, s) for p in project.photos if (s := project.state.annotations.get(p.id))]
    if not annotated:
        raise ProblemError(
            422, "nothing is annotated yet", fix="draw a box, an outline or a stroke round a few parts of each class"
        )
    for photo, shapes in annotated:
        replace(folder / f"{photo.id}.json", json.dumps(_labelme(project, folder, photo, shapes)).encode())
    return folder


def _labelme(project: Project, folder: Path, photo: Photo, shapes: Sequence[dict[str, Any]]) -> dict[str, Any]:
    bgr = project.pictures.of(photo)
    rows = [
        {"label": s["class"], "shape_type": "rectangle", "points": [s["box"][:2], s["box"][2:]]}
        for s in shapes
        if s["kind"] == "box"
    ]
    rows += [
        {"label": s["class"], "shape_type": "polygon", "points": s["points"]} for s in shapes if s["kind"] == "polygon"
    ]
    for name in dict.fromkeys(s["class"] for s in shapes if s["kind"] == "stroke"):
        painted = [_painted(s) for s in shapes if s["kind"] == "stroke" and s["class"] == name]
        together = unary_union(painted)
        parts = list(together.geoms) if hasattr(together, "geoms") else [together]
        for part in parts:
            if isinstance(part, Polygon) and not part.is_empty:
                corners = [[x, y] for x, y in part.exterior.coords][:-1]
                rows.append({"label": name, "shape_type": "polygon", "points": corners})
    return {
        "version": "5.0.0",
        "flags": {},
        "shapes": [{**row, "group_id": None, "flags": {}} for row in rows],
        "imagePath": Path(os.path.relpath(photo.path, folder)).as_posix(),
        "imageData": None,
        "imageHeight": bgr.shape[0],
        "imageWidth": bgr.shape[1],
    }


def _painted(stroke: dict[str, Any]) -> Polygon:
    points = stroke["points"]
    still = len(points) == 1 or all(math.dist(p, points[0]) < 1e-6 for p in points)
    way = Point(points[0]) if still else LineString(points)
    return way.buffer(stroke["radius"], quad_segs=6).simplify(0.25)
