"""The objects of findings as a report names them: those of the table, cells, regions, and what is absent."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from logidsl.report.marks import simplified
from logidsl.report.model import MemberRef, ObjectRef, Outline
from logidsl.table import ANY_CLASS, BOX, UNREADABLE, ObjectTable, TextColumn
from logidsl.types import OBJECTS
from logidsl.verdicts import PICTURE, Clause, Group, Ints

#: The groups that a finding lists, and the members of each.
_MOST_GROUPS = 12
#: The rows of a group's store that a finding names, each with the object.
Named = list[tuple[int, ObjectRef]]


def objects_of(table: ObjectTable, clause: Clause) -> list[list[ObjectRef]]:
    """The objects of each finding of a clause, each once: witnesses first, then what is absent, then context."""
    found: list[list[ObjectRef]] = [[] for _ in clause.images]
    seen: list[set[tuple[str, int]]] = [set() for _ in clause.images]
    for role in ("witness", "context"):
        for group in clause.groups:
            if group.role != role:
                continue
            named = _of_table(table, group) if group.store == OBJECTS else _of_places(group)
            for objects, known, members in zip(found, seen, named, strict=True):
                for row, item in members:
                    if (group.store, row) not in known:
                        known.add((group.store, row))
                        objects.append(item)
        if role == "witness":
            expected = {g.name: list(_of_places(g)) for g in clause.groups if g.role == "absent"}
            for words, counts in clause.absent.items():
                item = ObjectRef(id=None, class_=words, role="absent")
                for k, (objects, count) in enumerate(zip(found, counts.tolist(), strict=True)):
                    objects += [o for _, o in expected[words][k]] if words in expected else [item] * count
    return found


def groups_of(table: ObjectTable, clause: Clause) -> list[str | None]:
    """The groups of the clause's partition at each finding, in words: `bolt 1, bolt 2 | bolt 3`."""
    if clause.partition is None:
        return [None] * len(clause.images)
    of = clause.partition.of
    named = _of_table(table, of) if of.store == OBJECTS else _of_places(of)
    numbers = [n[rows >= 0] for n, rows in zip(clause.partition.numbers, of.rows, strict=True)]
    return [_in_groups(members, n) for members, n in zip(named, numbers, strict=True)]


def _in_groups(members: Named, numbers: Ints) -> str | None:
    groups: dict[int, list[str]] = {}
    for (_, item), number in zip(members, numbers.tolist(), strict=True):
        words = item.class_ if item.id is None else f"{item.class_} {item.id}"
        groups.setdefault(number, []).append(words if item.row is None else f"{words}[{item.row},{item.col}]")
    return _first(" | ", [_first(", ", g) for g in groups.values()]) or None


def _first(between: str, words: list[str]) -> str:
    """The first of many words, and how many more there are."""
    more = [f"{len(words) - _MOST_GROUPS} more"] if len(words) > _MOST_GROUPS else []
    return between.join(words[:_MOST_GROUPS] + more)


def _of_table(table: ObjectTable, group: Group) -> Iterator[Named]:
    """The members of a group of objects; one that several findings name is made once."""
    rows = np.unique(group.rows[group.rows >= 0])
    names = [v if v == ANY_CLASS else group.name or v for v in table.classes.values]
    entries = table.columns.get(UNREADABLE)
    unreadable = [None] * len(rows) if not isinstance(entries, TextColumn) else entries.take(rows).texts()
    if isinstance(pictures := table.columns.get(PICTURE), TextColumn):
        members = {
            row: MemberRef(id=table.ids[row], class_=names[code], role=group.role, image=image)
            for row, code, image in zip(
                rows.tolist(), table.classes.codes[rows].tolist(), pictures.take(rows).texts(), strict=True
            )
        }
        return ([(row, members[row]) for row in line if row >= 0] for line in group.rows.tolist())
    made = {
        row: ObjectRef(
            id=table.ids[row],
            class_=names[code],
            role=group.role,
            box=box,
            outline=_outline(table, row),
            unreadable=entry,
        )
        for row, code, box, entry in zip(
            rows.tolist(), table.classes.codes[rows].tolist(), _boxes(table, rows), unreadable, strict=True
        )
    }
    return ([(row, made[row]) for row in line if row >= 0] for line in group.rows.tolist())


def _of_places(group: Group) -> Iterator[Named]:
    """The members of a group of cells or regions."""
    name = group.store.partition(":")[2] if group.store.startswith("grid:") else group.name or "region"
    for place, line in enumerate(group.rows.tolist()):
        members: Named = []
        for k, row in enumerate(line):
            if row < 0:
                continue
            number, col = (int(group.columns[c][place, k]) if c in group.columns else None for c in ("row", "col"))
            x0, y0, x1, y1 = (float(group.columns[b][place, k]) if b in group.columns else math.nan for b in BOX)
            ring = None if group.outlines is None else group.outlines[place, k]
            outline = None if ring is None else simplified(ring)
            item = ObjectRef(
                id=None, class_=name, role=group.role, box=(x0, y0, x1, y1), outline=outline, row=number, col=col
            )
            members.append((row, item))
        yield members


def _boxes(table: ObjectTable, rows: Ints) -> list[tuple[float, float, float, float]] | list[None]:
    """The boxes of some rows; None if the table has none."""
    columns = [c for name in BOX if isinstance(c := table.columns.get(name), np.ndarray)]
    if len(columns) < len(BOX):
        return [None] * len(rows)
    x0, y0, x1, y1 = (c[rows].tolist() for c in columns)
    return list(zip(x0, y0, x1, y1, strict=True))


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
