"""`logidsl describe SPEC…`: restate specs in plain English."""

from __future__ import annotations

import argparse
import re
import sys
from textwrap import TextWrapper
from typing import TYPE_CHECKING

from logidsl.commands.exit_codes import PASS, SPEC_ERROR
from logidsl.commands.params import add_params, read_params
from logidsl.commands.specs import SPECS, show, spec_files, spec_source
from logidsl.commands.terminal import UsageError, page_width, speak_utf8, wants_color, write, write_json
from logidsl.types import UNIT_PATTERN

if TYPE_CHECKING:
    from logidsl.describe import Sentence

_AMOUNT = re.compile(rf"(\d) ({UNIT_PATTERN})(?!\w)")  # a number and its unit stay on one line
SUMMARY = "restate a spec in plain English"
EXAMPLES = """  logidsl describe pushpins.logic
  logidsl describe pushpins.logic --rule one_pin_per_cell
  logidsl describe specs/ --format json
"""


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("spec", nargs="+", metavar="SPEC", help=SPECS)
    parser.add_argument(
        "--rule", action="append", default=[], metavar="NAME", help="only this rule or object; repeatable"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="text (default) or json")
    add_params(parser)


def run(args: argparse.Namespace) -> int:
    """Describe each spec; 3 if one of them has an error."""
    from dataclasses import asdict

    from logidsl.describe import describe
    from logidsl.diagnostics import SpecError
    from logidsl.pipeline import compile_spec

    speak_utf8()
    params = read_params(args.param)
    found: list[tuple[str, list[Sentence]]] = []
    broken = 0
    for path in map(str, spec_files(args.spec)):
        try:
            found.append((path, describe(compile_spec(spec_source(path), params))))
        except SpecError as error:
            broken += 1
            show(error.diagnostics, error.failure)
    if args.rule:
        found = _chosen(found, args.rule, bool(broken))
    if args.format == "json":
        write_json([asdict(s) for _, sentences in found for s in sentences])
    else:
        pages = [_page(path if len(found) > 1 else "", sentences, bool(args.rule)) for path, sentences in found]
        write(sys.stdout, "\n".join(pages))
    return SPEC_ERROR if broken else PASS


def _chosen(
    found: list[tuple[str, list[Sentence]]], names: list[str], broken: bool
) -> list[tuple[str, list[Sentence]]]:
    """Only the rules that are asked for.

    Raises
    ------
    UsageError
        If no spec has one of them, and all could be read.
    """
    from logidsl.diagnostics import nearest

    kinds = ("rule", "cardinality")
    known = dict.fromkeys(s.name for _, sentences in found for s in sentences if s.kind in kinds)
    for name in names:
        if name not in known and not broken:
            near = nearest(name, known)
            hint = f"; did you mean `{near}`?" if near else ""
            raise UsageError(f"no rule `{name}`{hint}")
    chosen = [(path, [s for s in sentences if s.kind in kinds and s.name in names]) for path, sentences in found]
    return [(path, sentences) for path, sentences in chosen if sentences]


def _page(path: str, sentences: list[Sentence], bare: bool) -> str:
    """The sentences of one spec, in their groups; `bare` leaves the heads of the groups out."""
    from logidsl.describe import group_of

    bold, plain = ("\033[1m", "\033[0m") if wants_color(sys.stdout) else ("", "")
    lines = [f"{bold}{path}{plain}"] if path else []
    shown = ""
    for s in sentences:
        group = group_of(s)
        if group != shown and not bare and s.kind != "spec":
            lines += [*([""] if lines else []), f"{bold}{group[:1].upper()}{group[1:]}{plain}"]
        shown = group
        lines += _wrapped(s.sentence, "" if bare or s.kind == "spec" else "  ")
    return "\n".join(lines) + "\n"


def _wrapped(text: str, indent: str) -> list[str]:
    """A sentence wrapped to the page, with its points indented."""
    lines = []
    for line in _AMOUNT.sub("\\1\N{NO-BREAK SPACE}\\2", text).split("\n"):
        mark = "- " if line.startswith("- ") else ""
        start = indent + "  " if mark else indent
        wrapper = TextWrapper(
            width=min(page_width(sys.stdout), 100),
            initial_indent=start,
            subsequent_indent=f"{start}  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        lines += [found.replace("\N{NO-BREAK SPACE}", " ") for found in wrapper.wrap(line)]
    return lines
