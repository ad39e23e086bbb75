"""A watched folder: each file that arrives is judged once. By polling, so that network shares work."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import time
from pathlib import Path
from typing import TypeAlias

from logidsl.diagnostics import InputError, SpecError
from logidsl.extract import find_inputs
from logidsl.files import replace
from logidsl.server.journal import ConflictError
from logidsl.server.line.state import State
from logidsl.server.pool import TookTooLongError, WorkerDiedError
from logidsl.server.service import Ask, OverloadedError, Service
from logidsl.server.settings import Watch

_Stamp: TypeAlias = tuple[int, int]


async def watch(service: Service, settings: Watch) -> None:
    """Judge what arrives in a folder, for ever."""
    state = State(service.metrics, f"folder:{settings.folder}")
    waiting: dict[str, tuple[_Stamp, float]] = {}
    done: dict[str, _Stamp] = {}
    while True:
        try:
            found = await asyncio.to_thread(_listed, Path(settings.folder))
            state.works()
        except OSError as error:
            state.fails(error.strerror or error)
            found = {}
        for name in [n for n in done if n not in found]:
            del done[name]
        waiting = {n: w for n, w in waiting.items() if n in found}
        now = time.monotonic()
        ready = []
        for name, stamp in found.items():
            if done.get(name) == stamp:
                continue
            before, since = waiting.get(name, (stamp, now))
            waiting[name] = (stamp, since if before == stamp else now)
            if before == stamp and now - since >= settings.settle_s:
                ready.append((name, stamp))
        results = await asyncio.gather(*(_judged(service, settings, *one) for one in ready[: service.jobs]))
        for (name, stamp), why in zip(ready, results, strict=False):
            if why is None:
                done[name] = stamp
                waiting.pop(name, None)
            else:
                state.fails(why)
        if len(ready) <= service.jobs:
            await asyncio.sleep(settings.every_s)


def _listed(folder: Path) -> dict[str, _Stamp]:
    """The files that may be inputs, with size and time of change, the oldest first."""
    try:
        inputs = find_inputs([str(folder)])
    except InputError:
        os.scandir(folder).close()  # it is empty, or raises what is wrong with it
        return {}
    found = {}
    for path in inputs:
        if path.parent == folder:
            about = path.stat()
            found[path.name] = (about.st_size, about.st_mtime_ns)
    return dict(sorted(found.items(), key=lambda entry: entry[1][1]))


async def _judged(service: Service, settings: Watch, name: str, stamp: _Stamp) -> str | None:
    """Judge a file, and put it and the result where they belong; why not, if it could not be judged."""
    path = Path(settings.folder) / name
    key = f"folder:{path.resolve()}:{stamp[0]}:{stamp[1]}"
    ask = Ask(settings.product, settings.variant, key=key, source="folder")
    try:
        with service.accepted(), service.spool.upload(name) as upload:
            await asyncio.to_thread(shutil.copyfile, path, upload.path)
            try:
                record = (await service.decide(ask, upload)).record
            except (WorkerDiedError, TookTooLongError) as error:
                record = {"verdict": "error", "input": {"name": name}, "error": str(error)}
        if settings.results:
            target = Path(settings.results) / f"{name}.json"
            text = json.dumps(record, ensure_ascii=False) + "\n"
            await asyncio.to_thread(replace, target, text.encode())
        if settings.done:
            await asyncio.to_thread(_moved, path, Path(settings.done))
    except (OSError, InputError, SpecError, LookupError, ConflictError, OverloadedError) as error:
        return str(error)
    return None


def _moved(path: Path, folder: Path) -> None:
    """Move a file to a folder, beside one of the same name."""
    target, number = folder / path.name, 1
    while target.exists():
        target, number = folder / f"{path.stem}-{number}{path.suffix}", number + 1
    shutil.move(path, target)
