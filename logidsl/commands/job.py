"""`Job`: what a command over pictures works with. Its spec and inputs, the files it reads, and where results go."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import TextIO

from logidsl.commands.arguments import pairs, set_limits, sweeps_of
from logidsl.commands.outputs import files_of, output, protect_each
from logidsl.commands.specs import hint, spec_source
from logidsl.commands.terminal import Bar, UsageError, say
from logidsl.config import find_spec, shown
from logidsl.ir import Program
from logidsl.pipeline import compile_cached
from logidsl.seeing import Input, gather
from logidsl.source import Source


class Job:
    """What is worked on.

    Parameters
    ----------
    args : Namespace
        Has `path`, `spec`, `param`, `quiet`, and what further options the command takes.
    sweeps : bool
        Whether a parameter may have several values.
    beside_inputs : bool
        Whether a spec is looked for beside each input; else beside the paths, which may be folders of them.
    warn : bool
        Whether warnings about the spec are mentioned.

    Raises
    ------
    SpecError
        If there is no spec; and when `program` is first read, if it has a mistake.
    """

    def __init__(
        self, args: argparse.Namespace, *, sweeps: bool = False, beside_inputs: bool = False, warn: bool = False
    ) -> None:
        set_limits(args)
        self.args, self.warn = args, warn and not args.quiet
        params = pairs(args.param)
        self.params, self.sweeps = sweeps_of(params) if sweeps else (params, [])
        self.inputs: list[Input] = [*gather(args.path)]
        self.names = [str(item) if isinstance(item, Path) else item.path for item in self.inputs]
        self.tables = [args.table] if getattr(args, "table", None) else []
        self.beside = [args.lots] if getattr(args, "lots", None) else []
        self.source = _chosen_spec(args, (self.names if beside_inputs else args.path) or self.tables)

    @cached_property
    def program(self) -> Program:
        """What the spec means, where each parameter has one value."""
        made = compile_cached(
            self.source, self.params, warn=self.warn, layouts=not getattr(self.args, "save_layout", None)
        )
        hint(self.source.path, made.warnings if self.warn else None)
        return made.program

    @cached_property
    def read(self) -> list[str | Path]:
        """The files that are read, and the folders and patterns that they were named by."""
        spec = files_of(self.source, None if self.sweeps else self.program)
        return [*self.args.path, *self.names, *self.tables, *self.beside, *spec]

    def protect(self, *options: str) -> None:
        """Refuse outputs that would replace what is read; see `outputs.protect`."""
        protect_each(self.args, options, self.read)

    def output(self, *, lines: bool = False, keep: bool = False) -> AbstractContextManager[TextIO]:
        """Where the result goes; see `outputs.output`."""
        return output(self.args.output, self.read, lines=lines, keep=keep)

    def bar(self, what: str) -> Bar:
        """A progress bar, unless the command is to be quiet."""
        return Bar(what, self.args.quiet)


def require_values(program: Program) -> None:
    """Refuse a program with a parameter that has no value."""
    for p in program.params:
        if p.value is None:
            raise UsageError(f"the spec leaves `{p.name}` open: set it with -P {p.name}=VALUE")


def _chosen_spec(args: argparse.Namespace, places: Sequence[str | Path]) -> Source:
    """The spec of the command line, or the one that belongs to the pictures, which is then named on stderr.

    Raises
    ------
    NoSpecError
        If there is none, or it cannot be read.
    """
    if args.spec:
        return spec_source(args.spec)
    found = find_spec([Path(p) for p in places])
    if not args.quiet:
        say(f"spec {shown(found.path)} ({found.why})")
    return spec_source(shown(found.path))
