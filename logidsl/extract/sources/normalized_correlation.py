"""The similarity of a template to every place of a picture: normalised correlation, by Fourier transforms.

The likeness of a template t with weights w to the pixels under it is their correlation about the weighted means,
summed over the channels (Lewis, Fast Normalized Cross-Correlation, 1995). Its parts are correlations with t and with
w, products of spectra; those of the picture are made once and serve every turn of a template. May import `picture`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from logidsl.arrays import Pixels, Singles
from logidsl.extract.pixels.opencv import cv2

#: Pixels under a template with a smaller standard deviation, in steps of 255, match nothing.
FLAT = 1.0


@dataclass(frozen=True)
class Mark:
    """A template: its pixels, and the weight of each, 0 where it is transparent."""

    bgr: Pixels
    weight: Pixels

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, px."""
        return int(self.bgr.shape[1]), int(self.bgr.shape[0])


class Spectra:
    """A picture made ready to be searched.

    Parameters
    ----------
    bgr : (h, w, 3) uint8
        The picture.
    """

    def __init__(self, bgr: Pixels) -> None:
        self.height, self.width = bgr.shape[:2]
        self._size = cv2.getOptimalDFTSize(self.height), cv2.getOptimalDFTSize(self.width)
        # About the middle of the range sums of squares lose less to rounding.
        values = bgr.astype(np.float32) - 128
        self._channels = [self._spectrum(values[..., i]) for i in range(3)]
        self._squares = self._spectrum(np.einsum("yxc,yxc->yx", values, values))

    def normalized_correlation(self, mark: Mark) -> Singles | None:
        """(h - template's h + 1, w - template's w + 1) likeness where the template's corner lies there, -1 to 1.

        None if the picture is smaller than the template, or the template has no weight or no pattern. If the pixels
        under it differ by less than `FLAT` it is -1.
        """
        width, height = mark.size
        weight = (mark.weight > 0).astype(np.float32)
        total = float(weight.sum())
        if self.height < height or self.width < width or not total:
            return None
        pattern = centred(planes_of(mark.bgr), weight)
        power = float(np.vdot(pattern, pattern))
        if power <= total * FLAT**2:
            return None
        rows, columns = self.height - height + 1, self.width - width + 1
        spread = self._spectrum(weight)
        shared = sum(self._product(c, self._spectrum(pattern[i])) for i, c in enumerate(self._channels))
        found = self._back(np.asarray(shared, np.float32), rows, columns)
        varied = self._back(self._product(self._squares, spread), rows, columns)
        for channel in self._channels:
            varied -= self._back(self._product(channel, spread), rows, columns) ** 2 / total
        plain = varied <= total * FLAT**2
        found /= np.sqrt(np.where(plain, 1.0, varied) * power)
        return np.asarray(np.where(plain, -1.0, np.clip(found, -1.0, 1.0)), np.float32)

    def _spectrum(self, values: Singles) -> Singles:
        padded = np.zeros(self._size, np.float32)
        padded[: values.shape[0], : values.shape[1]] = values
        return np.asarray(cv2.dft(padded, nonzeroRows=values.shape[0]), np.float32)

    def _product(self, picture: Singles, template: Singles) -> Singles:
        return np.asarray(cv2.mulSpectrums(picture, template, 0, conjB=True), np.float32)

    def _back(self, spectrum: Singles, rows: int, columns: int) -> Singles:
        found = cv2.dft(spectrum, flags=cv2.DFT_INVERSE | cv2.DFT_SCALE | cv2.DFT_REAL_OUTPUT, nonzeroRows=rows)
        return np.asarray(found[:rows, :columns], np.float32)


def centred(planes: Singles, weight: Singles) -> Singles:
    """Pixels about the mean of each channel, and 0 without weight: (3, h, w) and (h, w) of 0 and 1, as (3, h, w)."""
    flat, of = planes.reshape(3, -1), weight.reshape(-1)
    about = flat - (flat @ of / of.sum())[:, None]
    about *= of
    return np.asarray(about.reshape(planes.shape), np.float32)


def planes_of(bgr: Pixels) -> Singles:
    """The channels of pixels one after the other, (3, h, w) float32."""
    return np.stack(cv2.split(bgr)).astype(np.float32)


def likeness_of(seen: float, both: float, mark: float, total: float) -> float:
    """The similarity from sums of products of `centred` pixels: of the picture, of both, of the mark.

    `total` is the sum of weights; where either side differs by less than `FLAT` the likeness is -1.
    """
    if min(seen, mark) <= total * FLAT**2:
        return -1.0
    return min(max(both / math.sqrt(seen * mark), -1.0), 1.0)
