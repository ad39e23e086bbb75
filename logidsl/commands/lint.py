"""`logidsl lint SPEC…`: report errors, warnings and advice about specs."""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from logidsl.commands.exit_codes import PASS, SPEC_ERROR
from logidsl.commands.params import add_params, read_params
from logidsl.commands.specs import SPECS, diagnostic_rows, spec_files, spec_source
from logidsl.commands.terminal import UsageError, write, write_json

if TYPE_CHECKING:
    from logidsl.diagnostics import Diagnostic

SUMMARY = "report errors, warnings and advice about specs"
EXAMPLES = """  logidsl lint pushpins.logic
  logidsl lint specs/ --strict --format json
  logidsl lint specs/ --ignore W101 --ignore W003
  logidsl explain W012

exit codes: 0 no error, 3 an error, or with --strict a warning; advice never counts.
A comment `# lint: allow W003` at the end of a line, or alone on the line above, keeps it silent;
`# lint: allow-file W003` keeps all of that code silent in its file.
"""


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("spec", nargs="+", metavar="SPEC", help=SPECS)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="text (default) or json")
    parser.add_argument(
        "--strict", "--warnings-as-errors", action="store_true", help="also exit with code 3 for warnings"
    )
    parser.add_argument(
        "--select",
        action="append",
        metavar="CODE",
        help="only these warnings and advice; `W`, `W0` stand for all of them; errors are always shown",
    )
    parser.add_argument(
        "--ignore", action="append", default=[], metavar="CODE", help="all warnings and advice except these"
    )
    add_params(parser)


def run(args: argparse.Namespace) -> int:
    """Check each spec: 3 if one has an error, or with --strict a warning."""
    from logidsl.diagnostics import NoSpecError
    from logidsl.pipeline import lint_spec

    params = read_params(args.param)
    wanted = _Wanted(args.select, args.ignore)
    rows: list[dict[str, object]] = []
    counts: Counter[str] = Counter()
    files = spec_files(args.spec)
    for file in files:
        failure, said = None, []
        try:
            said = [d for d in lint_spec(spec_source(file), params) if wanted(d)]
        except NoSpecError as error:
            failure = str(error)
        counts.update(d.severity for d in said)
        counts["error"] += failure is not None
        if args.format == "text" and (said or failure):
            parts = [*map(str, said), *([f"error: {failure}"] if failure else [])]
            write(sys.stdout, "\n\n".join(parts) + "\n\n")
        ok = failure is None and not any(d.severity == "error" for d in said)
        rows.append({"path": str(file), "ok": ok, "diagnostics": diagnostic_rows(said, failure)})
    bad = counts["error"] + (counts["warning"] if args.strict else 0)
    if args.format == "json":
        total = {"error": counts["error"], "warning": counts["warning"], "advice": counts["advice"]}
        write_json({"ok": not bad, "summary": total, "specs": rows})
    else:
        write(sys.stdout, _total(len(files), counts))
    return SPEC_ERROR if bad else PASS


class _Wanted:
    """Which diagnostics are shown. Errors always are."""

    def __init__(self, select: Sequence[str] | None, ignore: Sequence[str]) -> None:
        self.select = None if select is None else _prefixes("--select", select)
        self.ignore = _prefixes("--ignore", ignore)

    def __call__(self, d: Diagnostic) -> bool:
        if d.severity == "error":
            return True
        return (self.select is None or d.code.startswith(self.select)) and not d.code.startswith(self.ignore)


def _prefixes(option: str, words: Sequence[str]) -> tuple[str, ...]:
    from logidsl.diagnostics import catalogue

    found = tuple(w.strip().upper() for word in words for w in re.split(r"[,\s]+", word) if w.strip())
    codes = catalogue()
    for prefix in found:
        if not any(code.startswith(prefix) for code in codes):
            raise UsageError(f"{option}: no code `{prefix}`; `logidsl explain` lists all")
    return found


def _total(files: int, counts: Counter[str]) -> str:
    """One line for all specs."""
    parts = [(counts["error"], "mistake"), (counts["warning"], "warning")]
    said = [f"{n} {word}{'' if n == 1 else 's'}" for n, word in parts if n]
    said += [f"{counts['advice']} of advice"] if counts["advice"] else []
    return f"{files} spec{'' if files == 1 else 's'}: {', '.join(said) or 'no findings'}\n"
