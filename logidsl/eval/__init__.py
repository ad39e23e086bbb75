"""The evaluator: a program and a table give a judgement. No loop runs over images or objects."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from logidsl import ir
from logidsl.eval import stretching
from logidsl.eval.batches import Dropped, traces
from logidsl.eval.eval_state import EvalState
from logidsl.eval.findings import findings
from logidsl.eval.image_batch import ImageBatch, Prepared
from logidsl.eval.margins import margin
from logidsl.eval.naming import set_named
from logidsl.eval.run import run
from logidsl.eval.values import Categorical, Lab, Num, Point
from logidsl.table import ObjectTable, TextColumn
from logidsl.verdicts import Clause, Ints, Judgement, State

__all__ = ["EvalState", "Prepared", "classify", "constants", "judge", "members", "run", "traces"]


def judge(
    program: ir.Program,
    table: ObjectTable | Prepared,
    *,
    scores: bool = True,
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
    scores : bool
        Whether margins, anomaly scores and the nearest misses are wanted; they cost several times the rest.
    repairs : bool
        Whether each finding of a false clause is to say what would make it true.
    most : int, optional
        How many findings of a clause on an image are made; the others are counted.

    Returns
    -------
    Judgement
        With a truth for each rule and image, and findings for what is not true.
    """
    prepared = table if isinstance(table, Prepared) else Prepared(table)
    n = len(prepared.table.images)
    truths = np.ones((len(program.rules), n), np.int64)
    worst = np.full(n, 1.0) if scores else None
    clauses: list[Clause] = []
    dropped: list[Dropped] = []
    vacuous: list[tuple[int, str, Ints]] = []
    refused: dict[int, str] = {}
    for trace, said in traces(program, prepared, refused=refused):
        images = trace.frame.images
        dropped += said
        for i, rule in enumerate(program.rules):
            t = trace.truth(rule.node)
            truths[i, images] = t.must.astype(np.int64) + t.can.astype(np.int64) - 1
            if worst is not None:
                worst[images] = np.minimum(worst[images], margin(trace, rule.node))
        found = findings(trace, margins=scores, most=most)
        clauses += repaired(trace, found, prepared.table) if repairs else found
        vacuous += empty_walks(trace)
    truths[:, list(refused)] = int(State.REVIEW)
    verdicts = truths.min(axis=0, initial=int(State.PASS))
    return Judgement(
        program,
        prepared.table,
        truths,
        verdicts,
        None if worst is None else 0.0 - worst,
        tuple(clauses),
        tuple(vacuous),
        tuple(dropped),
        refused,
    )


def repaired(trace: EvalState, clauses: list[Clause], table: ObjectTable) -> list[Clause]:
    """The findings with their repairs; what works them out is loaded when it is first wanted."""
    if trace.program.scale is not None and trace.program.scale.stretch != 1:
        return stretching.unrepaired(clauses)
    from logidsl.eval import repair

    return repair.repaired(trace, clauses, table)


def empty_walks(trace: EvalState) -> list[tuple[int, str, Ints]]:
    """Rules that begin with an `every` and hold on an image because there was nothing to speak of."""
    from logidsl.eval import reductions
    from logidsl.eval.objects import phrase_words

    found = []
    for i, rule in enumerate(trace.program.rules):
        node = trace.program.nodes[rule.node]
        if isinstance(node, ir.Quantifier) and node.fn == "every":
            _, maybe = reductions.quantified(trace.values, node)
            images = np.flatnonzero(np.broadcast_to(~maybe.any(axis=0), (trace.frame.n,)))
            if len(images):
                found.append((i, phrase_words(node, trace.program), trace.frame.images[images]))
    return found


def constants(
    program: ir.Program, nodes: tuple[int, ...], width: float, height: float
) -> list[float | str | tuple[float, ...]]:
    """What nodes that read no object are on a picture of a given size.

    Parameters
    ----------
    nodes : tuple of int
        Nodes of numbers, texts, labels, colours (given in CIELAB) and points.
    width, height : float
        Size of the picture, px.
    """
    empty = TextColumn.of([])
    table = ObjectTable(("",), np.array([[width, height]]), np.zeros(2, np.int64), empty, ())
    trace = run(program, ImageBatch(Prepared(table), program, np.zeros(1, np.int64)))
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
    """Which rows of a table each declared class and set has surely, and which perhaps; see `classify`."""
    names = sorted([*(c.name for c in program.classes), *(s.name for s in program.sets if " " not in s.name)])
    found = {name: np.zeros((2, len(table) + 1), bool) for name in names}
    declared: list[ir.ClassDecl | ir.SetDecl] = [*program.classes, *program.sets]
    needed = [w for d in declared for w in (d.each, d.where) if w is not None]
    for trace, _ in traces(program, Prepared(table), 1, stop=max(needed, default=-1) + 1):
        for name in names:
            inside = set_named(trace, name)
            found[name][0, inside.rows[inside.sure]] = True
            found[name][1, inside.rows[inside.maybe]] = True
    return {name: (sure[:-1], maybe[:-1]) for name, (sure, maybe) in found.items()}
