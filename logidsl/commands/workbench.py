"""The workbench of `logidsl table`: masks stage by stage, what a condition takes, how a column is spread.

For people who are writing a spec and ask why an object is not seen, or what limit would tell two kinds apart.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from logidsl.commands.exit_codes import INPUT_ERROR
from logidsl.commands.outputs import output, protect
from logidsl.commands.terminal import Bar, UsageError, page_width, say, speak_utf8, write

if TYPE_CHECKING:
    import numpy as np

    from logidsl.eval.filters import Explained
    from logidsl.ir import Program
    from logidsl.seeing import Input
    from logidsl.table import ObjectTable

BINS = 20
_TRUTH = {1: "yes", 0: "open", -1: "no"}


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--masks", metavar="DIR", help="write there what each condition and step of each `blobs` leaves, as pictures"
    )
    parser.add_argument(
        "--explain", metavar="CLASS", help="in place of the table: which conditions each candidate of a class meets"
    )
    parser.add_argument(
        "--histogram",
        metavar="[CLASS.]COLUMN",
        help="in place of the table: how a number is spread over the objects of all pictures: area, pin.width",
    )


def run(args: argparse.Namespace, program: Program, inputs: Sequence[Input], read: Sequence[str | Path]) -> int:
    """Print what was asked for in place of the table; 4 where a picture cannot be read."""
    from logidsl.pipeline import see

    table = see(program, inputs, None, Bar("pictures", args.quiet))
    for problem in table.problems:
        say(problem.message)
    if not table.images:
        return INPUT_ERROR
    if args.format != "text":
        speak_utf8()
    text = explanation(program, table, args) if args.explain else histogram(program, table, args)
    with output(args.output, read) as out:
        write(out, text)
    return INPUT_ERROR if table.problems else 0


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

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror or error}") from None
    picture = read_picture(path)
    for name, _, mask in stages(program, picture):
        target = folder / f"{name}.png"
        protect(target, read, "--masks")
        write_picture(target, np.repeat((mask * np.uint8(255))[..., None], 3, axis=2))


def explanation(program: Program, table: ObjectTable, args: argparse.Namespace) -> str:
    """The candidates of a class and the conditions they meet, in the format asked for.

    Raises
    ------
    UsageError
        If the spec has no such class, or nothing narrows it.
    """
    from logidsl.eval.filters import explained

    found = explained(program, table, args.explain)
    if found is None:
        known = [c.name for c in program.classes if c.where is not None]
        known += [s.name for s in program.sets if s.where is not None and " " not in s.name]
        raise UsageError(
            f"expected a class or set with a `where`, found `{args.explain}`; there are "
            + (", ".join(f"`{k}`" for k in known) or "none")
            + _meant(args.explain, known)
        )
    match args.format:
        case "json":
            return json.dumps(_candidates(found, table), indent=2, ensure_ascii=False) + "\n"
        case "csv":
            return _csv(_flat(found, table))
        case _:
            return _as_text(found, table)


def _candidates(found: Explained, table: ObjectTable) -> dict[str, object]:
    """What was found as plain values."""
    import numpy as np

    rows: list[dict[str, object]] = []
    for i, row in enumerate(found.rows.tolist()):
        conditions = [
            {"condition": c, "holds": _TRUTH[int(t)], "measured": None if np.isnan(m) else float(m), "margin": float(g)}
            for c, t, m, g in zip(found.conditions, found.truths[i], found.measured[i], found.margins[i], strict=True)
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
    import numpy as np

    head: list[object] = ["image", "id", "kept"]
    head += [f"{c}{what}" for c in found.conditions for what in ("", " measured", " margin")]
    lines = [head]
    for i, row in enumerate(found.rows.tolist()):
        line: list[object] = [table.images[int(table.image_index[row])], table.ids[row], _TRUTH[int(found.kept[i])]]
        for t, m, g in zip(found.truths[i], found.measured[i], found.margins[i], strict=True):
            line += [_TRUTH[int(t)], "" if np.isnan(m) else repr(float(m)), repr(float(g))]
        lines.append(line)
    return lines


def _as_text(found: Explained, table: ObjectTable) -> str:
    """The candidates as a table for the eye, and below it what each condition drops."""
    import numpy as np

    from logidsl.report.formats.text import printable
    from logidsl.report.words import figure

    kept, many = found.kept, len(table.images) > 1
    text = f"{found.name}: {int((kept == 1).sum())} of {len(found.rows)} {printable(found.source)}\n"
    letters = [chr(ord("a") + i) if i < 26 else f"a{i}" for i in range(len(found.conditions))]
    lines = [["id", "kept", *letters]]
    for i, row in enumerate(found.rows.tolist()):
        cells = []
        for c in range(len(found.conditions)):
            said = "" if np.isnan(found.measured[i, c]) else " " + figure(float(found.measured[i, c]), found.dims[c])
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


def histogram(program: Program, table: ObjectTable, args: argparse.Namespace) -> str:
    """How a column is spread, in the format asked for.

    Raises
    ------
    UsageError
        If the spec has no such class, or the table no such column of numbers.
    """
    import numpy as np

    name, _, column = args.histogram.rpartition(".")
    values = _column(program, table, name, column)
    counts, edges = _counted(values)
    if args.format == "csv":
        return _csv(
            [
                ["low", "high", "objects"],
                *([repr(float(a)), repr(float(b)), int(n)] for a, b, n in _bins(counts, edges)),
            ]
        )
    if args.format == "json":
        bins = [{"low": float(a), "high": float(b), "objects": int(n)} for a, b, n in _bins(counts, edges)]
        return json.dumps({"column": args.histogram, "objects": len(values), "bins": bins}, indent=2) + "\n"
    if not len(values):
        return f"{args.histogram}: no object has it\n"
    objects, pictures = _many(len(values), "object"), _many(len(table.images), "picture")
    text = f"{args.histogram}: {objects} on {pictures}, from {values.min():.4g} to {values.max():.4g}, "
    text += f"median {np.median(values):.4g}\n"
    room = max(10, page_width(sys.stdout) - 36)
    for low, high, n in _bins(counts, edges):
        text += (
            f"  {low:>10.4g} .. {high:<10.4g} {n:>5d}  {'#' * int(np.ceil(room * n / counts.max()))}".rstrip() + "\n"
        )
    return text


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _counted(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How many values lie between which edges: a bar for each of a few whole numbers, else 20; one where all agree."""
    import numpy as np

    if not len(values):
        return np.zeros(0, int), np.zeros(1)
    low, high = float(values.min()), float(values.max())
    if low == high:
        return np.array([len(values)]), np.array([low, high])
    if high - low < BINS and (values == np.round(values)).all():
        return np.histogram(values, np.arange(low, high + 2) - 0.5)
    return np.histogram(values, BINS)


def _bins(counts: np.ndarray, edges: np.ndarray) -> list[tuple[float, float, int]]:
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), counts.tolist(), strict=True))


def _column(program: Program, table: ObjectTable, name: str, column: str) -> np.ndarray:
    """The numbers of a column, of the objects of a class or of all that have a name in the spec."""
    import numpy as np

    from logidsl.commands.table import names_of
    from logidsl.library import builtins
    from logidsl.library.attributes import FROM_BOX

    names = names_of(program, table)
    known = sorted({n for row in names for n in row} | {c.name for c in program.classes})
    if name and name not in known:
        raise UsageError(
            f"expected a class or set of the spec, found `{name}`; there are {', '.join(known)}{_meant(name, known)}"
        )
    rows = np.array([bool(n) if not name else name in n for n in names], bool)
    numbers: object = table.columns.get(column)
    if numbers is None and column in FROM_BOX - {"center"}:
        numbers = builtins("attribute")[column].kernel(*(table.columns[c] for c in ("x0", "y0", "x1", "y1")))
    if not isinstance(numbers, np.ndarray) or numbers.ndim != 1 or numbers.dtype.kind != "f":
        found = {c for c, v in table.columns.items() if isinstance(v, np.ndarray) and v.ndim == 1}
        has = sorted(found | (FROM_BOX - {"center"}))
        raise UsageError(
            f"expected a column of numbers, found `{column}`; there are {', '.join(has)}{_meant(column, has)}"
        )
    chosen: np.ndarray = numbers[rows]
    return np.asarray(chosen[np.isfinite(chosen)])


def _meant(word: str, known: Sequence[str]) -> str:
    from logidsl.diagnostics import nearest

    near = nearest(word, known)
    return f"; did you mean `{near}`?" if near else ""


def _csv(lines: Sequence[Sequence[object]]) -> str:
    from logidsl.extract.table_csv import guarded

    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([[guarded(str(cell)) for cell in line] for line in lines])
    return text.getvalue()
