"""`logidsl lint SPEC…`: report errors, warnings and advice about specs."""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Sequence

from logidsl.commands.arguments import PARAMS, SPECS, argument, pairs
from logidsl.commands.specs import (
    FORMAT_OF_DIAGNOSTICS,
    diagnosed,
    each_spec,
    spec_files,
    told,
    write_diagnostics,
)
from logidsl.commands.terminal import PASS, SPEC_ERROR, UsageError, write, write_json
from logidsl.diagnostics import Diagnostic, catalogue, counted, diagnostic_rows
from logidsl.pipeline import lint_spec
from logidsl.report.formats import Diagnosed
from logidsl.source import Source

EXAMPLES = """  logidsl lint pushpins.logic
  logidsl lint specs/ --strict --format json
  logidsl lint specs/ --ignore W101 --ignore W003
  logidsl lint specs/ --format sarif > lint.sarif
  logidsl explain W012

exit codes: 0 no error, 3 an error, or with --strict a warning; advice never counts.
A comment `# lint: allow W003` at the end of a line, or alone on the line above, keeps it silent;
`# lint: allow-file W003` keeps all of that code silent in its file.
"""
ARGUMENTS = (
    SPECS,
    FORMAT_OF_DIAGNOSTICS,
    argument("--strict", "--warnings-as-errors", action="store_true", help="also exit with code 3 for warnings"),
    argument(
        "--select",
        action="append",
        metavar="CODE",
        help="only these warnings and advice; `W`, `W0` stand for all of them; errors are always shown",
    ),
    argument("--ignore", action="append", default=[], metavar="CODE", help="all warnings and advice except these"),
    PARAMS,
)


def run(args: argparse.Namespace) -> int:
    """Check each spec: 3 if one has an error, or with --strict a warning."""
    params = pairs(args.param)
    select = None if args.select is None else _prefixes("--select", args.select)
    ignore = _prefixes("--ignore", args.ignore)

    def wanted(d: Diagnostic) -> bool:
        chosen = (select is None or d.code.startswith(select)) and not d.code.startswith(ignore)
        return chosen or d.severity == "error"

    def linted(source: Source) -> list[Diagnostic]:
        return [d for d in lint_spec(source, params) if wanted(d)]

    rows: list[dict[str, object]] = []
    every: list[Diagnosed] = []
    counts: Counter[object] = Counter()
    for file, said, error in each_spec(spec_files(args.spec), linted):
        found = diagnostic_rows(error, said or ())
        every.append(diagnosed(file, error, said or ()))
        counts.update(row["severity"] for row in found)
        if args.format == "text" and found:
            write(sys.stdout, "\n\n".join([*map(str, said or ()), *filter(None, [told(error)])]) + "\n\n")
        rows.append({"path": file, "ok": all(r["severity"] != "error" for r in found), "diagnostics": found})
    bad = counts["error"] + (counts["warning"] if args.strict else 0)
    if args.format == "json":
        total = {severity: counts[severity] for severity in ("error", "warning", "advice")}
        write_json({"ok": not bad, "summary": total, "specs": rows})
    elif args.format != "text":
        write_diagnostics(args.format, every)
    else:
        words = [(counts["error"], "mistake"), (counts["warning"], "warning")]
        parts = [counted(*part) for part in words if part[0]]
        parts += [f"{counts['advice']} of advice"] if counts["advice"] else []
        write(sys.stdout, f"{counted(len(rows), 'spec')}: {', '.join(parts) or 'no findings'}\n")
    return SPEC_ERROR if bad else PASS


def _prefixes(option: str, words: Sequence[str]) -> tuple[str, ...]:
    found = tuple(w.strip().upper() for word in words for w in re.split(r"[,\s]+", word) if w.strip())
    codes = catalogue()
    for prefix in found:
        if not any(code.startswith(prefix) for code in codes):
            raise UsageError(f"{option}: no code `{prefix}`; `logidsl explain` lists all")
    return found
