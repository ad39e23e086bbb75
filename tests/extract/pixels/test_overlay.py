"""Overlays: colours where they should be, on any size of picture."""

from __future__ import annotations

import numpy as np
import pytest

from logidsl.extract.pixels.overlay import COLORS, OverlayBox, Role, draw_overlay
from logidsl.extract.pixels.picture import picture_of


def blank(width: int, height: int) -> np.ndarray:
    return np.full((height, width, 3), 128, np.uint8)


def near(drawn: np.ndarray, x: float, y: float, color: tuple[int, int, int], reach: int) -> bool:
    """Whether a colour is at a place, give or take some px."""
    part = drawn[max(0, int(y) - reach) : int(y) + reach + 1, max(0, int(x) - reach) : int(x) + reach + 1].astype(int)
    return bool((np.abs(part - color).max(-1) < 40).any())


@pytest.mark.parametrize(("width", "height"), [(184, 144), (74, 144), (1700, 1000), (3, 2), (1, 1)])
@pytest.mark.parametrize("role", ["witness", "context", "ok", "cell", "absent"])
def test_a_box_is_drawn_on_any_size(width: int, height: int, role: Role) -> None:
    picture = picture_of(blank(width, height))
    box = (width * 0.25, height * 0.25, width * 0.75, height * 0.75)
    drawn = draw_overlay(picture, [OverlayBox(box, role)])
    scale = drawn.shape[1] / width
    assert scale == int(scale)
    assert max(drawn.shape[:2]) >= 640
    for x in np.linspace(box[0], box[2], 3):
        assert near(drawn, x * scale - 0.5, box[1] * scale - 0.5, COLORS[role], max(4, drawn.shape[1] // 40))
    assert (picture.bgr == 128).all(), "the picture itself is not changed"


def test_the_outline_is_drawn_in_place_of_the_box() -> None:
    outline = np.array([(100, 100), (500, 100), (300, 500)], float)
    drawn = draw_overlay(picture_of(blank(640, 640)), [OverlayBox((100, 100, 500, 500), "ok", outline=outline)])
    assert near(drawn, 400, 300, COLORS["ok"], 2)
    assert not near(drawn, 500, 450, COLORS["ok"], 20)


def test_witnesses_lie_on_top_and_what_has_no_place_is_left_out() -> None:
    box = (100.0, 100.0, 300.0, 300.0)
    nowhere = OverlayBox((np.nan, 0, 1, 1), "witness", "x")
    drawn = draw_overlay(picture_of(blank(640, 480)), [OverlayBox(box, "witness"), OverlayBox(box, "ok"), nowhere])
    assert near(drawn, 200, 100, COLORS["witness"], 1)
    assert not near(drawn, 200, 100, COLORS["ok"], 1)


def test_labels_and_header() -> None:
    boxes = [OverlayBox((0, 0, 60, 40), "witness", "12"), OverlayBox((0, 0, 62, 41), "ok", "nut ü")]
    plain = draw_overlay(picture_of(blank(640, 480)), [OverlayBox(b.box, b.role) for b in boxes])
    labelled = draw_overlay(picture_of(blank(640, 480)), boxes)
    assert labelled.shape == plain.shape == (480, 640, 3)
    assert (labelled != plain).any()
    for text in ("FAIL one_pin_per_cell", "FAIL " + "a very long label, " * 40, "größer"):
        headed = draw_overlay(picture_of(blank(640, 480)), boxes, text)
        assert headed.shape[0] > 480
        assert headed.shape[1] == 640
        assert (headed[: headed.shape[0] - 480] > 200).any(), "there is something to read"
        assert np.array_equal(headed[headed.shape[0] - 480 :], labelled)


def test_far_outside_the_picture() -> None:
    draw_overlay(picture_of(blank(100, 100)), [OverlayBox((-1e12, -5, 1e12, 50), role, "1") for role in COLORS])
