"""Notebooks: `%load_ext logidsl` brings the cell magic `%%logic`, which defines a spec and judges pictures by it."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Mapping
from typing import Any

from logidsl.api import Spec, loads
from logidsl.commands.arguments import pairs
from logidsl.commands.terminal import UsageError, plain
from logidsl.diagnostics import InputError, SpecError
from logidsl.report.report import Report

USAGE = """%%logic [NAME] [PICTURE…] [-P NAME=VALUE]

Define a spec: the text of the cell. It becomes the variable NAME (default: `spec`). With pictures, which may be files,
folders, patterns, or the names of variables (an array, a table, a list), they are judged, and the report is shown and
becomes the variable `report`.
"""


class _Arguments(argparse.ArgumentParser):
    def error(self, message: str) -> Any:
        raise UsageError(message)


def _parser() -> argparse.ArgumentParser:
    parser = _Arguments("%%logic", add_help=False, allow_abbrev=False)
    parser.add_argument("name", nargs="?", default="spec")
    parser.add_argument("pictures", nargs="*")
    parser.add_argument("-P", "--param", action="append", default=[])
    return parser


def register(shell: Any) -> None:
    """Bring the magic to a shell of IPython."""

    def logic(line: str, cell: str) -> Spec | Report | None:
        try:
            return _run(line, cell, shell.user_ns)
        except (SpecError, InputError, UsageError) as error:
            print(plain(str(error)), file=sys.stderr)
            return None

    logic.__doc__ = USAGE
    shell.register_magic_function(logic, "cell", "logic")


def _run(line: str, cell: str, variables: dict[str, Any]) -> Spec | Report:
    """Define a spec, and judge pictures if there are any."""
    try:
        args = _parser().parse_intermixed_args(shlex.split(line))
    except ValueError as error:
        raise UsageError(f"{error}: {line}") from None
    if not args.name.isidentifier():
        raise UsageError(f"expected the name of a variable for the spec, found `{args.name}`\n\n{USAGE}")
    spec = loads(cell, pairs(args.param), name=f"<{args.name}>")
    variables[args.name] = spec
    for warning in spec.warnings:
        print(plain(str(warning)), end="\n\n", file=sys.stderr)
    if not args.pictures:
        return spec
    variables["report"] = report = spec.check([_value(word, variables) for word in args.pictures])
    return report


def _value(word: str, variables: Mapping[str, Any]) -> Any:
    """What a word stands for: a variable of that name, else a path."""
    return variables[word] if word.isidentifier() and word in variables else word
