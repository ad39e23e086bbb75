"""A picture as the oracle sees it: a size, and a list of objects, each with a dict of what was measured."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from logidsl.table import BOX, ObjectTable, Outlines, TextColumn
from tests.oracle.pixels import Pixels, painted

Measured: TypeAlias = float | str | tuple[float, ...] | None
Ring: TypeAlias = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Thing:
    """One object: class, box (None where not measured), measured columns, rings of the outline.

    `contested` says whether `keep` leaves it open; `framed` is False where the spec has a frame and the picture none.
    """

    name: str
    cls: str
    box: tuple[float, float, float, float] | None
    columns: dict[str, Measured] = field(default_factory=dict)
    outline: tuple[Ring, ...] = ()
    contested: bool = False
    framed: bool = True

    @property
    def lack(self) -> str:
        """Why what is missing of it is undefined."""
        return "not measured" if self.framed else "no frame"


@dataclass(frozen=True)
class Picture:
    """One image: width and height in px (None where unknown), its objects in the table's order, pixels if at hand."""

    name: str
    width: float | None
    height: float | None
    things: tuple[Thing, ...] = ()
    pixels: Pixels | None = None


def pictures_of(table: ObjectTable) -> list[Picture]:
    """The pictures of a table, read cell by cell."""
    found = []
    texts = {k: c.texts() for k, c in table.columns.items() if isinstance(c, TextColumn)}
    classes = table.classes.texts()
    for i, name in enumerate(table.images):
        things = []
        for row in range(int(table.offsets[i]), int(table.offsets[i + 1])):
            columns = {k: _cell(table, k, row, texts) for k in table.columns if k not in BOX}
            sides = [_cell(table, k, row, texts) if k in table.columns else None for k in BOX]
            box = tuple(s for s in sides if isinstance(s, float))
            rings = table.outlines.rings(row) if table.outlines is not None else []
            outline = tuple(tuple((float(x), float(y)) for x, y in ring) for ring in rings)
            things.append(
                Thing(
                    table.ids[row],
                    classes[row] or "",
                    (box[0], box[1], box[2], box[3]) if len(box) == 4 else None,
                    columns,
                    outline,
                )
            )
        width, height = (None if math.isnan(v) else float(v) for v in table.sizes[i])
        seen = painted(name, width, height) if table.places and table.places[i] and width and height else None
        found.append(Picture(name, width, height, tuple(things), seen))
    return found


def _cell(table: ObjectTable, name: str, row: int, texts: dict[str, list[str | None]]) -> Measured:
    if name in texts:
        return texts[name][row]
    value = np.asarray(table.columns[name])[row]
    if np.isnan(value).any():
        return None
    return float(value) if value.ndim == 0 else tuple(float(v) for v in value)


def table_of(pictures: list[Picture], columns: dict[str, int]) -> ObjectTable:
    """The table of some pictures.

    `columns` says which columns there are and how wide: 1 for a number, 2 a point, 3 a colour, 0 a text.
    """
    things = [t for p in pictures for t in p.things]
    made: dict[str, np.ndarray | TextColumn] = {}
    for name, width in columns.items():
        cells = [t.columns.get(name) for t in things]
        if width == 0:
            made[name] = TextColumn.of([c if isinstance(c, str) else None for c in cells])
        elif width == 1:
            made[name] = np.array([c if isinstance(c, float) else np.nan for c in cells], np.float64)
        else:
            empty = (np.nan,) * width
            rows = [c if isinstance(c, tuple) else empty for c in cells]
            made[name] = np.array(rows, np.float64).reshape(-1, width)
    for k, side in enumerate(BOX):
        made[side] = np.array([np.nan if t.box is None else t.box[k] for t in things], np.float64)
    outlines = None
    if any(t.outline for t in things):
        outlines = Outlines.of([[np.array(ring) for ring in t.outline] for t in things])
    unknown = math.nan
    sizes = [[unknown if v is None else v for v in (p.width, p.height)] for p in pictures]
    return ObjectTable(
        images=tuple(p.name for p in pictures),
        sizes=np.array(sizes, np.float64).reshape(-1, 2),
        offsets=np.concatenate([[0], np.cumsum([len(p.things) for p in pictures])]).astype(np.int64),
        classes=TextColumn.of([t.cls for t in things]),
        ids=tuple(t.name for t in things),
        columns=made,
        outlines=outlines,
    )
