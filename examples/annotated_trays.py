"""Rendered trays with LabelMe annotations: pictures to learn from whose outlines are exact.

`python -m examples.annotated_trays FOLDER` writes four of them, as if someone had drawn the pins by hand.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from examples.render import COLUMNS, ROWS, outline_of, render_with_pins


def write_annotated(folder: Path, count: int = 4, *, seed: int = 70, width: int = 340) -> list[Path]:
    """Write trays with none, one or two pins in a compartment, one of them red; returns the annotations.

    Parameters
    ----------
    folder : Path
        Made where it is not there.
    count : int
        How many trays.
    seed : int
        Of the first one; the next have the next ones.
    width : int
        Width of the pictures in px; their height is 10/17 of it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(count):
        cells = np.random.default_rng(seed + number).choice(3, (ROWS, COLUMNS), p=(0.15, 0.7, 0.15))
        row, column = (int(at[0]) + 1 for at in np.nonzero(cells))
        size = {"width": width, "height": round(width * 10 / 17)}
        bgr, pins = render_with_pins(cells.tolist(), seed=seed + number, wrong_color=(row, column), **size)
        picture = folder / f"tray_{number + 1}.png"
        picture.write_bytes(cv2.imencode(".png", bgr)[1].tobytes())
        shapes = [
            {"label": "pushpin", "shape_type": "polygon", "points": outline_of(pin).round(2).tolist()} for pin in pins
        ]
        document = {
            "version": "5.5.0",
            "shapes": shapes,
            "imagePath": picture.name,
            "imageData": None,
            "imageWidth": size["width"],
            "imageHeight": size["height"],
        }
        paths.append(picture.with_suffix(".json"))
        paths[-1].write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    return paths


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m examples.annotated_trays", description="Render trays of pushpins with LabelMe annotations."
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=4, help="how many (default 4)")
    given = parser.parse_args(arguments)
    for path in write_annotated(given.folder, given.count):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
