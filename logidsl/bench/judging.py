"""Judging the pictures of a product: a line for each, with verdict, labels, score and counts, which may be kept."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from logidsl.bench.datasets.base import Dataset, Sample
from logidsl.bench.datasets.truth_file import NameIndex
from logidsl.bench.record import JudgedLine
from logidsl.diagnostics import InputError
from logidsl.eval import members
from logidsl.files import file_errors, open_regular
from logidsl.ir import Program
from logidsl.pipeline import BATCH, Detail, report_of
from logidsl.records import RecordError, read
from logidsl.report.model import ImageReport
from logidsl.seeing import PATIENCE_S, UNDISTURBED, Course, digest_of, name_of, see_each
from logidsl.table import ObjectTable
from logidsl.version import __version__
from logidsl.workers import Progress

#: Findings of one clause on one picture that a row shows.
MOST_FINDINGS = 20


@dataclass
class Kept:
    """Lines of earlier runs, which are not judged again.

    Parameters
    ----------
    lines : mapping
        By the hash of the spec and the name of the input.
    """

    lines: dict[tuple[str, str], list[JudgedLine]] = field(default_factory=dict)

    def of(self, program: Program, path: Path, names: Sequence[str]) -> list[JudgedLine] | None:
        """The lines of a file as it is now, by this spec, if its objects were counted as asked."""
        found = self.lines.get((program.hash, name_of(path)))
        if found is None or any(found[0].logidsl != __version__ or not set(names) <= set(x.counts) for x in found):
            return None
        return found if found[0].digest is not None and found[0].digest == digest_of(program, path) else None


def read_kept(path: Path) -> tuple[Kept, int]:
    """The lines of a file of `--rows`, and how many bytes of it are whole lines; nothing if it does not exist.

    Raises
    ------
    InputError
        If it holds anything else.
    """
    kept, size = Kept(), 0
    if not path.exists():
        return kept, size
    with file_errors(path, "read"), open_regular(path) as (file, _):
        for number, raw in enumerate(file, 1):
            if not raw.endswith(b"\n"):
                break  # cut short
            try:
                line = read(JudgedLine, json.loads(raw))
            except (RecordError, ValueError, RecursionError):
                raise InputError(
                    f"{path}: line {number} is not of a file of `logidsl bench --rows`: name another"
                ) from None
            key = line.spec.hash, str(line.input)
            group = kept.lines.setdefault(key, [])
            if group and (group[0].digest != line.digest or any(x.path == line.path for x in group)):
                group.clear()  # judged again later: the last one counts
            group.append(line)
            size += len(raw)
    return kept, size


@dataclass(frozen=True)
class Judging:
    """How pictures are judged.

    Parameters
    ----------
    jobs : int, optional
        Processes; None for as many as are worth it.
    course : Course
        The time limit for a picture.
    kept : Kept
    keep : callable
        Takes the lines of each file that was judged.
    """

    jobs: int | None = None
    course: Course = UNDISTURBED
    kept: Kept = field(default_factory=Kept)
    keep: Callable[[Sequence[JudgedLine]], None] = lambda lines: None

    def lines(
        self, program: Program, paths: Sequence[Path], names: Sequence[str], progress: Progress | None = None
    ) -> list[JudgedLine]:
        """A line for each picture of some files, in their order.

        Parameters
        ----------
        program : Program
            The spec.
        paths : sequence of Path
            Files of pictures, annotations or tables.
        names : sequence of str
            Classes and sets whose objects are counted.
        progress : callable, optional
            Told how many of the files are done.
        """
        before = {p: mine for p in paths if (mine := self.kept.of(program, p, names)) is not None}
        rest = [p for p in paths if p not in before]
        done = len(before)

        def ahead(count: int, _: int) -> None:
            if progress:
                progress(done + count, len(paths))

        fresh = self._judged(program, rest, names, ahead)
        found: dict[str, list[JudgedLine]] = {}
        for group in fresh:
            self.keep(group)
            for line in group:
                found.setdefault(str(line.input), []).append(line)
        return [line for p in paths for line in before.get(p) or found.get(name_of(p), [])]

    def _judged(
        self, program: Program, paths: Sequence[Path], names: Sequence[str], progress: Progress
    ) -> Iterator[list[JudgedLine]]:
        """The lines of each file, judged in batches."""
        course = Course(self.course.timeout_s, self.course.stopped, digested=True)
        batch: list[ObjectTable] = []
        judged_s = time.monotonic()
        with closing(see_each(program, paths, self.jobs, progress, "keep", course)) as tables:
            for table in tables:
                batch.append(table)
                if len(batch) >= BATCH or time.monotonic() - judged_s > PATIENCE_S:
                    yield _lines(program, batch, names)
                    batch, judged_s = [], time.monotonic()
        if batch:
            yield _lines(program, batch, names)


def _lines(program: Program, tables: Sequence[ObjectTable], names: Sequence[str]) -> list[JudgedLine]:
    report = report_of(program, tables, Detail(MOST_FINDINGS, scores=True))
    counts = [c for t in tables for c in (*_counts(program, t, names), *({} for _ in t.problems))]
    head = {"logidsl": report.logidsl, "spec": report.spec}
    return [_line(image, mine, head) for image, mine in zip(report.images, counts, strict=True)]


def _line(image: ImageReport, counts: Mapping[str, tuple[int, int]], head: Mapping[str, Any]) -> JudgedLine:
    name, digest = image.origin
    values: dict[str, Any] = {f: getattr(image, f) for f in image.fields}
    if image.score is not None and math.isnan(image.score):
        values["score"] = None  # it cannot be ranked
    return JudgedLine(**values, **head, input=name, digest=digest, counts=dict(counts))


def _counts(program: Program, table: ObjectTable, names: Sequence[str]) -> list[dict[str, tuple[int, int]]]:
    """How many objects of some classes and sets there are on each image of a table, at least and at most."""
    found: list[dict[str, tuple[int, int]]] = [{} for _ in table.images]
    if not names or not found:
        return found
    inside = members(program, table)
    for i, counts in enumerate(found):
        rows = slice(int(table.offsets[i]), int(table.offsets[i + 1]))
        for name in names:
            least, most = (int(m[rows].sum()) for m in inside[name])
            counts[name] = least, most
    return found


def matched(
    dataset: Dataset, samples: Sequence[Sample], lines: Sequence[JudgedLine]
) -> tuple[list[JudgedLine | None], int]:
    """The line of each sample, None where there is none, and how many lines belong to no sample of the data set.

    Raises
    ------
    InputError
        If several lines may be meant by one name, or none belongs to any sample.
    """
    exact = {line.path: line for line in lines}
    index = NameIndex((line.path, line) for line in lines)
    found: list[JudgedLine | None] = []
    for s in samples:
        line = exact.get(s.name) or (exact.get(str(s.path)) if s.path else None)
        fits = [line] if line else index.find(s.name)
        if len(fits) > 1:
            raise InputError(f"`{s.name}` may be {fits[0].path} or {fits[1].path}: name the folder too")
        found.append(fits[0] if fits else None)
    if lines and samples and not any(found):
        raise InputError(
            f"the names of {dataset.path} do not match what was judged: expected `{samples[0].name}`, found "
            f"`{lines[0].path}`"
        )
    known = {id(line) for line in found if line}
    others = NameIndex((s.name, s) for s in dataset.samples)
    stray = 0
    for line in lines:
        stray += id(line) not in known and not others.find(line.path)
    return found, stray
