"""How specs for pictures hold on pictures they were not written with: `python -m benchmarks.edited [PRODUCT ...]`.

The shared pictures of `../shared/data` are few. Here they are edited by code, in memory: from normal ones each logical
defect that can be made by editing, and from every picture the variations that say nothing about the part (light,
white balance, noise, focus, JPEG, place, turn, size). Each copy must get exactly the labels of its defect.

A table for each product: a row for each label, how many copies are right as they were made and how many under each
variation. `--wrong` lists the others; `--save DIR` writes the pictures that are wrong, outside of the tree.
`--learned` learns parts from the annotated pictures and judges the specs on them, in place of those by thresholds;
`--specs DIR` takes `DIR/PRODUCT/PRODUCT.logic` with its parts file, and learns nothing.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from benchmarks.edits.breakfast_box import breakfast_box
from benchmarks.edits.case import Edited
from benchmarks.edits.juice_bottle import juice_bottle
from benchmarks.edits.pushpins import pushpins
from benchmarks.edits.retouch import Pixels
from benchmarks.edits.screw_bag import screw_bag
from benchmarks.edits.splicing_connectors import splicing_connectors
from benchmarks.edits.variations import COMMON, OWN
from benchmarks.loco import build
from benchmarks.truths import DATA, SPECS
from logidsl.extract.pixels.picture import Picture
from logidsl.extract.sources.blobs import see_picture
from logidsl.ir import Program
from logidsl.pipeline import Detail, compile_spec, report

EDITS: Mapping[str, Callable[[], Iterator[Edited]]] = {
    "breakfast_box": breakfast_box,
    "juice_bottle": juice_bottle,
    "pushpins": pushpins,
    "screw_bag": screw_bag,
    "splicing_connectors": splicing_connectors,
}


@dataclass(frozen=True)
class Judged:
    """What came out of one copy.

    Parameters
    ----------
    about, variation : str
        What was done.
    expected, found : frozenset of str
        Labels.
    verdict : str
        `pass`, `fail` or `review`.
    messages : tuple of str
        Of the findings.
    score : float
        The greater, the worse the picture.
    """

    about: str
    variation: str
    expected: frozenset[str]
    found: frozenset[str]
    verdict: str
    messages: tuple[str, ...]
    score: float

    @property
    def right(self) -> bool:
        """Whether verdict and labels are those deserved."""
        return self.found == self.expected and self.verdict != "review"


def judge(program: Program, edited: Edited, variation: str, picture: Pixels) -> Judged:
    """Check one copy."""
    table = see_picture(program, Picture(f"{edited.about}, {variation}", np.ascontiguousarray(picture)))
    (image,) = report(program, table, Detail(scores=True)).images
    messages = tuple(f.message for f in image.findings)
    found, score = frozenset(image.labels), image.score or 0.0
    return Judged(edited.about, variation, edited.labels, found, str(image.verdict), messages, score)


def copies(product: str, only: Sequence[str] = ()) -> Iterator[tuple[Edited, str, Pixels]]:
    """Every edited picture of a product under every variation, or under those that are named."""
    chosen = {n: v for n, v in {**COMMON, **OWN[product]}.items() if not only or n in only}
    for edited in EDITS[product]():
        for name, vary in chosen.items():
            yield edited, name, vary(edited.picture)


def judge_edited(product: str, spec: Path, only: Sequence[str] = ()) -> Iterator[tuple[Judged, Pixels]]:
    """Every copy of a product judged by its spec, in the order of `copies`, with its picture.

    Parameters
    ----------
    spec : Path
        What `loco.build` wrote: a spec beside its parts file.
    only : sequence of str
        Names of variations; all where there are none.
    """
    program = compile_spec(spec)
    for edited, variation, picture in copies(product, only):
        yield judge(program, edited, variation, picture), picture


def auroc(judged: Sequence[Judged]) -> float:
    """How often the score of a defective copy is greater than that of a normal one; a tie counts half.

    Returns
    -------
    float
        From 0 to 1; NaN unless there are copies of both kinds.
    """
    bad = np.array([j.score for j in judged if "normal" not in j.expected])
    good = np.sort([j.score for j in judged if "normal" in j.expected])
    if not len(bad) or not len(good):
        return float("nan")
    below, upto = (np.searchsorted(good, bad, side) for side in ("left", "right"))
    return float((below + upto).mean() / 2 / len(good))


def table(product: str, judged: Sequence[Judged]) -> None:
    """Print how many are right, by label and by variation."""
    print(f"\n{product:<58} {'as made':>9} {'varied':>11}")
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    for j in judged:
        row = rows[" + ".join(sorted(j.expected))]
        kind = "made" if j.variation == "as made" else "varied"
        row.update({kind: 1, f"{kind} right": j.right})
    for name, row in sorted(rows.items(), key=lambda r: (r[0] != "normal", r[0])):
        made, varied = (f"{row[f'{kind} right']}/{row[kind]}" for kind in ("made", "varied"))
        print(f"{name:<58} {made:>9} {varied:>11}")
    right = sum(j.right for j in judged)
    missed = sum(j.verdict == "pass" and "normal" not in j.expected for j in judged)
    alarms = sum(j.verdict == "fail" and "normal" in j.expected for j in judged)
    print(
        f"{right} of {len(judged)} right, {right / len(judged):.1%}; {missed} defects passed, {alarms} false alarms; "
        f"AUROC {auroc(judged):.3f}"
    )
    by_variation: dict[str, list[bool]] = defaultdict(list)
    for j in judged:
        by_variation[j.variation].append(j.right)
    print(", ".join(f"{name} {sum(v)}/{len(v)}" for name, v in by_variation.items()))


def main(argv: Sequence[str] | None = None) -> int:
    """Run; 4 where the pictures are not at hand."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("product", nargs="*", choices=[*EDITS, []], help="all where none is named")
    parser.add_argument("--only", action="append", default=[], metavar="VARIATION", help="only this variation")
    parser.add_argument("--wrong", action="store_true", help="list what is wrong")
    parser.add_argument("--save", type=Path, metavar="DIR", help="write the pictures that are wrong")
    parser.add_argument("--learned", action="store_true", help="learn parts, and judge the specs on them")
    parser.add_argument("--specs", type=Path, metavar="DIR", help="specs and parts files that were built before")
    args = parser.parse_args(argv)
    if not DATA.is_dir():
        print(f"no folder {DATA}: the pictures are not part of the project", file=sys.stderr)
        return 4
    if args.save:
        args.save.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        for product in args.product or EDITS:
            spec = SPECS / "pictures" / f"{product}.logic"
            if args.specs:
                spec = args.specs / product / spec.name
            elif args.learned:
                spec = build(product, Path(name))
            _measure(product, spec, args)
    return 0


def _measure(product: str, spec: Path, args: argparse.Namespace) -> None:
    """Judge all copies of a product and print what came out."""
    judged = []
    for outcome, picture in judge_edited(product, spec, args.only):
        judged.append(outcome)
        if args.save and not outcome.right:
            name = f"{product} {outcome.about} {outcome.variation}.png".replace(" ", "_")
            cv2.imwrite(str(args.save / name), picture)
    table(product, judged)
    for j in judged if args.wrong else []:
        if not j.right:
            expected, found = (", ".join(sorted(v)) for v in (j.expected, j.found))
            print(f"  {j.about}, {j.variation}: {j.verdict}, expected {expected}, found {found}: {j.messages[:3]}")


if __name__ == "__main__":
    sys.exit(main())
