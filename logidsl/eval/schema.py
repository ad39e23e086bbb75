"""What a spec reads of a table, and what the columns of a table do not give."""

from __future__ import annotations

from collections.abc import Collection

from logidsl import ir
from logidsl.eval.plan import bind
from logidsl.library import attribute
from logidsl.table import BOX
from logidsl.types import OBJECTS


def unmeasured(program: ir.Program, columns: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The attributes of objects that each rule reads and that some columns do not give.

    Parameters
    ----------
    program : Program
        A checked spec.
    columns : collection of str
        The names of the columns of a table. A box (`x0`, `y0`, `x1`, `y1`) gives what follows from it, and `color` what
        follows from a mean colour.

    Returns
    -------
    dict of str to tuple of str
        By rule, those that lack anything; a rule whose value depends on it is undetermined.
    """
    found = {}
    for rule, read in attributes_read(program).items():
        lacking = tuple(sorted(name for name in read if not _given(name, columns)))
        if lacking:
            found[rule] = lacking
    return found


def attributes_read(program: ir.Program) -> dict[str, set[str]]:
    """The attributes of objects that each rule reads, by rule."""
    plan = bind(program)
    return {
        rule.name: {
            node.attribute
            for number in plan.below([rule.node])
            if isinstance(node := program.nodes[number], ir.Column) and program.nodes[node.of].type.domain == OBJECTS
        }
        for rule in program.rules
    }


def _given(name: str, columns: Collection[str]) -> bool:
    if name == "class" or name in columns:
        return True
    entry = attribute(name)
    if entry is None or not entry.takes:
        return False
    return "color" in columns if entry.takes == "color" else all(side in columns for side in BOX)
