"""`logidsl test --mutate` and `--coverage`: what the tests of a spec, and stored pictures, notice and reach."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from logidsl.commands import witnesses
from logidsl.commands.arguments import pairs
from logidsl.commands.terminal import Bar
from logidsl.diagnostics import InputError, counted
from logidsl.ir import Program
from logidsl.questions.coverage import Coverage
from logidsl.questions.mutants import Survivor, Trial
from logidsl.report.html import drawing
from logidsl.report.pages import html_page, paragraphs, table
from logidsl.source import Source
from logidsl.syntax.format import format_file
from logidsl.syntax.read import form_of, read
from logidsl.table import ObjectTable


@dataclass(frozen=True, eq=False)
class Found:
    """What became of one spec; `failing` are the tests that fail before any change."""

    spec: str
    program: Program
    trial: Trial | None
    coverage: Coverage | None
    failing: int

    @property
    def unnoticed(self) -> list[Survivor]:
        """The changes that nothing notices, though a table shows them."""
        return [s for s in self.trial.survivors if s.witness] if self.trial else []

    @property
    def alike(self) -> list[Survivor]:
        """The changes for which no table was found."""
        return [s for s in self.trial.survivors if not s.witness] if self.trial else []

    @property
    def ok(self) -> bool:
        """Whether every change is noticed, as far as a difference is known."""
        return not self.failing and not self.unnoticed


def examined(source: Source, args: argparse.Namespace) -> Found:
    """Try the changes of a spec, and count its clauses, as the options say.

    Raises
    ------
    SpecError
        If the spec has a mistake.
    InputError
        If a scene or a stored table cannot be used.
    """
    source = _as_text(source)
    trial = Trial(source, pairs(args.param), _seeing(args.stored), args.effort, args.seed)
    program = trial.program
    failing = sum(not o.ok for o in trial.outcomes(program))
    if args.mutate and not failing:
        trial.run(Bar("changes", args.quiet))
    coverage = None
    if args.coverage:
        coverage = Coverage(program)
        scenes, stored = trial.tables(program)
        for each in (*scenes, stored):
            if len(each.images):
                coverage.add(each)
    return Found(source.path, program, trial if args.mutate else None, coverage, failing)


def _as_text(source: Source) -> Source:
    """A spec in the text form: one in YAML is converted, and lines are those of the converted text."""
    if form_of(source) == "logic":
        return source
    file, said = read(source)
    return Source(f"{source.path} (as text)", format_file(file)) if said.ok else source


def _seeing(names: Sequence[str]):  # type: ignore[no-untyped-def]
    def see(program: Program) -> Sequence[ObjectTable]:
        return witnesses.given_tables(names, (program,))

    return see


def as_text(found: Found) -> str:
    """The result for people."""
    lines = []
    if found.trial is not None:
        lines += _mutation_lines(found, found.trial)
    if found.coverage is not None:
        lines += _coverage_lines(found, found.coverage)
    return "\n".join(lines) + "\n"


def _mutation_lines(found: Found, trial: Trial) -> list[str]:
    if found.failing:
        return [f"{found.spec}: {counted(found.failing, 'test')} failed: correct them before --mutate"]
    lines = []
    for s in found.unnoticed:
        lines += [f"{found.spec}:{s.mutant.line}: unnoticed: {s.mutant.kind}", *_lines(s)]
        lines += ["  a test that notices it:", *(f"    {line}" for line in _test(found, s).splitlines()), ""]
    for s in found.alike:
        lines += [f"{found.spec}:{s.mutant.line}: no difference found: {s.mutant.kind}", *_lines(s)]
    every = trial.noticed + len(trial.survivors)
    lines.append(
        f"{found.spec}: {counted(every, 'change')}: {trial.noticed} noticed, {len(found.unnoticed)} unnoticed, "
        f"{len(found.alike)} without a difference that was found"
    )
    return lines


def _lines(s: Survivor) -> list[str]:
    return [f"  - {s.mutant.before}", f"  + {s.mutant.after}"]


def _test(found: Found, s: Survivor) -> str:
    """The test that notices a change: it expects what the spec says now."""
    assert s.witness is not None
    before = s.witness.reports[0]
    return witnesses.as_text(s.witness, found.program, f"line {s.mutant.line}", witnesses.expectations(before))


def _coverage_lines(found: Found, coverage: Coverage) -> list[str]:
    lines, rule = [], ""
    for c in coverage.clauses:
        if c.rule != rule:
            lines.append(f"{c.rule}")
            rule = c.rule
        lines.append(f"  {c.true:>5}{c.false:>5}{c.undetermined:>5}  line {c.line}: {c.words}")
    full = sum(c.covered for c in coverage.clauses)
    head = f"{found.spec}: {full} of {counted(len(coverage.clauses), 'clause')} were both true and false"
    return ["true false undetermined", *lines, head]


def plain(found: Found) -> dict[str, object]:
    """The result as plain values."""
    document: dict[str, object] = {"spec": found.spec, "failing": found.failing}
    if found.trial is not None:
        document["mutation"] = {
            "noticed": found.trial.noticed,
            "unnoticed": [_plain(found, s) for s in found.unnoticed],
            "no_difference_found": [_plain(found, s) for s in found.alike],
        }
    if found.coverage is not None:
        document["coverage"] = [
            {
                "rule": c.rule, "line": c.line, "clause": c.words, "whole": c.whole,
                "true": c.true, "false": c.false, "undetermined": c.undetermined,
            }
            for c in found.coverage.clauses
        ]  # fmt: skip
    return document


def _plain(found: Found, s: Survivor) -> dict[str, object]:
    m = s.mutant
    row: dict[str, object] = {"line": m.line, "kind": m.kind, "before": m.before, "after": m.after}
    if s.witness is not None:
        before = witnesses.expectations(s.witness.reports[0])
        row["witness"] = witnesses.plain_witness(s.witness, found.program, f"line {m.line}", before)
    return row


def page(every: Sequence[Found]) -> str:
    """The results as an HTML page."""
    body = "".join(_section(f) for f in every)
    return html_page("What the tests notice", body)


def _section(found: Found) -> str:
    parts = [f"<h2>{escape(found.spec)}</h2>"]
    if found.trial is not None:
        parts.append(paragraphs([_mutation_lines(found, found.trial)[-1]]))
        for s in found.unnoticed:
            assert s.witness is not None
            title = f"line {s.mutant.line}, {s.mutant.kind}"
            size = s.witness.table.sizes[0].tolist()
            shown = witnesses.all_marks(s.witness.table, s.witness.reports[0])
            picture = drawing(shown, (size[0], size[1]), f"witness of {title}", standalone=True)
            change = f"<pre>{escape(chr(10).join(_lines(s)))}</pre>"
            test = f"<pre>{escape(_test(found, s))}</pre>"
            parts.append(f"<figure><figcaption><b>{escape(title)}</b></figcaption>{change}{picture}{test}</figure>")
        if found.alike:
            rows = [(s.mutant.line, s.mutant.before, s.mutant.after) for s in found.alike]
            parts.append("<h3>No difference found</h3>" + table(rows, ("line", "before", "after")))
    if found.coverage is not None:
        rows_ = [(c.rule, c.line, c.words, c.true, c.false, c.undetermined) for c in found.coverage.clauses]
        parts.append(table(rows_, ("rule", "line", "clause", "true", "false", "undetermined")))
    return "".join(parts)


def require(args: argparse.Namespace) -> None:
    """Refuse stored tables that do not exist before any work is done.

    Raises
    ------
    InputError
        If one does not.
    """
    for name in args.stored:
        if not Path(name).exists() and not any(c in name for c in "*?["):
            raise InputError(f"{name}: no such file")
