"""`scale … by …`: a part seen through pixels that are not square is judged as the same part through square ones.

Parts are made in mm and put into tables twice, once through square pixels and once through others, each measured in
its own px; whatever a spec says in mm must come out alike. Then the same from pictures, and what px mean.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from logidsl.diagnostics import SpecError
from logidsl.eval import judge
from logidsl.eval.locating import locate
from logidsl.extract.pixels.picture import picture_of
from logidsl.ir import Program
from logidsl.library.measure import NUMBERS, POINTS, measure_outline
from logidsl.pipeline import compile_spec
from logidsl.report.build import build
from logidsl.report.report import Report
from logidsl.scenes import run_tests
from logidsl.seeing import see_one
from logidsl.source import Source
from logidsl.table import ColumnData, ObjectTable, Outlines, TextColumn, concatenate

MM = 0.1
RULES = """
object plate: 1
object notch: 1
object bolt, nut
let top = first(bolt by y)
let left = first(bolt by x)
region disc = circle(50 %, 40 %, 9 mm)
region wide = grow(plate, 3 mm)
grid cell = 2 rows, 3 columns
grid band = rows at [8 mm, 14 mm] of plate
rule far: every bolt b: distance(b, plate) <= 9 mm
rule free: every bolt b: gap(b, plate) >= 0.5 mm
rule long: every bolt: length in 2.5 .. 5.5 mm
rule thick: every bolt: thickness = 2.2 mm within 1 mm
rule slim: max(aspect of bolt) < 2.2
rule way: every bolt: angle in -30 .. 50 deg
rule around: mean(perimeter of bolt) <= 11 mm
rule path: every nut: path_length < 4.5 mm
rule round: every nut: roundness >= 0.55
rule solid: every nut: solidity >= 0.957
rule big: sum(area of bolt | nut) in 30 .. 42 mm2
rule across: every nut: diagonal < 5.5 mm and box_area < 16 mm2
rule ends: every bolt b: distance(b.start, b.end) < 5 mm
rule begun: every bolt: start inside disc
rule held: count(bolt inside disc) = 2
rule around_plate: every nut: inside wide
rule beside: every nut: near bolt within 4 mm
rule close: some nut touches bolt
rule turn: direction(plate, top) in -120 .. 20 deg
rule between: angle_between(top, left) <= 40 deg
rule ranks: rank(plate.center, bolt by y) = 2
rule nearest_nut: distance(nearest(nut, plate), plate) < 5 mm
rule cells: every cell c: count(bolt inside c) <= 1
rule bands: every band b: count(nut inside b) = 0
rule mirrored: symmetric(nut, plate.y, 4 mm)
rule pairs: paired(nut, bolt, 6 mm)
rule step: max(steps(bolt by y)) < 5 mm
rule tall: every bolt: height in 2 .. 5 mm and y < 60 %
rule apart: dy(top, plate) in 2 .. 8 mm
"""
SQUARE = f"scale 1 px = {MM} mm\n"


def program(text: str) -> Program:
    return compile_spec(Source("t.logic", text))


def parts(seed: int) -> list[tuple[str, np.ndarray]]:
    """Classes and outlines, mm, of parts on a field of 36 by 30 mm; the notch is above the plate's middle."""
    random = np.random.default_rng(seed)
    fixed = [("plate", outline(random, np.array([18, 14]), 6)), ("notch", outline(random, np.array([17, 9]), 0.8))]
    names = ("bolt", "bolt", "bolt", "nut", "nut", "nut")
    loose = [outline(random, random.uniform((8, 5), (28, 24)), random.uniform(1.5, 3)) for _ in names]
    return fixed + list(zip(names, loose, strict=True))


def outline(random: np.random.Generator, at: np.ndarray, radius: float) -> np.ndarray:
    """A star-shaped polygon, mm, longer one way than the other."""
    turns = np.sort(random.uniform(0, 2 * np.pi, 9)) + np.linspace(0, 0.01, 9)
    ring = np.stack([np.cos(turns), 0.6 * np.sin(turns)], axis=1) * random.uniform(0.7, 1, (9, 1)) * radius
    way = random.uniform(0, np.pi)
    return np.asarray(ring @ np.array([[np.cos(way), np.sin(way)], [-np.sin(way), np.cos(way)]]) + at)


def pictured(seed: int, mm_y: float) -> ObjectTable:
    """Parts seen through pixels of `MM` by `mm_y` mm, and measured in these."""
    rings = [(name, ring / (MM, mm_y)) for name, ring in parts(seed)]
    low, high = np.array([r.min(axis=0) for _, r in rings]), np.array([r.max(axis=0) for _, r in rings])
    columns: dict[str, ColumnData] = {"x0": low[:, 0], "y0": low[:, 1], "x1": high[:, 0], "y1": high[:, 1]}
    measured = [measure_outline([r]) for _, r in rings]
    columns |= {name: np.array([m[name] for m in measured], np.float64) for name in (*NUMBERS, *POINTS)}
    return ObjectTable(
        images=(str(seed),),
        sizes=np.array([[36 / MM, 30 / mm_y]]),
        offsets=np.array([0, len(rings)]),
        classes=TextColumn.of([name for name, _ in rings]),
        ids=tuple(str(i) for i in range(len(rings))),
        columns=columns,
        outlines=Outlines.of([[r] for _, r in rings]),
    )


def boxes(report: Report) -> list[list[tuple[str, tuple[float, ...] | None]]]:
    return [[(o.class_, o.box) for o in f.objects] for i in report.images for f in i.findings]


@pytest.mark.parametrize("frame", ["", "frame turned(plate, notch)\n"], ids=["picture", "frame"])
@pytest.mark.parametrize("mm_y", [0.107, 0.05, 0.31])
def test_a_part_is_judged_alike(mm_y: float, frame: str) -> None:
    square, other = program(SQUARE + frame + RULES), program(f"scale 1 px = {MM} mm by {mm_y} mm\n" + frame + RULES)
    tables = [concatenate([pictured(seed, mm) for seed in range(40)]) for mm in (MM, mm_y)]
    first, second = (judge(p, t, scores=True) for p, t in zip((square, other), tables, strict=True))
    undecided = [r.name for r, t in zip(square.rules, first.truths, strict=True) if len(set(t.tolist())) < 2]
    # each rule holds on some and fails on others, else it would show little
    assert frame or set(undecided) == {"plate", "notch"}
    assert np.array_equal(first.truths, second.truths)
    assert first.scores is not None and second.scores is not None
    assert second.scores == pytest.approx(first.scores, abs=1e-6)
    for a, b in zip(first.clauses, second.clauses, strict=True):
        assert (a.rule, a.labels, a.reasons) == (b.rule, b.labels, b.reasons)
        for node, shown in a.shown.items():
            if shown.numbers is not None and shown.dim in ("length", "area"):
                assert b.shown[node].dim == {"length": "mm", "area": "mm2"}[shown.dim]
                factor = MM if shown.dim == "length" else MM * MM
                assert b.shown[node].numbers == pytest.approx(shown.numbers * factor, abs=1e-9)
    reports = [build(p, t, j) for p, t, j in ((square, tables[0], first), (other, tables[1], second))]
    for a_objects, b_objects in zip(*(boxes(r) for r in reports), strict=True):
        assert [name for name, _ in a_objects] == [name for name, _ in b_objects]
        for (_, a_box), (_, b_box) in zip(a_objects, b_objects, strict=True):
            if a_box is not None and not frame:  # the box round a turned cell is another one in another picture
                assert b_box == pytest.approx(np.array(a_box) * (1, MM / mm_y, 1, MM / mm_y))


PX = """
object plate: 1
object bolt
region part = box(10 px, 20 px, 250 px, 300 px)
grid band = rows at [65 px, 100 px]
rule tall: every bolt: 10 px < height <= 34 px
rule wide: every bolt: width in 30 .. 60 px
rule under: every bolt b: dy(b, plate) = -(2 * 30 px) within 40 px + 25 px
rule bounded: every bolt: x_max - x_min < max(45 px, 0.3 * plate.width)
rule one_band: every band b: count(bolt inside b) <= 2
rule there: every bolt: inside part
rule large: every bolt: area >= 140 px2
rule lower: every bolt: y > (if count(bolt) > 2 then 100 px else 110 px)
"""


def test_px_are_those_of_the_axis() -> None:
    """Judged as by the px that the table has, where no length runs aslant."""
    table = concatenate([pictured(seed, 0.17) for seed in range(60)])
    plain, scaled = judge(program(PX), table), judge(program("scale 10 px = 1 mm by 1.7 mm\n" + PX), table)
    assert np.array_equal(plain.truths, scaled.truths)
    assert all(len(set(t.tolist())) > 1 for t in plain.truths[1:])


@pytest.mark.parametrize(
    "said",
    [
        "rule r: every bolt: diagonal < 3 px",
        "rule r: every bolt b: gap(b, plate) in 2 .. 3 px",
        "rule r: every bolt: near plate within 3 px",
        "rule r: every bolt: inside grow(plate, 3 px)",
        "rule r: every bolt b: b.center = plate.center within 3 px",
        "rule r: every bolt: width * 3 px < 20 px2",
        "rule r: every bolt: width + height < 3 px",
        "rule r: [diagonal of bolt by x] = [3 px] within 1 mm",
        "rule r: [diagonal of bolt by x] = [3 mm] within 1 px",
        "rule r: symmetric(bolt, plate.x, 3 px)",
        "rule r: 3 px / 4 px < plate.width / plate.height",
        "region r = circle(50 %, 50 %, 3 px)",
        "param r = 3 px",
        "param r = 3 mm in 1 px .. 50 px",
        "let r = 3 px\nrule s: plate.width > r",
        "blobs part where lightness > 5 % then open(1 mm)",
        "param r = 3 mm\nblobs part where lightness > 5 % then open(r)",
        "region r = box(0 px, 1 px, 2 px, 3 px)\nblobs part where inside r",
        'test "t" on 9 mm by 9 px expect pass',
        'test "t" on 9 px by 9 px put bolt box(1 px, 1 px, 2 px, 2 px) with length = 3 px expect pass',
    ],
)
def test_px_aslant_and_mm_of_pixels_are_errors(said: str) -> None:
    text = "object plate: 1\nobject bolt\n" + said
    with pytest.raises(SpecError) as error:
        program("scale 10 px = 1 mm by 2 mm\n" + text)
    assert {d.code for d in error.value.diagnostics} == {"E168"}
    program("scale 10 px = 1 mm\n" + text)  # with square pixels it means something


def test_px_in_a_list_are_those_of_the_axis() -> None:
    said = (
        "object a\nrule y: [height of a by x] = [{} px] within 1 px\nrule x: [width of a by x] = [29.5 px] within 1 px"
    )
    for height, truth in ((39.5, 1), (38.5, -1)):
        spec = program("scale 1 px = 0.1 mm by 0.2 mm\n" + said.format(height))
        assert judge(spec, boxed((0, 0, 30, 40))).truths[:, 0].tolist() == [truth, 1]


def drawn(mm_y: float) -> np.ndarray:
    """A disc of 12 mm and a bar of 20 by 3 mm, 33 degrees askew, through pixels of 0.05 by `mm_y` mm."""
    height = round(24 / mm_y)
    y, x = np.mgrid[:height, :640].astype(float) + 0.5
    x, y = x * 0.05, y * mm_y
    u, v = x - 22, y - 16
    turn = np.radians(33)
    along, beside = u * np.cos(turn) + v * np.sin(turn), v * np.cos(turn) - u * np.sin(turn)
    seen = np.full((height, 640, 3), 20, np.uint8)
    seen[np.hypot(x - 7, y - 8) <= 6] = (0, 190, 240)
    seen[(abs(along) <= 10) & (abs(beside) <= 1.5)] = (200, 60, 30)
    return seen


SEEN = """
color amber = "#f0be00"
color blue = "#1e3cc8"
blobs disc where color = amber then open(2 px)
blobs bar where color = blue
rule round: every disc: roundness >= 0.97 and aspect <= 1.02
rule wide: every disc: diagonal = 16.97 mm within 0.15 mm
rule large: every disc: area = 113.1 mm2 within 1 mm2
rule edge: every disc: perimeter = 37.7 mm within 0.8 mm
rule long: every bar: length = 20 mm within 0.15 mm
rule thick: every bar: thickness = 3 mm within 0.15 mm
rule way: every bar: angle in 32.5 .. 33.5 deg
rule path: every bar: path_length = 20 mm within 0.5 mm
rule one: count(disc) = 1 and count(bar) = 1
"""


@pytest.mark.parametrize("mm_y", [0.05, 0.053, 0.03, 0.11])
def test_a_drawn_part_has_its_size(mm_y: float) -> None:
    spec = program(f"scale 1 px = 0.05 mm by {mm_y} mm\n" + SEEN)
    table = see_one(spec, picture_of(drawn(mm_y), "drawn.png"))
    report = build(spec, table, judge(spec, table))
    assert [f.message for f in report.images[0].findings] == []


def test_a_region_is_found_in_the_picture() -> None:
    region = "region r = box(10 px, 20 px, 5 mm, 50 %)\nrule s: every a: inside r"
    spec = program("scale 1 px = 0.1 mm by 0.2 mm\nobject a\n" + region)
    table = ObjectTable(("p",), np.array([[100.0, 80.0]]), np.array([0, 0]), TextColumn.of([]), ())
    rings = locate(spec, table, spec.regions[0].node)
    assert rings is not None
    assert sorted(map(tuple, np.round(rings[0], 9).tolist())) == [(10, 20), (10, 40), (50, 20), (50, 40)]


def boxed(box: tuple[float, float, float, float], **further: float) -> ObjectTable:
    """One object `a` without an outline."""
    columns: dict[str, ColumnData] = {k: np.array([v]) for k, v in zip(("x0", "y0", "x1", "y1"), box, strict=True)}
    columns |= {k: np.array([v]) for k, v in further.items()}
    return ObjectTable(("p",), np.array([[99.0, 99]]), np.array([0, 1]), TextColumn.of(["a"]), ("1",), columns)


def test_without_an_outline_what_runs_aslant_is_not_measured() -> None:
    rules = "rule l: every a: length < 9 mm\nrule d: every a: diagonal < 9 mm\nrule e: every a: diagonal < 4 mm"
    spec = program("scale 1 px = 1 mm by 2 mm\nobject a\n" + rules)
    judgement = judge(spec, boxed((0, 0, 3, 2), length=3.0, diagonal=3.6))
    assert judgement.truths[:, 0].tolist() == [0, 1, -1]  # the diagonal is 5 mm
    assert judgement.clauses[0].reasons == ("`length` not measured",)


def test_a_finding_speaks_of_mm_and_has_no_repair() -> None:
    rules = "rule l: every a: height < 30 px\nrule m: every a: center = point(1 mm, 2 mm) within 1 mm"
    spec = program("scale 1 px = 0.1 mm by 0.2 mm\nobject a\n" + rules)
    table = boxed((0, 0, 30, 40))
    found = build(spec, table, judge(spec, table, repairs=True)).images[0].findings
    assert [(f.expected, f.measured) for f in found] == [
        ("less than 6 mm", "8 mm"),
        ("(1, 2) mm within 1 mm", "(1.5, 4) mm"),
    ]
    assert [f.repairs for f in found] == [[], []]
    assert all(f.joint is not None and "square" in f.joint for f in found)
    assert found[0].objects[0].box == (0, 0, 30, 40)


def test_a_scene_counts_pixels(tmp_path: Path) -> None:
    spec = program(
        "scale 1 px = 1 mm by 2 mm\nobject a: 1\nrule h: a.height = 40 mm within 1 mm\nrule l: a.length > 39 mm\n"
        'test "t" on 100 px by 50 px put a box(10 px, 10 px, 20 px, 30 px) expect pass'
    )
    assert [o.failures for o in run_tests(spec, tmp_path)] == [()]
