"""A `scale` whose pixels are not square: the table is converted to one unit, the px along x, before judging.

What lies along y is then a part's length and not a count of pixels: places, boxes, outlines and the height of the
picture are stretched, and what depends on a direction is measured again on the stretched outline. So a distance, a
turn or a circle is that of the part, and one factor makes mm of any length. A length of no axis that was measured
elsewhere says nothing on which way it ran: it counts as not measured.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from logidsl import ir
from logidsl.library import attribute, type_named
from logidsl.library.measure import measure_outlines, ring_length
from logidsl.library.values import Array
from logidsl.table import ColumnData, Floats, ObjectTable, Outlines
from logidsl.types import MM_PER, Type
from logidsl.verdicts import Clause

#: The outline of pixels is a staircase; its length ignores steps smaller than this, as in extraction.
SMOOTHING_PX = 1.0
NO_REPAIR = "the scale's pixels are not square: repairs need square pixels"


def stretched(program: ir.Program, table: ObjectTable) -> ObjectTable:
    """A table with all that lies along y in px along x.

    Parameters
    ----------
    program : Program
        Its scale says how many times as high as wide a pixel is.
    table : ObjectTable
        In the picture's px.

    Returns
    -------
    ObjectTable
        The same table where pixels are square. Columns that depend on a direction are there where the program
        reads them; NaN in rows without an outline.
    """
    by = program.scale.stretch if program.scale is not None else 1.0
    if by == 1.0:
        return table
    outlines = table.outlines
    if outlines is not None:
        outlines = replace(outlines, points=outlines.points * (1.0, by))
    declared = {a.name: a.type for a in program.attributes}
    columns: dict[str, ColumnData] = {}
    for name, column in table.columns.items():
        known = attribute(name)
        type_ = declared.get(name) or (type_named(known.result) if known is not None else None)
        if known is None or not known.directional:
            columns[name] = _column(name, column, type_, by)
    named = {n.attribute for n in program.nodes if isinstance(n, ir.Column)}
    read = {n for n in named if (known := attribute(n)) is not None and known.directional and not known.takes}
    if read and table.outlines is not None:
        columns |= _measured(table, table.outlines, by, read)
    return replace(table, sizes=table.sizes * (1.0, by), columns=columns, outlines=outlines)


def _column(name: str, column: ColumnData, type_: Type | None, by: float) -> ColumnData:
    """A column that does not depend on a direction."""
    if not isinstance(column, np.ndarray):
        return column
    if name in ("y0", "y1"):
        return column * by
    match type_:
        case Type(kind="point"):
            return column * (1.0, by)
        case Type(dim="area") | Type(dim="length", axis="y"):
            return column * by
        case Type(dim="length", axis=None):
            return np.full_like(column, np.nan)
        case _:
            return column


def _measured(table: ObjectTable, outlines: Outlines, by: float, read: set[str]) -> dict[str, ColumnData]:
    """Columns that depend on a direction, of the stretched outlines."""
    made: dict[str, Floats] = {
        name: np.full((len(table), 2) if name in ("start", "end") else len(table), np.nan) for name in read
    }
    around = table.columns.get("perimeter")
    rows, found, lengths = [], [], []
    for row in range(len(table)):
        rings = outlines.rings(row)
        if not rings or len(rings[0]) < 3 or not all(np.isfinite(r).all() for r in rings):
            continue
        known = float(around[row]) if isinstance(around, np.ndarray) else np.nan
        rows.append(row)
        found.append([r * (1.0, by) for r in rings])
        lengths.append(_perimeter(rings[0], known, by))
    columns = measure_outlines(found, None, np.array(lengths, np.float64))
    for name, column in made.items():
        column[rows] = columns[name]
    return dict(made)


def _perimeter(outer: Array, known_px: float, by: float) -> float:
    """Length of a stretched outline, whose unstretched length may be known more precisely than the sum of its sides."""
    plain, after = ring_length(outer), ring_length(outer * (1.0, by))
    if not known_px > 0 or abs(known_px - plain) <= 1e-6 * plain:
        return after
    import shapely

    smooth = shapely.get_coordinates(shapely.simplify(shapely.LinearRing(outer), SMOOTHING_PX))[:-1]
    return known_px * ring_length(smooth * (1.0, by)) / ring_length(smooth)


def unrepaired(clauses: list[Clause]) -> list[Clause]:
    """Findings that say why they have no repairs."""
    return [
        replace(c, repairs=((),) * len(c.images), joint=(NO_REPAIR,) * len(c.images)) if c.false else c for c in clauses
    ]


def unit_shown(program: ir.Program, dim: str | None, clause: int) -> tuple[float, str | None]:
    """The factor and unit in which numbers of a dimension are shown for a clause.

    Lengths and areas in the first unit of the clause that needs a scale; without one in px, or in mm where pixels
    are not square. Ratios in % where the clause compares with a share.
    """
    if dim == "ratio" and program.compares_with_share(clause):
        return 100.0, "%"
    if program.scale is None or dim not in ("length", "area"):
        return 1.0, dim
    unit = program.unit_below(clause)
    if program.scale.stretch == 1.0 and unit is None:
        return 1.0, dim
    unit = unit or "mm"
    per_px = program.scale.mm_per_px_x / MM_PER[unit]
    return (per_px, unit) if dim == "length" else (per_px * per_px, f"{unit}2")
