"""What every test may use, and the rule that a skipped test is a failure in CI unless it is expected."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

CHECKOUT = Path(__file__).resolve().parent.parent
SHARED = CHECKOUT.parent / "shared" / "data"
EXPECTED_SKIPS = Path(__file__).with_name("expected_skips.txt")


# A busy machine is no reason to fail: what must be fast is measured by the benchmarks.
settings.register_profile("logidsl", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("logidsl")


def expected_skips(text: str) -> list[str]:
    """The patterns of an allow-list: one a line, what follows `#` says why."""
    return [pattern for line in text.splitlines() if (pattern := line.split("#")[0].strip())]


class SkipGuard:
    """Turns a skip that nobody expects into a failure.

    Registered as a plugin, not left in this file as hooks, so that it also sees the doctests, which
    lie outside this folder.
    """

    def __init__(self, allowed: list[str]) -> None:
        self.allowed = allowed

    def judge(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        """Make a report of an unexpected skip one of a failure; an expected failure is no skip."""
        if not report.skipped or hasattr(report, "wasxfail"):
            return
        if any(fnmatch.fnmatchcase(report.nodeid, pattern) for pattern in self.allowed):
            return
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped, and tests/{EXPECTED_SKIPS.name} does not name it: {reason}"

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Judge a test."""
        report = yield
        self.judge(report)
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Judge a module that skips as a whole."""
        report = yield
        self.judge(report)
        return report


def pytest_configure(config: pytest.Config) -> None:
    """In CI, no skip goes unseen."""
    if os.environ.get("CI") == "true":
        config.pluginmanager.register(SkipGuard(expected_skips(EXPECTED_SKIPS.read_text("utf-8"))), "skip-guard")


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The root of the checkout."""
    return CHECKOUT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real pictures beside the checkout; they may be looked at and never be copied."""
    if not SHARED.is_dir():
        pytest.skip(f"REAL PICTURES ARE MISSING: no folder {SHARED}, so nothing is checked against them")
    return SHARED


@pytest.fixture(scope="session")
def trays(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The rendered trays, by the name of their variant."""
    from examples.render import write_variants

    folder = tmp_path_factory.mktemp("trays")
    return {path.stem.removeprefix("tray_"): path for path in write_variants(folder)}
