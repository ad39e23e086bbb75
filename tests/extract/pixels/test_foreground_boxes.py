"""Boxes round what is in a mask."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from logidsl.extract.pixels.foreground_boxes import foreground_boxes
from logidsl.extract.pixels.opencv import cv2

Mask = npt.NDArray[np.uint8]
MASKS = arrays.arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40)), elements=st.integers(0, 19)).map(
    lambda drawn: (drawn == 19).astype(np.uint8)
)


@settings(max_examples=300, deadline=None)
@given(MASKS, st.integers(0, 3))
def test_boxes_hold_the_mask_and_cut_nothing(mask: Mask, margin: int) -> None:
    boxes = foreground_boxes(mask, margin)
    times = np.zeros(mask.shape, np.int64)
    for box in boxes:
        times[box] += 1
    assert times.max(initial=0) <= 1
    assert (times >= mask).all()
    count, labels = cv2.connectedComponents(mask, connectivity=8)
    inside = [set(np.unique(labels[box])) - {0} for box in boxes]
    assert sum(len(found) for found in inside) == count - 1


@settings(max_examples=300, deadline=None)
@given(MASKS, st.integers(0, 3))
def test_round_a_box_is_an_empty_margin(mask: Mask, margin: int) -> None:
    wide = np.pad(mask, margin)
    for rows, columns in foreground_boxes(mask, margin):
        inner = mask[rows, columns]
        # the pixels of the mask in a box, grown by the margin, lie in it or beyond the picture
        around = wide[rows.start : rows.stop + 2 * margin, columns.start : columns.stop + 2 * margin]
        assert around.sum() == inner.sum()


def test_what_lies_apart_gets_boxes_of_its_own() -> None:
    mask = np.zeros((1000, 1700), np.uint8)
    for top in (100, 500, 800):
        for left in (50, 700, 1500):
            mask[top : top + 40, left : left + 90] = 1
    boxes = foreground_boxes(mask, 2)
    assert [(r.start, r.stop, c.start, c.stop) for r, c in boxes] == [
        (top - 2, top + 42, left - 2, left + 92) for top in (100, 500, 800) for left in (50, 700, 1500)
    ]


@pytest.mark.parametrize("share", [0.001, 0.5])
def test_specks_everywhere_are_one_box(share: float) -> None:
    mask = (np.random.default_rng(0).random((400, 600)) < share).astype(np.uint8)
    assert len(foreground_boxes(mask, 0)) == 1


def test_an_empty_mask_has_none() -> None:
    assert foreground_boxes(np.zeros((5, 7), np.uint8), 1) == []
