"""The members and non-members of a class or set, condition by condition: the conditions of its `where`, for every
candidate.

For authors of specs. Takes a program and a table, returns an `Explained`; may import what `eval` may.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from logidsl import ir
from logidsl.eval.batches import traces
from logidsl.eval.eval_state import EvalState
from logidsl.eval.image_batch import Prepared
from logidsl.eval.margins import margin
from logidsl.eval.stretching import unit_shown
from logidsl.library.values import Array, Ints, Lab, Num, Obj
from logidsl.table import ObjectTable


@dataclass(frozen=True, eq=False)
class Explained:
    """The candidates of a class or set, and how each fares.

    Parameters
    ----------
    name : str
        The class or set.
    source : str
        What its candidates are, in the words of the spec.
    conditions : tuple of str
        The c parts that its `where` joins by `and`, in the words of the spec.
    nodes : tuple of int
        The node of each condition.
    dims : tuple of str or None
        For each condition the dimension of the number on its left side, if that is one.
    rows : (n,) int64
        The candidates' rows of the table.
    truths : (n, c) int64
        1 where a condition holds, -1 where it does not, 0 where that is undetermined.
    margins : (n, c) float64
        By how much; see the reference on margins.
    measured : (n, c) float64
        The number on the left side of a condition, NaN if it has none.
    colors : (n, c, 3) float64
        The colour on the left side of a condition, CIELAB, NaN if it has none.
    """

    name: str
    source: str
    conditions: tuple[str, ...]
    nodes: tuple[int, ...]
    dims: tuple[str | None, ...]
    rows: Ints
    truths: Ints
    margins: Array
    measured: Array
    colors: Array

    @property
    def letters(self) -> list[str]:
        """What the conditions are called for short: a, b, …"""
        return [chr(ord("a") + i) if i < 26 else f"a{i}" for i in range(len(self.conditions))]

    @property
    def kept(self) -> Ints:
        """Membership of each candidate, (n,): the minimum of its truths; 1 without conditions."""
        kept: Ints = self.truths.min(axis=1, initial=1)
        return kept


def explained(program: ir.Program, table: ObjectTable, name: str) -> Explained | None:
    """The candidates of a class or set; None if it has no filter or does not exist.

    Parameters
    ----------
    program : Program
        A checked spec.
    table : ObjectTable
        What was seen.
    name : str
        As declared by `object`.
    """
    declared: list[ir.ClassDecl | ir.SetDecl] = [*program.classes, *program.sets]
    found = next((d for d in declared if d.name == name), None)
    if found is None or found.each is None or found.where is None:
        return None
    each, parts = found.each, _joined(program, found.where)
    rows, truths, margins, measured, colors = [], [], [], [], []
    for trace in traces(program, Prepared(table), roots=[each, found.where]):
        walked = trace.values[each]
        assert isinstance(walked, Obj)
        shape = walked.rows.shape
        there = (walked.rows >= 0) & (walked.rows < len(table))
        if walked.origin is not None:
            there &= np.broadcast_to(walked.origin.maybe, shape)
        rows.append(walked.rows[there])
        states = [trace.truth(p) for p in parts]
        signs = [t.must.astype(np.int64) + t.can.astype(np.int64) - 1 for t in states]
        truths.append(np.stack([np.broadcast_to(s, shape)[there] for s in signs], axis=1))
        margins.append(np.stack([np.broadcast_to(margin(trace, p), shape)[there] for p in parts], axis=1))
        measured.append(np.stack([_left(trace, p, shape)[there] for p in parts], axis=1))
        colors.append(np.stack([_left_color(trace, p, shape)[there] for p in parts], axis=1))
    order = np.argsort(np.concatenate(rows), kind="stable")
    node = program.nodes[each]
    source = program.nodes[node.source].span.text if isinstance(node, ir.Binder) else name
    return Explained(
        name,
        source,
        tuple(" ".join(program.nodes[p].span.text.split()) for p in parts),
        tuple(parts),
        tuple(unit_shown(program, _dim(program, p), p)[1] for p in parts),
        np.concatenate(rows)[order],
        np.concatenate(truths)[order],
        np.concatenate(margins)[order],
        np.concatenate(measured)[order],
        np.concatenate(colors)[order],
    )


def _joined(program: ir.Program, root: int) -> list[int]:
    """The parts that `and` joins, in order."""
    found, waiting = [], [root]
    while waiting:
        index = waiting.pop()
        node = program.nodes[index]
        if isinstance(node, ir.Call) and node.fn == "and":
            waiting.extend(reversed(node.args))
        else:
            found.append(index)
    return found


def _left_side(program: ir.Program, index: int) -> int | None:
    """The operands of a condition, or of the one it negates."""
    node = program.nodes[index]
    while isinstance(node, ir.Call) and node.fn == "not":
        node = program.nodes[node.args[0]]
    return node.args[0] if isinstance(node, ir.Call) and node.args else None


def _dim(program: ir.Program, index: int) -> str | None:
    side = _left_side(program, index)
    left = program.nodes[side].type if side is not None else None
    return left.dim if left is not None and left.kind == "number" else None


def _left(trace: EvalState, index: int, shape: tuple[int, ...]) -> Array:
    """The number on the left side of a condition, or NaN."""
    side = _left_side(trace.program, index)
    value = trace.values[side] if side is not None else None
    if not isinstance(value, Num):
        return np.full(shape, np.nan)
    factor, _ = unit_shown(trace.program, _dim(trace.program, index), index)
    return np.broadcast_to(np.asarray(value.lo, np.float64), shape) * factor


def _left_color(trace: EvalState, index: int, shape: tuple[int, ...]) -> Array:
    """The colour on the left side of a condition, or NaN."""
    side = _left_side(trace.program, index)
    value = trace.values[side] if side is not None else None
    lab = value.lab if isinstance(value, Lab) else np.full(3, np.nan)
    return np.broadcast_to(np.asarray(lab, np.float64), (*shape, 3))
