"""`logidsl fit SPEC`: find the values of limits for which pictures come out as they are known to be."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from logidsl.commands.arguments import JOBS, MAX_PIXELS, PARAMS, argument, given, pairs, refuse, set_limits, share
from logidsl.commands.outputs import files_of, protect_each, write_text
from logidsl.commands.specs import STDIN, spec_source
from logidsl.commands.terminal import FAIL, PASS, Bar, json_text, page_width, say_notes, speak_utf8, write
from logidsl.diagnostics import InputError
from logidsl.extract import find_inputs
from logidsl.extract.formats.beside import annotations_of
from logidsl.extract.pixels.header import SUFFIXES
from logidsl.extract.registry import extractor_of, is_known_format
from logidsl.files import replace
from logidsl.fit import Options, Trials, color_fit, fit
from logidsl.fit.cases import Cases, cases_of, good_and_bad, is_name_of, pictures_of
from logidsl.fit.limits import Limit, numbers_of, params_of
from logidsl.fit.rewrite import rewritten
from logidsl.fit.trials import Case
from logidsl.fit.truth import Expectation, GroundTruth, Names, read_truth, truth_of_annotations
from logidsl.ir import Program
from logidsl.pipeline import compile_spec, not_over_several
from logidsl.table import ObjectTable

EXAMPLES = """  logidsl fit tray.logic --truth truth.json
  logidsl fit tray.logic new/*.png --truth counts.csv -o fitted.logic
  logidsl fit tray.logic --good good/ --bad bad/ --report fit.html
  logidsl fit tray.logic --good good/ --coverage 99.5%
  logidsl fit sweets.logic --colors --truth counts.json

Fitted is each `param NAME = VALUE in LOW .. HIGH`; with --every-number other numbers, too. Truth is JSON,
`{"a.png": {"pin": 15}, "b.png": "fail"}`, or CSV with a column `picture` and columns of counts, `verdict` or `labels`.
The exit code is 1 where some pictures do not come out right with the best values.
"""


ARGUMENTS = (
    argument("spec", metavar="SPEC", help="the spec, in either form"),
    argument(
        "path",
        nargs="*",
        metavar="PICTURE",
        help="pictures, folders or patterns (default: those named by the truth, beside it)",
    ),
    argument(
        "--truth",
        metavar="FILE",
        help="counts, verdicts or labels of the pictures: .json or .csv; or a file of annotations, for their counts",
    ),
    argument("--good", metavar="DIR", action="append", default=[], help="pictures that must pass"),
    argument("--bad", metavar="DIR", action="append", default=[], help="pictures that must fail"),
    argument("--only", metavar="NAME", action="append", default=[], help="fit only this parameter; repeatable"),
    argument(
        "--colors",
        action="store_true",
        help="fit centre and reach of named colours instead, from counts or annotated pictures",
    ),
    argument(
        "--every-number",
        action="store_true",
        help="fit numbers with a unit or a point in conditions, steps and rules, too, from half to twice their value",
    ),
    argument(
        "--name",
        metavar="THEIRS=OURS",
        action="append",
        default=[],
        help="maps a class or label of the truth to the spec's; THEIRS= ignores it; repeatable",
    ),
    argument("--output", "-o", metavar="FILE", help="write the spec with the new values, commented, to this file"),
    argument("--in-place", action="store_true", help="write the new values into SPEC itself"),
    argument("--report", metavar="FILE", help="write the plateaus as charts to an HTML page"),
    argument("--format", choices=("text", "json"), default="text", help="output format: text or json"),
    argument(
        "--coverage",
        type=share("--coverage", 0.5),
        default=0.99,
        metavar="SHARE",
        help="share of new pictures covered by a one-sided bound (default 99%%)",
    ),
    argument(
        "--confidence",
        type=share("--confidence", 0.5),
        default=0.95,
        metavar="SHARE",
        help="confidence of all bounds (default 95%%)",
    ),
    PARAMS,
    MAX_PIXELS,
    JOBS(help="processes that read pictures"),
    argument("--quiet", "-q", action="store_true", help="no progress bar and no notes"),
)


def run(args: argparse.Namespace) -> int:
    """Fit, print the result, and write the requested files; 1 if some pictures come out wrong."""
    _checked(args)
    set_limits(args)
    options = Options(args.coverage, args.confidence)
    params = pairs(args.param)
    source = spec_source(args.spec)
    program = compile_spec(source, params)
    say_notes(not_over_several(program))
    limits, notes = list[Limit](), list[str]()
    if not args.colors:
        limits, notes = (numbers_of if args.every_number else params_of)(source, list(params), args.only)
    inputs, truth = _inputs(args, program)
    known_files = [*args.path, *args.good, *args.bad, *([args.truth] if args.truth else [])]
    read = [*inputs, *files_of(source, program), *known_files]
    protect_each(args, ("--output", "--report"), read)
    trials = Trials(source, limits, inputs, params, args.jobs)
    known = _cases(args, inputs, truth, trials.look(Bar("pictures", args.quiet)))
    trials.cases = known.cases
    notes += [*known.notes, *(truth.notes if truth else ())]
    if args.colors:
        made = color_fit.color_fit(trials, options, notes, Bar("pictures left out", args.quiet))
    else:
        made = fit(trials, options, tuple(notes), lambda what: Bar(what, args.quiet))
    speak_utf8()
    say_notes(() if args.quiet else made.notes)
    if args.report:
        write_text(args.report, made.as_page(), read)
    if args.output or args.in_place:
        data = None if args.spec == STDIN else Path(args.spec).read_bytes()
        spec = rewritten(source, made.edits(args.truth), params, data)
        replace(Path(args.spec if args.in_place else args.output), spec)
    text = json_text(made.as_document()) if args.format == "json" else made.as_text(page_width(sys.stdout))
    write(sys.stdout, text)
    return PASS if made.right == made.count else FAIL


def _checked(args: argparse.Namespace) -> None:
    """Refuse options that do not go together, and to write to the spec unless that is asked for."""
    annotated = args.colors and args.path and not args.truth
    chosen = given(args, ("--colors", "--every-number", "--only"))
    both = args.output and Path(args.output).exists() and Path(args.spec).exists()
    refuse(
        (
            bool(args.truth) == bool(args.good) and not annotated,
            "expected --truth FILE or --good DIR, and not both; see `logidsl fit --help`",
        ),
        (args.bad and not args.good, "expected --good DIR beside --bad DIR"),
        (args.path and args.good, "expected pictures beside --truth; with --good and --bad, name them there"),
        (len(chosen) > 1, f"expected one of {' and '.join(chosen)}"),
        (args.colors and args.good, "expected --truth FILE with counts, or annotated pictures, beside --colors"),
        (args.in_place and args.output, "expected one of --output and --in-place"),
        (
            args.in_place and args.spec == STDIN,
            "standard input cannot be written in place: expected --output FILE",
        ),
        (
            both and Path(args.output).samefile(args.spec),
            f"{args.output} is the spec itself: --in-place writes the new values into it",
        ),
    )


def _inputs(args: argparse.Namespace, program: Program) -> tuple[list[Path], GroundTruth | None]:
    """The files to read, and their known results."""
    if args.good:
        return [*find_inputs(args.good), *find_inputs(args.bad)], None
    if not args.truth:  # annotations, in place of the pictures beside them
        found = find_inputs(args.path)
        beside = [annotations_of(p) if p.suffix.lower() in SUFFIXES else [] for p in found]
        return list(dict.fromkeys(q for p, notes in zip(found, beside, strict=True) for q in notes or [p])), None
    renamed = pairs(args.name, "--name", "THEIRS=OURS", empty=True)
    things = frozenset([*(c.name for c in program.classes), *(s.name for s in program.sets if " " not in s.name)])
    for ours in renamed.values():
        if ours and ours not in things | program.defects:
            raise InputError(f"--name: the spec has no class or label `{ours}`")
    names = Names(things, program.defects, renamed)
    inputs = find_inputs(args.path) if args.path else []
    path = Path(args.truth)
    if is_known_format(path) and (reader := extractor_of(path)) is not None:
        truth = truth_of_annotations(path, reader.read(path, program), names)
    elif inputs and all(p.suffix.lower() in SUFFIXES for p in inputs):
        truth = read_truth(path, names, lambda name: any(is_name_of(name, p) for p in inputs))
    else:  # an annotation file may hold any
        truth = read_truth(path, names)
    return inputs or pictures_of(truth, path), truth


def _cases(
    args: argparse.Namespace, inputs: Sequence[Path], truth: GroundTruth | None, tables: Mapping[int, ObjectTable]
) -> Cases:

    if truth is not None:
        return cases_of(truth, Path(args.truth), inputs, tables, not args.path)
    if not args.good:
        return Cases(tuple(Case(n, i, k, Expectation()) for i, t in tables.items() for k, n in enumerate(t.images)))

    good = find_inputs(args.good)
    return good_and_bad(good, inputs[len(good) :], tables)
