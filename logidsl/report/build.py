"""From the columns of a judgement to a report, with one finding for each failing binding."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from logidsl import ir
from logidsl.report.model import Finding, ImageReport, ObjectRef, SpecRef, Summary, Verdict
from logidsl.report.object_refs import groups_of, objects_of
from logidsl.report.report import Report
from logidsl.report.words import said, sides
from logidsl.table import ANY_CLASS, ObjectTable, Problem, TextColumn, is_count
from logidsl.types import OBJECTS
from logidsl.verdicts import Clause, Group, Judgement, State
from logidsl.version import __version__

#: Advice for some reasons.
_HINTS = {
    "no pixels": "give the picture itself, or the table that `logidsl table --format json` writes of it with this spec",
    "not given": "set the parameter, with -P for instance",
    "text of the wrong form": "it is too short, or does not have the form that the clause reads",
    "outside the picture": "the place reaches beyond the border: make it smaller, or show all of it in the picture",
}
#: Classes that a note lists.
MOST_CLASSES = 6
_VERDICTS: dict[int, Verdict] = {State.PASS: "pass", State.REVIEW: "review", State.FAIL: "fail"}


def spec_ref(program: ir.Program) -> SpecRef:
    """How a report names the spec."""
    return SpecRef(
        name=program.name,
        path=program.path,
        hash=program.hash,
        language=program.language,
        parameters={p.name: p.written for p in program.params if p.value is not None},
    )


def build(program: ir.Program, table: ObjectTable, judgement: Judgement) -> Report:
    """The report of a judgement.

    Parameters
    ----------
    program : Program
        What was judged.
    table : ObjectTable
        The N images; each of its problems becomes an image of verdict `error`.
    judgement : Judgement
        Verdicts and findings.

    Returns
    -------
    Report
        Images in the order of the table, then the problems.
    """
    found: dict[int, list[Finding]] = defaultdict(list)
    for clause in sorted(judgement.clauses, key=lambda c: (c.rule, not c.false, c.node)):
        lines = zip(clause.images.tolist(), objects_of(table, clause), groups_of(table, clause), strict=True)
        for place, (i, objects, groups) in enumerate(lines):
            found[i].append(_finding(program, table, clause, place, objects, groups))
    notes = _notes(judgement)
    images = _images(table, judgement, found, notes)
    images += [_failed(p) for p in table.problems]
    summary = Summary.of(i.verdict for i in images)
    return Report(logidsl=__version__, spec=spec_ref(program), images=images, summary=summary, notes=list(table.notes))


def unnamed(program: ir.Program, table: ObjectTable) -> Counter[str]:
    """The number of objects of each class that the spec does not name; empty if the spec asks for such objects."""
    asked = any(isinstance(n, ir.Call) and n.type.kind == "set" and not n.args for n in program.nodes)
    counts = np.bincount(table.classes.codes[table.classes.codes >= 0], minlength=len(table.classes.values))
    known = program.named_classes | {ANY_CLASS}
    return Counter(
        {v: n for v, n in zip(table.classes.values, counts.tolist(), strict=True) if n and v not in known and not asked}
    )


def unnamed_note(counts: Counter[str]) -> list[str]:
    """A note on objects of classes that the spec does not name, if there are any."""
    if not counts:
        return []
    first = [f"{n:,} `{name}`" for name, n in counts.most_common(MOST_CLASSES)]
    more = [f"and of {len(counts) - len(first)} more classes"] if len(counts) > len(first) else []
    return [f"objects of classes that the spec does not name: {', '.join([*first, *more])}"]


def _failed(p: Problem) -> ImageReport:
    return ImageReport(path=p.path, verdict="error", labels=[], score=None, objects=None, error=p.message, findings=[])


def _notes(judgement: Judgement) -> dict[int, list[str]]:
    notes: dict[int, list[str]] = defaultdict(list)
    for rule, words, images in judgement.vacuous:
        name = judgement.program.rules[rule].name
        for i in images.tolist():
            notes[i].append(f"rule `{name}` holds because there is no `{words}`")
    for keep, images, counts in judgement.dropped:
        span = " ".join(judgement.program.keeps[keep].span.text.split())
        for i, n in zip(images.tolist(), counts.tolist(), strict=True):
            if n:
                notes[i].append(f"{n} overlapping detection{'s' * (n != 1)} left out by `{span}`")
            else:
                notes[i].append(
                    f"`{span}` could not be applied: an uncertain object without a place may overlap any other"
                )
    for clause in judgement.clauses:
        words = " ".join(judgement.program.nodes[clause.node].span.text.split())
        name = judgement.program.rules[clause.rule].name
        for i, n in clause.omitted.items():
            notes[i].append(f"{n:,} more finding{'s' * (n != 1)} of rule `{name}` left out: `{words}`")
    for i, line in _strange_values(judgement.program, judgement.table):
        notes[i].append(line)
    return notes


def _strange_values(program: ir.Program, table: ObjectTable) -> Iterator[tuple[int, str]]:
    """Values of a column that are invalid for its attribute, where a rule reads it: the image, and a note."""
    read = {n.attribute for n in program.nodes if isinstance(n, ir.Column)}
    for attribute in program.attributes:
        column = table.columns.get(attribute.name)
        strange: list[tuple[str, np.ndarray[tuple[int], np.dtype[np.bool_]]]] = []
        why = "not a whole number of at least 0"
        if attribute.name not in read:
            continue
        if attribute.labels and isinstance(column, TextColumn):
            why = "not one of its labels " + ", ".join(f"`{label}`" for label in attribute.labels)
            strange = [(v, column.codes == k) for k, v in enumerate(column.values) if v not in attribute.labels]
        elif attribute.name in program.counts and isinstance(column, np.ndarray) and column.ndim == 1:
            broken = ~is_count(column) & ~np.isnan(column)
            strange = [(f"{v:g}", column == v) for v in np.unique(column[broken]).tolist()]
        for value, rows in strange:
            counts = np.bincount(table.image_index[np.flatnonzero(rows)], minlength=len(table.images))
            for i in np.flatnonzero(counts).tolist():
                many = f"{counts[i]} object{'s' * int(counts[i] != 1)}"
                yield i, f"`{attribute.name}` of {many} is `{value}`, which is {why}"


def _images(
    table: ObjectTable, judgement: Judgement, found: Mapping[int, list[Finding]], notes: Mapping[int, list[str]]
) -> list[ImageReport]:
    """What is said of each image."""
    scores, made = judgement.scores, list[ImageReport]()
    counts, sizes = np.diff(table.offsets).tolist(), table.sizes.tolist()
    for i, (name, state) in enumerate(zip(table.images, judgement.verdicts.tolist(), strict=True)):
        if i in judgement.refused:
            made.append(_failed(Problem(name, judgement.refused[i])))
            continue
        findings = found.get(i, [])
        labels = list(dict.fromkeys(f.label for f in findings if f.label and f.truth == "false"))
        width, height = sizes[i]
        made.append(
            ImageReport(
                path=name,
                verdict=_VERDICTS[state],
                labels=["normal"] if state == State.PASS else labels,
                score=None if scores is None else float(scores[i]),
                objects=counts[i],
                error=None,
                size=(width, height) if math.isfinite(width) and math.isfinite(height) else None,
                findings=findings,
                notes=notes.get(i, []),
            )
        )
    return made


def _finding(
    program: ir.Program, table: ObjectTable, clause: Clause, place: int, objects: list[ObjectRef], groups: str | None
) -> Finding:
    rule = program.rules[clause.rule]
    node = program.nodes[clause.node]
    measured, expected = sides(program, clause, place)
    if groups is not None:
        measured = f"{measured}: {groups}" if measured else groups
    reason = None if clause.false else clause.reasons[place]
    if reason is not None:
        reason = _pointing(reason, objects)
    return Finding(
        rule=rule.name,
        kind=rule.anomaly,
        truth="false" if clause.false else "undetermined",
        label=clause.labels[place],
        severity=rule.severity,
        verdict=rule.verdict,
        message=_message(table, rule, clause, place, node, measured, expected, reason),
        span=node.span,
        measured=measured,
        expected=expected,
        margin=None if clause.margin is None else _plain(float(clause.margin[place])),
        reason=reason,
        objects=objects,
        repairs=[] if clause.repairs is None else list(clause.repairs[place]),
        joint=clause.joint[place] if clause.joint else None,
    )


def _pointing(reason: str, objects: Sequence[ObjectRef]) -> str:
    """A reason with advice, or with the first of the unreadable entries that it depends on."""
    for words, hint in _HINTS.items():
        if reason.endswith(words):
            return f"{reason}: {hint}"
    entries = [o.unreadable for o in objects if o.unreadable]
    if not entries:
        return reason
    more = f", and {len(entries) - 1} more" if len(entries) > 1 else ""
    return f"{reason}, as an entry could not be read ({entries[0]}{more})"


def _plain(value: float) -> float:
    return value + 0.0 if math.isfinite(value) else 0.0


def _message(
    table: ObjectTable,
    rule: ir.Rule,
    clause: Clause,
    place: int,
    node: ir.Node,
    measured: str | None,
    expected: str | None,
    reason: str | None,
) -> str:
    """The rule's own message with its values filled in, or one made from the clause."""
    if rule.message is not None and clause.false:
        return re.sub(
            r"\{([^{}]*)\}",
            lambda m: said(clause.shown.get(rule.message_nodes.get(m[1], -1)), place) or m[0],
            rule.message,
        )
    words = " ".join(node.span.text.split())
    if reason is not None:
        return f"cannot decide `{words}`: {reason}"
    about = rule.about or rule.name.replace("_", " ")
    where = _where(table, clause, place)
    values = _named(clause, place, words)
    if measured is not None:
        return f"{about}{where}: expected {expected}, found {measured}{values}"
    return f"{about}{where}: `{words}` is {'true' if clause.negated else 'false'}{values}"


def _named(clause: Clause, place: int, words: str) -> str:
    """The values that the words of a clause name."""
    used = {name: node for name, node in clause.named.items() if re.search(rf"\b{name}\b", words)}
    values = [f"{name} = {value}" for name, node in used.items() if (value := said(clause.shown.get(node), place))]
    return f", with {', '.join(values)}" if values else ""


def _where(table: ObjectTable, clause: Clause, place: int) -> str:
    """The cell of a finding, and what it was cut from."""
    for n, g in enumerate(clause.groups):
        if "row" in g.columns and (g.rows[place] >= 0).sum() == 1:
            k = int(np.flatnonzero(g.rows[place] >= 0)[0])
            return f", {_cell(table, clause.groups[n:], place, k)}"
    return ""


def _cell(table: ObjectTable, groups: Sequence[Group], place: int, k: int) -> str:
    """The first object of some groups: a cell, followed in the next group by what it was cut from."""
    first, row = groups[0], int(groups[0].rows[place, k])
    if first.store == OBJECTS:
        return f"{first.name or table.classes.values[table.classes.codes[row]]} {table.ids[row]}"
    if "row" not in first.columns:
        return ""
    numbers = (int(first.columns[name][place, k]) for name in ("row", "col"))
    words = "{} in row {}, column {}".format(first.store.partition(":")[2], *numbers)
    owner = _cell(table, groups[1:], place, k) if first.cut else ""
    return f"{words} of {owner}" if owner else words
