"""The orientation of marks found by a `template`, which `turned(mark)` follows.

The column `turn` of a `template` class is measured with its place, clockwise through a full turn, which an outline does
not show. It is not measured if a mark looks the same in another orientation. In a table without that column the outline
decides.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from logidsl import ir
from logidsl.eval.eval_state import EvalState
from logidsl.library import builtins
from logidsl.library.geometry import Axes
from logidsl.library.values import Array, Mask, Obj, Reasons, UndefinedReason, Value, mark
from logidsl.table import ObjectTable, TextColumn
from logidsl.types import OBJECTS

TURN = "turn"


def of_templates(program: ir.Program, classes: TextColumn) -> Mask | None:
    """The rows found by a source that measures how they are turned; None if no class is."""
    names = {s.name for s in program.sources if builtins("source")[s.fn].oriented}
    known = np.array([v in names for v in classes.values] + [False], bool)
    return known[classes.codes] if known.any() else None


def turn_of(t: EvalState, value: Value) -> tuple[Array | None, Reasons | None]:
    """The orientation of objects, deg, NaN for other objects; and why it is unknown for a mark."""
    if not isinstance(value, Obj) or value.store != OBJECTS:
        return None, None
    found = t.frame.stores[OBJECTS].column(TURN)
    marks = of_templates(t.program, t.frame.table_classes())
    if found is None or marks is None or not isinstance(found[0], np.ndarray) or found[0].ndim != 1:
        return None, None
    column, missing = found
    marked = marks[value.rows]
    gone = np.zeros(marked.shape, bool) if missing is None else missing[value.rows]
    return np.where(marked & ~gone, column[value.rows], np.nan), mark(
        marked & gone & (value.rows >= 0), UndefinedReason.AMBIGUOUS
    )


def turns_on(program: ir.Program, table: ObjectTable, axes: Axes) -> ObjectTable:
    """A table with the `turn` of marks on the axes of each row's frame."""
    column, marks = table.columns.get(TURN), of_templates(program, table.classes)
    if marks is None or not isinstance(column, np.ndarray) or column.ndim != 1:
        return table
    own = np.degrees(np.arctan2(axes.sin, axes.cos))[table.image_index]
    return replace(table, columns={**table.columns, TURN: np.where(marks, (column - own) % 360.0, column)})
