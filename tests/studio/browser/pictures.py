"""The pictures of `docs/studio.md`, made again from rendered trays: `python -m tests.studio.browser.pictures`.

Needs Chromium and Playwright, as the tests of this folder do.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from examples.render import VARIANTS, YELLOW_BGR, write_variants
from tests.studio.browser.driving import TRAY_SPEC, Workbench, chromium, spots_of, workbench
from tests.studio.running import Studio

IMAGES = Path(__file__).resolve().parents[3] / "docs" / "images"
SIZE = {"width": 1180, "height": 690}
COLORS = 112
DARK, NIGHT = 30, (13, 14, 18)


def keep(bench: Workbench, name: str) -> None:
    """Write what the window shows, with few colours."""
    shot = bench.screenshot(f"docs-{name}")
    with Image.open(shot) as picture:
        pixels = np.array(picture.convert("RGB"))
    pixels[pixels.max(axis=2) < DARK] = NIGHT  # the noise of a tray would be most of the file
    few = Image.fromarray(pixels).quantize(COLORS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(IMAGES / f"studio_{name}.png", optimize=True)


def main() -> int:
    """Write the pictures; returns the exit code."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "trays"
        trays = {p.stem.removeprefix("tray_"): p for p in write_variants(folder)}
        (folder / "trays.logic").write_text(TRAY_SPEC, "utf-8")
        with Studio(folder) as studio, chromium() as browser, workbench(browser, studio, viewport=SIZE) as bench:
            for variant, tray in trays.items():
                bench.show(tray.name)
                bench.page.locator(".tile.chosen").click()
                bench.page.keyboard.press("g" if VARIANTS[variant].verdict == "pass" else "b")
            bench.settled()
            bench.show("tray_one_missing.png")
            bench.get("finding-0").click()
            bench.page.locator(".finding-repair").first.wait_for()
            keep(bench, "write")
            bench.show("tray_good.png")
            bench.get("tab-prove").click()
            bench.page.locator("[data-testid=prove-summary] .figure").wait_for()
            keep(bench, "prove")
            bench.get("tab-history").click()
            bench.get("history").wait_for()
            bench.get("history-measure").select_option("pushpin.area")
            bench.page.locator(".history h3").wait_for()
            bench.get("history").scroll_into_view_if_needed()
            keep(bench, "history")
            bench.page.locator(".tile.chosen").click()
            bench.page.keyboard.press("e")
            for x, y in spots_of(trays["good"], YELLOW_BGR, 3):
                bench.click_picture(x, y)
            bench.page.locator("[data-testid=clicks] tbody tr").nth(2).wait_for()
            bench.get("color-name").fill("amber")
            bench.get("build-color").click()
            bench.get("color-offer").wait_for()
            bench.get("histogram").wait_for()
            keep(bench, "point")
    return 0


if __name__ == "__main__":
    sys.exit(main())
