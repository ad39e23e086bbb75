"""From what is to be checked to object tables: one input at a time, in this process or in others.

Owns `Input`, `gather` and `see_each`. Whatever is wrong with one input is a problem of its table and never
an exception, so that one odd picture does not cost the verdicts on ten thousand others. May import
`extract`, `eval`, `table`, `workers` and what is below.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeAlias

from logidsl.diagnostics import InputError
from logidsl.extract.pixels.picture import Picture
from logidsl.extract.sources.dispatch import Evaluator
from logidsl.files import digest
from logidsl.ir import Program
from logidsl.table import ObjectTable, Problem, TextColumn, Unreadable, concatenate
from logidsl.workers import LOOK_S, Progress, cpus, in_order

PATIENCE_S = 1.0  # work that takes longer than this is worth the start of worker processes

# A path that turned out to be of no use stays in its place, so that a report names it.
Input: TypeAlias = Path | Picture | Problem


class Course(NamedTuple):
    """How reading goes on.

    Parameters
    ----------
    timeout_s : float, optional
        How long one input may take.
    stopped : callable
        Asked while it is waited; once it says so, no more inputs are read.
    digested : bool
        Whether each table is to have the digest of its file.
    side_px : int, optional
        The longer side of the copy in which larger pictures are looked at; see `extract.scaled_copies`.
    """

    timeout_s: float | None = None
    stopped: Callable[[], bool] = lambda: False
    digested: bool = False
    side_px: int | None = None


UNDISTURBED = Course()


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


def good_parts(images: Sequence[str], tables: Sequence[str]) -> Callable[[Program], ObjectTable]:
    """The function that finds the objects of good parts for a program, in pictures and in tables."""
    inputs = gather(images)

    def look(program: Program) -> ObjectTable:
        from logidsl.extract import read_table

        seen = see_each(program, inputs) if inputs else ()
        return concatenate([*seen, *(read_table(Path(t), program) for t in tables)])

    return look


def see_each(
    program: Program,
    inputs: Sequence[Input],
    jobs: int | None = 1,
    on_progress: Progress | None = None,
    unreadable: Unreadable = "keep",
    course: Course = UNDISTURBED,
) -> Generator[ObjectTable, None, None]:
    """Yield the table of each input, in order; see `see`. Ends early where the course says so."""
    for done, table in enumerate(_extract(program, inputs, jobs, course), 1):
        if on_progress:
            on_progress(done, len(inputs))
        yield table.readable() if unreadable == "skip" else table


def _extract(program: Program, inputs: Sequence[Input], jobs: int | None, course: Course) -> Iterator[ObjectTable]:
    """The table of each input, from this process or from others."""
    started, done = time.monotonic(), 0
    see = partial(see_one, digested=course.digested, side_px=course.side_px)
    if jobs is None or jobs <= 1:
        for item in inputs:
            table, stalled = _in_time(see, program, item, course)
            if table is None:
                return
            yield table
            done += 1
            spent = time.monotonic() - started
            if stalled or (jobs is None and spent > PATIENCE_S and spent / done * (len(inputs) - done) > PATIENCE_S):
                break
    rest = inputs[done:]
    if rest:
        workers = min(jobs or cpus(), len(rest))
        died = partial(_lost, program, course, message="the process reading it died")
        late = partial(_lost, program, course, message=_too_long(course))
        yield from in_order(see, program, rest, workers, died, course.timeout_s, late, course.stopped)


def _in_time(
    see: Callable[[Program, Input], ObjectTable], program: Program, item: Input, course: Course
) -> tuple[ObjectTable | None, bool]:
    """The table of one input, read in this process, and whether it took too long; None if the run was stopped.

    What takes too long goes on in its thread, which nothing can end, and is not waited for.
    """
    if course.timeout_s is None:
        return see(program, item), False
    found: list[ObjectTable | Exception] = []

    def read() -> None:
        try:
            found.append(see(program, item))
        except Exception as error:  # noqa: BLE001 - raised again below
            found.append(error)

    thread = threading.Thread(target=read, daemon=True)
    end_s = time.monotonic() + course.timeout_s
    thread.start()
    while thread.is_alive() and (left_s := end_s - time.monotonic()) > 0:
        thread.join(min(left_s, LOOK_S))
        if thread.is_alive() and course.stopped():
            return None, False
    if not found:
        return _lost(program, course, item, _too_long(course)), True
    if isinstance(found[0], Exception):
        raise found[0]
    return found[0], False


def see_one(program: Program, item: Input, digested: bool = False, side_px: int | None = None) -> ObjectTable:
    """The table of one input. Never raises: whatever goes wrong with a picture is a problem of its table."""
    table = _seen(program, item, side_px)
    return _with_origin(program, item, table) if digested else table


def _with_origin(program: Program, item: Input, table: ObjectTable) -> ObjectTable:
    return replace(table, origin=(name_of(item), digest_of(program, item)))


def name_of(item: Input) -> str:
    """What reports call an input."""
    return _text(str(item) if isinstance(item, Path) else item.path)


def digest_of(program: Program, item: Input) -> str | None:
    """A digest of the file that an input is read from, with the annotation beside it that is read in its place."""
    from logidsl.extract.formats.beside import annotation_of
    from logidsl.extract.pixels.header import SUFFIXES

    if not isinstance(item, Path):
        return None
    beside = annotation_of(item) if item.suffix.lower() in SUFFIXES and not program.sees else None
    parts = [digest(path) for path in (item, beside) if path is not None]
    return "+".join(part or "unread" for part in parts)


def _seen(program: Program, item: Input, side_px: int | None) -> ObjectTable:
    from logidsl.extract import see_path, see_picture
    from logidsl.extract.scaled_copies import see_copy

    try:
        match item:
            case Problem(_, message):
                return _problem(item, message)
            case Picture():
                return see_picture(program, item, evaluator_of(program))
            case _ if side_px is not None:
                return printable(see_copy(program, item, side_px))
            case _:
                return printable(see_path(program, item, evaluator_of(program)))
    except InputError as error:
        return _problem(item, str(error))
    except Exception as error:  # one odd picture must not cost the verdicts on ten thousand others
        if os.environ.get("LOGIDSL_DEBUG"):
            raise
        return _problem(item, f"internal error while reading it: {type(error).__name__}: {error}")


def evaluator_of(program: Program) -> Evaluator | None:
    """What says where regions lie, and what is to be measured there; loaded only where a program asks for it."""
    if all(source.of is None for source in program.sources) and not program.measures and not program.aligned:
        return None
    from logidsl.eval.locating import locate, pose, wanted

    return Evaluator(locate, wanted, pose)


def _too_long(course: Course) -> str:
    return f"reading it took longer than {course.timeout_s or 0:g} s; --timeout S allows more"


def _lost(program: Program, course: Course, item: Input, message: str) -> ObjectTable:
    """The table of an input whose reading came to no end."""
    table = _problem(item, message)
    return _with_origin(program, item, table) if course.digested else table


def _problem(item: Input, message: str) -> ObjectTable:
    """The table of an input that could not be used; reports name it before the message, which need not repeat it."""
    name = name_of(item)
    said = _text(message).removeprefix(f"{name}: ").replace(f"no such file: {name}", "no such file")
    said = said.replace(f"no such file or folder: {name}", "no such file or folder")
    return printable(replace(concatenate([]), problems=(Problem(name, said),)))


def printable(table: ObjectTable) -> ObjectTable:
    """The table with texts that any file may hold: names may be no UTF-8, or hold half a surrogate."""
    texts = [c for c in (table.classes, *table.columns.values()) if isinstance(c, TextColumn)]
    names = [*table.images, *table.ids, *table.notes, *(part for p in table.problems for part in (p.path, p.message))]
    if "".join((*names, *(v for c in texts for v in c.values))).isascii():
        return table
    columns = {k: _plain(c) if isinstance(c, TextColumn) else c for k, c in table.columns.items()}
    return replace(
        table,
        images=tuple(map(_text, table.images)),
        ids=tuple(map(_text, table.ids)),
        classes=_plain(table.classes),
        columns=columns,
        problems=tuple(Problem(_text(p.path), _text(p.message)) for p in table.problems),
        notes=tuple(map(_text, table.notes)),
    )


def _plain(column: TextColumn) -> TextColumn:
    return replace(column, values=tuple(map(_text, column.values)))


def _text(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode()
