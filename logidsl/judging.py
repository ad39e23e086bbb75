"""One input against a spec, to plain data: what a worker of the service or of a cluster does."""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from logidsl import pipeline
from logidsl.extract import to_json_rows
from logidsl.ir import Program
from logidsl.pipeline import Detail, compile_cached, read_spec
from logidsl.records import plain
from logidsl.seeing import see_one
from logidsl.table import ObjectTable

PROGRAMS = 32  # programs that a worker keeps ready


@dataclass(frozen=True)
class Task:
    """An input to judge.

    Parameters
    ----------
    spec : str
        The path of a revision's spec.
    parameters : tuple of (str, str)
        Values of its parameters.
    path : str
        The input; its folder's name is left out of what the answer says.
    hidden : str
        The folder that is left out.
    repairs, scores : bool
        Whether findings have repairs, and images scores.
    columns : tuple of str
        `class.column`: of which the mean is wanted.
    objects : bool
        Whether the table of objects is wanted.
    """

    spec: str
    parameters: tuple[tuple[str, str], ...]
    path: str
    hidden: str
    repairs: bool = False
    scores: bool = False
    columns: tuple[str, ...] = ()
    objects: bool = False


@dataclass(frozen=True)
class Answer:
    """What was found.

    Parameters
    ----------
    report : dict
        A report as JSON values; see `docs/report.schema.json`.
    read_s, judge_s : float
        How long reading the input and judging it took.
    processor_s : float
        How much time of processors both took.
    means : mapping of str to float
        The means that were wanted, of columns with a value.
    objects : list of dict
        The table of objects, a record for each image, if it was wanted.
    """

    report: dict[str, Any]
    read_s: float
    judge_s: float
    processor_s: float
    means: Mapping[str, float] = field(default_factory=dict)
    objects: Sequence[Mapping[str, object]] = ()


class Programs(OrderedDict[tuple[str, tuple[tuple[str, str], ...]], Program]):
    """The programs used last, by the path of the spec and the values of its parameters."""

    def of(self, spec: str, parameters: tuple[tuple[str, str], ...]) -> Program:
        """The program of a spec."""
        key = spec, parameters
        if key not in self:
            self[key] = compile_cached(read_spec(spec), dict(parameters)).program
        self.move_to_end(key)
        while len(self) > PROGRAMS:
            self.popitem(last=False)
        return self[key]


_programs = Programs()


def judge(_context: None, task: Task) -> Answer:
    """Judge an input. What cannot be read has the verdict `error`."""
    program = _programs.of(task.spec, task.parameters)
    started, processor = time.perf_counter(), time.process_time()
    table = see_one(program, Path(task.path))
    read = time.perf_counter()
    made = pipeline.report(program, table, Detail(scores=task.scores, repairs=None if task.repairs else 0))
    told = without_folders(plain(made), [task.hidden, str(Path(task.spec).parent)])
    judged, processor = time.perf_counter(), time.process_time() - processor
    rows = [to_json_rows(table, i) for i in range(len(table.images))] if task.objects else []
    return Answer(told, read - started, judged - read, processor, _means(table, task.columns), rows)


def without_folders(value: Any, folders: Sequence[str]) -> Any:
    """JSON values without the names of these folders, which say nothing to others."""
    text = json.dumps(value, ensure_ascii=False)
    for folder in folders:
        text = text.replace(json.dumps(folder, ensure_ascii=False)[1:-1] + "/", "")
    return json.loads(text)


def prepare(_context: None, task: Task | None) -> Answer | None:
    """Judge an input, or, without one, load all that judging takes."""
    if task is not None:
        return judge(None, task)
    import shapely  # noqa: F401 - the first picture is not to wait for it

    import logidsl.eval
    import logidsl.extract.pixels.opencv
    import logidsl.extract.sources.dispatch
    import logidsl.report.build  # noqa: F401

    return None


def _means(table: ObjectTable, columns: tuple[str, ...]) -> dict[str, float]:
    found = {}
    for name in columns:
        of, _, column = name.rpartition(".")
        values = table.columns.get(column)
        if isinstance(values, np.ndarray) and values.ndim == 1 and of in table.classes.values:
            chosen = values[table.classes.codes == table.classes.values.index(of)]
            chosen = chosen[np.isfinite(chosen)]
            if len(chosen):
                found[name] = float(chosen.mean())
    return found
