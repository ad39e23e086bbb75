"""Thumbnails, and pictures as data URIs for HTML pages."""

from __future__ import annotations

import base64

import numpy as np

from logidsl.arrays import Pixels
from logidsl.extract.pixels.opencv import cv2


def thumbnail(bgr: Pixels, side_px: int) -> Pixels:
    """A picture resized until its longer side has `side_px`.

    Parameters
    ----------
    bgr : (h, w, 3) uint8
        Not changed.
    side_px : int
    """
    high, wide = bgr.shape[:2]
    zoom = side_px / max(high, wide)
    size = max(1, round(wide * zoom)), max(1, round(high * zoom))
    return np.asarray(cv2.resize(bgr, size, interpolation=cv2.INTER_AREA), np.uint8)


def data_uri(bgr: Pixels, lossless: bool = True) -> str:
    """A picture as a `data:` address: PNG, or a JPEG that takes less room."""
    kind = "png" if lossless else "jpeg"
    data = cv2.imencode(f".{kind}", bgr)[1].tobytes()
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
