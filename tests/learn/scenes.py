"""Rendered pictures of discs, bars and trays on speckled ground, with LabelMe annotations.

What is right is known exactly.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

COLORS = {"disc": (40, 60, 200), "bar": (190, 120, 40), "tray": (90, 100, 95)}
SIDES = {"bar": (60, 18), "tray": (98, 104)}


@dataclass(frozen=True)
class Part:
    """A disc, a bar or a tray: its middle, and but for a disc its direction."""

    name: str
    x: float
    y: float
    turn_deg: float = 0.0

    def outline(self, grow: float = 1.0) -> np.ndarray:
        if self.name == "disc":
            turn = np.arange(48) * (2 * np.pi / 48)
            return np.array([self.x, self.y]) + 20 * grow * np.stack([np.cos(turn), np.sin(turn)], axis=1)
        width, height = SIDES[self.name]
        box = ((self.x, self.y), (width * grow, height * grow), self.turn_deg)
        return cv2.boxPoints(box).astype(np.float64)

    def stroke(self) -> np.ndarray:
        """Half as long as the bar, along it."""
        turn = np.deg2rad(self.turn_deg)
        across, down = 15 * float(np.cos(turn)), 15 * float(np.sin(turn))
        return np.array([[self.x - across, self.y - down], [self.x + across, self.y + down]])


def parts(seed: int, discs: int = 4, bars: int = 3, width: int = 360, height: int = 270) -> list[Part]:
    """Parts that do not touch."""
    rng = np.random.default_rng(seed)
    found: list[Part] = []
    wanted = ["disc"] * discs + ["bar"] * bars
    while wanted:
        x, y = rng.uniform(38, width - 38), rng.uniform(38, height - 38)
        if all(np.hypot(x - p.x, y - p.y) > 66 for p in found) or rng.random() < 0.001:
            found.append(Part(wanted.pop(), float(x), float(y), float(rng.uniform(0, 180))))
    return found


def filled_trays(seed: int) -> list[Part]:
    """Six trays, each with a disc somewhere on it."""
    rng = np.random.default_rng(seed)
    trays = [Part("tray", x, y) for x in (62.0, 180.0, 298.0) for y in (70.0, 200.0)]
    return trays + [Part("disc", t.x + rng.uniform(-25, 25), t.y + rng.uniform(-28, 28)) for t in trays]


def picture(shown: Sequence[Part], seed: int, width: int = 360, height: int = 270) -> np.ndarray:
    """BGR."""
    rng = np.random.default_rng(seed + 1000)
    canvas = np.full((height, width, 3), (150, 165, 160), np.float64)
    canvas += cv2.GaussianBlur(rng.normal(0, 40, canvas.shape), (0, 0), 2.0)
    for part in shown:
        mask = np.zeros((height, width), np.uint8)
        cv2.fillPoly(mask, [np.round(part.outline() * 16 - 8).astype(np.int32)], 255, cv2.LINE_AA, 4)
        soft = mask[..., None] / 255.0
        canvas = canvas * (1 - soft) + soft * (np.array(COLORS[part.name]) + rng.normal(0, 6, canvas.shape))
    return np.clip(canvas, 0, 255).astype(np.uint8)


def annotate(folder: Path, name: str, shown: Sequence[Part], seed: int, kind: str = "polygon") -> Path:
    """Write a picture and its annotation, which is given back."""
    folder.mkdir(parents=True, exist_ok=True)
    bgr = picture(shown, seed)
    assert cv2.imwrite(str(folder / f"{name}.png"), bgr)
    shapes = []
    for part in shown:
        outline = part.outline()
        points = {
            "polygon": outline.tolist(),
            "rectangle": [outline.min(0).tolist(), outline.max(0).tolist()],
            "point": [[part.x, part.y]],
            "line": part.stroke().tolist(),
        }[kind]
        shapes.append({"label": part.name, "shape_type": kind, "points": points})
    document = {"version": "5.5.0", "shapes": shapes, "imagePath": f"{name}.png", "imageData": None}
    document |= {"imageWidth": bgr.shape[1], "imageHeight": bgr.shape[0]}
    (folder / f"{name}.json").write_text(json.dumps(document), "utf-8")
    return folder / f"{name}.json"


def folder_of(folder: Path, count: int, first: int = 0, kind: str = "polygon") -> Path:
    """A folder of annotated pictures."""
    for number in range(first, first + count):
        annotate(folder, f"p{number}", parts(number), number, kind)
    return folder
