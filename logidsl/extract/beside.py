"""The annotation file that belongs to a picture: LabelMe's, Pascal VOC's or YOLO's, in the usual folders.

May import `ir` and `table`.
"""

from __future__ import annotations

from pathlib import Path

from logidsl.diagnostics import InputError
from logidsl.extract.documents import read_json
from logidsl.extract.labelme import is_labelme, read_labelme
from logidsl.extract.voc import is_voc, read_voc
from logidsl.extract.xml_tree import read_xml
from logidsl.extract.yolo_text import is_yolo, read_yolo
from logidsl.ir import Program
from logidsl.table import ObjectTable

#: Endings of annotations of one picture.
ENDINGS = (".json", ".xml", ".txt")
_FOLDERS = (".", "labels", "annotations", "Annotations", "../labels", "../annotations", "../Annotations", "../xmls")


def is_annotation(path: Path) -> bool:
    """Whether a file is the annotation of one picture."""
    match path.suffix.lower():
        case ".json":
            return is_labelme(path)
        case ".xml":
            return is_voc(path)
        case ".txt":
            return is_yolo(path)
        case _:
            return False


def is_broken(path: Path) -> bool:
    """Whether a file has the ending of an annotation and cannot be parsed: what it was meant to be is not known."""
    try:
        match path.suffix.lower():
            case ".json":
                read_json(path)
            case ".xml":
                read_xml(path)
    except InputError:
        return True
    return False


def annotation_of(picture: Path) -> Path | None:
    """The annotation of a picture: the file of its name beside it, else in a folder of labels."""
    folders = [picture.parent / f for f in _FOLDERS]
    parts = picture.parent.parts
    if "images" in parts:  # `images/train/a.jpg` has `labels/train/a.txt`
        place = len(parts) - 1 - parts[::-1].index("images")
        folders.append(Path(*parts[:place], "labels", *parts[place + 1 :]))
    for folder in folders:
        for ending in ENDINGS:
            path = folder / (picture.stem + ending)
            if path.is_file() and is_annotation(path):
                return path
    return None


def read_beside(annotation: Path, program: Program, picture: Path) -> ObjectTable:
    """The table of a picture's annotation.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    match annotation.suffix.lower():
        case ".json":
            return read_labelme(annotation, program, str(picture))
        case ".xml":
            return read_voc(annotation, program, str(picture))
        case _:
            return read_yolo(annotation, program, str(picture))
