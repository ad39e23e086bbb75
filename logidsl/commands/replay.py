"""`logidsl replay`: judge stored tables again with a changed spec, and list what changes."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from logidsl import pipeline
from logidsl.commands import witnesses
from logidsl.commands.arguments import PARAMS, argument, pairs, refuse
from logidsl.commands.outputs import files_of, protect, rendered, write_text
from logidsl.commands.specs import spec_source
from logidsl.commands.terminal import FAIL, INPUT_ERROR, PASS, Bar, say, say_notes
from logidsl.diagnostics import InputError, counted
from logidsl.ir import Program
from logidsl.questions.replay import Before, Changed, Replay, compared, report_in, said_of

EXAMPLES = """  logidsl replay verdicts.jsonl tables.jsonl --spec new.logic
  logidsl replay tables.jsonl --was old.logic --spec new.logic --format json

`logidsl check pictures/ --spec old.logic --format jsonl -o verdicts.jsonl --save-tables tables.jsonl`
writes both files of the first example.
Exit codes: 0 nothing changes, 1 a verdict or its defects change, 3 a spec error, 4 an input error, or
pictures of the report without a table.
"""
ARGUMENTS = (
    argument("path", nargs="+", metavar="REPORT|TABLES", help="reports of check (json, jsonl), tables, annotations"),
    argument("--spec", required=True, metavar="NEW", help="the changed spec"),
    argument("--was", metavar="OLD", help="the spec before the change, where there is no report"),
    PARAMS,
    argument("--format", choices=("text", "json", "csv"), default="text", help="text (default), json or csv"),
    argument("--output", "-o", metavar="FILE", help="write the result to this file instead of standard output"),
    argument("--quiet", "-q", action="store_true", help="no progress bar"),
)


def run(args: argparse.Namespace) -> int:
    """Judge again: 0 if nothing changes, 1 if something does."""
    params = pairs(args.param)
    new = spec_source(args.spec)
    old = spec_source(args.was) if args.was else None
    read = [*args.path, *files_of(new), *(files_of(old) if old else [])]
    protect(args.output, read)
    reports, tables = list[tuple[str, Before]](), list[str]()
    for name in args.path:
        found = report_in(Path(name)) if Path(name).is_file() else None
        if found is None:
            tables.append(name)
        else:
            reports += found
    refuse(
        (
            reports and not tables,
            "expected tables beside the report, which has verdicts but no objects: write them with `check … "
            "--save-tables FILE` and give FILE, too, or give the annotations it was made from",
        ),
        (reports and old, "expected a report or --was, found both"),
        (
            not reports and old is None,
            "expected a report of `check --format jsonl` beside the tables, or --was OLD: what are they compared with?",
        ),
    )
    program = pipeline.compile_cached(new, params).program
    say_notes(pipeline.not_over_several(program))
    bar = Bar("tables", args.quiet)
    if old is not None:
        before = pipeline.compile_cached(old, params).program
        reports = [row for name in tables for row in _judged(before, name)]
    after = list[tuple[str, Before]]()
    for number, name in enumerate(tables):
        bar(number, len(tables))
        after += _judged(program, name)
    result = compared(reports, after)
    text = rendered(args.format, lambda: _text(result), lambda: _document(result), lambda: _lines(result))
    write_text(args.output, text, read)
    if result.unmatched:
        say(f"{counted(len(result.unmatched), 'picture')} without a partner, such as {result.unmatched[0]}")
    if not result.judged:
        raise InputError("no picture of the report is among the tables: they are matched by `path`")
    return FAIL if result.changed else INPUT_ERROR if result.unmatched else PASS


def _judged(program: Program, name: str) -> Iterator[tuple[str, Before]]:
    for table in witnesses.given_tables([name], (program,)):
        for image in pipeline.report(program, table).images:
            yield image.path, said_of(image)


def _text(result: Replay) -> str:
    lines = []
    for c in result.changed:
        if c.before.verdict != c.after.verdict:
            lines.append(f"{c.path}: {c.before.verdict} -> {c.after.verdict}{_why(c)}")
        else:
            was, now = (", ".join(b.labels) or "none" for b in (c.before, c.after))
            lines.append(f"{c.path}: {c.after.verdict}, defects {was} -> {now}{_why(c)}")
    kinds = Counter((c.before.verdict, c.after.verdict) for c in result.changed)
    parts = [f"{n} {a} -> {b}" if a != b else f"{n} {a} with other defects" for (a, b), n in kinds.most_common()]
    head = f"{counted(result.judged, 'table')}, {len(result.changed)} changed"
    return "\n".join([*lines, head + (f": {', '.join(parts)}" if parts else "")]) + "\n"


def _why(c: Changed) -> str:
    said = [f"{name}: {before} -> {after}" for name, before, after in c.rules]
    return f" ({'; '.join(said)})" if said else ""


def _document(result: Replay) -> dict[str, object]:
    rows = [
        {
            "path": c.path,
            "before": {"verdict": c.before.verdict, "labels": list(c.before.labels)},
            "after": {"verdict": c.after.verdict, "labels": list(c.after.labels)},
            "rules": [{"name": n, "before": a, "after": b} for n, a, b in c.rules],
        }
        for c in result.changed
    ]
    return {"judged": result.judged, "changed": rows, "unmatched": result.unmatched}


def _lines(result: Replay) -> Iterator[list[str]]:
    yield ["path", "before", "after", "labels_before", "labels_after", "rules"]
    for c in result.changed:
        rules = "|".join(f"{n}: {a} -> {b}" for n, a, b in c.rules)
        yield [c.path, c.before.verdict, c.after.verdict, "|".join(c.before.labels), "|".join(c.after.labels), rules]
