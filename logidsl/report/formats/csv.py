"""Findings as CSV: a line for each, and one for each image or batch without any.

Texts are never formulas for a spreadsheet.
"""

from __future__ import annotations

from collections.abc import Iterator

from logidsl.report.finding_rows import COLUMNS, finding_rows
from logidsl.report.formats import Stream, Style
from logidsl.spreadsheets import csv_text


def render(stream: Stream, _style: Style) -> Iterator[str]:
    """Yield the header, then the lines of each image, and of each batch."""
    yield csv_text([COLUMNS])
    for judged in stream.judged():
        yield csv_text([_cell(row[name]) for name in COLUMNS] for row in finding_rows(judged, stream.spec))


def _cell(value: object) -> object:
    return "; ".join(value) if isinstance(value, list) else "" if value is None else value
