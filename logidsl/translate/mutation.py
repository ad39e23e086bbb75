"""Random tables, to find vacuous rules.

`mutated` makes bad pictures from good ones: objects are removed, duplicated, or change class, position, size, colour
and labels. `invented` makes pictures of a program's classes from scratch, if there is no good one. Both depend only on
the seed. Coordinates in px.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from logidsl import ir
from logidsl.library import builtins, type_named
from logidsl.library.intervals import SHARE
from logidsl.library.measure import POINTS
from logidsl.scenes import table_of_boxes
from logidsl.table import BOX, ColumnData, Floats, Ints, ObjectTable, Outlines, TextColumn

_OUTLINED = {
    name: type_.dim
    for name, entry in builtins("attribute").items()
    if entry.outlined and (type_ := type_named(entry.result)) is not None
}
#: How a column scales with the size of its object.
_POWERS = {name: power for name, dim in _OUTLINED.items() if (power := {"length": 1, "area": 2}.get(dim or ""))}
_KEPT = frozenset([*BOX, *_POWERS, *(name for name, dim in _OUTLINED.items() if dim == "count")])
_SHARES = frozenset(name for name, entry in builtins("attribute").items() if entry.values is SHARE)
_STRANGE = "another"
SIDE_PX = 1000.0


def mutated(table: ObjectTable, n: int, seed: int = 0) -> ObjectTable:
    """Pictures made of the pictures of a table.

    Parameters
    ----------
    table : ObjectTable
        At least one image.
    n : int
        How many to make.
    seed : int
        The same seed makes the same pictures.
    """
    rng = np.random.default_rng(seed)
    rows = [_chosen(table, int(rng.integers(len(table.images))), rng) for _ in range(n)]
    return _changed(_gathered(table, [r for r, _ in rows], [k for _, k in rows]), rng)


def _chosen(table: ObjectTable, image: int, rng: np.random.Generator) -> tuple[Ints, int]:
    """Rows of an image: some removed, some duplicated, some from elsewhere."""
    own = np.arange(table.offsets[image], table.offsets[image + 1], dtype=np.int64)
    what = rng.random()
    if what < 0.05:
        return own[:0], image
    if what < 0.35:
        own = own[rng.random(len(own)) >= rng.uniform(0, 1)]
    elif what < 0.45 and len(own):
        own = np.delete(own, rng.integers(len(own)))
    if rng.random() < 0.4 and len(table):
        more = rng.integers(len(table), size=int(rng.integers(1, 4)))
        own = np.concatenate([own, more])
    return own, image


def _gathered(table: ObjectTable, rows: list[Ints], images: list[int]) -> ObjectTable:
    """The table of the rows chosen for each image."""
    index = np.concatenate(rows) if rows else np.zeros(0, np.int64)
    counts = np.array([len(r) for r in rows], np.int64)
    return ObjectTable(
        images=tuple(f"random {k + 1}" for k in range(len(rows))),
        sizes=table.sizes[np.array(images, np.int64)],
        offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        classes=table.classes.take(index),
        ids=tuple(str(i + 1) for c in counts.tolist() for i in range(c)),
        columns={k: c.take(index) if isinstance(c, TextColumn) else c[index] for k, c in table.columns.items()},
        outlines=table.outlines.take(index) if table.outlines is not None else None,
    )


def _changed(table: ObjectTable, rng: np.random.Generator) -> ObjectTable:
    """The table with other classes, positions, sizes and values, each in part of the images."""
    n, image = len(table), table.image_index
    count = len(table.images)

    def some(images: float, rows: float = 0.5) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        return (rng.random(count) < images)[image] & (rng.random(n) < rows)

    codes = table.classes.codes.copy()
    swap = some(0.3)
    codes[swap] = rng.integers(len(table.classes.values), size=int(swap.sum()))
    size = np.nan_to_num(table.sizes[image], nan=SIDE_PX)
    shift = np.where(some(0.5)[:, None], rng.normal(0, 0.3, (n, 2)) * size, 0.0)
    shift += np.where(some(0.3)[:, None], rng.normal(0, 0.03, (n, 2)) * size, 0.0)
    factor = np.where(some(0.5), np.exp(rng.normal(0, 0.7, n)), 1.0)
    columns = dict(_placed(table, shift, factor))
    for name, column in table.columns.items():
        hit = some(0.4)
        if isinstance(column, TextColumn):
            columns[name] = _relabelled(column, hit, rng)
        elif name in _POWERS:
            stretched = column * factor ** _POWERS[name]
            columns[name] = np.where(hit & some(0.5), column * np.exp(rng.normal(0, 0.5, n)), stretched)
        elif name in POINTS:
            ends = some(0.3)[:, None] * rng.normal(0, 0.1, (n, 2)) * size
            columns[name] = np.asarray(columns[name]) + ends
        elif name not in _KEPT:
            columns[name] = _shaken(name, column, hit, rng)
    classes = TextColumn(codes, table.classes.values)
    return replace(table, classes=classes, columns=columns, outlines=_moved(table, shift, factor))


def _centers(table: ObjectTable) -> Floats:
    x0, y0, x1, y1 = (np.asarray(table.columns[k]) for k in BOX)
    return np.stack([(x0 + x1) / 2, (y0 + y1) / 2], axis=1)


def _placed(table: ObjectTable, shift: Floats, factor: Floats) -> dict[str, ColumnData]:
    """All columns, with boxes and points moved, and scaled about the centre of the box."""
    columns = dict(table.columns)
    if not all(k in columns for k in BOX):
        return columns
    center = _centers(table)
    for name in (*BOX, *POINTS):
        column = columns.get(name)
        if isinstance(column, np.ndarray):
            axis = slice(None) if column.ndim == 2 else 0 if name.startswith("x") else 1
            scale = factor[:, None] if column.ndim == 2 else factor
            middle = center[:, axis]
            columns[name] = middle + (column - middle) * scale + shift[:, axis]
    return columns


def _moved(table: ObjectTable, shift: Floats, factor: Floats) -> Outlines | None:
    """The outlines, moved and scaled like their boxes."""
    if table.outlines is None or not all(k in table.columns for k in BOX):
        return table.outlines
    old, center = table.outlines, _centers(table)
    per_ring = np.repeat(np.arange(len(table)), np.diff(old.row_offsets))
    row = np.repeat(per_ring, np.diff(old.ring_offsets))
    points = center[row] + (old.points - center[row]) * factor[row, None] + shift[row]
    return Outlines(points, old.ring_offsets, old.row_offsets)


def _relabelled(
    column: TextColumn, hit: np.ndarray[tuple[int], np.dtype[np.bool_]], rng: np.random.Generator
) -> TextColumn:
    """A text column with other texts, including one that does not occur."""
    values = (*column.values, _STRANGE)
    codes = column.codes.copy()
    codes[hit] = rng.integers(len(values), size=int(hit.sum()))
    return TextColumn(codes, values)


def _shaken(
    name: str, column: Floats, hit: np.ndarray[tuple[int], np.dtype[np.bool_]], rng: np.random.Generator
) -> Floats:
    """A column of numbers or colours with other values."""
    n = len(column)
    if column.ndim == 2 and column.shape[1] == 3:
        other = np.stack([rng.uniform(0, 100, n), rng.uniform(-80, 80, n), rng.uniform(-80, 80, n)], axis=1)
        return np.where(hit[:, None], other, column)
    if column.ndim == 2:
        return np.where(hit[:, None], column + rng.normal(0, 100, column.shape), column)
    if name == "angle":
        return np.where(hit, rng.uniform(-90, 90, n), column)
    factor = np.exp(rng.normal(0, 1, n))
    wide = np.where(rng.random(n) < 0.3, rng.permutation(column) if n else column, column * factor)
    return np.where(hit, np.minimum(wide, 1.0) if name in _SHARES else wide, column)


def invented(program: ir.Program, n: int, seed: int = 0) -> ObjectTable:
    """Pictures of a program's classes, made of boxes.

    Parameters
    ----------
    program : Program
        Says which classes, colours, attributes and texts there are.
    n : int
        How many to make.
    seed : int
        The same seed makes the same pictures.
    """
    rng = np.random.default_rng(seed)
    names = [c.name for c in program.classes]
    # from nearly empty pictures to crowded ones, some with one class only
    per_class = rng.integers(0, 1 + rng.integers(1, 9, size=(n, 1)), size=(n, len(names)))
    per_class[rng.random(per_class.shape) < 0.2] = 0
    counts = per_class.sum(axis=1)
    codes = np.concatenate([np.repeat(np.arange(len(names)), row) for row in per_class]) if n else np.zeros(0, np.int64)
    total = int(counts.sum())
    center = rng.uniform(0, SIDE_PX, (total, 2))
    half = np.exp(rng.normal(3.4, 1.2, (total, 1)) + rng.normal(0, 0.5, (total, 2)))
    classes = TextColumn(codes.astype(np.int64), tuple(names))
    images = [f"random {k + 1}" for k in range(n)]
    boxes = np.concatenate([center - half, center + half], axis=1)
    table = table_of_boxes(images, np.full((n, 2), SIDE_PX), counts.tolist(), classes, boxes)
    return replace(table, columns={**table.columns, **_invented_values(program, total, rng)})


def _invented_values(program: ir.Program, n: int, rng: np.random.Generator) -> dict[str, ColumnData]:
    """Colours near those of the program and others, and values of its attributes."""
    labs = np.array([c.lab for c in program.colors] or [(50.0, 0.0, 0.0)])
    near = labs[rng.integers(len(labs), size=n)] + rng.normal(0, 3, (n, 3))
    far = np.stack([rng.uniform(0, 100, n), rng.uniform(-80, 80, n), rng.uniform(-80, 80, n)], axis=1)
    color = np.where(rng.random((n, 1)) < 0.6, near, far)
    columns: dict[str, ColumnData] = {"color": color, "lightness": color[:, 0] / 100, "confidence": np.ones(n)}
    words = sorted({str(x.value) for x in program.nodes if isinstance(x, ir.Literal_) and isinstance(x.value, str)})
    columns["text"] = _texts([*words, _STRANGE], n, rng)
    for attribute in program.attributes:
        if attribute.labels:
            columns[attribute.name] = _texts(attribute.labels, n, rng)
        elif attribute.type.kind == "text":
            columns[attribute.name] = _texts([*words, _STRANGE], n, rng)
        elif attribute.type.kind == "color":
            columns[attribute.name] = rng.permutation(color)
        elif attribute.type.kind == "point":
            columns[attribute.name] = rng.uniform(0, SIDE_PX, (n, 2))
        else:
            columns[attribute.name] = np.exp(rng.normal(2, 2, n))
    return columns


def _texts(values: list[str] | tuple[str, ...], n: int, rng: np.random.Generator) -> TextColumn:
    return TextColumn(rng.integers(len(values), size=n).astype(np.int64), tuple(values))
