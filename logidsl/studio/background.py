"""Judging all photos beside the page: what is known is judged at once, the rest is looked at in worker processes.

A spec that changes meanwhile ends the round, and the next one begins with it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from logidsl.server.pool import Pool, TookTooLongError, WorkerDiedError
from logidsl.studio.looking import Seen, look
from logidsl.studio.photos import Photo
from logidsl.studio.project import Project
from logidsl.studio.spec import Checked
from logidsl.table import Problem, concatenate

LOG = logging.getLogger("logidsl.studio")
#: Photos judged at once: few enough that a page that asks in between hardly waits.
AT_ONCE = 64
#: The time limit for one photo, and the pauses between looks at the folder and between progress events; seconds.
PICTURE_S, FOLDER_S, TOLD_S = 120.0, 1.0, 0.1


class Background:
    """The tasks of a project that run as long as its page is served.

    Parameters
    ----------
    project : Project
    jobs : int
        Worker processes.
    """

    def __init__(self, project: Project, jobs: int) -> None:
        self.project = project
        self._pool = Pool(look, None, jobs)
        self._started: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self._told_s = 0.0
        self.total = self.done = 0

    async def run(self) -> None:
        """Judge, whenever there is something to judge, until cancelled."""
        loop = asyncio.get_running_loop()

        def wake() -> None:
            loop.call_soon_threadsafe(self._news.set)

        self.project.wake = wake
        self._started = asyncio.create_task(self._pool.start())
        watch = asyncio.create_task(self._watch())
        self._news.set()
        try:
            while True:
                await self._news.wait()
                self._news.clear()
                try:
                    await self._round(self.project.good)
                    await asyncio.to_thread(self.project.facts.save)
                except Exception:
                    LOG.exception("judging all photos failed")
        finally:
            self.project.wake = lambda: None
            watch.cancel()
            self._started.cancel()
            await self._pool.close()

    async def _watch(self) -> None:
        spent_s = 0.0
        while True:
            await asyncio.sleep(max(FOLDER_S, 20 * spent_s))  # thousands of photos take a while to look through
            started = time.monotonic()
            try:
                await asyncio.to_thread(self.project.look_elsewhere)
            except Exception:
                LOG.exception("looking at the folder failed")
            spent_s = time.monotonic() - started

    def _outdated(self, checked: Checked) -> bool:
        return self._news.is_set() or checked.judging != self.project.good.judging

    async def _round(self, checked: Checked) -> None:
        waiting = await asyncio.to_thread(self.project.waiting, checked)
        self.total, self.done = len(self.project.photos), len(self.project.photos) - len(waiting)
        self._tell(last=not waiting)
        unseen: list[Photo] = []
        for at in range(0, len(waiting), AT_ONCE):
            unseen += await asyncio.to_thread(self._judge_known, checked, waiting[at : at + AT_ONCE])
            if self._outdated(checked):
                return
        if unseen:
            assert self._started is not None
            await self._started
            queue = iter(unseen)
            await asyncio.gather(*(self._consume(checked, queue) for _ in range(self._pool.jobs)))
        self._tell(last=True)

    def _judge_known(self, checked: Checked, photos: Sequence[Photo]) -> list[Photo]:
        """Judge the photos whose objects are known; returns the others."""
        tables = {p.id: t for p in photos if (t := self.project.known_table(checked, p)) is not None}
        known = [p for p in photos if p.id in tables]
        if known:
            self.project.judge(checked, known, [tables[p.id] for p in known])
            self._count(len(known))
        return [p for p in photos if p.id not in tables]

    async def _consume(self, checked: Checked, queue: Iterator[Photo]) -> None:
        program = checked.program
        assert program is not None
        for photo in queue:
            if self._outdated(checked):
                return
            try:
                seen, _ = await self._pool.call((program, photo.path), PICTURE_S, urgent=False)
            except (WorkerDiedError, TookTooLongError) as error:
                table = replace(concatenate([]), problems=(Problem(photo.name, f"it cannot be looked at: {error}"),))
                seen = Seen(table, "", 0, 0)
            await asyncio.to_thread(self._keep, checked, photo, seen)

    def _keep(self, checked: Checked, photo: Photo, seen: Seen) -> None:
        table = self.project.keep_table(checked, photo, seen)
        self.project.judge(checked, [photo], [table])
        self._count(1)

    def _count(self, count: int) -> None:
        self.done += count
        self._tell(last=self.done >= self.total)

    def _tell(self, *, last: bool) -> None:
        now = time.monotonic()
        if last or now - self._told_s > TOLD_S:
            self._told_s = now
            self.project.announce({"type": "progress", "done": min(self.done, self.total), "total": self.total})
