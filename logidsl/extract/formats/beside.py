"""The annotation file that belongs to a picture, in the usual folders: of LabelMe, Pascal VOC, YOLO and other tools.

May import `ir` and `table`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

from logidsl.diagnostics import InputError
from logidsl.extract.formats.base import JsonFormat
from logidsl.extract.formats.darkflow import EXTRACTOR as DARKFLOW
from logidsl.extract.formats.documents import FileReader, read_json
from logidsl.extract.formats.labelme import EXTRACTOR as LABELME
from logidsl.extract.formats.model_answers import EXTRACTOR as MODEL_ANSWERS
from logidsl.extract.formats.roboflow import EXTRACTOR as ROBOFLOW
from logidsl.extract.formats.supervisely import EXTRACTOR as SUPERVISELY
from logidsl.extract.formats.voc import EXTRACTOR as VOC
from logidsl.extract.formats.xml_tree import read_xml
from logidsl.extract.formats.yolo_text import EXTRACTOR as YOLO
from logidsl.ir import Program
from logidsl.table import ObjectTable

_FOLDERS = (".", "labels", "annotations", "Annotations", "ann", "../labels", "../annotations", "../Annotations")
_FOLDERS_OF_TOOLS = ("../xmls", "../ann")
#: Readers of annotations of one picture, by the ending of their files.
_READERS: dict[str, tuple[FileReader | JsonFormat, ...]] = {
    ".json": (LABELME, SUPERVISELY, DARKFLOW, ROBOFLOW, MODEL_ANSWERS),
    ".xml": (VOC,),
    ".txt": (YOLO,),
}
#: Endings of annotations of one picture.
ENDINGS = tuple(_READERS)


def _reader(path: Path) -> FileReader | JsonFormat | None:
    return next((reader for reader in _READERS.get(path.suffix.lower(), ()) if reader.matches(path)), None)


def is_annotation(path: Path) -> bool:
    """Whether a file is the annotation of one picture."""
    return _reader(path) is not None


def is_broken(path: Path) -> bool:
    """Whether a file has an annotation's extension but cannot be parsed, so that its meaning is unknown."""
    try:
        match path.suffix.lower():
            case ".json":
                read_json(path)
            case ".xml":
                read_xml(path)
    except InputError:
        return True
    return False


def annotations_of(picture: Path) -> list[Path]:
    """The annotations of a picture: files of its name beside it and in folders of labels, the nearest first."""
    folders = [picture.parent / f for f in (*_FOLDERS, *_FOLDERS_OF_TOOLS)]
    parts = picture.parent.parts
    if "images" in parts:  # `images/train/a.jpg` has `labels/train/a.txt`
        place = len(parts) - 1 - parts[::-1].index("images")
        folders.append(Path(*parts[:place], "labels", *parts[place + 1 :]))
    names = [*(picture.stem + ending for ending in ENDINGS), f"{picture.name}.json"]
    found: dict[Path, Path] = {}
    for folder in folders:
        for path in (folder / name for name in names):
            if path.is_file() and is_annotation(path):
                found.setdefault(path.resolve(), path)
    return list(found.values())


def annotation_of(picture: Path) -> Path | None:
    """The nearest annotation of a picture."""
    return next(iter(annotations_of(picture)), None)


def read_beside(picture: Path, annotations: list[Path], program: Program) -> ObjectTable:
    """The table of a picture's annotation.

    Parameters
    ----------
    picture : Path
        The picture.
    annotations : list of Path
        Its annotations; at least one. Of several the first is read, if the others have as many objects of each class.
    program : Program
        Says what classes are called.

    Raises
    ------
    InputError
        If it cannot be read, or another says something else.
    """
    first, *others = annotations
    table = _read(first, program, picture)
    for other in others:
        if Counter(_read(other, program, picture).classes.texts()) != Counter(table.classes.texts()):
            raise InputError(
                f"{picture} has two annotation files of different objects, {first} and {other}: name the one to read "
                "in place of the picture, or remove the other"
            )
    notes = [f"{first} is read; the picture has several annotation files"] if others else []
    return replace(table, notes=(*table.notes, *notes))


def _read(annotation: Path, program: Program, picture: Path) -> ObjectTable:
    reader = _reader(annotation)
    assert reader is not None
    return reader.read(annotation, program, str(picture))
