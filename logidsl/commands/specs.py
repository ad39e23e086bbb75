"""Shared code of commands over several specs: input files, diagnostics as text and as JSON."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from logidsl.commands.terminal import plain, say

if TYPE_CHECKING:
    from logidsl.diagnostics import Diagnostic
    from logidsl.source import Source, Span


SPECS = "a spec (text or YAML), a folder of specs, or - for standard input"
STDIN = "-"  # the argument for standard input


def spec_source(name: str | Path) -> Source:
    """The text of a spec file, or of standard input for `-`.

    Raises
    ------
    NoSpecError
        If there is no such file, or it is not text.
    """
    from logidsl.diagnostics import InputError, NoSpecError
    from logidsl.pipeline import read_spec

    if str(name) != STDIN:
        return read_spec(name)
    from logidsl.syntax.spec_files import source_of

    raw = getattr(sys.stdin, "buffer", None)
    try:
        return source_of(sys.stdin.read().encode() if raw is None else raw.read(), "<stdin>")
    except InputError as error:
        raise NoSpecError(str(error)) from None


def spec_files(names: Sequence[str]) -> list[Path]:
    """The specs of arguments: each file named, `-`, and of a folder those in it and below, in either form.

    Raises
    ------
    NoSpecError
        If a folder holds none.
    """
    from logidsl.config import specs_below
    from logidsl.diagnostics import NoSpecError

    found: list[Path] = []
    for name in names:
        path = Path(name)
        if not path.is_dir():
            found.append(path)
            continue
        below = specs_below(path)
        if not below:
            raise NoSpecError(f"no spec in the folder {path}: expected a .logic file, or YAML that holds a spec")
        found += below
    return list(dict.fromkeys(found))


def diagnostic_rows(said: Sequence[Diagnostic], failure: str | None = None) -> list[dict[str, object]]:
    """Diagnostics as plain data; `failure` is a message about a file that could not be read at all."""
    rows: list[dict[str, object]] = [
        {
            "code": d.code,
            "severity": d.severity,
            "message": d.message,
            "span": _span(d.span),
            "fix": d.fix,
            "other": {"span": _span(d.other[0]), "message": d.other[1]} if d.other else None,
        }
        for d in said
    ]
    if failure:
        bare: dict[str, object] = {"code": None, "severity": "error", "message": failure}
        rows.append({**bare, "span": None, "fix": None, "other": None})
    return rows


def _span(span: Span) -> dict[str, object] | None:
    """A position, lines and columns from 1, the end just after the last character; None without a text."""
    if not span.source.path and not span.source.text:
        return None
    return {
        "path": span.source.path,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "text": span.text,
    }


def show(said: Sequence[Diagnostic], failure: str | None = None) -> None:
    """Print diagnostics for people, on standard error."""
    parts = [str(d) for d in said] + ([f"error: {failure}"] if failure else [])
    if parts:
        print(plain("\n\n".join(parts)), file=sys.stderr)


def hint(path: str, count: int | None) -> None:
    """Report in one line that there are warnings, and how to see them."""
    if count:
        say(f"{count} {'warning' if count == 1 else 'warnings'}: run `logidsl lint {shlex.quote(path)}`")
