"""`logidsl explain CODE`: the meaning of a diagnostic, with a wrong and a right example."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping
from dataclasses import asdict
from textwrap import fill, indent

from logidsl.commands.arguments import FORMAT, argument
from logidsl.commands.terminal import UsageError, emphasis, page_width, write, write_json
from logidsl.diagnostics import Code, catalogue

EXAMPLES = """  logidsl explain E012
  logidsl explain | grep range
"""
ARGUMENTS = (argument("code", nargs="*", metavar="CODE", help="as a message shows it in brackets: E012"), FORMAT)


def run(args: argparse.Namespace) -> int:
    """Print the entries of the catalogue."""
    codes = catalogue()
    chosen: list[Code] = []
    for word in args.code or codes:
        code = codes.get(word.strip("[]").upper())
        if code is None:
            raise UsageError(f"no code `{word}`; {_hint(word, codes)}; `logidsl explain` lists all")
        chosen.append(code)
    if args.format == "json":
        write_json([{**asdict(c), "severity": c.severity} for c in chosen])
    elif args.code:
        write(sys.stdout, "\n".join(_entry(c) for c in chosen))
    else:
        write(sys.stdout, "".join(f"{c.code}  {c.title}\n" for c in chosen))
    return 0


def _hint(word: str, codes: Mapping[str, Code]) -> str:
    """The code of the same number, else where codes lie: a code that looks alike has nothing to do with it."""
    said = re.fullmatch(r"\W*([a-z]?)\W*([0-9]+)\W*", word, re.ASCII | re.IGNORECASE)
    if said is not None:
        letter, digits = said[1].upper(), said[2].lstrip("0")
        near = [c for c in codes if c[1:].lstrip("0") == digits]
        near = [c for c in near if c[0] == letter] or near
        if near:
            return f"did you mean {', or '.join(f'{c}, {codes[c].title}' for c in near)}?"
    ranges: dict[str, dict[str, list[str]]] = {}
    for c in sorted(codes):
        ranges.setdefault(codes[c].severity, {}).setdefault(c[:2], []).append(c)
    plural = {"error": "errors", "warning": "warnings", "advice": "pieces of advice"}
    spans = {kind: " and ".join(f"{f[0]} .. {f[-1]}" for f in found.values()) for kind, found in ranges.items()}
    return ", ".join(f"{plural[kind]} are among {span}" for kind, span in spans.items())


def _entry(code: Code) -> str:
    """An entry as a page."""
    parts = [emphasis(f"{code.severity}[{code.code}]: {code.title}") + "\n"]
    if code.why:
        parts.append(fill(" ".join(code.why.split()), min(page_width(sys.stdout), 100)) + "\n")
    for name, example in (("wrong", code.wrong), ("right", code.right)):
        if example:
            parts.append(f"{name}:\n{indent(example.strip(), '    ')}\n")
    return "\n".join(parts)
