"""Expected errors on new pictures: each picture judged with limits that were fitted without it.

Owns `Estimate`. If leaving out many pictures one by one would take too long, they are left out in groups. The bounds
are `intervals.upper_bound`; they apply to new pictures of the same kind, taken in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from logidsl.fit.intervals import upper_bound
from logidsl.fit.search import Options, Search
from logidsl.fit.trials import UNDETERMINED, Case
from logidsl.workers import Progress, tracked

ONE_BY_ONE = 40  # up to this number of pictures, each is left out alone
GROUPS = 10
FEW = 5  # groups, where there are many limits


@dataclass(frozen=True)
class Rate:
    """How many of some pictures came out wrong.

    Parameters
    ----------
    what : str
        What went wrong: `good pictures rejected`.
    errors, judged : int
        How many of how many; `undetermined` of the errors are left to review.
    at_most : float
        Upper bound of the share on new pictures.
    """

    what: str
    errors: int
    judged: int
    undetermined: int
    at_most: float


@dataclass(frozen=True)
class Estimate:
    """What to expect of new pictures.

    Parameters
    ----------
    rates : tuple of Rate
    confidence : float
        Of the upper bounds.
    groups : int
        How many times some pictures were left out; as many as there are pictures where each was alone.
    wrong : tuple of int
        Places of the cases that came out wrong when they were left out.
    """

    rates: tuple[Rate, ...]
    confidence: float
    groups: int
    wrong: tuple[int, ...]


def estimate(search: Search, cases: Sequence[int], on_progress: Progress | None = None) -> Estimate | None:
    """Leave out pictures and judge them; None for a single picture.

    Parameters
    ----------
    search : Search
        With the trials of the fit, so that what was seen is not seen again.
    cases : sequence of int
        Places of the cases.
    on_progress : callable, optional
        Called with the number of groups done, and of all.
    """
    if len(cases) < 2:
        return None
    groups = len(cases) if len(cases) <= ONE_BY_ONE else GROUPS
    groups = min(groups, FEW) if search.many else groups
    losses = dict[int, float]()
    for group in tracked(range(groups), groups, on_progress):
        out = [c for i, c in enumerate(cases) if i % groups == group]
        found = search.run([c for c in cases if c not in out])
        losses.update(zip(out, search.trials.losses(found.values, out)[:, 0].tolist(), strict=True))
    return estimate_of([search.trials.cases[c] for c in cases], [losses[c] for c in cases], groups, search.options)


def estimate_of(cases: Sequence[Case], losses: Sequence[float], groups: int, options: Options) -> Estimate:
    """The estimate, from how wrong each picture was when it was left out (the first column of `Losses`)."""
    kinds: dict[str, list[float]] = {}
    for case, loss in zip(cases, losses, strict=True):
        kinds.setdefault(_kind(case), []).append(loss)
    rates = []
    for what, found in kinds.items():
        wrong = sum(loss > 0 for loss in found)
        bound = upper_bound(wrong, len(found), options.confidence)
        rates.append(Rate(what, wrong, len(found), found.count(UNDETERMINED), bound))
    left = tuple(i for i, loss in enumerate(losses) if loss > 0)
    return Estimate(tuple(rates), options.confidence, groups, left)


def _kind(case: Case) -> str:
    expected = case.expected
    match expected.verdict:
        case None:
            return "pictures counted wrong"
        case "pass":
            return "good pictures rejected"
        case "fail":
            return "bad pictures missed or given other labels" if expected.labels else "bad pictures missed"
        case "review":
            return "pictures not left to review"
