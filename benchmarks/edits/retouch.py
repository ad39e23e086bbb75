"""Retouching by code: cut a part out, put it elsewhere, wipe it away, give it another colour.

A picture is (h, w, 3) uint8, BGR. Places are in percent of its width and height, so that one list of places serves
copies of any size; a box is x0 y0 x1 y1. Every function returns a new picture.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

Pixels: TypeAlias = npt.NDArray[np.uint8]
Shares: TypeAlias = npt.NDArray[np.float32]
Box: TypeAlias = tuple[float, float, float, float]
#: Which pixels of a crop belong to a part: (h, w, 3) CIELAB in, (h, w) bool out.
Which: TypeAlias = Callable[[Shares], npt.NDArray[np.bool_]]


@dataclass(frozen=True, eq=False)
class Cut:
    """A part that was cut out.

    Parameters
    ----------
    bgr : (h, w, 3) uint8
        The rectangle round it.
    cover : (h, w) float32
        From 0 to 1, how much of a pixel is the part.
    """

    bgr: Pixels
    cover: Shares


def lab(bgr: Pixels) -> Shares:
    """CIELAB of a picture, (h, w, 3) float32, L from 0 to 100."""
    return np.asarray(cv2.cvtColor(bgr.astype(np.float32) / 255, cv2.COLOR_BGR2Lab), np.float32)


def bgr_of(values: Shares) -> Pixels:
    """The picture of CIELAB values."""
    light = np.asarray(cv2.cvtColor(values, cv2.COLOR_Lab2BGR), np.float32)
    return np.asarray(np.clip(light * 255 + 0.5, 0, 255), np.uint8)


def corners(picture: Pixels, box: Box) -> tuple[int, int, int, int]:
    """A box in px, within the picture and at least a pixel wide."""
    height, width = picture.shape[:2]
    x0, x1 = sorted(round(np.clip(v, 0, 100) / 100 * width) for v in (box[0], box[2]))
    y0, y1 = sorted(round(np.clip(v, 0, 100) / 100 * height) for v in (box[1], box[3]))
    return x0, y0, max(x1, x0 + 1), max(y1, y0 + 1)


def crop(picture: Pixels, box: Box) -> Pixels:
    """The pixels of a box."""
    x0, y0, x1, y1 = corners(picture, box)
    return picture[y0:y1, x0:x1].copy()


def soft_box(shape: Sequence[int], edge_px: float) -> Shares:
    """A rectangle of this shape that fades towards its edges, (h, w) float32."""
    y, x = (np.minimum(np.arange(n), np.arange(n)[::-1]) + 0.5 for n in shape[:2])
    return np.clip(np.minimum(y[:, None], x[None, :]) / max(edge_px, 0.5), 0, 1).astype(np.float32)


def softened(mask: Pixels, sigma_px: float = 0.0) -> Shares:
    """A mask with soft edges, (h, w) float32; without a width by a pixel."""
    size = (0, 0) if sigma_px else (3, 3)
    return np.asarray(cv2.GaussianBlur(mask.astype(np.float32), size, sigma_px), np.float32)


def oval(shape: Sequence[int]) -> Shares:
    """The ellipse that fills a rectangle, soft by a pixel, (h, w) float32."""
    height, width = shape[:2]
    y, x = np.mgrid[:height, :width]
    radius = np.hypot((x + 0.5) / width * 2 - 1, (y + 0.5) / height * 2 - 1)
    return np.asarray(np.clip((1 - radius) * min(height, width) / 2 + 0.5, 0, 1), np.float32)


def cut(picture: Pixels, box: Box, which: Which | None = None, wide_px: int = 1) -> Cut:
    """Cut out the largest connected part in a box.

    Parameters
    ----------
    which : callable, optional
        What belongs to it; its holes belong as well. Without, an ellipse.
    wide_px : int
        By how much it is widened, so that its edge comes along.
    """
    piece = crop(picture, box)
    if which is None:
        return Cut(piece, oval(piece.shape))
    return Cut(piece, softened(part_mask(piece, which, wide_px)))


def part_mask(piece: Pixels, which: Which, wide_px: int) -> Pixels:
    """The largest connected part of a crop, filled and widened, (h, w) uint8 of 0 and 1."""
    found = cv2.findContours(which(lab(piece)).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
    mask = np.zeros(piece.shape[:2], np.uint8)
    if found:
        cv2.drawContours(mask, [max(found, key=cv2.contourArea)], -1, 1, -1)
    if wide_px:
        mask = np.asarray(cv2.dilate(mask, np.ones((2 * wide_px + 1, 2 * wide_px + 1), np.uint8)), np.uint8)
    return mask


def put(picture: Pixels, part: Cut, x: float, y: float, turn_deg: float = 0.0, size: float = 1.0) -> Pixels:
    """Lay a part on a picture, its middle at a place, turned and larger or smaller."""
    height, width = part.cover.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn_deg, size)
    matrix[:, 2] += [picture.shape[1] * x / 100 - width / 2, picture.shape[0] * y / 100 - height / 2]
    across = (picture.shape[1], picture.shape[0])
    laid = cv2.warpAffine(part.bgr, matrix, across, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    cover = cv2.warpAffine(part.cover, matrix, across, flags=cv2.INTER_LINEAR)
    return blend(picture, np.asarray(laid, np.uint8), np.asarray(cover, np.float32))


def blend(under: Pixels, over: Pixels, cover: Shares) -> Pixels:
    """One picture over another where `cover` is 1."""
    share = cover[..., None]
    return (under * (1 - share) + over * share + 0.5).astype(np.uint8)


def fitted(part: Cut, picture: Pixels, width: float, height: float) -> Cut:
    """A part of this size, in percent of a picture."""
    size = (max(1, round(width / 100 * picture.shape[1])), max(1, round(height / 100 * picture.shape[0])))
    how = cv2.INTER_AREA if size[0] < part.cover.shape[1] else cv2.INTER_CUBIC
    bgr, cover = (cv2.resize(a, size, interpolation=how) for a in (part.bgr, part.cover))
    return Cut(np.asarray(bgr, np.uint8), np.clip(cover, 0, 1).astype(np.float32))


def patch(picture: Pixels, onto: Box, source: Box, of: Pixels | None = None, edge_px: float = 2.0) -> Pixels:
    """Copy a box of a picture, or of another one, onto a box, with soft edges."""
    x0, y0, x1, y1 = corners(picture, onto)
    piece = cv2.resize(crop(picture if of is None else of, source), (x1 - x0, y1 - y0), interpolation=cv2.INTER_LINEAR)
    done = picture.copy()
    done[y0:y1, x0:x1] = blend(picture[y0:y1, x0:x1], np.asarray(piece, np.uint8), soft_box(piece.shape, edge_px))
    return done


def inside(picture: Pixels, box: Box, which: Which | None = None, wide_px: int = 0) -> Pixels:
    """Which pixels of a box belong, for the whole picture, (h, w) uint8 of 0 and 1."""
    mask = np.zeros(picture.shape[:2], np.uint8)
    x0, y0, x1, y1 = corners(picture, box)
    mask[y0:y1, x0:x1] = 1 if which is None else which(lab(picture[y0:y1, x0:x1]))
    if wide_px:
        mask = np.asarray(cv2.dilate(mask, np.ones((2 * wide_px + 1, 2 * wide_px + 1), np.uint8)), np.uint8)
    return mask


def wiped(picture: Pixels, mask: Pixels, grain: float = 1.5, seed: int = 0) -> Pixels:
    """Fill what a mask covers from its surroundings, smoothly, with grain.

    Telea's method on a small copy: what it fills are grounds without pattern.
    """
    height, width = mask.shape
    step = max(1, min(height, width) // 120)
    small = (max(1, width // step), max(1, height // step))
    hole = cv2.resize(mask * 255, small, interpolation=cv2.INTER_AREA)
    filled = cv2.inpaint(
        cv2.resize(picture, small, interpolation=cv2.INTER_AREA), (hole > 0).astype(np.uint8), 5, cv2.INPAINT_TELEA
    )
    over = cv2.resize(filled, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.float64)
    over += np.random.default_rng(seed).normal(0, grain, (height, width, 1))
    return blend(picture, np.clip(over, 0, 255).astype(np.uint8), softened(mask))


def tinted(picture: Pixels, mask: Pixels, to: tuple[float, float, float], texture: float = 1.0) -> Pixels:
    """Give what a mask covers another mean colour, in CIELAB, and keep light and shade.

    Parameters
    ----------
    texture : float
        How much of the difference from the mean lightness stays.
    """
    values = lab(picture)
    chosen = values[mask > 0]
    if not len(chosen):
        return picture
    mean = np.median(chosen, 0)
    new = values.copy()
    new[..., 0] = np.clip((values[..., 0] - mean[0]) * texture + to[0], 0, 100)
    # towards black and white there is less chroma
    fade = np.clip(new[..., 0] / max(to[0], 1), 0.2, 1.3)
    for i in (1, 2):
        new[..., i] = to[i] * fade + 0.3 * (values[..., i] - mean[i])
    return blend(picture, bgr_of(new), softened(mask))
