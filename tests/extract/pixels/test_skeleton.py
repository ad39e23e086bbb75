"""`skeleton_length`: cables of known length, straight and bent, cut square, with branches and with frayed borders."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from logidsl.extract.pixels.picture import Picture, picture_of
from logidsl.extract.pixels.skeleton import skeleton_length
from logidsl.ir import Program
from logidsl.pipeline import compile_spec, report, see
from logidsl.source import Source

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.uint8]
SIDE = 1300


def spec(text: str) -> Program:
    return compile_spec(Source("s.logic", text))


def straight(t: Floats) -> Floats:
    return np.stack([60 + 380 * t, 60 + 120 * t], axis=1)


def arc(t: Floats) -> Floats:
    return np.stack([300 + 150 * np.cos(4 * t), 300 + 150 * np.sin(4 * t)], axis=1)


def bend(t: Floats) -> Floats:
    return np.stack([60 + 500 * t, 300 + 120 * np.sin(2 * math.pi * t)], axis=1)


def spiral(t: Floats) -> Floats:
    way, far = 14 * t, 60 + 400 * t
    return np.stack([600 + far * np.cos(way), 600 + far * np.sin(way)], axis=1)


WAYS = [straight, arc, bend, spiral]


def cable(way: Callable[[Floats], Floats], width_px: float) -> tuple[Floats, float]:
    """The outline of a cable along a way, its ends cut square, and its length."""
    middle = way(np.linspace(0, 1, 3000))
    along = np.gradient(middle, axis=0)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.hypot(*along.T)[:, None] * width_px / 2
    return np.concatenate([middle + across, (middle - across)[::-1]]), float(np.hypot(*np.diff(middle, axis=0).T).sum())


def drawn(outline: Floats) -> Mask:
    mask = np.zeros((SIDE, SIDE), np.uint8)
    cv2.fillPoly(mask, [np.rint((outline - 0.5) * 16).astype(np.int32)], 1, shift=4)
    return mask


BOTH = """
blobs dark where lightness <= 50 %
object cable = dark where area >= 100 px2
rule both: max(skeleton_length of cable) > 0 px and max(path_length of cable) > 0 px
"""


def shown(mask: Mask) -> Picture:
    return picture_of(np.repeat(np.where(mask > 0, 20, 230).astype(np.uint8)[..., None], 3, axis=2))


def seen(mask: Mask) -> tuple[float, float]:
    """Both lengths of the one object of a mask: along its skeleton, and of the strip of its perimeter and area."""
    columns = see(spec(BOTH), [shown(mask)]).columns
    largest = int(np.argmax(np.asarray(columns["area"])))
    return float(np.asarray(columns["skeleton_length"])[largest]), float(np.asarray(columns["path_length"])[largest])


@pytest.mark.parametrize("width_px", [4, 10, 24, 40])
@pytest.mark.parametrize("way", WAYS)
def test_a_cable_is_as_long_as_its_middle_line(way: Callable[[Floats], Floats], width_px: int) -> None:
    outline, length = cable(way, width_px)
    assert skeleton_length([outline]) == pytest.approx(length, rel=0.012)
    found, strip = seen(drawn(outline))
    assert found == pytest.approx(length, rel=0.015)
    assert strip == pytest.approx(length, rel=0.015)


@pytest.mark.parametrize("way", WAYS)
def test_a_branch_does_not_count(way: Callable[[Floats], Floats]) -> None:
    outline, length = cable(way, 10)
    mask = drawn(outline)
    place, after = way(np.array([0.5, 0.501]))
    across = (after - place)[::-1] * (1, -1) / math.dist(place, after) * 40
    cv2.line(mask, np.rint(place).astype(int).tolist(), np.rint(place + across).astype(int).tolist(), 1, 8)
    found, strip = seen(mask)
    assert found == pytest.approx(length, rel=0.015)
    assert strip > length + 20


@pytest.mark.parametrize("way", WAYS)
def test_a_frayed_border_makes_no_cable_longer(way: Callable[[Floats], Floats]) -> None:
    outline, length = cable(way, 14)
    soft = cv2.GaussianBlur(drawn(outline).astype(np.float32), (0, 0), 3)
    plain = np.asarray(np.random.default_rng(0).normal(0, 1, soft.shape), np.float32)
    noise = cv2.GaussianBlur(plain, (0, 0), 1.5)
    found, strip = seen(np.asarray(soft + noise * (soft > 0.02) > 0.5, np.uint8))
    assert found == pytest.approx(length, rel=0.04)
    assert strip > 1.1 * length


def test_what_is_no_strip_has_its_length() -> None:
    disc = np.stack([(np.cos(t), np.sin(t)) for t in np.linspace(0, 2 * math.pi, 100, endpoint=False)]) * 50
    assert skeleton_length([disc]) == pytest.approx(100, rel=0.01)
    assert skeleton_length([np.array([(0, 0), (30, 0), (30, 7), (0, 7)], float)]) == 30
    assert skeleton_length([np.array([(0, 0), (9, 0), (5, 1e-3)], float)]) == pytest.approx(9, rel=0.01)
    assert math.isnan(skeleton_length([]))
    assert math.isnan(skeleton_length([np.array([(0, 0), (9, 0)], float)]))
    assert math.isnan(skeleton_length([np.array([(0, 0), (9, 0), (np.nan, 3)], float)]))
    assert np.isfinite(skeleton_length([np.array([(0, 0), (9, 0), (4, 0)], float)]))


def test_thin_and_large_outlines_are_measured_in_no_time() -> None:
    outline, length = cable(spiral, 0.6)
    assert skeleton_length([outline * 100]) == pytest.approx(100 * length, rel=0.03)
    assert skeleton_length([outline]) == pytest.approx(length, rel=0.03)


# ---- in a spec ----

SPEC = """
blobs dark where lightness <= 50 %
object cable = dark where area >= 100 px2: 1
rule long: cable.skeleton_length in 590 .. 610 px
"""


def test_it_is_measured_where_a_rule_reads_it_and_nowhere_else() -> None:
    outline, length = cable(arc, 12)
    picture = shown(drawn(outline))
    table = see(spec(SPEC), [picture])
    assert float(np.asarray(table.columns["skeleton_length"])[0]) == pytest.approx(length, rel=0.01)
    assert report(spec(SPEC), table).images[0].verdict == "pass"
    assert "skeleton_length" not in see(spec(SPEC.replace("skeleton_length", "path_length")), [picture]).columns


def test_it_is_measured_of_the_outlines_of_annotations(tmp_path: Path) -> None:
    outline, _ = cable(arc, 12)
    shape = {"label": "cable", "points": outline[::20].tolist(), "shape_type": "polygon"}
    file = {"shapes": [shape], "imagePath": "a.png", "imageHeight": SIDE, "imageWidth": SIDE}
    (tmp_path / "a.json").write_text(json.dumps(file))
    program = spec("object cable: 1\nrule long: cable.skeleton_length in 590 .. 610 px")
    table = see(program, [tmp_path / "a.json"])
    assert table.problems == ()
    assert report(program, table).images[0].verdict == "pass"


def test_a_box_in_a_scene_has_its_long_side() -> None:
    from logidsl.scenes import run_tests

    program = spec(
        """
        object cable
        rule long: every cable: skeleton_length = 80 px within 1 px
        test "a box" on 200 px by 100 px
            put cable box(10 px, 10 px, 90 px, 20 px) expect pass
        test "a value of its own" on 200 px by 100 px
            put cable box(10 px, 10 px, 90 px, 20 px) with skeleton_length = 95 px expect fail
        """
    )
    assert [outcome.failures for outcome in run_tests(program, Path())] == [(), ()]
