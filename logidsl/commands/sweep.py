"""`-P lim=4..20%/9` on `check` and `table`: nine values of a parameter, and a row for each."""

from __future__ import annotations

import argparse
import itertools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from logidsl.commands.outputs import csv_text, output
from logidsl.commands.terminal import Bar, UsageError, json_text, speak_utf8, write

if TYPE_CHECKING:
    from logidsl.ir import Program
    from logidsl.seeing import Input
    from logidsl.source import Source
    from logidsl.table import ObjectTable

MOST_ROWS = 1000
_NUMBER = r"-?\d{1,9}(?:\.\d{1,6})?"
_UNIT = r"[A-Za-z]{1,5}2?|%"
_SWEEP = re.compile(rf"({_NUMBER})\s*({_UNIT})?\s*\.\.\s*({_NUMBER})\s*({_UNIT})?\s*/\s*(\d{{1,4}})")
Row: TypeAlias = dict[str, object]


@dataclass(frozen=True)
class Sweep:
    """Values of a parameter, evenly spaced, in a unit."""

    name: str
    values: tuple[float, ...]
    unit: str
    whole: bool


def sweeps_of(params: Mapping[str, str]) -> tuple[dict[str, str], list[Sweep]]:
    """The parameters that have one value, and the sweeps of the others.

    Raises
    ------
    UsageError
        If a sweep has fewer than two values, two units, or all together too many rows.

    Examples
    --------
    >>> plain, (sweep,) = sweeps_of({"gap": "12 px", "lim": "4..20%/5"})
    >>> plain, sweep.values, sweep.unit
    ({'gap': '12 px'}, (4.0, 8.0, 12.0, 16.0, 20.0), '%')
    """
    plain, sweeps, rows = dict[str, str](), list[Sweep](), 1
    for name, text in params.items():
        found = _SWEEP.fullmatch(text.strip())
        if found is None:
            plain[name] = text
            continue
        low, one, high, other, many = found.groups()
        count = int(many)
        if one and other and one != other:
            raise UsageError(f"-P {name}={text}: expected one unit, found {one} and {other}")
        if count < 2:
            raise UsageError(f"-P {name}={text}: expected two values or more after /, found {count}")
        step = (float(high) - float(low)) / (count - 1)
        values = tuple(round(float(low) + i * step, 6) for i in range(count))
        whole = "." not in low + high and all(v.is_integer() for v in values)
        sweeps.append(Sweep(name, values, one or other or "", whole))
        rows *= count
    if rows > MOST_ROWS:
        raise UsageError(f"-P: expected at most {MOST_ROWS} combinations of values, found {rows}")
    return plain, sweeps


def refuse(args: argparse.Namespace, options: Sequence[str]) -> None:
    """See that no option is given that is of a single value.

    Raises
    ------
    UsageError
        If one is.
    """
    for option in options:
        if getattr(args, option.lstrip("-").replace("-", "_")):
            raise UsageError(f"-P with several values prints a row for each and cannot be combined with {option}")


def run(
    args: argparse.Namespace,
    source: Source,
    params: Mapping[str, str],
    sweeps: Sequence[Sweep],
    inputs: Sequence[Input],
    read: Sequence[str | Path],
    judged: bool,
) -> int:
    """Print a row for each value: verdicts and labels where pictures are judged, else how many objects there are.

    Raises
    ------
    InputError
        If a picture cannot be read.
    SpecError
        If a value does not fit its parameter.
    """
    from logidsl.diagnostics import InputError
    from logidsl.fit.limits import Limit
    from logidsl.fit.trials import Trials
    from logidsl.source import NOWHERE
    from logidsl.table import Problem, concatenate

    paths = []
    for item in inputs:
        if isinstance(item, Problem):
            raise InputError(item.message)
        assert isinstance(item, Path)
        paths.append(item)
    limits = [Limit(s.name, s.values[0], min(s.values), max(s.values), s.unit, s.whole, NOWHERE) for s in sweeps]
    trials = Trials(source, limits, paths, params, getattr(args, "jobs", None))
    points = list(itertools.product(*(s.values for s in sweeps)))
    for point in points:
        trials.program(point)  # report a bad value before any picture is read
    trials.look(Bar("pictures", args.quiet))
    trials.prepare(points, Bar("values", args.quiet))
    rows = []
    for point in points:
        table = concatenate([t for _, t in sorted(trials.tables(point).items())])
        row = _judged(trials.program(point), table) if judged else _counted(trials.program(point), table)
        rows.append({x.name: x.written(v) for x, v in zip(limits, point, strict=True)} | row)
    if args.format != "text":
        speak_utf8()
    with output(args.output, read) as out:
        write(out, _shown(rows, len(sweeps), args.format))
    return 0


def _judged(program: Program, table: ObjectTable) -> Row:
    """How many pictures have each verdict and each label."""
    from collections import Counter

    from logidsl.eval import judge

    found = judge(program, table)
    verdicts = Counter(found.verdicts.tolist())
    said = [zip(c.images.tolist(), c.labels, strict=True) for c in found.clauses if c.false]
    labels = Counter(label for _, label in {pair for pairs in said for pair in pairs} if label)
    row: Row = {"pass": verdicts[1], "fail": verdicts[-1], "review": verdicts[0]}
    return {**row, "labels": dict(sorted(labels.items()))}


def _counted(program: Program, table: ObjectTable) -> Row:
    """How many objects each class and set has, on all pictures together."""
    from logidsl.eval import classify

    return {name: int(rows.sum()) for name, rows in classify(program, table).items()}


def _shown(rows: Sequence[Row], values: int, form: str) -> str:
    if form == "json":
        return json_text({"values": rows})
    if form == "jsonl":
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    names = list(rows[0])
    lines = [names, *([_cell(row[n]) for n in names] for row in rows)]
    if form == "csv":
        return csv_text(lines)
    from logidsl.report.formats.text import printable

    wide = [max(len(line[i]) for line in lines) for i in range(len(names))]
    made = ""
    for line in lines:
        cells = [
            c.rjust(w) if names[i] != "labels" and i >= values else c.ljust(w)
            for i, (c, w) in enumerate(zip(line, wide, strict=True))
        ]
        made += printable("  ".join(cells).rstrip()) + "\n"
    return made


def _cell(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{k} {n}" for k, n in value.items())
    return str(value)
