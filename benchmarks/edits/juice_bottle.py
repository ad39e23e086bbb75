"""Juice bottles: other juices and icons, labels and icons moved and taken away, other fill levels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.edits.case import Edited, Maker, shared
from benchmarks.edits.retouch import (
    Box,
    Cut,
    Pixels,
    Shares,
    bgr_of,
    blend,
    crop,
    cut,
    fitted,
    inside,
    lab,
    patch,
    put,
    softened,
    tinted,
)

#: What juices look like between the labels, in CIELAB: each name in three shades.
JUICES: Mapping[str, tuple[tuple[float, float, float], ...]] = {
    "cherry": ((16, 20, 16), (13, 17, 11), (24, 26, 20)),
    "orange": ((55, 0, 45), (49, 3, 43), (58, 3, 47)),
    "banana": ((70, 1, 14), (62, 0, 10), (76, -1, 20)),
}


@dataclass(frozen=True)
class Bottle:
    """A picture of a filled bottle, with places in percent.

    Parameters
    ----------
    picture : (h, w, 3) uint8
        BGR.
    top, bottom : box
        The label with the fruit, the label with the text.
    icon : box
        The fruit.
    body : box
        The bottle below its shoulders.
    neck : box
        The inside of the neck, from the rings to the shoulders.
    level : float
        Where the juice ends.
    juice : str
        Its name.
    """

    picture: Pixels
    top: Box
    bottom: Box
    icon: Box
    body: Box
    neck: Box
    level: float
    juice: str


def red_bottle() -> Bottle:
    """One cherry is missing on its label, which is no logical defect."""
    picture = shared("loco_juice_bottle/one_cherry_missing.png", 1)
    return Bottle(
        picture, (27.5, 46.6, 63.0, 64.2), (27.3, 77.2, 62.4, 86.0), (42.0, 52.0, 52.5, 59.0), (21, 34, 69, 90),
        (31.5, 18.0, 58.5, 35.0), 24.3, "cherry",
    )  # fmt: skip


def refilled_bottle() -> Bottle:
    """The half filled bottle, filled up with what the other one holds."""
    picture, full = shared("loco_juice_bottle/half_filled.png"), red_bottle()
    # the other bottle stands a little lower and further left
    for box in ((21.0, 23.0, 72.0, 46.2), (21.0, 44.0, 30.0, 60.0), (64.4, 44.0, 72.0, 60.0)):
        source = (box[0] - 1.6, box[1] + 0.6, box[2] - 1.6, box[3] + 0.6)
        picture = patch(picture, box, source, full.picture, 4)
    return Bottle(
        picture, (29.4, 45.3, 65.0, 62.8), (29.2, 75.2, 64.8, 84.2), (40.5, 50.5, 53.5, 58.0), (22, 34, 71, 90),
        (33, 18.0, 60, 35.0), 23.7, "cherry",
    )  # fmt: skip


def yellow_bottle() -> Bottle:
    """The small picture: orange juice."""
    picture = shared("loco_five_normals_small/juice_bottle.png", 1)
    return Bottle(
        picture, (28.5, 44.0, 64.5, 62.5), (28.0, 75.8, 66.0, 85.0), (38.0, 49.5, 53.0, 56.0), (22, 34, 72, 94),
        (34, 18.0, 60, 35.0), 24.2, "orange",
    )  # fmt: skip


def liquid(values: Shares) -> npt.NDArray[np.bool_]:
    """What has a colour; glass and ground have none."""
    return np.asarray(np.hypot(values[..., 1], values[..., 2]) > 7, np.bool_)


def juice_mask(bottle: Bottle) -> Pixels:
    """Where juice is seen: (h, w) uint8 of 0 and 1."""
    x0, _, x1, y1 = bottle.body
    mask = inside(bottle.picture, (x0, bottle.level, x1, y1), liquid)
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)), np.uint8)
    for label in (bottle.top, bottle.bottom):
        mask *= 1 - inside(bottle.picture, label)
    return mask


def with_juice(bottle: Bottle, shade: tuple[float, float, float]) -> Pixels:
    """The bottle with another juice; what lies deep in it stays darker, the neck lighter."""
    return tinted(bottle.picture, juice_mask(bottle), shade, 0.8)


def emptied(bottle: Bottle, picture: Pixels, above: float) -> Pixels:
    """No juice above a level, in percent: glass in front of the dark."""
    mask = juice_mask(bottle)
    mask[round(above / 100 * len(mask)) :] = 0
    values = lab(picture)
    share = 0.55 if bottle.juice != "cherry" else 0.9
    values[..., 0] *= share
    values[..., 1:] *= 0.08
    values[..., 2] -= 2
    return blend(picture, bgr_of(values), softened(mask))


def overfilled(bottle: Bottle, level: float) -> Pixels:
    """Juice up to a level in the neck, in percent: what stands in the neck is stretched."""
    x0, _, x1, _ = bottle.neck
    low = bottle.level + 8
    return patch(bottle.picture, (x0, level, x1, low), (x0, bottle.level - 0.3, x1, low), edge_px=1)


def label_of(bottle: Bottle, box: Box) -> Cut:
    """A label, cut out with sharp edges."""
    piece = crop(bottle.picture, box)
    return Cut(piece, np.ones(piece.shape[:2], np.float32))


def unlabelled(bottle: Bottle, picture: Pixels, box: Box) -> Pixels:
    """Juice where a label was: what lies between the labels is stretched over it."""
    x0, y0, x1, y1 = box
    return patch(picture, (x0 - 0.6, y0 - 0.4, x1 + 0.6, y1 + 0.4), (x0, bottle.top[3] + 2, x1, bottle.bottom[1] - 2))


def with_label_at(bottle: Bottle, picture: Pixels, box: Box, dx: float, dy: float) -> Pixels:
    """A picture with a label laid on it, moved by shares in percent."""
    return put(picture, label_of(bottle, box), (box[0] + box[2]) / 2 + dx, (box[1] + box[3]) / 2 + dy)


def moved(bottle: Bottle, box: Box, dx: float, dy: float) -> Pixels:
    """A label elsewhere."""
    return with_label_at(bottle, unlabelled(bottle, bottle.picture, box), box, dx, dy)


def without_icon(bottle: Bottle, picture: Pixels) -> Pixels:
    """The label's ground, which runs from side to side, where the fruit was."""
    x0, y0, _, y1 = bottle.icon
    return patch(picture, bottle.icon, (x0 - 5, y0, x0 - 0.5, y1), edge_px=1)


def printed(values: Shares) -> npt.NDArray[np.bool_]:
    """A fruit on a label: redder, greener or darker than gold."""
    return np.asarray((values[..., 0] < 62) | (values[..., 1] > 20) | (values[..., 1] < -14), np.bool_)


def icon_of(bottle: Bottle) -> Cut:
    """The fruit with a little of the label round it."""
    piece = crop(bottle.picture, bottle.icon)
    inner = cut(bottle.picture, bottle.icon, printed, 2)
    return Cut(piece, inner.cover)


def icon_moved(bottle: Bottle, dx: float, dy: float) -> Pixels:
    """The fruit elsewhere on its label."""
    x0, y0, x1, y1 = bottle.icon
    return put(without_icon(bottle, bottle.picture), icon_of(bottle), (x0 + x1) / 2 + dx, (y0 + y1) / 2 + dy)


def banana(height_px: int = 120) -> Cut:
    """Two bananas drawn as on a label: yellow, with brown edges and a green stalk."""
    scale = height_px / 120
    bgr = np.zeros((height_px, round(140 * scale), 3), np.uint8)
    cover = np.zeros(bgr.shape[:2], np.float32)
    for middle, turn in (((62, 18), 8), ((80, 30), -12)):
        center = (round(middle[0] * scale), round(middle[1] * scale))
        for size, color in ((1.0, (20, 50, 70)), (0.88, (60, 205, 235))):
            axes = (round(58 * scale), round(56 * scale))
            arc = cv2.ellipse2Poly(center, axes, turn, 18, 162, 4)
            inner = cv2.ellipse2Poly(center, (axes[0], round(axes[1] * 0.52)), turn, 18, 162, 4)
            shape = np.concatenate([arc, inner[::-1]]).astype(np.float64)
            shape = ((shape - shape.mean(0)) * size + shape.mean(0)).astype(np.int32)
            cv2.fillPoly(bgr, [shape], color, cv2.LINE_AA)
            cv2.fillPoly(cover, [shape], 1.0, cv2.LINE_AA)
    tip = (round(14 * scale), round(40 * scale))
    cv2.circle(bgr, tip, round(7 * scale), (20, 80, 60), -1, cv2.LINE_AA)
    cv2.circle(cover, tip, round(7 * scale), 1.0, -1, cv2.LINE_AA)
    return Cut(bgr, cover)


def with_icon(bottle: Bottle, picture: Pixels, fruit: str) -> Pixels:
    """The bottle with another fruit on its label."""
    donors = {"cherry": refilled_bottle, "orange": yellow_bottle}
    if fruit in donors:
        donor = donors[fruit]()
        part = fitted(icon_of(donor), picture, donor.icon[2] - donor.icon[0], donor.icon[3] - donor.icon[1])
    else:
        part = fitted(banana(), picture, 13.6, 5.9)
    return put(
        without_icon(bottle, picture), part, (bottle.top[0] + bottle.top[2]) / 2, (bottle.top[1] + bottle.top[3]) / 2
    )


def juice_bottle() -> Iterator[Edited]:
    """All edited bottles."""
    made = Maker("juice_bottle")
    made("half filled as it is", shared("loco_juice_bottle/half_filled.png"), "wrong_fill_level_not_enough")
    for name, bottle in (("red", red_bottle()), ("refilled", refilled_bottle()), ("yellow", yellow_bottle())):
        made(f"{name} as it is", bottle.picture)
        for juice, shades in JUICES.items():
            for i, shade in enumerate(shades):
                other = replace(bottle, picture=with_juice(bottle, shade), juice=juice)
                fits = with_icon(other, other.picture, juice)
                other = replace(other, icon=_middle(bottle.top))
                made(f"{name} with {juice} {i}", fits)
                if i == 0:
                    _spoiled(made, f"{name} with {juice}", replace(other, picture=fits))
                    for fruit in JUICES:
                        if fruit != juice:
                            made(
                                f"{name} {juice}, {fruit} on it",
                                with_icon(other, other.picture, fruit),
                                "wrong_juice_type",
                            )
    return iter(made)


def _middle(label: Box) -> Box:
    """Where the whole fruit is on a label."""
    x, y = (label[0] + label[2]) / 2, (label[1] + label[3]) / 2
    return x - 7.8, y - 3.9, x + 7.8, y + 3.9


def _spoiled(made: Maker, name: str, bottle: Bottle) -> None:
    picture = bottle.picture
    made(f"{name} no fruit", without_icon(bottle, picture), "missing_fruit_icon")
    for dx, dy in ((5, 0), (-5, 0), (0, 2.8), (3.5, -2.5)):
        made(f"{name} fruit moved {dx} {dy}", icon_moved(bottle, dx, dy), "misplaced_fruit_icon")
    made(f"{name} fruit moved a little", icon_moved(bottle, 1.4, 0.5))
    made(f"{name} no top label", unlabelled(bottle, picture, bottle.top), "missing_top_label")
    made(f"{name} no bottom label", unlabelled(bottle, picture, bottle.bottom), "missing_bottom_label")
    for dx, dy in ((8, 0), (-8, 0), (0, 7), (6, -7)):
        made(f"{name} top label moved {dx} {dy}", moved(bottle, bottle.top, dx, dy), "misplaced_label_top")
    for dx, dy in ((8, 0), (-8, 0), (0, -9), (5, -10)):
        made(f"{name} bottom label moved {dx} {dy}", moved(bottle, bottle.bottom, dx, dy), "misplaced_label_bottom")
    for dx, dy in ((1.5, 1.2), (-1.5, -1.2)):
        made(
            f"{name} labels moved a little {dx}",
            moved(replace(bottle, picture=moved(bottle, bottle.top, dx, dy)), bottle.bottom, -dx, dy),
        )
    step = (bottle.bottom[1] + bottle.bottom[3] - bottle.top[1] - bottle.top[3]) / 2
    swapped = unlabelled(bottle, unlabelled(bottle, picture, bottle.top), bottle.bottom)
    swapped = with_label_at(bottle, with_label_at(bottle, swapped, bottle.top, 0, step), bottle.bottom, 0, -step)
    made(f"{name} labels swapped", swapped, "swapped_labels")
    made(f"{name} empty", emptied(bottle, picture, 100), "empty_bottle")
    for level in (28.8, 32, 38, 58):
        made(f"{name} filled to {level}", emptied(bottle, picture, level), "wrong_fill_level_not_enough")
    for level in (20, 18, 10):
        made(f"{name} filled to {level}", overfilled(bottle, level), "wrong_fill_level_too_much")
