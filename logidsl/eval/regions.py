"""Iterated regions: rows of one store, so that a region is the same wherever it is named.

`every place a: no other place overlaps a` opens two iterations over the same regions, and `other` must recognise a
region. Its identity follows from the program alone: a name stands for its value, and a literal region is itself.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from logidsl import ir
from logidsl.eval.eval_state import EvalState
from logidsl.eval.stores import Store
from logidsl.library.geometry import Geometry, Local
from logidsl.library.values import List, Mask, Set, Shape, UndefinedReason
from logidsl.types import REGIONS

#: The identity of a region: the node that draws it, and its index in that node's value.
Key: TypeAlias = tuple[int | str, int]


def keys(program: ir.Program, i: int) -> list[Key]:
    """What the regions of a node are, in their order."""
    node = program.nodes[i]
    match node:
        case ir.Name(thing="image"):
            return [("image", 0)]
        case ir.Name(thing="region", target=int(target)):
            return keys(program, target)
        case ir.Call(fn="places", args=args):
            return [key for a in args for key in keys(program, a)]
        case ir.Call(fn="on_frame", args=(made, _)):
            return [(i, k) for k in range(len(keys(program, made)))]
        case _:
            return [(i, 0)]


def shapes(value: List | Shape) -> list[Shape]:
    """The regions of a value, in their order."""
    if isinstance(value, Shape):
        return [value]
    assert isinstance(value.items, list)
    return [s for v in value.items if isinstance(v, Shape | List) for s in shapes(v)]


def walked(t: EvalState, node: int, value: List | Shape) -> Set:
    """The regions of a node as a set, each once."""
    n = t.frame.n
    rows = []
    for key, shape in dict(zip(keys(t.program, node), shapes(value), strict=True)).items():
        if key not in t.regions:
            t.regions[key] = len(t.regions)
            _append(t, shape)
        rows.append(t.regions[key] * n + np.arange(n))
    there = np.ones((len(rows), n), bool)
    return Set(REGIONS, np.stack(rows), there, there)


def _append(t: EvalState, shape: Shape) -> None:
    """Add the region, on each image, as further rows of the store."""
    n, g = t.frame.n, shape.geometry
    before = t.frame.stores.get(REGIONS)
    columns = {}
    for name in ("x0", "y0", "x1", "y1"):
        own = np.append(np.broadcast_to(getattr(g, name), (n,)), 0.0)
        columns[name] = own if before is None else np.concatenate([before.columns[name][:-1], own])
    total = len(columns["x0"])
    gone, lack = np.zeros(total, bool), np.full(total, np.uint8(UndefinedReason.NOT_MEASURED))
    outlines = np.full(total, None, object)
    here = slice(total - n - 1, total - 1)
    if before is not None:
        gone[: here.start] = _or_none(before.missing["x0"], here.start)
        lack[: here.start] = before.lack[:-1] if isinstance(before.lack, np.ndarray) else before.lack
        outlines[: here.start] = None if before.shapes is None else before.shapes[:-1]
    if shape.why is not None:
        gone[here], lack[here] = np.broadcast_to(shape.why > 0, (n,)), np.broadcast_to(shape.why, (n,))
    lack[here] = np.where(np.isnan(columns["x0"][here]) & ~gone[here], UndefinedReason.EMPTY, lack[here])
    if g.shapes is not None:
        outlines[here] = np.broadcast_to(g.shapes, (n,))
    drawn = outlines if (outlines != np.array(None)).any() else None
    missing = {"x0": gone if gone.any() else None}
    local = _own_axes(before, g, n)
    t.frame.stores[REGIONS] = Store(REGIONS, columns, missing, drawn=drawn, local=local, lack=lack)


def _own_axes(before: Store | None, g: Geometry, n: int) -> Local | None:
    """The own axes of the regions of a store and one more, where any is turned."""
    if g.local is None and (before is None or before.local is None):
        return None
    parts = [g.own.each(lambda v: np.broadcast_to(v, (n,)))]
    if before is not None and (known := before.geometry(np.arange(len(before.columns["x0"]) - 1))) is not None:
        parts.insert(0, known[0].own)
    return Local.joined(parts).each(lambda v: np.append(v, v[:1]))


def _or_none(mask: Mask | None, n: int) -> Mask:
    return np.zeros(n, bool) if mask is None else mask[:-1]
