"""The workbench of `logidsl table`: masks of each stage, conditions on candidates, distributions of columns.

For authors of specs who ask why an object is not found, or which limit separates two kinds.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from logidsl.commands import drawing
from logidsl.commands.exit_codes import INPUT_ERROR
from logidsl.commands.outputs import csv_text, output, protect
from logidsl.commands.terminal import Bar, UsageError, json_text, meant, say, speak_utf8, write

if TYPE_CHECKING:
    from logidsl.eval.filters import Explained
    from logidsl.ir import Program
    from logidsl.seeing import Input
    from logidsl.table import ObjectTable

_TRUTH = {1: "yes", 0: "open", -1: "no"}


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--masks",
        metavar="DIR",
        help="write the result of each condition and step of each `blobs` as pictures to this folder",
    )
    parser.add_argument(
        "--explain", metavar="CLASS", help="instead of the table, show which conditions each candidate of a class meets"
    )
    parser.add_argument(
        "--histogram",
        metavar="[CLASS.]COLUMN",
        help="in place of the table: how a number is spread over the objects of all pictures, and over the candidates "
        "that a class rejects: area, pin.width",
    )


def run(args: argparse.Namespace, program: Program, inputs: Sequence[Input], read: Sequence[str | Path]) -> int:
    """Print the requested view instead of the table; 4 if a picture cannot be read."""
    from logidsl.commands.histogram import histogram
    from logidsl.seeing import Course, see_each
    from logidsl.table import concatenate

    course = Course(side_px=args.size)
    table = concatenate(list(see_each(program, inputs, None, Bar("pictures", args.quiet), course=course)))
    for problem in table.problems:
        say(problem.message)
    if not table.images:
        return INPUT_ERROR
    if args.format != "text":
        speak_utf8()
    drawn = True
    if args.explain:
        found = candidates(program, table, args.explain)
        text = explanation(found, table, args.format)
        if args.overlay:
            title = f"Candidates of {args.explain} by {program.path}"
            drawn = drawing.draw(args, program, drawing.candidates_drawn(found, table), read, title)
    else:
        text = histogram(program, table, args)
    with output(args.output, read) as out:
        write(out, text)
    return INPUT_ERROR if table.problems or not drawn else 0


def write_masks(program: Program, path: str, folder: Path, read: Sequence[str | Path]) -> None:
    """Write each stage of each `blobs` statement, white where pixels belong.

    Raises
    ------
    InputError
        If the picture cannot be read or a file not be written.
    """
    import numpy as np

    from logidsl.diagnostics import InputError
    from logidsl.extract import read_picture, stages, write_picture
    from logidsl.seeing import evaluator_of

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror or error}") from None
    picture = read_picture(path)
    for name, _, mask in stages(program, picture, evaluator_of(program)):
        target = folder / f"{name}.png"
        protect(target, read, "--masks")
        write_picture(target, np.repeat((mask * np.uint8(255))[..., None], 3, axis=2))


def candidates(program: Program, table: ObjectTable, name: str) -> Explained:
    """The candidates of a class and the conditions they meet.

    Raises
    ------
    UsageError
        If the spec has no such class, or nothing narrows it.
    """
    from logidsl.eval.filters import explained

    found = explained(program, table, name)
    if found is None:
        known = [c.name for c in program.classes if c.where is not None]
        known += [s.name for s in program.sets if s.where is not None and " " not in s.name]
        raise UsageError(
            f"expected a class or set with a `where`, found `{name}`; there are "
            + (", ".join(f"`{k}`" for k in known) or "none")
            + meant(name, known)
        )
    return found


def explanation(found: Explained, table: ObjectTable, form: str) -> str:
    """The candidates of a class and the conditions they meet, in the format asked for."""
    match form:
        case "json":
            return json_text(_candidates(found, table))
        case "csv":
            return csv_text(_flat(found, table))
        case _:
            return _as_text(found, table)


def _measured(found: Explained, i: int, c: int) -> float | str | None:
    """The left side of a condition for a candidate: a number, or a colour as a spec writes it."""
    import numpy as np

    from logidsl.report.words import hex_of

    if not np.isnan(found.measured[i, c]):
        return float(found.measured[i, c])
    light, a, b = found.colors[i, c].tolist()
    return None if np.isnan(light) else hex_of((light, a, b))


def _candidates(found: Explained, table: ObjectTable) -> dict[str, object]:
    """The candidates as plain values."""
    rows: list[dict[str, object]] = []
    for i, row in enumerate(found.rows.tolist()):
        conditions = [
            {"condition": words, "holds": _TRUTH[int(t)], "measured": _measured(found, i, c), "margin": float(g)}
            for c, (words, t, g) in enumerate(zip(found.conditions, found.truths[i], found.margins[i], strict=True))
        ]
        rows.append(
            {
                "image": table.images[int(table.image_index[row])],
                "id": table.ids[row],
                "kept": _TRUTH[int(found.kept[i])],
                "conditions": conditions,
            }
        )
    return {"class": found.name, "candidates": found.source, "objects": rows}


def _flat(found: Explained, table: ObjectTable) -> list[list[object]]:
    """A line for each candidate, and three fields for each condition."""
    head: list[object] = ["image", "id", "kept"]
    head += [f"{c}{what}" for c in found.conditions for what in ("", " measured", " margin")]
    lines = [head]
    for i, row in enumerate(found.rows.tolist()):
        line: list[object] = [table.images[int(table.image_index[row])], table.ids[row], _TRUTH[int(found.kept[i])]]
        for c, (t, g) in enumerate(zip(found.truths[i], found.margins[i], strict=True)):
            value = _measured(found, i, c)
            line += [_TRUTH[int(t)], "" if value is None else str(value), repr(float(g))]
        lines.append(line)
    return lines


def _as_text(found: Explained, table: ObjectTable) -> str:
    """The candidates as a table, and below it the number that each condition rejects."""
    import numpy as np

    from logidsl.report.formats.text import printable
    from logidsl.report.words import figure

    kept, many = found.kept, len(table.images) > 1
    text = f"{found.name}: {int((kept == 1).sum())} of {len(found.rows)} {printable(found.source)}\n"
    letters = found.letters
    lines = [["id", "kept", *letters]]
    for i, row in enumerate(found.rows.tolist()):
        cells = []
        for c in range(len(found.conditions)):
            value = _measured(found, i, c)
            said = f" {figure(value, found.dims[c])}" if isinstance(value, float) else f" {value}" if value else ""
            cells.append(f"{_TRUTH[int(found.truths[i, c])]}{said} ({found.margins[i, c]:+.2f})")
        name = f"{table.images[int(table.image_index[row])]} " if many else ""
        lines.append([f"{name}{table.ids[row]}", _TRUTH[int(kept[i])], *cells])
    wide = [max(len(line[k]) for line in lines) for k in range(len(lines[0]))]
    for line in lines:
        text += ("  " + "  ".join(cell.ljust(w) for cell, w in zip(line, wide, strict=True))).rstrip() + "\n"
    for c, (letter, words) in enumerate(zip(letters, found.conditions, strict=True)):
        drops = found.truths[:, c] != 1
        alone = drops & (np.delete(found.truths, c, axis=1).min(axis=1, initial=1) == 1)
        text += f"{letter}: {printable(words)}: drops {int(drops.sum())}, alone {int(alone.sum())}\n"
    return text
