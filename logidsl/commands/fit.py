"""`logidsl fit SPEC`: find the values of limits for which pictures come out as they are known to be."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from logidsl.commands.exit_codes import FAIL, PASS
from logidsl.commands.outputs import files_of, protect, write_text
from logidsl.commands.params import add_limit, add_params, read_params, set_limit
from logidsl.commands.specs import STDIN, spec_source
from logidsl.commands.terminal import Bar, UsageError, page_width, say, speak_utf8, write

if TYPE_CHECKING:
    from logidsl.fit.cases import Cases
    from logidsl.fit.report import Fit
    from logidsl.fit.truth import Truth
    from logidsl.ir import Program
    from logidsl.table import ObjectTable

SUMMARY = "find the limits of a spec for which pictures come out as they are known to be"
EXAMPLES = """  logidsl fit tray.logic --truth truth.json
  logidsl fit tray.logic new/*.png --truth counts.csv -o fitted.logic
  logidsl fit tray.logic --good good/ --bad bad/ --report fit.html
  logidsl fit tray.logic --good good/ --coverage 99.5%

Fitted is each `param NAME = VALUE in LOW .. HIGH`; with --every-number other numbers, too. Truth is JSON,
`{"a.png": {"pin": 15}, "b.png": "fail"}`, or CSV with a column `picture` and columns of counts, `verdict` or `labels`.
The exit code is 1 where some pictures do not come out right with the best values.
"""


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("spec", metavar="SPEC", help="the spec, in either form")
    parser.add_argument(
        "path",
        nargs="*",
        metavar="PICTURE",
        help="pictures, folders or patterns; those that the truth names, beside it, where they are left out",
    )
    parser.add_argument("--truth", metavar="FILE", help="counts, verdicts or labels of the pictures: .json or .csv")
    parser.add_argument("--good", metavar="DIR", action="append", default=[], help="pictures that must pass")
    parser.add_argument("--bad", metavar="DIR", action="append", default=[], help="pictures that must fail")
    parser.add_argument(
        "--only", metavar="NAME", action="append", default=[], help="fit this parameter; may be repeated"
    )
    parser.add_argument(
        "--every-number",
        action="store_true",
        help="fit numbers with a unit or a point in conditions, steps and rules, too, from half to twice their value",
    )
    parser.add_argument(
        "--name",
        metavar="THEIRS=OURS",
        action="append",
        default=[],
        help="what the truth calls a class or label of the spec; THEIRS= leaves it out; may be repeated",
    )
    parser.add_argument("--output", "-o", metavar="FILE", help="write the spec there with the new values, commented")
    parser.add_argument("--in-place", action="store_true", help="write the new values into SPEC itself")
    parser.add_argument("--report", metavar="FILE", help="write the plateaus as charts into an HTML page")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="of what is printed: text or json")
    parser.add_argument(
        "--coverage",
        default="99%",
        metavar="SHARE",
        help="of new pictures that a one-sided bound is for (default 99%%)",
    )
    parser.add_argument("--confidence", default="95%", metavar="SHARE", help="of all bounds (default 95%%)")
    add_params(parser)
    add_limit(parser)
    parser.add_argument("--jobs", "-j", type=int, metavar="N", help="processes that look at pictures")
    parser.add_argument("--quiet", "-q", action="store_true", help="no progress bar and no notes")


def run(args: argparse.Namespace) -> int:
    """Fit, print what was found, and write what was asked for; 1 where pictures do not come out right."""
    from logidsl.fit import report
    from logidsl.fit.estimate import estimate
    from logidsl.fit.limits import numbers_of, params_of
    from logidsl.fit.search import Options, Search
    from logidsl.fit.trials import Trials
    from logidsl.pipeline import compile_spec

    _checked(args)
    set_limit(args.max_pixels)
    options = Options(_share("--coverage", args.coverage), _share("--confidence", args.confidence))
    params = read_params(args.param)
    source = spec_source(args.spec)
    program = compile_spec(source, params)
    limits, notes = (numbers_of if args.every_number else params_of)(source, list(params), args.only)
    inputs, truth = _inputs(args, program)
    read = [
        *inputs,
        *files_of(source, program),
        *args.path,
        *args.good,
        *args.bad,
        *([args.truth] if args.truth else []),
    ]
    _protected(args, read)
    trials = Trials(source, limits, inputs, params, args.jobs)
    start = tuple(x.value for x in limits)
    bar = Bar("pictures", args.quiet)
    started = time.perf_counter()
    for i in range(len(inputs)):
        trials.tables(start, [i])
        bar(i + 1, len(inputs))
    trials.seconds = time.perf_counter() - started
    known = _cases(args, inputs, truth, trials.tables(start))
    trials.cases = known.cases
    notes += [*known.notes, *(truth.notes if truth else ())]
    search = Search(trials, options, Bar("values", args.quiet))
    everything = range(len(trials.cases))
    found = search.run(everything)
    losses = trials.losses(found.values)
    before = int((trials.losses(start)[:, 0] == 0).sum())
    expected = estimate(search, everything, Bar("pictures left out", args.quiet))
    made = report.Fit(trials, tuple(limits), found, losses, before, options, expected, tuple(notes))
    speak_utf8()
    if not args.quiet:
        for note in notes:
            say(f"note: {note}")
    if args.report:
        write_text(args.report, report.as_page(made), read)
    _write_spec(args, made, params)
    if args.format == "json":
        write(sys.stdout, json.dumps(report.as_document(made), indent=2, ensure_ascii=False) + "\n")
    else:
        write(sys.stdout, report.as_text(made, page_width(sys.stdout)))
    return PASS if made.right == made.count else FAIL


def _checked(args: argparse.Namespace) -> None:
    if bool(args.truth) == bool(args.good):
        raise UsageError("expected --truth FILE or --good DIR, and not both; see `logidsl fit --help`")
    if args.bad and not args.good:
        raise UsageError("expected --good DIR beside --bad DIR")
    if args.path and args.good:
        raise UsageError("expected pictures beside --truth; with --good and --bad, name them there")
    if args.only and args.every_number:
        raise UsageError("expected one of --only and --every-number")
    if args.in_place and args.output:
        raise UsageError("expected one of --output and --in-place")
    if args.in_place and args.spec == STDIN:
        raise UsageError("standard input cannot be written in place: expected --output FILE")
    if args.jobs is not None and args.jobs < 1:
        raise UsageError(f"expected --jobs of 1 or more, found {args.jobs}")


def _protected(args: argparse.Namespace, read: Sequence[str | Path]) -> None:
    """See that no input is written to; the spec only where it is asked for."""
    if (
        args.output
        and Path(args.output).exists()
        and Path(args.spec).exists()
        and Path(args.output).samefile(args.spec)
    ):
        raise UsageError(f"{args.output} is the spec itself: --in-place writes the new values into it")
    for option, target in (("--output", args.output), ("--report", args.report)):
        if target:
            protect(target, read, option)


def _share(option: str, text: str) -> float:
    """A share of an option, `99%` or `0.99`."""
    try:
        value = float(text.strip().removesuffix("%")) / (100 if text.strip().endswith("%") else 1)
    except ValueError:
        value = -1.0
    if not 0.5 <= value < 1:
        raise UsageError(f"expected {option} from 50% to below 100%, found `{text}`")
    return value


def _renamed(words: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in words:
        theirs, equals, ours = (part.strip() for part in word.partition("="))
        if not theirs or not equals:
            raise UsageError(f"expected --name THEIRS=OURS, found `{word}`")
        found[theirs] = ours
    return found


def _inputs(args: argparse.Namespace, program: Program) -> tuple[list[Path], Truth | None]:
    """The files to look at, and what is known of them."""
    from logidsl.diagnostics import InputError
    from logidsl.extract import find_inputs
    from logidsl.fit.cases import pictures_of
    from logidsl.fit.truth import Names, read_truth

    if args.good:
        return [*find_inputs(args.good), *find_inputs(args.bad)], None
    renamed = _renamed(args.name)
    things = frozenset([*(c.name for c in program.classes), *(s.name for s in program.sets if " " not in s.name)])
    for ours in renamed.values():
        if ours and ours not in things | program.defects:
            raise InputError(f"--name: the spec has no class or label `{ours}`")
    truth = read_truth(Path(args.truth), Names(things, program.defects, renamed))
    return (find_inputs(args.path) if args.path else pictures_of(truth, Path(args.truth))), truth


def _cases(
    args: argparse.Namespace, inputs: Sequence[Path], truth: Truth | None, tables: Mapping[int, ObjectTable]
) -> Cases:
    from logidsl.fit.cases import cases_of, good_and_bad

    if truth is not None:
        return cases_of(truth, Path(args.truth), inputs, tables, not args.path)
    from logidsl.extract import find_inputs

    good = find_inputs(args.good)
    return good_and_bad(good, inputs[len(good) :], tables)


def _write_spec(args: argparse.Namespace, made: Fit, params: dict[str, str]) -> None:
    """Write the spec with the new values."""
    if not args.output and not args.in_place:
        return
    from logidsl.files import replace
    from logidsl.fit.report import comment
    from logidsl.fit.rewrite import rewritten

    values = [
        (x, v, comment(x, p, made, args.truth))
        for x, v, p in zip(made.limits, made.found.values, made.found.plateaus, strict=True)
        if x.param or v != x.value  # a number that pictures say nothing about stays without a comment
    ]
    data = None if args.spec == STDIN else Path(args.spec).read_bytes()
    replace(Path(args.spec if args.in_place else args.output), rewritten(made.trials.source, values, params, data))
