"""Work in other processes."""

from __future__ import annotations

import os

import pytest

from logidsl.workers import cpus, in_order
from tests.cli import jobs


def test_results_come_in_the_order_of_the_items() -> None:
    found = list(in_order(jobs.square, 1000, list(range(40)), 2, jobs.lost))
    assert found == [1000 + n * n for n in range(40)]


def test_nothing_to_do() -> None:
    assert list(in_order(jobs.square, 0, [], 2, jobs.lost)) == []


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
@pytest.mark.parametrize("victim", [1, 5, 12])
def test_a_worker_that_dies_costs_one_item(victim: int) -> None:
    found = list(in_order(jobs.deadly, victim, list(range(1, 13)), 2, jobs.lost))
    assert found == [-n if n == victim else n for n in range(1, 13)]


def test_workers_are_other_processes_of_one_thread_each() -> None:
    before = dict(os.environ)
    found = list(in_order(jobs.place, None, list(range(12)), 2, lambda item: (0, "")))
    assert os.getpid() not in {pid for pid, _ in found}
    assert {threads for _, threads in found} == {os.environ.get("OMP_NUM_THREADS", "1")}
    assert dict(os.environ) == before


def test_only_the_parent_hears_interrupts() -> None:
    assert list(in_order(jobs.hears_interrupts, None, [1], 1, lambda item: True)) == [False]


def test_an_early_end_stops_the_workers() -> None:
    work = in_order(jobs.square, 0, list(range(10_000)), 2, jobs.lost)
    assert next(work) == 0
    work.close()  # type: ignore[attr-defined]


def test_processors_are_counted() -> None:
    assert 1 <= cpus() <= (os.cpu_count() or 1)
