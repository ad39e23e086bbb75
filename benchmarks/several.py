"""What rules over several pictures cost: `python -m benchmarks.several [--pictures 200000] [--objects 1] [--lots 20]`.

Pictures come in tables of 500, as in a run. The rules look at the last 50 pictures of each lot, or, with `--whole`, at
all of them. Printed are the processor time for collecting what pictures contribute and for judging, and the greatest
memory of the process after a quarter of the pictures and after all: the same where nothing is kept for good.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Iterator, Sequence

import numpy as np

from logidsl.eval.over_batches import BatchJudge
from logidsl.pipeline import compile_spec
from logidsl.source import Source
from logidsl.table import ObjectTable, TextColumn

BLOCK = 500
SPEC = """object bolt
rule some_bolt: some bolt
batch lot by lot_id ordered by taken
rule drift over {over}: mean(length of bolt) in 19 .. 21 px
rule able over {over}: cpk(length of bolt, 10 px, 30 px) >= 1
rule yield over {over}: pass_rate(some_bolt) >= 99 %
"""


def tables(pictures: int, objects: int, lots: int) -> Iterator[ObjectTable]:
    """Pictures of random lots with random bolts, some at a time."""
    random = np.random.default_rng(1)
    for start in range(0, pictures, BLOCK):
        many = min(BLOCK, pictures - start)
        rows = many * objects
        lot = random.integers(lots, size=many).tolist()
        yield ObjectTable(
            images=tuple(f"{start + k}.png" for k in range(many)),
            sizes=np.full((many, 2), 100.0),
            offsets=np.arange(many + 1, dtype=np.int64) * objects,
            classes=TextColumn(np.zeros(rows, np.int64), ("bolt",)),
            ids=tuple(str(k) for k in range(rows)),
            columns={"length": random.normal(20, 1, rows)},
            facts={"lot_id": tuple(f"L{k}" for k in lot), "taken": tuple(str(start + k) for k in range(many))},
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=200_000)
    parser.add_argument("--objects", type=int, default=1)
    parser.add_argument("--lots", type=int, default=20)
    parser.add_argument("--whole", action="store_true", help="of each lot all pictures")
    args = parser.parse_args(arguments)
    over = "lot" if args.whole else "last(lot, 50)"
    judge = BatchJudge(compile_spec(Source("several.logic", SPEC.format(over=over))))
    spent, early = 0.0, 0
    for number, table in enumerate(tables(args.pictures, args.objects, args.lots)):
        began = time.process_time()
        judge.add(table)
        spent += time.process_time() - began
        if number == args.pictures // BLOCK // 4:
            early = _greatest_kb()
    late, began = _greatest_kb(), time.process_time()
    batches = sum(len(some.pictures) for some in judge.finish())
    judged = time.process_time() - began
    print(f"{args.pictures:,} pictures of {args.objects} objects in {batches} lots, rules over {over}")
    print(f"collected in {spent:.2f} s, judged in {judged:.2f} s of processor time")
    print(f"greatest memory {early / 1024:.0f} MB after a quarter, {late / 1024:.0f} MB after all")
    return 0


def _greatest_kb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    sys.exit(main())
