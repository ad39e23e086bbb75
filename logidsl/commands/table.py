"""`logidsl table PICTURE…`: the objects found in pictures, as a table and as a picture with numbered objects."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from logidsl.commands import annotate, counts, drawing, sweep, workbench
from logidsl.commands.check import chosen_spec
from logidsl.commands.counts import Counts, counts_of, shown_names
from logidsl.commands.exit_codes import INPUT_ERROR
from logidsl.commands.listing import (
    Row,
    as_csv,
    as_json,
    as_text,
    kept_rows,
    named_of,
    pictures_of,
)
from logidsl.commands.outputs import files_of, output, protect
from logidsl.commands.params import add_limit, add_params, add_unreadable, read_params, set_limit
from logidsl.commands.terminal import Bar, UsageError, meant, say, speak_utf8, write

if TYPE_CHECKING:
    from logidsl.ir import Program

SUMMARY = "show the objects found in pictures"
EXAMPLES = """  logidsl table tray.png
  logidsl table tray.png --overlay numbered.png
  logidsl table good/ --spec pushpins.logic --format csv > objects.csv
  logidsl table tray.png --masks stages/
  logidsl table good/ --overlay sheet/
  logidsl table tray.png --explain pushpin --overlay candidates.png
  logidsl table good/ --histogram pushpin.area
  logidsl table tray.png --only pushpin
  logidsl table good/ --counts
  logidsl table photo.jpg --size 1600
  logidsl table good/ -P 'lim=4..20%/9'
  logidsl table good/ --save-annotations good/

An object has the name of the first class or set of the spec that it belongs to, and all of them
under `names`; where it is open whether it belongs to one, that stands under `undetermined`, with
the reason. `seen_as` is what the source called it, the name of the blobs for a picture. `check`
takes the table back: --table objects.csv.
"""


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "path",
        nargs="+",
        metavar="PICTURE",
        help="a picture or annotation file, a folder of them, or a pattern: 'a/*.png'",
    )
    parser.add_argument("--spec", metavar="FILE", help="the spec, text or YAML; - for standard input")
    parser.add_argument("--format", choices=("text", "json", "csv"), default="text", help="text (default), json or csv")
    parser.add_argument(
        "--output", "-o", metavar="FILE", help="write the table to this file instead of standard output"
    )
    parser.add_argument(
        "--overlay",
        metavar="PATH",
        help="write pictures with their objects numbered, or with --explain their candidates in colours: a file for "
        "one picture, or a folder, which gets a contact sheet `index.html` as well",
    )
    annotate.add(parser)
    parser.add_argument(
        "--raw-csv",
        action="store_true",
        help="write texts as they are: by default those that begin with =, +, - or @ get an apostrophe, so that no "
        "spreadsheet takes them for formulas",
    )
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="CLASS",
        help="show only the objects of this class or set; repeatable",
    )
    parser.add_argument(
        "--counts",
        action="store_true",
        help="in place of the table: how many objects each class and set has on each picture, and in total",
    )
    parser.add_argument(
        "--size",
        type=int,
        metavar="PX",
        help="look at a copy whose longer side has PX pixels, where a picture is larger: faster, with less detail; px "
        "in the spec and in the table stay those of the original",
    )
    workbench.add(parser)
    add_params(parser, sweeps=True)
    add_limit(parser)
    add_unreadable(parser)
    parser.add_argument("--quiet", "-q", action="store_true", help="print only the table and errors")


def run(args: argparse.Namespace) -> int:
    """Print the objects found; 4 if a picture cannot be read."""
    from logidsl.eval import members
    from logidsl.extract.scaled_copies import check_scalable
    from logidsl.pipeline import compile_cached
    from logidsl.seeing import Course, gather, see_each

    set_limit(args.max_pixels)
    _only_one(args)
    params, sweeps = sweep.sweeps_of(read_params(args.param))
    inputs = gather(args.path)
    drawing.check_overlay(args, len(inputs))
    if args.masks and len(inputs) != 1:
        raise UsageError(f"expected one picture beside --masks, found {len(inputs)} in {' '.join(args.path)}")
    source = chosen_spec(args.spec, args.path, args.quiet)
    if sweeps:
        sweep.refuse(
            args,
            ("--overlay", "--masks", "--explain", "--histogram", "--save-annotations", "--counts", "--only", "--size"),
        )
        return sweep.run(args, source, params, sweeps, inputs, [*args.path, *files_of(source)], judged=False)
    program = compile_cached(source, params).program
    read = [*args.path, *(str(i) if isinstance(i, Path) else i.path for i in inputs), *files_of(source, program)]
    for option, target in (("--output", args.output), ("--overlay", args.overlay), ("--masks", args.masks)):
        if target:
            protect(target, read, option)
    if args.size is not None:
        check_scalable(program)
    if args.histogram or args.explain:
        return workbench.run(args, program, inputs, read)
    shown = only(program, args.only)
    saved = annotate.chosen(args, program, inputs, read)
    if args.masks:
        workbench.write_masks(program, args.path[0], Path(args.masks), read)
    pictures, counted, notes, failed = list[Row](), list[Counts](), dict[str, None](), 0
    course = Course(side_px=args.size)
    tables = see_each(program, inputs, None, Bar("pictures", args.quiet), args.unreadable, course)
    for item, table in zip(inputs, tables, strict=True):
        for problem in table.problems:
            failed += 1
            say(problem.message)
        known = members(program, table)
        named = named_of(program, table, known)
        kept = kept_rows(table, named, args.only)
        pictures += pictures_of(program, table, named, kept)
        counted += counts_of(table, known, shown)
        if saved and isinstance(item, Path):
            # possible members are included, to be corrected
            labels = annotate.labels_of(program, table, [n.names or [*n.undetermined] for n in named])
            saved.write(table, [label if k else None for label, k in zip(labels, kept, strict=True)], item)
        notes.update(dict.fromkeys(table.notes))
    if not pictures:
        return INPUT_ERROR
    if saved and not args.quiet:
        count = f"{saved.written} picture{'' if saved.written == 1 else 's'}"
        say(f"annotations of {count} written to {args.save_annotations}")
    drawn = True
    if args.overlay:
        title = f"Objects by {program.path}"
        drawn = drawing.draw(args, program, drawing.objects_drawn(pictures, counted), read, title)
    if args.format != "text":
        speak_utf8()
    match args.format:
        case _ if args.counts:
            text = counts.table_of([str(p["path"]) for p in pictures], counted, args.format)
        case "csv":
            text = as_csv(pictures, guard=not args.raw_csv)
        case "json":
            text = as_json(pictures, counted, list(notes))
        case _:
            text = as_text(pictures, counted, list(notes))
    with output(args.output, read) as out:
        if args.format == "csv" and out.isatty():  # a file keeps control characters
            from logidsl.report.formats.text import printable

            text = "\n".join(map(printable, text.split("\n")))
        write(out, text)
    return INPUT_ERROR if failed or not drawn else 0


def _only_one(args: argparse.Namespace) -> None:
    """See that no option is given that another one would leave without effect, and that `--size` is a size.

    Raises
    ------
    UsageError
        If one is.
    """
    if args.size is not None and args.size < 16:
        raise UsageError(f"expected --size of 16 px or more, found {args.size}")
    if args.size is not None and args.masks:
        raise UsageError("--size cannot be combined with --masks, which shows the original picture")
    places = {"--explain": args.explain, "--histogram": args.histogram}
    instead = [option for option, given in places.items() if given]
    others = {"--masks": args.masks, "--save-annotations": args.save_annotations, "--counts": args.counts}
    if not args.explain:
        others = {"--overlay": args.overlay, **others}
    beside = [option for option, given in {**others, "--only": args.only}.items() if given]
    if len(instead) > 1 or (instead and beside):
        first, second = [*instead, *beside][:2]
        raise UsageError(f"{first} cannot be combined with {second}: it replaces the table")


def only(program: Program, chosen: Sequence[str]) -> list[str]:
    """The classes and sets to count: those that are chosen, or all.

    Raises
    ------
    UsageError
        If the spec has no such class or set.
    """
    every = shown_names(program)
    known = [*every, *(b.name for b in program.blobs if b.name not in every)]
    for name in chosen:
        if name not in known:
            raise UsageError(
                f"expected a class or set of the spec after --only, found `{name}`; there are {', '.join(known)}"
                + meant(name, known)
            )
    return list(dict.fromkeys(chosen)) or every
