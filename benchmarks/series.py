"""What a series of pictures costs: `python -m benchmarks.series [--pictures 1000] [--json]`.

Whole processes of `logidsl check` on a folder of JPEG pictures, 1700 by 1000 px, with the spec of `benchmarks.vision`:
on two processes over one, and with four times as many pictures over a quarter of them, for memory. Besides, the first
picture of 12 megapixels in a process. Where other work keeps the cores busy, elapsed times say little: processor time
on two processes over one says what the second one costs.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from benchmarks.vision import HEIGHT, SPEC, WIDTH
from examples.render import VARIANTS, render_tray

DISTINCT = 8
LARGE = (4000, 3000)
#: Reads one picture and prints the processor time that this took.
ONE_PICTURE = """
import sys, time
from pathlib import Path
import cv2
from logidsl.extract import see_path
from logidsl.pipeline import compile_spec
program = compile_spec(sys.argv[1])
cv2.setNumThreads(1)
start = time.process_time()
see_path(program, Path(sys.argv[2]))
print(time.process_time() - start)
"""


class Row(NamedTuple):
    """A figure beside its goal; where `least`, the goal is a minimum."""

    name: str
    value: float
    goal: float
    unit: str
    least: bool = False


class Run(NamedTuple):
    """What a process and those it started took: elapsed and processor time, s, and memory of the largest one, bytes."""

    elapsed_s: float
    processor_s: float
    memory: int


def write_pictures(folder: Path, count: int) -> None:
    """Write so many pictures, of which a few are distinct and the others links to them."""
    folder.mkdir()
    for i in range(count):
        path = folder / f"{i:05}.jpg"
        if i < DISTINCT:
            picture = render_tray(VARIANTS["good"].cells, seed=i, width=WIDTH, height=HEIGHT)
            cv2.imwrite(str(path), picture.astype(np.uint8))
        else:
            os.link(folder / f"{i % DISTINCT:05}.jpg", path)


def check(spec: Path, folder: Path, jobs: int) -> Run:
    """Check a folder in a process of its own, with one thread for each of its workers, so that one job is one core."""
    options = ["--spec", str(spec), "--format", "jsonl", "--jobs", str(jobs)]
    command = [sys.executable, "-m", "logidsl", "check", str(folder), *options]
    start = time.perf_counter()
    env = os.environ | {"OPENCV_FOR_THREADS_NUM": "1"}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1, 2):
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    return Run(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def rows(folder: Path, pictures: int) -> list[Row]:
    """The figures, measured in a folder that is empty."""
    spec = folder / "speed.logic"
    spec.write_text(SPEC.text, "utf-8")
    write_pictures(folder / "many", pictures)
    write_pictures(folder / "few", pictures // 4)
    few = check(spec, folder / "few", 1)
    one, two = (check(spec, folder / "many", jobs) for jobs in (1, 2))
    large = folder / "large.jpg"
    picture = render_tray(VARIANTS["good"].cells, seed=1, width=LARGE[0], height=LARGE[1])
    cv2.imwrite(str(large), picture.astype(np.uint8))
    done = subprocess.run([sys.executable, "-c", ONE_PICTURE, spec, large], capture_output=True, text=True, check=True)
    return [
        Row(f"{pictures} pictures, one process over two, elapsed", one.elapsed_s / two.elapsed_s, 1.7, "", least=True),
        Row("the same, processor time on two over one", two.processor_s / one.processor_s, 2 / 1.7, ""),
        Row(f"memory, {pictures} pictures over {pictures // 4}", one.memory / few.memory, 1.1, ""),
        Row("memory of a process", one.memory / 1e6, 400.0, "MB"),
        Row("first picture of 12 megapixels", float(done.stdout), 0.6, "s"),
    ]


def main(argv: Sequence[str] | None = None) -> int:
    """Run; 1 where a figure misses its goal."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pictures", type=int, default=1000, help="of the larger folder (default 1000)")
    parser.add_argument("--json", action="store_true", help="rows as JSON")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as name:
        found = rows(Path(name), args.pictures)
    if args.json:
        print(json.dumps([row._asdict() for row in found], indent=2))
    else:
        for row in found:
            print(f"{row.name:<56} {row.value:>8.2f} {row.unit:<3} {'>=' if row.least else '<='} {row.goal:g}")
    return int(any(row.value < row.goal if row.least else row.value > row.goal for row in found))


if __name__ == "__main__":
    sys.exit(main())
