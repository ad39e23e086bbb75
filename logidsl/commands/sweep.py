"""`-P lim=4..20%/9` on `check` and `table`: nine values of a parameter, and a row for each."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from logidsl.commands.arguments import given
from logidsl.commands.job import Job
from logidsl.commands.outputs import rendered
from logidsl.commands.terminal import UsageError, say_notes, speak_utf8, write
from logidsl.diagnostics import InputError
from logidsl.eval import classify, judge
from logidsl.fit.limits import Limit
from logidsl.fit.trials import Trials
from logidsl.ir import Program
from logidsl.pipeline import not_over_several
from logidsl.report.formats.text import in_columns
from logidsl.source import NOWHERE
from logidsl.table import ObjectTable, Problem, concatenate

Row: TypeAlias = dict[str, object]


def run(job: Job, judged: bool, refused: Sequence[str]) -> int:
    """Print a row for each value: verdicts and labels where pictures are judged, else how many objects there are.

    Raises
    ------
    InputError
        If a picture cannot be read.
    SpecError
        If a value does not fit its parameter.
    UsageError
        If an option of `refused` is given, which is of a single value.
    """
    for option in given(job.args, refused):
        raise UsageError(f"-P with several values prints a row for each and cannot be combined with {option}")
    paths = []
    for item in job.inputs or map(Path, job.tables):
        if isinstance(item, Problem):
            raise InputError(item.message)
        assert isinstance(item, Path)
        paths.append(item)
    sweeps = job.sweeps
    limits = [Limit(s.name, s.values[0], min(s.values), max(s.values), s.unit, s.whole, NOWHERE) for s in sweeps]
    trials = Trials(job.source, limits, paths, job.params, getattr(job.args, "jobs", None))
    points = list(itertools.product(*(s.values for s in sweeps)))
    for point in points:
        trials.program(point)  # report a bad value before any picture is read
    say_notes(not_over_several(trials.program(points[0])) if judged else ())
    trials.look(job.bar("pictures"))
    trials.prepare(points, job.bar("values"))
    rows = []
    for point in points:
        table = concatenate([t for _, t in sorted(trials.tables(point).items())])
        row = _judged(trials.program(point), table) if judged else _counted(trials.program(point), table)
        rows.append({x.name: x.written(v) for x, v in zip(limits, point, strict=True)} | row)
    with job.output() as out:
        write(out, _shown(rows, len(sweeps), job.args.format))
    return 0


def _judged(program: Program, table: ObjectTable) -> Row:
    """How many pictures have each verdict and each label."""
    found = judge(program, table)
    verdicts = Counter(found.verdicts.tolist())
    said = [zip(c.images.tolist(), c.labels, strict=True) for c in found.clauses if c.false]
    labels = Counter(label for _, label in {pair for pairs in said for pair in pairs} if label)
    row: Row = {"pass": verdicts[1], "fail": verdicts[-1], "review": verdicts[0]}
    return {**row, "labels": dict(sorted(labels.items()))}


def _counted(program: Program, table: ObjectTable) -> Row:
    """How many objects each class and set has, on all pictures together."""
    return {name: int(rows.sum()) for name, rows in classify(program, table).items()}


def _shown(rows: Sequence[Row], values: int, form: str) -> str:
    if form == "jsonl":
        speak_utf8()
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    names = list(rows[0])
    lines = [names, *([_cell(row[n]) for n in names] for row in rows)]
    left = [i for i, name in enumerate(names) if i < values or name == "labels"]
    return rendered(form, lambda: in_columns(lines, left), lambda: {"values": rows}, lambda: lines)


def _cell(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{k} {n}" for k, n in value.items())
    return str(value)
