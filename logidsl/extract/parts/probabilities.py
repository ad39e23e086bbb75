"""The probabilities of a class of learned parts, as a picture to lay over a photo."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from logidsl.arrays import Floats, Pixels
from logidsl.extract.parts.find import at_working_size
from logidsl.extract.parts.model import Parts
from logidsl.extract.pixels.opencv import cv2

#: Blue, green, red of colours that colour-blind people tell apart (Okabe and Ito, Color Universal Design, 2008).
_INKS = np.array(
    [(178, 114, 0), (0, 159, 230), (115, 158, 0), (167, 121, 204), (66, 228, 240), (233, 180, 86), (0, 94, 213)],
    np.uint8,
)
#: What differs between red and green counts less, as not everyone sees it: weights of L, a and b.
_SEEN = np.array([1.0, 0.3, 1.0])
_SIDE_PX, _MOST, _LIKELY = 1024, 0.75, 0.5


def probabilities(parts: Parts, bgr: Pixels, name: str) -> Pixels:
    """The share of a class at each place: the alpha of one colour, with a line round where it is above one half.

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
    evidence = parts.evidence(parts.features(at_working_size(parts, bgr)))
    share = np.ascontiguousarray(evidence.classes[..., 1 + parts.classes.index(name)], np.float32)
    high, wide = bgr.shape[:2]
    zoom = min(1.0, _SIDE_PX / max(high, wide))
    size = max(1, round(wide * zoom)), max(1, round(high * zoom))
    shares = np.clip(cv2.resize(share, size, interpolation=cv2.INTER_LINEAR), 0, 1)
    return painted(shares, cv2.resize(bgr, size, interpolation=cv2.INTER_AREA))


def painted(shares: npt.NDArray[np.float32], bgr: Pixels) -> Pixels:
    """Shares as a layer to lay over a picture.

    Parameters
    ----------
    shares : (h, w) float32
        From 0 to 1.
    bgr : (h, w, 3) uint8
        The picture.

    Returns
    -------
    (h, w, 4) uint8
        BGRA. The line is white between black, so that it shows on any ground.
    """
    made = np.empty((*shares.shape, 4), np.uint8)
    made[..., :3], made[..., 3] = ink_over(bgr, shares), (shares * 255 * _MOST).astype(np.uint8)
    likely = (shares >= _LIKELY).astype(np.uint8)
    lines = cv2.findContours(likely, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)[0]
    for color, width in (((0, 0, 0, 255), 3), ((255, 255, 255, 255), 1)):
        cv2.drawContours(made, lines, -1, color, width)
    return made


def ink_over(bgr: Pixels, shares: npt.NDArray[np.float32]) -> Pixels:
    """The colour that stands out most: from where the class is likely, and from what surrounds it.

    Parameters
    ----------
    bgr : (h, w, 3) uint8
    shares : (h, w) float32

    Returns
    -------
    (3,) uint8
        BGR.
    """
    small = cv2.resize(bgr, (64, 64), interpolation=cv2.INTER_AREA)
    likely = cv2.resize(shares, (64, 64), interpolation=cv2.INTER_AREA) >= _LIKELY
    lab, inks = _lab(small), _lab(_INKS[None])[0]
    far = np.linalg.norm((lab[:, :, None] - inks) * _SEEN, axis=-1)
    grounds = [far[part].mean(axis=0) for part in (likely, ~likely) if part.any()]
    return np.asarray(_INKS[int(np.min(grounds, axis=0).argmax())], np.uint8)


def _lab(bgr: Pixels) -> Floats:
    return np.asarray(cv2.cvtColor(bgr.astype(np.float32) / 255, cv2.COLOR_BGR2Lab), np.float64)
