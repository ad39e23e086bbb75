"""`logidsl test SPEC…`: run the tests inside specs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from logidsl.commands.params import add_params, read_params
from logidsl.commands.specs import SPECS, hint, show, spec_files, spec_source
from logidsl.commands.terminal import write, write_json

if TYPE_CHECKING:
    from logidsl.scenes import Outcome

SUMMARY = "run the tests inside specs"
EXAMPLES = """  logidsl test pushpins.logic
  logidsl test specs/ --format json
"""


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("spec", nargs="+", metavar="SPEC", help=SPECS)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="text (default) or json")
    parser.add_argument("--verbose", "-v", action="store_true", help="also list the tests that pass")
    parser.add_argument("--quiet", "-q", action="store_true", help="do not mention warnings")
    add_params(parser)


def run(args: argparse.Namespace) -> int:
    """Run every test: 0 if all pass, 1 if one fails, 3 if a spec has an error."""
    from logidsl.diagnostics import Bag, SpecError
    from logidsl.pipeline import compile_spec
    from logidsl.scenes import run_tests

    params = read_params(args.param)
    code, rows = 0, []
    for spec in map(str, spec_files(args.spec)):
        bag = None if args.quiet else Bag()
        try:
            program = compile_spec(spec_source(spec), params, bag)
        except SpecError as error:
            show(error.diagnostics, error.failure)
            code = 3
            continue
        if bag is not None:
            hint(spec, bag.warnings)
        outcomes = run_tests(program, Path(spec).parent)
        failed = [o for o in outcomes if not o.ok]
        code = code or int(bool(failed))
        if args.format == "json":
            rows.append({"spec": spec, "tests": [_row(o) for o in outcomes]})
        else:
            write(sys.stdout, _text(spec, outcomes, args.verbose))
    if args.format == "json":
        write_json({"ok": code == 0, "specs": rows})
    return code


def _row(o: Outcome) -> dict[str, object]:
    from logidsl.records import plain

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
