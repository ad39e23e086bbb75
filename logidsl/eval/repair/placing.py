"""Parts put on the places of a layout: moved, removed or added."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from logidsl import ir
from logidsl.eval import layouts
from logidsl.eval.repair.bindings import Binding
from logidsl.eval.repair.plans import Plan, moved, removed, wanted
from logidsl.library.values import Layout
from logidsl.repairs import Add
from logidsl.table import BOX

_SIDE_PX = 10.0  # of an added part if none of its class is there


def put_right(b: Binding, node: ir.Aggregate, want: bool) -> Iterator[Plan]:
    """Each member moved to a place of its class, the surplus removed, the missing added; else one member too many."""
    assert node.each is not None
    if not want:
        yield wanted(b, node.each, node.where)
        return
    found = layouts.misfits(b.state, node, [np.array([a]) for a in b.at], exchanged=False)
    if not found:
        return
    rows = b.along(b.state.values[node.each].rows).tolist()
    plan: Plan = []
    for x in found[0]:
        if x.kind == "misplaced":
            plan += moved(b, rows[x.part], -x.dx, -x.dy)
    plan += removed(b, [rows[x.part] for x in found[0] if x.kind == "surplus"])
    for x in found[0]:
        if x.kind == "missing":
            plan.append(_added(b, node, x.name, x.place))
    if plan:
        yield plan


def _added(b: Binding, node: ir.Aggregate, name: str, place: int) -> Add:
    """A part of a class on a place, as another of its class."""
    layout = b.state.values[node.args[0]]
    assert isinstance(layout, Layout)
    x, y = (float(v[place, b.at[-1]]) for v in (layout.x, layout.y))
    if b.axes is not None:
        x, y = (float(v) for v in b.axes.outward(np.asarray(x), np.asarray(y)))
    like = _one_of(b, node, name)
    half = _SIDE_PX / 2, _SIDE_PX / 2
    if like is not None and all(k in b.table.columns for k in BOX):
        x0, y0, x1, y1 = (float(np.asarray(b.table.columns[k])[like]) for k in BOX)
        half = (x1 - x0) / 2, (y1 - y0) / 2
    class_ = name if like is None else b.raw_class_of(like)
    return Add(
        class_=class_,
        name="" if class_ == name else name,
        count=1,
        like=None if like is None else b.table.ids[like],
        box=(x - half[0], y - half[1], x + half[0], y + half[1]),
    )


def _one_of(b: Binding, node: ir.Aggregate, name: str) -> int | None:
    """The row of a member of a class."""
    assert node.each is not None and node.value is not None
    names, truths = b.state.values[node.args[-1]], b.state.values[node.value]
    walked = b.state.values[node.each].rows
    for label, truth in zip(names.items, truths.items, strict=True):
        if label.values[0] == name:
            there = b.along(np.broadcast_to(truth.must, np.broadcast_shapes(truth.must.shape, walked.shape)))
            found = [row for row, own in zip(b.along(walked).tolist(), there.tolist(), strict=True) if own and row >= 0]
            return found[0] if found else None
    return None
