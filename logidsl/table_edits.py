"""Carrying repairs out on tables: what would be judged if the objects were as a finding says.

A table of trials is made in one go: for each trial the rows of one image without those removed and with
those added, gathered column by column; then single cells are changed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from logidsl.diagnostics import InputError
from logidsl.library.attributes import PLACES, SIZES
from logidsl.library.measure import ring_areas
from logidsl.repairs import Add, AnyChange, Box, Change, Move, Remove, Repair, Setting
from logidsl.table import BOX, COUNT, ColumnData, Floats, Ints, ObjectTable, Outlines, TextColumn

#: Which axis the columns lie along that move with their object.
AXIS = {name: 0 if name[0] == "x" else 1 for name in (*BOX, *PLACES)}
_ADDED = re.compile("added ([0-9]{1,9})")

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
        With the same images. New objects have the confidence 1 and the ids `added 1`, `added 2`, …, beginning after
        those that the image already has.

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


def added_number(name: str) -> int:
    """N of the id `added N` that a new object gets; 0 of any other id."""
    found = _ADDED.fullmatch(name)
    return int(found[1]) if found else 0


def last_added(names: Iterable[str]) -> int:
    """The greatest N of the ids `added N`; 0 without any.

    Examples
    --------
    >>> last_added(["bolt 7", "added 9", "added 10"])
    10
    """
    return max((added_number(name) for name in names if name.startswith("added ")), default=0)


def edited(table: ObjectTable, trials: Sequence[Trial]) -> ObjectTable:
    """A table with one image for each trial: a place of an image, and the changes made to it."""
    rows, ids, ends = list[int](), list[str](), [0]  # rows of the old table, -1 for none
    todo: list[tuple[int, Change | Move | Add]] = []
    for image, changes in trials:
        begin = len(ids)
        lo, hi = table.offsets[image : image + 2].tolist()
        rows += range(lo, hi)
        ids += table.ids[lo:hi]
        later: list[tuple[str, Change | Move | Add]] = []
        added: int | None = None
        for c in changes:
            match c:
                case Remove():
                    places = [_place(table, image, ids, begin, name) for name in c.objects[: c.count]]
                    for gone in sorted(places, reverse=True):
                        del rows[gone], ids[gone]
                case Add():
                    added = last_added(table.ids[lo:hi]) if added is None else added
                    names = [f"added {added + k}" for k in range(1, c.count + 1)]
                    added += c.count
                    rows += [-1 if c.like is None else rows[_place(table, image, ids, begin, c.like)]] * c.count
                    later += [(name, c) for name in names]
                    ids += names
                case Change() | Move():
                    _place(table, image, ids, begin, c.object)
                    later.append((c.object, c))
        left = ids[begin:] if later else ()
        todo += [(begin + left.index(name), c) for name, c in later if name in left]
        ends.append(len(ids))
    images = [image for image, _ in trials]
    return _Edit(table, np.array(rows, np.int64), images, np.array(ends, np.int64)).made(todo, ids)


def _place(table: ObjectTable, image: int, ids: list[str], begin: int, name: str) -> int:
    if name not in ids[begin:]:
        raise InputError(f"image `{table.images[image]}` has no object `{name}` to change")
    return ids.index(name, begin)


class _Edit:
    """Rows of a table, gathered for another one, of which single cells are changed."""

    def __init__(self, table: ObjectTable, rows: Ints, images: list[int], ends: Ints) -> None:
        self.table, self.images, self.ends = table, images, ends
        self.numbers: dict[str, Floats] = {}
        self.codes: dict[str, TextColumn] = {}
        self.texts: dict[str, list[str | None]] = {}  # of the columns of texts those that are written to
        for name, column in {**table.columns, "class": table.classes}.items():
            if isinstance(column, TextColumn):
                self.codes[name] = TextColumn(_gathered(column.codes, rows, -1), column.values)
            else:
                self.numbers[name] = _gathered(column, rows, np.nan)
        self.outlines = None if table.outlines is None else _outlines(table.outlines, rows)
        self.size = len(rows)

    def made(self, todo: list[tuple[int, Change | Move | Add]], ids: list[str]) -> ObjectTable:
        """The table with changes made in their order."""
        for row, c in todo:
            match c:
                case Add():
                    self.begin(row, c)
                case Change():
                    self.change(row, c.attribute, c.value)
                case Move():
                    self.move(row, c.dx, c.dy)
        columns: dict[str, ColumnData] = {name: TextColumn.of(texts) for name, texts in self.texts.items()}
        columns = {**self.numbers, **self.codes, **columns}
        classes = columns.pop("class")
        assert isinstance(classes, TextColumn)
        t = self.table
        return replace(
            t,
            images=tuple(t.images[i] for i in self.images),
            sizes=t.sizes[np.array(self.images, np.int64)].reshape(-1, 2),
            offsets=self.ends,
            classes=classes,
            ids=tuple(ids),
            columns=columns,
            outlines=self.outlines,
            places=tuple(t.places[i] for i in self.images) if t.places else (),
        )

    def write(self, row: int, name: str, text: str | None) -> None:
        """Give a cell another text."""
        if name not in self.texts:
            found = self.codes.get(name)
            self.texts[name] = [None] * self.size if found is None else found.texts()
        self.texts[name][row] = text

    def begin(self, row: int, c: Add) -> None:
        """What a new row has that the one it is like does not have."""
        self.write(row, "class", c.class_)
        if "confidence" in self.numbers:
            self.numbers["confidence"][row] = 1.0
        if COUNT in self.codes:
            self.write(row, COUNT, None)
        if c.box is not None or c.like is None:
            self.place(row, c.box or self.middle(row))
        for name, value in c.values.items():
            self.change(row, name, value)

    def box(self, row: int) -> Box | None:
        """The box of a row, None if it is not measured."""
        found = [float(self.numbers[k][row]) for k in BOX if k in self.numbers]
        return (found[0], found[1], found[2], found[3]) if len(found) == 4 and np.isfinite(found).all() else None

    def middle(self, row: int) -> Box:
        """A box in the middle of the picture of a row, a tenth as wide and high."""
        image = self.images[int(np.searchsorted(self.ends, row, side="right")) - 1]
        width, height = (float(v) if math.isfinite(v) and v > 0 else 100.0 for v in self.table.sizes[image])
        return (0.45 * width, 0.45 * height, 0.55 * width, 0.55 * height)

    def place(self, row: int, box: Box) -> None:
        """Bring a row to a box: moved, and scaled where its size is another."""
        old = self.box(row)
        if old is None:
            for name, value in zip(BOX, box, strict=True):
                self._number(name)[row] = value
            return
        self.scale(row, box[2] - box[0], box[3] - box[1])
        self.move(row, (box[0] + box[2] - old[0] - old[2]) / 2, (box[1] + box[3] - old[1] - old[3]) / 2)

    def move(self, row: int, dx: float, dy: float) -> None:
        """Move a row as a whole."""
        for name, column in self.numbers.items():
            if column.ndim == 2 and column.shape[1] == 2:
                column[row] += (dx, dy)
            elif name in AXIS:
                column[row] += (dx, dy)[AXIS[name]]
        self.points(row)[:] += (dx, dy)

    def points(self, row: int) -> Floats:
        """The points of all rings of a row, to be written to."""
        if self.outlines is None:
            return np.zeros((0, 2))
        lo, hi = self.outlines.ring_offsets[self.outlines.row_offsets[row : row + 2]].tolist()
        return self.outlines.points[lo:hi]

    def scale(self, row: int, width: float, height: float) -> None:
        """Give the box of a row another size about its middle; its outline is scaled with it."""
        box = self.box(row)
        if box is None:
            return
        old = (box[2] - box[0], box[3] - box[1])
        new = [o if math.isclose(n, o, rel_tol=1e-9) else n for n, o in zip((width, height), old, strict=True)]
        middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        for k, name in enumerate(BOX):
            if new[k % 2] != old[k % 2]:
                self.numbers[name][row] = middle[k % 2] + (new[k % 2] / 2 if k > 1 else -new[k % 2] / 2)
        points = self.points(row)
        factors = [n / o if o > 0 else 1.0 for n, o in zip(new, old, strict=True)]
        points[:] = middle + (points - middle) * factors

    def change(self, row: int, name: str, value: Setting) -> None:
        """Give a cell another value; a size that is not measured apart is that of box and outline."""
        if isinstance(value, str):
            self.write(row, name, value)
        elif name in SIZES and name not in self.numbers and isinstance(value, float):
            self._resize(row, name, value)
        else:
            self._number(name, () if isinstance(value, float) else (len(value),))[row] = value

    def _number(self, name: str, shape: tuple[int, ...] = ()) -> Floats:
        """A column of numbers, points or colours, added if missing."""
        if name not in self.numbers:
            self.numbers[name] = np.full((self.size, *shape), np.nan)
        return self.numbers[name]

    def _resize(self, row: int, name: str, value: float) -> None:
        box, value = self.box(row), max(value, 0.0)
        if box is None:
            return
        wide, high = box[2] - box[0], box[3] - box[1]
        if name in ("width", "height"):
            self.scale(row, *((value, high) if name == "width" else (wide, value)))
            return
        of_area = name.endswith("area")
        old = wide * high if of_area else math.hypot(wide, high)
        if name == "area" and self.outlines is not None and len(self.points(row)):
            first, *holes = ring_areas(self.outlines.rings(row)).tolist()
            old = first - sum(holes)
        if old > 0:
            factor = math.sqrt(value / old) if of_area else value / old
            self.scale(row, wide * factor, high * factor)
        else:  # a box without extent
            side = math.sqrt(value) if of_area else value / math.sqrt(2.0)
            self.scale(row, side, side)


def _gathered(column: Any, rows: Ints, blank: float) -> Any:
    if not len(column):
        return np.full((len(rows), *column.shape[1:]), blank, column.dtype)
    found = column[rows]
    found[rows < 0] = blank
    return found


def _outlines(outlines: Outlines, rows: Ints) -> Outlines:
    """The outlines of some rows, none for -1, with points of their own."""
    found = Outlines.of([outlines.rings(r) if r >= 0 else [] for r in rows.tolist()])
    return replace(found, points=found.points.copy())
