"""From held-out pictures to settings: the choice among candidates, the model of whole objects, confidences.

Each model is itself learned without the picture it is judged on. May import `extract`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.extract.parts.candidates import FitModel, learned_fits
from logidsl.extract.parts.model import THRESHOLD, Settings
from logidsl.extract.parts.objects import ObjectModel, heated, kinds_and_confidences, shares_without_model
from logidsl.extras import needed
from logidsl.learn.heads import linear_model
from logidsl.learn.validation import Trial, View, tried

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]

#: Inputs for a model of objects, from the fewest on; with none it uses the mean evidence of the places.
LOOKS: tuple[tuple[str, ...], ...] = (
    (),
    ("evidence",),
    ("evidence", "shape"),
    ("evidence", "shape", "colour"),
    ("evidence", "shape", "colour", "position"),
)
#: How many pictures are needed to assess a confidence.
ENOUGH = 3
_ENOUGH_OBJECTS = 8  # of each class, for a model of objects
_TEMPERATURES = (0.5, 0.7, 1.0, 1.4, 2.0, 2.8)
#: Share of all objects that may be wrong above, or lost below, the doubtful range.
_FEW = 0.02
_BETTER = 0.03  # improvement needed to prefer a model with more inputs


@dataclass(frozen=True, eq=False)
class Judged:
    """A trial with the probability of each class for each object, by a model that never saw its picture."""

    trial: Trial
    shares: Floats


@dataclass(frozen=True, eq=False)
class Choice:
    """What was chosen.

    Parameters
    ----------
    class_limit : float
        For cutting objects out; see `Cutting`.
    fits : FitModel, optional
        Chooses among candidates; learned from all pictures.
    model : ObjectModel, optional
        Learned from all pictures.
    judged : tuple of Judged
        Every view of every picture, each by a model that never saw it.
    threshold : float
        Least confidence.
    doubtful : (low, high)
        Confidences where right and wrong objects both lie.
    calibrated : bool
    temperature : float
        For confidences without a model.
    """

    class_limit: float
    fits: FitModel | None
    model: ObjectModel | None
    judged: tuple[Judged, ...]
    threshold: float
    doubtful: tuple[float, float]
    calibrated: bool
    temperature: float


#: Without held-out pictures.
UNVALIDATED = Choice(1.0, None, None, (), THRESHOLD, (0.4, 0.6), calibrated=False, temperature=1.0)


def choose(views: Sequence[View], settings: Settings, photos: int, seed: int) -> Choice:
    """The settings with the most correct results.

    Parameters
    ----------
    views : sequence of View
        Of all pictures, each by what was learned from the others.
    settings : Settings
        Of the parts.
    photos : int
        How many were learned from; with fewer than `ENOUGH` nothing is calibrated.
    seed : int
        Of the models.
    """
    classes = len(settings.classes)
    limits = sorted({v.class_limit for v in views}, reverse=True)
    every = [_setup([v for v in views if v.class_limit == limit], settings, photos, seed) for limit in limits]
    best = max(every, key=lambda s: s.score)  # of equals the first
    trials, look, judged = best.trials, best.look, best.judged
    model = _fitted(trials, look, classes, seed) if look else None
    heat = _temperature(judged) if photos >= ENOUGH else 1.0
    judged = [Judged(j.trial, heated(j.shares, heat)) for j in judged]
    if model is not None:
        model = ObjectModel(model.groups, model.mean, model.scale, model.weights / heat, model.bias / heat)
    calibrated = photos >= ENOUGH and any(not j.trial.view.seen for j in judged)
    threshold, doubtful = _band(judged)
    limit = trials[0].view.class_limit
    return Choice(limit, best.fits, model, tuple(judged), threshold, doubtful, calibrated, 1.0 if model else heat)


@dataclass(frozen=True, eq=False)
class _Setup:
    """One way to choose objects, and how good it is; see `Choice`."""

    fits: FitModel | None
    trials: list[Trial]
    look: tuple[str, ...]
    judged: list[Judged]
    score: float


def _setup(views: Sequence[View], settings: Settings, photos: int, seed: int) -> _Setup:
    """The best choice among the candidates of views with the same limit."""
    classes = len(settings.classes)
    fits = learned_choice(views)
    held = {s: learned_choice([v for v in views if v.source != s]) for s in {v.source for v in views}}
    # A single picture cannot choose without itself.
    trials = [tried(v, held[v.source] or fits, settings) for v in views]
    looks = LOOKS[1:] if _modelled(trials, classes, photos) else LOOKS[:1]
    found = []
    for look in looks:
        judged = _crossed(trials, look, classes, seed)
        score = _score(judged) - _BETTER * len(look)  # a model with more inputs must be better to be chosen
        found.append(_Setup(fits, trials, look, judged, round(score, 9)))
    return max(found, key=lambda s: s.score)


def learned_choice(views: Sequence[View]) -> FitModel | None:
    """How well candidates fit, learned from those of some views; None if there are none."""
    known = [~(v.ignored | v.candidates.mixed) for v in views]
    if not sum(k.sum() for k in known):
        return None
    traits = np.concatenate([v.candidates.traits[k] for v, k in zip(views, known, strict=True)])
    return learned_fits(traits, np.concatenate([v.ious[k] for v, k in zip(views, known, strict=True)]))


def _modelled(trials: Sequence[Trial], classes: int, photos: int) -> bool:
    """Whether there are enough pictures, with enough objects of each class, to learn a model of objects."""
    kinds = [k for t in trials if t.view.number == 0 and not t.view.seen for k in t.kinds.tolist()]
    found = np.bincount(np.array(kinds, np.int64), minlength=classes + 1)[1:]
    return photos > ENOUGH and bool((found >= _ENOUGH_OBJECTS).all())


def judged_by(choice: Choice, trial: Trial, classes: int) -> Judged:
    """A trial with the probability of each class by what was chosen."""
    if choice.model is not None:
        return Judged(trial, choice.model.shares(trial.measured))
    return Judged(trial, heated(_plain(trial, classes), choice.temperature))


def found_kinds(shares: Floats, threshold: float) -> Ints:
    """The class assigned to each object; 0 if its confidence is too low."""
    kinds, confidences = kinds_and_confidences(shares)
    return np.where(confidences >= threshold, kinds, 0)


def hits(judged: Judged, threshold: float) -> tuple[int, int, int]:
    """The number of objects found correctly, found falsely, and missed."""
    kinds = found_kinds(judged.shares, threshold)
    right = int(np.sum((kinds > 0) & (kinds == judged.trial.kinds) & judged.trial.same))
    total = int(np.sum(judged.trial.same)) + len(judged.trial.missed)
    return right, int(np.sum(kinds > 0)) - right, total - right


def exact(judged: Judged, threshold: float, classes: int) -> bool:
    """Whether every class is counted correctly."""
    return counts_found(judged, threshold, classes) == counts_true(judged.trial, classes)


def counts_found(judged: Judged, threshold: float, classes: int) -> list[int]:
    """How many objects of each class were found."""
    return [int(n) for n in np.bincount(found_kinds(judged.shares, threshold), minlength=classes + 1)[1:]]


def counts_true(trial: Trial, classes: int) -> list[int]:
    """How many objects of each class were annotated."""
    there = [*trial.kinds[trial.same].tolist(), *trial.missed]
    return [int(n) for n in np.bincount(np.array(there, np.int64), minlength=classes + 1)[1:]]


def _score(judged: Sequence[Judged], threshold: float = THRESHOLD) -> float:
    """F1 over all objects, and half as much the share of views with correct counts."""
    judged = [j for j in judged if not j.trial.view.seen] or judged
    right, false, missed = np.array([hits(j, threshold) for j in judged]).sum(0).tolist()
    classes = judged[0].shares.shape[1] - 1
    counted = np.mean([exact(j, threshold, classes) for j in judged])
    return float(2 * right / max(1, 2 * right + false + missed) + 0.5 * float(counted))


def _plain(trial: Trial, classes: int) -> Floats:
    return shares_without_model(trial.measured, classes)


def _crossed(trials: Sequence[Trial], look: tuple[str, ...], classes: int, seed: int) -> list[Judged]:
    """Each trial by a model of all other pictures."""
    if not look:
        return [Judged(t, _plain(t, classes)) for t in trials]
    models = {
        s: _fitted([t for t in trials if t.view.source != s], look, classes, seed)
        for s in {t.view.source for t in trials}
    }
    return [
        Judged(t, _plain(t, classes) if (model := models[t.view.source]) is None else model.shares(t.measured))
        for t in trials
    ]


def _fitted(trials: Sequence[Trial], look: tuple[str, ...], classes: int, seed: int) -> ObjectModel | None:
    """A model of objects; None if all objects found are of one kind."""
    linear = needed("sklearn.linear_model", "learn", "learning parts")
    values = np.concatenate([np.concatenate([t.measured[g] for g in look], axis=1) for t in trials])
    kinds = np.concatenate([t.kinds for t in trials])
    if len(np.unique(kinds)) < 2:
        return None
    model = linear.LogisticRegression(C=0.3, max_iter=500, random_state=seed)
    return linear_model(look, model, values, kinds, classes, -20.0)


def _temperature(judged: Sequence[Judged]) -> float:
    """The temperature that maximises the likelihood of the correct classes (Guo et al., 2017)."""
    judged = [j for j in judged if not j.trial.view.seen] or judged
    losses = []
    for heat in _TEMPERATURES:
        loss = [
            -np.log(np.maximum(heated(j.shares, heat)[np.arange(len(j.shares)), j.trial.kinds], 1e-6)) for j in judged
        ]
        losses.append(float(np.concatenate(loss).mean()) if loss else 0.0)
    return _TEMPERATURES[int(np.argmin(losses))]


def _band(judged: Sequence[Judged]) -> tuple[float, tuple[float, float]]:
    """The minimum confidence, and the range of confidences with both right and wrong objects."""
    right, wrong = [], []
    for j in [j for j in judged if not j.trial.view.seen] or judged:
        kinds, sure = kinds_and_confidences(j.shares)
        good = (kinds == j.trial.kinds) & (j.trial.kinds > 0)
        right += sure[good].tolist()
        wrong += sure[~good].tolist()
    # Below the range few right objects are lost, above it few are wrong.
    few = _FEW * max(1, len(right) + len(wrong))
    steps = np.arange(0.05, 1.0, 0.05)
    low = max((t for t in steps if t <= THRESHOLD - 0.1 and np.sum(np.array(right) < t) <= few), default=0.05)
    high = min((t for t in steps if t >= THRESHOLD + 0.1 and np.sum(np.array(wrong) > t) <= few), default=0.95)
    return THRESHOLD, (round(float(low), 2), round(float(high), 2))
