"""A server that is killed under load; `make stress` does it for longer."""

from __future__ import annotations

from pathlib import Path

from tests.stress.serving import stress


def test_nothing_is_lost_or_answered_twice(tmp_path: Path) -> None:
    outcome = stress(tmp_path, kills=2, clients=3, requests=25, seed=1)
    assert outcome.answered == 75
