"""Objects of a table as a LabelMe file, to be corrected by hand and read back.

An outline without holes becomes a polygon, one with holes a mask, because LabelMe polygons have none; an object with
only a box becomes a rectangle. Reading the file gives the same boxes and outlines. May import `table`.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence

import numpy as np

from logidsl.arrays import Floats, Pixels
from logidsl.extract.pixels.opencv import cv2
from logidsl.table import BOX, ObjectTable

_VERSION = "5.5.0"  # of LabelMe's format


def to_labelme(table: ObjectTable, image: int, labels: Sequence[str | None], picture: str) -> dict[str, object]:
    """The annotation of one picture, as LabelMe keeps it.

    Parameters
    ----------
    table : ObjectTable
        The objects.
    image : int
        Place of the picture in the table.
    labels : sequence of str or None
        The label of each object of the picture; None leaves it out.
    picture : str
        Path of the picture from the folder of the annotation.

    Returns
    -------
    dict
        To be written as JSON. An object without a place is left out.
    """
    width, height = (None if math.isnan(v) else round(v) for v in table.sizes[image].tolist())
    first = int(table.offsets[image])
    shapes = [_shape(table, first + i, label) for i, label in enumerate(labels) if label is not None]
    return {
        "version": _VERSION,
        "flags": {},
        "shapes": [shape for shape in shapes if shape is not None],
        "imagePath": picture,
        "imageData": None,
        "imageHeight": height,
        "imageWidth": width,
    }


def _shape(table: ObjectTable, row: int, label: str) -> dict[str, object] | None:
    """One object; None without a position."""
    shape: dict[str, object] = {"label": label, "points": [], "group_id": None, "description": "", "flags": {}}
    rings = table.outlines.rings(row) if table.outlines is not None else []
    if len(rings) > 1:
        return shape | _mask(rings)
    if rings:
        return shape | {"points": rings[0].tolist(), "shape_type": "polygon"}
    corners = [float(np.asarray(table.columns[name])[row]) for name in BOX if name in table.columns]
    if len(corners) < 4 or not all(map(math.isfinite, corners)):
        return None
    return shape | {"points": [corners[:2], corners[2:]], "shape_type": "rectangle"}


def _mask(rings: Sequence[Floats]) -> dict[str, object]:
    """The mask of an outline with holes, as a PNG of its own."""
    mask, x0, y0 = mask_of_rings(rings)
    _, png = cv2.imencode(".png", mask * np.uint8(255))
    # LabelMe's points name the first and the last pixel of a mask.
    corners = [[float(x0), float(y0)], [float(x0 + mask.shape[1] - 1), float(y0 + mask.shape[0] - 1)]]
    return {"points": corners, "shape_type": "mask", "mask": base64.b64encode(png.tobytes()).decode("ascii")}


def mask_of_rings(rings: Sequence[Floats]) -> tuple[Pixels, int, int]:
    """The pixels whose middles lie inside an outline and outside its holes.

    An outline that follows the pixels of a mask gives that mask back.

    Parameters
    ----------
    rings : sequence of (k, 2) float64
        The outline, then its holes.

    Returns
    -------
    mask : (h, w) uint8
        1 for the object.
    left, top : int
        Its corner in the picture, px.
    """
    import shapely

    x0, y0 = np.floor(rings[0].min(0)).astype(int).tolist()
    x1, y1 = np.ceil(rings[0].max(0)).astype(int).tolist()
    area = shapely.Polygon(rings[0], rings[1:])
    shapely.prepare(area)
    across, down = np.meshgrid(np.arange(x0, x1) + 0.5, np.arange(y0, y1) + 0.5)
    return shapely.contains_xy(area, across, down).astype(np.uint8), x0, y0
