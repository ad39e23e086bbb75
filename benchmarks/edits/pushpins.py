"""Pushpin trays: pins taken away, added, moved; separators taken away."""

from __future__ import annotations

import random
from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.edits.case import Edited, Maker, shared
from benchmarks.edits.retouch import (
    Box,
    Cut,
    Pixels,
    Shares,
    corners,
    crop,
    cut,
    fitted,
    inside,
    lab,
    patch,
    put,
    wiped,
)

#: Of each tray: its picture, the lines of its walls in percent, and a pin in it.
TRAYS: dict[str, tuple[str, tuple[float, ...], tuple[float, ...], Box]] = {
    "large": (
        "loco_pushpins/complete_needle_defect.png",
        (3.5, 22.2, 40.9, 59.3, 77.9, 96.5),
        (7.5, 36.7, 66.0, 95.0),
        (49.5, 36.9, 58.4, 46.4),
    ),
    "small": (
        "loco_five_normals_small/pushpins.png",
        (3.5, 22.5, 41.0, 60.3, 79.0, 96.8),
        (5.5, 35.5, 65.4, 94.0),
        (26.5, 25.8, 36.5, 35.8),
    ),
}


def yellow(values: Shares) -> npt.NDArray[np.bool_]:
    """A pin's head."""
    return np.asarray((values[..., 2] > 25) & (values[..., 0] > 20), np.bool_)


class Tray:
    """A tray whose 15 compartments are known."""

    def __init__(self, name: str, xs: tuple[float, ...], ys: tuple[float, ...], pin: Box) -> None:
        self.picture = shared(name)
        self.xs, self.ys = xs, ys
        self.pin = cut(self.picture, pin, yellow)

    def cell(self, row: int, column: int, margin: float = 1.6) -> Box:
        """A compartment without its walls, in percent; rows and columns count from 0."""
        x0, x1, y0, y1 = self.xs[column], self.xs[column + 1], self.ys[row], self.ys[row + 1]
        return x0 + margin, y0 + margin, x1 - margin, y1 - margin

    def floor(self, picture: Pixels, box: Box, seed: int = 0) -> Pixels:
        """A picture with bare floor in a box."""
        x0, y0, x1, y1 = corners(picture, box)
        piece = crop(picture, box)
        dark = piece[lab(piece)[..., 0] < 20]
        grain = np.random.default_rng(seed).normal(0, 2, (y1 - y0, x1 - x0, 1))
        bare = np.clip(np.median(dark, 0) + grain, 0, 255).astype(np.uint8)
        wide = picture.copy()
        wide[y0:y1, x0:x1] = bare
        return patch(picture, box, box, wide)

    def without(self, picture: Pixels, row: int, column: int) -> Pixels:
        """A picture with an empty compartment, also where its pin leans on a wall."""
        pins = inside(picture, (0, 0, 100, 100), yellow)
        labels, middles = cv2.connectedComponentsWithStats(pins, connectivity=8)[1::2]
        x0, y0, x1, y1 = corners(picture, self.cell(row, column, 0.0))
        here = [i for i, (x, y) in enumerate(middles.tolist()) if i and x0 <= x <= x1 and y0 <= y <= y1]
        mask = cv2.dilate(np.isin(labels, here).astype(np.uint8), np.ones((5, 5), np.uint8))
        bare = wiped(picture, np.asarray(mask, np.uint8)) if here else picture
        return self.floor(bare, self.cell(row, column, 0.9))

    def with_pin(
        self, picture: Pixels, row: int, column: int, x: float, y: float, turn_deg: float, pin: Cut | None = None
    ) -> Pixels:
        """A picture with a further pin; x and y run from 0 to 1 over the places in the compartment."""
        x0, y0, x1, y1 = self.cell(row, column, 0.0)
        return put(picture, pin or self.pin, x0 + (x1 - x0) * x, y0 + (y1 - y0) * y, turn_deg)

    def rearranged(self, rng: random.Random) -> Pixels:
        """A tray whose pins lie elsewhere."""
        picture = self.picture
        for row in range(3):
            for column in range(5):
                picture = self.without(picture, row, column)
                x, y = rng.uniform(0.27, 0.73), rng.uniform(0.3, 0.7)
                picture = self.with_pin(picture, row, column, x, y, rng.uniform(0, 360))
        return picture


def pushpins() -> Iterator[Edited]:
    """All edited trays."""
    made = Maker("pushpins")
    for name, (file, xs, ys, pin) in TRAYS.items():
        tray = Tray(file, xs, ys, pin)
        whole = tray.picture
        made(f"{name} as it is", whole)
        rng = random.Random(5)
        for i in range(4):
            made(f"{name} other places {i}", tray.rearranged(rng))
        for row, column in ((0, 0), (1, 2), (2, 4)):
            made(f"{name} no pin {row}{column}", tray.without(whole, row, column), "missing_pushpin")
        made(f"{name} no pin twice", tray.without(tray.without(whole, 0, 1), 2, 3), "missing_pushpin")
        for i in range(4):
            base = tray.rearranged(rng)
            row, column = rng.randrange(3), rng.randrange(5)
            alone = tray.with_pin(tray.without(base, row, column), row, column, 0.3, 0.35, 90 * i)
            both = tray.with_pin(alone, row, column, 0.72, 0.68, 90 * i + 40)
            made(f"{name} two pins {i}", both, "1_additional_pushpin")
            empty = tray.without(both, (row + 1) % 3, column)
            made(f"{name} two pins and none {i}", empty, "1_additional_pushpin", "missing_pushpin")
            third = tray.with_pin(alone, row, column, 0.3, 0.72, 20)
            made(
                f"{name} three pins {i}",
                tray.with_pin(third, row, column, 0.74, 0.5, 65),
                "2_additional_pushpins",
            )
            other = (row + 1) % 3
            twice = tray.with_pin(
                tray.with_pin(tray.without(both, other, column), other, column, 0.3, 0.35, 0),
                other,
                column,
                0.7,
                0.7,
                90,
            )
            made(f"{name} two pins twice {i}", twice, "2_additional_pushpins")
        touching = tray.with_pin(tray.without(whole, 1, 1), 1, 1, 0.45, 0.4, 0)
        made(f"{name} pins that touch", tray.with_pin(touching, 1, 1, 0.55, 0.64, 15), "1_additional_pushpin")
        for x, row in ((2, 0), (4, 1), (1, 2)):
            wall = (xs[x] - 2.2, ys[row] + 2.2, xs[x] + 2.2, ys[row + 1] - 2.2)
            made(f"{name} no wall at {x}{row}", tray.floor(whole, wall), "missing_separator")
        for y, column in ((1, 3), (2, 1)):
            wall = (xs[column] + 1.5, ys[y] - 3, xs[column + 1] - 1.5, ys[y] + 3)
            made(f"{name} no wall below {y}{column}", tray.floor(whole, wall), "missing_separator")
    tray = Tray(*TRAYS["large"])
    seen = shared("loco_pushpins/wrong_arrangement.png")
    made("third as it is", seen, "1_additional_pushpin", "missing_pushpin")
    filled = tray.with_pin(seen, 2, 2, 0.5, 0.5, 30)
    made("third with its gap filled", filled, "1_additional_pushpin")
    made("third put right", tray.floor(filled, (3.4, 6.5, 17.5, 20.0)))
    foreign = fitted(tray.pin, tray.picture, 6.8, 7.6)
    made("third with a smaller pin", tray.with_pin(seen, 2, 2, 0.5, 0.5, 60, foreign), "1_additional_pushpin")
    return iter(made)
