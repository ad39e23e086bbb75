"""The property of findings: one repair, and nothing else, makes the clause true, or the finding says why not."""

from __future__ import annotations

import os
import secrets
import time
from pathlib import Path

import pytest
from hypothesis import given, settings

from benchmarks.defects.generate import PRODUCTS, corpus
from logidsl.extract.records import table_of
from logidsl.pipeline import compile_spec
from tests.conformance.test_conformance import FILES, load
from tests.proof import mended
from tests.proof.choices import Choices, Seeded
from tests.proof.strategies import Case, case, cases_with_choices

SECONDS = float(os.environ.get("LOGIDSL_PROVE_SECONDS", "0"))
SEEDS = 100


@settings(max_examples=60, database=None)
@given(cases_with_choices())
def test_a_repair_makes_its_clause_true_in_the_evaluator_and_in_the_oracle(drawn: tuple[Case, Choices]) -> None:
    one, choose = drawn
    mended.check(one.program, one.table, mended.Shares(), choose)


def test_repairs_on_seeded_cases(capsys: pytest.CaptureFixture[str]) -> None:
    first = int(os.environ.get("LOGIDSL_PROVE_SEED", secrets.randbelow(1 << 40) if SECONDS else 0))
    shares, seed, end = mended.Shares(), first, time.monotonic() + SECONDS
    while time.monotonic() < end if SECONDS else seed < first + SEEDS:
        one = case(Seeded(seed))
        try:
            mended.check(one.program, one.table, shares, Seeded(seed))
        except AssertionError as e:
            raise AssertionError(f"seed {seed}: {e}\n{one!r}") from e
        seed += 1
    with capsys.disabled():
        print(f"\nrepairs on seeds {first} to {seed - 1}: {shares}")
    assert sum(shares.every.values()) > seed - first, f"too few findings: {shares}"
    assert shares.share < 0.2, f"too many are joint: {shares}"


@pytest.mark.parametrize("name", sorted(PRODUCTS))
def test_every_defect_of_a_product_has_a_repair(name: str, checkout: Path) -> None:
    program = compile_spec(checkout / "specs" / PRODUCTS[name].spec)
    samples = [s.frame for s in corpus(PRODUCTS[name], seed=7, good=0, each=2)]
    shares = mended.Shares()
    mended.check(program, table_of(samples, program, "corpus"), shares)
    assert sum(shares.every.values()) >= len(PRODUCTS[name].defects)
    assert not sum(shares.joint.values()), str(shares)


def test_repairs_of_the_conformance_cases(capsys: pytest.CaptureFixture[str]) -> None:
    shares = mended.Shares()
    for path in FILES:
        written, program, _ = load(path)
        if program is not None and written.frames:
            try:
                mended.check(program, table_of(written.frames, program, "scene"), shares)
            except AssertionError as e:
                raise AssertionError(f"{path}: {e}") from e
    with capsys.disabled():
        print(f"\nrepairs of the conformance cases: {shares}")
    assert sum(shares.every.values()) > 200
    assert shares.share < 0.12, str(shares)  # no change mends an empty region, of which many cases are
