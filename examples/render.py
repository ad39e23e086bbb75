"""Trays of pushpins, rendered: pictures whose right answer is known, made from nothing but numbers.

A dark tray of 3 x 5 compartments with light walls, seen from above, holds pins that lie at any angle. A pin
is a solid of revolution seen from the side: its outline is a half-width along its axis, its shading the
cosine of the surface normal across it. `python -m examples.render FOLDER` writes one picture for each of
`VARIANTS`. Takes seeds and counts, returns arrays; imports OpenCV to soften and to write, and numpy.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]

ROWS, COLUMNS = 3, 5
# The compartments lie in this part of the picture: x0 y0 x1 y1 as shares of its width and height.
TRAY = (0.02, 0.04, 0.98, 0.96)

YELLOW_BGR = (28.0, 176.0, 246.0)
RED_BGR = (44.0, 40.0, 205.0)
STEEL_BGR = (168.0, 172.0, 176.0)

# Outline of a pin of length 1: places along its axis, from the flat end to the tip, and half-widths there.
_HEAD_END = 0.56
_PROFILE_AT = (0.0, 0.02, 0.07, 0.10, 0.36, 0.42, 0.46, 0.53, _HEAD_END, 0.561, 0.96, 1.0)
_PROFILE_HALF = (0.13, 0.17, 0.16, 0.082, 0.070, 0.075, 0.125, 0.13, 0.09, 0.014, 0.010, 0.0)


@dataclass(frozen=True)
class Pin:
    """A pin: the middle of its axis in px, the direction it points to in radians, its length in px, its colour."""

    x: float
    y: float
    angle: float
    length_px: float
    bgr: tuple[float, float, float] = YELLOW_BGR


@dataclass(frozen=True)
class Variant:
    """What a rendered tray holds, and what a check of it must say."""

    cells: tuple[tuple[int, ...], ...]
    wrong_color: tuple[int, int] | None = None
    verdict: str = "fail"


def _cells(**changes: int) -> tuple[tuple[int, ...], ...]:
    """One pin in each compartment, but for changes such as `r1c1=2`."""
    return tuple(tuple(changes.get(f"r{r}c{c}", 1) for c in range(1, COLUMNS + 1)) for r in range(1, ROWS + 1))


VARIANTS: Mapping[str, Variant] = {
    "good": Variant(_cells(), verdict="pass"),
    "two_in_one_cell": Variant(_cells(r1c2=2)),
    "one_missing": Variant(_cells(r3c3=0)),
    "moved": Variant(_cells(r1c1=2, r3c3=0)),
    "wrong_color": Variant(_cells(), wrong_color=(2, 4)),
}


def render_tray(
    cells: Sequence[Sequence[int]],
    *,
    seed: int = 0,
    width: int = 850,
    height: int = 500,
    wrong_color: tuple[int, int] | None = None,
) -> Image:
    """A picture of a tray.

    Parameters
    ----------
    cells : 3 rows of 5 counts
        How many pins lie in each compartment.
    seed : int
        Two pictures with one seed and one content are equal.
    width, height : int
        Size of the picture in px.
    wrong_color : (row, column), optional
        A compartment, counted from 1, whose first pin is red instead of yellow.

    Returns
    -------
    (height, width, 3) uint8
        Blue, green, red.

    Raises
    ------
    ValueError
        If `cells` is not 3 rows of 5 counts.

    Examples
    --------
    >>> render_tray([[1] * 5] * 3, width=170, height=100).shape
    (100, 170, 3)
    """
    return render_with_pins(cells, seed=seed, width=width, height=height, wrong_color=wrong_color)[0]


def render_with_pins(
    cells: Sequence[Sequence[int]],
    *,
    seed: int = 0,
    width: int = 850,
    height: int = 500,
    wrong_color: tuple[int, int] | None = None,
) -> tuple[Image, list[Pin]]:
    """A picture of a tray, and the pins that lie in it; see `render_tray`."""
    if len(cells) != ROWS or any(len(row) != COLUMNS for row in cells):
        raise ValueError(f"expected {ROWS} rows of {COLUMNS} counts, found {[len(row) for row in cells]}")
    rng = np.random.default_rng(seed)
    canvas = _tray(rng, width, height)
    pins = []
    for row, counts in enumerate(cells):
        for column, count in enumerate(counts):
            wrong = wrong_color == (row + 1, column + 1)
            for i, pin in enumerate(_scatter(rng, _compartment(row, column, width, height), count)):
                colour = RED_BGR if wrong and i == 0 else YELLOW_BGR
                pins.append(replace(pin, bgr=colour))
    for pin in pins:
        _draw_pin(canvas, pin)
    canvas = np.asarray(cv2.GaussianBlur(canvas, (0, 0), width / 1700), np.float64)
    canvas += rng.normal(0.0, 2.5, canvas.shape)  # the noise of a sensor at low gain
    return np.clip(np.rint(canvas), 0, 255).astype(np.uint8), pins


def outline_of(pin: Pin) -> Floats:
    """The outline of a pin, (k, 2) in px: up one side of its axis and down the other."""
    along, half = np.array(_PROFILE_AT), np.array(_PROFILE_HALF)
    sides = np.concatenate([np.stack([along, half], 1), np.stack([along, -half], 1)[::-1]]) * pin.length_px
    cos, sin = np.cos(pin.angle), np.sin(pin.angle)
    return np.asarray(_ends(pin)[0] + sides @ np.array([[cos, sin], [-sin, cos]]))


def _compartment(row: int, column: int, width: int, height: int) -> Floats:
    """The box of a compartment, x0 y0 x1 y1 in px; its walls stand on its border."""
    x0, y0, x1, y1 = TRAY[0] * width, TRAY[1] * height, TRAY[2] * width, TRAY[3] * height
    dx, dy = (x1 - x0) / COLUMNS, (y1 - y0) / ROWS
    return np.array([x0 + column * dx, y0 + row * dy, x0 + (column + 1) * dx, y0 + (row + 1) * dy])


@lru_cache(maxsize=4)
def _plain_tray(width: int, height: int) -> Floats:
    """The empty tray in even light, (height, width, 3)."""
    canvas = np.empty((height, width, 3))
    canvas[:] = (17.0, 13.0, 12.0)
    wall_px = max(1.5, width / 130)
    _wall(canvas, np.array([TRAY[0] * width, TRAY[1] * height, TRAY[2] * width, TRAY[3] * height]), wall_px)
    for row in range(ROWS):
        for column in range(COLUMNS):
            _wall(canvas, _compartment(row, column, width, height), wall_px * 0.55)
    canvas.flags.writeable = False
    return canvas


def _tray(rng: np.random.Generator, width: int, height: int) -> Floats:
    """The empty tray under one lamp, off the middle: brighter by a fifth there than in the far corner."""
    x, y = np.arange(width)[None] / width, np.arange(height)[:, None] / height
    lamp = np.hypot(x - rng.uniform(0.3, 0.7), y - rng.uniform(0.3, 0.7))
    canvas = _plain_tray(width, height) * (1.1 - 0.2 * lamp)[..., None]
    scratches = rng.normal(0.0, 1.0, (height // 4 + 1, width // 4 + 1))
    canvas += 1.5 * cv2.resize(scratches, (width, height), interpolation=cv2.INTER_CUBIC)[..., None]
    return canvas


def _wall(canvas: Floats, box: Floats, half_px: float) -> None:
    """Draw a wall of clear plastic along a box with round corners: grey, with a bright edge."""
    left, top = (max(0, int(v - 2 * half_px)) for v in box[:2])
    patch = canvas[top : int(box[3] + 2 * half_px) + 1, left : int(box[2] + 2 * half_px) + 1]
    y, x = np.arange(patch.shape[0])[:, None] + top, np.arange(patch.shape[1])[None] + left
    round_px = 2.5 * half_px
    ax = np.abs(x - (box[0] + box[2]) / 2) - (box[2] - box[0]) / 2 + round_px
    ay = np.abs(y - (box[1] + box[3]) / 2) - (box[3] - box[1]) / 2 + round_px
    # signed distance to the box with its corners rounded off
    outside_px = np.hypot(np.maximum(ax, 0), np.maximum(ay, 0)) + np.minimum(np.maximum(ax, ay), 0) - round_px
    body = np.clip(half_px - np.abs(outside_px) + 0.5, 0, 1) * 0.75
    edge = np.clip(0.9 - np.abs(outside_px - 0.6 * half_px), 0, 1) * 0.5
    patch += (np.array([92.0, 90.0, 88.0]) - patch) * body[..., None]
    patch += (np.array([190.0, 190.0, 190.0]) - patch) * edge[..., None]


def _ends(pin: Pin) -> Floats:
    """The two ends of a pin's axis, (2, 2)."""
    half = 0.5 * pin.length_px * np.array([np.cos(pin.angle), np.sin(pin.angle)])
    middle = np.array([pin.x, pin.y])
    return np.stack([middle - half, middle + half])


def _clearance_px(a: Pin, b: Pin) -> float:
    """Least distance between the axes of two pins, from 24 points on each."""
    t = np.linspace(0, 1, 24)[:, None]
    pa, pb = (_ends(p)[0] * (1 - t) + _ends(p)[1] * t for p in (a, b))
    return float(np.min(np.hypot(*(pa[:, None] - pb[None]).transpose(2, 0, 1))))


def _scatter(rng: np.random.Generator, box: Floats, count: int) -> list[Pin]:
    """Pins that lie wholly in a compartment and do not touch: the roomiest of some handfuls, or the first roomy one."""
    side_px = float(min(box[2] - box[0], box[3] - box[1]))
    length_px = side_px * (0.66 if count <= 2 else 0.5)
    best: tuple[float, list[Pin]] = (-1.0, [])
    for _ in range(300):
        pins = [_throw(rng, box, side_px, length_px) for _ in range(count)]
        room_px = min((_clearance_px(a, b) for a, b in combinations(pins, 2)), default=np.inf)
        best = max(best, (room_px, pins), key=lambda handful: handful[0])
        if room_px > 0.5 * length_px:
            break
    return best[1]


def _throw(rng: np.random.Generator, box: Floats, side_px: float, length_px: float) -> Pin:
    """One pin that lies wholly in a compartment, clear of its walls."""
    angle = float(rng.uniform(-np.pi, np.pi))
    # how far the middle must stay from each wall depends on how the pin lies
    dx, dy = (max(abs(f(angle)) * (0.5 * length_px + 0.08 * side_px), 0.22 * side_px) for f in (np.cos, np.sin))
    return Pin(
        float(rng.uniform(box[0] + dx, box[2] - dx)),
        float(rng.uniform(box[1] + dy, box[3] - dy)),
        angle,
        length_px * float(rng.uniform(0.97, 1.03)),
    )


def _draw_pin(canvas: Floats, pin: Pin) -> None:
    """Draw a pin over the canvas, its border softened over one px."""
    reach = int(np.ceil(0.6 * pin.length_px)) + 2
    x0, y0 = max(0, int(pin.x) - reach), max(0, int(pin.y) - reach)
    patch = canvas[y0 : int(pin.y) + reach, x0 : int(pin.x) + reach]
    y, x = np.mgrid[y0 : y0 + patch.shape[0], x0 : x0 + patch.shape[1]].astype(np.float64)
    start = _ends(pin)[0]
    along = ((x - start[0]) * np.cos(pin.angle) + (y - start[1]) * np.sin(pin.angle)) / pin.length_px
    across_px = -(x - start[0]) * np.sin(pin.angle) + (y - start[1]) * np.cos(pin.angle)
    half_px = np.interp(along, _PROFILE_AT, _PROFILE_HALF, left=0.0, right=0.0) * pin.length_px
    cover = np.clip(half_px - np.abs(across_px) + 0.5, 0, 1) * np.clip(along * pin.length_px + 0.5, 0, 1)
    cover *= half_px > 0
    normal = np.sqrt(np.clip(1 - (across_px / np.maximum(half_px, 1e-6)) ** 2, 0, 1))
    head = along <= _HEAD_END
    gloss = np.where(head, 55.0, 40.0) * np.clip(1 - np.abs(across_px / np.maximum(half_px, 1e-6) + 0.35) * 4, 0, 1)
    body = np.where(head[..., None], np.array(pin.bgr), np.array(STEEL_BGR))
    colour = body * (0.58 + 0.42 * normal)[..., None] + gloss[..., None]
    patch += (colour - patch) * cover[..., None]


def write_variants(folder: Path, *, seed: int = 7, width: int = 850, names: Sequence[str] = ()) -> list[Path]:
    """Write the trays of `VARIANTS`, or of some of them, as PNG files; returns their paths.

    Parameters
    ----------
    folder : Path
        Made where it is not there.
    seed : int
        The seed of the first tray; the next have the next ones.
    width : int
        Width of the pictures in px; their height is 10/17 of it, as in the trays of MVTec LOCO AD.
    names : sequence of str
        Which variants; all where empty.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, (name, variant) in enumerate(VARIANTS.items()):
        if names and name not in names:
            continue
        bgr = render_tray(
            variant.cells,
            seed=seed + number,
            width=width,
            height=round(width * 10 / 17),
            wrong_color=variant.wrong_color,
        )
        path = folder / f"tray_{name}.png"
        path.write_bytes(cv2.imencode(".png", bgr)[1].tobytes())
        paths.append(path)
    return paths


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m examples.render", description="Render trays of pushpins.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--width", type=int, default=850, help="width of the pictures in px")
    parser.add_argument("--only", nargs="*", default=(), choices=tuple(VARIANTS), help="which trays")
    given = parser.parse_args(arguments)
    for path in write_variants(given.folder, seed=given.seed, width=given.width, names=given.only):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
