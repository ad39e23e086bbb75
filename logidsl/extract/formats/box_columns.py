"""Boxes of a table given by a corner or the centre and the sides, and columns with the size of the picture.

`x, y, width, height` alone does not define `x, y`. COCO, VIA, MATLAB and most spreadsheets mean the top-left corner,
some detection services the centre; YOLO calls that `x_center`. So the boxes decide if one reading puts them outside
their pictures; otherwise the corner is assumed, and a note says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np

from logidsl.arrays import Floats
from logidsl.extract.records import EntryError
from logidsl.extract.values import number

Row = Mapping[str, object]
_MIDDLES = (
    ("x_center", "y_center"),
    ("x_centre", "y_centre"),
    ("xcenter", "ycenter"),
    ("center_x", "center_y"),
    ("cx", "cy"),
    ("xc", "yc"),
)
_CORNERS = (
    ("left", "top"),
    ("xmin", "ymin"),
    ("x_min", "y_min"),
    ("bbox_left", "bbox_top"),
    ("bbox_x", "bbox_y"),
    ("box_x", "box_y"),
)
_SIDES = (
    ("width", "height"),
    ("w", "h"),
    ("bbox_width", "bbox_height"),
    ("bbox_w", "bbox_h"),
    ("box_width", "box_height"),
    ("box_w", "box_h"),
)
#: Columns that turn a box, or say what was measured of the object in it.
_ANGLES = ("angle", "rotation", "theta", "angle_deg", "angle_rad", "rotation_deg")
#: Columns of detectors' services, which give a box by its middle.
_SERVICES = ("detection_id", "inference_id")
_FOUR = tuple(f"{axis}{n}" for n in range(1, 5) for axis in "xy")
_BOX = ("x0", "y0", "x1", "y1")
#: Columns that may give the box, or the size of the picture, in another form.
OTHER_BOXES = frozenset([*chain.from_iterable((*_MIDDLES, *_CORNERS, *_SIDES)), *_SERVICES, *_FOUR]) - {*_BOX}
_SIZE = ("image_width", "image_height")
#: Boxes may reach so far beyond their picture without telling anything: rounding, and thick pens.
_BEYOND_PX = 2.0


def with_boxes(rows: Sequence[Row]) -> tuple[Sequence[Row], list[str]]:
    """Rows with `x0 y0 x1 y1`, and the picture's size under its own name, where other columns give them.

    Parameters
    ----------
    rows : sequence of mapping
        Values by column, under the names of the language where it has them; see `columns.own_names`.

    Returns
    -------
    rows : sequence of mapping
        The same ones where there is nothing to do.
    notes : list of str
        What was taken for what.

    Raises
    ------
    EntryError
        If boxes by a place and sides may be turned: in which unit and direction, and about which point, is not known.
        If a column `bbox` does not say of what its four numbers are.

    Examples
    --------
    >>> rows, notes = with_boxes([{"left": 1, "top": 2, "w": 3, "h": "4"}])
    >>> rows[0], notes
    ({'x0': 1.0, 'y0': 2.0, 'x1': 4.0, 'y1': 6.0}, ['boxes read from `left`, `top`, `w`, `h`'])
    """
    names = {name for row in rows for name in row}
    if "bbox" in names and not names & {*_BOX, "box", "outline"}:
        raise EntryError(
            "`bbox` may be two corners or a corner and sides: expected `box` for x0, y0, x1, y1, or columns "
            "`x, y, width, height`"
        )
    if names.issuperset(_FOUR) and "outline" not in names:
        return _quadrangles(rows), ["`x1, y1` to `x4, y4` taken as the corners of an outline"]
    if names & set(_BOX):
        return _with_size(rows, names)
    sides = next((s for s in _SIDES if names.issuperset(s)), None)
    if sides is None or "box" in names:
        return rows, []
    for pairs, middle in ((_MIDDLES, True), (_CORNERS, False)):
        for pair in pairs:
            if names.issuperset(pair):
                said = f"boxes read from `{pair[0]}`, `{pair[1]}`, `{sides[0]}`, `{sides[1]}`"
                return _boxed(rows, (*pair, *sides), middle), [said + " by their middle" * middle]
    if not names.issuperset(("x", "y")):
        return rows, []
    columns = ("x", "y", *sides)
    service = next((n for n in _SERVICES if n in names), None)
    if service is not None:
        said = f"`x`, `y` taken as the middle of `{sides[0]}`, `{sides[1]}`, as beside `{service}`"
        return _boxed(rows, columns, True), [said]
    middle, why = _is_middle(_numbers(rows, columns), _numbers(rows, _SIZE))
    said = f"`x`, `y` taken as the {'middle' if middle else 'left top corner'} of `{sides[0]}`, `{sides[1]}`: {why}"
    return _boxed(rows, columns, middle), [said]


def _is_middle(given: Floats, sizes: Floats) -> tuple[bool, str]:
    """Whether `x, y` is the middle of a box, (n, 4) as given, in pictures of (n, 2); and why."""
    corner, sides = given[:, :2], given[:, 2:]
    if ((corner - sides / 2) < -_BEYOND_PX).any():
        return False, "as the middle, boxes would begin outside of the picture"
    if (corner + sides > sizes + _BEYOND_PX).any():
        return True, "as a corner, boxes would end outside of the picture"
    return False, "call them `x_center`, `y_center` if they are the middle"


def _quadrangles(rows: Sequence[Row]) -> list[Row]:
    """Rows whose four corner points are an outline; others are kept as written, to be reported."""
    made: list[Row] = []
    for row, points in zip(rows, _numbers(rows, _FOUR).reshape(-1, 4, 2), strict=True):
        rest = {k: v for k, v in row.items() if k not in _FOUR}
        if np.isfinite(points).all():
            box = [*points.min(0).tolist(), *points.max(0).tolist()]
            made.append({**rest, "outline": points.tolist(), **dict(zip(_BOX, box, strict=True))})
        else:
            given = [row.get(c) for c in _FOUR]
            made.append({**rest, **dict(zip(_BOX, given if any(v is not None for v in given) else (), strict=False))})
    return made


def _numbers(rows: Sequence[Row], columns: Sequence[str]) -> Floats:
    """(n, columns) numbers of the rows, NaN for other values."""
    found = [[number(row.get(c)) for c in columns] for row in rows]
    return np.array(found, np.float64).reshape(len(rows), len(columns))


def _boxed(rows: Sequence[Row], columns: tuple[str, ...], middle: bool) -> list[Row]:
    angle = next((a for a in _ANGLES if any(number(row.get(a)) not in (None, 0.0) for row in rows)), None)
    if angle is not None:
        raise EntryError(
            f"the column `{angle}` may turn the boxes of `{', '.join(columns)}`: write turned ones as corners "
            "`x1, y1` to `x4, y4`, others as `x0, y0, x1, y1`"
        )
    given = _numbers(rows, columns)
    first = given[:, :2] - given[:, 2:] / 2 if middle else given[:, :2]
    boxes = np.concatenate([first, first + given[:, 2:]], axis=1)
    made: list[Row] = []
    for row, box, known in zip(rows, boxes.tolist(), np.isfinite(boxes).all(1).tolist(), strict=True):
        # values other than boxes are kept as written, to be reported
        values = box if known else [row.get(c) for c in columns]
        made.append({k: v for k, v in row.items() if k not in columns} | dict(zip(_BOX, values, strict=True)))
    return made


def _with_size(rows: Sequence[Row], names: set[str]) -> tuple[Sequence[Row], list[str]]:
    """Beside corners, `width, height` of no box, alike in each picture and round all its boxes, are its size."""
    if not names.issuperset((*_BOX, "image", "width", "height")) or names & set(_SIZE):
        return rows, []
    sizes, boxes = _numbers(rows, ("width", "height")), _numbers(rows, _BOX)
    sides = np.abs(boxes[:, 2:] - boxes[:, :2])
    beyond = np.fmax(boxes[:, :2], boxes[:, 2:]) > sizes + _BEYOND_PX
    of_image: dict[object, set[tuple[float, ...]]] = {}
    for row, size in zip(rows, sizes.tolist(), strict=True):
        of_image.setdefault(row.get("image"), set()).add(tuple(size))
    if beyond.any() or any(len(found) > 1 for found in of_image.values()):
        return rows, []
    if not (np.abs(sizes - sides) > _BEYOND_PX).any():
        return rows, []
    renamed = dict(zip(("width", "height"), _SIZE, strict=True))
    said = "`width`, `height` taken as the size of the picture, as boxes have other sides"
    return [{renamed.get(k, k): v for k, v in row.items()} for row in rows], [said]
