"""The page can be used by the keyboard, at 200 % and with a screen reader; axe-core looks for what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.node_packages import installed
from tests.studio.browser.driving import Workbench, workbench
from tests.studio.running import Studio

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def serious(bench: Workbench) -> list[str]:
    """What axe-core finds that keeps people from using the page."""
    if not bench.page.evaluate("() => 'axe' in window"):
        source = (installed() / "axe-core" / "axe.min.js").read_text("utf-8")
        bench.page.evaluate(source)
    found: Any = bench.page.evaluate("() => axe.run({ resultTypes: ['violations'] })")
    return [
        f"{v['id']}: {v['help']}: {node['html'][:160]}"
        for v in found["violations"]
        if v["impact"] in ("serious", "critical")
        for node in v["nodes"]
    ]


LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "twice-as-large": {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2},
}


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_serious(browser: Browser, studio: Studio, look: str) -> None:
    with workbench(browser, studio, **LOOKS[look]) as bench:
        bench.show("tray_moved.png")
        bench.get("finding-0").click()
        found = {"write": serious(bench)}
        bench.screenshot(f"{look}-write")
        # each tab with what it shows last
        for tab, shown in (
            ("point", "histogram"),
            ("prove", "prove-summary"),
            ("sentences", "infer"),
            ("history", "history"),
        ):
            bench.get(f"tab-{tab}").click()
            bench.get(shown).wait_for()
            bench.screenshot(f"{look}-{tab}")
            found[tab] = serious(bench)
        bench.get("help-button").click()
        found["help"] = serious(bench)
        assert "\n".join(f"{where}: {what}" for where, all_ in found.items() for what in all_) == ""
        # nothing is cut off to the side
        assert bench.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_everything_can_be_done_by_the_keyboard(browser: Browser, studio: Studio) -> None:
    with workbench(browser, studio) as bench:
        bench.show("tray_good.png")
        keys = bench.page.keyboard
        bench.page.locator(".tile.chosen").click()
        keys.press("j")
        bench.page.locator(".photo-name", has_text="tray_moved.png").wait_for()
        bench.expect("finding-1").to_be_visible()
        keys.press("n")
        bench.expect("finding-0").to_have_attribute("aria-pressed", "true")
        keys.press("k")
        bench.page.locator(".photo-name", has_text="tray_good.png").wait_for()
        keys.press("?")
        bench.expect("help").to_be_visible()
        keys.press("Escape")
        bench.expect("help").to_have_count(0)
        # a box: the cross is moved by arrow keys, Space sets its corners
        keys.press("x")
        bench.get("annotation-class").fill("pushpin")
        keys.press("Escape")
        keys.press("i")
        keys.press("Space")
        for _ in range(3):
            keys.press("ArrowRight")
            keys.press("ArrowDown")
        keys.press("Space")
        bench.expect("shapes").to_contain_text("pushpin")
        # a polygon, closed by Enter
        keys.press("p")
        keys.press("i")
        for arrow in ("ArrowRight", "ArrowDown", "ArrowLeft"):
            keys.press("Space")
            for _ in range(4):
                keys.press(arrow)
        keys.press("Enter")
        bench.page.locator("[data-testid=shapes] li").nth(1).wait_for()
        # the colour under the cross
        keys.press("e")
        keys.press("i")
        keys.press("Space")
        bench.expect("clicks").to_contain_text("#")
        # into the editor and out of it
        keys.press("Escape")
        keys.press("Enter")
        bench.page.wait_for_function("() => document.activeElement?.classList.contains('cm-content')")
        keys.press("Escape")
        keys.press("Tab")
        bench.page.wait_for_function("() => !document.activeElement?.classList.contains('cm-content')")
        # the photos: arrow keys in the list
        bench.page.locator(".tiles").focus()
        keys.press("End")
        bench.page.locator(".photo-name", has_text="tray_wrong_color.png").wait_for()
