"""Chromium, and studios that end with the test that started them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from examples.render import write_variants
from tests.studio.browser.driving import TRAY_SPEC, Studio, chromium, chromium_program

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium. Of a module, as no other test may start an event loop while Playwright's runs."""
    if chromium_program() is None:
        pytest.skip("no browser: `chromium` is not installed, so the page of the studio is not tried")
    pytest.importorskip("playwright.sync_api", reason="no Playwright: the page of the studio is not tried")
    with chromium() as browser:
        yield browser


@pytest.fixture
def studio_of() -> Iterator[Callable[[Path], Studio]]:
    """Starts the studio of a folder."""
    started: list[Studio] = []

    def start(folder: Path) -> Studio:
        studio = Studio(folder)
        started.append(studio)
        studio.start()
        return studio

    yield start
    for studio in started:
        studio.end()


@pytest.fixture(scope="session")
def trays(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The rendered trays, by the name of their variant; other tests of the studio have a folder of this name."""
    return {p.stem.removeprefix("tray_"): p for p in write_variants(tmp_path_factory.mktemp("rendered"))}


@pytest.fixture
def tray_folder(trays: dict[str, Path], tmp_path: Path) -> Path:
    """A folder with all rendered trays and their spec."""
    folder = tmp_path / "trays"
    folder.mkdir()
    for tray in trays.values():
        shutil.copy(tray, folder)
    (folder / "trays.logic").write_text(TRAY_SPEC, "utf-8")
    return folder
