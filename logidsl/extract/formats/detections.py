"""Output of detectors: supervision's `Detections`, ultralytics' `Results`, dictionaries like GroundingDINO's.

Objects are recognised by their attributes, so that none of those libraries is imported, nor torch: a tensor is anything
that converts to a NumPy array. Dictionaries are read from memory and from JSON files. May import `ir`, `table` and
`diagnostics`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from logidsl.arrays import Floats
from logidsl.diagnostics import InputError
from logidsl.extract.formats.annotations import checked, mask_record, picture_beside, side, size_of
from logidsl.extract.formats.documents import JSON_ENDINGS, FileReader, read_json, sniffed
from logidsl.extract.notes import Notes, lost_lines
from logidsl.extract.records import NO_CLASS, PictureRecords, Record, table_of, unreadable
from logidsl.extract.values import class_name, four_numbers
from logidsl.ir import Program
from logidsl.table import BOX, ObjectTable, Problem

_BOXES = ("boxes_xyxy", "boxes_cxcywh", "boxes_xywh", "boxes", "bboxes", "xyxy", "box")
_LABELS = ("text_labels", "labels", "phrases", "class_names", "names", "classes", "label")
#: Names beside labels that are numbers.
_NAMES = ("class_names", "names", "classes", "categories", "id2label", "phrases", "text_labels")
_SCORES = ("scores", "logits", "confidences", "confidence", "conf", "score")
#: Boxes may reach so far beyond the picture, as a share of it.
_BEYOND = 0.05
_IMAGES = ("image", "image_path", "path", "file_name", "filename")


@runtime_checkable
class Detections(Protocol):
    """The attributes of supervision's `Detections`."""

    @property
    def xyxy(self) -> npt.NDArray[np.generic]:
        """(n, 4): the boxes, px."""

    @property
    def class_id(self) -> npt.NDArray[np.generic] | None:
        """(n,): the number of each one's class."""

    @property
    def confidence(self) -> npt.NDArray[np.generic] | None:
        """(n,): 0 to 1."""

    @property
    def data(self) -> Mapping[str, object]:
        """Further columns, `class_name` among them."""


@runtime_checkable
class Results(Protocol):
    """The attributes of ultralytics' `Results`, for one picture."""

    boxes: object
    names: Mapping[int, str] | Sequence[str]
    orig_shape: tuple[int, int]


def is_detections_file(path: Path) -> bool:
    """Whether a JSON file has dictionaries of boxes, labels and scores."""
    data = sniffed(path, *JSON_ENDINGS)
    try:
        found = any(f'"{key}'.encode() in data for key in _BOXES[:-1]) and read_json(path, broken={})
    except InputError:
        return False
    items = found if isinstance(found, list) else [found]
    return bool(items) and all(_is_dictionary(i) for i in items[:50])


def read_detections(path: Path, program: Program) -> ObjectTable:
    """The table, a picture for each dictionary; see `table_of_detections`."""
    broken: dict[int, str] = {}
    document = read_json(path, broken=broken)
    items = document if isinstance(document, list) else [document]
    table = table_of_detections(items, program, str(path), path.parent)
    return replace(table, problems=(*table.problems, *lost_lines(path, broken)))


def is_detections(what: object) -> bool:
    """Whether something is a detector's output for one picture.

    Examples
    --------
    >>> is_detections({"boxes": [[0, 0, 1, 1]], "labels": ["nut"]}), is_detections({"class": ["nut"]})
    (True, False)
    """
    return _is_dictionary(what) or isinstance(what, Results | Detections)


def _is_dictionary(what: object) -> bool:
    if not isinstance(what, Mapping) or "objects" in what or "class" in what:
        return False
    return any(k in what for k in _BOXES[:-1]) and any(k in what for k in _LABELS)


def table_of_detections(
    found: Sequence[object], program: Program, source: str = "detections", folder: Path | None = None
) -> ObjectTable:
    """The table of a detector's output, one picture per item.

    Parameters
    ----------
    found : sequence of Detections, Results or mapping
        See `is_detections`.
    program : Program
        Says what classes are called; a prompt is a name like any other.
    source : str
        What messages call it, and pictures without a name.
    folder : Path, optional
        Where pictures that are named may lie; their headers give sizes.

    Raises
    ------
    InputError
        If boxes, labels and scores are not of one number, or boxes are shares of a picture of unknown size.
    """
    notes, problems = Notes(source), list[Problem]()
    frames = []
    for number, item in enumerate(found, 1):
        name = source if len(found) == 1 else f"{source} {number}"
        try:
            frame, records = _of_one(item, name, folder or Path(), notes)
        except InputError as error:
            if folder is None or len(found) == 1:
                raise
            problems.append(Problem(name, str(error)))  # one picture of a file costs that one
            continue
        frame.records = [checked(r, frame.width, frame.height, notes) for r in records]
        frames.append(frame)
    return replace(table_of(frames, program, source, notes), problems=tuple(problems))


def _of_one(item: object, name: str, folder: Path, notes: Notes) -> tuple[PictureRecords, list[Record]]:
    """The picture of one item, and its objects."""
    if isinstance(item, Mapping):
        return _of_dictionary(item, name, folder, notes)
    if isinstance(item, Results):
        return _of_results(item, name, notes)
    if isinstance(item, Detections):
        return _of_supervision(item, name, notes)
    raise InputError(f"{name}: expected detections, found a `{type(item).__name__}`")


def array_of(value: object) -> npt.NDArray[np.generic]:
    """The array of a tensor, an array or a list; a tensor may be on another device."""
    for way in ("detach", "cpu", "numpy"):
        step = getattr(value, way, None)
        if callable(step):
            value = step()
    return np.asarray(value)


def _numbers(value: object, name: str, what: str, width: int = 0) -> Floats:
    """(n,) numbers, or (n, width) of them."""
    try:
        made = np.asarray(array_of(value), np.float64)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{name}: expected `{what}` to be numbers, found `{str(value)[:60]}`") from None
    if not width:
        return made.reshape(-1)
    made = made.reshape(0, width) if made.size == 0 else made
    if made.ndim != 2 or made.shape[1] != width:
        more = "; a fifth number may be an angle or a score" if made.shape[1:] == (width + 1,) else ""
        raise InputError(f"{name}: expected `{what}` of shape (n, {width}), found {made.shape}{more}")
    return made


def _boxes(value: object, name: str, key: str) -> Floats:
    """Boxes as numbers; one among others that is not four numbers is NaN, as an object is there of unknown place."""
    if isinstance(value, list) and all(isinstance(row, list | tuple) for row in value):
        found = [four_numbers(row) for row in value]
        if any(box is not None for box in found) and any(box is None for box in found):
            return np.array([(math.nan,) * 4 if box is None else box for box in found], np.float64)
    return _numbers(value, name, key, 4)


def _of_dictionary(
    item: Mapping[str, object], name: str, folder: Path, notes: Notes
) -> tuple[PictureRecords, list[Record]]:
    image = next((str(item[k]) for k in _IMAGES if isinstance(item.get(k), str | Path)), None)
    picture = None if image is None else picture_beside(folder, image)
    frame = PictureRecords(str(picture or image or name), *_size(item, picture, notes), named=image or name)
    key = next(k for k in _BOXES if k in item)
    boxes = _pixels(_boxes(item[key], name, key), key, item, frame, notes)
    labels, scores = (next((item[k] for k in keys if k in item), None) for keys in (_LABELS, _SCORES))
    return frame, _records(name, boxes, _named(labels, item, name), scores, notes)


def _named(labels: object, item: Mapping[str, object], name: str) -> object:
    """Labels, or their names where they are numbers beside names: one for each label, or for each number.

    Raises
    ------
    InputError
        If both are possible and give different names.
    """
    codes = labels if isinstance(labels, list) else array_of(labels).reshape(-1).tolist()
    beside = next((item[k] for k in _NAMES if k in item and item[k] is not labels), None)
    if beside is None or not codes or not all(isinstance(c, int) and not isinstance(c, bool) for c in codes):
        return labels
    listed = beside if isinstance(beside, Mapping) else dict(enumerate(beside if isinstance(beside, list) else ()))
    by_number = [listed.get(c, listed.get(str(c))) for c in codes]
    each = beside if isinstance(beside, list) and len(beside) == len(codes) else None
    pairs = None if each is None else set(zip(codes, map(str, each), strict=True))
    if pairs is None or not len(pairs) == len({c for c, _ in pairs}) == len({n for _, n in pairs}):
        each = None
    if None in by_number:
        return labels if each is None else each
    if each is not None and each != by_number:
        raise InputError(f"{name}: expected `labels` as names, found numbers beside names that fit in two ways")
    return by_number


def _size(item: Mapping[str, object], picture: Path | None, notes: Notes) -> tuple[float, float]:
    """Width and height of the picture: as given, otherwise from its header."""
    width, height = side(item.get("width"), notes), side(item.get("height"), notes)
    for key in ("size", "image_size", "orig_size", "orig_shape", "image_shape"):
        if math.isnan(width) and key in item:
            try:
                sides = array_of(item[key]).reshape(-1).tolist()
            except (TypeError, ValueError):
                continue
            if len(sides) >= 2:  # rows and columns, as arrays have them
                height, width = side(sides[0], notes), side(sides[1], notes)
    return (width, height) if width > 0 and height > 0 else size_of(picture)


def _pixels(boxes: Floats, key: str, item: Mapping[str, object], frame: PictureRecords, notes: Notes) -> Floats:
    """Corners in px of boxes in any form: given by their key or `box_format`, otherwise guessed from their values.

    Boxes within 0 to 1 are relative to the picture; GroundingDINO gives those by their centre.
    """
    form = str(item.get("box_format", key)).lower()
    shares = bool(np.isfinite(boxes).any()) and float(np.nanmax(np.abs(boxes))) <= 1.5
    guessed = shares and form == key and key in ("boxes", "bboxes")
    if guessed and _only_as_corners(boxes):
        notes.say(
            "boxes within 0 to 1 taken as shares of the picture, by their corners: as middles, they reach beyond it"
        )
    elif "xyxy" not in form and ("cxcywh" in form or "xywhn" in form or guessed):
        if guessed:
            notes.say("boxes within 0 to 1 taken as shares of the picture, by their middle (cx, cy, width, height)")
        middle, half = boxes[:, :2], boxes[:, 2:] / 2
        boxes = np.concatenate([middle - half, middle + half], axis=1)
    elif "xywh" in form:
        boxes = np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)
    if not shares:
        return boxes
    if math.isnan(frame.width):
        raise InputError(
            f"{frame.path}: its boxes are shares of the picture, whose size is not known: expected `width` and "
            "`height`, or the picture itself beside"
        )
    sides = np.array([frame.width, frame.height] * 2)
    return np.asarray(boxes * sides, np.float64)


def _only_as_corners(boxes: Floats) -> bool:
    """Whether shares are boxes in a picture by their corners, but not by their middle and sides."""
    known = boxes[np.isfinite(boxes).all(1)]
    first, second = known[:, :2], known[:, 2:]
    in_picture = (first - second / 2 >= -_BEYOND).all() and (first + second / 2 <= 1 + _BEYOND).all()
    return bool((first < second).all()) and not in_picture


def _records(
    name: str, boxes: Floats, labels: object, scores: object, notes: Notes, tracks: object = None
) -> list[Record]:
    """The objects of as many boxes, labels, and scores and numbers of tracks where there are some."""
    classes = [class_name(v) for v in (labels if isinstance(labels, list) else array_of(labels).reshape(-1).tolist())]
    sure = None if scores is None else _numbers(scores, name, "scores")
    ids = None if tracks is None else _numbers(tracks, name, "tracks")
    counts = {"boxes": len(boxes), "labels": len(classes), "scores": len(boxes if sure is None else sure)}
    if len(set(counts.values())) > 1:
        said = ", ".join(f"{n} {what}" for what, n in counts.items())
        raise InputError(f"{name}: expected as many labels and scores as boxes, found {said}")
    records = []
    for n, (box, label) in enumerate(zip(boxes.tolist(), classes, strict=True)):
        values: dict[str, object] = {} if sure is None else {"confidence": float(sure[n])}
        track = str(int(ids[n])) if ids is not None and n < len(ids) else None
        place = f"detection {n + 1}"
        known = None if label is None else Record(label, box, id=track, values=values, place=place)
        records.append(known or unreadable(place, NO_CLASS, notes, named=track))
    return records


def _of_results(item: Results, name: str, notes: Notes) -> tuple[PictureRecords, list[Record]]:
    """Ultralytics: `boxes.xyxy`, `boxes.conf`, `boxes.cls`, or `obb`; outlines from `masks.xy`, in px."""
    turned = getattr(item, "obb", None)
    boxes = turned if turned is not None else item.boxes
    height, width = (float(v) for v in item.orig_shape)
    frame = PictureRecords(str(getattr(item, "path", None) or name), width, height)
    if boxes is None:
        return frame, []
    corners = _numbers(getattr(boxes, "xyxy", []), name, "xyxy", 4)
    names = item.names if isinstance(item.names, Mapping) else dict(enumerate(item.names))
    codes = map(int, _numbers(getattr(boxes, "cls", []), name, "cls").tolist())
    labels = [str(names.get(code, code)) for code in codes]
    records = _records(name, corners, labels, getattr(boxes, "conf", []), notes, getattr(boxes, "id", None))
    masks = getattr(item, "masks", None)
    outlines = getattr(masks, "xy", None) if masks is not None else None
    if turned is not None:
        outlines = array_of(getattr(turned, "xyxyxyxy", [])).reshape(-1, 4, 2)
    for record, outline in zip(records, () if outlines is None else outlines, strict=False):
        ring = np.asarray(array_of(outline), np.float64).reshape(-1, 2)
        record.rings = [ring] if len(ring) >= 3 else []
    return frame, records


def _of_supervision(item: Detections, name: str, notes: Notes) -> tuple[PictureRecords, list[Record]]:
    """Supervision: names of classes in `data["class_name"]`, masks as large as the picture, other data as columns."""
    labels = item.data.get("class_name", item.class_id)
    if labels is None:
        raise InputError(f"{name}: expected `class_id` or `data['class_name']`, found neither: what are the objects?")
    boxes, tracks = _numbers(item.xyxy, name, "xyxy", 4), getattr(item, "tracker_id", None)
    records = _records(name, boxes, labels, item.confidence, notes, tracks)
    frame = PictureRecords(str(item.data.get("image") or name))
    for key, column in item.data.items():
        further = array_of(column)
        if key not in ("class_name", "image", *BOX) and further.shape == (len(records),):
            for record, value in zip(records, further.tolist(), strict=True):
                record.values = {**record.values, key: value}
    masks = getattr(item, "mask", None)
    if masks is not None and (whole := array_of(masks)).ndim == 3:
        frame.height, frame.width = (float(v) for v in whole.shape[1:])
        for record, mask in zip(records, whole, strict=False):
            if mask.any():
                drawn = mask_record(record.name, mask, values=record.values)
                record.rings, record.values = drawn.rings, drawn.values
    return frame, records


EXTRACTOR = FileReader("detections (boxes, labels, scores)", is_detections_file, read_detections, generic=True)
