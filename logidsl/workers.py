"""One function over many items, in worker processes, results in the order of the items.

Processes are spawned, not forked: the parent may hold threads of image libraries, and a spawned worker
behaves alike on every system. Each works on one item at a time, so that it is known which item a worker had that
died (out of memory, a crash in native code) or that took too long and was ended: it costs that item and no other.
Workers end when the parent does, whatever ended it.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

Context = TypeVar("Context")
Item = TypeVar("Item")
Result = TypeVar("Result")
#: Called with how many steps of how many are done.
Progress: TypeAlias = Callable[[int, int], None]

#: What keeps native libraries from starting as many threads again in each worker.
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OPENCV_FOR_THREADS_NUM")
_ENDING = {signal.SIGINT, signal.SIGTERM}
AHEAD = 4  # results for each worker that may wait for an earlier one
LOOK_S = 0.2  # how often it is looked whether the run was stopped or a worker takes too long


@dataclass
class _Raised:
    """What the function raised."""

    error: Exception


def cpus() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass
class Worker:
    """A worker, our end of its pipe, and the place of the item that it works on.

    It sends None once it has started, and then, for each item that it is sent, a result or what the function raised.
    """

    process: BaseProcess
    pipe: Connection
    place: int = -1
    since_s: float | None = None  # None until it has started

    def received(self) -> Any:
        """The next result, which must be waited for elsewhere.

        Raises
        ------
        EOFError, OSError
            If the process has died.
        Exception
            What the function raised.
        """
        result = self.pipe.recv()
        if isinstance(result, _Raised):
            raise result.error
        return result

    def end(self) -> None:
        """End the process, whatever it is doing."""
        self.pipe.close()
        self.process.kill()
        self.process.join()
        atexit.unregister(self.process.kill)
        self.process.close()


def tracked(items: Iterable[Item], total: int, on_progress: Progress | None) -> Iterator[Item]:
    """Yield items, and tell after the work on each how many of how many are done."""
    for done, item in enumerate(items, 1):
        yield item
        if on_progress:
            on_progress(done, total)


def in_order(
    function: Callable[[Context, Item], Result],
    context: Context,
    items: Sequence[Item],
    jobs: int,
    lost: Callable[[Item], Result],
    timeout_s: float | None = None,
    late: Callable[[Item], Result] | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[Result]:
    """Yield `function(context, item)` for each item, in order.

    Parameters
    ----------
    function : callable
        Of a module that a new process can import; what it raises is raised here.
    context : object
        Sent once to each worker.
    items : sequence
        Sent one by one.
    jobs : int
        How many workers, at least 1.
    lost : callable
        Gives the result for an item whose worker died.
    timeout_s : float, optional
        How long one item may take.
    late : callable, optional
        Gives the result for an item that took longer; that of `lost` by default.
    stopped : callable
        Asked while it is waited; once it says so, no more results come.
    """
    waiting = deque(range(len(items)))
    done: dict[int, Result] = {}
    workers: list[Worker] = []
    following = 0
    try:
        while following < len(items):
            if following in done:
                yield done.pop(following)
                following += 1
                continue
            if stopped():
                return
            while len(workers) < jobs and len(workers) < len(waiting) + sum(w.place >= 0 for w in workers):
                workers.append(started(function, context))
            for worker in workers:
                if worker.place < 0 and waiting and waiting[0] < following + AHEAD * jobs:
                    _give(worker, waiting.popleft(), items)
            busy = [w for w in workers if w.place >= 0]
            from multiprocessing.connection import wait

            ready = wait([w.pipe for w in busy], LOOK_S)
            for worker in busy:
                since_s = worker.since_s
                stalled = timeout_s is not None and since_s is not None and time.monotonic() - since_s > timeout_s
                if worker.pipe in ready:
                    try:
                        received = worker.received()
                        if since_s is None:
                            worker.since_s = time.monotonic()
                        else:
                            done[worker.place] = received
                            worker.place = -1
                        continue
                    except (EOFError, OSError):
                        ended = lost
                elif stalled:
                    ended = late or lost
                else:
                    continue
                done[worker.place] = ended(items[worker.place])
                worker.end()
                workers.remove(worker)
    finally:
        for worker in workers:
            worker.end()


def _give(worker: Worker, place: int, items: Sequence[Item]) -> None:
    """Send a worker an item; one that has died meanwhile is found out when it is listened to."""
    worker.place = place
    worker.since_s = None if worker.since_s is None else time.monotonic()
    with contextlib.suppress(OSError):
        worker.pipe.send(items[place])


def started(function: Callable[[Context, Item], Result], context: Context) -> Worker:
    """A worker that calls a function with a context, sent once, and the items that it is sent."""
    import multiprocessing  # here, because one picture needs no worker

    spawning = multiprocessing.get_context("spawn")
    ours, its = spawning.Pipe()
    process = spawning.Process(target=_work, args=(its,), daemon=True)
    with _undisturbed(), _without_main():
        process.start()
    its.close()
    with contextlib.suppress(OSError):  # one that has died already is found out when it is listened to
        ours.send((function, context))
    atexit.register(process.kill)  # multiprocessing would ask it to terminate, which it ignores, and wait for ever
    return Worker(process, ours)


@contextlib.contextmanager
def _without_main() -> Iterator[None]:
    """Keep multiprocessing from running the caller's script again in each worker.

    Workers import what they work on; a script without `if __name__ == "__main__"` would start workers of its own.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Block the signals that end a run while a worker is started.

    A terminal, or a service manager, sends them to every process of the group. Workers inherit the blocking, so only
    the parent hears them and decides.
    """
    kept = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update({name: "1" for name, value in kept.items() if value is None})
    blocks = hasattr(signal, "pthread_sigmask")
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING) if blocks else set()
    try:
        yield
    finally:
        for name, value in kept.items():
            if value is None:
                del os.environ[name]
        if blocks:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(pipe: Connection) -> None:
    """The loop of a worker, until its pipe is closed."""
    for number in _ENDING:
        with contextlib.suppress(ValueError):
            signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_leave_with_the_parent, daemon=True).start()
    with contextlib.suppress(EOFError, OSError):
        function, context = pipe.recv()
        pipe.send(None)  # from now on an item's time counts
        while True:
            item = pipe.recv()
            try:
                pipe.send(function(context, item))
            except Exception as error:  # noqa: BLE001 - the parent raises it
                pipe.send(_Raised(error))


def _leave_with_the_parent() -> None:
    """End this process as soon as its parent is gone, in the middle of an item too."""
    import multiprocessing

    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)
