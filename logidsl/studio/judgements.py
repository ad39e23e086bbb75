"""What a spec says of a photo, as the page shows it: findings, objects with their rows and margins, places, rules."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from logidsl import ir
from logidsl.diagnostics import InputError
from logidsl.eval import judge, members, traces
from logidsl.eval.filters import explained
from logidsl.eval.image_batch import Prepared
from logidsl.eval.locating import locate
from logidsl.eval.margins import margin
from logidsl.eval.reductions import quantified
from logidsl.library.values import Obj
from logidsl.object_counts import counts_of, shown_names
from logidsl.pipeline import not_over_several
from logidsl.report.build import build
from logidsl.report.model import Finding, ObjectRef
from logidsl.report.words import hex_of
from logidsl.studio.spec import span_of
from logidsl.table import BOX, ObjectTable, TextColumn
from logidsl.types import OBJECTS
from logidsl.verdicts import State

_WORDS = {int(State.FAIL): "false", int(State.REVIEW): "undetermined", int(State.PASS): "true"}
VERDICTS = {int(State.FAIL): "fail", int(State.REVIEW): "review", int(State.PASS): "pass"}
#: Findings of one clause on a photo, and findings with repairs.
MOST_FINDINGS, MOST_REPAIRED = 100, 20
#: Objects of no class that are shown, the largest first: a limit that is far off finds thousands.
MOST_OTHERS = 200
Rows = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Summary:
    """What the contact sheet shows of a photo.

    Parameters
    ----------
    verdict : str
        `pass`, `fail`, `review` or `error`.
    score : float, optional
        The greater, the worse.
    counts : mapping of str to int
        Sure members of each class and set.
    labels : tuple of str
        Of the defects.
    error : str, optional
        Why there is no verdict.
    """

    verdict: str
    score: float | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    error: str | None = None


def summaries(program: ir.Program, table: ObjectTable) -> list[Summary]:
    """The summary of each image of a table."""
    judged = judge(program, table, scores=True, most=MOST_FINDINGS)  # each may have another label
    labels: list[dict[str, None]] = [{} for _ in table.images]
    for clause in judged.clauses:
        for image, label in zip(clause.images.tolist(), clause.labels, strict=True):
            if clause.false and label:
                labels[image][label] = None
    counts = counts_of(table, members(program, table), shown_names(program))
    found = []
    for i, state in enumerate(judged.verdicts.tolist()):
        if i in judged.refused:
            found.append(Summary("error", error=judged.refused[i]))
            continue
        score = None if judged.scores is None else float(judged.scores[i])
        mine = {name: count.least for name, count in counts[i].items()}
        found.append(Summary(VERDICTS[state], score, mine, tuple(labels[i])))
    return found


def judgement(program: ir.Program, table: ObjectTable, *, repairs: bool) -> dict[str, Any]:
    """The judgement on a photo, all but `photo`, `revision` and `ms`.

    Parameters
    ----------
    program : Program
    table : ObjectTable
        Of one image, or with a problem in place of it.
    repairs : bool
        Whether findings say what would make their clause true, which takes longer than all the rest.
    """
    if not table.images:
        why = table.problems[0].message if table.problems else "no picture"
        return {"verdict": "error", "error": why, "findings": [], "objects": [], "places": [], "rules": []}
    prepared = _held(table).prepared
    judged = judge(program, prepared, most=MOST_FINDINGS)
    named = replace(table, outlines=None)  # the page has the outlines of objects, and findings name them by their ids
    image = build(program, named, judged).images[0]
    findings = image.findings
    if repairs and 0 < len(findings) <= MOST_REPAIRED:
        findings = build(program, named, judge(program, prepared, most=MOST_FINDINGS, repairs=True)).images[0].findings
    inside = members(program, table)
    return {
        "verdict": image.verdict,
        "error": image.error,
        "notes": [*image.notes, *not_over_several(program)],
        "findings": [_finding(program, f) for f in findings],
        "objects": _objects(program, table, inside),
        "places": _places(program, table),
        "rules": _rules(program, table, inside, judged.truths[:, 0].tolist()),
    }


def _finding(program: ir.Program, found: Finding) -> dict[str, Any]:
    rule = next(r for r in program.rules if r.name == found.rule)
    return {
        "rule": found.rule,
        "title": rule.about or found.rule,
        "clause": " ".join(found.span.text.split()),
        "kind": found.kind or "",
        "label": found.label or "",
        "severity": found.severity,
        "state": found.truth,
        "message": found.message,
        "reason": found.reason,
        "measured": found.measured,
        "limit": found.expected,
        "span": span_of(found.span),
        "objects": [o.id for o in found.objects if o.id is not None],
        "places": [p for o in found.objects if o.id is None if (p := _place(o)) is not None],
        "repairs": [r.text for r in found.repairs],
    }


def _place(item: ObjectRef) -> dict[str, Any] | None:
    """A cell, a region or the place of what is absent; None where it has none."""
    if item.outline is not None:
        ring = [list(p) for p in item.outline]
    elif item.box is not None:
        x0, y0, x1, y1 = item.box
        ring = [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
    else:
        return None
    name = item.class_ if item.row is None else f"{item.class_} row {item.row}, column {item.col}"
    return {"name": name, "points": [ring]}


def _objects(program: ir.Program, table: ObjectTable, inside: Mapping[str, tuple[Rows, Rows]]) -> list[dict[str, Any]]:
    """The members of classes and sets, and the largest of the other candidates."""
    names = shown_names(program)
    known = np.any([inside[n][1] for n in names], axis=0) if names else np.zeros(len(table), bool)
    boxes = np.stack([_numbers(table, b) for b in BOX], axis=1)
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    others = np.flatnonzero(~known)
    others = others[np.argsort(-np.nan_to_num(areas[others]), kind="stable")][:MOST_OTHERS]
    margins = _margins(program, table)
    held = _held(table)
    found = []
    for row in np.sort(np.concatenate([np.flatnonzero(known), others])).tolist():
        mine = [{"name": n, "member": "yes" if inside[n][0][row] else "doubtful"} for n in names if inside[n][1][row]]
        raw = table.classes.values[table.classes.codes[row]] if table.classes.codes[row] >= 0 else "?"
        if row not in held.rows:
            held.rows[row] = _measured(table, row)
        found.append(
            {
                "id": table.ids[row],
                "name": f"{mine[0]['name'] if mine else raw} {table.ids[row]}",
                "classes": mine,
                **held.rows[row],
                "margins": margins.get(row, []),
            }
        )
    return found


@dataclass(eq=False)
class _Held:
    """What an edit of rules leaves as it is: a table that is ready to be judged, and the plain values of its rows."""

    prepared: Prepared
    rows: dict[int, dict[str, Any]] = field(default_factory=dict)


@lru_cache(maxsize=2)
def _held(table: ObjectTable) -> _Held:
    return _Held(Prepared(table))


def _measured(table: ObjectTable, row: int) -> dict[str, Any]:
    """The values of a row that do not depend on rules."""
    rings = table.outlines.rings(row) if table.outlines is not None else []
    return {
        "box": [_plain(float(_numbers(table, b)[row])) for b in BOX],
        "outline": [np.round(r, 2).tolist() for r in rings],
        "columns": dict(_columns(table, row)),
        "confidence": _plain(float(_numbers(table, "confidence")[row])),
    }


def _plain(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _numbers(table: ObjectTable, name: str) -> npt.NDArray[np.float64]:
    column = table.columns.get(name)
    right = isinstance(column, np.ndarray) and column.ndim == 1
    return column if right and isinstance(column, np.ndarray) else np.full(len(table), np.nan)


def _columns(table: ObjectTable, row: int) -> Iterator[tuple[str, float | str | None]]:
    """The measured values of an object: colours as `#rrggbb`, points as `x, y`."""
    for name, column in table.columns.items():
        if name in BOX:
            continue
        if isinstance(column, TextColumn):
            code = int(column.codes[row])
            yield name, column.values[code] if code >= 0 else None
        elif column.ndim == 1:
            yield name, _plain(float(column[row]))
        else:
            values = column[row].tolist()
            if not all(map(math.isfinite, values)):
                yield name, None
            elif len(values) == 3:
                yield name, hex_of((values[0], values[1], values[2]))
            else:
                yield name, ", ".join(f"{v:.1f}" for v in values)


def _margins(program: ir.Program, table: ObjectTable) -> dict[int, list[dict[str, Any]]]:
    """For each row by how much it meets the conditions of classes, and the rules about every object."""
    found: dict[int, list[dict[str, Any]]] = {}
    for name in shown_names(program):
        said = explained(program, table, name)
        for i, row in enumerate([] if said is None else said.rows.tolist()):
            assert said is not None
            for node, value in zip(said.nodes, said.margins[i].tolist(), strict=True):
                entry = {"rule": name, "span": span_of(program.nodes[node].span), "margin": value}
                found.setdefault(row, []).append(entry)
    for rule in program.rules:
        root = program.nodes[rule.node]
        if isinstance(root, ir.Quantifier) and root.fn == "every" and root.body is not None:
            for row, value in _of_rule(program, table, rule.node, root, root.body):
                entry = {"rule": rule.name, "span": span_of(program.nodes[root.body].span), "margin": value}
                found.setdefault(row, []).append(entry)
    return found


def _of_rule(
    program: ir.Program, table: ObjectTable, root: int, node: ir.Quantifier, body: int
) -> Iterator[tuple[int, float]]:
    """The rows that a rule about every object is about, each with the margin of what the rule demands of it."""
    for trace in traces(program, _held(table).prepared, roots=[root]):
        walked = trace.values[node.each]
        if not isinstance(walked, Obj) or walked.store != OBJECTS:
            continue
        there = quantified(trace.values, node)[1]
        values, rows = margin(trace, body), walked.rows
        shape = np.broadcast_shapes(values.shape, rows.shape, there.shape)
        if shape != np.broadcast_shapes(rows.shape, there.shape):
            continue  # the body is about further objects, too
        held = np.broadcast_to(there, shape)
        pairs = np.broadcast_to(rows, shape)[held].tolist(), np.broadcast_to(values, shape)[held].tolist()
        for row, value in zip(*pairs, strict=True):
            if 0 <= row < len(table):
                yield row, value


def _places(program: ir.Program, table: ObjectTable) -> list[dict[str, Any]]:
    """The regions of the spec that lie in one place of the photo."""
    found = []
    for region in program.regions:
        if program.walks[region.node]:
            continue  # one for each member of a set
        try:
            rings = locate(program, table, region.node)
        except (InputError, KeyError, IndexError, ValueError, TypeError, AssertionError):
            continue  # it is drawn for orientation only; findings name its place again
        if rings:
            found.append({"name": region.name, "points": [np.round(r, 2).tolist() for r in rings]})
    return found


def _rules(
    program: ir.Program, table: ObjectTable, inside: Mapping[str, tuple[Rows, Rows]], truths: Sequence[int]
) -> list[dict[str, Any]]:
    """Each rule with its truth, and the objects that it is about: the members of the sets it names."""
    found = []
    for rule, truth in zip(program.rules, truths, strict=True):
        used = [program.nodes[i] for i in ir.below(program.nodes, [rule.node])]
        named = {n.ref for n in used if isinstance(n, ir.Name) and n.thing in ("raw", "class", "set")} & inside.keys()
        about = np.any([inside[n][1] for n in named], axis=0) if named else np.zeros(len(table), bool)
        found.append(
            {
                "name": rule.name,
                "title": rule.about or rule.name,
                "span": span_of(rule.span),
                "state": _WORDS[truth],
                "objects": [table.ids[row] for row in np.flatnonzero(about).tolist()],
            }
        )
    return found
