"""A long contact sheet: the page holds what is in view alone; `many.py` does the same with 5,000 photos."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.studio.browser.driving import workbench
from tests.studio.browser.many import look_through, write_dots
from tests.studio.running import Studio

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_a_long_list_is_scrolled_filtered_and_sorted(
    browser: Browser, studio_of: Callable[..., Studio], tmp_path: Path
) -> None:
    folder = tmp_path / "dots"
    write_dots(folder, 300)
    studio = studio_of(folder)
    studio.judged()
    with workbench(browser, studio) as bench:
        look_through(bench, 300, 6)
