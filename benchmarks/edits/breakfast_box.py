"""Breakfast boxes: fruit exchanged, cereals and toppings taken away, moved, spilled, mixed otherwise."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.edits.case import Edited, Maker, shared
from benchmarks.edits.retouch import (
    Box,
    Cut,
    Pixels,
    Shares,
    blend,
    corners,
    crop,
    cut,
    fitted,
    inside,
    lab,
    put,
    soft_box,
    softened,
)


@dataclass(frozen=True)
class Tray:
    """A filled box, with places in percent.

    Parameters
    ----------
    picture : (h, w, 3) uint8
        BGR.
    tangerines, nectarine : boxes
        The fruit.
    heap : box
        Cereals and toppings.
    border : float
        Where the toppings begin, from top to bottom.
    """

    picture: Pixels
    tangerines: tuple[Box, Box]
    nectarine: Box
    heap: Box
    border: float


def crushed() -> Tray:
    """The larger picture: its toppings are crushed, which is no logical defect."""
    picture = shared("loco_breakfast_box/toppings_crushed.png", 2)
    return Tray(
        picture, ((11.6, 9.0, 32.2, 36.0), (19.8, 31.8, 42.4, 62.0)), (9.3, 57.2, 34.6, 91.2), (38, 4.5, 94, 92), 56
    )


def whole() -> Tray:
    """The small picture."""
    picture = shared("loco_five_normals_small/breakfast_box.png", 1)
    return Tray(
        picture, ((9.3, 7.0, 32.5, 36.5), (18.3, 31.5, 42.6, 62.0)), (8.8, 59.0, 35.0, 89.5), (39, 4.0, 94, 92.5), 54
    )


def food(values: Shares) -> npt.NDArray[np.bool_]:
    """Whatever lies in the tray; the tray is pale."""
    return np.asarray((np.hypot(values[..., 1], values[..., 2]) > 17) | (values[..., 0] < 45), np.bool_)


def heap_mask(tray: Tray) -> Pixels:
    """Where cereals and toppings lie: (h, w) uint8 of 0 and 1."""
    mask = inside(tray.picture, tray.heap, food)
    for fruit in (*tray.tangerines, tray.nectarine):
        mask *= 1 - inside(tray.picture, (fruit[0] - 1, fruit[1], fruit[2] + 0.3, fruit[3]))
    y, x = np.mgrid[: mask.shape[0], : mask.shape[1]] / np.array(mask.shape)[:, None, None] * 100
    mask *= x > 38.3 + 0.1 * y  # the wall between the compartments
    size = max(3, mask.shape[0] // 25)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    whole_heap = cv2.morphologyEx(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, kernel), cv2.MORPH_OPEN, kernel)
    found = cv2.findContours(whole_heap, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
    filled = np.zeros_like(mask)
    cv2.drawContours(filled, [max(found, key=cv2.contourArea)], -1, 1, -1)
    return np.asarray(cv2.dilate(filled, np.ones((3, 3), np.uint8)), np.uint8)


def emptied(tray: Tray, picture: Pixels, mask: Pixels) -> Pixels:
    """The bare tray where a mask says: what is pale beside it, smooth, a little darker in the corners."""
    height, width = mask.shape
    values = lab(tray.picture)
    pale = values[(values[..., 0] > 70) & (np.hypot(values[..., 1], values[..., 2]) < 12)]
    tone = np.median(pale, 0)
    y, x = np.mgrid[:height, :width]
    shade = 4 * np.cos(x / width * 9) + 3 * np.sin(y / height * 7) - 3
    bare = np.stack([tone[0] + shade, np.full_like(shade, tone[1]), np.full_like(shade, tone[2])], -1).astype(
        np.float32
    )
    bare[..., 0] += np.random.default_rng(1).normal(0, 0.7, (height, width))
    over = np.clip(cv2.cvtColor(bare, cv2.COLOR_Lab2BGR) * 255, 0, 255).astype(np.uint8)
    return blend(picture, over, softened(mask, max(0.8, height / 250)))


def fruit_cut(tray: Tray, kind: str) -> Cut:
    """A fruit of a kind."""
    return cut(tray.picture, tray.nectarine if kind == "n" else tray.tangerines[0])


def with_fruit(tray: Tray, kinds: str, rng: random.Random) -> Pixels:
    """The box with other fruit: `n` a nectarine, `t` a tangerine, from top to bottom."""
    mask = np.zeros(tray.picture.shape[:2], np.uint8)
    left = (4.0, 5.0, 45.0, 96.0)
    mask |= inside(tray.picture, left, food, 3)
    mask &= 1 - heap_mask(tray)
    mask &= inside(tray.picture, (8.0, 6.0, 43.6, 92.0))
    picture = emptied(tray, tray.picture, mask)
    places = {
        1: ((22.0, 45.0),),
        2: ((21.0, 24.0), (24.0, 68.0)),
        3: ((21.5, 22.0), (30.5, 47.0), (21.5, 74.5)),
        4: ((18.0, 19.5), (30.0, 39.0), (17.5, 59.0), (28.0, 80.0)),
    }[max(1, len(kinds))]
    small = 0.85 if len(kinds) == 4 else 1.0
    for kind, (x, y) in zip(kinds, places, strict=False):
        part = fruit_cut(tray, kind)
        picture = put(
            picture, part, x + rng.uniform(-0.7, 0.7), y + rng.uniform(-0.7, 0.7), rng.uniform(-40, 40), small
        )
    return picture


def textured(tray: Tray, of: str) -> Pixels:
    """A picture covered with cereals, almonds, bananas or toppings, from pieces of the shared pictures."""
    height, width = tray.picture.shape[:2]
    small = whole()
    rng = np.random.default_rng(4)
    if of == "cereals":
        x0, _, x1, _ = tray.heap
        piece = crop(tray.picture, (x0 + 10, 12, x1 - 8, tray.border - 6))
    else:
        piece = crop(
            small.picture, {"toppings": (50, 57, 88, 88), "bananas": (50, 60, 61, 85)}.get(of, (63.5, 56.0, 70.5, 68.0))
        )
        scale = width / small.picture.shape[1]
        piece = np.asarray(cv2.resize(piece, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8)
    rows = [
        np.concatenate(
            [
                np.rot90(piece, 2 * int(rng.integers(2)))[:: 1 - 2 * int(rng.integers(2))]
                for _ in range(width // piece.shape[1] + 2)
            ],
            1,
        )
        for _ in range(height // piece.shape[0] + 2)
    ]
    return np.ascontiguousarray(np.concatenate(rows, 0)[:height, :width])


def refilled(tray: Tray, border: float, below: str = "same", filled: Box | None = None) -> Pixels:
    """The compartment with toppings from another border on, or others, or not full."""
    mask = heap_mask(tray)
    picture = tray.picture
    lines = np.arange(mask.shape[0])[:, None] / mask.shape[0] * 100
    across = np.arange(mask.shape[1])[None, :] / mask.shape[1] * 100
    wave = border + 2.0 * np.sin(across / 6) + 1.2 * np.sin(across / 2.3)
    kind = below if below != "same" else "toppings"
    over = picture
    if border > tray.border:
        over = np.where((lines < wave)[..., None], textured(tray, "cereals"), over)
        over = np.where((lines < tray.border - 8)[..., None], picture, over)
    if border < tray.border or below != "same":
        over = np.where((lines >= wave)[..., None], textured(tray, kind), over)
    done = blend(picture, over.astype(np.uint8), mask.astype(np.float32))
    if filled is None:
        return done
    return emptied(tray, done, mask & (1 - inside(picture, filled)))


def spilled(tray: Tray, rng: random.Random, pieces: int) -> Pixels:
    """Cereals on the wall between the compartments and among the fruit."""
    picture = tray.picture
    heap = Cut(textured(tray, "cereals"), np.ones(picture.shape[:2], np.float32))
    for i in range(pieces):
        width, height = rng.uniform(5, 9), rng.uniform(9, 20)
        x, y = (
            (rng.uniform(40, 43), rng.uniform(20, 75))
            if i % 2 == 0
            else (rng.choice([10.0, 34.0]), rng.choice([55.0, 68.0]))
        )
        x0, y0, x1, y1 = corners(picture, (50, 20, 50 + width, 20 + height))
        piece = heap.bgr[y0:y1, x0:x1]
        grain = np.random.default_rng(i).random(piece.shape[:2]).astype(np.float32)
        blot = cv2.GaussianBlur(grain, (0, 0), max(1.0, min(piece.shape[:2]) / 9)) * soft_box(
            piece.shape, min(piece.shape[:2]) / 3
        )
        cover = (blot > np.quantile(blot, 0.35)).astype(np.float32)
        picture = put(picture, Cut(piece, cover), x, y, rng.uniform(-15, 15))
    return picture


def swapped(tray: Tray) -> Pixels:
    """Fruit in the wide compartment, cereals and toppings in the narrow one."""
    mask = heap_mask(tray)
    picture = emptied(tray, with_fruit(tray, "", random.Random(0)), mask)
    x0, y0, x1, y1 = corners(tray.picture, tray.heap)
    heap = Cut(tray.picture[y0:y1, x0:x1], softened(mask[y0:y1, x0:x1]))
    flipped = Cut(np.ascontiguousarray(heap.bgr[:, ::-1]), np.ascontiguousarray(heap.cover[:, ::-1]))
    picture = put(picture, fitted(flipped, picture, 38, 87), 24.5, 48)
    for kind, (x, y) in zip("tnt", ((60, 25), (76, 50), (60, 74)), strict=True):
        picture = put(picture, fruit_cut(tray, kind), x, y)
    return picture


#: Each label, and the fruit from top to bottom.
FRUIT: Mapping[str, str] = {
    "0_nectarines_0_tangerines": "",
    "0_nectarines_1_tangerine": "t",
    "0_nectarines_2_tangerines": "tt",
    "0_nectarines_3_tangerines": "ttt",
    "0_nectarines_4_tangerines": "tttt",
    "1_nectarine_1_tangerine": "tn",
    "2_nectarines_1_tangerine": "ntn",
    "3_nectarines_0_tangerines": "nnn",
}


def breakfast_box() -> Iterator[Edited]:
    """All edited boxes."""
    made = Maker("breakfast_box")
    for name, tray in (("crushed", crushed()), ("whole", whole())):
        rng = random.Random(9)
        made(f"{name} as it is", tray.picture)
        for kinds in ("ttn", "tnt", "ntt"):
            made(f"{name} fruit {kinds}", with_fruit(tray, kinds, rng))
        for label, kinds in FRUIT.items():
            for i in range(2):
                made(f"{name} {label} {i}", with_fruit(tray, kinds[:: 1 - 2 * i], rng), label)
        _heaps(made, name, tray, rng)
    return iter(made)


def _heaps(made: Maker, name: str, tray: Tray, rng: random.Random) -> None:
    picture, mask = tray.picture, heap_mask(tray)
    split = round(tray.border / 100 * len(mask))
    upper, lower = mask.copy(), mask.copy()
    upper[split:], lower[:split] = 0, 0
    made(f"{name} no cereals", emptied(tray, picture, upper), "missing_cereals")
    made(f"{name} no toppings", emptied(tray, picture, lower), "missing_toppings")
    made(f"{name} neither", emptied(tray, picture, mask), "missing_cereals_and_toppings")
    for border in (51, 54, 57):
        made(f"{name} mixed from {border}", refilled(tray, border, "toppings"))
        made(f"{name} only bananas from {border}", refilled(tray, border, "bananas"), "missing_almonds")
        made(f"{name} only almonds from {border}", refilled(tray, border, "almonds"), "missing_bananas")
    for border in (20, 30, 42, 66, 76):
        made(f"{name} toppings from {border}", refilled(tray, border, "toppings"), "wrong_ratio")
    x0, y0, x1, y1 = tray.heap
    for side, box in (
        ("right", (x0, y0, x1 - 17, y1)),
        ("left", (x0 + 17, y0, x1, y1)),
        ("round about", (x0 + 9, y0 + 7, x1 - 8, y1 - 7)),
    ):
        made(f"{name} not full {side}", refilled(tray, tray.border, "same", box), "underflow")
    for i in range(4):
        made(f"{name} spilled {i}", spilled(tray, rng, i + 1), "overflow")
    made(f"{name} sides swapped", swapped(tray), "compartments_swapped")
    made(f"{name} mirrored", np.ascontiguousarray(picture[:, ::-1]), "compartments_swapped")
