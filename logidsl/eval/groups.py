"""The objects, cells and regions of findings: which rows, and where they lie in the picture.

Whatever frame a spec uses, a report gives places in px of the picture: for a cell or region that is not an
axis-parallel box there, the outline beside the bounding box.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from logidsl import ir
from logidsl.eval import reductions, regions
from logidsl.eval.eval_state import EvalState
from logidsl.eval.gather import At, take_axis
from logidsl.eval.objects import Read, set_name
from logidsl.eval.reading import put
from logidsl.library.geometry import Geometry
from logidsl.library.values import List, Mask, Shape
from logidsl.table import BOX
from logidsl.types import OBJECTS, REGIONS
from logidsl.verdicts import Floats, Group, Partition, Rings


def owners(t: EvalState, at: At, read: Read) -> list[Group]:
    """The owners of cells: objects, regions or other cells, which may themselves have owners."""
    store = t.frame.stores[read.store]
    if store.owner is None or not (store.owner[read.rows] >= 0).any():
        return []
    grid = next(g for g in t.program.grids if f"grid:{g.name}" == read.store)
    of = t.program.nodes[grid.of] if grid.of is not None else None
    name = of.ref if isinstance(of, ir.Name) and " " not in of.ref else ""
    found = Read(store.owners, store.owner[read.rows], name)
    more = owners(t, at, found)
    return [group(t, at, False, found, cut=bool(more)), *more]


def group(t: EvalState, at: At, witness: bool, read: Read, *, cut: bool = False) -> Group:
    """Objects in one role, with the places of those that are not in the table."""
    columns: dict[str, Floats] = {}
    outlines: Rings | None = None
    if read.store != OBJECTS:
        store = t.frame.stores[read.store]
        columns = {k: store.columns[k][read.rows] for k in ("row", "col") if k in store.columns}
        found = store.geometry(read.rows)
        if found is not None:
            shape, why = in_picture(t, found[0], at), found[1]
            box = (shape.x0, shape.y0, shape.x1, shape.y1)
            columns |= zip(BOX, box if why is None else [np.where(why > 0, np.nan, v) for v in box], strict=True)
            outlines = None if shape.shapes is None else _rings(shape, read.rows >= 0)
    return Group("witness" if witness else "context", read.store, read.rows, columns, cut, read.name, outlines)


def partition(t: EvalState, i: int, at: At) -> Partition | None:
    """The groups that the members of a set form, where a value tells them apart."""
    node = t.program.nodes[ir.followed(t.program.nodes, i)]
    entry = ir.entry_of(node)
    if not isinstance(node, ir.Aggregate) or node.each is None or entry is None or entry.groups is None:
        return None
    m = reductions.members_of(t, node)
    numbers = take_axis(entry.groups(m), at).T
    rows = np.where(numbers >= 0, take_axis(m.walked.rows, at).T, -1)
    return Partition(group(t, at, False, Read(m.walked.store, rows, set_name(t.program, node.each))), numbers)


def regions_named(t: EvalState, i: int, at: At, context: Sequence[int]) -> list[Group]:
    """The regions that a clause names, apart from those that the iterations round it range over."""
    nodes, found = t.program.nodes, list[Group]()
    for number in ir.below(nodes, [i], lambda n: () if any(n is nodes[c] for c in context) else ir.uses_of(n)):
        node, value = nodes[number], t.values[number]
        if isinstance(node, ir.Name) and node.thing == "region" and isinstance(value, Shape | List):
            rows = take_axis(regions.walked(t, number, value).rows, [at[-1]]).T
            found.append(group(t, at, False, Read(REGIONS, rows, node.ref)))
    return found


def in_picture(t: EvalState, shape: Geometry, at: At) -> Geometry:
    """Shapes on the axes of the spec's frame, stretched by its scale, as they lie in the picture."""
    import shapely

    if shape.shapes is not None:  # of several regions some may be boxes
        every = np.ones(shape.shapes.shape, bool)
        shape = replace(shape, shapes=shape.select(every, every.shape).reshape(every.shape))
    if t.frame.axes is not None:
        images = t.frame.images[at[-1]]
        axes = t.frame.axes.each(lambda v: v[images][:, None])
        shape = put(shape, axes.each(np.nan_to_num))
        nowhere = np.where(np.isnan(axes.x), np.nan, 0.0)  # without a frame
        shape = replace(shape, **{k: getattr(shape, k) + nowhere for k in BOX})
    by = 1.0 if t.program.scale is None else t.program.scale.stretch
    if by == 1.0:
        return shape
    shapes = None if shape.shapes is None else shapely.transform(shape.shapes, lambda points: points / (1.0, by))
    return replace(shape, y0=shape.y0 / by, y1=shape.y1 / by, shapes=shapes)


def _rings(shape: Geometry, there: Mask) -> Rings | None:
    """The outer outlines of shapes, for several parts that of the largest; None for an axis-parallel box."""
    import shapely

    assert shape.shapes is not None
    boxes = (shape.x1 - shape.x0) * (shape.y1 - shape.y0)
    with np.errstate(invalid="ignore"):
        chosen = there & (shapely.area(shape.shapes) < boxes * (1 - 1e-9))
    if not chosen.any():
        return None
    found = np.full(shape.shapes.shape, None, object)
    for place in zip(*np.nonzero(chosen), strict=True):
        parts = [p for p in shapely.get_parts(shape.shapes[place]) if p.geom_type == "Polygon"]
        if parts:
            found[place] = shapely.get_coordinates(max(parts, key=shapely.area).exterior)[:-1]
    return found
