"""What the heads say of each place of a picture, and the places that may be of objects.

`candidates` makes objects of it. May import `opencv`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from logidsl.arrays import Floats, Ints, Labels, Mask
from logidsl.extract.parts.features import LAB, Maps
from logidsl.extract.pixels.opencv import cv2


@dataclass(frozen=True)
class Evidence:
    """What the heads say of each place of a picture.

    Parameters
    ----------
    classes : (h, w, k + 1) float32
        Share of each class, the background first.
    distance : (h, w) float32
        Distance to the border of the object, 1 at the greatest within it.
    offset : (h, w, 2) float32
        Way to the middle of the object, x and y, as a share of the objects' size.
    """

    classes: Maps
    distance: Maps
    offset: Maps


@dataclass(frozen=True)
class Cutting:
    """How objects are cut out of the evidence.

    Parameters
    ----------
    least_area : float
        Objects smaller than this share of the typical area are left out.
    smooth : float
        Standard deviation of the smoothing of maps, in places: less for thin objects.
    class_limit : float
        Two neighbouring regions whose shares of classes, without the background, differ by more than this (half the L1
        distance) are never one object; 1 for no limit.
    """

    least_area: float = 0.12
    smooth: float = 1.2
    class_limit: float = 1.0


def parts_inside(evidence: Evidence, cutting: Cutting) -> Mask:
    """The places that are more likely some part than background, (h, w)."""
    return np.asarray(smoothed(evidence, cutting)[..., 0] < 0.5)


def smoothed(evidence: Evidence, cutting: Cutting) -> Maps:
    """The shares of classes, (h, w, k + 1), each drawn to that of the places near it."""
    return np.asarray(cv2.GaussianBlur(np.ascontiguousarray(evidence.classes), (0, 0), cutting.smooth), np.float32)


def ground_of(maps: Maps, background: Mask) -> Floats:
    """The colour of the background: the median of CIELAB over its places, (1, 3), or (0, 3) without any.

    Parameters
    ----------
    maps : (h, w, k) float32
        See `features.features`.
    background : (h, w) bool
        Its places.
    """
    return np.median(maps[..., LAB][background], axis=0, keepdims=True) if background.any() else np.zeros((0, 3))


def places_of(labels: Labels) -> list[tuple[Ints, Ints]]:
    """Rows and columns of the places of each label, from 1 to the greatest, in reading order.

    Examples
    --------
    >>> [(ys.tolist(), xs.tolist()) for ys, xs in places_of(np.array([[2, 0], [1, 2]], np.int32))]
    [([1], [0]), ([0, 1], [0, 1])]
    """
    flat = labels.ravel()
    inside = np.flatnonzero(flat > 0)
    order = inside[np.argsort(flat[inside], kind="stable")]
    ends = np.cumsum(np.bincount(flat[order], minlength=1)[1:])
    return [np.divmod(some, labels.shape[1]) for some in np.split(order, ends[:-1])] if len(ends) else []
