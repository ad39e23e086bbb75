"""Work in other processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from logidsl.workers import cpus, in_order
from tests.cli import jobs
from tests.cli.commands import environment


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
    assert list(in_order(jobs.hears_the_end, None, [1], 1, lambda item: True)) == [False]


@pytest.mark.parametrize("victim", [1, 2, 12])
def test_a_worker_that_stalls_costs_one_item(victim: int) -> None:
    found = list(in_order(jobs.stalls, victim, list(range(1, 13)), 2, jobs.lost, 1.5, jobs.late))
    assert found == [-1000 * n if n == victim else n for n in range(1, 13)]


def test_a_script_needs_no_guard(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from logidsl.workers import in_order\n"
        "from tests.cli import jobs\n"
        "print(list(in_order(jobs.sized, bytes(1_000_000), [1, 2, 3], 2, jobs.lost)))\n"
    )
    done = subprocess.run([sys.executable, script], env=environment(), capture_output=True, text=True, timeout=60)
    assert (done.stdout.strip(), done.stderr) == ("[1000001, 1000002, 1000003]", "")


def test_an_error_is_raised_here() -> None:
    with pytest.raises(ValueError, match="not 3"):
        list(in_order(jobs.refuses, 3, list(range(1, 13)), 2, jobs.lost))


def test_a_stop_does_not_wait_for_a_worker() -> None:
    stop = iter([False] * 20 + [True] * 1000)
    found = list(in_order(jobs.stalls, 5, list(range(1, 40)), 2, jobs.lost, stopped=lambda: next(stop)))
    assert found == [1, 2, 3, 4][: len(found)]


PARENT = """
import sys
from logidsl.workers import in_order
from tests.cli import jobs
from tests.cli.commands import environment
if __name__ == "__main__":
    for pid in in_order(jobs.who, None, list(range(10_000)), 2, lambda item: 0):
        print(pid, flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes there")
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_workers_end_with_their_parent(tmp_path: Path, end: signal.Signals) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    with subprocess.Popen(
        [sys.executable, str(script)], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as parent:
        assert parent.stdout is not None
        pids = {int(parent.stdout.readline()) for _ in range(12)}
        parent.send_signal(end)
        parent.stdout.close()
        parent.wait(30)
    until = time.monotonic() + 20
    while alive := [p for p in pids if Path(f"/proc/{p}").exists()]:
        assert time.monotonic() < until, alive
        time.sleep(0.05)


def test_an_early_end_stops_the_workers() -> None:
    work = in_order(jobs.square, 0, list(range(10_000)), 2, jobs.lost)
    assert next(work) == 0
    work.close()  # type: ignore[attr-defined]


def test_processors_are_counted() -> None:
    assert 1 <= cpus() <= (os.cpu_count() or 1)
