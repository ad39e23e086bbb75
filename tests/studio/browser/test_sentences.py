"""Sentences become clauses, good photos become rules, and the history is shown: in the browser, to a verdict."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from examples.render import write_variants
from tests.llm.servers import Server, hangs, says
from tests.studio.browser.driving import TRAY_SPEC, workbench
from tests.studio.running import Studio

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FOUND = TRAY_SPEC.partition("rule ")[0]
ANSWER = """# 1
rule one_pin: every cell c: count(pushpin inside c) = 1
    defect wrong_number
# 2
rule few_pins: count(pushpin) <= 20
    defect too_many
"""


def test_sentences_become_clauses_and_verdicts(
    browser: Browser, studio_of: Callable[..., Studio], rendered: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "trays"
    shutil.copytree(rendered, folder)
    (folder / "trays.logic").write_text(FOUND, "utf-8")
    with Server(says(f"```\n{ANSWER}```")) as server:
        told = {"LOGIDSL_BASE_URL": server.url, "LOGIDSL_MODEL": "served", "LOGIDSL_CACHE": str(tmp_path / "cache")}
        studio = studio_of(folder, **told)
        with workbench(browser, studio) as bench:
            bench.show("tray_one_missing.png")
            bench.expect("verdict").to_contain_text("pass")
            bench.page.keyboard.press("s")
            bench.get("sentences").fill("Each compartment holds one pin.\nThere are at most 20 pins.")
            bench.get("translate").click()
            bench.expect("offers").to_contain_text("count(pushpin) <= 20")
            bench.screenshot("translated")
            # one is accepted, the other is not
            bench.get("accept-0").click()
            bench.expect("verdict").to_contain_text("fail")
            bench.expect("finding-0").to_contain_text("wrong_number")
            bench.expect("accept-1").to_have_count(0)
            bench.settled()
            # what was offered is still there after a reload, but for what is in the spec
            bench.page.reload()
            bench.page.locator(".tile").first.wait_for()
            bench.get("tab-sentences").click()
            bench.expect("offers").to_contain_text("few_pins")
            bench.expect("offers").not_to_contain_text("one_pin")
            bench.await_verdicts({"tray_good.png": "pass", "tray_moved.png": "fail"})
        asked = str(server.asked[0])
    text = studio.spec.read_text("utf-8")
    assert "rule one_pin: every cell c: count(pushpin inside c) = 1" in text
    assert "few_pins" not in text
    assert "Each compartment holds one pin." in asked


def test_a_model_that_does_not_answer_can_be_stopped(
    browser: Browser, studio_of: Callable[..., Studio], rendered: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "trays"
    folder.mkdir()
    shutil.copy(rendered / "tray_good.png", folder)
    (folder / "trays.logic").write_text(FOUND, "utf-8")
    with Server(hangs(600)) as server:
        studio = studio_of(folder, LOGIDSL_BASE_URL=server.url, LOGIDSL_MODEL="served")
        with workbench(browser, studio) as bench:
            bench.get("tab-sentences").click()
            bench.get("sentences").fill("Each compartment holds one pin.")
            bench.get("translate").click()
            bench.page.get_by_role("button", name="Stop").click()
            bench.page.get_by_role("button", name="Stop").wait_for(state="detached")
            bench.expect("translate").to_be_enabled()
            assert studio.get("jobs")["jobs"][0]["state"] == "cancelled"


def test_rules_of_good_photos_are_accepted_one_by_one(
    browser: Browser, studio_of: Callable[..., Studio], rendered: Path, tmp_path: Path
) -> None:
    """Six good trays are marked, and what holds on them finds the faults of two others."""
    folder = tmp_path / "trays"
    folder.mkdir()
    for seed in range(6):
        write_variants(tmp_path / str(seed), seed=seed, width=425, names=["good"])
        shutil.copyfile(tmp_path / str(seed) / "tray_good.png", folder / f"good_{seed}.png")
    for name in ("one_missing", "two_in_one_cell"):
        shutil.copy(rendered / f"tray_{name}.png", folder)
    (folder / "trays.logic").write_text(FOUND, "utf-8")
    with workbench(browser, studio_of(folder)) as bench:
        bench.show("good_0.png")
        bench.page.locator(".tile.chosen").click()
        for number in range(6):
            bench.page.locator(".photo-name", has_text=f"good_{number}.png").wait_for()
            bench.page.keyboard.press("g")
            bench.page.locator(f".tile[title^='good_{number}.png'] .mark.good").wait_for()
            bench.page.keyboard.press("j")
        bench.get("tab-sentences").click()
        bench.get("infer").click()
        offers = bench.page.locator(".offer")
        offers.first.wait_for()
        many = offers.count()
        assert many > 1
        rule = bench.page.locator(".offer", has_text="sum(area of yellow)").first
        text = rule.locator("code").text_content()
        assert text is not None
        bench.screenshot("inferred")
        rule.get_by_role("button", name="Accept").click()
        bench.await_verdicts({"tray_one_missing.png": "fail", "tray_two_in_one_cell.png": "fail", "good_3.png": "pass"})
        assert offers.count() == many - 1
        bench.settled()
        assert text.strip() in bench.studio.spec.read_text("utf-8")
        offers.first.get_by_role("button", name="Dismiss").click()
        bench.page.wait_for_function(f"() => document.querySelectorAll('.offer').length === {many - 2}")
        bench.get("tab-prove").click()
        bench.expect("prove-summary").to_contain_text("6 of 6 marked photos are judged right")
