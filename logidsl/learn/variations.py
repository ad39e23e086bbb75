"""Data augmentation: annotated pictures with other light, focus, size and direction, and with objects pasted in.

Each kind can be turned off; all randomness comes from the given generator. May import `extract`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from logidsl.arrays import Pixels
from logidsl.extract.parts.features import STRIDE
from logidsl.extract.pixels.opencv import cv2
from logidsl.learn.examples import IGNORED, Example, Instances

Generator: TypeAlias = np.random.Generator


@dataclass(frozen=True)
class Kinds:
    """Which variations are made."""

    light: bool = True
    white_balance: bool = True
    blur: bool = True
    scale: bool = True
    flip: bool = True
    turn: bool = True
    paste: bool = True
    ground: bool = True


def varied(
    shown: Example, kinds: Kinds, rng: Generator, sources: tuple[Example, ...] = (), any_color: tuple[int, ...] = ()
) -> Example:
    """A variation of a picture.

    Parameters
    ----------
    shown : Example
        Not changed.
    kinds : Kinds
        What may be varied.
    rng : Generator
        Where numbers come from.
    sources : tuple of Example
        Pictures whose objects may be pasted in.
    any_color : tuple of int
        Classes whose objects get other colours, every other time.
    """
    shown = _recolored(shown, any_color, rng) if any_color else shown
    if kinds.ground and rng.random() < 0.35:
        shown = _on_other_ground(shown, rng)
    if kinds.paste and sources and rng.random() < 0.4:
        shown = pasted(shown, sources, rng)
    bgr, instances = _placed(shown.bgr, shown.instances, kinds, rng)
    return Example(shown.path, _lit(bgr, kinds, rng), instances, shown.kinds)


def _recolored(shown: Example, any_color: tuple[int, ...], rng: Generator) -> Example:
    """A picture in which objects of some classes have other colours: hue rotated, chroma and lightness changed."""
    lab = cv2.cvtColor(shown.bgr.astype(np.float32) / np.float32(255), cv2.COLOR_BGR2LAB)
    for label, kind in enumerate(shown.kinds.tolist()):
        if kind in any_color and rng.random() < 0.5:
            inside = shown.instances == label
            angle, chroma = rng.uniform(0, 2 * np.pi), rng.uniform(0, 1.6)
            turn = chroma * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
            lightness = lab[inside, 0] * rng.uniform(0.6, 1.4) + rng.uniform(-10, 30)
            lab[inside, 0] = np.clip(lightness, 0, 100)
            lab[inside, 1:] = lab[inside, 1:] @ turn.astype(np.float32)
    bgr = np.clip(cv2.cvtColor(lab, cv2.COLOR_LAB2BGR) * 255, 0, 255)
    return Example(shown.path, np.round(bgr).astype(np.uint8), shown.instances, shown.kinds)


def _on_other_ground(shown: Example, rng: Generator) -> Example:
    """A picture with another lightness and colour of its background; objects keep their own, with soft borders."""
    lab = cv2.cvtColor(shown.bgr.astype(np.float32) / np.float32(255), cv2.COLOR_BGR2LAB)
    other = lab.copy()
    other[..., 0] = np.clip(lab[..., 0] * rng.uniform(0.5, 1.3) + rng.uniform(-15, 25), 0, 100)
    other[..., 1:] = lab[..., 1:] * rng.uniform(0.2, 1.5) + rng.uniform(-20, 20, 2)
    objects = cv2.GaussianBlur((shown.instances != 0).astype(np.float32), (0, 0), 1.0)[..., None]
    bgr = np.clip(cv2.cvtColor(objects * lab + (1 - objects) * other, cv2.COLOR_LAB2BGR) * 255, 0, 255)
    return Example(shown.path, np.round(bgr).astype(np.uint8), shown.instances, shown.kinds)


def _placed(bgr: Pixels, instances: Instances, kinds: Kinds, rng: Generator) -> tuple[Pixels, Instances]:
    """Flipped, rotated and scaled; the outside is filled by reflection and not learned from."""
    if kinds.flip:
        for axis in (0, 1):
            if rng.random() < 0.5:
                bgr, instances = np.flip(bgr, axis), np.flip(instances, axis)
    quarter = kinds.turn and rng.random() < 0.5
    if quarter:
        bgr, instances = bgr.transpose(1, 0, 2), instances.T
    zoom = float(np.exp(rng.uniform(-0.22, 0.22))) if kinds.scale else 1.0
    angle_deg = float(rng.uniform(-180, 180)) if kinds.turn and rng.random() < 0.5 else 0.0
    if zoom == 1.0 and angle_deg == 0.0:
        return np.ascontiguousarray(bgr), np.ascontiguousarray(instances)
    height, width = bgr.shape[:2]
    size = tuple(max(1, round(s * zoom / STRIDE)) * STRIDE for s in (width, height))
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle_deg, zoom)
    turn[:, 2] += [(size[0] - width) / 2, (size[1] - height) / 2]
    made = cv2.warpAffine(
        np.ascontiguousarray(bgr), turn, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
    )
    labels = cv2.warpAffine(
        np.ascontiguousarray(instances).astype(np.float32),
        turn,
        size,
        flags=cv2.INTER_NEAREST,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=IGNORED,
    )
    return np.asarray(made, np.uint8), labels.astype(np.int32)


def _lit(bgr: Pixels, kinds: Kinds, rng: Generator) -> Pixels:
    """Other light, white balance, focus or resolution, and noise."""
    values = bgr.astype(np.float32) / np.float32(255)
    if kinds.light:
        values = values ** np.float32(rng.uniform(0.75, 1.3)) * np.float32(rng.uniform(0.75, 1.25))
        values += rng.normal(0, rng.uniform(0, 0.02), values.shape).astype(np.float32)
    if kinds.white_balance:
        values *= rng.uniform(0.9, 1.1, 3).astype(np.float32)
    if kinds.blur:
        chance = rng.random()
        if chance < 0.25:
            values = cv2.GaussianBlur(values, (0, 0), rng.uniform(0.5, 1.6))
        elif chance < 0.5:
            height, width = values.shape[:2]
            coarser = rng.uniform(1.2, 2.5)
            small = cv2.resize(
                values, (max(2, int(width / coarser)), max(2, int(height / coarser))), interpolation=cv2.INTER_AREA
            )
            values = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(values * 255, 0, 255), np.uint8)


def pasted(shown: Example, sources: tuple[Example, ...], rng: Generator) -> Example:
    """A picture with one to three objects of other pictures pasted in, rotated and lit at random.

    Every other one is blended by Poisson editing (Perez, Gangnet and Blake, 2003), which adapts it to its new light;
    the others keep their own and get a soft border.
    """
    bgr, instances, kinds = shown.bgr.copy(), shown.instances.copy(), shown.kinds.tolist()
    height, width = instances.shape
    for _ in range(int(rng.integers(1, 4))):
        source = sources[int(rng.integers(len(sources)))]
        if len(source.kinds) < 2:
            continue
        label = int(rng.integers(1, len(source.kinds)))
        found = _turned(source, label, rng)
        if found is None:
            continue
        patch, mask = found
        high, wide = mask.shape
        if high + 4 >= height or wide + 4 >= width:
            continue
        y, x = int(rng.integers(2, height - high - 1)), int(rng.integers(2, width - wide - 1))
        under = instances[y : y + high, x : x + wide][mask > 0]
        if ((under > 0).mean() if len(under) else 1.0) > 0.05 or (under == IGNORED).any():
            continue
        place = (slice(y, y + high), slice(x, x + wide))
        if rng.random() < 0.5:
            middle = (x + wide // 2, y + high // 2)
            solid = cv2.dilate(mask, np.ones((3, 3), np.uint8)) * np.uint8(255)
            bgr = np.asarray(cv2.seamlessClone(patch, bgr, solid, middle, cv2.NORMAL_CLONE), np.uint8)
        else:
            soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1.0)[..., None]
            bgr[place] = np.round(soft * patch + (1 - soft) * bgr[place]).astype(np.uint8)
        instances[place][mask > 0] = len(kinds)
        kinds.append(int(source.kinds[label]))
    return Example(shown.path, bgr, instances, np.array(kinds, np.int64))


def _turned(source: Example, label: int, rng: Generator) -> tuple[Pixels, Pixels] | None:
    """An object cut out and rotated: its pixels with some background, and its mask; None if it is too small."""
    ys, xs = np.nonzero(source.instances == label)
    if len(ys) < 16:
        return None
    reach = int(np.ceil(np.hypot(np.ptp(ys), np.ptp(xs)) / 2)) + 3
    side = 2 * reach + 1
    turn = cv2.getRotationMatrix2D((float(xs.mean()), float(ys.mean())), float(rng.uniform(-180, 180)), 1.0)
    turn[:, 2] += [reach - xs.mean(), reach - ys.mean()]
    patch = cv2.warpAffine(source.bgr, turn, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    mask = cv2.warpAffine((source.instances == label).astype(np.uint8), turn, (side, side), flags=cv2.INTER_NEAREST)
    ys, xs = np.nonzero(mask)
    if len(ys) < 16:
        return None
    box = slice(max(0, int(ys.min()) - 2), int(ys.max()) + 3), slice(max(0, int(xs.min()) - 2), int(xs.max()) + 3)
    return np.ascontiguousarray(patch[box]), np.ascontiguousarray(mask[box])
