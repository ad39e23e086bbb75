"""The pictures of the documents, made again: `python -m examples.doc_pictures`.

Renders the tray that the first page speaks of, checks it by the spec that stands there, and writes tray and
overlay to `docs/images`, small enough for a repository: 600 px wide, a palette of 48 colours.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from PIL import Image

from examples.render import write_variants
from logidsl.cli import main as logidsl_command

CHECKOUT = Path(__file__).resolve().parent.parent
IMAGES = CHECKOUT / "docs" / "images"
WIDTH_PX = 600
VARIANT = "moved"


def shrink(source: Path, target: Path) -> None:
    """Write a picture scaled down, with few colours."""
    with Image.open(source) as picture:
        small = picture.convert("RGB").resize((WIDTH_PX, round(WIDTH_PX * picture.height / picture.width)))
        small.quantize(48, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(target, optimize=True)


def first_spec() -> str:
    """The spec on the first page."""
    found = re.search(r"^```logic file=tray.logic\n(.*?)^```", (CHECKOUT / "README.md").read_text("utf-8"), re.M | re.S)
    assert found, "the first page has no spec"
    return found[1]


def main() -> int:
    """Write the pictures; returns the exit code."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (tray,) = write_variants(folder, names=[VARIANT])
        shrink(tray, IMAGES / f"tray_{VARIANT}.png")
        spec = folder / "tray.logic"
        spec.write_text(first_spec(), "utf-8")
        logidsl_command(["check", str(tray), "--spec", str(spec), "--overlay", str(folder / "overlays")])
        (overlay,) = (folder / "overlays").glob("*.png")
        shrink(overlay, IMAGES / f"tray_{VARIANT}_overlay.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
