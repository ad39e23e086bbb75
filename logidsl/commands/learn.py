"""`logidsl learn PARTS ANNOTATIONS…`: learn to find parts from a few annotated pictures."""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from logidsl.commands.outputs import protect, write_text
from logidsl.commands.params import add_limit, set_limit
from logidsl.commands.terminal import Bar, UsageError, say, speak_utf8, write, write_json

if TYPE_CHECKING:
    from logidsl.learn import Learned, Options

SUMMARY = "learn to find parts from a few annotated pictures"
EXAMPLES = """  logidsl learn nuts.parts annotated/
  logidsl learn nuts.parts annotated/*.json --report learned.html
  logidsl learn parts.parts instances.json --sheet worst.png --format json

Annotations are outlines, masks, boxes, points or strokes in any format that `logidsl table` reads. What is not
annotated on an annotated picture is background; objects of the class `unknown` are neither. A spec finds the parts
with `object nut = learned("nuts.parts")`.
"""
#: Options that can be switched off.
VARIATIONS = ("light", "white_balance", "blur", "scale", "flip", "turn", "paste", "ground")


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("parts", metavar="PARTS", help="the file to write; ends in .parts")
    parser.add_argument("path", nargs="+", metavar="ANNOTATIONS", help="annotated pictures: files, folders, patterns")
    parser.add_argument("--report", metavar="FILE", help="write the accuracy as an HTML page, worst pictures first")
    parser.add_argument("--sheet", metavar="FILE", help="write the worst pictures as one picture")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="output format: text or json")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="random seed (default 0)")
    parser.add_argument(
        "--variations", type=int, metavar="N", help="of each picture, itself included (default 8; more of few pictures)"
    )
    parser.add_argument("--jobs", type=int, metavar="N", help="processes (default: one for each processor)")
    parser.add_argument(
        "--any-color",
        action="append",
        default=[],
        metavar="CLASS",
        help="parts of this class also come in other colours",
    )
    parser.add_argument("--ablate", action="store_true", help="learn again without each means, and show what each adds")
    parser.add_argument(
        "--no-validation",
        action="store_true",
        help="skip cross-validation: faster, but nothing is measured, chosen or calibrated",
    )
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    for name in (*VARIATIONS, "resampling"):
        parser.add_argument(f"--no-{name.replace('_', '-')}", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument_group(
        "turned off one by one",
        ", ".join(f"--no-{n.replace('_', '-')}" for n in VARIATIONS)
        + ": variations of pictures; --no-resampling: a second round on what was wrong",
    )
    add_limit(parser)


def run(args: argparse.Namespace) -> int:
    """Learn, write the file, and print how well it went."""
    from logidsl.extract import find_inputs, write_picture
    from logidsl.extract.parts.find import find_parts
    from logidsl.extract.parts.model import SUFFIX, packed
    from logidsl.files import replace as replace_file
    from logidsl.learn import Options, learn, read_annotations
    from logidsl.learn import report as reports
    from logidsl.learn.variations import Kinds

    target = Path(args.parts)
    if target.suffix.lower() != SUFFIX:
        raise UsageError(f"expected a file that ends in {SUFFIX} first, found `{target.name}`")
    if args.jobs is not None and args.jobs < 1:
        raise UsageError(f"expected 1 or more after --jobs, found {args.jobs}")
    for option, given in (("--report", args.report), ("--sheet", args.sheet), ("--ablate", args.ablate)):
        if args.no_validation and given:
            raise UsageError(f"{option} shows results on held-out pictures: remove --no-validation")
    if not 0 <= args.seed < 1 << 32:
        raise UsageError(f"expected 0 to {(1 << 32) - 1} after --seed, found {args.seed}")
    inputs = [*args.path, *find_inputs(args.path)]
    for option, output in (("PARTS", args.parts), ("--report", args.report), ("--sheet", args.sheet)):
        if output:
            protect(output, inputs, option)
    set_limit(args.max_pixels)
    speak_utf8()
    kinds = Kinds(**{name: not getattr(args, f"no_{name}") for name in VARIATIONS})
    options = Options(
        kinds,
        tuple(args.any_color),
        not args.no_resampling,
        not args.no_validation,
        args.variations,
        args.seed,
        args.jobs,
    )
    annotations = read_annotations(args.path)
    learned = learn(annotations, options, _Progress(args.quiet))
    for note in learned.notes:
        say(f"note: {note}")
    started = time.perf_counter()
    find_parts(learned.parts, learned.examples[0].bgr)
    find_parts(learned.parts, learned.examples[0].bgr)
    seconds = (time.perf_counter() - started) / 2
    found = reports.figures(learned.choice, learned.parts.classes, len(learned.examples))
    replace_file(target, packed(learned.parts))
    if args.report or args.sheet:
        sheet, lines = reports.contact_sheet(learned.examples, learned.choice)
    if args.report:
        write_text(args.report, reports.page(found, sheet, lines, learned.parts.classes, seconds), inputs)
    if args.sheet:
        write_picture(args.sheet, sheet)
    import sys

    if args.format == "json":
        write_json(found.as_document() | {"seconds": round(seconds, 3), "doubtful": learned.parts.settings.doubtful})
    else:
        write(sys.stdout, f"{reports.text(found, seconds)}\n{_advice(target, learned)}\n")
    if args.ablate:
        write(sys.stdout, _ablated(annotations, options, learned, args.quiet))
    return 0


def _advice(target: Path, learned: Learned) -> str:
    """How a spec goes on."""
    from logidsl.syntax.identifiers import identifiers

    low, high = learned.parts.settings.doubtful
    names = identifiers(learned.parts.classes)
    lines = [f"\n{target} is written; in a spec:"]
    lines += [
        f"  object {names[c]} = learned({json.dumps(target.name)}, {json.dumps(c, ensure_ascii=False)})"
        for c in learned.parts.classes[:5]
    ]
    if learned.choice.calibrated:
        lines.append(f"  doubtful {low:g} .. {high:g}")
    return "\n".join(lines)


class _Progress:
    """A bar for each phase."""

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet
        self.bar: Bar | None = None
        self.phase = ""

    def __call__(self, phase: str, done: int, total: int) -> None:
        """Show that `done` of `total` steps of a phase are done."""
        if phase != self.phase:
            self.phase, self.bar = phase, Bar(phase, self.quiet)
        assert self.bar is not None
        self.bar(done, total)


def _ablated(annotations: object, options: Options, learned: Learned, quiet: bool) -> str:
    """The contribution of each option: figures of learning without it."""
    from logidsl.learn import Annotations, learn
    from logidsl.learn import report as reports

    assert isinstance(annotations, Annotations)
    runs = [("everything", options)]
    runs += [
        (f"without {f.name.replace('_', ' ')}", replace(options, kinds=replace(options.kinds, **{f.name: False})))
        for f in fields(options.kinds)
    ]
    runs.append(("without resampling", replace(options, resample=False)))
    lines = ["", f"{'':<24} exact counts     F1"]
    for name, chosen in runs:
        made = learned if chosen == options else learn(annotations, chosen, _Progress(quiet))
        found = reports.figures(made.choice, made.parts.classes, len(made.examples))
        right, total = sum(c.right for c in found.classes), sum(c.annotated + c.found for c in found.classes)
        lines.append(f"{name:<24} {found.exact:>5} of {found.judged:<3}  {2 * right / max(1, total):>7.3f}")
    return "\n".join(lines) + "\n"
