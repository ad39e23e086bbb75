"""`logidsl fit SPEC`: find the values of limits for which pictures come out as they are known to be."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from logidsl.commands.exit_codes import FAIL, PASS
from logidsl.commands.outputs import files_of, protect, write_text
from logidsl.commands.params import add_limit, add_params, read_params, set_limit
from logidsl.commands.specs import STDIN, spec_source
from logidsl.commands.terminal import Bar, UsageError, json_text, page_width, say, speak_utf8, write

if TYPE_CHECKING:
    from logidsl.fit.cases import Cases
    from logidsl.fit.color_fit import ColorFit
    from logidsl.fit.report import Fit
    from logidsl.fit.rewrite import Edit
    from logidsl.fit.truth import GroundTruth
    from logidsl.ir import Program
    from logidsl.source import Source
    from logidsl.table import ObjectTable

SUMMARY = "find the limits of a spec that give the known results on pictures"
EXAMPLES = """  logidsl fit tray.logic --truth truth.json
  logidsl fit tray.logic new/*.png --truth counts.csv -o fitted.logic
  logidsl fit tray.logic --good good/ --bad bad/ --report fit.html
  logidsl fit tray.logic --good good/ --coverage 99.5%
  logidsl fit sweets.logic --colors --truth counts.json

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
        help="pictures, folders or patterns (default: those named by the truth, beside it)",
    )
    parser.add_argument("--truth", metavar="FILE", help="counts, verdicts or labels of the pictures: .json or .csv")
    parser.add_argument("--good", metavar="DIR", action="append", default=[], help="pictures that must pass")
    parser.add_argument("--bad", metavar="DIR", action="append", default=[], help="pictures that must fail")
    parser.add_argument(
        "--only", metavar="NAME", action="append", default=[], help="fit only this parameter; repeatable"
    )
    parser.add_argument(
        "--colors",
        action="store_true",
        help="fit centre and reach of named colours instead, from counts or annotated pictures",
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
        help="maps a class or label of the truth to the spec's; THEIRS= ignores it; repeatable",
    )
    parser.add_argument(
        "--output", "-o", metavar="FILE", help="write the spec with the new values, commented, to this file"
    )
    parser.add_argument("--in-place", action="store_true", help="write the new values into SPEC itself")
    parser.add_argument("--report", metavar="FILE", help="write the plateaus as charts to an HTML page")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="output format: text or json")
    parser.add_argument(
        "--coverage",
        default="99%",
        metavar="SHARE",
        help="share of new pictures covered by a one-sided bound (default 99%%)",
    )
    parser.add_argument("--confidence", default="95%", metavar="SHARE", help="confidence of all bounds (default 95%%)")
    add_params(parser)
    add_limit(parser)
    parser.add_argument("--jobs", "-j", type=int, metavar="N", help="processes that read pictures")
    parser.add_argument("--quiet", "-q", action="store_true", help="no progress bar and no notes")


def run(args: argparse.Namespace) -> int:
    """Fit, print the result, and write the requested files; 1 if some pictures come out wrong."""
    from logidsl.fit import Options, Trials, color_fit, fit, report
    from logidsl.fit.limits import Limit, numbers_of, params_of
    from logidsl.pipeline import compile_spec

    _checked(args)
    set_limit(args.max_pixels)
    options = Options(_share("--coverage", args.coverage), _share("--confidence", args.confidence))
    params = read_params(args.param)
    source = spec_source(args.spec)
    program = compile_spec(source, params)
    limits, notes = list[Limit](), list[str]()
    if not args.colors:
        limits, notes = (numbers_of if args.every_number else params_of)(source, list(params), args.only)
    inputs, truth = _inputs(args, program)
    known_files = [*args.path, *args.good, *args.bad, *([args.truth] if args.truth else [])]
    read = [*inputs, *files_of(source, program), *known_files]
    _protected(args, read)
    trials = Trials(source, limits, inputs, params, args.jobs)
    known = _cases(args, inputs, truth, trials.look(Bar("pictures", args.quiet)))
    trials.cases = known.cases
    notes += [*known.notes, *(truth.notes if truth else ())]
    if args.colors:
        colors = color_fit.color_fit(trials, options, notes, Bar("pictures left out", args.quiet))
        shown = Shown(color_fit.as_text(colors), color_fit.as_document(colors), lambda: color_fit.as_page(colors))
        notes, edits, good = list(colors.notes), _color_edits(colors), colors.right == len(colors.losses)
    else:
        made = fit(trials, options, tuple(notes), lambda what: Bar(what, args.quiet))
        text = report.as_text(made, page_width(sys.stdout))
        shown = Shown(text, report.as_document(made), lambda: report.as_page(made))
        edits, good = _edits(made, args.truth), made.right == made.count
    speak_utf8()
    for note in () if args.quiet else notes:
        say(f"note: {note}")
    if args.report:
        write_text(args.report, shown.page(), read)
    _write_spec(args, source, edits, params)
    write(sys.stdout, json_text(shown.document) if args.format == "json" else shown.text)
    return PASS if good else FAIL


class Shown(NamedTuple):
    """The result, in each format."""

    text: str
    document: Mapping[str, object]
    page: Callable[[], str]


def _checked(args: argparse.Namespace) -> None:
    annotated = args.colors and args.path and not args.truth
    if bool(args.truth) == bool(args.good) and not annotated:
        raise UsageError("expected --truth FILE or --good DIR, and not both; see `logidsl fit --help`")
    if args.bad and not args.good:
        raise UsageError("expected --good DIR beside --bad DIR")
    if args.path and args.good:
        raise UsageError("expected pictures beside --truth; with --good and --bad, name them there")
    chosen = [o for o in ("--colors", "--every-number", "--only") if getattr(args, o[2:].replace("-", "_"))]
    if len(chosen) > 1:
        raise UsageError(f"expected one of {' and '.join(chosen)}")
    if args.colors and args.good:
        raise UsageError("expected --truth FILE with counts, or annotated pictures, beside --colors")
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


def _inputs(args: argparse.Namespace, program: Program) -> tuple[list[Path], GroundTruth | None]:
    """The files to read, and their known results."""
    from logidsl.diagnostics import InputError
    from logidsl.extract import find_inputs
    from logidsl.extract.formats.beside import annotations_of
    from logidsl.extract.pixels.header import SUFFIXES
    from logidsl.fit.cases import is_name_of, pictures_of
    from logidsl.fit.truth import Names, read_truth

    if args.good:
        return [*find_inputs(args.good), *find_inputs(args.bad)], None
    if not args.truth:  # annotations, in place of the pictures beside them
        found = find_inputs(args.path)
        beside = [annotations_of(p) if p.suffix.lower() in SUFFIXES else [] for p in found]
        return list(dict.fromkeys(q for p, notes in zip(found, beside, strict=True) for q in notes or [p])), None
    renamed = _renamed(args.name)
    things = frozenset([*(c.name for c in program.classes), *(s.name for s in program.sets if " " not in s.name)])
    for ours in renamed.values():
        if ours and ours not in things | program.defects:
            raise InputError(f"--name: the spec has no class or label `{ours}`")
    names = Names(things, program.defects, renamed)
    inputs = find_inputs(args.path) if args.path else []
    if inputs and all(p.suffix.lower() in SUFFIXES for p in inputs):
        truth = read_truth(Path(args.truth), names, lambda name: any(is_name_of(name, p) for p in inputs))
    else:  # an annotation file may hold any
        truth = read_truth(Path(args.truth), names)
    return inputs or pictures_of(truth, Path(args.truth)), truth


def _cases(
    args: argparse.Namespace, inputs: Sequence[Path], truth: GroundTruth | None, tables: Mapping[int, ObjectTable]
) -> Cases:
    from logidsl.fit.cases import cases_of, good_and_bad

    if truth is not None:
        return cases_of(truth, Path(args.truth), inputs, tables, not args.path)
    if not args.good:
        from logidsl.fit.cases import Cases
        from logidsl.fit.trials import Case
        from logidsl.fit.truth import Expectation

        return Cases(tuple(Case(n, i, k, Expectation()) for i, t in tables.items() for k, n in enumerate(t.images)))
    from logidsl.extract import find_inputs

    good = find_inputs(args.good)
    return good_and_bad(good, inputs[len(good) :], tables)


def _edits(made: Fit, truth: str | None) -> list[Edit]:
    from logidsl.fit.report import comment
    from logidsl.fit.rewrite import Edit

    return [
        Edit(x.span, x.words(v), x.name.partition(" (line ")[0], comment(x, p, made, truth))
        for x, v, p in zip(made.limits, made.found.values, made.found.plateaus, strict=True)
        if x.param or v != x.value  # a number that the pictures do not constrain gets no comment
    ]


def _color_edits(made: ColorFit) -> list[Edit]:
    from logidsl.fit.color_fit import color_words
    from logidsl.fit.colors import words_of
    from logidsl.fit.rewrite import Edit

    return [
        Edit(span, words, c.name, f"{color_words(c)}; was {made.was(c)}")
        for c in made.colors
        for span, words in words_of(made.palette.statements[c.name], c.written, c.reach)
    ]


def _write_spec(args: argparse.Namespace, source: Source, edits: Sequence[Edit], params: dict[str, str]) -> None:
    """Write the spec with other words."""
    if not args.output and not args.in_place:
        return
    from logidsl.files import replace
    from logidsl.fit.rewrite import rewritten

    data = None if args.spec == STDIN else Path(args.spec).read_bytes()
    replace(Path(args.spec if args.in_place else args.output), rewritten(source, edits, params, data))
