"""What a report says of repairs, in every format, and what comes of a repair that is read back."""

import json
from dataclasses import replace

import jsonschema
import pytest

import logidsl
from logidsl.extract.records import PictureRecords, Record
from logidsl.extract.records import table_of as records_table
from logidsl.report.html import page
from logidsl.report.report import Report
from logidsl.report.schema import schema
from logidsl.table_edits import edited
from tests.report.test_formats import rendered

SPEC = """spec bag
object bolt, nut
rule nuts as quantity: count(nut) = 1
rule long_enough as size: every bolt: width >= 30 px
rule fixed as size: 5 px >= 10 px
"""


@pytest.fixture(scope="module")
def spec() -> logidsl.Spec:
    return logidsl.loads(SPEC)


@pytest.fixture(scope="module")
def table(spec) -> logidsl.ObjectTable:
    records = [
        Record("bolt", [10, 10, 30, 20], id="b1"),
        Record("nut", [50, 10, 60, 20], id="n1"),
        Record("nut", [70, 10, 80, 20], id="n2"),
        Record("nut", [90, 10, 99, 20], id="n3"),
    ]
    return records_table([PictureRecords("bag.png", 100.0, 100.0, records)], spec.program, "bag")


@pytest.fixture(scope="module")
def report(spec, table) -> Report:
    found: Report = spec.check(table, repairs=True)
    return found


def repairs(report: Report) -> dict[str, list[logidsl.Repair]]:
    return {f.rule: f.repairs for f in report.images[0].findings}


def test_each_finding_says_what_would_repair_it_or_why_nothing_would(report):
    texts = {rule: [r.text for r in found] for rule, found in repairs(report).items()}
    assert texts == {
        "nuts": ["remove any 2 of nut n3, n2, n1"],
        "long_enough": ["change `width` of bolt b1 to at least 30 px"],
        "fixed": [],
    }
    joint = {f.rule: f.joint for f in report.images[0].findings}
    assert joint["nuts"] is None
    assert joint["fixed"] == "no object takes part, so no change helps"


def test_a_repair_makes_its_rule_true_and_leaves_the_others(spec, report, table):
    found = repairs(report)
    for rule, still in (("nuts", {"long_enough", "fixed"}), ("long_enough", {"nuts", "fixed"})):
        mended = logidsl.apply_repair(table, found[rule][0])
        assert {f.rule for f in spec.check(mended).images[0].findings} == still
        assert len(table) == 4, "the table that was judged stays as it is"


def test_text_and_html_show_repairs(report):
    assert "     repair      remove any 2 of nut n3, n2, n1\n" in str(report)
    assert "<td>repair</td><td>change `width` of bolt b1 to at least 30 px</td>" in page(report)


def test_json_carries_repairs_there_and_back(report):
    document = json.loads(rendered("json", report))
    jsonschema.validate(document, schema())
    nuts = next(f for f in document["images"][0]["findings"] if f["rule"] == "nuts")
    assert nuts["repairs"][0]["changes"] == [
        {"do": "remove", "class": "nut", "objects": ["n3", "n2", "n1"], "count": 2},
    ]
    assert Report.from_json(report.to_json()) == report
    line = json.loads(rendered("jsonl", report).splitlines()[0])
    jsonschema.validate(line, {"$ref": "#/$defs/ImageLine", "$defs": schema()["$defs"]})
    assert line["findings"][1]["repairs"][0]["changes"][0]["value"] == 30.0


def test_what_cannot_be_applied_is_said(report, table):
    repair = repairs(report)["nuts"][0]
    two = table.take_images([0, 0])
    with pytest.raises(logidsl.InputError, match="expected the `image` that the repair belongs to"):
        logidsl.apply_repair(two, repair)
    with pytest.raises(logidsl.InputError, match=r"expected one image named `bag\.png`, found 2"):
        logidsl.apply_repair(two, repair, "bag.png")
    with pytest.raises(logidsl.InputError, match="expected an image from 0 to 1, found 2"):
        logidsl.apply_repair(two, repair, 2)
    mended = logidsl.apply_repair(two, repair, 1)
    assert [int(n) for n in mended.offsets] == [0, 4, 6]
    with pytest.raises(logidsl.InputError, match="has no object `n3` to change"):
        logidsl.apply_repair(logidsl.apply_repair(table, repair), repair)


NEAR = "object bolt\nrule three: count(bolt where near other bolt within 25 px) = 3\n"


@pytest.mark.parametrize(
    ("rule", "places", "text"),
    [
        (NEAR, (0, 30, 60, 90, 120), "remove bolt 5, 4"),
        (NEAR, (0, 12, 0, 12, 6), "remove any 2 of bolt 5, 4, 3, 2, 1"),
        (NEAR, (0, 30, 60, 200, 230), "remove bolt 5, 4"),
        (
            "object bolt\nrule three: [class of bolt by x] = [bolt, bolt, bolt]",
            (0, 30, 60, 90, 120),
            "remove any 2 of bolt 5, 4, 3, 2, 1",
        ),
        ("object bolt\nrule one: distinct(width of bolt)", (0, 30, 60), "remove any 2 of bolt 3, 2, 1"),
        ("object bolt: 1", (0, 30, 60), "remove any 2 of bolt 3, 2, 1"),
        ("object bolt\nrule none: no bolt", (0, 30), "remove bolt 2, 1"),
    ],
)
def test_a_repair_says_any_where_every_choice_would_do(rule, places, text):
    spec = logidsl.loads(rule)
    records = [Record("bolt", [x, 0, x + 10, 10], id=str(k)) for k, x in enumerate(places, 1)]
    table = records_table([PictureRecords("bag.png", 300.0, 100.0, records)], spec.program, "bag")
    (finding,) = spec.check(table, repairs=True).images[0].findings
    assert [r.text for r in finding.repairs] == [text]


def test_an_image_of_trials_keeps_what_was_measured_of_its_places(table):
    value = object()  # whatever it is, it goes along
    seen = replace(table, places=((value,),))
    assert edited(seen, [(0, ()), (0, ())]).places == ((value,), (value,))
    assert edited(table, [(0, ()), (0, ())]).places == ()
