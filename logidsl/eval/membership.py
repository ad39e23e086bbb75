"""The members of a spec's classes, sets and grids, for people who look at a table: sure ones and possible ones.

Takes a program and a table; may import what `eval` may.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from logidsl import ir
from logidsl.eval import reductions
from logidsl.eval.batches import traces
from logidsl.eval.eval_state import EvalState
from logidsl.eval.findings import Descent, open_leaves, reasons
from logidsl.eval.image_batch import Prepared
from logidsl.eval.naming import grid_cells
from logidsl.library.values import Mask, UndefinedReason
from logidsl.table import ANY_CLASS, COUNT, UNREADABLE, ObjectTable, TextColumn


def undetermined(
    program: ir.Program, table: ObjectTable, members: Mapping[str, tuple[Mask, Mask]]
) -> dict[str, dict[int, str]]:
    """Why the membership of some rows in a class or set is undetermined.

    Parameters
    ----------
    program : Program
        A checked spec.
    table : ObjectTable
        With n rows.
    members : mapping of str to two (n,) bool
        What `eval.members` gives for them.

    Returns
    -------
    dict of str to dict of int to str
        For each class and set of which that is so, the rows and the reasons.
    """
    waiting = {name: np.flatnonzero(maybe & ~sure).tolist() for name, (sure, maybe) in members.items()}
    every: list[ir.ClassDecl | ir.SetDecl] = [*program.classes, *program.sets]
    declared = [d for d in every if waiting.get(d.name)]
    found: dict[str, dict[int, str]] = {d.name: {} for d in declared}
    if not declared:
        return found
    needed = [w for d in every for w in (d.each, d.where) if w is not None]
    for trace in traces(program, Prepared(table), 1, roots=needed):
        for d in declared:
            found[d.name] |= _undetermined(trace, d.each, d.where)
    for d in declared:  # a set comes after what it is drawn from
        source = _drawn_from(program, d.each)
        reasons = {**found.get(source, {}), **found[d.name]}
        found[d.name] = {row: reasons.get(row) or _in_doubt(table, row) for row in waiting[d.name]}
    return found


def _drawn_from(program: ir.Program, each: int | None) -> str:
    """The class or set that another is a subset of, or nothing."""
    node = program.nodes[each] if each is not None else None
    source = program.nodes[node.source] if isinstance(node, ir.Binder) else None
    return source.ref if isinstance(source, ir.Name) and source.thing in ("class", "set") else ""


def _undetermined(t: EvalState, each: int | None, where: int | None) -> Iterator[tuple[int, str]]:
    """The rows for which a filter is undetermined, and why; for a named set without one those of its own filter."""
    if each is None:
        return
    each, where = t.drawn_from(each, where)
    if where is None:
        return
    walked, truth = t.values[each].rows, t.truth(where)
    there = reductions.members(t.values, each, None)[1]
    slot, image = np.nonzero(np.broadcast_to(there & truth.can & ~truth.must, walked.shape))
    d = Descent(t, 0)
    for node, at, _ in open_leaves(d, where, [slot, image], []):
        yield from zip(walked[at[-2], at[-1]].tolist(), reasons(d, node, at), strict=True)


def _in_doubt(table: ObjectTable, row: int) -> str:
    """Why an object may not exist, or not be of its class."""
    entry, count, confidence = (table.columns.get(name) for name in (UNREADABLE, COUNT, "confidence"))
    if isinstance(entry, TextColumn) and entry.codes[row] >= 0:
        return f"its entry could not be read ({entry.values[int(entry.codes[row])]})"
    if table.classes.values[int(table.classes.codes[row])] == ANY_CLASS:
        return "its class is not known"
    if isinstance(count, TextColumn) and count.codes[row] >= 0:
        return f"its count is {count.values[int(count.codes[row])]}"
    if isinstance(confidence, np.ndarray) and np.isfinite(confidence[row]):
        return f"{UndefinedReason.DOUBTFUL.words}: confidence {confidence[row]:.4g}"
    return UndefinedReason.DOUBTFUL.words


@dataclass(frozen=True)
class CellCount:
    """How many cells a grid has on a picture.

    Parameters
    ----------
    name : str
        The grid.
    rows, columns : int
        Of the whole, or of each member of the set that it is cut from.
    each : bool
        Whether it is cut from each member of a set.
    least, most : int
        How many cells there are; they differ where it is in doubt what it is cut from.
    placeless : int
        Of how many it is undetermined where they lie.
    why : str
        The reason for that, or nothing.
    """

    name: str
    rows: int
    columns: int
    each: bool
    least: int
    most: int
    placeless: int = 0
    why: str = ""


def cell_counts(program: ir.Program, table: ObjectTable) -> list[list[CellCount]]:
    """How many cells each grid has, for each picture of a table, in the order of the spec."""
    found: list[list[CellCount]] = [[] for _ in table.images]
    if not program.grids:
        return found
    needed = [n for g in program.grids for n in (g.of, *g.rows_at, *g.columns_at) if n is not None]
    for trace in traces(program, Prepared(table), 1, roots=needed):
        for g in program.grids:
            cells = grid_cells(trace, g)
            store = trace.frame.stores[cells.store]
            shapes = store.geometry(cells.rows)
            why = None if shapes is None else shapes[1]
            for place, image in enumerate(trace.frame.images.tolist()):
                there = cells.maybe[:, place]
                codes = np.zeros(len(there)) if why is None else np.where(there, why[:, place], 0)
                found[image].append(
                    CellCount(
                        g.name,
                        len(g.rows_at) + 1 if g.rows_at else g.rows,
                        len(g.columns_at) + 1 if g.columns_at else g.columns,
                        g.of_set,
                        int(cells.sure[:, place].sum()),
                        int(there.sum()),
                        int((codes > 0).sum()),
                        UndefinedReason(int(codes.max())).words if codes.any() else "",
                    )
                )
    return found
