"""The workbench of `logidsl table`: masks of each stage, conditions on candidates, distributions of columns.

For authors of specs who ask why an object is not found, or which limit separates two kinds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from logidsl.commands import drawing
from logidsl.commands.arguments import argument
from logidsl.commands.histogram import histogram
from logidsl.commands.job import Job
from logidsl.commands.outputs import make_folder, protect, rendered
from logidsl.commands.terminal import INPUT_ERROR, UsageError, say, write
from logidsl.diagnostics import did_you_mean
from logidsl.eval.filters import Explained, explained
from logidsl.extract import read_picture, stages, write_picture
from logidsl.ir import Program
from logidsl.report.formats.text import in_columns, printable
from logidsl.report.words import figure, hex_of
from logidsl.seeing import Course, evaluator_of, see_each
from logidsl.table import ObjectTable, concatenate

_TRUTH = {1: "yes", 0: "open", -1: "no"}
ARGUMENTS = (
    argument(
        "--masks",
        metavar="DIR",
        help="write the result of each condition and step of each `blobs` as pictures to this folder",
    ),
    argument(
        "--explain", metavar="CLASS", help="instead of the table, show which conditions each candidate of a class meets"
    ),
    argument(
        "--histogram",
        metavar="[CLASS.]COLUMN",
        help="in place of the table: how a number is spread over the objects of all pictures, and over the candidates "
        "that a class rejects: area, pin.width",
    ),
)


def run(job: Job) -> int:
    """Print the requested view instead of the table; 4 if a picture cannot be read."""
    args, program = job.args, job.program
    course = Course(side_px=args.size)
    table = concatenate(list(see_each(program, job.inputs, None, job.bar("pictures"), course=course)))
    for problem in table.problems:
        say(problem.named)
    if not table.images:
        return INPUT_ERROR
    drawn = True
    if args.explain:
        found = candidates(program, table, args.explain)
        text = explanation(found, table, args.format)
        if args.overlay:
            title = f"Candidates of {args.explain} by {program.path}"
            drawn = drawing.draw(job, drawing.candidates_drawn(found, table), title)
    else:
        text = histogram(program, table, args)
    with job.output() as out:
        write(out, text)
    return INPUT_ERROR if table.problems or not drawn else 0


def write_masks(job: Job) -> None:
    """Write each stage of each `blobs` statement, white where pixels belong.

    Raises
    ------
    InputError
        If the picture cannot be read or a file not be written.
    """
    folder, program = Path(job.args.masks), job.program
    make_folder(folder)
    for name, _, mask in stages(program, read_picture(job.args.path[0]), evaluator_of(program)):
        target = folder / f"{name}.png"
        protect(target, job.read, "--masks")
        write_picture(target, np.repeat((mask * np.uint8(255))[..., None], 3, axis=2))


def candidates(program: Program, table: ObjectTable, name: str) -> Explained:
    """The candidates of a class and the conditions they meet.

    Raises
    ------
    UsageError
        If the spec has no such class, or nothing narrows it.
    """
    found = explained(program, table, name)
    if found is None:
        known = [c.name for c in program.classes if c.where is not None]
        known += [s.name for s in program.sets if s.where is not None and " " not in s.name]
        raise UsageError(
            f"expected a class or set with a `where`, found `{name}`; there are "
            + (", ".join(f"`{k}`" for k in known) or "none")
            + did_you_mean(name, known)
        )
    return found


def explanation(found: Explained, table: ObjectTable, form: str) -> str:
    """The candidates of a class and the conditions they meet, in the format asked for."""
    every = [_Candidate(found, table, i) for i in range(len(found.rows))]

    def document() -> object:
        return {"class": found.name, "candidates": found.source, "objects": [c.document() for c in every]}

    def lines() -> Iterator[list[object]]:
        yield [
            "image",
            "id",
            "kept",
            *(f"{c}{what}" for c in found.conditions for what in ("", " measured", " margin")),
        ]
        for c in every:
            fields = ((truth, "" if v is None else str(v), repr(g)) for truth, v, g in c.conditions)
            yield [c.image, c.id, c.kept, *(cell for three in fields for cell in three)]

    return rendered(form, lambda: _as_text(found, every, len(table.images) > 1), document, lines)


class _Candidate:
    """A candidate, and of each condition whether it holds, the left side, and the margin."""

    def __init__(self, found: Explained, table: ObjectTable, i: int) -> None:
        row = int(found.rows[i])
        self.image, self.id = table.images[int(table.image_index[row])], table.ids[row]
        self.kept, self.words = _TRUTH[int(found.kept[i])], found.conditions
        truths, margins = found.truths[i].tolist(), found.margins[i].tolist()
        self.conditions = [
            (_TRUTH[int(t)], _measured(found, i, c), float(g))
            for c, (t, g) in enumerate(zip(truths, margins, strict=True))
        ]

    def document(self) -> dict[str, object]:
        conditions = [
            {"condition": words, "holds": truth, "measured": value, "margin": margin}
            for words, (truth, value, margin) in zip(self.words, self.conditions, strict=True)
        ]
        return {"image": self.image, "id": self.id, "kept": self.kept, "conditions": conditions}


def _measured(found: Explained, i: int, c: int) -> float | str | None:
    """The left side of a condition for a candidate: a number, or a colour as a spec writes it."""
    if not np.isnan(found.measured[i, c]):
        return float(found.measured[i, c])
    light, a, b = found.colors[i, c].tolist()
    return None if np.isnan(light) else hex_of((light, a, b))


def _as_text(found: Explained, every: Sequence[_Candidate], many: bool) -> str:
    """The candidates as a table, and below it the number that each condition rejects."""
    text = f"{found.name}: {int((found.kept == 1).sum())} of {len(every)} {printable(found.source)}\n"
    lines = [["id", "kept", *found.letters]]
    for c in every:
        cells = []
        for (truth, value, margin), dim in zip(c.conditions, found.dims, strict=True):
            said = f" {figure(value, dim)}" if isinstance(value, float) else f" {value}" if value else ""
            cells.append(f"{truth}{said} ({margin:+.2f})")
        lines.append([f"{c.image} {c.id}" if many else c.id, c.kept, *cells])
    text += in_columns(lines, range(len(lines[0])), "  ")
    for k, (letter, words) in enumerate(zip(found.letters, found.conditions, strict=True)):
        drops = found.truths[:, k] != 1
        alone = drops & (np.delete(found.truths, k, axis=1).min(axis=1, initial=1) == 1)
        text += f"{letter}: {printable(words)}: drops {int(drops.sum())}, alone {int(alone.sum())}\n"
    return text
