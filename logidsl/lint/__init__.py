"""Warnings and advice: what is valid in a spec but probably unintended.

Takes the checked program and its tree, returns diagnostics with codes `W…`. A comment `# lint: allow W003` at the end
of a line, or on the line above, suppresses a warning there, and `# lint: allow-file W003` in the whole file.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from logidsl import ir
from logidsl.check.context import Context
from logidsl.check.imports import gather
from logidsl.diagnostics import Bag, Diagnostic
from logidsl.lint import ast_checks, unused
from logidsl.lint.cases import Cases
from logidsl.lint.clauses import Clauses
from logidsl.lint.places import Spec
from logidsl.source import Source
from logidsl.syntax import ast

__all__ = ["lint"]

_ALLOW = re.compile(r"#\s*lint:\s*allow((?:[\s,]+W\d{3})+)")
_ALLOW_FILE = re.compile(r"#\s*lint:\s*allow-file((?:[\s,]+W\d{3})+)")


def lint(
    program: ir.Program, file: ast.File, read: Callable[[str], Source], *, advice: bool = False
) -> list[Diagnostic]:
    """What there is to say about a spec.

    Parameters
    ----------
    program : Program
        The checked spec.
    file : File
        The tree that it was made from.
    read : callable
        Returns the text of an imported file; raises InputError.
    advice : bool
        Whether to include advice (from `W101` on).

    Returns
    -------
    list of Diagnostic
        In the order of the source; only of the file itself, not of what it imports.
    """
    statements, _ = gather(Context(Bag()), file, read)
    spec = Spec(program, file, statements)
    clauses = Clauses(spec)
    bag = Bag(limit=200)
    bag.extend(unused.find(spec))
    bag.extend(ast_checks.find(spec))
    bag.extend(clauses.find())
    bag.extend(Cases(spec, clauses.reason).find())
    if advice:
        bag.extend(ast_checks.advice(spec))
    return [d for d in bag.sorted() if not _allowed(d)]


def _allowed(d: Diagnostic) -> bool:
    """Whether a comment on its line, alone on the line above, or for the whole file, suppresses a diagnostic."""
    source, number = d.span.source, d.span.line
    if any(d.code in codes for codes in _ALLOW_FILE.findall(source.text)):
        return True
    lines = [source.line(number)]
    if number > 1 and source.line(number - 1).lstrip().startswith("#"):
        lines.append(source.line(number - 1))
    return any(d.code in found[1] for line in lines if (found := _ALLOW.search(line)))
