"""From the heads' maps to one label for each object.

Two ways, and learning chooses between them. By *distance*, an object is a peak of the distance to the border, as a
share of the greatest within its object; by *votes*, it is a peak of the votes that all places cast for the middle of
their object. Both end in the same step: every place climbs to a peak of a map of heights (a watershed seen from
above), and a peak that rises above the saddle to a higher one by less than `prominence` is part of it. A fixed
height would cut elongated objects into beads and leave others joined. May import `opencv`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from logidsl.arrays import Ints, Labels, Mask
from logidsl.extract.parts.features import Maps
from logidsl.extract.pixels.opencv import cv2
from logidsl.extract.pixels.watershed import basins, neighbours

Way: TypeAlias = Literal["distance", "votes"]

_INNER = 0.3  # distance to the border from which places of different classes are of one object
_VOTE_REACH = 0.12  # standard deviation of a vote, as a share of an object's size


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
    way : str
        `distance` or `votes`.
    prominence : float
        How far a peak must rise above the saddle to a higher one to be an object of its own.
    least_peak : float
        Peaks below this height are not objects.
    least_area : float
        Objects smaller than this share of the typical area are left out.
    by_class : bool
        Whether places of different classes are of one object only where they meet well inside it. It cuts a label from
        the bottle that it lies on, and would cut an object that looks like two classes.
    smooth : float
        Standard deviation of the smoothing of maps, in places: less for thin objects.
    """

    way: Way = "distance"
    prominence: float = 0.12
    least_peak: float = 0.3
    least_area: float = 0.12
    by_class: bool = False
    smooth: float = 1.2


def cut(evidence: Evidence, cutting: Cutting, size: float) -> Labels:
    """The objects of a picture.

    Parameters
    ----------
    evidence : Evidence
        Of its places.
    cutting : Cutting
        How to cut.
    size : float
        Square root of a typical object's area, in places.

    Returns
    -------
    (h, w) int32
        Objects from 1 on, 0 for the background. Each object is connected.
    """
    shares = _smoothed(evidence, cutting)
    inside = shares[..., 0] < 0.5
    if cutting.way == "distance":
        heights = cv2.GaussianBlur(evidence.distance, (0, 0), cutting.smooth)
        kinds = np.argmax(shares[..., 1:], axis=2) if cutting.by_class else None
        labels = peaks(heights, inside, cutting.prominence, cutting.least_peak, kinds)
    else:
        labels = _by_votes(evidence, inside, cutting, size)
    return connected(labels, cutting.least_area * size * size)


def parts_inside(evidence: Evidence, cutting: Cutting) -> Mask:
    """The places that are more likely some part than background, (h, w)."""
    return np.asarray(_smoothed(evidence, cutting)[..., 0] < 0.5)


def _smoothed(evidence: Evidence, cutting: Cutting) -> Maps:
    return np.asarray(cv2.GaussianBlur(np.ascontiguousarray(evidence.classes), (0, 0), cutting.smooth), np.float32)


def peaks(
    heights: Maps,
    inside: Mask,
    prominence: float,
    least: float,
    kinds: Ints | None = None,
) -> Labels:
    """The label of the peak that each place climbs to.

    Parameters
    ----------
    heights : (h, w) float32
        A smooth map.
    inside : (h, w) bool
        The places to label; all others stay 0.
    prominence : float
        A peak that rises above the saddle to a higher one by less than this joins it.
    least : float
        Peaks below this height get no label.
    kinds : (h, w) int64, optional
        Places of different kinds are of one object only where they meet well inside it: objects of different classes
        touch where the distance to the border is small, while a look-alike is of two kinds in its middle.

    Returns
    -------
    (h, w) int32
        Labels in no particular order.

    Examples
    --------
    >>> ridge = np.array([[1, 5, 4, 6, 2, 6, 1]], np.float32)
    >>> peaks(ridge, ridge > 0, prominence=2, least=0).tolist()
    [[1, 1, 1, 1, 1, 2, 2]]
    """
    labels = np.zeros(heights.shape, np.int32)
    around, height = neighbours(inside), heights[inside].astype(np.float64)
    climbed = passes = around
    if kinds is not None:
        kind = kinds[inside]
        climbed = np.where(kind[around] == kind, around, -1)
        passes = np.where((climbed >= 0) | (np.minimum(height[around], height) >= _INNER), around, -1)
    part = basins(height, climbed, lambda lesser, saddle: lesser - saddle < prominence, passes)
    tops = np.full(len(height), -np.inf)
    np.maximum.at(tops, part, height)
    kept = tops[part] >= least
    labels[inside] = np.where(kept, 1 + np.unique(np.where(kept, part, -1), return_inverse=True)[1] - (~kept).any(), 0)
    return labels


def _by_votes(evidence: Evidence, inside: Mask, cutting: Cutting, size: float) -> Labels:
    """Each place gets the peak of the votes that its own vote falls on."""
    ys, xs = np.nonzero(inside)
    rows, columns = inside.shape
    across = np.clip(xs + evidence.offset[ys, xs, 0] * size, 0, columns - 1)
    down = np.clip(ys + evidence.offset[ys, xs, 1] * size, 0, rows - 1)
    x, y = np.rint(across).astype(np.int64), np.rint(down).astype(np.int64)
    votes = np.zeros((rows, columns), np.float32)
    np.add.at(votes, (y, x), 1.0 - evidence.classes[ys, xs, 0])
    reach = max(1.0, _VOTE_REACH * size)
    # The height of a peak is about the share of a typical object's places that vote for it.
    heights = cv2.GaussianBlur(votes, (0, 0), reach) * (2 * np.pi * reach**2 / size**2)
    found = peaks(heights, heights > 1e-6, cutting.prominence, cutting.least_peak)
    labels = np.zeros((rows, columns), np.int32)
    labels[ys, xs] = found[y, x]
    return labels


def connected(labels: Labels, least_places: float) -> Labels:
    """Labels, each with one connected region, its largest, of at least this many places; numbered from 1.

    Examples
    --------
    >>> connected(np.array([[7, 7, 0, 7, 3]], np.int32), 1).tolist()
    [[2, 2, 0, 0, 1]]
    """
    made = np.zeros_like(labels)
    count = 0
    for ys, xs in places_of(labels):
        if len(ys) < max(1.0, least_places):
            continue
        top, left = ys.min(), xs.min()
        mask = np.zeros((ys.max() + 1 - top, xs.max() + 1 - left), np.uint8)
        mask[ys - top, xs - left] = 1
        _, regions, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
        largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
        if stats[largest, cv2.CC_STAT_AREA] >= least_places:
            count += 1
            kept = regions[ys - top, xs - left] == largest
            made[ys[kept], xs[kept]] = count
    return made


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
