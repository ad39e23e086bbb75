"""Shared code of commands over several specs: input files, diagnostics as text and as JSON."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from logidsl.commands.arguments import argument
from logidsl.commands.terminal import plain, say, speak_utf8, write
from logidsl.config import SUFFIX, specs_below
from logidsl.diagnostics import Diagnostic, InputError, NoSpecError, SpecError, counted
from logidsl.pipeline import read_spec
from logidsl.report.formats import OF_DIAGNOSTICS, Diagnosed, Fix, find_diagnostics
from logidsl.source import Source
from logidsl.syntax.spec_files import read_source, source_of

STDIN = "-"  # the argument for standard input
T = TypeVar("T")


def spec_source(name: str | Path) -> Source:
    """The text of a spec file, or of standard input for `-`.

    Raises
    ------
    NoSpecError
        If there is no such file, or it is not text.
    """
    if str(name) != STDIN:
        return read_spec(name)
    raw = getattr(sys.stdin, "buffer", None)
    try:
        return source_of(sys.stdin.read().encode() if raw is None else raw.read(), "<stdin>")
    except InputError as error:
        raise NoSpecError(str(error)) from None


def spec_files(names: Sequence[str], *, yaml: bool = True) -> list[str]:
    """The specs of arguments: each file named, `-`, and of a folder those in it and below, in either form.

    Raises
    ------
    NoSpecError
        If a folder holds none.
    """
    found: list[Path] = []
    for name in names:
        path = Path(name)
        if not path.is_dir():
            found.append(path)
            continue
        below = [p for p in specs_below(path) if yaml or p.suffix == SUFFIX]
        if not below:
            other = ", or YAML that holds a spec" if yaml else ""
            raise NoSpecError(f"no spec in the folder {path}: expected a .logic file{other}")
        found += below
    return list(dict.fromkeys(map(str, found)))


def each_spec(names: Sequence[str], work: Callable[[Source], T]) -> Iterator[tuple[str, T | None, SpecError | None]]:
    """Each spec by its path with the result of some work on it, or with what is wrong with it."""
    for name in names:
        try:
            yield name, work(spec_source(name)), None
        except SpecError as error:
            yield name, None, error


FORMAT_OF_DIAGNOSTICS = argument(
    "--format",
    choices=("text", "json", *OF_DIAGNOSTICS),
    default="text",
    help="of the diagnostics: text (default), json, github (annotations in a workflow), sarif",
)


def write_diagnostics(form: str, specs: Sequence[Diagnosed]) -> None:
    """Write diagnostics to standard output in a format of programs."""
    speak_utf8()
    for piece in find_diagnostics(form)(specs):
        write(sys.stdout, piece)


def diagnosed(path: str, error: SpecError | None, said: Sequence[Diagnostic] = ()) -> Diagnosed:
    """What is wrong with a spec, or else said about it."""
    return Diagnosed(path, error.diagnostics if error else said, error.failure if error else None, _fixes)


def _fixes(found: Diagnostic) -> Iterator[Fix]:
    """The edits that the fix line of a diagnostic stands for; keeping it silent is not one."""
    from logidsl.editor.analysis import analyse  # which only some formats need
    from logidsl.editor.fixes import quick_fixes

    if found.fix and found.span.source.text:
        for fix in quick_fixes(analyse(found.span.source, read_source), found, read_source):
            if not fix.text.strip().startswith("# lint: allow"):
                yield Fix(fix.title, fix.span, fix.text)


def told(error: SpecError | None) -> str:
    """What is wrong with a spec, for people; empty without a mistake."""
    return f"error: {error}" if error and error.failure else str(error or "")


def show(error: SpecError | None) -> None:
    """Print what is wrong with a spec, if anything, on standard error."""
    if error:
        print(plain(told(error)), file=sys.stderr)


def hint(path: str, warnings: int | None) -> None:
    """Report in one line that there are warnings, and how to see them."""
    if warnings:
        say(f"{counted(warnings, 'warning')}: run `logidsl lint {shlex.quote(path)}`")
