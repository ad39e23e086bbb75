"""Attributes of objects: their meaning, and how they follow from the measured columns.

A column of the table with the attribute's name *is* the attribute. Otherwise the kernel, if there is one, computes it
from a `Geometry` or a mean colour. The others must be measured.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.library import color, geometry
from logidsl.library.declare import REGISTRY, declare
from logidsl.library.geometry import Geometry
from logidsl.library.intervals import POSITIVE, SHARE, Interval

Array: TypeAlias = npt.NDArray[np.float64]

_SHAPED = ("objects", "cells", "places")
_COLOURED = (*_SHAPED, "pixels")
_PIXELS = "logidsl.extract.pixels.pixel_values"


def _attribute(signature: str, english: str, doc: str, **facets: Any) -> None:
    declare("attribute", signature, doc, signature.partition(" ")[0], english=english, **facets)


def _of_box(signature: str, english: str, doc: str, kernel: Callable[[Geometry], object], **facets: Any) -> None:
    _attribute(signature, english, doc, kernel=kernel, of=_SHAPED, **{"takes": "box"} | facets)


def _of_outline(signature: str, english: str, doc: str, **facets: Any) -> None:
    _attribute(signature, english, doc, outlined=True, **facets)


def _of_color(signature: str, english: str, doc: str, kernel: Callable[[Array], Array], **facets: Any) -> None:
    _attribute(signature, english, doc, kernel=kernel, takes="color", of=_COLOURED, **facets)


_of_box(
    "x -> length x",
    "x",
    "Middle of the box along x.",
    lambda g: g.center[0],
    brief="Of the upright box; `x` is its middle",
    coordinate=True,
)
_of_box("x_min -> length x", "left edge", "Left edge of the box.", lambda g: g.x0, brief="", coordinate=True)
_of_box("x_max -> length x", "right edge", "Right edge of the box.", lambda g: g.x1, brief="", coordinate=True)
_of_box("width -> length x", "width", "Width of the box.", lambda g: g.x1 - g.x0, brief="", values=POSITIVE)
_of_box(
    "y -> length y",
    "y",
    "Middle of the box along y, downwards.",
    lambda g: g.center[1],
    brief="The same, downwards",
    coordinate=True,
)
_of_box("y_min -> length y", "upper edge", "Upper edge of the box.", lambda g: g.y0, brief="", coordinate=True)
_of_box("y_max -> length y", "lower edge", "Lower edge of the box.", lambda g: g.y1, brief="", coordinate=True)
_of_box("height -> length y", "height", "Height of the box.", lambda g: g.y1 - g.y0, brief="", values=POSITIVE)
_of_box(
    "diagonal -> length",
    "diagonal",
    "Length of the box's diagonal.",
    lambda g: np.hypot(g.x1 - g.x0, g.y1 - g.y0),
    brief="",
    telling=False,
    values=POSITIVE,
    directional=True,
)
_of_box(
    "box_area -> area",
    "box area",
    "Area of the box.",
    lambda g: (g.x1 - g.x0) * (g.y1 - g.y0),
    brief="",
    telling=False,
    values=POSITIVE,
)
_of_box(
    "area -> area",
    "area",
    "Area of the outline without its holes; without an outline, that of the box.",
    geometry.area,
    brief="Of the outline, without holes",
    values=POSITIVE,
    takes="outline",
    outlined=True,
)
_of_box("center -> point", "centre", "Middle of the box.", lambda g: g.center, brief="")
_of_outline(
    "start -> point",
    "start",
    "The end with the lesser x, then y: of an elongated part the middle of its end, else one of the two "
    "outline points farthest apart.",
    brief="The left end of a long part",
    directional=True,
)
_of_outline("end -> point", "end", "The other end.", brief="Its other end", directional=True)
_of_outline(
    "length -> length",
    "length",
    "Long side of the smallest turned rectangle round the outline.",
    brief="Long side of the smallest turned rectangle round the outline",
    values=POSITIVE,
    directional=True,
)
_of_outline(
    "thickness -> length",
    "thickness",
    "Short side of the smallest turned rectangle round the outline.",
    brief="Its short side",
    values=POSITIVE,
    directional=True,
)
_of_outline(
    "perimeter -> length",
    "perimeter",
    "Length of the outer outline.",
    brief="Of the outline",
    telling=False,
    values=POSITIVE,
    directional=True,
)
_of_outline("aspect -> ratio", "aspect", "Length by thickness.", values=POSITIVE, directional=True)
_of_outline(
    "roundness -> ratio",
    "roundness",
    "4 pi area / perimeter^2 of the outer outline, at most 1; 1 is a disc (Cox, 1927).",
    brief="1 is a disc",
    values=SHARE,
    directional=True,
)
_of_outline("solidity -> ratio", "solidity", "Area by the area of the convex hull.", values=SHARE)
_of_outline("holes -> count", "number of holes", "Number of holes in the outline.", brief="", values=POSITIVE)
_of_outline(
    "path_length -> length",
    "path length",
    "Length along a bent part: that of a strip with the same perimeter and the same area within the outer outline.",
    brief="Along a bent part",
    values=POSITIVE,
    directional=True,
)
_of_outline(
    "skeleton_length -> length",
    "skeleton length",
    "Length of the centre line, of a branching part along its longest path; measured only if the spec reads it.",
    brief="Of the centre line, along its longest path",
    values=POSITIVE,
)
_attribute(
    "cover -> ratio",
    "cover",
    "Share of the pixels for which the condition of the `blobs` holds, before any step.",
    telling=False,
    values=SHARE,
    for_seeing=True,
)
_of_outline(
    "angle -> angle",
    "angle",
    "Direction of the long axis, -90 to 90 deg, clockwise from the x axis.",
    brief="Of the long axis, clockwise from the x axis",
    directional=True,
)
_of_color(
    "color -> color", "colour", "Mean colour of the pixels, as a mean of CIELAB.", lambda lab: lab, brief="Mean colour"
)
_of_color(
    "lightness -> ratio",
    "lightness",
    "L of the mean colour, as a ratio.",
    lambda lab: np.asarray(lab[..., 0] / 100.0),
    brief="",
    values=SHARE,
    made_by=f"{_PIXELS}:lightness",
)
_attribute("class -> class", "class", "The class.", brief="")
_attribute(
    "confidence -> ratio",
    "confidence",
    "How sure the source is of the detection.",
    brief="",
    telling=False,
    values=SHARE,
)
_attribute("text -> text", "text", "What was read.", brief="What was read")
_attribute("row -> count", "row", "Row of a cell, from 1 at the top.", brief="Of a cell, from 1", of=("cells",))
_attribute("col -> count", "column", "Column of a cell, from 1 at the left.", brief="", of=("cells",))
_of_color(
    "hue -> turn",
    "hue",
    "Hue of HSV, of the mean colour, 0 up to 360 deg; grey has none.",
    color.hue_of_lab,
    brief="0 to 360 deg; grey has none",
    of_rgb=color.hue_of_rgb,
    telling=False,
    values=Interval(0.0, 360.0),
)
_of_color(
    "saturation -> ratio",
    "saturation",
    "Saturation of HSV, of the mean colour.",
    color.saturation_of_lab,
    brief="",
    of_rgb=color.saturation_of_rgb,
    telling=False,
    values=SHARE,
)
_of_color(
    "lab_a -> ratio",
    "a of CIELAB",
    "a of CIELAB, of the mean colour, from green (below 0) to red, about -86 to 98.",
    lambda lab: lab[..., 1],
    telling=False,
    values=Interval(-128.0, 128.0),
    for_seeing=True,
)
_of_color(
    "lab_b -> ratio",
    "b of CIELAB",
    "b of CIELAB, of the mean colour, from blue (below 0) to yellow, about -108 to 94",
    lambda lab: lab[..., 2],
    telling=False,
    values=Interval(-128.0, 128.0),
    for_seeing=True,
)
_attribute(
    "contrast -> ratio",
    "contrast",
    "Of a pixel: lightness minus its mean over a square half as wide as the picture's shorter side.",
    values=Interval(-1.0, 1.0),
    of=("pixels",),
    spatial=True,
    made_by=f"{_PIXELS}:contrast",
    for_seeing=True,
)
_attribute(
    "edge -> ratio",
    "edge strength",
    "Of a pixel: strength of the lightness gradient.",
    values=POSITIVE,
    of=("pixels",),
    spatial=True,
    made_by=f"{_PIXELS}:edge",
    for_seeing=True,
)

_BOXED = [entry for (group, _), entry in REGISTRY.items() if group == "attribute" and entry.takes in ("box", "outline")]
#: Attributes of a box that say where it is, and how large; changed by moving and by scaling it.
PLACES = frozenset(entry.name for entry in _BOXED if entry.coordinate)
SIZES = frozenset(entry.name for entry in _BOXED if entry.values is POSITIVE)
