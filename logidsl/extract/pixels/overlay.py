"""A picture with objects drawn in: outlines or boxes by role, numbers, grid cells, and a line of text.

Plain data in, pixels out; what the roles mean is for reports to say. May import `diagnostics`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.arrays import Floats, Pixels
from logidsl.extract.pixels.opencv import cv2
from logidsl.extract.pixels.picture import Picture

Role: TypeAlias = Literal["witness", "context", "ok", "open", "absent", "cell"]

#: BGR, distinguishable with colour blindness; absent and possible objects are also dashed.
COLORS: dict[Role, tuple[int, int, int]] = {
    "witness": (40, 40, 230),
    "absent": (40, 40, 230),
    "context": (230, 140, 30),
    "ok": (80, 170, 50),
    "open": (0, 170, 240),
    "cell": (190, 190, 190),
}
_ORDER: tuple[Role, ...] = ("cell", "ok", "open", "context", "absent", "witness")  # the last is drawn on top
_LEAST_PX = 640  # a smaller picture is enlarged until its longer side has this
_FONT = 0  # cv2.FONT_HERSHEY_SIMPLEX, the same in all versions


@dataclass(frozen=True)
class OverlayBox:
    """Something to draw.

    Parameters
    ----------
    box : (x0, y0, x1, y1)
        In px of the picture.
    role : str
        `witness`, `absent`, `context`, `ok`, `open` for what may be of a class, or `cell` for a cell of a grid.
    label : str
        Stands beside it: an id, a class.
    outline : (k, 2) array_like, optional
        Drawn in place of the box.
    """

    box: tuple[float, float, float, float]
    role: Role = "ok"
    label: str = ""
    outline: Sequence[tuple[float, float]] | Floats | None = None


def draw_overlay(picture: Picture, boxes: Sequence[OverlayBox], header: str = "") -> Pixels:
    """Draw objects into a copy of a picture.

    Parameters
    ----------
    picture : Picture
        Not changed. A small one is enlarged by a whole number, so that lines and numbers can be read.
    boxes : sequence of OverlayBox
        In any order; witnesses lie on top. Those that are not finite are left out.
    header : str
        A line above the picture; none if empty. What the font lacks becomes `?`.

    Returns
    -------
    (h, w, 3) uint8
        BGR.
    """
    scale = max(1, math.ceil(_LEAST_PX / max(picture.width, picture.height)))
    size = (picture.width * scale, picture.height * scale)
    canvas = cv2.resize(picture.bgr, size, interpolation=cv2.INTER_NEAREST) if scale > 1 else picture.bgr.copy()
    width_px = max(1, round(max(size) / 600))
    for role in _ORDER:
        for item in boxes:
            if item.role == role and all(math.isfinite(v) for v in item.box):
                _draw(canvas, item, scale, 1 if role == "cell" else width_px)
    taken: list[tuple[int, int, int, int]] = []
    for role in reversed(_ORDER):
        for item in boxes:
            if item.role == role and item.label and all(math.isfinite(v) for v in item.box):
                _label(canvas, item, scale, max(size), taken)
    return _with_header(canvas, header) if header else np.asarray(canvas, np.uint8)


def _draw(canvas: Pixels, item: OverlayBox, scale: int, width_px: int) -> None:
    """Draw one outline or box, with a dark line under it so that it is visible on any background."""
    x0, y0, x1, y1 = item.box
    points = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)] if item.outline is None else item.outline, np.float64)
    # Our coordinates name the edges of pixels, those of OpenCV the middles.
    at = np.clip(np.round(points * scale - 0.5), -(1 << 20), 1 << 20).astype(np.int32)
    if item.role in ("absent", "open"):
        for start, end in _dashes(at, 6 * width_px):
            cv2.line(canvas, start, end, (0, 0, 0), width_px + 2, cv2.LINE_AA)
            cv2.line(canvas, start, end, COLORS[item.role], width_px, cv2.LINE_AA)
        return
    if item.role != "cell":
        cv2.polylines(canvas, [at], True, (0, 0, 0), width_px + 2, cv2.LINE_AA)
    cv2.polylines(canvas, [at], True, COLORS[item.role], width_px, cv2.LINE_AA)


def _dashes(ring: npt.NDArray[np.int32], dash_px: int) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Every other stretch of the sides of a polygon."""
    found = []
    for start, end in zip(ring.tolist(), np.roll(ring, -1, axis=0).tolist(), strict=True):
        count = min(2000, max(1, int(math.dist(start, end) / (2 * dash_px))))
        for i in range(count):
            a, b = (2 * i) / (2 * count), (2 * i + 1) / (2 * count)
            ends = [tuple(round(s + (e - s) * t) for s, e in zip(start, end, strict=True)) for t in (a, b)]
            found.append(((ends[0][0], ends[0][1]), (ends[1][0], ends[1][1])))
    return found


def _label(
    canvas: Pixels, item: OverlayBox, scale: int, longer_px: int, taken: list[tuple[int, int, int, int]]
) -> None:
    """Write a label at the first free place above, below, or in the box; in the picture in any case."""
    text = _plain(item.label)
    size = max(0.4, longer_px / 1800)
    thick = max(1, round(size * 1.4))
    (width, height), base = cv2.getTextSize(text, _FONT, size, thick)
    box_width, box_height = width + 4, height + base + 2
    x0, y0, x1, y1 = (round(v * scale) for v in item.box)
    places = [(x0, y0 - box_height), (x0, y1), (x0, y0), (x1, y0), (x0 - box_width, y0), (x1, y1)]
    limits = canvas.shape[1] - box_width, canvas.shape[0] - box_height
    fitting = [(min(max(0, x), max(0, limits[0])), min(max(0, y), max(0, limits[1]))) for x, y in places]
    areas = [(x, y, x + box_width, y + box_height) for x, y in fitting]
    left, top, right, bottom = min(areas, key=lambda a: sum(_shared(a, t) for t in taken))
    taken.append((left, top, right, bottom))
    cv2.rectangle(canvas, (left, top), (right, bottom), COLORS[item.role], cv2.FILLED)
    ink = (0, 0, 0) if item.role == "cell" else (255, 255, 255)
    cv2.putText(canvas, text, (left + 2, bottom - base), _FONT, size, ink, thick, cv2.LINE_AA)


def _shared(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> int:
    """Area that two boxes share."""
    return max(0, min(a[2], b[2]) - max(a[0], b[0])) * max(0, min(a[3], b[3]) - max(a[1], b[1]))


def _with_header(canvas: Pixels, header: str) -> Pixels:
    """Put a line of text on a dark band above a picture; a text too long is made smaller, then cut."""
    text, width = _plain(header), canvas.shape[1]
    size = max(0.5, width / 1400)
    needed = cv2.getTextSize(text, _FONT, size, 1)[0][0] + 16
    size = max(0.4, size * min(1.0, width / needed))
    while len(text) > 4 and cv2.getTextSize(text, _FONT, size, 1)[0][0] + 16 > width:
        text = text[: -max(4, len(text) // 20)].rstrip(". ") + "..."
    height = cv2.getTextSize(text, _FONT, size, 1)[0][1]
    band = np.full((2 * height + 8, width, 3), 32, np.uint8)
    cv2.putText(band, text, (8, height + (height + 8) // 2), _FONT, size, (255, 255, 255), 1, cv2.LINE_AA)
    return np.concatenate([band, canvas])


def _plain(text: str) -> str:
    """What OpenCV's fonts can draw: ASCII."""
    return text.encode("ascii", "replace").decode()
