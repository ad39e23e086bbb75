"""The pictures of the documents, made again: `python -m examples.doc_pictures`.

Renders the tray that the first page speaks of, checks it, and writes tray and overlay to `docs/images`,
small enough for a repository: 600 px wide, a palette of 64 colours. The tray is rendered four times as wide
first, as the noise that scaling down takes away would not compress.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PIL import Image

from examples.demo import SPECS
from examples.render import write_variants
from logidsl.cli import main as logidsl_command

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
WIDTH_PX = 600
VARIANT = "moved"


def shrink(source: Path, target: Path) -> None:
    """Write a picture scaled down, with few colours."""
    with Image.open(source) as picture:
        small = picture.convert("RGB").resize((WIDTH_PX, round(WIDTH_PX * picture.height / picture.width)))
        small.quantize(64, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(target, optimize=True)


def main() -> int:
    """Write the pictures; returns the exit code."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (tray,) = write_variants(folder, width=4 * WIDTH_PX, names=[VARIANT])
        shrink(tray, IMAGES / f"tray_{VARIANT}.png")
        logidsl_command(
            ["check", str(tray), "--spec", str(SPECS / "pushpins.logic"), "--overlay", str(folder / "overlays")]
        )
        (overlay,) = (folder / "overlays").glob("*.png")
        shrink(overlay, IMAGES / f"tray_{VARIANT}_overlay.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
