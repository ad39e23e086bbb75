"""`logidsl check PATH…`: check pictures, or a table of objects, against a spec."""

from __future__ import annotations

import argparse
import contextlib
import itertools
import re
import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, TextIO

from logidsl.commands import sweep
from logidsl.commands.exit_codes import FAIL, INPUT_ERROR, PASS, REVIEW
from logidsl.commands.outputs import files_of, output, protect
from logidsl.commands.params import (
    add_limit,
    add_params,
    add_unreadable,
    add_work,
    read_params,
    set_limit,
    set_work,
)
from logidsl.commands.resume import begun
from logidsl.commands.specs import hint, spec_source
from logidsl.commands.terminal import Bar, UsageError, page_width, say, speak_utf8, wants_color, write

if TYPE_CHECKING:
    from logidsl.commands.overlay import Overlays
    from logidsl.ir import Program
    from logidsl.report.formats import Render
    from logidsl.report.model import ImageReport, Verdict
    from logidsl.report.report import Report
    from logidsl.seeing import Input
    from logidsl.source import Source

MAX_FINDINGS = 100  # `pipeline.MAX_FINDINGS`, which is not loaded for the help
FEW_REPAIRS = 20  # up to this many findings, text shows repairs by default
SUMMARY = "check pictures, or a table of objects, against a spec"
EXAMPLES = """  logidsl check tray.png
  logidsl check pictures/ 'more/*.jpg' --spec pushpins.logic
  logidsl check pictures/ --format jsonl --output verdicts.jsonl
  logidsl check tray.png -P 'max_gap=12 px' --overlay marked/
  logidsl check tray.png -P 'max_gap=4..20 px/9'
  logidsl check --table objects.csv --spec pushpins.logic

Without --spec it is looked for beside the picture, in a folder `specs` of a folder above it, and in
the [tool.logidsl] of a pyproject.toml. A picture that cannot be read is a row of verdict `error`.
"""
EXIT_CODES: dict[Verdict, int] = {"pass": PASS, "fail": FAIL, "review": REVIEW, "error": INPUT_ERROR}


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "path",
        nargs="*",
        metavar="PATH",
        help="a picture or annotation file, a folder of them, or a pattern: 'a/*.png'",
    )
    parser.add_argument("--spec", metavar="FILE", help="the spec, text or YAML; - for standard input")
    parser.add_argument(
        "--format", default="text", metavar="FORMAT", help="text (default), json, jsonl, or an installed format"
    )
    parser.add_argument(
        "--output", "-o", metavar="FILE", help="write the report to this file instead of standard output"
    )
    parser.add_argument(
        "--resume",
        metavar="REPORT",
        help="go on with a report in JSON lines where a run was cut short: nothing is judged twice",
    )
    parser.add_argument("--overlay", metavar="DIR", help="write each picture with its findings drawn in to this folder")
    parser.add_argument(
        "--table",
        metavar="FILE",
        help="check the objects of a table (.csv, .json, .jsonl, .parquet) instead of pictures",
    )
    add_params(parser, sweeps=True)
    add_limit(parser)
    add_unreadable(parser)
    add_work(parser)
    parser.add_argument(
        "--max-findings",
        default=str(MAX_FINDINGS),
        metavar="N",
        help=f"show at most this many findings per clause and picture (default {MAX_FINDINGS}), or `all`",
    )
    parser.add_argument(
        "--repairs",
        action=argparse.BooleanOptionalAction,
        help=f"show what would make each broken clause true (default: in text, for up to {FEW_REPAIRS} findings)",
    )
    parser.add_argument(
        "--scores", action="store_true", help="give each picture a score: how close its rules are to their limits"
    )
    parser.add_argument(
        "--jobs", "-j", type=int, metavar="N", help="processes that read pictures (default: as many as help)"
    )
    parser.add_argument(
        "--timeout",
        type=float,
        default=60.0,
        metavar="S",
        help="time limit in seconds for reading one picture (default 60; 0 for none)",
    )
    parser.add_argument("--verbose", "-v", action="store_true", help="show every passing picture and every object")
    parser.add_argument("--quiet", "-q", action="store_true", help="show only what does not pass")


def run(args: argparse.Namespace) -> int:
    """Check everything; the exit code is that of the whole."""
    from logidsl.commands.overlay import Overlays
    from logidsl.extract.pixels.header import SUFFIXES
    from logidsl.pipeline import compile_cached
    from logidsl.seeing import gather

    set_limit(args.max_pixels)
    set_work(args)
    if bool(args.path) == bool(args.table):
        raise UsageError("expected pictures to check, or --table FILE, and not both; see `logidsl check --help`")
    if args.jobs is not None and args.jobs < 1:
        raise UsageError(f"expected --jobs of 1 or more, found {args.jobs}")
    if args.overlay and Path(args.overlay).suffix.lower() in SUFFIXES and not Path(args.overlay).is_dir():
        raise UsageError(f"expected a folder after --overlay, found `{args.overlay}`: each picture gets a file in it")
    if not 0 <= args.timeout < 1e9:
        raise UsageError(f"expected --timeout in seconds, 0 for none, found {args.timeout:g}")
    if args.resume:
        _only_lines(args)
    render, most = find_format(args.format), most_findings(args.max_findings)
    params, sweeps = sweep.sweeps_of(read_params(args.param))
    inputs: list[Input] = [*gather(args.path)]
    names = [str(i) if isinstance(i, Path) else i.path for i in inputs]
    source = chosen_spec(args.spec, names or [args.table], args.quiet)
    if sweeps:
        sweep.refuse(args, ("--resume", "--overlay"))
        read = [*args.path, *names, *([args.table] if args.table else []), *files_of(source)]
        return sweep.run(args, source, params, sweeps, inputs or [Path(args.table)], read, judged=True)
    program, warnings, _ = compile_cached(source, params, warn=not args.quiet)
    if open_ := [p.name for p in program.params if p.value is None]:
        raise UsageError(f"the spec leaves `{open_[0]}` open: set it with -P {open_[0]}=VALUE")
    if not args.quiet:
        hint(source.path, warnings)
    read = [*args.path, *names, *([args.table] if args.table else []), *files_of(source, program)]
    if args.output:
        protect(args.output, read)
    before = begun(Path(args.resume), program) if args.resume else None
    if before is not None:
        inputs = before.rest(program, inputs)
        before.cut()
    overlays = None
    if args.overlay:
        protect(args.overlay, read, "--overlay")
        seen_by = None if args.table else program
        overlays = Overlays(Path(args.overlay), names, Path(args.table or ".").parent, seen_by, read)
    if args.format != "text":
        speak_utf8()
    checking = Checking(args, program, source, inputs, overlays, most, before.verdicts if before else ())
    with output(args.output, read, lines=args.format == "jsonl", keep=before is not None) as out:
        return checking.write(render, out)


def _only_lines(args: argparse.Namespace) -> None:
    """Check that the report to resume is JSON lines, which is then also the output.

    Raises
    ------
    UsageError
        If an option says otherwise.
    """
    if args.format not in ("text", "jsonl"):  # text is the default
        raise UsageError(f"expected --format jsonl beside --resume, found {args.format}")
    if args.table:
        raise UsageError("expected pictures beside --resume, found --table: a table is judged at once")
    if args.output and args.output != args.resume:
        raise UsageError(f"expected no other file beside --resume {args.resume}, found --output {args.output}")
    args.format, args.output = "jsonl", args.resume


class Checking:
    """One run: its inputs, and the state so far.

    Parameters
    ----------
    args : Namespace
        The command line.
    program : Program
        The rules.
    source : Source
        The spec's text.
    inputs : sequence of Input
        What to check, empty if a table is given.
    overlays : Overlays, optional
        Where pictures with findings go.
    most : int, optional
        How many findings of a clause on a picture are shown; None for all.
    before : sequence of Verdict
        What an earlier run found, whose report is continued.
    """

    def __init__(
        self,
        args: argparse.Namespace,
        program: Program,
        source: Source,
        inputs: Sequence[Input],
        overlays: Overlays | None = None,
        most: int | None = MAX_FINDINGS,
        before: Sequence[Verdict] = (),
    ) -> None:
        self.args, self.program, self.source, self.inputs = args, program, source, inputs
        self.verdicts, self.before = list(before), len(before)
        self.notes: list[str] = []
        self.noted: set[str] = set()  # the same: thousands of files have thousands
        self.unnamed = Counter[str]()
        self.stopped: signal.Signals | None = None
        self.done = 0
        self.overlays = overlays
        self.most = most
        few = FEW_REPAIRS if args.format == "text" else 0
        self.repairs = few if args.repairs is None else None if args.repairs else 0

    def write(self, render: Render, out: TextIO) -> int:
        """Write the report as it grows; give the exit code."""
        from logidsl.pipeline import empty_report
        from logidsl.report.formats import Stream, Style
        from logidsl.report.model import Summary

        with self._listening():
            reports = self._reports()
            first = next(reports, None) or empty_report(self.program)
            total = max(len(self.inputs), len(first.images) if self.args.table else 0)
            images = self._images(itertools.chain([first], reports))
            stream = Stream(first.logidsl, first.spec, images, total, self.notes)
            style = Style(
                color=wants_color(out),
                width=page_width(out),
                verbose=self.args.verbose,
                quiet=self.args.quiet,
                sources={self.source.path: self.source.text},
            )
            for piece in render(stream, style):
                write(out, piece)
        summary = Summary.of(self.verdicts)
        if summary.error:
            say(f"{summary.error} of {len(self.verdicts)} could not be judged")
        if self.args.format == "jsonl":
            from logidsl.report.alike import shortened

            for note in shortened(self.notes):
                say(f"note: {note}")
        if self.stopped and self.done < len(self.inputs):
            what = "interrupted" if self.stopped == signal.SIGINT else "terminated"
            say(f"{what} after {self.done + self.before} of {len(self.inputs) + self.before}")
            return 128 + self.stopped
        missed = self.overlays.unwritten if self.overlays else 0
        if missed > 1:
            say(f"{missed} overlays could not be written")
        return EXIT_CODES[summary.verdict if not missed or summary.verdict == "fail" else "error"]

    def _reports(self) -> Iterator[Report]:
        """Reports of batches: at least one, as each path that was named is an input, if only a problem."""
        from logidsl import pipeline
        from logidsl.seeing import Course

        detail = pipeline.Detail(self.most, self.args.scores, self.repairs, self.unnamed)
        if self.args.table:
            from logidsl.extract import read_table

            table = read_table(Path(self.args.table), self.program)
            table = table.readable() if self.args.unreadable == "skip" else table
            yield pipeline.report(self.program, table, detail)
            return
        bar = Bar("pictures", self.args.quiet)

        def progress(done: int, total: int) -> None:
            self.done = done
            bar(done, total)

        yield from pipeline.stream(
            self.program,
            self.inputs,
            self.args.jobs,
            progress,
            self.args.unreadable,
            detail,
            Course(self.args.timeout or None, lambda: self.stopped is not None, digested=self.args.format == "jsonl"),
        )

    def _images(self, reports: Iterator[Report]) -> Iterator[ImageReport]:
        """The images of all batches; counts them."""
        from logidsl.report.build import unnamed_note

        found = 0
        for report in reports:
            self.notes += [n for n in report.notes if n not in self.noted]
            self.noted.update(report.notes)
            for image in report.images:
                self.verdicts.append(image.verdict)
                found += len(image.findings)
                if self.overlays:
                    self.overlays.draw(image)
                yield image
        self.notes += unnamed_note(self.unnamed)
        if self.repairs and found > self.repairs:
            self.notes.append(f"repairs are shown for up to {self.repairs} findings; --repairs shows all")

    @contextlib.contextmanager
    def _listening(self) -> Iterator[None]:
        """The first interrupt or termination ends the run in order, with a report; the second at once."""
        before: dict[signal.Signals, Any] = {}

        def stop(number: int, _frame: FrameType | None) -> None:
            self.stopped = signal.Signals(number)
            for known, handler in before.items():
                signal.signal(known, handler)

        try:
            for known in (signal.SIGINT, signal.SIGTERM):
                before[known] = signal.signal(known, stop)
        except ValueError:  # not the main thread, which receives interrupts
            yield
            return
        try:
            yield
        finally:
            for known, handler in before.items():
                signal.signal(known, handler)


def most_findings(text: str) -> int | None:
    """The value of `--max-findings`; None for all.

    Raises
    ------
    UsageError
        If it is neither a number nor `all`.
    """
    if text == "all":
        return None
    if not re.fullmatch(r"[1-9]\d{0,8}", text):
        raise UsageError(f"expected --max-findings as a number of 1 or more, or `all`, found `{text}`")
    return int(text)


def find_format(name: str) -> Render:
    """The report format of a name.

    Raises
    ------
    UsageError
        If there is none.
    """
    from logidsl.report.formats import find

    try:
        return find(name)
    except KeyError as error:
        raise UsageError(str(error.args[0])) from None


def chosen_spec(named: str | None, places: Sequence[str | Path], quiet: bool) -> Source:
    """The spec of the command line, or the one that belongs to the pictures, which is then named on stderr.

    Raises
    ------
    NoSpecError
        If there is none, or it cannot be read.
    """
    from logidsl.config import find_spec, shown

    if named:
        return spec_source(named)
    found = find_spec([Path(p) for p in places])
    if not quiet:
        say(f"spec {shown(found.path)} ({found.why})")
    return spec_source(shown(found.path))
