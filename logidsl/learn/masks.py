"""Masks of annotated parts of which only a box, a point or a stroke is known, by GrabCut (Rother, Kolmogorov and Blake,
2004) inside the box, or around the point or stroke.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from logidsl.arrays import Floats, Mask, Pixels
from logidsl.extract.pixels.opencv import cv2

#: How far from a point or a stroke its object may reach, and is taken to reach at first, as shares of a typical side.
REACH, _REACH_AT_FIRST = 0.8, 0.65
#: Share of a box that an object fills unless it is thin and at a slant. Of such an object: its width at first and the
#: gaps in it, as shares of the box's shorter side, the share of each side that it must reach, and how much the other
#: diagonal may differ from what is round the box, as a share of how much the object's does.
_FULL, _STRIP, _GAP, _REACHED, _UNLIKE = 0.4, 0.8, 0.1, 0.7, 0.9


def grown(
    bgr: Pixels,
    box: tuple[float, float, float, float],
    line: Floats | None,
    size_px: float,
    others: Sequence[Floats],
) -> Pixels:
    """The object of a box, or of a stroke with a box round it, by GrabCut; an ellipse if that fails."""
    height, width = bgr.shape[:2]
    x0, y0, x1, y1 = box
    margin_x, margin_y = 0.35 * (x1 - x0), 0.35 * (y1 - y0)
    left, top = max(0, int(x0 - margin_x)), max(0, int(y0 - margin_y))
    right, bottom = min(width, math.ceil(x1 + margin_x)), min(height, math.ceil(y1 + margin_y))
    whole = np.zeros((height, width), np.uint8)
    if right - left < 2 or bottom - top < 2:
        return whole
    crop = np.ascontiguousarray(bgr[top:bottom, left:right])
    inner = [round(v) for v in (x0 - left, y0 - top, x1 - left, y1 - top)]
    ax, ay, bx, by = (max(0, inner[0]), max(0, inner[1]), min(right - left, inner[2]), min(bottom - top, inner[3]))
    center, axes = ((inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2), (inner[2] - inner[0], inner[3] - inner[1])
    guess = np.full(crop.shape[:2], cv2.GC_BGD, np.uint8)
    if line is None:
        guess[ay:by, ax:bx] = cv2.GC_PR_BGD
        inside = guess != cv2.GC_BGD
        cv2.ellipse(guess, (center, axes, 0.0), cv2.GC_PR_FGD, cv2.FILLED)
        cv2.ellipse(guess, (center, (0.4 * axes[0], 0.4 * axes[1]), 0.0), cv2.GC_FGD, cv2.FILLED)
    else:
        start, end = np.round(line - [left, top]).astype(int).tolist()
        for reach, kind in ((REACH, cv2.GC_PR_BGD), (_REACH_AT_FIRST, cv2.GC_PR_FGD), (0.1, cv2.GC_FGD)):
            cv2.line(guess, start, end, kind, max(2, round(2 * reach * size_px)))
        inside = guess != cv2.GC_BGD
        for other in others:
            at = np.round(other[0] - [left, top]).astype(int).tolist()
            cv2.circle(guess, at, max(1, round(0.1 * size_px)), cv2.GC_BGD, cv2.FILLED)
    guess[~inside] = cv2.GC_BGD
    taken = _cut_out(crop, guess)
    if line is None and taken.sum() < _FULL * (by - ay) * (bx - ax):
        slanted = _slanted(crop, inside, (ax, ay, bx, by))
        if slanted is None:
            taken[:] = 0
            cv2.ellipse(taken, (center, axes, 0.0), 1, cv2.FILLED)
            taken[~inside] = 0
        else:
            taken = slanted
    whole[top:bottom, left:right] = taken
    return whole


def _cut_out(crop: Pixels, guess: Pixels, gap: int = 0) -> Pixels:
    """The largest region that GrabCut gives, without holes, 1 or 0; regions less than `gap` px apart are one."""
    if (guess == cv2.GC_BGD).any() and np.isin(guess, (cv2.GC_FGD, cv2.GC_PR_FGD)).any():
        cv2.setRNGSeed(0)
        cv2.grabCut(crop, guess, None, np.zeros((1, 65)), np.zeros((1, 65)), 4, cv2.GC_INIT_WITH_MASK)
    taken = ((guess == cv2.GC_FGD) | (guess == cv2.GC_PR_FGD)).astype(np.uint8)
    if gap:
        padded = cv2.copyMakeBorder(taken, gap, gap, gap, gap, cv2.BORDER_CONSTANT)
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (gap, gap))
        taken = np.ascontiguousarray(cv2.morphologyEx(padded, cv2.MORPH_CLOSE, disc)[gap:-gap, gap:-gap])
    count, regions, stats, _ = cv2.connectedComponentsWithStats(taken)
    if count > 1:
        taken = (regions == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))).astype(np.uint8)
    contours, _ = cv2.findContours(taken, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(taken, contours, -1, 1, cv2.FILLED)
    return np.asarray(taken, np.uint8)


def _slanted(crop: Pixels, inside: Mask, box: tuple[int, int, int, int]) -> Pixels | None:
    """A thin object along a diagonal of its box, the one that looks less like what is round the box; None without."""
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    if inside.all() or min(width, height) < 4:
        return None
    colors = cv2.cvtColor(crop, cv2.COLOR_BGR2LAB).astype(np.float64)
    middle, spread = colors[~inside].mean(0), np.cov(colors[~inside].T) + np.eye(3)
    away = np.sqrt(np.einsum("...i,ij,...j", colors - middle, np.linalg.inv(spread), colors - middle))
    guesses = []
    for start, end in (((x0, y0), (x1, y1)), ((x0, y1), (x1, y0))):
        guess = np.where(inside, cv2.GC_PR_BGD, cv2.GC_BGD).astype(np.uint8)
        cv2.line(guess, start, end, cv2.GC_PR_FGD, max(2, round(_STRIP * min(width, height))))
        from_, to = (np.round(np.array(start) + f * np.subtract(end, start)).astype(int).tolist() for f in (0.25, 0.75))
        cv2.line(guess, from_, to, cv2.GC_FGD, max(1, round(0.1 * min(width, height))))
        guess[~inside] = cv2.GC_BGD
        guesses.append(guess)
    differ = [float(away[g == cv2.GC_FGD].mean()) for g in guesses]
    if min(differ) > _UNLIKE * max(differ):
        return None
    guess = guesses[int(np.argmax(differ))]
    taken = _cut_out(crop, guess, round(_GAP * min(width, height)))
    reached = np.ptp(np.nonzero(taken), axis=1) + 1 if taken.any() else np.zeros(2)
    return taken if (reached >= _REACHED * np.array([height, width])).all() else None
