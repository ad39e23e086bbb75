"""Calibration, on boards and markers that the tests render through a lens they know."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from logidsl.arrays import Pixels
from logidsl.calibration import Calibration
from logidsl.cli import main
from logidsl.diagnostics import InputError, SpecError
from logidsl.extract.pixels.calibration import board_points, calibrated, lens_of, marker_points, straightened
from logidsl.extract.pixels.picture import picture_of, write_picture
from logidsl.ir import Camera, Program
from logidsl.pipeline import compile_spec, report, see
from logidsl.source import Source

Floats = npt.NDArray[np.float64]
SIZE = 800, 600
MATRIX = np.array([[900.0, 0, 405.0], [0, 900.0, 296.0], [0, 0, 1]])
BENT = np.array([-0.22, 0.08, 0.0008, -0.0005, 0.0])
STRAIGHT = np.zeros(5)
COLUMNS, ROWS, SQUARE_MM = 9, 6, 10.0


def plane(distortion: Floats, turn: tuple[float, float, float], shift_mm: tuple[float, float, float]) -> Floats:
    """(h, w, 2): which place of a plane, in mm, each pixel of a picture shows."""
    y, x = np.mgrid[0 : SIZE[1], 0 : SIZE[0]].astype(np.float64)
    rays = cv2.undistortPoints(np.stack([x.ravel(), y.ravel()], 1)[:, None], MATRIX, distortion).reshape(-1, 2)
    rotation, _ = cv2.Rodrigues(np.radians(np.array(turn)))
    way = np.linalg.inv(np.c_[rotation[:, :2], np.array(shift_mm)])
    places = np.c_[rays, np.ones(len(rays))] @ way.T
    return np.asarray(places[:, :2] / places[:, 2:], np.float64).reshape(SIZE[1], SIZE[0], 2)


def shown(drawing: Pixels, per_mm: float, places: Floats) -> Pixels:
    """A drawing, `per_mm` pixels to a millimetre, its corner at 0, 0, as a picture that shows those places."""
    at = (places * per_mm - 0.5).astype(np.float32)
    grey = cv2.remap(drawing, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=200)
    smooth = cv2.GaussianBlur(grey, (3, 3), 0.6)
    return np.ascontiguousarray(np.repeat(smooth[..., None], 3, axis=2))


def board() -> Pixels:
    """A checkerboard of 10 by 7 squares with a white border of a square, 8 px to a mm."""
    y, x = np.mgrid[0 : (ROWS + 3) * 80, 0 : (COLUMNS + 3) * 80] // 80
    inside = (x > 0) & (y > 0) & (x < COLUMNS + 2) & (y < ROWS + 2)
    return np.where(inside & ((x + y) % 2 == 0), 20, 235).astype(np.uint8)


def board_picture(
    distortion: Floats,
    turn: tuple[float, float, float] = (0, 0, 0),
    shift: tuple[float, float, float] = (-60, -45, 200),
) -> Pixels:
    return shown(board(), 8.0, plane(distortion, turn, shift))


def held() -> list[Pixels]:
    """The board flat, and held in six other ways."""
    ways = [(20, 0, 0), (-20, 5, 10), (0, 22, -5), (5, -22, 3), (15, 15, 15), (-14, -15, -12)]
    shifts = [(-95, -70, 220), (-25, -70, 230), (-100, -25, 240), (-20, -25, 215), (-40, -60, 240), (-85, -60, 235)]
    turns = [tuple(map(float, w)) for w in ways]
    made = [board_picture(BENT)]
    made += [board_picture(BENT, t, tuple(map(float, s))) for t, s in zip(turns, shifts, strict=True)]  # type: ignore[arg-type]
    return made


def spec_of(folder: Path, text: str) -> Program:
    return compile_spec(Source(str(folder / "s.logic"), text))


def test_a_flat_board_gives_the_scale() -> None:
    """At 200 mm, with 900 px of focal length, a pixel is 200 / 900 mm."""
    points = board_points(picture_of(board_picture(STRAIGHT)), COLUMNS, ROWS, SQUARE_MM)
    found = calibrated("a board", [points], None)
    assert found.mm_per_px[0] == pytest.approx(200 / 900, rel=2e-4)
    assert found.mm_per_px[0] == found.mm_per_px[1]
    assert (found.camera.width, found.camera.height, found.camera.matrix) == (*SIZE, None)
    assert found.error_px is not None
    assert found.error_px < 0.1


def test_markers_give_the_scale() -> None:
    one = cv2.aruco.generateImageMarker(cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50), 7, 160)
    sheet = np.full((720, 960), 235, np.uint8)
    sheet[200:360, 200:360] = one
    sheet[200:360, 600:760] = one
    bgr = shown(sheet, 8.0, plane(STRAIGHT, (0, 0, 8), (-60, -45, 200)))
    points = marker_points(picture_of(bgr), "4x4_50", 20.0)
    assert len(points) == 2
    assert calibrated("markers", points, None).mm_per_px[0] == pytest.approx(200 / 900, rel=1e-3)
    with pytest.raises(InputError, match=r"unknown marker family `4x4_5`; did you mean `4x4_50`\?"):
        marker_points(picture_of(bgr), "4x4_5", 20.0)
    with pytest.raises(InputError, match="no marker of the family `6x6_50` was found"):
        marker_points(picture_of(bgr), "6x6_50", 20.0)


def printed(what: str, turn_deg: float = 0.0, size: float = 0.5) -> Pixels:
    """A print of a board (squares of 10 mm, 80 px at size 1) or of four markers (20 mm, 160 px), turned."""
    sheet = np.full((900, 1200), 225, np.uint8)
    if what == "board":
        y, x = np.mgrid[0:560, 0:800] // 80
        sheet[150:710, 180:980] = np.where((x + y) % 2 == 0, 25, 235)
    else:
        family = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
        for i, (left, top) in enumerate([(200, 200), (800, 200), (200, 560), (800, 560)]):
            sheet[top : top + 160, left : left + 160] = cv2.aruco.generateImageMarker(family, i + 3, 160)
    cos, sin = np.cos(np.radians(turn_deg)) * size, np.sin(np.radians(turn_deg)) * size
    way = np.array([[cos, -sin, 0.0], [sin, cos, 0.0]])
    way[:, 2] = (400, 320) - way[:, :2] @ (600, 450)
    soft = cv2.GaussianBlur(sheet, (0, 0), 0.45 / size)
    grey = cv2.warpAffine(soft, way, (800, 640), flags=cv2.INTER_CUBIC, borderValue=225)
    return np.repeat(grey[..., None], 3, axis=2)


def as_seen(bgr: Pixels, light: float = 1.0, blur_px: float = 0.6, noise: float = 2.0) -> Pixels:
    made = cv2.GaussianBlur(bgr.astype(np.float64), (0, 0), blur_px) * light
    made = made + np.random.default_rng(0).normal(0, noise, made.shape[:2])[..., None]
    return np.asarray(np.clip(made, 0, 255), np.uint8)


def scale_of_print(what: str, bgr: Pixels) -> float:
    """Millimetres of a pixel, by the true ones."""
    if what == "board":
        points = [board_points(picture_of(bgr), 9, 6, 10.0)]
    else:
        points = marker_points(picture_of(bgr), "4x4_50", 20.0)
    return calibrated(what, points, None).mm_per_px[0] / (10 / 80 / 0.5)


@pytest.mark.parametrize("what", ["board", "markers"])
@pytest.mark.parametrize("turn_deg", [0.0, 5.0, 45.0, 137.0])
def test_a_turned_print_gives_the_scale(what: str, turn_deg: float) -> None:
    assert scale_of_print(what, as_seen(printed(what, turn_deg))) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("what", ["board", "markers"])
@pytest.mark.parametrize(
    ("light", "blur_px", "noise"), [(0.5, 0.6, 2), (0.25, 0.6, 2), (0.15, 0.6, 4), (1, 1.5, 2), (1, 3, 2)]
)
def test_a_dark_or_blurred_print_gives_the_scale(what: str, light: float, blur_px: float, noise: float) -> None:
    bgr = as_seen(printed(what, 10.0), light, blur_px, noise)
    assert scale_of_print(what, bgr) == pytest.approx(1, abs=3e-3)


def test_of_markers_those_that_show_are_enough_and_of_a_board_all_corners_are_needed() -> None:
    hidden = as_seen(printed("markers"))
    hidden[160:240, 180:300] = 120
    assert len(marker_points(picture_of(hidden), "4x4_50", 20.0)) == 3
    assert scale_of_print("markers", hidden) == pytest.approx(1, abs=1e-3)
    hidden = as_seen(printed("board"))
    hidden[160:240, 180:300] = 120
    with pytest.raises(InputError, match=r"all of them in the picture, none of them hidden or glaring$"):
        board_points(picture_of(hidden), 9, 6, 10.0)


def test_what_is_too_dark_or_too_blurred_is_refused_and_says_so() -> None:
    dark = as_seen(printed("markers"), light=0.05)
    with pytest.raises(InputError, match=r"the picture has next to no contrast: grey from .* expected 20 steps"):
        marker_points(picture_of(dark), "4x4_50", 20.0)
    for blur_px in (5.0, 8.0, 12.0):  # a wrong scale must not come of it
        with pytest.raises(InputError, match=r"askew|the picture is blurred|no marker of the family"):
            scale_of_print("markers", as_seen(printed("markers", 10.0), blur_px=blur_px))


def test_markers_of_another_family_are_named() -> None:
    sheet = np.full((400, 400, 3), 225, np.uint8)
    family = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_6X6_250)
    sheet[120:280, 120:280] = cv2.aruco.generateImageMarker(family, 5, 160)[..., None]
    with pytest.raises(InputError, match="there are markers of the family `6x6_1000`: say --family 6x6_1000"):
        marker_points(picture_of(sheet), "4x4_50", 20.0)


@pytest.mark.parametrize("turn", [(15.0, 0.0, 0.0), (0.0, -12.0, 0.0)])
def test_a_board_askew_is_refused(turn: tuple[float, float, float]) -> None:
    points = board_points(picture_of(board_picture(STRAIGHT, turn)), COLUMNS, ROWS, SQUARE_MM)
    with pytest.raises(InputError, match="the camera looks at the plane askew"):
        calibrated("a board", [points], None)


def test_a_picture_without_a_board_says_what_was_looked_for() -> None:
    with pytest.raises(InputError, match=r"no checkerboard of 9 by 6 inner corners .* has 10 by 7 squares"):
        board_points(picture_of(np.full((200, 300, 3), 90, np.uint8)), COLUMNS, ROWS, SQUARE_MM)


def test_the_lens_is_found_and_taken_out() -> None:
    pictures = [picture_of(bgr, f"b{i}") for i, bgr in enumerate(held())]
    boards = [board_points(p, COLUMNS, ROWS, SQUARE_MM) for p in pictures]
    camera, error_px = lens_of(boards)
    assert error_px < 0.2
    assert camera.matrix is not None
    assert np.allclose(np.array(camera.matrix).reshape(3, 3)[[0, 1], [0, 1]], 900, rtol=0.01)
    found = calibrated("a board", boards[:1], camera, error_px)
    # Seen through the lens as found, a pixel is as large as the focal length of it says.
    assert found.mm_per_px[0] == pytest.approx(200 / camera.matrix[0], rel=5e-3)
    program = Program(camera=camera)
    straight = straightened(program, picture_of(held()[0]))
    assert straight.notes == ("the distortion of the lens taken out",)
    assert bow(straight.bgr) < 0.2 < 0.4 < bow(held()[0])


def bow(bgr: Pixels) -> float:
    """How far the corners of the first row of a board lie from a line, px."""
    row = board_points(picture_of(bgr), COLUMNS, ROWS, SQUARE_MM).seen_px[:COLUMNS]
    line = np.polyfit(row[:, 0], row[:, 1], 1)
    return float(np.abs(np.polyval(line, row[:, 0]) - row[:, 1]).max())


def test_a_lens_needs_pictures_enough_of_one_size() -> None:
    flat = board_points(picture_of(board_picture(STRAIGHT)), COLUMNS, ROWS, SQUARE_MM)
    with pytest.raises(InputError, match="at least 5 pictures of the board, held in different ways; found 1"):
        lens_of([flat])
    other = type(flat)("other", (640, 480), flat.seen_px, flat.known_mm)
    with pytest.raises(InputError, match="of one size; found 640 by 480, 800 by 600 px"):
        lens_of([flat] * 4 + [other])


# ---- the command and the spec ----

BOLTS = """
scale "camera.json"
blobs dark where lightness < 30 %
object bolt = dark where area > 50 px2: 1
rule long as size: bolt.length in 29.5 .. 30.5 mm
rule wide as size: bolt.thickness in 9.5 .. 10.5 mm
"""


def bolt_picture(distortion: Floats, shift: tuple[float, float, float] = (-35.0, -30.0, 200.0)) -> Pixels:
    """A dark bar of 30 by 10 mm on light grey."""
    sheet = np.full((600, 800), 220, np.uint8)
    sheet[200:280, 200:440] = 10
    return shown(sheet, 8.0, plane(distortion, (0, 0, 20), shift))


def test_a_board_is_measured_once_and_a_spec_speaks_in_millimetres(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_picture(tmp_path / "board.png", board_picture(STRAIGHT))
    write_picture(tmp_path / "bolt.png", bolt_picture(STRAIGHT))
    target = str(tmp_path / "camera.json")
    board_ = str(tmp_path / "board.png")
    assert main(["calibrate", board_, "--board", "9x6", "--square", "1 cm", "-o", target]) == 0
    assert "0.222" in capsys.readouterr().out
    program = spec_of(tmp_path, BOLTS)
    made = report(program, see(program, [tmp_path / "bolt.png"])).images[0]
    assert made.verdict == "pass", made.findings


def test_through_a_bent_lens_lengths_are_right_everywhere(tmp_path: Path) -> None:
    """In the corner, too, where the lens makes the bar 8 % shorter."""
    for i, bgr in enumerate(held()):
        write_picture(tmp_path / f"board_{i}.png", bgr)
    boards = [str(tmp_path / f"board_{i}.png") for i in range(7)]
    lens = str(tmp_path / "camera.json")
    assert main(["calibrate", *boards, "--board", "9x6", "--square", "10 mm", "--lens", "-o", lens]) == 0
    program = spec_of(tmp_path, BOLTS)
    corner = bolt_picture(BENT, (-95.0, -75.0, 200.0))
    for i, bgr in enumerate((bolt_picture(BENT), corner)):
        write_picture(tmp_path / f"bolt_{i}.png", bgr)
        made = report(program, see(program, [tmp_path / f"bolt_{i}.png"])).images[0]
        assert made.verdict == "pass", made.findings
        assert any(
            "distortion of the lens" in n for n in report(program, see(program, [tmp_path / f"bolt_{i}.png"])).notes
        )
    text = json.loads((tmp_path / "camera.json").read_text())
    text["camera"] |= {"matrix": None, "distortion": []}
    (tmp_path / "camera.json").write_text(json.dumps(text))
    plain = spec_of(tmp_path, BOLTS)
    assert report(plain, see(plain, [tmp_path / "bolt_1.png"])).images[0].verdict == "fail"
    assert plain.hash != program.hash


@pytest.mark.parametrize(
    ("height", "width", "fix"),
    [
        (300, 400, "it is resized to 50 %: export it at full size, or calibrate with a board resized so, or, as no "
         "lens was measured, write `scale 1 px = 0.2 mm`"),
        (800, 600, "it is turned by a quarter: export it as the camera took it, or calibrate with pictures turned so"),
        (600, 640, "it is cut or of another camera: calibrate with a board in a picture of this size"),
    ],
)  # fmt: skip
def test_a_picture_of_another_size_is_not_measured(height: int, width: int, fix: str, tmp_path: Path) -> None:
    camera = Calibration(mm_per_px=(0.1, 0.1), camera=Camera(width=800, height=600))
    camera.write(tmp_path / "camera.json")
    program = spec_of(tmp_path, BOLTS)
    table = see(program, [picture_of(np.zeros((height, width, 3), np.uint8), "other")])
    found = f"the calibration is for pictures of 800 by 600 px, found {width} by {height} px"
    assert table.problems[0].message == f"{found}; {fix}"


def test_annotations_of_a_picture_of_another_size_are_noted(tmp_path: Path) -> None:
    camera = Calibration(mm_per_px=(0.1, 0.1), camera=Camera(width=800, height=600))
    camera.write(tmp_path / "camera.json")
    program = spec_of(tmp_path, 'scale "camera.json"\nobject bolt: 1\nrule long: bolt.length <= 40 mm')
    shape = {"label": "bolt", "points": [[10, 10], [60, 30]], "shape_type": "rectangle"}
    for name, width, noted in (("same", 800, False), ("half", 400, True)):
        file = {"shapes": [shape], "imagePath": f"{name}.png", "imageHeight": width * 3 // 4, "imageWidth": width}
        (tmp_path / f"{name}.json").write_text(json.dumps(file))
        notes = see(program, [tmp_path / f"{name}.json"]).notes
        assert any("the calibration is for pictures of 800 by 600 px" in n for n in notes) == noted


def test_a_scale_for_resized_pictures_is_that_of_the_message(tmp_path: Path) -> None:
    """The same bar, in a picture of half the size and twice the millimetres of a pixel."""
    text = BOLTS.replace('scale "camera.json"', f"scale 1 px = {2 * 200 / 900:.6g} mm").replace("50 px2", "12 px2")
    half = cv2.resize(bolt_picture(STRAIGHT), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    program = spec_of(tmp_path, text)
    assert report(program, see(program, [picture_of(np.asarray(half, np.uint8))])).images[0].verdict == "pass"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{}", "mm_per_px"),
        ("not json", "invalid JSON"),
        ('{"mm_per_px": [0, 1], "camera": {"width": 8, "height": 6}}', "greater than 0"),
        ('{"mm_per_px": [1, 1], "camera": {"width": 8, "height": 6, "matrix": [1, 2]}}', "expected 9 numbers"),
        ('{"mm_per_px": [1, 1], "camera": {"width": 8, "height": 6}, "run": "x"}', "run: unknown key"),
    ],
)
def test_a_file_that_is_no_calibration_is_a_mistake_of_the_spec(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "camera.json").write_text(text)
    spec = tmp_path / "s.logic"
    # what is said in mm is no mistake of its own
    spec.write_text('scale "camera.json"\nobject bolt: 1\nrule long: bolt.length in 4 .. 5 mm and bolt.area > 3 mm2')
    with pytest.raises(SpecError) as caught:
        compile_spec(spec)
    (said,) = caught.value.diagnostics
    assert said.code == "E175"
    assert words in said.message


@pytest.mark.parametrize(
    "argv",
    [
        ["--board", "9", "--square", "5 mm", "-o", "c.json"],
        ["--board", "9x6", "-o", "c.json"],
        ["--board", "9x6", "--square", "5 px", "-o", "c.json"],
        ["--marker", "0 mm", "-o", "c.json"],
        ["--marker", "5 mm", "--lens", "-o", "c.json"],
        ["--marker", "5 mm", "-o", "c.yaml"],
    ],
)
def test_a_command_line_that_cannot_be_followed(
    argv: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["calibrate", str(tmp_path / "p.png"), *argv]) == 64
    assert "expected" in capsys.readouterr().err or argv[0] == "--marker"


# ---- by an object of known length ----

KNOWN = """
scale coin.width = 25 mm
object coin: 1
object bolt
rule long as size: every bolt: width in 29 .. 31 mm
rule flat as size: every bolt: area <= 310 mm2
"""


def judged(rows: list[str], folder: Path) -> str:
    table = folder / "t.csv"
    table.write_text("\n".join(["image,class,x0,y0,x1,y1", *rows]))
    from logidsl.extract import read_table

    program = spec_of(folder, KNOWN)
    (image,) = report(program, read_table(table, program)).images
    reasons = {f.reason for f in image.findings if f.rule in ("long", "flat")}
    return f"{image.verdict} {' '.join(sorted(r.split()[-1] for r in reasons if r))}".strip()


@pytest.mark.parametrize("px_per_mm", [2.0, 3.7, 10.0])
def test_each_picture_is_measured_by_its_own_coin(px_per_mm: float, tmp_path: Path) -> None:
    def row(name: str, width: float, height: float) -> str:
        return f"a.png,{name},100,100,{100 + width * px_per_mm},{100 + height * px_per_mm}"

    assert judged([row("coin", 25, 25), row("bolt", 30, 10)], tmp_path) == "pass"
    assert judged([row("coin", 25, 25), row("bolt", 32, 9)], tmp_path) == "fail"
    assert judged([row("coin", 25, 25), row("bolt", 30, 11)], tmp_path) == "fail"


def test_without_the_coin_millimetres_are_undetermined_for_that_reason(tmp_path: Path) -> None:
    assert judged(["a.png,bolt,100,100,160,120"], tmp_path) == "fail absent"
    two = ["a.png,coin,0,0,50,50", "a.png,coin,200,0,250,50", "a.png,bolt,100,100,160,120"]
    assert judged(two, tmp_path) == "fail ambiguous"
