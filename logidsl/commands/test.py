"""`logidsl test SPEC…`: run the tests inside specs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from logidsl.commands.arguments import FORMAT, PARAMS, SPECS, argument, pairs
from logidsl.commands.specs import each_spec, hint, show, spec_files
from logidsl.commands.terminal import write, write_json
from logidsl.diagnostics import Bag
from logidsl.pipeline import compile_spec
from logidsl.records import plain
from logidsl.scenes import Outcome, run_tests
from logidsl.source import Source

EXAMPLES = """  logidsl test pushpins.logic
  logidsl test specs/ --format json
"""
ARGUMENTS = (
    SPECS,
    FORMAT,
    argument("--verbose", "-v", action="store_true", help="also list the tests that pass"),
    argument("--quiet", "-q", action="store_true", help="do not mention warnings"),
    PARAMS,
)


def run(args: argparse.Namespace) -> int:
    """Run every test: 0 if all pass, 1 if one fails, 3 if a spec has an error."""
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
