"""Repairs of findings: derived by passing down the wanted result, kept only if judging again agrees.

For each finding of a false clause `plans.reach` proposes plans. A plan is carried out on a copy of the image, and the
clause is judged there, at the same objects. Where it is not yet true, what is still wanted there is added to the plan,
a few rounds long; then the next plan is tried. All findings of a clause are tried side by side: a round is one table of
copies, of which only the nodes that the clause is made of are judged. What no plan repairs is *joint*: several values
depend on each other, or on something that cannot be set.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import replace
from itertools import combinations, islice
from typing import TypeAlias

import numpy as np

from logidsl import ir
from logidsl.eval.batches import traces
from logidsl.eval.eval_state import EvalState
from logidsl.eval.image_batch import Prepared
from logidsl.eval.repair.adding import Draft
from logidsl.eval.repair.bindings import Binding, Judged, locate
from logidsl.eval.repair.plans import Plan, Wanted, reach, removed
from logidsl.eval.repair.uses import used
from logidsl.garbage import no_collections
from logidsl.ir.walk import entry_of
from logidsl.repairs import AnyChange, Remove, Repair, words
from logidsl.table import ObjectTable
from logidsl.table_edits import edited, last_added
from logidsl.verdicts import Clause

MOST_WAYS = 8  # plans that are tried for a finding
MOST_ROUNDS = 6  # steps of one plan
MOST_TRIALS = 24  # both together
MOST_CHANGES = 200
MOST_CHOICES = 12  # of objects to remove, each of which is tried before any of them is offered
MOST_FINDINGS = 50  # of one clause on one image
TRIALS_AT_ONCE = 2000
MOST_WORK = 10**9  # values that the trials of a clause on an image may take
MANY = f"more than {MOST_FINDINGS} findings of one clause on one image: repairs are given for the first"
COSTLY = "its objects have too many combinations to try repairs"

#: What a trial gave: a round, and the image in it.
Outcome: TypeAlias = tuple[Judged, int]
#: Yields its trials, and receives their results in order.
Course: TypeAlias = Generator[list[list[AnyChange]], list[Outcome], Repair | None]


def repaired(state: EvalState, clauses: list[Clause], table: ObjectTable) -> list[Clause]:
    """The same findings with their repairs.

    Parameters
    ----------
    state : EvalState
        Of the batch that the clauses are from.
    clauses : list of Clause
        Its findings.
    table : ObjectTable
        The whole table, in the picture's axes.
    """
    judged = Judged(state, table)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        return [_with_repairs(judged, c) if c.false else c for c in clauses]


def _with_repairs(judged: Judged, c: Clause) -> Clause:
    chosen = _first_of_each(c, judged.state)
    firsts = {k: Binding(judged, tuple(int(a[k]) for a in c.at), c.walks) for k in chosen}
    program, want = judged.state.program, not c.negated
    roots = (c.node, *c.walks, *(i for i, n in judged.followers if n.each in c.walks))
    courses = {k: (b.image, _course(b, c.node, want)) for k, b in firsts.items()}
    with no_collections():
        found = _side_by_side(program, judged.table, courses, roots)
    unasked = MANY if len(c.images) > MOST_FINDINGS else COSTLY
    every = [found.get(k) for k in range(len(c.images))]
    reasons = (
        None if r is not None else joint(program, c.node) if k in firsts else unasked for k, r in enumerate(every)
    )
    return replace(c, repairs=tuple(() if r is None else (r,) for r in every), joint=tuple(reasons))


def _first_of_each(c: Clause, state: EvalState) -> list[int]:
    """Findings that get repairs: the first ones on each image, as far as the cost of their trials allows."""
    work = np.zeros(state.frame.n) if state.work is None else state.work
    most = np.minimum(MOST_FINDINGS, MOST_WORK / ((MOST_TRIALS + MOST_CHOICES) * np.maximum(work, 1.0)))
    seen, chosen = Counter[int](), []
    for place, image in enumerate(c.at[-1].tolist()):
        seen[image] += 1
        if seen[image] <= most[image]:
            chosen.append(place)
    return chosen


def _side_by_side(
    program: ir.Program, table: ObjectTable, courses: dict[int, tuple[int, Course]], roots: tuple[int, ...]
) -> dict[int, Repair | None]:
    """Run all courses to their ends, with the trials of a round in one table."""
    found: dict[int, Repair | None] = {}
    waiting: dict[int, list[list[AnyChange]]] = {}

    def advance(key: int, outcomes: list[Outcome] | None) -> None:
        course = courses[key][1]
        try:
            waiting[key] = next(course) if outcomes is None else course.send(outcomes)
        except StopIteration as end:
            found[key] = end.value

    for key in courses:
        advance(key, None)
    while waiting:
        asked = {key: waiting.pop(key) for key in list(waiting)[:TRIALS_AT_ONCE]}
        trials = edited(table, [(courses[key][0], changes) for key, several in asked.items() for changes in several])
        outcomes: dict[int, Outcome] = {}
        for state in traces(program, Prepared(trials), roots=roots, refused={}):
            judged = Judged(state, trials)
            outcomes.update({number: (judged, place) for place, number in enumerate(state.frame.images.tolist())})
        numbers = iter(range(len(trials.images)))
        for key, several in asked.items():
            given = [outcomes[n] for n in islice(numbers, len(several)) if n in outcomes]
            if len(given) == len(several):  # else it takes too much work
                advance(key, given)
    return found


def _course(first: Binding, node: int, want: bool) -> Course:
    """Try plans for one finding until one makes the clause as it is wanted."""
    keys, trials = first.keys(), 0
    last = last_added(first.table.ids[slice(*first.table.offsets[first.image : first.image + 2])])

    def done(outcome: Outcome) -> Binding | None:
        """The binding at which a clause is not yet as wanted; None if it is, or no longer exists."""
        there = locate(*outcome, first.walks, keys)
        return None if there is None or there.holds(node, want) or _last(there) else there

    for way in islice(_ways(first, node, want), MOST_WAYS):
        draft, there, plan = Draft(last), first, way
        for _ in range(MOST_ROUNDS):
            if plan and not draft.take(plan, there):
                break
            trials += 1
            if trials > MOST_TRIALS or len(draft.changes) > MOST_CHANGES:
                break
            (outcome,) = yield [draft.changes]
            left = done(outcome)
            if left is None:
                changes, choices = draft.changes, _choices(first, node, draft.changes)
                if choices and not any(map(done, (yield choices[1:]))):
                    changes = choices[0]
                return Repair(text=words(changes), changes=tuple(changes))
            refined, there = draft.refine(left), left
            plan = _onward(there, node, want, draft) if refined is False else []
            if not plan and not refined:
                break
    return None


def _choices(b: Binding, node: int, changes: list[AnyChange]) -> list[list[AnyChange]]:
    """Where some objects are removed and others might be instead: any of them, and then each choice of them.

    Empty if there are no others, or too many to try each choice.
    """
    if len(changes) != 1 or not isinstance(gone := changes[0], Remove) or gone.count < len(gone.objects):
        return []
    ids, best = set(gone.objects), list[int]()
    for i in b.judged.used(node):
        walk = b.program.nodes[i]
        if not isinstance(walk, ir.Aggregate | ir.Quantifier) or walk.each is None or walk.each in b.walks:
            continue
        if b.of_objects(walk.each) and b.program.nodes[walk.each].depth <= len(b.walks) + 1:
            rows = [row for _, row, _ in b.members(walk.each, walk.where)]
            if ids <= {b.table.ids[row] for row in rows} and (not best or len(rows) < len(best)):
                best = rows
    if len(best) <= gone.count or math.comb(len(best), gone.count) > MOST_CHOICES:
        return []
    plans = [removed(b, best, gone.count), *(removed(b, [*rows]) for rows in combinations(best, gone.count))]
    return [[c for c in plan if not isinstance(c, Wanted)] for plan in plans]


def _onward(b: Binding, node: int, want: bool, draft: Draft) -> Plan:
    """The remaining changes, without repeating an addition."""
    before = {a.wanted.each for a in draft.added}
    for plan in islice(_ways(b, node, want), MOST_WAYS):
        if not any(isinstance(c, Wanted) and c.each in before for c in plan):
            return plan
    return []


def _ways(b: Binding, node: int, want: bool) -> Iterator[Plan]:
    """Plans for a clause; finally without doubtful objects, which may be all that is left open."""
    yield from (plan for plan in reach(b, node, want) if plan)
    doubtful: list[int] = []
    for i in b.judged.used(node):
        each = b.program.nodes[i]
        if isinstance(each, ir.Binder) and each.depth == 1 and b.of_objects(i) and i not in b.walks:
            doubtful += [row for _, row, certain in b.outer(0).members(i) if not certain]
    if doubtful:
        yield removed(b, list(dict.fromkeys(doubtful)))


def _last(b: Binding) -> bool:
    """Whether an iteration over neighbours is at an object without a successor."""
    for i, node in b.judged.followers if b.walks else ():
        if node.each in b.walks:
            outer = b.outer(len(b.walks) - b.walks.index(node.each))
            if not outer.one(b.state.values[i].has_next.can):
                return True
    return False


def joint(program: ir.Program, node: int) -> str:
    """Why no repair of a clause can be promised."""
    below = used(program, node)
    if not set(below).isdisjoint(program.measures):
        return "a value is measured on the pixels of a place, which no repair can change"
    nodes = [program.nodes[i] for i in below]
    things = {n.thing for n in nodes if isinstance(n, ir.Name)}
    if not things & {"raw", "class"}:
        return "no object takes part, so no change helps"
    if any(p.kind == "pattern" for n in nodes if (entry := entry_of(n)) is not None for p in entry.parameters):
        return "no text can be proposed for a pattern"
    if any(n.type.kind == "object" and isinstance(n, ir.Aggregate) for n in nodes):
        return "a change affects which object is meant"
    if program.frame is not None or "grid" in things:
        return "a value follows from a frame or cell, which no repair can set"
    return "the same objects feed both sides"
