"""Column names of other tools, and the language's names for them.

`xmin`, `x_min`, `left` are `x0`; ultralytics counts corners from 1; `class` may be a number and the name stand in
`name` or `class_name`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from logidsl.table import BOX

#: In the order of `x0 y0 x1 y1`.
_CORNERS = (
    ("xmin", "ymin", "xmax", "ymax"),
    ("x_min", "y_min", "x_max", "y_max"),
    ("left", "top", "right", "bottom"),
    ("x1", "y1", "x2", "y2"),
    ("xtl", "ytl", "xbr", "ybr"),
    ("bbox_xmin", "bbox_ymin", "bbox_xmax", "bbox_ymax"),
    ("bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2"),
    ("column1", "row1", "column2", "row2"),
)
_NAMES = ("class_name", "label", "category_name", "category", "name", "class_label")
_PICTURES = ("path", "file", "file_name", "filename", "image_path", "image_name", "img")
#: Columns that number pictures: used as their names if there is no other.
_FRAMES = ("frame_number", "frame_index", "frame_id", "frame", "image_id")
_SCORES = ("score", "conf", "probability")
#: The own names, and what others call them.
_OWN: dict[tuple[str, ...], Sequence[tuple[str, ...]]] = {
    BOX: _CORNERS,
    ("image",): [(name,) for name in (*_PICTURES, *_FRAMES)],
    ("class",): [(name,) for name in _NAMES],
    ("confidence",): [(name,) for name in _SCORES],
    ("image_width", "image_height"): (("img_width", "img_height"), ("width_px", "height_px")),
}


_PX = re.compile(r"\s*[\[(]px[\])]$")
#: Columns that are called as the language does, but for their unit.
_PLAIN_PX = (*BOX, "x", "y", "width", "height")
_UNIT = re.compile(r"(.+?)[\s_]*[\[(]?(?<![a-z])(mm|cm|um|µm|in|inch|mil|m|%)[\])]?")
#: Columns of boxes.
BOX_COLUMNS = frozenset(
    [*_PLAIN_PX, *(name for corners in _CORNERS for name in corners), "cx", "cy", "x_center", "y_center"]
)


def in_other_unit(name: str) -> str | None:
    """The unit in the name of a column of boxes, where that is not px.

    Examples
    --------
    >>> in_other_unit("x0 [mm]"), in_other_unit("left_mm"), in_other_unit("x0"), in_other_unit("weight_mm")
    ('mm', 'mm', None, None)
    """
    found = _UNIT.fullmatch(name.strip())
    return found[2] if found and found[1] in BOX_COLUMNS else None


def unit_of(text: str) -> str | None:
    """The unit that a cell is, in place of a value.

    Examples
    --------
    >>> unit_of("[mm]"), unit_of("px"), unit_of("12"), unit_of("bolt")
    ('mm', 'px', None, None)
    """
    found = re.fullmatch(r"[\[(]?(px|pixels?|mm|cm|um|µm|in|inch|mil|m|%)[\])]?", text.strip(), re.IGNORECASE)
    return found[1] if found else None


def own_names(found: Sequence[str]) -> dict[str, str]:
    """Which columns are to be called otherwise: only where the own name is not there.

    Parameters
    ----------
    found : sequence of str
        Names of columns.

    Returns
    -------
    dict of str to str
        Own name by the name found.

    Examples
    --------
    >>> own_names(["file_name", "xmin", "ymin", "xmax", "ymax", "score", "class", "name"])
    {'xmin': 'x0', 'ymin': 'y0', 'xmax': 'x1', 'ymax': 'y1', 'file_name': 'image', 'score': 'confidence'}
    """
    plain = {_PX.sub("", name.strip()): name for name in reversed(found)}
    renamed = {plain[own]: own for own in _PLAIN_PX if own in plain and own not in found and _PX.search(plain[own])}
    is_outline = {"x3", "y3", "x4", "y4"} <= set(plain)
    for own, others in _OWN.items():
        if not set(own[:2]) & set(plain) and not (is_outline and own == BOX):
            there = next((names for names in others if all(n in plain for n in names)), ())
            renamed |= {plain[name]: name_ for name, name_ in zip(there, own, strict=False)}
    return renamed


def missing_corner(found: Sequence[str]) -> tuple[str, str] | None:
    """The one column that a box in another tool's names lacks, and our name for it; None if none is similar.

    Examples
    --------
    >>> missing_corner(["image", "class", "left", "top", "right", "bottm"])
    ('bottom', 'y1')
    >>> missing_corner(["image", "class", "left", "right"])
    """
    plain = {name.strip() for name in found}
    for corners in _CORNERS:
        lacking = [(c, own) for c, own in zip(corners, BOX, strict=True) if c not in plain]
        if len(lacking) == 1 and lacking[0][1] not in plain:
            return lacking[0]
    return None


def named_classes(rows: Sequence[Mapping[str, object]]) -> str | None:
    """The column with class names if `class` only has numbers; None if `class` is the name.

    Examples
    --------
    >>> named_classes([{"class": 2, "name": "car"}]), named_classes([{"class": "car", "name": "a"}])
    ('name', None)
    """
    if not rows or not all(_is_number(r.get("class")) for r in rows):
        return None
    return next((n for n in _NAMES if all(isinstance(r.get(n), str) and not _is_number(r[n]) for r in rows)), None)


def _is_number(value: object) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, int | float) or (isinstance(value, str) and value.isascii() and value.strip().isdigit())
