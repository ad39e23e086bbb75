"""Outputs of the networks of the YOLO family, as boxes: their form and content.

====================  ====================================================================================
`rows`                (1, n, 6 + m), or (n, 6 + m): x0 y0 x1 y1, score, class; suppression was done inside
`anchors`             (1, n, 5 + c + m): x y w h, objectness, a score for each class (versions 3, 5, 7)
`columns`             (1, 4 + c + m, n): x y w h, a score for each class (versions 8, 9, 11, 12)
====================  ====================================================================================

c classes; m coefficients of masks, with a second output of m prototypes, (1, m, h, w). Coordinates are px of the input.
If two forms fit the shape, the file's metadata decides, then the number of places of version 5, then the values. May
import NumPy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.arrays import Floats, Ints
from logidsl.diagnostics import InputError

Form: TypeAlias = Literal["rows", "anchors", "columns"]

#: Boxes of one class that share more than this of their union are one object, as in ultralytics.
SAME_OBJECT = 0.7
_STRIDES = (8, 16, 32)
_AT_MOST = 30_000  # candidates, as in ultralytics


@dataclass(frozen=True, eq=False)
class Boxes:
    """Detections in px of the input.

    Parameters
    ----------
    boxes : (n, 4) float64
        x0 y0 x1 y1.
    scores : (n,) float64
        0 to 1.
    classes : (n,) int64
        Numbers of classes, from 0.
    coefficients : (n, m) float64
        Of masks.
    """

    boxes: Floats
    scores: Floats
    classes: Ints
    coefficients: Floats

    def take(self, rows: Ints) -> Boxes:
        """Some of them."""
        return Boxes(self.boxes[rows], self.scores[rows], self.classes[rows], self.coefficients[rows])


def read_output(
    name: str,
    outputs: Sequence[npt.NDArray[np.generic]],
    classes: int | None,
    inside: bool | None,
    size: tuple[int, int],
    least: float,
) -> tuple[Boxes, Floats | None]:
    """The detections of a network's outputs, and the prototypes of masks.

    Parameters
    ----------
    name : str
        Of the model, for messages.
    outputs : sequence of arrays
        What the network put out.
    classes : int, optional
        How many classes there are, where it is known.
    inside : bool, optional
        Whether suppression was done inside the network, where the file says so.
    size : (width, height)
        Of the input, px.
    least : float
        Least score.

    Raises
    ------
    InputError
        If the outputs have none of the forms; the message names their shapes.
    """
    found, protos = _parts(outputs)
    if found is None:
        raise InputError(_unknown(name, outputs, classes))
    masks = 0 if protos is None else protos.shape[0]
    form = _form(found, classes, masks, inside, size)
    if form is None:
        raise InputError(_unknown(name, outputs, classes))
    table = np.asarray(found.T if form == "columns" else found, np.float64)
    if not np.isfinite(table).all():
        raise InputError(f"the model {name} returned values that are not numbers")
    made = _rows(table, least) if form == "rows" else _candidates(table, form, masks, least)
    return (made if form == "rows" else suppressed(made)), protos


def _parts(outputs: Sequence[npt.NDArray[np.generic]]) -> tuple[Floats | None, Floats | None]:
    """The output of places, (a, b), and the prototypes, (m, h, w)."""
    flat = [o[0] for o in outputs if o.ndim == 3 and o.shape[0] == 1] + [o for o in outputs if o.ndim == 2]
    protos = [o[0] for o in outputs if o.ndim == 4 and o.shape[0] == 1]
    if len(flat) != 1 or len(protos) > 1 or len(flat) + len(protos) != len(outputs):
        return None, None
    return np.asarray(flat[0], np.float64), np.asarray(protos[0], np.float64) if protos else None


def _form(found: Floats, classes: int | None, masks: int, inside: bool | None, size: tuple[int, int]) -> Form | None:
    """Which form an output of places has."""
    a, b = found.shape
    rows = b == 6 + masks
    if classes is None:
        anchors, columns = a > b > 5 + masks, b > a > 4 + masks
    else:
        anchors, columns = b == 5 + classes + masks, a == 4 + classes + masks
    if inside:
        return "rows" if rows else None
    rows = rows and not (inside is False and (anchors or columns))
    if columns and not (rows or anchors):
        return "columns"
    if rows and (anchors or columns):
        if anchors and a == 3 * sum((size[0] // s) * (size[1] // s) for s in _STRIDES):
            return "anchors"
        if _look_like_rows(found, classes):
            return "rows"
        return "anchors" if anchors else "columns"
    return "rows" if rows else "anchors" if anchors else "columns" if columns else None


def _look_like_rows(found: Floats, classes: int | None) -> bool:
    """Whether the values are finished detections: scores of 0 to 1, whole classes, corners in order."""
    score, label = found[:, 4], found[:, 5]
    known = label < classes if classes is not None else np.ones(len(label), bool)
    in_order = (found[:, 2] >= found[:, 0]) & (found[:, 3] >= found[:, 1])
    good = (label == np.floor(label)) & (label >= 0) & known & (score >= 0) & (score <= 1) & in_order
    return bool(good.all())


def _rows(table: Floats, least: float) -> Boxes:
    kept = table[table[:, 4] >= least]
    kept = kept[kept[:, 4] > 0]  # padding
    return Boxes(kept[:, :4], kept[:, 4], kept[:, 5].astype(np.int64), kept[:, 6:])


def _candidates(table: Floats, form: Form, masks: int, least: float) -> Boxes:
    """Places of sufficient score, each of its best class."""
    start = 5 if form == "anchors" else 4
    end = table.shape[1] - masks
    scores = table[:, start:end] * (table[:, 4:5] if form == "anchors" else 1.0)
    best = scores.argmax(1)
    score = scores[np.arange(len(table)), best]
    order = np.argsort(-score, kind="stable")
    order = order[score[order] >= least][:_AT_MOST]
    middle, half = table[order, :2], table[order, 2:4] / 2
    boxes = np.concatenate([middle - half, middle + half], axis=1)
    return Boxes(boxes, np.minimum(score[order], 1.0), best[order], table[order, end:])


def suppressed(found: Boxes) -> Boxes:
    """Of boxes of one class that are one object, the best, in falling score (greedy suppression)."""
    kept: list[int] = []
    left = np.argsort(-found.scores, kind="stable")
    x0, y0, x1, y1 = found.boxes.T
    area = np.maximum(0.0, x1 - x0) * np.maximum(0.0, y1 - y0)
    while len(left):
        best, left = int(left[0]), left[1:]
        kept.append(best)
        wide = np.minimum(x1[left], x1[best]) - np.maximum(x0[left], x0[best])
        high = np.minimum(y1[left], y1[best]) - np.maximum(y0[left], y0[best])
        shared = np.maximum(0.0, wide) * np.maximum(0.0, high)
        union = area[left] + area[best] - shared
        same = (found.classes[left] == found.classes[best]) & (shared > SAME_OBJECT * union)
        left = left[~same]
    return found.take(np.array(kept, np.int64))


def _unknown(name: str, outputs: Sequence[npt.NDArray[np.generic]], classes: int | None) -> str:
    shapes = ", ".join(" x ".join(map(str, o.shape)) for o in outputs) or "none"
    c = "4 + classes" if classes is None else str(4 + classes)
    c1 = "5 + classes" if classes is None else str(5 + classes)
    of = "" if classes is None else f" of {classes} classes"
    return (
        f"the model {name} has an unsupported output: expected, as in the YOLO family{of}, 1 x n x 6, "
        f"1 x {c} x n or 1 x n x {c1}, with one output of prototypes 1 x m x h x w for masks; found {shapes}"
    )
