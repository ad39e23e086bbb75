"""What is measured of the pixels of places: by a picture, by a table that was written of it, and where neither is."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import logidsl
from logidsl.cli import main
from logidsl.eval import judge
from logidsl.extract import write_picture
from logidsl.extract.pixels.pixel_values import colour_attribute
from logidsl.extract.sources.place_values import pixels_of
from logidsl.fit.trials import seeing_digest
from logidsl.pipeline import compile_spec
from logidsl.source import Source
from logidsl.table import ObjectTable, PlaceValue, TextColumn
from tests.oracle.pixels import inside

RNG = np.random.default_rng(5)
NOISE = RNG.integers(0, 256, (80, 120, 3), np.uint8)
SPEC = """
param lim = 5 %
grid slot = 2 rows, 3 columns
region left = box(0 %, 0 %, 50 %, 100 %)
rule light: every slot c: c.lightness > lim
rule reddish: left.lab_a in -60 .. 60
rule all_red: left.lab_a > 60                      defect pale
"""


def verdicts(spec: logidsl.Spec, picture: np.ndarray) -> list[str]:
    return [i.verdict for i in spec.check(picture).images]


def written(folder: Path, text: str = SPEC) -> Path:
    path = folder / "spec.logic"
    path.write_text(text)
    return path


@pytest.mark.parametrize("size", [(80, 120), (7, 5)])
def test_a_pixel_belongs_to_a_place_when_its_centre_does(size: tuple[int, int]) -> None:
    height, width = size
    for number in range(60):
        rng = np.random.default_rng(number)
        corners = rng.random((rng.integers(3, 9), 2)) * (width, height)
        corners = np.round(corners * 2) / 2 if number % 2 else corners  # on the centres of pixels, too
        rings = [corners, corners * 0.5 + 0.25 * corners.mean(0)] if number % 3 == 0 else [corners]
        found = pixels_of(rings, size)
        assert found is not None
        mask = np.zeros(size, bool)
        mask[found[0], found[1]] = found[2]
        plain = [tuple(map(tuple, np.round(r, 6).tolist())) for r in rings]
        wanted = [[inside(plain, x + 0.5, y + 0.5) for x in range(width)] for y in range(height)]
        assert (mask == np.array(wanted)).all(), number


def test_a_place_that_reaches_beyond_the_picture_has_no_pixels() -> None:
    box = np.array([(0, 0), (5.6, 0), (5.6, 4), (0, 4)])
    assert pixels_of([box], (4, 5)) is None
    assert pixels_of([box - (0.7, 0)], (4, 5)) is None
    found = pixels_of([box - (0.3, 0)], (4, 5))
    assert found is not None and found[2].all() and found[2].shape == (4, 5)


def test_values_are_means_over_the_pixels(tmp_path: Path) -> None:
    spec = logidsl.load(written(tmp_path))
    (image,) = spec.check(NOISE, repairs=True).images
    (finding,) = image.findings
    assert (finding.rule, image.labels) == ("all_red", ["pale"])
    a = colour_attribute(NOISE[:, :60, ::-1], "lab_a").mean()
    assert float(finding.measured or 0) == pytest.approx(a, rel=1e-2)
    assert finding.joint == "a value is measured on the pixels of a place, which no repair can change"


def test_a_spec_of_places_alone_needs_no_blobs_and_one_with_objects_does(tmp_path: Path) -> None:
    assert verdicts(logidsl.load(written(tmp_path)), NOISE) == ["fail"]
    report = logidsl.load(written(tmp_path, f"object bolt\n{SPEC}")).check(NOISE)
    assert "add a `blobs` statement" in (report.images[0].error or "")


def test_a_share_is_that_of_the_pixels_that_meet_the_condition(tmp_path: Path) -> None:
    edges = np.kron(RNG.integers(0, 2, (8, 12)) * 255, np.ones((10, 10))).astype(np.uint8)
    picture = np.repeat(edges[..., None], 3, axis=2)
    spec = logidsl.load(
        written(
            tmp_path,
            "grid slot = 2 columns\n"
            "rule s: every slot c: pixel_share(c, contrast(20 px) >= -99 % and lightness >= otsu(lightness)) > 1 / 1\n"
            'rule c: pixel_share(image, difference(color, background("empty.png")) >= 10) > 1 / 1',
        )
    )
    write_picture(tmp_path / "empty.png", picture // 255 * 0 + 255)
    (image,) = spec.check(picture).images
    found = [float(f.measured or 0) for f in image.findings]
    white = edges > 0
    wanted = [white[:, :60].mean(), white[:, 60:].mean(), 1 - white.mean()]
    assert found == pytest.approx(wanted, rel=2e-3)


def test_nothing_else_lies_in_the_tray(tmp_path: Path) -> None:
    empty = np.full((120, 160, 3), 60, np.uint8)
    write_picture(tmp_path / "empty.png", empty)
    spec = logidsl.load(
        written(
            tmp_path,
            "blobs bright where lightness > 60 %\nblobs ground where lightness <= 60 % then fill()\n"
            "object tray = ground where area > 40 %: 1\nobject bolt = bright where area >= 300 px2\n"
            'rule clean: unexplained(tray, difference(color, background("empty.png")) >= 5) <= 2 %   high foreign',
        )
    )
    good = empty.copy()
    good[20:40, 20:60] = good[70:90, 20:60] = 220
    bad, dark = good.copy(), good.copy()
    bad[60:70, 100:110] = 220  # seen, and too small to be a bolt
    dark[60:80, 100:110] = (0, 0, 120)  # not even seen
    report = spec.check([good, bad, dark, empty], repairs=True)
    assert [i.labels for i in report.images] == [["normal"], ["foreign"], ["foreign"], ["normal"]]
    assert report.images[1].findings[0].measured == "5.88 %"  # 100 of 1700 px2
    assert (
        report.images[1].findings[0].joint == "a value is measured on the pixels of a place, which no repair can change"
    )


def test_a_table_without_one_of_its_objects_does_not_know_what_they_explain(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "blobs part where lightness > 60 %\nobject bolt = part where area >= 20 px2\n"
        "rule clean: unexplained(image, lightness > 40 %) <= 100 %",
    )
    picture, table = tmp_path / "a.png", tmp_path / "t.json"
    seen = np.zeros((60, 80, 3), np.uint8)
    seen[10:20, 10:30] = seen[30:40, 10:30] = 255
    write_picture(picture, seen)
    assert main(["table", str(picture), "--spec", str(path), "--format", "json", "-o", str(table)]) == 0
    picture.unlink()
    spec = logidsl.load(path)
    document = json.loads(table.read_text())
    assert spec.check([table]).images[0].verdict == "pass"
    document["images"][0]["objects"].pop()
    table.write_text(json.dumps(document))
    assert spec.check([table]).images[0].verdict == "review"


def test_a_condition_with_another_limit_is_another_measurement(tmp_path: Path) -> None:
    text = "param lim = 30 %\nparam top = 1 %\nrule s: pixel_share(image, lightness < lim) <= top\n"
    path, table = written(tmp_path, text), tmp_path / "t.json"
    write_picture(tmp_path / "a.png", NOISE)
    assert main(["table", str(tmp_path / "a.png"), "--spec", str(path), "--format", "json", "-o", str(table)]) == 0
    (tmp_path / "a.png").unlink()
    for params, verdict in (({}, "fail"), ({"top": "100 %"}, "pass"), ({"lim": "31 %"}, "review")):
        (image,) = logidsl.load(path, params=params).check([table]).images
        assert image.verdict == verdict, params


def test_fitting_looks_at_pixels_again_where_a_place_or_a_condition_changes() -> None:
    spec = (
        "param side = 50 % in 10 % .. 90 %\nparam dark = 30 % in 1 % .. 90 %\nparam top = 10 % in 1 % .. 90 %\n"
        "region left = box(0 %, 0 %, side, 100 %)\nrule s: pixel_share(left, lightness < dark) <= top\n"
    )
    start = seeing_digest(compile_spec(Source("s.logic", spec)))
    for name, other in (("side", True), ("dark", True), ("top", False)):
        found = seeing_digest(compile_spec(Source("s.logic", spec), {name: "60 %"}))
        assert (found != start) == other, name


@pytest.mark.parametrize("ending", ["json", "csv"])
def test_a_table_judges_as_its_picture_until_places_lie_elsewhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ending: str
) -> None:
    spec, picture, table = written(tmp_path), tmp_path / "a.png", tmp_path / f"a.{ending}"
    write_picture(picture, NOISE)
    argv = ["check", "--spec", str(spec), "--format", "json"]

    def judged(*more: str) -> dict[str, str | None]:
        main([*argv, *more])
        (image,) = json.loads(capsys.readouterr().out)["images"]
        return {f["rule"]: f["reason"] for f in image["findings"]}

    before = judged(str(picture))
    assert main(["table", str(picture), "--spec", str(spec), "--format", ending, "-o", str(table)]) == 0
    picture.unlink()
    assert judged("--table", str(table)) == before == {"all_red": None}
    assert judged("--table", str(table), "-P", "lim=99 %") == {"light": None, "all_red": None}
    written(tmp_path, SPEC.replace("50 %", "49 %"))
    found = judged("--table", str(table))
    assert set(found) == {"reddish", "all_red"}
    assert found["reddish"] is not None and "`left.lab_a` no pixels: give the picture itself" in found["reddish"]


def test_a_table_without_values_takes_them_from_the_picture_it_names(tmp_path: Path) -> None:
    spec = logidsl.load(written(tmp_path, SPEC.replace("grid", "object bolt\ngrid")))
    picture, table = tmp_path / "a.png", tmp_path / "t.csv"
    write_picture(picture, NOISE)
    table.write_text(
        f"image,class,image_width,image_height\n{picture},bolt,120,80\n{tmp_path / 'none.png'},bolt,120,80\n"
    )
    report = spec.check([table])
    assert [i.verdict for i in report.images] == ["fail", "review"]
    assert any("pixels of places not measured" in n for n in report.notes)


def test_values_that_cannot_be_read_are_noted_and_left_out(tmp_path: Path) -> None:
    good = {"of": "x", "measure": "color", "value": [50.0, 0.0, 0.0], "outline": [[[0, 0], [9, 0], [9, 9]]]}
    bad = [
        {**good, "value": [1.0]},
        {**good, "value": [1e999, 0, 0]},
        {**good, "outline": 3},
        {**good, "measure": 1},
        7,
    ]
    document = {"path": "a.png", "width": 120, "height": 80, "objects": [], "places": [good, *bad]}
    (tmp_path / "t.json").write_text(json.dumps(document))
    report = logidsl.load(written(tmp_path)).check([tmp_path / "t.json"])
    assert report.images[0].verdict == "review"
    assert sum("cannot be read: expected what `logidsl table` writes" in n for n in report.notes) == 5


def test_workers_and_batches_judge_alike(tmp_path: Path) -> None:
    spec = logidsl.load(written(tmp_path))
    paths = [tmp_path / f"{i}.png" for i in range(4)]
    for i, path in enumerate(paths):
        write_picture(path, NOISE // (i + 1))
    alone = [spec.check([p]).images[0] for p in paths]
    assert spec.check(paths, jobs=2).images == alone == spec.check(paths, jobs=1).images


def test_yaml_says_the_same(tmp_path: Path) -> None:
    text = written(tmp_path)
    assert main(["convert", str(text), "--output", str(tmp_path / "spec.yaml")]) == 0
    one, two = (logidsl.load(p).check(NOISE) for p in (text, tmp_path / "spec.yaml"))
    assert one.spec.hash == two.spec.hash
    assert one.images[0].labels == two.images[0].labels == ["pale"]


def test_before_a_picture_is_seen_a_place_has_no_colour(tmp_path: Path) -> None:
    with pytest.raises(logidsl.SpecError, match="E181"):
        logidsl.load(written(tmp_path, "blobs b where lightness > image.lightness\nobject c = b where area > 1 px2"))


def test_a_place_is_the_same_wherever_its_corners_begin_and_whichever_way_they_go() -> None:
    corners = np.array([[60.0, 60.0], [80.0, 60.0], [80.0, 65.0], [60.0, 65.0]])
    orders = [np.roll(way, k, axis=0) for way in (corners, corners[::-1]) for k in range(4)]
    assert len({PlaceValue("color", (order,)).key for order in orders}) == 1
    crossed = corners[[0, 2, 1, 3]]
    assert PlaceValue("color", (crossed,)).key != PlaceValue("color", (corners,)).key


def test_colours_of_the_cells_of_a_turned_part_are_found_alone_and_beside_others() -> None:
    text = (
        'spec s\ncolor red = "#a82a24"\nobject nut\nobject tray: 0 .. 1\n'
        "grid cell = 2 rows of turned(tray, largest(nut))\nrule r: every cell c: c.color != red"
    )
    program = compile_spec(Source("<spec>", text))
    cells = [np.array([[60.0, y], [80.0, y], [80.0, y + 5.0], [60.0, y + 5.0]]) for y in (60.0, 65.0)]
    columns = {"x0": [10.0, 60.0, 80.0], "y0": [70.0, 60.0, 40.0], "x1": [30.0, 80.0, 100.0], "y1": [90.0, 70.0, 50.0]}
    table = ObjectTable(
        images=("bare", "whole"),
        sizes=np.full((2, 2), 100.0),
        offsets=np.array([0, 1, 3]),
        classes=TextColumn.of(["nut", "tray", "nut"]),
        ids=("o0", "o1", "o2"),
        columns={name: np.array(values) for name, values in columns.items()},
        places=((), tuple(PlaceValue("color", (cell,), (50.0, 0.0, 0.0)) for cell in cells)),
    )
    rule = [r.name for r in program.rules].index("r")
    assert judge(program, table).truths[rule].tolist() == [0, 1]
    assert judge(program, table.take_image(1)).truths[rule].tolist() == [1]


def test_a_place_without_extent_is_the_same_with_three_corners_and_with_four() -> None:
    four = np.array([(90.0, 70.0), (90.0, 70.0), (60.0, 70.0), (60.0, 70.0)])
    three = np.array([(60.0, 70.0), (90.0, 70.0), (90.0, 70.0)])
    point = np.array([(60.0, 70.0)] * 4)
    assert PlaceValue("color", (four,)).key == PlaceValue("color", (three,)).key
    assert PlaceValue("color", (point,)).key != PlaceValue("color", (three,)).key
    assert PlaceValue("color", (point,)).key == PlaceValue("color", (point[:1],)).key
