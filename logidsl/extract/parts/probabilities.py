"""The probabilities of a class of learned parts, as a picture to lay over a photo."""

from __future__ import annotations

import numpy as np

from logidsl.arrays import Pixels
from logidsl.extract.parts.features import features
from logidsl.extract.parts.find import at_working_size
from logidsl.extract.parts.model import Parts
from logidsl.extract.pixels.opencv import cv2

#: Orange, as blue, green, red: it stands out on most backgrounds, for colour-blind people too.
_BGR = (0, 140, 255)
_SIDE_PX, _MOST = 1024, 0.75


def probabilities(parts: Parts, bgr: Pixels, name: str) -> Pixels:
    """The share of a class at each place, as the alpha of one colour.

    Parameters
    ----------
    parts : Parts
    bgr : (h, w, 3) uint8
        The picture.
    name : str
        One of the classes of the parts.

    Returns
    -------
    (k, l, 4) uint8
        BGRA, with the picture's aspect, at most 1024 px along each side.
    """
    evidence = parts.evidence(features(parts.features_session, at_working_size(parts, bgr)))
    share = np.ascontiguousarray(evidence.classes[..., 1 + parts.classes.index(name)], np.float32)
    high, wide = bgr.shape[:2]
    zoom = min(1.0, _SIDE_PX / max(high, wide))
    size = max(1, round(wide * zoom)), max(1, round(high * zoom))
    alpha = np.clip(cv2.resize(share, size, interpolation=cv2.INTER_LINEAR), 0, 1) * 255 * _MOST
    made = np.empty((*alpha.shape, 4), np.uint8)
    made[..., :3], made[..., 3] = _BGR, alpha.astype(np.uint8)
    return made
