"""Boxes in the answers of vision-language models, in thousandths of the picture.

Gemini gives `box_2d` as y, x, y, x; Qwen gives `bbox_2d` as x, y, x, y. An answer is JSON, in a fence or among other
words, in a file of its own beside its picture, or a text for each picture: `{"tray.png": "…"}`, or rows with `image`
and `text`. An answer that is cut short leaves open what else there is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from logidsl.diagnostics import InputError
from logidsl.extract.formats.base import Reading, of_score
from logidsl.extract.formats.documents import FileReader, read_text, sniffed
from logidsl.extract.pixels.header import SUFFIXES
from logidsl.extract.records import EntryError, PictureRecords, Record, needed, unreadable
from logidsl.extract.values import four_numbers
from logidsl.ir import Program
from logidsl.table import ANY_NUMBER, COUNT, ObjectTable

#: By key: the places of x0 y0 x1 y1.
_ORDERS = {"box_2d": (1, 0, 3, 2), "bbox_2d": (0, 1, 2, 3)}
_WHOLE = 1000.0
_ENDINGS = (".json", ".jsonl", ".ndjson", ".txt", ".md")
_IMAGES = ("image", "image_path", "path", "file_name", "filename", "file")
_TEXTS = ("text", "answer", "response", "output", "content")


@dataclass
class _Answer:
    """A model's answer about a picture."""

    boxes: list[Mapping[str, object]] = field(default_factory=list)
    cut: bool = False


def has_boxes(path: Path) -> bool:
    """Whether a file has answers with boxes."""
    try:
        data = sniffed(path, *_ENDINGS)
        return b"box_2d" in data and any(answer.boxes for _, answer in _answers(read_text(path)))
    except InputError:
        return False


def read_answers(path: Path, program: Program, image: str | None = None) -> ObjectTable:
    """The table of the pictures of a file, of which a single one may be known as `image`.

    Raises
    ------
    InputError
        If it cannot be read, or does not name its picture.
    """
    reading = Reading(path, program, image)
    for name, answer in _answers(read_text(path)):
        frame = _frame(name, reading)
        if not (frame.width > 0 and frame.height > 0):
            reading.frames.remove(frame)
            reading.refuse(frame.path, f"its boxes are thousandths of {frame.path}, whose size is not known")
            continue
        reading.read_each(frame, answer.boxes, f"{name or path.stem}, box", "label", partial(_box, frame))
        for key in dict.fromkeys(k for item in answer.boxes for k in _ORDERS if k in item):
            order = "y before x" if key == "box_2d" else "x before y"
            reading.notes.say(f"`{key}` taken as thousandths of the picture, {order}")
        if answer.cut:
            why = "the answer is cut short"
            open_ = unreadable(name or path.stem, why, reading.notes)
            open_.values = {**open_.values, COUNT: ANY_NUMBER}
            frame.records.append(open_)
    return reading.table()


def _frame(name: str, reading: Reading) -> PictureRecords:
    """The picture of an answer: as named, that of the file's name, or the only one in its folder."""
    if name:
        return reading.frame(name)
    frame = reading.frame(reading.path.stem, stem=reading.path.stem)
    if frame.width > 0:
        return frame
    pictures = [p for p in reading.path.parent.iterdir() if p.suffix.lower() in SUFFIXES]
    if len(pictures) != 1:
        raise InputError(
            f"{reading.path}: its boxes are thousandths of a picture, and none of its name is beside it: name the file "
            'like its picture, or write {"picture.png": [...]}'
        )
    reading.frames.remove(frame)
    reading.notes.say(f"{pictures[0].name} taken as its picture, the only one in its folder")
    return reading.frame(pictures[0].name)


def _box(frame: PictureRecords, item: Mapping[str, object], name: str) -> Record:
    key = next(k for k in _ORDERS if k in item)
    given = item[key]
    box = needed(four_numbers(given) if isinstance(given, list) else None, f"expected `{key}` of four numbers", given)
    if not all(0 <= v <= _WHOLE for v in box):
        raise EntryError(f"expected `{key}` in thousandths of the picture, from 0 to 1000", given)
    sides = [frame.width, frame.height] * 2
    corners = [box[k] / _WHOLE * side for k, side in zip(_ORDERS[key], sides, strict=True)]
    return Record(name, corners, values=of_score(item.get("confidence", item.get("score"))))


def _answers(text: str) -> list[tuple[str, _Answer]]:
    """The answers of a file, each with the name of its picture; empty for the one of the file itself."""
    try:
        document = json.loads(text)
    except RecursionError:
        return []
    except json.JSONDecodeError:
        lines = _json_lines(text)
        if lines is None:
            return [("", _found(text))]
        document = lines
    if isinstance(document, list) and all(isinstance(i, dict) and _text_of(i) is not None for i in document):
        rows = [(str(i.get(next(k for k in _IMAGES if k in i))), _text_of(i)) for i in document if _image_key(i)]
        if len(rows) == len(document) and rows:
            return [(name, _found(value)) for name, value in rows]
    if isinstance(document, dict) and not any(k in document for k in _ORDERS):
        if _image_key(document) and _text_of(document) is not None:
            return [(str(document[_image_key(document)]), _found(_text_of(document)))]
        found = [(str(name), _found(value)) for name, value in document.items()]
        named = [Path(name).suffix.lower() in SUFFIXES for name, _ in found]
        if all(named):
            return found
    return [("", _found(document))]


def _json_lines(text: str) -> list[object] | None:
    """The values of JSON lines; None for other text."""
    values = []
    for line in text.splitlines():
        if line.strip():
            try:
                values.append(json.loads(line))
            except (json.JSONDecodeError, RecursionError):
                return None
    return values if len(values) > 1 else None


def _image_key(item: Mapping[str, object]) -> str:
    return next((k for k in _IMAGES if isinstance(item.get(k), str)), "")


def _text_of(item: Mapping[str, object]) -> object:
    return next((item[k] for k in _TEXTS if k in item), None)


def _found(value: object) -> _Answer:
    """The boxes in a value, or in a text with JSON among its words."""
    if not isinstance(value, str):
        return _Answer(list(_boxes(value)))
    answer, decoder, at = _Answer(), json.JSONDecoder(), 0
    depth = 0
    while (at := _next_start(value, at)) >= 0:
        try:
            inner, at = decoder.raw_decode(value, at)
            answer.boxes += _boxes(inner)
        except (json.JSONDecodeError, RecursionError):
            depth += value[at] == "["
            at += 1
    tail = value[value.rfind("}") + 1 :]
    answer.cut = bool(answer.boxes or "box_2d" in value) and ((depth > 0 and "]" not in tail) or "box_2d" in tail)
    return answer


def _next_start(text: str, at: int) -> int:
    found = [p for mark in "[{" if (p := text.find(mark, at)) >= 0]
    return min(found, default=-1)


def _boxes(value: object, depth: int = 0) -> Iterator[Mapping[str, object]]:
    """The mappings with a box, at any depth that answers have."""
    if depth > 6:
        return
    if isinstance(value, dict) and any(k in value for k in _ORDERS):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _boxes(inner, depth + 1)


EXTRACTOR = FileReader("boxes in answers of vision-language models", has_boxes, read_answers)
