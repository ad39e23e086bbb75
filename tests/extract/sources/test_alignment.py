"""Reference pictures that are aligned by the frame of a part: `background("golden.png", turned(mark))`."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

import logidsl
from logidsl.arrays import Pixels
from logidsl.cli import main
from logidsl.extract import read_picture, write_picture
from logidsl.extract.sources.alignment import _moved
from logidsl.library.color import ciede2000, lab_of_rgb

GROUND = (90, 110, 100)
TEXTURE = cv2.resize(
    np.random.default_rng(7).integers(60, 200, (20, 30, 3), np.uint8), (240, 160), interpolation=cv2.INTER_CUBIC
)
SPEC = """
blobs reds where lab_a >= 50 and saturation > 80 % then open(3 px)
object mark = reds where area > 200 px2: 1
blobs new where difference(color, background("golden.png", turned(mark))) >= 20 then open(4 px)
object foreign = new where area > 60 px2: 0
region middle = box(30 %, 30 %, 70 %, 70 %)
rule same as matching: pixel_share(middle, difference(color, background("golden.png", turned(mark))) >= 20) <= 1 %
rule bare as matching:
    pixel_share(middle, difference(color, background("golden.png", turned(mark))) >= 20) <= 1 %
    or unexplained(middle, difference(color, background("golden.png", turned(mark))) >= 20) <= 60 %
"""


def picture(
    turn_deg: float = 0.0, dx: float = 0.0, dy: float = 0.0, *, spot: bool = False, mark: bool = True
) -> Pixels:
    """A part with a texture and a mark, turned and shifted; with something on it that does not belong there."""
    layer = np.full((300, 400, 3), GROUND, np.uint8)
    layer[70:230, 80:320] = TEXTURE
    if mark:
        cv2.rectangle(layer, (100, 90), (140, 110), (0, 0, 255), -1)
    if spot:
        cv2.circle(layer, (230, 160), 10, (255, 255, 255), -1)
    way = cv2.getRotationMatrix2D((200, 150), turn_deg, 1)
    way[:, 2] += np.array([dx, dy])
    return np.asarray(cv2.warpAffine(layer, way, (400, 300), flags=cv2.INTER_LINEAR, borderValue=GROUND), np.uint8)


@pytest.fixture
def spec(tmp_path: Path) -> logidsl.Spec:
    write_picture(tmp_path / "golden.png", picture())
    (tmp_path / "spec.logic").write_text(SPEC)
    return logidsl.load(tmp_path / "spec.logic")


@pytest.mark.parametrize("pose", [(0.0, 0.0, 0.0), (7.0, 5.0, -8.0), (-12.0, -3.5, 6.25), (3.0, 20.0, 0.0)])
def test_a_part_that_lies_elsewhere_is_compared_place_by_place(spec: logidsl.Spec, pose: tuple[float, ...]) -> None:
    good, bad = spec.check([picture(*pose), picture(*pose, spot=True)]).images
    assert (good.verdict, good.findings) == ("pass", [])
    assert bad.labels == ["foreign", "same"]
    (box,) = [o.box for f in bad.findings for o in f.objects if f.rule == "foreign"]
    assert box is not None
    way = cv2.getRotationMatrix2D((200, 150), pose[0], 1)
    wanted = way @ (230.5, 160.5, 1) + pose[1:]
    assert ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2) == pytest.approx(wanted.tolist(), abs=1.5)


def test_without_the_frame_the_part_would_differ(spec: logidsl.Spec, tmp_path: Path) -> None:
    (tmp_path / "spec.logic").write_text(SPEC.replace(", turned(mark)", ""))
    (image,) = logidsl.load(tmp_path / "spec.logic").check([picture(7.0, 5.0, -8.0)]).images
    assert "foreign" in image.labels


def test_where_the_mark_is_not_there_nothing_is_known(spec: logidsl.Spec) -> None:
    report = spec.check([picture(7.0, spot=True, mark=False)])
    (image,) = report.images
    assert image.labels == ["mark"]
    why = {f.rule: f.reason for f in image.findings if f.truth == "undetermined"}
    assert set(why) == {"foreign", "same", "bare"}
    assert why["same"] == "`mark` absent"
    assert "`new` was not looked for: `turned(mark)`, by which `golden.png` is aligned, is not there" in report.notes[0]


def test_where_the_reference_does_not_reach_it_is_said(spec: logidsl.Spec) -> None:
    report = spec.check([picture(0.0, 150.0)])
    assert any("`golden.png` does not reach 37.5% of where `new` is looked for" in n for n in report.notes)
    reasons = {f.rule: f.reason or "" for f in report.images[0].findings}
    assert "outside the picture" in reasons["same"]


def test_a_condition_that_looks_in_a_region_needs_the_reference_there_only(spec: logidsl.Spec, tmp_path: Path) -> None:
    here = "inside box(50 %, 30 %, 90 %, 70 %) and difference(color, background("
    (tmp_path / "spec.logic").write_text(
        SPEC.replace("difference(color, background(", here).replace("middle,", "image,")
    )
    report = logidsl.load(tmp_path / "spec.logic").check([picture(0.0, 150.0)])
    assert (report.images[0].verdict, report.notes) == ("pass", [])


def test_a_reference_that_does_not_show_the_mark_is_an_error(spec: logidsl.Spec, tmp_path: Path) -> None:
    write_picture(tmp_path / "golden.png", picture(mark=False))
    (image,) = spec.check([picture()]).images
    assert image.verdict == "error"
    assert "cannot be aligned: `turned(mark)` is not found in it" in (image.error or "")


def test_masks_and_tables_know_the_reference(spec: logidsl.Spec, tmp_path: Path) -> None:
    path, folder = tmp_path / "a.png", tmp_path / "stages"
    write_picture(path, picture(7.0, 5.0, -8.0, spot=True))
    argv = ["table", str(path), "--spec", str(tmp_path / "spec.logic")]
    assert main([*argv, "--masks", str(folder), "--format", "json", "--output", str(tmp_path / "t.json")]) == 0
    taken = read_picture(folder / "new-0-where.png").bgr[..., 0]
    assert 250 < np.count_nonzero(taken) < 600
    direct = spec.check([path]).images[0]
    path.unlink()
    assert spec.check([tmp_path / "t.json"]).images[0].labels == direct.labels == ["foreign", "same"]


def test_shift_by_whole_pixels_gives_the_pixels_themselves() -> None:
    golden = picture(spot=True)
    there, here = np.eye(3), np.eye(3)
    here[:2, 2] = (13.0, -9.0)
    found = _moved(golden, here, there, golden.shape)
    assert (found.bgr[: 300 - 9, 13:] == golden[9:, : 400 - 13]).all()
    covered = np.zeros((300, 400), bool)
    covered[: 300 - 9, 13:] = True
    assert (found.covered == covered).all()
    far = ciede2000(lab_of_rgb(found.bgr[100, 200, ::-1]), lab_of_rgb(golden[109, 187, ::-1]))
    assert float(far) == 0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (
            'blobs b where difference(color, background("g.png", turned(m))) > 5\nobject m = b where area > 1 px2: 1',
            "E108",
        ),
        ('object m: 1\nblobs b where difference(color, background("g.png", m)) > 5', "E114"),
        ('object m\nblobs b where difference(color, background("g.png", turned(m))) > 5', "E110"),
        ('param f = "g.png"\nblobs b where difference(color, background(f)) > 5', "E181"),
    ],
)
def test_mistakes_are_diagnostics(text: str, code: str) -> None:
    with pytest.raises(logidsl.SpecError) as caught:
        logidsl.loads(text + "\nobject c = b where area > 0 px2")
    assert [d.code for d in caught.value.diagnostics] == [code]


def test_a_template_says_how_the_part_lies_in_worker_processes_too(spec: logidsl.Spec, tmp_path: Path) -> None:
    golden = picture()
    write_picture(tmp_path / "mark.png", np.ascontiguousarray(golden[84:132, 92:164]))
    lines = SPEC.replace(
        "object mark = reds where area > 200 px2: 1", 'object mark = template("mark.png", 70 %, 15 deg): 1'
    )
    (tmp_path / "spec.logic").write_text(lines)
    paths = [tmp_path / f"{i}.png" for i in range(2)]
    for path, spot in zip(paths, (False, True), strict=True):
        write_picture(path, picture(7.0, 5.0, -8.0, spot=spot))
    report = logidsl.load(tmp_path / "spec.logic").check(paths, jobs=2)
    assert [i.labels for i in report.images] == [["normal"], ["foreign", "same"]]
