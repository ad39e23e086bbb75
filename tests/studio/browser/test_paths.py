"""The whole way from a folder of photos to a right verdict, as a person goes it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from examples.render import VARIANTS, YELLOW_BGR
from tests.studio.browser.driving import spots_of, workbench
from tests.studio.running import Studio

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FOUND = "blobs yellow where color = {name} then open(0.4 %) then fill()\nobject pushpin = yellow where area >= 0.05 %\n"
RULE = """grid cell = 3 rows, 5 columns of box(2 %, 4 %, 98 %, 96 %)
rule one_pin_per_cell "each compartment holds one pin" as quantity:
    every cell c: count(pushpin inside c) = 1
    low missing_pushpin  high additional_pushpin
"""


def test_from_a_folder_of_trays_to_right_verdicts(
    browser: Browser, running_studio: Studio, trays: dict[str, Path]
) -> None:
    studio = running_studio
    studio.restore("logic 1\nspec trays\n")
    with workbench(browser, studio) as bench:
        # point: a colour from three clicks
        bench.show_unjudged("tray_good.png")
        bench.page.keyboard.press("e")
        for x, y in spots_of(trays["good"], YELLOW_BGR, 3):
            bench.click_picture(x, y)
        bench.page.locator("[data-testid=clicks] tbody tr").nth(2).wait_for()
        bench.get("color-name").fill("amber")
        bench.get("build-color").click()
        bench.expect("color-offer").to_contain_text("color amber = ")
        bench.screenshot("trays-point")
        bench.get("insert-color").click()
        bench.settled()
        assert re.search(r'^color amber = "#[0-9a-f]{6}" within \d+', studio.spec.read_text("utf-8"), re.M)
        # write: what is an object, and what must hold of it
        bench.write(bench.text() + "\n" + FOUND.format(name="amber") + RULE)
        wanted = {f"tray_{name}.png": variant.verdict for name, variant in VARIANTS.items()}
        bench.await_verdicts(wanted)
        bench.settled()
        # see: a finding, its objects and its clause; an object, its row and margins
        bench.show("tray_moved.png")
        bench.expect("finding-1").to_be_visible()
        bench.get("finding-0").click()
        bench.expect("finding-0").to_have_attribute("aria-pressed", "true")
        bench.page.locator(".object.lit").first.wait_for(state="attached")
        assert bench.page.locator(".object.lit").count() == 2
        assert bench.page.locator(".cm-lit").first.text_content() == "count(pushpin inside c) = 1"
        bench.screenshot("trays-write")
        bench.page.keyboard.press("Escape")
        x, y = spots_of(trays["moved"], YELLOW_BGR, 1)[0]
        bench.click_picture(x, y)
        bench.expect("object-row").to_contain_text("pushpin")
        bench.expect("object-row").to_contain_text("area")
        bench.expect("object-row").to_contain_text("Margins")
        # the cursor in the rule highlights what the rule is about
        bench.page.locator(".cm-line", has_text="rule one_pin_per_cell").click()
        bench.page.wait_for_function("() => document.querySelectorAll('.object.lit').length === 15")
        # prove: marks, what is judged against them, a test, an export
        for name, verdict in wanted.items():
            bench.show(name)
            bench.page.locator(".tile.chosen").click()
            bench.page.keyboard.press("g" if verdict == "pass" else "b")
            bench.page.locator(f".tile[title^='{name}'] .mark").wait_for()
        bench.get("tab-prove").click()
        bench.expect("prove-summary").to_contain_text("5 of 5 marked photos are judged right")
        bench.show("tray_moved.png")
        bench.get("test-title").fill("two pins in one compartment")
        bench.get("add-test").click()
        bench.settled()
        bench.get("export-name").fill("delivery")
        bench.get("export").click()
        bench.expect("exported").to_contain_text("trays.logic")
        bench.screenshot("trays-prove")
        bench.get("export").click()
        bench.page.locator("[data-testid=message]", has_text="delivery").wait_for()
    assert 'test "two pins in one compartment"' in studio.spec.read_text("utf-8")
    assert (studio.folder / "delivery" / "trays.logic").is_file()


def test_from_real_photos_to_right_verdicts(
    browser: Browser, studio_of: Callable[..., Studio], shared: Path, tmp_path: Path
) -> None:
    """Sweets, of which one must be yellow: the colour comes from clicks, the verdicts are compared with the truth."""
    truth = json.loads((shared / "candies_even" / "truth.json").read_text())
    folder = tmp_path / "sweets"
    folder.mkdir()
    names = ["00.jpg", "02.jpg", "04.jpg", "08.jpg", "10.jpg", "12.jpg"]
    for name in names:
        shutil.copy(shared / "candies_even" / name, folder)
    studio = studio_of(folder)
    with workbench(browser, studio) as bench:
        bench.show_unjudged("00.jpg")
        bench.page.keyboard.press("e")
        for x, y in [(553, 450), (536, 411), (556, 529)]:
            bench.click_picture(x, y)
        bench.page.locator("[data-testid=clicks] tbody tr").nth(2).wait_for()
        bench.get("color-name").fill("yellow")
        bench.get("build-color").click()
        bench.get("insert-color").click()
        bench.settled()
        bench.write(
            bench.text() + "\nblobs yellowish where color = yellow then open(0.3 %)\n"
            "object yellow_sweet = yellowish where area >= 0.03 %\n"
            'rule some_yellow "one sweet is yellow": some yellow_sweet\n    defect no_yellow_sweet\n'
        )
        wanted = {name: "pass" if truth[name]["yellow"] else "fail" for name in names}
        assert set(wanted.values()) == {"fail", "pass"}
        bench.await_verdicts(wanted)
        bench.show("08.jpg")
        bench.expect("finding-0").to_contain_text("no_yellow_sweet")
        bench.screenshot("sweets")
