"""Whether a JPEG file contains as many pixels as its header says.

A decoder that runs out of data paints the rest in one colour and says so to no one. To find out, more bits are put
where the data of the first scan ends: a decoder that has had all its pixels takes no notice of them, one that has
not paints with them.
"""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt

from logidsl.arrays import Pixels
from logidsl.extract.pixels.header import JPEG_SCAN, jpeg_segments, opened

_BLOCK = 8
#: Bits that mean anything but nothing to a decoder; without 0xff, which would begin a marker.
_FILLER = bytes((37 * i * i + 11 * i + 5) % 251 for i in range(256))


def runs_out(data: bytes, samples: npt.NDArray[np.generic]) -> bool:
    """Whether the data of a JPEG file end before its last pixel.

    Parameters
    ----------
    data : bytes
        The file, whose segments are whole.
    samples : (h, w) or (h, w, c) array
        What was decoded of it, before any turn. Only where its last corner is of one colour there is a doubt.
    """
    corner = samples[-_BLOCK:, -_BLOCK:]
    if (corner != corner[-1, -1]).any():
        return False
    end = _end_of_scan(data)
    return end is not None and not np.array_equal(_small(data), _small(data[:end] + _FILLER + data[end:]))


def _end_of_scan(data: bytes) -> int | None:
    """Where the marker begins that ends the first scan."""
    at = next((end for marker, _, end in jpeg_segments(data) if marker == JPEG_SCAN), len(data))
    while (at := data.find(b"\xff", at)) >= 0 and at + 1 < len(data):
        if data[at + 1] != 0 and not 0xD0 <= data[at + 1] <= 0xD7:
            return at
        at += 2
    return None


def _small(data: bytes) -> Pixels:
    """The picture at about an eighth of its size, which takes a fraction of the time."""
    image = opened(io.BytesIO(data), ["JPEG"])
    image.draft(None, (max(1, image.width // _BLOCK), max(1, image.height // _BLOCK)))
    return np.asarray(image, np.uint8)
