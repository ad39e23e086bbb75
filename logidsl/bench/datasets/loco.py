"""MVTec LOCO AD: `PRODUCT/{train,validation,test}/{good,logical_anomalies,structural_anomalies}`, and masks.

The classes of a logical anomaly are those of its masks in `ground_truth/logical_anomalies/PICTURE/`, whose pixel values
`defects_config.json` names. Without masks only the kind of a picture is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

import numpy as np

from logidsl.bench.datasets.base import Kind, Part, Sample, folders, pictures, refuse_others
from logidsl.diagnostics import InputError
from logidsl.extract.formats.loco import read_defects, read_mask
from logidsl.extract.pixels.header import SUFFIXES

PARTS: Mapping[str, tuple[str, ...]] = {
    "train": ("good",),
    "validation": ("good",),
    "test": ("good", "logical_anomalies", "structural_anomalies"),
}
KINDS: Mapping[str, Kind] = {"good": "normal", "logical_anomalies": "logical", "structural_anomalies": "structural"}


def read_loco(products: Mapping[str, Path]) -> Iterator[Sample]:
    """The pictures of some products.

    Parameters
    ----------
    products : mapping of str to Path
        Their folders.

    Raises
    ------
    InputError
        If a folder is none that the data set has.
    """
    for product, root in products.items():
        refuse_others(root, [*PARTS, "ground_truth"])
        config = root / "defects_config.json"
        defects = {v: str(d["defect_name"]) for v, d in read_defects(config).items()} if config.is_file() else None
        for part, kinds in PARTS.items():
            refuse_others(root / part, kinds)
            for folder in folders(root / part):
                yield from _samples(product, cast("Part", part), folder, defects)


def _samples(product: str, part: Part, folder: Path, defects: Mapping[int, str] | None) -> Iterator[Sample]:
    refuse_others(folder, [])
    kind = KINDS[folder.name]
    for path in pictures(folder):
        labels, problem = frozenset[str](), ""
        masks = path.parents[2] / "ground_truth" / folder.name / path.stem
        found: frozenset[str] | None = labels
        if kind == "logical":
            try:
                found = _classes(masks, defects) if defects is not None else None
            except InputError as error:
                found, problem = None, str(error)
        yield Sample(str(path), path, product, part, kind, found, problem=problem)


def _classes(folder: Path, defects: Mapping[int, str]) -> frozenset[str] | None:
    """The classes of the masks of a picture; None if it has none.

    Raises
    ------
    InputError
        If a mask cannot be read, or has a pixel value that no defect has.
    """
    found = set[str]()
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.suffix.lower() not in SUFFIXES:
            continue
        for value in np.flatnonzero(np.bincount(read_mask(path).ravel(), minlength=256)).tolist():
            if value and value not in defects:
                raise InputError(f"{path}: no defect of defects_config.json has the pixel value {value}")
            if value:
                found.add(defects[value])
    return frozenset(found) or None
