"""How well parts are found on pictures that were not learned from: `python -m benchmarks.left_out [SET ...]`.

For changing how learning works. Only annotated pictures to learn from are used, never those that `benchmarks.eyes`
judges. Each picture, and variations of it, is judged by what was learned from the others, with the settings that the
others choose. Counts that are exact are few and coarse, so F1 and panoptic quality (Kirillov et al., 2019) stand beside
them, over several seeds.

`--save FILE` keeps the figures of every view; `--against FILE` compares with those of another run, view by view, and
says how sure the difference is. `--set MODULE.NAME=VALUE` replaces a constant of the networks, of cutting or of
selection, such as `logidsl.learn.networks._DROPPED=0.0`; one of preparing pictures it does not reach. The pictures are
those of `../shared/data`, which are not part of the project.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks import loco
from benchmarks.eyes import FEWSHOT, candies, cards, fewshot, nuts
from benchmarks.truths import DATA
from logidsl.learn import Options, prepared, read_annotations
from logidsl.learn.selection import Judged, choose, counts_found, counts_true, found_kinds, hits, judged_by
from logidsl.learn.validation import Work, folds_of, tried, views_of

#: Products with at least three annotated pictures: of fewer, nothing can be chosen without the one left out.
SETS = (*FEWSHOT, "nuts", "candies", "cards", "juice_bottle", "pushpins", "screw_bag")
MEASURES = ("exact", "error", "F1", "quality")
Row = dict[str, float]


@contextmanager
def annotated(name: str) -> Iterator[tuple[list[Path], Options]]:
    """The annotation files of a set, and how it is learned."""
    if name in FEWSHOT:
        with fewshot(name) as (train, _):
            yield [s.annotation for s in train], Options()
    elif name == "candies":
        with candies() as shots:
            yield [s.annotation for s in shots], Options()
    elif name in loco.PRODUCTS:
        yield loco.annotation_files(name), loco.OPTIONS.get(name) or Options()
    else:
        yield [s.annotation for s in (nuts() if name == "nuts" else cards())], Options()


def measured(judged: Judged, threshold: float, classes: int) -> Row:
    """Whether all counts are exact, the sum of their errors as a share of the objects, F1, and panoptic quality."""
    found, wanted = counts_found(judged, threshold, classes), counts_true(judged.trial, classes)
    off = sum(abs(a - b) for a, b in zip(found, wanted, strict=True))
    right, false, missed = hits(judged, threshold)
    objects = max(1.0, right + 0.5 * (false + missed))
    overlap = overlap_of_hits(judged, threshold)
    return {
        "exact": float(off == 0),
        "error": off / max(1, sum(wanted)),
        "F1": (right if right + false + missed else 1.0) / objects,
        "quality": (overlap if right + false + missed else 1.0) / objects,
    }


def overlap_of_hits(judged: Judged, threshold: float) -> float:
    """The sum of intersections over union of the objects found correctly."""
    kinds = found_kinds(judged.shares, threshold)
    good = (kinds > 0) & (kinds == judged.trial.kinds) & judged.trial.same
    return float(judged.trial.ious[good].sum())


def crossed(work: Work) -> Iterator[tuple[str, Row]]:
    """The figures of each view of each picture, under `PICTURE/VIEW`, with the settings that the others choose."""
    classes, pictures = len(work.settings.classes), len(work.examples)
    folds = folds_of(work.examples)
    made = [views_of(work, left) for left in folds]  # not by workers, which would not see replaced constants
    for out, left in enumerate(folds):
        others = [view for number, fold in enumerate(made) if number != out for view in fold]
        choice = choose(others, work.settings, pictures - len(left), work.seed)
        for view in made[out]:
            if not view.seen and view.class_limit == choice.class_limit:
                trial = tried(view, choice.fits, work.settings)
                row = measured(judged_by(choice, trial, classes), choice.threshold, classes)
                yield f"{Path(work.examples[view.picture].path).name}/{view.number}", row


def compared(rows: Mapping[str, Row], before: Mapping[str, Row]) -> str:
    """Mean differences over the pictures of both runs, each with its standard error over pictures."""
    told = []
    common = [key for key in rows if key in before]
    pictures: dict[str, list[str]] = {}
    for key in common:  # SET/SEED/PICTURE/VIEW: views and seeds of a picture are not independent
        name, _, picture, _ = key.split("/", 3)
        pictures.setdefault(f"{name}/{picture}", []).append(key)
    for measure in MEASURES:
        each = [np.mean([rows[k][measure] - before[k][measure] for k in keys]) for keys in pictures.values()]
        error = np.std(each, ddof=1) / np.sqrt(len(each)) if len(each) > 1 else np.nan
        told.append(f"{measure} {np.mean(each):+.4f} ± {error:.4f}" if each else f"{measure} -")
    return f"against, over {len(pictures)} pictures: " + ", ".join(told)


def replaced(assignments: Sequence[str]) -> None:
    """Replace constants of modules, `MODULE.NAME=VALUE`.

    Raises
    ------
    ValueError
        If there is no such constant, or the value is not a literal.
    """
    for text in assignments:
        place, _, value = text.partition("=")
        module, _, name = place.rpartition(".")
        if not module or not hasattr(importlib.import_module(module), name):
            raise ValueError(f"there is no constant {place}")
        setattr(importlib.import_module(module), name, ast.literal_eval(value))


def main(argv: Sequence[str] | None = None) -> int:
    """Run; 4 where the pictures are not at hand."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("set", nargs="*", metavar="SET", help="any of " + ", ".join(SETS) + " (default all)")
    parser.add_argument("--seeds", type=int, default=2, metavar="N", help="how many seeds (default 2)")
    parser.add_argument("--set", dest="constants", action="append", default=[], metavar="MODULE.NAME=VALUE")
    parser.add_argument("--save", type=Path, metavar="FILE", help="write the figures of every view, JSON")
    parser.add_argument("--against", type=Path, metavar="FILE", help="compare with figures written before")
    args = parser.parse_args(argv)
    if unknown := [name for name in args.set if name not in SETS]:
        parser.error(f"unknown set `{unknown[0]}`: expected one of {', '.join(SETS)}")
    if not DATA.is_dir():
        print(f"no folder {DATA}: the pictures are not part of the project", file=sys.stderr)
        return 4
    try:
        replaced(args.constants)
    except (ValueError, SyntaxError, ImportError) as error:
        parser.error(str(error))
    before = json.loads(args.against.read_text("utf-8")) if args.against else {}
    rows: dict[str, Row] = {}
    print(f"{'set':<24} {'views':>6}" + "".join(f" {m:>9}" for m in MEASURES))
    for name in args.set or SETS:
        with annotated(name) as (files, options):
            work, _ = prepared(read_annotations(files), replace(options, jobs=1))
        for seed in range(args.seeds):
            rows |= {f"{name}/{seed}/{key}": row for key, row in crossed(replace(work, seed=seed))}
        _line(name, [r for k, r in rows.items() if k.startswith(f"{name}/")])
    _line("all", list(rows.values()))
    if before:
        print(compared(rows, before))
    if args.save:
        args.save.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
    return 0


def _line(name: str, rows: Sequence[Row]) -> None:
    means = "".join(f" {np.mean([r[m] for r in rows]) if rows else np.nan:>9.4f}" for m in MEASURES)
    print(f"{name:<24} {len(rows):>6}{means}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
