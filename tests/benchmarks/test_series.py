"""The benchmark of many pictures runs, and its figures are of real runs."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks import series


@pytest.mark.skipif(sys.platform == "win32", reason="needs os.wait4")
def test_every_figure_is_measured(tmp_path: Path) -> None:
    rows = series.rows(tmp_path, 8)
    assert len({row.name for row in rows}) == 5
    assert all(row.value > 0 for row in rows)
