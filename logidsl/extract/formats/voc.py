"""Pascal VOC annotations: an XML file for each picture.

An `object` becomes an object with the class `name` and the box `bndbox`; a `polygon` (`x1 y1 x2 y2 …`) and a turned box
(`robndbox`) give an outline, and so do the points (`pt`) of files of the old LabelMe, which CVAT exports, too; `pose`,
`truncated`, `difficult`, `occluded` are columns. Coordinates are taken as they are written: tools differ in whether
they count from 0 or 1. May import `ir`, `table` and `diagnostics`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from logidsl.arrays import Floats
from logidsl.diagnostics import InputError
from logidsl.extract.formats.annotations import box_record, picture_beside, ring_of, turn_deg_of, turned_box
from logidsl.extract.formats.base import Reading, numbers_of
from logidsl.extract.formats.documents import FileReader, sniffed
from logidsl.extract.formats.xml_tree import Element, read_xml
from logidsl.extract.records import Record
from logidsl.extract.values import four_numbers, number
from logidsl.ir import Program
from logidsl.table import ObjectTable

_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_SAID = ("pose", "truncated", "difficult", "occluded", "confidence", "score")
_ROOT = re.compile(rb"<annotation[\s>]")


def is_voc(path: Path) -> bool:
    """Whether a file looks like Pascal VOC: an XML file, even if broken or in another encoding."""
    data = sniffed(path, ".xml")[:65536].replace(b"\0", b"")
    return path.suffix.lower() == ".xml" and (bool(_ROOT.search(data)) or not data.strip())


def read_voc(path: Path, program: Program, image: str | None = None) -> ObjectTable:
    """Read the annotation of one picture.

    Parameters
    ----------
    path : Path
        The XML file.
    program : Program
        Says what classes are called.
    image : str, optional
        Name of the picture; else the one beside the file that it names, or that has its name.

    Raises
    ------
    InputError
        If the file cannot be read or is none of Pascal VOC's.
    """
    root = read_xml(path)
    if root.name != "annotation":
        raise InputError(f"{path} is not a Pascal VOC file: expected `<annotation>`, found `<{root.name}>`")
    named, size = root.get("filename") or path.stem, next(root.all("size"), Element("size"))
    old = next(root.all("imagesize"), Element("imagesize"))
    reading = Reading(path, program)
    image = image or str(picture_beside(path.parent, named, path.stem) or path.parent / named)
    width, height = size.get("width") or old.get("ncols"), size.get("height") or old.get("nrows")
    frame = reading.frame(named, width, height, image=image)
    for place, element in enumerate((e for e in root.all("object") if e.get("deleted") != "1"), 1):
        entry = {"name": element.get("name")}
        reading.read_entry(frame, f"object {place}", entry, "name", partial(_shape, element))
    return reading.table()


def _shape(element: Element, _entry: Mapping[str, object], name: str) -> Record:
    values: dict[str, object] = {k: v for k in _SAID if (v := element.get(k)) is not None}
    if "score" in values:
        values.setdefault("confidence", values.pop("score"))
    values |= {key: v for a in _attributes(element) if (key := a.get("name")) and (v := a.get("value")) is not None}
    is_turned = number(values.get("rotation")) is not None  # words are of a user
    turn_deg = turn_deg_of(values.pop("rotation")) if is_turned else 0.0
    box = next(element.all("bndbox"), None)
    corners = [box.get(c) for c in _CORNERS] if box is not None else None
    rings = _rings(element)
    if turn_deg and not rings and (plain := four_numbers(corners or ())) is not None:
        return box_record(name, plain, turn_deg, values)
    lost = not rings and any(e.name in ("polygon", "robndbox") for e in element.inner)
    doubts = ["its outline is not read: expected points of two numbers"] if lost else []
    return Record(name, corners, rings, values=values, doubts=doubts)


def _attributes(element: Element) -> list[Element]:
    """The further attributes that CVAT and Datumaro write, `rotation` of a box in degrees among them."""
    return [a for listed in element.all("attributes") for a in listed.all("attribute")]


def _rings(element: Element) -> list[Floats]:
    polygon = next(element.all("polygon"), None)
    if polygon is not None:
        count = len(polygon.inner) + 1
        flat = [v for n in range(1, count) for v in (polygon.get(f"x{n}"), polygon.get(f"y{n}"))]
        flat += [v for point in polygon.all("pt") for v in (point.get("x"), point.get("y"))]  # of the old LabelMe
        ring = ring_of([number(v) for v in flat if v is not None])
        return [] if ring is None else [ring]
    turned = next(element.all("robndbox"), None)
    if turned is None:
        return []
    keys = ("cx", "cy", "w", "h", "angle")
    values = numbers_of({k: turned.get(k) for k in keys}, *keys)
    return [] if values is None else [turned_box(*values)]


EXTRACTOR = FileReader("Pascal VOC annotation", is_voc, read_voc)
