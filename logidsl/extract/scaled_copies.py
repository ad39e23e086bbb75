"""Looking at a smaller copy of a large picture, with everything found given in px of the original.

Lengths and areas in px of a spec refer to the original: the spec is scaled down with the copy, and the result is scaled
up again, so that judging, and readers of the table, see the original's units. Specs that depend on pixels in other ways
(sources, backgrounds, places, a lens) are rejected. May import `ir`, `library` and `table`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from logidsl.diagnostics import InputError
from logidsl.extract.pixels.header import SUFFIXES
from logidsl.extract.pixels.opencv import cv2
from logidsl.extract.pixels.picture import Picture, read_picture
from logidsl.extract.registry import see_path
from logidsl.extract.sources.blobs import see_picture
from logidsl.ir import Literal_, Node, Program, reads_picture
from logidsl.library import builtins
from logidsl.table import ColumnData, ObjectTable, Outlines
from logidsl.types import Type


def check_scalable(program: Program) -> None:
    """Check that a program finds the same in a copy as in the original, except for detail.

    Raises
    ------
    InputError
        If that is not so.
    """
    reasons = [
        ("it has no `blobs`", not program.blobs),
        (f"`{program.sources[0].name}` is found by a source" if program.sources else "", bool(program.sources)),
        ("it compares with a `background`", any(reads_picture(n) for n in program.nodes)),
        ("it measures pixels of places", bool(program.measures)),
        ("it corrects lens distortion", program.camera is not None),
    ]
    for reason, found in reasons:
        if found:
            raise InputError(f"the spec cannot be run on a scaled copy, because {reason}: remove --size")


def see_copy(program: Program, path: Path, side_px: int) -> ObjectTable:
    """The objects of a picture, found in a copy whose longer side has at most `side_px`; see `see_path`.

    Parameters
    ----------
    program : Program
        See `check_scalable`.
    path : Path
        What is not a picture, or small enough, is read as it is.
    side_px : int

    Raises
    ------
    InputError
        If the file cannot be used.
    """
    if path.suffix.lower() not in SUFFIXES or not path.is_file():
        return see_path(program, path)
    picture = read_picture(path)
    ratio = side_px / max(picture.width, picture.height)
    if ratio >= 1:
        return see_picture(program, picture)
    size = max(1, round(picture.width * ratio)), max(1, round(picture.height * ratio))
    small = np.asarray(cv2.resize(picture.bgr, size, interpolation=cv2.INTER_AREA), np.uint8)
    across, down = size[0] / picture.width, size[1] / picture.height
    table = see_picture(_scaled_program(program, (across * down) ** 0.5), picture._replace(bgr=small))
    note = f"{picture.path}: seen in a copy of {size[0]} by {size[1]} px; lengths are those of the original"
    return _enlarged(table, picture, across, down, note)


def _scaled_program(program: Program, ratio: float) -> Program:
    """The program with its lengths and areas in px of the copy."""
    nodes: list[Node] = []
    for node in program.nodes:
        if isinstance(node, Literal_) and isinstance(node.value, float | int) and not isinstance(node.value, bool):
            node = node.replaced(value=node.value * _factor(node.type, ratio))
        nodes.append(node)
    params = [
        p.replaced(value=p.value * _factor(p.type, ratio)) if isinstance(p.value, float) else p for p in program.params
    ]
    return program.replaced(nodes=tuple(nodes), params=tuple(params))


def _factor(of: Type, ratio: float) -> float:
    """What a number of a type is multiplied with."""
    return {"length": ratio, "area": ratio * ratio}.get(of.dim or "", 1.0) if of.kind == "number" else 1.0


def _enlarged(table: ObjectTable, picture: Picture, across: float, down: float, note: str) -> ObjectTable:
    """A table of a copy in px of the original."""
    attributes = builtins("attribute")
    sides = {"x0": across, "x1": across, "y0": down, "y1": down}
    powers = {"length": (across * down) ** 0.5, "area": across * down}
    columns: dict[str, ColumnData] = {}
    for name, column in table.columns.items():
        kind = attributes[name].result if name in attributes else ""
        if not isinstance(column, np.ndarray):
            columns[name] = column
        elif kind == "point":
            columns[name] = column / [across, down]
        else:
            columns[name] = column / sides.get(name, powers.get(kind, 1.0))
    outlines = table.outlines
    if outlines is not None:
        rows = [[ring / [across, down] for ring in outlines.rings(row)] for row in range(len(table))]
        outlines = Outlines.of(rows)
    sizes = np.array([[picture.width, picture.height]], np.float64)
    return replace(table, columns=columns, outlines=outlines, sizes=sizes, notes=(*table.notes, note))
