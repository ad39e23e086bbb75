"""Descriptions of pictures in words or formulae, as vision-language models give them.

A JSON file that says something of each picture: `{"a.png": "left(orange,2)\\nright(granola,*)"}`, with the text
in plain English, in formulae, or in both; or `{"a.png": {"left": {"orange": 2}}}`, `{"a.png": ["left: 2 oranges"]}`; or
rows `{"image": "a.png", "text": …}`, one on a line or in a list. Rows have no place in the picture, only
what is said of them. May import `ir` and `table`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from logidsl.diagnostics import InputError
from logidsl.extract.amounts import ONE, amount_of
from logidsl.extract.fact_names import Names
from logidsl.extract.fact_objects import UNKNOWN_NAME, DescribedObjects, record_of_thing, records_of_text, things_named
from logidsl.extract.formats.documents import read_bytes, read_json
from logidsl.extract.notes import lost_lines
from logidsl.extract.pixels.header import SUFFIXES
from logidsl.extract.records import PictureRecords, Record, table_of
from logidsl.ir import Program
from logidsl.table import ObjectTable, Problem

_TEXT = ("text", "facts", "description", "answer", "response", "output", "formulae", "content", "caption")
_IMAGE = ("image", "path", "file", "file_name", "filename", "image_path", "id")
#: Keys of other formats: a document with one of these at its top describes no pictures by name.
_OTHERS = frozenset(
    [
        "class",
        "box",
        "objects",
        "images",
        "annotations",
        "categories",
        "shapes",
        "imagePath",
        "boxes",
        "labels",
        "scores",
        "logits",
        "phrases",
        "detections",
        "predictions",
        "image_id",
        "category_id",
        "bbox",
        "x0",
        "outline",
    ]
)
#: Keys that no description has, wherever they stand: of coordinates, and of what is said about a file.
_FORBIDDEN: frozenset[str] = frozenset().union(
    ("x", "y", "w", "h", "x0", "y0", "x1", "y1", "x2", "y2", "x3", "y3", "x4", "y4", "cx", "cy", "xc", "yc"),
    ("xmin", "ymin", "xmax", "ymax", "xcenter", "ycenter", "width", "height", "size", "area"),
    ("bbox", "bndbox", "boundingbox", "boxes", "bbox2d", "box2d", "polygon", "polygons", "points"),
    ("point", "coordinates", "coords", "segmentation", "mask", "rle", "regions", "shapeattributes"),
    ("regionattributes", "fileattributes", "tags", "metadata", "meta", "frames", "asset", "assets"),
    (
        "annotations",
        "categories",
        "images",
        "imageid",
        "categoryid",
        "confidence",
        "score",
        "version",
        "info",
        "licenses",
        "detections",
        "predictions",
        "groundtruth",
    ),
)
_FOLDED = re.compile(r"[\s_\-]+")
#: As they stand for keys in a file: in a text their quotes have a backslash.
_MARKS = (b'"class"', b'"objects"', b'"shapes"', b'"annotations"')
_LARGEST_BYTES = 64 << 20
_LISTED = 20


class Facts:
    """Reads a file of descriptions."""

    name = "descriptions in words or formulae"
    generic = True

    def matches(self, path: Path) -> bool:
        """Whether a file says something of pictures by name."""
        if path.suffix.lower() not in (".json", ".jsonl", ".ndjson"):
            return False
        try:
            if path.stat().st_size > _LARGEST_BYTES or any(key in read_bytes(path) for key in _MARKS):
                return False
            return is_facts(read_json(path, broken={}))
        except (InputError, OSError):
            return False

    def read(self, path: Path, program: Program) -> ObjectTable:
        """The table; see `table_of_facts`."""
        broken: dict[int, str] = {}
        table = table_of_facts(read_json(path, broken=broken), program, str(path))
        return replace(table, problems=(*table.problems, *lost_lines(path, broken)))


EXTRACTOR = Facts()


def is_facts(document: object) -> bool:
    """Whether a JSON value describes pictures, by name or one a row.

    Examples
    --------
    >>> is_facts({"a.png": "left(orange,2)"}), is_facts({"a.png": {"left": {"orange": 2}}}), is_facts({"class": "nut"})
    (True, True, False)
    >>> is_facts([{"image": "a.png", "text": "two nuts"}]), is_facts([])
    (True, False)
    """
    match document:
        case dict() if document and _OTHERS.isdisjoint(document) and _allowed(document) and not _row(document):
            # a number where a picture's description should be costs that picture
            said = {k: v for k, v in document.items() if isinstance(v, str | dict | list) or not _is_picture(k)}
            return bool(said) and all(map(_is_description, said.values()))
        case dict():
            return _row(document)
        case [*rows] if rows:
            return all(isinstance(r, dict) and _row(r) for r in rows[:50])
        case _:
            return False


def _row(item: Mapping[str, object]) -> bool:
    """Whether a mapping is a description that names its picture."""
    image, text = _first(item, _IMAGE), _first(item, _TEXT)
    return isinstance(image, str) and _is_description(text) and _OTHERS.isdisjoint(item)


def _is_picture(name: str) -> bool:
    return Path(name).suffix.lower() in SUFFIXES


def _allowed(item: Mapping[str, object]) -> bool:
    """Whether no key of a mapping is one of another format, of coordinates, or of what is said about a file."""
    return all(_FOLDED.sub("", k).lower() not in _FORBIDDEN for k in item)


def _is_description(said: object) -> bool:
    """Whether a value is what may be said of a picture: text, texts, or places with things and their numbers."""
    match said:
        case str():
            inner = _json_of(said)
            return inner is None or _is_description(inner)
        case dict() if (text := _first(said, _TEXT)) is not None:
            return _allowed({k: v for k, v in said.items() if v is not text}) and _is_description(text)
        case dict() | list():
            return _is_nested(said)
        case _:
            return False


def _is_nested(value: object, depth: int = 0) -> bool:
    """Whether a value is places, things and whole numbers of them, however deep."""
    match value:
        case dict():
            return depth < 8 and _allowed(value) and all(_is_nested(v, depth + 1) for v in value.values())
        case list():
            return depth < 8 and all(isinstance(v, str | dict) and _is_nested(v, depth + 1) for v in value)
        case _:
            return isinstance(value, str) or amount_of(value) is not None


def _first(item: Mapping[str, object], keys: tuple[str, ...]) -> object:
    return next((item[k] for k in keys if k in item), None)


def table_of_facts(document: object, program: Program, source: str) -> ObjectTable:
    """The table of descriptions.

    Parameters
    ----------
    document : object
        In one of the forms that the module describes; see `is_facts`.
    program : Program
        Says what things and attributes are called.
    source : str
        What messages call it.

    Returns
    -------
    ObjectTable
        Without boxes. What a description leaves open (alternatives, amounts without a number, an end that
        is cut off) is a row that may be there or not. A description that is no text is a problem.

    Raises
    ------
    InputError
        If it is in none of the forms.
    """
    if not is_facts(document):
        raise InputError(f"{source} describes no pictures: expected texts by picture, found none")
    names = Names(program)
    frames: list[PictureRecords] = []
    problems: list[Problem] = []
    heard: dict[str, list[str]] = {}
    for image, said in _descriptions(document):
        notes: list[str] = []
        try:
            records = _records(said, names, notes)
        except InputError as error:
            problems.append(Problem(image, f"{image}: {error}"))
            continue
        frames.append(PictureRecords(image, records=records))
        for note in notes:
            heard.setdefault(note, []).append(image)
    return replace(table_of(frames, program, source, _lines(heard)), problems=tuple(problems))


def _lines(heard: Mapping[str, list[str]]) -> list[str]:
    """One note of each kind, with how often and where first; names that the spec does not know in one."""
    strange = {note: images for note, images in heard.items() if note.endswith(UNKNOWN_NAME)}
    lines = [
        f"{note} ({len(images)} of them, first {images[0]})" for note, images in heard.items() if note not in strange
    ]
    if strange:
        often = sorted(strange, key=lambda note: -len(strange[note]))
        listed = ", ".join(f"{note.removesuffix(UNKNOWN_NAME)} ({len(strange[note])})" for note in often[:_LISTED])
        more = f" and {len(often) - _LISTED} more" if len(often) > _LISTED else ""
        lines.append(f"names that the spec does not know: {listed}{more}")
    return lines


def _descriptions(document: object) -> Iterator[tuple[str, object]]:
    """Name of each picture and what is said of it."""
    if isinstance(document, dict) and not _row(document):
        yield from document.items()
        return
    for number, row in enumerate(document if isinstance(document, list) else [document], 1):
        if not isinstance(row, dict):
            yield f"item {number}", row
        else:
            yield str(_first(row, _IMAGE) or f"item {number}"), _first(row, _TEXT)


def _records(said: object, names: Names, notes: list[str]) -> list[Record]:
    """The objects of one description, in whatever form it is."""
    match said:
        case str() if said.strip():
            inner = _json_of(said)
            return records_of_text(said, names, notes) if inner is None else _records(inner, names, notes)
        case str():
            return records_of_text("", names, notes)
        case dict() if (text := _first(said, _TEXT)) is not None:
            return _records(text, names, notes)
        case dict():
            return _merged(
                [t for key, value in said.items() for t in _nested(str(key), value, (), names)], names, notes
            )
        case list() if all(isinstance(s, str) for s in said):
            return records_of_text("\n".join(said), names, notes) if said else []
        case list():
            return _merged([t for item in said for t in _nested("", item, (), names)], names, notes)
        case _:
            raise InputError(f"expected a description as a text, found `{str(said)[:40]}`")


_FENCE = re.compile(r"^\s*```(?:json)?\s*(?P<inner>.*?)\s*```\s*$", re.DOTALL)


def _json_of(text: str) -> object:
    """The value where a text is JSON itself, fenced or not; None where it is none."""
    found = _FENCE.match(text)
    inner = (found["inner"] if found else text).strip()
    if not inner.startswith(("{", "[")):
        return None
    try:
        value: object = json.loads(inner)
    except (json.JSONDecodeError, RecursionError):
        return None
    return value


def _nested(key: str, value: object, where: tuple[str, ...], names: Names, depth: int = 0) -> list[DescribedObjects]:
    """The things of `{"left": {"orange": 2}}` and its kin: keys are places until one is a thing with its number."""
    if depth > 8:
        raise InputError("expected places, things and numbers, found them nested too deeply")
    amount = amount_of(value) if not isinstance(value, str) or key else None
    if amount is not None and key:
        return things_named(key, amount, where, names)
    inner = (*where, key) if key else where
    match value:
        case dict() if (thing := _first(value, ("name", "object", "class", "item", "label"))) is not None:
            number = amount_of(_first(value, ("count", "number", "quantity", "n")))
            place = _first(value, ("place", "position", "location", "side"))
            at = (*inner, str(place)) if place is not None else inner
            return things_named(str(thing), number or ONE, at, names)
        case dict():
            return [t for k, v in value.items() for t in _nested(str(k), v, inner, names, depth + 1)]
        case list():
            return [t for v in value for t in _nested("", v, inner, names, depth + 1)]
        case str() if value.strip():
            first, _, rest = value.strip().partition(" ")
            number = amount_of(first)
            return things_named(rest if number and rest else value.strip(), number or ONE, inner, names)
        case _:
            return []


def _merged(things: list[DescribedObjects], names: Names, notes: list[str]) -> list[Record]:
    notes += [f"`{t.said}`{UNKNOWN_NAME}" for t in things if not names.meanings(t.name)]
    return [record_of_thing(t, names) for t in things]
