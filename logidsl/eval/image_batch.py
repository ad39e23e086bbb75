"""The layout of rows: from the table's rows, image after image, to dense axes with the images innermost.

A batch of images is judged together. A set is a (K, N) array of row numbers, K the largest number of
members on any image of the batch and -1 beyond an image's last one. Walking it adds an axis in front;
closing a walk reduces that axis. What depends on outer walks only has fewer axes and broadcasts, so no
value is ever copied to where it is used, and the innermost axis, the images, is contiguous. Batches are
cut from images ordered by their number of objects, so that little is padded; `docs/decisions` says why
this and not flattened rows with parent indices.

This is the only module that sees the offsets of the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from logidsl.eval.stores import Store, read, taken
from logidsl.ir import Doubtful, Program
from logidsl.library.geometry import Axes, Geometry
from logidsl.library.values import Array, Ints, Mask, Num, Reasons, Set, UndefinedReason, exact, mark
from logidsl.table import ANY_CLASS, ANY_NUMBER, COUNT, PERHAPS, ObjectTable, PlaceValue, TextColumn
from logidsl.types import OBJECTS

#: Elements of the largest array in a batch, so that it stays in the cache.
BATCH_ELEMENTS = 1 << 20
_NO_ROW = np.array([-1])


@dataclass(eq=False)
class Prepared:
    """A table prepared for judging: columns with their sentinel, and each class's rows by image.

    Parameters
    ----------
    table : ObjectTable
        What to judge. Preparing costs one pass over it and may be used for any number of specs.
    """

    table: ObjectTable
    seen: ObjectTable = field(init=False)  # the same rows in px of the picture, if the table is on other axes
    store: Store = field(init=False)
    unclassed: Mask | None = field(init=False)  # (n + 1,) rows of an unknown class; None without any
    _rows: dict[tuple[str, ...], tuple[Ints, Ints]] = field(default_factory=dict)
    _columns: dict[tuple[tuple[str, ...], str], Any] = field(default_factory=dict)
    _places: dict[int, dict[tuple[str, bytes], PlaceValue]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.seen = self.table
        classes = self.table.classes
        self.unclassed = None
        if ANY_CLASS in classes.values:
            unknown = classes.codes == classes.values.index(ANY_CLASS)
            self.unclassed = np.append(unknown, False) if unknown.any() else None
            classes = TextColumn(np.where(unknown, -1, classes.codes), classes.values)
        raw = {**self.table.columns, "class": classes}
        self.store = Store(OBJECTS, {}, {}, raw, outlines=self.table.outlines)

    def measured(self, image: int) -> Mapping[tuple[str, bytes], PlaceValue]:
        """The measurements of places of an image, by measurement and place."""
        if image not in self._places:
            places = self.table.places[image] if self.table.places else ()
            self._places[image] = {p.key: p for p in places}
        return self._places[image]

    @cached_property
    def perhaps(self) -> Mask | None:
        """(n + 1,) rows that the source marks as uncertain, or whose class is; None without any."""
        counted = self._counted(PERHAPS, ANY_NUMBER)
        if counted is None or self.unclassed is None:
            return self.unclassed if counted is None else counted
        return counted | self.unclassed

    @cached_property
    def uncounted(self) -> Mask | None:
        """(n + 1,) rows that stand for any number of objects; None without any."""
        return self._counted(ANY_NUMBER)

    def _counted(self, *said: str) -> Mask | None:
        column = self.table.columns.get(COUNT)
        if not isinstance(column, TextColumn):
            return None
        chosen = np.array([v in said for v in column.values] + [False], bool)[np.append(column.codes, -1)]
        return chosen if chosen.any() else None

    def rows_of(self, classes: tuple[str, ...]) -> tuple[Ints, Ints]:
        """Rows that may be of some classes, in the table's order and with -1 at the end, and their offsets by image."""
        if classes not in self._rows:
            parts = [self._by_class[self._code_of[c]] for c in {*classes, ANY_CLASS} if c in self._code_of]
            rows = parts[0] if len(parts) == 1 else np.sort(np.concatenate(parts)) if parts else np.zeros(0, np.int64)
            self._rows[classes] = np.concatenate((rows, _NO_ROW)), rows.searchsorted(self.table.offsets)
        return self._rows[classes]

    def column_of(self, classes: tuple[str, ...], name: str) -> Any:
        """What `stores.read` gives for the rows of some classes; cached, as they lie far apart in the table."""
        if (classes, name) not in self._columns:
            self._columns[classes, name] = read(self.store, name, self.rows_of(classes)[0])
        return self._columns[classes, name]

    @cached_property
    def _code_of(self) -> dict[str, int]:
        return {name: k for k, name in enumerate(self.table.classes.values)}

    @cached_property
    def _by_class(self) -> list[Ints]:
        """The rows of each class, in the table's order."""
        codes, n = self.table.classes.codes, len(self.table.classes.values)
        order = np.argsort(codes.astype(np.uint8) if n < 256 else codes, kind="stable")  # 255 of no class
        counts = np.bincount(codes + 1, minlength=n + 1)
        counts[0] *= n >= 256
        return [order[start:end] for start, end in pairwise(np.cumsum(counts).tolist())]

    @cached_property
    def _alike(self) -> Ints:
        """(N,) a number of each image, the same where there are as many rows of each class."""
        classes, starts = self.table.classes, self.table.offsets[:-1]
        if not len(classes.codes):
            return np.zeros(len(starts), np.int64)
        weights = np.arange(1, len(classes.values) + 2) ** 5  # other classes, another sum, as good as always
        return np.add.reduceat(weights.take(classes.codes), np.minimum(starts, len(classes.codes) - 1))

    def slots(self, classes: tuple[str, ...], images: Ints) -> Set:
        """(K, N) rows of some classes on some images, -1 beyond the last, and which slots are used."""
        rows, offsets = self.rows_of(classes)
        if len(images) == 1:
            mine = rows[offsets[images[0]] : offsets[images[0] + 1], None]
            there = np.ones(mine.shape, bool)
            return Set(OBJECTS, mine, there, there)
        starts = offsets[images]
        counts = offsets[images + 1] - starts
        most = int(counts.max()) if len(counts) else 0
        slots = np.arange(most)[:, None]
        places, there = starts + slots, np.ones((most, len(images)), bool)
        if len(counts) and most != counts.min():
            there = slots < counts
            places = np.where(there, places, len(rows) - 1)
        return Set(OBJECTS, rows.take(places), there, there, part=(classes, places))

    def batches(self, widest: int, images: Ints | None = None) -> Iterator[Ints]:
        """All or some images, in batches of similar numbers of objects, given the maximum nesting of a program.

        Images with as many objects of each class are in batches of their own if there are enough: nothing is padded.
        """
        chosen = np.arange(len(self.table.images)) if images is None else images
        if len(chosen) < 2:
            yield from [chosen] * len(chosen)
            return
        counts, alike = np.diff(self.table.offsets), self._alike
        order = chosen[np.lexsort((alike[chosen], counts[chosen]))]
        total = len(order)
        combinations = np.maximum(1, counts[order]) ** min(widest, 2)
        most = np.maximum(1, BATCH_ELEMENTS // np.maximum(1, combinations // 8))
        firsts = np.flatnonzero(np.append(True, np.diff(alike[order]) != 0))
        lasts = np.append(firsts[1:], total)
        own = 2 * (lasts - firsts) >= most[firsts]
        edges = np.append(np.union1d(firsts[own], lasts[own]), total)
        start = 0
        while start < total:
            stop = min(start + int(most[start]), int(edges[np.searchsorted(edges, start, side="right")]))
            limit = 2 * int(counts[order[start]]) + 8
            stop = start + max(1, int(np.searchsorted(counts[order[start:stop]], limit, side="right")))
            if total - stop < 16:
                stop = total if combinations[-1] * (total - start) <= 4 * BATCH_ELEMENTS * 8 else stop
            yield np.sort(order[start:stop])
            start = stop


@dataclass(frozen=True)
class Kept:
    """What `keep best` keeps of a table's rows, (n + 1,) each; None if there is no such statement.

    Parameters
    ----------
    dropped : (n + 1,) bool, optional
        Rows that were dropped.
    contested : (n + 1,) bool, optional
        Rows that are kept in some worlds only: an uncertain object without a place may overlap them.
    """

    dropped: Mask | None = None
    contested: Mask | None = None


@dataclass(eq=False)
class ImageBatch:
    """A batch of images of a prepared table, with the stores that the program adds.

    Parameters
    ----------
    prepared : Prepared
        The table.
    images : (N,) int64
        Which of its images.
    kept : Kept
        What `keep best` made of the rows.
    axes : Axes, optional
        The frame that the table is said on, of each image of the table.
    """

    prepared: Prepared
    program: Program
    images: Ints
    kept: Kept = Kept()
    axes: Axes | None = None
    stores: dict[str, Store] = field(init=False)
    _sets: dict[tuple[str, ...], Set] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.stores = {OBJECTS: self.prepared.store}

    @property
    def n(self) -> int:
        """Number of images."""
        return len(self.images)

    def size(self, axis: int) -> Num:
        """Width (0) or height (1) of the images, (N,) px."""
        return self.measure(lambda *sides: sides[axis])

    def measure(self, of: Callable[[Array, Array], Array]) -> Num:
        """What is made of the widths and heights of the images, (N,)."""
        values = of(*self.prepared.table.sizes[self.images].T)
        return exact(np.nan_to_num(values), mark(np.isnan(values), UndefinedReason.NO_FRAME))

    def members(self, classes: tuple[str, ...]) -> Set:
        """The set of some classes, with the doubt from confidences; cached."""
        if classes not in self._sets:
            self._sets[classes] = self._members(classes)
        return self._sets[classes]

    def _members(self, classes: tuple[str, ...]) -> Set:
        found = self.prepared.slots(classes, self.images)
        if self.kept.dropped is not None:
            found.sure = found.maybe = found.maybe & ~self.kept.dropped[found.rows]
        if self.program.doubtful:
            found = self._doubt(found)
        for doubtful in (self.prepared.perhaps, self.kept.contested):
            if doubtful is not None:
                found.sure = found.sure & ~doubtful[found.rows]
        return found

    def read(self, of: Set, name: str) -> Any:
        """What `stores.read` gives for the members of a set."""
        if of.part is None:
            return read(self.stores[of.store], name, of.rows)
        classes, places = of.part
        return taken(self.prepared.column_of(classes, name), places)

    def surely_from(self) -> Array:
        """The confidence from which a detection is sure, by class code; -inf if its class is never doubtful."""
        return _limits(self.program.doubtful, self.prepared.table.classes)[1]

    def table_classes(self) -> TextColumn:
        """The class of each row, with a sentinel."""
        found = self.prepared.store.column("class")
        assert found is not None and isinstance(found[0], TextColumn)
        return found[0]

    def _doubt(self, whole: Set) -> Set:
        found = self.prepared.store.column("confidence")
        if found is None or not isinstance(found[0], np.ndarray):
            return whole
        confidence = np.where(found[1], 1.0, found[0]) if found[1] is not None else found[0]
        low, high = _limits(self.program.doubtful, self.prepared.table.classes)
        codes = self.table_classes().codes[whole.rows]
        values = confidence[whole.rows]
        sure, maybe = (whole.maybe & (values >= limit[codes]) for limit in (high, low))
        return compact(Set(OBJECTS, whole.rows, sure, maybe, part=whole.part))

    def fixed_cells(self, shape: Geometry, why: Reasons | None, cells: Cells, axes: Axes | None = None) -> Set:
        """The store of a grid with one copy per image, and the set of its cells, (K, N).

        `axes`: if `shape` is on axes other than the picture's. Otherwise it is divided on its own axes.
        """
        n = self.n
        box = [np.broadcast_to(v, (n,)) for v in shape.own.box]
        owner = np.full(n, -1, np.int64)
        store = self._cell_store(
            cells, box, owner, np.arange(n), None if why is None else np.broadcast_to(why > 0, (n,))
        )
        if axes is not None and axes.upright:
            store.shift(axes, len(cells))
        elif axes is not None or shape.local is not None:
            store.turn((axes or shape.own.axes).each(lambda v: np.broadcast_to(v, (n,))), len(cells))
        rows = np.arange(len(cells) * n).reshape(n, len(cells)).T
        there = np.ones(rows.shape, bool)
        return Set(f"grid:{cells.name}", np.ascontiguousarray(rows), there, there)

    def cells_of(self, owners: Set, cells: Cells) -> Set:
        """The store of a grid of each member of a set, and the set of its cells."""
        there = owners.maybe
        slot, image = np.nonzero(there)
        rows = owners.rows[slot, image]
        store = self.stores[owners.store]
        found = store.geometry(rows)
        zero = np.zeros(len(rows))
        shape, why = (Geometry(zero, zero, zero, zero), None) if found is None else found
        gone = np.ones(len(rows), bool) if found is None else None if why is None else why > 0
        made = self._cell_store(cells, shape.own.box, rows, image, gone, owners.store)
        k = len(cells)
        if shape.local is not None:
            made.turn(shape.local.axes, k)
        number = np.full(there.shape, -1, np.int64)
        number[slot, image] = np.arange(len(rows))
        padded = np.where(number[:, None] >= 0, number[:, None] * k + np.arange(k)[None, :, None], -1)
        spread = (owners.rows.shape[0] * k, self.n)
        maybe = np.repeat(there, k, axis=0)
        sure = maybe if owners.sure is owners.maybe else np.repeat(owners.sure, k, axis=0)
        return Set(f"grid:{cells.name}", padded.reshape(spread), sure, maybe)

    def _cell_store(
        self, cells: Cells, box: Sequence[Array], owner: Ints, image: Ints, gone: Mask | None, owners: str = OBJECTS
    ) -> Store:
        if cells.lost is not None:
            lost = np.broadcast_to(cells.lost, (self.n,))[image] & ~np.isnan(box[0])  # cells of nothing are empty
            gone = lost if gone is None else gone | lost
        x0, y0, x1, y1 = (v[:, None] for v in box)
        left, top, right, bottom = cells.edges(x0, y0, x1, y1, image)
        columns = {
            "x0": left,
            "y0": top,
            "x1": right,
            "y1": bottom,
            "row": np.broadcast_to(cells.row + 1.0, left.shape),
            "col": np.broadcast_to(cells.col + 1.0, left.shape),
        }
        k = len(cells)
        missing = None if gone is None or not gone.any() else np.append(np.repeat(gone, k), False)
        empty = np.append(np.isnan(left).ravel(), False)
        if missing is not None:
            empty &= ~missing
        made = self.stores[f"grid:{cells.name}"] = Store(
            f"grid:{cells.name}",
            {name: np.append(c.ravel(), 0.0) for name, c in columns.items()},
            {"x0": missing},
            open_right=np.append(np.tile(cells.col < cells.columns - 1, len(owner)), False),
            open_bottom=np.append(np.tile(cells.row < cells.rows - 1, len(owner)), False),
            owner=np.append(np.repeat(owner, k), -1),
            owners=owners,
            lack=np.where(empty, np.uint8(UndefinedReason.EMPTY), np.uint8(UndefinedReason.NO_FRAME))
            if empty.any()
            else UndefinedReason.NO_FRAME,
        )
        return made


@dataclass(eq=False)
class Cells:
    """How a grid is divided: in equal parts, or at places ((N,) arrays) along an axis.

    A place is in px, or, with `row_shares` or `column_shares`, a share of the owner's side. `lost` marks the images on
    which a place is undefined.
    """

    name: str
    rows: int
    columns: int
    row_cuts: list[Array]
    column_cuts: list[Array]
    lost: Mask | None = None
    row_shares: tuple[bool, ...] = ()
    column_shares: tuple[bool, ...] = ()

    def __len__(self) -> int:
        return self.rows * self.columns

    @property
    def row(self) -> Ints:
        """Row of each cell, from 0."""
        return np.repeat(np.arange(self.rows), self.columns)

    @property
    def col(self) -> Ints:
        """Column of each cell, from 0."""
        return np.tile(np.arange(self.columns), self.rows)

    def edges(self, x0: Array, y0: Array, x1: Array, y1: Array, image: Ints) -> tuple[Array, Array, Array, Array]:
        """Left, top, right and bottom of each cell of each owner: (owners, cells)."""
        xs = _cuts(x0, x1, self.columns, self.column_cuts, image, self.column_shares)
        ys = _cuts(y0, y1, self.rows, self.row_cuts, image, self.row_shares)
        return xs[:, self.col], ys[:, self.row], xs[:, self.col + 1], ys[:, self.row + 1]


def _cuts(low: Array, high: Array, parts: int, at: list[Array], image: Ints, shares: tuple[bool, ...]) -> Array:
    """(owners, parts + 1) borders; given places count from the start of the owner, and none lies beyond the next."""
    if not at:
        return low + (high - low) * (np.arange(parts + 1) / parts)
    places = [cut if np.ndim(cut) == 0 else cut[image][:, None] for cut in at]
    inner = [low + (p * (high - low) if share else p) for p, share in zip(places, shares, strict=True)]
    borders = np.maximum.accumulate(np.concatenate([low, *inner], axis=1), axis=1)
    return np.concatenate([np.minimum(borders, high), high], axis=1)


def _limits(doubtful: tuple[Doubtful, ...], classes: TextColumn) -> tuple[Array, Array]:
    """Lower and upper end of doubt for each class code; the last entry is for code -1, an unknown class."""
    low, high = np.full(len(classes.values) + 1, -np.inf), np.full(len(classes.values) + 1, -np.inf)
    for d in sorted(doubtful, key=lambda d: bool(d.classes)):
        if not d.classes:
            low[-1], high[-1] = d.low, d.high
        for code, name in enumerate(classes.values):
            if not d.classes or name in d.classes:
                low[code], high[code] = d.low, d.high
    return low, high


def compact(s: Set) -> Set:
    """The set without the slots where no image has a member."""
    counts = s.maybe.sum(axis=0)
    k = int(counts.max(initial=0))
    if k == s.rows.shape[0]:
        return s
    order = np.argsort(~s.maybe, axis=0, kind="stable")[:k]
    maybe = np.take_along_axis(s.maybe, order, 0)
    sure = maybe if s.sure is s.maybe else np.take_along_axis(s.sure, order, 0)
    rows = np.where(maybe, np.take_along_axis(s.rows, order, 0), -1)
    return Set(s.store, rows, sure, maybe)


def union(parts: Sequence[Set]) -> Set:
    """Members of any of the sets, each once."""
    whole = parts[0]
    for other in parts[1:]:
        same = (other.rows[:, None] == whole.rows[None]) & other.maybe[:, None] & whole.maybe[None]
        twice = same.any(axis=1)
        sure = whole.sure | (same & other.sure[:, None]).any(axis=0)
        rows = np.concatenate([whole.rows, np.where(twice, -1, other.rows)])
        maybe = np.concatenate([whole.maybe, other.maybe & ~twice])
        whole = Set(whole.store, rows, np.concatenate([sure, other.sure & ~twice]), maybe)
    exactly = all(p.sure is p.maybe for p in parts)
    return compact(Set(whole.store, whole.rows, whole.maybe if exactly else whole.sure, whole.maybe))
