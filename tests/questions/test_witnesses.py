"""What a search calls a witness is one, by the oracle, for random specs and changes of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from logidsl import ir
from logidsl.eval import judge
from logidsl.lint.impossible import impossible
from logidsl.questions.difference import difference, said_of_tables
from logidsl.questions.goals import read_as
from logidsl.questions.mutants import mutants
from logidsl.source import Source
from logidsl.table import ObjectTable
from tests.oracle.interpreter import judge_image, verdict
from tests.oracle.picture import pictures_of
from tests.proof.choices import Seeded
from tests.proof.compare import checked
from tests.proof.specs import APART, spec
from tests.proof.tables import table


def oracle_verdict(program: ir.Program, table: ObjectTable) -> str:
    """The verdict of the oracle on the only image of a table."""
    read = read_as(table, program)
    numbered = replace(read, ids=tuple(f"o{k}" for k in range(len(read))))
    return verdict(program, judge_image(program, pictures_of(numbered)[0]))


def pair(seed: int) -> tuple[ir.Program, ir.Program] | None:
    """A random spec and one that differs from it in a number, a word or an operator."""
    choose = Seeded(seed)
    main, mark, part = spec(choose, budget=2).partition(f"{APART}\n")
    one, _ = checked(main + mark + part)
    if one is None or any(p.value is None for p in one.params):
        return None
    every = list(mutants(Source("proof.logic", main), one))
    for _ in range(20):
        if not every:
            break
        changed, _ = checked(choose.pick(every).text + mark + part)
        if changed is not None and changed.hash != one.hash:
            return one, changed
    return None


def test_a_witness_tells_two_specs_apart_by_the_oracle_too() -> None:
    told = 0
    for seed in range(8):
        if (both := pair(seed)) is None:
            continue
        made = difference(*both, seed=seed, effort=0.03)
        if made.differs != "verdict":
            continue
        assert made.witness is not None
        said = [oracle_verdict(program, made.witness.table) for program in both]
        assert said[0] != said[1], seed
        assert said == [r.verdict for r in made.witness.reports], seed
        told += 1
    assert told >= 2  # otherwise the test says nothing


def test_specs_that_are_proved_alike_judge_random_tables_alike() -> None:
    proved = 0
    for seed in range(60):
        if (both := pair(seed)) is None or said_of_tables(both[0]) != said_of_tables(both[1]):
            continue
        proved += 1
        shown = table(Seeded(seed), most_images=30)
        one, other = (judge(p, read_as(shown, p), explain=False).verdicts.tolist() for p in both)
        assert one == other, seed
    assert proved >= 5


def test_what_is_called_impossible_is_not_met_by_random_tables() -> None:
    proved = 0
    for seed in range(150):
        choose = Seeded(seed)
        program, _ = checked(spec(choose, budget=1))
        if program is None or len(program.rules) < 2 or any(p.value is None for p in program.params):
            continue
        wanted = {k: choose.chance(50) for k in range(len(program.rules))}
        found = impossible(program, wanted)
        if not found:
            continue
        proved += 1
        truths = judge(program, table(choose, most_images=30), explain=False).truths
        as_wanted = np.stack([truths[k] == (1 if wanted[k] else -1) for k in found])
        assert not as_wanted.all(axis=0).any(), (seed, found)
    assert proved >= 10
