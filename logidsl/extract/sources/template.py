"""`template`: finding the places of a picture that look like a small one.

Likeness is that of `likeness`, 1 for the same pixels, whatever the brightness and the contrast of the light. What is
transparent in the template says nothing. The picture is searched small first, at every size and turn that is allowed,
in steps that move the template's border by about a pixel: the greater the mark is to be, the smaller the picture is
made, so that the template keeps about `_COARSE_PX` squared pixels. The best places are then made exact (`poses`). Of
places that overlap by more than `SAME_PLACE` the best stays; where it looks as well another way round, its turn is
unknown. May import `picture`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from logidsl.arrays import Floats, Pixels
from logidsl.diagnostics import InputError
from logidsl.extract.pixels.opencv import cv2
from logidsl.extract.pixels.picture import picture_of, read_samples
from logidsl.extract.sources.detection_records import Detection
from logidsl.extract.sources.dispatch import Look
from logidsl.extract.sources.normalized_correlation import FLAT, Mark, Spectra
from logidsl.extract.sources.poses import Freedom, Pose, Pyramid, closer, shrunk
from logidsl.ir import SourceDecl

#: Least likeness of a place that is taken, unless the spec says another.
LEAST = 0.8
#: Share of the smaller of two places that both cover, from which on they are one.
SAME_PLACE = 0.3
#: Two rotations that differ by more are two orientations, and one whose similarity is lower by no more than this is
#: equally good.
OTHER_WAY_DEG, AS_LIKE = 40.0, 0.01
_COARSE_PX, _THIN_PX = 20, 8  # root of the template's area where the picture is searched small, and its least side
_BORDER_PX = 0.75  # how far the template's border lies off at most between two steps of turn or size
_SLACK = 0.2  # how much lower the similarity may be while both are small
_HOPE = 0.15  # how much less it may after the small template was fitted
_AT_MOST = 500  # places that are looked at closely


def find(look: Look) -> list[Detection]:
    """The source `template`."""
    part, source, mark = look.part, look.source, read_mark(*look.file)
    marks = find_marks(part, mark, source.score, source.stretch, source.turn_deg)
    if not marks and not _has_room(part, mark.size, source):
        (wide, high), (height, width) = mark.size, part.shape[:2]
        where = f"{width} by {height} px are looked at"
        look.looking.notes.append(f"`{source.name}` has no room: `{source.file}` is {wide} by {high} px, and {where}")
    return marks


def _has_room(part: Pixels, size: tuple[int, int], source: SourceDecl) -> bool:
    """Whether a mark of some size (width, height) can lie in a part, as small and as turned as it may be."""
    wide, high = (s / (1 + source.stretch) for s in size)
    height, width = part.shape[:2]
    if not source.turn_deg:
        return bool(wide <= width and high <= height)
    return bool(min(wide, high) <= min(width, height) and max(wide, high) <= math.hypot(width, height))


def find_marks(bgr: Pixels, mark: Mark, least: float | None, stretch: float, turn_deg: float) -> list[Detection]:
    """The matches of a template, the most similar first.

    Parameters
    ----------
    bgr : (h, w, 3) uint8
        The picture, or the part of it to look at.
    mark : Mark
        The template.
    least : float, optional
        Least likeness, 0 to 1.
    stretch : float
        A place may be greater than the template by this share, or the template greater than the place: 1 is from
        half to twice its size.
    turn_deg : float
        It may be turned by this angle to either side.

    Returns
    -------
    list of Detection
        With the likeness as `confidence`, the turned outline, and the values `turn` in deg, 0 to 360, clockwise, NaN
        where another way round is as like, and `size`, 1 for the template's own.
    """
    limit = LEAST if least is None else least
    factor = max(1.0, min(math.sqrt(math.prod(mark.size)) / _COARSE_PX, min(mark.size) / _THIN_PX))
    freedom = Freedom(turn_deg, 1 + stretch)
    poses = _apart(list(_coarse(bgr, mark, factor, freedom, limit - _SLACK)), mark.size, _AT_MOST, OTHER_WAY_DEG)
    pyramid, coarsest = Pyramid(bgr, mark), round(math.log2(factor))
    close = [closer(pyramid, p, freedom, coarsest, limit - _HOPE) for p in poses]
    exact = [p for p in close if p is not None and p.score >= limit]
    return [_find(p, mark.size, _either_way(p, exact, mark.size)) for p in _apart(exact, mark.size)]


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
    if min(bgr.shape[:2]) < 4 or not len(inside) or inside.std(axis=0).max() < FLAT:
        raise InputError(f"{path} is not usable as a template: expected at least 4 by 4 px with some contrast")
    return Mark(bgr, weight)


def _coarse(bgr: Pixels, mark: Mark, factor: float, freedom: Freedom, least: float) -> Iterator[Pose]:
    """The matches of the small template at some rotation and size, with its similarity."""
    height, width = bgr.shape[:2]
    border = 2 * _BORDER_PX * 2 * factor / max(mark.size)
    for size in _sizes(freedom.times, border):
        down = max(1.0, factor * size)
        small = shrunk(bgr, max(1, round(width / down)), max(1, round(height / down)))
        by = max(1.0, down / size)
        least_mark = Mark(*(shrunk(v, *(max(1, round(s / by)) for s in mark.size)) for v in (mark.bgr, mark.weight)))
        spectra = Spectra(cv2.copyMakeBorder(small, 1, 1, 1, 1, cv2.BORDER_REPLICATE))
        for turn in _turns(freedom.turn_deg, math.degrees(border)):
            for p in _peaks(spectra, least_mark, turn, size * by / down, least):
                yield Pose(p.score, (p.x - 1) * width / small.shape[1], (p.y - 1) * height / small.shape[0], turn, size)


def _sizes(times: float, step: float) -> list[float]:
    """Sizes from a part to a multiple, at most a step apart."""
    count = math.ceil(math.log(times) / step)
    return [times ** (i / count) for i in range(-count, count + 1)] if count else [1.0]


def _turns(most_deg: float, step_deg: float) -> list[float]:
    """Rotations to both sides, at most a step apart; a full turn without duplicates."""
    count = math.ceil(most_deg / step_deg)
    turns = [most_deg * i / count for i in range(-count, count + 1)] if count else [0.0]
    return turns[1:] if most_deg >= 180 else turns


def _turned(mark: Mark, turn_deg: float, size: float) -> tuple[Mark, float, float]:
    """A template turned clockwise about its middle and sized, and where its middle then lies."""
    if not turn_deg and size == 1:
        return mark, mark.size[0] / 2, mark.size[1] / 2
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
    return Mark(np.asarray(bgr), np.where(weight > 127, 255, 0).astype(np.uint8)), wide / 2, high / 2


def _peaks(spectra: Spectra, mark: Mark, turn_deg: float, size: float, least: float) -> list[Pose]:
    """The places where the likeness has a peak."""
    turned, mid_x, mid_y = _turned(mark, turn_deg, size)
    found = spectra.normalized_correlation(turned)
    if found is None or found.max() < least:
        return []
    reach = max(1, int(min(mark.size) * size * 0.25))
    highest = cv2.dilate(found, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    ys, xs = np.nonzero((found >= highest) & (found >= least))
    return [
        Pose(float(found[y, x]), x + mid_x, y + mid_y, turn_deg, size)
        for y, x in zip(ys.tolist(), xs.tolist(), strict=True)
    ]


def _shared(pose: Pose, at: Floats, size: tuple[int, int]) -> Floats:
    """(n,) shares of the smaller of two places that both cover, as boxes on the axes of the one, sides of `size`."""
    cos, sin = math.cos(math.radians(pose.turn_deg)), math.sin(math.radians(pose.turn_deg))
    dx, dy = at[:, 0] - pose.x, at[:, 1] - pose.y
    lesser, both = np.minimum(at[:, 3], pose.size), (at[:, 3] + pose.size) / 2
    across = np.clip((both - np.abs(dx * cos + dy * sin) / size[0]) / lesser, 0.0, 1.0)
    return np.asarray(across * np.clip((both - np.abs(dy * cos - dx * sin) / size[1]) / lesser, 0.0, 1.0))


def _apart(
    poses: Sequence[Pose], size: tuple[int, int], most: int | None = None, other_way_deg: float = 360.0
) -> list[Pose]:
    """The best of places that overlap, in falling likeness; those turned by more than an angle do not count as one."""
    ordered = sorted(poses, key=lambda p: (-p.score, p.y, p.x, abs(p.turn_deg), p.size))
    at = np.array([(p.x, p.y, p.turn_deg, p.size) for p in ordered], np.float64).reshape(-1, 4)
    left = np.ones(len(ordered), np.bool_)
    kept: list[Pose] = []
    for i, pose in enumerate(ordered):
        if left[i] and (most is None or len(kept) < most):
            kept.append(pose)
            off = np.abs((at[:, 2] - pose.turn_deg + 180) % 360 - 180)
            left &= (_shared(pose, at, size) <= SAME_PLACE) | (off > other_way_deg)
    return kept


def _either_way(pose: Pose, poses: Sequence[Pose], size: tuple[int, int]) -> bool:
    """Whether a place matches equally well in another orientation."""
    at = np.array([(p.x, p.y, p.turn_deg, p.size) for p in poses], np.float64).reshape(-1, 4)
    off = np.abs((at[:, 2] - pose.turn_deg + 180) % 360 - 180)
    like = np.array([p.score for p in poses]) >= pose.score - AS_LIKE
    return bool(((_shared(pose, at, size) > SAME_PLACE) & (off > OTHER_WAY_DEG) & like).any())


def _find(pose: Pose, size: tuple[int, int], either_way: bool) -> Detection:
    width, height = size[0] * pose.size / 2, size[1] * pose.size / 2
    cos, sin = math.cos(math.radians(pose.turn_deg)), math.sin(math.radians(pose.turn_deg))
    corners = [(-width, -height), (width, -height), (width, height), (-width, height)]
    ring = np.array([(pose.x + u * cos - v * sin, pose.y + u * sin + v * cos) for u, v in corners])
    turn = math.nan if either_way else pose.turn_deg % 360
    return Detection.of_ring(ring, pose.score, values={"turn": turn, "size": pose.size})
