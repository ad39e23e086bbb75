"""`logidsl export PICTURE… --to TOOL`: what needs review, as pre-annotations for an annotation tool."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace as changed
from pathlib import Path

from logidsl.commands.annotate import labels_of, refuse_straightened
from logidsl.commands.arguments import JOBS, MAX_PIXELS, PARAMS, PICTURES, SPEC, UNREADABLE, argument, refuse
from logidsl.commands.job import Job
from logidsl.commands.listing import named_of
from logidsl.commands.outputs import make_folder, protect
from logidsl.commands.terminal import INPUT_ERROR, PASS, UsageError, say
from logidsl.diagnostics import counted
from logidsl.eval import members
from logidsl.export import TOOLS, files_for
from logidsl.export.review import URGENCIES, Review, ReviewPicture, doubt_of, review_picture
from logidsl.extract import read_table
from logidsl.files import replace
from logidsl.ir import Program
from logidsl.object_counts import shown_names
from logidsl.pipeline import Detail, report
from logidsl.report.build import spec_ref
from logidsl.seeing import see_each
from logidsl.table import ObjectTable

EXAMPLES = """  logidsl export photos/ --spec pushpins.logic --to labelstudio -o review/
  logidsl export photos/ --to cvat -o review/ --all
  logidsl export --table detections.json --spec nuts.logic --to coco -o review/

Pictures that need review are written: those of verdict `review`, and those with objects that may not be
of their class; with --all the others too, after them, first those that fail. What was corrected is read
back from the tool's own export: logidsl learn parts export.json, logidsl fit SPEC --truth export.json.
"""
ARGUMENTS = (
    argument("path", nargs="*", metavar="PATH", help=PICTURES),
    SPEC,
    argument(
        "--to",
        required=True,
        choices=tuple(TOOLS),
        help="the tool: " + "; ".join(f"{name} writes {what}" for name, what in TOOLS.items()),
    ),
    argument("--output", "-o", required=True, metavar="FOLDER", help="write the files to this folder"),
    argument("--table", metavar="FILE", help="export the objects of a table or annotation file instead of pictures"),
    argument("--all", action="store_true", help="export all pictures, those that need review first"),
    argument(
        "--prefix",
        metavar="ADDRESS",
        help="labelstudio: what stands before the path of a picture (default: /data/local-files/?d=)",
    ),
    argument("--force", action="store_true", help="replace files of an earlier export"),
    PARAMS,
    MAX_PIXELS,
    UNREADABLE,
    JOBS(help="processes that read pictures (default: as many as help)"),
    argument("--quiet", "-q", action="store_true", help="no progress bar and no messages but errors"),
)
_PREFIX = "/data/local-files/?d="


def run(args: argparse.Namespace) -> int:
    """Write the files; 4 if a picture could not be read."""
    refuse(
        (
            bool(args.path) == bool(args.table),
            "expected pictures to export, or --table FILE, and not both; see `logidsl export --help`",
        ),
        (args.prefix and args.to != "labelstudio", "--prefix goes with --to labelstudio"),
    )
    job = Job(args, beside_inputs=True)
    program = job.program
    if program.sees and not args.table:
        refuse_straightened(program, "export")
    pictures, failed = list[ReviewPicture](), 0
    for table in _tables(job):
        failed += len(table.problems)
        for problem in table.problems:
            say(problem.named)
        pictures += _reviewed(program, table)
    if not pictures:
        return INPUT_ERROR
    chosen = [p for p in pictures if args.all or p.urgency in ("review", "uncertain")]
    if not chosen:
        say(f"none of {counted(len(pictures), 'picture')} needs review, so nothing was written; --all exports all")
        return INPUT_ERROR if failed else PASS
    chosen.sort(key=lambda p: URGENCIES.index(p.urgency))
    folder = Path(args.output)
    labels = dict.fromkeys([*shown_names(program), *(o.label for p in chosen for o in p.objects)])
    base = Path(args.table).parent if args.table else None
    review = Review(spec_ref(program), list(labels), _renamed(chosen, folder, args.to, base), args.prefix or _PREFIX)
    files = files_for(args.to)(review)
    _write(folder, files, job, args.force)
    if not args.quiet:
        for what, count in review.dropped.items():
            say(f"note: {what}: {counted(count, 'object')}")
        written = ", ".join(str(folder / name) for name in files)
        say(f"{counted(len(chosen), 'picture')} of {len(pictures)} written to {written}")
    return INPUT_ERROR if failed else PASS


def _tables(job: Job) -> Iterable[ObjectTable]:
    """The table of each input."""
    if job.args.table:
        table = read_table(Path(job.args.table), job.program)
        return [table.readable() if job.args.unreadable == "skip" else table]
    return see_each(job.program, job.inputs, job.args.jobs, job.bar("pictures"), job.args.unreadable)


def _reviewed(program: Program, table: ObjectTable) -> list[ReviewPicture]:
    """The pictures of a table, judged."""
    named = named_of(program, table, members(program, table))
    labels = labels_of(program, table, [n.names or [*n.undetermined] for n in named])
    doubts = [
        doubt_of(table, row) or ("" if n.names else next(iter(n.undetermined.values()), ""))
        for row, n in enumerate(named)
    ]
    made = report(program, table, Detail()).images[: len(table.images)]
    ends = table.offsets.tolist()
    return [
        review_picture(table, i, image, labels[ends[i] : ends[i + 1]], doubts[ends[i] : ends[i + 1]])
        for i, image in enumerate(made)
        if image.verdict != "error"
    ]


def _renamed(pictures: Sequence[ReviewPicture], folder: Path, tool: str, base: Path | None) -> list[ReviewPicture]:
    """The pictures by the names that the tool should use: from the folder above all of them.

    FiftyOne looks for pictures from the folder of its files.
    """
    places = [Path(p.name) if base is None or Path(p.name).exists() else base / p.name for p in pictures]
    whole = [os.path.abspath(place) for place in places]  # noqa: PTH100 - links are kept as they are named
    above = os.path.commonpath([os.path.dirname(p) for p in whole])  # noqa: PTH120
    start = os.path.abspath(folder) if tool == "fiftyone" else above  # noqa: PTH100
    return [
        changed(picture, name=Path(os.path.relpath(place, start)).as_posix())
        for picture, place in zip(pictures, whole, strict=True)
    ]


def _write(folder: Path, files: dict[str, str], job: Job, force: bool) -> None:
    """Write the files, without replacing an input, or unless asked to, anything else.

    Raises
    ------
    UsageError
        If one would be replaced.
    """
    for name in files:
        protect(folder / name, job.read, "--output")
        if os.path.lexists(folder / name) and not force:
            raise UsageError(f"{folder / name} would be replaced: name another folder, or add --force")
    make_folder(folder)
    for name, text in files.items():
        replace(folder / name, text.encode("utf-8", "backslashreplace"))
