"""A benchmark as one self-contained page: its tables, and the pictures that went wrong with their findings drawn in.

The page holds the pictures themselves, so it may go no further than their licence allows.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path

from logidsl.bench.record import Benchmark, JudgedLine, Row
from logidsl.bench.text import summary, tables
from logidsl.diagnostics import InputError, counted
from logidsl.extract import read_picture
from logidsl.extract.pixels.calibration import straightened
from logidsl.extract.pixels.header import SUFFIXES
from logidsl.extract.pixels.overlay import OverlayBox, draw_overlay
from logidsl.extract.pixels.thumbnails import data_uri, thumbnail
from logidsl.files import is_file
from logidsl.ir import Program
from logidsl.report.marks import marks
from logidsl.report.pages import Figure, html_page, listed, paragraphs, sheet, table

#: Pictures that are shown of each product, and their longer side.
MOST, SIDE_PX = 60, 420


def as_page(made: Benchmark, lines: Mapping[tuple[str, str], JudgedLine], programs: Mapping[str, Program]) -> str:
    """The page.

    Parameters
    ----------
    made : Benchmark
    lines : mapping of (str, str) to JudgedLine
        By product and picture, what was found on each, to be drawn in.
    programs : mapping of str to Program
        By which each product was judged.
    """
    body = paragraphs(summary(made))
    body += paragraphs(["This page holds pictures of the data set: mind its licence before you pass it on."])
    for t in tables(made):
        body += f"<h2>{escape(t.title)}</h2>{table(t.rows, t.columns)}{paragraphs(t.notes)}"
    body += "<h2>How pictures count</h2>" + listed(made.treatment)
    body += listed(made.notes)
    for p in made.products:
        wrong = [r for r in made.rows if r.product == p.name and not r.right]
        if wrong:
            body += f"<h2>{escape(p.name)}: {counted(len(wrong), 'picture')} went wrong</h2>"
            body += sheet([_figure(r, lines.get((r.product, r.picture)), programs[p.name]) for r in wrong[:MOST]])
            body += paragraphs([f"and {len(wrong) - MOST} more"]) if len(wrong) > MOST else ""
    return html_page(f"Benchmark of {made.dataset}", body, wide=True)


def _figure(row: Row, line: JudgedLine | None, program: Program) -> Figure:
    expected = {"normal": "pass", "structural": "pass, a structural anomaly", "logical": "fail"}[row.kind]
    if row.expected:
        expected += f": {', '.join(row.expected)}"
    found = row.verdict + (f": {', '.join(row.found)}" if row.found else "")
    said = [f"expected {expected}; found {found}", row.error or "", *row.messages[:5]]
    return Figure(_picture(row, line, program), row.picture, ". ".join(s for s in said if s))


def _picture(row: Row, line: JudgedLine | None, program: Program) -> str:
    """The picture with its findings, small; nothing if it cannot be read."""
    path = Path(row.picture)
    if path.suffix.lower() not in SUFFIXES or not is_file(path):
        return ""
    try:
        picture = straightened(program, read_picture(path))
    except InputError:
        return ""
    boxes = [OverlayBox(m.box, m.role, m.label, m.outline) for m in marks(line)] if line else []
    return data_uri(thumbnail(draw_overlay(picture, boxes, ""), SIDE_PX), lossless=False)
