"""`Find`: one object that a source found, and the table of many.

Coordinates are px of the examined part, until `moved` translates them to the picture. May import `table`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from logidsl.arrays import Floats
from logidsl.extract.outlines import measured
from logidsl.extract.pixels.picture import Picture
from logidsl.extract.pixels.region_measures import measure_regions, pixel_count
from logidsl.table import BOX, ColumnData, ObjectTable, Outlines, TextColumn, concatenate


@dataclass(frozen=True, eq=False)
class Detection:
    """One object.

    Parameters
    ----------
    box : tuple of 4 float
        x0 y0 x1 y1, px.
    rings : tuple of (k, 2) float64
        Outline and holes, px; empty where only the box is known.
    confidence : float
        NaN if the source gives none.
    text : str, optional
        What was read.
    color : tuple of 3 float, optional
        Mean CIELAB.
    values : mapping of str to float or str
        What else is known of it.
    pixelwise : bool
        Whether the outline follows the pixels of a mask, as `region_rings` gives it; it is then measured as those of
        `blobs` are.
    """

    box: tuple[float, float, float, float]
    rings: tuple[Floats, ...] = ()
    confidence: float = math.nan
    text: str | None = None
    color: tuple[float, float, float] | None = None
    values: Mapping[str, float | str] = field(default_factory=dict)
    pixelwise: bool = False

    @classmethod
    def of_ring(
        cls,
        ring: Floats,
        confidence: float = math.nan,
        text: str | None = None,
        values: Mapping[str, float | str] | None = None,
    ) -> Detection:
        """An object with an outline, and its bounding box."""
        (x0, y0), (x1, y1) = ring.min(0).tolist(), ring.max(0).tolist()
        rings = (ring,) if x1 > x0 and y1 > y0 else ()
        return cls((x0, y0, x1, y1), rings, confidence, text, values=values or {})

    @property
    def center(self) -> tuple[float, float]:
        """Middle of the box."""
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2

    def moved(self, dx: float, dy: float) -> Detection:
        """The object somewhere else."""
        x0, y0, x1, y1 = self.box
        by = np.array([dx, dy])
        return replace(self, box=(x0 + dx, y0 + dy, x1 + dx, y1 + dy), rings=tuple(r + by for r in self.rings))


def table_of_finds(picture: Picture, names: Sequence[str], finds: Sequence[Detection], first: int) -> ObjectTable:
    """The table of what was found on one picture.

    Parameters
    ----------
    picture : Picture
        Where.
    names : sequence of str
        Class of each find.
    finds : sequence of Find
        In order.
    first : int
        The number that the first one gets as its id.
    """
    boxes = np.array([f.box for f in finds], np.float64).reshape(-1, 4)
    columns: dict[str, ColumnData] = {name: boxes[:, i] for i, name in enumerate(BOX)}
    confidence = np.array([f.confidence for f in finds], np.float64)
    if not np.isnan(confidence).all():
        columns["confidence"] = confidence
    if any(f.text is not None for f in finds):
        columns["text"] = TextColumn.of([f.text for f in finds])
    if any(f.color is not None for f in finds):
        color = np.array([f.color or (math.nan,) * 3 for f in finds], np.float64)
        columns |= {"color": color, "lightness": color[:, 0] / 100}
    columns |= _measured(finds) | _valued(finds)
    return ObjectTable(
        images=(picture.path,),
        sizes=np.array([[picture.width, picture.height]], np.float64),
        offsets=np.array([0, len(finds)], np.int64),
        classes=TextColumn.of(names),
        ids=tuple(str(i) for i in range(first, first + len(finds))),
        columns=columns,
        outlines=Outlines.of([f.rings for f in finds]) if any(f.rings for f in finds) else None,
    )


def nothing_on(picture: Picture) -> ObjectTable:
    """The table of a picture on which nothing was found yet."""
    notes = tuple(f"{picture.path}: {note}" for note in picture.notes)
    return replace(table_of_finds(picture, [], [], 1), notes=notes)


def _measured(finds: Sequence[Detection]) -> dict[str, ColumnData]:
    """The columns that follow from the outlines."""
    columns = measured([() if f.pixelwise else f.rings for f in finds])
    rows = [row for row, f in enumerate(finds) if f.pixelwise and f.rings]
    if rows:
        rings = [finds[row].rings for row in rows]
        areas = np.array([pixel_count(r) for r in rings])
        for name, column in (measure_regions(rings, areas) | {"area": areas}).items():
            whole = columns.setdefault(name, np.full((len(finds), *column.shape[1:]), np.nan))
            assert isinstance(whole, np.ndarray)
            whole[rows] = column
    return columns


def _valued(finds: Sequence[Detection]) -> dict[str, ColumnData]:
    columns: dict[str, ColumnData] = {}
    for name in dict.fromkeys(k for f in finds for k in f.values):
        values = [f.values.get(name) for f in finds]
        if any(isinstance(v, str) for v in values):
            columns[name] = TextColumn.of([None if v is None else str(v) for v in values])
        else:
            columns[name] = np.array([math.nan if v is None else float(v) for v in values], np.float64)
    return columns


def side_by_side(tables: Sequence[ObjectTable]) -> ObjectTable:
    """One table of one picture, of several of the same picture."""
    if len(tables) == 1:
        return tables[0]
    joined = concatenate(tables)
    return replace(
        joined,
        images=tables[0].images,
        sizes=tables[0].sizes,
        offsets=np.array([0, len(joined)], np.int64),
    )
