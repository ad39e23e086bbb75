"""Limits that are dragged, and parts that are drawn and learned."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from examples.render import RED_BGR, VARIANTS, YELLOW_BGR
from tests.studio.browser.driving import TRAY_SPEC, Workbench, spots_of, workbench
from tests.studio.running import Studio

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def limit_in(studio: Studio) -> float:
    """The least area of a pin, in percent, as the spec has it."""
    found = re.search(r"area >= ([\d.]+) %", studio.spec.read_text("utf-8"))
    assert found
    return float(found[1])


def choose_limit(bench: Workbench) -> None:
    """Show the histogram of the limit on the area."""
    bench.page.locator("[data-testid=histogram-value] option", has_text="area").first.wait_for(state="attached")
    label = bench.page.locator("[data-testid=histogram-value] option", has_text="limit").first.text_content()
    bench.get("histogram-value").select_option(label=label)
    bench.get("limit-handle").wait_for()


def test_a_limit_is_dragged_and_moved_by_keys(browser: Browser, studio: Studio) -> None:
    with workbench(browser, studio) as bench:
        for name, variant in VARIANTS.items():
            bench.show(f"tray_{name}.png")
            bench.page.locator(".tile.chosen").click()
            bench.page.keyboard.press("g" if variant.verdict == "pass" else "b")
        bench.settled()
        bench.show("tray_good.png")
        bench.get("tab-point").click()
        choose_limit(bench)
        bench.expect("plateau-text").to_contain_text("every mark comes out right from")
        bench.screenshot("histogram")
        # dragged to the right end: no pin is large enough, so that every compartment is empty
        handle, chart = bench.get("limit-handle").bounding_box(), bench.get("histogram").bounding_box()
        assert handle is not None
        assert chart is not None
        bench.page.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + 8)
        bench.page.mouse.down()
        bench.page.mouse.move(chart["x"] + chart["width"] - 12, handle["y"] + 8, steps=5)
        bench.page.mouse.up()
        bench.expect("verdict").to_contain_text("fail")
        bench.settled()
        far = limit_in(studio)
        assert far > 0.05
        # back by undo, and a step by the keys
        bench.get("undo").click()
        bench.expect("verdict").to_contain_text("pass")
        bench.settled()
        assert limit_in(studio) == 0.05
        bench.page.locator("[data-testid=limit-handle][aria-valuenow='0.05']").wait_for()
        choose_limit(bench)
        bench.get("limit-handle").focus()
        for _ in range(3):
            bench.page.keyboard.press("ArrowRight")
        bench.page.keyboard.press("Enter")
        bench.page.wait_for_function("() => !document.querySelector('.moving')")
        bench.settled()
        assert 0.05 < limit_in(studio) < far


def test_parts_are_drawn_and_learned(browser: Browser, studio: Studio, trays: dict[str, Path]) -> None:
    """Brush strokes on yellow pins and on the red one: what is learned tells them from the tray."""
    with workbench(browser, studio) as bench:
        bench.show("tray_wrong_color.png")
        picture = trays["wrong_color"]
        bench.page.keyboard.press("r")
        for name, bgr, count in (("yellow_pin", YELLOW_BGR, 4), ("red_pin", RED_BGR, 1)):
            bench.get("annotation-class").fill(name)
            for x, y in spots_of(picture, bgr, count):
                before = bench.page.locator("[data-testid=shapes] li").count()
                bench.drag_picture([(x - 4, y - 4), (x, y), (x + 4, y + 4)])
                bench.page.locator("[data-testid=shapes] li").nth(before).wait_for()
        bench.get("learn").click()
        bench.get("learned").wait_for(timeout=120_000)
        bench.expect("learned").to_contain_text("learned")
        bench.get("probabilities").select_option("yellow_pin")
        bench.page.locator(".overlay image").wait_for(state="attached")
        loaded = """async () => { const url = document.querySelector('.overlay image').getAttribute('href');
            const answer = await fetch(url); return [answer.status, answer.headers.get('content-type')]; }"""
        assert bench.page.evaluate(loaded) == [200, "image/png"]
        bench.screenshot("learned")
    assert studio.spec.read_text("utf-8") == TRAY_SPEC  # what is learned is offered, not inserted
    assert [p for p in studio.folder.iterdir() if p.suffix == ".onnx" or "parts" in p.name]
