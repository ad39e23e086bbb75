"""The steps that clean a mask of pixels.

The implementation of a declared step takes a `MaskCrop` without labels, and the length or None, and gives a `MaskCrop`.

A mask is (h, w) uint8 of 0 and 1. A length is the diameter of a disc in px: the disc holds the pixels
whose centres lie within half of it, so that below 2 px nothing changes. What lies outside the picture
neither wears an object away nor joins two. May import `ir`.

Parting what touches (`split`). A convex shape has one deepest place: the distance to its border has no
second peak. So the distance map is cut into the basins of its peaks, which are joined again, from the highest pass
down, unless the pass between two is a *neck*: lower than
`NECK` of the lower peak, and at least a pixel below it (the border is not known better). Two equal discs
are parted while their centres are more than a radius apart. With a length, a part less wide than that
is never cut off.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from logidsl.arrays import Labels, Mask, Pixels, Singles
from logidsl.diagnostics import InputError
from logidsl.extract.pixels.fixed import number_of
from logidsl.extract.pixels.foreground_boxes import MaskCrop, pieces_of, recut, together
from logidsl.extract.pixels.opencv import cv2
from logidsl.extract.pixels.rings import Contour, border_pixels
from logidsl.extract.pixels.watershed import NEIGHBOURS, basins, neighbours
from logidsl.ir import Program, Step
from logidsl.library import Builtin, builtins, implementation

#: The width of a neck, as a share of the width of the lesser part, from which on there is no neck: two
#: discs of radius r whose centres are r apart meet in a line of length sqrt(3) r.
NECK = 3**0.5 / 2
_KERNEL_AT_MOST = 15  # px; for larger radii a distance map costs less than a structuring element


def run_steps(program: Program, steps: Sequence[Step], mask: Pixels) -> tuple[Pixels, Labels | None]:
    """Carry out the steps of a `blobs` statement.

    Parameters
    ----------
    program : Program
        Holds the nodes of the steps' lengths.
    steps : sequence of Step
        In order.
    mask : (h, w) uint8
        1 where a pixel belongs.

    Returns
    -------
    mask : (h, w) uint8
        The cleaned mask.
    labels : (h, w) int32 or None
        The parts from 1, 0 outside, if the last step parts what touches; else what is connected is one object.
    """
    return together(cleaned(program, steps, mask), mask.shape)


def cleaned(program: Program, steps: Sequence[Step], mask: Pixels) -> list[MaskCrop]:
    """Carry out the steps of a `blobs` statement; see `run_steps`.

    Each step is applied to each box of the mask separately, because none reaches from one to another.

    Returns
    -------
    list of MaskCrop
        With labels if the last step parts what touches. Together they hold all of the mask and cut no object; no two
        meet.
    """
    lengths_px = [number_of(program, step.args[0], mask.shape) if step.args else None for step in steps]
    entries = [_entry(step.name) for step in steps]
    growing_px = max((d or 0.0 for entry, d in zip(entries, lengths_px, strict=True) if entry.grows), default=0.0)
    pieces = pieces_of(mask, int(growing_px / 2) + 1)
    if not steps:
        return pieces
    done = []
    for piece in pieces:
        for entry, length_px in zip(entries, lengths_px, strict=True):
            bare = MaskCrop(piece.box, parted(piece.mask, piece.labels))  # a step must see that the parts are apart
            piece = implementation(entry.made_by)(bare, length_px)
        done.append(piece)
    return recut(done[0]) if len(done) == 1 and done[0].labels is None else done


def _entry(name: str) -> Builtin:
    known = builtins("step")
    if name not in known:
        raise InputError(f"`{name}` is not a step of `blobs`: expected {', '.join(known)}")
    return known[name]


def open_(crop: MaskCrop, length_px: float | None) -> MaskCrop:
    """See `opened`."""
    return MaskCrop(crop.box, opened(crop.mask, length_px or 0.0))


def close(crop: MaskCrop, length_px: float | None) -> MaskCrop:
    """See `closed`."""
    return MaskCrop(crop.box, closed(crop.mask, length_px or 0.0))


def fill(crop: MaskCrop, length_px: float | None) -> MaskCrop:
    """See `filled`."""
    if length_px is not None:
        return MaskCrop(crop.box, filled(crop.mask, length_px))
    borders = border_pixels(crop.mask)
    if all(len(border) == 1 for border in borders):
        return MaskCrop(crop.box, crop.mask, borders=borders)
    return MaskCrop(crop.box, _within(crop.mask, borders))


def keep_holes(crop: MaskCrop, _length_px: float | None) -> MaskCrop:
    """See `holes`."""
    return MaskCrop(crop.box, holes(crop.mask))


def part(crop: MaskCrop, length_px: float | None) -> MaskCrop:
    """See `split`."""
    return MaskCrop(crop.box, crop.mask, split(crop.mask, length_px or 0.0))


def opened(mask: Pixels, diameter_px: float) -> Pixels:
    """Remove what a disc cannot reach inside the mask: specks, and threads thinner than the disc."""
    if diameter_px < 2:
        return mask
    return _grown(_worn(mask, diameter_px / 2), diameter_px / 2)


def closed(mask: Pixels, diameter_px: float) -> Pixels:
    """Add what a disc cannot reach outside the mask: pores, and gaps narrower than the disc."""
    if diameter_px < 2:
        return mask
    margin = int(diameter_px / 2) + 1
    wide = np.pad(mask, margin)  # so that the picture's border joins nothing
    joined = _worn(_grown(wide, diameter_px / 2), diameter_px / 2)
    return np.ascontiguousarray(joined[margin:-margin, margin:-margin])


def filled(mask: Pixels, most_px: float | None = None) -> Pixels:
    """Fill the holes: pixels outside the mask that are not connected (4-connected) with the picture's border.

    With `most_px`, only the holes into which no disc of a greater diameter fits.
    """
    borders = border_pixels(mask)
    if all(len(border) == 1 for border in borders):
        return mask
    full = _within(mask, borders)
    if most_px is not None:
        gaps = full - mask
        count, owner = cv2.connectedComponents(gaps, connectivity=4)
        deepest = np.zeros(count)
        np.maximum.at(deepest, owner.ravel(), _depth(gaps).ravel())
        # a hole of n pixels across is n / 2 + 1 / 2 deep, as depth is measured to the middle of a pixel outside
        wide = 2 * deepest - 1 > most_px
        wide[0] = False
        full[wide[owner]] = 0
    return full


def _within(mask: Pixels, borders: Sequence[Sequence[Contour]]) -> Pixels:
    """All that the outer borders of a mask go round.

    They are drawn one by one: together, one that lies inside another would be cut out of it again.
    """
    full = mask.copy()
    for border in borders:
        if len(border) > 1:
            cv2.drawContours(full, [border[0]], -1, 1, cv2.FILLED)
    return full


def holes(mask: Pixels) -> Pixels:
    """What `filled` would fill."""
    return filled(mask) - mask


@lru_cache(maxsize=16)
def _disc(radius_px: float) -> Pixels:
    reach = int(radius_px + 1e-9)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    return np.asarray(x * x + y * y <= (radius_px + 1e-9) ** 2, np.uint8)


def _worn(mask: Pixels, radius_px: float) -> Pixels:
    """Keep the pixels with no pixel outside the mask within the radius."""
    if radius_px < 1:
        return mask
    if radius_px <= _KERNEL_AT_MOST:
        return np.asarray(cv2.erode(mask, _disc(radius_px)), np.uint8)
    kept: Mask = _depth(mask) > radius_px + 1e-6
    return kept.view(np.uint8)


def _grown(mask: Pixels, radius_px: float) -> Pixels:
    """Take in the pixels with a pixel of the mask within the radius."""
    if radius_px < 1:
        return mask
    if radius_px <= _KERNEL_AT_MOST:
        return np.asarray(cv2.dilate(mask, _disc(radius_px)), np.uint8)
    reached: Mask = _depth((mask == 0).astype(np.uint8)) <= radius_px + 1e-6
    return reached.view(np.uint8)


def _depth(mask: Pixels) -> Singles:
    """Exact Euclidean distance of each pixel to the nearest one outside the mask, px; huge if there is none."""
    if mask.all():
        return np.full(mask.shape, np.float32(1e9))
    depth = np.asarray(cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32)
    # its last bits depend on the number of threads; a squared distance between pixels is a whole number
    for mend in (np.square, np.rint, np.sqrt):
        mend(depth, out=depth)
    return depth


# ---- split ----


def split(mask: Pixels, least_px: float = 0.0) -> Labels:
    """Part objects that touch.

    Parameters
    ----------
    mask : (h, w) uint8
        1 where a pixel belongs.
    least_px : float
        A part whose widest place is less wide stays with its neighbour.

    Returns
    -------
    (h, w) int32
        The parts from 1; 0 outside the mask.
    """
    # The picture's border is not a border of an object: pixels beyond it count as inside.
    inside = mask > 0
    heights_px = _depth(mask)[inside].astype(np.float64)
    labels = np.zeros(mask.shape, np.int32)
    labels[inside] = 1 + basins(
        heights_px,
        neighbours(mask),
        lambda lesser, pass_px: pass_px >= NECK * lesser or lesser - pass_px < 1.0 or 2 * lesser < least_px,
    )
    return labels


def parted(mask: Pixels, labels: Labels | None) -> Pixels:
    """The mask with a line of one pixel removed between parts; unchanged without any."""
    if labels is None:
        return mask
    wide = np.pad(labels, 1)
    height, width = labels.shape
    clash = np.zeros(labels.shape, np.bool_)
    for dy, dx in NEIGHBOURS:
        other = wide[1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width]
        clash |= other > labels  # only the side of the lesser number gives way
    return np.where(clash & (labels > 0), 0, mask).astype(np.uint8)
