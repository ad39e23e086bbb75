"""The measures of the literature, as functions of plain arrays.

Binary and multi-label measures are those of scikit-learn; `tests/bench/test_measures.py` compares them. They are a
handful of sums, written out here so that a benchmark needs no extra.

Three outcomes of a picture, normal, anomalous and undetermined, meet two kinds of truth. An undetermined picture counts
as wrong in either: as a false reject of a normal part and as a missed anomaly. No measure can thus be improved by
leaving pictures undecided.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
#: Confidence of all intervals.
CONFIDENCE = 0.95


def ratio(part: float, whole: float) -> float | None:
    """A share; None of nothing.

    Examples
    --------
    >>> ratio(1, 4), ratio(0, 0)
    (0.25, None)
    """
    return part / whole if whole else None


def f1_of(true: int, wrong: int, missed: int) -> float | None:
    """The F1 of counts: true positives, false positives, false negatives; None where there are none of them.

    Examples
    --------
    >>> f1_of(3, 1, 1), f1_of(0, 2, 0), f1_of(0, 0, 0)
    (0.75, 0.0, None)
    """
    return ratio(2 * true, 2 * true + wrong + missed)


@dataclass(frozen=True)
class Confusion:
    """Counts of two kinds of truth and two outcomes.

    Parameters
    ----------
    true_positive, false_positive, false_negative, true_negative : int
        An anomaly is the positive.
    """

    true_positive: int
    false_positive: int
    false_negative: int
    true_negative: int

    @property
    def accuracy(self) -> float | None:
        """The share that is right."""
        right = self.true_positive + self.true_negative
        return ratio(right, right + self.false_positive + self.false_negative)

    @property
    def precision(self) -> float | None:
        """The share of what counts as rejected that is anomalous; None where nothing is rejected."""
        return ratio(self.true_positive, self.true_positive + self.false_positive)

    @property
    def recall(self) -> float | None:
        """The share of anomalies that are rejected; None without any."""
        return ratio(self.true_positive, self.true_positive + self.false_negative)

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall; None without anomalies and rejects."""
        return f1_of(self.true_positive, self.false_positive, self.false_negative)


def confusion(anomalous: Bools, rejected: Bools, accepted: Bools) -> Confusion:
    """Counts of outcomes; a picture that is neither rejected nor accepted is wrong whatever it shows.

    Parameters
    ----------
    anomalous, rejected, accepted : (n,) bool
    """
    return Confusion(
        int((anomalous & rejected).sum()),
        int((~anomalous & ~accepted).sum()),
        int((anomalous & ~rejected).sum()),
        int((~anomalous & accepted).sum()),
    )


def label_confusion(expected: Bools, found: Bools) -> list[Confusion]:
    """Counts for each of k labels over n pictures, which may have several each.

    Parameters
    ----------
    expected, found : (n, k) bool
    """
    return [confusion(e, f, ~f) for e, f in zip(expected.T, found.T, strict=True)]


def macro_f1(each: Sequence[Confusion]) -> float | None:
    """The mean F1 over labels; one that is neither expected nor found anywhere is left out."""
    values = [c.f1 for c in each if c.f1 is not None]
    return sum(values) / len(values) if values else None


def auroc(normal: Floats, anomalous: Floats) -> float | None:
    """The share of pairs in which the anomalous picture has the greater score; a tie counts half.

    Parameters
    ----------
    normal : (n,) float64
        Scores, which may be infinite; the greater, the worse.
    anomalous : (m,) float64

    Returns
    -------
    float or None
        None unless there are pictures of both kinds.

    Examples
    --------
    >>> auroc(np.array([0.0, 1.0]), np.array([1.0, 2.0]))
    0.875
    """
    if not len(normal) or not len(anomalous):
        return None
    good = np.sort(normal)
    below, upto = (np.searchsorted(good, anomalous, side) for side in ("left", "right"))
    return float((below + upto).mean() / 2 / len(good))


def rate_at(normal: Floats, anomalous: Floats, share: float) -> float | None:
    """The largest share of anomalies found by a threshold that rejects at most a share of normal pictures.

    Parameters
    ----------
    normal : (n,) float64
        Scores; a picture is rejected if its score reaches the threshold.
    anomalous : (m,) float64
    share : float
        Of the normal pictures. Below 1/n none may be rejected.

    Returns
    -------
    float or None
        None unless there are pictures of both kinds.

    Examples
    --------
    >>> rate_at(np.array([0.0, 1.0]), np.array([0.5, 1.0, 2.0]), 0.05)
    0.3333333333333333
    """
    if not len(normal) or not len(anomalous):
        return None
    allowed = int(np.floor(share * len(normal) + 1e-9))
    if allowed >= len(normal):
        return 1.0
    limit = np.sort(normal)[::-1][allowed]  # the highest score that must be accepted
    return float((anomalous > limit).mean())


def bootstrap(
    measure: Callable[[Floats, Floats], float | None], normal: Floats, anomalous: Floats, rounds: int, seed: int
) -> tuple[float, float] | None:
    """The percentile interval of a measure of two samples, each drawn again with replacement.

    Normal and anomalous pictures are drawn apart, so that every round has as many of each (Efron and Tibshirani, An
    Introduction to the Bootstrap, 1993, chapters 8 and 13).

    Parameters
    ----------
    measure : callable
        Of scores of normal and of anomalous pictures.
    normal : (n,) float64
    anomalous : (m,) float64
    rounds : int
        How many samples are drawn; None is returned for none.
    seed : int

    Returns
    -------
    (low, high) or None
        At a confidence of 95 %; None where the measure has no value, or a kind has fewer than two pictures, of which
        nothing can vary.
    """
    if rounds < 1 or len(normal) < 2 or len(anomalous) < 2:
        return None
    rng = np.random.default_rng(seed)
    found = [measure(rng.choice(normal, len(normal)), rng.choice(anomalous, len(anomalous))) for _ in range(rounds)]
    values = [v for v in found if v is not None]
    tail = 50 * (1 - CONFIDENCE)
    low, high = np.percentile(values, [tail, 100 - tail])
    return float(low), float(high)


def kappa(first: Bools, second: Bools) -> float | None:
    """The agreement of two judges beyond chance: Cohen's kappa ("A coefficient of agreement for nominal scales", 1960).

    Parameters
    ----------
    first, second : (n,) bool

    Returns
    -------
    float or None
        None without pictures, and where both give one and the same answer throughout, as chance would agree as well.

    Examples
    --------
    >>> kappa(np.array([True, True, False, False]), np.array([True, False, False, False]))
    0.5
    """
    if not len(first):
        return None
    agreed = float((first == second).mean())
    a, b = float(first.mean()), float(second.mean())
    chance = a * b + (1 - a) * (1 - b)
    return None if chance == 1 else (agreed - chance) / (1 - chance)
