"""Annotated pictures for learning: a picture at the working size, and the object of each pixel.

Annotations come from the readers of `extract`, in every format they support. Polygons and masks are used directly. A
box, a point or a stroke is turned into a mask by `masks`. May import `extract`, `pipeline`, `table` and what is below.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from logidsl.arrays import Pixels
from logidsl.diagnostics import InputError, counted
from logidsl.extract import find_inputs, read_picture, see_path
from logidsl.extract.formats.annotations import picture_beside
from logidsl.extract.formats.beside import ENDINGS, annotations_of, is_broken, read_beside
from logidsl.extract.formats.coco import is_ground_truth
from logidsl.extract.naming import plain
from logidsl.extract.parts.features import STRIDE
from logidsl.extract.pixels.header import SUFFIXES
from logidsl.extract.pixels.opencv import cv2
from logidsl.files import is_file
from logidsl.ir import Program
from logidsl.learn.masks import REACH, grown
from logidsl.library.measure import of_rectangle
from logidsl.pipeline import compile_spec
from logidsl.source import Source
from logidsl.table import BOX, ObjectTable

Floats: TypeAlias = npt.NDArray[np.float64]
Instances: TypeAlias = npt.NDArray[np.int32]

#: Objects of this class are neither parts nor background: their pixels are ignored.
UNKNOWN = "unknown"
#: Ignored pixels, in a map of instances.
IGNORED = -1
#: Side of a typical object at the working size, px, and the minimum for one of the smallest class.
_TARGET_PX, _LEAST_PX = 75.0, 56.0
#: Maximum number of pixels at the working size, and maximum enlargement along a side.
_MOST_PX, _MOST_ZOOM = 1_250_000, 3.0
_BOX_FILL = 0.75  # of a box, about what an object covers
_OVERLAP = 0.3  # overlap, as a share of the smaller object, that is worth a note
_TWICE = 0.8  # intersection over union of two annotations of one object


@dataclass(frozen=True, eq=False)
class Shape:
    """An annotated object, px of its picture.

    Parameters
    ----------
    name : str
        Its class.
    rings : tuple of (k, 2) float64
        Outline and holes; empty for a point or a stroke.
    box : (x0, y0, x1, y1)
        Round it; without area for a point.
    stroke : (2, 2) float64, optional
        Start and end of a stroke.
    """

    name: str
    rings: tuple[Floats, ...]
    box: tuple[float, float, float, float]
    stroke: Floats | None = None

    @property
    def is_box(self) -> bool:
        """Whether only a box was drawn."""
        return len(self.rings) == 1 and of_rectangle(self.rings) is not None

    @property
    def area(self) -> float:
        """Area in px2; NaN for a point or a stroke."""
        if not self.rings:
            return math.nan
        areas = [cv2.contourArea(r.astype(np.float32)) for r in self.rings]
        return float(areas[0] - sum(areas[1:])) * (_BOX_FILL if self.is_box else 1.0)


@dataclass(frozen=True, eq=False)
class Annotated:
    """A picture and its annotation, before scaling."""

    path: Path
    width: int
    height: int
    shapes: tuple[Shape, ...]


@dataclass(frozen=True, eq=False)
class Example:
    """A picture to learn from, at the working size.

    Parameters
    ----------
    path : str
        For reports.
    bgr : (h, w, 3) uint8
        The picture.
    instances : (h, w) int32
        The object of each pixel from 1 on, 0 for background, `IGNORED` for unknown.
    kinds : (n + 1,) int64
        Class of each object from 1 on, 0 for the background.
    """

    path: str
    bgr: Pixels
    instances: Instances
    kinds: npt.NDArray[np.int64]

    def counts(self, classes: int) -> list[int]:
        """The number of objects of each class."""
        return [int(n) for n in np.bincount(self.kinds[1:], minlength=classes + 1)[1:]]


@dataclass(frozen=True, eq=False)
class Annotations:
    """All annotated pictures, derived sizes, and notes.

    Parameters
    ----------
    pictures : tuple of Annotated
    classes : tuple of str
        In alphabetical order.
    working_px : int
        Pixels of a picture at the working size.
    size_px : float
        Square root of a typical object's area at the working size, px.
    notes : tuple of str
        For the report.
    """

    pictures: tuple[Annotated, ...]
    classes: tuple[str, ...]
    working_px: int
    size_px: float
    notes: tuple[str, ...] = field(default=())


def read_annotations(paths: Sequence[str | Path]) -> Annotations:
    """The annotated pictures at the given paths.

    Parameters
    ----------
    paths : sequence of str or Path
        Annotation files, pictures with an annotation beside them, folders of either; patterns.

    Raises
    ------
    InputError
        If a file cannot be read, an annotated picture is missing, or nothing is annotated.
    """
    program = compile_spec(Source("annotations", "spec annotations\n"))
    pictures, bare, notes = [], [], list[str]()
    for path in find_inputs(paths):
        table = _table(path, program)
        if table is None:
            bare.append(path)
            continue
        if table.problems:
            raise InputError(table.problems[0].named)
        notes += table.notes
        pictures += [_annotated(path, table.take_image(index)) for index in range(len(table.images))]
    if not pictures and (of_all := _annotations_of_all(paths)):
        return read_annotations(of_all)
    if not pictures:
        beside = (picture.with_suffix(ending) for picture in bare for ending in ENDINGS)
        if broken := next((file for file in beside if is_file(file) and is_broken(file)), None):
            raise InputError(f"nothing to learn from: {broken} is damaged; save the annotation again")
        without = f"; pictures without one beside them: {len(bare)}" if bare else ""
        raise InputError(f"nothing to learn from: expected annotations of pictures{without}")
    if bare:
        notes.append(f"{len(bare)} pictures without an annotation were left out, first {bare[0]}")
    twice = {p.path.resolve() for p in pictures}
    if len(twice) < len(pictures):
        named = [p.path.resolve() for p in pictures]
        again = next(p for p in named if named.count(p) > 1)
        raise InputError(f"{again} has two annotations: give one of them")
    pictures, respelled = _spelled_alike(pictures)
    notes += respelled
    classes = tuple(sorted({s.name for p in pictures for s in p.shapes} - {UNKNOWN}))
    if not classes:
        raise InputError("nothing to learn from: no picture has an annotated object")
    notes += _few(pictures, classes)
    working_px, size_px = _working_size(pictures)
    return Annotations(tuple(pictures), classes, working_px, size_px, tuple(dict.fromkeys(notes)))


def _annotations_of_all(paths: Sequence[str | Path]) -> list[Path]:
    """The COCO files in the folders among the paths, which annotate many pictures each."""
    folders = (p for p in map(Path, paths) if p.is_dir())
    return [file for folder in folders for file in sorted(folder.rglob("*.json")) if is_ground_truth(file)]


def _table(path: Path, program: Program) -> ObjectTable | None:
    """The annotation of a file; None for a picture without one."""
    if path.suffix.lower() not in SUFFIXES:
        return see_path(program, path)
    beside = annotations_of(path)
    return read_beside(path, beside, program) if beside else None


def _annotated(source: Path, table: ObjectTable) -> Annotated:
    """The picture of a table with one image, found beside its annotation, with its shapes in px of the picture."""
    from logidsl.extract.pixels.picture import picture_size

    name = table.images[0]
    found = next((p for p in (Path(name), source.parent / name) if is_file(p)), None)
    found = found or picture_beside(source.parent, name, source.stem if source.suffix.lower() not in SUFFIXES else "")
    if found is None:
        raise InputError(f"{source}: the annotated picture `{name}` is missing; put it beside the annotation")
    width, height = picture_size(found)
    stated_width, stated_height = table.sizes[0].tolist()
    known = math.isfinite(stated_width) and math.isfinite(stated_height)
    scale = (width / stated_width, height / stated_height) if known else (1.0, 1.0)
    if known and abs(scale[0] / scale[1] - 1) > 0.05:
        raise InputError(
            f"{source} was made for a picture of {stated_width:g} by {stated_height:g} px, but {found} has {width} by "
            f"{height} px: annotate the picture as it is"
        )
    by = np.array(scale)
    nowhere = np.full(len(table), np.nan)
    boxes = np.stack([np.asarray(table.columns.get(n, nowhere), np.float64) for n in BOX], axis=1)
    starts, ends = (table.columns.get(n) for n in ("start", "end"))
    shapes = []
    for row, label in enumerate(table.classes.texts()):
        box = boxes[row] * np.tile(by, 2)
        if not np.isfinite(box).all():
            raise InputError(f"{source}: `{label}` {table.ids[row]} has no place: remove it or draw it again")
        rings = tuple(r * by for r in table.outlines.rings(row)) if table.outlines is not None else ()
        stroke = None
        if not rings and isinstance(starts, np.ndarray) and isinstance(ends, np.ndarray):
            stroke = np.stack([starts[row], ends[row]]) * by
            stroke = stroke if np.isfinite(stroke).all() else None
        if not rings and stroke is None and box[2] > box[0] and box[3] > box[1]:
            rings = (np.array([(box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3])]),)
        shapes.append(Shape(label or "", rings, (box[0], box[1], box[2], box[3]), stroke))
    return Annotated(found, width, height, tuple(shapes))


def _spelled_alike(pictures: Sequence[Annotated]) -> tuple[list[Annotated], list[str]]:
    """The pictures with one spelling of each class, the most frequent, and notes about the others; see `naming`."""
    spellings: dict[str, Counter[str]] = {}
    for s in (s for p in pictures for s in p.shapes):
        spellings.setdefault(plain(s.name), Counter())[s.name] += 1
    names = {
        s: UNKNOWN if like == UNKNOWN else some.most_common(1)[0][0] for like, some in spellings.items() for s in some
    }
    notes = [f"`{name}` read as `{usual}`" for name, usual in names.items() if name != usual]
    respelled = (tuple(replace(s, name=names[s.name]) for s in p.shapes) for p in pictures)
    return [replace(p, shapes=shapes) for p, shapes in zip(pictures, respelled, strict=True)], notes


def _few(pictures: Sequence[Annotated], classes: Sequence[str]) -> list[str]:
    """Notes about classes too rare to learn well."""
    notes = []
    for name in classes:
        objects = sum(s.name == name for p in pictures for s in p.shapes)
        shown = sum(any(s.name == name for s in p.shapes) for p in pictures)
        if shown < 2 and len(pictures) > 1:
            count = "a single object" if objects == 1 else f"{objects} objects on one picture"
            notes.append(f"`{name}` has {count}: how well it is found elsewhere cannot be measured; annotate more")
    return notes


def _working_size(pictures: Sequence[Annotated]) -> tuple[int, float]:
    """Pixels of a picture at the working size, and the side of a typical object there."""
    sides: dict[str, list[float]] = {}
    for p in pictures:
        for s in p.shapes:
            if s.name != UNKNOWN and math.isfinite(s.area) and s.area > 0:
                sides.setdefault(s.name, []).append(math.sqrt(s.area / (p.width * p.height)))
    if not sides:  # points and strokes only: objects are about as large as they are apart, and as strokes are long
        sides = {"": [min(_apart(p), _stroke(p)) for p in pictures]}
    medians = [float(np.median(v)) for v in sides.values()]
    typical, smallest = float(np.exp(np.mean(np.log(medians)))), min(medians)
    side_px = max(_TARGET_PX / typical, _LEAST_PX / smallest)
    largest_px = min(float(np.median([p.width * p.height for p in pictures])) * _MOST_ZOOM**2, _MOST_PX)
    working_px = min(side_px**2, largest_px)
    return max(round(working_px), (16 * STRIDE) ** 2), typical * math.sqrt(working_px)


def _apart(p: Annotated) -> float:
    """The median distance of points to their nearest neighbour, as a share of the picture's side; a tenth for a single
    point.
    """
    points = np.array([[(s.box[0] + s.box[2]) / 2, (s.box[1] + s.box[3]) / 2] for s in p.shapes if s.name != UNKNOWN])
    if len(points) < 2:
        return 0.1
    gaps = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(gaps, np.inf)
    return float(np.clip(0.7 * np.median(gaps.min(1)) / math.sqrt(p.width * p.height), 0.01, 0.5))


def _stroke(p: Annotated) -> float:
    """The median length of strokes, as a share of the picture's side; infinite without any."""
    ends = np.array([s.stroke for s in p.shapes if s.name != UNKNOWN and s.stroke is not None]).reshape(-1, 2, 2)
    lengths = np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)
    lengths = lengths[lengths > 0]
    return float(np.median(lengths)) / math.sqrt(p.width * p.height) if len(lengths) else math.inf


def example(picture: Annotated, annotations: Annotations, notes: list[str]) -> Example:
    """A picture at the working size, with its map of instances; smaller objects lie over larger ones.

    Raises
    ------
    InputError
        If the picture cannot be read.
    """
    zoom = math.sqrt(annotations.working_px / (picture.width * picture.height))
    width, height = (max(1, round(s * zoom / STRIDE)) * STRIDE for s in (picture.width, picture.height))
    whole = read_picture(picture.path).bgr
    by = np.array([width / picture.width, height / picture.height])
    bgr = np.asarray(
        cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC), np.uint8
    )
    masks = [(s, _mask(bgr, s, by, annotations.size_px, picture.shapes)) for s in picture.shapes]
    masks = sorted((m for m in masks if m[1].any()), key=lambda m: -int(m[1].sum()))
    instances = np.zeros((height, width), np.int32)
    kinds = [0]
    for shape, mask in masks:
        under = instances[mask > 0]
        if (under > 0).mean() > _OVERLAP:
            other, common = _most_frequent(under[under > 0])
            below = annotations.classes[kinds[other] - 1]
            if shape.name == below and common > _TWICE * np.sum((instances == other) | (mask > 0)):
                notes.append(f"{picture.path}: one `{shape.name}` is annotated twice; the second outline was left out")
                continue
            over = f"`{shape.name}` lies over `{below}`"
            if not any(note.startswith(over) for note in notes):
                notes.append(f"{over}, first on {picture.path}: their common pixels count for `{shape.name}`")
        if shape.name == UNKNOWN:
            instances[mask > 0] = IGNORED
        else:
            instances[mask > 0] = len(kinds)
            kinds.append(1 + annotations.classes.index(shape.name))
    seen = np.unique(instances[STRIDE // 2 :: STRIDE, STRIDE // 2 :: STRIDE])
    lost = len(picture.shapes) - len(masks) + len(kinds) - 1 - int(np.sum(seen > 0))
    if lost:
        notes.append(
            f"{picture.path}: {counted(lost, 'object')} of less than {STRIDE} px at the working size, or hidden by "
            "others, can be neither learned nor judged"
        )
    return Example(str(picture.path), bgr, instances, np.array(kinds, np.int64))


def _most_frequent(labels: Instances) -> tuple[int, int]:
    """The most frequent of some labels, and its number."""
    counts = np.bincount(labels)
    return int(counts.argmax()), int(counts.max())


def _mask(bgr: Pixels, shape: Shape, by: Floats, size_px: float, all_shapes: Sequence[Shape]) -> Pixels:
    """The pixels of an object at the working size, 1 or 0."""
    mask = np.zeros(bgr.shape[:2], np.uint8)
    if shape.rings and not shape.is_box:
        rings = [np.round(r * by * 16 - 8).astype(np.int32) for r in shape.rings]
        cv2.fillPoly(mask, rings, 1, shift=4)
        return mask
    x0, y0, x1, y1 = (np.array(shape.box).reshape(2, 2) * by).ravel().tolist()
    line = None
    if not shape.rings:
        line = np.array([[x0, y0], [x1, y1]]) if shape.stroke is None else shape.stroke * by
        grow = REACH * size_px
        x0, y0, x1, y1 = x0 - grow, y0 - grow, x1 + grow, y1 + grow
    others = [np.array([[s.box[0] + s.box[2], s.box[1] + s.box[3]]]) / 2 * by for s in all_shapes if s is not shape]
    found = grown(bgr, (x0, y0, x1, y1), line, size_px, others)
    if shape.name == UNKNOWN and shape.rings:
        cv2.rectangle(mask, (round(x0), round(y0)), (round(x1) - 1, round(y1) - 1), 1, cv2.FILLED)
        return mask
    return found
