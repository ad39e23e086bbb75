"""Pictures of discs whose sizes are known, and specs that count them by a limit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

SPEC = """# discs by size
param lim_px2 = 60 px2 in 20 .. 800 px2   # of a disc
blobs spots where lightness > 50 % then fill()
object disc = spots where area >= lim_px2
rule three as quantity: count(disc) = 3    low too_few  high too_many
"""
#: Radii of the discs on each picture, px; discs of 10 and more count.
RADII: Mapping[str, Sequence[int]] = {
    "a.png": (10, 11, 12, 5),
    "b.png": (11, 12, 12, 6, 4),
    "c.png": (13, 12, 10),
    "d.png": (12, 12, 5),
    "e.png": (11, 10, 13, 11, 3),
}


def draw(path: Path, radii: Sequence[int], grey: int = 255) -> Path:
    """A picture of discs in a row."""
    picture = np.full((40, 200, 3), 20, np.uint8)
    for i, radius in enumerate(radii):
        cv2.circle(picture, (20 + 36 * i, 20), radius, (grey, grey, grey), -1)
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), picture)
    return path


def counts() -> dict[str, dict[str, int]]:
    """The truth, as a file has it."""
    return {name: {"disc": sum(r >= 10 for r in radii)} for name, radii in RADII.items()}


def folder_of(place: Path) -> Path:
    """A folder with the spec, the pictures in `pictures`, and the truth beside them."""
    (place / "discs.logic").write_text(SPEC)
    for name, radii in RADII.items():
        draw(place / "pictures" / name, radii)
    (place / "pictures" / "truth.json").write_text(json.dumps(counts()))
    return place


def good_and_bad(place: Path) -> Path:
    """The same spec, with pictures that pass in `good` and others in `bad`."""
    (place / "discs.logic").write_text(SPEC)
    for i, small in enumerate((10, 11, 10, 12, 11, 10, 12, 11)):
        draw(place / "good" / f"{i}.png", (small, 13, 13))
    for i in range(3):
        draw(place / "bad" / f"{i}.png", (13, 13))
    return place
