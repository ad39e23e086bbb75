"""Symmetric clauses: the evaluator tells each pair once, and of the same pairs as the oracle."""

from __future__ import annotations

import pytest

from tests.proof import compare
from tests.proof.choices import Seeded
from tests.proof.compare import Tally, compiled
from tests.proof.tables import table

RULES = (
    "every bolt a: no other bolt overlaps a",
    "every bolt a: not (some other bolt near a within 30 px)",
    "every (bolt | nut) a: no other (bolt | nut) touches a",
    "every bolt a: no other (bolt where width > 20 px) overlaps a",
    "every bolt a: no other bolt b where b.width > 20 px",
    "every bolt a: every other bolt b: distance(a, b) > 60 px",
    "every bolt a: every other bolt b: gap(a, b) > 5 px and abs(dx(a, b)) > 10 px",
    "every bolt a: every other bolt b: a.width > 30 px",
    "every bolt a: every other bolt b: a.width + b.width > 60 px",
    "every bolt a: every bolt b: a = b or not (a overlaps b)",
    "every nut n: every bolt a: no other bolt overlaps a",
    "every cell c: every bolt a inside c: no other bolt near a within 40 px",
    "every cell c: no other cell d where some bolt inside d touches c",
    "every bolt a: no other bolt left_of a",
)


@pytest.mark.parametrize("rule", RULES)
def test_pairs_are_those_of_the_oracle(rule: str) -> None:
    text = "object bolt, nut, washer\nobject tray: at most 1\ndoubtful 0.2 .. 0.5\ngrid cell = 2 columns\n"
    program = compiled(f"{text}rule r: {rule}\n")
    for seed in range(40):
        compare.same_as_oracle(program, table(Seeded(seed)), Tally())
