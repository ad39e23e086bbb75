"""How often new pictures will come out wrong: each picture judged by limits that were fitted without it.

Owns `Estimate`. Where many pictures would take too long to leave out one by one, they are left out in groups. The
bounds are `intervals.upper_bound`; they hold for new pictures of the same kind, taken in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from logidsl.fit.intervals import upper_bound
from logidsl.fit.search import Search
from logidsl.fit.trials import UNDETERMINED, Progress

ONE_BY_ONE = 40  # pictures up to which each is left out alone
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
    """Leave out pictures and judge them; None of a single picture.

    Parameters
    ----------
    search : Search
        With the trials of the fit, so that what was seen is not seen again.
    cases : sequence of int
        Places of the cases.
    on_progress : callable, optional
        Told how many of how many groups are done.
    """
    if len(cases) < 2:
        return None
    groups = len(cases) if len(cases) <= ONE_BY_ONE else GROUPS
    groups = min(groups, FEW) if search.many else groups
    losses = dict[int, float]()
    for group in range(groups):
        out = [c for i, c in enumerate(cases) if i % groups == group]
        found = search.run([c for c in cases if c not in out])
        losses.update(zip(out, search.trials.losses(found.values, out)[:, 0].tolist(), strict=True))
        if on_progress:
            on_progress(group + 1, groups)
    confidence = search.options.confidence
    kinds: dict[str, list[int]] = {}
    for c in cases:
        kinds.setdefault(_kind(search, c), []).append(c)
    rates = []
    for what, members in kinds.items():
        wrong = [c for c in members if losses[c] > 0]
        doubtful = sum(losses[c] == UNDETERMINED for c in wrong)
        bound = upper_bound(len(wrong), len(members), confidence)
        rates.append(Rate(what, len(wrong), len(members), doubtful, bound))
    return Estimate(tuple(rates), confidence, groups, tuple(c for c in cases if losses[c] > 0))


def _kind(search: Search, case: int) -> str:
    expected = search.trials.cases[case].expected
    match expected.verdict:
        case None:
            return "pictures counted wrong"
        case "pass":
            return "good pictures rejected"
        case "fail":
            return "bad pictures missed or given other labels" if expected.labels else "bad pictures missed"
        case "review":
            return "pictures not left to review"
