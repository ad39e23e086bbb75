"""Whether two specs mean the same: they agree on every scene that is made of the good ones."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from benchmarks.translation.mutate import mutations, vocabulary
from benchmarks.translation.sets import RuleSet, Scene, table
from logidsl import ir
from logidsl.check import check
from logidsl.diagnostics import Bag
from logidsl.eval import Prepared, judge
from logidsl.questions.goals import read_as
from logidsl.source import Source
from logidsl.syntax.parse import parse
from logidsl.verdicts import Judgement, State

Names = list[frozenset[str]]


def compiled(text: str, name: str = "spec.logic") -> tuple[ir.Program | None, Bag]:
    """The program of a text, and what was found wrong with it."""
    file, bag = parse(Source(name, text))
    return check(file, bag), bag


@dataclass(frozen=True)
class Outcome:
    """What a candidate does beside the gold spec.

    Parameters
    ----------
    kind : str
        `right`: they agree on every scene. `missing`: it passes a scene that is bad. `strict`: it passes no
        bad scene, and rejects a good one. `labels`: they agree but for the names of defects. `error`: it does
        not compile, or gave no spec.
    scenes : int
        How many scenes were judged, and on how many they differ.
    first : Scene, optional
        The first on which they differ.
    """

    kind: str
    scenes: int = 0
    differ: int = 0
    first: Scene | None = None
    words: str = ""


@dataclass
class Referee:
    """A rule set with its scenes, judged once by its gold spec."""

    rules: RuleSet
    program: ir.Program = field(init=False)
    scenes: list[Scene] = field(init=False)
    gold: Judgement = field(init=False)

    def __post_init__(self) -> None:
        program, bag = compiled(self.rules.spec, self.rules.name)
        assert program is not None, f"{self.rules.name}: {bag}"
        self.program = program
        words = vocabulary(program, self.rules.scenes, strangers="unlisted(" in self.rules.gold)
        self.scenes = [m for i, s in enumerate(self.rules.scenes) for m in mutations(s, words, i)]
        self._table = table(self.scenes)
        self._prepared: dict[tuple[tuple[str, ...], ...], Prepared] = {}
        self.gold = judge(program, self._as_read(program))

    def _as_read(self, program: ir.Program) -> Prepared:
        """The scenes as a program reads them, prepared once for all programs with the same names."""
        made = read_as(self._table, program)
        key = (made.classes.values, tuple(made.columns))
        if key not in self._prepared:
            self._prepared[key] = Prepared(made)
        return self._prepared[key]

    @property
    def decided(self) -> npt.NDArray[np.bool_]:
        """The scenes that count: where the sentences leave open what holds, by a tie say, any answer will do.

        Where they speak of doubt, review is an answer like the others.
        """
        speaks = bool(self.program.doubtful) or re.search("unknown|verdict review", self.rules.gold)
        return np.asarray((self.gold.verdicts != State.REVIEW) | bool(speaks))

    @property
    def named(self) -> frozenset[str]:
        """The defects that the sentences name."""
        found = set()
        for rule in self.program.rules:
            found |= {o.label for o in (rule.defect, rule.low, rule.high) if o is not None and o.label}
        return frozenset(found)

    def judge(self, text: str) -> Outcome:
        """What a candidate does, given as the text of a whole spec."""
        program, bag = compiled(text, f"{self.rules.name} (candidate)")
        if program is None:
            return Outcome("error", words=str(bag))
        try:
            found = judge(program, self._as_read(program))
        except Exception as error:  # noqa: BLE001 - a fault of the evaluator is counted against it, not hidden
            return Outcome("error", words=f"{type(error).__name__}: {error}")
        good, passes = self.gold.verdicts == State.PASS, found.verdicts == State.PASS
        differ = np.flatnonzero((good != passes) & self.decided)
        if len(differ):
            kind = "missing" if (passes & ~good)[differ].any() else "strict"
            return Outcome(kind, len(self.scenes), len(differ), self.scenes[int(differ[0])])
        ours, theirs = self._names(self.gold), self._names(found)
        other = [i for i, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a != b and self.decided[i]]
        if other:
            words = f"expected {sorted(ours[other[0]])}, found {sorted(theirs[other[0]])}"
            return Outcome("labels", len(self.scenes), len(other), self.scenes[other[0]], words)
        return Outcome("right", len(self.scenes))

    def _names(self, judgement: Judgement) -> Names:
        """The defects found on each scene, of those that the sentences name."""
        found: list[set[str]] = [set() for _ in self.scenes]
        for clause in judgement.clauses:
            if clause.false:
                for image, label in zip(clause.images.tolist(), clause.labels, strict=True):
                    if label in self.named:
                        found[image].add(label)
        return [frozenset(f) for f in found]


def constructs(program: ir.Program) -> frozenset[str]:
    """What a program is made of, by the names of the reference."""
    found = {getattr(n, "fn", "") for n in program.nodes}
    found |= {"match"} if any(isinstance(n, ir.Match) for n in program.nodes) else set()
    found |= {"variant"} if program.variants else set()
    for name in ("grids", "regions", "params", "attributes", "doubtful", "sets"):
        found |= {name} if getattr(program, name) else set()
    found |= {"scale"} if program.scale else set()
    found |= {n.attribute for n in program.nodes if isinstance(n, ir.Column)}
    return frozenset(f for f in found if f)


def faults(referees: Sequence[Referee]) -> list[str]:
    """Good scenes that a gold spec does not pass: mistakes of the sets."""
    found = []
    for r in referees:
        good = judge(r.program, Prepared(read_as(table(list(r.rules.scenes)), r.program)))
        for i, verdict in enumerate(good.verdicts.tolist()):
            if verdict != State.PASS:
                bad = [n.name for n, t in zip(r.program.rules, good.truths[:, i], strict=True) if t != 1]
                found.append(f"{r.rules.name}, scene {i + 1}: {', '.join(bad)}")
    return found
