"""MVTec LOCO's layout: `defects_config.json` beside `test/` and `ground_truth/`, a mask for each defect region.

The objects of a test picture are its annotated defects: class and outline from the masks in
`ground_truth/<kind>/<picture>/`, whose pixel value `defects_config.json` names. Pictures without masks are good.
May import `ir`, `table` and `diagnostics`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from logidsl.arrays import Pixels
from logidsl.diagnostics import InputError
from logidsl.extract.formats.annotations import mask_record, size_of
from logidsl.extract.formats.base import Reading
from logidsl.extract.formats.documents import FileReader, read_json
from logidsl.extract.notes import Notes
from logidsl.extract.pixels.header import SUFFIXES
from logidsl.extract.pixels.picture import read_picture
from logidsl.extract.records import PictureRecords, Record, unreadable
from logidsl.extract.values import class_name, number
from logidsl.ir import Program
from logidsl.table import ObjectTable, Problem

_CONFIG = "defects_config.json"


def read_loco(path: Path, program: Program) -> ObjectTable:
    """Read the ground truth of a dataset.

    Parameters
    ----------
    path : Path
        Its `defects_config.json`.
    program : Program
        Says what classes are called.

    Returns
    -------
    ObjectTable
        All pictures of `test/`, and those that have masks only. Column `kind` is the folder of the picture:
        `good`, `logical_anomalies`, `structural_anomalies`; `saturation_threshold` and `relative_saturation` are
        as the dataset has them. A mask that cannot be read is a problem, and costs itself only.

    Raises
    ------
    InputError
        If the list of defects cannot be read, or there is neither folder beside it.
    """
    defects = read_defects(path)
    root = path.parent
    pictures = {(p.parent.name, p.stem): p for p in sorted(root.glob("test/*/*")) if p.suffix.lower() in SUFFIXES}
    masked = {(p.parent.name, p.name): p for p in sorted(root.glob("ground_truth/*/*")) if p.is_dir()}
    if not pictures and not masked:
        raise InputError(f"{path}: expected the folders `test` or `ground_truth` beside it, found neither")
    reading = Reading(path, program)
    notes = reading.notes
    lonely = len([key for key in masked if key not in pictures])
    if lonely:
        notes.say(f"{lonely} pictures that have masks are missing: sizes taken from the masks")
    for key in sorted({*pictures, *masked}):
        kind, stem = key
        picture = pictures.get(key)
        frame = PictureRecords(str(picture or root / "test" / kind / f"{stem}.png"), *size_of(picture))
        masks = sorted(p for p in masked[key].iterdir() if p.suffix.lower() in SUFFIXES) if key in masked else []
        for mask in masks:
            try:
                _add(frame, mask, kind, defects, notes)
            except InputError as error:
                reading.problems.append(Problem(str(mask), str(error)))
                why = "the mask cannot be read"
                frame.records.append(unreadable(f"{mask.parent.name}/{mask.name}", why, notes))
        reading.frames.append(frame)
    return reading.table()


def read_defects(path: Path) -> dict[int, Mapping[str, object]]:
    """The defects of a `defects_config.json` by the pixel value of their masks.

    Raises
    ------
    InputError
        If it cannot be read, or names none.
    """
    document = read_json(path)
    items = document if isinstance(document, list) else []
    found: dict[int, Mapping[str, object]] = {
        int(value): item
        for item in items
        if isinstance(item, dict) and (value := number(item.get("pixel_value"))) is not None and "defect_name" in item
    }
    if not found:
        raise InputError(f"{path} names no defects: expected a list of `defect_name` and `pixel_value`")
    return found


def read_mask(path: Path) -> Pixels:
    """The pixel values of a mask, (h, w).

    Raises
    ------
    InputError
        If it cannot be read.
    """
    return read_picture(path).bgr[:, :, 0]


def _add(
    frame: PictureRecords, path: Path, kind: str, defects: Mapping[int, Mapping[str, object]], notes: Notes
) -> None:
    """Add the defect of a mask to its picture."""
    values = read_mask(path)
    height, width = values.shape
    if not frame.width > 0:
        frame.width, frame.height = float(width), float(height)
    elif (frame.width, frame.height) != (width, height):
        raise InputError(
            f"{path} does not fit its picture: expected {frame.width:g} by {frame.height:g} px, "
            f"found {width} by {height} px"
        )
    there: Sequence[int] = [int(v) for v in np.unique(values) if v]
    place = f"{path.parent.name}/{path.name}"
    if not there:
        frame.records.append(unreadable(place, "the mask is empty", notes))
    for value in there:
        about = defects.get(value)
        name = None if about is None else class_name(about["defect_name"])
        if name is None:
            frame.records.append(unreadable(place, "no defect has its pixel value", notes, found=f", found {value}"))
        else:
            frame.records.append(_described(mask_record(name, values == value), kind, about, place))


def _described(record: Record, kind: str, about: Mapping[str, object] | None, place: str) -> Record:
    said: dict[str, object] = {"kind": kind}
    for name in ("saturation_threshold", "relative_saturation"):
        value = about.get(name) if about else None
        if value is not None:
            said[name] = float(value) if isinstance(value, bool | int | float) else str(value)
    return replace(record, values={**record.values, **said}, place=place)


EXTRACTOR = FileReader("MVTec LOCO dataset (defects_config.json)", lambda path: path.name == _CONFIG, read_loco)
