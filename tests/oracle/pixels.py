"""Pictures as the oracle sees them: the colour of each pixel, and what is measured of the pixels of a place."""

from __future__ import annotations

import colorsys
import math
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import shapely

from logidsl.extract.pixels.pixel_values import fast_lab
from logidsl.library.color import lab_of_rgb

if TYPE_CHECKING:
    from tests.oracle.shapes import Shape

#: Colours that pixels have, as sRGB.
PALETTE = ((0, 0, 0), (255, 255, 255), (128, 128, 128), (168, 42, 36), (44, 79, 163), (217, 179, 42), (106, 61, 100))
_BLOCK_PX = 4
Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True, eq=False)
class Pixels:
    """The colours of a picture: a place in `PALETTE` for each pixel, by rows."""

    indices: np.ndarray


@lru_cache(maxsize=64)
def painted(name: str, width: float, height: float) -> Pixels:
    """The picture of a name: blocks of colours, the same each time."""
    rng = np.random.default_rng(zlib.crc32(f"{name} {width} {height}".encode()))
    blocks = rng.integers(0, len(PALETTE), (math.ceil(height / _BLOCK_PX), math.ceil(width / _BLOCK_PX)))
    return Pixels(np.kron(blocks, np.ones((_BLOCK_PX, _BLOCK_PX), np.int64))[: int(height), : int(width)])


def inside(rings: list[Ring], x: float, y: float) -> bool:
    """Whether an odd number of edges lies to the left of a point, or below it on its own row's line."""
    odd = False
    for ring in rings:
        for (ax, ay), (bx, by) in zip(ring, (*ring[1:], ring[0]), strict=True):
            if (ay <= y) != (by <= y):
                crossed = ax + (y - ay) * (bx - ax) / (by - ay)
                odd = odd != (crossed <= x)
    return odd


def rings_of(s: Shape) -> list[Ring]:
    """The borders of a shape, rounded as places are."""
    if s.polygon is None:
        x0, y0, x1, y1 = s.box
        return [((x0, y0), (x1, y0), (x1, y1), (x0, y1))]
    found = []
    for part in shapely.get_parts(s.polygon):
        if part.geom_type == "Polygon":
            found += [tuple(shapely.get_coordinates(r)[:-1].tolist()) for r in (part.exterior, *part.interiors)]
    return [tuple((float(x), float(y)) for x, y in r) for r in found]


def rounded(rings: list[Ring]) -> list[Ring]:
    """Borders as places have them: to a millionth of a px."""
    return [tuple((round(x, 6), round(y, 6)) for x, y in r) for r in rings]


def reaches_out(picture: Pixels, rings: list[Ring]) -> bool:
    """Whether a place reaches beyond the picture by half a pixel or more."""
    height, width = picture.indices.shape
    points = [p for r in rings for p in r]
    return any(min(p) < -0.5 or p[0] > width + 0.5 or p[1] > height + 0.5 for p in points)


def where_in(picture: Pixels, rings: list[Ring]) -> dict[tuple[int, int], int]:
    """The pixels whose centre lies in a place, by column and row, with their colours."""
    if not any(rings):
        return {}
    height, width = picture.indices.shape
    xs, ys = [x for r in rings for x, _ in r], [y for r in rings for _, y in r]
    found: dict[tuple[int, int], int] = {}
    for row in range(max(0, math.floor(min(ys)) - 1), min(height, math.ceil(max(ys)) + 1)):
        for column in range(max(0, math.floor(min(xs)) - 1), min(width, math.ceil(max(xs)) + 1)):
            if inside(rings, column + 0.5, row + 0.5):
                found[column, row] = int(picture.indices[row, column])
    return found


def of_pixel(rgb: tuple[int, int, int]) -> dict[str, float | tuple[float, ...] | None]:
    """What is known of a pixel of a colour; a grey one has no hue."""
    light, a, b = (float(v) for v in lab_of_rgb(rgb))
    hue, saturation, _ = colorsys.rgb_to_hsv(*(v / 255 for v in rgb))
    found: dict[str, float | tuple[float, ...] | None] = {"color": (light, a, b), "lightness": light / 100}
    found |= {"lab_a": a, "lab_b": b, "saturation": saturation}
    return {**found, "hue": None if len(set(rgb)) == 1 else 360 * hue}


def mean(indices: list[int]) -> tuple[float, float, float]:
    """The mean CIELAB of pixels, each in the accuracy in which pictures are measured; that is tested elsewhere."""
    labs = fast_lab(np.array([PALETTE[k] for k in indices], np.uint8)[:, ::-1]).tolist()
    light, a, b = (math.fsum(lab[k] for lab in labs) / len(labs) for k in range(3))
    return min(100.0, max(0.0, light)), a, b


def hue_and_saturation(lab: tuple[float, float, float]) -> tuple[float | None, float]:
    """Hue in degrees, None of grey, and saturation of HSV, of a colour cut to sRGB."""
    light, a, b = lab
    fy = (light + 16) / 116
    xyz = [
        w * (f**3 if f**3 > 216 / 24389 else (116 * f - 16) * 27 / 24389)
        for f, w in ((fy + a / 500, 0.9504700), (fy, 1.0), (fy - b / 200, 1.0888300))
    ]
    to_xyz = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    )
    linear = np.linalg.solve(to_xyz, np.array(xyz) * to_xyz.sum(1) / (0.95047, 1.0, 1.08883)).clip(0, 1).tolist()
    rgb = [12.92 * v if v <= 0.0031308 else 1.055 * v ** (1 / 2.4) - 0.055 for v in linear]
    rgb = [round(255 * v, 6) / 255 for v in rgb]
    hue, saturation, _ = colorsys.rgb_to_hsv(*rgb)
    return (360 * hue if max(rgb) - min(rgb) > 0.5 / 255 else None), saturation
