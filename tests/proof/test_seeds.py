"""The same properties on seeded cases, a fixed row of them; `python -m tests.proof` goes on for as long as it is told.

A failure names its seed and shows a small example.
"""

from __future__ import annotations

import pytest

from logidsl.library import builtins
from tests.oracle import functions as known
from tests.proof.choices import Seeded
from tests.proof.compare import Tally
from tests.proof.coverage import cover, wanted
from tests.proof.runs import RUNS
from tests.proof.strategies import case

#: Rows of seeds of each run; each row is a test of its own, so that they run side by side.
ROWS = {
    "judging": (20, 100),
    "hollow": (4, 50),
    "testing": (4, 75),
    "meaning": (4, 50),
    "grammar": (4, 125),
    "fuzzing": (3, 1000),
    "several": (2, 150),
}
#: Cases that must hold everything that the generator is to make.
COVERING = 400


@pytest.mark.parametrize(("name", "row"), [(name, row) for name, (rows, _) in ROWS.items() for row in range(rows)])
def test_seeded_cases(name: str, row: int) -> None:
    _, many = ROWS[name]
    tally = Tally()
    for seed in range(row * many, (row + 1) * many):
        try:
            RUNS[name](seed, tally)
        except Exception as e:
            raise AssertionError(f"{name}, seed {seed}: {e}") from e
    if name == "judging":
        for truth in ("true", "false", "undetermined", "rules judged in every world"):
            assert tally.counts[truth] > many / 4, f"too few rules are {truth}: {tally}"
        assert tally.hasty < 0.1, f"the evaluator gives up too often: {tally}"


def test_every_run_is_made() -> None:
    assert set(ROWS) == set(RUNS)


def test_the_cases_hold_all_that_there_is() -> None:
    tally = Tally()
    for seed in range(COVERING):
        cover(case(Seeded(seed)), tally)
    assert not (left := [what for what in wanted() if not tally.held[what]]), f"never generated: {left}"


def test_the_oracle_knows_every_builtin() -> None:
    declared = {name for group in ("function", "aggregate", "relation") for name in builtins(group)}
    proved = known.FUNCTIONS | known.AGGREGATES | known.RELATIONS
    assert declared <= proved, f"write these into tests/oracle: {sorted(declared - proved)}"
    assert proved <= declared, f"no longer in the library: {sorted(proved - declared)}"
