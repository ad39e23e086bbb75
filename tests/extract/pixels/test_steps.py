"""The steps of `blobs`, against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from logidsl.diagnostics import InputError
from logidsl.extract.pixels.fixed import number_of
from logidsl.extract.pixels.opencv import cv2
from logidsl.extract.pixels.steps import closed, filled, opened, run_steps, split
from logidsl.types import LENGTH
from tests.extract.build import Spec
from tests.extract.pixels.test_measure import disc, rectangle


def footprint(diameter_px: float) -> np.ndarray:
    reach = int(diameter_px / 2)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    return np.asarray(x * x + y * y <= (diameter_px / 2) ** 2 + 1e-6)


MASKS = arrays(np.uint8, st.tuples(st.integers(1, 30), st.integers(1, 30)), elements=st.integers(0, 1))


@given(MASKS, st.sampled_from([0.0, 1.0, 2.0, 3.0, 5.0, 9.0, 10.5, 13.0]))
def test_open_and_close_are_those_of_the_disc(mask: np.ndarray, diameter_px: float) -> None:
    shape = footprint(diameter_px)
    wide = np.pad(mask.astype(bool), 20, mode="constant")
    worn = ndimage.binary_erosion(mask, shape, border_value=1)
    assert (opened(mask, diameter_px).astype(bool) == ndimage.binary_dilation(worn, shape)).all()
    inner = ndimage.binary_closing(wide, shape)[20:-20, 20:-20]
    assert (closed(mask, diameter_px).astype(bool) == inner).all()


@given(MASKS)
def test_fill_is_that_of_another_library(mask: np.ndarray) -> None:
    assert (filled(mask).astype(bool) == ndimage.binary_fill_holes(mask)).all()


def test_a_part_in_the_hole_of_another_stays_when_holes_are_filled() -> None:
    mask = np.zeros((40, 40), np.uint8)
    mask[2:38, 2:38] = 1
    mask[5:35, 5:35] = 0
    mask[12:28, 12:28] = 1
    mask[18:20, 18:20] = 0  # a hole of its own
    whole = mask.copy()
    whole[18:20, 18:20] = 1
    assert (filled(mask, 4) == whole).all()
    assert filled(mask)[2:38, 2:38].all()
    spec = Spec()
    made, _ = run_steps(spec.blobs("b", 0, "fill").program, spec.program.blobs[0].steps, mask)
    assert made[2:38, 2:38].all()


@given(MASKS)
def test_split_keeps_every_pixel_and_parts_no_less(mask: np.ndarray) -> None:
    labels = split(mask)
    assert ((labels > 0) == (mask > 0)).all()
    assert labels.max() >= ndimage.label(mask, np.ones((3, 3)))[1]
    for i in range(1, labels.max() + 1):
        assert ndimage.label(labels == i, np.ones((3, 3)))[1] == 1, "a part is connected"


def test_parts_do_not_depend_on_threads() -> None:
    mask = (np.random.default_rng(3).random((300, 400)) > 0.003).astype(np.uint8)
    threads = cv2.getNumThreads()
    try:
        cv2.setNumThreads(1)
        alone = split(mask)
        cv2.setNumThreads(4)
        assert (split(mask) == alone).all()
    finally:
        cv2.setNumThreads(threads)


@pytest.mark.parametrize(
    ("radius", "apart"), [(8, 1.6), (8, 1.9), (15, 1.3), (15, 1.6), (15, 2.0), (30, 1.2), (30, 1.6), (30, 2.0)]
)
@pytest.mark.parametrize("turn_deg", [0, 17, 45, 80])
def test_touching_discs_are_parted(radius: float, apart: float, turn_deg: float) -> None:
    turn, far = np.radians(turn_deg), radius * apart
    mask = disc(radius, 70, 70, 160) | disc(radius, 70 + far * np.cos(turn), 70 + far * np.sin(turn), 160)
    labels = split(mask.astype(np.uint8))
    assert labels.max() == 2
    areas = np.bincount(labels.ravel())[1:]
    assert areas.min() / areas.max() > 0.85


def test_a_heap_of_discs() -> None:
    centres = [(40, 40), (70, 40), (100, 42), (55, 66), (85, 66), (70, 92)]
    mask = np.zeros((140, 140), bool)
    for x, y in centres:
        mask |= disc(16, x, y, 140)
    labels = split(mask.astype(np.uint8))
    assert labels.max() == len(centres)
    assert sorted(labels[y, x] for x, y in centres) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("angle", range(0, 90, 10))
def test_convex_shapes_stay_whole(angle: int) -> None:
    v, u = np.mgrid[:200, :200] - 100.0
    turn = np.radians(angle)
    ellipse = ((u * np.cos(turn) + v * np.sin(turn)) / 60) ** 2 + ((v * np.cos(turn) - u * np.sin(turn)) / 17) ** 2 <= 1
    for mask in (ellipse, rectangle(120, 30, angle), rectangle(130, 4, angle), rectangle(100, 2, angle)):
        assert split(mask.astype(np.uint8)).max() == 1


def test_discs_with_frayed_borders_stay_whole() -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        mask = disc(14, 20, 20, 40)
        border = mask & ~ndimage.binary_erosion(mask)
        mask &= ~(border & (rng.random(mask.shape) < 0.4))
        assert split(mask.astype(np.uint8)).max() == 1


def test_split_with_a_length_cuts_off_nothing_less_wide() -> None:
    mask = disc(30, 60, 60, 140) | disc(7, 96, 60, 140)
    assert split(mask.astype(np.uint8)).max() == 2
    assert split(mask.astype(np.uint8), 20).max() == 1
    assert split(mask.astype(np.uint8), 10).max() == 2


def test_a_step_after_split_sees_the_parts_apart() -> None:
    mask = (disc(15, 30, 30, 100) | disc(15, 57, 30, 100)).astype(np.uint8)
    spec = Spec()
    spec.blobs("b", spec.at_least("lightness", 0), "split", "fill")
    cleaned, labels = run_steps(spec.program, spec.program.blobs[0].steps, mask)
    assert labels is None
    assert ndimage.label(cleaned, np.ones((3, 3)))[1] == 2


def test_lengths_follow_the_picture() -> None:
    spec = Spec()
    share = spec.call("share_x", spec.number(0.1), type=LENGTH)
    tall = spec.call("share_y", spec.number(0.1), type=LENGTH)
    short = spec.percent(10)
    sum_ = spec.call("-", spec.call("*", spec.call("+", spec.px(3), short), spec.number(2)), spec.param("p", 1, LENGTH))
    program = spec.program
    assert number_of(program, share, (200, 500)) == 50
    assert number_of(program, tall, (200, 500)) == 20
    assert number_of(program, short, (200, 500)) == 20
    assert number_of(program, sum_, (200, 500)) == 45


def test_unknown_steps() -> None:
    spec = Spec()
    spec.blobs("b", spec.at_least("lightness", 0), "shake")
    with pytest.raises(InputError, match="`shake` is not a step"):
        run_steps(spec.program, spec.program.blobs[0].steps, np.ones((2, 2), np.uint8))
