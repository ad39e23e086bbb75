"""The evaluator: judges a table by a program, without loops over images or objects."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from logidsl import ir
from logidsl.eval import reductions, stretching
from logidsl.eval.batches import Batches, laid_out, traces
from logidsl.eval.eval_state import EvalState
from logidsl.eval.findings import findings
from logidsl.eval.image_batch import ImageBatch, Prepared
from logidsl.eval.margins import margin
from logidsl.eval.naming import set_named
from logidsl.eval.objects import phrase_words
from logidsl.eval.plan import bind, run
from logidsl.library.values import Categorical, Lab, Num, Point
from logidsl.table import ObjectTable, TextColumn
from logidsl.verdicts import Clause, Ints, Judgement, State, verdicts_by_rule

__all__ = ["EvalState", "Prepared", "classify", "constants", "judge", "members", "run", "traces"]


def judge(
    program: ir.Program,
    table: ObjectTable | Prepared,
    *,
    explain: bool = True,
    scores: bool = False,
    repairs: bool = False,
    most: int | None = None,
) -> Judgement:
    """Judge every image of a table.

    Parameters
    ----------
    program : Program
        A checked spec.
    table : ObjectTable or Prepared
        What was seen. Prepare a table that is judged more than once.
    explain : bool
        Whether findings are wanted for what is not true.
    scores : bool
        Whether the score of each image is wanted, which costs several times the verdicts.
    repairs : bool
        Whether each finding of a false clause is to say what would make it true.
    most : int, optional
        How many findings of a clause on an image are made; the others are counted.

    Returns
    -------
    Judgement
        With a truth for each rule and image.
    """
    prepared = table if isinstance(table, Prepared) else Prepared(table)
    n = len(prepared.table.images)
    refused: dict[int, str] = {}
    batches = laid_out(program, prepared, refused)
    truths, worst, vacuous = _verdicts(program, batches, n, scores)
    clauses: list[Clause] = []
    for number in range(len(program.rules)) if explain else ():
        images = np.flatnonzero(truths[number] < int(State.PASS))
        for state in batches.states(ir.uses_of(program.rules[number]), images) if len(images) else ():
            truth = state.truth(program.rules[number].node)
            truths[number, state.frame.images] = np.where(truth.must, _PASS, np.where(truth.can, _REVIEW, _FAIL))
            found = findings(state, number, most=most)
            clauses += repaired(state, found, prepared.table) if repairs else found
    if refused:
        truths[:, list(refused)] = int(State.REVIEW)
    verdicts = verdicts_by_rule(program, truths).min(axis=0, initial=int(State.PASS))
    return Judgement(
        program,
        prepared.table,
        truths,
        verdicts,
        None if worst is None else 0.0 - worst,
        tuple(clauses),
        tuple(vacuous),
        tuple(batches.dropped),
        refused,
    )


def _verdicts(
    program: ir.Program, batches: Batches, n: int, scores: bool
) -> tuple[Ints, npt.NDArray[np.float64] | None, list[tuple[int, str, Ints]]]:
    """The truth of each rule on each image, the worst margin of each image if requested, and the empty iterations."""
    truths = np.ones((len(program.rules), n), np.int64)
    worst = np.full(n, 1.0) if scores else None
    walks = batches.plan.walked_rules
    empty: list[tuple[int, str, Ints]] = []
    for state in batches.states(batches.plan.verdict_nodes, keep=scores):
        images = state.frame.images
        must, can = np.empty((2, len(program.rules), len(images)), bool)
        for i, rule in enumerate(program.rules):
            truth = state.truth(rule.node)
            must[i], can[i] = truth.must, truth.can
            if worst is not None:
                own = margin(state, rule.node)
                worst[images] = np.minimum(worst[images], np.maximum(own, 0.0) if rule.verdict == "review" else own)
        truths[:, images] = np.where(must, _PASS, np.where(can, _REVIEW, _FAIL))
        for i, node in walks.items():
            there = reductions.quantified(state.values, node)[1]
            if np.count_nonzero(there) == there.size > 0:  # as on most images, and soon known
                continue
            nothing = np.flatnonzero(np.broadcast_to(~there.any(axis=0), (state.frame.n,)))
            if len(nothing):
                empty.append((i, phrase_words(node, program), images[nothing]))
    return truths, worst, empty


_PASS, _REVIEW, _FAIL = np.int8(State.PASS), np.int8(State.REVIEW), np.int8(State.FAIL)


def repaired(trace: EvalState, clauses: list[Clause], table: ObjectTable) -> list[Clause]:
    """The findings with their repairs; the repair code is imported on first use."""
    if trace.program.scale is not None and trace.program.scale.stretch != 1:
        return stretching.unrepaired(clauses)
    from logidsl.eval import repair

    return repair.repaired(trace, clauses, table)


def constants(
    program: ir.Program, nodes: tuple[int, ...], width: float, height: float
) -> list[float | str | tuple[float, ...]]:
    """The values of nodes that depend on no object, for a picture of a given size.

    Parameters
    ----------
    nodes : tuple of int
        Nodes of numbers, texts, labels, colours (given in CIELAB) and points.
    width, height : float
        Size of the picture, px.
    """
    empty = TextColumn.of([])
    table = ObjectTable(("",), np.array([[width, height]]), np.zeros(2, np.int64), empty, ())
    trace = run(bind(program), ImageBatch(Prepared(table), program, np.zeros(1, np.int64)), nodes)
    found: list[float | str | tuple[float, ...]] = []
    for node in nodes:
        match trace.values[node]:
            case Num(lo):
                found.append(float(lo.ravel()[0]))
            case Categorical(codes, values):
                found.append(values[int(codes.ravel()[0])])
            case Lab(lab):
                found.append(tuple(float(v) for v in lab.reshape(-1, 3)[0]))
            case Point(x, y):
                found.append((float(x.ravel()[0]), float(y.ravel()[0])))
            case other:
                raise TypeError(f"no constant: {type(other).__name__}")
    return found


def classify(program: ir.Program, table: ObjectTable) -> dict[str, npt.NDArray[np.bool_]]:
    """Which rows of a table each declared class and set has.

    Parameters
    ----------
    program : Program
        A checked spec.
    table : ObjectTable
        With n rows.

    Returns
    -------
    dict of str to (n,) bool
        By name of class or set, in the order of their names.
    """
    return {name: maybe for name, (_, maybe) in members(program, table).items()}


def members(program: ir.Program, table: ObjectTable) -> dict[str, tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]]:
    """The sure and the possible rows of each declared class and set; see `classify`."""
    names = sorted([*(c.name for c in program.classes), *(s.name for s in program.sets if " " not in s.name)])
    found = {name: np.zeros((2, len(table) + 1), bool) for name in names}
    declared: list[ir.ClassDecl | ir.SetDecl] = [*program.classes, *program.sets]
    needed = [w for d in declared for w in (d.each, d.where) if w is not None]
    for trace in traces(program, Prepared(table), 1, roots=needed):
        for name in names:
            inside = set_named(trace, name)
            found[name][0, inside.rows[inside.sure]] = True
            found[name][1, inside.rows[inside.maybe]] = True
    return {name: (sure[:-1], maybe[:-1]) for name, (sure, maybe) in found.items()}
