"""The service: what all ways into it share. An input goes to a worker, its decision to the log."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from logidsl.diagnostics import InputError
from logidsl.extras import needed
from logidsl.files import file_errors
from logidsl.judging import Answer, Task, prepare
from logidsl.pipeline import compile_spec
from logidsl.server import journal
from logidsl.server.delivery import Delivery, Send, masked, sender
from logidsl.server.journal import Item, Journal
from logidsl.server.metrics import Metrics
from logidsl.server.pool import Pool, TookTooLongError, WorkerDiedError
from logidsl.server.revisions import Active, Revision, Revisions, closed, now
from logidsl.server.settings import Settings
from logidsl.server.spool import Content, Spool, Upload, content_of
from logidsl.version import __version__
from logidsl.workers import cpus

LOG = logging.getLogger("logidsl.server")
CLEAN_S = 3600.0


class OverloadedError(Exception):
    """More requests wait than may; the client is to come again after `retry_s`."""

    retry_s = 1


@dataclass(frozen=True)
class Ask:
    """What is to be judged, and how.

    Parameters
    ----------
    product, variant : str
        Whose active spec judges it.
    revision : str, optional
        A digest, to be judged by another revision than the active one.
    parameters : mapping of str to str
        Values beside those of the activation.
    key : str, optional
        What the client calls the request: the same key gives the same decision.
    repairs, scores : bool
        Whether findings have repairs, and images scores.
    source : str
        The way in: `http`, `job`, `folder`, ...
    tags : mapping of str to str
        Kept with the decision: a serial number, say.
    """

    product: str
    variant: str = ""
    revision: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    key: str | None = None
    repairs: bool = False
    scores: bool = False
    source: str = "http"
    tags: Mapping[str, str] = field(default_factory=dict)


class Decided(NamedTuple):
    """A decision, and the JSON that says so."""

    record: dict[str, Any]
    text: str


class Service:
    """A running service.

    Parameters
    ----------
    folder : Path
        All that it keeps.
    settings : Settings
        Its settings.
    """

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder, self.settings = folder, settings
        self.jobs = settings.jobs or cpus()
        self.revisions = Revisions(folder / "products")
        self.metrics = Metrics(max([d.window for d in settings.drift], default=100))
        self.pool: Pool[None, Task | None, Answer | None] = Pool(prepare, None, self.jobs)
        self.ready = False
        self.dropped = 0
        self._columns = {d.product: tuple(d.columns) for d in settings.drift}
        self._accepted = 0
        self._news = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._judging: set[tuple[str, int]] = set()
        self._working: set[asyncio.Task[None]] = set()
        self._in_flight: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._programs: dict[tuple[str, tuple[tuple[str, str], ...]], str] = {}
        with file_errors(folder, "written"):
            self.spool = Spool(folder / "spool")
            (folder / "jobs").mkdir(exist_ok=True)
        self.log = Journal(folder / "journal.sqlite", sync=settings.log.sync)
        self._deliveries: list[Delivery] = []
        for receiver in settings.log.to:
            self.deliver(receiver.name, sender(receiver, folder), receiver.batch, receiver.retry_s)
        if settings.store:
            for module in ("sqlalchemy", "alembic"):
                needed(module, "store", "a store of runs")
            from logidsl.server.keeping import Keeping

            self.deliver("store", Keeping(settings.store, self.revisions).send)

    def deliver(self, name: str, send: Send, batch: int = 200, retry_s: float = 5.0) -> None:
        """Have decisions delivered from the start on; see `Delivery`."""
        delivered = partial(self.metrics.delivered, name)
        self._deliveries.append(Delivery(self.log, name, send, delivered, batch, retry_s))

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Service]:
        """The service at work, until the block ends."""
        self.dropped = await self.log.do(partial(journal.counted, name="dropped"))
        self._gauges()
        await self.pool.start()
        loops = [self._work_off, self._clean, *(d.run for d in self._deliveries)]
        self._tasks = [asyncio.create_task(loop()) for loop in loops]
        self.ready = True
        try:
            yield self
        finally:
            self.ready = False
            tasks = [*self._tasks, *self._working]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.pool.close()
            self.log.close()

    @contextlib.contextmanager
    def accepted(self) -> Iterator[None]:
        """Count a request from now on; its answer is the service's duty.

        Raises
        ------
        OverloadedError
            If as many as may be are being answered.
        """
        if self._accepted >= self.jobs + self.settings.limits.queue:
            self.metrics.refused("overloaded")
            raise OverloadedError(f"{self._accepted} requests are being answered: try again later")
        self._accepted += 1
        try:
            yield
        finally:
            self._accepted -= 1

    async def decide(self, ask: Ask, upload: Upload) -> Decided:
        """The decision on an input, once it is in the log.

        Raises
        ------
        NotFoundError
            If there is no such product or revision.
        InputError, SpecError
            If the spec cannot be used with these parameters.
        ConflictError
            If the key stands for another request.
        WorkerDiedError, TookTooLongError
            If there is no verdict. This is logged with the verdict `error`.
        """
        if ask.key is None:
            return await self._decided(ask, upload, "")
        content = await asyncio.to_thread(content_of, upload.path)
        what = [ask.product, ask.variant, ask.revision, sorted(ask.parameters.items()), ask.repairs, ask.scores]
        asked = hashlib.sha256(json.dumps([*what, content.digest]).encode()).hexdigest()
        known = await self.log.do(partial(journal.known_decision, key=ask.key, asked=asked))
        if known is not None:
            return _repeated(known)
        running = self._in_flight.get(ask.key)
        if running is not None:
            await asyncio.wait([running])
            return await self.decide(ask, upload)
        self._in_flight[ask.key] = running = asyncio.get_running_loop().create_future()
        try:
            return await self._decided(ask, upload, asked, content)
        finally:
            del self._in_flight[ask.key]
            running.set_result({})

    async def _decided(self, ask: Ask, upload: Upload, asked: str, content: Content | None = None) -> Decided:
        record, error = await self._judged(ask, upload, content)
        text = _text(record)
        decision = _decision(record, text, ask.key, asked, self.settings.log.mask)
        body, before = await self.log.do(partial(journal.add_decision, decision=decision))
        self._tell()
        if before:
            return _repeated(body)
        if error is not None:
            raise error
        return Decided(record, text)

    async def give_up(self, ask: Ask, name: str, why: str) -> dict[str, Any]:
        """The decision, in the log, on an input that never came: `error`, with the reason."""
        record = _failed(ask, name, why)
        self.metrics.judged(ask.product, ask.variant, ["error"], [], {})
        decision = _decision(record, _text(record), None, "", self.settings.log.mask)
        await self.log.do(partial(journal.add_decision, decision=decision))
        self._tell()
        return record

    async def _judged(
        self, ask: Ask, upload: Upload, content: Content | None = None, *, urgent: bool = True
    ) -> tuple[dict[str, Any], Exception | None]:
        """The record of a decision, and why there is no verdict."""
        active = self.revisions.active(ask.product, ask.variant) if ask.revision is None else None
        revision = self.revisions.revision(ask.product, active.revision if active else str(ask.revision))
        parameters = tuple(sorted({**(active.parameters if active else {}), **ask.parameters}.items()))
        program = await self._program(revision, parameters)
        columns = self._columns.get(ask.product, ())
        task = Task(
            str(revision.spec), parameters, str(upload.path), str(upload.folder), ask.repairs,
            ask.scores or "score" in columns, columns,
        )  # fmt: skip
        record: dict[str, Any] = {
            "id": uuid.uuid4().hex,
            "key": ask.key,
            "time": now(),
            "logidsl": __version__,
            "product": ask.product,
            "variant": ask.variant,
            "revision": revision.digest,
            "program": program,
            "files": dict(revision.files),
            "parameters": dict(parameters),
            "input": {"name": upload.name},
            "source": ask.source,
            "tags": dict(ask.tags),
        }
        started = time.perf_counter()
        reading = asyncio.ensure_future(_content(upload, content))  # while a worker judges
        try:
            answer, waited_s = await self.pool.call(task, self.settings.limits.picture_s, urgent=urgent)
        except (WorkerDiedError, TookTooLongError) as error:
            record["input"] |= (await reading)._asdict()
            self.metrics.judged(ask.product, ask.variant, ["error"], [], {})
            return {**record, "verdict": "error", "labels": [], "images": [], "notes": [], "error": str(error)}, error
        record["input"] |= (await reading)._asdict()
        assert answer is not None
        report = answer.report
        images = report["images"]
        seconds = {
            "wait": waited_s, "read": answer.read_s, "judge": answer.judge_s, "all": time.perf_counter() - started,
        }  # fmt: skip
        record["verdict"] = _worst([i["verdict"] for i in images])
        record["labels"] = sorted({label for i in images for label in i["labels"]})
        record["images"], record["notes"] = images, report["notes"]
        record["seconds"] = {phase: round(value, 6) for phase, value in seconds.items()}
        self.metrics.judged(ask.product, ask.variant, [i["verdict"] for i in images], record["labels"], seconds)
        scores = [i["score"] for i in images if i["score"] is not None]
        means = {**answer.means, **({"score": sum(scores) / len(scores)} if scores else {})}
        self.metrics.measured(ask.product, revision.digest, means)
        return record, None

    async def _program(self, revision: Revision, parameters: tuple[tuple[str, str], ...]) -> str:
        """What identifies the program of a revision; compiled once."""
        key = str(revision.spec), parameters
        if key not in self._programs:
            program = await asyncio.to_thread(compile_spec, revision.spec, dict(parameters))
            self._programs[key] = closed(program).hash
            while len(self._programs) > 1000:
                del self._programs[next(iter(self._programs))]
        return self._programs[key]

    async def start_job(self, ask: Ask, inputs: Mapping[str, Path], identifier: str) -> None:
        """Accept inputs, which lie where they stay, to be judged one after another."""
        active: Active | None = None
        if ask.revision is None:
            active = self.revisions.active(ask.product, ask.variant)
            ask = replace(ask, revision=active.revision, parameters={**active.parameters, **ask.parameters})
        await self._program(
            self.revisions.revision(ask.product, str(ask.revision)), tuple(sorted(ask.parameters.items()))
        )
        body = json.dumps({name: getattr(ask, name) for name in _JOB_FIELDS})
        items = [(name, str(path)) for name, path in inputs.items()]
        await self.log.do(partial(journal.add_job, identifier=identifier, time=now(), body=body, items=items))
        self._news.set()

    async def _work_off(self) -> None:
        """Judge the items of jobs, those of requests first."""
        while True:
            self._news.clear()
            room = self.jobs - len(self._judging)
            items = await self.log.do(partial(journal.next_items, most=room, busy=[*self._judging])) if room else []
            for item in items:
                self._judging.add((item.job, item.number))
                task = asyncio.create_task(self._work(item))
                self._working.add(task)
                task.add_done_callback(self._working.discard)
            await self._news.wait()

    async def _work(self, item: Item) -> None:
        try:
            asked = json.loads(item.asked)
            ask = Ask(**asked, key=f"job:{item.job}:{item.number}", source="job")
            path = Path(item.path)
            upload = Upload(path.parent, path.name)
            try:
                record, _ = await self._judged(ask, upload, urgent=False)
            except (InputError, OSError, LookupError) as error:
                record = _failed(ask, item.name, str(error))
            record["input"]["name"] = item.name
            decision = _decision(record, _text(record), ask.key, "", self.settings.log.mask)
            await self.log.do(partial(journal.finish_item, item=item, decision=decision))
            self._tell()
        except asyncio.CancelledError:
            raise
        except Exception:
            LOG.exception("an item of a job could not be judged")
            await asyncio.sleep(1)
        finally:
            self._judging.discard((item.job, item.number))
            self._news.set()

    async def _clean(self) -> None:
        """Drop what is older than it is kept, from time to time."""
        while True:
            log = self.settings.log
            before = (datetime.now(UTC) - timedelta(days=log.keep_days)).isoformat()
            names = [delivery.name for delivery in self._deliveries]
            missed = await self.log.do(partial(journal.drop_old, before=before, most=log.most, receivers=names))
            if missed:
                self.dropped += missed
                LOG.error("decisions were dropped before they were delivered", extra={"many": missed})
            await asyncio.sleep(CLEAN_S)

    def _tell(self) -> None:
        for delivery in self._deliveries:
            delivery.news.set()

    def _gauges(self) -> None:
        gauge = self.metrics.gauge
        gauge("logidsl_waiting", "Requests that wait for a worker", lambda: self.pool.waiting)
        gauge("logidsl_accepted", "Requests that are being answered", lambda: self._accepted)
        gauge("logidsl_workers_lost", "Workers that died or took too long", lambda: self.pool.died)
        gauge("logidsl_dropped", "Decisions dropped before they were delivered", lambda: self.dropped)


_JOB_FIELDS = ("product", "variant", "revision", "parameters", "repairs", "scores", "tags")


async def _content(upload: Upload, known: Content | None) -> Content:
    return await asyncio.to_thread(content_of, upload.path) if known is None else known


def _text(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def _decision(record: dict[str, Any], text: str, key: str | None, asked: str, mask: list[str]) -> journal.Decision:
    """What is kept of a record: its text, unless something in it is masked."""
    body = _text(masked(json.loads(text), mask)) if mask else text
    return journal.Decision(record["id"], key, record["time"], asked, body)


def _repeated(body: str) -> Decided:
    record = {**json.loads(body), "repeated": True}
    return Decided(record, _text(record))


def _failed(ask: Ask, name: str, why: str) -> dict[str, Any]:
    """The record of an input that nothing could be done with."""
    return {
        "id": uuid.uuid4().hex, "key": ask.key, "time": now(), "logidsl": __version__,
        "product": ask.product, "variant": ask.variant, "revision": ask.revision, "parameters": dict(ask.parameters),
        "input": {"name": name, "digest": None, "bytes": None}, "source": ask.source, "tags": dict(ask.tags),
        "verdict": "error", "labels": [], "images": [], "notes": [], "error": why,
    }  # fmt: skip


def _worst(verdicts: list[str]) -> str:
    """The verdict on several images, as `check` has it."""
    return next((v for v in ("fail", "error", "review", "pass") if v in verdicts), "error")
