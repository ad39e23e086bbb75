"""`logidsl table PICTURE…`: the objects found in pictures, as a table and as a picture with numbered objects."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from logidsl.commands import annotate, counts, drawing, listing, reference_layout, workbench
from logidsl.commands.arguments import (
    MAX_PIXELS,
    OUTPUT,
    PICTURES,
    SPEC,
    SWEEPS,
    UNREADABLE,
    argument,
    given,
    number,
    refuse,
)
from logidsl.commands.job import Job
from logidsl.commands.outputs import rendered
from logidsl.commands.picture_files import is_picture_name
from logidsl.commands.terminal import INPUT_ERROR, UsageError, say, write
from logidsl.diagnostics import counted as many
from logidsl.diagnostics import did_you_mean
from logidsl.eval import members
from logidsl.extract.scaled_copies import check_scalable
from logidsl.ir import Program
from logidsl.object_counts import Counts, counts_of, shown_names
from logidsl.report.formats.text import printable
from logidsl.seeing import Course, see_each

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
  logidsl table good.png --save-layout golden.csv

An object has the name of the first class or set of the spec that it belongs to, and all of them
under `names`; where it is open whether it belongs to one, that stands under `undetermined`, with
the reason. `seen_as` is what the source called it, the name of the blobs for a picture. `check`
takes the table back: --table objects.csv.
"""
ARGUMENTS = (
    argument("path", nargs="+", metavar="PICTURE", help=PICTURES),
    SPEC,
    argument("--format", choices=("text", "json", "csv"), default="text", help="text (default), json or csv"),
    OUTPUT,
    argument(
        "--overlay",
        metavar="PATH",
        help="write pictures with their objects numbered, or with --explain their candidates in colours: a file for "
        "one picture, or a folder, which gets a contact sheet `index.html` as well",
    ),
    *annotate.ARGUMENTS,
    reference_layout.ARGUMENT,
    argument(
        "--raw-csv",
        action="store_true",
        help="write texts as they are: by default those that begin with =, +, - or @ get an apostrophe, so that no "
        "spreadsheet takes them for formulas",
    ),
    argument(
        "--only",
        action="append",
        default=[],
        metavar="CLASS",
        help="show only the objects of this class or set; repeatable",
    ),
    argument(
        "--counts",
        action="store_true",
        help="in place of the table: how many objects each class and set has on each picture, and in total",
    ),
    argument(
        "--size",
        type=number("--size", 16, expected="of 16 px or more"),
        metavar="PX",
        help="look at a copy whose longer side has PX pixels, where a picture is larger: faster, with less detail; px "
        "in the spec and in the table stay those of the original",
    ),
    *workbench.ARGUMENTS,
    SWEEPS,
    MAX_PIXELS,
    UNREADABLE,
    argument("--quiet", "-q", action="store_true", help="print only the table and errors"),
)


def run(args: argparse.Namespace) -> int:
    """Print the objects found; 4 if a picture cannot be read."""
    _only_one(args)
    job = Job(args, sweeps=True)
    many_inputs = len(job.inputs) != 1
    refuse(
        (
            many_inputs and args.overlay and is_picture_name(args.overlay),
            f"expected a folder after --overlay for {len(job.inputs)} pictures, found `{args.overlay}`: each picture "
            "gets a file in it",
        ),
        (
            many_inputs and args.masks,
            f"expected one picture beside --masks, found {len(job.inputs)} in {' '.join(args.path)}",
        ),
    )
    if job.sweeps:
        from logidsl.commands import sweep  # loads all that fitting takes

        single = ("--overlay", "--masks", "--explain", "--histogram", "--save-annotations", "--counts", "--only")
        return sweep.run(job, judged=False, refused=(*single, "--save-layout", "--size"))
    program = job.program
    job.protect("--output", "--overlay", "--masks")
    if args.size is not None:
        check_scalable(program)
    if args.histogram or args.explain:
        return workbench.run(job)
    shown = only(program, args.only)
    saved = annotate.chosen(job)
    layout = reference_layout.chosen(job)
    if args.masks:
        workbench.write_masks(job)
    pictures, counted, notes, failed = list[listing.Row](), list[Counts](), dict[str, None](), 0
    course = Course(side_px=args.size)
    tables = see_each(program, job.inputs, None, job.bar("pictures"), args.unreadable, course)
    for item, table in zip(job.inputs, tables, strict=True):
        for problem in table.problems:
            failed += 1
            say(problem.named)
        if layout is not None:
            reference_layout.save(job, layout, table)
        known = members(program, table)
        named = listing.named_of(program, table, known)
        kept = listing.kept_rows(table, named, args.only)
        pictures += listing.pictures_of(program, table, named, kept)
        counted += counts_of(table, known, shown)
        if saved and isinstance(item, Path):
            # possible members are included, to be corrected
            labels = annotate.labels_of(program, table, [n.names or [*n.undetermined] for n in named])
            saved.write(table, [label if k else None for label, k in zip(labels, kept, strict=True)], item)
        notes.update(dict.fromkeys(table.notes))
    if not pictures:
        return INPUT_ERROR
    if saved and not args.quiet:
        say(f"annotations of {many(saved.written, 'picture')} written to {args.save_annotations}")
    drawn = True
    if args.overlay:
        drawn = drawing.draw(job, drawing.objects_drawn(pictures, counted), f"Objects by {program.path}")
    if args.counts:
        text = counts.table_of([str(p["path"]) for p in pictures], counted, args.format)
    else:
        text = rendered(
            args.format,
            lambda: listing.as_text(pictures, counted, list(notes)),
            lambda: listing.document(pictures, counted, list(notes)),
            lambda: listing.csv_lines(pictures),
            guard=not args.raw_csv,
        )
    with job.output() as out:
        if args.format == "csv" and out.isatty():  # a file keeps control characters
            text = "\n".join(map(printable, text.split("\n")))
        write(out, text)
    return INPUT_ERROR if failed or not drawn else 0


def _only_one(args: argparse.Namespace) -> None:
    """See that no option is given that another one would leave without effect.

    Raises
    ------
    UsageError
        If one is.
    """
    if args.size is not None and args.masks:
        raise UsageError("--size cannot be combined with --masks, which shows the original picture")
    instead = given(args, ("--explain", "--histogram"))
    drawn = () if args.explain else ("--overlay",)
    beside = given(args, (*drawn, "--masks", "--save-annotations", "--save-layout", "--counts", "--only"))
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
                + did_you_mean(name, known)
            )
    return list(dict.fromkeys(chosen)) or every
