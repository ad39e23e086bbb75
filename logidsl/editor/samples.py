"""Specs on pictures: values on the sample picture, and on how many of a folder's photos each rule holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from logidsl import ir
from logidsl.editor.names import Symbol
from logidsl.eval import judge, traces
from logidsl.eval.image_batch import Prepared
from logidsl.eval.naming import set_named
from logidsl.eval.objects import shown
from logidsl.pipeline import see
from logidsl.report.words import said
from logidsl.seeing import Course, gather, see_each
from logidsl.table import ObjectTable, Problem
from logidsl.verdicts import State

_VERDICTS = {State.PASS: "holds", State.REVIEW: "is undetermined", State.FAIL: "is violated"}


@dataclass
class Sample:
    """The objects of the sample picture, kept for the program they were found with."""

    kept: tuple[str, str, float, ObjectTable] | None = None

    def table(self, program: ir.Program, path: Path) -> ObjectTable:
        """The objects of a picture."""
        changed = path.stat().st_mtime if path.exists() else 0.0
        key = (program.hash, str(path), changed)
        if self.kept is None or self.kept[:3] != key:
            self.kept = (*key, see(program, gather([path])))
        return self.kept[3]


def value_on(program: ir.Program, symbol: Symbol, table: ObjectTable, name: str) -> str | None:
    """What a symbol comes to on a picture, in words; None if it has no value there."""
    if table.problems:
        return f"on `{name}`: {table.problems[0].message}"
    if len(table.images) != 1:
        return f"on `{name}`: expected one picture, found {len(table.images)}"
    words = _value(program, symbol, table)
    return f"on `{name}`: {words}" if words else None


def _value(program: ir.Program, symbol: Symbol, table: ObjectTable) -> str | None:
    if symbol.namespace == "rule":
        number = next((n for n, r in enumerate(program.rules) if r.name == symbol.name), None)
        return None if number is None else _verdict(program, table, number)
    if symbol.namespace != "thing":
        return None
    if symbol.name in {c.name for c in program.classes} | {s.name for s in program.sets}:
        least, most = _members(program, symbol.name, table)
        count = f"{least}" if least == most else f"{least} to {most}"
        rule = next((n for n, r in enumerate(program.rules) if r.cardinality == symbol.name), None)
        return f"{count} found{'' if rule is None else '; its number ' + _verdict(program, table, rule)}"
    node = next((x.node for x in program.lets if x.name == symbol.name), None)
    if node is None:
        return None
    state = next(traces(program, Prepared(table), roots=[node]))
    words = said(shown(state, node, [np.zeros(1, np.int64)], node), 0)
    return words or None


def _members(program: ir.Program, name: str, table: ObjectTable) -> tuple[int, int]:
    """How many members a class or set has surely, and at most."""
    declared: list[ir.ClassDecl | ir.SetDecl] = [*program.classes, *program.sets]
    declared = [d for d in declared if d.name == name]
    needed = [n for d in declared for n in (d.each, d.where) if n is not None]
    state = next(traces(program, Prepared(table), 1, roots=needed))
    found = set_named(state, name)
    return int(found.sure.sum()), int(found.maybe.sum())


def _verdict(program: ir.Program, table: ObjectTable, number: int) -> str:
    return _VERDICTS[State(int(judge(program, table, explain=False).truths[number, 0]))]


@dataclass
class Tally:
    """On how many photos each rule holds, is violated or undetermined; of a run that may not be finished."""

    hash: str
    total: int
    judged: int = 0
    unreadable: int = 0
    holds: dict[str, int] = field(default_factory=dict)
    unsure: dict[str, int] = field(default_factory=dict)
    violated_on: dict[str, list[str]] = field(default_factory=dict)
    complete: bool = False

    def words(self, rule: str) -> str:
        """The tally of a rule, for a code lens."""
        if not self.complete:
            return f"{self.judged} of {self.total} photos judged…"
        if self.total == self.unreadable:
            return "no photo can be read"
        good, unsure = self.holds.get(rule, 0), self.unsure.get(rule, 0)
        more = [f"undetermined on {unsure}"] if unsure else []
        more += [f"{self.unreadable} unreadable"] if self.unreadable else []
        photos = "photo" if self.total - self.unreadable == 1 else "photos"
        return ", ".join([f"holds on {good} of {self.total - self.unreadable} {photos}", *more])


def tally(
    program: ir.Program,
    folder: Path,
    stopped: Callable[[], bool],
    on_progress: Callable[[Tally], None],
) -> Tally:
    """Judge the photos of a folder, one after the other.

    Parameters
    ----------
    program : Program
        The spec.
    folder : Path
        Pictures, or files of annotations.
    stopped : callable
        Asked after each photo whether to stop.
    on_progress : callable
        Told the tally after each photo.
    """
    inputs = gather([folder])
    found = Tally(program.hash, len(inputs), holds={r.name: 0 for r in program.rules})
    usable = [i for i in inputs if not isinstance(i, Problem)]
    if len(usable) < len(inputs):
        found.unreadable = found.judged = len(inputs) - len(usable)
    for table in see_each(program, usable, course=Course(stopped=stopped)):
        if stopped():
            return found
        found.judged += 1
        found.unreadable += bool(table.problems)
        found.total += max(0, len(table.images) + len(table.problems) - 1)  # a table of several pictures
        truths = judge(program, table, explain=False).truths if table.images else np.zeros((len(program.rules), 0))
        for rule, row in zip(program.rules, truths, strict=True):
            found.holds[rule.name] += int((row == State.PASS).sum())
            found.unsure[rule.name] = found.unsure.get(rule.name, 0) + int((row == State.REVIEW).sum())
            found.violated_on.setdefault(rule.name, []).extend(
                table.images[i] for i in np.flatnonzero(row == State.FAIL)
            )
        on_progress(found)
    found.complete = True
    return found
