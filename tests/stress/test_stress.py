"""Every picture once, whatever cuts the run short: at small size; `make stress` is the large one."""

from __future__ import annotations

import os
import random
from collections import Counter
from pathlib import Path

import pytest

from tests.cli.test_check import SPEC
from tests.stress.pictures import BROKEN, write_pictures
from tests.stress.run import Stress, compare

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="signals and pipes work otherwise there")]


def stress(
    place: Path, trays: dict[str, Path], count: int, broken: int, cuts: int, seed: int, jobs: str = "2"
) -> Counter[str]:
    """Check pictures undisturbed, cut short, and without room for the report; how many runs each signal ended."""
    rng = random.Random(seed)
    made = write_pictures(place / "trays", count, broken, trays, rng)
    (place / "trays.logic").write_text(SPEC)
    run = Stress(place, rng, jobs)
    whole = run.undisturbed()
    compare(whole, whole, made, count)
    compare(run.disturbed(len(whole), cuts), whole, made, count)
    compare(run.full(rng.uniform(0.2, 0.8)), whole, made, count)
    return run.ended


def test_every_picture_is_judged_once(tmp_path: Path, trays: dict[str, Path]) -> None:
    ended = stress(tmp_path, trays, count=60, broken=len(BROKEN), cuts=3, seed=11)
    assert ended.total() == 3
    assert ended["none"] < 3
