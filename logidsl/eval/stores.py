"""Stores of rows: the table's, the cells of a grid, places; their columns, shapes and axes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from logidsl.library import Builtin, attribute
from logidsl.library.axes import placed
from logidsl.library.geometry import Axes, Geometry, Local, Shapes
from logidsl.library.values import Array, Ints, Lab, Mask, Num, Point, Reasons, UndefinedReason, exact, mark
from logidsl.table import BOX, ColumnData, Outlines, TextColumn
from logidsl.types import OBJECTS


@dataclass(eq=False)
class Store:
    """A store of rows: the table's, or the cells of a grid.

    The value of row -1 is ignored; a column with gaps has a last entry for it, 0. `raw` are the columns of the table,
    loaded on first use. `owner` is the owner of each cell, a row of the store `owners`. `local` are the own axes of
    turned shapes. `lack` is the reason of missing values, per row if it varies. `drawn` are the shapes where they are
    known; those of outlines are made on first use, as many specs ask for boxes and measured values only.
    """

    name: str
    columns: dict[str, Any]
    missing: dict[str, Mask | None] = field(default_factory=dict)
    raw: Mapping[str, ColumnData] = field(default_factory=dict)
    drawn: Shapes | None = None
    open_right: Mask | None = None
    open_bottom: Mask | None = None
    owner: Ints | None = None
    owners: str = OBJECTS
    lack: UndefinedReason | Reasons = UndefinedReason.NOT_MEASURED
    local: Local | None = None
    outlines: Outlines | None = None

    @property
    def outlined(self) -> bool:
        """Whether the shape of a row may be another than its box."""
        return self.drawn is not None or (self.outlines is not None and len(self.outlines.points) > 0)

    @property
    def shapes(self) -> Shapes | None:
        """(n + 1,) the shapes, None for rows whose box is the shape; None if no row has another."""
        if self.drawn is None and self.outlines is not None and self.outlined:
            self.drawn = polygons(self.outlines)
        return self.drawn

    def box(self) -> list[Array] | None:
        """The four columns of the boxes, or None without geometry."""
        if not all(k in self.columns or k in self.raw for k in BOX):
            return None
        if "x0" not in self.columns:
            for name in BOX:
                self._load(name)
            wide = max(len(self.columns[name]) for name in BOX)
            for name in [n for n in BOX if len(self.columns[n]) < wide]:
                self.columns[name] = np.append(self.columns[name], np.zeros(wide - len(self.columns[name])))
            gone = [m for m in (self.missing[name] for name in BOX) if m is not None]
            self.missing["x0"] = np.logical_or.reduce(gone) if gone else None
        return [self.columns[k] for k in BOX]

    def has(self, name: str) -> bool:
        """Whether a column is given, or was computed."""
        return name in self.columns or name in self.raw

    @property
    def only_boxes(self) -> bool:
        """Whether the shape of each row is its box, and known."""
        return self.box() is not None and not self.outlined and self.local is None and self.missing["x0"] is None

    def _load(self, name: str) -> None:
        """Load a column of the table, with its sentinel and missing values."""
        column = self.raw[name]
        if isinstance(column, TextColumn):
            self.columns[name] = TextColumn(np.append(column.codes, -1), column.values)
            return
        flat = column[:, None] if column.ndim == 1 else column
        gone = np.isnan(flat[:, 0])
        for k in range(1, flat.shape[1]):
            gone |= np.isnan(flat[:, k])
        if len(column) and not self.outlined and column.dtype == np.float64 and not np.count_nonzero(gone):
            self.columns[name], self.missing[name] = column, None  # what row -1 reads is not looked at
            return
        ended = np.zeros((len(column) + 1, *column.shape[1:]))
        given = np.flatnonzero(~gone)
        ended[given] = column[given]
        self.columns[name], self.missing[name] = ended, np.append(gone, False) if gone.any() else None

    def column(self, name: str) -> tuple[Any, Mask | None] | None:
        """A column and where it is missing; computed from the box if possible; None if not measured."""
        if name not in self.columns:
            if name in self.raw:
                self._load(name)
            elif (entry := attribute(name)) is not None and entry.takes == "color":
                self._follow_color(name, entry)
            elif entry is not None and entry.takes:
                self._follow_shape(name, entry)
        return (self.columns[name], self.missing.get(name)) if name in self.columns else None

    def _follow_color(self, name: str, entry: Builtin) -> None:
        """Compute a column from the mean colours, where known."""
        given = self.raw.get("color")
        color = self.column("color") if isinstance(given, np.ndarray) else None
        if color is None or given is None or not isinstance(color[0], np.ndarray):
            return
        found = entry.kernel(color[0])
        grey: Mask = np.isnan(found)
        grey[len(np.asarray(given)) :] = False  # of no object
        lost = grey if color[1] is None else grey | color[1]
        self.columns[name], self.missing[name] = np.nan_to_num(found), lost if lost.any() else None

    def _follow_shape(self, name: str, entry: Builtin) -> None:
        """Compute a column from the boxes or the outlines, where known."""
        box = self.box()
        if box is None:
            return
        shapes = self.shapes if entry.takes == "outline" else None
        found, gone = entry.kernel(Geometry(box[0], box[1], box[2], box[3], shapes)), self.missing.get("x0")
        self.columns[name] = found
        nothing: Mask = np.isnan(found[0] if isinstance(found, tuple) else found)  # of an empty region
        if nothing.any():
            gone = nothing if gone is None else gone | nothing
        if shapes is not None and self.outlines is not None:
            boxed = shapes == np.array(None)
            self.columns[name][:-1] -= np.where(boxed[:-1], 0.0, _hole_areas(self.outlines))
            gone = None if gone is None else gone & boxed
        self.missing[name] = gone

    def lacking(self, gone: Mask, rows: Ints) -> Reasons | None:
        """Why the values of some rows are missing."""
        if isinstance(self.lack, UndefinedReason):
            return mark(gone, self.lack)
        return np.where(gone, self.lack[rows], np.uint8(0)) if gone.any() else None

    def geometry(self, rows: Ints) -> tuple[Geometry, Reasons | None] | None:
        """The shapes of some rows, and why some are undefined."""
        box = self.box()
        if box is None:
            return None
        gone = self.missing.get("x0")
        x0, y0, x1, y1 = (c.take(rows) for c in box)
        shapes = None if self.shapes is None else self.shapes[rows]
        right = None if self.open_right is None else self.open_right[rows]
        bottom = None if self.open_bottom is None else self.open_bottom[rows]
        why = None if gone is None else self.lacking(gone[rows], rows)
        local = None if self.local is None else self.local.each(lambda v: v[rows])
        return Geometry(x0, y0, x1, y1, shapes, right, bottom, local), why

    def shift(self, axes: Axes, each: int) -> None:
        """Move the boxes, given on the axes of an unturned frame, to their place in the picture."""
        for names, by in ((("x0", "x1"), axes.x), (("y0", "y1"), axes.y)):
            for name in names:
                self.columns[name] = self.columns[name] + np.append(np.repeat(by, each), 0.0)

    def turn(self, axes: Axes, each: int) -> None:
        """Interpret the boxes as given on turned axes, one frame for each run of `each` rows."""
        made = placed(
            Geometry(*(self.columns[k] for k in BOX)), axes.each(lambda v: np.append(np.repeat(v, each), 1.0))
        )
        self.columns |= {"x0": made.x0, "y0": made.y0, "x1": made.x1, "y1": made.y1}
        self.local, self.drawn = made.local, made.shapes


def read(store: Store, name: str, rows: Ints) -> Any:
    """An attribute of some rows: Num, Point, Lab, or a text column's codes; None if not measured at all."""
    given = store.raw.get(name)
    if isinstance(given, np.ndarray) and len(given) and name not in store.columns:
        return _measured(store, given.take(rows, axis=0), rows)
    entry = attribute(name)
    if entry is not None and entry.takes in ("box", "outline") and not store.has(name) and store.only_boxes:
        made = entry.kernel(Geometry(*(store.columns[k].take(rows) for k in BOX)))
        why = store.lacking(np.isnan(made[0] if isinstance(made, tuple) else made), rows)  # of a cell of nothing
        return Point(made[0], made[1], why) if isinstance(made, tuple) else exact(made, why)
    found = store.column(name)
    if found is None:
        return None
    column, missing = found
    why = None if missing is None else store.lacking(missing[rows], rows)
    if isinstance(column, tuple):
        return Point(column[0][rows], column[1][rows], why)
    if isinstance(column, TextColumn):
        codes = column.codes[rows]
        gone = (codes < 0) & (rows >= 0)
        return TextColumn(codes, column.values), store.lacking(gone, rows)
    if column.ndim == 2:
        if column.shape[1] == 2:
            return Point(column[..., 0][rows], column[..., 1][rows], why)
        return Lab(column.take(rows, axis=0), why)
    return exact(column.take(rows), why)


def _measured(store: Store, values: Array, rows: Ints) -> Num | Point | Lab:
    """Values of some rows as the table has them, of which a NaN is missing."""
    if values.ndim == rows.ndim and not np.count_nonzero(np.isnan(values)):
        return exact(values)
    planes = [values] if values.ndim == rows.ndim else [values[..., k] for k in range(values.shape[-1])]
    gone = np.isnan(planes[0])
    for plane in planes[1:]:
        gone |= np.isnan(plane)
    why = None
    if np.count_nonzero(gone):
        why = store.lacking(gone & (rows >= 0), rows)
        planes = [np.where(gone, 0.0, plane) for plane in planes]
    match planes:
        case [one]:
            return exact(one, why)
        case [x, y]:
            return Point(x, y, why)
        case _:
            return Lab(values if why is None else np.stack(planes, axis=-1), why)


def taken(found: Any, places: Ints) -> Any:
    """What `read` gives for some of the rows for which it was called."""

    def cut(array: Any) -> Any:
        return array.take(places, axis=0)

    def reasons(why: Reasons | None) -> Reasons | None:
        chosen: Reasons | None = None if why is None else cut(why)
        return chosen if chosen is not None and chosen.any() else None

    match found:
        case Num(lo, _, why):
            return exact(cut(lo), reasons(why))
        case Point(x, y, why):
            return Point(cut(x), cut(y), reasons(why))
        case Lab(lab, why):
            return Lab(cut(lab), reasons(why))
        case TextColumn() as text, why:
            return text.take(places), reasons(why)
        case _:
            return found


def _hole_areas(outlines: Outlines) -> Array:
    """(n,) px2 of the holes in each row's outline, by the shoelace formula."""
    x, y = outlines.points.T
    starts, sizes = outlines.ring_offsets[:-1], np.diff(outlines.ring_offsets)
    after = np.arange(len(x)) + 1
    after[(starts + sizes - 1)[sizes > 0]] = starts[sizes > 0]
    ring = np.repeat(np.arange(len(sizes)), sizes)
    areas = np.abs(np.bincount(ring, x * y[after] - x[after] * y, len(sizes))) / 2.0
    many = np.diff(outlines.row_offsets)
    areas[outlines.row_offsets[:-1][many > 0]] = 0.0  # the outer rings
    return np.bincount(np.repeat(np.arange(len(many)), many), areas, len(many)).astype(np.float64, copy=False)


def polygons(outlines: Outlines) -> Shapes:
    """(n + 1,) outer outlines as shapely polygons, None for rows without one."""
    import shapely

    has = np.diff(outlines.row_offsets) > 0
    first = outlines.row_offsets[:-1][has]
    sizes = np.diff(outlines.ring_offsets)[first]
    starts = outlines.ring_offsets[first]
    places = np.repeat(starts - np.concatenate([[0], np.cumsum(sizes)[:-1]]), sizes) + np.arange(sizes.sum())
    rings = np.repeat(np.arange(len(sizes)), sizes)
    good = sizes >= 3
    good[rings[~np.isfinite(outlines.points[places]).all(axis=1)]] = False
    keep = good[rings]
    made = np.full(len(sizes), None, object)
    if good.any():
        renumbered = np.cumsum(good) - 1
        lines = shapely.linearrings(outlines.points[places[keep]], indices=renumbered[rings[keep]])
        made[good] = shapely.make_valid(shapely.polygons(lines))
    shapes: Shapes = np.full(len(has) + 1, None, object)
    shapes[np.flatnonzero(has)] = made
    return shapes
