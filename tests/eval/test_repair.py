"""Repairs that are found by trying: how far an object moves, what a column becomes, where rounds lead."""

from __future__ import annotations

import math

import numpy as np
import pytest

import logidsl
from logidsl.eval.repair.operations import first_within, moves
from logidsl.extract.records import PictureRecords, Record, table_of
from logidsl.library import geometry
from logidsl.library.geometry import Geometry
from logidsl.library.intervals import Interval
from logidsl.repairs import Add, Remove, merged

TRUE, FALSE = Interval(1.0, 1.0), Interval(0.0, 0.0)


def box(*sides: float) -> Geometry:
    """One box."""
    x0, y0, x1, y1 = (np.asarray(side) for side in sides)
    return Geometry(x0, y0, x1, y1)


def texts(rule: str, *boxes: tuple[float, ...], declared: str = "object bolt") -> list[str | None]:
    """The repairs of a rule on a picture with bolts."""
    spec = logidsl.loads(f"{declared}\nrule told: {rule}\n")
    records = [Record("bolt", list(b), id=str(k)) for k, b in enumerate(boxes, 1)]
    table = table_of([PictureRecords("a.png", 300.0, 100.0, records)], spec.program, "a")
    findings = spec.check(table, repairs=True).images[0].findings
    return [f.repairs[0].text if f.repairs else None for f in findings]


def test_the_first_number_within_a_range_is_found_for_each_row() -> None:
    tried = np.stack([np.linspace(0.0, 10.0, 11), np.linspace(0.0, -10.0, 11)])
    found = first_within(lambda x: x * x, tried, Interval(4.5, 30.0))
    assert found == pytest.approx([math.sqrt(4.5), -math.sqrt(4.5)])
    assert np.isnan(first_within(np.sin, tried, Interval(2.0))).all()


def test_a_point_moves_the_shortest_way_out_of_a_box_and_half_way_into_one() -> None:
    zone = box(0, 0, 40, 20)

    def within(place):
        return np.asarray(geometry.inside(place[0], place[1], zone), float)

    out = next(moves(within, (10.0, 18.0), [zone], FALSE, True))
    assert (out.dx, out.dy) == pytest.approx((0.0, 3.0), abs=0.01)
    inward = next(moves(within, (20.0, 30.0), [zone], TRUE, True))
    assert (inward.dx, inward.dy) == pytest.approx((0.0, -15.0), abs=0.01)


def test_a_distance_is_met_to_the_last_digit() -> None:
    def distance(place):
        return np.hypot(place[0], place[1])

    step = next(moves(distance, (30.0, 40.0), [(0.0, 0.0)], Interval(25.0, 25.0), False))
    assert math.hypot(30.0 + step.dx, 40.0 + step.dy) == pytest.approx(25.0, rel=1e-9)


def test_of_a_column_no_more_is_changed_than_must_be() -> None:
    boxes = ((0, 0, 10, 10), (20, 0, 60, 10), (70, 0, 90, 10))
    assert texts("max(width of bolt) <= 30 px", *boxes) == ["change `width` of bolt 2 to at most 30 px"]
    assert texts("max(width of bolt) >= 50 px", *boxes) == ["change `width` of bolt 2 to at least 50 px"]
    (said,) = texts("mean(width of bolt) >= 35 px", *boxes)
    assert (
        said
        == "change `width` of bolt 1 to 15 px; change `width` of bolt 2 to 60 px; change `width` of bolt 3 to 30 px"
    )


def test_what_a_change_moves_itself_is_followed_to_its_limit() -> None:
    assert texts("every bolt: y = mean(y of bolt) within 4 px", (0, 0, 10, 10), (20, 40, 30, 50)) == [
        "move bolt 1 32 px down",
        "move bolt 2 32 px up",
    ]


def test_what_is_copied_is_removed_after_that() -> None:
    first, like, last = (
        Remove(class_="nut", objects=("1",), count=1),
        Add(class_="nut", count=1, like="2"),
        Remove(class_="nut", objects=("2",), count=1),
    )
    assert merged([first, like, last]) == [like, Remove(class_="nut", objects=("1", "2"), count=2)]


def test_an_unmeasured_point_gets_a_place_and_no_text() -> None:
    spec = logidsl.loads(
        "attribute tip: point\nobject bolt\nrule told: some bolt where tip = point(50 px, 50 px) within 5 px\n"
    )
    table = table_of([PictureRecords("a.png", 300.0, 100.0, [])], spec.program, "a")
    (finding,) = spec.check(table, repairs=True).images[0].findings
    values = [c.values["tip"] for r in finding.repairs for c in r.changes if isinstance(c, Add)]
    assert values and all(isinstance(v, tuple) for v in values)


def test_objects_that_an_earlier_repair_added_keep_their_names() -> None:
    """A table that was repaired is judged and repaired again, its new objects among those changed and removed."""
    spec = logidsl.loads(
        "object bolt: 4\nobject nut where width >= 20 px: at least 3\nrule wide: every bolt: width >= 20 px\n"
    )
    records = [Record("bolt", [0, 0, 10, 10], id=i) for i in ("added 3", "added 03", "added", f"added {'9' * 5000}")]
    records += [Record("bolt", [40, 0, 50, 10], id="added 1"), Record("nut", [60, 0, 70, 10], id="added 7")]
    table = table_of([PictureRecords("a.png", 300.0, 100.0, records)], spec.program, "a")
    for _ in range(4):
        image = spec.check(table, repairs=True).images[0]
        if image.verdict == "pass":
            break
        assert all(f.repairs for f in image.findings)
        table = logidsl.apply_repair(table, image.findings[0].repairs[0])
        assert len(set(table.ids)) == len(table.ids)
    assert {"added 7", "added 8", "added 9"} <= set(table.ids)
