"""Pictures to tables: rendered scenes, and real photographs with one spec for all of a kind."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from logidsl.diagnostics import InputError
from logidsl.extract.pixels.picture import Picture, picture_of, read_picture
from logidsl.extract.sources import blobs
from logidsl.extract.sources.blobs import see_picture
from logidsl.ir import Program
from logidsl.library.color import ciede2000
from logidsl.table import ObjectTable, TextColumn
from tests.conftest import SHARED
from tests.extract.build import Spec, floats, lab_of

needs_data = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is missing")


def large(table: ObjectTable, share: float) -> list[int]:
    """Rows of at least a share of the picture's area."""
    area = floats(table)["area"] / table.sizes[0].prod()
    return np.flatnonzero(area >= share).tolist()


def drawn() -> Picture:
    picture = np.full((200, 300, 3), 20, np.uint8)
    cv2.circle(picture, (60, 60), 25, (0, 190, 240), cv2.FILLED)  # amber disc
    cv2.rectangle(picture, (150, 40), (249, 59), (200, 60, 30), cv2.FILLED)  # blue bar, 100 by 20
    cv2.circle(picture, (80, 150), 30, (0, 190, 240), 10)  # amber ring
    picture[190, 290] = (200, 60, 30)  # a speck of blue
    return picture_of(picture, "drawn.png")


def colours() -> Spec:
    spec = Spec(amber="#f0be00", blue="#1e3cc8")
    spec.blobs("yellow", spec.is_color("amber")).blobs("dark", spec.is_color("blue"))
    return spec


@pytest.mark.parametrize("touching", [False, True])
def test_what_is_summed_slab_by_slab(touching: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = colours()
    if touching:
        spec.blobs("any", spec.call("or", spec.is_color("amber"), spec.is_color("blue")), "fill")
    at_once = floats(see_picture(spec.program, drawn()))
    monkeypatch.setattr(blobs, "_SLAB", 100)
    in_slabs = floats(see_picture(spec.program, drawn()))
    for name in ("area", "cover"):
        np.testing.assert_array_equal(in_slabs[name], at_once[name])
    np.testing.assert_allclose(in_slabs["color"], at_once["color"], rtol=0, atol=1e-9)
    assert (in_slabs["cover"] < 1).any() == touching


def test_a_drawn_scene() -> None:
    table = see_picture(colours().program, drawn())
    assert table.images == ("drawn.png",)
    assert table.sizes.tolist() == [[300, 200]]
    assert table.ids == ("1", "2", "3", "4")
    assert table.classes.texts() == ["yellow", "dark", "yellow", "dark"]
    columns = floats(table)
    assert [columns[k][1] for k in ("x0", "y0", "x1", "y1")] == [150, 40, 250, 60]
    assert [columns[k][1] for k in ("area", "length", "thickness", "angle", "aspect")] == [2000, 100, 20, 0, 5]
    assert columns["holes"].tolist() == [0, 0, 1, 0]
    assert columns["roundness"][0] > 0.95
    assert columns["roundness"][1] < 0.6
    assert columns["start"][1].tolist() == [150, 40.5]
    for row, text in ((0, "#f0be00"), (1, "#1e3cc8"), (2, "#f0be00")):
        assert ciede2000(columns["color"][row], lab_of(text)) < 0.01
    assert columns["lightness"].tolist() == pytest.approx((columns["color"][:, 0] / 100).tolist())
    assert table.outlines is not None
    assert [len(table.outlines.rings(i)) for i in range(4)] == [1, 1, 2, 1]
    assert [columns[k][3] for k in ("x0", "y0", "x1", "y1", "area")] == [290, 190, 291, 191, 1]


def test_the_outline_has_the_box_of_the_row() -> None:
    table = see_picture(colours().program, drawn())
    assert table.outlines is not None
    for row in range(len(table)):
        outer = table.outlines.rings(row)[0]
        assert [*outer.min(0), *outer.max(0)] == [floats(table)[k][row] for k in ("x0", "y0", "x1", "y1")]


def test_a_turned_picture_has_turned_objects() -> None:
    program = colours().program
    upright = see_picture(program, drawn())
    turned = see_picture(program, picture_of(np.ascontiguousarray(np.rot90(drawn().bgr))))
    for name in ("area", "length", "thickness", "holes", "solidity"):
        assert sorted(floats(upright)[name]) == pytest.approx(sorted(floats(turned)[name]))


def test_nothing_to_see() -> None:
    table = see_picture(colours().program, picture_of(np.zeros((5, 5, 3), np.uint8)))
    assert len(table) == 0
    assert table.offsets.tolist() == [0, 0]
    assert floats(table)["color"].shape == (0, 3)
    assert floats(table)["start"].shape == (0, 2)


def test_one_pixel_and_whole_pictures() -> None:
    spec = Spec()
    spec.blobs("all", spec.at_least("lightness", 0), ("close", spec.px(9)), ("open", spec.px(9)), "fill", "split")
    for shape in ((1, 1, 3), (1, 40, 3), (30, 1, 3), (30, 40, 3)):
        table = see_picture(spec.program, picture_of(np.full(shape, 200, np.uint8)))
        assert [floats(table)[k].tolist() for k in ("x0", "y0", "x1", "y1")] == [[0], [0], [shape[1]], [shape[0]]]
        assert floats(table)["area"].tolist() == [shape[0] * shape[1]]


def test_ten_thousand_specks_are_rows() -> None:
    picture = np.zeros((400, 400, 3), np.uint8)
    picture[::4, ::4] = 255
    picture[1::8, ::8] = 255
    spec = Spec()
    spec.blobs("speck", spec.at_least("lightness", 0.5))
    table = see_picture(spec.program, picture_of(picture))
    assert len(table) == 10_000
    assert sorted(set(floats(table)["area"].tolist())) == [1, 2]
    assert set(floats(table)["length"].tolist()) == {1, 2}
    places = floats(table)["start"] - np.stack([floats(table)["x0"], floats(table)["y0"]], 1)
    assert len(np.unique(places, axis=0)) <= 2, "a shape measured once is moved to where each speck is"


def test_no_blobs_statement() -> None:
    with pytest.raises(InputError, match=r"a\.png: the spec does not define how objects are found .* add a `blobs`"):
        see_picture(Program(), picture_of(np.zeros((2, 2), np.uint8), "a.png"))


# ---- photographs ----


def classes(table: ObjectTable) -> list[str | None]:
    column = table.classes
    assert isinstance(column, TextColumn)
    return column.texts()


def pushpins() -> Program:
    spec = Spec()
    yellow = spec.call(
        "and",
        spec.call("between", spec.pixel("hue"), spec.deg(20), spec.deg(60)),
        spec.at_least("saturation", 0.6),
        spec.at_least("lightness", 0.4),
    )
    return spec.blobs("yellow", yellow, ("close", spec.percent(1)), ("open", spec.percent(0.6))).program


@needs_data
@pytest.mark.parametrize(
    "name",
    [
        "loco_pushpins/wrong_arrangement.png",
        "loco_pushpins/complete_needle_defect.png",
        "loco_five_normals_small/pushpins.png",
    ],
)
@pytest.mark.parametrize("scale", [1, 2, 3])
def test_fifteen_pushpins_at_any_size(name: str, scale: int) -> None:
    picture = read_picture(SHARED / name)
    picture = picture_of(
        np.asarray(cv2.resize(picture.bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8)
    )
    table = see_picture(pushpins(), picture)
    rows = large(table, 0.001)
    assert len(rows) == 15
    assert np.median(floats(table)["aspect"][rows]) > 1.3


@needs_data
def test_twenty_four_coins_in_uneven_light() -> None:
    spec = Spec()
    spec.blobs("bright", spec.at_least("contrast", 0.06), "fill", ("open", spec.percent(2)))
    table = see_picture(spec.program, read_picture(SHARED / "small_parts/coins_skimage.png"))
    rows = large(table, 0.003)
    assert len(rows) == json.loads((SHARED / "small_parts/truth.json").read_text())["coins_skimage.png"]["coins"]
    assert floats(table)["roundness"][rows].min() > 0.85


SWEETS = {"red": ["#a33b3e", "#6c2122"], "yellow": ["#b99b33"], "green": ["#4b7925", "#626e23"]}
SWEETS["purple"] = ["#261418", "#492534"]
SMARTIES = {"green": ["#0fe043"], "blue": ["#2069e1"], "red": ["#ce0a13"], "orange": ["#f55f06"], "brown": ["#31131f"]}


def sweets(cleaning: float) -> Program:
    spec = Spec()
    seen = spec.call("or", spec.at_least("saturation", 0.45), spec.at_most("lightness", 0.25))
    return spec.blobs("candy", seen, ("open", spec.percent(cleaning)), "fill", "split").program


def counted(table: ObjectTable, palette: dict[str, list[str]], share: float) -> dict[str, int]:
    """How many large rows are nearest to each colour."""
    found = dict.fromkeys(palette, 0)
    for row in large(table, share):
        lab = floats(table)["color"][row]
        away = {name: min(float(ciede2000(lab, lab_of(h))) for h in texts) for name, texts in palette.items()}
        found[min(away, key=lambda n: away[n])] += 1
    return found


@needs_data
def test_sweets_by_colour_with_one_spec_for_all_photographs() -> None:
    truth = json.loads((SHARED / "candies_even/truth.json").read_text())
    program = sweets(0.6)
    tables = {name: see_picture(program, read_picture(SHARED / "candies_even" / name)) for name in truth}
    right = [name for name, table in tables.items() if counted(table, SWEETS, 0.0002) == truth[name]]
    assert len(truth) >= 19
    assert len(right) >= len(truth) - 1, sorted(set(truth) - set(right))


@needs_data
def test_smarties_by_colour_with_those_cut_by_the_border() -> None:
    table = see_picture(sweets(1.5), read_picture(SHARED / "small_parts/smarties.png"))
    truth = json.loads((SHARED / "small_parts/truth.json").read_text())["smarties.png"]
    assert counted(table, SMARTIES, 0.003) == {name: truth[name] for name in SMARTIES}


@needs_data
def test_pockets_of_blister_packs() -> None:
    spec = Spec()
    spec.blobs("foil", spec.at_least("lightness", 0.55), ("close", spec.percent(2)), "fill", ("open", spec.percent(2)))
    blue = spec.call(
        "and",
        spec.call("between", spec.pixel("hue"), spec.deg(170), spec.deg(230)),
        spec.at_least("saturation", 0.13),
        spec.at_least("lightness", 0.4),
    )
    spec.blobs("blue", blue, ("open", spec.percent(0.5)), ("close", spec.percent(4)), ("open", spec.percent(2)))
    table = see_picture(spec.program, read_picture(SHARED / "blister_packs/pills.png"))
    names = classes(table)
    rows = large(table, 0.001)
    truth = json.loads((SHARED / "blister_packs/truth.json").read_text())
    assert sum(names[r] == "blue" for r in rows) == truth["filled"]
    packs = [r for r in large(table, 0.03) if names[r] == "foil"]
    assert len(packs) == truth["packs"]
    cells = set()
    for row in rows:
        if names[row] == "blue":
            x, y = (float(floats(table)[a][row] + floats(table)[b][row]) / 2 for a, b in (("x0", "x1"), ("y0", "y1")))
            for number, pack in enumerate(sorted(packs, key=lambda p: float(floats(table)["x0"][p]))):
                x0, y0, x1, y1 = (float(floats(table)[k][pack]) for k in ("x0", "y0", "x1", "y1"))
                if x0 <= x <= x1 and y0 <= y <= y1:
                    cells.add((number, int(3 * (y - y0) / (y1 - y0)), int(2 * (x - x0) / (x1 - x0))))
    every = {(p, r, c) for p in range(2) for r in range(3) for c in range(2)}
    assert every - cells == {(0, truth["empty"]["row"] - 1, truth["empty"]["col"] - 1)}


@needs_data
def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    picture = read_picture(SHARED / "small_parts/smarties.png")
    copy = tmp_path / "copy.png"
    cv2.imwrite(str(copy), picture.bgr)
    one, two = (see_picture(sweets(1.5), p) for p in (picture, read_picture(copy)))
    for name, column in one.columns.items():
        assert np.array_equal(np.asarray(column), floats(two)[name]), name
