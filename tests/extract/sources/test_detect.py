"""Detectors: real networks, put together by the tests, run by ONNX Runtime."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from logidsl.arrays import Pixels
from logidsl.diagnostics import InputError
from logidsl.extract import see_picture
from logidsl.extract.pixels.picture import picture_of, write_picture
from logidsl.extract.sources.detect import Detector, detections, read_detector
from logidsl.extract.sources.letterbox import GREY, Letterbox
from logidsl.extract.sources.yolo_outputs import Boxes, read_output, suppressed
from logidsl.ir import Program
from logidsl.library.measure import NUMBERS, POINTS
from logidsl.pipeline import compile_spec, report, see
from logidsl.source import Source
from tests.extract.sources.networks import BLUE, RED, Graph, detector, save

SQUARES = [(10, 12, 10, RED), (50, 20, 12, BLUE), (30, 60, 9, RED), (68, 66, 14, RED)]  # x, y, side, colour
FORMS = ["columns", "anchors", "rows", "masks"]


def drawn(width: int = 96, height: int = 96, scale: int = 1) -> Pixels:
    """The squares on black, each side `scale` times as long."""
    bgr = np.zeros((height * scale, width * scale, 3), np.uint8)
    for x, y, side, colour in SQUARES:
        bgr[y * scale : (y + side) * scale, x * scale : (x + side) * scale] = colour[::-1]
    return bgr


def boxes_of(network: Detector, bgr: Pixels) -> dict[tuple[int, ...], float]:
    """Box, to whole px, and class of each detection, and how far the box is from whole px."""
    found = {}
    for f in detections(network, bgr, 0.25):
        whole = np.round(f.box)
        found[(*whole.astype(int).tolist(), int(f.values["class_number"]))] = float(np.abs(whole - f.box).max())
    return found


def truth(scale: int = 1) -> set[tuple[int, ...]]:
    """Box and class of each square."""
    return {(x * scale, y * scale, (x + side) * scale, (y + side) * scale, int(c == BLUE)) for x, y, side, c in SQUARES}


def spec_of(folder: Path, text: str) -> Program:
    return compile_spec(Source(str(folder / "squares.logic"), text))


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_output_gives_the_squares_once_each(form: str, tmp_path: Path) -> None:
    network = read_detector(detector(tmp_path / "squares.onnx", form), 0)
    assert network.names == {0: "red_square", 1: "blue_square"}
    found = boxes_of(network, drawn())
    assert set(found) == truth()
    assert max(found.values()) < 0.01


@pytest.mark.parametrize("form", FORMS)
def test_a_larger_picture_is_made_to_fit_and_its_places_come_back(form: str, tmp_path: Path) -> None:
    network = read_detector(detector(tmp_path / "squares.onnx", form), 0)
    found = boxes_of(network, drawn(scale=5))
    assert set(found) == truth(scale=5)
    assert max(found.values()) < 0.3


def test_without_suppression_neighbouring_cells_see_the_same_square(tmp_path: Path) -> None:
    network = read_detector(detector(tmp_path / "squares.onnx", "columns"), 0)
    feed = drawn()[..., ::-1].transpose(2, 0, 1)[None].astype(np.float32) / 255
    scores = network.session.run(None, {"images": np.ascontiguousarray(feed)})[0][0, 4:]
    assert (np.asarray(scores, np.float64) > 0.25).sum() > len(SQUARES)


def test_a_wide_picture_lies_in_grey_and_grey_is_nothing(tmp_path: Path) -> None:
    network = read_detector(detector(tmp_path / "squares.onnx", "columns"), 0)
    wide = np.zeros((96, 192, 3), np.uint8)
    wide[40:60, 100:120] = RED[::-1]
    (found,) = detections(network, wide, 0.25)
    assert np.allclose(found.box, [100, 40, 120, 60], atol=0.3)


def test_masks_give_outlines_area_and_colour(tmp_path: Path) -> None:
    detector(tmp_path / "squares.onnx", "masks")
    program = spec_of(tmp_path, 'object red = detect("squares.onnx", "red square")')
    table = see_picture(program, picture_of(drawn(scale=5)))
    area = np.asarray(table.columns["area"])
    assert table.outlines is not None
    assert sorted(np.sqrt(area).round(0).tolist()) == pytest.approx([45, 50, 70], abs=6)  # a pixel of the mask is 20 px
    lab = np.asarray(table.columns["color"])
    assert np.allclose(lab, [43.2, 63.0, 45.2], atol=0.1)


def test_a_spec_picks_classes_by_name_or_number(tmp_path: Path) -> None:
    detector(tmp_path / "squares.onnx", "columns")
    write_picture(tmp_path / "p.png", drawn())
    program = spec_of(
        tmp_path,
        """
        object red_square = detect("squares.onnx"): 3
        object blue = detect("squares.onnx", 50 %, "Blue squares"): 1
        object second = detect("squares.onnx", 1): 1
        object any = detect("squares.onnx", 0, 1): 4
        object upper = detect("squares.onnx", box(0 %, 0 %, 100 %, 50 %), 0, 1): 2
        object large = detect("squares.onnx", 0) where width > 12 px: 1
        rule apart: every red_square one: distance(one, blue) > 20 px
        """,
    )
    table = see(program, [tmp_path / "p.png"])
    made = report(program, table)
    assert made.images[0].verdict == "pass", made.images[0].findings
    counts = {name: table.classes.texts().count(name) for name in table.classes.values}
    assert counts == {"red_square": 3, "blue": 1, "second": 1, "any": 4, "upper": 2, "large": 3}


def test_what_two_classes_find_at_one_place_is_settled_as_the_spec_says_and_reported(tmp_path: Path) -> None:
    detector(tmp_path / "squares.onnx", "columns")
    write_picture(tmp_path / "p.png", drawn())
    text = 'object part = detect("squares.onnx", 0, 1)\nobject red = detect("squares.onnx", 0)\n'
    rule = "rule all: count(part | red) = {}\n"
    path = [tmp_path / "p.png"]
    both = spec_of(tmp_path, text + rule.format(7))
    assert report(both, see(both, path)).images[0].verdict == "pass"
    kept = spec_of(tmp_path, text + rule.format(4) + "keep best of part | red where overlap > 60 %")
    made = report(kept, see(kept, path))
    assert made.images[0].verdict == "pass"
    assert any("keep best" in note and "3" in note for note in (*made.notes, *made.images[0].notes))


def test_a_class_that_the_model_lacks_is_named_with_the_nearest(tmp_path: Path) -> None:
    detector(tmp_path / "squares.onnx", "columns")
    picture = picture_of(drawn())
    with pytest.raises(InputError, match="has no class `red_circle`; it has `red_square`, `blue_square`; did you mean"):
        see_picture(spec_of(tmp_path, 'object red_circle = detect("squares.onnx")'), picture)
    with pytest.raises(InputError, match="has classes 0 to 1, found 7"):
        see_picture(spec_of(tmp_path, 'object red = detect("squares.onnx", 7)'), picture)
    detector(tmp_path / "squares.onnx", "columns", names=None)
    with pytest.raises(InputError, match="does not say what its classes are called"):
        see_picture(spec_of(tmp_path, 'object red = detect("squares.onnx")'), picture)
    table = see_picture(spec_of(tmp_path, 'object red = detect("squares.onnx", 0)'), picture)
    assert len(table) == 3


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ("['a', 'b']", {0: "a", 1: "b"}),
        ("__import__('os').system('false')", {}),
        ("{0: 'a', 5: 'b'}", {}),
        ("[" * 5000, {}),
        ("{'0': 'a'}", {}),
    ],
)
def test_names_of_classes_are_data(names: str, found: dict[int, str], tmp_path: Path) -> None:
    assert read_detector(detector(tmp_path / "squares.onnx", "columns", names=names), 0).names == found


def test_a_file_that_is_no_network_is_a_message(tmp_path: Path) -> None:
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"not a network at all")
    with pytest.raises(InputError, match="cannot be loaded by ONNX Runtime"):
        read_detector(path, 0)
    program = spec_of(tmp_path, 'object red = detect("missing.onnx")')
    table = see(program, [tmp_path / "p.png"])
    assert "no" in table.problems[0].message
    with pytest.raises(InputError, match=r"cannot use `missing.onnx` of `red`, beside the spec: there is no such file"):
        see_picture(program, picture_of(drawn()))


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    home = tmp_path / "specs"
    home.mkdir()
    (home / "squares.onnx").symlink_to(detector(tmp_path / "squares.onnx", "columns"))
    with pytest.raises(InputError, match="outside of the spec's folder through a link"):
        see_picture(spec_of(home, 'object red = detect("squares.onnx", 0)'), picture_of(drawn()))


def test_outputs_that_are_not_known_are_named_by_their_shapes(tmp_path: Path) -> None:
    g = Graph()
    g.named(g.op("AveragePool", "images", kernel_shape=[8, 8], strides=[8, 8]), "output0")
    path = save(tmp_path / "pool.onnx", g, 96, {"output0": "abcd"}, {})
    with pytest.raises(InputError, match=r"has an unsupported output: .* found 1 x 3 x 12 x 12"):
        detections(read_detector(path, 0), drawn(), 0.25)


def test_an_input_that_is_no_picture_is_named(tmp_path: Path) -> None:
    g = Graph()
    g.named(g.op("AveragePool", "images", kernel_shape=[8, 8], strides=[8, 8]), "output0")
    path = save(tmp_path / "grey.onnx", g, 96, {"output0": "abcd"}, {}, channels=5)
    with pytest.raises(InputError, match="does not take a picture: expected one input 1 x 3 x h x w, found images"):
        read_detector(path, 0)


def test_an_open_side_is_that_which_the_file_says(tmp_path: Path) -> None:
    g = Graph()
    g.named(g.op("AveragePool", "images", kernel_shape=[8, 8], strides=[8, 8]), "output0")
    for said, size in (({"imgsz": "[320, 480]"}, (480, 320)), ({"imgsz": "100"}, (128, 128)), ({}, (640, 640))):
        assert read_detector(save(tmp_path / "open.onnx", g, "side", {"output0": "abcd"}, said), 0).size == size
        (tmp_path / "open.onnx").unlink()
        read_detector.cache_clear()


# ---- forms that share a shape ----


def output(shape: tuple[int, ...], rows: bool = False) -> list[npt.NDArray[np.generic]]:
    values = np.random.default_rng(3).uniform(0.3, 0.9, shape)
    if rows:
        values[..., 2:4] += values[..., :2]
        values[..., 5] = 0
    return [values]


def test_one_class_is_told_from_finished_rows() -> None:
    """1 x n x 6 is version 5 with one class, or rows with suppression done."""
    anchors, _ = read_output("m", output((1, 25200, 6)), 1, None, (640, 640), 0.8)
    assert (anchors.scores < 0.9).all()
    rows, _ = read_output("m", output((1, 300, 6), rows=True), 1, None, (640, 640), 0.0)
    assert len(rows.scores) == 300
    said, _ = read_output("m", output((1, 300, 6), rows=True), 1, True, (640, 640), 0.0)
    assert len(said.scores) == 300


def test_values_that_are_no_numbers_are_an_error() -> None:
    (values,) = output((1, 300, 6), rows=True)
    values[0, 3, 2] = np.nan
    with pytest.raises(InputError, match="that are not numbers"):
        read_output("m", [values], 2, None, (640, 640), 0.25)


@pytest.mark.parametrize("shape", [(1, 84, 8400), (1, 8400, 85)])
def test_without_names_the_shape_tells_the_form(shape: tuple[int, ...]) -> None:
    found, _ = read_output("m", output(shape), None, None, (640, 640), 0.999)
    assert found.boxes.shape == (0, 4)


def test_suppression_keeps_the_best_of_each_class() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [0, 0, 10, 10], [5, 0, 15, 10]], float)
    found = Boxes(boxes, np.array([0.5, 0.9, 0.4, 0.3]), np.array([0, 0, 1, 0]), np.zeros((4, 0)))
    kept = suppressed(found)
    assert kept.scores.tolist() == [0.9, 0.4, 0.3]


# ---- letterbox ----

side = st.integers(1, 3000)


@given(side, side, st.integers(1, 40), st.integers(1, 40), st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_the_way_there_and_back_is_exact(width: int, height: int, a: int, b: int, shares: list[float]) -> None:
    fit = Letterbox.of(width, height, (32 * a, 32 * b))
    boxes = np.array([shares]) * [width, height, width, height]
    assert np.abs(fit.inward(fit.outward(boxes)) - boxes).max() < 1e-6 * max(width, height)
    inner = fit.outward(np.array([[0.0, 0.0, width, height]]))[0]
    assert inner.tolist() == pytest.approx([fit.left, fit.top, fit.left + fit.inner[0], fit.top + fit.inner[1]])
    assert 0 <= fit.left <= fit.to[0] - fit.inner[0]
    assert 0 <= fit.top <= fit.to[1] - fit.inner[1]


@pytest.mark.parametrize(("width", "height"), [(640, 480), (481, 640), (1000, 333), (96, 96)])
def test_pixels_lie_where_the_letterbox_says(width: int, height: int) -> None:
    """The middle of a bright square, measured in the input, comes back to where it was drawn."""
    bgr = np.zeros((height, width, 3), np.uint8)
    x0, y0, x1, y1 = width // 4, height // 3, width // 4 + width // 5, height // 3 + height // 4
    bgr[y0:y1, x0:x1] = 255
    fit = Letterbox.of(width, height, (320, 320))
    made = fit.fill(bgr)
    inside = made[fit.top : fit.top + fit.inner[1], fit.left : fit.left + fit.inner[0], 0].astype(float)
    assert (made[: fit.top] == GREY).all()
    x = (inside.sum(0) * (np.arange(fit.inner[0]) + 0.5)).sum() / inside.sum() + fit.left
    y = (inside.sum(1) * (np.arange(fit.inner[1]) + 0.5)).sum() / inside.sum() + fit.top
    back = fit.inward(np.array([[x, y, x, y]]))[0]
    assert abs(back[0] - (x0 + x1) / 2) < 0.5
    assert abs(back[1] - (y0 + y1) / 2) < 0.5


def test_masks_are_measured_as_blobs_are(tmp_path: Path) -> None:
    detector(tmp_path / "squares.onnx", "masks")
    program = spec_of(tmp_path, 'object red = detect("squares.onnx", "red square")')
    table = see_picture(program, picture_of(drawn(scale=5)))
    assert table.outlines is not None
    canvas = np.zeros((480, 480), np.uint8)
    for row in range(len(table)):
        area = shapely.Polygon(table.outlines.rings(row)[0])
        down, across = np.mgrid[:480, :480] + 0.5
        canvas[shapely.contains_xy(area, across, down)] = 255
    seen = see_picture(
        spec_of(tmp_path, "blobs white where lightness > 50 %"), picture_of(np.repeat(canvas[..., None], 3, axis=2))
    )
    for name in (*NUMBERS, *POINTS):
        assert np.allclose(np.asarray(table.columns[name]), np.asarray(seen.columns[name])), name
