"""What is proved on seeded cases: each run takes a seed, draws a case, and fails with an example that is made small."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from logidsl.table import ObjectTable
from tests.proof import batches, compare, scenes, trips
from tests.proof.choices import Seeded
from tests.proof.compare import Tally
from tests.proof.coverage import cover
from tests.proof.shrink import shrink
from tests.proof.specs import spec
from tests.proof.strategies import Case, case, hollow_case

Run: TypeAlias = Callable[[int, Tally], None]


def judging(seed: int, tally: Tally) -> None:
    """The evaluator against the oracle, every world, one image alone, and other orders of images and rows."""
    _judge(case(Seeded(seed)), seed, tally)


def hollow(seed: int, tally: Tally) -> None:
    """The same, with regions that are empty or have no extent."""
    one = hollow_case(Seeded(seed))
    if one is not None:
        _judge(one, seed, tally)


def _judge(one: Case, seed: int, tally: Tally) -> None:
    tally.add("cases")
    tally.add("images", len(one.table.images))
    cover(one, tally)
    try:
        _judged(one, seed, tally)
    except Exception as e:
        small = _small(one, lambda c: _judged(c, seed, Tally()), type(e))
        raise AssertionError(f"{e}\nmade small:\n{small!r}") from e


def _judged(one: Case, seed: int, tally: Tally) -> None:
    compare.same_as_oracle(one.program, one.table, tally)
    compare.every_failure_found(one.program, one.table)
    compare.sound(one.program, one.table, tally)
    compare.alone_as_in_batch(one.program, one.table)
    compare.shuffled_as_sorted(one.program, one.table, Seeded(seed))


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


def testing(seed: int, tally: Tally) -> None:
    """Tests inside a spec, as the oracle judges their scenes."""
    choose = Seeded(seed)
    text = spec(choose)
    scenes.as_the_oracle_says(text, compare.compiled(text), choose)
    tally.add("scenes")


def meaning(seed: int, tally: Tally) -> None:
    """Random specs to text, YAML and JSON and back, with one meaning, whatever the order of statements."""
    choose = Seeded(seed)
    text = spec(choose)
    program = compare.compiled(text)
    trips.there_and_back(text)
    trips.one_meaning(text, program)
    compare.same_hash(text, choose)
    tally.add("specs there and back")


def grammar(seed: int, tally: Tally) -> None:
    """Texts that the grammar makes, to YAML and back."""
    tally.add("grammar texts there and back", int(trips.from_grammar(Seeded(seed))))


def fuzzing(seed: int, tally: Tally) -> None:
    """Texts that nobody would write, to both front ends and the checker."""
    choose = Seeded(seed)
    text = trips.fuzz(choose, spec(choose, budget=1, rules=1) if choose.chance(30) else "")
    try:
        trips.answered(text)
    except Exception as e:
        raise AssertionError(f"{type(e).__name__}: {e}\nof the text {text!r}") from e
    tally.add("texts answered")


def several(seed: int, tally: Tally) -> None:
    """Rules over several pictures, in every world, and however the pictures come."""
    batches.check(Seeded(seed), tally)


RUNS: Mapping[str, Run] = {r.__name__: r for r in (judging, hollow, testing, meaning, grammar, fuzzing, several)}
