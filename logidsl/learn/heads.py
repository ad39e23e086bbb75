"""The heads: small networks that predict for each place its class, its distance to the border, and the offset to the
centre.

Owns sampling places of annotated pictures, and learning. May import `extract`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.extract.parts.features import STRIDE, Maps, features
from logidsl.extract.parts.objects import ObjectModel, appearance
from logidsl.extract.parts.segmentation import ground_of
from logidsl.extract.pixels.opencv import cv2
from logidsl.extract.sources.onnx import Session
from logidsl.extras import needed
from logidsl.learn.examples import Example, Instances
from logidsl.learn.networks import Targets, as_onnx, fitted
from logidsl.learn.variations import Generator, Kinds, varied

Floats: TypeAlias = npt.NDArray[np.float32]
Ints: TypeAlias = npt.NDArray[np.int64]

_MOST_PLACES = 192_000  # over all pictures
_MOST_OF_VIEW = 3000  # of one view of a picture
#: Shares of the sampled places: background far from objects and near them, borders, objects.
_SHARES = (0.25, 0.2, 0.15, 0.4)
_NEAR = 4  # places from an object


@dataclass(frozen=True, eq=False)
class Samples:
    """Places of pictures with their targets.

    Parameters
    ----------
    features : (n, k) float32
    kinds : (n,) int64
        Class, 0 for the background.
    distance : (n,) float32
        To the border of the object, as a share of the greatest within it.
    offset : (n, 2) float32
        To the middle of the object, as a share of a typical object's size.
    objects : (m, 2 k) float64
        Appearances of whole objects; see `objects.appearance`.
    object_kinds : (m,) int64
        Their classes.
    grounds : (v, 3) float64
        Of each view with some background, its colour; see `segmentation.ground_of`.
    """

    features: Floats
    kinds: Ints
    distance: Floats
    offset: Floats
    objects: npt.NDArray[np.float64]
    object_kinds: Ints
    grounds: npt.NDArray[np.float64]


def joined(samples: Sequence[Samples]) -> Samples:
    """The places and objects of several."""
    return Samples(*(np.concatenate([getattr(s, f.name) for s in samples]) for f in fields(Samples)))


def at_places(instances: Instances) -> Instances:
    """A map of instances at the places of the features."""
    half = STRIDE // 2
    return np.ascontiguousarray(instances[half::STRIDE, half::STRIDE])


def targets(shown: Example, size: float) -> tuple[Instances, Ints, Maps, Maps]:
    """The targets at each place: instance, class, distance, offset; see `Samples`."""
    labels = at_places(shown.instances)
    kinds = shown.kinds[np.maximum(labels, 0)]
    distance = np.zeros(shown.instances.shape, np.float32)
    offset = np.zeros((*labels.shape, 2), np.float32)
    for label in range(1, len(shown.kinds)):
        ys, xs = np.nonzero(shown.instances == label)
        if not len(ys):
            continue
        box = slice(int(ys.min()), int(ys.max()) + 1), slice(int(xs.min()), int(xs.max()) + 1)
        # Something on an object, such as a label on a bottle, leaves a hole that is not a border of it.
        visible = shown.instances[box] == label
        mask = np.ascontiguousarray(visible, np.uint8)
        contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(mask, contours, -1, 1, cv2.FILLED)
        depth = cv2.distanceTransform(cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT), cv2.DIST_L2, 5)[
            1:-1, 1:-1
        ]
        distance[box][visible] = (depth / depth.max())[visible]
        rows, columns = np.nonzero(labels == label)
        middle = (np.array([xs.mean(), ys.mean()]) + 0.5) / STRIDE - 0.5
        offset[rows, columns] = (middle - np.stack([columns, rows], axis=1)) / size
    small = cv2.resize(distance, (labels.shape[1], labels.shape[0]), interpolation=cv2.INTER_AREA)
    return labels, kinds, np.asarray(small, np.float32), offset


def sampled(
    shown: Example,
    others: tuple[Example, ...],
    network: Session,
    size: float,
    pictures: int,
    kinds: Kinds,
    any_color: tuple[int, ...],
    variations: int,
    seed: tuple[int, int],
) -> Samples:
    """Places of one picture and its variations.

    Parameters
    ----------
    shown : Example
        The picture.
    others : tuple of Example
        Pictures whose objects may be pasted in.
    network : Session
        Gives the features.
    size : float
        Of a typical object, in places.
    pictures : int
        How many are learned from: of more pictures, fewer places of each are taken.
    kinds : Kinds
        Which variations are made.
    any_color : tuple of int
        Classes that come in other colours, too.
    variations : int
        How many views of the picture, itself included.
    seed : (int, int)
        Of the generator.
    """
    rng = np.random.default_rng(seed)
    wanted = round(min(_MOST_OF_VIEW, _MOST_PLACES / pictures / variations))
    found = []
    for number in range(variations):
        one = shown if number == 0 else varied(shown, kinds, rng, others, any_color)
        maps = features(network, one.bgr)
        labels, classes, distance, offset = targets(one, size)
        rows = _chosen(labels, classes, wanted, rng)
        found.append(
            Samples(
                maps.reshape(-1, maps.shape[2])[rows],
                classes.ravel()[rows],
                distance.ravel()[rows],
                offset.reshape(-1, 2)[rows],
                *_appearances(maps, labels, one.kinds),
                ground_of(maps, labels == 0),
            )
        )
    return joined(found)


def _appearances(maps: Maps, labels: Instances, kinds: Ints) -> tuple[npt.NDArray[np.float64], Ints]:
    """Appearance and class of a picture's objects, without those too small to cover a place."""
    shown = [label for label in range(1, len(kinds)) if (labels == label).any()]
    found = [appearance(maps[labels == label]) for label in shown]
    return np.array(found, np.float64).reshape(len(found), 2 * maps.shape[2]), kinds[shown]


def _chosen(labels: Instances, kinds: Ints, wanted: int, rng: Generator) -> Ints:
    """Places spread evenly over the classes, with more at borders and near objects."""
    objects = labels > 0
    values, square = labels.astype(np.float32), np.ones((3, 3), np.uint8)
    border = (cv2.dilate(values, square) != cv2.erode(values, square)) & (labels >= 0)
    near = cv2.dilate(objects.astype(np.uint8), np.ones((2 * _NEAR + 1,) * 2, np.uint8)) > 0
    far_share, near_share, border_share, object_share = _SHARES
    groups = [((labels == 0) & ~near, far_share), ((labels == 0) & near, near_share), (border, border_share)]
    present = np.unique(kinds[objects]).tolist()
    groups += [(objects & (kinds == kind), object_share / len(present)) for kind in present]
    rows = []
    for group, share in groups:
        places = np.flatnonzero(group)
        rows.append(rng.choice(places, min(len(places), round(wanted * share)), replace=False))
    return np.concatenate(rows).astype(np.int64)


def learn_heads(samples: Samples, classes: int, resample: bool, seed: int) -> bytes:
    """Learn the three heads: the outputs of one ensemble of networks; see `networks`.

    Parameters
    ----------
    samples : Samples
        Places.
    classes : int
        How many, without the background.
    resample : bool
        Whether more is learned from the places that are wrong after the first steps.
    seed : int
        Of the networks.

    Returns
    -------
    bytes
        An ONNX file; see `Parts`.
    """
    right = Targets(samples.kinds, samples.distance, samples.offset)
    return as_onnx(fitted(samples.features, right, classes + 1, resample, seed))


def learn_appearances(samples: Samples, classes: int) -> ObjectModel | None:
    """A linear model of an object's class by its appearance; None with a single class.

    It is linear discriminant analysis with a covariance shrunk halfway to a diagonal one (Friedman, 1989), which needs
    few objects. All classes have equal priors.
    """
    analysis = needed("sklearn.discriminant_analysis", "learn", "learning parts")
    present = np.unique(samples.object_kinds)
    if classes < 2 or len(present) < 2:
        return None
    model = analysis.LinearDiscriminantAnalysis(
        solver="lsqr", shrinkage=0.5, priors=np.full(len(present), 1 / len(present))
    )
    return linear_model(("appearance",), model, samples.objects, samples.object_kinds, classes, -1e3)


def linear_model(
    groups: tuple[str, ...], model: Any, values: npt.NDArray[np.float64], kinds: Ints, classes: int, unseen: float
) -> ObjectModel:
    """An object's class by standardised values.

    Parameters
    ----------
    groups : tuple of str
        What the values are.
    model : scikit-learn's linear classifier
    values : (n, k) float64
    kinds : (n,) int64
        The classes, of which there are at least two.
    classes : int
        How many there may be, without the background.
    unseen : float
        The log odds of those that are not among `kinds`.
    """
    mean, scale = values.mean(0), np.maximum(values.std(0), 1e-6)
    model.fit((values - mean) / scale, kinds)
    present = np.unique(kinds)
    weights, bias = np.zeros((len(mean), classes + 1)), np.full(classes + 1, unseen)
    if len(present) == 2:  # one set of weights gives the log odds of the second class
        weights[:, present[1]], bias[present] = model.coef_[0], [0.0, float(model.intercept_[0])]
    else:
        weights[:, present], bias[present] = model.coef_.T, model.intercept_
    return ObjectModel(groups, mean, scale, weights, bias)
