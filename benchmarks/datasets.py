"""Data sets for `logidsl bench`, from what is at hand: `python -m benchmarks.datasets KIND OUT`.

`tables` writes tables of objects of the five products of MVTec LOCO AD, with each of its 57 logical defects, and `sets`
tables of the project's rule sets (`benchmarks/translation/sets`), whose bad scenes are changed good ones that the gold
spec rejects; they need no picture. `loco` copies the shared pictures of the products, `edited` writes their edited
copies, `facts` copies what a language model said of the publisher's pictures. These three need `../shared/data`, and
hold pictures or texts of others: OUT must lie outside of the checkout, and what is in it must not be passed on.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import cv2

from benchmarks.defects.generate import PRODUCTS, corpus
from benchmarks.edited import EDITS, copies
from benchmarks.inference import bad_scenes, good_scenes
from benchmarks.translation.agree import compiled
from benchmarks.translation.mutate import vocabulary
from benchmarks.translation.sets import rule_sets, table
from benchmarks.truths import CHECKOUT, DATA, SPECS, loco
from logidsl.bench.generated import Task
from logidsl.extract import write_csv
from logidsl.extract.records import table_of
from logidsl.pipeline import compile_spec, read_spec

#: The descriptions of each product, and the spec that judges them.
FACTS = {
    "breakfast_box": ("facts_breakfast_v10", "formal__breakfast_box_v1.0.json"),
    "juice_bottle": ("facts_juice_screws", "formal__juice_bottle_v1.0_1shot.json"),
    "screw_bag": ("facts_juice_screws", "screw_bag__img2text.json"),
}
#: Good tables of each product in the training part.
TRAINED = 40
#: Good tables of a rule set in the test part, and bad ones at most.
JUDGED = 20
Truth = dict[str, dict[str, object]]


def tables(out: Path, seed: int = 1) -> None:
    """A table for each product with its spec, and the spec without rules in `drafts`, to infer them from `TRAINED`."""
    truth: Truth = {}
    for folder in ("specs", "drafts"):
        (out / folder).mkdir(exist_ok=True)
    for name, product in PRODUCTS.items():
        source = read_spec(SPECS / product.spec)
        (out / "specs" / f"{name}.logic").write_text(source.text, "utf-8")
        (out / "drafts" / f"{name}.logic").write_text(Task(name, "", source).draft.text, "utf-8")
        trained = list(corpus(product, seed + 1, good=TRAINED))[:TRAINED]  # the good ones come first
        frames = []
        for number, sample in enumerate([*trained, *corpus(product, seed)]):
            key = f"{name}/{number:04}.png"
            sample.frame.path = key
            frames.append(sample.frame)
            split = "train" if number < TRAINED else "test"
            truth[key] = {"product": name, "split": split, "labels": sorted(sample.labels) or ["normal"]}
        write_csv(table_of(frames, compile_spec(source), name), out / f"{name}.csv")
    _write(out, truth)


def pictures(out: Path) -> None:
    """The shared pictures of the products."""
    truth: Truth = {}
    for case in loco():
        product = case.spec.stem
        key = f"{product}/{case.picture.parent.name}_{case.picture.name}"
        (out / key).parent.mkdir(exist_ok=True)
        shutil.copyfile(case.picture, out / key)
        truth[key] = {"product": product, "labels": sorted(case.labels or ())}
        truth[key] |= {"kind": "structural"} if case.structural else {}
    _write(out, truth)


def edited(out: Path, only: Sequence[str] = ("as made",)) -> None:
    """The edited copies of the shared pictures, as made."""
    truth: Truth = {}
    for product in EDITS:
        (out / product).mkdir(exist_ok=True)
        for number, (made, variation, picture) in enumerate(copies(product, only)):
            key = f"{product}/{number:04}.png"
            cv2.imwrite(str(out / key), picture)
            truth[key] = {"product": product, "labels": sorted(made.labels), "about": f"{made.about}, {variation}"}
    _write(out, truth)


def facts(out: Path) -> None:
    """Descriptions by a language model, with the truth of the pictures that they are of."""
    truth: Truth = {}
    for product, (folder, file) in FACTS.items():
        shutil.copyfile(DATA / folder / file, out / file)
        known = json.loads((DATA / folder / "truth.json").read_text("utf-8"))
        for name, said in known.items():
            if f"/{product}/" in name:
                structural = "/structural_anomalies/" in name
                kind = "structural" if structural else "normal" if said["normal"] else "logical"
                truth[name] = {"product": product, "kind": kind, "verdict": "fail" if kind == "logical" else "pass"}
                truth[name] |= {"labels": sorted(said["defects"])} if kind == "logical" else {}
    _write(out, truth)


def sets(out: Path) -> None:
    """Tables of the rule sets: `TRAINED` good ones to train on, and good and bad ones to judge, with the gold specs."""
    truth: Truth = {}
    for folder in ("specs", "drafts"):
        (out / folder).mkdir(exist_ok=True)
    for rules in rule_sets():
        program, bag = compiled(rules.spec, rules.name)
        assert program is not None, str(bag)
        (out / "specs" / f"{rules.name}.logic").write_text(rules.spec, "utf-8")
        (out / "drafts" / f"{rules.name}.logic").write_text(rules.draft, "utf-8")
        words = vocabulary(program, rules.scenes, strangers="unlisted(" in rules.gold)
        good = [good_scenes(rules, program, words, count, seed) for seed, count in ((0, TRAINED), (1, JUDGED))]
        bad = bad_scenes(program, good[1], words, JUDGED, 2)
        made = table([*good[0], *good[1], *bad])
        keys = tuple(f"{rules.name}/{number:04}.png" for number in range(len(made.images)))
        for number, key in enumerate(keys):
            truth[key] = {"product": rules.name, "split": "train" if number < TRAINED else "test"}
            truth[key]["verdict"] = "pass" if number < TRAINED + len(good[1]) else "fail"
        write_csv(replace(made, images=keys), out / f"{rules.name}.csv")
    _write(out, truth)


KINDS: Mapping[str, Callable[[Path], None]] = {
    "tables": tables,
    "sets": sets,
    "loco": pictures,
    "edited": edited,
    "facts": facts,
}


def _write(out: Path, truth: Truth) -> None:
    (out / "truth.json").write_text(json.dumps(truth, indent=1) + "\n", "utf-8")


def main(argv: Sequence[str] | None = None) -> int:
    """Write a data set; 4 where it would lie in the checkout, or the pictures are not at hand."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("out", type=Path, metavar="OUT", help="a folder outside of the checkout")
    args = parser.parse_args(argv)
    if args.out.resolve().is_relative_to(CHECKOUT):
        print(f"expected a folder outside of {CHECKOUT}, found {args.out}", file=sys.stderr)
        return 4
    if args.kind not in ("tables", "sets") and not DATA.is_dir():
        print(f"no folder {DATA}: the pictures are not part of the project", file=sys.stderr)
        return 4
    args.out.mkdir(parents=True, exist_ok=True)
    KINDS[args.kind](args.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
