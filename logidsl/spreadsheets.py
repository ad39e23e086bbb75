"""CSV whose texts no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable

#: A number in ASCII decimals.
DECIMAL = re.compile(r"[ \t]*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[ \t]*")
#: The start of a formula for a spreadsheet, with apostrophes before it.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def guarded(text: str) -> str:
    """A text cell that no spreadsheet takes for a formula: with an apostrophe before `=`, `+`, `-` or `@`.

    Numbers stay as they are; `unguarded` takes the apostrophe away.

    Examples
    --------
    >>> guarded("=1+1"), guarded("-5"), guarded("bolt"), unguarded(guarded("'=x"))
    ("'=1+1", '-5', 'bolt', "'=x")
    """
    return f"'{text}" if _FORMULA.match(text) and not DECIMAL.fullmatch(text) else text


def unguarded(text: str) -> str:
    """The cell that `guarded` was given."""
    return text[1:] if text[:1] == "'" and _FORMULA.match(text) else text


def csv_text(lines: Iterable[Iterable[object]], shield: Callable[[str], str] = guarded) -> str:
    """Lines of CSV, each cell shielded as `guarded` does it."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([shield(str(cell)) for cell in line] for line in lines)
    return text.getvalue()
