"""`logidsl test SPEC…`: run the tests inside specs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from logidsl.commands.arguments import EFFORT, FORMAT, PARAMS, SEED, SPECS, argument, pairs, refuse
from logidsl.commands.outputs import protect, write_text
from logidsl.commands.specs import each_spec, hint, show, spec_files
from logidsl.commands.terminal import write, write_json
from logidsl.diagnostics import Bag
from logidsl.pipeline import compile_spec
from logidsl.records import plain
from logidsl.scenes import Outcome, run_tests
from logidsl.source import Source

EXAMPLES = """  logidsl test pushpins.logic
  logidsl test specs/ --format json
  logidsl test pushpins.logic --mutate
  logidsl test pushpins.logic --mutate --coverage --stored good/ --report notices.html

--mutate changes each number, word and operator of a spec, and reports the changes that neither a test
nor a stored picture notices, each with a table that would. Exit codes: 0 every test passes and every
change is noticed (or no table shows a difference), 1 a test fails or a change is unnoticed, 3 a spec
error, 4 an input error.
"""
ARGUMENTS = (
    SPECS,
    FORMAT,
    argument("--verbose", "-v", action="store_true", help="also list the tests that pass"),
    argument("--quiet", "-q", action="store_true", help="no progress bar, do not mention warnings"),
    argument("--mutate", action="store_true", help="report changes of the spec that nothing notices"),
    argument("--coverage", action="store_true", help="count how often each clause was true, false, undetermined"),
    argument(
        "--stored",
        nargs="+",
        default=[],
        metavar="FILE",
        help="pictures, annotations or tables that notice changes, too, by their verdicts and defects",
    ),
    argument("--report", metavar="FILE", help="write the result of --mutate and --coverage as an HTML page"),
    EFFORT,
    SEED,
    PARAMS,
)


def run(args: argparse.Namespace) -> int:
    """Run every test: 0 if all pass, 1 if one fails, 3 if a spec has an error."""
    refuse(
        (
            (args.stored or args.report) and not (args.mutate or args.coverage),
            "expected --mutate or --coverage beside --stored and --report",
        )
    )
    if args.mutate or args.coverage:
        return _examine(args)
    params = pairs(args.param)
    code, rows = 0, []

    def tested(source: Source) -> tuple[list[Outcome], int]:
        bag = None if args.quiet else Bag()
        program = compile_spec(source, params, bag)
        return run_tests(program, Path(source.path).parent), bag.warnings if bag else 0

    for spec, found, error in each_spec(spec_files(args.spec), tested):
        if error or not found:
            show(error)
            code = 3
            continue
        outcomes, warnings = found
        hint(spec, warnings)
        code = code or int(not all(o.ok for o in outcomes))
        rows.append({"spec": spec, "tests": [_row(o) for o in outcomes]})
        if args.format == "text":
            write(sys.stdout, _text(spec, outcomes, args.verbose))
    if args.format == "json":
        write_json({"ok": code == 0, "specs": rows})
    return code


def _examine(args: argparse.Namespace) -> int:
    """Run `--mutate` and `--coverage`."""
    from logidsl.commands import mutation

    mutation.require(args)
    specs = spec_files(args.spec)
    protect(args.report, [*specs, *args.stored], "--report")
    code, every = 0, []
    for _, found, error in each_spec(specs, lambda source: mutation.examined(source, args)):
        if error or found is None:
            show(error)
            code = 3
            continue
        every.append(found)
        code = code or int(not found.ok)
        if args.format == "text":
            write(sys.stdout, mutation.as_text(found))
    if args.format == "json":
        write_json({"ok": code == 0, "specs": [mutation.plain(f) for f in every]})
    if args.report:
        write_text(args.report, mutation.page(every), [*specs, *args.stored])
    return code


def _row(o: Outcome) -> dict[str, object]:
    image = None if o.image is None else plain(o.image)
    return {"title": o.test.title, "ok": o.ok, "line": o.test.span.line, "failures": list(o.failures), "image": image}


def _text(spec: str, outcomes: list[Outcome], verbose: bool) -> str:
    lines = []
    for o in outcomes:
        if o.ok and verbose:
            lines.append(f"ok     {o.test.title}")
        elif not o.ok:
            lines.append(f"FAILED {o.test.title}  ({spec}:{o.test.span.line})")
            lines += [f"       {f}" for f in o.failures]
            lines += [f"       {f.rule}: {f.message}" for f in (o.image.findings if o.image else [])]
    good = sum(o.ok for o in outcomes)
    said = f"{good} passed, {len(outcomes) - good} failed" if outcomes else "no tests"
    return "\n".join([*lines, f"{spec}: {said}"]) + "\n"
