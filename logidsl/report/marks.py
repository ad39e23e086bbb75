"""What is drawn for an image: the objects, cells and regions of its findings, and where something is missing."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.report.model import ImageReport, Outline

MarkRole: TypeAlias = Literal["witness", "context", "absent", "cell"]

MOST_CORNERS = 64  # corners of an outline in a report: enough to draw it, while blobs may have thousands
_TOLERANCE_PX = 1.0


class Mark(NamedTuple):
    """Something to draw: its outline, or its box, in px of the picture."""

    box: tuple[float, float, float, float]
    role: MarkRole
    label: str = ""
    outline: Outline | None = None

    @property
    def corners(self) -> Outline:
        """The shape as a polygon."""
        x0, y0, x1, y1 = self.box
        return self.outline or ((x0, y0), (x1, y0), (x1, y1), (x0, y1))


def marks(image: ImageReport) -> list[Mark]:
    """What to draw in a picture. Shared objects are drawn once, preferably as a witness."""
    found: dict[tuple[object, ...], Mark] = {}
    for finding in image.findings:
        absent = [o.class_ for o in finding.objects if o.role == "absent" and o.box is None]
        for item in finding.objects:
            if item.box is None:
                continue
            role: MarkRole = item.role
            label = item.id or ""
            if item.role == "absent":
                label = f"no {item.class_}"
            elif item.id is None and item.role == "context":
                role, label = ("absent", f"no {absent[0]}") if absent else ("cell", "")
            key = (item.id, item.box)
            if key not in found or found[key].role in ("cell", "context"):
                found[key] = Mark(item.box, role, label, item.outline)
    return list(found.values())


def simplified(ring: npt.NDArray[np.float64]) -> Outline:
    """The corners of an outline, (k, 2), with at most `MOST_CORNERS` and to a hundredth of a pixel.

    Examples
    --------
    >>> simplified(np.array([[0, 0], [5, 0.1], [10, 0], [10, 10], [0, 10]]))
    ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0))
    """
    import shapely

    points, tolerance_px = ring, _TOLERANCE_PX
    if len(ring) > 4:
        closed = shapely.LinearRing(ring)
        points = shapely.get_coordinates(shapely.simplify(closed, tolerance_px))[:-1]
        while len(points) > MOST_CORNERS:
            tolerance_px *= 2
            points = shapely.get_coordinates(shapely.simplify(closed, tolerance_px))[:-1]
    return tuple((x, y) for x, y in np.round(points, 2).tolist())
