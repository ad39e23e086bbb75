"""Whether two specs differ, and the smallest table that shows it.

Two specs differ if on some table they give different verdicts or name different defects. Equal programs are known by
their digests, which is a proof; that none of many tables shows a difference is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from logidsl import ir
from logidsl.arrays import Ints, Mask
from logidsl.describe import Sentence, describe
from logidsl.ir.digests import bare
from logidsl.pipeline import report
from logidsl.questions.goals import Goal, Tables, demanding, read_as
from logidsl.questions.search import Search, smallest
from logidsl.questions.shrink import shrunk
from logidsl.report.model import ImageReport
from logidsl.scenes import Scene
from logidsl.table import ObjectTable, concatenate
from logidsl.verdicts import Judgement, State

Progress = Callable[[int, int], None]
#: How many tables that both reject have their defects compared.
_LABELLED = 400
_MOST_GOALS, _ROUNDS = 24, 6


@dataclass(frozen=True)
class Change:
    """A statement that only one spec has, or that says something else in the other.

    Parameters
    ----------
    kind, name : str
        As `Sentence` has them.
    before, after : str, optional
        What it says in the first and in the second spec, in plain words.
    lines : pair of int
        Where it stands in each; 0 where it does not.
    """

    kind: str
    name: str
    before: str | None
    after: str | None
    lines: tuple[int, int] = (0, 0)


@dataclass(frozen=True, eq=False)
class Witness:
    """A table, as small as could be, with what each of some programs says of it.

    Parameters
    ----------
    table : ObjectTable
        One image.
    scene : Scene, optional
        The same as a test can say it.
    reports : tuple of ImageReport
        By each program.
    rules : tuple of (str, str or None, str or None)
        Rules with different verdicts, by the first and the second program; None for one that has no such rule.
    """

    table: ObjectTable
    scene: Scene | None
    reports: tuple[ImageReport, ...]
    rules: tuple[tuple[str, str | None, str | None], ...] = ()


@dataclass(frozen=True, eq=False)
class Difference:
    """What is known of two specs.

    Parameters
    ----------
    alike : str
        `program` if the programs are the same, `tables` if they judge every table alike and differ in how objects are
        found in pictures; then nothing was searched. Otherwise empty.
    changes : list of Change
        The statements that differ.
    differs : str
        `verdict` or `defects` of a picture; `batches` if only rules over several pictures differ; empty if nothing was
        found to differ.
    witness : Witness, optional
        Shows the difference.
    tried : int
        How many tables were judged.
    several : tuple of str
        The rules over several pictures that do not mean the same in both.
    """

    alike: Literal["", "program", "tables"]
    changes: list[Change]
    differs: Literal["", "verdict", "defects", "batches"]
    witness: Witness | None
    tried: int
    several: tuple[str, ...] = ()


def difference(
    one: ir.Program,
    other: ir.Program,
    given: Sequence[ObjectTable] = (),
    *,
    seed: int = 0,
    effort: float = 1.0,
    progress: Progress = lambda done, total: None,
) -> Difference:
    """Compare two specs.

    Parameters
    ----------
    one, other : Program
        Checked specs.
    given : sequence of ObjectTable
        Tables to begin with, such as those of good parts.
    seed : int
        Of the tables that are made up.
    effort : float
        How many times as many tables as usual are tried.
    progress : callable
        Called with the steps done and their number.
    """
    changes = structure(one, other)
    if one.hash == other.hash:
        return Difference("program", changes, "", None, 0)
    before, after = said_of_batches(one), said_of_batches(other)
    several = tuple(name for name in dict.fromkeys([*before, *after]) if before.get(name) != after.get(name))
    if said_of_tables(one) == said_of_tables(other):
        return Difference("tables", changes, "batches" if several else "", None, 0, several)
    pair = Pair(one, other, Search((one, other), given, seed, effort))
    differs, witness = pair.witness(progress)
    return Difference("", changes, differs or ("batches" if several else ""), witness, pair.search.tried, several)


def structure(one: ir.Program, other: ir.Program) -> list[Change]:
    """The statements in which two specs differ, but for their names and tests."""
    before, after = _sentences(one), _sentences(other)
    found = []
    for key in dict.fromkeys([*before, *after]):
        a, b = before.get(key), after.get(key)
        if a is None or b is None or a.sentence != b.sentence:
            lines = (a.line if a else 0, b.line if b else 0)
            found.append(Change(key[0], key[1], a.sentence if a else None, b.sentence if b else None, lines))
    return found


def _sentences(program: ir.Program) -> dict[tuple[str, str, int], Sentence]:
    found: dict[tuple[str, str, int], Sentence] = {}
    for s in describe(program):
        if s.kind not in ("test", "spec"):
            number = next(k for k in range(len(found) + 1) if (s.kind, s.name, k) not in found)
            found[s.kind, s.name, number] = s
    return found


@dataclass(eq=False)
class Pair:
    """Two programs that are compared on tables."""

    one: ir.Program
    other: ir.Program
    search: Search

    def judged(self, table: ObjectTable, *, explain: bool = False) -> tuple[Judgement, Judgement]:
        """What both say of a table."""
        tables = Tables(table)
        return tables.judged(self.one, explain=explain), tables.judged(self.other, explain=explain)

    def verdicts(self, table: ObjectTable) -> tuple[Ints, Ints, Mask]:
        """The verdicts by both, and which images both could judge."""
        a, b = self.judged(table)
        known = np.ones(len(table.images), bool)
        known[[*a.refused, *b.refused]] = False
        return a.verdicts, b.verdicts, known

    def differing(self, table: ObjectTable) -> tuple[ObjectTable | None, bool]:
        """The smallest image with different verdicts, and whether one is a pass and the other a fail."""
        self.search.tried += len(table.images)
        a, b, known = self.verdicts(table)
        sure = smallest(table, known & (a * b < 0))
        return (sure, True) if sure is not None else (smallest(table, known & (a != b)), False)

    def witness(
        self, progress: Progress = lambda done, total: None
    ) -> tuple[Literal["", "verdict", "defects"], Witness | None]:
        """What differs, and a small table that shows it."""
        doubtful: ObjectTable | None = None
        for found, sure in self._candidates(progress):
            if found is not None and sure:
                return "verdict", self.small(found)
            doubtful = found if doubtful is None else doubtful
        if doubtful is not None:
            return "verdict", self.small(doubtful)
        labelled = self.labelled(self.search.neighbours())
        return ("defects", self.small(labelled, defects=True)) if labelled is not None else ("", None)

    def _candidates(self, progress: Progress) -> Iterator[tuple[ObjectTable | None, bool]]:
        goals = list(self._goals())[: max(2, round(_MOST_GOALS * self.search.effort))]
        if not goals:  # the conditions of all rules mean the same
            return
        total = len(goals) + 2
        progress(0, total)
        yield self.differing(self.search.beginnings)
        yield self.differing(self.search.neighbours())
        for number, goal in enumerate(goals):
            progress(number + 1, total)
            start = concatenate([*(self.search.good(p) for p in (self.one, self.other)), self.search.beginnings])
            found = self.search.reached(goal, start, rounds=_ROUNDS)
            if len(found.images):
                yield self.differing(found)
        progress(total, total)

    def _goals(self) -> Iterator[Goal]:
        """That one passes and a rule of the other is violated; rules that were changed themselves come first."""
        keys = [{r.name: _meaning(p, [r.node]) for r in p.rules} for p in (self.one, self.other)]
        for near in (True, False):
            for mine, theirs, known in ((self.one, self.other, keys[0]), (self.other, self.one, keys[1])):
                for place, rule in enumerate(theirs.rules):
                    own = next((r for r in mine.rules if r.name == rule.name), None)
                    if known.get(rule.name) == _meaning(theirs, [rule.node]):
                        continue
                    itself = own is None or mine.marks[own.node] != theirs.marks[rule.node]
                    if itself == near:
                        yield Goal((mine, demanding(theirs, {place: State.FAIL})))

    # ---- defects --------------------------------------------------------------------------------------

    def labelled(self, table: ObjectTable) -> ObjectTable | None:
        """The smallest image that both reject for different defects."""
        a, b, known = self.verdicts(table)
        both = np.flatnonzero(known & (a == b) & (a != int(State.PASS)))[: round(_LABELLED * self.search.effort)]
        if not len(both):
            return None
        rejected = table.take_images(both)
        return smallest(rejected, self._other_defects(rejected))

    def _other_defects(self, table: ObjectTable) -> Mask:
        a, b = self.judged(table, explain=True)
        ours, theirs = _defects(a), _defects(b)
        return np.array([x != y for x, y in zip(ours, theirs, strict=True)], bool)

    # ---- the witness ----------------------------------------------------------------------------------

    def small(self, table: ObjectTable, *, defects: bool = False) -> Witness:
        """The witness for a table on which both differ."""
        a, b, _ = self.verdicts(table)
        wanted = (int(a[0]), int(b[0]))

        def shows(t: ObjectTable) -> Mask:
            self.search.tried += len(t.images)
            x, y, known = self.verdicts(t)
            same = np.asarray(known & (x == wanted[0]) & (y == wanted[1]))
            return same & self._other_defects(t) if defects else same

        small, scene = shrunk(table, shows, skeletons=self.search.words.skeletons)
        a2, b2 = self.judged(small)
        return witness_of(small, scene, (self.one, self.other), _rules(a2, b2))


def witness_of(
    table: ObjectTable,
    scene: Scene | None,
    programs: Sequence[ir.Program],
    rules: Sequence[tuple[str, str | None, str | None]] = (),
) -> Witness:
    """A witness, with what programs report of it."""
    table = replace(table, images=("witness",))
    reports = tuple(report(p, read_as(table, p)).images[0] for p in programs)
    return Witness(table, scene, reports, tuple(rules))


_WORDS = {State.PASS: "pass", State.REVIEW: "review", State.FAIL: "fail"}


def _rules(a: Judgement, b: Judgement) -> list[tuple[str, str | None, str | None]]:
    """The rules with different verdicts on the first image, and those that one spec lacks if they do not pass."""
    said = []
    for j in (a, b):
        found: dict[str, State] = {}
        for rule, state in zip(j.program.rules, j.by_rule[:, 0].tolist(), strict=True):
            found[rule.name] = min(State(state), found.get(rule.name, State.PASS))
        said.append(found)
    rows = []
    for name in dict.fromkeys([*said[0], *said[1]]):
        x, y = said[0].get(name), said[1].get(name)
        if x != y and {x, y} != {None, State.PASS}:
            rows.append((name, None if x is None else _WORDS[x], None if y is None else _WORDS[y]))
    return rows


def _defects(j: Judgement) -> list[frozenset[str]]:
    """The defects of each image."""
    found: list[set[str]] = [set() for _ in j.table.images]
    for clause in j.clauses:
        if clause.false:
            for image, label in zip(clause.images.tolist(), clause.labels, strict=True):
                found[image].add(label or "")
    return [frozenset(f) for f in found]


def said_of_tables(program: ir.Program) -> list[object]:
    """What a program says of tables, in a fixed order; equal to nothing if that depends on all that it declares."""
    if any(isinstance(n, ir.Call) and n.type.kind == "set" and not n.args for n in program.nodes) or program.measures:
        return [object()]
    rules = [r.replaced(message=None, message_nodes={}) for r in program.rules]
    return sorted(([bare(r, program.marks), _meaning(program, ir.uses_of(r))] for r in rules), key=str)


def said_of_batches(program: ir.Program) -> dict[str, object]:
    """What each rule over several pictures says, but for how objects are found in pictures."""
    batches = {b.name: bare(b, program.marks) for b in program.batches}
    views = sorted((bare(v, program.marks) for v in program.views), key=str)
    return {
        r.name: [bare(r.replaced(message=None, message_nodes={}), program.marks), _meaning(program, ir.uses_of(r)),
                 batches[r.over], views]
        for r in program.batch_rules
    }  # fmt: skip


def _meaning(program: ir.Program, roots: Iterable[int]) -> tuple[object, ...]:
    """What some nodes mean, with what they are made of: equal for rules that judge every table alike."""
    nodes, marks = program.nodes, program.marks
    things = {d.name: d for group in (program.classes, program.sets, program.grids, program.regions) for d in group}
    params = {p.name: p.value for p in program.params}
    seen: dict[str, object] = {}
    roots = [*roots, *(() if program.frame is None else (program.frame,))]
    waiting, done = list(roots), set[int]()
    colors = False
    while waiting:
        number = waiting.pop()
        if number in done:
            continue
        done.add(number)
        node = nodes[number]
        waiting += ir.uses_of(node)
        colors |= node.type.kind == "color"
        if isinstance(node, ir.Name) and node.ref not in seen:
            if node.ref in things:
                seen[node.ref] = bare(things[node.ref], marks)
                waiting += ir.uses_of(things[node.ref])
            elif node.ref in params:
                seen[node.ref] = params[node.ref]
    palette = tuple((c.name, c.lab, c.reach) for c in program.colors) if colors else ()
    whole = (tuple(bare(d, marks) for d in program.doubtful), tuple(bare(k, marks) for k in program.keeps))
    layouts = tuple(x.digest for x in program.layouts)
    return (*(marks[r] for r in roots), tuple(sorted(seen.items(), key=str)), palette, whole, layouts, program.scale)
