"""What a whole process costs, as a multiple of `python -c pass`.

Each command runs in turn, round by round; the medians of wall time, of processor time and the peak of memory are
printed. Modules are compiled to bytecode before, as an installation does. Run: `python -m benchmarks.startup`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
#: Multiples of `python -c pass` that each command may take.
GOALS = {"--version": 3, "check, cached": 25}


class Run(NamedTuple):
    """Seconds by the clock, seconds of a processor, and the peak of memory in MB."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def measured(command: list[str], env: dict[str, str]) -> Run:
    """One process from start to end."""
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Run(time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def main() -> int:
    """Measure, print, and say whether the goals are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        # rendered by another process, as a child's peak of memory is at least what its parent has
        render = [sys.executable, "-m", "examples.render", folder, "--only", "good"]
        subprocess.run(render, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        (picture,) = Path(folder).glob("*.png")
        without = Path(folder) / "without"
        without.mkdir()
        (without / "programs").touch()  # a file, so that no program can be kept; tables of the grammar can
        env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        env |= {"PYTHONPYCACHEPREFIX": f"{folder}/bytecode", "LOGIDSL_CACHE": f"{folder}/cache"}
        check = ["-m", "logidsl", "check", str(picture), "--spec", "specs/pushpins.logic"]
        commands = {
            "python -c pass": (["-c", "pass"], env),
            "import numpy, cv2": (["-c", "import numpy, cv2"], env),
            "--version": (["-m", "logidsl", "--version"], env),
            "check, cached": (check, env),
            "check, compiling": (check, env | {"LOGIDSL_CACHE": str(without)}),
        }
        for command, its_env in commands.values():
            measured(command, its_env)
        rounds = [{name: measured(*command) for name, command in commands.items()} for _ in range(args.rounds)]
    print(f"{'':<20}{'wall':>8}{'processor':>12}{'memory':>10}   goal")
    missed = 0
    for name in commands:
        wall, cpu = (median(r[name][k] / r["python -c pass"][k] for r in rounds) for k in (0, 1))
        goal = GOALS.get(name)
        missed += goal is not None and wall > goal
        print(f"{name:<20}{wall:>8.1f}{cpu:>12.1f}{median(r[name].peak_mb for r in rounds):>7.0f} MB   {goal or ''}")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
