"""`keep best`: of two detections that overlap too much, only the better is kept, before rules are judged.

Detections are taken in falling confidence, then area, then id, and one that overlaps a kept one by more than
the share is dropped: greedy suppression, over all the classes named together. The steps go from slot to
slot of that order, each for all images at once.
"""

from __future__ import annotations

import numpy as np

from logidsl import ir
from logidsl.eval.image_batch import Kept, Prepared
from logidsl.eval.stores import Store
from logidsl.library import geometry
from logidsl.library.values import Ints, Mask
from logidsl.table import ObjectTable


def id_places(table: ObjectTable, rows: Ints) -> Ints:
    """Places of the ids of (m,) rows in the order of ids: whole numbers by value, others as texts."""
    if not len(rows):
        return rows
    ids = np.array([table.ids[row] if row >= 0 else "" for row in rows.tolist()], np.str_)
    return np.argsort(np.argsort(np.char.rjust(ids, int(ids.dtype.itemsize // 4) or 1), kind="stable"))


def settled(prepared: Prepared, images: Ints, keep: ir.Keep, before: Kept) -> Kept | None:
    """What a `keep best` makes of the rows of a batch of images; None if nothing has a place.

    An uncertain object without a place may overlap any other, and so may one that an earlier statement left in
    doubt: on such an image each row of the classes is contested, also one that would otherwise be dropped.

    Parameters
    ----------
    before : Kept
        What earlier statements made of the rows.
    """
    slots = prepared.slots(keep.classes, images)
    rows, there = slots.rows, slots.maybe
    if before.dropped is not None:
        there = there & ~before.dropped[rows]
    shape = prepared.store.geometry(rows)
    if shape is None:
        return None
    g, unknown = shape
    contested = np.zeros(len(prepared.table) + 1, bool)
    placed = there if unknown is None else there & (unknown == 0)
    in_doubt = np.zeros(there.shape, bool)
    if prepared.perhaps is not None:
        in_doubt |= there & ~placed & prepared.perhaps[rows]
    if before.contested is not None:
        in_doubt |= there & before.contested[rows]
    unsettled = in_doubt.any(axis=0) & (there.sum(axis=0) > 1) & placed.any(axis=0)
    contested[rows[there & unsettled]] = True
    there = placed & ~unsettled
    order = _order(
        prepared.store, id_places(prepared.table, rows.ravel()).reshape(rows.shape), rows, there, geometry.area(g)
    )
    sorted_rows = np.take_along_axis(rows, order, 0)
    present = np.take_along_axis(there, order, 0)
    found = prepared.store.geometry(sorted_rows)
    assert found is not None
    kept = _greedy(_overlaps(found[0], keep), present)
    out = np.zeros(len(prepared.table) + 1, bool)
    out[sorted_rows[present & ~kept]] = True
    return Kept(out, contested)


def _order(
    store: Store, ids: Ints, rows: Ints, there: Mask, area: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
) -> Ints:
    column = store.column("confidence")
    confidence = np.zeros(rows.shape)
    if column is not None and isinstance(column[0], np.ndarray):
        confidence = column[0][rows]
        if column[1] is not None:
            confidence = np.where(column[1][rows], -np.inf, confidence)
    return np.lexsort((ids, -area, -confidence, ~there), axis=0)


def _overlaps(g: geometry.Geometry, keep: ir.Keep) -> Mask:
    """(K, K, N) where the second of a pair overlaps the first by more than the share."""

    def beside(axis: int) -> geometry.Geometry:
        parts = [np.expand_dims(v, axis) for v in (g.x0, g.y0, g.x1, g.y1)]
        shapes = None if g.shapes is None else np.expand_dims(g.shapes, axis)
        return geometry.Geometry(parts[0], parts[1], parts[2], parts[3], shapes)

    a, b = beside(1), beside(0)
    smaller = np.minimum(geometry.area(a), geometry.area(b))
    shared = geometry.shared_area(a, b)
    part = np.where(smaller > 0, shared / np.where(smaller > 0, smaller, 1.0), 0.0)
    return np.asarray(part > keep.share if keep.strict else part >= keep.share)


def _greedy(overlaps: Mask, present: Mask) -> Mask:
    kept = np.zeros_like(present)
    for k in range(len(present)):
        beaten = (kept[:k] & overlaps[:k, k]).any(axis=0)
        kept[k] = present[k] & ~beaten
    return kept
