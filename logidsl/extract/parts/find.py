"""Learned parts found in a picture, with their outlines, colours and confidences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from logidsl.arrays import Floats, Labels, Mask, Pixels
from logidsl.diagnostics import InputError
from logidsl.extract.parts.candidates import candidates_of, fits_of
from logidsl.extract.parts.features import LAB, STRIDE, Maps
from logidsl.extract.parts.model import Parts, read_parts
from logidsl.extract.parts.objects import (
    Places,
    describe,
    heated,
    kinds_and_confidences,
    shares_without_model,
    with_appearance,
)
from logidsl.extract.parts.segmentation import Evidence, ground_of, parts_inside, places_of
from logidsl.extract.pixels.opencv import cv2
from logidsl.extract.pixels.pixel_values import fast_lab
from logidsl.extract.pixels.rings import region_rings
from logidsl.extract.sources.detection_records import Detection
from logidsl.extract.sources.dispatch import Look, file_of
from logidsl.extract.sources.model_classes import of_class
from logidsl.ir import Program, SourceDecl

#: Below this confidence nothing is an object, whatever a spec says: most of the background has it.
LEAST = 0.05
#: The most recent picture, and the output of the heads; holding the picture keeps its id unique.
_LAST: list[tuple[Parts, Pixels, Evidence]] = []
_OTHER_GROUND = 10.0  # see docs/decisions/0038-learned-parts.md
_SIMPLER_PX = 1.0  # outlines follow squares of places; corners closer to a line than this are removed


@dataclass(frozen=True, eq=False)
class Segments:
    """A picture cut into objects.

    Parameters
    ----------
    bgr : (h, w, 3) uint8
        The picture at the working size.
    labels : (h // 4, w // 4) int32
        Objects from 1 to n.
    shares : (n, k + 1) float64
        Probability of each class; the first means no object.
    other_ground : float
        Difference in CIELAB between its background and the most similar one that was learned from; 0 if unknown.
    """

    bgr: Pixels
    labels: Labels
    shares: Floats
    other_ground: float


def find(look: Look) -> list[Detection]:
    """The source `learned`."""
    parts, program, picture = read_parts(*look.file), look.program, look.looking.picture

    def detect() -> list[Detection]:
        found = segments(parts, look.part, (picture.width, picture.height))
        if found.other_ground > _OTHER_GROUND and look.part.shape[:2] == (picture.height, picture.width):
            look.looking.notes.append(
                f"{Path(parts.path).name} was learned on other backgrounds (colour difference "
                f"{found.other_ground:.0f}): if parts are missed, annotate this picture and learn again"
            )
        return _detections(found, look.part)

    found = look.once(Path(parts.path), detect)
    # Where a spec says which confidences are doubtful, those are objects that may be there, and not dropped.
    bands = [d for d in program.doubtful if not d.classes or look.source.name in d.classes]
    least = min([parts.threshold, *(d.low for d in bands)])
    return of_class(parts.path, dict(enumerate(parts.classes)), found, look.source, least)


def foreground(program: Program, source: SourceDecl, bgr: Pixels) -> Mask:
    """The pixels of a picture, (h, w), that the parts file of a source does not take for background."""
    return foreground_of(read_parts(*file_of(program, source)), bgr)


def find_parts(parts: Parts, bgr: Pixels, whole: tuple[int, int] | None = None) -> list[Detection]:
    """The learned parts in a picture.

    Parameters
    ----------
    parts : Parts
        See `read_parts`.
    bgr : (h, w, 3) uint8
        The picture, or the part of it to look at.
    whole : (width, height), optional
        Size in px of the picture that `bgr` is a part of: it says how large objects are.

    Returns
    -------
    list of Find
        With outline, colour and `confidence`, and the number of the class as the value `class_number`. Outlines are
        exact to about half a place of the features, which is 2 px at the working size.

    Raises
    ------
    InputError
        If the networks cannot be run.
    """
    return _detections(segments(parts, bgr, whole), bgr)


def _detections(found: Segments, bgr: Pixels) -> list[Detection]:
    height, width = bgr.shape[:2]
    zoom = np.array([width / found.bgr.shape[1], height / found.bgr.shape[0]])
    finds = []
    kinds, confidences = kinds_and_confidences(found.shares)
    for label, (kind, confidence) in enumerate(zip(kinds.tolist(), confidences.tolist(), strict=True), 1):
        if confidence >= LEAST:
            finds.append(_outlined(found, label, zoom, confidence, kind - 1))
    return [f for f in finds if f is not None]


def segments(parts: Parts, bgr: Pixels, whole: tuple[int, int] | None = None) -> Segments:
    """A picture cut into objects, and the probability of each class for each of them; see `find_parts`."""
    scaled = at_working_size(parts, bgr, whole)
    maps = parts.features(scaled)
    evidence = parts.evidence(maps)
    _LAST[:] = [(parts, bgr, evidence)]
    try:
        return Segments(scaled, *judged(parts, evidence, maps), _other_ground(parts, evidence, maps))
    except ValueError as error:
        raise InputError(f"{parts.path} is damaged: its models do not fit its networks: {error}") from None


def _other_ground(parts: Parts, evidence: Evidence, maps: Maps) -> float:
    ground, known = ground_of(maps, evidence.classes[..., 0] >= 0.5), np.array(parts.settings.grounds)
    return float(np.linalg.norm(ground - known, axis=1).min()) if len(ground) and len(known) else 0.0


def foreground_of(parts: Parts, bgr: Pixels) -> Mask:
    """The pixels of a whole picture, (h, w), that are more likely some part, known or not, than background.

    Accurate to about half a place of the features, like outlines. The most recent picture is not processed again.
    """
    seen = next((e for p, b, e in _LAST if p is parts and _is_same(b, bgr)), None)
    if seen is None:
        seen = parts.evidence(parts.features(at_working_size(parts, bgr)))
    soft = (parts_inside(seen, parts.settings.cutting)).astype(np.float32)
    return np.asarray(cv2.resize(soft, bgr.shape[1::-1], interpolation=cv2.INTER_LINEAR) >= 0.5)


def _is_same(one: Pixels, two: Pixels) -> bool:
    """Whether two arrays are the same pixels in memory."""
    a, b = one.__array_interface__, two.__array_interface__
    return one.shape == two.shape and one.strides == two.strides and a["data"] == b["data"]


def judged(parts: Parts, evidence: Evidence, maps: Maps) -> tuple[Labels, Floats]:
    """The objects of a picture, (h, w) from 1 to n, and the probability of each class, (n, k + 1); see `Segments`."""
    cutting, size = parts.settings.cutting, parts.settings.size
    candidates = candidates_of(evidence, maps[..., LAB], cutting, size)
    fits = fits_of(candidates, parts.fits, cutting, size)
    chosen = candidates.chosen(fits)
    labels = candidates.labels(chosen)
    measured = measured_by(parts, evidence, maps, candidates.inside, places_of(labels), fits[chosen])
    if parts.objects is not None:
        return labels, parts.objects.shares(measured)
    return labels, heated(shares_without_model(measured, len(parts.classes)), parts.settings.temperature)


def measured_by(
    parts: Parts, evidence: Evidence, maps: Maps, inside: Mask, objects: Sequence[Places], fits: Floats
) -> dict[str, Floats]:
    """The measurements of objects, see `describe`, with their appearance in the evidence."""
    measured = describe(evidence, maps, inside, objects, fits, parts.settings.size)
    return measured if parts.appearances is None else with_appearance(measured, parts.appearances)


def at_working_size(parts: Parts, bgr: Pixels, whole: tuple[int, int] | None = None) -> Pixels:
    """A picture, or a part of one, at the working size."""
    height, width = bgr.shape[:2]
    full = whole or (width, height)
    target = parts.settings.working_size(*full)
    sides = [max(1, round(s * t / f / STRIDE)) * STRIDE for s, t, f in zip((width, height), target, full, strict=True)]
    smaller = sides[0] * sides[1] < width * height
    return np.asarray(cv2.resize(bgr, sides, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC), np.uint8)


def _outlined(found: Segments, label: int, zoom: Floats, confidence: float, number: int) -> Detection | None:
    """One object with outline and colour; None if nothing remains of it between the places."""
    ys, xs = np.nonzero(found.labels == label)
    rows, columns = found.labels.shape
    top, left = max(0, int(ys.min()) - 1), max(0, int(xs.min()) - 1)
    bottom, right = min(rows, int(ys.max()) + 2), min(columns, int(xs.max()) + 2)
    soft = (found.labels[top:bottom, left:right] == label).astype(np.float32)
    full = ((right - left) * STRIDE, (bottom - top) * STRIDE)
    mask = (cv2.resize(soft, full, interpolation=cv2.INTER_LINEAR) >= 0.5).astype(np.uint8)
    parts = region_rings(mask)
    if not parts:
        return None
    rings = max(parts, key=lambda p: cv2.contourArea(p[0].astype(np.float32)))
    corner = np.array([left, top]) * STRIDE
    simple = [
        cv2.approxPolyDP(r.astype(np.float32)[:, None], _SIMPLER_PX, True)[:, 0].astype(np.float64) for r in rings
    ]
    placed = tuple((r + corner) * zoom for r in simple if len(r) >= 3)
    if not placed:
        return None
    box = (*placed[0].min(0).tolist(), *placed[0].max(0).tolist())
    pixels = found.bgr[top * STRIDE : bottom * STRIDE, left * STRIDE : right * STRIDE][mask > 0]
    lab = fast_lab(pixels).mean(axis=0).tolist()
    values = {"class_number": float(number)}
    return Detection((box[0], box[1], box[2], box[3]), placed, confidence, None, (lab[0], lab[1], lab[2]), values)
