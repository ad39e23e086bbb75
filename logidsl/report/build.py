"""From the columns of a judgement to a report, with one finding for each failing binding."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from logidsl import ir
from logidsl.repairs import Box
from logidsl.report.marks import simplified
from logidsl.report.model import Finding, ImageReport, ObjectRef, Outline, Report, SpecRef, Summary
from logidsl.report.words import said, sides
from logidsl.table import ANY_CLASS, BOX, UNREADABLE, ObjectTable, Problem, TextColumn, is_count
from logidsl.types import OBJECTS
from logidsl.verdicts import Clause, Group, Judgement, State
from logidsl.version import __version__

#: Advice for some reasons.
_HINTS = {
    "no pixels": "give the picture itself, or the table that `logidsl table --format json` writes of it with this spec",
    "outside the picture": "the place reaches beyond the border: make it smaller, or show all of it in the picture",
}
_VERDICTS = {State.PASS: "pass", State.REVIEW: "review", State.FAIL: "fail"}


def spec_ref(program: ir.Program) -> SpecRef:
    """How a report names the spec."""
    return SpecRef(name=program.name, path=program.path, hash=program.hash, language=program.language)


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
        for place in range(len(clause.images)):
            found[int(clause.images[place])].append(_finding(program, table, clause, place))
    notes = _notes(judgement)
    images = [
        _failed(Problem(name, judgement.refused[i]))
        if i in judgement.refused
        else _image(table, judgement, i, found.get(i, []), notes.get(i, []))
        for i, name in enumerate(table.images)
    ]
    images += [_failed(p) for p in table.problems]
    summary = Summary.of(i.verdict for i in images)
    return Report(logidsl=__version__, spec=spec_ref(program), images=images, summary=summary, notes=list(table.notes))


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


def _image(table: ObjectTable, judgement: Judgement, i: int, findings: list[Finding], notes: list[str]) -> ImageReport:
    verdict = _VERDICTS[State(int(judgement.verdicts[i]))]
    labels = list(dict.fromkeys(f.label for f in findings if f.label and f.truth == "false"))
    score = None if judgement.scores is None else float(judgement.scores[i])
    return ImageReport(
        path=table.images[i],
        verdict=verdict,  # type: ignore[arg-type]
        labels=labels if verdict != "pass" else ["normal"],
        score=score,
        objects=int(table.offsets[i + 1] - table.offsets[i]),
        error=None,
        size=_size(table, i),
        findings=findings,
        notes=notes,
    )


def _finding(program: ir.Program, table: ObjectTable, clause: Clause, place: int) -> Finding:
    rule = program.rules[clause.rule]
    node = program.nodes[clause.node]
    measured, expected = sides(program, clause, place)
    reason = None if clause.false else clause.reasons[place]
    objects = list(_objects(table, clause, place))
    if reason is not None:
        reason = _pointing(reason, objects)
    return Finding(
        rule=rule.name,
        kind=rule.anomaly,
        truth="false" if clause.false else "undetermined",
        label=clause.labels[place],
        severity=rule.severity,
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
    if measured is not None:
        return f"{about}{where}: expected {expected}, found {measured}"
    return f"{about}{where}: `{words}` is {'true' if clause.negated else 'false'}"


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


def _objects(table: ObjectTable, clause: Clause, place: int) -> Iterator[ObjectRef]:
    seen: set[tuple[str, int]] = set()
    for role in ("witness", "context"):
        for group in clause.groups:
            if group.role != role:
                continue
            for k in np.flatnonzero(group.rows[place] >= 0).tolist():
                key = group.store, int(group.rows[place, k])
                if key not in seen:
                    seen.add(key)
                    yield _object(table, group, place, k)
        if role == "witness":
            for words, counts in clause.absent.items():
                for _ in range(int(counts[place])):
                    yield ObjectRef(id=None, class_=words, role="absent")


def _object(table: ObjectTable, group: Group, place: int, k: int) -> ObjectRef:
    row = int(group.rows[place, k])
    if group.store == OBJECTS:
        name = group.name or table.classes.values[table.classes.codes[row]]
        entry = _unreadable(table, row)
        if table.classes.values[table.classes.codes[row]] == ANY_CLASS:
            name = ANY_CLASS
        return ObjectRef(
            id=table.ids[row],
            class_=name,
            role=group.role,
            box=_box(table, row),
            outline=_outline(table, row),
            unreadable=entry,
        )
    columns = group.columns
    number, col = (int(columns[key][place, k]) if key in columns else None for key in ("row", "col"))
    x0, y0, x1, y1 = (float(columns[b][place, k]) if "x0" in columns else math.nan for b in BOX)
    ring = None if group.outlines is None else group.outlines[place, k]
    outline = None if ring is None else simplified(ring)
    name = group.store.partition(":")[2] if group.store.startswith("grid:") else "region"
    return ObjectRef(id=None, class_=name, role=group.role, box=(x0, y0, x1, y1), outline=outline, row=number, col=col)


def _outline(table: ObjectTable, row: int) -> Outline | None:
    """The outer outline of an object, if it has one other than its box."""
    if table.outlines is None or not (rings := table.outlines.rings(row)) or len(rings[0]) < 3:
        return None
    ring = rings[0]
    if not np.isfinite(ring).all():
        return None
    after = np.roll(ring, -1, axis=0)
    area = abs(float((ring[:, 0] * after[:, 1] - after[:, 0] * ring[:, 1]).sum())) / 2
    return simplified(ring) if area < float(np.ptp(ring, axis=0).prod()) * (1 - 1e-9) else None


def _size(table: ObjectTable, i: int) -> tuple[float, float] | None:
    width, height = table.sizes[i].tolist()
    return (width, height) if math.isfinite(width) and math.isfinite(height) else None


def _unreadable(table: ObjectTable, row: int) -> str | None:
    column = table.columns.get(UNREADABLE)
    if not isinstance(column, TextColumn) or column.codes[row] < 0:
        return None
    return column.values[int(column.codes[row])]


def _box(table: ObjectTable, row: int) -> Box | None:
    match [table.columns.get(k) for k in BOX]:
        case [np.ndarray() as x0, np.ndarray() as y0, np.ndarray() as x1, np.ndarray() as y1]:
            return float(x0[row]), float(y0[row]), float(x1[row]), float(y1[row])
        case _:
            return None
