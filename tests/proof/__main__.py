"""Proves for as long as it is told to: `python -m tests.proof --seconds 600`, or `make prove SECONDS=600`.

Each round draws a seed and gives it to every run. What fails is printed with its seed, a small example and the
command that runs it again; the rounds go on, and at the end the counts are printed. 0 where nothing failed, else 1.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import time
import warnings

from tests.proof.compare import Tally
from tests.proof.runs import RUNS


def main() -> int:
    """Run, print, and say whether anything failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.proof", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to go on")
    parser.add_argument("--seed", type=int, default=None, help="the first seed; a random one unless given")
    parser.add_argument("--only", choices=[*RUNS], action="append", help="a run to make; all unless given")
    parser.add_argument("--cases", type=int, default=None, help="how many rounds at most")
    args = parser.parse_args()
    first = secrets.randbelow(1 << 40) if args.seed is None else args.seed
    names, tally, failed = args.only or [*RUNS], Tally(), 0
    end, seed, shown = time.monotonic() + args.seconds, first, 0.0
    while time.monotonic() < end and (args.cases is None or seed < first + args.cases):
        for name in names:
            failed += _failed(name, seed, tally)
        seed += 1
        if sys.stderr.isatty() and time.monotonic() > shown + 1:
            shown = time.monotonic()
            print(f"\r{seed - first} rounds, {failed} failed, {end - shown:.0f} s left ", end="", file=sys.stderr)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    print(f"seeds {first} to {seed - 1}, {', '.join(names)}: {failed} failed; {tally}")
    return int(failed > 0)


def _failed(name: str, seed: int, tally: Tally) -> int:
    try:
        with warnings.catch_warnings(action="error"):
            RUNS[name](seed, tally)
    except Exception as e:  # noqa: BLE001 - whatever it is, it is shown, and the rounds go on
        print(f"{name}, seed {seed}: {type(e).__name__}: {e}")
        print(f"again: python -m tests.proof --only {name} --seed {seed} --cases 1\n", flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
