"""The sheet on which people score reasons, and their agreement with the automatic scores."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from logidsl.bench.measures import kappa, ratio
from logidsl.bench.record import Agreement, Row
from logidsl.diagnostics import InputError
from logidsl.files import file_errors, read_bytes
from logidsl.spreadsheets import guarded

COLUMNS = ("product", "picture", "expected", "verdict", "found", "reasons", "automatic", "person")
MOST_BYTES = 64 << 20
_ANSWERS = {
    **dict.fromkeys(("1", "1.0", "yes", "y", "right", "true"), True),
    **dict.fromkeys(("0", "0.0", "no", "n", "wrong", "false"), False),
}


def sheet_lines(rows: Sequence[Row]) -> Iterator[list[str]]:
    """A line for each logical anomaly whose reasons are known, with `person` to be filled in, below the columns."""
    yield [*COLUMNS]
    for r in scorable(rows):
        expected = r.expected if r.expected is not None else r.expected_types
        automatic = "1" if r.reason_right else "0"
        yield [
            r.product,
            r.picture,
            "; ".join(expected or ()),
            r.verdict,
            "; ".join(r.found),
            " | ".join(r.messages) or (r.error or ""),
            automatic,
            "",
        ]


def scorable(rows: Sequence[Row]) -> list[Row]:
    """The rows that the sheet has."""
    return [r for r in rows if r.reason_right is not None]


def read_sheet(path: Path, rows: Sequence[Row]) -> Agreement:
    """The agreement of a filled-in sheet with the automatic scores of some rows.

    Parameters
    ----------
    path : Path
        CSV with the columns `product`, `picture` and `person`: 1 where the reasons are right, 0 where they are wrong,
        empty where they were not scored.
    rows : sequence of Row

    Raises
    ------
    InputError
        If it cannot be read, has another value, or a picture that is not among the rows.
    """
    try:
        with file_errors(f"the sheet {path}", "read"):
            text = read_bytes(path, MOST_BYTES).decode("utf-8-sig")
        mark = max(",;\t", key=text.split("\n", 1)[0].count)
        lines = list(csv.DictReader(io.StringIO(text), delimiter=mark, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"cannot read the sheet {path}: {error}") from None
    missing = [c for c in ("product", "picture", "person") if not lines or c not in lines[0]]
    if missing:
        raise InputError(f"{path}: expected the column `{missing[0]}` of a sheet that `--sheet` wrote, found none")
    known = {(guarded(r.product), guarded(r.picture)): r for r in scorable(rows)}
    people, automatic, seen = list[bool](), list[bool](), set[tuple[str, str]]()
    for number, line in enumerate(lines, 2):
        answer = (line["person"] or "").strip().lower()
        if not answer:
            continue
        if answer not in _ANSWERS:
            raise InputError(f"{path}: row {number}: expected 1, 0 or nothing under `person`, found `{answer[:40]}`")
        key = (line["product"] or "").strip(), (line["picture"] or "").strip()
        row = known.get(key)
        if row is None:
            raise InputError(f"{path}: row {number}: no logical anomaly `{key[1]}` of `{key[0]}` was judged")
        if key in seen:
            raise InputError(f"{path}: row {number}: `{key[1]}` is scored twice")
        seen.add(key)
        people.append(_ANSWERS[answer])
        automatic.append(bool(row.reason_right))
    if not people:
        raise InputError(f"{path}: nothing is scored: expected 1 or 0 under `person`")
    first, second = np.array(people), np.array(automatic)
    return Agreement(
        sheet=str(path),
        scored=len(people),
        people_right=ratio(int(first.sum()), len(first)),
        automatic_right=ratio(int(second.sum()), len(second)),
        agreed=ratio(int((first == second).sum()), len(first)),
        kappa=kappa(first, second),
    )
