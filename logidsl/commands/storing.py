"""`check --store`: what a store of runs knows already, and what goes into it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from sqlalchemy import Connection

from logidsl.commands.arguments import pairs
from logidsl.commands.job import Job
from logidsl.commands.terminal import UsageError, say
from logidsl.diagnostics import InputError, counted
from logidsl.eval.batch_keys import key_of_problem, keys_of, with_facts
from logidsl.eval.schema import attributes_read
from logidsl.extract import table_of_json, to_json_rows
from logidsl.extras import needed
from logidsl.picture_facts import PictureFacts
from logidsl.report.model import BatchReport, Summary, Verdict
from logidsl.report.report import Report
from logidsl.seeing import Input, digest_of, name_of
from logidsl.store.batches import keep_objects, keep_verdicts, known_objects, objects_of, packed, unpacked
from logidsl.store.store import Entry, Place, Store, StoredSpec, Value, Writer, migrate
from logidsl.table import ObjectTable, Problem, concatenate

#: The columns of a table of pictures that say where they belong.
PLACES = Place._fields


def opened(address: str, *, create: bool = True) -> Store:
    """The store of an address.

    Raises
    ------
    InputError
        If the extra is missing, or the store cannot be used.
    """
    for module in ("sqlalchemy", "alembic"):
        needed(module, "store", "a store of runs")
    return Store(address, create=create)


def place_of(words: Sequence[str]) -> Place:
    """Where pictures belong, by the values of `--batch`.

    Raises
    ------
    UsageError
        If one is malformed.
    """
    place = pairs(words, "--batch")
    if unknown := [name for name in place if name not in Place._fields]:
        raise UsageError(f"expected --batch with one of {', '.join(Place._fields)}, found `{unknown[0]}`")
    return Place(**place)


class Storing:
    """One run of `check` that is kept.

    Parameters
    ----------
    job : Job
        What is judged; its inputs become those that the store does not know.
    facts : PictureFacts, optional
        What is said of pictures in a table of them.
    """

    def __init__(self, job: Job, facts: PictureFacts | None = None) -> None:
        args: argparse.Namespace = job.args
        place = place_of(args.batch)
        self.job, self.program = job, job.program
        self.store = opened(args.store)
        self.columns = sorted(set().union(*attributes_read(self.program).values()))
        self.named = [
            batch
            for batch in self.program.batches
            if batch.name in Place._fields and (batch.column or batch.path) is not None
        ]
        self.facts = facts
        self.verdicts: list[Verdict] = []
        self.known: dict[str, str] = {}  # what was judged before, with its digest
        self._skip_known()
        self.spec, self.place = StoredSpec.of(self.program, job.source.text), place
        self.writer = Writer(self.store, "check")

    def _skip_known(self) -> None:
        names = {name_of(item): item for item in self.job.inputs}
        before = self.store.known(self.program, list(names))
        same = {name: was for name, was in before.items() if digest_of(self.program, names[name]) == was}
        if self.program.batch_rules:  # they need the objects of all pictures
            kept = known_objects(self.store, self.program, same)
            same = {name: was for name, was in same.items() if name in kept}
        if same:
            self.known = same
            self.verdicts = [_verdict(v) for v in self.store.verdicts(self.program, list(same))]
            rest: list[Input] = [item for name, item in names.items() if name not in same]
            self.job.inputs = rest
            if not self.job.args.quiet:
                counts = Summary.of(self.verdicts)
                parts = [
                    (counts.pass_, "pass"),
                    (counts.fail, "fail"),
                    (counts.review, "review"),
                    (counts.error, "error"),
                ]
                said = ", ".join(f"{many} {verdict}" for many, verdict in parts if many)
                say(f"{counted(len(same), 'picture')} judged before ({said}), {len(rest)} new or changed")

    def keep(self, tables: Sequence[ObjectTable], report: Report) -> None:
        """Keep what was judged, and what rules over several pictures need of it."""
        self.writer.write(
            self.spec, self.place, self._entries(tables, report), lambda connection: self._objects(connection, tables)
        )

    def _objects(self, connection: Connection, tables: Sequence[ObjectTable]) -> None:
        for table in tables if self.program.batch_rules else ():
            path, digest = table.origin or ("", None)
            images = [to_json_rows(table, number) for number in range(len(table.images))]
            rows = packed(images, [(p.path, p.message) for p in table.problems])
            keep_objects(connection, self.spec, path, digest or "unread", rows)

    def judged_before(self) -> Iterator[ObjectTable]:
        """The objects of the pictures that were judged before, some at a time.

        Raises
        ------
        InputError
            If the store goes away, or holds something else.
        """
        for some in objects_of(self.store, self.program, self.known):
            yield concatenate([self._table(path, rows) for path, rows in some])

    def _table(self, path: str, rows: bytes) -> ObjectTable:
        try:
            images, problems = unpacked(rows)
            table = table_of_json(images, self.program, path)
        except (ValueError, InputError) as error:
            raise InputError(f"{self.store.shown}: the objects of {path} cannot be read: {error}") from None
        return replace(table, problems=(*table.problems, *(Problem(*p) for p in problems)))

    def end(self, batches: Sequence[BatchReport] = ()) -> None:
        """Keep the verdicts on batches, and note that the run is over."""
        if batches:
            keep_verdicts(self.writer, self.spec, self.place, batches)
        self.writer.end()

    def _entries(self, tables: Sequence[ObjectTable], report: Report) -> Iterator[Entry]:
        images = iter(report.images)
        for table in tables:
            path, digest = table.origin or ("", None)
            places = self._places(table)
            for number in range(len(table.images)):
                values = tuple(self._values(table, number))
                yield Entry(path, digest or "", next(images), values, place=places[number])
            for problem in table.problems:
                keys = [key_of_problem(batch, problem, self.facts) for batch in self.named]
                yield Entry(path, digest or "unread", next(images), place=self._place(problem.path, keys))

    def _places(self, table: ObjectTable) -> list[Place]:
        """Where the pictures of a table belong."""
        table = with_facts(table, self.program.picture_columns, self.facts)
        keys = [keys_of(batch, table) for batch in self.named]
        return [self._place(path, [k[number] for k in keys]) for number, path in enumerate(table.images)]

    def _place(self, path: str, keys: Sequence[str | None]) -> Place:
        """Where a picture belongs: as the batches with names of places say, or the columns with such names."""
        place = self.place
        for name in Place._fields if self.facts is not None else ():
            if self.facts is not None and name in self.facts.columns:
                place = place.of_batch(name, self.facts.value(path, name))
        for batch, key in zip(self.named, keys, strict=True):
            place = place.of_batch(batch.name, key)
        return place

    def _values(self, table: ObjectTable, image: int) -> Iterator[Value]:
        start, end = int(table.offsets[image]), int(table.offsets[image + 1])
        classes = table.classes
        for name in self.columns:
            column = _numbers(table, name)
            if column is None:
                continue
            for row in range(start, end):
                value, code = float(column[row]), int(classes.codes[row])
                if np.isfinite(value) and code >= 0:
                    yield Value(table.ids[row], classes.values[code], name, value)


def _numbers(table: ObjectTable, name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]] | None:
    """The values of an attribute of all rows, where the table has them or the box gives them."""
    sides = {"width": ("x0", "x1"), "height": ("y0", "y1")}
    column = table.columns.get(name)
    if column is None and name in sides:
        low, high = (table.columns.get(side) for side in sides[name])
        column = high - low if isinstance(low, np.ndarray) and isinstance(high, np.ndarray) else None
    return column if isinstance(column, np.ndarray) and column.ndim == 1 else None


def _verdict(text: str) -> Verdict:
    assert text in ("pass", "fail", "review", "error")
    return text  # type: ignore[return-value]


def migrated(address: str) -> tuple[str | None, str]:
    """Bring a store's schema up to date; see `store.migrate`."""
    for module in ("sqlalchemy", "alembic"):
        needed(module, "store", "a store of runs")
    return migrate(address)
