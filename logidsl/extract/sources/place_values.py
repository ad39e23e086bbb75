"""Measurements on the pixels of places, if a picture is available: mean colours and shares of pixels.

The evaluator gives the required values and the position of their places (`Evaluator.wanted`). They are measured, stored
beside the objects of the table, and requested again until none is missing, because one may depend on another. A pixel
belongs to a place if its centre does; a centre on a left or upper border does, one on a right or lower border does not,
so no pixel belongs to two cells. May import `ir` and `table`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from logidsl.arrays import Floats, Mask, Pixels
from logidsl.diagnostics import InputError
from logidsl.extract.notes import lost_pictures
from logidsl.extract.pixels.masks import pixel_masks
from logidsl.extract.pixels.picture import Picture
from logidsl.extract.pixels.pixel_values import fast_lab
from logidsl.extract.pixels.regions_of_interest import look_of
from logidsl.extract.sources.alignment import References, See, references
from logidsl.extract.sources.colors import picture_of_image, with_colors
from logidsl.extract.sources.dispatch import Evaluator
from logidsl.ir import Call, Program
from logidsl.library import builtins, implementation
from logidsl.table import BOX, Covers, Lack, ObjectTable, PlaceRequest, PlaceValue

_SLAB = 1 << 16  # pixels whose colours are summed at once, about


def with_pixels(table: ObjectTable, program: Program, evaluator: Evaluator | None) -> ObjectTable:
    """A table from a file with the colours of its objects and the values of places, where its pictures are there."""
    table = with_colors(table, program)
    return with_places(program, table, lambda image: picture_of_image(table, image), evaluator)


def with_places(
    program: Program,
    table: ObjectTable,
    picture_of: Callable[[int], Picture],
    evaluator: Evaluator | None,
    see: See | None = None,
) -> ObjectTable:
    """A table with all values of places that a program needs.

    Parameters
    ----------
    program : Program
        Nothing is done where it asks for none.
    table : ObjectTable
        What was seen.
    picture_of : callable
        The picture of an image of the table; may raise InputError, which is noted.
    evaluator : Evaluator, optional
        Says what is wanted; without it nothing is measured.
    see : callable, optional
        Sees in a reference what it is aligned by; see `alignment`.
    """
    if evaluator is None or not program.measures:
        return table
    lost: dict[int, str] = {}
    for _ in program.measures:
        requests = [r for r in evaluator.wanted(program, table) if r.image not in lost]
        if not requests:
            break
        places = [list(p) for p in table.places or ((),) * len(table.images)]
        for image in dict.fromkeys(r.image for r in requests):
            try:
                picture = picture_of(image)
            except InputError as error:
                lost[image] = str(error)
            else:
                places[image] += measured(
                    program, table, picture, [r for r in requests if r.image == image], evaluator, see
                )
        table = replace(table, places=tuple(map(tuple, places)))
    notes = lost_pictures("pixels of places not measured", list(lost.values()))
    return replace(table, notes=(*table.notes, *notes))


def measured(
    program: Program,
    table: ObjectTable,
    picture: Picture,
    requests: Sequence[PlaceRequest],
    evaluator: Evaluator,
    see: See | None = None,
) -> list[PlaceValue]:
    """The values that are asked for, of one picture.

    Raises
    ------
    InputError
        If a condition on pixels holds what no pixel has, or a file that it names cannot be used.
    """
    bgr, asked = picture.bgr, {r.node: r for r in requests}
    keys = dict.fromkeys(k for n in asked for c in conditions_of(program, n) for k in program.backgrounds_below(c))
    aligned: References = {}
    if keys and see is not None:
        image = table if len(table.images) == 1 else table.take_image(requests[0].image)
        aligned = references(program, keys, picture, image, evaluator, see)
    looking = _Looking(program, bgr, table, aligned)
    found = []
    for request in requests:
        place = pixels_of(request.asked.rings, bgr.shape)
        if place is None:
            found.append(replace(request.asked, lack="outside"))
        elif not place[2].any():
            found.append(replace(request.asked, lack="empty"))
        else:
            lack = looking.lack(request.node, *place)
            value = () if lack else looking.value(request, *place)
            found.append(replace(request.asked, value=value, lack=lack))
    return found


def conditions_of(program: Program, number: int) -> tuple[int, ...]:
    """The conditions on pixels of a node of `Program.measures`."""
    node = program.nodes[number]
    return node.args[1:] if isinstance(node, Call) else ()


class _Looking:
    """One picture, and the measurements of its pixels so far."""

    def __init__(self, program: Program, bgr: Pixels, table: ObjectTable, aligned: References) -> None:
        self.program, self.bgr, self.table, self.aligned = program, bgr, table, aligned

    def lack(self, number: int, rows: slice, columns: slice, place: Mask) -> Lack:
        """Why a condition is not known at a place: a background is not there, or does not reach so far."""
        for condition in conditions_of(self.program, number):
            look = look_of(self.program, condition, self.bgr.shape)
            for key in self.program.backgrounds_below(condition):
                under = self.aligned.get(key)
                if under is None:
                    return "unaligned"
                bare = np.zeros(self.bgr.shape[:2], bool)
                bare[look.rows, look.columns] = ~under.covered[look.rows, look.columns]
                if (bare[rows, columns] & place).any():
                    return "outside"
        return ""

    @cached_property
    def masks(self) -> dict[int, Mask]:
        """The pixels that meet each condition, by its node."""
        conditions = self.program.conditions
        found = pixel_masks(conditions, self.bgr, self.aligned)
        return {b.where: m.view(np.bool_) for b, m in zip(conditions.blobs, found, strict=True)}

    @cached_property
    def foreground(self) -> Mask:
        """The pixels that no file of the spec takes for background."""
        sources = {(s.fn, s.file): s for s in self.program.sources}
        ways = [(builtins("source")[s.fn].background, s) for s in sources.values()]
        found = [implementation(way)(self.program, s, self.bgr) for way, s in ways if way]
        return np.asarray(np.logical_or.reduce(found), np.bool_)

    def value(self, request: PlaceRequest, rows: slice, columns: slice, place: Mask) -> tuple[float, ...]:
        """What is asked of a place that has pixels."""
        node = self.program.nodes[request.node]
        if not isinstance(node, Call):
            light, a, b = mean_lab(self.bgr[rows, columns], place).tolist()
            return min(max(light, 0.0), 100.0), a, b  # float32 has black a hair below 0
        chosen = (self.masks[node.args[1]] if node.args[1:] else self.foreground)[rows, columns]
        if request.covers is None:
            share = np.count_nonzero(chosen & place) / np.count_nonzero(place)
            return share, share
        return self.unexplained(request.covers, (rows, columns), place, chosen & place)

    def unexplained(self, covers: Covers, box: tuple[slice, slice], place: Mask, front: Mask) -> tuple[float, float]:
        """The least and the greatest share of the foreground of a place that no object covers."""
        if not front.any():
            return 0.0, 0.0
        bare = [np.ones(place.shape, bool) for _ in range(2)]  # without all that may be there; without what is
        for row in (*covers.sure, *covers.perhaps):
            own = self.covered(row, box)
            if 2 * np.count_nonzero(own & place) >= np.count_nonzero(place):
                continue  # what the place lies on
            bare[0] &= ~own
            if row in covers.sure:
                bare[1] &= ~own
        least, most = (float(np.count_nonzero(front & b) / np.count_nonzero(front)) for b in bare)
        return 0.0 if covers.open else least, most

    def covered(self, row: int, box: tuple[slice, slice]) -> Mask:
        """The pixels of an object within a box of the picture."""
        height, width = (s.stop - s.start for s in box)
        shift = np.array([box[1].start, box[0].start], np.float64)
        rings = self.table.outlines.rings(row) if self.table.outlines is not None else []
        if not rings or len(rings[0]) < 3:
            x0, y0, x1, y1 = (float(np.asarray(self.table.columns[k])[row]) for k in BOX)
            rings = [np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])]
        rings = [np.clip(r - shift, -1.0, (width + 1.0, height + 1.0)) for r in rings]
        found = np.zeros((height + 2, width + 2), bool)
        rows, columns, mask = pixels_of([r + 1.0 for r in rings], found.shape) or (slice(0), slice(0), np.zeros((0, 0)))
        found[rows, columns] = mask
        return found[1:-1, 1:-1]


def mean_lab(bgr: Pixels, place: Mask) -> Floats:
    """The mean CIELAB of some pixels of a part of a picture, (3,)."""
    total, height = np.zeros(3), max(1, _SLAB // bgr.shape[1])
    for top in range(0, len(bgr), height):
        part, mask = bgr[top : top + height], place[top : top + height]
        if mask.any():
            chosen = np.ascontiguousarray(part).reshape(-1, 3) if mask.all() else part[mask]
            total += fast_lab(chosen).sum(axis=0, dtype=np.float64)
    return np.asarray(total / np.count_nonzero(place))


def pixels_of(rings: Sequence[Floats], shape: tuple[int, ...]) -> tuple[slice, slice, Mask] | None:
    """The pixels whose centre has an odd number of rings round it.

    Parameters
    ----------
    rings : sequence of (k, 2) float64
        In px of the picture, not closed.
    shape : (h, w, …)
        Of the picture.

    Returns
    -------
    slice, slice, (rows, columns) bool, or None
        The box round the place and its pixels in it; None if the place reaches beyond the picture by half a pixel.

    Examples
    --------
    >>> box = np.array([(1, 0), (3, 0), (3, 2), (1, 2)], float)
    >>> pixels_of([box], (5, 5))
    (slice(0, 2, None), slice(1, 3, None), array([[ True,  True],
           [ True,  True]]))
    """
    rings = [np.round(r, 6) for r in rings]  # rounding errors of a frame move no pixel across a border
    points = np.concatenate([np.zeros((0, 2)), *rings])
    if not len(points):
        return slice(0, 0), slice(0, 0), np.zeros((0, 0), bool)
    (x0, y0), (x1, y1) = points.min(0).tolist(), points.max(0).tolist()
    if min(x0, y0) < -0.5 or x1 > shape[1] + 0.5 or y1 > shape[0] + 0.5:
        return None
    left, top, right, bottom = (max(0, int(np.ceil(v - 0.5))) for v in (x0, y0, x1, y1))
    right, bottom = min(right, shape[1]), min(bottom, shape[0])
    high, wide = max(0, bottom - top), max(0, right - left)
    # a box needs no more: two corners alike in x and two in y, and each side along an axis
    apart = len(points) == 4 and len(rings) == 1 and (points[:2] != points[2:]).all()
    if apart and (points == np.roll(points, 1, axis=0)).any(axis=1).all():
        return slice(top, top + high), slice(left, left + wide), np.ones((high, wide), bool)
    # each edge turns over the pixels to the right of it, in the rows whose middle it crosses
    starts = np.concatenate(rings)
    ends = np.concatenate([np.roll(r, -1, axis=0) for r in rings])
    upper, lower = np.where(starts[:, 1:] <= ends[:, 1:], (starts, ends), (ends, starts))
    first = np.clip(np.ceil(upper[:, 1] - 0.5), top, bottom).astype(np.int64)
    counts = np.clip(np.ceil(lower[:, 1] - 0.5), top, bottom).astype(np.int64) - first
    edge = np.repeat(np.arange(len(first)), counts)
    row = first[edge] + np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts)
    share = (row + 0.5 - upper[edge, 1]) / (lower[edge, 1] - upper[edge, 1])
    x = upper[edge, 0] + share * (lower[edge, 0] - upper[edge, 0])
    column = np.clip(np.ceil(x - 0.5).astype(np.int64) - left, 0, wide)
    turns = np.bincount((row - top) * (wide + 1) + column, minlength=high * (wide + 1)).reshape(high, wide + 1)
    mask = np.cumsum(turns[:, :wide], axis=1, dtype=np.uint8) % 2 == 1
    return slice(top, top + high), slice(left, left + wide), mask
