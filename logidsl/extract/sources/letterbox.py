"""A picture made to fit the input of a network, and places brought back from there.

As in ultralytics, the picture is scaled as a whole, its sides rounded to whole pixels, and centred on grey. Unlike
there, the way back divides by the scale of the rounded sides, separately for each axis, so that rounding shifts no
place. May import `picture`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from logidsl.arrays import Floats, Pixels
from logidsl.extract.pixels.opencv import cv2

GREY = 114


@dataclass(frozen=True)
class Letterbox:
    """How a picture lies in the input: its scales along x and y, and its top-left corner there, px.

    Examples
    --------
    >>> box = Letterbox.of(width=300, height=200, to=(64, 64))
    >>> box.left, box.top, box.inner
    (0, 10, (64, 43))
    >>> box.inward(box.outward(np.array([[3.0, 7.0, 290.0, 199.0]]))).round(9).tolist()
    [[3.0, 7.0, 290.0, 199.0]]
    """

    scale_x: float
    scale_y: float
    left: int
    top: int
    inner: tuple[int, int]
    to: tuple[int, int]

    @classmethod
    def of(cls, width: int, height: int, to: tuple[int, int]) -> Letterbox:
        """The letterbox of a picture in an input of `to`, width and height."""
        scale = min(to[0] / width, to[1] / height)
        inner = max(1, round(width * scale)), max(1, round(height * scale))
        left, top = round((to[0] - inner[0]) / 2 - 0.1), round((to[1] - inner[1]) / 2 - 0.1)
        return cls(inner[0] / width, inner[1] / height, left, top, inner, to)

    def fill(self, bgr: Pixels) -> Pixels:
        """The picture as the network is to see it, (h, w, 3) uint8."""
        made = np.full((self.to[1], self.to[0], 3), GREY, np.uint8)
        if (bgr.shape[1], bgr.shape[0]) != self.inner:
            bgr = np.asarray(cv2.resize(bgr, self.inner, interpolation=cv2.INTER_LINEAR), np.uint8)
        made[self.top : self.top + self.inner[1], self.left : self.left + self.inner[0]] = bgr
        return made

    def outward(self, boxes: Floats) -> Floats:
        """Boxes (n, 4) of the picture, x0 y0 x1 y1, as boxes of the input."""
        return boxes * self._scales + self._corner

    def inward(self, boxes: Floats) -> Floats:
        """Boxes (n, 4) of the input as boxes of the picture."""
        return (boxes - self._corner) / self._scales

    @property
    def _scales(self) -> Floats:
        return np.array([self.scale_x, self.scale_y] * 2)

    @property
    def _corner(self) -> Floats:
        return np.array([self.left, self.top] * 2, np.float64)
