"""Carrying repairs out on tables: what would be judged if the objects were as a finding says.

A table of trials is made in one go: for each trial the rows of one image without those removed and with
those added, gathered column by column; then single cells are changed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from logidsl.diagnostics import InputError
from logidsl.repairs import Add, AnyChange, Box, Change, Move, Remove, Repair, Setting
from logidsl.table import BOX, COUNT, ColumnData, Floats, Ints, ObjectTable, Outlines, TextColumn

SIZES = ("width", "height", "diagonal", "box_area", "area")

Trial = tuple[int, Sequence[AnyChange]]


def apply_repair(table: ObjectTable, repair: Repair, image: int | str | None = None) -> ObjectTable:
    """The table as it would be after a repair.

    Parameters
    ----------
    table : ObjectTable
        The table that was judged; it stays as it is.
    repair : Repair
        Of a finding on one of its images.
    image : int or str, optional
        Place or name of the image. Not needed where there is only one.

    Returns
    -------
    ObjectTable
        With the same images. New objects have the ids `added 1`, `added 2`, … and the confidence 1.

    Raises
    ------
    InputError
        If it is not said which of several images is meant, or the image has no object of an id in the repair.

    Examples
    --------
    >>> import numpy as np
    >>> from logidsl.table import TextColumn
    >>> nuts = TextColumn.of(["nut", "nut"])
    >>> table = ObjectTable(("a",), np.array([[90.0, 90.0]]), np.array([0, 2]), nuts, ("1", "2"))
    >>> len(apply_repair(table, Repair(text="", changes=(Remove(class_="nut", objects=("2",), count=1),))))
    1
    """
    if image is None and len(table.images) != 1:
        raise InputError(f"expected the `image` that the repair belongs to, as the table has {len(table.images)}")
    if isinstance(image, str) and table.images.count(image) != 1:
        raise InputError(f"expected one image named `{image}`, found {table.images.count(image)}")
    chosen = table.images.index(image) if isinstance(image, str) else image or 0
    if not 0 <= chosen < len(table.images):
        raise InputError(f"expected an image from 0 to {len(table.images) - 1}, found {chosen}")
    return edited(table, [(i, repair.changes if i == chosen else ()) for i in range(len(table.images))])


def edited(table: ObjectTable, trials: Sequence[Trial]) -> ObjectTable:
    """A table with one image for each trial: a place of an image, and the changes made to it."""
    plan = _Plan(table)
    for image, changes in trials:
        plan.add(image, changes)
    return plan.carried_out()


@dataclass
class _Plan:
    """Which rows the new table takes from the old one, -1 for none, and what is then changed in them."""

    table: ObjectTable
    images: list[int] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    ends: list[int] = field(default_factory=lambda: [0])
    todo: list[tuple[int, Change | Move | Add]] = field(default_factory=list)

    def add(self, image: int, changes: Sequence[AnyChange]) -> None:
        """One more image of the new table."""
        lo, hi = int(self.table.offsets[image]), int(self.table.offsets[image + 1])
        rows, ids = list(range(lo, hi)), list(self.table.ids[lo:hi])
        later: list[tuple[str, Change | Move | Add]] = []
        added = 0
        for c in changes:
            match c:
                case Remove():
                    gone = {self._place(ids, i, image) for i in c.objects[: c.count]}
                    rows = [r for k, r in enumerate(rows) if k not in gone]
                    ids = [i for k, i in enumerate(ids) if k not in gone]
                case Add():
                    like = -1 if c.like is None else rows[self._place(ids, c.like, image)]
                    for _ in range(c.count):
                        added = next(k for k in range(added + 1, added + len(ids) + 2) if f"added {k}" not in ids)
                        rows.append(like)
                        ids.append(f"added {added}")
                        later.append((ids[-1], c))
                case Change() | Move():
                    self._place(ids, c.object, image)
                    later.append((c.object, c))
        at = {name: self.ends[-1] + k for k, name in enumerate(ids)}
        self.todo += [(at[name], c) for name, c in later if name in at]
        self.images.append(image)
        self.rows += rows
        self.ids += ids
        self.ends.append(self.ends[-1] + len(rows))

    def _place(self, ids: list[str], name: str, image: int) -> int:
        if name not in ids:
            raise InputError(f"image `{self.table.images[image]}` has no object `{name}` to change")
        return ids.index(name)

    def carried_out(self) -> ObjectTable:
        """The new table."""
        t, rows = self.table, np.array(self.rows, np.int64)
        columns = {name: _gathered(c, rows) for name, c in t.columns.items()}
        texts = _Texts(columns)
        classes = texts.open("class", _text(t.classes, rows))
        outlines = None if t.outlines is None else _outlines(t.outlines, rows)
        edit = _Edit(columns, texts, outlines, t.sizes[np.repeat(self.images, np.diff(self.ends))].reshape(-1, 2))
        for row, c in self.todo:
            match c:
                case Add():
                    classes[row] = c.class_
                    edit.begin(row, c)
                case Change(attribute="class", value=str(value)):
                    classes[row] = value
                case Change():
                    edit.change(row, c.attribute, c.value)
                case Move():
                    edit.move(row, c.dx, c.dy)
        columns |= texts.closed()
        made = columns.pop("class")
        assert isinstance(made, TextColumn)
        return replace(
            t,
            images=tuple(t.images[i] for i in self.images),
            sizes=t.sizes[np.array(self.images, np.int64)].reshape(-1, 2),
            offsets=np.array(self.ends, np.int64),
            classes=made,
            ids=tuple(self.ids),
            columns=columns,
            outlines=outlines,
            places=tuple(t.places[i] for i in self.images) if t.places else (),
        )


def _gathered(column: ColumnData, rows: Ints) -> ColumnData:
    if isinstance(column, TextColumn):
        return _text(column, rows)
    blank = np.full((1, *column.shape[1:]), np.nan)
    return np.concatenate([column, blank])[rows]


def _text(column: TextColumn, rows: Ints) -> TextColumn:
    return TextColumn(np.append(column.codes, -1)[rows], column.values)


def _outlines(outlines: Outlines, rows: Ints) -> Outlines:
    """The outlines of some rows, none for -1, with points of their own."""
    found = Outlines.of([outlines.rings(r) if r >= 0 else [] for r in rows.tolist()])
    return replace(found, points=found.points.copy())


class _Texts:
    """Columns of texts, opened where one is written."""

    def __init__(self, columns: dict[str, ColumnData]) -> None:
        self.columns, self.lists = columns, dict[str, list[str | None]]()

    def open(self, name: str, column: TextColumn | None = None) -> list[str | None]:
        """The texts of a column, to be written to."""
        if name not in self.lists:
            kept = column or self.columns[name]
            assert isinstance(kept, TextColumn)
            self.lists[name] = kept.texts()
        return self.lists[name]

    def closed(self) -> dict[str, ColumnData]:
        """The columns that were opened."""
        return {name: TextColumn.of(texts) for name, texts in self.lists.items()}


@dataclass
class _Edit:
    """Changes of single cells of a table that is being made."""

    columns: dict[str, ColumnData]
    texts: _Texts
    outlines: Outlines | None
    sizes: Floats

    def numbers(self, name: str) -> Floats | None:
        """A column of numbers, points or colours; None where there is none."""
        found = self.columns.get(name)
        return None if found is None or isinstance(found, TextColumn) else found

    def begin(self, row: int, c: Add) -> None:
        """What a new row has that the one it is like has not."""
        confidence = self.numbers("confidence")
        if confidence is not None:
            confidence[row] = 1.0
        if COUNT in self.columns:
            self.texts.open(COUNT)[row] = None
        if c.box is not None or c.like is None:
            self.place(row, c.box or self.middle(row))
        for name, value in c.values.items():
            self.change(row, name, value)

    def box(self, row: int) -> Box | None:
        """The box of a row, None where it is not measured."""
        sides = [self.numbers(k) for k in BOX]
        found = [float(s[row]) for s in sides if s is not None]
        return (found[0], found[1], found[2], found[3]) if len(found) == 4 and np.isfinite(found).all() else None

    def middle(self, row: int) -> Box:
        """A box in the middle of the picture of a row, a tenth as wide and high."""
        width, height = (float(v) if math.isfinite(v) and v > 0 else 100.0 for v in self.sizes[row])
        return (0.45 * width, 0.45 * height, 0.55 * width, 0.55 * height)

    def place(self, row: int, box: Box) -> None:
        """Bring a row to a box: moved, and scaled where its size is another."""
        old = self.box(row)
        if old is None:
            for name, value in zip(BOX, box, strict=True):
                if name not in self.columns:
                    self.columns[name] = np.full(len(self.texts.open("class")), np.nan)
                side = self.numbers(name)
                assert side is not None
                side[row] = value
            return
        wide, high = old[2] - old[0], old[3] - old[1]
        fx = (box[2] - box[0]) / wide if wide > 0 else 1.0
        fy = (box[3] - box[1]) / high if high > 0 else 1.0
        if not (math.isclose(fx, 1.0, abs_tol=1e-9) and math.isclose(fy, 1.0, abs_tol=1e-9)):
            self.scale(row, fx, fy)
        x, y = (box[0] + box[2] - old[0] - old[2]) / 2, (box[1] + box[3] - old[1] - old[3]) / 2
        self.move(row, x, y)

    def move(self, row: int, dx: float, dy: float) -> None:
        """Move a row as a whole."""
        by = {
            "x0": dx,
            "x1": dx,
            "x": dx,
            "x_min": dx,
            "x_max": dx,
            "y0": dy,
            "y1": dy,
            "y": dy,
            "y_min": dy,
            "y_max": dy,
        }
        for name, column in self.columns.items():
            if isinstance(column, TextColumn):
                continue
            if column.ndim == 2 and column.shape[1] == 2:
                column[row] += (dx, dy)
            elif name in by:
                column[row] += by[name]
        if self.outlines is not None:
            self._points(row)[:] += (dx, dy)

    def _points(self, row: int) -> Floats:
        """The points of all rings of a row, to be written to."""
        o = self.outlines
        assert o is not None
        lo, hi = (int(o.ring_offsets[int(o.row_offsets[row + k])]) for k in (0, 1))
        return o.points[lo:hi]

    def scale(self, row: int, fx: float, fy: float) -> None:
        """Scale the box and the outline of a row about the middle of its box."""
        box = self.box(row)
        if box is None:
            return
        middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        for k, name in enumerate(BOX):
            column = self.numbers(name)
            assert column is not None
            column[row] = middle[k % 2] + (box[k] - middle[k % 2]) * (fx, fy)[k % 2]
        if self.outlines is not None:
            points = self._points(row)
            points[:] = middle + (points - middle) * (fx, fy)

    def change(self, row: int, name: str, value: Setting) -> None:
        """Give a cell another value; a size that is not measured apart is that of box and outline."""
        if isinstance(value, str):
            if name not in self.columns:
                self.columns[name] = TextColumn.of([None] * len(self.texts.open("class")))
            self.texts.open(name)[row] = value
            return
        column = self.numbers(name)
        if column is None and name in SIZES:
            assert isinstance(value, float)
            self._resize(row, name, value)
            return
        if column is None:
            width = () if isinstance(value, float) else (len(value),)
            column = np.full((len(self.texts.open("class")), *width), np.nan)
            self.columns[name] = column
        column[row] = value

    def _resize(self, row: int, name: str, value: float) -> None:
        box = self.box(row)
        if box is None:
            return
        wide, high = box[2] - box[0], box[3] - box[1]
        old = {"width": wide, "height": high, "diagonal": math.hypot(wide, high)}.get(name, wide * high)
        if name == "area" and self.outlines is not None and len(self._points(row)):
            old = self._area(row)
        if old <= 0 or value < 0:
            self._spread(row, name, value)
            return
        f = value / old
        f = math.sqrt(f) if name.endswith("area") else f
        self.scale(row, f if name != "height" else 1.0, f if name != "width" else 1.0)

    def _spread(self, row: int, name: str, value: float) -> None:
        """Give a box without extent one."""
        x0, y0, x1, y1 = (self.numbers(k) for k in BOX)
        assert x0 is not None and y0 is not None and x1 is not None and y1 is not None
        side = math.sqrt(max(value, 0.0)) if name.endswith("area") else max(value, 0.0)
        if name == "diagonal":
            side /= math.sqrt(2.0)
        for low, high, fixed in ((x0, x1, name == "height"), (y0, y1, name == "width")):
            if not fixed:
                middle = (low[row] + high[row]) / 2
                low[row], high[row] = middle - side / 2, middle + side / 2

    def _area(self, row: int) -> float:
        """Area of the outline of a row with its holes taken out, by the shoelace formula."""
        assert self.outlines is not None
        areas = []
        for ring in self.outlines.rings(row):
            x, y = ring.T
            areas.append(abs(float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))) / 2)
        return areas[0] - sum(areas[1:])
