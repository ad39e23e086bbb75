"""Attributes of objects: what each is, and how it follows from the measured columns where it does.

A column of the table that bears the attribute's name *is* the attribute. Else the kernel, where there is
one, makes it from a box: arrays x0, y0, x1, y1 of one shape, px. The others must be measured.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.library.declare import builtin, declare
from logidsl.library.intervals import POSITIVE, SHARE, Interval

Array: TypeAlias = npt.NDArray[np.float64]

#: Attributes that follow from the box alone.
FROM_BOX = frozenset(
    ["x", "x_min", "x_max", "width", "y", "y_min", "y_max", "height", "diagonal", "box_area", "center", "area"]
)
#: Attributes that change with the direction in which an object lies, where a pixel is not square.
SLANTED = frozenset(
    ["diagonal", "length", "thickness", "perimeter", "path_length", "angle", "aspect", "roundness", "start", "end"]
)


@builtin("attribute", "x -> length x", "x", english="x")
def x(x0: Array, y0: Array, x1: Array, y1: Array) -> Array:
    """Middle of the box along x."""
    return (x0 + x1) / 2


@builtin("attribute", "x_min -> length x", "x_min", english="left edge")
def x_min(x0: Array, y0: Array, x1: Array, y1: Array) -> Array:
    """Left edge of the box."""
    return x0


@builtin("attribute", "x_max -> length x", "x_max", english="right edge")
def x_max(x0: Array, y0: Array, x1: Array, y1: Array) -> Array:
    """Right edge of the box."""
    return x1


@builtin("attribute", "width -> length x", "width", values=POSITIVE, english="width")
def width(x0: Array, y0: Array, x1: Array, y1: Array) -> Array:
    """Width of the box."""
    return x1 - x0


@builtin("attribute", "y -> length y", "y", english="y")
def y(x0: Array, y0: Array, x1: Array, y1: Array) -> Array:
    """Middle of the box along y, downwards."""
    return (y0 + y1) / 2


@builtin("attribute", "y_min -> length y", "y_min", english="upper edge")
def y_min(x0: Array, y0: Array, x1: Array, y1: Array) -> Array:
    """Upper edge of the box."""
    return y0


@builtin("attribute", "y_max -> length y", "y_max", english="lower edge")
def y_max(x0: Array, y0: Array, x1: Array, y1: Array) -> Array:
    """Lower edge of the box."""
    return y1


@builtin("attribute", "height -> length y", "height", values=POSITIVE, english="height")
def height(x0: Array, y0: Array, x1: Array, y1: Array) -> Array:
    """Height of the box."""
    return y1 - y0


@builtin("attribute", "diagonal -> length", "diagonal", values=POSITIVE, english="diagonal")
def diagonal(x0: Array, y0: Array, x1: Array, y1: Array) -> Array:
    """Length of the box's diagonal."""
    return np.hypot(x1 - x0, y1 - y0)


@builtin("attribute", "box_area -> area", "box_area", values=POSITIVE, english="box area")
def box_area(x0: Array, y0: Array, x1: Array, y1: Array) -> Array:
    """Area of the box."""
    return (x1 - x0) * (y1 - y0)


@builtin("attribute", "area -> area", "area", values=POSITIVE, english="area")
def area(x0: Array, y0: Array, x1: Array, y1: Array) -> Array:
    """Area of the outline with its holes taken out; of the box where there is no outline."""
    return (x1 - x0) * (y1 - y0)


@builtin("attribute", "center -> point", "center", english="centre")
def center(x0: Array, y0: Array, x1: Array, y1: Array) -> tuple[Array, Array]:
    """Middle of the box."""
    return (x0 + x1) / 2, (y0 + y1) / 2


for _signature, _english, _values, _doc in (
    (
        "start -> point",
        "start",
        None,
        "The end with the lesser x, then y: of an elongated part the middle of its end, else one of the two outline "
        "points farthest apart.",
    ),
    ("end -> point", "end", None, "The other end."),
    ("length -> length", "length", POSITIVE, "Long side of the smallest turned rectangle round the outline."),
    ("thickness -> length", "thickness", POSITIVE, "Short side of the smallest turned rectangle round the outline."),
    ("perimeter -> length", "perimeter", POSITIVE, "Length of the outer outline."),
    ("aspect -> ratio", "aspect", POSITIVE, "Length by thickness."),
    (
        "roundness -> ratio",
        "roundness",
        SHARE,
        "4 pi area / perimeter^2 of the outer outline, at most 1; 1 is a disc (Cox, 1927).",
    ),
    ("solidity -> ratio", "solidity", SHARE, "Area by the area of the convex hull."),
    ("holes -> count", "number of holes", POSITIVE, "Number of holes in the outline."),
    (
        "path_length -> length",
        "path length",
        POSITIVE,
        "Length along a bent part: that of a strip with the same perimeter and the same area within the outer outline.",
    ),
    (
        "skeleton_length -> length",
        "skeleton length",
        POSITIVE,
        "Length along the middle line, of a part that branches along the longest way through it; measured where it is "
        "asked for.",
    ),
    (
        "cover -> ratio",
        "cover",
        SHARE,
        "Share of the pixels for which the condition of the `blobs` holds, before any step.",
    ),
    ("angle -> angle", "angle", None, "Direction of the long axis, -90 to 90 deg, clockwise from the x axis."),
    ("color -> color", "colour", None, "Mean colour of the pixels, as a mean of CIELAB."),
    ("lightness -> ratio", "lightness", SHARE, "L of the mean colour, as a ratio."),
    ("class -> class", "class", None, "The class."),
    ("confidence -> ratio", "confidence", SHARE, "How sure the source is of the detection."),
    ("text -> text", "text", None, "What was read."),
    ("row -> count", "row", None, "Row of a cell, from 1 at the top."),
    ("col -> count", "column", None, "Column of a cell, from 1 at the left."),
    ("hue -> turn", "hue", Interval(0.0, 360.0), "Hue of HSV, of the mean colour, 0 up to 360 deg; grey has none."),
    ("saturation -> ratio", "saturation", SHARE, "Saturation of HSV, of the mean colour."),
    (
        "lab_a -> ratio",
        "a of CIELAB",
        Interval(-128.0, 128.0),
        "a of CIELAB, of the mean colour, from green (below 0) to red, about -86 to 98.",
    ),
    (
        "lab_b -> ratio",
        "b of CIELAB",
        Interval(-128.0, 128.0),
        "b of CIELAB, of the mean colour, from blue (below 0) to yellow, about -108 to 94",
    ),
    (
        "contrast -> ratio",
        "contrast",
        Interval(-1.0, 1.0),
        "Of a pixel: lightness minus its mean over a square half as wide as the picture's shorter side.",
    ),
    ("edge -> ratio", "edge strength", POSITIVE, "Of a pixel: strength of the lightness gradient."),
):
    declare("attribute", _signature, _doc, _signature.split(" ")[0], values=_values, english=_english)
