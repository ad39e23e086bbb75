"""`logidsl compile SPEC…`: check specs without pictures, and show the program they mean."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from logidsl.commands.exit_codes import PASS, SPEC_ERROR
from logidsl.commands.params import add_params, read_params
from logidsl.commands.specs import SPECS, diagnostic_rows, hint, show, spec_files, spec_source
from logidsl.commands.terminal import speak_utf8, write, write_json

if TYPE_CHECKING:
    from logidsl.diagnostics import Diagnostic
    from logidsl.ir import Program

SUMMARY = "check specs, and show the compiled program"
EXAMPLES = """  logidsl compile pushpins.logic
  logidsl compile specs/ --format json
  logidsl compile pushpins.logic -P pins_per_cell=2 --emit ir
"""


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("spec", nargs="+", metavar="SPEC", help=SPECS)
    parser.add_argument(
        "--emit",
        choices=("ir",),
        help="show the program: alone, a line for each of several specs; in --format json beside the diagnostics",
    )
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="of the diagnostics: text (default) or json"
    )
    parser.add_argument("--quiet", "-q", action="store_true", help="do not mention warnings")
    add_params(parser)


def run(args: argparse.Namespace) -> int:
    """Compile each spec; 3 if one of them has an error."""
    from logidsl.diagnostics import Bag, SpecError
    from logidsl.pipeline import compile_spec

    params = read_params(args.param)
    if args.emit:
        speak_utf8()
    rows: list[dict[str, object]] = []
    good = True
    files = spec_files(args.spec)
    for file in files:
        bag, failure, program = Bag(), None, None
        try:
            program = compile_spec(spec_source(file), params, bag)
        except SpecError as error:
            good, failure = False, error.failure
        rows.append(_row(file, program, bag.sorted(), failure, args.emit is not None))
        if args.format == "text":
            show(bag.errors, failure)
            if not args.quiet:
                hint(str(file), bag.warnings)
            if program and not args.emit:
                write(sys.stdout, f"{file}: ok, {_size(program)}\n")
        if program and args.emit and args.format == "text":
            write(sys.stdout, program.to_json(indent=2 if len(files) == 1 else None) + "\n")
    if args.format == "json":
        write_json({"ok": good, "specs": rows})
    return PASS if good else SPEC_ERROR


def _row(
    path: Path, program: Program | None, said: list[Diagnostic], failure: str | None, emit: bool
) -> dict[str, object]:
    """The output for one spec as JSON."""
    row: dict[str, object] = {
        "path": str(path),
        "ok": program is not None,
        "diagnostics": diagnostic_rows(said, failure),
    }
    if emit:
        row["program"] = json.loads(program.to_json()) if program else None
    return row


def _size(program: Program) -> str:
    """How much a program says."""
    parts = [(len(program.rules), "rule"), (len(program.classes), "class"), (len(program.sets), "derived set")]
    plural = {"class": "classes"}
    return ", ".join(f"{n} {w if n == 1 else plural.get(w, w + 's')}" for n, w in parts)
