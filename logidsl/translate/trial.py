"""Testing a spec before anybody relies on it: on the good pictures, where each rule must pass, and on random ones.

A rule that passes on every random picture is vacuous: its limit is out of reach, or its set always empty.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from logidsl.changes import Changer, invented
from logidsl.eval import judge
from logidsl.ir import Program
from logidsl.table import ObjectTable, concatenate

#: Gives the objects on the good pictures, as a program sees them.
SeeObjects: TypeAlias = Callable[[Program], ObjectTable]
RANDOM = 500
CHANGES = 8  # of one random picture, at most
FAILURES_MAX = 3  # per rule: a failure on the fourth picture resembles the first


@dataclass(frozen=True, slots=True)
class Failure:
    """A rule that does not pass on a good picture, with the values measured there."""

    rule: str
    picture: str
    message: str
    undetermined: bool = False

    def __str__(self) -> str:
        how = "cannot be judged" if self.undetermined else "fails"
        return f"`{self.rule}` {how} on {self.picture}: {self.message}"


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of trying a spec.

    Parameters
    ----------
    pictures : int
        The good pictures that were judged.
    failures : tuple of Failure
        Rules that do not pass on them, at most three pictures each.
    silent : tuple of str
        Rules that say nothing: true wherever they can be judged, of all random pictures.
    unread : tuple of str
        Pictures that could not be used, and why.
    """

    pictures: int = 0
    failures: tuple[Failure, ...] = ()
    silent: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def try_spec(program: Program, look: SeeObjects | None = None, rules: Collection[str] | None = None) -> Trial:
    """Try a spec.

    Parameters
    ----------
    program : Program
        The spec.
    look : callable, optional
        Gives the good pictures.
    rules : collection of str, optional
        The rules to try; all of them by default.
    """
    table = look(program) if look is not None else None
    wanted = {r.name for r in program.rules if rules is None or r.name in rules}
    good = table is not None and len(table.images) > 0
    failures = _failures(program, table, wanted) if table is not None and good else ()
    random = invented(program, RANDOM)
    if table is not None and good and len(table):
        random = concatenate([Changer(table).changed(RANDOM, most=CHANGES), random])
    unread = tuple(f"{p.path}: {p.message}" for p in table.problems) if table is not None else ()
    return Trial(len(table.images) if table is not None else 0, failures, _silent(program, random, wanted), unread)


def _failures(program: Program, table: ObjectTable, wanted: set[str]) -> tuple[Failure, ...]:
    from logidsl import pipeline

    found: dict[str, list[Failure]] = {}
    for image in pipeline.report(program, table).images:
        said: set[str] = set()
        for finding in image.findings:
            mine = found.setdefault(finding.rule, [])
            if finding.rule in wanted and finding.rule not in said and len(mine) < FAILURES_MAX:
                said.add(finding.rule)
                mine.append(Failure(finding.rule, image.path, finding.message, finding.truth == "undetermined"))
    return tuple(f for failures in found.values() for f in failures)


def _silent(program: Program, table: ObjectTable, wanted: set[str]) -> tuple[str, ...]:
    """The rules that are never false, and true somewhere; nobody wrote the one that some variant applies."""
    truths = judge(program, table, explain=False).truths
    return tuple(
        rule.name
        for rule, row in zip(program.rules, truths, strict=True)
        if rule.name in wanted and rule.name != "one_variant" and not np.any(row < 0) and np.any(row > 0)
    )
