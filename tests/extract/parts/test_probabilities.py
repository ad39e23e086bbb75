"""Probabilities over a picture: a colour that stands out from it, and a line that shows on any ground."""

from __future__ import annotations

import numpy as np
import pytest

from logidsl.extract.parts.probabilities import ink_over, painted
from logidsl.extract.pixels.opencv import cv2
from logidsl.library.color import ciede2000

AMBER, DARK, LIGHT, BLUE, GREY = (28, 176, 246), (20, 20, 24), (235, 235, 235), (190, 110, 20), (128, 128, 128)


def scene(part: tuple[int, int, int], ground: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """A picture with a part, and shares that are high on it."""
    bgr = np.full((120, 200, 3), ground, np.uint8)
    shares = np.full((120, 200), 0.02, np.float32)
    bgr[40:80, 60:140], shares[40:80, 60:140] = part, 0.9
    return bgr, shares


def lab(bgr: np.ndarray) -> np.ndarray:
    lab = cv2.cvtColor(np.asarray(bgr, np.float32).reshape(1, 1, 3) / 255, cv2.COLOR_BGR2Lab)
    return np.asarray(lab[0, 0], np.float64)


def as_deuteranope(bgr: np.ndarray) -> np.ndarray:
    """What someone without green cones sees: the matrix of Machado et al. (IEEE TVCG 15(6), 2009), severity 1."""
    rgb = np.asarray(bgr, np.float64)[::-1] / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    matrix = np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    )
    seen = np.clip(matrix @ linear, 0, 1)
    srgb = np.where(seen <= 0.0031308, seen * 12.92, 1.055 * seen ** (1 / 2.4) - 0.055)
    return np.asarray(srgb * 255)[::-1]


@pytest.mark.parametrize(
    ("part", "ground"), [(AMBER, DARK), (AMBER, LIGHT), (DARK, LIGHT), (BLUE, GREY), (LIGHT, DARK), (AMBER, AMBER)]
)
def test_the_colour_stands_out_from_the_part_and_its_ground_for_everyone(part, ground):
    bgr, shares = scene(part, ground)
    ink = ink_over(bgr, shares)
    for eyes in (np.asarray, as_deuteranope):
        for beside in (part, ground):
            assert ciede2000(lab(eyes(ink)), lab(eyes(beside))) > 20
    laid = 0.9 * 0.75 * ink + (1 - 0.9 * 0.75) * np.array(part)
    assert ciede2000(lab(laid), lab(part)) > 15


def test_what_is_likely_has_a_line_round_it():
    bgr, shares = scene(AMBER, DARK)
    layer = painted(shares, bgr)
    assert layer.shape == (120, 200, 4)
    assert layer[40, 60:140].tolist() == [[255, 255, 255, 255]] * 80
    assert layer[38:40, 100].max(axis=1).tolist() == [layer[38, 100].max(), 255]
    assert layer[39, 100, :3].tolist() == [0, 0, 0]
    assert layer[60, 100, 3] == int(np.float32(0.9) * 255 * 0.75)
    assert layer[10, 10, 3] <= 4


def test_of_an_unlikely_class_there_is_no_line():
    bgr, shares = scene(AMBER, DARK)
    assert painted((shares * 0.2).astype(np.float32), bgr)[..., 3].max() < 40
