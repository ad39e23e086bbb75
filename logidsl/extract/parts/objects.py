"""Whole objects: the measurements of each, and the small linear model that gives its class and confidence.

A place of a picture knows its surroundings only; look-alikes, halves and joined pairs show in the whole. Imports
`opencv` and, of this package, `features` and `segmentation`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from logidsl.arrays import Floats, Ints, Mask
from logidsl.extract.parts.features import LAB, Maps
from logidsl.extract.parts.segmentation import Evidence
from logidsl.extract.pixels.opencv import cv2

#: Kinds of measurements, from the most to the least general; see `describe`.
GROUPS = ("evidence", "shape", "colour", "position", "appearance")
_BY_APPEARANCE = 2 / 3  # weight of the whole object's appearance in the share of a class
_RING = 2  # places round an object that count as its surroundings


@dataclass(frozen=True, eq=False)
class ObjectModel:
    """A linear model of the class of an object, by softmax.

    Parameters
    ----------
    groups : tuple of str
        Of `GROUPS`, what it looks at.
    mean, scale : (m,) float64
        Of the measurements, which are brought to mean 0 and deviation 1.
    weights : (m, k + 1) float64
        The first class means no object at all.
    bias : (k + 1,) float64
    """

    groups: tuple[str, ...]
    mean: Floats
    scale: Floats
    weights: Floats
    bias: Floats

    def shares(self, measured: dict[str, Floats]) -> Floats:
        """The probability of each class, (n, k + 1), for n objects; see `describe`."""
        values = np.concatenate([measured[g] for g in self.groups], axis=1)
        return softmax((values - self.mean) / self.scale @ self.weights + self.bias)


def softmax(scores: Floats) -> Floats:
    """Rows of positive numbers whose sum is 1."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float64)


def heated(shares: Floats, temperature: float) -> Floats:
    """Probabilities whose scores are divided by a temperature: nearer to each other above 1, further apart below."""
    return softmax(np.log(np.maximum(shares, 1e-12)) / temperature) if len(shares) else shares


Places: TypeAlias = tuple[Ints, Ints]


def describe(
    evidence: Evidence, maps: Maps, inside: Mask, objects: Sequence[Places], fits: Floats, size: float
) -> dict[str, Floats]:
    """What is measured of each object, by kind.

    Parameters
    ----------
    evidence, maps : of (h, w) places
        What the heads say, and the features.
    inside : (h, w) bool
        The places that may be of objects; the others are the surroundings.
    objects : sequence of (rows, columns)
        The places of each.
    fits : (n,) float64
        How well each is expected to fit an object; see `candidates`.
    size : float
        Square root of a typical object's area, in places.

    Returns
    -------
    dict of str to (n, m) float64
        `evidence`: mean share of each class, mean and greatest distance, how far the votes for its middle are apart,
        and its fit;
        `shape`: logarithms of area and aspect, solidity, share of its border that lies on that of the picture;
        `colour`: mean and deviation of CIELAB, and its difference from the surroundings; `position`: its middle as
        shares of the picture; `appearance`: see there.
    """
    rows = [_one(evidence, maps, inside, *one, fit, size) for one, fit in zip(objects, fits.tolist(), strict=True)]
    width = evidence.classes.shape[2]
    widths = dict(zip(GROUPS, (width + 4, 4, 9, 2, 2 * maps.shape[2]), strict=True))
    return {
        group: np.array([row[i] for row in rows], np.float64).reshape(len(rows), widths[group])
        for i, group in enumerate(GROUPS)
    }


def _one(
    evidence: Evidence, maps: Maps, inside: Mask, ys: Ints, xs: Ints, fit: float, size: float
) -> list[list[float]]:
    rows, columns = inside.shape
    top, left = max(0, int(ys.min()) - _RING), max(0, int(xs.min()) - _RING)
    bottom, right = min(rows, int(ys.max()) + 1 + _RING), min(columns, int(xs.max()) + 1 + _RING)
    mask = np.zeros((bottom - top, right - left), np.uint8)
    mask[ys - top, xs - left] = 1
    ring = (cv2.dilate(mask, np.ones((2 * _RING + 1,) * 2, np.uint8)) > 0) & ~inside[top:bottom, left:right]
    lab = maps[ys, xs, LAB].astype(np.float64)
    around = maps[top:bottom, left:right, LAB][ring].mean(0) if ring.any() else lab.mean(0)
    distance = evidence.distance[ys, xs]
    targets = np.stack([xs, ys], axis=1) / size + evidence.offset[ys, xs]
    points = np.stack([xs, ys], axis=1).astype(np.float32)
    (long, short) = sorted((s + 1.0 for s in cv2.minAreaRect(points)[1]), reverse=True)
    hull = cv2.contourArea(cv2.convexHull(points))
    on_border = np.mean((ys == 0) | (xs == 0) | (ys == rows - 1) | (xs == columns - 1))
    return [
        [
            *evidence.classes[ys, xs].mean(0).tolist(),
            float(distance.mean()),
            float(distance.max()),
            float(targets.std(0).sum()),
            fit,
        ],
        [
            float(np.log(len(ys) / size**2)),
            float(np.log(long / short)),
            float(len(ys) / (hull + 2.0 * (long + short) / 2.0 + 1.0)),
            float(on_border * np.sqrt(len(ys))),
        ],
        [*lab.mean(0).tolist(), *lab.std(0).tolist(), *(lab.mean(0) - around).tolist()],
        [float(xs.mean() / columns), float(ys.mean() / rows)],
        appearance(maps[ys, xs]).tolist(),
    ]


def appearance(features: Maps) -> Floats:
    """Mean and standard deviation of the features over the places of an object, (m, k) to (2 k,)."""
    return np.concatenate([features.mean(0), features.std(0)]).astype(np.float64)


def with_appearance(measured: dict[str, Floats], model: ObjectModel) -> dict[str, Floats]:
    """The measurements, with the share of each class drawn from its places towards its appearance.

    A place knows little of the whole: all of an object shows better which of two look-alikes it is. The probability of
    being an object at all comes from its places.
    """
    evidence = measured["evidence"].copy()
    kinds = model.bias.shape[0]
    seen = evidence[:, 1:kinds]
    found = seen.sum(axis=1, keepdims=True)
    evidence[:, 1:kinds] = seen + _BY_APPEARANCE * (found * model.shares(measured)[:, 1:] - seen)
    return {**measured, "evidence": evidence}


def kinds_and_confidences(shares: Floats) -> tuple[Ints, Floats]:
    """The likeliest class of each object, from 1 on, and how sure it is.

    The confidence is the probability of that class. An object that is likely there while its class is unclear keeps a
    confidence of a half: it is not lost, and lies in the band of doubt.

    Examples
    --------
    >>> kinds, sure = kinds_and_confidences(np.array([[0.1, 0.9, 0.0], [0.1, 0.42, 0.48], [0.8, 0.15, 0.05]]))
    >>> kinds.tolist(), sure.round(2).tolist()
    ([1, 2, 1], [0.9, 0.5, 0.2])
    """
    if not len(shares):
        return np.zeros(0, np.int64), np.zeros(0)
    kinds = 1 + np.argmax(shares[:, 1:], axis=1)
    of_class = shares[np.arange(len(shares)), kinds]
    return kinds, np.maximum(of_class, np.minimum(1.0 - shares[:, 0], 0.5))


def shares_without_model(measured: dict[str, Floats], classes: int) -> Floats:
    """The mean share of each class over the places of each object, (n, k + 1), where no model was learned."""
    found = measured["evidence"][:, : classes + 1]
    return np.asarray(found / np.maximum(found.sum(axis=1, keepdims=True), 1e-9), np.float64)


def model_of(entries: dict[str, Sequence[object]]) -> ObjectModel:
    """The model that `entries_of` wrote.

    Raises
    ------
    KeyError, TypeError, ValueError
        If it is damaged.
    """
    mean, scale = (np.array(entries[k], np.float64) for k in ("mean", "scale"))
    weights, bias = np.array(entries["weights"], np.float64), np.array(entries["bias"], np.float64)
    groups = tuple(str(g) for g in entries["groups"])
    if weights.shape != (len(mean), len(bias)) or mean.shape != scale.shape or not set(groups) <= set(GROUPS):
        raise ValueError("the model of objects does not fit together")
    return ObjectModel(groups, mean, scale, weights, bias)


def entries_of(model: ObjectModel) -> dict[str, object]:
    """A model as JSON has it."""
    return {
        "groups": list(model.groups),
        "mean": model.mean.tolist(),
        "scale": model.scale.tolist(),
        "weights": model.weights.tolist(),
        "bias": model.bias.tolist(),
    }
