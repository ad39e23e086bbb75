"""One function over many items, in worker processes, results in the order of the items.

Processes are spawned, not forked: the parent may hold threads of image libraries, and a spawned worker
behaves alike on every system. A worker that dies (out of memory, a crash in native code) costs the item
it worked on and no other. Imports nothing of the project.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import TypeVar

Context = TypeVar("Context")
Item = TypeVar("Item")
Result = TypeVar("Result")

# Native libraries would start as many threads again in each worker.
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OPENCV_FOR_THREADS_NUM")

_context: object = None  # of a worker process: what its function is given besides the item


def cpus() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_order(
    function: Callable[[Context, Item], Result],
    context: Context,
    items: Sequence[Item],
    jobs: int,
    lost: Callable[[Item], Result],
) -> Iterator[Result]:
    """Yield `function(context, item)` for each item, in order.

    Parameters
    ----------
    function : callable
        Of a module that a new process can import; it should not raise.
    context : object
        Sent once to each worker.
    items : sequence
        Sent one by one.
    jobs : int
        How many workers, at least 1.
    lost : callable
        Gives the result for an item whose worker died twice.
    """
    done = 0
    while done < len(items):
        try:
            for result in _run(function, context, items[done:], jobs):
                yield result
                done += 1
        except BrokenProcessPool:
            # Whichever item it was, it is among the first `jobs` unfinished ones: each gets a worker of its own.
            for item in items[done : done + jobs]:
                try:
                    alone = list(_run(function, context, [item], 1))
                except BrokenProcessPool:
                    alone = [lost(item)]
                yield from alone
                done += 1


def _run(
    function: Callable[[Context, Item], Result], context: Context, items: Sequence[Item], jobs: int
) -> Iterator[Result]:
    """The results of one pool; ends with `BrokenProcessPool` at the first item that has none."""
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _start, (context,))
    waiting: deque[Future[Result]] = deque()
    rest = iter(items)
    try:
        while True:
            # A short queue keeps memory small and makes an interruption quick.
            for item in islice(rest, max(0, 4 * jobs - len(waiting))):
                with _undisturbed():
                    waiting.append(pool.submit(_call, function, item))
            if not waiting:
                return
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Block the interrupt signal while workers are started.

    A terminal sends it to every process of the group. Workers inherit the blocking, so only the parent
    hears it and decides; otherwise each would print a traceback of its own.
    """
    kept = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update({name: "1" for name, value in kept.items() if value is None})
    blocks = hasattr(signal, "pthread_sigmask")
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if blocks else set()
    try:
        yield
    finally:
        for name, value in kept.items():
            if value is None:
                del os.environ[name]
        if blocks:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start(context: object) -> None:
    """Begin a worker: only the parent hears interrupts."""
    global _context
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    _context = context


def _call(function: Callable[[Context, Item], Result], item: Item) -> Result:
    """Run in a worker."""
    return function(_context, item)  # type: ignore[arg-type]
