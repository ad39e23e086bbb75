"""Trying values: a spec with given values, on every picture, against its known result.

Owns `Trials`. Objects found are cached by a digest of all that determines them, so that pixels are processed again only
if a limit on pixels changes; results are cached by value and picture.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl import ir
from logidsl.diagnostics import Bag, InputError, SpecError
from logidsl.eval import judge, members
from logidsl.extract import read_picture
from logidsl.extract.pixels.header import SUFFIXES
from logidsl.extract.pixels.picture import Picture
from logidsl.fit.limits import Limit, replaced
from logidsl.fit.truth import Expectation
from logidsl.ir import Program
from logidsl.ir.digests import bare, digest
from logidsl.pipeline import compile_file
from logidsl.records import plain
from logidsl.seeing import see_one
from logidsl.source import Source
from logidsl.syntax.read import read
from logidsl.table import ObjectTable, concatenate
from logidsl.workers import Progress, cpus, in_order, tracked

Values: TypeAlias = tuple[float, ...]
#: For each case: 2 if wrong, 1 if undetermined, 0 if right; and by how many objects.
Losses: TypeAlias = npt.NDArray[np.float64]

WRONG, UNDETERMINED = 2.0, 1.0
SENSELESS = 1e6  # off by more than any count
MOST_ROWS = 2_000_000  # objects that are kept
MOST_BYTES = 400_000_000  # pixels that are kept, by all processes together
WORTH_S = 3.0  # work from which worker processes are worth starting


@dataclass(frozen=True)
class Case:
    """A picture and what is known of it.

    Parameters
    ----------
    name : str
        What reports call it.
    input : int
        The place of its file among the inputs.
    image : int
        Its place among the pictures of that file.
    expected : Expectation
    """

    name: str
    input: int
    image: int
    expected: Expectation


class Trials:
    """Values tried on cases.

    Parameters
    ----------
    source : Source
        The spec.
    limits : sequence of Limit
        What is set, in the order of `Values`.
    inputs : sequence of Path
        Files of pictures or annotations.
    params : mapping of str to str
        Parameters that are set from outside.
    jobs : int, optional
        How many processes; None for as many as are worth it.
    """

    def __init__(
        self,
        source: Source,
        limits: Sequence[Limit],
        inputs: Sequence[Path],
        params: Mapping[str, str] | None = None,
        jobs: int | None = None,
    ) -> None:
        self.source, self.limits, self.inputs = source, tuple(limits), tuple(inputs)
        self.params = dict(params or {})
        self.jobs = jobs or cpus()
        self.cases: tuple[Case, ...] = ()  # the pictures, and what is known of them; set once
        self.seconds = 0.0  # that seeing all inputs once took
        self._file = read(source)
        self._programs: dict[Values, Program] = {}
        self._senseless: set[Values] = set()
        self._keys: dict[Values, str] = {}
        self._tables: OrderedDict[str, dict[int, ObjectTable]] = OrderedDict()
        self._rows = 0  # of these tables
        self._losses: dict[Values, Losses] = {}
        self._pixels = _Pixels(MOST_BYTES // (self.jobs + 1))

    def program(self, values: Values) -> Program:
        """The spec with some values."""
        if values not in self._programs:
            pairs = list(zip(self.limits, values, strict=True))
            params = {x.name: x.written(v) for x, v in pairs if x.param}
            words = [(x.span, x.words(v)) for x, v in pairs if not x.param]
            file, said = read(replaced(self.source, words)) if words else self._file
            self._programs[values] = compile_file(file, Bag(list(said.items)), {**self.params, **params})
        return self._programs[values]

    def of(self, source: Source) -> Trials:
        """The same cases under another spec, without limits; the objects found are shared."""
        made = Trials(source, (), self.inputs, self.params, self.jobs)
        made.cases = self.cases
        made._tables, made._pixels = self._tables, self._pixels
        return made

    @property
    def start(self) -> Values:
        """The values as they stand in the spec."""
        return tuple(x.value for x in self.limits)

    def look(self, on_progress: Progress | None = None) -> dict[int, ObjectTable]:
        """Read all inputs with the current values, in this process, and note how long it takes."""
        started = time.perf_counter()
        for i in tracked(range(len(self.inputs)), len(self.inputs), on_progress):
            self.tables(self.start, [i])
        self.seconds = time.perf_counter() - started
        return self.tables(self.start)

    def is_of_pixels(self, place: int) -> bool:
        """Whether a limit affects what is found in the pixels, not only how it is judged."""
        start = self.start
        ends = [(*start[:place], v, *start[place + 1 :]) for v in (self.limits[place].low, self.limits[place].high)]
        return len({self._key(v) for v in [start, *ends] if self.means_something(v)}) > 1

    def means_something(self, values: Values) -> bool:
        """Whether the spec accepts some values: a range may not be reversed."""
        if values not in self._programs and values not in self._senseless:
            try:
                self.program(values)
            except SpecError:
                self._senseless.add(values)
        return values not in self._senseless

    def tables(self, values: Values, which: Iterable[int] | None = None) -> dict[int, ObjectTable]:
        """The objects found in inputs; raises InputError if one cannot be read."""
        known = self._known(values)
        missing = [i for i in (range(len(self.inputs)) if which is None else which) if i not in known]
        for i in missing:
            picture = self._pixels.of(self.program(values), self.inputs[i])
            self._keep(known, i, see_one(self.program(values), picture))
        return known

    def prepare(self, wanted: Sequence[Values], on_progress: Progress | None = None) -> None:
        """Read all inputs with several values, in several processes if that is faster."""
        wanted = [v for v in wanted if self.means_something(v)]
        waiting = list({self._key(v): v for v in wanted if len(self._known(v)) < len(self.inputs)}.values())
        found: Iterable[list[ObjectTable]] = [[] for _ in waiting]  # they are read here
        if self.jobs > 1 and self.seconds * len(waiting) > WORTH_S and len(waiting) > 1:
            programs = [self.program(v) for v in waiting]
            context = (self.inputs, MOST_BYTES // (self.jobs + 1))
            found = in_order(_see_all, context, programs, min(self.jobs, len(waiting)), _lost)
        for values, tables in tracked(zip(waiting, found, strict=True), len(waiting), on_progress):
            known = self._known(values)
            for i, table in enumerate(tables):
                self._keep(known, i, table)
            self.tables(values)
            self.losses(values)

    def losses(self, values: Values, which: Sequence[int] | None = None) -> Losses:
        """The errors of cases with given values, (k, 2); see `Losses`.

        Parameters
        ----------
        values : tuple of float
        which : sequence of int, optional
            Places of the k cases; all where it is left out.
        """
        cases = range(len(self.cases)) if which is None else which
        known = self._losses.setdefault(values, np.full((len(self.cases), 2), np.nan))
        missing = [i for i in cases if np.isnan(known[i, 0])]
        if missing and not self.means_something(values):
            known[missing] = WRONG, SENSELESS
        elif missing:
            tables = self.tables(values, dict.fromkeys(self.cases[i].input for i in missing))
            parts = [tables[self.cases[i].input] for i in missing]
            parts = [
                t if len(t.images) == 1 else t.take_image(self.cases[i].image)
                for t, i in zip(parts, missing, strict=True)
            ]
            expected = [self.cases[i].expected for i in missing]
            known[missing] = compared(self.program(values), concatenate(parts), expected)
        return np.array(known[list(cases)])

    def _known(self, values: Values) -> dict[int, ObjectTable]:
        """What was seen with some values so far."""
        key = self._key(values)
        known = self._tables.setdefault(key, {})
        self._tables.move_to_end(key)
        while len(self._tables) > 1 and self._rows > MOST_ROWS:
            self._rows -= sum(map(len, self._tables.popitem(last=False)[1].values()))
        return known

    def _keep(self, known: dict[int, ObjectTable], place: int, table: ObjectTable) -> None:
        """Store the objects found in an input; raises InputError if it could not be read."""
        if table.problems:
            raise InputError(table.problems[0].named)
        self._rows += len(table)
        known[place] = table

    def _key(self, values: Values) -> str:
        if values not in self._keys:
            self._keys[values] = seeing_digest(self.program(values))
        return self._keys[values]


def compared(program: Program, table: ObjectTable, expected: Sequence[Expectation]) -> Losses:
    """The errors of a program on each image of a table, (n, 2)."""
    found = np.zeros((len(expected), 2))
    if any(e.verdict is not None for e in expected):
        judged = judge(program, table, explain=any(e.labels for e in expected))
        labels: dict[int, set[str]] = {}
        for clause in judged.clauses:
            for image, label in zip(clause.images.tolist(), clause.labels, strict=True):
                if clause.false and label:
                    labels.setdefault(image, set()).add(label)
        for i, e in enumerate(expected):
            verdict = {1: "pass", 0: "review", -1: "fail"}[int(judged.verdicts[i])]
            if e.verdict is None:
                continue
            if verdict != e.verdict:
                found[i] = (UNDETERMINED if verdict == "review" else WRONG), 1
            elif e.labels is not None and (off := len(e.labels ^ labels.get(i, set()))):
                found[i] = WRONG, off
    if any(e.counts for e in expected):
        sizes = np.zeros((len(expected), 2))
        inside = members(program, table)
        for i, e in enumerate(expected):
            rows = slice(int(table.offsets[i]), int(table.offsets[i + 1]))
            for name, count in e.counts.items():
                least, most = (int(m[rows].sum()) for m in inside[name])
                off = max(least - count, count - most, 0)
                wrong = WRONG if off else UNDETERMINED if least != most else 0.0
                sizes[i] = max(sizes[i, 0], wrong), sizes[i, 1] + off
        found = np.stack([np.maximum(found[:, 0], sizes[:, 0]), found[:, 1] + sizes[:, 1]], axis=1)
    return found


def seeing_digest(program: Program) -> str:
    """A digest of all that determines the objects found: programs with the same digest find the same in every picture.

    Only the parameters that it depends on count.
    """
    marks = program.marks
    roots = [i for b in program.blobs for i in (b.where, *(a for s in b.steps for a in s.args))]
    parts: list[object] = [bare(item, marks) for item in program.blobs]
    if program.sources:  # they look in regions, which may depend on anything
        groups = (program.sources, program.params, program.colors, program.classes, program.sets, program.regions)
        parts += [bare(item, marks) for group in (*groups, program.grids, program.keeps) for item in group]
        parts += [bare(d, marks) for d in program.doubtful]
        parts.append(None if program.frame is None else marks[program.frame])
    if program.measures or program.aligned:  # of places, which may depend on any declaration
        places = (program.classes, program.sets, program.regions, program.grids, program.keeps, program.doubtful)
        parts += [bare(item, marks) for group in places for item in group] + [marks[i] for i in program.measures]
        fields = ("each", "where", "node", "of", "rows_at", "columns_at")
        held = [getattr(item, name, None) for group in places for item in group for name in fields]
        held += [program.frame, *program.measures]
        roots += [i for one in held for i in (one if isinstance(one, tuple) else (one,)) if i is not None]
    used = ir.below(program.nodes, roots)
    params = {n.ref for i in used if isinstance(n := program.nodes[i], ir.Name) and n.thing == "param"}
    parts += [(p.name, p.value) for p in program.params if p.name in params]
    if any(isinstance(n := program.nodes[i], ir.Literal_) and n.type.kind == "color" for i in used):
        parts += [(c.name, c.lab, c.reach) for c in program.colors]
    parts += [plain(x) for x in (program.scale, program.camera) if x is not None]
    return digest(parts)


class _Pixels:
    """The most recently decoded pictures, up to some bytes."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes, self.held_bytes = most_bytes, 0
        self.pictures: dict[Path, Picture] = {}

    def of(self, program: Program, path: Path) -> Path | Picture:
        """A picture in memory if there is room; the path of anything else, or of an unreadable file."""
        if not program.sees or path.suffix.lower() not in SUFFIXES:
            return path
        found = self.pictures.get(path)
        if found is None:
            try:
                found = read_picture(path)
            except InputError:
                return path
            if self.held_bytes + found.bgr.nbytes <= self.most_bytes:
                self.held_bytes += found.bgr.nbytes
                self.pictures[path] = found
        return found


_HELD: dict[str, _Pixels] = {}  # of a worker process


def _see_all(context: tuple[Sequence[Path], int], program: Program) -> list[ObjectTable]:
    paths, most_bytes = context
    held = _HELD.setdefault("", _Pixels(most_bytes))
    return [see_one(program, held.of(program, path)) for path in paths]


def _lost(_: Program) -> list[ObjectTable]:
    raise InputError("a process that read the pictures died: try --jobs 1")
