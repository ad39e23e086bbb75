"""How well parts are learned from a few annotated pictures: `python -m benchmarks.eyes [SET ...]`.

One row for each set: learned from some pictures, judged on others. Nothing is tuned on what is judged: the learner
chooses every setting by leaving out pictures that it learns from. Where a set has no pictures of its own to judge, it
is cut into parts, and each is judged by what was learned from the rest (`--folds`: as many as there are pictures is
leave-one-out).

`--build OUT` learns from all pictures instead, and writes `OUT/NAME/NAME.logic` with its parts file, for other
pictures; of a LOCO product for which learned parts do worse than thresholds, the spec with thresholds. The pictures are
those of `../shared/data`, which are not part of the project.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import loco
from benchmarks.edited import auroc, judge_edited
from benchmarks.truths import DATA, SPECS
from logidsl.eval import classify
from logidsl.extract import read_picture, see_path, to_labelme
from logidsl.extract.parts.find import find_parts
from logidsl.extract.parts.model import Parts, packed
from logidsl.learn import Options, learn, read_annotations
from logidsl.pipeline import compile_spec

LEARNED = Path(__file__).resolve().parent / "specs" / "learned"
FEWSHOT = ("mandarins", "bottle_caps_belt", "single_screw_grounds", "kuih_cakes", "screws24_grey")
COLORS = ("red", "yellow", "green", "purple")


@dataclass(frozen=True)
class Shot:
    """A picture: the annotation to learn from, and the counts that are right."""

    picture: Path
    annotation: Path
    counts: Mapping[str, int]


@dataclass
class Tally:
    """Of judged pictures: how many are counted right in every class, in all, and the time that finding took."""

    judged: int = 0
    exact: int = 0
    total: int = 0
    within_one: int = 0
    learn_s: float = 0.0
    find_s: float = 0.0

    def add(self, found: Mapping[str, int], wanted: Mapping[str, int]) -> bool:
        """Count one picture in; whether it is right."""
        off = sum(abs(found.get(k, 0) - wanted.get(k, 0)) for k in {*found, *wanted})
        self.judged += 1
        self.exact += off == 0
        self.within_one += off <= 1
        self.total += sum(found.values()) == sum(wanted.values())
        return off == 0


def learned(shots: Sequence[Shot], options: Options) -> tuple[Parts, float]:
    """Parts learned from pictures, and the time it took, s."""
    started = time.perf_counter()
    made = learn(read_annotations([s.annotation for s in shots]), options).parts
    return made, time.perf_counter() - started


def counted(parts: Parts, picture: Path) -> tuple[dict[str, int], float]:
    """How many objects of each class are found, and the time from pixels to objects, s."""
    bgr = read_picture(picture).bgr
    started = time.perf_counter()
    finds = find_parts(parts, bgr)
    spent = time.perf_counter() - started
    sure = [f for f in finds if f.confidence >= parts.threshold]
    return dict(Counter(parts.classes[int(f.values["class_number"])] for f in sure)), spent


def judge(parts: Parts, shots: Sequence[Shot], tally: Tally, show: bool) -> None:
    """Count the parts on pictures, and say where they are wrong."""
    for shot in shots:
        found, spent = counted(parts, shot.picture)
        tally.find_s += spent
        if not tally.add(found, shot.counts) and show:
            print(f"    {shot.picture.name}: expected {dict(shot.counts)}, found {found}")


def crossed(shots: Sequence[Shot], folds: int, options: Options, show: bool) -> Tally:
    """Each part of a set judged by what was learned from the rest."""
    tally = Tally()
    for fold in range(folds):
        parts, spent = learned([s for i, s in enumerate(shots) if i % folds != fold], options)
        tally.learn_s = max(tally.learn_s, spent)
        judge(parts, [s for i, s in enumerate(shots) if i % folds == fold], tally, show)
    return tally


def split(train: Sequence[Shot], test: Sequence[Shot], options: Options, show: bool) -> Tally:
    """Pictures judged by what was learned from others."""
    tally = Tally()
    parts, tally.learn_s = learned(train, options)
    judge(parts, test, tally, show)
    return tally


def nuts() -> list[Shot]:
    """Dates, figs and hazelnuts, with polygons."""
    folder = DATA / "nuts_labelme"
    truth = json.loads((folder / "truth.json").read_text("utf-8"))
    return [Shot(folder / n, (folder / n).with_suffix(".json"), counts) for n, counts in truth.items()]


def cards() -> list[Shot]:
    """Playing cards, with boxes."""
    folder = DATA / "cards_voc"
    truth = json.loads((folder / "truth.json").read_text("utf-8"))
    return [Shot(folder / n, (folder / n).with_suffix(".xml"), counts) for n, counts in truth.items()]


@contextmanager
def candies() -> Iterator[list[Shot]]:
    """Sweets, with the outlines that the spec sees where its counts are right."""
    folder, program = DATA / "candies_even", compile_spec(str(SPECS / "candies.logic"))
    truth = json.loads((folder / "truth.json").read_text("utf-8"))
    shots = []
    with tempfile.TemporaryDirectory() as home:
        for name, counts in truth.items():
            table = see_path(program, folder / name)
            members = classify(program, table)
            labels = [next((c for c in COLORS if members[f"{c}_sweet"][row]), None) for row in range(len(table))]
            if Counter(label for label in labels if label) == Counter({k: v for k, v in counts.items() if v}):
                target = Path(home) / f"{Path(name).stem}.json"
                target.write_text(
                    json.dumps(to_labelme(table, 0, labels, os.path.relpath(folder / name, home))), "utf-8"
                )
                shots.append(Shot(folder / name, target, {k: v for k, v in counts.items() if v}))
        yield shots


@contextmanager
def fewshot(name: str) -> Iterator[tuple[list[Shot], list[Shot]]]:
    """Photos of one kind of parts: what to learn from, and what to judge."""
    folder = DATA / "fewshot" / name
    merged = folder / "truth_merged.json"
    truth = json.loads((merged if merged.exists() else folder / "truth.json").read_text("utf-8"))
    test = [Shot(folder / "test" / n, folder / "test" / n, counts) for n, counts in truth.items()]
    with tempfile.TemporaryDirectory() as home:
        train = []
        for source in sorted((folder / "train").glob("*.json")):
            document = json.loads(source.read_text("utf-8"))
            picture = source.with_suffix(".jpg")
            if merged.exists():  # one class in place of grades that flow into each other
                (only,) = {k for counts in truth.values() for k in counts}
                document["shapes"] = [shape | {"label": only} for shape in document["shapes"]]
            target = Path(home) / source.name
            target.write_text(
                json.dumps(document | {"imagePath": os.path.relpath(picture, home), "imageData": None}), "utf-8"
            )
            train.append(Shot(picture, target, {}))
        yield train, test


def row(name: str, learned_from: object, tally: Tally, goal: str) -> None:
    """Print one row of the table."""
    each = tally.find_s / max(1, tally.judged)
    print(
        f"{name:<24} {learned_from!s:>12} {f'{tally.exact}/{tally.judged}':>8} {f'{tally.total}/{tally.judged}':>8} "
        f"{f'{tally.within_one}/{tally.judged}':>10} {goal:>8} {tally.learn_s:>8.0f} {each:>8.2f}",
        flush=True,
    )


def counts_table(chosen: Sequence[str], folds: int, options: Options, show: bool) -> None:
    """Counts on photos."""
    print(
        f"{'set':<24} {'learned from':>12} {'exact':>8} {'total':>8} {'within one':>10} {'goal':>8} "
        f"{'learn s':>8} {'find s':>8}"
    )
    if "nuts" in chosen:
        shots = nuts()
        fold = min(folds, len(shots))
        row("nuts", f"{len(shots) - len(shots) // fold}, crossed", crossed(shots, fold, options, show), "9/9")
        three = [0, 4, 8]
        some = [s for i, s in enumerate(shots) if i in three]
        rest = [s for i, s in enumerate(shots) if i not in three]
        row("nuts from three", len(some), split(some, rest, options, show), "8 of 9")
    if "candies" in chosen:
        with candies() as shots:
            fold = min(folds, len(shots))
            row(
                "candies",
                f"{len(shots) - len(shots) // fold}, crossed",
                crossed(shots, fold, options, show),
                "19 of 20",
            )
    sum_, judged = 0, 0
    for name in FEWSHOT:
        if name in chosen:
            with fewshot(name) as (train, test):
                tally = split(train, test, options, show)
                row(name, len(train), tally, "")
                sum_, judged = sum_ + tally.exact, judged + tally.judged
    if judged:
        print(f"{'few-shot sets in all':<24} {'':>12} {f'{sum_}/{judged}':>8} {'':>8} {'':>10} {'65 of 84':>8}")
    if "cards" in chosen:
        shots = cards()
        row("cards", f"{len(shots) - 1}, crossed", crossed(shots, len(shots), options, show), "4/5")


def verdicts_table(products: Sequence[str], show: bool) -> None:
    """Verdicts on edited copies of LOCO pictures, as made: a verdict is right with exactly the labels deserved."""
    print(f"{'product':<24} {'learned from':>12} {'right':>8} {'AUROC':>8} {'learn s':>8}")
    total = Counter[str]()
    with tempfile.TemporaryDirectory() as home:
        for product in products:
            started = time.perf_counter()
            spec = loco.build(product, Path(home))
            spent = time.perf_counter() - started
            judged = [found for found, _ in judge_edited(product, spec, ["as made"])]
            right = sum(j.right for j in judged)
            total.update(right=right, judged=len(judged))
            pictures = len(loco.annotation_files(product))
            print(
                f"{product:<24} {pictures:>12} {f'{right}/{len(judged)}':>8} {auroc(judged):>8.3f} {spent:>8.0f}",
                flush=True,
            )
            for j in judged:
                if show and not j.right:
                    print(
                        f"    {j.about}: expected {', '.join(sorted(j.expected))}, found {', '.join(sorted(j.found))}"
                    )
    right_of = f"{total['right']}/{total['judged']}"
    print(f"{'edited copies in all':<24} {'':>12} {right_of:>8}")


def build(names: Sequence[str], folder: Path, options: Options) -> None:
    """Learn from all pictures and write specs with their parts files."""
    for name in names:
        if name in loco.LEARNED_IS_BETTER:
            print(loco.build(name, folder))
            continue
        home = folder / name
        home.mkdir(parents=True, exist_ok=True)
        if name in loco.PRODUCTS:
            shutil.copyfile(SPECS / "pictures" / f"{name}.logic", home / f"{name}.logic")
            print(home / f"{name}.logic")
            continue
        if name == "nuts":
            parts, _ = learned(nuts(), options)
        else:
            with candies() as shots:
                parts, _ = learned(shots, options)
        (home / f"{name}.parts").write_bytes(packed(parts))
        shutil.copyfile(LEARNED / f"{name}.logic", home / f"{name}.logic")
        print(home / f"{name}.logic")


def main(argv: Sequence[str] | None = None) -> int:
    """Run; 4 where the pictures are not at hand."""
    sets = ("nuts", "candies", *FEWSHOT, "cards", *loco.PRODUCTS)
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("set", nargs="*", choices=[*sets, []], help="all where none is named")
    parser.add_argument("--build", type=Path, metavar="OUT", help="write specs with parts learned from all pictures")
    parser.add_argument(
        "--folds", type=int, default=3, metavar="N", help="into how many parts a set is cut (default 3)"
    )
    parser.add_argument("--jobs", type=int, metavar="N", help="processes")
    parser.add_argument("--wrong", action="store_true", help="list what is wrong")
    args = parser.parse_args(argv)
    if not DATA.is_dir():
        print(f"no folder {DATA}: the pictures are not part of the project", file=sys.stderr)
        return 4
    options = replace(Options(), jobs=args.jobs)
    if args.build:
        buildable = [*loco.PRODUCTS, "nuts", "candies"]
        build([n for n in args.set or buildable if n in buildable], args.build, options)
        return 0
    chosen = args.set or list(sets)
    if set(chosen) - set(loco.PRODUCTS):
        counts_table(chosen, args.folds, options, args.wrong)
    if set(chosen) & set(loco.PRODUCTS):
        verdicts_table([n for n in chosen if n in loco.PRODUCTS], args.wrong)
    return 0


if __name__ == "__main__":
    sys.exit(main())
