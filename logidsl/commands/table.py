"""`logidsl table PICTURE…`: what was seen on pictures, as a table and as a picture with numbered objects."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from logidsl.commands import annotate, sweep, workbench
from logidsl.commands.check import chosen_spec
from logidsl.commands.exit_codes import INPUT_ERROR
from logidsl.commands.outputs import csv_text, files_of, output, protect
from logidsl.commands.params import add_limit, add_params, add_unreadable, read_params, set_limit
from logidsl.commands.terminal import Bar, UsageError, page_width, say, speak_utf8, write

if TYPE_CHECKING:
    from logidsl.ir import Program
    from logidsl.table import ObjectTable

SUMMARY = "show the objects that were seen on pictures"
EXAMPLES = """  logidsl table tray.png
  logidsl table tray.png --overlay numbered.png
  logidsl table good/ --spec pushpins.logic --format csv > objects.csv
  logidsl table tray.png --masks stages/
  logidsl table tray.png --explain pushpin
  logidsl table good/ --histogram pushpin.area
  logidsl table good/ -P 'lim=4..20%/9'
  logidsl table good/ --save-annotations good/

An object has the name of the first class or set of the spec that it belongs to, and all of them
under `names`; `seen_as` is what the source called it, the name of the blobs for a picture. `check`
takes the table back: --table objects.csv.
"""
Row: TypeAlias = dict[str, object]
BOX = ("x0", "y0", "x1", "y1")


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "path",
        nargs="+",
        metavar="PICTURE",
        help="a picture or annotation file, a folder of them, or a pattern: 'a/*.png'",
    )
    parser.add_argument(
        "--spec", metavar="FILE", help="the spec that says what is seen, in either form; - for standard input"
    )
    parser.add_argument("--format", choices=("text", "json", "csv"), default="text", help="text (default), json or csv")
    parser.add_argument("--output", "-o", metavar="FILE", help="write the table there, not to standard output")
    parser.add_argument("--overlay", metavar="FILE", help="write the one picture there with its objects numbered")
    annotate.add(parser)
    parser.add_argument(
        "--raw-csv",
        action="store_true",
        help="write texts as they are: by default those that begin with =, +, - or @ get an apostrophe, so that no "
        "spreadsheet takes them for formulas",
    )
    workbench.add(parser)
    add_params(parser, sweeps=True)
    add_limit(parser)
    add_unreadable(parser)
    parser.add_argument("--quiet", "-q", action="store_true", help="nothing but the table and what is wrong")


def run(args: argparse.Namespace) -> int:
    """Print what was seen; 4 where a picture cannot be read."""
    from logidsl.pipeline import compile_spec
    from logidsl.seeing import gather, see_each

    set_limit(args.max_pixels)
    _only_one(args)
    params, sweeps = sweep.sweeps_of(read_params(args.param))
    if args.overlay and Path(args.overlay).is_dir():
        raise UsageError(f"expected a file after --overlay, found the folder `{args.overlay}`")
    inputs = gather(args.path)
    single = [o for o, given in (("--overlay", args.overlay), ("--masks", args.masks)) if given]
    if single and len(inputs) != 1:
        raise UsageError(f"expected one picture beside {single[0]}, found {len(inputs)} in {' '.join(args.path)}")
    source = chosen_spec(args.spec, args.path, args.quiet)
    if sweeps:
        sweep.refuse(args, ("--overlay", "--masks", "--explain", "--histogram", "--save-annotations"))
        return sweep.run(args, source, params, sweeps, inputs, [*args.path, *files_of(source)], judged=False)
    program = compile_spec(source, params)
    read = [*args.path, *(str(i) if isinstance(i, Path) else i.path for i in inputs), *files_of(source, program)]
    for option, target in (("--output", args.output), ("--overlay", args.overlay), ("--masks", args.masks)):
        if target:
            protect(target, read, option)
    if args.histogram or args.explain:
        return workbench.run(args, program, inputs, read)
    saved = annotate.chosen(args, program, inputs, read)
    if args.masks:
        workbench.write_masks(program, args.path[0], Path(args.masks), read)
    pictures, notes, failed = [], dict[str, None](), 0
    tables = see_each(program, inputs, None, Bar("pictures", args.quiet), args.unreadable)
    for item, table in zip(inputs, tables, strict=True):
        for problem in table.problems:
            failed += 1
            say(problem.message)
        names = names_of(program, table)
        pictures += pictures_of(table, names)
        if saved and isinstance(item, Path):
            saved.write(table, annotate.labels_of(program, table, names), item)
        notes.update(dict.fromkeys(table.notes))
    if not pictures:
        return INPUT_ERROR
    if saved and not args.quiet:
        count = f"{saved.written} picture{'' if saved.written == 1 else 's'}"
        say(f"annotations of {count} written to {args.save_annotations}")
    if args.overlay:
        draw_objects(program, args.path[0], Path(args.overlay), pictures)
    if args.format != "text":
        speak_utf8()
    match args.format:
        case "csv":
            text = as_csv(pictures, guard=not args.raw_csv)
        case "json":
            text = as_json(pictures, list(notes))
        case _:
            text = as_text(pictures, list(notes))
    with output(args.output, read) as out:
        if args.format == "csv" and out.isatty():  # a file keeps control characters
            from logidsl.report.formats.text import printable

            text = "\n".join(map(printable, text.split("\n")))
        write(out, text)
    return INPUT_ERROR if failed else 0


def _only_one(args: argparse.Namespace) -> None:
    """See that no option is given that another one would leave without effect.

    Raises
    ------
    UsageError
        If one is.
    """
    instead = [o for o, given in (("--explain", args.explain), ("--histogram", args.histogram)) if given]
    files = {"--overlay": args.overlay, "--masks": args.masks, "--save-annotations": args.save_annotations}
    beside = [option for option, given in files.items() if given]
    if len(instead) > 1 or (instead and beside):
        first, second = [*instead, *beside][:2]
        raise UsageError(f"{first} and {second} do not go together: {first} stands in place of the table")


def names_of(program: Program, table: ObjectTable) -> list[list[str]]:
    """The classes and sets of the spec that each row belongs to, in the order of the spec."""
    from logidsl.eval import classify

    members = classify(program, table)
    blobs = {b.name for b in program.blobs}
    declared = [c for c in program.classes if c.name not in blobs] + list(program.sets)
    declared.sort(key=lambda d: (d.span.path != program.path, d.span.line, d.span.column))
    known = [(d.name, members[d.name].tolist()) for d in declared if d.name in members]
    return [[name for name, inside in known if inside[row]] for row in range(len(table))]


def pictures_of(table: ObjectTable, names: Sequence[Sequence[str]]) -> list[Row]:
    """Each picture with its objects, as plain values that `check --table` takes back.

    Parameters
    ----------
    table : ObjectTable
        With n rows.
    names : sequence of n sequences of str
        See `names_of`. The first is shown as the `class` of the row.
    """
    from logidsl.extract import to_json_rows

    pictures: list[Row] = []
    for image in range(len(table.images)):
        picture = to_json_rows(table, image)
        mine = names[int(table.offsets[image]) : int(table.offsets[image + 1])]
        picture["objects"] = [_named(o, n) for o, n in zip(objects_of(picture), mine, strict=True)]
        pictures.append(picture)
    return pictures


def _named(item: Row, names: Sequence[str]) -> Row:
    """An object with the spec's names for it, and what its source called it."""
    from logidsl.table import ANY_CLASS

    known = bool(names) and item["class"] != ANY_CLASS
    head = {"id": item["id"], "class": names[0] if known else item["class"], "names": list(names)}
    return {**head, "seen_as": item["class"], **{k: v for k, v in item.items() if k not in head}}


def objects_of(picture: Row) -> list[Row]:
    """The objects of a picture of `pictures_of`."""
    objects = picture["objects"]
    assert isinstance(objects, list)
    return objects


def as_json(pictures: Sequence[Row], notes: Sequence[str]) -> str:
    """One document: the picture and its objects; of an annotation file of several, `images`."""
    document = {**pictures[0], "notes": notes} if len(pictures) == 1 else {"images": pictures, "notes": notes}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def as_csv(pictures: Sequence[Row], *, guard: bool = True) -> str:
    """A line for each object, lists written with `|` between, without outlines; see `guarded`."""
    lines: list[Row] = []
    for picture in pictures:
        head = {"image": picture["path"], "image_width": picture["width"], "image_height": picture["height"]}
        places = {"places": json.dumps(picture["places"])} if "places" in picture else {}
        for item in objects_of(picture) or [{}]:
            box = item.get("box")
            corners = dict(zip(BOX, box if isinstance(box, list) else [None] * 4, strict=True))
            rest = {k: v for k, v in item.items() if k not in ("box", "outline")}
            lines.append({**head, **dict.fromkeys(("id", "class", "names", "seen_as")), **corners, **rest, **places})
            places = {}  # of the picture, said once
    names = list(dict.fromkeys(k for line in lines for k in line))
    return csv_text([names, *([_field(line.get(n)) for n in names] for line in lines)], None if guard else str)


def as_text(pictures: Sequence[Row], notes: Sequence[str]) -> str:
    """A table for the eye: as many of the measurements as the page holds."""
    from logidsl.report.formats.text import printable

    parts = []
    for picture in pictures:
        objects = objects_of(picture)
        size = f", {picture['width']:g} by {picture['height']:g} px" if picture["width"] else ""
        count = f"{len(objects)} object{'' if len(objects) == 1 else 's'}"
        places = picture.get("places")
        seen = _columns([_place(p) for p in places]) if isinstance(places, list) else ""
        parts.append(
            f"{printable(str(picture['path']))}: {count}{size}\n{_columns([_shown(o) for o in objects])}{seen}"
        )
    return "".join([*parts, *(f"note: {printable(n)}\n" for n in notes)])


def _shown(item: Row) -> dict[str, str]:
    """An object as short texts, with what people ask for first; one of no class of the spec is in brackets."""
    from logidsl.table import ANY_CLASS

    names, box = item["names"], item.get("box")
    named = ", ".join(map(str, names)) if isinstance(names, list) and item["seen_as"] != ANY_CLASS else ""
    shown = {"id": str(item["id"]), "class": named or f"({item['seen_as']})"}
    if isinstance(box, list):
        shown |= {k: f"{v:.0f}" for k, v in zip(BOX, box, strict=True)}
    if (color := _color(item.get("color"))) is not None:
        shown["color"] = color
    hidden = ("id", "class", "names", "box", "seen_as", "outline", *shown)
    return {**shown, **{k: _short(v) for k, v in item.items() if k not in hidden}}


def _place(item: Row) -> dict[str, str]:
    """What was measured of a place as short texts."""
    rings, value = item["outline"], item.get("value")
    points = [p for ring in rings for p in ring] if isinstance(rings, list) else []
    sides = [f(p[k] for p in points) for f in (min, max) for k in (0, 1)] if points else []
    shown = {"place": str(item["of"]), **{k: f"{v:.0f}" for k, v in zip(BOX, sides, strict=False)}}
    return {**shown, "value": _color(value) or (_short(value) if value is not None else str(item.get("lack")))}


def _color(value: object) -> str | None:
    """A colour as a spec writes it; None where it was not measured."""
    from logidsl.report.words import hex_of

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
    """A value that reads back as the same; empty for none."""
    if isinstance(value, list):
        return "|".join(_field(v) for v in value)
    return "" if value is None else repr(value) if isinstance(value, float) else str(value)


def _columns(rows: Sequence[Mapping[str, str]]) -> str:
    """Texts in columns, numbers to the right, cut at the width of the page."""
    from logidsl.report.formats.text import printable

    left = page_width(sys.stdout)
    names: list[tuple[str, int]] = []
    for name in dict.fromkeys(k for row in rows for k in row):
        wide = max(len(name), *(len(printable(row.get(name, ""))) for row in rows))
        if left < wide + 2:
            continue
        names.append((name, wide))
        left -= wide + 2
    lines = [{n: n for n, _ in names}, *rows] if rows else []
    text = ""
    for line in lines:
        cells = [printable(line.get(n, "")) for n, _ in names]
        aligned = [
            c.ljust(w) if n in ("id", "class", "place") else c.rjust(w) for c, (n, w) in zip(cells, names, strict=True)
        ]
        text += ("  " + "  ".join(aligned)).rstrip() + "\n"
    return text


def draw_objects(program: Program, source: str, target: Path, pictures: Sequence[Row]) -> None:
    """Write a picture with its objects numbered by their ids; of those that are of no class, only the outline.

    Raises
    ------
    InputError
        If there is more than one picture, it is not there, or the file cannot be written.
    """
    from logidsl.diagnostics import InputError
    from logidsl.extract import read_picture, write_picture
    from logidsl.extract.calibration import straightened
    from logidsl.extract.overlay import OverlayBox, Role, draw_overlay
    from logidsl.files import is_file

    if len(pictures) != 1:
        raise InputError(f"{source} holds {len(pictures)} pictures: an overlay is of one")
    name = Path(str(pictures[0]["path"]))
    path = next((p for p in (name, Path(source).parent / name) if is_file(p)), Path(source))
    protect(target, [path], "--overlay")
    objects = objects_of(pictures[0])
    boxes = []
    for item in objects:
        box, rings = item.get("box"), item.get("outline")
        if isinstance(box, list):
            outline = rings[0] if isinstance(rings, list) and rings else None
            role: Role = "ok" if item["names"] else "context"
            label = str(item["id"]) if item["names"] else ""
            boxes.append(OverlayBox((box[0], box[1], box[2], box[3]), role, label, outline))
    title = f"{sum(bool(o['names']) for o in objects)} objects"
    write_picture(target, draw_overlay(straightened(program, read_picture(path)), boxes, title))
