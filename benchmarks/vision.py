"""How well and how fast pictures are seen: `python -m benchmarks.vision [--profile] [--no-speed]`.

For each folder of `../shared/data` how many pictures are right of all, which are not, and why. Then the speed on
trays rendered by the project, 1700 by 1000 px with a spec of two colours: picture to table beside `cv2.imdecode`,
medians of elapsed time as OpenCV is by default and of processor time on one thread, and the most memory that one
picture takes (Linux only).
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import cv2
import numpy as np

from benchmarks import reading
from benchmarks.truths import DATA, FOLDERS, Case
from examples.render import VARIANTS, render_tray
from logidsl.eval import classify
from logidsl.extract import see_path
from logidsl.ir import Program
from logidsl.pipeline import compile_spec, report
from logidsl.source import Source

WIDTH, HEIGHT, PICTURES, ROUNDS = 1700, 1000, 4, 9
GOALS = {".jpg": 2.0, ".png": 1.3}
MEMORY_GOAL = 4.0
SPEC = Source(
    "speed.logic",
    """color amber = "#f6b01c" within 25
color scarlet = "#cd282c" within 25
blobs yellow where color = amber then open(0.4 %) then fill()
blobs red    where color = scarlet then open(0.4 %) then fill()
object pin     = yellow where area >= 0.05 %
object red_pin = red where area >= 0.05 %
rule pins as quantity: count(pin) = 15
rule none_red as matching: no red_pin
""",
)


def wrong(case: Case, program: Program) -> str | None:
    """What is wrong about a picture, or None."""
    table = see_path(program, case.picture)
    flaws = []
    if case.labels is not None:
        (image,) = report(program, table).images
        if frozenset(image.labels) != case.labels or image.verdict == "review":
            flaws.append(
                f"{image.verdict}, expected {', '.join(sorted(case.labels))}, found {', '.join(sorted(image.labels))}"
            )
    if case.counts:
        members = classify(program, table)
        found = {name: int(members[name].sum()) for name in case.counts}
        off = abs(sum(found.values()) - sum(case.counts.values())) > case.slack
        if off or (not case.slack and found != dict(case.counts)):
            flaws += [f"{n}: expected {w}, found {found[n]}" for n, w in case.counts.items() if found[n] != w]
    return "; ".join(flaws) or None


def accuracy() -> bool:
    """Print the table of folders; whether each keeps its goal."""
    programs: dict[Path, Program] = {}
    good = True
    print(f"{'folder':<16} {'right':>8} {'goal':>8}  wrong")
    for name, (goal, cases) in FOLDERS.items():
        flaws, count = [], 0
        for case in cases():
            if case.spec not in programs:
                programs[case.spec] = compile_spec(str(case.spec))
            flaw = wrong(case, programs[case.spec])
            count += 1
            if flaw:
                flaws.append(f"{case.picture.parent.name}/{case.picture.name}: {flaw}")
        least = int(np.ceil(goal * count - 1e-9))
        good &= count > 0 and count - len(flaws) >= least
        right = f"{count - len(flaws)}/{count}"
        print(f"{name:<16} {right:>8} {f'{least}/{count}':>8}  {flaws[0] if flaws else ''}")
        for flaw in flaws[1:]:
            print(f"{'':<35}{flaw}")
    return good


def _timed(clock: Callable[[], float], runs: Sequence[Callable[[Path], object]], paths: Sequence[Path]) -> list[float]:
    """Median time of one picture for each way to run, s; they take turns."""
    spent: list[list[float]] = [[] for _ in runs]
    for _ in range(ROUNDS):
        for path in paths:
            for run, times in zip(runs, spent, strict=True):
                start = clock()
                run(path)
                times.append(clock() - start)
    return [median(times) for times in spent]


def decode(path: Path) -> object:
    """What every way of seeing pays for."""
    return cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)


def speed(folder: Path, profile: bool) -> None:
    """Print picture to table beside the decoder, for JPEG and PNG."""
    program = compile_spec(SPEC)
    pictures = [
        render_tray(VARIANTS["good"].cells, seed=i, width=WIDTH, height=HEIGHT).astype(np.uint8)
        for i in range(PICTURES)
    ]
    threads = cv2.getNumThreads()
    print(f"\n{f'{WIDTH} x {HEIGHT} px':<30} {'decode':>9} {'table':>9} {'ratio':>6} {'goal':>5}")
    for suffix, goal in GOALS.items():
        paths = [folder / f"{i}{suffix}" for i in range(PICTURES)]
        for path, picture in zip(paths, pictures, strict=True):
            cv2.imwrite(str(path), picture)
        for path in paths * ROUNDS:
            see_path(program, path)  # the colours of a series are learned when they are met
        for what, clock, most in (
            (f"elapsed, {threads} threads", time.perf_counter, threads),
            ("processor, 1 thread", time.process_time, 1),
        ):
            cv2.setNumThreads(most)
            decoding, seeing = _timed(clock, (decode, lambda p: see_path(program, p)), paths)
            spent = f"{decoding * 1e3:>6.1f} ms {seeing * 1e3:>6.1f} ms {seeing / decoding:>6.2f}"
            print(f"{f'{suffix[1:]}, {what}':<30} {spent} {goal:>5.1f}")
            cv2.setNumThreads(threads)
        if profile:
            watch = cProfile.Profile(time.process_time)
            watch.enable()
            for path in paths * 3:
                see_path(program, path)
            watch.disable()
            pstats.Stats(watch).sort_stats("tottime").print_stats(15)


def memory(folder: Path) -> None:
    """Print the most memory that seeing one picture takes, its own pixels included, in a process of its own."""
    path = folder / "0.png"
    # large blocks go back to the system when they are freed, so that what was used before does not hide the peak
    settings = {**os.environ, "MALLOC_MMAP_THRESHOLD_": "65536"}
    command = [sys.executable, "-m", "benchmarks.vision", "--memory-of", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=settings)
    before, after = (int(v) for v in done.stdout.split())
    pixels = WIDTH * HEIGHT * 3
    print(
        f"\nmemory of one picture: {(after - before) / 1e6:.0f} MB, {(after - before) / pixels:.1f} times its pixels "
        f"(goal {MEMORY_GOAL:g})"
    )


def _memory_of(path: Path) -> None:
    """Memory before and at the peak while a picture is seen, bytes; a small one has loaded what is needed."""
    program = compile_spec(SPEC)
    small = path.with_name("small.png")
    cv2.imwrite(str(small), cv2.resize(np.asarray(decode(path), np.uint8), (170, 100)))
    see_path(program, small)
    see_path(program, path.with_name("1.png"))
    Path("/proc/self/clear_refs").write_text("5", "ascii")  # the peak is counted anew from here
    before = _status("VmRSS")
    see_path(program, path)
    print(before, _status("VmHWM"))


def _status(field: str) -> int:
    """A figure that Linux keeps of this process, bytes."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return 1024 * int(next(line for line in lines if line.startswith(f"{field}:")).split()[1])


def main(argv: Sequence[str] | None = None) -> int:
    """Run; 1 where a folder misses its goal."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--profile", action="store_true", help="show where the time goes")
    parser.add_argument("--no-speed", action="store_true", help="accuracy only")
    parser.add_argument("--memory-of", metavar="PICTURE", help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if args.memory_of:
        _memory_of(Path(args.memory_of))
        return 0
    if not DATA.is_dir():
        print(f"no folder {DATA}: the pictures are not part of the project", file=sys.stderr)
        return 4
    good = accuracy()
    if not args.no_speed:
        with tempfile.TemporaryDirectory() as name:
            speed(Path(name), args.profile)
            if sys.platform == "linux":
                memory(Path(name))
    print()
    reading.main([str(DATA)])
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
