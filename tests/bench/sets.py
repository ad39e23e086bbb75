"""Small data sets of rendered trays in the published layouts: what is right is known exactly."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from examples.render import COLUMNS, ROWS, render_with_pins
from tests.cli.commands import CHECKOUT

SPEC = CHECKOUT / "specs" / "pushpins.logic"
WIDE, HIGH = 340, 200
#: The defects of the trays: which compartments differ, and the labels by the spec.
DEFECTS: dict[str, tuple[dict[tuple[int, int], int], frozenset[str]]] = {
    "missing": ({(1, 2): 0}, frozenset(["missing_pushpin"])),
    "additional": ({(0, 1): 2}, frozenset(["additional_pushpin"])),
    "both": ({(0, 0): 2, (2, 4): 0}, frozenset(["missing_pushpin", "additional_pushpin"])),
}
PIXELS = {"missing_pushpin": 254, "additional_pushpin": 255, "scratch": 253}


@lru_cache(maxsize=64)
def _rendered(defect: str, seed: int):
    cells = [[DEFECTS[defect][0].get((r, c), 1) if defect else 1 for c in range(COLUMNS)] for r in range(ROWS)]
    return render_with_pins(cells, seed=seed, width=WIDE, height=HIGH)


def tray(path: Path, defect: str = "", seed: int = 0) -> Path:
    """Write the picture of a tray, good or with a defect."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), _rendered(defect, seed)[0])
    return path


def scratched(path: Path, seed: int = 0) -> Path:
    """Write the picture of a good tray with a dark scratch, which is no logical defect."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = _rendered("", seed)[0].copy()
    cv2.line(picture, (5, 5), (60, 12), (20, 20, 20), 1)
    cv2.imwrite(str(path), picture)
    return path


def loco(root: Path, product: str = "pushpins", defects: Sequence[str] = ("missing", "additional", "both")) -> Path:
    """A product in the layout of MVTec LOCO AD: 6 training, 1 validation, 3 good test pictures, and anomalies."""
    home = root / product
    for number in range(6):
        tray(home / "train" / "good" / f"{number:03}.png", seed=number)
    tray(home / "validation" / "good" / "000.png", seed=20)
    for number in range(3):
        tray(home / "test" / "good" / f"{number:03}.png", seed=30 + number)
    for number, defect in enumerate(defects):
        tray(home / "test" / "logical_anomalies" / f"{number:03}.png", defect, 40 + number)
        masks(home / "ground_truth" / "logical_anomalies" / f"{number:03}", DEFECTS[defect][1])
    scratched(home / "test" / "structural_anomalies" / "000.png", 50)
    masks(home / "ground_truth" / "structural_anomalies" / "000", ["scratch"])
    config = [
        {"defect_name": name, "pixel_value": value, "relative_saturation": True} for name, value in PIXELS.items()
    ]
    (home / "defects_config.json").write_text(json.dumps(config))
    return root


def masks(folder: Path, names: Sequence[str] | frozenset[str]) -> None:
    """Write a mask for each defect."""
    folder.mkdir(parents=True)
    for number, name in enumerate(sorted(names)):
        mask = np.zeros((HIGH, WIDE), np.uint8)
        mask[10:40, 10 + 40 * number : 40 + 40 * number] = PIXELS[name]
        cv2.imwrite(str(folder / f"{number:03}.png"), mask)


def annotated(root: Path, reasons: dict[str, Sequence[str]], part: str = "test", pictures: bool = True) -> Path:
    """A product in the form of LOCO-Annotations: for each defect of a tray what its flags say."""
    home = root / "pushpins"
    for number, (defect, said) in enumerate(reasons.items()):
        kind = "logical_anomalies" if defect else "good"
        path = home / part / kind / f"{number:03}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        if pictures:
            tray(path.with_suffix(".png"), defect, 60 + number)
        shapes = [_shape("pushpin", x, y, 9) for x, y in _pins(defect, 60 + number)]
        path.write_text(labelme(path.with_suffix(".png").name, shapes, dict.fromkeys(said, True)))
    return root


def labelme(name: str, shapes: Sequence[dict[str, object]], flags: dict[str, bool]) -> str:
    """A LabelMe file without pixels."""
    size = {"imageHeight": HIGH, "imageWidth": WIDE}
    document = {"version": "5.2.1", "flags": flags, "shapes": list(shapes), "imagePath": name, "imageData": None}
    return json.dumps(document | size)


def _pins(defect: str, seed: int) -> list[tuple[float, float]]:
    return [(pin.x, pin.y) for pin in _rendered(defect, seed)[1]]


def _shape(label: str, x: float, y: float, reach: float) -> dict[str, object]:
    corners = [[x - reach, y - reach], [x + reach, y - reach], [x + reach, y + reach], [x - reach, y + reach]]
    return {"label": label, "points": corners, "group_id": None, "shape_type": "polygon", "flags": {}}


def vid_ad(root: Path) -> Path:
    """Two capture conditions of a scenario in the layout of VID-AD."""
    for product in ("Pins", "Pins_Mesh_BG"):
        home = root / product
        for number in range(2):
            tray(home / "train" / "good" / f"{number:03}.png", seed=number)
            tray(home / "test" / "good" / f"{number:03}.png", seed=30 + number)
        anomalies = home / "test" / "logical_anomalies"
        tray(anomalies / "Single-Aspect-A" / "000.png", "missing", 40)
        tray(anomalies / "Single-Aspect-B" / "000.png", "additional", 41)
        tray(anomalies / "Dual-Aspects" / "000.png", "both", 42)
    return root
