"""A picture as a Deep Zoom image: tiles of ever smaller copies, so that a viewer loads only what it shows.

The format is Microsoft's, which OpenSeadragon reads: level n is at most 2**n px along the longer side, and the greatest
level is the picture itself. A tile is `SIDE_PX` along each side, with `OVERLAP_PX` more at each inner edge.
"""

from __future__ import annotations

import numpy as np

from logidsl.arrays import Pixels
from logidsl.extract.pixels.opencv import cv2

SIDE_PX, OVERLAP_PX = 254, 1


def descriptor(width: int, height: int) -> str:
    """The `.dzi` document of a picture of some size, px.

    Examples
    --------
    >>> 'Width="640"' in descriptor(640, 480)
    True
    """
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Image xmlns="http://schemas.microsoft.com/deepzoom/2008" '
        f'Format="jpg" TileSize="{SIDE_PX}" Overlap="{OVERLAP_PX}">'
        f'<Size Width="{width}" Height="{height}"/></Image>\n'
    )


def greatest_level(width: int, height: int) -> int:
    """The level that is the picture itself.

    Examples
    --------
    >>> greatest_level(640, 480), greatest_level(1024, 1), greatest_level(1, 1)
    (10, 10, 0)
    """
    return (max(width, height) - 1).bit_length()


def at_level(bgr: Pixels, level: int) -> Pixels:
    """The copy of a picture, (h, w, 3) uint8, at a level."""
    high, wide = bgr.shape[:2]
    less = greatest_level(wide, high) - level
    if less <= 0:
        return bgr
    size = max(1, (wide + (1 << less) - 1) >> less), max(1, (high + (1 << less) - 1) >> less)
    return np.asarray(cv2.resize(bgr, size, interpolation=cv2.INTER_AREA), np.uint8)


def tile(copy: Pixels, column: int, row: int) -> Pixels | None:
    """A tile of the copy of a level; None if there is none."""
    high, wide = copy.shape[:2]
    left, top = column * SIDE_PX, row * SIDE_PX
    if column < 0 or row < 0 or left >= wide or top >= high:
        return None
    x0, y0 = max(0, left - OVERLAP_PX), max(0, top - OVERLAP_PX)
    return copy[y0 : top + SIDE_PX + OVERLAP_PX, x0 : left + SIDE_PX + OVERLAP_PX]


def jpeg(bgr: Pixels, quality: int = 90) -> bytes:
    """A picture as JPEG."""
    return bytes(cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])[1])


def png(samples: Pixels) -> bytes:
    """A picture, BGR or BGRA, as PNG, packed quickly."""
    return bytes(cv2.imencode(".png", samples, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1])
