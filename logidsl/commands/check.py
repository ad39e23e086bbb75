"""`logidsl check PATH…`: check pictures, or a table of objects, against a spec."""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import re
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, TextIO

from logidsl import pipeline
from logidsl.commands.arguments import (
    JOBS,
    MAX_PIXELS,
    PICTURES,
    READING_TIME,
    SPEC,
    SWEEPS,
    UNREADABLE,
    argument,
    refuse,
)
from logidsl.commands.job import Job, require_values
from logidsl.commands.outputs import output, shorten
from logidsl.commands.picture_files import PictureFiles, is_picture_name
from logidsl.commands.terminal import (
    FAIL,
    INPUT_ERROR,
    PASS,
    REVIEW,
    UsageError,
    page_width,
    say,
    say_notes,
    speak_utf8,
    wants_color,
    write,
    write_bytes,
)
from logidsl.diagnostics import InputError
from logidsl.report.alike import shortened
from logidsl.report.build import unnamed_note
from logidsl.report.formats import Render, Stream, Style, built_in, find
from logidsl.report.model import BatchReport, ImageReport, Summary, Verdict, verdict_of
from logidsl.report.report import Report
from logidsl.seeing import Course
from logidsl.table import ObjectTable
from logidsl.thumbnails import thumbnails

FEW_REPAIRS = 20  # up to this many findings, text shows repairs by default
if TYPE_CHECKING:
    from logidsl.commands.overlay import Overlays
    from logidsl.commands.resume import Begun
    from logidsl.commands.storing import Storing
    from logidsl.picture_facts import PictureFacts

EXAMPLES = """  logidsl check tray.png
  logidsl check pictures/ 'more/*.jpg' --spec pushpins.logic
  logidsl check pictures/ --format jsonl --output verdicts.jsonl
  logidsl check tray.png -P 'max_gap=12 px' --overlay marked/
  logidsl check tray.png -P 'max_gap=4..20 px/9'
  logidsl check --table objects.csv --spec pushpins.logic
  logidsl check pictures/ --lots lots.csv --store runs.db

Without --spec it is looked for beside the picture, in a folder `specs` of a folder above it, and in
the [tool.logidsl] of a pyproject.toml. A picture that cannot be read is a row of verdict `error`.
"""
EXIT_CODES: dict[Verdict, int] = {"pass": PASS, "fail": FAIL, "review": REVIEW, "error": INPUT_ERROR}


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


ARGUMENTS = (
    argument("path", nargs="*", metavar="PATH", help=PICTURES),
    SPEC,
    argument(
        "--format",
        default="text",
        metavar="FORMAT",
        help=f"{', '.join(built_in())}, or an installed format; default: text",
    ),
    argument("--output", "-o", metavar="FILE", help="write the report to this file instead of standard output"),
    argument(
        "--resume",
        metavar="REPORT",
        help="go on with a report in JSON lines where a run was cut short: nothing is judged twice",
    ),
    argument("--overlay", metavar="DIR", help="write each picture with its findings drawn in to this folder"),
    argument("--store", metavar="URL", help="keep the run in a store, and judge only what it has not judged yet"),
    argument(
        "--batch",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="where the pictures belong in the store: line, cell, order, lot or serial; may be repeated",
    ),
    argument(
        "--lots",
        metavar="FILE",
        help="a table with a row for each picture: its path, and the columns that put it into a lot, an order, ...",
    ),
    argument(
        "--table",
        metavar="FILE",
        help="check the objects of a table (.csv, .json, .jsonl, .parquet) instead of pictures",
    ),
    argument(
        "--save-tables",
        metavar="FILE",
        help="also write the objects of each picture to this file, as JSON lines that --table and `replay` take",
    ),
    SWEEPS,
    MAX_PIXELS,
    UNREADABLE,
    argument(
        "--max-combinations",
        metavar="N",
        help="reject a picture for which a rule needs more combinations of objects (default 1G)",
    ),
    argument("--max-memory", metavar="N", help="reject a picture for which these need more bytes (default 1G)"),
    argument(
        "--max-findings",
        type=most_findings,
        default=pipeline.MAX_FINDINGS,
        metavar="N",
        help="show at most this many findings per clause and picture (default %(default)s), or `all`",
    ),
    argument(
        "--repairs",
        action=argparse.BooleanOptionalAction,
        help=f"show what would make each broken clause true (default: in text, for up to {FEW_REPAIRS} findings)",
    ),
    argument(
        "--scores", action="store_true", help="give each picture a score: how close its rules are to their limits"
    ),
    JOBS(help="processes that read pictures (default: as many as help)"),
    READING_TIME,
    argument("--verbose", "-v", action="store_true", help="show every passing picture and every object"),
    argument("--quiet", "-q", action="store_true", help="show only what does not pass"),
)


def run(args: argparse.Namespace) -> int:
    """Check everything; the exit code is that of the whole."""
    refuse(
        (
            bool(args.path) == bool(args.table),
            "expected pictures to check, or --table FILE, and not both; see `logidsl check --help`",
        ),
        (
            args.overlay and is_picture_name(args.overlay),
            f"expected a folder after --overlay, found `{args.overlay}`: each picture gets a file in it",
        ),
    )
    if args.resume:
        _only_lines(args)
    render = find_format(args.format)
    job = Job(args, sweeps=True, beside_inputs=True, warn=True)
    if job.sweeps:
        from logidsl.commands import sweep  # loads all that fitting takes

        return sweep.run(job, judged=True, refused=("--resume", "--overlay", "--save-tables"))
    program = job.program
    require_values(program)
    job.protect("--output", "--overlay", "--save-tables")
    refuse(
        (args.batch and not args.store, "expected --store URL beside --batch"),
        (args.store and args.resume, "expected --store or --resume, not both: a store knows what was judged"),
        (args.store and args.table, "expected pictures or annotations beside --store, found --table"),
        (
            args.lots and not (args.store or program.batch_rules),
            "expected --store URL beside --lots, or a spec with rules over several pictures",
        ),
        (args.store and args.save_tables, "expected --store or --save-tables, not both: a store skips what it knows"),
    )
    before = None
    if args.resume:
        from logidsl.commands.resume import begun

        if program.batch_rules:
            rule = program.batch_rules[0].name
            raise UsageError(f"expected no --resume: rule `{rule}` needs all pictures of a run")
        before = begun(Path(args.resume), program)
        job.inputs = before.rest(program, job.inputs)
        shorten(before.path, before.size)  # by a truncated line, and an unfinished input
    if args.format != "text":
        speak_utf8()
    storing = None
    if args.store:
        from logidsl.commands.storing import PLACES, Storing  # with the libraries of databases

        facts = pipeline.facts_of(args.lots, program, PLACES)
        storing = Storing(job, facts)
    else:
        facts = pipeline.facts_of(args.lots, program)
    checking = Checking(job, before, storing, facts)
    with contextlib.ExitStack() as stack:
        if args.save_tables:
            checking.saved = stack.enter_context(output(args.save_tables, job.read, lines=True))
        out = stack.enter_context(job.output(lines=args.format == "jsonl", keep=before is not None))
        return checking.write(render, out)


def _only_lines(args: argparse.Namespace) -> None:
    """Check that the report to resume is JSON lines, which is then also the output.

    Raises
    ------
    UsageError
        If an option says otherwise.
    """
    refuse(
        (
            args.format not in ("text", "jsonl"),  # text is the default
            f"expected --format jsonl beside --resume, found {args.format}",
        ),
        (args.table, "expected pictures beside --resume, found --table: a table is judged at once"),
        (args.save_tables, "expected no --save-tables beside --resume: what was judged before is not in it"),
        (
            args.output not in (None, args.resume),
            f"expected no other file beside --resume {args.resume}, found --output {args.output}",
        ),
    )
    args.format, args.output = "jsonl", args.resume


class Checking:
    """One run: what is checked, and the state so far.

    Parameters
    ----------
    job : Job
        Its inputs are those that are left.
    before : Begun, optional
        An earlier run whose report is continued.
    storing : Storing, optional
        Where the run is kept.
    facts : PictureFacts, optional
        What is said of pictures in a table of them.
    """

    def __init__(
        self,
        job: Job,
        before: Begun | None = None,
        storing: Storing | None = None,
        facts: PictureFacts | None = None,
    ) -> None:
        self.job, self.args, self.program, self.inputs = job, job.args, job.program, job.inputs
        self.storing = storing
        self.verdicts: list[Verdict] = [*(before.verdicts if before else ()), *(storing.verdicts if storing else ())]
        self.before = len(self.verdicts)
        self.notes: list[str] = []
        self.facts = facts
        self.batch_judge = pipeline.judge_of_batches(job.program, self.facts)
        self.batches: list[BatchReport] = []
        self.unbound: str | None = None  # why no batch could be judged
        self.noted: set[str] = set()  # the same: thousands of files have thousands
        self.unnamed = Counter[str]()
        self.stopped: signal.Signals | None = None
        self.done = 0
        self.saved: TextIO | None = None
        self.overlays: Overlays | None = None
        if self.args.overlay:
            from logidsl.commands.overlay import Overlays  # with all that draws

            files = PictureFiles(Path(self.args.overlay), job.names, job.read, "--overlay")
            seen_by = None if self.args.table else self.program
            self.overlays = Overlays(files, Path(self.args.table or ".").parent, seen_by)
        few = FEW_REPAIRS if self.args.format in ("text", "html") else 0
        self.repairs = few if self.args.repairs is None else None if self.args.repairs else 0

    def write(self, render: Render, out: TextIO) -> int:
        """Write the report as it grows; give the exit code."""
        with self._listening():
            reports = self._reports()
            first = next(reports, None) or pipeline.empty_report(self.program)
            total = max(len(self.inputs), len(first.images) if self.args.table else 0)
            images = self._images(itertools.chain([first], reports))
            stream = Stream(first.logidsl, first.spec, images, total, self.notes, self.batches)
            style = Style(
                color=wants_color(out),
                width=page_width(out),
                verbose=self.args.verbose,
                quiet=self.args.quiet,
                sources={self.job.source.path: self.job.source.text},
                picture=thumbnails(self.program, Path(self.args.table or ".").parent),
            )
            for piece in render(stream, style):
                if isinstance(piece, bytes):
                    write_bytes(out, piece, self.args.format)
                else:
                    write(out, piece)
        summary = Summary.of(self.verdicts)
        verdict = verdict_of(summary, self.batches)
        if self.unbound:
            say(self.unbound)
            verdict = "fail" if verdict == "fail" else "error"
        if summary.error:
            say(f"{summary.error} of {len(self.verdicts)} could not be judged")
        say_notes(shortened(self.notes) if self.args.format == "jsonl" else ())
        if self.stopped and self.done < len(self.inputs):
            what = "interrupted" if self.stopped == signal.SIGINT else "terminated"
            say(f"{what} after {self.done + self.before} of {len(self.inputs) + self.before}")
            return 128 + self.stopped
        missed = self.overlays.unwritten if self.overlays else 0
        if missed > 1:
            say(f"{missed} overlays could not be written")
        return EXIT_CODES[verdict if not missed or verdict == "fail" else "error"]

    def _reports(self) -> Iterator[Report]:
        """Reports of batches: at least one, as each path that was named is an input, if only a problem."""
        seen = self._save if self.saved else None
        detail = pipeline.Detail(
            self.args.max_findings, self.args.scores, self.repairs, self.unnamed, seen, self.batch_judge
        )
        if self.args.table:
            from logidsl.extract import read_table  # with the readers of all formats

            table = read_table(Path(self.args.table), self.program)
            table = table.readable() if self.args.unreadable == "skip" else table
            yield pipeline.report(self.program, table, detail)
            return
        bar = self.job.bar("pictures")

        def progress(done: int, total: int) -> None:
            self.done = done
            bar(done, total)

        digested = self.args.format == "jsonl" or self.storing is not None
        yield from pipeline.stream(
            self.program,
            self.inputs,
            self.args.jobs,
            progress,
            self.args.unreadable,
            detail,
            Course(self.args.timeout or None, lambda: self.stopped is not None, digested=digested),
            *([self.storing.keep] if self.storing else []),
        )

    def _save(self, table: ObjectTable) -> None:
        """Write the objects of each picture as a line."""
        from logidsl.extract import to_json_rows

        assert self.saved is not None
        for image in range(len(table.images)):
            self.saved.write(json.dumps(to_json_rows(table, image), ensure_ascii=False) + "\n")
        self.saved.flush()

    def _images(self, reports: Iterator[Report]) -> Iterator[ImageReport]:
        """The images of all batches; counts them."""
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
        self._judge_batches()
        if self.storing and not self.stopped:
            self.storing.end(self.batches)
        self.notes += [*unnamed_note(self.unnamed), *(self.facts.notes() if self.facts and not self.stopped else ())]
        if self.repairs and found > self.repairs:
            self.notes.append(f"repairs are shown for up to {self.repairs} findings; --repairs shows all")

    def _judge_batches(self) -> None:
        """The rules over several pictures, at the end of a run that was not cut short."""
        if self.batch_judge is None:
            return
        if self.stopped:
            self.notes.append("rules over several pictures are not judged, as the run was cut short")
            return
        try:
            for table in self.storing.judged_before() if self.storing else ():
                self.batch_judge.add(table)
            self.batches += pipeline.batches_of(self.batch_judge)
        except InputError as error:  # the images have their verdicts
            self.unbound = str(error)
            self.notes.append(f"rules over several pictures are not judged: {error}")

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


def find_format(name: str) -> Render:
    """The report format of a name.

    Raises
    ------
    UsageError
        If there is none.
    """
    try:
        return find(name)
    except KeyError as error:
        raise UsageError(str(error.args[0])) from None
