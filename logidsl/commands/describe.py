"""`logidsl describe SPEC…`: restate specs in plain English."""

from __future__ import annotations

import argparse
import re
import sys
from dataclasses import asdict
from textwrap import TextWrapper

from logidsl.commands.arguments import FORMAT, PARAMS, SPECS, argument, pairs
from logidsl.commands.specs import each_spec, show, spec_files
from logidsl.commands.terminal import PASS, SPEC_ERROR, UsageError, emphasis, page_width, speak_utf8, write, write_json
from logidsl.describe import Sentence, describe, group_of
from logidsl.diagnostics import did_you_mean
from logidsl.pipeline import compile_spec
from logidsl.types import UNIT_PATTERN

_AMOUNT = re.compile(rf"(\d) ({UNIT_PATTERN})(?!\w)")  # a number and its unit stay on one line
_RULES = ("rule", "cardinality")
EXAMPLES = """  logidsl describe pushpins.logic
  logidsl describe pushpins.logic --rule one_pin_per_cell
  logidsl describe specs/ --format json
"""
ARGUMENTS = (
    SPECS,
    argument("--rule", action="append", default=[], metavar="NAME", help="only this rule or object; repeatable"),
    FORMAT,
    PARAMS,
)


def run(args: argparse.Namespace) -> int:
    """Describe each spec; 3 if one of them has an error."""
    speak_utf8()
    params = pairs(args.param)
    found: list[tuple[str, list[Sentence]]] = []
    broken = False
    for path, sentences, error in each_spec(spec_files(args.spec), lambda s: describe(compile_spec(s, params))):
        show(error)
        broken = broken or error is not None
        found += [(path, sentences)] if sentences is not None else []
    if args.rule:
        known = dict.fromkeys(s.name for _, sentences in found for s in sentences if s.kind in _RULES)
        for name in () if broken else args.rule:
            if name not in known:
                raise UsageError(f"no rule `{name}`{did_you_mean(name, known)}")
        found = [(path, [s for s in every if s.kind in _RULES and s.name in args.rule]) for path, every in found]
        found = [(path, sentences) for path, sentences in found if sentences]
    if args.format == "json":
        write_json([asdict(s) for _, sentences in found for s in sentences])
    else:
        pages = [_page(path if len(found) > 1 else "", sentences, bool(args.rule)) for path, sentences in found]
        write(sys.stdout, "\n".join(pages))
    return SPEC_ERROR if broken else PASS


def _page(path: str, sentences: list[Sentence], bare: bool) -> str:
    """The sentences of one spec, in their groups; `bare` leaves the heads of the groups out."""
    lines = [emphasis(path)] if path else []
    shown = ""
    for s in sentences:
        group = group_of(s)
        if group != shown and not bare and s.kind != "spec":
            lines += [*([""] if lines else []), emphasis(f"{group[:1].upper()}{group[1:]}")]
        shown = group
        lines += _wrapped(s.sentence, "" if bare or s.kind == "spec" else "  ")
    return "\n".join(lines) + "\n"


def _wrapped(text: str, indent: str) -> list[str]:
    """A sentence wrapped to the page, with its points indented."""
    lines = []
    for line in _AMOUNT.sub("\\1\N{NO-BREAK SPACE}\\2", text).split("\n"):
        start = indent + "  " if line.startswith("- ") else indent
        wrapper = TextWrapper(
            width=min(page_width(sys.stdout), 100),
            initial_indent=start,
            subsequent_indent=f"{start}  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        lines += [found.replace("\N{NO-BREAK SPACE}", " ") for found in wrapper.wrap(line)]
    return lines
