"""Chromium, and the studio that the tests of a worker share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.studio.browser.driving import TRAY_SPEC, chromium, chromium_program
from tests.studio.running import Studio

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
def studio(running_studio: Studio) -> Studio:
    """The studio on the rendered trays, with a spec that judges them, as if it had just been started."""
    running_studio.restore(TRAY_SPEC)
    running_studio.judged()
    return running_studio


@pytest.fixture
def studio_of() -> Iterator[Callable[..., Studio]]:
    """Starts the studio of a folder, for a test that needs another one."""
    started: list[Studio] = []

    def start(folder: Path, **changes: str) -> Studio:
        started.append(Studio(folder, **changes).start())
        return started[-1]

    yield start
    for studio in started:
        studio.kill()


@pytest.fixture
def trays(rendered: Path) -> dict[str, Path]:
    """The rendered trays, by the name of their variant."""
    return {p.stem.removeprefix("tray_"): p for p in rendered.glob("tray_*.png")}
