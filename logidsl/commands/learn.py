"""`logidsl learn PARTS ANNOTATIONS…`: learn to find parts from a few annotated pictures."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import fields, replace
from pathlib import Path

from logidsl import learn
from logidsl.commands.arguments import MAX_PIXELS, argument, given, group, number, set_limits
from logidsl.commands.outputs import protect, protect_each, write_text
from logidsl.commands.terminal import Bar, UsageError, say_notes, speak_utf8, write, write_json
from logidsl.extract import find_inputs, write_picture
from logidsl.extract.parts.find import find_parts
from logidsl.extract.parts.model import SUFFIX, packed
from logidsl.files import replace as replace_file
from logidsl.learn import Annotations, Learned, Options, read_annotations
from logidsl.learn import report as reports
from logidsl.learn.variations import Kinds
from logidsl.syntax.identifiers import identifiers

EXAMPLES = """  logidsl learn nuts.parts annotated/
  logidsl learn nuts.parts annotated/*.json --report learned.html
  logidsl learn parts.parts instances.json --sheet worst.png --format json

Annotations are outlines, masks, boxes, points or strokes in any format that `logidsl table` reads. What is not
annotated on an annotated picture is background; objects of the class `unknown` are neither. A spec finds the parts
with `object nut = learned("nuts.parts")`.
"""
VARIATIONS = [field.name for field in fields(Kinds)]
_NO = [f"--no-{name.replace('_', '-')}" for name in VARIATIONS]
ARGUMENTS = (
    argument("parts", metavar="PARTS", help="the file to write; ends in .parts"),
    argument("path", nargs="+", metavar="ANNOTATIONS", help="annotated pictures: files, folders, patterns"),
    argument("--report", metavar="FILE", help="write the accuracy as an HTML page, worst pictures first"),
    argument("--sheet", metavar="FILE", help="write the worst pictures as one picture"),
    argument("--format", choices=("text", "json"), default="text", help="output format: text or json"),
    argument(
        "--seed",
        type=number("--seed", 0, 1 << 32, expected=f"of 0 to {(1 << 32) - 1}"),
        default=0,
        metavar="N",
        help="random seed (default 0)",
    ),
    argument(
        "--variations", type=int, metavar="N", help="of each picture, itself included (default 8; more of few pictures)"
    ),
    argument("--jobs", type=number("--jobs", 1), metavar="N", help="processes (default: one for each processor)"),
    argument(
        "--any-color",
        action="append",
        default=[],
        metavar="CLASS",
        help="parts of this class also come in other colours",
    ),
    argument("--ablate", action="store_true", help="learn again without each means, and show what each adds"),
    argument(
        "--no-validation",
        action="store_true",
        help="skip cross-validation: faster, but nothing is measured, chosen or calibrated",
    ),
    argument("--quiet", action="store_true", help="no progress bar"),
    *(argument(option, action="store_true", help=argparse.SUPPRESS) for option in (*_NO, "--no-resampling")),
    group(
        "turned off one by one",
        description=f"{', '.join(_NO)}: variations of pictures; --no-resampling: a second round on what was wrong",
    ),
    MAX_PIXELS,
)


def run(args: argparse.Namespace) -> int:
    """Learn, write the file, and print how well it went."""
    target = Path(args.parts)
    if target.suffix.lower() != SUFFIX:
        raise UsageError(f"expected a file that ends in {SUFFIX} first, found `{target.name}`")
    for option in given(args, ("--report", "--sheet", "--ablate")) if args.no_validation else ():
        raise UsageError(f"{option} shows results on held-out pictures: remove --no-validation")
    inputs = [*args.path, *find_inputs(args.path)]
    protect(args.parts, inputs, "PARTS")
    protect_each(args, ("--report", "--sheet"), inputs)
    set_limits(args)
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
    learned = learn.learn(annotations, options, lambda steps: Bar(steps, args.quiet))
    say_notes(learned.notes)
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
    if args.format == "json":
        write_json(found.as_document() | {"seconds": round(seconds, 3), "doubtful": learned.parts.settings.doubtful})
    else:
        write(sys.stdout, f"{reports.text(found, seconds)}\n{_advice(target, learned)}\n")
    if args.ablate:
        write(sys.stdout, _ablated(annotations, options, learned, args.quiet))
    return 0


def _advice(target: Path, learned: Learned) -> str:
    """How a spec goes on."""
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


def _ablated(annotations: Annotations, options: Options, learned: Learned, quiet: bool) -> str:
    """The contribution of each option: figures of learning without it."""
    runs = [("everything", options)]
    runs += [
        (f"without {f.name.replace('_', ' ')}", replace(options, kinds=replace(options.kinds, **{f.name: False})))
        for f in fields(options.kinds)
    ]
    runs.append(("without resampling", replace(options, resample=False)))
    lines = ["", f"{'':<24} exact counts     F1"]
    for name, chosen in runs:
        made = learned if chosen == options else learn.learn(annotations, chosen, lambda steps: Bar(steps, quiet))
        found = reports.figures(made.choice, made.parts.classes, len(made.examples))
        right, total = sum(c.right for c in found.classes), sum(c.annotated + c.found for c in found.classes)
        lines.append(f"{name:<24} {found.exact:>5} of {found.judged:<3}  {2 * right / max(1, total):>7.3f}")
    return "\n".join(lines) + "\n"
