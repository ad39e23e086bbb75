"""The object table: the objects found in a batch of pictures.

Owns `ObjectTable`: one row per object, sorted by image, with an offset for each image, so that images without objects
are kept. Reads and writes CSV, JSON and Arrow as plain columns.

Coordinates are px, with the origin at the top-left corner, x to the right, y downwards. Missing measurements are NaN
(numbers) or code -1 (texts), or the whole column is absent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, NamedTuple, TypeAlias, TypedDict

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]

BOX = ("x0", "y0", "x1", "y1")
#: Column with the number of objects in a row, if not one: it cannot be an attribute's name.
COUNT = "count"
#: Its values: an object that may exist; any number of objects, including none.
PERHAPS, ANY_NUMBER = "0..1", "0.."
#: Treatment of unreadable entries: as uncertain objects, or dropped.
Unreadable: TypeAlias = Literal["keep", "skip"]
#: The class of an object of unknown class: it may belong to any.
ANY_CLASS = "?"
#: Column with the unreadable entry that an object stands for, and the error.
UNREADABLE = "unreadable"


@dataclass(frozen=True, eq=False)
class TextColumn:
    """A column of texts, kept as codes.

    Parameters
    ----------
    codes : (n,) int64
        Index of each row's text in `values`; -1 without one.
    values : tuple of str
        The different texts.
    """

    codes: Ints
    values: tuple[str, ...]

    @classmethod
    def of(cls, texts: Sequence[str | None]) -> TextColumn:
        """The column of a sequence of texts.

        Examples
        --------
        >>> TextColumn.of(["a", None, "b", "a"]).codes.tolist()
        [0, -1, 1, 0]
        """
        values = tuple(sorted({t for t in texts if t is not None}))
        place = {t: i for i, t in enumerate(values)}
        return cls(np.array([place[t] if t is not None else -1 for t in texts], np.int64), values)

    def take(self, rows: Ints) -> TextColumn:
        """The column of some rows."""
        return TextColumn(self.codes.take(rows), self.values)

    def texts(self) -> list[str | None]:
        """The texts themselves."""
        return [None if c < 0 else self.values[c] for c in self.codes.tolist()]


@dataclass(frozen=True, eq=False)
class Outlines:
    """Polygons of objects, ragged.

    Parameters
    ----------
    points : (m, 2) float64
        The vertices of all rings, x and y in px, not closed.
    ring_offsets : (r + 1,) int64
        Ring i has the points `ring_offsets[i] : ring_offsets[i + 1]`.
    row_offsets : (n + 1,) int64
        Row i has the rings `row_offsets[i] : row_offsets[i + 1]`: the outer outline first, then its holes;
        no ring where the row has no outline.
    """

    points: Floats
    ring_offsets: Ints
    row_offsets: Ints

    @classmethod
    def of(cls, rows: Sequence[Sequence[Floats]]) -> Outlines:
        """The outlines of a sequence of rows, each a sequence of rings `(k, 2)`."""
        rings = [np.asarray(ring, np.float64).reshape(-1, 2) for row in rows for ring in row]
        points = np.concatenate(rings) if rings else np.zeros((0, 2))
        return cls(
            points,
            np.concatenate([[0], np.cumsum([len(r) for r in rings])]).astype(np.int64),
            np.concatenate([[0], np.cumsum([len(r) for r in rows])]).astype(np.int64),
        )

    def rings(self, row: int) -> list[Floats]:
        """The rings of one row."""
        lo, hi = int(self.row_offsets[row]), int(self.row_offsets[row + 1])
        return [self.points[self.ring_offsets[i] : self.ring_offsets[i + 1]] for i in range(lo, hi)]

    def take(self, rows: Ints) -> Outlines:
        """The outlines of some rows."""
        return Outlines.of([self.rings(int(r)) for r in rows])


ColumnData: TypeAlias = Floats | TextColumn


class _Rows(TypedDict):
    """What an `ObjectTable` has a value of for each row."""

    classes: TextColumn
    ids: tuple[str, ...]
    columns: Mapping[str, ColumnData]
    outlines: Outlines | None


Lack: TypeAlias = Literal["", "outside", "empty", "unaligned"]


@dataclass(frozen=True, eq=False)
class PlaceValue:
    """A measurement on the pixels of one place: a cell, a region or an object.

    A value belongs to a location, not to a name: if an edited spec or a repair moves the place, no value is found,
    rather than a wrong one.

    Parameters
    ----------
    measure : str
        What was measured; see `ir.Program.measure`.
    rings : tuple of (k, 2) float64
        The place in px of the picture, not closed; a point inside has an odd number of rings round it.
    value : tuple of float
        CIELAB of a mean colour; of a share its bounds. Empty if there is none.
    lack : str
        Why there is no value: the place lies partly `outside` the picture, or is `empty` of pixels, or a background is
        `unaligned` because its frame was not found.
    words : str
        The words of the spec, for people.
    """

    measure: str
    rings: tuple[Floats, ...]
    value: tuple[float, ...] = ()
    lack: Lack = ""
    words: str = ""

    @cached_property
    def key(self) -> tuple[str, bytes]:
        """What measurements of one kind at one place have in common."""
        return self.measure, place_key([_from_least_corner(r) for r in self.rings])


def place_key(rings: Sequence[Floats]) -> bytes:
    """The corners of a place to 0.01 px."""
    return bytes(_rounded(np.concatenate([np.zeros((0, 2)), *rings])))


def _rounded(points: Floats) -> npt.NDArray[np.int64]:
    """Points in 0.01 px; the offset keeps round numbers away from rounding borders."""
    return np.floor(np.clip(points, -1e9, 1e9) * 100 + 0.2718).astype(np.int64)


def _from_least_corner(ring: Floats) -> Floats:
    """A ring from its least corner by x, then y, towards the lesser neighbour, each corner once: one order, however it
    was drawn.
    """
    corners = [(x, y) for x, y in _rounded(ring).tolist()]
    kept = [k for k, corner in enumerate(corners) if corner != corners[k - 1]] or [0] * bool(corners)
    if not kept:
        return ring
    corners = [corners[k] for k in kept]
    first = corners.index(min(corners))
    onward = corners[(first + 1) % len(kept)] <= corners[first - 1]
    order = np.arange(len(kept))
    return ring[kept][(first + order if onward else first - order) % len(kept)]


@dataclass(frozen=True)
class Covers:
    """The objects of an image that may explain pixels of a place.

    Parameters
    ----------
    sure, perhaps : tuple of int
        Rows of those that exist in every world, and in some only.
    open : bool
        Whether there may be others without a place in the table.
    """

    sure: tuple[int, ...]
    perhaps: tuple[int, ...]
    open: bool


class PlaceRequest(NamedTuple):
    """A value of a place that a program needs and the table lacks.

    Parameters
    ----------
    image : int
        Index of the picture in the table.
    asked : PlaceValue
        The measurement, without its value.
    node : int
        The node that needs it.
    covers : Covers, optional
        For `unexplained`, the objects that cover pixels.
    """

    image: int
    asked: PlaceValue
    node: int
    covers: Covers | None = None


class Problem(NamedTuple):
    """A picture or file that could not be used, and why."""

    path: str
    message: str

    @property
    def named(self) -> str:
        """The message, which says what cannot be used."""
        return self.message if self.path in self.message else f"{self.path}: {self.message}"


@dataclass(frozen=True, eq=False)
class ObjectTable:
    """Objects on a batch of images.

    Parameters
    ----------
    images : tuple of str
        Name or path of each of the N images.
    sizes : (N, 2) float64
        Width and height of each image in px; NaN where unknown.
    offsets : (N + 1,) int64
        Image i has the rows `offsets[i] : offsets[i + 1]`.
    classes : TextColumn
        Class of each of the n rows.
    ids : tuple of str
        Name of each row, unique in its image, stable.
    columns : mapping of str to array
        Measured columns: (n,) float64 for numbers, (n, 2) for points, (n, 3) for colours in CIELAB,
        `TextColumn` for texts and labels. `x0 y0 x1 y1` are the box. A text column `count` says which rows
        are uncertain: `0..1` may be there or not, `0..` stands for any number, or none. A row of the class `?` may
        belong to any class. `unreadable` names the entry of an object that could not be read.
    outlines : Outlines, optional
        Polygons of the rows.
    problems : tuple of Problem
        Files that gave no image.
    origin : (str, str or None), optional
        The input that the whole table is from, and a digest of its file, where they were asked for.
    notes : tuple of str
        What was normalised while reading, for the report.
    places : tuple of N tuples of PlaceValue
        What was measured of the pixels of places of each image; empty if no image has any.
    facts : mapping of str to tuple of N str or None
        Columns that say something of a picture, as the batch that it belongs to; None where nothing is said, or more
        than one thing. Only those that a spec asks for.
    """

    images: tuple[str, ...]
    sizes: Floats
    offsets: Ints
    classes: TextColumn
    ids: tuple[str, ...]
    columns: Mapping[str, ColumnData] = field(default_factory=dict)
    outlines: Outlines | None = None
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    origin: tuple[str, str | None] | None = None
    places: tuple[tuple[PlaceValue, ...], ...] = ()
    facts: Mapping[str, tuple[str | None, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        """The number of objects."""
        return len(self.classes.codes)

    @cached_property
    def image_index(self) -> Ints:
        """(n,) int64: the image of each row."""
        return np.repeat(np.arange(len(self.images)), np.diff(self.offsets))

    def readable(self) -> ObjectTable:
        """The table without unreadable entries, with a note of how many."""
        column = self.columns.get(UNREADABLE)
        if not isinstance(column, TextColumn) or not (column.codes >= 0).any():
            return self
        kept = column.codes < 0
        rows = np.flatnonzero(kept)
        ends = np.concatenate([[0], np.cumsum(kept)])
        gone = len(kept) - len(rows)
        return replace(
            self,
            offsets=ends[self.offsets].astype(np.int64),
            notes=(*self.notes, f"{gone} unreadable {'entry' if gone == 1 else 'entries'} skipped"),
            **self._rows(rows),
        )

    def take_rows(self, rows: Ints) -> ObjectTable:
        """The table of some rows; those of one image must stand together, images in order."""
        counts = np.bincount(self.image_index[rows], minlength=len(self.images))
        return replace(self, offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), **self._rows(rows))

    def _rows(self, rows: Ints) -> _Rows:
        return {
            "classes": self.classes.take(rows),
            "ids": tuple(self.ids[r] for r in rows),
            "columns": {k: c.take(rows) if isinstance(c, TextColumn) else c[rows] for k, c in self.columns.items()},
            "outlines": self.outlines.take(rows) if self.outlines is not None else None,
        }

    def take_image(self, index: int) -> ObjectTable:
        """The table of one image."""
        return self.take_images(np.array([index]))

    def take_images(self, index: npt.ArrayLike) -> ObjectTable:
        """The table of some images, in the order given.

        Parameters
        ----------
        index : (k,) int64
            Places of the images.
        """
        index = np.asarray(index, np.int64)
        counts = np.diff(self.offsets)[index]
        offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        rows = np.arange(int(offsets[-1])) - np.repeat(offsets[:-1] - self.offsets[index], counts)
        return ObjectTable(
            images=tuple(self.images[i] for i in index),
            sizes=self.sizes[index],
            offsets=offsets,
            problems=self.problems,
            notes=self.notes,
            places=tuple(self.places[i] for i in index) if self.places else (),
            facts={name: tuple(values[i] for i in index) for name, values in self.facts.items()},
            **self._rows(rows),
        )


def _numbers(t: ObjectTable, name: str, width: tuple[int, ...]) -> Floats:
    """A column of numbers; NaN if the table has none."""
    found = t.columns.get(name)
    return np.full((len(t), *width), np.nan) if found is None or isinstance(found, TextColumn) else found


def is_count(values: Floats) -> npt.NDArray[np.bool_]:
    """Which values are whole numbers from 0; missing values are not.

    Parameters
    ----------
    values : ndarray of float
        Of any shape, which the answer has, too.

    Examples
    --------
    >>> is_count(np.array([0.0, 2.0, 2.5, -1.0, np.inf, np.nan])).tolist()
    [True, True, False, False, False, False]
    """
    return np.asarray(np.isfinite(values) & (values >= 0) & (values == np.floor(values)))


def concatenate(tables: Sequence[ObjectTable]) -> ObjectTable:
    """Several tables joined, with images in order; a column missing in one is not measured there.

    Parameters
    ----------
    tables : sequence of ObjectTable
        May be empty, which gives the empty table.
    """
    if len(tables) == 1:
        return tables[0]
    names = list(dict.fromkeys(k for t in tables for k in t.columns))
    columns: dict[str, ColumnData] = {}
    for name in names:
        first = next(t.columns[name] for t in tables if name in t.columns)
        if isinstance(first, TextColumn):
            texts: list[str | None] = []
            for t in tables:
                c = t.columns.get(name)
                texts += c.texts() if isinstance(c, TextColumn) else [None] * len(t)
            columns[name] = TextColumn.of(texts)
        else:
            columns[name] = np.concatenate([_numbers(t, name, first.shape[1:]) for t in tables])
    outlines = None
    if any(t.outlines is not None for t in tables):
        outlines = Outlines.of([t.outlines.rings(i) if t.outlines else [] for t in tables for i in range(len(t))])
    places = any(t.places for t in tables)
    counts = np.concatenate([np.diff(t.offsets) for t in tables]) if tables else np.zeros(0, np.int64)
    return ObjectTable(
        images=tuple(i for t in tables for i in t.images),
        sizes=np.concatenate([t.sizes for t in tables]) if tables else np.zeros((0, 2)),
        offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        classes=TextColumn.of([c for t in tables for c in t.classes.texts()]),
        ids=tuple(i for t in tables for i in t.ids),
        columns=columns,
        outlines=outlines,
        problems=tuple(p for t in tables for p in t.problems),
        notes=tuple(dict.fromkeys(n for t in tables for n in t.notes)),
        places=tuple(p for t in tables for p in t.places or ((),) * len(t.images)) if places else (),
        facts={
            name: tuple(v for t in tables for v in t.facts.get(name) or (None,) * len(t.images))
            for name in dict.fromkeys(k for t in tables for k in t.facts)
        },
    )
