"""From a picture to a table: the objects that the `blobs` statements of a spec see in it.

For each statement: judge its predicate over the pixels (`pixels`), clean the mask (`steps`), part it into
regions, and measure each (`rings`, `measure`). No region is dropped, however small: what is too small is
for the spec to say (`where area >= 0.05 %`). May import `ir`, `table` and `library`.

Measured columns: `x0 y0 x1 y1` (pixel edges), `area` (number of pixels), `color` (mean CIELAB of the
pixels, not CIELAB of their mean), `lightness`, `cover` (share of the pixels that the condition took, before any
step), and those of `region_measures`. A hole of one pixel is noise and not counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from logidsl.arrays import Floats, Pixels
from logidsl.diagnostics import InputError
from logidsl.extract.pixels.calibration import straightened
from logidsl.extract.pixels.foreground_boxes import MaskCrop
from logidsl.extract.pixels.header import SUFFIXES
from logidsl.extract.pixels.masks import pixel_masks
from logidsl.extract.pixels.opencv import cv2
from logidsl.extract.pixels.picture import Picture, read_picture
from logidsl.extract.pixels.pixel_values import cube_roots, lab_of_roots
from logidsl.extract.pixels.region_measures import measure_regions, without_pores
from logidsl.extract.pixels.regions_of_interest import look_of
from logidsl.extract.pixels.rings import Contour, as_rings, border_pixels, part_borders
from logidsl.extract.pixels.skeleton import with_skeletons
from logidsl.extract.pixels.steps import cleaned
from logidsl.extract.sources.alignment import References, references
from logidsl.extract.sources.detection_records import Detection, nothing_on, side_by_side, table_of_finds
from logidsl.extract.sources.dispatch import Evaluator, with_sources
from logidsl.extract.sources.place_values import with_places
from logidsl.ir import Blobs, Program
from logidsl.library.measure import NUMBERS, POINTS
from logidsl.table import ANY_NUMBER, COUNT, ColumnData, ObjectTable, Outlines, TextColumn

_SLAB = 1 << 16  # pixels whose colours are summed at once, about


class Regions(NamedTuple):
    """The regions of one mask, as arrays of n rows.

    Parameters
    ----------
    boxes : (n, 4) float64
        x0 y0 x1 y1, px.
    areas : (n,) float64
        Number of pixels.
    colors : (n, 3) float64
        Mean CIELAB.
    rings : sequence of n sequences of (k, 2) float64
        Outlines, px.
    covers : (n,) float64
        Share of the pixels that the condition took, before any step.
    """

    boxes: Floats
    areas: Floats
    colors: Floats
    rings: Sequence[Sequence[Floats]]
    covers: Floats


class PictureExtractor:
    """Sees the objects of a picture file."""

    name = "picture"

    def matches(self, path: Path) -> bool:
        """Whether a file has the ending of a picture."""
        return path.suffix.lower() in SUFFIXES

    def read(self, path: Path, program: Program) -> ObjectTable:
        """The table of one picture; see `see_picture`."""
        return see_picture(program, read_picture(path))


EXTRACTOR = PictureExtractor()


def see_picture(program: Program, picture: Picture, evaluator: Evaluator | None = None) -> ObjectTable:
    """See the objects of one picture.

    Parameters
    ----------
    program : Program
        Has at least one `blobs` statement or source.
    picture : Picture
        The pixels.
    evaluator : Evaluator, optional
        Says where the regions of sources lie, and which values of places are wanted.

    Returns
    -------
    ObjectTable
        One image; the class of a row is the name of its `blobs` statement. Rows run from top to bottom, then
        from left to right, by the corner of their box, and are numbered in this order from 1. What sources
        find comes after.

    Raises
    ------
    InputError
        If the spec has no `blobs` statement and no source, or a source cannot be carried out.
    """
    if not program.sees and (program.classes or not program.measures):
        raise InputError(
            f"{picture.path}: the spec does not define how objects are found in a picture: add a `blobs` statement, "
            "or give a table or an annotation file"
        )
    picture = straightened(program, picture)
    aligned = aligned_backgrounds(program, picture, evaluator)
    table = _blobs_seen(program, picture, aligned)
    table = with_skeletons(program, with_sources(program, picture, table, evaluator) if program.sources else table)
    return with_places(program, table, lambda _: picture, evaluator, see_finders)


def _blobs_seen(program: Program, picture: Picture, aligned: References) -> ObjectTable:
    """The objects of a program's `blobs` in a picture."""
    found = [
        regions(picture.bgr, cleaned(program, blobs.steps, mask), mask)
        for blobs, mask in zip(program.blobs, pixel_masks(program, picture.bgr, aligned), strict=True)
    ]
    table = _table(picture, [b.name for b in program.blobs], found) if found else nothing_on(picture)
    for blobs in program.aligned:
        table = _with_unknown(program, picture, table, blobs, aligned)
    return table


def _with_unknown(
    program: Program, picture: Picture, table: ObjectTable, blobs: Blobs, aligned: References
) -> ObjectTable:
    """The table for a picture without a background's frame: any number of objects, or a note."""
    for (name, frame), reference in aligned.items():
        if (name, frame) not in program.backgrounds_below(blobs.where):
            continue
        if reference is None:
            words = f"`{program.nodes[frame].span.text}`, by which `{name}` is aligned, is not there"
            note = f"{picture.path}: `{blobs.name}` was not looked for: {words}"
            find = Detection((np.nan,) * 4, values={COUNT: ANY_NUMBER})
            unknown = table_of_finds(picture, [blobs.name], [find], len(table) + 1)
            joined = side_by_side([table, unknown]) if len(table) else unknown
            return replace(joined, notes=(*table.notes, note))
        look = look_of(program, blobs.where, picture.bgr.shape)
        bare = ~reference.covered[look.rows, look.columns]
        if bare.any():
            note = f"{picture.path}: `{name}` does not reach {bare.mean():.1%} of where `{blobs.name}` is looked for"
            table = replace(table, notes=(*table.notes, note))
    return table


def aligned_backgrounds(program: Program, picture: Picture, evaluator: Evaluator | None) -> References:
    """The backgrounds that the `blobs` of a program align, as they lie under a picture."""
    keys = dict.fromkeys(k for b in program.aligned for k in program.backgrounds_below(b.where))
    if not keys or evaluator is None:
        return {}
    return references(program, keys, picture, see_finders(program, picture, evaluator), evaluator, see_finders)


def see_finders(program: Program, picture: Picture, evaluator: Evaluator) -> ObjectTable:
    """The objects that define the frames of aligned backgrounds, found in an undistorted picture."""
    finders = program.finders
    table = _blobs_seen(finders, picture, {})
    return with_skeletons(finders, with_sources(finders, picture, table, evaluator) if finders.sources else table)


def regions(bgr: Pixels, pieces: Sequence[MaskCrop], taken: Pixels | None = None) -> Regions:
    """Measure the regions of a mask.

    Parameters
    ----------
    bgr : (h, w, 3) uint8
        The picture.
    pieces : sequence of Piece
        The mask: 1 where a pixel belongs to some object. Without labels, what is connected, over sides or corners,
        is one object; no object may lie in two pieces.
    taken : (h, w) uint8, optional
        1 where the condition took a pixel, before any step; the mask where it is left out.
    """
    parts = [part for piece in pieces if (part := _part(piece)) is not None]
    if not parts:
        return Regions(np.zeros((0, 4)), np.zeros(0), np.zeros((0, 3)), (), np.zeros(0))
    totals = [_totals(part, bgr, taken) for part in parts]
    areas, sums, covered = (np.concatenate(column) for column in zip(*totals, strict=True))
    rings = [without_pores(row) for row in as_rings([border for p in parts for border in p.borders])]
    outer = [row[0] for row in rings]
    first = np.cumsum([0, *(len(ring) for ring in outer[:-1])])
    points = np.concatenate(outer)
    boxes_px = np.concatenate([np.minimum.reduceat(points, first), np.maximum.reduceat(points, first)], axis=1)
    return Regions(boxes_px, areas, sums / areas[:, None], rings, covered / areas)


class _Part(NamedTuple):
    """The regions in one piece of a mask.

    Parameters
    ----------
    piece : Piece
        The piece.
    owners : (h, w) array of integers, optional
        The region of each pixel, from 1; there is only one where they are left out.
    borders : sequence of sequences of (k, 2) int32
        The border pixels of each region in the picture: of its outside, then of its holes.
    """

    piece: MaskCrop
    owners: npt.NDArray[np.integer] | None
    borders: Sequence[Sequence[Contour]]


def _totals(part: _Part, bgr: Pixels, taken: Pixels | None) -> tuple[Floats, Floats, Floats]:
    """For each region of a part how many pixels it has, (n,), their summed CIELAB, (n, 3), and how many were taken."""
    rows, columns = part.piece.box
    height = max(1, _SLAB // (columns.stop - columns.start))
    totals = np.zeros((5, len(part.borders)))
    for top in range(rows.start, rows.stop, height):
        slab = slice(top, min(top + height, rows.stop)), columns
        inner = slice(top - rows.start, slab[0].stop - rows.start)
        mask = part.piece.mask[inner]
        before = mask if taken is None else taken[slab] & mask
        totals += _summed(bgr[slab], mask, None if part.owners is None else part.owners[inner], before, totals.shape[1])
    return totals[0], np.asarray(lab_of_roots(totals[1:4].T, totals[0]), np.float64), totals[4]


def _summed(bgr: Pixels, mask: Pixels, owners: npt.NDArray[np.integer] | None, before: Pixels, count: int) -> Floats:
    """For each region its number of pixels, their summed `cube_roots`, and how many were taken before, (5, n)."""
    inside = np.flatnonzero(mask.view(np.bool_))
    # taken as words of four bytes, which is several times as fast as by three
    words = cv2.cvtColor(bgr, cv2.COLOR_BGR2BGRA).view(np.uint32).reshape(-1).take(inside)
    if not len(words):
        return np.zeros((5, count))
    roots = cube_roots(words.view(np.uint8).reshape(-1, 4))
    if owners is None:
        return np.array([[len(roots), *cv2.sumElems(roots[None])[:3], cv2.countNonZero(before)]], np.float64).T
    owner = owners.reshape(-1).take(inside).astype(np.int64) - 1
    weights = (None, *roots.T, before.reshape(-1).take(inside))
    return np.stack([np.bincount(owner, w, count) for w in weights])


def _part(piece: MaskCrop) -> _Part | None:
    """The regions of a piece, or None if it is empty."""
    owners: npt.NDArray[np.integer] | None = piece.labels
    if piece.labels is not None:
        borders = part_borders(piece.labels, int(piece.labels.max()) + 1)
    else:
        borders = border_pixels(piece.mask) if piece.borders is None else piece.borders
        if len(borders) > 1:
            kind = cv2.CV_16U if len(borders) < 1 << 16 else cv2.CV_32S
            owners = cv2.connectedComponentsWithAlgorithm(piece.mask, 8, kind, cv2.CCL_BBDT)[1]
            order = [int(owners[y, x]) for x, y in (border[0][0].tolist() for border in borders)]
            borders = [borders[i] for i in np.argsort(order)]
    if not borders:
        return None
    rows, columns = piece.box
    corner = np.array([columns.start, rows.start], np.int32)
    return _Part(piece, owners, [[contour + corner for contour in border] for border in borders])


def _table(picture: Picture, names: Sequence[str], found: Sequence[Regions]) -> ObjectTable:
    """One table of the regions of all statements, in reading order."""
    boxes = np.concatenate([f.boxes for f in found])
    colors = np.concatenate([f.colors for f in found])
    areas = np.concatenate([f.areas for f in found])
    kinds = np.repeat(np.arange(len(found)), [len(f.areas) for f in found])
    rings = [r for f in found for r in f.rings]
    order = np.lexsort((kinds, boxes[:, 2], boxes[:, 3], boxes[:, 0], boxes[:, 1]))
    columns: dict[str, ColumnData] = {n: boxes[order, i] for i, n in enumerate(("x0", "y0", "x1", "y1"))}
    measured = measure_regions(rings, areas)
    columns |= {name: measured[name][order] for name in NUMBERS} | {"area": areas[order]}
    columns |= {name: measured[name][order] for name in POINTS}
    columns["cover"] = np.concatenate([f.covers for f in found])[order]
    columns["color"] = colors[order]
    columns["lightness"] = colors[order, 0] / 100
    return ObjectTable(
        images=(picture.path,),
        sizes=np.array([[picture.width, picture.height]], np.float64),
        offsets=np.array([0, len(order)], np.int64),
        classes=TextColumn.of([names[kinds[i]] for i in order]),
        ids=tuple(str(i) for i in range(1, len(order) + 1)),
        columns=columns,
        outlines=Outlines.of([rings[i] for i in order]),
        notes=tuple(f"{picture.path}: {note}" for note in picture.notes),
    )
