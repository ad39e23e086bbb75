"""Frames of reference: a plate turned by any angle is judged as if it lay straight."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from logidsl.eval import judge
from logidsl.eval.locating import locate
from logidsl.extract.pixels.overlay import OverlayBox, draw_overlay
from logidsl.extract.pixels.picture import picture_of
from logidsl.ir import Program
from logidsl.pipeline import compile_spec
from logidsl.report.build import build
from logidsl.report.html import page
from logidsl.report.marks import marks
from logidsl.source import Source
from logidsl.table import BOX, ObjectTable, Outlines, TextColumn, concatenate

CENTRE = np.array([300.0, 200.0])
PINS = [(-50, -30), (50, -30), (-50, 30), (50, 30)]


def program(text: str) -> Program:
    return compile_spec(Source("t.logic", text))


def turned_box(turn_deg: float, x: float, y: float, width: float, height: float) -> np.ndarray:
    """(4, 2) corners of a box said on axes turned round the centre."""
    turn = np.radians(turn_deg)
    axes = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    corners = np.array([(x + i * width / 2, y + j * height / 2) for i, j in ((-1, -1), (1, -1), (1, 1), (-1, 1))])
    return np.asarray(corners @ axes + CENTRE)


def plate(turn_deg: float, pins=PINS, notch=True, name="p") -> ObjectTable:
    """A plate of 200 by 120 px with a notch at its top edge and some pins, turned."""
    parts = [("plate", turned_box(turn_deg, 0, 0, 200, 120))]
    parts += [("notch", turned_box(turn_deg, 20, -50, 10, 10))] if notch else []
    parts += [("pin", turned_box(turn_deg, x, y, 8, 8)) for x, y in pins]
    rings = [ring for _, ring in parts]
    low, high = np.array([r.min(axis=0) for r in rings]), np.array([r.max(axis=0) for r in rings])
    columns = {"x0": low[:, 0], "y0": low[:, 1], "x1": high[:, 0], "y1": high[:, 1]}
    columns["angle"] = np.full(len(parts), 90.0 - (90.0 - turn_deg) % 180.0)
    return ObjectTable(
        images=(name,),
        sizes=np.array([[600.0, 400.0]]),
        offsets=np.array([0, len(parts)]),
        classes=TextColumn.of([c for c, _ in parts]),
        ids=tuple(str(i) for i in range(len(parts))),
        columns=columns,
        outlines=Outlines.of([[r] for r in rings]),
    )


WHOLE = """
object plate: 1
object notch: 1
object pin
frame turned(plate, notch)
grid cell = 2 rows, 2 columns
rule one_each: every cell c: count(pin inside c) = 1
rule places: every pin: x in 45 .. 155 px and y in 25 .. 95 px
rule size: plate.width = 200 px within 0.01 px and plate.height = 120 px within 0.01 px
rule notch_at_the_top: notch.y < 10 % and notch.x in 58 .. 62 %
rule straight: plate.angle = 0 deg within 0.01 deg
rule left_half: count(pin where x < 50 %) = 2
"""


@pytest.mark.parametrize("turn_deg", [0, 1, 25, 45, 60, 89, 90, 91, 135, 180, 200, 270, 315, -10])
def test_a_spec_said_on_the_part_holds_whichever_way_it_lies(turn_deg):
    judgement = judge(program(WHOLE), plate(turn_deg))
    names = [r.name for r in judgement.program.rules]
    assert dict(zip(names, judgement.truths[:, 0].tolist(), strict=True)) == dict.fromkeys(names, 1)


def test_without_the_frame_what_needs_a_place_is_undetermined():
    judgement = judge(program(WHOLE), concatenate([plate(30), plate(30, notch=False, name="q")]))
    truths = {r.name: t.tolist() for r, t in zip(judgement.program.rules, judgement.truths, strict=True)}
    assert truths["notch"] == [1, -1]
    assert truths["places"] == [1, 0]
    assert truths["one_each"] == [1, 0]
    report = build(judgement.program, judgement.table, judgement)
    assert any("no frame" in (f.reason or "") for f in report.images[1].findings)


def test_findings_give_places_of_the_picture():
    judgement = judge(program(WHOLE), plate(30, pins=PINS[:3]))
    (image,) = build(judgement.program, judgement.table, judgement).images
    finding = next(f for f in image.findings if f.rule == "one_each")
    cell = next(o for o in finding.objects if o.class_ == "cell")
    assert (cell.row, cell.col) == (2, 2)
    corners = turned_box(30, 50, 30, 100, 60)
    assert cell.box == pytest.approx((*corners.min(axis=0), *corners.max(axis=0)))


UPRIGHT_RULES = ("places", "left_half", "notch_at_the_top", "straight", "size")
ALONE = "".join(
    line + "\n"
    for line in WHOLE.replace("2 columns", "2 columns of turned(plate, notch)").splitlines()
    if not line.startswith("frame") and not any(line.startswith(f"rule {r}:") for r in UPRIGHT_RULES)
)


@pytest.mark.parametrize("text", [WHOLE, ALONE])
def test_what_is_turned_is_drawn_turned(text):
    judgement = judge(program(text + "rule none_long: every pin: diagonal < 5 px\n"), plate(30, pins=PINS[:3]))
    report = build(judgement.program, judgement.table, judgement)
    (image,) = report.images
    objects = [o for f in image.findings for o in f.objects]
    for wanted, found in (
        (turned_box(30, 50, 30, 100, 60), next(o for o in objects if o.class_ == "cell")),
        (turned_box(30, *PINS[0], 8, 8), next(o for o in objects if o.id == "2")),
    ):
        assert found.outline is not None
        assert np.array(found.outline) == pytest.approx(wanted, abs=0.006)
        assert found.box == pytest.approx((*wanted.min(axis=0), *wanted.max(axis=0)))
        points = " ".join(f"{x:g},{y:g}" for x, y in found.outline)
        assert f'<polygon points="{points}"' in page(report)

    boxes = [OverlayBox(m.box, m.role, "", m.outline) for m in marks(image)]
    drawn = draw_overlay(picture_of(np.full((400, 600, 3), 128, np.uint8)), boxes)
    zoom = drawn.shape[1] / 600
    changed = (np.abs(drawn.astype(int) - 128).max(axis=2) > 20).astype(np.uint8)
    corners = turned_box(30, 50, 30, 100, 60)
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        for share in (0.0, 0.15, 0.3):  # what is absent is dashed
            x, y = ((start + (end - start) * share) * zoom).astype(int)
            assert changed[y - 8 : y + 9, x - 8 : x + 9].any()
    (x0, y0), (x1, y1) = corners.min(axis=0) * zoom, corners.max(axis=0) * zoom
    for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1)):  # the corners of the upright box
        assert not changed[int(y) - 8 : int(y) + 9, int(x) - 8 : int(x) + 9].any()


def test_an_outline_is_that_of_the_picture_where_pixels_are_not_square():
    text = """
scale 1 px = 0.1 mm by 0.2 mm
object plate: 1
object pin
grid cell = 1 row, 2 columns of turned(plate)
rule one_each: every cell c: some pin inside c
"""
    table = plate(30, pins=[(-50, 0)], notch=False)
    (image,) = build(made := program(text), table, judge(made, table)).images
    cell = next(o for f in image.findings for o in f.objects if o.class_ == "cell")
    stretched = np.array(turned_box(30, 0, 0, 200, 120)) * (1.0, 2.0)
    assert cell.outline is not None
    inside = shapely.Polygon(np.array(cell.outline) * (1.0, 2.0))
    rectangle = shapely.oriented_envelope(shapely.Polygon(stretched))
    assert inside.area == pytest.approx(rectangle.area / 2, rel=1e-3)
    assert rectangle.buffer(0.1).covers(inside)


ONE = """
object plate: 1
object notch: 1
object pin
region corner = box(0 %, 0 %, 50 %, 50 %) of turned(plate, notch)
region hub = circle(50 %, 50 %, 10 px) of turned(plate, notch)
grid cell = 2 rows, 2 columns of turned(plate, notch)
rule corner_pin: count(pin inside corner) = 1
rule hub_free: no pin inside hub
rule one_each: every cell c: count(pin inside c) = 1
rule grown: count(pin inside grow(plate, 5 px)) = 4 and count(notch wholly inside grow(plate, -1 px)) = 1
rule apart: angle_between(plate, notch) <= 0.01 deg
"""


@pytest.mark.parametrize("turn_deg", [0, 25, 90, 133, 250])
def test_regions_and_grids_in_the_frame_of_a_part(turn_deg):
    judgement = judge(program(ONE), plate(turn_deg))
    names = [r.name for r in judgement.program.rules]
    assert dict(zip(names, judgement.truths[:, 0].tolist(), strict=True)) == dict.fromkeys(names, 1)


CUT = """
object plate: 1
object notch: 1
object pin
region half = box(0 %, 0 %, 50 %, 100 %) of turned(plate, notch)
region half_of_half = box(0 %, 0 %, 100 %, 50 %) of half
region around = grow(half, 20 px)
region disc = circle(50 %, 50 %, 58 px) of turned(plate, notch)
region sides = box(0 %, 0 %, 50 %, 100 %) | box(50 %, 0 %, 100 %, 100 %) of turned(plate, notch)
grid cell = 2 rows, 2 columns of half
grid narrow = columns at [50 %] of half_of_half
grid wide = rows at [50 %], columns at [50 %] of around
grid round_cell = 2 rows, 2 columns of disc
grid part = 2 rows, 2 columns of sides
grid small = 2 columns of part
rule in_cells: [count(pin inside c) of cell c] = [1, 2, 3, 0]
rule cells: every cell: area = 3000 px2 within 0.1 px2
rule in_narrow: [count(pin inside c) of narrow c] = [1, 2]
rule in_wide: [count(pin inside c) of wide c] = [1, 2, 3, 0]
rule in_disc: [count(pin inside c) of round_cell c] = [2, 1, 1, 1]
rule round_cells: every round_cell: area = 3364 px2 within 0.1 px2
rule in_parts: count(part p where count(pin inside p) = 1) = 3 and count(part) = 8
rule in_small: count(small p where count(pin inside p) = 1) = 6 and count(small) = 16
"""
CUT_PINS = [(-90, -50), (-10, -10), (-40, -50), (-90, 10), (-60, 50), (-55, 10), (52, -30), (52, 30)]


@pytest.mark.parametrize("turn_deg", [0, 1, 25, 44, 45, 46, 90, 133, 180, 250, -30])
def test_cells_turn_with_the_region_that_they_are_cut_from(turn_deg):
    judgement = judge(program(CUT), plate(turn_deg, CUT_PINS))
    names = [r.name for r in judgement.program.rules]
    assert dict(zip(names, judgement.truths[:, 0].tolist(), strict=True)) == dict.fromkeys(names, 1)


@pytest.mark.parametrize("turn_deg", [0, 25, 133])
def test_cells_of_a_region_turn_with_it_under_the_frame_of_the_spec_too(turn_deg):
    on_frame = "frame turned(plate, notch)\n" + CUT.replace(" of turned(plate, notch)", "")
    on_both = "frame upright(plate)\n" + CUT
    for text in (on_frame, on_both):
        judgement = judge(program(text), plate(turn_deg, CUT_PINS))
        names = [r.name for r in judgement.program.rules]
        assert dict(zip(names, judgement.truths[:, 0].tolist(), strict=True)) == dict.fromkeys(names, 1)


def test_a_direction_is_compared_round_the_whole_circle_and_an_axis_half_round():
    text = """
object plate: 1
object notch: 1
rule there: direction(plate, notch) = {way} deg within 5 deg
rule axis: plate.angle = {axis} deg within 1 deg
"""
    table = plate(0)
    way = float(np.degrees(np.arctan2(-50, 20)))
    right = judge(program(text.format(way=round(way, 2), axis=180)), table)
    opposite = judge(program(text.format(way=round(way + 180, 2), axis=90)), table)
    assert right.truths[2:, 0].tolist() == [1, 1]
    assert opposite.truths[2:, 0].tolist() == [-1, -1]


MARK = """
object plate = template("plate.png", 80 %, 180 deg): 1
object notch: 1
object pin
frame turned(plate)
rule places: every pin: x in 45 .. 155 px and y in 25 .. 95 px
rule notch_at_the_top: notch.y < 10 % and notch.x in 58 .. 62 %
rule straight: plate.turn = 0 deg within 0.01 deg
attribute turn of plate: turn
"""


def marked(turn_deg: float) -> ObjectTable:
    """The plate as a template finds it: how it is turned all the way round is known."""
    table = plate(turn_deg)
    turn = np.where(np.arange(len(table)) == 0, turn_deg % 360.0, np.nan)
    return replace(table, columns={**table.columns, "turn": turn})


@pytest.mark.parametrize("turn_deg", [0, 1, 44, 45, 46, 89, 90, 135, 180, 225, 270, 359])
def test_a_mark_is_the_frame_all_the_way_round_without_a_marker(turn_deg):
    judgement = judge(program(MARK), marked(turn_deg))
    names = [r.name for r in judgement.program.rules]
    assert dict(zip(names, judgement.truths[:, 0].tolist(), strict=True)) == dict.fromkeys(names, 1)


def test_a_mark_of_unknown_turn_is_no_frame_but_with_a_marker_it_is():
    table = plate(200)
    table = replace(table, columns={**table.columns, "turn": np.full(len(table), np.nan)})
    judgement = judge(program(MARK), table)
    truths = {r.name: int(t[0]) for r, t in zip(judgement.program.rules, judgement.truths, strict=True)}
    assert (truths["plate"], truths["places"]) == (1, 0)
    judgement = judge(program(MARK.replace("turned(plate)", "turned(plate, notch)")), table)
    truths = {r.name: int(t[0]) for r, t in zip(judgement.program.rules, judgement.truths, strict=True)}
    assert (truths["places"], truths["notch_at_the_top"]) == (1, 1)


def test_a_column_called_turn_of_what_is_no_mark_turns_nothing():
    table = marked(10)
    other = judge(
        program(MARK.replace('object plate = template("plate.png", 80 %, 180 deg): 1', "object plate: 1")), table
    )
    assert int(other.truths[[r.name for r in other.program.rules].index("places"), 0]) == 1
    turned = replace(table, columns={**table.columns, "turn": np.full(len(table), 100.0)})
    kept = judge(
        program(MARK.replace('object plate = template("plate.png", 80 %, 180 deg): 1', "object plate: 1")), turned
    )
    assert int(kept.truths[[r.name for r in kept.program.rules].index("places"), 0]) == 1


@pytest.mark.parametrize("turn_deg", [0, 25, 133])
def test_a_source_looks_in_a_region_of_a_turned_region(turn_deg):
    spec = program(CUT)
    region = next(r for r in spec.regions if r.name == "half_of_half")
    rings = locate(spec, plate(turn_deg, CUT_PINS), region.node)
    assert rings is not None and len(rings) == 1
    (ring,) = rings
    wanted = turned_box(turn_deg, -50, -30, 100, 60)
    far = np.abs(ring[:, None] - wanted[None]).max(axis=2)
    assert sorted(far.argmin(axis=0).tolist()) == [0, 1, 2, 3]
    assert far.min(axis=0).max() < 1e-6


def test_an_image_without_the_frame_takes_nothing_from_the_next() -> None:
    spec = program("object tray: 1\nobject nut\nframe turned(tray)\nrule small: every nut: area <= 400 px2\n")
    triangle = np.array([(30.0, 80.0), (60.0, 80.0), (36.0, 50.0)])
    points = np.concatenate([triangle, triangle])
    box = {"x0": [30.0, 10.0, 30.0], "y0": [50.0, 10.0, 50.0], "x1": [60.0, 90.0, 60.0], "y1": [80.0, 40.0, 80.0]}
    table = ObjectTable(
        images=("without", "with"),
        sizes=np.full((2, 2), 100.0),
        offsets=np.array([0, 1, 3]),
        classes=TextColumn.of(["nut", "tray", "nut"]),
        ids=("a", "t", "b"),
        columns={name: np.array(values) for name, values in box.items()},
        outlines=Outlines(points, np.array([0, 3, 6]), np.array([0, 1, 1, 2])),
    )
    judged = judge(spec, table)
    small = [rule.name for rule in spec.rules].index("small")
    assert judged.truths[small].tolist() == [0, -1]
    found = next(c for c in judged.clauses if c.false and c.rule == small)
    assert found.margin is not None and found.margin.tolist() == [-0.125]


def test_an_object_without_a_box_has_no_place_on_a_frame_either() -> None:
    table = plate(0, pins=PINS[:1])
    for name in BOX:
        column = table.columns[name]
        assert isinstance(column, np.ndarray)
        column[-1] = np.nan
    for frame in ("", "frame turned(plate)\n"):
        judged = judge(program(f"object plate: 1\nobject pin\n{frame}rule left: every pin: x <= 300 px\n"), table)
        left = [rule.name for rule in judged.program.rules].index("left")
        assert judged.truths[left].tolist() == [0]
        (found,) = (c for c in judged.clauses if c.rule == left)
        assert found.reasons == ("`x` not measured",)
