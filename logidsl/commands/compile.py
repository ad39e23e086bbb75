"""`logidsl compile SPEC…`: check specs without pictures, and show the program they mean."""

from __future__ import annotations

import argparse
import json
import sys

from logidsl.commands.arguments import PARAMS, SPECS, argument, pairs
from logidsl.commands.specs import (
    FORMAT_OF_DIAGNOSTICS,
    diagnosed,
    each_spec,
    hint,
    show,
    spec_files,
    write_diagnostics,
)
from logidsl.commands.terminal import PASS, SPEC_ERROR, speak_utf8, write, write_json
from logidsl.diagnostics import Bag, counted, diagnostic_rows
from logidsl.ir import Program
from logidsl.pipeline import compile_spec
from logidsl.report.formats import Diagnosed
from logidsl.source import Source

EXAMPLES = """  logidsl compile pushpins.logic
  logidsl compile specs/ --format json
  logidsl compile pushpins.logic -P pins_per_cell=2 --emit ir
"""
ARGUMENTS = (
    SPECS,
    argument(
        "--emit",
        choices=("ir",),
        help="show the program: alone, a line for each of several specs; in --format json beside the diagnostics",
    ),
    FORMAT_OF_DIAGNOSTICS,
    argument("--quiet", "-q", action="store_true", help="do not mention warnings"),
    PARAMS,
)


def run(args: argparse.Namespace) -> int:
    """Compile each spec; 3 if one of them has an error."""
    params = pairs(args.param)
    files = spec_files(args.spec)

    def compiled(source: Source) -> tuple[Program, Bag]:
        bag = Bag()
        return compile_spec(source, params, bag), bag

    if args.emit:
        speak_utf8()
    rows: list[dict[str, object]] = []
    every: list[Diagnosed] = []
    for file, made, error in each_spec(files, compiled):
        program, bag = made or (None, Bag())
        row = {"path": file, "ok": error is None, "diagnostics": diagnostic_rows(error, bag.sorted())}
        if args.emit:
            row["program"] = json.loads(program.to_json()) if program else None
        rows.append(row)
        every.append(diagnosed(file, error, bag.sorted()))
        if args.format != "text":
            continue
        show(error)
        if not args.quiet:
            hint(file, bag.warnings)
        if program:
            shown = (
                program.to_json(indent=2 if len(files) == 1 else None) if args.emit else f"{file}: ok, {_size(program)}"
            )
            write(sys.stdout, shown + "\n")
    good = all(row["ok"] for row in rows)
    if args.format == "json":
        write_json({"ok": good, "specs": rows})
    elif args.format != "text":
        write_diagnostics(args.format, every)
    return PASS if good else SPEC_ERROR


def _size(program: Program) -> str:
    """How much a program says."""
    rules = len(program.rules) + len(program.batch_rules)
    parts = [(rules, "rule", ""), (len(program.classes), "class", "classes")]
    return ", ".join(counted(*part) for part in [*parts, (len(program.sets), "derived set", "")])
