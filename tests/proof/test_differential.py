"""The evaluator against the oracle, against itself, and against every world, on random specs and tables.

Each property runs on cases that Hypothesis draws and, when one fails, makes small. What is found once is
kept in `test_seeds.py` or beside the evaluator as a test of its own.
"""

from __future__ import annotations

from hypothesis import given, settings

from tests.proof import compare
from tests.proof.choices import Choices
from tests.proof.strategies import Case, cases, cases_with_choices

few = settings(max_examples=60, database=None)


@few
@given(cases())
def test_evaluator_gives_the_truths_and_labels_of_the_oracle(case: Case) -> None:
    compare.same_as_oracle(case.program, case.table, compare.Tally())


@few
@given(cases())
def test_each_rule_that_is_not_true_has_a_finding(case: Case) -> None:
    compare.every_failure_found(case.program, case.table)


@few
@given(cases())
def test_an_image_alone_is_judged_as_in_a_batch(case: Case) -> None:
    compare.alone_as_in_batch(case.program, case.table)


@few
@given(cases_with_choices())
def test_order_of_images_and_rows_makes_no_difference(drawn: tuple[Case, Choices]) -> None:
    case, choose = drawn
    compare.shuffled_as_sorted(case.program, case.table, choose)


@few
@given(cases())
def test_a_definite_truth_under_doubt_holds_in_every_world(case: Case) -> None:
    compare.sound(case.program, case.table, compare.Tally())


@few
@given(cases())
def test_a_program_read_back_from_json_judges_alike(case: Case) -> None:
    compare.serialised(case.program, case.table)


@few
@given(cases_with_choices())
def test_hash_sees_neither_comments_nor_order(drawn: tuple[Case, Choices]) -> None:
    case, choose = drawn
    compare.same_hash(case.text, choose)
