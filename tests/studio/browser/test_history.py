"""The history in the browser: of the photos as an edit judges them, and of a run that is recorded with a click."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from logidsl.studio.photos import STATE
from tests.studio.browser.driving import TRAY_SPEC, workbench
from tests.studio.running import Studio

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_a_run_is_recorded_and_its_history_shown(browser: Browser, studio: Studio) -> None:
    with workbench(browser, studio) as bench:
        bench.show("tray_moved.png")
        bench.page.locator(".tile.chosen").click()
        bench.page.keyboard.press("h")
        bench.expect("history").to_contain_text("Yield 20.0% of 5 decided images.")
        bench.get("history-measure").select_option("pushpin.area")
        bench.get("history-low").fill("10")
        bench.get("history-high").fill("900")
        bench.page.keyboard.press("Tab")
        bench.expect("history").to_contain_text("Cpk")
        # the history of the photos follows an edit
        bench.write(TRAY_SPEC.replace("inside c) = 1", "inside c) <= 2"))
        bench.settled()
        bench.get("tab-history").click()
        bench.expect("history").to_contain_text("Yield 100.0% of 5 decided images.")
        bench.write(TRAY_SPEC)
        bench.settled()
        # nothing is recorded yet
        bench.get("tab-history").click()
        bench.get("history-source").select_option("store")
        bench.expect("history-message").to_contain_text("no run is recorded yet")
        bench.get("lot").fill("L17")
        bench.get("record").click()
        bench.expect("history").to_contain_text("Yield 20.0% of 5 decided images.")
        bench.expect("message").to_contain_text("5 photos recorded")
        bench.get("history-by").select_option("lot")
        bench.expect("history").to_contain_text("L17")
        assert bench.page.locator(".history svg[role=img]").count() == 2
        bench.screenshot("history")
        # a store of an older schema
        with sqlite3.connect(studio.folder / STATE / "runs.db") as database:
            database.execute("UPDATE alembic_version SET version_num = '0001'")
        bench.get("history-chart").select_option("u")
        bench.expect("history-message").to_contain_text("logidsl store migrate")
        bench.screenshot("history-older")
