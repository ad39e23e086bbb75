"""The spec of a studio: its text, what the checker says of it, and what its pixel part is known by."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from logidsl import ir
from logidsl.diagnostics import Diagnostic, SpecError
from logidsl.extract.pixels import skeleton
from logidsl.files import digest as file_digest
from logidsl.fit.trials import seeing_digest
from logidsl.ir import Program
from logidsl.ir.digests import bare, digest
from logidsl.ir.walk import reads_picture
from logidsl.object_counts import shown_names
from logidsl.pipeline import compile_spec
from logidsl.report.words import hex_of
from logidsl.source import Source, SourceSpan, Span
from logidsl.version import __version__
from logidsl.web.problems import ProblemError


def digest_of(text: str) -> str:
    """What the text of a spec is known by."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, eq=False)
class Checked:
    """A text, and what the checker says of it.

    Parameters
    ----------
    source : Source
        The text, named by the path of its file.
    program : Program, optional
        None if there are errors.
    diagnostics : tuple of Diagnostic
        The errors, in the order of the source.
    failure : str, optional
        What is wrong where there is no place to point at.
    """

    source: Source
    program: Program | None
    diagnostics: tuple[Diagnostic, ...] = ()
    failure: str | None = None

    def sound(self) -> Program:
        """The program; raises ProblemError if there are errors."""
        if self.program is None:
            raise ProblemError(422, "the spec has errors: correct them first")
        return self.program

    @cached_property
    def seeing(self) -> str:
        """A digest of the pixel part: with the same one, the same objects are found in a photo."""
        return "" if self.program is None else seeing_key(self.program)

    @cached_property
    def judging(self) -> str:
        """A digest of the whole: with the same one, every photo has the same verdict."""
        return "" if self.program is None else digest([self.program.hash, self.seeing])


def checked(source: Source) -> Checked:
    """Check a text."""
    try:
        return Checked(source, compile_spec(source))
    except SpecError as error:
        return Checked(source, None, tuple(error.diagnostics), error.failure)


def seeing_key(program: Program) -> str:
    """A digest of all that determines the objects found in a photo, the files that the spec names included."""
    folder = Path(program.path).parent
    parts: list[object] = [__version__, seeing_digest(program), skeleton.asked_for(program)]
    parts += [bare(a, program.marks) for a in program.attributes]
    parts += [file_digest(folder / name) for name in files_seen_with(program)]
    if not program.sees:  # objects come from annotations, whose names depend on what the spec declares
        parts.append(program.hash)
    return digest(parts)


def files_seen_with(program: Program) -> list[str]:
    """The files that finding objects depends on: templates, models, parts, backgrounds; below the spec's folder."""
    names = {s.file for s in program.sources if s.file}
    for node in program.nodes:
        if isinstance(node, ir.Call) and reads_picture(node) and node.args:
            first = program.nodes[node.args[0]]
            if isinstance(first, ir.Literal_):
                names.add(str(first.value))
    return sorted(names)


def span_of(span: Span | SourceSpan) -> dict[str, int]:
    """A place in the text, lines and columns from 1, the end just after the last character."""
    return {"line": span.line, "column": span.column, "endLine": span.end_line, "endColumn": span.end_column}


def diagnostic_rows(found: Sequence[Diagnostic], failure: str | None) -> list[dict[str, Any]]:
    """Diagnostics as the page has them; advice is left to the language server."""
    rows: list[dict[str, Any]] = [
        {"code": d.code, "severity": d.severity, "message": d.message, "span": span_of(d.span), "fix": d.fix}
        for d in found
        if d.severity != "advice"
    ]
    if failure is not None:
        start = {"line": 1, "column": 1, "endLine": 1, "endColumn": 1}
        rows.append({"code": "", "severity": "error", "message": failure, "span": start, "fix": None})
    return rows


def colors_of(program: Program | None) -> list[dict[str, str]]:
    """The named colours of a spec."""
    return [] if program is None else [{"name": c.name, "hex": hex_of(c.lab)} for c in program.colors]


def classes_of(program: Program | None) -> list[str]:
    """The classes and sets of a spec, in its order."""
    return [] if program is None else shown_names(program)
