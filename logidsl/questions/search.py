"""Searching for a table: by chance around good tables, and on purpose by repairs.

The evaluator says of each false clause what would make it true. A table is repaired, judged and repaired again until it
meets a goal, which may be that a rule is *violated*: then the repair goes just beyond the limit, which is where specs
that differ in a limit differ. What repairs cannot do is left to chance: changes of good tables, which lie nearest to
the border between good and bad.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from logidsl import ir
from logidsl.arrays import Ints, Mask
from logidsl.questions.goals import Goal, Tables
from logidsl.questions.tables import Vocabulary
from logidsl.repairs import Add, AnyChange, Change, Move, Remove, merged
from logidsl.table import ObjectTable, concatenate
from logidsl.table_edits import edited
from logidsl.verdicts import State

#: Tables that are repaired side by side, and rounds of it.
WIDTH, ROUNDS = 12, 10
#: Tables that differ from good ones by chance, and the changes of each at most.
CHANGED, MOST_CHANGES = 1500, 4
INVENTED = 150
#: Good tables of a program that changes begin with, and how often they are looked for.
GOOD, RESTARTS = 8, 2


@dataclass(eq=False)
class Search:
    """A search over tables for some programs.

    Parameters
    ----------
    programs : sequence of Program
        What is asked about.
    given : sequence of ObjectTable
        Tables to begin with, beside the scenes of the programs' tests.
    seed : int
        The same seed finds the same tables.
    effort : float
        How many times as much as usual is tried.

    Attributes
    ----------
    tried : int
        How many tables were judged.
    """

    programs: Sequence[ir.Program]
    given: Sequence[ObjectTable] = ()
    seed: int = 0
    effort: float = 1.0
    tried: int = 0
    words: Vocabulary = field(init=False)
    _good: dict[int, ObjectTable] = field(default_factory=dict)
    _beginnings: ObjectTable | None = None
    _calls: int = 0

    def __post_init__(self) -> None:
        self.words = Vocabulary(self.programs)

    # ---- tables to begin with -------------------------------------------------------------------------

    @property
    def beginnings(self) -> ObjectTable:
        """Scenes of tests, tables that were given, an empty picture, and a few made up."""
        if self._beginnings is None:
            parts = [*self.words.scenes(), *self.given, self.words.empty(), self.words.invented(6, self.seed)]
            self._beginnings = _plain(self.words.completed(concatenate([_plain(p) for p in parts]), self.seed))
        return self._beginnings

    def good(self, program: ir.Program) -> ObjectTable:
        """Tables that a program passes, as many as were found, at most `GOOD`."""
        for _ in range(RESTARTS):
            if id(program) not in self._good or not len(self._good[id(program)].images):
                start = concatenate([*self._good.values(), self.beginnings])
                self._good[id(program)] = self.reached(Goal((program,)), start)
        return self._good[id(program)]

    def neighbours(self, around: ObjectTable | None = None) -> ObjectTable:
        """Tables around good ones and the beginnings, and some made up."""
        parts = [self.beginnings, *(self.good(p) for p in self.programs)] if around is None else [around]
        base = concatenate([p for p in parts if len(p.images)])
        self._calls += 1
        changer = self.words.changer(base, self.seed + self._calls)
        count = round(CHANGED * self.effort)
        made = [base, changer.changed(count // 2), changer.changed(count // 2, MOST_CHANGES)]
        made.append(self.words.invented(round(INVENTED * self.effort), self.seed + self._calls))
        return concatenate(made)

    # ---- on purpose -----------------------------------------------------------------------------------

    def reached(self, goal: Goal, start: ObjectTable, *, rounds: int = ROUNDS) -> ObjectTable:
        """Tables that meet a goal, reached from others by repairs; without an image if none was."""
        self._calls += 1
        dice = np.random.default_rng(self.seed + self._calls)
        pool, _ = self._best(goal, start, dice)
        found: list[ObjectTable] = []
        for _ in range(rounds):
            missed, repairs = self._repairs(goal, pool)
            met = np.flatnonzero(missed == 0)
            found += [pool.take_images(met)] if len(met) else []
            left = np.flatnonzero(missed > 0)
            if not len(left) or len(met) >= GOOD // 2:
                break
            rest = pool.take_images(left)
            pool, hit = self._best(goal, self._children(rest, [repairs[i] for i in left], dice), dice)
            if found and not hit:
                break
        return concatenate(found)

    def _best(self, goal: Goal, table: ObjectTable, dice: np.random.Generator) -> tuple[ObjectTable, bool]:
        """The tables that miss least of a goal, in random order among equals, and whether one misses nothing."""
        self.tried += len(table.images)
        missed = goal.missed(table)
        order = np.lexsort((dice.random(len(missed)), missed))[: 5 * WIDTH]
        table, missed = table.take_images(order), missed[order]
        order = np.lexsort((dice.random(len(missed)), goal.findings(table), missed))[:WIDTH]
        return table.take_images(order), bool((missed == 0).any())

    def _repairs(self, goal: Goal, pool: ObjectTable) -> tuple[Ints, list[list[tuple[AnyChange, ...]]]]:
        """(n,) how many rules do not hold, and of each image what would make a clause true."""
        tables, n = Tables(pool), len(pool.images)
        missed = np.zeros(n, np.int64)
        found: list[list[tuple[AnyChange, ...]]] = [[] for _ in range(n)]
        for program in goal.programs:
            judged = tables.judged(program, explain=True, repairs=True)
            missed += (judged.truths != int(State.PASS)).sum(axis=0)
            for clause in judged.clauses:
                if clause.false and clause.repairs is not None:
                    for image, several in zip(clause.images.tolist(), clause.repairs, strict=True):
                        found[image] += [r.changes for r in several]
        return missed, found

    def _children(
        self, pool: ObjectTable, repairs: list[list[tuple[AnyChange, ...]]], dice: np.random.Generator
    ) -> ObjectTable:
        """Each image with all its repairs made, with some of them, and with changes by chance."""
        trials: list[tuple[int, list[AnyChange]]] = []
        for image, options in enumerate(repairs):
            ways = [options] if options else []
            ways += [[options[int(dice.integers(len(options)))]] for _ in range(2)] if len(options) > 1 else []
            trials += [(image, _together(way, dice)) for way in ways]
        made = [edited(pool, trials)] if trials else []
        base = concatenate([pool, self.beginnings])
        few = 2 * len(repairs) if trials else 4 * WIDTH
        changer = self.words.changer(pool, int(dice.integers(1 << 30)))
        made += [changer.changed(few, 2), changer.shaken(2 * len(repairs))]
        made.append(self.words.changer(base, int(dice.integers(1 << 30))).changed(WIDTH, 3))
        table = concatenate([_plain(m) for m in made])
        return _plain(self.words.completed(table, int(dice.integers(1 << 30))))

    # ---- one table ------------------------------------------------------------------------------------

    def first(self, wanted: Callable[[ObjectTable], Mask], table: ObjectTable) -> ObjectTable | None:
        """The image with the fewest objects that is as wanted, as a table of its own."""
        self.tried += len(table.images)
        return smallest(table, wanted(table))


def smallest(table: ObjectTable, chosen: Mask) -> ObjectTable | None:
    """Of the chosen images the one with the fewest objects."""
    here = np.flatnonzero(chosen)
    return table.take_image(int(here[np.diff(table.offsets)[here].argmin()])) if len(here) else None


def _plain(table: ObjectTable) -> ObjectTable:
    """A table whose objects are numbered, without notes and outlines of the table it was made from."""
    counts = np.diff(table.offsets).tolist()
    ids = tuple(str(i + 1) for n in counts for i in range(n))
    return replace(table, ids=ids, outlines=None, notes=(), problems=(), places=(), origin=None)


def _together(options: Sequence[Sequence[AnyChange]], dice: np.random.Generator) -> list[AnyChange]:
    """Several repairs as one: what is taken away by one is not changed by another."""
    found: list[AnyChange] = []
    gone: set[str] = set()
    added = 0
    for changes in options:
        before = added
        for c in changes:
            match c:
                case Remove():
                    objects = [c.objects[int(k)] for k in dice.permutation(len(c.objects))]  # any of them will do
                    left = [o for o in objects if o not in gone][: c.count]
                    gone |= set(left)
                    if left:
                        found.append(c.replaced(objects=tuple(left), count=len(left)))
                case Add():
                    added += c.count
                    found.append(c)
                case Change() | Move() if c.object.startswith("added "):
                    number = int(c.object.removeprefix("added ")) + before
                    found.append(c.replaced(object=f"added {number}"))
                case _:
                    found.append(c)
    return merged([c for c in found if isinstance(c, Remove | Add) or c.object not in gone])
