"""Leave-one-picture-out: the results of heads learned without a picture on that picture, for every way to cut objects
out.

The settings, the model of whole objects, the confidences and the report follow from these. May import `extract` and
`workers`.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from itertools import product
from typing import NoReturn, TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.arrays import Labels
from logidsl.diagnostics import InputError
from logidsl.extract.parts.features import Maps, features, shipped_network
from logidsl.extract.parts.find import measured_by
from logidsl.extract.parts.model import Parts, Settings
from logidsl.extract.parts.segmentation import Cutting, Evidence, cut
from logidsl.learn.examples import IGNORED, Example, Instances
from logidsl.learn.heads import Samples, at_places, joined, learn_appearances, learn_heads
from logidsl.learn.variations import Kinds, varied
from logidsl.workers import Progress, in_order, tracked

Floats: TypeAlias = npt.NDArray[np.float64]

OUT_OF_MEMORY = "a learning process was killed, probably because memory ran out: try --jobs 1, or fewer pictures"
#: The ways to try: peaks of distance and of votes, by prominence and by minimum height.
WAYS: tuple[Cutting, ...] = tuple(
    [
        Cutting("distance", p, h, by_class=c)
        for p, h, c in product((0.06, 0.12, 0.18, 0.25, 0.35), (0.15, 0.3, 0.45), (False, True))
    ]
    + [Cutting("votes", p, h) for p, h in product((0.05, 0.1, 0.2, 0.3), (0.08, 0.16, 0.28))]
)
#: A found object matches an annotated one from this intersection over union.
IOU = 0.5
_NEARLY = 0.4  # up to this, the model of objects still learns it as that object
_VIEWS = 3  # views of each held-out picture: itself, and variations
FOLDS = 10  # at most: with more pictures several are left out at once


@dataclass(frozen=True, eq=False)
class Trial:
    """One view of one held-out picture, cut in one way.

    Parameters
    ----------
    picture : int
        Which one.
    view : int
        0 for the picture as it is.
    kinds : (n,) int64
        Of each object found, the class that was annotated there; 0 where none was.
    same : (n,) bool
        Whether it is the same object, by `IOU`.
    ious : (n,) float64
        With the annotated object that it fits best.
    missed : tuple of int
        Classes of annotated objects that nothing fits.
    measured : dict of str to (n, m) float64
        See `objects.describe`.
    kept : (n,) int64
        Labels of the objects; those that lie mostly on what is unknown are not among them.
    packed : bytes
        The map of labels of a picture as it is, compressed; see `labels`.
    shape : (h, w)
        Of that map.
    seen : bool
        Whether the picture was learned from after all, since no other has one of its classes: its figures count for
        nothing.
    """

    picture: int
    view: int
    kinds: npt.NDArray[np.int64]
    same: npt.NDArray[np.bool_]
    ious: Floats
    missed: tuple[int, ...]
    measured: dict[str, Floats]
    kept: npt.NDArray[np.int64]
    packed: bytes
    shape: tuple[int, int]
    seen: bool = False

    @property
    def labels(self) -> Labels:
        """The object of each place, (h, w) int32; 0 for the background."""
        found = np.frombuffer(zlib.decompress(self.packed), np.uint16).reshape(self.shape)
        return found.astype(np.int32)


@dataclass(frozen=True, eq=False)
class Work:
    """Data shared by all folds, sent to each worker once."""

    examples: tuple[Example, ...]
    samples: tuple[Samples, ...]
    settings: Settings
    network: bytes
    kinds: Kinds
    any_color: tuple[int, ...]
    ways: tuple[Cutting, ...]
    resample: bool
    seed: int


def folds_of(pictures: int) -> list[tuple[int, ...]]:
    """Which pictures are left out together: each alone, or a tenth at a time if there are many."""
    count = min(pictures, FOLDS)
    return [tuple(range(first, pictures, count)) for first in range(count)]


def validate(work: Work, jobs: int, on_progress: Progress | None = None) -> list[list[list[Trial]]]:
    """Learn without each picture and find parts on it.

    Returns
    -------
    list of list of list of Trial
        For each way, for each fold, its trials.
    """
    folds = folds_of(len(work.examples))
    made = list(tracked(in_order(tried, work, folds, jobs, lost), len(folds), on_progress))
    return [[fold[way] for fold in made] for way in range(len(work.ways))]


def lost(_: object) -> NoReturn:
    """Raise InputError for a worker that died."""
    raise InputError(OUT_OF_MEMORY)


def tried(work: Work, left_out: tuple[int, ...]) -> list[list[Trial]]:
    """For each way, the trials of some pictures by what is learned from the others."""
    rest = [i for i in range(len(work.examples)) if i not in left_out]
    known = {int(k) for i in rest for k in np.unique(work.samples[i].kinds)}
    seen = known != set(range(len(work.settings.classes) + 1))
    samples = joined([work.samples[i] for i in (range(len(work.examples)) if seen else rest)])
    heads = learn_heads(samples, len(work.settings.classes), work.resample, work.seed)
    appearances = learn_appearances(samples, len(work.settings.classes))
    parts = Parts("the parts", work.settings, work.network, heads, None, appearances)
    network = shipped_network()
    made: list[list[Trial]] = [[] for _ in work.ways]
    for picture in left_out:
        rng = np.random.default_rng((work.seed, 7, picture))
        for view in range(_VIEWS):
            shown = work.examples[picture]
            shown = shown if view == 0 else varied(shown, replace(work.kinds, paste=False), rng, (), work.any_color)
            maps = features(network, shown.bgr)
            evidence = parts.evidence(maps)
            truth = at_places(shown.instances)
            for way, cutting in enumerate(work.ways):
                wanted = completed(cutting, work.settings.cutting)
                labels = cut(evidence, wanted, work.settings.size)
                trial = _compared(parts, evidence, maps, labels, truth, shown.kinds)
                made[way].append(replace(trial, picture=picture, view=view, seen=seen))
    return made


def completed(way: Cutting, known: Cutting) -> Cutting:
    """A way to cut with the parameters that follow from the annotated objects."""
    return replace(way, least_area=known.least_area, smooth=known.smooth)


def _compared(
    parts: Parts,
    evidence: Evidence,
    maps: Maps,
    labels: Labels,
    truth: Instances,
    kinds: npt.NDArray[np.int64],
) -> Trial:
    """Found beside annotated objects; objects that lie mostly on unknown pixels are dropped."""
    count = int(labels.max()) if labels.size else 0
    ignored = np.bincount(labels[truth == IGNORED], minlength=count + 1)
    areas = np.bincount(labels.ravel(), minlength=count + 1)
    known = truth >= 0
    pairs = labels[known].astype(np.int64) * len(kinds) + truth[known]
    common = np.bincount(pairs, minlength=(count + 1) * len(kinds)).reshape(count + 1, len(kinds))
    annotated = np.bincount(truth[known], minlength=len(kinds))
    ious = common[:, 1:] / np.maximum(areas[:, None] + annotated[None, 1:] - common[:, 1:], 1)
    best = np.argmax(ious, axis=1) + 1 if len(kinds) > 1 else np.zeros(count + 1, np.int64)
    iou = ious.max(axis=1) if len(kinds) > 1 else np.zeros(count + 1)
    kept = np.flatnonzero(ignored[1:] * 2 < areas[1:]) + 1
    measured = measured_by(parts, evidence, maps, labels)
    del measured["appearance"]  # large, and has served
    hit = {int(best[label]) for label in kept if iou[label] >= IOU}
    visible = [i for i in range(1, len(kinds)) if annotated[i] > 0]
    return Trial(
        0,
        0,
        np.where(iou[kept] >= _NEARLY, kinds[best[kept]], 0),
        iou[kept] >= IOU,
        iou[kept],
        tuple(int(kinds[i]) for i in visible if i not in hit),
        {name: values[kept - 1] for name, values in measured.items()},
        kept,
        zlib.compress(labels.astype(np.uint16).tobytes(), 1),
        (labels.shape[0], labels.shape[1]),
    )
