"""A pose of a template: where in the picture it lies, how it is turned and how large it is, and how to make it exact.

`closer` moves, rotates and scales a template until it looks most like the pixels under it: least squares by the
gradient of the picture (Lucas and Kanade, 1981), with gain and offset of the light removed, on the small picture first
and then on larger ones. May import `likeness` and `picture`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from logidsl.arrays import Floats, Pixels, Singles
from logidsl.extract.pixels.opencv import cv2
from logidsl.extract.sources.normalized_correlation import Mark, centred, likeness_of, planes_of

_TRIES = 10  # steps of least squares on one level
_STEP_PX = 1.5  # the farthest that the template's border moves in one step, px of the level
_STILL_PX = 0.01  # a step of less is the last
_LARGE_PX = 128  # a template of more pixels than this squared is fitted on a smaller picture: it is exact enough there


@dataclass(frozen=True, order=True)
class Pose:
    """A match of the template: similarity, centre in px, clockwise rotation in deg, size."""

    score: float
    x: float
    y: float
    turn_deg: float
    size: float


@dataclass(frozen=True)
class Freedom:
    """How far a template may be turned, to either side, and how many times as large or as small it may be."""

    turn_deg: float
    times: float

    def held(self, pose: Pose) -> Pose:
        """The pose brought within what is allowed."""
        turn = (pose.turn_deg + 180) % 360 - 180
        turn = turn if self.turn_deg >= 180 else min(max(turn, -self.turn_deg), self.turn_deg)
        return replace(pose, turn_deg=turn, size=min(max(pose.size, 1 / self.times), self.times))


@dataclass(frozen=True, eq=False)
class _Level:
    """A template on one level: its weights, its pixels about their mean, and places counted from its middle, px."""

    weight: Singles
    total: float
    pattern: Singles
    across: Singles
    down: Singles
    factor: tuple[float, float]

    @classmethod
    def of(cls, mark: Mark, halvings: int) -> _Level:
        width, height = (max(1, round(v / 2**halvings)) for v in mark.size)
        bgr, weight = (shrunk(v, width, height) for v in (mark.bgr, mark.weight))
        down, across = np.mgrid[0:height, 0:width].astype(np.float32)
        factor = mark.size[0] / width, mark.size[1] / height
        solid = (weight > 250).astype(np.float32) if (weight > 250).any() else np.ones_like(weight, np.float32)
        pattern = centred(planes_of(bgr), solid)
        return cls(solid, float(solid.sum()), pattern, across + 0.5 - width / 2, down + 0.5 - height / 2, factor)


class Pyramid:
    """A picture and a template, each in half, a quarter and so on of its size, made when they are first needed."""

    def __init__(self, bgr: Pixels, mark: Mark) -> None:
        self.mark = mark
        self._pictures = {0: bgr}
        self._levels: dict[int, _Level] = {}

    def level(self, halvings: int) -> _Level:
        """The template."""
        if halvings not in self._levels:
            self._levels[halvings] = _Level.of(self.mark, halvings)
        return self._levels[halvings]

    def picture(self, halvings: int) -> Pixels:
        """The picture."""
        if halvings not in self._pictures:
            bgr = self._pictures[0]
            size = (max(1, round(v / 2**halvings)) for v in (bgr.shape[1], bgr.shape[0]))
            self._pictures[halvings] = shrunk(bgr, *size)
        return self._pictures[halvings]

    def seen(self, pose: Pose, level: _Level) -> Singles:
        """The pixels of the picture under the template, (3, h, w), as they would be if it were not turned or sized."""
        halvings = max(0, math.floor(math.log2(max(pose.size * level.factor[0], 1.0))))
        picture = self.picture(halvings)
        whole = self._pictures[0]
        by_x, by_y = picture.shape[1] / whole.shape[1], picture.shape[0] / whole.shape[0]
        cos, sin = (f(math.radians(pose.turn_deg)) * pose.size for f in (math.cos, math.sin))
        height, width = level.weight.shape
        fx, fy = level.factor
        way = np.array([[cos * fx * by_x, -sin * fy * by_x, 0.0], [sin * fx * by_y, cos * fy * by_y, 0.0]])
        # OpenCV counts from the middle of the first pixel, we from its corner.
        way[:, 2] = (pose.x * by_x - 0.5, pose.y * by_y - 0.5) - way[:, :2] @ ((width - 1) / 2, (height - 1) / 2)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        seen = cv2.warpAffine(picture, way, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return planes_of(np.asarray(seen, np.uint8))

    def scored(self, pose: Pose, halvings: int = 0) -> Pose:
        """The pose with its likeness on a level."""
        level = self.level(halvings)
        seen, own = centred(self.seen(pose, level), level.weight).ravel(), level.pattern.ravel()
        power, both = float(seen @ seen), float(seen @ own)
        return replace(pose, score=likeness_of(power, both, float(own @ own), level.total))


def closer(pyramid: Pyramid, pose: Pose, freedom: Freedom, coarsest: int, hope: float) -> Pose | None:
    """The nearby pose most similar to the template, with its similarity in the picture itself.

    Parameters
    ----------
    pyramid : Pyramid
        Picture and template.
    pose : Pose
        Where to begin, off by a pixel or two of the coarsest level.
    freedom : Freedom
        Whether it may be turned and sized, and how far.
    coarsest : int
        How often the template is halved first.
    hope : float
        Least likeness on that level, else None.
    """
    finest = max(0, math.ceil(math.log2(math.sqrt(math.prod(pyramid.mark.size)) / _LARGE_PX)))
    for halvings in range(max(coarsest, finest), finest - 1, -1):
        pose = _fitted(pyramid, pose, freedom, halvings)
        if halvings == coarsest and pose.score < hope:
            return None
    return pyramid.scored(pose)


def _fitted(pyramid: Pyramid, pose: Pose, freedom: Freedom, halvings: int) -> Pose:
    """The likest of the poses that least squares run through on one level."""
    level = pyramid.level(halvings)
    best = replace(pose, score=-2.0)
    reach = math.hypot(*level.weight.shape) / 2
    for _ in range(_TRIES):
        score, step = _step(level, pyramid.seen(pose, level), freedom)
        if score > best.score:
            best = replace(pose, score=score)
        if step is None:
            break
        moved_px = max(abs(step[0]), abs(step[1]), reach * abs(step[2]), reach * abs(step[3]))
        dx, dy, turn, size = (step * min(1.0, _STEP_PX / max(moved_px, 1e-12))).tolist()
        cos, sin = (f(math.radians(pose.turn_deg)) * pose.size for f in (math.cos, math.sin))
        dx, dy = dx * level.factor[0], dy * level.factor[1]
        x, y = pose.x + dx * cos - dy * sin, pose.y + dx * sin + dy * cos
        pose = freedom.held(Pose(0.0, x, y, pose.turn_deg + math.degrees(turn), pose.size * math.exp(size)))
        if moved_px < _STILL_PX:
            break
    return best


def _step(level: _Level, seen: Singles, freedom: Freedom) -> tuple[float, Floats | None]:
    """The similarity, and a better fit: a shift along both axes of the template in px of the level, a rotation in
    radians and a growth; None if undetermined.
    """
    right, below = np.zeros_like(seen), np.zeros_like(seen)
    right[..., 1:-1] = (seen[..., 2:] - seen[..., :-2]) / 2
    below[:, 1:-1] = (seen[:, 2:] - seen[:, :-2]) / 2
    across, down = level.across, level.down
    ways = [right, below]
    if freedom.turn_deg:
        ways.append(across * below - down * right)
    if freedom.times > 1:
        ways.append(across * right + down * below)
    table = np.stack([centred(v, level.weight).ravel() for v in (*ways, seen)] + [level.pattern.ravel()])
    squares = (table @ table.T).astype(np.float64)
    score = likeness_of(float(squares[-2, -2]), float(squares[-2, -1]), float(squares[-1, -1]), level.total)
    try:
        found = np.linalg.solve(squares[:-1, :-1], squares[:-1, -1])
    except np.linalg.LinAlgError:
        return score, None
    gain = float(found[-1])
    if not np.isfinite(found).all() or gain <= 0:
        return score, None
    step = np.zeros(4)
    step[:2] = found[:2] / gain
    if freedom.turn_deg:
        step[2] = found[2] / gain
    if freedom.times > 1:
        step[3] = found[-2] / gain
    return score, step


def shrunk(values: Pixels, width: int, height: int) -> Pixels:
    """A picture, or a part of one, made smaller."""
    if (values.shape[1], values.shape[0]) == (width, height):
        return values
    return np.asarray(cv2.resize(values, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
