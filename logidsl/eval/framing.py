"""The `frame` of a spec: places, axes, angles and shares relative to the part itself.

The frame is found first, on the picture's own axes; then the table is transformed to the frame's axes: boxes, outlines,
points and angles, with the size of the frame instead of the picture's. Lengths do not change. On an image without the
frame nothing has a place: what needs one is undetermined for that reason.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from logidsl import ir
from logidsl.eval import template_pose
from logidsl.eval.image_batch import ImageBatch, Kept, Prepared
from logidsl.eval.plan import bind, run
from logidsl.library.geometry import Axes
from logidsl.library.values import Array, Mask, Placing, UndefinedReason
from logidsl.table import BOX, ColumnData, ObjectTable, Outlines, TextColumn


def framed(prepared: Prepared, program: ir.Program, kept: Kept | None = None) -> tuple[Prepared, Axes]:
    """A table on the axes of the spec's frame, and the frame of each image.

    Parameters
    ----------
    prepared : Prepared
        A table of N images in the picture's axes.
    kept : Kept, optional
        What `keep best` made of the rows.

    Returns
    -------
    Prepared, Axes
        The axes have (N,) arrays, NaN without a frame.
    """
    assert program.frame is not None
    n = len(prepared.table.images)
    parts = {name: np.full(n, np.nan) for name in ("x", "y", "cos", "sin", "width", "height")}
    plan = bind(program)
    for images in prepared.batches(1):
        found = run(plan, ImageBatch(prepared, program, images, kept or Kept()), [program.frame]).values[program.frame]
        assert isinstance(found, Placing)
        there = np.ones(len(images), bool) if found.why is None else np.broadcast_to(found.why == 0, (len(images),))
        for name, values in parts.items():
            values[images[there]] = np.broadcast_to(getattr(found.axes, name), (len(images),))[there]
    axes = Axes(**parts)
    made = Prepared(template_pose.turns_on(program, on_axes(prepared.table, axes), axes))
    made.seen = prepared.seen
    if np.isnan(axes.x).any():
        unframed = np.append(np.isnan(axes.x)[prepared.table.image_index], False)
        made.store.lack = np.where(unframed, np.uint8(UndefinedReason.NO_FRAME), np.uint8(UndefinedReason.NOT_MEASURED))
    return made, axes


def on_axes(table: ObjectTable, axes: Axes) -> ObjectTable:
    """A table transformed to the axes of a frame for each of its images."""
    image = table.image_index
    here = Axes(*(getattr(axes, name)[image] for name in ("x", "y", "cos", "sin", "width", "height")))
    columns = dict(table.columns)
    outlines = _outlines(table, here)
    if all(k in columns for k in BOX):
        columns.update(_boxes(table, here, outlines))
    columns.update(_points(columns, here))
    angle = columns.get("angle")
    if isinstance(angle, np.ndarray):
        turned = angle - np.degrees(np.arctan2(here.sin, here.cos))
        columns["angle"] = 90.0 - (90.0 - turned) % 180.0
    return replace(table, sizes=np.stack([axes.width, axes.height], axis=1), columns=columns, outlines=outlines)


def _outlines(table: ObjectTable, here: Axes) -> Outlines | None:
    outlines = table.outlines
    if outlines is None:
        return None
    rings = np.diff(outlines.row_offsets)
    row = np.repeat(np.repeat(np.arange(len(rings)), rings), np.diff(outlines.ring_offsets))
    one = Axes(*(getattr(here, name)[row] for name in ("x", "y", "cos", "sin", "width", "height")))
    u, v = one.inward(outlines.points[:, 0], outlines.points[:, 1])
    return replace(outlines, points=np.stack([u, v], axis=1))


def _boxes(table: ObjectTable, here: Axes, outlines: Outlines | None) -> dict[str, ColumnData]:
    """Boxes round the outlines, or round the turned boxes without an outline; none where there was none."""
    x0, y0, x1, y1 = (_floats(table.columns[k]) for k in BOX)
    corners = [here.inward(x, y) for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))]
    us, vs = np.stack([c[0] for c in corners]), np.stack([c[1] for c in corners])
    found = [us.min(axis=0), vs.min(axis=0), us.max(axis=0), vs.max(axis=0)]
    if outlines is not None and len(outlines.points):
        has = (np.diff(outlines.row_offsets) > 0) & ~np.isnan(np.stack(found)).any(axis=0)
        first = outlines.row_offsets[:-1][has]
        starts, ends = outlines.ring_offsets[first], outlines.ring_offsets[first + 1]
        full = ends - starts >= 3
        places = np.flatnonzero(has)[full]
        bounds = np.stack([starts[full], ends[full]], axis=1).ravel()
        padded = np.concatenate([outlines.points, outlines.points[-1:]])
        for target, column, least in (
            (found[0], 0, True),
            (found[1], 1, True),
            (found[2], 0, False),
            (found[3], 1, False),
        ):
            reduce = np.minimum if least else np.maximum
            target[places] = reduce.reduceat(padded[:, column], bounds)[::2]
    return dict(zip(BOX, found, strict=True))


def _points(columns: dict[str, ColumnData], here: Axes) -> dict[str, ColumnData]:
    """Columns of points on the new axes; the ends keep their order by x, then y."""
    made: dict[str, ColumnData] = {}
    for name, column in columns.items():
        if isinstance(column, np.ndarray) and column.ndim == 2 and column.shape[1] == 2:
            made[name] = np.stack(here.inward(column[:, 0], column[:, 1]), axis=1)
    if isinstance(columns.get("x"), np.ndarray) and isinstance(columns.get("y"), np.ndarray):
        made["x"], made["y"] = here.inward(_floats(columns["x"]), _floats(columns["y"]))
    start, end = made.get("start"), made.get("end")
    if isinstance(start, np.ndarray) and isinstance(end, np.ndarray):
        swap = (end[:, 0] < start[:, 0]) | ((end[:, 0] == start[:, 0]) & (end[:, 1] < start[:, 1]))
        made["start"], made["end"] = _swapped(start, end, swap)
    return made


def _swapped(a: Array, b: Array, swap: Mask) -> tuple[Array, Array]:
    return np.where(swap[:, None], b, a), np.where(swap[:, None], a, b)


def _floats(column: ColumnData) -> Array:
    assert not isinstance(column, TextColumn)
    return column
