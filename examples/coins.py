"""A photo of coins to check: the one that comes with scikit-image."""

from __future__ import annotations

from pathlib import Path

import cv2


def write_coins(path: Path) -> Path:
    """Write the photo of 24 coins that comes with scikit-image, grey, 384 x 303 px."""
    from skimage import data

    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".png", data.coins())[1].tobytes())
    return path
