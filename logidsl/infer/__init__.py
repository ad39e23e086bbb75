"""Inferring rules from good parts: a draft that a person reads, corrects and keeps.

`infer` expands the candidates that operations declare, keeps those that hold on all good tables, and chooses the few
that together reject most random changes of them. See `search` for how, and `limits` for what is assumed of measured
values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from logidsl.changes import Changer
from logidsl.diagnostics import InputError
from logidsl.fit.intervals import upper_bound
from logidsl.infer.answers import NOTHING_SAID, Answers
from logidsl.infer.candidates import Rule
from logidsl.infer.evidence import Evidence
from logidsl.infer.limits import LEAST_PARTS
from logidsl.infer.search import ASKED, LEVELS, Search
from logidsl.infer.vocabulary import Vocabulary
from logidsl.infer.writing import drafted
from logidsl.ir import Program
from logidsl.source import Source
from logidsl.table import ObjectTable

#: How many changed tables the candidates are tried on.
CHANGED = 900
#: What a left-out good part that is rejected beyond the wanted share costs, in changed tables caught.
_PENALTY = 3.0


@dataclass(frozen=True, eq=False)
class Draft:
    """An inferred spec.

    Parameters
    ----------
    text : str
        The whole spec.
    rules : list of Rule
        Those that it adds.
    questions : list of Rule
        Further candidates, which a person may keep.
    parts : int
        The number of good parts.
    rejected : int
        How many of them are rejected by rules learned without them.
    caught : float
        The share of random changes that the draft rejects.
    notes : list of str
        What is odd about the tables.
    """

    text: str
    rules: list[Rule]
    questions: list[Rule]
    parts: int
    rejected: int
    caught: float
    notes: list[str]

    @property
    def bound(self) -> float:
        """The upper bound on the share of new good parts that are rejected, at 95 % (Clopper and Pearson)."""
        return upper_bound(self.rejected, self.parts)


def infer(
    table: ObjectTable,
    spec: tuple[Source, Program] | None = None,
    answers: Answers = NOTHING_SAID,
    *,
    params: Mapping[str, str] | None = None,
    max_false_rejects: float = 0.08,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Draft:
    """Rules that hold on tables of good parts.

    Parameters
    ----------
    table : ObjectTable
        An image for each good part, as the spec's program reads it.
    spec : Source and Program, optional
        A spec to complete.
    answers : Answers
        What a person said of earlier candidates.
    params : mapping of str to str, optional
        Values of the spec's parameters.
    max_false_rejects : float
        The share of left-out good parts that may be rejected. The strictest rules that keep to it are taken.
    seed : int
        Of the random changes.
    progress : callable
        Called with the steps done and their number.

    Raises
    ------
    InputError
        If there are too few parts, or a kept clause does not hold on one of them.
    """
    n = len(table.images)
    if n < LEAST_PARTS:
        raise InputError(f"expected at least {LEAST_PARTS} good parts, found {n}: fewer do not show what varies")
    v = Vocabulary(table, *(spec or ()))
    if not v.classes:
        raise InputError("the good parts have no objects to infer rules from")
    steps = len(LEVELS) + 2
    progress(0, steps)
    changed = Changer(v.table, seed).changed(CHANGED)
    search = Search(v, Evidence(v.statements(), v.table, params or {}), changed, answers)
    tried = []
    for level, strictness in enumerate(LEVELS):
        progress(level + 1, steps)
        tried.append((*search.left_out(strictness, seed), level))
    rejected, _, level = max(tried, key=lambda t: t[1] - _PENALTY * max(t[0] / n - max_false_rejects, 0.0))
    everything = np.arange(n)
    rules = search.rules(everything, LEVELS[level])
    more = search.rules(everything, ASKED)
    known = {r.clause for r in rules}
    return Draft(
        drafted(v, rules, n),
        rules,
        [r for r in more if r.clause not in known],
        n,
        rejected,
        search.caught(rules),
        [*v.notes(), *search.disagreements()],
    )
