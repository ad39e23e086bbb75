"""A browser that shows the page of a studio: what the tests of this folder share."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from tests.studio.running import Studio

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

#: Screenshots of the tests, outside of the checkout: a person looks at them.
ARTEFACTS = Path(os.environ.get("STUDIO_SCREENSHOTS") or Path(tempfile.gettempdir()) / "logidsl-studio-screenshots")
WAIT_MS = int(os.environ.get("STUDIO_WAIT_MS", "30000"))

TRAY_SPEC = """spec tray "Pushpin tray, 15 compartments"

color amber = "#f6b01c" within 25
blobs yellow where color = amber then open(0.4 %) then fill()

object pushpin = yellow where area >= 0.05 %
grid cell = 3 rows, 5 columns of box(2 %, 4 %, 98 %, 96 %)

rule one_pin_per_cell "each compartment holds one pin" as quantity:
    every cell c: count(pushpin inside c) = 1
    low missing_pushpin  high additional_pushpin
"""


class Workbench:
    """The page of a studio, in words of its user.

    Parameters
    ----------
    page : Page
    studio : Studio
    """

    def __init__(self, page: Page, studio: Studio) -> None:
        self.page, self.studio = page, studio
        page.set_default_timeout(WAIT_MS)
        self.faults: list[str] = []
        page.on("pageerror", lambda e: self.faults.append(str(e)))

    def open(self) -> Workbench:
        """Load the page, and wait until all photos are judged."""
        self.page.goto(self.studio.url)
        self.page.locator(".tile").first.wait_for()
        self.settled()
        return self

    def get(self, name: str) -> Locator:
        """What has a test id."""
        return self.page.get_by_test_id(name)

    def expect(self, name: str) -> Any:
        """Assertions about what has a test id, that wait for it."""
        from playwright.sync_api import expect

        expect.set_options(timeout=WAIT_MS)
        return expect(self.get(name))

    def settled(self) -> None:
        """Wait until the text is saved, and all that can be judged is."""
        self.page.wait_for_function(
            """() => { const s = document.querySelector('[data-testid=status]')?.textContent ?? '';
            return s.startsWith('Saved') && !s.includes('udg'); }"""
        )

    def write(self, text: str) -> None:
        """Replace the spec as one who pastes it."""
        self.get("tab-write").click()
        self.get("editor").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)

    def text(self) -> str:
        """The spec in the editor."""
        lines = self.get("editor").locator(".cm-line").all_text_contents()
        return "\n".join(lines)

    def show_unjudged(self, name: str) -> None:
        """Show a photo."""
        self.page.locator(f".tile[title^='{name}']").click()
        self.page.wait_for_function("name => document.querySelector('.photo-name')?.textContent === name", arg=name)
        self.page.locator(".overlay > g[transform]").wait_for(state="attached")

    def show(self, name: str) -> None:
        """Show a photo, and wait for its verdict."""
        self.show_unjudged(name)
        self.page.wait_for_function(
            "() => !document.querySelector('[data-testid=verdict]').textContent.includes('not judged')"
        )

    def verdicts(self) -> dict[str, str]:
        """The verdict of each photo in the list, by its name."""
        tiles = self.page.locator(".tile").evaluate_all(
            "all => all.map(t => [t.querySelector('.tile-name').textContent, t.dataset.verdict])"
        )
        return dict(tiles)

    def await_verdicts(self, wanted: dict[str, str]) -> None:
        """Wait until the photos have these verdicts."""
        script = """wanted => { const got = Object.fromEntries([...document.querySelectorAll('.tile')].map(
            t => [t.querySelector('.tile-name').textContent, t.dataset.verdict]));
            return Object.entries(wanted).every(([k, v]) => got[k] === v); }"""
        try:
            self.page.wait_for_function(script, arg=wanted)
        except Exception:
            assert self.verdicts() == wanted
            raise

    def at(self, x: float, y: float) -> tuple[float, float]:
        """The place in the window of a point of the picture, px."""
        script = """([x, y]) => { const to = document.querySelector('.overlay > g').getScreenCTM();
            return [to.a * x + to.e, to.d * y + to.f]; }"""
        self.page.wait_for_function("() => document.querySelector('.overlay > g').hasAttribute('transform')")
        left, top = self.page.evaluate(script, [x, y])
        return left, top

    def click_picture(self, x: float, y: float) -> None:
        """Click a point of the picture, px."""
        self.page.mouse.click(*self.at(x, y))

    def drag_picture(self, points: list[tuple[float, float]]) -> None:
        """Drag along points of the picture, px."""
        self.page.mouse.move(*self.at(*points[0]))
        self.page.mouse.down()
        for point in points[1:]:
            self.page.mouse.move(*self.at(*point), steps=4)
        self.page.mouse.up()

    def screenshot(self, name: str) -> Path:
        """Keep a picture of the window among the artefacts."""
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        path = ARTEFACTS / f"{name}.png"
        self.page.mouse.move(2, 2)
        self.page.screenshot(path=path)
        return path


@contextlib.contextmanager
def workbench(browser: Browser, studio: Studio, **options: Any) -> Iterator[Workbench]:
    """The page in a window of its own, which nothing may have gone wrong in."""
    context = browser.new_context(**{"viewport": {"width": 1440, "height": 860}, **options})
    bench = Workbench(context.new_page(), studio)
    try:
        yield bench.open()
        assert bench.faults == []
    except BaseException:
        bench.screenshot("failed")
        raise
    finally:
        context.close()


def chromium_program() -> str | None:
    """The path of Debian's Chromium; None where it is not installed."""
    return shutil.which("chromium")


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Headless Chromium, driven by Playwright."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # no sandbox, as root may not use one in a container; the page is our own
        browser = playwright.chromium.launch(executable_path=chromium_program(), args=["--no-sandbox", "--lang=en"])
        yield browser
        browser.close()


def spots_of(picture: Path, bgr: tuple[float, float, float], count: int, near: float = 30.0) -> list[tuple[int, int]]:
    """Points well inside of the largest parts of a colour, px."""
    pixels = cv2.imread(str(picture))
    assert pixels is not None
    mask = (np.abs(pixels.astype(np.float64) - np.array(bgr)).max(axis=2) < near).astype(np.uint8)
    number, _, stats, _ = cv2.connectedComponentsWithStats(mask)
    away = cv2.distanceTransform(mask, cv2.DIST_L2, 5)
    found = []
    for k in sorted(range(1, number), key=lambda k: -stats[k, cv2.CC_STAT_AREA])[:count]:
        x, y, w, h = stats[k, :4]
        row, column = np.unravel_index(int(away[y : y + h, x : x + w].argmax()), (h, w))
        found.append((int(x + column), int(y + row)))
    return found
