"""Colours of annotated objects, measured from the picture if a spec uses them and the picture exists.

May import `ir` and `table`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from logidsl.arrays import Floats, Pixels
from logidsl.diagnostics import InputError
from logidsl.extract.notes import lost_pictures
from logidsl.extract.pixels.opencv import cv2
from logidsl.extract.pixels.picture import Picture, read_picture
from logidsl.extract.pixels.pixel_values import fast_lab
from logidsl.ir import Column, Program
from logidsl.library import takes
from logidsl.table import BOX, ColumnData, ObjectTable

_SPEAKS = ("color", "lightness")


def needs_colors(program: Program) -> bool:
    """Whether a spec reads the colour of an object, not only of pixels."""
    return any(
        isinstance(n, Column) and takes(n.attribute) == "color" and i not in program.pixel_nodes.union(program.measures)
        for i, n in enumerate(program.nodes)
    )


def with_colors(table: ObjectTable, program: Program) -> ObjectTable:
    """A table with the mean colour of each object, if its source gave none.

    Parameters
    ----------
    table : ObjectTable
        Its images are named by the paths of their pictures.
    program : Program
        Pictures are read only if it uses colours.

    Returns
    -------
    ObjectTable
        With `color`: the mean in CIELAB over the pixels whose middle lies in the outline, or in the
        box where there is none. Objects without a place, and those whose picture is missing or damaged, have
        none; a note says so.
    """
    if not len(table) or any(c in table.columns for c in _SPEAKS) or not needs_colors(program):
        return table
    if not all(b in table.columns for b in BOX):
        return table
    colors = np.full((len(table), 3), np.nan)
    lost: list[str] = []
    for index in range(len(table.images)):
        rows = range(int(table.offsets[index]), int(table.offsets[index + 1]))
        if not rows:
            continue
        try:
            _measure(table, picture_of_image(table, index).bgr, rows, colors)
        except InputError as error:
            lost.append(str(error))
    columns: dict[str, ColumnData] = {**table.columns, "color": colors}  # lightness follows from it
    return replace(table, columns=columns, notes=(*table.notes, *lost_pictures("colours not measured", lost)))


def picture_of_image(table: ObjectTable, index: int) -> Picture:
    """The picture that an image of a table is named by.

    Raises
    ------
    InputError
        If the picture cannot be read, or differs in size from its annotation.
    """
    path, said = Path(table.images[index]), table.sizes[index]
    picture = read_picture(path)
    width, height = picture.width, picture.height
    if np.isfinite(said).all() and (said != [width, height]).any():
        turned = ", as before its EXIF rotation" if said.tolist() == [height, width] else ""
        raise InputError(
            f"{path} is {width} by {height} px, but its annotation is for {said[0]:g} by {said[1]:g} px{turned}"
        )
    return picture


def _measure(table: ObjectTable, bgr: Pixels, rows: range, colors: Floats) -> None:
    """Write the mean colours of one picture's objects."""
    height, width = bgr.shape[:2]
    box = np.stack([np.asarray(table.columns[b]) for b in BOX], axis=1)
    for row in rows:
        if not np.isfinite(box[row]).all():
            continue
        # a pixel belongs to a box or an outline when its middle does
        x0, y0, x1, y1 = np.rint(np.clip(box[row], 0, [width, height, width, height])).astype(int).tolist()
        part = bgr[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)]
        if not part.size:
            continue
        rings = table.outlines.rings(row) if table.outlines is not None else []
        pixels = part.reshape(-1, 3)
        if rings:
            mask = np.zeros(part.shape[:2], np.uint8)
            shifted = [np.rint((r - [x0 + 0.5, y0 + 0.5]) * 16).astype(np.int32) for r in rings]
            cv2.fillPoly(mask, shifted, 1, shift=4)
            pixels = part[mask > 0] if mask.any() else pixels
        colors[row] = fast_lab(np.ascontiguousarray(pixels)).reshape(-1, 3).mean(axis=0)
