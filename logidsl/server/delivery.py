"""Decisions delivered to receivers: in order, at least once; ids let a receiver drop what it has already got."""

from __future__ import annotations

import asyncio
import gzip
import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import httpx

from logidsl.diagnostics import InputError
from logidsl.files import file_errors
from logidsl.server import journal
from logidsl.server.journal import Journal
from logidsl.server.settings import Receiver, secret

LOG = logging.getLogger("logidsl.server")
MASK = "***"
#: Delivers bodies of decisions.
Send: TypeAlias = Callable[[Sequence[str]], Awaitable[None]]


def masked(record: dict[str, Any], paths: Sequence[str]) -> dict[str, Any]:
    """A record with the values at some paths hidden, and the paths named in `masked`.

    Parameters
    ----------
    record : dict
        JSON values; changed in place.
    paths : sequence of str
        Keys with dots between them; `*` stands for every item of a list or every key.

    Examples
    --------
    >>> masked({"input": {"name": "a.png"}, "images": [{"path": "a.png", "score": 1}]}, ["input.name", "images.*.path"])
    {'input': {'name': '***'}, 'images': [{'path': '***', 'score': 1}], 'masked': ['input.name', 'images.*.path']}
    """
    hidden = [path for path in paths if _mask(record, path.split("."))]
    return {**record, "masked": hidden} if hidden else record


def _mask(value: Any, keys: Sequence[str]) -> bool:
    """Hide what lies at a path; whether anything does."""
    key, rest = keys[0], keys[1:]
    if isinstance(value, list):
        places: Sequence[Any] = range(len(value)) if key == "*" else ()
    elif isinstance(value, dict):
        places = list(value) if key == "*" else [key] if key in value else ()
    else:
        return False
    found = False
    for place in places:
        if rest:
            found |= _mask(value[place], rest)
        elif value[place] is not None:
            value[place], found = MASK, True
    return found


class Delivery:
    """The task that delivers decisions to one receiver.

    Parameters
    ----------
    log : Journal
        Where they are, and how far the receiver has come.
    name : str
        What the progress is kept under.
    send : callable
        Delivers bodies of decisions; raises InputError, OSError or httpx.HTTPError where it cannot.
    on_delivered : callable
        Called with how many were delivered at once.
    batch : int
        How many are delivered at once.
    retry_s : float
        After how many seconds it is tried again.
    """

    def __init__(
        self,
        log: Journal,
        name: str,
        send: Send,
        on_delivered: Callable[[int], None],
        batch: int = 200,
        retry_s: float = 5.0,
    ) -> None:
        self.log, self.name, self.send, self.on_delivered = log, name, send, on_delivered
        self.batch, self.retry_s = batch, retry_s
        self.news = asyncio.Event()
        self.failing = False

    async def run(self) -> None:
        """Deliver for ever, and try again after a while where it fails."""
        while True:
            self.news.clear()
            try:
                while await self._next():
                    pass
            except (httpx.HTTPError, InputError, OSError) as error:
                if not self.failing:
                    LOG.warning("delivery fails", extra={"receiver": self.name, "why": str(error)})
                self.failing = True
                await asyncio.sleep(self.retry_s)
                continue
            if self.failing:
                LOG.info("delivery resumed", extra={"receiver": self.name})
            self.failing = False
            await self.news.wait()

    async def _next(self) -> bool:
        """Deliver the next decisions; False if there are none."""
        after = await self.log.do(partial(journal.cursor, receiver=self.name))
        found = await self.log.do(partial(journal.decisions_after, seq=after, most=self.batch))
        if not found:
            return False
        await self.send([body for _, body in found])
        await self.log.do(partial(journal.set_cursor, receiver=self.name, seq=found[-1][0]))
        self.on_delivered(len(found))
        return True


def sender(receiver: Receiver, folder: Path) -> Send:
    """What delivers to a receiver; a relative file lies in the folder.

    Raises
    ------
    InputError
        If the variable with its token is not set.
    """
    if receiver.url is None:
        return partial(asyncio.to_thread, partial(_append, folder / str(receiver.file)))
    token = secret(receiver.token_env, receiver.url)
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return partial(_post, httpx.AsyncClient(timeout=30, follow_redirects=False, headers=headers), receiver.url)


async def _post(client: httpx.AsyncClient, url: str, bodies: Sequence[str]) -> None:
    answer = await client.post(url, content=gzip.compress(f"[{','.join(bodies)}]".encode()))
    if not answer.is_success:
        raise InputError(f"{url} answered {answer.status_code}")


def _append(path: Path, bodies: Sequence[str]) -> None:
    with file_errors(path, "written"):
        _without_half_a_line(path)
        with path.open("ab") as file:
            file.write("".join(f"{body}\n" for body in bodies).encode())
            file.flush()
            os.fsync(file.fileno())


def _without_half_a_line(path: Path) -> None:
    """Drop what a crash left of a last line; it is written again."""
    if not path.exists():
        return
    with path.open("rb+") as file:
        end = file.seek(0, os.SEEK_END)
        while end:
            start = max(0, end - 65536)
            file.seek(start)
            newline = file.read(end - start).rfind(b"\n")
            if newline >= 0:
                file.truncate(start + newline + 1)
                return
            end = start
        file.truncate(0)
