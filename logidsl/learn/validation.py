"""Leave-one-picture-out: the candidates that heads learned without a picture give on that picture.

The choice among them, the model of whole objects, the confidences and the report follow from these. May import
`extract` and `workers`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

import numpy as np

from logidsl.arrays import Floats, Ints, Labels, Mask
from logidsl.diagnostics import InputError
from logidsl.extract.parts.candidates import Candidates, FitModel, candidates_of, fits_of
from logidsl.extract.parts.features import LAB, Maps, features, shipped_network
from logidsl.extract.parts.find import measured_by
from logidsl.extract.parts.model import Parts, Settings
from logidsl.extract.parts.segmentation import Evidence
from logidsl.learn.copies import sources_of
from logidsl.learn.examples import IGNORED, Example
from logidsl.learn.heads import Samples, at_places, joined, learn_appearances, learn_heads
from logidsl.learn.variations import Kinds, varied
from logidsl.workers import Progress, in_order, tracked

OUT_OF_MEMORY = "a learning process was killed, probably because memory ran out: try --jobs 1, or fewer pictures"
#: A found object matches an annotated one from this intersection over union.
IOU = 0.5
_NEARLY = 0.4  # up to this, the model of objects still learns it as that object
_VIEWS = 4  # views of each held-out picture: itself, and variations
#: What is tried for `Cutting.class_limit`, the simplest first; with a single class only that.
CLASS_LIMITS = (1.0, 0.5)
FOLDS = 10  # at most: with more pictures several are left out at once


@dataclass(frozen=True, eq=False)
class View:
    """The candidates on one view of a held-out picture, beside what was annotated.

    Parameters
    ----------
    picture : int
        Which one.
    source : int
        The photo that it was made from; see `sources_of`.
    number : int
        0 for the picture as it is.
    seen : bool
        Whether the picture was learned from after all, since no other has one of its classes: its figures count for
        nothing.
    class_limit : float
        That the candidates were made with; see `Cutting`.
    candidates : Candidates
    ious : (n,) float64
        Of each candidate, with the annotated object that it fits best.
    nearest : (n,) int64
        Which object that is.
    ignored : (n,) bool
        Whether it lies mostly on what is unknown.
    kinds : (k + 1,) int64
        Class of each annotated object from 1 on.
    visible : tuple of int
        The annotated objects that cover a place.
    measured : dict of str to (n, m) float64
        See `objects.describe`; without the fit.
    """

    picture: int
    source: int
    number: int
    seen: bool
    class_limit: float
    candidates: Candidates
    ious: Floats
    nearest: Ints
    ignored: Mask
    kinds: Ints
    visible: tuple[int, ...]
    measured: dict[str, Floats]


@dataclass(frozen=True, eq=False)
class Trial:
    """What was chosen of the candidates of a view.

    Parameters
    ----------
    view : View
    kept : (n,) int64
        The objects, by candidate; those that lie mostly on what is unknown are not among them.
    kinds : (n,) int64
        Of each object found, the class that was annotated there; 0 where none was.
    same : (n,) bool
        Whether it is the same object, by `IOU`.
    missed : tuple of int
        Classes of annotated objects that nothing fits.
    measured : dict of str to (n, m) float64
        See `objects.describe`.
    """

    view: View
    kept: Ints
    kinds: Ints
    same: Mask
    missed: tuple[int, ...]
    measured: dict[str, Floats]

    @property
    def ious(self) -> Floats:
        """Of each object, with the annotated object that it fits best, (n,)."""
        return self.view.ious[self.kept]

    @property
    def labels(self) -> Labels:
        """The object of each place, (h, w) int32, in the order of `kept` from 1 on; 0 for the background."""
        return self.view.candidates.labels(self.kept)


def tried(view: View, fits: FitModel | None, settings: Settings) -> Trial:
    """The objects that a model chooses on a view."""
    fit = fits_of(view.candidates, fits, settings.cutting, settings.size)
    chosen = view.candidates.chosen(fit)
    kept = chosen[~view.ignored[chosen]]
    near, ious = view.nearest[kept], view.ious[kept]
    hit = set(near[ious >= IOU].tolist())
    measured = {name: values[kept] for name, values in view.measured.items()}
    measured["evidence"] = np.concatenate([measured["evidence"], fit[kept][:, None]], axis=1)
    return Trial(
        view,
        kept,
        np.where(ious >= _NEARLY, view.kinds[near], 0),
        ious >= IOU,
        tuple(int(view.kinds[i]) for i in view.visible if i not in hit),
        measured,
    )


@dataclass(frozen=True, eq=False)
class Work:
    """Data shared by all folds, sent to each worker once."""

    examples: tuple[Example, ...]
    samples: tuple[Samples, ...]
    settings: Settings
    network: bytes
    kinds: Kinds
    any_color: tuple[int, ...]
    resample: bool
    seed: int


def folds_of(examples: Sequence[Example]) -> list[tuple[int, ...]]:
    """Which pictures are left out together: those of each photo, or of a tenth of the photos if there are many."""
    sources = sources_of(examples)
    count = min(len(set(sources)), FOLDS)
    return [tuple(i for i, source in enumerate(sources) if source % count == fold) for fold in range(count)]


def validate(work: Work, jobs: int, on_progress: Progress | None = None) -> list[View]:
    """Learn without each picture, and see what could be found on it."""
    folds = folds_of(work.examples)
    made = tracked(in_order(views_of, work, folds, jobs, lost), len(folds), on_progress)
    return [view for fold in made for view in fold]


def lost(_: object) -> NoReturn:
    """Raise InputError for a worker that died."""
    raise InputError(OUT_OF_MEMORY)


def views_of(work: Work, left_out: tuple[int, ...]) -> list[View]:
    """Views of some pictures, by what is learned from the others; of each, one for each limit."""
    rest = [i for i in range(len(work.examples)) if i not in left_out]
    known = {int(k) for i in rest for k in np.unique(work.samples[i].kinds)}
    seen = known != set(range(len(work.settings.classes) + 1))
    samples = joined([work.samples[i] for i in (range(len(work.examples)) if seen else rest)])
    heads = learn_heads(samples, len(work.settings.classes), work.resample, work.seed)
    appearances = learn_appearances(samples, len(work.settings.classes))
    parts = Parts("the parts", work.settings, work.network, heads, appearances=appearances)
    network = shipped_network()
    made, sources = [], sources_of(work.examples)
    for picture in left_out:
        rng = np.random.default_rng((work.seed, 7, picture))
        for number in range(_VIEWS):
            shown = work.examples[picture]
            shown = shown if number == 0 else varied(shown, replace(work.kinds, paste=False), rng, (), work.any_color)
            maps = features(network, shown.bgr)
            evidence = parts.evidence(maps)
            which = picture, sources[picture], number, seen
            made += [_view(each, evidence, maps, shown, which) for each in limited(parts)]
    return made


def limited(parts: Parts) -> list[Parts]:
    """Parts with each of `CLASS_LIMITS`."""
    settings = parts.settings
    limits = CLASS_LIMITS if len(settings.classes) > 1 else CLASS_LIMITS[:1]
    cuttings = [replace(settings.cutting, class_limit=limit) for limit in limits]
    return [replace(parts, settings=replace(settings, cutting=cutting)) for cutting in cuttings]


def _view(parts: Parts, evidence: Evidence, maps: Maps, shown: Example, which: tuple[int, int, int, bool]) -> View:
    """The candidates of a picture beside its annotated objects."""
    truth, cutting = at_places(shown.instances), parts.settings.cutting
    candidates = candidates_of(evidence, maps[..., LAB], cutting, parts.settings.size)
    objects, count = len(shown.kinds), len(candidates.children)
    members = candidates.pieces_of()
    # How many places each piece has in common with each annotated object; the last column is what is unknown.
    there = np.where(truth == IGNORED, objects, truth)[candidates.inside]
    pairs = np.bincount(candidates.pieces * (objects + 1) + there, minlength=count * (objects + 1))
    pairs = pairs.reshape(count, objects + 1)
    common = np.array([pairs[m].sum(axis=0) for m in members], np.float64).reshape(count, objects + 1)
    annotated = np.bincount(truth[truth >= 0], minlength=objects)
    union = common[:, :objects].sum(axis=1, keepdims=True) + annotated[None, 1:] - common[:, 1:objects]
    ious = np.concatenate([np.zeros((count, 1)), common[:, 1:objects] / np.maximum(union, 1)], axis=1)
    ys, xs = np.nonzero(candidates.inside)
    order = np.argsort(candidates.pieces, kind="stable")
    of_piece = np.split(order, np.cumsum(np.bincount(candidates.pieces, minlength=count))[:-1]) if count else []
    places = [np.sort(np.concatenate([of_piece[i] for i in m])) for m in members]
    where = [(ys[p], xs[p]) for p in places]
    measured = measured_by(parts, evidence, maps, candidates.inside, where, np.zeros(count))
    measured["evidence"] = measured["evidence"][:, :-1]
    del measured["appearance"]  # large, and has served
    return View(
        *which,
        cutting.class_limit,
        candidates,
        ious.max(axis=1),
        ious.argmax(axis=1),
        common[:, objects] * 2 >= common.sum(axis=1),
        shown.kinds,
        tuple(i for i in range(1, objects) if annotated[i] > 0),
        measured,
    )
