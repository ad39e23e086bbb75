"""A text compiled completely: tree, meanings of names, program, diagnostics.

An `Analysis` belongs to one version of a text and never changes. It takes a few hundred milliseconds for a long spec,
so the server makes it in the background; see `outline` for what is known at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from logidsl.check import check_in
from logidsl.check.context import Context
from logidsl.check.imports import gather
from logidsl.describe import Sentence, describe
from logidsl.diagnostics import Bag, Diagnostic, InputError, SpecError
from logidsl.ir import Program
from logidsl.layouts import with_places
from logidsl.lint import lint
from logidsl.source import Source
from logidsl.syntax import ast
from logidsl.syntax.read import read

ReadFile = Callable[[str], Source]


@dataclass(frozen=True, eq=False)
class Analysis:
    """What is known of a text.

    Parameters
    ----------
    source : Source
        The text.
    file : File
        Its statements, as far as they can be read.
    context : Context
        The checker's symbols, and in `uses` what names mean.
    program : Program, optional
        The compiled spec; None if it has an error.
    diagnostics : tuple of Diagnostic
        Errors, or else warnings and advice, in the order of the text.
    files : dict of str to str
        The texts of the files that it imports, by path.
    """

    source: Source
    file: ast.File
    context: Context
    program: Program | None
    diagnostics: tuple[Diagnostic, ...]
    files: dict[str, str]

    @cached_property
    def statements(self) -> tuple[ast.Statement, ...]:
        """All statements, imported ones first; their spans say which file they are in."""
        return gather(Context(Bag()), self.file, self._read)[0]

    @cached_property
    def sentences(self) -> list[Sentence]:
        """The spec in plain English; empty if it has an error."""
        return describe(self.program) if self.program is not None else []

    @property
    def errors(self) -> int:
        """The number of errors."""
        return sum(d.severity == "error" for d in self.diagnostics)

    def _read(self, path: str) -> Source:
        if path not in self.files:
            raise InputError("not read")
        return Source(path, self.files[path])


def analyse(source: Source, read_file: ReadFile, *, warn: bool = True) -> Analysis:
    """Compile a text.

    Parameters
    ----------
    source : Source
        A spec in either form.
    read_file : callable
        Returns the text of an imported file; raises InputError.
    warn : bool
        Whether to look for warnings and advice.
    """
    files: dict[str, str] = {}

    def read_noted(path: str) -> Source:
        found = read_file(path)
        files[path] = found.text
        return found

    file, bag = read(source)
    context = Context(bag, path=source.path, read=read_noted, uses=[])
    program = check_in(context, file)
    if program is None or not bag.ok:
        return Analysis(source, file, context, None, tuple(bag.sorted()), files)
    try:
        program = with_places(program, source)
    except SpecError as error:
        return Analysis(source, file, context, None, tuple(error.diagnostics), files)
    said = [*bag.sorted(), *(lint(program, file, read_noted, advice=True) if warn else ())]
    return Analysis(source, file, context, program, tuple(said), files)
