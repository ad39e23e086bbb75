"""Random tables: a few pictures of a few objects each, on a coarse lattice, so that ties and touching boxes abound."""

from __future__ import annotations

from dataclasses import replace

from logidsl.table import ObjectTable
from tests.oracle.picture import Measured, Picture, Ring, Thing, table_of
from tests.oracle.shapes import lab_of_hex
from tests.proof.choices import Choices

#: Classes of the tables; the last is one that no spec declares.
CLASSES = ("bolt", "nut", "washer", "tray", "stranger")
#: Labels of the attribute `kind`; the last is one that no spec declares.
KINDS = ("cherry", "banana", "orange", "plum")
#: Colours that specs name, and near ones.
COLORS = {"red": "#a82a24", "blue": "#2c4fa3", "yellow": "#d9b32a"}
SHADES = (*COLORS.values(), "#a83030", "#7a7a20", "#000000", "#ffffff", "#808080", "#6a3d64")

CODES = ("73513537", "79927398713", "G123489654321Y", "0000-0002-1694-233X")
DAYS = ("2026-11-29", "30.11.2026", "29.02.2025", "29.02.28", "03/28")

#: Columns that may be measured: how wide, and values.
COLUMNS: dict[str, tuple[int, tuple[Measured, ...]]] = {
    "length": (1, (10.0, 20.0, 30.0, 40.0)),
    "thickness": (1, (5.0, 10.0, 20.0)),
    "path_length": (1, (10.0, 30.0, 50.0)),
    "cover": (1, (0.5, 0.75, 1.0)),
    "perimeter": (1, (40.0, 60.0, 90.0)),
    "area": (1, (100.0, 200.0, 400.0)),
    "aspect": (1, (1.0, 1.5, 2.0)),
    "roundness": (1, (0.5, 0.8, 1.0)),
    "solidity": (1, (0.5, 1.0)),
    "holes": (1, (0.0, 1.0, 2.0)),
    "angle": (1, (-80.0, -45.0, 0.0, 45.0, 80.0)),
    "lightness": (1, (0.25, 0.5, 0.75)),
    "mass": (1, (-1.5, 0.0, 0.5, 2.0)),
    "teeth": (1, (0.0, 1.0, 2.0, 3.0, 2.5, -1.0)),
    "lead": (1, (5.0, 15.0, 25.0)),
    "pad": (1, (50.0, 100.0)),
    "tilt": (1, (-60.0, 0.0, 60.0)),
    "heading": (1, (-170.0, 10.0, 100.0, 200.0, 355.0)),
    "confidence": (1, (0.1, 0.3, 0.45, 0.6, 0.9, 1.0)),
    "start": (2, ((10.0, 10.0), (20.0, 40.0), (50.0, 50.0))),
    "end": (2, ((30.0, 10.0), (60.0, 40.0), (90.0, 50.0))),
    "spot": (2, ((0.0, 0.0), (40.0, 30.0), (50.0, 50.0))),
    "tint": (3, tuple(lab_of_hex(h) for h in SHADES)),
    "color": (3, tuple(lab_of_hex(h) for h in SHADES)),
    "kind": (0, KINDS),
    "text": (
        0,
        (
            "A1",
            "B2",
            "",
            "2",
            "-1.5",
            "73513537",
            "79927398713",
            "G123489654321Y",
            "0000-0002-1694-233X",
            "2026-11-29",
            "30.11.2026",
            "29.02.2025",
            "29.02.28",
            "03/28",
        ),
    ),
    "code": (0, ("A1", "C3", "B", "794623")),
}
SIZES: tuple[tuple[float | None, float | None], ...] = (
    (100.0, 100.0),
    (100.0, 100.0),
    (100.0, 100.0),
    (120.0, 80.0),
    (200.0, 150.0),
    (None, None),
)


def table(choose: Choices, most_images: int = 6, most_objects: int = 8) -> ObjectTable:
    """A table; its pictures as the oracle sees them are `pictures_of` it."""
    measured = {name: width for name, (width, _) in COLUMNS.items() if choose.chance(60)}
    outlines = choose.chance(30)
    missing = choose.pick([0, 0, 10])
    pictures = []
    for k in range(choose.below(most_images + 1)):
        things: list[Thing] = []
        for i in range(choose.below(most_objects + 1)):
            if things and choose.chance(15):
                things.append(replace(choose.pick(things), name=f"o{i}"))
            else:
                things.append(_thing(choose, f"o{i}", measured, outlines, missing))
        width, height = choose.pick(SIZES)
        pictures.append(Picture(f"p{k}", width, height, tuple(things)))
    if choose.chance(10):  # entries that could not be read
        pictures = [replace(p, things=tuple(_unread(choose, t) for t in p.things)) for p in pictures]
        measured["count"] = 0
    return table_of(pictures, measured)


def _unread(choose: Choices, thing: Thing) -> Thing:
    """An object, or now and then an uncertain one: without a place, of its class or of an unknown one."""
    if not choose.chance(15):
        return thing
    cls = "?" if choose.chance(40) else thing.cls
    return Thing(thing.name, cls, None if choose.chance(80) else thing.box, {"count": "0..1"})


def _thing(choose: Choices, name: str, measured: dict[str, int], outlines: bool, missing: int) -> Thing:
    x, y = 10.0 * choose.below(9), 10.0 * choose.below(9)
    width, height = (float(choose.pick([10, 20, 30, 10, 40, 0] if choose.chance(20) else [10, 20, 30])) for _ in "xy")
    box = (x, y, x + width, y + height)
    columns: dict[str, Measured] = {}
    for column in measured:
        empty = choose.chance(missing)
        columns[column] = None if empty else choose.pick(COLUMNS[column][1])
    outline = _outline(choose, box) if outlines and choose.chance(60) else ()
    there = None if missing and choose.chance(8) else box
    return Thing(name, choose.pick(CLASSES[:4] if choose.chance(93) else CLASSES), there, columns, outline)


def _outline(choose: Choices, box: tuple[float, float, float, float]) -> tuple[Ring, ...]:
    """Rings that span the box: a triangle, an octagon, a frame with a hole, or too few points to be any."""
    x0, y0, x1, y1 = box
    if x0 == x1 or y0 == y1:
        return ()
    a, b = (x1 - x0) / 5, (y1 - y0) / 5
    rectangle = ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
    upper = ((x0, y0 + b), (x0 + a, y0), (x1 - a, y0), (x1, y0 + b))
    octagon = (*upper, (x1, y1 - b), (x1 - a, y1), (x0 + a, y1), (x0, y1 - b))
    hole = ((x0 + a, y0 + b), (x1 - a, y0 + b), (x1 - a, y1 - b), (x0 + a, y1 - b))
    triangle = ((x0, y1), (x1, y1), (x0 + a, y0))
    return choose.pick([(triangle,), (octagon,), (rectangle, hole), (octagon, hole), (rectangle[:2],)])
