"""Pictures for review: how urgent each is, why, and its objects in the shapes that annotation tools know."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from logidsl.arrays import Floats
from logidsl.report.marks import simplified
from logidsl.report.model import ImageReport, SpecRef
from logidsl.table import BOX, COUNT, ObjectTable, TextColumn
from logidsl.version import __version__

Kind: TypeAlias = Literal["box", "turned", "polygon", "mask", "line", "point"]
Urgency: TypeAlias = Literal["review", "uncertain", "fail", "pass"]
#: Most urgent first.
URGENCIES: tuple[Urgency, ...] = ("review", "uncertain", "fail", "pass")
_SQUARE = 1e-3  # of the longer side, how far the corners of a turned box may be off


@dataclass(frozen=True, eq=False)
class ReviewObject:
    """An object of a picture.

    Parameters
    ----------
    label : str
        Its class.
    kind : str
        Its shape.
    box : (x0, y0, x1, y1)
        Round it, px; without area for a point.
    rings : tuple of (k, 2) float64
        Outline and holes; the two ends of a line; empty for a box or a point.
    score : float, optional
        Confidence, from 0 to 1, where it is known.
    doubt : str
        Why it is uncertain that it belongs to its class; empty where it is certain.
    """

    label: str
    kind: Kind
    box: tuple[float, float, float, float]
    rings: tuple[Floats, ...] = ()
    score: float | None = None
    doubt: str = ""

    def turned(self) -> tuple[float, float, float, float, float]:
        """Middle x and y, width and height of a turned box, px, and its angle, degrees clockwise."""
        corners = self.rings[0]
        along, across = corners[1] - corners[0], corners[2] - corners[1]
        x, y = corners.mean(axis=0).tolist()
        angle_deg = math.degrees(math.atan2(along[1], along[0])) % 360
        return x, y, float(np.hypot(*along)), float(np.hypot(*across)), angle_deg


@dataclass(frozen=True, eq=False)
class ReviewPicture:
    """A picture and what is known of it.

    Parameters
    ----------
    name : str
        Its path.
    width, height : int
        In px.
    urgency : str
    labels : tuple of str
        Defects.
    reasons : tuple of str
        The messages of its findings, and doubts about its objects.
    objects : tuple of ReviewObject
    """

    name: str
    width: int
    height: int
    urgency: Urgency
    labels: tuple[str, ...]
    reasons: tuple[str, ...]
    objects: tuple[ReviewObject, ...]

    @property
    def score(self) -> float:
        """How certain the picture is, from 0 to 1: 0 under review, else the least score of an object, or 1."""
        scores = [o.score for o in self.objects if o.score is not None]
        return 0.0 if self.urgency in ("review", "uncertain") else min(scores, default=1.0)


@dataclass
class Review:
    """What is exported.

    Parameters
    ----------
    spec : SpecRef
        The spec that found the objects.
    labels : list of str
        All classes that an object may be given.
    pictures : list of ReviewPicture
        The most urgent first.
    prefix : str
        What stands before the path of a picture where a tool loads it by an address.
    dropped : Counter
        What could not be written, and how often.
    """

    spec: SpecRef
    labels: list[str]
    pictures: list[ReviewPicture]
    prefix: str = ""
    dropped: Counter[str] = field(default_factory=Counter)

    @property
    def model(self) -> str:
        """What made the annotations: the program and the spec."""
        return f"logidsl {__version__}, {self.spec.name or self.spec.path} {self.spec.hash}"

    def drop(self, item: ReviewObject, tool: str) -> None:
        """Count an object that a tool has no shape for."""
        self.dropped[f"{tool} has no shape for a {item.kind}"] += 1

    def only_outer(self, tool: str) -> None:
        """Count an object whose holes a tool cannot hold."""
        self.dropped[f"{tool} has no polygons with holes, so the holes were filled"] += 1


def review_picture(
    table: ObjectTable, image: int, report: ImageReport, labels: Sequence[str | None], doubts: Sequence[str]
) -> ReviewPicture:
    """A picture of a table.

    Parameters
    ----------
    table : ObjectTable
        With n objects on the picture.
    image : int
        Place of the picture in the table.
    report : ImageReport
        What was found on it.
    labels : sequence of n str or None
        The label of each object; None leaves it out.
    doubts : sequence of n str
        Why the label is uncertain; empty where it is certain.
    """
    first = int(table.offsets[image])
    objects = [
        made
        for i, (label, doubt) in enumerate(zip(labels, doubts, strict=True))
        if label is not None and (made := _object(table, first + i, label, doubt)) is not None
    ]
    said = [f"{f.rule}: {f.message}" for f in report.findings]
    said += [f"`{o.label}` is uncertain: {o.doubt}" for o in objects if o.doubt]
    urgency: Urgency = "review" if report.verdict == "review" else "fail" if report.verdict == "fail" else "pass"
    if urgency != "review" and any(doubts):
        urgency = "uncertain"
    width, height = (0 if math.isnan(v) else round(v) for v in table.sizes[image].tolist())
    bad = report.labels if report.verdict != "pass" else ()
    return ReviewPicture(report.path, width, height, urgency, tuple(bad), tuple(dict.fromkeys(said)), tuple(objects))


def doubt_of(table: ObjectTable, row: int) -> str:
    """Why the number of objects of a row is uncertain; empty if it is certain."""
    column = table.columns.get(COUNT)
    if not isinstance(column, TextColumn) or column.codes[row] < 0:
        return ""
    return f"it represents {column.values[column.codes[row]]} objects"


def _object(table: ObjectTable, row: int, label: str, doubt: str) -> ReviewObject | None:
    """An object; None without a place."""
    rings = tuple(table.outlines.rings(row)) if table.outlines is not None else ()
    sides = [float(np.asarray(table.columns[name])[row]) for name in BOX if name in table.columns]
    if len(sides) < len(BOX) or not all(map(math.isfinite, sides)):
        if not rings:
            return None
        sides = [*rings[0].min(axis=0).tolist(), *rings[0].max(axis=0).tolist()]
    x0, y0, x1, y1 = sides
    score = table.columns.get("confidence")
    known = float(score[row]) if isinstance(score, np.ndarray) else math.nan
    about = (min(max(known, 0.0), 1.0) if math.isfinite(known) else None, doubt)
    box = (x0, y0, x1, y1)
    if len(rings) > 1:
        return ReviewObject(label, "mask", box, rings, *about)
    if rings:
        kind, ring = _kind(rings[0]), rings[0]
        if kind == "turned" and _turns_left(ring):
            ring = ring[::-1]
        if kind == "polygon":  # few corners are easier to move
            corners = np.array(simplified(ring))
            ring = corners if len(corners) > 2 else ring
        return ReviewObject(label, kind, box, () if kind == "box" else (ring,), *about)
    if x0 == x1 and y0 == y1:
        return ReviewObject(label, "point", box, (), *about)
    ends = _line(table, row)
    if ends is not None:
        return ReviewObject(label, "line", box, (ends,), *about)
    return ReviewObject(label, "box", box, (), *about) if x0 < x1 and y0 < y1 else None


def _kind(ring: Floats) -> Kind:
    """Whether an outline is a box, a turned one, or any polygon."""
    if len(ring) != 4:
        return "polygon"
    sides = np.roll(ring, -1, axis=0) - ring
    longest = float(np.abs(sides).max())
    off = np.abs(sides[0] + sides[2]).max() > _SQUARE * longest
    square = abs(float(sides[0] @ sides[1])) <= _SQUARE * longest**2
    if off or not square:
        return "polygon"
    return "box" if np.abs(sides[0]).min() <= _SQUARE * longest else "turned"


def _turns_left(ring: Floats) -> bool:
    """Whether an outline runs anticlockwise, as the picture shows it."""
    (ax, ay), (bx, by) = ring[1] - ring[0], ring[2] - ring[1]
    return bool(ax * by - ay * bx < 0)


def _line(table: ObjectTable, row: int) -> Floats | None:
    """The ends of a stroke, whose outline is unknown; None for another object."""
    start, end = (table.columns.get(name) for name in ("start", "end"))
    if not isinstance(start, np.ndarray) or not isinstance(end, np.ndarray):
        return None
    ends = np.stack([start[row], end[row]])
    return ends if np.isfinite(ends).all() else None
