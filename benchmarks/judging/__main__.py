"""The table of figures; see the package."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence

from benchmarks.judging import batches, growth, processes
from benchmarks.judging.baselines import MissingError
from benchmarks.judging.rows import Row, lines

#: Functions of the number of images and of rounds.
GROUPS: dict[str, Callable[[int, int], Iterator[Row]]] = {
    "batch": batches.batch,
    "frames": batches.frames,
    "image": batches.image,
    "lines": processes.report_lines,
    "finding": batches.finding,
    "memory": processes.memory,
    "growth": growth.growth,
    "nested": processes.nested,
    "million": processes.million,
    "rules": processes.rules,
}


def measured(names: Sequence[str], images: int, rounds: int) -> Iterator[Row]:
    """The rows of some groups, as they become known."""
    for name in names:
        yield from GROUPS[name](images, rounds)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; 1 where the language and a baseline disagree, 4 where something is missing."""
    parser = argparse.ArgumentParser(prog="benchmarks.judging", description="what judging costs, in CPU seconds")
    parser.add_argument("group", nargs="*", help=f"what to measure: {', '.join(GROUPS)} (default all)")
    parser.add_argument("--images", type=int, default=100_000, help="images of the largest batch (default 100000)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each measurement (default 5)")
    parser.add_argument("--json", action="store_true", help="the rows as one JSON document")
    args = parser.parse_args(argv)
    unknown = [g for g in args.group if g not in GROUPS]
    if unknown:
        parser.error(f"unknown group `{unknown[0]}`; expected one of {', '.join(GROUPS)}")
    rows = measured(args.group or list(GROUPS), args.images, args.rounds)
    try:
        if args.json:
            print(json.dumps([row.to_dict() for row in rows], indent=2))
        else:
            for line in lines(rows):
                print(line, flush=True)
    except MissingError as error:
        print(f"error: {error}", file=sys.stderr)
        return 4
    except batches.DifferenceError as error:
        print(f"error: the language and a baseline disagree\n{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
