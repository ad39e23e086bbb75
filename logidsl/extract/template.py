"""`template`: where a picture looks like a small one.

Likeness is the normalised correlation of the pixels about their means, over all three channels (Lewis, 1995), 1
for the same pixels, whatever the brightness and the contrast of the light. What is transparent in the template
says nothing. The picture is searched small first, at every size and turn that is allowed, in steps that move
the template's border by about a pixel; the best places are then looked at closely. Of places that overlap by
more than `SAME_PLACE`, the best stays. May import `picture`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from logidsl.diagnostics import InputError
from logidsl.extract.finds import Find
from logidsl.extract.opencv import opencv
from logidsl.extract.picture import Pixels, picture_of, read_samples

Floats = npt.NDArray[np.float64]
Likeness = npt.NDArray[np.float32]

#: Least likeness of a place that is taken, unless the spec says another.
LEAST = 0.8
#: Share of the smaller of two places that both cover, from which on they are one.
SAME_PLACE = 0.3
_COARSE_PX = 24  # the shorter side of the template where the picture is searched small
_WORTH = 1.5  # how many times smaller it must be to be worth it
_SLACK = 0.2  # how much less a place may look like the template where both are small
_HOPE = 0.1  # how much more a place may come to look like it in smaller steps of turn and size
_AT_MOST = 500  # places that are looked at closely
_FLAT = 1.0  # a template whose pixels differ less says nothing, in steps of 255


@dataclass(frozen=True)
class Mark:
    """A template: its pixels, and the weight of each, 0 where it is transparent."""

    bgr: Pixels
    weight: Pixels

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, px."""
        return int(self.bgr.shape[1]), int(self.bgr.shape[0])


@dataclass(frozen=True, order=True)
class Pose:
    """A place that looks like the template: likeness, centre in px, turn clockwise in deg, size."""

    score: float
    x: float
    y: float
    turn_deg: float
    size: float


def find_marks(bgr: Pixels, mark: Mark, least: float | None, stretch: float, turn_deg: float) -> list[Find]:
    """The places that look like a template, the likest first.

    Parameters
    ----------
    bgr : (h, w, 3) uint8
        The picture, or the part of it to look at.
    mark : Mark
        The template.
    least : float, optional
        Least likeness, 0 to 1.
    stretch : float
        A place may be greater or smaller than the template by this share.
    turn_deg : float
        It may be turned by this angle to either side.

    Returns
    -------
    list of Find
        With the likeness as `confidence`, the turned outline, and the values `turn` in deg, 0 to 360, clockwise, and
        `size`, 1 for the template's own.
    """
    limit = LEAST if least is None else least
    factor = min(mark.size) / _COARSE_PX
    factor = factor if factor >= _WORTH else 1.0
    small, small_mark = _shrunk(bgr, factor), _shrunk_mark(mark, factor)
    poses = [
        p
        for size in _steps(stretch, 2 / max(small_mark.size), 1.0)
        for turn in _steps(turn_deg, math.degrees(2 / max(small_mark.size)), 0.0)
        for p in _peaks(small, small_mark, turn, size, limit - (_SLACK if factor > 1 else 0.0))
    ]
    poses = _apart(poses, small_mark.size, _AT_MOST)
    if factor > 1 or turn_deg or stretch:
        close = [_closer(bgr, mark, p, factor, turn_deg, stretch, limit - _HOPE) for p in poses]
        poses = [p for p in close if p is not None]
    kept = _apart([p for p in poses if p.score >= limit], mark.size)
    return [_find(p, mark.size) for p in kept]


@lru_cache(maxsize=64)
def read_mark(path: Path, _changed_ns: int) -> Mark:
    """The template of a picture file.

    Parameters
    ----------
    path : Path
        A picture; what is transparent in it may be anything.
    _changed_ns : int
        When the file was changed, so that a new one is read.

    Raises
    ------
    InputError
        If the file cannot be used, or its pixels are all alike.
    """
    samples = read_samples(path)[0]
    weight = np.full(samples.shape[:2], 255, np.uint8)
    if samples.ndim == 3 and samples.shape[2] in (2, 4):
        half = 128 if samples.dtype == np.uint8 else 32768
        weight = np.where(samples[..., -1] >= half, 255, 0).astype(np.uint8)
    bgr = picture_of(samples, str(path)).bgr
    inside = bgr[weight > 0].astype(np.float64)
    if min(bgr.shape[:2]) < 4 or not len(inside) or inside.std(axis=0).max() < _FLAT:
        raise InputError(f"{path} is no template: expected at least 4 by 4 px that differ, found one colour or less")
    return Mark(bgr, weight)


def _steps(most: float, step: float, middle: float) -> Iterable[float]:
    """Values from `middle - most` to `middle + most`, at most a step apart."""
    count = math.ceil(most / step) if most else 0
    return [middle + most * i / count for i in range(-count, count + 1)] if count else [middle]


def _shrunk(bgr: Pixels, factor: float) -> Pixels:
    if factor <= 1:
        return bgr
    cv2 = opencv()
    size = (max(1, round(bgr.shape[1] / factor)), max(1, round(bgr.shape[0] / factor)))
    return np.asarray(cv2.resize(bgr, size, interpolation=cv2.INTER_AREA), np.uint8)


def _shrunk_mark(mark: Mark, factor: float) -> Mark:
    weight = _shrunk(mark.weight, factor)
    return Mark(_shrunk(mark.bgr, factor), np.where(weight > 127, 255, 0).astype(np.uint8))


def _turned(mark: Mark, turn_deg: float, size: float) -> tuple[Mark, float, float]:
    """A template turned clockwise about its middle and sized, and where its middle then lies."""
    if not turn_deg and size == 1:
        return mark, mark.size[0] / 2, mark.size[1] / 2
    cv2 = opencv()
    cos, sin = math.cos(math.radians(turn_deg)) * size, math.sin(math.radians(turn_deg)) * size
    width, height = mark.size
    wide = math.ceil(abs(width * cos) + abs(height * sin))
    high = math.ceil(abs(width * sin) + abs(height * cos))
    # OpenCV counts from the middle of the first pixel, we from its corner.
    to_x = wide / 2 - 0.5 - cos * (width / 2 - 0.5) + sin * (height / 2 - 0.5)
    to_y = high / 2 - 0.5 - sin * (width / 2 - 0.5) - cos * (height / 2 - 0.5)
    way = np.array([[cos, -sin, to_x], [sin, cos, to_y]])
    bgr = cv2.warpAffine(mark.bgr, way, (wide, high), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    weight = cv2.warpAffine(mark.weight, way, (wide, high), flags=cv2.INTER_LINEAR)
    return Mark(np.asarray(bgr), np.where(weight > 250, 255, 0).astype(np.uint8)), wide / 2, high / 2


def _likeness(bgr: Pixels, mark: Mark) -> Likeness | None:
    """The likeness at every place of the template's corner; None where the picture is smaller."""
    cv2 = opencv()
    if bgr.shape[0] < mark.size[1] or bgr.shape[1] < mark.size[0] or not mark.weight.any():
        return None
    if mark.weight.all():
        found = cv2.matchTemplate(bgr, mark.bgr, cv2.TM_CCOEFF_NORMED)
    else:
        weight = np.repeat(mark.weight[..., None] > 0, 3, axis=2).astype(np.float32)
        found = cv2.matchTemplate(
            bgr.astype(np.float32), mark.bgr.astype(np.float32), cv2.TM_CCOEFF_NORMED, mask=weight
        )
    # Where the picture is of one colour there is no likeness: 0 by 0, or what rounding makes of it.
    found = np.where(np.isfinite(found) & (np.abs(found) <= 1.001), found, -1.0)
    return np.asarray(np.clip(found, -1.0, 1.0), np.float32)


def _peaks(bgr: Pixels, mark: Mark, turn_deg: float, size: float, least: float) -> list[Pose]:
    """The places where the likeness has a peak."""
    cv2 = opencv()
    turned, mid_x, mid_y = _turned(mark, turn_deg, size)
    found = _likeness(bgr, turned)
    if found is None:
        return []
    reach = max(1, int(min(mark.size) * 0.25))
    highest = cv2.dilate(found, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    ys, xs = np.nonzero((found >= highest) & (found >= least))
    return [
        Pose(float(found[y, x]), x + mid_x, y + mid_y, turn_deg, size)
        for y, x in zip(ys.tolist(), xs.tolist(), strict=True)
    ]


def _closer(
    bgr: Pixels, mark: Mark, coarse: Pose, factor: float, turn_deg: float, stretch: float, least: float
) -> Pose | None:
    """A place of the small picture looked at in the picture itself, in ever smaller steps of turn and size.

    None where the first steps already leave no hope of the least likeness.
    """
    step_px = 1.5 * factor + 1
    best = replace(coarse, score=-2.0, x=coarse.x * factor, y=coarse.y * factor)
    turn_step = math.degrees(2 * factor / max(mark.size)) if turn_deg else 0.0
    size_step = 2 * factor / max(mark.size) if stretch else 0.0
    while True:
        start = best
        for turn in _around(start.turn_deg, turn_step, -turn_deg, turn_deg):
            for size in _around(start.size, size_step, 1 - stretch, 1 + stretch):
                here = _near(bgr, mark, start, turn, size, step_px)
                best = max(best, here) if here is not None else best
        if best.score < least:
            return None
        turn_step, size_step, step_px = turn_step / 2, size_step / 2, 2.0
        if max(math.radians(turn_step), size_step) * max(mark.size) < 0.25:  # a quarter of a pixel at the border
            return best


def _around(middle: float, step: float, low: float, high: float) -> list[float]:
    """A value and its neighbours, within limits, each once."""
    return sorted({min(max(middle + by, low), high) for by in (-step, 0.0, step)})


def _near(bgr: Pixels, mark: Mark, at: Pose, turn_deg: float, size: float, reach_px: float) -> Pose | None:
    """The best place of the template near one, to a part of a pixel."""
    turned, mid_x, mid_y = _turned(mark, turn_deg, size)
    left, top = max(0, math.floor(at.x - mid_x - reach_px)), max(0, math.floor(at.y - mid_y - reach_px))
    right = math.ceil(at.x - mid_x + reach_px) + turned.size[0]
    bottom = math.ceil(at.y - mid_y + reach_px) + turned.size[1]
    found = _likeness(bgr[top:bottom, left:right], turned)
    if found is None:
        return None
    y, x = np.unravel_index(int(found.argmax()), found.shape)
    row, column = found[y], found[:, x]
    return Pose(
        float(found[y, x]),
        left + mid_x + _summit(row, int(x)),
        top + mid_y + _summit(column, int(y)),
        turn_deg,
        size,
    )


def _summit(values: Likeness, at: int) -> float:
    """Where a parabola through three values has its top."""
    if not 0 < at < len(values) - 1:
        return float(at)
    before, here, after = (float(v) for v in values[at - 1 : at + 2])
    bend = before - 2 * here + after
    return at + (0.5 * (before - after) / bend if bend < 0 else 0.0)


def _apart(poses: Sequence[Pose], size: tuple[int, int], most: int | None = None) -> list[Pose]:
    """The best of places that overlap, in falling likeness; places are compared as boxes that are not turned."""
    width, height = size
    ordered = sorted(poses, key=lambda p: (-p.score, p.y, p.x, abs(p.turn_deg), p.size))
    at = np.array([(p.x, p.y) for p in ordered], np.float64).reshape(-1, 2)
    left = np.ones(len(ordered), np.bool_)
    kept: list[Pose] = []
    for i, pose in enumerate(ordered):
        if left[i] and (most is None or len(kept) < most):
            kept.append(pose)
            across = np.maximum(0.0, 1 - np.abs(at[:, 0] - pose.x) / width)
            left &= across * np.maximum(0.0, 1 - np.abs(at[:, 1] - pose.y) / height) <= SAME_PLACE
    return kept


def _find(pose: Pose, size: tuple[int, int]) -> Find:
    width, height = size[0] * pose.size / 2, size[1] * pose.size / 2
    cos, sin = math.cos(math.radians(pose.turn_deg)), math.sin(math.radians(pose.turn_deg))
    corners = [(-width, -height), (width, -height), (width, height), (-width, height)]
    ring = np.array([(pose.x + u * cos - v * sin, pose.y + u * sin + v * cos) for u, v in corners])
    return Find.of_ring(ring, pose.score, values={"turn": pose.turn_deg % 360, "size": pose.size})
