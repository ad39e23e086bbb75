"""The rendered trays hold what they say: found again by colour alone, with nothing of the project."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from examples.render import COLUMNS, ROWS, TRAY, VARIANTS, render_tray, write_variants


def heads(bgr, hue):
    """How many blobs of a hue (OpenCV's, 0 to 179) each compartment holds, by their centroid."""
    hsv = cv2.cvtColor(bgr, cv2.COLOR_BGR2HSV).astype(int)
    away = np.minimum(np.abs(hsv[..., 0] - hue), 180 - np.abs(hsv[..., 0] - hue))
    mask = ((away < 9) & (hsv[..., 1] > 130) & (hsv[..., 2] > 90)).astype(np.uint8)
    _, _, stats, centres = cv2.connectedComponentsWithStats(mask)
    height, width = mask.shape
    counts = np.zeros((ROWS, COLUMNS), int)
    for (x, y), area in zip(centres[1:], stats[1:, cv2.CC_STAT_AREA], strict=True):
        if area < 0.0005 * mask.size:
            continue
        row = (y / height - TRAY[1]) / (TRAY[3] - TRAY[1]) * ROWS
        counts[int(row), int((x / width - TRAY[0]) / (TRAY[2] - TRAY[0]) * COLUMNS)] += 1
    return counts


@pytest.mark.parametrize("width", [425, 850, 1700])
@pytest.mark.parametrize("name", VARIANTS)
def test_each_compartment_holds_its_pins(name, width):
    variant = VARIANTS[name]
    bgr = render_tray(variant.cells, seed=3, width=width, height=width * 10 // 17, wrong_color=variant.wrong_color)
    red = np.zeros((ROWS, COLUMNS), int)
    if variant.wrong_color:
        red[variant.wrong_color[0] - 1, variant.wrong_color[1] - 1] = 1
    assert heads(bgr, 21).tolist() == (np.array(variant.cells) - red).tolist()
    assert heads(bgr, 0).tolist() == red.tolist()


@pytest.mark.parametrize("seed", range(12))
def test_three_pins_share_a_compartment(seed):
    cells = [[0, 1, 2, 3, 0], [3, 2, 1, 0, 3], [2, 3, 1, 1, 2]]
    assert heads(render_tray(cells, seed=seed), 21).tolist() == cells


def test_seeds_make_pictures():
    one, again, other = (render_tray([[1] * 5] * 3, seed=s, width=170, height=100) for s in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"expected 3 rows of 5 counts, found \[5, 4\]"):
        render_tray([[1] * 5, [1] * 4])


def test_files_are_written(tmp_path: Path):
    paths = write_variants(tmp_path / "a b", width=170, names=["good", "moved"])
    assert [p.name for p in paths] == ["tray_good.png", "tray_moved.png"]
    read = cv2.imread(str(paths[0]))
    assert read is not None
    assert read.shape == (100, 170, 3)
