"""Edits, one after the other: the verdict is that of the last one, and the page does not grow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.studio.browser.driving import TRAY_SPEC, workbench
from tests.studio.running import Studio

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession

EDITS = 50
#: What the heap may grow by in the last 40 edits, without what the collector frees.
GROWTH_BYTES = 1_500_000


def measured(session: CDPSession) -> dict[str, float]:
    """The size of the heap, and how many nodes and listeners there are, after collecting garbage."""
    session.send("HeapProfiler.collectGarbage")
    return {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}


def test_fifty_edits_leave_neither_a_stale_verdict_nor_a_leak(browser: Browser, studio: Studio) -> None:
    with workbench(browser, studio) as bench:
        bench.show("tray_good.png")
        session = bench.page.context.new_cdp_session(bench.page)
        session.send("Performance.enable")
        bench.page.locator(".cm-line", has_text="every cell c").click()
        bench.page.keyboard.press("End")
        early: dict[str, float] = {}
        for edit in range(EDITS):
            number = "12"[(edit + 1) % 2]
            bench.page.keyboard.press("Backspace")
            bench.page.keyboard.type(number)
            bench.expect("verdict").to_contain_text("pass" if number == "1" else "fail")
            findings = 0 if number == "1" else 15
            bench.expect("list-findings").to_have_text(f"Findings {findings}")
            if edit == EDITS - 41:
                bench.settled()
                early = measured(session)
        bench.settled()
        late = measured(session)
        assert studio.spec.read_text("utf-8") == TRAY_SPEC
        bench.await_verdicts({"tray_good.png": "pass", "tray_one_missing.png": "fail"})
        assert late["JSHeapUsedSize"] - early["JSHeapUsedSize"] < GROWTH_BYTES
        assert late["Nodes"] - early["Nodes"] < 800
        assert late["JSEventListeners"] - early["JSEventListeners"] < 100


def test_the_language_server_and_the_checker_speak_in_the_editor(browser: Browser, studio: Studio) -> None:
    with workbench(browser, studio) as bench:
        bench.show("tray_good.png")
        bench.page.locator(".cm-line", has_text="rule one_pin").click()
        # hover
        bench.page.get_by_text("count", exact=True).first.hover()
        bench.page.locator(".cm-lsp-hover-tooltip, .cm-tooltip-hover").first.wait_for()
        # an error: the place in the text, the list below, and no verdict of an earlier text
        bench.write(TRAY_SPEC.replace("where area >=", "where aria >="))
        bench.expect("diagnostic-0").to_contain_text("aria")
        bench.page.locator(".cm-lintRange-error").first.wait_for()
        bench.expect("status").to_contain_text("1 error in the spec")
        bench.expect("verdict").to_contain_text("not judged")
        bench.write(TRAY_SPEC)
        bench.expect("verdict").to_contain_text("pass")
        # completion
        bench.page.keyboard.press("Control+End")
        bench.page.keyboard.type("obj")
        bench.page.keyboard.press("Control+Space")
        bench.page.locator(".cm-tooltip-autocomplete li", has_text="object").first.wait_for()
        bench.page.keyboard.press("Escape")


def test_undo_and_redo_cover_text_marks_and_annotations(browser: Browser, studio: Studio) -> None:
    with workbench(browser, studio) as bench:
        bench.show("tray_good.png")
        bench.page.locator(".tile.chosen").click()
        bench.page.keyboard.press("g")
        bench.page.locator(".tile.chosen .mark.good").wait_for()
        bench.page.keyboard.press("x")
        bench.get("annotation-class").fill("pushpin")
        bench.drag_picture([(100, 100), (180, 160)])
        bench.page.locator(".annotation.box").wait_for(state="attached")
        bench.write(TRAY_SPEC.replace("c) = 1", "c) = 2"))
        bench.expect("verdict").to_contain_text("fail")
        bench.settled()
        bench.get("undo").click()
        bench.expect("verdict").to_contain_text("pass")
        bench.expect("editor").to_contain_text("count(pushpin inside c) = 1")
        bench.get("undo").click()
        bench.page.locator(".annotation.box").wait_for(state="detached")
        bench.get("undo").click()
        bench.page.locator(".tile.chosen .mark").wait_for(state="detached")
        for _ in range(3):
            bench.get("redo").click()
            bench.settled()
        bench.expect("verdict").to_contain_text("fail")
        bench.page.locator(".tile.chosen .mark.good").wait_for()
        bench.page.locator(".annotation.box").wait_for(state="attached")
