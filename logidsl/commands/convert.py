"""`logidsl convert SPEC`: a spec in its other form: the text form in YAML, YAML in the text form."""

from __future__ import annotations

import argparse

from logidsl.commands.arguments import argument
from logidsl.commands.outputs import files_of, write_text
from logidsl.commands.specs import spec_source
from logidsl.commands.terminal import UsageError, say, speak_utf8
from logidsl.diagnostics import SpecError, counted
from logidsl.source import Source
from logidsl.syntax import ast
from logidsl.syntax.format import format_file
from logidsl.syntax.parse import parse
from logidsl.syntax.read import Form, form_of, form_of_path, read
from logidsl.syntax.yaml import parse_yaml, to_yaml

EXAMPLES = """  logidsl convert pushpins.logic
  logidsl convert pushpins.logic -o pushpins.yaml
  logidsl convert pushpins.yaml -o pushpins.logic
  cat pushpins.logic | logidsl convert - --to yaml

The YAML form loses comments and nothing else.
"""
ARGUMENTS = (
    argument("spec", metavar="SPEC", help="a .logic or .yaml file, or - for the input"),
    argument("--output", "-o", metavar="FILE", help="write to this file instead of standard output"),
    argument("--to", choices=("yaml", "logic"), help="the form to write (default: the other one)"),
)


def run(args: argparse.Namespace) -> int:
    """Convert a spec; 3 if it cannot be read."""
    speak_utf8()
    source = spec_source(args.spec)
    wanted = _wanted(args, form_of(source))
    file, bag = read(source)
    if not bag.ok:
        raise SpecError(bag.sorted())
    text = _written(file, source, wanted)
    if file.comments and wanted == "yaml":
        lost = counted(len(file.comments), "comment is", "comments are")
        say(f"{lost} left out: the YAML form keeps none")
    write_text(args.output, text, files_of(source))
    return 0


def _wanted(args: argparse.Namespace, form: Form) -> Form:
    """The form to write.

    Raises
    ------
    UsageError
        If it is the form that the spec has already, or not what the name of the output says.
    """
    named = form_of_path(args.output) if args.output else None
    wanted: Form = args.to or named or ("yaml" if form == "logic" else "logic")
    if named and named != wanted:
        raise UsageError(f"--to {wanted} does not go with a file named {args.output}")
    if wanted == form:
        hint = "; `logidsl fmt` formats it" if form == "logic" else ""
        raise UsageError(f"{args.spec} is in the {'text' if form == 'logic' else 'YAML'} form already{hint}")
    return wanted


def _written(file: ast.File, source: Source, form: Form) -> str:
    """A file in a form, which is read again to be sure that it means the same."""
    text = to_yaml(file) if form == "yaml" else format_file(file)
    again, bag = (parse_yaml if form == "yaml" else parse)(Source("again", text))
    if not bag.ok or to_yaml(again) != to_yaml(file):
        raise AssertionError(f"{source.path} would change its meaning in the other form; nothing was written")
    return text
