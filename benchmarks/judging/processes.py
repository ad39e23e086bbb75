"""Rows measured in processes of their own: whole runs of the command, memory, nesting, very large inputs."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.judging.baselines import MissingError
from benchmarks.judging.clauses import Case
from benchmarks.judging.rows import LONG_S, Row, alone

ROOT = Path(__file__).parents[2]
#: So that nothing measured here is refused for the work it takes.
LIMITS = {"LOGIDSL_MAX_COMBINATIONS": str(10**12), "LOGIDSL_MAX_MEMORY": str(10**12)}
MILLION, RULES = 1_000_000, 20_000


def in_process(task: str, *args: str) -> dict[str, float]:
    """Run a task of `tasks` in a new process: what it says, with the CPU seconds of the whole process as `cpu`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    made = subprocess.run(
        [sys.executable, "-m", "benchmarks.judging.tasks", task, *args],
        cwd=ROOT,
        env={**os.environ, **LIMITS},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if made.returncode:
        raise RuntimeError(f"the task `{task}` ended with exit code {made.returncode}")
    found: dict[str, float] = json.loads(made.stdout.splitlines()[-1])
    return {**found, "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime}


def repeated(rounds: int, task: str, *args: str) -> dict[str, list[float]]:
    """The same task several times, once where it takes longer than `LONG_S`."""
    found: dict[str, list[float]] = {}
    for _ in range(rounds):
        one = in_process(task, *args)
        for key, value in one.items():
            found.setdefault(key, []).append(value)
        if one["cpu"] > LONG_S:
            break
    return found


def report_lines(images: int, rounds: int) -> Iterator[Row]:
    """10,000 images to a report as lines of JSON, the whole process."""
    case = Case.of(max(1, images // 10))
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "bench.logic").write_text(case.text, "utf-8")
        table = case.table
        codes, values = table.classes.codes, np.array(table.classes.values)
        np.savez(folder / "table.npz", offsets=table.offsets, codes=codes, values=values, **table.columns)  # type: ignore[arg-type]
        many = f"{case.made.N:,} images as JSON lines"
        found = repeated(rounds, "lines", str(folder / "table.npz"), str(folder / "bench.logic"), str(folder / "out"))
        yield alone(f"{many}, process", found["cpu"], "s", 1.5)
        yield alone(f"{many}, peak of memory", found["peak"], "B")
        parquet(folder / "table.parquet", case.plain_columns)
        found = repeated(rounds, "command", *check(folder, "bench.logic", "table.parquet"))
        yield alone(f"{many}, `check` of a Parquet file", found["cpu"], "s")


def check(folder: Path, spec: str, table: str) -> list[str]:
    """The arguments of `logidsl check` for a table."""
    files = ["--table", str(folder / table), "--spec", str(folder / spec), "--output", str(folder / "report.jsonl")]
    return ["check", *files, "--format", "jsonl"]


def parquet(path: Path, columns: Mapping[str, object]) -> None:
    """Write a table."""
    try:
        import pyarrow as pa
        from pyarrow.parquet import write_table
    except ModuleNotFoundError as error:
        raise MissingError(f"a Parquet file needs `{error.name}`: pip install 'logidsl[bench]'") from None
    write_table(pa.table(columns), path)


def memory(images: int, rounds: int) -> Iterator[Row]:
    """Bytes for each object that judging takes beyond the table."""
    for n, goal in ((max(1, images // 5), None), (images, 60.0)):  # a batch is as large for a few images
        found = repeated(1, "memory", str(n))
        yield alone(f"{n:,} images, memory for each object", found["judging"], "B", goal)
        yield alone(f"{n:,} images, memory with preparing", found["preparing"], "B")


def nested(images: int, rounds: int) -> Iterator[Row]:
    """Quantifiers inside each other."""
    for walks, objects, goal in ((3, 300, 2.15), (4, 100, 5.2)):
        found = repeated(rounds, "nested", str(walks), str(objects))
        yield alone(f"{walks} nested `every` over {objects} objects", found["seconds"], "s", goal)
        yield alone(f"{walks} nested `every` over {objects} objects, peak of memory", found["peak"], "B", 1e9)


def million(images: int, rounds: int) -> Iterator[Row]:
    """Very many objects in one image, from a Parquet file to the report, the whole process."""
    side = np.sqrt(MILLION) * 10
    x, y = np.random.default_rng(0).uniform(0, side, (2, MILLION))
    with TemporaryDirectory() as name:
        folder = Path(name)
        columns: dict[str, object] = {"image": ["one"] * MILLION, "class": ["part"] * MILLION}
        parquet(folder / "table.parquet", {**columns, "x0": x, "y0": y, "x1": x + 4, "y1": y + 5})
        for least, what in ((20, "passing"), (30, "failing")):
            (folder / f"{what}.logic").write_text(f"object part\nrule large: every part: area >= {least} px2\n")
            found = repeated(rounds, "command", *check(folder, f"{what}.logic", "table.parquet"))
            yield alone(f"{MILLION:,} objects in one image, {what} rule", found["cpu"], "s", 5.0)
            yield alone(f"{MILLION:,} objects in one image, {what} rule, memory", found["peak"], "B", 1e9)


def rules(images: int, rounds: int) -> Iterator[Row]:
    """Very many rules."""
    found = repeated(rounds, "rules", str(RULES))
    yield alone(f"{RULES:,} rules, compile", found["compile"], "s", 3.0)
    yield alone(f"{RULES:,} rules, check of one image", found["check"], "s", 2.0)
