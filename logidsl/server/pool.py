"""Worker processes for requests that come at any time: one function, the requests in turn, urgent ones first.

A worker that dies or takes too long is ended and replaced; that costs the request it had and no other.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import os
import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from logidsl.workers import Worker, started

Context = TypeVar("Context")
Item = TypeVar("Item")
Result = TypeVar("Result")
START_S = 60.0  # longer than any machine takes to import what a worker needs


class WorkerDiedError(Exception):
    """The process that had the request died."""


class TookTooLongError(Exception):
    """The request took longer than it may."""


class Pool(Generic[Context, Item, Result]):
    """Workers, and the requests that wait for one.

    Parameters
    ----------
    function : callable
        Called as `function(context, item)` in a worker; of a module that a new process can import.
    context : object
        Sent to each worker when it starts.
    jobs : int
        How many workers.
    """

    def __init__(self, function: Callable[[Context, Item], Result], context: Context, jobs: int) -> None:
        self._function, self._context, self.jobs = function, context, jobs
        self._idle: list[Worker] = []
        self._waiting: list[tuple[bool, int, asyncio.Future[Worker]]] = []
        self._number = itertools.count()
        self._closed = False
        self.died = 0

    @property
    def waiting(self) -> int:
        """How many requests wait for a worker."""
        return len(self._waiting)

    async def start(self) -> None:
        """Start the workers, and wait until each is ready."""
        self._idle = list(await asyncio.gather(*(self._new() for _ in range(self.jobs))))

    async def close(self) -> None:
        """End the workers."""
        self._closed = True
        for *_, future in self._waiting:
            future.cancel()
        for worker in self._idle:
            worker.end()
        self._idle = []

    async def call(self, item: Item, timeout_s: float, *, urgent: bool = True) -> tuple[Result, float]:
        """The result for an item, and how long it waited for a worker, in seconds.

        Raises
        ------
        WorkerDiedError, TookTooLongError
            If there is none.
        """
        since = time.monotonic()
        worker = await self._free(urgent)
        waited_s = time.monotonic() - since
        kept = False
        try:
            result = await _answer(worker, item, timeout_s)
            kept = True
            return result, waited_s
        finally:
            if kept:
                self._give_back(worker)
            else:
                worker.process.kill()
                await asyncio.shield(self._replaced(worker))

    async def _free(self, urgent: bool) -> Worker:
        if self._idle:
            return self._idle.pop()
        future: asyncio.Future[Worker] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (not urgent, next(self._number), future))
        return await future

    def _give_back(self, worker: Worker) -> None:
        while self._waiting:
            future = heapq.heappop(self._waiting)[2]
            if not future.done():
                future.set_result(worker)
                return
        if self._closed:
            worker.end()
        else:
            self._idle.append(worker)

    async def _replaced(self, worker: Worker) -> None:
        self.died += 1
        await asyncio.to_thread(worker.end)
        if not self._closed:
            self._give_back(await self._new())

    async def _new(self) -> Worker:
        return await asyncio.to_thread(lambda: _ready(started(self._function, self._context)))


def _ready(worker: Worker) -> Worker:
    if not worker.pipe.poll(START_S):
        worker.end()
        raise WorkerDiedError(f"a worker did not start within {START_S:g} s")
    worker.received()
    return worker


async def _answer(worker: Worker, item: object, timeout_s: float) -> Any:
    """The worker's answer, read in the event loop: a worker that has begun to send one is done with its work."""
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    try:
        worker.pipe.send(item)
        loop.add_reader(worker.pipe.fileno(), readable.set)
        try:
            async with asyncio.timeout(timeout_s):
                await readable.wait()
        finally:
            loop.remove_reader(worker.pipe.fileno())
            os.set_blocking(
                worker.pipe.fileno(), True
            )  # uvloop makes it non-blocking, and a large answer comes in parts
        return worker.received()
    except TimeoutError:
        raise TookTooLongError(f"it took longer than {timeout_s:g} s") from None
    except (EOFError, OSError):
        raise WorkerDiedError("the process that judged it died") from None
