"""Rows of the twelve clauses: many images in one process, one image, the cost of a finding."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np

from benchmarks.judging.baselines import MissingError, baseline, numpy_like_the_language
from benchmarks.judging.clauses import Case
from benchmarks.judging.rows import Row, alone, compared, timed
from logidsl import loads
from logidsl.api import Spec
from logidsl.eval import Prepared, judge
from logidsl.report.build import build
from logidsl.verdicts import Judgement

PREPARED, PREPARING = "NumPy by hand on prepared arrays", "NumPy by hand, preparing included"


class DifferenceError(Exception):
    """The language and a baseline disagree."""


def checked(case: Case) -> Case:
    """A case on which verdicts and witnesses agree with the baselines."""
    wrong = case.differences(case.judgement)
    if wrong:
        raise DifferenceError("\n".join(wrong))
    return case


def batch(images: int, rounds: int) -> Iterator[Row]:
    """Many images: verdicts and witnesses over each baseline, then with preparation, then with scores."""
    case = checked(Case.of(images))
    made, program, prepared = case.made, case.program, case.prepared
    same, plain, polars, duckdb = (
        numpy_like_the_language(),
        *(baseline(f"impl_{name}") for name in ("numpy", "polars", "duckdb")),
    )
    arrays, frame, connection = same.prepare(made), polars.frame(made), duckdb.connect(made, threads=1)
    runs: dict[str, Callable[[], object]] = {
        PREPARED: lambda: same.run(arrays, made),
        "the same with squared distances in CIELAB": lambda: plain.run(arrays, made),
        PREPARING: lambda: same.run(same.prepare(made), made),
        "polars": lambda: polars.run(frame, made),
        "DuckDB": lambda: duckdb.run(connection, made),
        "verdicts": lambda: judge(program, prepared, explain=False),
        "findings": lambda: judge(program, prepared),
        "preparing": lambda: judge(program, Prepared(case.table), explain=False),
        "scores": lambda: judge(program, prepared, explain=False, scores=True),
    }
    seconds = timed(runs, rounds)

    def row(name: str, run: str, beside: str, goal: float | None = None) -> Row:
        return compared(f"{images:,} images, {name}", seconds[run], beside, seconds[beside], goal)

    yield row("verdicts", "verdicts", PREPARED, 1.5)
    yield row("verdicts", "verdicts", "the same with squared distances in CIELAB")
    yield row("verdicts and findings", "findings", PREPARED)
    yield row("preparing a table of arrays", "preparing", PREPARED)
    yield row("preparing a table of arrays", "preparing", PREPARING)
    yield row("with scores", "scores", PREPARED, 3.0)
    yield row("verdicts, one thread", "verdicts", "polars", 0.25)
    yield row("verdicts, one thread", "verdicts", "DuckDB", 0.2)


def frames(images: int, rounds: int) -> Iterator[Row]:
    """A tenth as many images, from a user's data frame to verdicts."""
    try:
        import pandas as pd
        import pyarrow as pa
    except ModuleNotFoundError as error:
        raise MissingError(f"data frames need `{error.name}`: pip install 'logidsl[bench]'") from None
    case = checked(Case.of(max(1, images // 10)))
    same, spec = numpy_like_the_language(), loads(case.text)
    arrays = same.prepare(case.made)
    given = {"an Arrow table": pa.table(case.plain_columns), "a pandas table": pd.DataFrame(case.plain_columns)}
    right = case.judgement.truths
    for frame in given.values():
        found = verdicts_of(spec, frame)
        if not np.array_equal(found.truths, right[:, [int(image) for image in found.table.images]]):
            raise DifferenceError("verdicts of a data frame differ from those of its arrays")
    runs: dict[str, Callable[[], object]] = {PREPARED: lambda: same.run(arrays, case.made)}
    runs |= {name: partial(verdicts_of, spec, frame) for name, frame in given.items()}
    seconds = timed(runs, rounds)
    for name in given:
        title = f"{case.made.N:,} images, preparing {name}"
        yield compared(title, seconds[name], PREPARED, seconds[PREPARED], 2.5)


def verdicts_of(spec: Spec, frame: object) -> Judgement:
    """Judge a data frame; images without objects are not in it."""
    return judge(spec.program, spec.see(frame), explain=False)  # type: ignore[arg-type]


def image(images: int, rounds: int) -> Iterator[Row]:
    """One image at a time, of which the table is prepared each time."""
    case = checked(Case.of(1))
    same, python = numpy_like_the_language(), baseline("impl_python")
    objects = baseline("gen").to_dicts(case.made)
    runs: dict[str, Callable[[], object]] = {
        PREPARING: lambda: same.run(same.prepare(case.made), case.made),
        "plain Python": lambda: python.run(objects, case.made.K, case.made.nn_min),
        "language": lambda: judge(case.program, Prepared(case.table), explain=False),
    }
    seconds = timed(runs, rounds, repeat=20)
    yield alone("one image after binding", seconds["language"], "s", 0.8e-3)
    yield compared("one image after binding", seconds["language"], PREPARING, seconds[PREPARING], 2.0)
    yield compared("one image after binding", seconds["language"], "plain Python", seconds["plain Python"])


def finding(images: int, rounds: int) -> Iterator[Row]:
    """What a finding costs beyond the verdicts: with its repair, and without."""
    case = checked(Case.of(2000))
    program, prepared, table = case.program, case.prepared, case.table
    found = sum(len(c.images) for c in case.judgement.clauses)

    def reported(repairs: bool) -> None:
        build(program, table, judge(program, prepared, repairs=repairs, most=100))

    seconds = timed(
        {
            "verdicts": lambda: judge(program, prepared, explain=False),
            "findings": lambda: reported(False),
            "repairs": lambda: reported(True),
        },
        rounds,
    )
    yield alone(
        "one finding with its repair", per_finding(seconds["repairs"], seconds["verdicts"], found), "s", 0.15e-3
    )
    yield alone("one finding without repair", per_finding(seconds["findings"], seconds["verdicts"], found), "s")


def per_finding(all_of_it: Sequence[float], verdicts: Sequence[float], found: int) -> list[float]:
    """Seconds for each finding, round by round."""
    return [(a - b) / found for a, b in zip(all_of_it, verdicts, strict=True)]
