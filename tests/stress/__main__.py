"""A check of many pictures, cut short at random moments and resumed: `python -m tests.stress`, or `make stress`.

Says what was done, and 0 where every picture was judged exactly once with the verdict of an undisturbed run.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
import time
from pathlib import Path

from examples.render import write_variants
from tests.stress.test_stress import stress


def main() -> int:
    """Run, and print how it went."""
    parser = argparse.ArgumentParser(prog="python -m tests.stress", description=__doc__)
    parser.add_argument("--pictures", type=int, default=2000, help="how many pictures (default 2000)")
    parser.add_argument("--broken", type=int, default=40, help="how many of them are broken (default 40)")
    parser.add_argument("--cuts", type=int, default=12, help="how often the run is cut short (default 12)")
    parser.add_argument("--jobs", default="2", help="worker processes (default 2)")
    parser.add_argument("--seed", type=int, default=None, help="of all that is random; a random one unless given")
    args = parser.parse_args()
    seed = secrets.randbelow(1 << 32) if args.seed is None else args.seed
    print(f"seed {seed}: {args.pictures} pictures, {args.broken} broken, cut short {args.cuts} times", flush=True)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        trays = {path.stem: path for path in write_variants(Path(folder) / "rendered")}
        ended = stress(Path(folder), trays, args.pictures, args.broken, args.cuts, seed, args.jobs)
    done = ", ".join(f"{count} by {name}" for name, count in sorted(ended.items()))
    print(f"runs ended {done}; every picture judged once, verdicts as undisturbed; {time.monotonic() - begun:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
