"""Repairs of findings: found by handing down what is wanted, kept only where judging again agrees.

For each finding of a false clause `fixes.make` proposes plans. A plan is carried out on a copy of the image,
and the clause is judged there, at the same objects. Where it is not yet true, what is still wanted there is
added to the plan, a few rounds long; then the next plan is tried. All findings of a batch are tried side by
side, one table of copies each round. What no plan repairs is *joint*: several values depend on each other,
or on something that cannot be set.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from itertools import combinations, islice

import numpy as np

from logidsl import ir
from logidsl.eval.batches import traces
from logidsl.eval.eval_state import EvalState
from logidsl.eval.image_batch import Prepared
from logidsl.eval.reductions import members
from logidsl.eval.repair.adding import Adding, begin, divided, fold, is_added, refine
from logidsl.eval.repair.bindings import Binding, Key, Plan, Wanted, locate
from logidsl.eval.repair.count_repairs import by_confidence, removed
from logidsl.eval.repair.fixes import make
from logidsl.eval.repair.uses import used
from logidsl.repairs import AnyChange, Change, Move, Remove, Repair, merged, words
from logidsl.table import ObjectTable
from logidsl.table_edits import edited
from logidsl.types import OBJECTS
from logidsl.verdicts import Clause

MOST_WAYS = 8  # plans that are tried for a finding
MOST_ROUNDS = 6  # steps of one plan
MOST_TRIALS = 24  # both together
MOST_CHANGES = 200
MOST_CHOICES = 12  # of objects to remove, each of which is tried before any of them may go
MOST_FINDINGS = 50  # of one clause on one image
TRIALS_AT_ONCE = 2000
MOST_WORK = 10**9  # values that the trials of a clause on an image may take
MANY = f"more than {MOST_FINDINGS} findings of one clause on one image: repairs are given for the first"
COSTLY = "its objects have too many combinations to try repairs"


@dataclass(frozen=True)
class Outcome:
    """What a trial gave: the table of all trials of a round, and the trace and image of this one."""

    table: ObjectTable
    trace: EvalState
    image: int

    def spot(self, walks: tuple[int, ...], keys: tuple[Key, ...]) -> Binding | None:
        """Where walks stand at the objects of some keys."""
        return locate(self.trace, self.table, self.image, walks, keys)


Course = Generator[list[AnyChange], Outcome, Repair | None]


def repaired(trace: EvalState, clauses: list[Clause], table: ObjectTable) -> list[Clause]:
    """The same findings with their repairs.

    Parameters
    ----------
    trace : Trace
        Of the batch that the clauses are from.
    clauses : list of Clause
        Its findings.
    table : ObjectTable
        The whole table, in the picture's axes.
    """
    spots = {
        (number, place): Binding(trace, [a[place : place + 1] for a in c.at], c.walks, table)
        for number, c in enumerate(clauses)
        if c.false
        for place in _first_of_each(c, trace)
    }
    courses = {key: _course(s, clauses[key[0]].node, not clauses[key[0]].negated) for key, s in spots.items()}
    images = {key: int(clauses[key[0]].images[key[1]]) for key in courses}
    stop = max((max(c.node, *c.walks) if c.walks else c.node for c in clauses), default=0) + 1
    found = _side_by_side(trace.program, table, courses, images, stop)
    made = []
    for number, c in enumerate(clauses):
        if not c.false:
            made.append(c)
            continue
        each = [found.get((number, place)) for place in range(len(c.images))]
        unasked = MANY if len(c.images) > MOST_FINDINGS else COSTLY
        reasons = [
            None if r is not None else joint(spots[number, k], c.node) if (number, k) in spots else unasked
            for k, r in enumerate(each)
        ]
        repairs = tuple(() if r is None else (r,) for r in each)
        made.append(replace(c, repairs=repairs, joint=tuple(reasons)))
    return made


def _first_of_each(c: Clause, trace: EvalState) -> list[int]:
    """Places of the findings that get repairs: the first ones on each image, as far as their trials may cost."""
    work = np.zeros(trace.frame.n) if trace.work is None else trace.work
    most = np.minimum(MOST_FINDINGS, MOST_WORK / ((MOST_TRIALS + MOST_CHOICES) * np.maximum(work, 1.0)))
    if not len(c.images) or len(c.images) <= most.min():
        return list(range(len(c.images)))
    seen = Counter[int]()
    chosen = []
    for place, image in enumerate(c.at[-1].tolist()):
        seen[image] += 1
        if seen[image] <= most[image]:
            chosen.append(place)
    return chosen


def _side_by_side(
    program: ir.Program,
    table: ObjectTable,
    courses: dict[tuple[int, int], Course],
    images: dict[tuple[int, int], int],
    stop: int,
) -> dict[tuple[int, int], Repair | None]:
    """Run all courses to their ends, the trials of a round in one table."""
    found: dict[tuple[int, int], Repair | None] = dict.fromkeys(courses)
    waiting: dict[tuple[int, int], list[AnyChange]] = {}
    for key, course in courses.items():
        _advance(found, waiting, key, course, None)
    while waiting:
        keys = list(waiting)[:TRIALS_AT_ONCE]
        trials = edited(table, [(images[k], waiting.pop(k)) for k in keys])
        for trace in traces(program, Prepared(trials), roots=range(stop), refused={}):
            for image, number in enumerate(trace.frame.images.tolist()):
                _advance(found, waiting, keys[number], courses[keys[number]], Outcome(trials, trace, image))
    return found


def _advance(
    found: dict[tuple[int, int], Repair | None],
    waiting: dict[tuple[int, int], list[AnyChange]],
    key: tuple[int, int],
    course: Course,
    outcome: Outcome | None,
) -> None:
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        try:
            waiting[key] = next(course) if outcome is None else course.send(outcome)
        except StopIteration as end:
            found[key] = end.value


def _course(first: Binding, node: int, want: bool) -> Course:
    """Try plans for one finding until one makes the clause as it is wanted."""
    keys, trials = first.keys(), 0
    for way in islice(_ways(first, node, want), MOST_WAYS):
        changes: list[AnyChange] = []
        added: list[Adding] = []
        spot, plan = first, way
        for _ in range(MOST_ROUNDS):
            if plan and not _taken(changes, added, plan, spot):
                break
            changes = merged(changes)
            trials += 1
            if trials > MOST_TRIALS or len(changes) > MOST_CHANGES or not _finite(changes):
                break
            outcome = yield changes
            there = outcome.spot(first.walks, keys)
            if there is None or _mended(there, node, want):
                chosen = _choices(first, node, changes)
                for choice in chosen[1:]:
                    outcome = yield choice
                    there = outcome.spot(first.walks, keys)
                    if there is not None and not _mended(there, node, want):
                        break
                else:
                    changes = chosen[0] if chosen else changes
                return Repair(text=words(changes), changes=tuple(changes))
            spot = there
            refined = refine(changes, added, spot)
            plan = _onward(spot, node, want, added) if refined is False else []
            if not plan and not refined:
                break
    return None


def _mended(s: Binding, node: int, want: bool) -> bool:
    """Whether a clause is as it is wanted, or no longer there to be asked."""
    return s.holds(node, want) or _last(s)


def _choices(s: Binding, node: int, changes: list[AnyChange]) -> list[list[AnyChange]]:
    """Where some objects are to go and others might as well: that any of them go, and then each choice of these.

    Empty where there are no others, or too many to try each choice.
    """
    if len(changes) != 1 or not isinstance(gone := changes[0], Remove) or gone.count < len(gone.objects):
        return []
    program, ids, best = s.trace.program, set(gone.objects), list[int]()
    for i in used(program, node):
        walk = program.nodes[i]
        if not isinstance(walk, ir.Aggregate | ir.Quantifier) or walk.each is None:
            continue
        each = program.nodes[walk.each]
        if each.type.domain != OBJECTS or not each.depth <= len(s.walks) + 1 or walk.each in s.walks:
            continue
        rows = [row for _, row, _ in s.members(walk.each, walk.where)]
        if ids <= {s.table.ids[row] for row in rows} and (not best or len(rows) < len(best)):
            best = rows
    if len(best) <= gone.count or math.comb(len(best), gone.count) > MOST_CHOICES:
        return []
    any_of_them = removed(s, by_confidence(s, best), gone.count)
    each_choice = (removed(s, [*rows], gone.count) for rows in combinations(best, gone.count))
    return [[c for c in plan if not isinstance(c, Wanted)] for plan in (any_of_them, *each_choice)]


def _onward(s: Binding, node: int, want: bool, added: list[Adding]) -> Plan:
    """What is still to be done: nothing that adds once more what was added."""
    before = {a.wanted.each for a in added}
    for plan in islice(_ways(s, node, want), MOST_WAYS):
        if not any(isinstance(c, Wanted) and c.each in before for c in plan):
            return plan
    return []


def _ways(s: Binding, node: int, want: bool) -> Iterator[Plan]:
    """Plans for a clause; at last without what is in doubt, which may be all that is left open."""
    yield from make(s, node, want)
    doubtful = _doubtful(s, node)
    if doubtful:
        yield removed(s, by_confidence(s, doubtful), len(doubtful))


def _doubtful(s: Binding, node: int) -> list[int]:
    """Rows in doubt that a clause reads in a walk of its own."""
    found: list[int] = []
    for i in used(s.trace.program, node):
        each = s.trace.program.nodes[i]
        if isinstance(each, ir.Binder) and each.type.domain == OBJECTS and i not in s.walks:
            sure, maybe = members(s.trace.values, i, None)
            if sure is not maybe:
                alone = Binding(s.trace, s.at[-1:], (), s.table)
                found += [r for _, r, certain in alone.members(i) if not certain] if each.depth == 1 else []
    return list(dict.fromkeys(found))


def _last(s: Binding) -> bool:
    """Whether a walk over neighbours stands at an object that has no next one any more."""
    for i, node in enumerate(s.trace.program.nodes[: len(s.trace.values)]):
        if isinstance(node, ir.Aggregate) and node.fn == "next" and node.each in s.walks:
            at = s.at[s.walks.index(node.each) :]
            if not Binding(s.trace, at, s.walks[s.walks.index(node.each) :], s.table).one(
                s.trace.values[i].has_next.can
            ):
                return True
    return False


def _taken(changes: list[AnyChange], added: list[Adding], plan: Plan, s: Binding) -> bool:
    """Put a plan's changes to those there are; False where something is to be added that has no class."""
    for c in plan:
        if isinstance(c, Wanted):
            more = begin(s, c, changes)
            if not more:
                return False
            added += more
        elif not is_added(c):
            changes.append(c)
        elif isinstance(c, Change | Move):
            divided(changes, added, c.object)
            if not fold(changes, c, s):
                return False
        else:
            return False
    return True


def _finite(changes: list[AnyChange]) -> bool:
    """Whether all numbers of changes are numbers."""
    numbers: list[float] = []
    for c in changes:
        for v in (getattr(c, name) for name in c.fields):
            parts = v.values() if isinstance(v, dict) else v if isinstance(v, tuple) else (v,)
            numbers += [x for x in parts if isinstance(x, float)]
    return all(math.isfinite(x) and abs(x) < 1e12 for x in numbers)


def joint(s: Binding, node: int) -> str:
    """Why no repair of a clause can be promised."""
    program = s.trace.program
    below = used(program, node)
    if not set(below).isdisjoint(program.measures):
        return "a value is measured on the pixels of a place, which no repair can change"
    nodes = [program.nodes[i] for i in below]
    if not any(isinstance(n, ir.Name) and n.thing == "raw" for n in nodes) and not any(
        isinstance(n, ir.Name) and n.thing == "class" for n in nodes
    ):
        return "no object takes part, so no change of one makes a difference"
    if any(isinstance(n, ir.Call) and n.fn == "matches" for n in nodes):
        return "no text can be proposed for a pattern"
    if any(n.type.kind == "object" and isinstance(n, ir.Aggregate) for n in nodes):
        return "a change decides anew which object is meant"
    if program.frame is not None or any(isinstance(n, ir.Name) and n.thing == "grid" for n in nodes):
        return "a value follows from a frame or a cell, which no repair can set"
    return "the same objects feed both sides"
