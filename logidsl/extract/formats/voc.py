"""Pascal VOC annotations: an XML file for each picture.

An `object` becomes an object with the class `name` and the box `bndbox`; a `polygon` (`x1 y1 x2 y2 …`) and a
turned box (`robndbox`) give an outline; `pose`, `truncated`, `difficult`, `occluded` are columns. Coordinates
are taken as they are written: tools differ in whether they count from 0 or 1. May import `ir`, `table` and
`diagnostics`.
"""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import numpy.typing as npt

from logidsl.diagnostics import InputError
from logidsl.extract.formats.annotations import checked, picture_beside, ring_of, side, size_of, turned_box
from logidsl.extract.formats.documents import read_bytes
from logidsl.extract.formats.xml_tree import Element, read_xml
from logidsl.extract.notes import Notes
from logidsl.extract.records import PictureRecords, Record, table_of, unreadable
from logidsl.extract.values import class_name, number
from logidsl.ir import Program
from logidsl.table import ObjectTable

_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_SAID = ("pose", "truncated", "difficult", "occluded", "confidence", "score")
_ROOT = re.compile(rb"<annotation[\s>]")


class PascalVoc:
    """Reads a Pascal VOC file."""

    name = "Pascal VOC annotation"

    def matches(self, path: Path) -> bool:
        """Whether a file is one."""
        return is_voc(path)

    def read(self, path: Path, program: Program) -> ObjectTable:
        """The table of one annotated picture; see `read_voc`."""
        return read_voc(path, program)


EXTRACTOR = PascalVoc()


def is_voc(path: Path) -> bool:
    """Whether a file looks like Pascal VOC's: an XML file, broken or in another encoding too."""
    if path.suffix.lower() != ".xml":
        return False
    try:
        data = read_bytes(path)[:65536]
    except (OSError, InputError):
        return False
    return bool(_ROOT.search(data.replace(b"\0", b""))) or not data.strip()


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
    notes = Notes(str(path))
    if root.name != "annotation":
        raise InputError(f"{path} is no Pascal VOC file: expected `<annotation>`, found `<{root.name}>`")
    named = root.get("filename") or path.stem
    picture = picture_beside(path.parent, named, path.stem)
    size = next(root.all("size"), Element("size"))
    width, height = side(size.get("width"), notes), side(size.get("height"), notes)
    if math.isnan(width) or math.isnan(height):
        width, height = size_of(Path(image) if image else picture)
    frame = PictureRecords(image or str(picture or path.parent / named), width, height)
    for place, element in enumerate(root.all("object"), 1):
        frame.records.append(checked(_record(element, f"object {place}", notes), width, height, notes))
    return table_of([frame], program, str(path), notes)


def _record(element: Element, place: str, notes: Notes) -> Record:
    name = class_name(element.get("name"))
    if name is None:
        return unreadable(place, "expected `<name>`", notes)
    values: dict[str, object] = {k: v for k in _SAID if (v := element.get(k)) is not None}
    if "score" in values:
        values.setdefault("confidence", values.pop("score"))
    box = next(element.all("bndbox"), None)
    corners = [box.get(c) for c in _CORNERS] if box is not None else None
    rings = _rings(element)
    if not rings and any(e.name in ("polygon", "robndbox") for e in element.inner):
        notes.each(": its outline is not read: expected points of two numbers", f"{place}, `{name}`")
    return Record(name, corners, rings, values=values, place=place)


def _rings(element: Element) -> list[npt.NDArray[np.float64]]:
    polygon = next(element.all("polygon"), None)
    if polygon is not None:
        flat = [v for n in range(1, len(polygon.inner) + 1) for v in (polygon.get(f"x{n}"), polygon.get(f"y{n}"))]
        ring = ring_of([number(v) for v in flat if v is not None])
        return [] if ring is None else [ring]
    turned = next(element.all("robndbox"), None)
    if turned is None:
        return []
    values = [number(turned.get(k)) for k in ("cx", "cy", "w", "h", "angle")]
    if any(v is None for v in values):
        return []
    cx, cy, w, h, angle_rad = (v for v in values if v is not None)
    return [turned_box(cx, cy, w, h, angle_rad)]
