"""Splicing connectors: clamps added and taken away, cables of other colours, moved, cut, added, taken away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.edits.case import Edited, Maker, shared
from benchmarks.edits.retouch import Box, Pixels, Shares, blend, corners, crop, inside, patch, softened, tinted

#: What insulation looks like, in CIELAB: each name in three shades.
CABLES: Mapping[str, tuple[tuple[float, float, float], ...]] = {
    "yellow": ((73, -2, 58), (66, 4, 60), (78, -6, 50)),
    "blue": ((42, 12, -34), (34, 8, -30), (50, 4, -36)),
    "red": ((36, 48, 32), (30, 40, 24), (44, 56, 38)),
}
CLAMPS = {"yellow": 2, "blue": 3, "red": 5}


@dataclass(frozen=True)
class Joint:
    """A picture of two connectors, with places in percent.

    Parameters
    ----------
    picture : (h, w, 3) uint8
        BGR.
    left, right : box
        The connectors with their housings.
    clamps : int
        Of each.
    cable : box
        Holds the one cable between the connectors and nothing else of colour.
    color : str
        Of the cable.
    pitch : float
        From clamp to clamp, as a share of the height.
    slot : int
        The clamp that the cable is in, from 0 at the top.
    """

    picture: Pixels
    left: Box
    right: Box
    clamps: int
    cable: Box
    color: str
    pitch: float
    slot: int


def colored(values: Shares) -> npt.NDArray[np.bool_]:
    """A cable; the mesh is grey."""
    return np.asarray(np.hypot(values[..., 1], values[..., 2]) > 12, np.bool_)


def orange(values: Shares) -> npt.NDArray[np.bool_]:
    """A connector's levers."""
    return np.asarray((values[..., 1] > 30) & (values[..., 2] > 25), np.bool_)


def yellow_pair() -> Joint:
    """The small picture: two clamps, yellow."""
    picture = shared("loco_five_normals_small/splicing_connectors.png")
    return Joint(picture, (9, 37, 27, 63), (72, 42, 91, 71), 2, (26, 41, 73.5, 55), "yellow", 9.6, 0)


def blue_pairs() -> Iterator[Joint]:
    """The larger picture with one of its cables taken away: three clamps, blue."""
    picture = shared("loco_splicing/three_clamp_two_blue_cables.png")
    left, right = (8.0, 27.0, 25.3, 62.0), (72.0, 30.0, 91.0, 66.0)
    upper, lower = (25.0, 29.5, 73.0, 40.0), (24.8, 50.0, 72.5, 62.5)
    yield Joint(bare(picture, lower), left, right, 3, upper, "blue", 9.6, 0)
    yield Joint(bare(picture, upper), left, right, 3, lower, "blue", 9.6, 2)


def bare(picture: Pixels, box: Box) -> Pixels:
    """The mesh where a box holds a cable: mesh from further up or down laid over what has a colour."""
    x0, y0, x1, y1 = box
    step = y1 - y0 + 1
    near = [(x0, y0 + d, x1, y1 + d) for d in (-step, step)]
    free = min(near, key=lambda b: int(inside(picture, b, colored).sum()))
    covered = patch(picture, box, free)
    mask = inside(picture, box, colored, 2)
    return blend(picture, covered, softened(mask))


def without_connector(picture: Pixels, box: Box) -> Pixels:
    """The mesh where a connector was."""
    x0, y0, x1, y1 = box
    free = (x0, 2, x1, 2 + y1 - y0) if y0 > 100 - y1 else (x0, 98 - (y1 - y0), x1, 98)
    if y1 - y0 > y0 - 2 and y1 - y0 > 98 - y1:
        free = (42, 2, 42 + x1 - x0, 2 + (y1 - y0) * 0.8)
    return patch(picture, box, free)


def with_clamps(joint: Joint, picture: Pixels, side: str, clamps: int) -> tuple[Pixels, Box]:
    """A connector with other clamps: slices of the old one, each a clamp wide, one below the other.

    Returns
    -------
    picture : (h, w, 3) uint8
        With the connector exchanged, its middle where it was.
    box : box
        Where it is now.
    """
    old = joint.left if side == "left" else joint.right
    piece = crop(picture, old)
    height = piece.shape[0]
    pitch_px = round(joint.pitch / 100 * picture.shape[0])
    top = (height - joint.clamps * pitch_px) // 2
    middle = top + pitch_px * (joint.clamps // 2)
    slices = [piece[:middle]] + [piece[middle - pitch_px : middle]] * (clamps - joint.clamps) + [piece[middle:]]
    if clamps < joint.clamps:
        gone = joint.clamps - clamps
        start = top + pitch_px * ((clamps + 1) // 2)
        slices = [piece[:start], piece[start + gone * pitch_px :]]
    tall = np.concatenate(slices)
    cleared = without_connector(picture, old)
    x0, y0, x1, y1 = corners(cleared, old)
    start = int(np.clip((y0 + y1) // 2 - tall.shape[0] // 2, 0, picture.shape[0] - tall.shape[0]))
    cleared[start : start + tall.shape[0], x0:x1] = tall
    share = 100 / picture.shape[0]
    return cleared, (old[0], start * share, old[2], (start + tall.shape[0]) * share)


def recolored(joint: Joint, picture: Pixels, to: tuple[float, float, float]) -> Pixels:
    """The cable in another colour."""
    levers = inside(picture, (0, 0, 100, 100), orange, 2)
    return tinted(picture, inside(picture, joint.cable, colored, 1) * (1 - levers), to, 0.7)


def moved_cable(joint: Joint, picture: Pixels, left_steps: float, right_steps: float) -> Pixels:
    """The cable a number of clamps further down at each end, and the mesh where it was."""
    mask = inside(joint.picture, joint.cable, colored, 1)
    shift = joint.pitch / 100 * picture.shape[0]
    x0, _, x1, _ = corners(picture, joint.cable)
    x = np.arange(picture.shape[1], dtype=np.float32)
    down = np.interp(x, [x0, x1], [left_steps * shift, right_steps * shift]).astype(np.float32)
    rows = np.arange(picture.shape[0], dtype=np.float32)[:, None] - down[None, :]
    columns = np.broadcast_to(x, rows.shape).astype(np.float32)
    cable = cv2.remap(joint.picture, columns, rows, cv2.INTER_LINEAR)
    cover = cv2.remap(mask.astype(np.float32), columns, rows, cv2.INTER_LINEAR)
    cover[:, :x0] = 0
    cover[:, x1:] = 0
    return blend(bare(picture, joint.cable), np.asarray(cable, np.uint8), np.asarray(cover, np.float32))


def splicing_connectors() -> Iterator[Edited]:
    """All edited connectors."""
    made = Maker("splicing_connectors")
    made("blue, two cables", shared("loco_splicing/three_clamp_two_blue_cables.png"), "extra_cable")
    for number, joint in enumerate((yellow_pair(), *blue_pairs())):
        name = f"{joint.color} {number}"
        picture = joint.picture
        made(f"{name} as it is", picture)
        _cables(made, name, joint)
        _connectors(made, name, joint)
    return iter(made)


def _cables(made: Maker, name: str, joint: Joint) -> None:
    picture = joint.picture
    made(f"{name} no cable", bare(picture, joint.cable), "missing_cable")
    for other, shades in CABLES.items():
        for i, shade in enumerate(shades):
            labels = () if other == joint.color else ("cable_color",)
            made(f"{name} {other} shade {i}", recolored(joint, picture, shade), *labels)
    step = 1 if joint.slot == 0 else -1
    made(f"{name} other clamp, both ends", moved_cable(joint, picture, step, step))
    made(f"{name} other clamp right", moved_cable(joint, picture, 0, step), "wrong_cable_location")
    made(f"{name} other clamp left", moved_cable(joint, picture, step, 0), "wrong_cable_location")
    second = blend(picture, moved_cable(joint, picture, step, step), np.zeros(picture.shape[:2], np.float32))
    moved = moved_cable(joint, picture, step, step)
    cover = inside(moved, (joint.cable[0], 0, joint.cable[2], 100), colored, 1).astype(np.float32)
    made(f"{name} two cables", blend(second, moved, cover), "extra_cable")
    x0, y0, x1, y1 = joint.cable
    for share, wide in ((0.5, 0.1), (0.3, 0.05), (0.85, 0.3), (0.15, 0.3)):
        middle = x0 + (x1 - x0) * share
        gap = (x1 - x0) * wide / 2
        cut = bare(picture, (max(x0, middle - gap), y0, min(x1, middle + gap), y1))
        made(f"{name} cable cut at {share:g}", cut, "cable_cut")


def _connectors(made: Maker, name: str, joint: Joint) -> None:
    picture = joint.picture
    for side, box in (("left", joint.left), ("right", joint.right)):
        made(f"{name} no connector {side}", without_connector(picture, box), "missing_connector")
        for clamps in (2, 3, 5):
            if clamps != joint.clamps:
                pair = sorted((clamps, joint.clamps), reverse=True)
                label = f"wrong_connector_type_{pair[0]}_{pair[1]}"
                made(f"{name} {clamps} clamps {side}", with_clamps(joint, picture, side, clamps)[0], label)
    for color, clamps in CLAMPS.items():
        if clamps == joint.clamps:
            continue
        both = with_clamps(joint, with_clamps(joint, picture, "left", clamps)[0], "right", clamps)[0]
        # the middle stays, so that the cable keeps its place among the clamps only where it is led to one again
        shift = (clamps - joint.clamps) / 2 % 1 * (1 if joint.slot == 0 else -1)
        both = moved_cable(joint, both, shift, shift) if shift else both
        made(f"{name} {clamps} clamps, {joint.color}", both, "cable_color")
        for i, shade in enumerate(CABLES[color]):
            moved = Joint(both, joint.left, joint.right, clamps, _lower(joint, shift), color, joint.pitch, 0)
            made(f"{name} {clamps} clamps, {color} shade {i}", recolored(moved, both, shade))


def _lower(joint: Joint, steps: float) -> Box:
    """Where the cable is once it was led further down."""
    x0, y0, x1, y1 = joint.cable
    down = steps * joint.pitch
    return x0, y0 + min(down, 0), x1, y1 + max(down, 0)
