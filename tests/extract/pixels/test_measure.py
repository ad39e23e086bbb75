"""Outlines and what is measured of them, on shapes whose measures are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage.measure import label

from logidsl.extract.pixels.foreground_boxes import pieces_of
from logidsl.extract.pixels.region_measures import measure_regions, pixel_count
from logidsl.extract.pixels.rings import region_rings
from logidsl.extract.sources.blobs import regions
from logidsl.library.measure import NUMBERS, POINTS, convex_hull, farthest, measure_outline, measure_outlines, ring_area


def black(mask: np.ndarray) -> np.ndarray:
    return np.zeros((*mask.shape, 3), np.uint8)


def measured(mask: np.ndarray) -> dict:
    found = regions(black(mask), pieces_of(mask.astype(np.uint8), 0))
    assert len(found.areas) == 1
    columns = measure_regions(found.rings, found.areas)
    of_one = {n: columns[n][0] for n in NUMBERS} | {n: tuple(columns[n][0].tolist()) for n in POINTS}
    return {**of_one, "area": found.areas[0], "box": found.boxes[0].tolist()}


def outline_of(rings: list[np.ndarray]) -> dict:
    return dict(measure_outline(rings))


def disc(radius: float, x: float, y: float, size: int) -> np.ndarray:
    v, u = np.mgrid[:size, :size] + 0.5
    return np.asarray((u - x) ** 2 + (v - y) ** 2 <= radius**2)


def rectangle(length: float, thickness: float, angle_deg: float, size: int = 200) -> np.ndarray:
    v, u = np.mgrid[:size, :size] + 0.5 - size / 2
    turn = math.radians(angle_deg)
    along, across = u * math.cos(turn) + v * math.sin(turn), v * math.cos(turn) - u * math.sin(turn)
    return np.asarray((np.abs(along) <= length / 2) & (np.abs(across) <= thickness / 2))


@given(arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 1)))
def test_outlines_hold_exactly_their_pixels(mask: np.ndarray) -> None:
    rings = region_rings(mask)
    labels = label(mask, connectivity=2)
    assert len(rings) == labels.max()
    shapes = [shapely.Polygon(r[0], r[1:]) for r in rings]
    assert all(s.is_valid for s in shapes)
    v, u = np.mgrid[: mask.shape[0], : mask.shape[1]] + 0.5
    inside = np.zeros(mask.shape, bool)
    for shape in shapes:
        inside |= shapely.contains_xy(shape, u, v)
    assert (inside == mask.astype(bool)).all()


@given(arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 1)))
def test_regions_are_those_of_another_library(mask: np.ndarray) -> None:
    found = regions(black(mask), pieces_of(mask, 0))
    labels = label(mask, connectivity=2)
    expected = []
    for i in range(1, labels.max() + 1):
        ys, xs = np.nonzero(labels == i)
        expected.append((float(xs.min()), float(ys.min()), xs.max() + 1.0, ys.max() + 1.0, float(len(xs))))
    assert sorted((*b, a) for b, a in zip(found.boxes.tolist(), found.areas.tolist(), strict=True)) == sorted(expected)


def test_one_pixel() -> None:
    mask = np.zeros((9, 9), bool)
    mask[4, 3] = True
    m = measured(mask)
    assert m["box"] == [3, 4, 4, 5]
    assert (m["area"], m["length"], m["thickness"], m["aspect"], m["holes"]) == (1, 1, 1, 1, 0)


@pytest.mark.parametrize(("width", "height"), [(1, 2), (2, 1), (2, 2), (3, 1), (40, 10), (10, 40), (7, 300)])
def test_upright_rectangles_are_exact(width: int, height: int) -> None:
    mask = np.zeros((310, 60), bool)
    mask[5 : 5 + height, 3 : 3 + width] = True
    m = measured(mask)
    assert m["box"] == [3, 5, 3 + width, 5 + height]
    assert m["area"] == width * height
    assert (m["length"], m["thickness"]) == (max(width, height), min(width, height))
    assert m["angle"] == (90 if height > width else 0)
    assert m["solidity"] == 1


@pytest.mark.parametrize("angle", [-80, -60, -45, -30, -10, 0, 5, 20, 45, 70, 89])
@pytest.mark.parametrize(("length", "thickness"), [(120, 30), (80, 8)])
def test_turned_rectangles(length: int, thickness: int, angle: int) -> None:
    m = measured(rectangle(length, thickness, angle))
    assert abs(m["length"] - length) <= 1.5
    assert abs(m["thickness"] - thickness) <= 1.5
    assert abs((m["angle"] - angle + 90) % 180 - 90) < 1.5
    assert -90 < m["angle"] <= 90
    assert abs(m["perimeter"] - 2 * (length + thickness)) < 0.04 * 2 * (length + thickness)
    assert (
        m["solidity"] > 1 - 1.2 / thickness
    )  # the staircase of a slanted side lies up to half a pixel within the hull
    (x0, y0), (x1, y1) = m["start"], m["end"]
    assert (x0, y0) < (x1, y1)
    assert abs(math.hypot(x1 - x0, y1 - y0) - math.hypot(length, thickness)) < 2


@pytest.mark.parametrize("radius", [5, 8, 12.3, 20, 45, 90])
def test_discs_are_round(radius: float) -> None:
    for shift in (0.0, 0.3, 0.7):
        m = measured(disc(radius, 100 + shift, 100 - shift, 200))
        assert 0.94 < m["roundness"] <= 1
        assert m["aspect"] < 1.15
        assert abs(m["perimeter"] / (2 * math.pi * radius) - 1) < 0.03
        assert abs(m["area"] / (math.pi * radius**2) - 1) < 0.05


def test_roundness_tells_shapes_apart() -> None:
    square, bar = measured(rectangle(60, 60, 20)), measured(rectangle(120, 20, 20))
    assert abs(square["roundness"] - math.pi / 4) < 0.03
    assert abs(bar["roundness"] - math.pi * 120 * 20 / 140**2) < 0.03


def test_rings_have_holes() -> None:
    ring = disc(40, 100, 100, 200) & ~disc(15, 100, 100, 200)
    m = measured(ring)
    assert m["holes"] == 1
    assert m["roundness"] > 0.95, "the roundness is that of the outer outline"
    assert abs(m["area"] - math.pi * (40**2 - 15**2)) < 40
    two = ring | (disc(40, 140, 100, 200) & ~disc(15, 140, 100, 200) & ~disc(15, 100, 100, 200))
    assert measured(two)["holes"] >= 2
    ring[100 - 25, 100] = False
    assert measured(ring)["holes"] == 1, "a hole of one pixel is noise"
    ring[100 - 25, 101] = False
    assert measured(ring)["holes"] == 2


def test_annotation_outlines() -> None:
    outer = np.array([(0, 0), (40, 0), (40, 30), (0, 30)], float)
    hole = np.array([(10, 10), (20, 10), (20, 20), (10, 20)], float)
    m = outline_of([outer, hole])
    assert (m["area"], m["perimeter"], m["length"], m["thickness"]) == (1100, 140, 40, 30)
    assert (m["holes"], m["solidity"]) == (1, 1100 / 1200)
    assert m["start"] == (0, 0)
    assert m["end"] == (40, 30)


@pytest.mark.parametrize("points", [[(3, 4)], [(3, 4), (3, 4)], [(0, 0), (3, 4)], [(0, 0), (1, 1), (2, 2)]])
def test_outlines_without_area(points: list) -> None:
    m = outline_of([np.array(points, float)])
    assert m["area"] == 0
    assert m["thickness"] == pytest.approx(0, abs=1e-12)
    assert math.isnan(m["solidity"])


@given(
    arrays(np.float64, st.tuples(st.integers(3, 12), st.just(2)), elements=st.integers(0, 50).map(float)),
    st.integers(-200, 200),
    st.integers(-200, 200),
)
def test_measures_move_with_the_outline(points: np.ndarray, dx: int, dy: int) -> None:
    here, there = outline_of([points]), outline_of([points + np.array([dx, dy])])
    for name in ("area", "perimeter", "length", "thickness", "solidity", "roundness"):
        assert here[name] == pytest.approx(there[name], nan_ok=True, abs=1e-9)
    hull = shapely.MultiPoint(points).convex_hull
    assert ring_area(convex_hull(points)) == pytest.approx(hull.area)
    smallest = shapely.MultiPoint(points).minimum_rotated_rectangle
    assert here["length"] * here["thickness"] == pytest.approx(smallest.area, abs=1e-6)
    widest = max(math.dist(p, q) for p in points for q in points)
    [[one, other]] = farthest(convex_hull(points)[None]).tolist()
    assert math.dist(one, other) == pytest.approx(widest)


@given(
    st.lists(
        arrays(np.float64, st.tuples(st.integers(1, 40), st.just(2)), elements=st.integers(0, 9).map(lambda v: v / 3)),
        max_size=6,
    )
)
def test_no_outline_is_measured_otherwise_for_the_others_beside_it(outlines: list[np.ndarray]) -> None:
    together = measure_outlines([[points] for points in outlines])
    for i, points in enumerate(outlines):
        alone = measure_outlines([[points]])
        for name in (*NUMBERS, *POINTS):
            np.testing.assert_array_equal(together[name][i], alone[name][0])


def test_colour_is_the_mean_of_lab_and_not_lab_of_the_mean() -> None:
    picture = np.zeros((10, 10, 3), np.uint8)
    picture[:, :5] = 255
    found = regions(picture, pieces_of(np.ones((10, 10), np.uint8), 0))
    assert found.colors[0] == pytest.approx([50, 0, 0], abs=1e-3)  # Lab of the mean grey has L 54


@pytest.mark.parametrize("turns", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("turned", [0.0, 1.0, 2.5])
def test_ends_and_length_of_a_bent_strip_are_along_it(turns: float, turned: float) -> None:
    way = turned + np.linspace(0, 2 * math.pi * turns, 80)
    bow = np.stack([np.cos(way), np.sin(way)], axis=1)
    found = outline_of([np.concatenate([bow * 104, bow[::-1] * 96])])
    assert found["path_length"] == pytest.approx(2 * math.pi * turns * 100, rel=0.01)
    ends = sorted(bow[[0, -1]] * 100, key=tuple)
    for name, end in zip(("start", "end"), ends, strict=True):
        assert math.dist(found[name], end) < 10
    assert found["start"] < found["end"]


@given(arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 1)))
def test_outlines_of_pixels_say_how_many_pixels_there_are(mask: np.ndarray) -> None:
    counts = np.bincount(label(mask, connectivity=2).ravel())[1:]
    assert sorted(pixel_count(rings) for rings in region_rings(mask)) == sorted(counts.tolist())
