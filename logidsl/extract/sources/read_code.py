"""`read_code`: bar codes and matrix codes, by ZXing.

Only complete codes are found: a code whose check digits or error correction fail is absent. May import `extras`.
"""

from __future__ import annotations

import numpy as np

from logidsl.arrays import Pixels
from logidsl.extract.sources.detection_records import Detection
from logidsl.extract.sources.dispatch import Look
from logidsl.extras import needed


def find(look: Look) -> list[Detection]:
    """The source `read_code`."""
    return read_codes(look.part)


def read_codes(bgr: Pixels) -> list[Detection]:
    """The codes in a picture.

    Parameters
    ----------
    bgr : (h, w, 3) uint8
        The picture, or the part of it to look at.

    Returns
    -------
    list of Detection
        With `text`, and the value `format`: `QRCode`, `DataMatrix`, `EAN13`, `Code128` and so on.

    Raises
    ------
    InputError
        If ZXing is not installed.
    """
    zxing = needed("zxingcpp", "codes", "reading codes")
    found = []
    for code in zxing.read_barcodes(np.ascontiguousarray(bgr)):
        at = code.position
        corners = [at.top_left, at.top_right, at.bottom_right, at.bottom_left]
        ring = np.array([(p.x, p.y) for p in corners], np.float64)
        found.append(Detection.of_ring(ring, text=code.text, values={"format": _plain(str(code.format))}))
    return found


def _plain(name: str) -> str:
    """The name of a format in any release: `EAN-13`, `BarcodeFormat.EAN13`.

    Examples
    --------
    >>> _plain("EAN-13"), _plain("BarcodeFormat.QRCode"), _plain("QR Code")
    ('EAN13', 'QRCode', 'QRCode')
    """
    return "".join(c for c in name.rpartition(".")[2] if c.isalnum())
