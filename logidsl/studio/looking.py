"""Looking at one photo: what a worker process does."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from logidsl.diagnostics import InputError
from logidsl.extract.pixels.picture import picture_size
from logidsl.files import digest as file_digest
from logidsl.ir import Program
from logidsl.seeing import see_one
from logidsl.table import ObjectTable


@dataclass(frozen=True)
class Seen:
    """What was found in a file: its objects, its digest, and the size of its picture in px, 0 if it has none."""

    table: ObjectTable
    digest: str
    width: int
    height: int


def look(_context: None, item: tuple[Program, Path]) -> Seen:
    """Look at a photo: what a worker does."""
    program, path = item
    table = see_one(program, path)
    try:
        width, height = picture_size(path)
    except InputError:
        width, height = 0, 0
    return Seen(table, file_digest(path) or "", width, height)
