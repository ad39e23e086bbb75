"""Descriptions of pictures in words or formulae, as vision-language models give them.

A JSON file that describes each picture: `{"a.png": "left(orange,2)\\nright(granola,*)"}`, with the text
in plain English, in formulae, or in both; or `{"a.png": {"left": {"orange": 2}}}`, `{"a.png": ["left: 2 oranges"]}`; or
rows `{"image": "a.png", "text": …}`, one on a line or in a list. Objects have no box, only words of place. May import
`ir` and `table`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from logidsl.diagnostics import InputError
from logidsl.extract.amounts import ONE, Amount, amount_of
from logidsl.extract.descriptions.objects import DescriptionReader
from logidsl.extract.descriptions.vocabulary import Vocabulary
from logidsl.extract.formats.documents import JSON_ENDINGS, FileReader, read_json, sniffed
from logidsl.extract.formats.resemblance import keys_of, unread
from logidsl.extract.notes import Notes, lost_lines
from logidsl.extract.pixels.header import SUFFIXES
from logidsl.extract.records import PictureRecords, Record, table_of
from logidsl.ir import Program
from logidsl.table import ObjectTable, Problem

Count: TypeAlias = tuple[str, Amount, tuple[str, ...]]

_TEXT = ("text", "facts", "description", "answer", "response", "output", "formulae", "content", "caption")
_IMAGE = ("image", "path", "file", "file_name", "filename", "image_path", "id")
_NAME, _NUMBER = ("name", "object", "class", "item", "label"), ("count", "number", "quantity", "n")
_PLACE = ("place", "position", "location", "side")
#: Keys of other formats, of coordinates and of metadata: no description has one of them.
_FOREIGN = re.compile(
    r"[xywh]|[xy][0-4]|[cx]?[cxy]|[xy](c|min|max|center)|width|height|size|area|bbox|bndbox|boundingbox|boxes|b?box2d"
    r"|polygons?|points?|coordinates|coords|segmentation|mask|rle|outline|regions|(shape|region|file)attributes|tags"
    r"|meta(data)?|frames|assets?|imagepath|annotations|categories|images|(image|category)id|confidence|scores?|logits"
    r"|phrases|labels|objects|shapes|version|info|licenses|detections|predictions|groundtruth"
)
#: Such keys as they stand in a file; within a text their quotes are escaped.
_MARKS = (b'"class"', b'"objects"', b'"shapes"', b'"annotations"')
_SEPARATORS = re.compile(r"[\s_\-]+")
_FENCE = re.compile(r"^\s*```(?:json)?\s*(?P<inner>.*?)\s*```\s*$", re.DOTALL)
_SAID = (str, dict, list)
_DEEPEST = 8


def describes_pictures(path: Path) -> bool:
    """Whether a file describes pictures by name."""
    data = sniffed(path, *JSON_ENDINGS)
    try:
        return bool(data) and not any(key in data for key in _MARKS) and are_descriptions(read_json(path, broken={}))
    except InputError:
        return False


def read_descriptions(path: Path, program: Program) -> ObjectTable:
    """The table of a file; see `table_of_descriptions`."""
    broken: dict[int, str] = {}
    table = table_of_descriptions(read_json(path, broken=broken), program, str(path))
    return replace(table, problems=(*table.problems, *lost_lines(path, broken)))


def are_descriptions(document: object) -> bool:
    """Whether a JSON value describes pictures, by name or one a row.

    Examples
    --------
    >>> are_descriptions({"a.png": "left(orange,2)"}), are_descriptions({"a.png": {"left": {"orange": 2}}})
    (True, True)
    >>> are_descriptions([{"image": "a.png", "text": "two nuts"}]), are_descriptions([]), are_descriptions({"x0": 1})
    (True, False, False)
    """
    match document:
        case [*rows] if rows:
            return all(isinstance(r, dict) and _is_row(r) for r in rows[:50])
        case dict() if not _is_row(document):
            # a number in place of the description of a picture costs that picture only
            said = [v for k, v in document.items() if isinstance(v, _SAID) or Path(k).suffix.lower() not in SUFFIXES]
            foreign = not _is_allowed(document) or unread([*keys_of(document)])
            return bool(said) and not foreign and all(map(_is_description, said))
        case _:
            return isinstance(document, dict)


def _is_row(item: Mapping[str, object]) -> bool:
    """Whether a mapping is a description that names its picture."""
    return isinstance(_first(item, _IMAGE), str) and _is_allowed(item) and _is_description(_first(item, _TEXT))


def _is_allowed(item: Mapping[str, object]) -> bool:
    return not any(_FOREIGN.fullmatch(_SEPARATORS.sub("", k).lower()) for k in item)


def _first(item: Mapping[str, object], keys: Sequence[str]) -> object:
    return next((item[k] for k in keys if k in item), None)


def _is_description(said: object) -> bool:
    """Whether a value describes a picture: text, texts, or places with objects and their numbers."""
    said = _unwrapped(said)
    return isinstance(said, str) or (isinstance(said, dict | list) and _is_nested(said))


def _unwrapped(said: object) -> object:
    """A description without JSON in a text, the `text` of a row, or a list of lines round it."""
    match said:
        case str() if (inner := _json_of(said)) is not None:
            return _unwrapped(inner)
        case dict() if (text := _first(said, _TEXT)) is not None and _is_allowed(said):
            return _unwrapped(text)
        case [_, *_] if len(lines := [line for line in said if isinstance(line, str)]) == len(said):
            return "\n".join(lines)
    return said


def _is_nested(value: object, depth: int = 0) -> bool:
    """Whether a value is places, objects and whole numbers of them, to some depth."""
    match value:
        case dict():
            return depth < _DEEPEST and _is_allowed(value) and all(_is_nested(v, depth + 1) for v in value.values())
        case list():
            return depth < _DEEPEST and all(isinstance(v, str | dict) and _is_nested(v, depth + 1) for v in value)
        case _:
            return isinstance(value, str) or amount_of(value) is not None


def table_of_descriptions(document: object, program: Program, source: str) -> ObjectTable:
    """The table of descriptions.

    Parameters
    ----------
    document : object
        In one of the forms that the module describes; see `are_descriptions`.
    program : Program
        The names of classes and attributes.
    source : str
        The name of the source in messages.

    Returns
    -------
    ObjectTable
        Without boxes. What a description leaves open (alternatives, amounts without a number, an end that is cut off)
        is a row that may or may not be there. A description that is not text is a problem.

    Raises
    ------
    InputError
        If it is in none of the forms.
    """
    if not are_descriptions(document):
        raise InputError(f"{source} describes no pictures: expected texts by picture, found none")
    reader = DescriptionReader(Vocabulary(program), Notes(source))
    pictures: list[PictureRecords] = []
    problems: list[Problem] = []
    for reader.image, said in _descriptions(document):
        if _is_description(said):
            pictures.append(PictureRecords(reader.image, records=_records(said, reader)))
        else:
            why = f"expected a description as a text, found `{str(said)[:40]}`"
            problems.append(Problem(reader.image, f"{reader.image}: {why}"))
    reader.note_unknown_names()
    return replace(table_of(pictures, program, source, reader.notes), problems=tuple(problems))


def _descriptions(document: object) -> Iterator[tuple[str, object]]:
    """Name and description of each picture."""
    if isinstance(document, dict) and not _is_row(document):
        yield from document.items()
        return
    for number, row in enumerate(document if isinstance(document, list) else [document], 1):
        named = isinstance(row, dict)
        yield str((named and _first(row, _IMAGE)) or f"item {number}"), _first(row, _TEXT) if named else row


def _records(said: object, reader: DescriptionReader) -> list[Record]:
    """The objects of one description, in any form."""
    said = _unwrapped(said)
    return reader.records_of_text(said) if isinstance(said, str) else reader.records_of_counts(_counts(said))


def _json_of(text: str) -> object:
    """The value of a text that is JSON itself, fenced or not; None otherwise."""
    fenced = _FENCE.match(text)
    inner = (fenced["inner"] if fenced else text).strip()
    try:
        return json.loads(inner) if inner.startswith(("{", "[")) else None
    except (json.JSONDecodeError, RecursionError):
        return None


def _counts(value: object, key: str = "", where: tuple[str, ...] = ()) -> Iterator[Count]:
    """Names, numbers and places in `{"left": {"orange": 2}}` and its kin: keys are places unless they have a number."""
    amount = amount_of(value) if key or not isinstance(value, str) else None
    inner = (*where, key) if key else where
    match value:
        case _ if amount is not None and key:
            yield key, amount, where
        case dict() if (name := _first(value, _NAME)) is not None:
            place = _first(value, _PLACE)
            yield str(name), amount_of(_first(value, _NUMBER)) or ONE, (*inner, str(place)) if place else inner
        case dict():
            for k, v in value.items():
                yield from _counts(v, str(k), inner)
        case list():
            for v in value:
                yield from _counts(v, "", inner)
        case str() if value.strip():
            first, _, rest = value.strip().partition(" ")
            number = amount_of(first)
            yield (rest, number, inner) if number and rest else (value.strip(), number or ONE, inner)


EXTRACTOR = FileReader("descriptions in words or formulae", describes_pictures, read_descriptions)
