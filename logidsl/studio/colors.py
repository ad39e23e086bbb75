"""A colour from a few clicks: its centre and reach, and the same as ranges of attributes of a pixel.

The centre is the median in CIELAB, so that a highlight or an edge under a click counts little. The reach covers nearly
all pixels that were clicked, and ends where few pixels of the photos lie: a limit in a gap is far from both sides.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from logidsl.arrays import Floats, Pixels
from logidsl.diagnostics import InputError
from logidsl.extract.pixels.pixel_values import colour_attribute, fast_lab
from logidsl.library import builtins
from logidsl.library.color import ciede2000, lab_of_hex
from logidsl.report.words import hex_of
from logidsl.studio.pictures import pixel_values, pixels_at

#: The least radius of a click, px, as one pixel is mostly noise; the least reach, and the most from what was clicked.
CLICK_PX, LEAST_REACH, MOST_REACH = 1.5, 3.0, 25.0
#: Share of the clicked pixels that are covered, and pixels that a colour is compared with.
COVERED, COMPARED = 0.97, 200_000
#: A bound is dropped if without it at most so many times as many pixels are taken.
LOOSER = 1.05


@dataclass(frozen=True)
class Click:
    """A place in a picture, px, and the radius around it."""

    bgr: Pixels
    x: float
    y: float
    radius: float


@dataclass(frozen=True)
class Proposal:
    """A colour: its centre, its reach in CIEDE2000, ranges as a predicate, and the share of pixels that each takes."""

    hex: str
    within: float
    pixels: float
    predicate: str
    predicate_pixels: float


def proposal(clicks: Sequence[Click]) -> Proposal:
    """The colour of some clicks.

    Raises
    ------
    InputError
        If there are no clicks, or one of them is outside its picture.
    """
    if not clicks:
        raise InputError("expected at least one click")
    clicked = np.concatenate([pixels_at(c.bgr, c.x, c.y, max(c.radius, CLICK_PX)) for c in clicks])
    pictures = list({id(c.bgr): c.bgr for c in clicks}.values())
    every = COMPARED // len(pictures)
    rest = np.concatenate([p.reshape(-1, 3)[:: max(1, p.shape[0] * p.shape[1] // every)] for p in pictures])
    median = np.median(fast_lab(clicked).astype(np.float64), axis=0)
    centre = hex_of((float(median[0]), float(median[1]), float(median[2])))
    lab = np.array(lab_of_hex(centre))
    near, far = (np.asarray(ciede2000(fast_lab(p).astype(np.float64), lab)) for p in (clicked, rest))
    within = _reach(near, far)
    words, taken = _predicate(clicked[near <= within] if (near <= within).any() else clicked, rest)
    return Proposal(centre, within, float((far <= within).mean()), words, taken)


def _reach(near: Floats, far: Floats) -> float:
    """The reach: from what covers the clicks up to twice that, where the fewest pixels of the photos lie."""
    spread = min(max(float(np.quantile(near, COVERED)), LEAST_REACH), MOST_REACH)
    low, high = spread, 2 * spread + 4
    steps = np.arange(low, high, 0.5)
    counts = [int(((far > s - 1) & (far <= s + 1)).sum()) for s in steps]
    fewest = min(counts)
    best = [float(s) for s, n in zip(steps, counts, strict=True) if n <= fewest + 0.02 * max(counts)]
    return round(best[len(best) // 2] * 2) / 2


def _predicate(clicked: Pixels, rest: Pixels) -> tuple[str, float]:
    """Ranges of attributes of a pixel that take the clicked ones, without bounds that hardly reject any other."""
    bounds: list[tuple[str, str, float, Floats]] = []
    for name, unit in pixel_values().items():
        if unit == "deg" or builtins("attribute")[name].spatial:
            continue
        factor = 100.0 if unit == "%" else 1.0
        mine, theirs = (colour_attribute(p[:, ::-1], name) * factor for p in (clicked, rest))
        ends = np.quantile(mine, [(1 - COVERED) / 2, (1 + COVERED) / 2])
        slack = max(3.0, 0.5 * float(ends[1] - ends[0]))
        bounds.append((name, ">=", math.floor(float(ends[0]) - slack), theirs))
        bounds.append((name, "<=", math.ceil(float(ends[1]) + slack), theirs))
    held = {(n, s): (t >= v if s == ">=" else t <= v) for n, s, v, t in bounds}
    least = int(np.all(list(held.values()), axis=0).sum())
    while len(held) > 1:
        counts = {k: int(np.all([h for j, h in held.items() if j != k], axis=0).sum()) for k in held}
        loosest = min(counts, key=lambda k: counts[k])
        if counts[loosest] > max(least * LOOSER, least + 5):
            break
        del held[loosest]
    words = []
    for name, unit in pixel_values().items():
        ends_of = {s: v for n, s, v, _ in bounds if n == name and (n, s) in held}
        unit = f" {unit}" if unit else ""
        if len(ends_of) == 2:
            words.append(f"{name} in {ends_of['>=']:g} .. {ends_of['<=']:g}{unit}")
        words += [f"{name} {s} {v:g}{unit}" for s, v in ends_of.items() if len(ends_of) == 1]
    return " and ".join(words), float(np.all(list(held.values()), axis=0).mean())
