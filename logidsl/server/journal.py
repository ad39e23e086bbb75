"""What the server must not lose, in one SQLite file: decisions, jobs and their pictures, how far receivers have come.

One thread owns the file. Changes that arrive while it works are written together with one sync to disk, and nobody
hears of a change before that.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from logidsl.diagnostics import InputError

T = TypeVar("T")
_TABLES = """
CREATE TABLE IF NOT EXISTS decisions (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, key TEXT UNIQUE, time TEXT NOT NULL,
    asked TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, time TEXT NOT NULL, body TEXT NOT NULL, total INTEGER NOT NULL, cancelled INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS items (
    job TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, path TEXT NOT NULL, seq INTEGER,
    PRIMARY KEY (job, number)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS undone ON items (job) WHERE seq IS NULL;
CREATE TABLE IF NOT EXISTS receivers (name TEXT PRIMARY KEY, seq INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""
VERSION = 1


class Decision(NamedTuple):
    """A decision to keep.

    `key` is what the client calls its request, `asked` a digest of what it asked; the same key gives the same answer.
    """

    id: str
    key: str | None
    time: str
    asked: str
    body: str


class Item(NamedTuple):
    """A picture of a job that is still to be judged."""

    job: str
    number: int
    name: str
    path: str
    asked: str


class ConflictError(Exception):
    """The key was used for another request."""


class Journal:
    """The file, and the thread that owns it.

    Parameters
    ----------
    path : Path
        The file; created if necessary.
    sync : bool
        Whether the disk is waited for, so that a power cut loses nothing. A crash of this process never does.

    Raises
    ------
    InputError
        If it cannot be opened, is damaged, or is of a later version.
    """

    def __init__(self, path: Path, *, sync: bool = True) -> None:
        self.path, self.sync = path, sync
        self._work: queue.SimpleQueue[tuple[Callable[[sqlite3.Connection], Any], Future[Any]] | None]
        self._work = queue.SimpleQueue()
        opened: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, args=(opened,), name="journal", daemon=True)
        self._thread.start()
        try:
            opened.result()
        except sqlite3.Error as error:
            raise InputError(f"{path} cannot be used: {error}") from None

    def close(self) -> None:
        """Finish what was begun."""
        self._work.put(None)
        self._thread.join()

    async def do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What some work on the file gives, once it is on disk."""
        future: Future[T] = Future()
        self._work.put((work, future))
        return await asyncio.wrap_future(future)

    def _run(self, opened: Future[None]) -> None:
        try:
            file = _opened(self.path, "FULL" if self.sync else "NORMAL")
        except (sqlite3.Error, InputError) as error:
            opened.set_exception(error)
            return
        opened.set_result(None)
        going = True
        while going:
            batch = [self._work.get()]
            with suppress(queue.Empty):
                while len(batch) < 256:
                    batch.append(self._work.get_nowait())
            going = None not in batch
            self._write(file, [entry for entry in batch if entry is not None])
        file.close()

    def _write(
        self, file: sqlite3.Connection, batch: Sequence[tuple[Callable[[sqlite3.Connection], Any], Future[Any]]]
    ) -> None:
        """Do the work of a batch in one transaction; one that fails is taken back alone."""
        done: list[tuple[Future[Any], Any]] = []
        try:
            file.execute("BEGIN IMMEDIATE")
            for work, future in batch:
                file.execute("SAVEPOINT one")
                try:
                    done.append((future, work(file)))
                    file.execute("RELEASE one")
                except Exception as error:  # noqa: BLE001 - it belongs to who asked
                    file.execute("ROLLBACK TO one")
                    file.execute("RELEASE one")
                    _fail(future, error)
            file.execute("COMMIT")
        except sqlite3.Error as error:  # a full disk: nothing of the batch is kept, and nobody hears that it is
            with suppress(sqlite3.Error):
                file.execute("ROLLBACK")
            for _, future in batch:
                _fail(future, error)
            return
        for future, result in done:
            if not future.cancelled():
                future.set_result(result)


def _fail(future: Future[Any], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)


def _opened(path: Path, synchronous: str) -> sqlite3.Connection:
    file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    file.execute("PRAGMA journal_mode = WAL")
    file.execute(f"PRAGMA synchronous = {synchronous}")
    version = file.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise InputError(f"{path} was written by a later version of logidsl")
    file.executescript(_TABLES)
    file.execute(f"PRAGMA user_version = {VERSION}")
    return file


def add_decision(file: sqlite3.Connection, decision: Decision) -> tuple[str, bool]:
    """Keep a decision; give the body that counts, and whether it was there before.

    Raises
    ------
    ConflictError
        If the key stands for another request.
    """
    found = known_decision(file, decision.key, decision.asked)
    if found is not None:
        return found, True
    file.execute("INSERT INTO decisions (id, key, time, asked, body) VALUES (?, ?, ?, ?, ?)", decision)
    return decision.body, False


def known_decision(file: sqlite3.Connection, key: str | None, asked: str) -> str | None:
    """The decision that a key stands for.

    Raises
    ------
    ConflictError
        If the key stands for another request.
    """
    found = file.execute("SELECT asked, body FROM decisions WHERE key = ?", (key,)).fetchone() if key else None
    if found is None:
        return None
    if found[0] != asked:
        raise ConflictError(f"the key `{key}` stands for another request")
    return str(found[1])


def decision(file: sqlite3.Connection, identifier: str) -> str | None:
    """The decision of an id."""
    found = file.execute("SELECT body FROM decisions WHERE id = ?", (identifier,)).fetchone()
    return found and str(found[0])


def decisions_after(file: sqlite3.Connection, seq: int, most: int) -> list[tuple[int, str]]:
    """Decisions in order, after one."""
    return file.execute("SELECT seq, body FROM decisions WHERE seq > ? ORDER BY seq LIMIT ?", (seq, most)).fetchall()


def add_job(file: sqlite3.Connection, identifier: str, time: str, body: str, items: Sequence[tuple[str, str]]) -> None:
    """Keep a job with its items: names and paths."""
    file.execute("INSERT INTO jobs VALUES (?, ?, ?, ?, 0)", (identifier, time, body, len(items)))
    file.executemany(
        "INSERT INTO items VALUES (?, ?, ?, ?, NULL)",
        [(identifier, number, *item) for number, item in enumerate(items)],
    )


def job(file: sqlite3.Connection, identifier: str) -> tuple[str, str, int, bool, int] | None:
    """Of a job: its time, its body, how many items it has, whether it was cancelled, how many are done."""
    found = file.execute("SELECT time, body, total, cancelled FROM jobs WHERE id = ?", (identifier,)).fetchone()
    if found is None:
        return None
    done = file.execute("SELECT count(*) FROM items WHERE job = ? AND seq IS NOT NULL", (identifier,)).fetchone()[0]
    return str(found[0]), str(found[1]), int(found[2]), bool(found[3]), int(done)


def job_results(file: sqlite3.Connection, identifier: str, after: int, most: int) -> list[tuple[int, str]]:
    """Decisions on the items of a job, by their numbers."""
    return file.execute(
        "SELECT i.number, d.body FROM items i JOIN decisions d ON d.seq = i.seq"
        " WHERE i.job = ? AND i.number > ? ORDER BY i.number LIMIT ?",
        (identifier, after, most),
    ).fetchall()


def next_items(file: sqlite3.Connection, most: int, busy: Sequence[tuple[str, int]]) -> list[Item]:
    """Items that are still to be judged and are not being judged, of the oldest jobs first."""
    rows = file.execute(
        "SELECT i.job, i.number, i.name, i.path, j.body FROM jobs j JOIN items i ON i.job = j.id AND i.seq IS NULL"
        " WHERE j.cancelled = 0 ORDER BY j.time, i.job, i.number LIMIT ?",
        (most + len(busy),),
    ).fetchall()
    taken = {*busy}
    return [Item(*row) for row in rows if (row[0], row[1]) not in taken][:most]


def finish_item(file: sqlite3.Connection, item: Item, decision: Decision) -> None:
    """Keep the decision on an item, and that it is done."""
    add_decision(file, decision)
    file.execute(
        "UPDATE items SET seq = (SELECT seq FROM decisions WHERE key = ?) WHERE job = ? AND number = ?",
        (decision.key, item.job, item.number),
    )


def cancel_job(file: sqlite3.Connection, identifier: str) -> bool:
    """Cancel a job; False if there is none."""
    return file.execute("UPDATE jobs SET cancelled = 1 WHERE id = ?", (identifier,)).rowcount > 0


def cursor(file: sqlite3.Connection, receiver: str) -> int:
    """How far a receiver has come; a new one begins with the oldest decision."""
    found = file.execute("SELECT seq FROM receivers WHERE name = ?", (receiver,)).fetchone()
    return int(found[0]) if found else 0


def set_cursor(file: sqlite3.Connection, receiver: str, seq: int) -> None:
    """Note how far a receiver has come."""
    file.execute("INSERT OR REPLACE INTO receivers VALUES (?, ?)", (receiver, seq))


def counted(file: sqlite3.Connection, name: str) -> int:
    """A counter that survives restarts."""
    found = file.execute("SELECT value FROM counters WHERE name = ?", (name,)).fetchone()
    return int(found[0]) if found else 0


def drop_old(file: sqlite3.Connection, before: str, most: int, receivers: Sequence[str]) -> int:
    """Drop decisions from before a time, and all but the last `most`; give how many a receiver had not got yet."""
    newest = file.execute("SELECT coalesce(max(seq), 0) FROM decisions").fetchone()[0]
    last = file.execute("SELECT coalesce(max(seq), 0) FROM decisions WHERE time < ?", (before,)).fetchone()[0]
    last = max(last, newest - most)
    got = min([cursor(file, name) for name in receivers], default=newest)
    missed = file.execute("SELECT count(*) FROM decisions WHERE seq <= ? AND seq > ?", (last, got)).fetchone()[0]
    file.execute("DELETE FROM items WHERE seq <= ?", (last,))
    file.execute("DELETE FROM decisions WHERE seq <= ?", (last,))
    file.execute(
        "INSERT INTO counters VALUES ('dropped', ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
        (missed,),
    )
    return int(missed)
