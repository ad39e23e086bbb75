"""From what is to be checked to object tables: one input at a time, in this process or in others.

Owns `Input`, `gather` and `see_each`. Whatever is wrong with one input is a problem of its table and never
an exception, so that one odd picture does not cost the verdicts on ten thousand others. May import
`extract`, `eval`, `table`, `workers` and what is below.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeAlias

from logidsl.diagnostics import InputError
from logidsl.extract.picture import Picture
from logidsl.extract.sources import Locate
from logidsl.ir import Program
from logidsl.table import ObjectTable, Problem, Unreadable, concatenate
from logidsl.workers import cpus, in_order

PATIENCE_S = 1.0  # work that takes longer than this is worth the start of worker processes

# A path that turned out to be of no use stays in its place, so that a report names it.
Input: TypeAlias = Path | Picture | Problem


def gather(paths: Iterable[str | Path]) -> list[Path | Problem]:
    """The files that paths, folders and patterns stand for, in order, each once.

    A path without any is a problem in its place, so that it becomes a row of the report.
    """
    from logidsl.extract import find_inputs

    found: dict[str, Path | Problem] = {}
    for path in paths:
        try:
            found.update({str(p): p for p in find_inputs([str(path)]) if str(p) not in found})
        except InputError as error:
            found.setdefault(str(path), Problem(str(path), str(error)))
    return list(found.values())


def see_each(
    program: Program,
    inputs: Sequence[Input],
    jobs: int | None = 1,
    on_progress: Callable[[int, int], None] | None = None,
    unreadable: Unreadable = "keep",
) -> Generator[ObjectTable, None, None]:
    """Yield the table of each input, in order; see `see`."""
    for done, table in enumerate(_extract(program, inputs, jobs), 1):
        if on_progress:
            on_progress(done, len(inputs))
        yield table.readable() if unreadable == "skip" else table


def _extract(program: Program, inputs: Sequence[Input], jobs: int | None) -> Iterator[ObjectTable]:
    """The table of each input, from this process or from others."""
    started, done = time.monotonic(), 0
    if jobs is None or jobs <= 1:
        for path in inputs:
            yield see_one(program, path)
            done += 1
            spent = time.monotonic() - started
            if jobs is None and spent > PATIENCE_S and spent / done * (len(inputs) - done) > PATIENCE_S:
                break
    rest = inputs[done:]
    if rest:
        workers = min(jobs or cpus(), len(rest))
        yield from in_order(see_one, program, rest, workers, partial(_problem, message="the process reading it died"))


def see_one(program: Program, item: Input) -> ObjectTable:
    """The table of one input. Never raises: whatever goes wrong with a picture is a problem of its table."""
    from logidsl.extract import see_path, see_picture

    try:
        match item:
            case Problem(_, message):
                return _problem(item, message)
            case Picture():
                return see_picture(program, item, _locator(program))
            case _:
                return _printable(see_path(program, item, _locator(program)))
    except InputError as error:
        return _problem(item, str(error))
    except Exception as error:  # one odd picture must not cost the verdicts on ten thousand others
        if os.environ.get("LOGIDSL_DEBUG"):
            raise
        return _problem(item, f"internal error while reading it: {type(error).__name__}: {error}")


def _locator(program: Program) -> Locate | None:
    """What says where the regions of sources lie; loaded only where a source names one."""
    if all(source.of is None for source in program.sources):
        return None
    from logidsl.eval.locating import locate

    return locate


def _problem(item: Input, message: str) -> ObjectTable:
    """The table of an input that could not be used."""
    name = str(item) if isinstance(item, Path) else item.path
    return _printable(replace(concatenate([]), problems=(Problem(name, message),)))


def _printable(table: ObjectTable) -> ObjectTable:
    """The table with names that any text may hold: a file's name may be no UTF-8, and a report is."""
    names = [*table.images, *(part for p in table.problems for part in (p.path, p.message))]
    if all(name.isascii() for name in names):
        return table
    images = tuple(_text(name) for name in table.images)
    problems = tuple(Problem(_text(p.path), _text(p.message)) for p in table.problems)
    return replace(table, images=images, problems=problems, notes=tuple(_text(n) for n in table.notes))


def _text(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode()
