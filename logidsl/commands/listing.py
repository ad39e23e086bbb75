"""The objects found in pictures as plain values, and as JSON, CSV and text."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

from logidsl.commands import counts
from logidsl.commands.terminal import page_width
from logidsl.diagnostics import counted as many
from logidsl.eval.membership import cell_counts, undetermined
from logidsl.extract import to_json_rows
from logidsl.ir import Program
from logidsl.object_counts import Counts, Members, shown_names, total
from logidsl.report.formats.text import in_columns, printable
from logidsl.report.words import hex_of
from logidsl.table import ANY_CLASS, BOX, ObjectTable

Row: TypeAlias = dict[str, object]


@dataclass(frozen=True)
class Named:
    """The spec's names for an object: its classes and sets, and undetermined ones with the reason."""

    names: list[str]
    undetermined: dict[str, str]


def named_of(program: Program, table: ObjectTable, known: Members) -> list[Named]:
    """The spec's names for each row, in the order of the spec; `known` comes from `eval.members`."""
    doubts = undetermined(program, table, known)
    blobs = {b.name for b in program.blobs}
    sure = [(name, known[name][0].tolist(), doubts.get(name, {})) for name in shown_names(program) if name not in blobs]
    return [
        Named([name for name, inside, _ in sure if inside[row]], {name: o[row] for name, _, o in sure if row in o})
        for row in range(len(table))
    ]


def kept_rows(table: ObjectTable, named: Sequence[Named], chosen: Sequence[str]) -> list[bool]:
    """Which rows are, or may be, members of a chosen class or set; all if none is chosen."""
    wanted = set(chosen)
    every = zip(named, table.classes.texts(), strict=True)
    return [not wanted or not wanted.isdisjoint([*n.names, *n.undetermined, own]) for n, own in every]


def pictures_of(program: Program, table: ObjectTable, named: Sequence[Named], kept: Sequence[bool]) -> list[Row]:
    """Each picture with its objects, as plain values that `check --table` takes back.

    Parameters
    ----------
    table : ObjectTable
        With n rows.
    named : sequence of n Named
        The first of its names is shown as the `class` of the row.
    kept : sequence of n bool
        Which rows are shown.
    """
    cells = cell_counts(program, table)

    pictures: list[Row] = []
    for image in range(len(table.images)):
        picture = to_json_rows(table, image)
        mine = slice(int(table.offsets[image]), int(table.offsets[image + 1]))
        rows = zip(objects_of(picture), named[mine], kept[mine], strict=True)
        picture["objects"] = [_named(o, n) for o, n, shown in rows if shown]
        if cells[image]:
            picture["grids"] = [asdict(c) for c in cells[image]]
        pictures.append(picture)
    return pictures


def _named(item: Row, named: Named) -> Row:
    """An object with the spec's names for it, and its name in the source."""
    names, known = named.names, bool(named.names) and item["class"] != ANY_CLASS
    head = {"id": item["id"], "class": names[0] if known else item["class"], "names": names}
    if named.undetermined:
        head["undetermined"] = named.undetermined
    return {**head, "seen_as": item["class"], **{k: v for k, v in item.items() if k not in head}}


def objects_of(picture: Row) -> list[Row]:
    """The objects of a picture of `pictures_of`."""
    objects = picture["objects"]
    assert isinstance(objects, list)
    return objects


def document(pictures: Sequence[Row], counted: Sequence[Counts], notes: Sequence[str]) -> Row:
    """One document, with the objects of each picture under `images`.

    For compatibility the keys of a single picture are repeated beside it; the next version drops them.
    """
    pictures = [{**p, "counts": counts.plain(c)} for p, c in zip(pictures, counted, strict=True)]
    every = {"images": pictures, "counts": counts.plain(total(counted)), "notes": notes}
    before = pictures[0] if len(pictures) == 1 else {}
    return {**every, **before}


def csv_lines(pictures: Sequence[Row]) -> Iterator[list[str]]:
    """A line for each object, lists written with `|` between, without outlines, below the names of the columns."""
    lines: list[Row] = []
    for picture in pictures:
        head = {"image": picture["path"], "image_width": picture["width"], "image_height": picture["height"]}
        places = {"places": json.dumps(picture["places"])} if "places" in picture else {}
        for item in objects_of(picture) or [{}]:
            box = item.get("box")
            corners = dict(zip(BOX, box if isinstance(box, list) else [None] * 4, strict=True))
            rest = {k: v for k, v in item.items() if k not in ("box", "outline")}
            lines.append({**head, **dict.fromkeys(("id", "class", "names", "seen_as")), **corners, **rest, **places})
            places = {}  # fields of the picture, written once
    names = list(dict.fromkeys(k for line in lines for k in line))
    yield names
    yield from ([_field(line.get(n)) for n in names] for line in lines)


def as_text(pictures: Sequence[Row], counted: Sequence[Counts], notes: Sequence[str]) -> str:
    """A table for the eye: as many of the measurements as the page holds, and how many objects each class has."""
    parts = []
    for picture, mine in zip(pictures, counted, strict=True):
        objects = objects_of(picture)
        size = f", {picture['width']:g} by {picture['height']:g} px" if picture["width"] else ""
        count = many(len(objects), "object")
        open_ = [(o["id"], doubts) for o in objects if (doubts := undetermined_of(o))]
        count += f", {len(open_)} undetermined" if open_ else ""
        places = picture.get("places")
        seen = _columns([_place(p) for p in places]) if isinstance(places, list) else ""
        parts.append(
            f"{printable(str(picture['path']))}: {count}{size}\n{_columns([_shown(o) for o in objects])}{seen}"
        )
        for number, doubts in open_:
            named = ((why, ", ".join(n for n in doubts if doubts[n] == why)) for why in dict.fromkeys(doubts.values()))
            words = "; ".join(f"may be {names} ({why})" for why, names in named)
            parts.append(f"  undetermined: {printable(f'{number} {words}')}\n")
        grids = picture.get("grids")
        parts += [f"  grid {g['name']}: {_cells(g)}\n" for g in (grids if isinstance(grids, list) else [])]
        parts.append(f"  counts: {counts.line(mine)}\n" if mine else "")
    if len(pictures) > 1 and (every := total(counted)):
        parts.append(f"total: {counts.line(every)}\n")
    return "".join([*parts, *(f"note: {printable(n)}\n" for n in notes)])


def undetermined_of(item: Row) -> dict[str, str]:
    """The classes and sets in which an object's membership is undetermined, and why."""
    found = item.get("undetermined")
    return found if isinstance(found, dict) else {}


def _cells(grid: Mapping[str, Any]) -> str:
    """How many cells a grid has."""
    least, most = grid["least"], grid["most"]
    cells = many(most, "cell") if least == most else f"{least} to {most} cells"
    cells += f", {many(grid['rows'], 'row')} by {many(grid['columns'], 'column')}{' in each' if grid['each'] else ''}"
    where = f"; undetermined where {grid['placeless']} of them lie ({grid['why']})" if grid["placeless"] else ""
    return cells + where


def _shown(item: Row) -> dict[str, str]:
    """An object as short texts, the most useful first; one without a class is in brackets."""
    names, box = item["names"], item.get("box")
    named = ", ".join(map(str, names)) if isinstance(names, list) and item["seen_as"] != ANY_CLASS else ""
    open_ = ", ".join(f"{name}?" for name in undetermined_of(item))
    shown = {"id": str(item["id"]), "class": ", ".join(n for n in (named, open_) if n) or f"({item['seen_as']})"}
    if isinstance(box, list):
        shown |= {k: f"{v:.0f}" for k, v in zip(BOX, box, strict=True)}
    if (color := _color(item.get("color"))) is not None:
        shown["color"] = color
    hidden = ("id", "class", "names", "undetermined", "box", "seen_as", "outline", *shown)
    return {**shown, **{k: _short(v) for k, v in item.items() if k not in hidden}}


def _place(item: Row) -> dict[str, str]:
    """The measurements of a place as short texts."""
    rings, value = item["outline"], item.get("value")
    points = [p for ring in rings for p in ring] if isinstance(rings, list) else []
    sides = [f(p[k] for p in points) for f in (min, max) for k in (0, 1)] if points else []
    shown = {"place": str(item["of"]), **{k: f"{v:.0f}" for k, v in zip(BOX, sides, strict=False)}}
    return {**shown, "value": _color(value) or (_short(value) if value is not None else str(item.get("lack")))}


def _color(value: object) -> str | None:
    """A colour as a spec writes it; None if not measured."""
    match value:
        case [float(light), float(a), float(b)]:
            return hex_of((light, a, b))
        case _:
            return None


def _short(value: object) -> str:
    """A value in few characters."""
    if isinstance(value, list):
        return " ".join(_short(v) for v in value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _field(value: object) -> str:
    """A value as text that parses back to it; empty for a missing one."""
    if isinstance(value, list):
        return "|".join(_field(v) for v in value)
    if isinstance(value, dict):
        return "|".join(f"{k}: {v}" for k, v in value.items())
    return "" if value is None else repr(value) if isinstance(value, float) else str(value)


def _columns(rows: Sequence[Mapping[str, str]]) -> str:
    """Texts in columns, numbers to the right, cut at the width of the page."""
    left = page_width(sys.stdout)
    names: list[str] = []
    for name in dict.fromkeys(k for row in rows for k in row):
        wide = max(len(name), *(len(printable(row.get(name, ""))) for row in rows))
        if left >= wide + 2:
            names.append(name)
            left -= wide + 2
    lines = [names, *([row.get(n, "") for n in names] for row in rows)] if rows else []
    return in_columns(lines, [i for i, n in enumerate(names) if n in ("id", "class", "place")], "  ")
