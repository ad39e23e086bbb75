"""Showing a witness: as a test to paste, as a table that readers take back, and as a drawing."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from logidsl.commands.arguments import EFFORT, FORMAT, PARAMS, SEED, argument, refuse
from logidsl.commands.outputs import protect, write_text
from logidsl.commands.terminal import json_text, say
from logidsl.diagnostics import InputError, counted
from logidsl.extract import picture_of, read_table, to_json_rows, write_csv, write_picture
from logidsl.extract.pixels.overlay import OverlayBox, draw_overlay
from logidsl.ir import Program
from logidsl.questions.difference import Witness
from logidsl.questions.paste import is_name, test_of
from logidsl.report.html import drawing
from logidsl.report.marks import Mark, marks
from logidsl.report.model import ImageReport
from logidsl.seeing import gather, see_each
from logidsl.table import BOX, ObjectTable, TextColumn

_TABLES, _DRAWINGS = (".csv", ".json"), (".svg", ".png")
_MOST_PX = 20_000

#: Options of every command that searches for tables.
SEARCH = (
    argument(
        "--table",
        nargs="+",
        default=[],
        metavar="FILE",
        help="tables, pictures or annotations to begin the search with, such as good parts",
    ),
    PARAMS,
    SEED,
    EFFORT,
)
#: Options of commands whose answer is a witness.
ARGUMENTS = (
    *SEARCH,
    argument("--output", "-o", metavar="FILE", help="write the witness as a table (.csv or .json)"),
    argument("--draw", metavar="FILE", help="draw the witness (.svg or .png)"),
    FORMAT,
    argument("--quiet", "-q", action="store_true", help="no progress bar and no notes"),
)


def check_options(args: argparse.Namespace, inputs: Sequence[str | Path]) -> None:
    """Refuse outputs of unknown kinds, and those that would replace an input."""
    for option, known in (("output", _TABLES), ("draw", _DRAWINGS)):
        target = getattr(args, option)
        ending = Path(target).suffix.lower() if target else known[0]
        refuse((ending not in known, f"expected --{option} with the ending {' or '.join(known)}, found `{target}`"))
        protect(target, [*inputs, *args.table], f"--{option}")


def given_tables(names: Sequence[str], programs: Sequence[Program]) -> list[ObjectTable]:
    """The tables to begin with.

    Raises
    ------
    InputError
        If one cannot be used.
    """
    found = []
    for name in names:
        path = Path(name)
        if path.suffix.lower() in (".csv", ".tsv", ".json", ".jsonl", ".parquet", ".arrow", ".feather"):
            tables = [read_table(path, programs[0])]
        else:
            tables = list(see_each(programs[0], gather([name])))
        for table in tables:
            for problem in table.problems:
                raise InputError(problem.named)
        found += tables
    return found


def write_witness(args: argparse.Namespace, witness: Witness | None, inputs: Sequence[str | Path]) -> None:
    """Write the files that were asked for."""
    if witness is None:
        for option in ("output", "draw"):
            if target := getattr(args, option):
                say(f"{target} is not written: there is nothing to show")
        return
    if args.output:
        if args.output.lower().endswith(".csv"):
            write_csv(witness.table, Path(args.output))
        else:
            write_text(args.output, json_text({"images": [to_json_rows(witness.table, 0)]}), inputs)
    if args.draw:
        draw(witness, args.draw, inputs)


def draw(witness: Witness, target: str, inputs: Sequence[str | Path] = ()) -> None:
    """Write the drawing of a witness: its objects, those of the last program's findings on top."""
    image = witness.reports[-1]
    shown, size = all_marks(witness.table, image), witness.table.sizes[0]
    title = ", ".join(f"{r.verdict}" for r in witness.reports)
    if target.lower().endswith(".svg"):
        write_text(
            target,
            drawing(shown, (float(size[0]), float(size[1])), f"witness: {title}", standalone=True) + "\n",
            inputs,
        )
        return
    width, height = (round(v) for v in size.tolist())
    if not 0 < width <= _MOST_PX or not 0 < height <= _MOST_PX:
        raise InputError(f"a picture of {width} by {height} px cannot be drawn as PNG; write SVG")
    canvas = picture_of(np.full((height, width, 3), 255, np.uint8), "witness")
    boxes = [OverlayBox(m.box, m.role, m.label, m.outline) for m in shown]
    write_picture(Path(target), draw_overlay(canvas, boxes, title))


def all_marks(table: ObjectTable, image: ImageReport) -> list[Mark]:
    """What findings show, and all other objects."""
    found = marks(image)
    known = {(m.label, m.box) for m in found}
    classes = table.classes.texts()
    for row in range(len(table)):
        sides = [c[row] for k in BOX if not isinstance(c := table.columns.get(k), TextColumn) and c is not None]
        if len(sides) == 4 and np.isfinite(sides).all():
            box = (float(sides[0]), float(sides[1]), float(sides[2]), float(sides[3]))
            if (table.ids[row], box) not in known:
                found.append(Mark(box, "context", f"{classes[row]} {table.ids[row]}"))
    return found


def as_text(witness: Witness, program: Program, title: str, expects: Sequence[str]) -> str:
    """A witness as a test to paste, or as rows where a test cannot say it."""
    made = test_of(program, witness.scene, title, expects) if witness.scene is not None else None
    if made is not None:
        return made
    rows = to_json_rows(witness.table, 0)["objects"]
    assert isinstance(rows, list)
    lines = [", ".join(f"{k} {v}" for k, v in row.items() if k != "outline") for row in rows]
    return "\n".join(["(no test can say this; write it with -o)", *(f"    {line}" for line in lines)]) + "\n"


def size_of(witness: Witness) -> str:
    """How large a witness is, in words."""
    width, height = witness.table.sizes[0].tolist()
    return f"{counted(len(witness.table), 'object')} on {width:g} px by {height:g} px"


def findings(image: ImageReport) -> list[str]:
    """The first finding of each rule, as lines."""
    lines: dict[str, str] = {}
    for f in image.findings:
        lines.setdefault(f.rule, f"  {f.rule}: {f.message}")
    return list(lines.values())


def plain_witness(witness: Witness, program: Program, title: str, expects: Sequence[str]) -> dict[str, object]:
    """A witness as plain values."""
    test = test_of(program, witness.scene, title, expects) if witness.scene is not None else None
    return {"table": to_json_rows(witness.table, 0), "test": test}


def expectations(image: ImageReport) -> list[str]:
    """What a test expects that a table is judged as a report says: the verdict, with the rules that bring it about."""
    if image.verdict == "fail" and image.labels:
        return [f"defect {_label(x)}" for x in image.labels]
    rules = list(dict.fromkeys(f.rule for f in image.findings if f.verdict == image.verdict))
    return [f"{image.verdict} {', '.join(rules)}".strip()]


def _label(text: str) -> str:
    return text if is_name(text) else f'"{text}"'


def pixel_note(rules: Sequence[str]) -> str:
    """What to say of rules that no table made up here decides."""
    names = ", ".join(f"`{n}`" for n in rules)
    return f"note: no table that is made up has pixels of places, so rules that need them are undetermined: {names}"
