"""`logidsl bench DATASET`: specs measured on a data set with ground truth, as the literature measures."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import get_args

from logidsl.bench import Bench, Outcome
from logidsl.bench.datasets import LAYOUTS, Dataset, read_dataset
from logidsl.bench.generated import Referee, Task, read_tasks, sort_answers
from logidsl.bench.html import as_page
from logidsl.bench.judging import Judging, read_kept
from logidsl.bench.published import published_beside
from logidsl.bench.record import Agreement, Benchmark, JudgedLine
from logidsl.bench.scoring import TREATMENT, average
from logidsl.bench.sheet import read_sheet, sheet_lines
from logidsl.bench.text import as_text
from logidsl.bench.training import How
from logidsl.commands.arguments import (
    FORMAT,
    JOBS,
    MAX_PIXELS,
    PARAMS,
    READING_TIME,
    argument,
    group,
    number,
    pairs,
    refuse,
    set_limits,
)
from logidsl.commands.bench_config import take_config
from logidsl.commands.model import MODEL_OPTIONS, NO_CACHE, model_client
from logidsl.commands.outputs import appending, files_of, protect_each, shorten, write_text
from logidsl.commands.specs import spec_files, spec_source
from logidsl.commands.terminal import INPUT_ERROR, PASS, Bar, UsageError, json_text, say, say_notes, speak_utf8, write
from logidsl.diagnostics import InputError, counted
from logidsl.files import file_errors
from logidsl.ir import Program
from logidsl.llm import Answer, Client, ModelError
from logidsl.pipeline import compile_cached, not_over_several
from logidsl.records import json_line, plain
from logidsl.seeing import Course
from logidsl.source import Source
from logidsl.spreadsheets import csv_text
from logidsl.translate import choose
from logidsl.translate.batch import read_answers, request_line
from logidsl.version import __version__
from logidsl.workers import tracked

EXAMPLES = """  logidsl bench mvtec_loco_anomaly_detection --spec specs/pictures
  logidsl bench pins/ --spec pushpins.logic --format json --report wrong.html
  logidsl bench mvtec_loco_anomaly_detection --spec specs/ --layout loco-fc --split fit
  logidsl bench data/truth.csv --spec juice_bottle=juice.logic --name too_full=overfilled
  logidsl bench --config bench.toml --rows rows.jsonl
  logidsl bench pins/ --spec pushpins.logic --sheet sheet.csv
  logidsl bench pins/ --spec pushpins.logic --rules rules/ --generate 20 --model small --temperature 0.8

A data set is a folder of products in the layout of MVTec LOCO AD, LOCO-Annotations or VID-AD, or pictures or tables
with a truth.csv or truth.json. The spec of a product has its name, or is named as PRODUCT=FILE.
The exit code is 0 if every test picture could be judged, right or wrong, else 4.
"""
ARGUMENTS = (
    argument("dataset", nargs="?", metavar="DATASET", help="the folder of the data set, or a file of truth"),
    argument(
        "--spec",
        nargs="+",
        action="extend",
        default=[],
        metavar="SPEC",
        help="a spec named like its product, PRODUCT=FILE, or a folder of specs",
    ),
    argument("--config", metavar="FILE", help="options that the command line leaves out, in TOML"),
    argument("--layout", choices=LAYOUTS, help="the layout of the data set (default: recognised by its files)"),
    argument("--only", action="append", default=[], metavar="PRODUCT", help="measure on this product; repeatable"),
    argument(
        "--name",
        action="append",
        default=[],
        metavar="THEIRS=OURS",
        help="maps a class or label of the data set to the spec's; THEIRS= leaves it out; repeatable",
    ),
    argument("--no-labels", action="store_const", const=True, help="compare verdicts only"),
    argument(
        "--split",
        choices=get_args(How),
        help="adapt each spec to the training part first: learn its parts, fit its parameters, or infer rules",
    ),
    PARAMS,
    argument("--seed", type=number("--seed", 0), metavar="N", help="random seed (default 0)"),
    argument(
        "--bootstrap",
        type=number("--bootstrap", 0, 1e6),
        metavar="N",
        help="samples for intervals (default 1000; 0 for none)",
    ),
    FORMAT,
    argument("--output", "-o", metavar="FILE", help="write the result to this file instead of standard output"),
    argument("--report", metavar="FILE", help="write an HTML page with the pictures that went wrong, which it embeds"),
    argument(
        "--rows",
        metavar="FILE",
        help="keep the verdict on each picture in this file, in JSON lines; a later run judges only what is not in it",
    ),
    argument("--sheet", metavar="FILE", help="write the reasons of each anomaly as CSV, for people to score"),
    argument(
        "--scored", nargs="+", default=[], metavar="FILE", help="such sheets, filled in: show how far people agree"
    ),
    MAX_PIXELS,
    JOBS(help="processes that read pictures (default: as many as help)"),
    READING_TIME,
    argument("--quiet", "-q", action="store_true", help="no progress bar and no notes"),
    group(
        "specs that a model writes",
        argument(
            "--rules",
            nargs="+",
            default=[],
            metavar="PLACE",
            help="the rules of products in plain language: a folder of PRODUCT.txt, or PRODUCT=FILE",
        ),
        argument("--generate", type=number("--generate", 1, 1e4), metavar="N", help="how many specs of each product"),
        argument(
            "--questions", metavar="FILE", help="write the questions in OpenAI's batch format, and measure nothing"
        ),
        argument(
            "--answers", nargs="+", default=[], metavar="FILE", help="take the answers from these files, not a model"
        ),
        NO_CACHE,
    ),
    group("the model", *MODEL_OPTIONS),
)


def run(args: argparse.Namespace) -> int:
    """Measure, print, and write the requested files; 4 if a picture could not be judged."""
    if args.config:
        take_config(args)
    _checked(args)
    set_limits(args)
    args.timeout_s = None  # of the model: its own default
    sources = _sources(args.spec)
    dataset = _dataset(args, sources)
    read = _read(args, dataset, sources)
    protect_each(args, ("--output", "--report", "--rows", "--sheet", "--questions"), read)
    with contextlib.ExitStack() as stack:
        bench = _bench(args, dataset, sources, stack)
        bench.check()
        tasks = read_tasks(args.rules, {p: bench.source(p) for p in dataset.products}) if args.rules else {}
        if args.questions:
            return _write_questions(args, tasks)
        answers = _answers(args, tasks)
        outcomes = [_refereed(bench, bench.run(p), tasks, answers) for p in dataset.products]
    made, problems = _made(args, bench, outcomes)
    speak_utf8()
    write_text(args.output, json_text(plain(made)) if args.format == "json" else as_text(made), read)
    if args.sheet:
        write_text(args.sheet, csv_text(sheet_lines(made.rows)), read)
    if args.report:
        lines = {(o.product.name, line.path): line for o in outcomes for line in o.lines}
        write_text(args.report, as_page(made, lines, {o.product.name: o.program for o in outcomes}), read)
    if args.format == "json" and not args.quiet:
        say_notes(made.notes)
    unread = sum(r.verdict == "error" for r in made.rows)
    if unread:
        say(f"{unread} of {counted(len(made.rows), 'test picture')} could not be judged")
    for problem in problems:
        say(problem)
    return INPUT_ERROR if unread or problems else PASS


def _checked(args: argparse.Namespace) -> None:
    """Refuse options that do not go together."""
    refuse(
        (not args.dataset, "expected a data set, or `dataset` in --config FILE; see `logidsl bench --help`"),
        (not args.spec, "expected --spec SPEC, or `spec` in --config FILE; see `logidsl bench --help`"),
        (bool(args.rules) != bool(args.generate or args.answers), "expected --rules beside --generate N or --answers"),
        (args.questions and not args.generate, "expected --generate N beside --questions"),
        (args.questions and args.answers, "expected one of --questions and --answers"),
        (args.scored and args.no_labels, "--scored compares reasons: remove --no-labels"),
        (args.sheet and args.no_labels, "--sheet lists reasons: remove --no-labels"),
    )


def _sources(words: Sequence[str]) -> dict[str, Source]:
    """The specs by product."""
    found: dict[str, Source] = {}
    for word in words:
        product, equals, file = word.partition("=")
        named = {product: file} if equals else {Path(f).stem: f for f in spec_files([word])}
        for name, place in named.items():
            if name in found and found[name].path != place:
                raise UsageError(f"two specs of `{name}`: {found[name].path} and {place}; name one as PRODUCT=FILE")
            found[name] = spec_source(place)
    return found


def _dataset(args: argparse.Namespace, sources: dict[str, Source]) -> Dataset:
    params = pairs(args.param)
    programs: dict[str, Program] = {name: compile_cached(source, {}).program for name, source in sources.items()}
    say_notes({n for program in programs.values() for n in not_over_several(program)})
    for name in params:
        if not any(p.name == name for program in programs.values() for p in program.params):
            raise UsageError(f"-P {name}: no spec has a parameter of that name")
    return read_dataset(
        Path(args.dataset),
        programs,
        args.layout,
        only=args.only,
        renamed=pairs(args.name, "--name", "THEIRS=OURS", empty=True),
        labels=not args.no_labels,
        seed=args.seed or 0,
    )


def _read(args: argparse.Namespace, dataset: Dataset, sources: dict[str, Source]) -> list[str | Path]:
    """All that is read: no output may replace it."""
    places = [args.dataset, *args.answers, *args.scored, *([args.config] if args.config else [])]
    several = [p for files in dataset.files.values() for p in files]
    specs = [f for source in sources.values() for f in files_of(source)]
    return [*places, *(s.path for s in dataset.samples if s.path), *several, *specs]


def _bench(
    args: argparse.Namespace, dataset: Dataset, sources: dict[str, Source], stack: contextlib.ExitStack
) -> Bench:
    judging = Judging(args.jobs, Course(args.timeout or None))
    if args.rows:
        judging = stack.enter_context(_keeping(judging, Path(args.rows)))
    return Bench(
        dataset,
        sources,
        pairs(args.param),
        pairs(args.name, "--name", "THEIRS=OURS", empty=True),
        args.split,
        judging,
        args.seed or 0,
        1000 if args.bootstrap is None else args.bootstrap,
        lambda what: Bar(what, args.quiet),
        list(dataset.notes),
    )


@contextlib.contextmanager
def _keeping(judging: Judging, path: Path) -> Iterator[Judging]:
    """Judging that takes what it can from the file of `--rows`, and appends the rest to it."""
    kept, size = read_kept(path)
    shorten(path, size)  # by a line that was cut short
    with file_errors(path, "written"), appending(path, keep=True) as out:

        def keep(lines: Sequence[JudgedLine]) -> None:
            write(out, "".join(json_line(line) + "\n" for line in lines))

        yield replace(judging, kept=kept, keep=keep)


def _write_questions(args: argparse.Namespace, tasks: Mapping[str, Task]) -> int:
    questions = [q for task in tasks.values() for q in task.questions(args.generate)]
    with model_client(args) as client:
        model = {"model": client.settings.model}
        lines = [request_line(q, client.complete_body({**q.body, **model})) + "\n" for q in questions]
    write_text(args.questions, "".join(lines))
    say(f"{args.questions} holds {counted(len(lines), 'question')}; come back with --answers and the answers")
    return PASS


def _answers(args: argparse.Namespace, tasks: Mapping[str, Task]) -> dict[str, list[Answer | None]]:
    """The answers for each product, from files or from the model."""
    if not tasks:
        return {}
    if args.answers:
        found = read_answers(map(Path, args.answers))
        for problem in found.problems:
            say(problem)
        return sort_answers(found, tasks, args.generate)
    with model_client(args) as client:
        constraint = choose(client)
        if not client.settings.temperature and args.generate > 1:
            say("the model's temperature is 0, so that its answers may all be the same: --temperature 0.8 varies them")
        return {name: _asked(client, replace(t, constraint=constraint), args) for name, t in tasks.items()}


def _asked(client: Client, task: Task, args: argparse.Namespace) -> list[Answer | None]:
    """The model's answers to the questions of a product; None for those that it did not answer."""
    bar, found = Bar(f"answers for {task.product}", args.quiet), list[Answer | None]()
    for question in tracked(task.questions(args.generate), args.generate, bar):
        try:
            found.append(client.ask(question.body))
        except ModelError as error:
            if not any(found):
                raise
            say(f"{question.id}: no answer: {error}")
            found.append(None)
    return found


def _refereed(
    bench: Bench, outcome: Outcome, tasks: Mapping[str, Task], answers: Mapping[str, Sequence[Answer | None]]
) -> Outcome:
    """The outcome with the specs that a model wrote."""
    name = outcome.product.name
    if name not in tasks:
        return outcome
    params = bench.params_of(tasks[name].reference)
    referee = Referee(tasks[name], params, outcome.lines, bench.judging.jobs)
    judged = referee.judge(answers[name], bench.progress)
    return replace(outcome, product=outcome.product.replaced(generated=judged))


def _made(args: argparse.Namespace, bench: Bench, outcomes: Sequence[Outcome]) -> tuple[Benchmark, list[str]]:
    """The record, and what is wrong with sheets, which costs their agreement only."""
    rows = [row for o in outcomes for row in o.rows]
    products = [o.product for o in outcomes]
    agreement, problems = list[Agreement](), list[str]()
    for file in args.scored:
        try:
            agreement.append(read_sheet(Path(file), rows))
        except InputError as error:
            problems.append(str(error))
    made = Benchmark(
        logidsl=__version__,
        dataset=str(args.dataset),
        layout=bench.dataset.layout,
        split=args.split,
        seed=bench.seed,
        bootstrap=bench.rounds,
        products=products,
        average=average(products),
        agreement=agreement,
        published=published_beside(products),
        rows=rows,
        treatment=list(TREATMENT),
        notes=bench.notes,
    )
    return made, problems
