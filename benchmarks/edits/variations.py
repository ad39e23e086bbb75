"""What may differ between two good pictures of one part: place, light, noise, sharpness, size.

Every variation takes a picture and gives one of which the same must be said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import cv2
import numpy as np

from benchmarks.edits.retouch import Pixels

Variation: TypeAlias = Callable[[Pixels], Pixels]


def lit(blue: float, green: float, red: float) -> Variation:
    """Brighter or darker, channel by channel."""

    def vary(picture: Pixels) -> Pixels:
        return np.asarray(np.clip(picture * np.array([blue, green, red]) + 0.5, 0, 255), np.uint8)

    return vary


def placed(dx: float = 0.0, dy: float = 0.0, turn_deg: float = 0.0, size: float = 1.0) -> Variation:
    """Shifted by shares of the sides, turned and scaled about the middle; the ground goes on beyond the border."""

    def vary(picture: Pixels) -> Pixels:
        height, width = picture.shape[:2]
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn_deg, size)
        matrix[:, 2] += [dx * width, dy * height]
        return np.asarray(
            cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101),
            np.uint8,
        )

    return vary


def noisy(sigma: float) -> Variation:
    """Noise of a camera, of this standard deviation in steps of 1/255."""

    def vary(picture: Pixels) -> Pixels:
        noise = np.random.default_rng(3).normal(0, sigma, picture.shape)
        return np.clip(picture + noise + 0.5, 0, 255).astype(np.uint8)

    return vary


def blurred(share: float) -> Variation:
    """Out of focus; the standard deviation as a share of the shorter side."""

    def vary(picture: Pixels) -> Pixels:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), max(0.4, share * min(picture.shape[:2]))), np.uint8)

    return vary


def packed(quality: int) -> Variation:
    """Through JPEG."""

    def vary(picture: Pixels) -> Pixels:
        data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)

    return vary


def sized(height_px: int, width_px: int | None = None) -> Variation:
    """Of another size; without a width in proportion."""

    def vary(picture: Pixels) -> Pixels:
        height, width = picture.shape[:2]
        size = (width_px or round(width * height_px / height), height_px)
        how = cv2.INTER_AREA if height_px < height else cv2.INTER_CUBIC
        return np.asarray(cv2.resize(picture, size, interpolation=how), np.uint8)

    return vary


def flipped(axis: int) -> Variation:
    """Mirrored: 1 left to right, 0 upside down."""
    return lambda picture: np.asarray(cv2.flip(picture, axis), np.uint8)


#: For every product.
COMMON: Mapping[str, Variation] = {
    "as made": lambda picture: picture,
    "brighter": lit(1.2, 1.2, 1.2),
    "darker": lit(0.8, 0.8, 0.8),
    "warmer": lit(0.9, 1.0, 1.07),
    "cooler": lit(1.07, 1.0, 0.93),
    "noise": noisy(5),
    "blur": blurred(0.0028),
    "jpeg": packed(60),
    "right": placed(dx=0.012, dy=-0.008),
    "left": placed(dx=-0.012, dy=0.008),
    "turned": placed(turn_deg=1.2),
    "turned back": placed(turn_deg=-1.2),
    "nearer": placed(size=1.03),
    "farther": placed(size=0.97),
    "larger": sized(480),
}
_SMALL = sized(144, 184)
#: What each product allows besides; the small copies have the sides of the smallest shared pictures.
OWN: Mapping[str, Mapping[str, Variation]] = {
    "breakfast_box": {"small": _SMALL},
    "juice_bottle": {"small": sized(144, 74)},
    "pushpins": {"small": _SMALL, "mirrored": flipped(1), "upside down": flipped(0)},
    "screw_bag": {"small": _SMALL, "upside down": flipped(0)},
    "splicing_connectors": {"small": _SMALL, "mirrored": flipped(1), "upside down": flipped(0)},
}
