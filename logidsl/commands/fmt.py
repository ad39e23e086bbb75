"""`logidsl fmt PATH…`: format specs in the standard layout."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from logidsl.commands.specs import diagnostic_rows, show, spec_source
from logidsl.commands.terminal import UsageError, say, speak_utf8, write, write_json
from logidsl.files import replace

if TYPE_CHECKING:
    from logidsl.diagnostics import SpecError
    from logidsl.source import Source

SUMMARY = "format specs in the standard layout"
EXAMPLES = """  logidsl fmt pushpins.logic
  logidsl fmt specs/ --check --diff
  logidsl fmt specs/ --check --format json
  cat pushpins.logic | logidsl fmt -
"""


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("path", nargs="+", metavar="PATH", help="a .logic file, a folder of them, or - for the input")
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 if a file would change")
    parser.add_argument("--diff", action="store_true", help="write nothing; show what would change")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="output format; json needs --check")


def run(args: argparse.Namespace) -> int:
    """Format each file; 3 if one of them cannot be read, else 1 if --check finds one that would change."""
    from logidsl.diagnostics import SpecError

    if args.format == "json" and (args.diff or not args.check):
        raise UsageError("expected --format json beside --check, and without --diff")
    speak_utf8()
    rows: list[dict[str, object]] = []
    changed = broken = 0
    paths = [f for p in args.path for f in _files(p)]
    for path in paths:
        try:
            source, text = _formatted(path)
        except SpecError as error:
            rows.append(_row(path, None, error))
            if args.format == "text":
                show(error.diagnostics, error.failure)
            broken += 1
            continue
        different = text != source.text
        changed += different
        rows.append(_row(path, different, None))
        if args.format == "text":
            _tell(args, path, source, text)
    code = 3 if broken else 1 if args.check and changed else 0
    if args.format == "json":
        write_json({"ok": code == 0, "specs": rows})
    elif broken:
        say(f"{broken} of {len(paths)} cannot be formatted: fix the errors first")
    return code


def _row(path: str, changed: bool | None, error: SpecError | None) -> dict[str, object]:
    """The output for one file as JSON; `changed` is None if it cannot be parsed."""
    said = diagnostic_rows(error.diagnostics, error.failure) if error else []
    return {"path": path, "ok": changed is False, "changed": changed, "diagnostics": said}


def _tell(args: argparse.Namespace, path: str, source: Source, text: str) -> None:
    """Format a file, or show what would change."""
    different = text != source.text
    if args.diff and different:
        write(sys.stdout, _diff(source, text))
    if path == "-" and not (args.check or args.diff):
        write(sys.stdout, text)
    elif different:
        _settle(path, text, args.check or args.diff)


def _files(name: str) -> list[str]:
    """The files of an argument: itself, or the specs of a folder."""
    from logidsl.diagnostics import NoSpecError
    from logidsl.syntax.read import form_of_path

    if name == "-" or not Path(name).is_dir():
        if form_of_path(name) == "yaml":
            raise UsageError(f"expected a spec in the text form, found {name}: `fmt` leaves the YAML form alone")
        return [name]
    found = sorted(Path(name).rglob("*.logic"))
    if not found:
        raise NoSpecError(f"no spec in the folder {name}: expected a .logic file")
    return [str(f) for f in found]


def _formatted(name: str) -> tuple[Source, str]:
    """A file, and its text in the one spelling.

    Raises
    ------
    SpecError
        If it cannot be read.
    """
    from logidsl.diagnostics import SpecError
    from logidsl.source import Source
    from logidsl.syntax.format import format_file
    from logidsl.syntax.parse import parse

    source = spec_source(name)
    file, bag = parse(source)
    if not bag.ok:
        raise SpecError(bag.sorted())
    text = format_file(file, source)
    again, _ = parse(Source(name, text))
    if (again.version, again.spec, again.statements) != (file.version, file.spec, file.statements):
        raise AssertionError(f"{name} would change its meaning when formatted, and was left unchanged")
    return source, text


def _settle(name: str, text: str, only_say: bool) -> None:
    """Write a file that changes, or report that it would."""
    if only_say:
        say(f"{name} would be changed")
        return
    replace(Path(name), text.encode())
    say(f"{name} changed")


def _diff(source: Source, text: str) -> str:
    """The changes as a unified diff."""
    from difflib import unified_diff

    old, new = source.text.splitlines(keepends=True), text.splitlines(keepends=True)
    lines = unified_diff(old, new, source.path, f"{source.path} (formatted)")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ no newline at the end\n" for line in lines)
