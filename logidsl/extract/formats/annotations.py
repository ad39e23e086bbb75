"""Shared code of annotation readers: the picture, checks of boxes, outlines of masks.

May import `diagnostics`.
"""

from __future__ import annotations

import base64
import math
import os
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path, PureWindowsPath

import numpy as np
import numpy.typing as npt

from logidsl.arrays import Floats
from logidsl.diagnostics import InputError
from logidsl.extract.notes import Notes
from logidsl.extract.pixels.header import SUFFIXES
from logidsl.extract.pixels.picture import picture_size
from logidsl.extract.records import FARTHEST_PX, NOT_A_BOX, EntryError, Record, needed, unreadable
from logidsl.extract.values import four_numbers, number
from logidsl.files import is_file
from logidsl.library.measure import ring_area
from logidsl.table import COUNT

#: Folders in which datasets keep pictures, from the folder of their annotations.
_PICTURES = ("images", "../images", "JPEGImages", "../JPEGImages", "..", "../..", "img", "../img")
#: A box may reach so far beyond the picture without a word: rounding, and borders drawn with a thick pen.
_BEYOND_PX = 2.0
_ELLIPSE_CORNERS = 72
#: A box and its outline's that share less of their union contradict each other.
_LEAST_SHARED = 0.5


def _names_in(folder: Path) -> dict[str, str]:
    """The names in a folder by `_folded`; empty without such a folder."""
    try:
        return _listed(folder, folder.stat().st_mtime_ns)
    except OSError:
        return {}


@lru_cache(maxsize=256)
def _listed(folder: Path, changed_ns: int) -> dict[str, str]:
    return {_folded(name): name for name in os.listdir(folder)}  # noqa: PTH208 - names only, and fast


def _folded(name: str) -> str:
    """A file's name without case, and with its accents as parts of letters: some systems store them apart."""
    return name.lower() if name.isascii() else unicodedata.normalize("NFC", name).casefold()


def picture_beside(folder: Path, name: str, stem: str = "") -> Path | None:
    """The picture of an annotation.

    Parameters
    ----------
    folder : Path
        Where the annotation lies.
    name : str
        What the annotation calls the picture; its folders count only where they are there.
    stem : str
        Name of the annotation file without its ending: a picture of that name will do.

    Returns
    -------
    Path or None
        Looked for in the usual folders, whatever the case of its letters, and with other endings.
    """
    parts = PureWindowsPath(name).parts
    if parts and is_file(named := folder / Path(*parts)):
        return named
    wanted = [parts[-1]] if parts else []
    stems = dict.fromkeys(s for s in (stem, Path(wanted[0]).stem if wanted else "") if s)
    wanted += [s + ending for s in stems for ending in SUFFIXES]
    for here in _folders(folder):
        found = _names_in(here)
        for one in wanted:
            if _folded(one) in found:
                return here / found[_folded(one)]
    return None


@lru_cache(maxsize=64)
def _folders(folder: Path) -> tuple[Path, ...]:
    """Where pictures of a folder of annotations may lie: `labels/train` has them in `images/train`."""
    parts = folder.parts
    swapped = [
        Path(*parts[:n], "images", *parts[n + 1 :]) for n, p in enumerate(parts) if p in ("labels", "annotations")
    ]
    return (folder, *swapped[-1:], *(folder / place for place in _PICTURES))


def size_of(picture: Path | None) -> tuple[float, float]:
    """Size of a picture in px from its header, or NaN."""
    if picture is None:
        return math.nan, math.nan
    try:
        width, height = picture_size(picture)
    except InputError:
        return math.nan, math.nan
    return float(width), float(height)


def side(value: object, notes: Notes) -> float:
    """A side of a picture in px; NaN if it is not positive, or with a note, where no picture is so large."""
    found = number(value)
    if found is not None and 0 < found <= FARTHEST_PX:
        return found
    if isinstance(value, int) if found is None else abs(found) > FARTHEST_PX:
        said = "too many digits" if found is None else f"{found:g} px"
        notes.each(f": expected at most {FARTHEST_PX:g} px, found {said}", "the size of a picture was left out")
    return math.nan


def checked(record: Record, width: float, height: float, notes: Notes) -> Record:
    """A record with a box in its picture, or an uncertain object in its place, with a note.

    A box without an area, or one that contradicts its outline, is replaced by that of the outline. One that reaches
    beyond the picture is kept as it is.
    """
    if record.unreadable or COUNT in record.values:  # neither has a place
        return record
    box = None if record.box is None else four_numbers(record.box)
    if record.rings:
        around = record.around or extent(record.rings[0])
        if not _has_area(box):
            if record.box is not None and _has_area(around):
                notes.each(": its box cannot be used, and was taken from its outline", _called(record))
            box = around
        elif box is not None and _has_area(around) and _shared(box, around) < _LEAST_SHARED:
            notes.each(
                ": its box contradicts its outline, whose box is taken", _called(record), f", found {_said(box)}"
            )
            box = around
    why, found = "", ""
    if box is None:
        given = record.box if record.box is not None else ()
        why, found = NOT_A_BOX, f", found `{', '.join(map(str, given))[:60]}`" if given else ", found none"
    elif not (record.flat or _has_area(box)):
        why, found = "its box has no area", f", found {_said(box)}"
    if box is None or why:
        return unreadable(record.place, why, notes, record.name, found, record.id)
    (x0, x1), (y0, y1) = sorted(box[::2]), sorted(box[1::2])
    outside = x0 > width or y0 > height or x1 < 0 or y1 < 0
    if outside or (not record.flat and (x0 == width or y0 == height or x1 == 0 or y1 == 0)):
        size = f" of {width:g} by {height:g} px" if width > 0 and height > 0 else ""
        why = f"its box lies outside the picture{size}"
        return unreadable(record.place, why, notes, record.name, f", found {_said(box)}", record.id)
    if x0 < -_BEYOND_PX or y0 < -_BEYOND_PX or x1 - width > _BEYOND_PX or y1 - height > _BEYOND_PX:
        notes.each(": its box reaches beyond the picture, and stays as it is", _called(record))
    record.box = box
    return record


def _has_area(box: Sequence[float] | None) -> bool:
    return box is not None and box[0] != box[2] and box[1] != box[3]


def _shared(a: Sequence[float], b: Sequence[float]) -> float:
    """Shared area of two boxes by that of both together."""
    (ax0, ax1), (ay0, ay1) = sorted(a[::2]), sorted(a[1::2])
    (bx0, bx1), (by0, by1) = sorted(b[::2]), sorted(b[1::2])
    both = max(0.0, min(ax1, bx1) - max(ax0, bx0)) * max(0.0, min(ay1, by1) - max(ay0, by0))
    return both / ((ax1 - ax0) * (ay1 - ay0) + (bx1 - bx0) * (by1 - by0) - both)


def _said(box: Sequence[float]) -> str:
    x0, y0, x1, y1 = (f"{v:g}" for v in box)
    return f"x {x0} to {x1}, y {y0} to {y1}"


def _called(record: Record) -> str:
    """An object's name in notes."""
    return f"{record.place}, `{record.name}`" if record.place else f"`{record.name}`"


def ring_of(values: object) -> Floats | None:
    """The points of a flat list `[x, y, x, y, …]`, at least three, or None.

    Examples
    --------
    >>> ring_of([0, 0, 4, 0, 4, 3]).tolist(), ring_of([1, 2, 3])
    ([[0.0, 0.0], [4.0, 0.0], [4.0, 3.0]], None)
    """
    if not isinstance(values, list | tuple) or len(values) < 6 or len(values) % 2:
        return None
    try:
        ring = np.array(values, np.float64)
    except (TypeError, ValueError, OverflowError):
        return None
    if ring.ndim != 1 or not (np.abs(ring) <= FARTHEST_PX).all():
        return None
    return ring.reshape(-1, 2)


def turned_box(cx: float, cy: float, width: float, height: float, angle_rad: float) -> Floats:
    """(4, 2) corners of a box that is turned clockwise, as the picture shows it, about its middle.

    Examples
    --------
    >>> turned_box(5, 5, 4, 2, math.pi / 2).round(6).tolist()
    [[6.0, 3.0], [6.0, 7.0], [4.0, 7.0], [4.0, 3.0]]
    """
    half = np.array([(-width, -height), (width, -height), (width, height), (-width, height)]) / 2
    return _turned(half, cx, cy, angle_rad)


def ellipse(cx: float, cy: float, rx: float, ry: float, angle_rad: float = 0.0) -> Floats:
    """(72, 2) corners round an ellipse that is turned clockwise about its middle.

    Edges touch it at the ends of its axes, so that the least turned box round them has its sides and its angle.
    """
    turn = (np.arange(_ELLIPSE_CORNERS) + 0.5) * (2 * math.pi / _ELLIPSE_CORNERS)
    rx, ry = (r / math.cos(math.pi / _ELLIPSE_CORNERS) for r in (rx, ry))
    return _turned(np.stack([rx * np.cos(turn), ry * np.sin(turn)], axis=1), cx, cy, angle_rad)


def _turned(points: Floats, cx: float, cy: float, angle_rad: float) -> Floats:
    cos, sin = math.cos(angle_rad), math.sin(angle_rad)
    return np.asarray(points @ np.array([(cos, sin), (-sin, cos)]) + (cx, cy), np.float64)


def extent(points: Floats) -> list[float]:
    """The box round points, (k, 2): x0 y0 x1 y1."""
    return [*points.min(0).tolist(), *points.max(0).tolist()]


def ring_record(name: str, ring: Floats, values: Mapping[str, object] | None = None) -> Record:
    """The object of an outline, (k, 2)."""
    return Record(name, extent(ring), [ring], values=values or {})


def turn_deg_of(value: object) -> float:
    """The degrees by which a box is turned; 0 where nothing is said.

    Raises
    ------
    EntryError
        If they are not a number: where the box lies is not known.
    """
    found = 0.0 if value is None else number(value)
    return needed(
        found if found is not None and math.isfinite(found) else None, "expected degrees in `rotation`", value
    )


def box_record(name: str, box: Sequence[float], turn_deg: float, values: Mapping[str, object] | None = None) -> Record:
    """The object of a box, x0 y0 x1 y1 before it is turned clockwise about its middle."""
    if not turn_deg:
        return Record(name, box, values=values or {})
    x0, y0, x1, y1 = box
    turned = turned_box((x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0, math.radians(turn_deg))
    return ring_record(name, turned, values)


def polygon_record(name: str, points: object, values: Mapping[str, object] | None = None) -> Record:
    """The object of points as `ring_of` takes them.

    Raises
    ------
    EntryError
        If there are fewer than three.
    """
    return ring_record(name, needed(ring_of(points), "expected at least three points"), values)


def line_record(name: str, points: Floats, values: Mapping[str, object], *, ends: bool = True) -> Record:
    """The object of points, (k, 2); of a line with its ends as `start` and `end`, the left one first."""
    first, last = sorted((points[0].tolist(), points[-1].tolist()))
    places = {"start": first, "end": last} if ends else {}
    return Record(name, extent(points), values={**values, **places}, flat=True)


def of_parts(parts: Sequence[Sequence[Floats]]) -> tuple[list[Floats], list[float], float]:
    """One outline for an object in several parts.

    Parameters
    ----------
    parts : sequence of sequence of (k, 2) float64
        Of each part its outer ring and its holes; at least one part.

    Returns
    -------
    rings : list of (k, 2) float64
        Those of the largest part.
    box : list of 4 float
        Round all parts.
    area : float
        Of all parts, px2.
    """
    areas = [ring_area(p[0]) - sum(ring_area(h) for h in p[1:]) for p in parts]
    largest = int(np.argmax(areas))
    low = np.min([p[0].min(0) for p in parts], axis=0)
    high = np.max([p[0].max(0) for p in parts], axis=0)
    return list(parts[largest]), [*low.tolist(), *high.tolist()], float(sum(areas))


def mask_record(
    name: str,
    mask: npt.NDArray[np.generic],
    left: float = 0.0,
    top: float = 0.0,
    values: Mapping[str, object] | None = None,
) -> Record:
    """The object of a mask, without an id.

    Parameters
    ----------
    mask : (h, w) bool or number
        Not 0 where the object is.
    left, top : float
        Place of the mask's top-left corner in the picture, px.

    Raises
    ------
    EntryError
        If the mask is empty.
    """
    from logidsl.extract.pixels.rings import region_rings

    parts = region_rings(np.ascontiguousarray(mask != 0).astype(np.uint8)) if mask.size else []
    if not parts:
        raise EntryError("its mask is empty")
    corner = np.array([left, top])
    rings, box, area = of_parts([[ring + corner for ring in part] for part in parts])
    return Record(name, box, rings, values={**(values or {}), **({"area": area} if len(parts) > 1 else {})})


def decode_mask(data: bytes) -> npt.NDArray[np.generic]:
    """The mask in a picture file, (h, w): where it is opaque, or not black where it has no alpha.

    Raises
    ------
    InputError
        If it is not a picture, damaged, or larger than pictures may be.
    """
    from logidsl.extract.pixels.header import read_header
    from logidsl.extract.pixels.opencv import cv2
    from logidsl.extract.pixels.picture import pixel_limit

    header = read_header(data, "it")
    if header.width * header.height > pixel_limit():
        raise InputError(f"it is too large: {header.width} by {header.height} px")
    mask = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if mask is None:
        raise InputError("it is damaged")
    return np.asarray(mask if mask.ndim == 2 else mask[:, :, 3] if mask.shape[2] == 4 else mask.max(axis=2))


def unpacked(code: object) -> bytes:
    """The bytes of a text in base64.

    Raises
    ------
    InputError
        If it is something else.
    """
    try:
        return base64.b64decode(code, validate=True)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise InputError("it is not base64") from None
