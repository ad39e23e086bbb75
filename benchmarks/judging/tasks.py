"""What `processes` runs in a new process: `python -m benchmarks.judging.tasks TASK ARGUMENT ...`.

Each task prints one line of JSON with what it measured, in CPU seconds and bytes, and the peak of memory.
"""

from __future__ import annotations

import json
import resource
import sys
import time
import tracemalloc
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path


def lines(table: str, spec: str, output: str) -> dict[str, float]:
    """A table of arrays to a report as lines of JSON."""
    import numpy as np

    from logidsl import load
    from logidsl.report.formats import Stream, Style, find
    from logidsl.table import ObjectTable, TextColumn

    arrays = dict(np.load(table))
    offsets, codes, values = (arrays.pop(k) for k in ("offsets", "codes", "values"))
    images = len(offsets) - 1
    objects = ObjectTable(
        images=tuple(map(str, range(images))),
        sizes=np.tile([1700.0, 1000.0], (images, 1)),
        offsets=offsets,
        classes=TextColumn(codes, tuple(values.tolist())),
        ids=tuple(map(str, range(len(codes)))),
        columns=arrays,
    )
    report = load(spec).check(objects)
    with Path(output).open("w", encoding="utf-8") as file:
        file.writelines(map(str, find("jsonl")(Stream.of(report), Style())))
    return {}


def command(*args: str) -> dict[str, float]:
    """A run of `logidsl`; what it finds may fail."""
    from logidsl.cli import main

    code = main(list(args))
    assert code in (0, 1), code
    return {}


def memory(images: str) -> dict[str, float]:
    """The peak of memory for each object: of judging, and of judging with preparation."""
    from benchmarks.judging.clauses import Case
    from logidsl.eval import Prepared, judge

    case = Case.of(int(images))
    program, table = case.program, case.table
    judge(program, Case.of(10).table, explain=False)  # what is loaded once
    tracemalloc.start()
    judge(program, Prepared(table), explain=False)
    both = tracemalloc.get_traced_memory()[1]
    prepared = Prepared(table)
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    judge(program, prepared, explain=False)
    alone = tracemalloc.get_traced_memory()[1] - before
    return {"judging": alone / len(table), "preparing": both / len(table)}


def nested(walks: str, objects: str) -> dict[str, float]:
    """So many walks over all objects inside each other: no way round is shorter than the straight one."""
    from benchmarks.judging.growth import table_of
    from logidsl.eval import Prepared, judge
    from logidsl.pipeline import compile_spec
    from logidsl.source import Source

    names = "abcd"[: int(walks)]
    heads = "".join(f"every pin | cap {name}: " for name in names)
    away = " + ".join(f"distance({a}, {b})" for a, b in pairwise(names))
    text = f"object pin, cap\nrule r: {heads}distance({names[0]}, {names[-1]}) <= {away} + 1 px\n"
    program = compile_spec(Source("nested.logic", text))
    table = table_of(int(objects)).take_image(0)
    start = time.process_time()
    judgement = judge(program, Prepared(table), explain=False)
    assert judgement.verdicts.tolist() == [1]
    assert not judgement.refused
    return {"seconds": time.process_time() - start}


def rules(count: str) -> dict[str, float]:
    """A spec of so many rules: to compile it, then to check one image with it."""
    from benchmarks.judging.growth import table_of
    from logidsl import loads

    text = "object pin, cap\n" + "".join(
        f"rule r{i}: count(pin where width > {i} px) < 60\n" for i in range(int(count))
    )
    table = table_of(100).take_image(0)
    start = time.process_time()
    spec = loads(text)
    middle = time.process_time()
    assert spec.check(table).ok
    return {"compile": middle - start, "check": time.process_time() - middle}


TASKS = {f.__name__: f for f in (lines, command, memory, nested, rules)}


def peak_bytes() -> float:
    """The most memory that this process had; `ru_maxrss` begins with what its parent had."""
    status = Path("/proc/self/status")
    if status.is_file():
        return next(int(s.split()[1]) * 1024.0 for s in status.read_text().splitlines() if s.startswith("VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1.0 if sys.platform == "darwin" else 1024.0)


def main(argv: Sequence[str]) -> None:
    """Run a task."""
    found = TASKS[argv[0]](*argv[1:])
    print(json.dumps({**found, "peak": peak_bytes()}))


if __name__ == "__main__":
    main(sys.argv[1:])
