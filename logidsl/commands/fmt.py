"""`logidsl fmt PATH…`: format specs in the standard layout."""

from __future__ import annotations

import argparse
import sys
from difflib import unified_diff
from pathlib import Path

from logidsl.commands.arguments import argument
from logidsl.commands.specs import STDIN, each_spec, show, spec_files
from logidsl.commands.terminal import UsageError, say, speak_utf8, write, write_json
from logidsl.diagnostics import SpecError, diagnostic_rows
from logidsl.files import replace
from logidsl.source import Source
from logidsl.syntax.format import format_file
from logidsl.syntax.parse import parse
from logidsl.syntax.read import form_of_path

EXAMPLES = """  logidsl fmt pushpins.logic
  logidsl fmt specs/ --check --diff
  logidsl fmt specs/ --check --format json
  cat pushpins.logic | logidsl fmt -
"""
ARGUMENTS = (
    argument("path", nargs="+", metavar="PATH", help="a .logic file, a folder of them, or - for the input"),
    argument("--check", action="store_true", help="write nothing; exit code 1 if a file would change"),
    argument("--diff", action="store_true", help="write nothing; show what would change"),
    argument("--format", choices=("text", "json"), default="text", help="output format; json needs --check"),
)


def run(args: argparse.Namespace) -> int:
    """Format each file; 3 if one of them cannot be read, else 1 if --check finds one that would change."""
    if args.format == "json" and (args.diff or not args.check):
        raise UsageError("expected --format json beside --check, and without --diff")
    for path in args.path:
        if form_of_path(path) == "yaml" and not Path(path).is_dir():
            raise UsageError(f"expected a spec in the text form, found {path}: `fmt` leaves the YAML form alone")
    speak_utf8()
    rows: list[dict[str, object]] = []
    for path, made, error in each_spec(spec_files(args.path, yaml=False), _formatted):
        changed = made[0].text != made[1] if made else None
        said = diagnostic_rows(error)
        rows.append({"path": path, "ok": changed is False, "changed": changed, "diagnostics": said})
        if args.format == "text":
            show(error)
            if made:
                _tell(args, path, *made)
    broken = sum(row["changed"] is None for row in rows)
    code = 3 if broken else int(args.check and any(row["changed"] for row in rows))
    if args.format == "json":
        write_json({"ok": code == 0, "specs": rows})
    elif broken:
        say(f"{broken} of {len(rows)} cannot be formatted: fix the errors first")
    return code


def _tell(args: argparse.Namespace, path: str, source: Source, text: str) -> None:
    """Write a file in its format, or show what would change."""
    different, only_say = text != source.text, args.check or args.diff
    if args.diff and different:
        write(sys.stdout, _diff(source, text))
    if path == STDIN and not only_say:
        write(sys.stdout, text)
    elif different and only_say:
        say(f"{path} would be changed")
    elif different:
        replace(Path(path), text.encode())
        say(f"{path} changed")


def _formatted(source: Source) -> tuple[Source, str]:
    """A file, and its text in the one spelling.

    Raises
    ------
    SpecError
        If it cannot be read.
    """
    file, bag = parse(source)
    if not bag.ok:
        raise SpecError(bag.sorted())
    text = format_file(file, source)
    again, _ = parse(Source(source.path, text))
    if (again.version, again.spec, again.statements) != (file.version, file.spec, file.statements):
        raise AssertionError(f"{source.path} would change its meaning when formatted, and was left unchanged")
    return source, text


def _diff(source: Source, text: str) -> str:
    """The changes as a unified diff."""
    old, new = source.text.splitlines(keepends=True), text.splitlines(keepends=True)
    lines = unified_diff(old, new, source.path, f"{source.path} (formatted)")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ no newline at the end\n" for line in lines)
