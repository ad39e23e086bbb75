"""What the engine of `logidsl scale` costs beside `check`: `python -m benchmarks.scaling [--pictures 300] [--json]`.

Whole processes on JPEG pictures of 1700 by 1000 px with the spec of `benchmarks.vision`, two worker processes each, in
turn; medians of the rounds. Memory is that of all processes together, without what they share, at its greatest. With
`--ray`, the same work on Ray Data as well.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.series import write_pictures
from benchmarks.serving import memory_mib
from benchmarks.vision import SPEC


def measured(command: Sequence[str], folder: Path) -> tuple[float, float]:
    """Elapsed time in s and memory in MiB of a command."""
    start = time.perf_counter()
    changed = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    process = subprocess.Popen(command, cwd=folder, env=changed, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = 0.0

    def watch() -> None:
        nonlocal peak
        while process.poll() is None:
            peak = max(peak, memory_mib(process.pid))
            time.sleep(0.25)

    watcher = threading.Thread(target=watch)
    watcher.start()
    code = process.wait()
    elapsed = time.perf_counter() - start
    watcher.join()
    assert code in (0, 1), f"{' '.join(command)} ended with code {code}"
    return elapsed, peak


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__)
    parser.add_argument("--pictures", type=int, default=300, help="how many (default 300)")
    parser.add_argument("--rounds", type=int, default=3, help="of each (default 3)")
    parser.add_argument("--ray", action="store_true", help="Ray Data too (extra `ray`, `ray[data]`)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    args = parser.parse_args(arguments)
    program = [sys.executable, "-m", "logidsl"]
    checked, scaled, on_ray = [], [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_pictures(folder / "trays", args.pictures)
        (folder / "trays.logic").write_text(SPEC.text, "utf-8")
        options = ["trays", "--spec", "trays.logic", "--jobs", "2", "--quiet"]
        for number in range(args.rounds):
            checked.append(
                measured([*program, "check", *options, "--format", "jsonl", "-o", f"{number}.jsonl"], folder)
            )
            scaled.append(measured([*program, "scale", *options, "-o", f"results{number}"], folder))
            if args.ray:
                ray = [sys.executable, "-m", "benchmarks.ray_data", "trays", "trays.logic", f"ray{number}", "2"]
                on_ray.append(measured(ray, folder))
    rows = {
        "pictures": args.pictures,
        "check_s": statistics.median(s for s, _ in checked),
        "scale_s": statistics.median(s for s, _ in scaled),
        "check_mib": max(m for _, m in checked),
        "scale_mib": max(m for _, m in scaled),
        "load": os.getloadavg()[0],
    }
    rows["ratio"] = rows["scale_s"] / rows["check_s"]
    if on_ray:
        rows |= {"ray_s": statistics.median(s for s, _ in on_ray), "ray_mib": max(m for _, m in on_ray)}
    if args.json:
        print(json.dumps(rows, indent=1))
        return 0
    print(f"{args.pictures} pictures, two processes: check {rows['check_s']:.1f} s and {rows['check_mib']:.0f} MiB, ")
    print(f"scale {rows['scale_s']:.1f} s and {rows['scale_mib']:.0f} MiB: {rows['ratio']:.2f} times (goal 1.25)")
    if on_ray:
        print(f"Ray Data {rows['ray_s']:.1f} s and {rows['ray_mib']:.0f} MiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
