"""Twelve typical clauses in the language, beside the same clauses written by hand.

The hand-written versions are read from `../shared/bench` (see its README). Verdicts and witnesses are
compared on every size; then all versions are timed in turn, round by round, and the medians and the ratio
to hand-written NumPy are printed. Run: `make bench`, or `python -m benchmarks.bench_rules [--quick]`.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from types import ModuleType

import numpy as np

from logidsl.eval import Prepared, judge
from logidsl.ir import Program
from logidsl.pipeline import compile_spec
from logidsl.report.words import hex_of
from logidsl.source import Source
from logidsl.table import ObjectTable, TextColumn
from logidsl.verdicts import Judgement

SHARED = Path(__file__).parents[2] / "shared" / "bench"
CLASSES = {"label": "tag", "text": "print"}  # names that the language has for something else
COLORS = ("yellow", "blue", "red")


def spec_text(gen: ModuleType, pins: int, nearest_px: float) -> str:
    """The twelve clauses; their order is that of the baselines."""
    palette = "\n".join(
        f'color {name} = "{hex_of((float(lab[0]), float(lab[1]), float(lab[2])))}" within 60'
        for name, lab in zip(COLORS, gen.PALETTE, strict=True)
    )
    heights = ", ".join(f"{name} -> {h:g} px" for name, h in zip(COLORS, gen.HEIGHTS, strict=True))
    return f"""
spec bench
{palette}
object pushpin, compartment, bolt, tag, print, cable, connector, fruit, mix
rule pins: count(pushpin) = {pins}
rule one_pin: every compartment c: count(pushpin inside c) = 1
rule bolt_area: every bolt: area in {gen.BOLT_LO} .. {gen.BOLT_HI} px2
rule bolt_pair: count(bolt where length > {gen.LEN_T} px) = 1 and count(bolt) = 2
rule tag_above: every tag a: every print b: a above b
rule apart: every connector a: every other connector b: distance(a, b) in {gen.DIST_LO} .. {gen.DIST_HI} px
rule height: every cable a: every connector b: b.height = match a.color {{ {heights} }} within {gen.H_TOL} px
rule order: (every fruit a: every mix b: a left_of b) and (every tag a: every fruit b: a left_of b)
rule as_many: count(fruit) = count(mix)
rule share:
    {gen.RATIO_LO} * sum(area of mix) <= sum(area of fruit) and sum(area of fruit) <= {gen.RATIO_HI} * sum(area of mix)
rule spaced: every pushpin a: no other pushpin b where distance(a, b) < {nearest_px:.6f} px
rule level: every connector: y = mean(y of connector) within {gen.ALIGN} px
"""


def table_of(gen: ModuleType, made: object) -> ObjectTable:
    """The baselines' table as an object table, in the same order of rows."""

    def g(name: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        return np.asarray(getattr(made, name), np.float64)

    names = tuple(CLASSES.get(c, c) for c in gen.CLASSES)
    columns = {"x0": g("x0"), "y0": g("y0"), "x1": g("x1"), "y1": g("y1"), "x": g("cx"), "y": g("cy")}
    columns |= {"area": g("area"), "length": g("length"), "confidence": g("conf")}
    columns["color"] = np.stack([g("L"), g("a"), g("b")], axis=1)
    images, rows = int(getattr(made, "N")), int(getattr(made, "n"))  # noqa: B009
    return ObjectTable(
        images=tuple(map(str, range(images))),
        sizes=np.tile([1700.0, 1000.0], (images, 1)),
        offsets=np.asarray(getattr(made, "off"), np.int64),  # noqa: B009
        classes=TextColumn(np.asarray(getattr(made, "cls"), np.int64), names),  # noqa: B009
        ids=tuple(map(str, range(rows))),
        columns=columns,
    )


def witnesses(judgement: Judgement, rule: int, wanted: str | None = None) -> set[int]:
    """Rows that the findings of a rule name as witnesses; with `wanted` the bound objects of that class."""
    found: set[int] = set()
    classes = judgement.table.classes
    for clause in judgement.clauses:
        if clause.rule != rule:
            continue
        for group in clause.groups:
            if wanted is None and group.role != "witness":
                continue
            rows = group.rows[group.rows >= 0]
            if wanted is not None:
                rows = rows[classes.codes[rows] == classes.values.index(wanted)]
            found |= set(rows.tolist())
    return found


#: Where a baseline names other rows than the language does, what it names: see `compare`.
BOUND = {1: "compartment", 10: "pushpin"}
WHOLE = {0, 3, 8, 9}  # baselines name every object counted; the language names the surplus, and what is absent


def compare(judgement: Judgement, ok: np.ndarray, rows: list[np.ndarray]) -> list[str]:
    """What differs between a judgement and a baseline's verdicts (12, N) and witness rows."""
    wrong = []
    for k in range(12):
        mine = judgement.truths[k] == 1
        if not np.array_equal(mine, ok[k]):
            wrong.append(f"clause {k + 1}: verdicts differ on {int((mine != ok[k]).sum())} images")
        theirs = set(np.asarray(rows[k]).tolist())
        named = witnesses(judgement, k, BOUND.get(k))
        if k in WHOLE:
            if not named <= theirs:
                wrong.append(f"clause {k + 1}: witnesses that the baseline does not name")
        elif named != theirs:
            wrong.append(f"clause {k + 1}: {len(named ^ theirs)} witnesses differ")
    return wrong


def timed(runs: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each version in each round; versions take turns."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for run in runs.values():
        run()
    for _ in range(rounds):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - start)
    return seconds


def measure(images: int, modules: dict[str, ModuleType], rounds: int) -> bool:
    """Compare and time one size; whether everything agreed."""
    gen, by_hand, blocked, python = (modules[k] for k in ("gen", "impl_numpy", "impl_numpy2", "impl_python"))
    made = gen.make(images, 15, 3, seed=images)
    table = table_of(gen, made)
    program: Program = compile_spec(Source("bench.logic", spec_text(gen, made.K, made.nn_min)))
    prepared, first, second = Prepared(table), by_hand.prepare(made), blocked.prepare(made)
    judgement = judge(program, prepared)
    ok, rows = by_hand.run(first, made)
    wrong = compare(judgement, ok, rows)
    runs: dict[str, Callable[[], object]] = {
        "hand-written NumPy": lambda: by_hand.run(first, made),
        "NumPy, blocked": lambda: blocked.run(second, made),
        "logidsl, prepared table": lambda: judge(program, prepared, scores=False),
        "logidsl, and preparing": lambda: judge(program, Prepared(table), scores=False),
        "logidsl, and scores": lambda: judge(program, prepared),
    }
    if images <= 10_000:
        dicts = gen.to_dicts(made)
        verdicts, _ = python.canon(python.run(dicts, made.K, made.nn_min))
        wrong += [] if np.array_equal(verdicts.T, judgement.truths == 1) else ["Python: verdicts differ"]
        runs["Python, image by image"] = lambda: python.run(dicts, made.K, made.nn_min)
    seconds = timed(runs, rounds)
    base = seconds["hand-written NumPy"]
    failing = float((judgement.verdicts < 1).mean())
    print(f"\n{images} images, {len(table)} objects, {failing:.1%} of the images not passing")
    for name, each in seconds.items():
        ratio = median(a / b for a, b in zip(each, base, strict=True))
        print(f"  {name:26} {median(each) * 1e3:10.2f} ms  {ratio:8.2f} x")
    for line in wrong:
        print(f"  DIFFERS: {line}")
    if not wrong:
        print("  verdicts and witnesses agree")
    return not wrong


def main() -> int:
    """Run all sizes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="leave out 100,000 images")
    quick = parser.parse_args().quick
    if not SHARED.is_dir():
        print(f"the baselines are not here: {SHARED}", file=sys.stderr)
        return 4
    sys.path.insert(0, str(SHARED))
    names = ("gen", "impl_numpy", "impl_numpy2", "impl_python")
    modules = {name: importlib.import_module(name) for name in names}
    sizes = [(1, 51), (100, 21), (10_000, 5)] + ([] if quick else [(100_000, 3)])
    agreed = [measure(images, modules, rounds) for images, rounds in sizes]
    return 0 if all(agreed) else 1


if __name__ == "__main__":
    sys.exit(main())
