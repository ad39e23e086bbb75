"""Limits fitted to known results: values, plateaus and expected errors.

The phases in order: `truth` reads the known results, `cases` finds the pictures, `limits` the numbers that may change,
`trials` tries values, `search` finds plateaus, `estimate` predicts errors on new pictures, `report` shows the result
and `rewrite` writes the spec.
"""

from __future__ import annotations

from collections.abc import Callable

from logidsl.fit.estimate import estimate
from logidsl.fit.report import Fit, FittedLimit
from logidsl.fit.search import Options, Search
from logidsl.fit.trials import Trials
from logidsl.workers import Progress

__all__ = ["Fit", "FittedLimit", "Options", "Trials", "fit"]


def fit(
    trials: Trials,
    options: Options | None = None,
    notes: tuple[str, ...] = (),
    progress: Callable[[str], Progress | None] = lambda _: None,
) -> Fit:
    """Fit the limits of some trials to all their cases.

    Parameters
    ----------
    trials : Trials
        With cases.
    options : Options, optional
    notes : tuple of str
        Notes so far.
    progress : callable
        Returns, for the unit counted, a function called with the number done and the total.

    Raises
    ------
    InputError
        If a picture cannot be read.
    """
    search = Search(trials, options or Options(), progress("values"))
    everything = range(len(trials.cases))
    found = search.run(everything)
    losses = trials.losses(found.values)
    before = int((trials.losses(trials.start)[:, 0] == 0).sum())
    expected = estimate(search, everything, progress("groups left out"))
    each = zip(trials.limits, found.values, found.plateaus, strict=True)
    fitted = tuple(FittedLimit(x, v, p, len(losses), search.options) for x, v, p in each)
    return Fit("limits", trials, fitted, losses, before, everything, expected, notes)
