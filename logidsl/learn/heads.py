"""The heads: small networks that say of each place its class, its distance to the border, and the way to the middle.

Owns sampling places of annotated pictures, and learning. Scikit-learn learns, skl2onnx writes ONNX: what finds parts
later needs neither. May import `extract`.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.extract.extras import needed
from logidsl.extract.opencv import opencv
from logidsl.extract.parts.features import STRIDE, Maps, Session, features
from logidsl.extract.parts.model import HEADS
from logidsl.learn.examples import Example, Instances
from logidsl.learn.variations import Generator, Kinds, varied

Floats: TypeAlias = npt.NDArray[np.float32]
Ints: TypeAlias = npt.NDArray[np.int64]

_MOST_PLACES = 96_000  # that a head is learned from, over all pictures
_POOL = 2.0  # places that are kept for later rounds, for each that the first round takes
_HARD = 0.4  # of the places of the second round, those that the first got wrong
_LAYERS, _BATCH, _ROUNDS = (96, 48), 512, (10, 30)
#: Of the places that are sampled: background far from objects and near them, borders, objects.
_SHARES = (0.25, 0.2, 0.15, 0.4)
_NEAR = 4  # places from an object


@dataclass(frozen=True, eq=False)
class Samples:
    """Places of pictures with what is right there.

    Parameters
    ----------
    features : (n, k) float32
    kinds : (n,) int64
        Class, 0 for the background.
    distance : (n,) float32
        To the border of the object, as a share of the greatest within it.
    offset : (n, 2) float32
        To the middle of the object, as a share of a typical object's size.
    """

    features: Floats
    kinds: Ints
    distance: Floats
    offset: Floats

    def take(self, rows: Ints) -> Samples:
        """Some of the places."""
        return Samples(self.features[rows], self.kinds[rows], self.distance[rows], self.offset[rows])


def joined(samples: Sequence[Samples]) -> Samples:
    """The places of several."""
    return Samples(
        np.concatenate([s.features for s in samples]),
        np.concatenate([s.kinds for s in samples]),
        np.concatenate([s.distance for s in samples]),
        np.concatenate([s.offset for s in samples]),
    )


def at_places(instances: Instances) -> Instances:
    """A map of instances at the places of the features."""
    half = STRIDE // 2
    return np.ascontiguousarray(instances[half::STRIDE, half::STRIDE])


def targets(shown: Example, size: float) -> tuple[Instances, Ints, Maps, Maps]:
    """What is right at each place: instance, class, distance, offset; see `Samples`."""
    cv2 = opencv()
    labels = at_places(shown.instances)
    kinds = shown.kinds[np.maximum(labels, 0)]
    distance = np.zeros(shown.instances.shape, np.float32)
    offset = np.zeros((*labels.shape, 2), np.float32)
    for label in range(1, len(shown.kinds)):
        ys, xs = np.nonzero(shown.instances == label)
        if not len(ys):
            continue
        box = slice(int(ys.min()), int(ys.max()) + 1), slice(int(xs.min()), int(xs.max()) + 1)
        # What lies on an object, a label on a bottle say, leaves a hole that is no border of it.
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
    wanted = round(min(1500, _MOST_PLACES / pictures / variations) * _POOL)
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
            )
        )
    return joined(found)


def _chosen(labels: Instances, kinds: Ints, wanted: int, rng: Generator) -> Ints:
    """Places spread evenly over the classes, with more of them at borders and near objects."""
    cv2 = opencv()
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


def learn_heads(samples: Samples, classes: int, resample: bool, seed: int) -> dict[str, bytes]:
    """Learn the three heads.

    Parameters
    ----------
    samples : Samples
        Places; more than are used at once.
    classes : int
        How many, without the background.
    resample : bool
        Whether a second round sees more of the places that the first one got wrong.
    seed : int
        Of the choice of places and of the networks.

    Returns
    -------
    dict of str to bytes
        ONNX files by the names in `HEADS`.
    """
    rng = np.random.default_rng(seed)
    count = len(samples.kinds)
    first = rng.choice(count, max(1, round(count / _POOL)), replace=False)
    chosen = first
    if resample:
        guide = _network("classes", seed, _ROUNDS[0])
        _fit(guide, *_task("classes", samples.take(first[: len(first) // 2])))
        known = list(guide[-1].classes_)
        place = np.array([known.index(k) if k in known else -1 for k in range(classes + 1)])
        shares = guide.predict_proba(samples.features)
        right = np.where(place[samples.kinds] >= 0, shares[np.arange(count), place[samples.kinds]], 0.0)
        weights = np.maximum(1.0 - right, 1e-3)
        hard = rng.choice(count, round(len(first) * _HARD), replace=False, p=weights / weights.sum())
        chosen = np.concatenate([first[: len(first) - len(hard)], hard])
    learned = samples.take(np.sort(chosen))
    made = {}
    for name in HEADS:
        values, wanted = _task(name, learned)
        head = _network(name, seed, _ROUNDS[1])
        _fit(head, values, wanted)
        made[name] = _as_onnx(name, head, values, classes)
    return made


def _fit(head, values: Floats, wanted: npt.NDArray[np.generic]) -> None:  # type: ignore[no-untyped-def]
    """Let a network learn."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it may not have converged: the rounds are bounded on purpose
        head.fit(values, wanted)


def _task(name: str, samples: Samples) -> tuple[Floats, npt.NDArray[np.generic]]:
    """Features and wanted values of one head."""
    match name:
        case "classes":
            return samples.features, samples.kinds
        case "distance":
            return samples.features, samples.distance
        case _:
            inside = samples.kinds > 0
            return samples.features[inside], samples.offset[inside]


def _network(name: str, seed: int, rounds: int):  # type: ignore[no-untyped-def]
    """A network that has not learned yet: standardised features, two hidden layers."""
    network = needed("sklearn.neural_network", "learn", "learning parts")
    pipeline = needed("sklearn.pipeline", "learn", "learning parts")
    scaling = needed("sklearn.preprocessing", "learn", "learning parts")
    kind = network.MLPClassifier if name == "classes" else network.MLPRegressor
    head = kind(
        hidden_layer_sizes=_LAYERS,
        alpha=1e-3,
        batch_size=_BATCH,
        early_stopping=True,
        max_iter=rounds,
        n_iter_no_change=5,
        random_state=seed,
    )
    return pipeline.make_pipeline(scaling.StandardScaler(), head)


def _as_onnx(name: str, head: object, values: Floats, classes: int) -> bytes:
    """A learned head as an ONNX file, whose last output is what it says."""
    convert = needed("skl2onnx", "learn", "learning parts")
    options = {"zipmap": False} if name == "classes" else None
    model = convert.to_onnx(head, values[:1], options=options, name=name, target_opset=17)
    return bytes(model.SerializeToString())
