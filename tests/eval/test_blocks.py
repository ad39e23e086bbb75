"""Nested walks in blocks: the same verdicts whatever the size of a block."""

from __future__ import annotations

import numpy as np
import pytest

from logidsl.eval import blocks, judge
from logidsl.eval.plan import bind
from tests.proof.choices import Seeded
from tests.proof.strategies import case

CASES = 60


def test_the_size_of_a_block_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    cut = 0
    for seed in range(CASES):
        one = case(Seeded(seed))
        program, table = one.program, one.table
        whole = judge(program, table, scores=False)
        with monkeypatch.context() as patch:
            patch.setattr(blocks, "BLOCK_ELEMENTS", 1)
            found = judge(program, table, scores=False)
        np.testing.assert_array_equal(found.truths, whole.truths, str(seed))
        roots = [r.node for r in program.rules]
        cut += sum(isinstance(i, blocks.Block) for i, _ in bind(program).schedule(roots, keep=False).items)
    assert cut > CASES / 10
