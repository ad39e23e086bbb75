"""Tables with a row for each picture: which lot it belongs to, when it was taken, and the like."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from logidsl.diagnostics import InputError
from logidsl.extract.formats.columns import own_names
from logidsl.extract.formats.documents import JSON_ENDINGS, read_json
from logidsl.extract.formats.table_arrow import ENDINGS, arrow_rows
from logidsl.extract.formats.table_csv import csv_lines
from logidsl.extract.values import empty_as_none
from logidsl.picture_facts import PictureFacts


def read_picture_facts(path: Path) -> PictureFacts:
    """Read what a table says of pictures.

    Parameters
    ----------
    path : Path
        CSV, JSON, JSON lines, Parquet, Feather or Arrow, with the paths of pictures in a column `path` or `image`.

    Raises
    ------
    InputError
        If it cannot be read, has no such column, or a row lacks a field or names no picture.
    """
    names, rows = _rows(path)
    renamed = own_names(names)
    column = "path" if "path" in names else next((n for n in names if renamed.get(n, n) == "image"), None)
    if column is None:
        found = ", ".join(f"`{n}`" for n in names[:12]) or "none"
        raise InputError(f"{path}: expected a column `path` with the paths of pictures, found {found}")
    if not rows:
        raise InputError(f"{path}: expected a row for each picture, found none")
    others = [name for name in names if name != column]
    made = []
    for place, row in rows:
        picture = empty_as_none(row.get(column))
        if picture is None:
            raise InputError(f"{path}, {place}: expected the path of a picture in `{column}`, found none")
        made.append((place, str(picture), {name: _text(row.get(name)) for name in others}))
    return PictureFacts(str(path), others, made)


def _text(value: object) -> str | None:
    value = empty_as_none(value)
    return None if value is None else f"{value:.15g}" if isinstance(value, float) else str(value)


def _rows(path: Path) -> tuple[list[str], list[tuple[str, Mapping[str, object]]]]:
    """The names of the columns, and the rows with their places."""
    if path.suffix.lower() in ENDINGS:
        names, found = arrow_rows(path)
        return names, [(f"row {n}", row) for n, row in enumerate(found, 1)]
    if path.suffix.lower() in JSON_ENDINGS:
        document = read_json(path)
        items: list[dict[str, object]] = []
        for item in document if isinstance(document, list) else [document]:
            if not isinstance(item, dict):
                raise InputError(f"{path}: expected an object for each picture, found `{str(item)[:40]}`")
            items.append(item)
        names = list(dict.fromkeys(name for item in items for name in item))
        return names, [(f"item {n}", item) for n, item in enumerate(items, 1)]
    names, lines = csv_lines(path)
    for place, line in lines:
        if len(line) != len(names):
            raise InputError(f"{path}, line {place}: expected {len(names)} fields, found {len(line)}")
    return names, [(f"line {place}", dict(zip(names, line, strict=True))) for place, line in lines]
