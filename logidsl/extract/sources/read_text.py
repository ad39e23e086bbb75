"""`read_text`: lines of text, by RapidOCR with the models that come in its package.

A line may run in any direction; its outline is its turned bounding rectangle. Pieces found by the network on one line,
no further apart than the height of a letter, are read again as a whole: only then are their order and the spaces
between them known.

The network that finds lines works best if they are level: of oblique or vertical ones it joins or misses about half. If
the lines found are not level, the picture is rotated by their angle and processed again, and the reading with more
letters, weighted by confidence, is used. May import `extras`.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Protocol, cast

import numpy as np

from logidsl.arrays import Floats, Pixels, Singles
from logidsl.extract.pixels.opencv import cv2
from logidsl.extract.sources.detection_records import Detection
from logidsl.extract.sources.dispatch import Look
from logidsl.extras import needed

#: Least confidence of a line that is taken, unless the spec says another.
LEAST = 0.5
# A picture is made larger only where a side is shorter; the package's 736 costs ten times as much and reads the same.
_SHORT_SIDE_PX = 160
_LEVEL_DEG = 8.0  # lines no further from level are read as well as level ones
_IN_VAIN_DEG = (90.0, 45.0)  # directions to try if nothing is found
# The network's characters for symbols that keyboards and specs write differently.
_AS_TYPED = {0x3BC: "µ", 0x2103: "°C", 0x2109: "°F", 0x3000: " ", **{c: chr(c - 0xFEE0) for c in range(0xFF01, 0xFF5F)}}
_GAP = 1.0  # between pieces of a line, by its height
_TALLER = 1.6  # how much higher one piece may be than another


class _Lines(Protocol):
    """RapidOCR's output, which is empty without text."""

    boxes: Singles | None
    txts: Sequence[str] | None
    scores: Sequence[float] | None


@lru_cache(maxsize=1)
def _reader() -> Callable[..., _Lines]:
    module = needed("rapidocr", "ocr", "reading text")
    # Low confidences are dropped here, not by a fixed limit of the package.
    settings = {
        "Global.log_level": "critical",
        "Global.text_score": 0.0,
        "Det.limit_side_len": _SHORT_SIDE_PX,
        "Det.limit_type": "min",
    }
    return cast("Callable[..., _Lines]", module.RapidOCR(params=settings))


def find(look: Look) -> list[Detection]:
    """The source `read_text`."""
    return read_lines(look.part, look.source.score)


def read_lines(bgr: Pixels, least: float | None = None) -> list[Detection]:
    """The lines of text in a picture.

    Parameters
    ----------
    bgr : (h, w, 3) uint8
        The picture, or the part of it to look at.
    least : float
        Least confidence.

    Returns
    -------
    list of Detection
        With `text` and `confidence`.

    Raises
    ------
    InputError
        If RapidOCR is not installed.
    """
    lines = _lines(bgr)
    limit = LEAST if least is None else least
    for turn_deg in _turns(lines):
        again = _lines_turned(bgr, turn_deg)
        if _worth(again) > _worth(lines):
            lines = again
        if lines:
            break
    return [line for line in lines if line.confidence >= limit]


def _lines(bgr: Pixels) -> list[Detection]:
    """The lines that are found without turning the picture, of any confidence."""
    found = _reader()(bgr, use_det=True, use_cls=True, use_rec=True)
    if found.boxes is None or found.txts is None or found.scores is None:
        return []
    pieces = [
        Detection.of_ring(np.asarray(box, np.float64), confidence=float(score), text=_as_typed(text))
        for box, text, score in zip(found.boxes, found.txts, found.scores, strict=True)
        if text.strip()
    ]
    return [_whole(bgr, [pieces[i] for i in group]) for group in _groups([p.rings[0] for p in pieces])]


def _as_typed(text: str) -> str:
    """A text with its signs as a spec has them: not full-width, `µ` as on keyboards, `°C` in two signs.

    Examples
    --------
    >>> _as_typed(" LOT\uff1a5 \u03bcm, 50\u2103 ")
    'LOT:5 µm, 50°C'
    """
    return text.translate(_AS_TYPED).strip()


def _worth(lines: Sequence[Detection]) -> float:
    """How much was read: letters, each worth its confidence."""
    return sum(len(line.text or "") * line.confidence for line in lines)


def _turns(lines: Sequence[Detection]) -> Sequence[float]:
    """By which angles, anticlockwise, the picture is worth turning, the likeliest first.

    A line has a direction but no sense, so the mean is that of the doubled angles, each worth its length.
    """
    if not lines:
        return _IN_VAIN_DEG
    ways = [_sides(line.rings[0])[0] for line in lines]
    lengths = [float(np.ptp(line.rings[0] @ way)) for line, way in zip(lines, ways, strict=True)]
    mean = sum(length * complex(way[0], way[1]) ** 2 for length, way in zip(lengths, ways, strict=True))
    tilt_deg = math.degrees(cmath.phase(mean)) / 2
    return () if abs(tilt_deg) <= _LEVEL_DEG else (tilt_deg,)


def _lines_turned(bgr: Pixels, turn_deg: float) -> list[Detection]:
    """The lines found in the picture turned anticlockwise, with their places in the picture as it is."""
    height, width = bgr.shape[:2]
    to = cv2.getRotationMatrix2D((width / 2, height / 2), turn_deg, 1.0)
    cos, sin = abs(to[0, 0]), abs(to[0, 1])
    wide, high = math.ceil(height * sin + width * cos), math.ceil(height * cos + width * sin)
    to[:, 2] += (wide - width) / 2, (high - height) / 2
    turned = cv2.warpAffine(bgr, to, (wide, high), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    back = np.asarray(cv2.invertAffineTransform(to), np.float64)
    corner = np.array([width, height], np.float64)
    return [
        Detection.of_ring(np.clip(line.rings[0] @ back[:, :2].T + back[:, 2], 0, corner), line.confidence, line.text)
        for line in _lines(np.asarray(turned, np.uint8))
    ]


def _groups(rings: Sequence[Floats]) -> list[list[int]]:
    """Which pieces make one line."""
    group = list(range(len(rings)))
    for i in range(len(rings)):
        for j in range(i):
            if group[i] != group[j] and _in_line(rings[i], rings[j]):
                old, new = group[i], group[j]
                group = [new if g == old else g for g in group]
    return [[i for i, g in enumerate(group) if g == wanted] for wanted in dict.fromkeys(group)]


def _sides(ring: Floats) -> tuple[Floats, float]:
    """The direction of the longer side of a rectangle, and how many times as long it is as the other."""
    first, second = ring[1] - ring[0], ring[2] - ring[1]
    long, short = (first, second) if first @ first >= second @ second else (second, first)
    length = float(np.hypot(*long))
    return long / max(length, 1e-9), length / max(float(np.hypot(*short)), 1e-9)


def _in_line(a: Floats, b: Floats) -> bool:
    """Whether two pieces are on one line; the longer one gives its direction."""
    along = max((_sides(a), _sides(b)), key=lambda s: s[1])[0]
    across = np.array([-along[1], along[0]])
    (a0, a1), (b0, b1) = _extent(a, across), _extent(b, across)
    high, low = max(a1 - a0, b1 - b0), min(a1 - a0, b1 - b0)
    if high > _TALLER * low or abs((a0 + a1) - (b0 + b1)) > low:  # middles at most half a height apart
        return False
    (a0, a1), (b0, b1) = _extent(a, along), _extent(b, along)
    return max(a0, b0) - min(a1, b1) <= _GAP * low


def _extent(ring: Floats, way: Floats) -> tuple[float, float]:
    at = ring @ way
    return float(at.min()), float(at.max())


def _whole(bgr: Pixels, pieces: Sequence[Detection]) -> Detection:
    """One line of its pieces, read again where there are several."""
    if len(pieces) == 1:
        return pieces[0]
    along = max((_sides(p.rings[0]) for p in pieces), key=lambda s: s[1])[0]
    along = along if along[0] >= abs(along[1]) or (along[1] > 0 and abs(along[0]) < along[1]) else -along
    across = np.array([-along[1], along[0]])
    points = np.concatenate([p.rings[0] for p in pieces])
    (u0, u1), (v0, v1) = _extent(points, along), _extent(points, across)
    ring = np.array([along * u + across * v for u, v in ((u0, v0), (u1, v0), (u1, v1), (u0, v1))])
    width, height = max(1, round(u1 - u0)), max(1, round(v1 - v0))
    to = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    way = cv2.getPerspectiveTransform(ring.astype(np.float32), to)
    strip = cv2.warpPerspective(bgr, way, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    again = _reader()(np.asarray(strip, np.uint8), use_det=False, use_cls=True, use_rec=True)
    text = _as_typed(again.txts[0]) if again.txts else ""
    if not text or not again.scores:
        ordered = sorted(pieces, key=lambda p: float(np.array(p.center) @ along))
        return Detection.of_ring(ring, min(p.confidence for p in pieces), " ".join(p.text or "" for p in ordered))
    return Detection.of_ring(ring, float(again.scores[0]), text)
