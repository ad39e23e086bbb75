"""What goes wrong around the page: it says so, and no work is lost."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.studio.browser.driving import TRAY_SPEC, workbench
from tests.studio.running import Studio

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TWO = TRAY_SPEC.replace("c) = 1", "c) = 2")


def test_a_reload_and_a_crash_lose_nothing(browser: Browser, studio: Studio) -> None:
    with workbench(browser, studio) as bench:
        bench.show("tray_good.png")
        bench.page.locator(".tile.chosen").click()
        bench.page.keyboard.press("b")
        bench.page.locator(".tile.chosen .mark.bad").wait_for()
        bench.write(TWO)
        bench.page.reload()  # at once, before the text is sent
        bench.page.locator(".tile").first.wait_for()
        bench.settled()
        assert studio.spec.read_text("utf-8") == TWO
        bench.show("tray_good.png")
        bench.expect("verdict").to_contain_text("fail")
        bench.page.locator(".tile.chosen .mark.bad").wait_for()

        studio.kill()
        bench.expect("status").to_contain_text("Disconnected")
        bench.write(TRAY_SPEC + "# written while nothing ran\n")
        bench.screenshot("disconnected")
        studio.start()
        bench.settled()
        bench.expect("verdict").to_contain_text("pass")
        assert studio.spec.read_text("utf-8") == TRAY_SPEC + "# written while nothing ran\n"
        bench.page.locator(".tile.chosen .mark.bad").wait_for()
        bench.page.wait_for_function("() => document.querySelectorAll('.tile.wrong').length === 1")


def test_a_spec_that_was_changed_elsewhere_is_not_overwritten(browser: Browser, studio: Studio) -> None:
    with workbench(browser, studio) as bench:
        bench.show("tray_good.png")
        studio.spec.write_text(TWO, "utf-8")
        bench.expect("conflict").to_be_visible()
        bench.get("show-difference").click()
        bench.expect("difference").to_contain_text("count(pushpin inside c) = 2")
        bench.screenshot("conflict")
        bench.get("keep-mine").click()
        bench.settled()
        assert studio.spec.read_text("utf-8") == TRAY_SPEC
        studio.spec.write_text(TWO, "utf-8")
        bench.get("take-theirs").click()
        bench.expect("verdict").to_contain_text("fail")
        bench.expect("editor").to_contain_text("count(pushpin inside c) = 2")
        assert studio.spec.read_text("utf-8") == TWO


def test_a_folder_that_goes_away_and_a_second_studio(browser: Browser, studio: Studio) -> None:
    command = [sys.executable, "-m", "logidsl", "studio", str(studio.folder), "--no-browser", "--port", "0"]
    second = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert second.returncode == 4
    assert "another studio" in second.stderr
    with workbench(browser, studio) as bench:
        bench.show("tray_good.png")
        away = studio.folder.with_name("away")
        studio.folder.rename(away)
        bench.page.locator("[data-testid=message][role=alert]").wait_for()
        bench.write(TWO)
        bench.expect("status").to_contain_text("Kept in this browser")
        bench.screenshot("folder-gone")
        away.rename(studio.folder)
        bench.page.wait_for_function("() => !document.querySelector('[data-testid=message]')")
        bench.settled()
        assert studio.spec.read_text("utf-8") == TWO


def test_names_of_any_script_and_a_picture_that_cannot_be_read(
    browser: Browser, studio_of: Callable[[Path], Studio], trays: dict[str, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "Prüfplätze 検査 检验"
    folder.mkdir()
    shutil.copy(trays["good"], folder / "Gehäuse groß.png")
    shutil.copy(trays["one_missing"], folder / "押しピン.png")
    (folder / "损坏.png").write_bytes(b"not a picture")
    text = TRAY_SPEC.replace("each compartment holds one pin", "どの区画にも画鋲が一つ")
    (folder / f"{folder.name}.logic").write_text(text, "utf-8")
    with workbench(browser, studio_of(folder)) as bench:
        bench.await_verdicts({"Gehäuse groß.png": "pass", "押しピン.png": "fail", "损坏.png": "error"})
        bench.show("押しピン.png")
        bench.expect("finding-0").to_contain_text("どの区画にも画鋲が一つ")
        bench.get("finding-0").click()
        assert bench.page.locator(".cm-lit").first.text_content() == "count(pushpin inside c) = 1"
        bench.screenshot("names")
        bench.page.locator(".tile[title^='损坏.png']").click()
        bench.page.locator(".picture-error", has_text="损坏.png").wait_for()
        bench.get("filter").select_option("error")
        bench.expect("count").to_have_text("1 of 3 photos")
