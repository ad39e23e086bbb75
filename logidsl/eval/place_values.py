"""Measurements on the pixels of places: looked up in the table, and those that are missing there.

Judging has no pixels. If a program needs the colour of a cell or region, each place is drawn in px of the picture, and
the value measured there is looked up by the corners of the place. Extraction first calls `locating.wanted` and
measures; a value that depends on another is requested once that one exists.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from logidsl import ir
from logidsl.eval.eval_state import EvalState
from logidsl.eval.naming import set_named
from logidsl.eval.reading import shape_of
from logidsl.ir.digests import digest
from logidsl.library import REGISTRY
from logidsl.library.values import (
    Array,
    Ints,
    Lab,
    Mask,
    Num,
    Obj,
    Reasons,
    Shape,
    UndefinedReason,
    Value,
    first_why,
    mark,
)
from logidsl.table import BOX, Covers, PlaceRequest, PlaceValue, place_key
from logidsl.types import OBJECTS

_LACKS = {"outside": UndefinedReason.OUTSIDE, "empty": UndefinedReason.EMPTY, "unaligned": UndefinedReason.NO_FRAME}


def asked(t: EvalState, number: int) -> Iterator[PlaceRequest]:
    """The values of places that a node of `Program.measures` asks for."""
    node = t.program.nodes[number]
    assert isinstance(node, ir.Column | ir.Call)
    of = t.values[node.of if isinstance(node, ir.Column) else node.args[0]]
    for _, image, place, covers in _places(t, node, of):
        yield PlaceRequest(image, place, number, covers)


def color(t: EvalState, node: ir.Column, of: Shape | Obj) -> Value:
    """The mean colour of places, or what follows from it."""
    values, why = _looked_up(t, node, of, 3)
    if node.type.kind == "color":
        return Lab(values, why)
    made = REGISTRY["attribute", node.attribute].kernel(values)
    grey = np.isnan(made)
    made = np.where(grey, 0.0, made)
    return Num(made, made, first_why(why, mark(grey, UndefinedReason.NOT_MEASURED)))


def share(t: EvalState, node: ir.Call, of: Value) -> Num:
    """A share of the pixels of places."""
    values, why = _looked_up(t, node, of, 2)
    low, high = values[..., 0], values[..., 1]
    return Num(low, low if (low == high).all() else high, why)


def _looked_up(t: EvalState, node: ir.Node, of: Value, width: int) -> tuple[Array, Reasons | None]:
    """The values of a measurement at each place of a value, (…, width), and why some are undefined."""
    drawn = _drawn(t, of)
    values = np.zeros((*drawn.there.shape, width))
    why = np.zeros(drawn.there.shape, np.uint8) if drawn.why is None else drawn.why.copy()
    measured = np.array([bool(t.frame.prepared.measured(i)) for i in t.frame.images.tolist()], bool)
    undrawn = np.where(measured, np.uint8(UndefinedReason.NO_FRAME), np.uint8(UndefinedReason.NO_PIXELS))
    why[drawn.there] = np.broadcast_to(undrawn, why.shape)[drawn.there]
    for at, image, asked, _ in _places(t, node, of, drawn):
        known = t.frame.prepared.measured(image).get(asked.key)
        if known is None:
            why[at] = UndefinedReason.NO_PIXELS
        elif known.lack:
            why[at] = _LACKS[known.lack]
        else:
            values[at], why[at] = known.value, 0
    return values, why if why.any() else None


class _Drawn(NamedTuple):
    """Places of a value, on the axes that the batch is judged on.

    Parameters
    ----------
    there : (…, N) bool
        Where there is one.
    why : (…, N) uint8, optional
        Why a value is missing.
    shapes : (m,) shapely geometries, optional
        Of those that are there, flat; None for objects, whose place is the table's own.
    rows : (m,) int64, optional
        Of objects the rows of the table.
    """

    there: Mask
    why: Reasons | None
    shapes: npt.NDArray[np.object_] | None = None
    rows: Ints | None = None


def _drawn(t: EvalState, of: Value) -> _Drawn:
    geometry, why = shape_of(t, of)
    n = t.frame.n
    if isinstance(of, Obj):
        wide = np.broadcast_shapes(of.rows.shape, (n,))
        here = np.broadcast_to(of.rows, wide) >= 0
    else:
        wide = np.broadcast_shapes(geometry.x0.shape, geometry.y0.shape, () if why is None else why.shape, (n,))
        here = np.ones(wide, bool)
    reasons = None if why is None else np.broadcast_to(why, wide)
    there = here if reasons is None else here & (reasons == 0)
    if isinstance(of, Obj) and of.store == OBJECTS:
        return _Drawn(there, reasons, None, np.broadcast_to(of.rows, wide)[there])
    return _Drawn(there, reasons, geometry.select(there, wide))


def _places(
    t: EvalState, node: ir.Node, of: Value, drawn: _Drawn | None = None
) -> Iterator[tuple[tuple[int, ...], int, PlaceValue, Covers | None]]:
    """Each place of a value: its position, its image in the table, the measurement, and what covers pixels."""
    drawn = _drawn(t, of) if drawn is None else drawn
    where = np.argwhere(drawn.there)
    images = t.frame.images[where[:, -1]] if len(where) else np.zeros(0, np.int64)
    measure, words = t.program.measure(node), _words(t.program, node)
    rings = _object_rings(t, drawn.rows) if drawn.rows is not None else _shape_rings(t, drawn.shapes, images)
    covers: dict[int, Covers] = {}
    if isinstance(node, ir.Call) and REGISTRY["function", node.fn].after_objects and len(where):
        covers = _covers(t)
    said = {image: f"{measure} {_covered(t, c)}" for image, c in covers.items()}
    for at, image, outline in zip(where.tolist(), images.tolist(), rings, strict=True):
        if not all(np.isfinite(ring).all() for ring in outline):
            continue
        asked_ = PlaceValue(said.get(image, measure), outline, words=words)
        yield tuple(at), image, asked_, covers.get(image)


def _covers(t: EvalState) -> dict[int, Covers]:
    """The objects that may explain pixels, by image."""
    sure, perhaps = np.zeros((2, len(t.frame.prepared.seen) + 1), bool)
    for name in t.program.covering:
        found = set_named(t, name)
        sure[found.rows[found.sure]] = True
        perhaps[found.rows[found.maybe]] = True
    perhaps &= ~sure
    table = t.frame.prepared.seen
    box = [np.asarray(table.columns[k]) for k in BOX] if all(k in table.columns for k in BOX) else None
    placed: Mask = np.zeros(len(table), bool) if box is None else np.all(np.isfinite(box), axis=0)
    made = {}
    for image in t.frame.images.tolist():
        rows = np.arange(table.offsets[image], table.offsets[image + 1])
        mine = rows[(sure | perhaps)[rows]]
        there = mine[placed[mine]]
        made[image] = Covers(
            tuple(there[sure[there]].tolist()),
            tuple(there[perhaps[there]].tolist()),
            len(there) < len(mine),
        )
    return made


def _covered(t: EvalState, covers: Covers) -> str:
    """A digest of what covers pixels, independent of the order of the rows."""
    groups = [
        sorted(place_key(r).hex() for r in _object_rings(t, np.array(rows, np.int64)))
        for rows in (covers.sure, covers.perhaps)
    ]
    return digest([*groups, covers.open])


def _words(program: ir.Program, node: ir.Node) -> str:
    """The name of a measurement in a table, for people: the place of a colour, otherwise the words of the spec."""
    if not isinstance(node, ir.Column):
        return " ".join(node.span.text.split())
    of = program.nodes[node.of]
    return (of.type.domain or "").removeprefix("grid:") if of.type.kind == "object" else of.span.text


def _object_rings(t: EvalState, rows: Ints) -> list[tuple[Array, ...]]:
    """The outlines of objects as in the table, with their holes, or their boxes."""
    table = t.frame.prepared.seen
    found = []
    for row in rows.tolist():
        rings = table.outlines.rings(row) if table.outlines is not None else []
        if not rings or len(rings[0]) < 3:
            x0, y0, x1, y1 = (float(np.asarray(table.columns[k])[row]) for k in ("x0", "y0", "x1", "y1"))
            rings = [np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])]
        found.append(tuple(rings))
    return found


def _shape_rings(t: EvalState, shapes: Any, images: Ints) -> list[tuple[Array, ...]]:
    """Shapes of the batch's axes as rings in px of the picture."""
    import shapely

    axes, by = t.frame.axes, 1.0 if t.program.scale is None else t.program.scale.stretch
    parts, owner = shapely.get_parts(shapes, return_index=True)
    solid = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    rings, part = shapely.get_rings(parts[solid], return_index=True)
    owner = owner[solid][part]
    points, ring = shapely.get_coordinates(rings, return_index=True)
    if axes is not None and len(points):
        image = images[owner[ring]]
        left, top, cos, sin = (a[image] for a in (axes.x, axes.y, axes.cos, axes.sin))
        u, v = points.T
        points = np.stack([left + u * cos - v * sin, top + u * sin + v * cos], axis=1)
    points = points / (1.0, by)
    ends = np.cumsum(np.bincount(ring, minlength=len(rings)))
    found: list[list[Array]] = [[] for _ in range(len(images))]
    for number, outline in enumerate(np.split(points, ends[:-1]) if len(rings) else []):
        found[int(owner[number])].append(outline[:-1])
    return [tuple(f) for f in found]
