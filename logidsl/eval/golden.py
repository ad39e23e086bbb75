"""The places of a layout as a good picture shows them."""

from __future__ import annotations

import numpy as np

from logidsl import ir
from logidsl.diagnostics import InputError
from logidsl.eval.batches import traces
from logidsl.eval.image_batch import Prepared
from logidsl.eval.naming import set_named
from logidsl.eval.reading import axes_of
from logidsl.library.values import UndefinedReason
from logidsl.table import ObjectTable


def classes_placed(program: ir.Program, layout: ir.Layout) -> tuple[str, ...]:
    """The classes and sets that rules look for at a layout; without any, all that stand for parts."""
    names: dict[str, None] = {}
    for node in program.nodes:
        entry = ir.entry_of(node)
        if isinstance(node, ir.Aggregate) and entry is not None and entry.classed:
            of = program.nodes[node.args[0]]
            listed = program.nodes[node.args[-1]]
            if isinstance(of, ir.Name) and of.ref == layout.name and isinstance(listed, ir.Call):
                labels = (program.nodes[i] for i in listed.args)
                names.update((str(n.value), None) for n in labels if isinstance(n, ir.Literal_))
    return tuple(names) or program.covering


def shown(program: ir.Program, table: ObjectTable, layout: ir.Layout) -> tuple[ir.LayoutPlace, ...]:
    """The places of a layout: the centres of the parts of a picture, on the axes of the layout.

    Parameters
    ----------
    program : Program
        A checked spec.
    table : ObjectTable
        The objects of one picture.
    layout : Layout
        Says on which axes, and by its name which rules use it.

    Raises
    ------
    InputError
        If the frame is not found, or a part is in doubt or has no position.
    """
    names = classes_placed(program, layout)
    declared: list[ir.ClassDecl | ir.SetDecl] = [*program.classes, *program.sets]
    needed = [w for d in declared for w in (d.each, d.where) if w is not None]
    needed += [] if layout.of is None else [layout.of]
    found: list[ir.LayoutPlace] = []
    for t in traces(program, Prepared(table), 1, roots=needed):
        if t.frame.axes is not None and np.isnan(t.frame.axes.x).any():
            raise InputError("the frame of the spec is not found in it")
        axes = None
        if layout.of is not None:
            axes, why = axes_of(t, t.values[layout.of])
            if why is not None and (why > 0).any():
                reason = UndefinedReason(int(np.max(why))).words
                raise InputError(f"`{program.nodes[layout.of].span.text}` is not found in it: {reason}")
        for name in names:
            members = set_named(t, name)
            doubtful = members.rows[members.maybe & ~members.sure]
            if len(doubtful):
                raise InputError(f"`{name} {table.ids[int(doubtful[0])]}` is in doubt: a layout needs a clear picture")
            rows = np.sort(members.rows[members.sure])
            shape = t.frame.stores[members.store].geometry(rows)
            if len(rows) and (shape is None or (shape[1] is not None and (shape[1] > 0).any())):
                raise InputError(f"a `{name}` has no position")
            if shape is not None:
                x, y = shape[0].center if axes is None else axes.inward(*shape[0].center)
                found += [ir.LayoutPlace(name=name, x=a, y=b) for a, b in zip(x.tolist(), y.tolist(), strict=True)]
    return tuple(found)
