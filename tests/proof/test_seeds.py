"""The same properties on seeded cases, by the hundred, or for as long as LOGIDSL_PROVE_SECONDS says.

Without the variable a fixed row of seeds is judged. With it seeds run on from a random one; counts and
seeds are printed, and a failure is made small before it is shown. `LOGIDSL_PROVE_SEED` chooses the first.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable

import pytest

from logidsl.library import builtins
from logidsl.table import ObjectTable
from tests.oracle import functions as known
from tests.proof import compare
from tests.proof.choices import Seeded
from tests.proof.compare import Tally
from tests.proof.shrink import shrink
from tests.proof.strategies import Case, case

SECONDS = float(os.environ.get("LOGIDSL_PROVE_SECONDS", "0"))
SEEDS = 150


def _checks(one: Case, seed: int, tally: Tally) -> None:
    compare.same_as_oracle(one.program, one.table, tally)
    compare.every_failure_found(one.program, one.table)
    compare.sound(one.program, one.table, tally)
    compare.alone_as_in_batch(one.program, one.table)
    compare.shuffled_as_sorted(one.program, one.table, Seeded(seed))
    compare.serialised(one.program, one.table)
    compare.same_hash(one.text, Seeded(seed))


def _small(one: Case, check: Callable[[Case], None], kind: type[BaseException]) -> Case:
    """A small case that fails in the same way."""

    def fails(text: str, table: ObjectTable) -> bool:
        try:
            program = compare.compiled(text)
        except AssertionError:
            return False
        try:
            check(Case(text, program, table))
        except kind:
            return True
        return False

    text, table = shrink(one.text, one.table, fails)
    return Case(text, compare.compiled(text), table)


def prove(seed: int, tally: Tally) -> None:
    """Judge one seeded case in every way; a failure names the seed and shows a small case."""
    one = case(Seeded(seed))
    tally.add("cases")
    tally.add("images", len(one.table.images))
    try:
        _checks(one, seed, tally)
    except Exception as e:
        small = _small(one, lambda c: _checks(c, seed, Tally()), type(e))
        raise AssertionError(f"seed {seed}: {e}\nmade small:\n{small!r}") from e


def test_seeded_cases(capsys: pytest.CaptureFixture[str]) -> None:
    first = int(os.environ.get("LOGIDSL_PROVE_SEED", secrets.randbelow(1 << 40) if SECONDS else 0))
    tally, seed, end = Tally(), first, time.monotonic() + SECONDS
    while time.monotonic() < end if SECONDS else seed < first + SEEDS:
        prove(seed, tally)
        seed += 1
    with capsys.disabled():
        print(f"\nproved on seeds {first} to {seed - 1}: {tally}")
    for truth in ("true", "false", "undetermined", "rules judged in every world"):
        assert tally.counts[truth] > tally.counts["cases"] / 4, f"too few rules are {truth}: {tally}"
    assert tally.hasty < 0.1, f"the evaluator gives up too often: {tally}"


#: Builtins that the oracle does not know yet.
NOT_YET = frozenset(["number", "matches", "grow", "upright", "turned", "angle_between"])


def test_the_oracle_knows_every_builtin() -> None:
    declared = {name for group in ("function", "aggregate", "relation") for name in builtins(group)}
    proved = known.FUNCTIONS | known.AGGREGATES | known.RELATIONS
    assert not proved & NOT_YET
    assert declared <= proved | NOT_YET, f"write these into tests/oracle: {sorted(declared - proved - NOT_YET)}"
    assert proved <= declared, f"no longer in the library: {sorted(proved - declared)}"
