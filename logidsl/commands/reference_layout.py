"""`logidsl table --save-layout`: the file of a reference layout, from a good picture."""

from __future__ import annotations

import os
from pathlib import Path

from logidsl.commands.arguments import argument, refuse
from logidsl.commands.job import Job
from logidsl.commands.outputs import protect
from logidsl.commands.terminal import say
from logidsl.diagnostics import InputError, counted
from logidsl.ir import Layout, SourceSpan
from logidsl.layouts import ENDING, places_of, write
from logidsl.table import ObjectTable

ARGUMENT = argument(
    "--save-layout",
    metavar="FILE",
    help="write the places of the parts of one good picture to this file (.csv), on the axes of the `layout` of the "
    "spec that reads it",
)


def chosen(job: Job) -> Layout | None:
    """The layout that is to be saved; None without the option.

    Raises
    ------
    UsageError
        If it cannot be, or the file exists and is not to be replaced.
    """
    if not job.args.save_layout:
        return None
    target, layouts = Path(job.args.save_layout), job.program.layouts
    same = os.path.realpath(target)
    folder = Path(job.program.path).parent
    mine = [y for y in layouts if os.path.realpath(folder / y.file) == same]
    names = ", ".join(f"`{y.file}`" for y in layouts)
    refuse(
        (len(job.inputs) != 1, f"expected one picture beside --save-layout, found {len(job.inputs)}"),
        (
            target.suffix.lower() != ENDING,
            f"expected a file in {ENDING} after --save-layout, found `{target}`",
        ),
        (target.exists() and not job.args.force, f"{target} exists: --force replaces it"),
        (
            len(mine) != 1 and len(layouts) > 1,
            f"expected the file of a layout of the spec after --save-layout, one of {names}",
        ),
    )
    protect(target, [p for p in job.read if not mine or os.path.realpath(p) != same], "--save-layout")
    here = SourceSpan(line=1, column=1, end_line=1, end_column=1, text="", path=job.program.path)
    return next(iter(mine or layouts), Layout(name="", file=str(target), span=here))


def save(job: Job, layout: Layout, table: ObjectTable) -> None:
    """Write the file.

    Raises
    ------
    InputError
        If the picture is not clear, shows no part, or the file cannot be written.
    """
    try:
        places = places_of(job.program, layout, table)
    except InputError as error:
        raise InputError(f"no layout saved: {error}") from None
    if not places:
        raise InputError(f"no layout saved: {table.images[0]} shows no part")
    write(Path(job.args.save_layout), places)
    if not job.args.quiet:
        say(f"{counted(len(places), 'place')} written to {job.args.save_layout}")
