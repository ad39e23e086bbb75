"""Accuracy on held-out pictures: figures, and a contact sheet of the worst pictures.

May import `extract`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.arrays import Pixels
from logidsl.extract.parts.features import STRIDE
from logidsl.extract.pixels.opencv import cv2
from logidsl.extract.pixels.thumbnails import data_uri, thumbnail
from logidsl.learn.examples import Example
from logidsl.learn.selection import ENOUGH, Choice, counts_found, counts_true, found_kinds, hits
from logidsl.report.formats.text import in_columns
from logidsl.report.pages import html_page, listed, paragraphs, table

Ints: TypeAlias = npt.NDArray[np.int64]

COLUMNS = ("class", "annotated", "found", "right", "precision", "recall", "F1")
WORST = 12  # pictures on the contact sheet
_SIDE_PX = 420
#: BGR, one for each class in turn.
_COLORS = (
    (60, 180, 75),
    (230, 140, 30),
    (60, 60, 230),
    (200, 60, 200),
    (30, 200, 230),
    (180, 180, 30),
    (120, 120, 250),
)


@dataclass(frozen=True)
class ClassFigures:
    """Figures of one class: objects annotated, found, and found correctly."""

    name: str
    annotated: int
    found: int
    right: int

    @property
    def precision(self) -> float:
        """Share of the found objects that are right; 1 if nothing was found."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of the annotated objects that were found; 1 if none is annotated."""
        return self.right / self.annotated if self.annotated else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        total = self.annotated + self.found
        return 2 * self.right / total if total else 1.0

    @property
    def row(self) -> list[str]:
        """All of it in words, as `COLUMNS` says."""
        shares = (f"{share:.3f}" for share in (self.precision, self.recall, self.f1))
        return [self.name, str(self.annotated), str(self.found), str(self.right), *shares]


@dataclass(frozen=True, eq=False)
class Figures:
    """Results on held-out pictures.

    Parameters
    ----------
    pictures : int
        How many were learned from.
    judged : int
        How many of them could be left out: not those that alone have one of the classes.
    exact : int
        Of them, how many have every class counted right.
    classes : tuple of ClassFigures
    confusion : (k + 1, k + 1) int64
        Rows what was annotated, columns what was found; first, nothing.
    mean_iou : float
        Of objects that were found; NaN if none was.
    calibrated : bool
        Whether confidences can be trusted.
    validated : bool
        Whether pictures were left out at all.
    """

    pictures: int
    judged: int
    exact: int
    classes: tuple[ClassFigures, ...]
    confusion: Ints
    mean_iou: float
    calibrated: bool
    validated: bool

    def as_document(self) -> dict[str, object]:
        """The figures as JSON has them."""
        return {
            "pictures": self.pictures,
            "judged": self.judged,
            "exact": self.exact,
            "mean_iou": None if np.isnan(self.mean_iou) else round(self.mean_iou, 4),
            "calibrated": self.calibrated,
            "classes": {
                c.name: {
                    "annotated": c.annotated,
                    "found": c.found,
                    "right": c.right,
                    "precision": round(c.precision, 4),
                    "recall": round(c.recall, 4),
                    "f1": round(c.f1, 4),
                }
                for c in self.classes
            },
            "confusion": self.confusion.tolist(),
        }


def figures(choice: Choice, names: Sequence[str], pictures: int) -> Figures:
    """The figures of what was chosen.

    Parameters
    ----------
    choice : Choice
        With every picture judged by what never saw it.
    names : sequence of str
        Of the classes.
    pictures : int
        How many were learned from.
    """
    shown = [j for j in choice.judged if j.trial.view.number == 0 and not j.trial.view.seen]
    count = len(names)
    confusion = np.zeros((count + 1, count + 1), np.int64)
    ious: list[float] = []
    for j in shown:
        kinds = found_kinds(j.shares, choice.threshold)
        wanted = np.where(j.trial.same, j.trial.kinds, 0)
        np.add.at(confusion, (wanted, kinds), 1)
        for missed in j.trial.missed:
            confusion[missed, 0] += 1
        ious += j.trial.ious[(kinds > 0) & (kinds == wanted)].tolist()
    confusion[0, 0] = 0
    each = tuple(
        ClassFigures(name, int(confusion[i].sum()), int(confusion[:, i].sum()), int(confusion[i, i]))
        for i, name in enumerate(names, 1)
    )
    right = sum(counts_found(j, choice.threshold, count) == counts_true(j.trial, count) for j in shown)
    mean = float(np.mean(ious)) if ious else float("nan")
    return Figures(pictures, len(shown), right, each, confusion, mean, choice.calibrated, bool(choice.judged))


def text(found: Figures, seconds: float) -> str:
    """The figures for a terminal.

    Parameters
    ----------
    found : Figures
    seconds : float
        That a picture takes.
    """
    if not found.judged:
        return f"{verdict(found)}\ntime: {seconds:.2f} s a picture"
    lines = [verdict(found), "", *in_columns([COLUMNS, *(c.row for c in found.classes)]).splitlines()]
    if len(found.classes) > 1 and (found.confusion[1:, 1:] - np.diag(np.diag(found.confusion)[1:])).any():
        lines += ["", "annotated as one class, found as another:"]
        for i, row in enumerate(found.classes, 1):
            for k, column in enumerate(found.classes, 1):
                if i != k and found.confusion[i, k]:
                    lines.append(f"  {row.name} as {column.name}: {found.confusion[i, k]}")
    if not np.isnan(found.mean_iou):
        lines += ["", f"outlines: mean intersection over union {found.mean_iou:.3f}"]
    lines.append(f"time: {seconds:.2f} s a picture")
    return "\n".join(lines)


def verdict(found: Figures) -> str:
    """A summary of the figures in a sentence or two."""
    if not found.validated:
        return "Nothing was measured: no picture was left out. Confidences are not calibrated."
    if found.judged == 0:
        learned = "a single picture" if found.pictures == 1 else "pictures that share no class"
        return (
            f"Learned from {learned}: how well parts are found on others cannot be measured. Annotate {ENOUGH} or more."
        )
    share = f"{found.exact} of {found.judged}"
    said = f"Each picture judged by what was learned without it: every class counted right on {share}."
    if found.judged < found.pictures:
        alone = found.pictures - found.judged
        said += f" {alone} more could not be left out, as no other picture has all of their classes."
    if found.pictures < ENOUGH:
        return f"{said} That is too few to be sure, and confidences are not calibrated: annotate {ENOUGH} or more."
    if not found.calibrated:
        return f"{said} Confidences are not calibrated."
    if found.pictures < 6:
        return f"{said} A few more annotated pictures would make this figure more reliable."
    return said


def contact_sheet(examples: Sequence[Example], choice: Choice) -> tuple[Pixels, tuple[str, ...]]:
    """The worst pictures, annotations on the left and results on the right, and a line about each.

    Returns
    -------
    (h, w, 3) uint8
        BGR.
    tuple of str
        Names of the pictures with what is wrong, in the order of the sheet.
    """
    shown = [j for j in choice.judged if j.trial.view.number == 0]
    order = sorted(shown, key=lambda j: (-sum(hits(j, choice.threshold)[1:]), j.trial.view.picture))[:WORST]
    rows, lines = [], []
    for j in order:
        one = examples[j.trial.view.picture]
        _, false, missed = hits(j, choice.threshold)
        lines.append(f"{Path(one.path).name}: {false} found wrongly, {missed} missed")
        annotated = _drawn(one.bgr, one.instances, one.kinds[1:])
        kinds = found_kinds(j.shares, choice.threshold)
        wide = np.repeat(np.repeat(j.trial.labels, STRIDE, 0), STRIDE, 1)
        found = _drawn(one.bgr, wide, kinds)
        rows.append(np.concatenate([_boxed(annotated, "annotated"), _boxed(found, "found")], axis=1))
    return np.concatenate(rows), tuple(lines)


def page(found: Figures, sheet: Pixels, lines: Sequence[str], names: Sequence[str], seconds: float) -> str:
    """The report as one self-contained HTML page."""
    kinds = ("nothing", *names)
    confusion = [(name, *row) for name, row in zip(kinds, found.confusion.tolist(), strict=True)]
    return html_page(
        "Learned parts",
        paragraphs([verdict(found)])
        + table((c.row for c in found.classes), COLUMNS)
        + f"<p>{seconds:.2f} s a picture</p><h2>Annotated (rows) and found (columns)</h2>"
        + table(confusion, ("", *kinds))
        + "<h2>The worst pictures</h2><p>Annotated on the left, found on the right.</p>"
        + listed(lines, "ol")
        + f'<figure><img alt="the worst pictures" src="{data_uri(sheet)}"></figure>',
    )


def _drawn(bgr: Pixels, labels: npt.NDArray[np.int32], kinds: Ints) -> Pixels:
    """A picture with the outlines of objects in the colours of their classes."""
    canvas = bgr.copy()
    high, wide = min(labels.shape[0], bgr.shape[0]), min(labels.shape[1], bgr.shape[1])
    for label, kind in enumerate(kinds.tolist(), 1):
        mask = (labels[:high, :wide] == label).astype(np.uint8)
        if kind:
            contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
            cv2.drawContours(canvas, contours, -1, _COLORS[(kind - 1) % len(_COLORS)], 2, cv2.LINE_AA)
    return np.asarray(canvas, np.uint8)


def _boxed(bgr: Pixels, title: str) -> Pixels:
    """A picture fitted into a square with a title."""
    small = thumbnail(bgr, _SIDE_PX - 4)
    square = np.full((_SIDE_PX, _SIDE_PX, 3), 32, np.uint8)
    square[: small.shape[0], : small.shape[1]] = small
    cv2.putText(square, title, (6, _SIDE_PX - 8), 0, 0.5, (255, 255, 255), 1, cv2.LINE_AA)
    return square
