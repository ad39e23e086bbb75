"""Rules over several pictures: what is judged, what is left open, and that the way does not matter."""

import numpy as np
import pytest

import logidsl
from logidsl.diagnostics import InputError
from logidsl.eval.over_batches import BatchJudge
from logidsl.ir import Program
from logidsl.report.batches import batch_reports
from logidsl.report.model import BatchReport
from logidsl.table import ObjectTable, Problem, concatenate

HEAD = """
object bolt, pin
attribute serial of bolt: text
batch lot by lot_id ordered by taken
batch all
batch unit by path "{}_*.png"
view front of unit by path "*_f.png"
view back of unit by path "*_b.png"
rule two: count(bolt) = 2
"""


def bolt(image: str, lot: str | None = "L1", taken: float | None = 1, width: float = 10, **more: object) -> dict:
    box = {"x0": 0, "y0": 0, "x1": width, "y1": 10}
    return {"image": image, "class": "bolt", **box, "lot_id": lot, "taken": taken, **more}


def nothing(image: str, lot: str | None = "L1", taken: float | None = 1) -> dict:
    return {"image": image, "class": "other", "lot_id": lot, "taken": taken, "x0": 0, "y0": 0, "x1": 1, "y1": 1}


def spec(rule: str, head: str = HEAD) -> logidsl.Spec:
    return logidsl.loads(f"{head}{rule}")


def said(program: Program, *tables: ObjectTable) -> list[BatchReport]:
    judge = BatchJudge(program)
    for table in tables:
        judge.add(table)
    return batch_reports(judge.finish())


def verdicts(rule: str, rows: list[dict], head: str = HEAD) -> dict[str | None, str]:
    made = spec(rule, head)
    return {b.key: b.verdict for b in said(made.program, made.see(rows))}


ROWS = [
    bolt("1_f.png", "L1", 3, 10, serial="a"),
    bolt("1_f.png", "L1", 3, 10, serial="b"),
    bolt("1_b.png", "L1", 4, 11, serial="c"),
    bolt("2_f.png", "L2", 1, 14, serial="c"),
    bolt("2_b.png", "L2", 2, 15, serial="c"),
    nothing("3_f.png", "L2", 5),
]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("rule r over lot: count(bolt) >= 3", {"L1": "pass", "L2": "fail"}),
        ("rule r over last(lot, 2): mean(width of bolt) > 14.5 px", {"L1": "fail", "L2": "pass"}),
        ("rule r over last(lot, 1): count(bolt) = 1", {"L1": "pass", "L2": "fail"}),
        ("rule r over last(lot, 9): count(bolt) in 2 .. 3", {"L1": "pass", "L2": "pass"}),
        ("rule r over lot: distinct(serial of bolt)", {"L1": "pass", "L2": "fail"}),
        ("rule r over lot: increasing(width of bolt)", {"L1": "fail", "L2": "pass"}),
        ("rule r over lot: decreasing(count(bolt))", {"L1": "pass", "L2": "fail"}),
        ("rule r over lot: kinds(serial of bolt) = 1", {"L1": "fail", "L2": "pass"}),
        ("rule r over all: max(width of bolt) <= 14 px or count(image) = 5", {None: "pass"}),
        ("rule r over all: pass_rate(two) in 15 .. 25 %", {None: "pass"}),
        ("rule r over all: pass_rate(some bolt) in 75 .. 85 %", {None: "pass"}),
        ("rule r over all: mean(count(bolt)) in 0.99 .. 1.01", {None: "pass"}),
        ("rule r over all: count(bolt where width > 10 px) = 3", {None: "pass"}),
        ("rule r over unit: count(bolt on front) = count(bolt on back)", {"1": "fail", "2": "pass", "3": "pass"}),
        ("rule r over unit: count(image on back) = 1", {"1": "pass", "2": "pass", "3": "fail"}),
        ("rule r over unit: max(width of (bolt on front)) < 12 px", {"1": "pass", "2": "fail", "3": "review"}),
        (
            "rule r over unit: same(serial of ((bolt on front) | (bolt on back)))",
            {"1": "fail", "2": "pass", "3": "pass"},
        ),
        ("rule r over unit: pass_rate(two on front) = 1 within 0.1", {"1": "pass", "2": "fail", "3": "fail"}),
        ("rule r over lot: count(pin) = 0 and count(bolt) >= 2 * count(pin)", {"L1": "pass", "L2": "pass"}),
    ],
)
def test_each_rule_on_each_batch(rule, expected):
    assert verdicts(rule, ROWS) == expected


def test_findings_name_pictures_and_objects():
    report = spec("rule r over lot: distinct(serial of bolt)    defect twice").check(ROWS)
    failed = next(b for b in report.batches if b.key == "L2")
    (finding,) = failed.findings
    assert failed.labels == [finding.label] == ["twice"]
    assert {(o.class_, o.image) for o in finding.objects} == {("bolt", "2_f.png"), ("bolt", "2_b.png")}
    assert report.verdict == "fail"
    assert '"batches"' in report.to_json()


@pytest.mark.parametrize("last", ["lot", "last(lot, 3)", "last(lot, 1)"])
def test_blocks_and_their_order_make_no_difference(last):
    rng = np.random.default_rng(3)
    rows = [
        bolt(f"{n}.png", f"L{n % 4}", (n * 7) % 30, float(rng.integers(8, 13)), serial=str(rng.integers(4)))
        for n in range(60)
        for _ in range(rng.integers(1, 4))
    ]
    made = spec(
        f"rule a over {last}: mean(width of bolt) < 10 px\nrule b over {last}: kinds(serial of bolt) > 2\n"
        f"rule c over {last}: increasing(width of bolt)\nrule d over {last}: pass_rate(two) > 40 %\n"
    )
    table = made.see(rows)
    whole = said(made.program, table)
    assert {b.verdict for b in whole} == {"fail"} and not any(b.notes for b in whole)
    order = rng.permutation(len(table.images))
    blocks = [table.take_images(part) for part in np.array_split(order, 17)]
    apart = said(made.program, *blocks)
    told = [
        [(b.key, b.verdict, b.pictures, [(f.rule, f.measured) for f in b.findings]) for b in r] for r in (whole, apart)
    ]
    assert told[0] == told[1]


def test_the_last_pictures_alone_are_kept():
    made = spec("rule a over last(lot, 5): mean(width of bolt) < 10 px")
    judge = BatchJudge(made.program)
    for n in range(400):
        judge.add(made.see([bolt(f"{n}.png", "L1", n)]))
    (scope,) = judge.scopes
    assert len(scope.pictures) <= 20
    assert sum(len(p) for p in next(iter(scope.pools.values())).pictures) <= 20
    assert batch_reports(judge.finish())[0].pictures == 400


UNREAD = [
    ("count(bolt) <= 5", 6, "fail"),
    ("count(bolt) <= 5", 3, "review"),
    ("count(bolt) >= 2", 3, "pass"),
    ("pass_rate(some bolt) >= 50 %", 3, "pass"),
    ("pass_rate(some bolt) >= 90 %", 3, "review"),
    ("pass_rate(two) >= 90 %", 3, "fail"),
    ("mean(width of bolt) < 100 px", 3, "review"),
    ("distinct(serial of bolt)", 3, "fail"),
    ("kinds(serial of bolt) >= 1", 3, "review"),
    ("mean(count(bolt)) < 3", 3, "review"),
    ("count(image) = 4", 3, "pass"),
]


@pytest.mark.parametrize(("rule", "count", "expected"), UNREAD)
def test_a_picture_that_was_not_read_may_hold_anything(rule, count, expected):
    made = spec(f"rule r over all: {rule}")
    table = made.see([bolt(f"{n}.png", serial="a") for n in range(count)])
    lost = concatenate([]).__class__(**vars(concatenate([])) | {"problems": (Problem("x.png", "damaged"),)})
    (found,) = said(made.program, table, lost)
    assert found.verdict == expected
    assert any("x.png" in note for note in found.notes)


def test_a_picture_without_a_lot_may_belong_to_any():
    rows = [bolt("1.png", "L1"), bolt("2.png", "L2"), bolt("3.png", None)]
    assert verdicts("rule r over lot: count(bolt) <= 1", rows) == {"L1": "review", "L2": "review"}
    assert verdicts("rule r over lot: count(bolt) >= 1", rows) == {"L1": "pass", "L2": "pass"}


def test_no_lot_at_all_is_an_error():
    with pytest.raises(InputError, match="no picture has a value of `lot_id`"):
        spec("rule r over lot: count(bolt) <= 1").check([bolt("1.png", None)])
    with pytest.raises(InputError, match="no picture has a path like"):
        spec("rule r over unit: count(bolt) <= 1").check([bolt("1.png")])


def test_a_doubtful_object_is_doubtful_in_its_batch():
    head = HEAD + "doubtful 0.3 .. 0.6 of bolt\n"
    rows = [bolt("1.png", confidence=0.9), bolt("2.png", confidence=0.5, width=20)]
    assert verdicts("rule r over lot: count(bolt) = 2", rows, head) == {"L1": "review"}
    assert verdicts("rule r over lot: count(bolt) >= 1", rows, head) == {"L1": "pass"}
    assert verdicts("rule r over lot: mean(width of bolt) <= 15 px", rows, head) == {"L1": "pass"}
    assert verdicts("rule r over lot: max(width of bolt) <= 15 px", rows, head) == {"L1": "review"}


def test_without_a_place_in_the_order_the_last_ones_are_not_known():
    rows = [bolt("1.png", taken=1, width=9), bolt("2.png", taken=2, width=9), bolt("3.png", taken=None, width=30)]
    assert verdicts("rule r over last(lot, 1): max(width of bolt) <= 10 px", rows) == {"L1": "review"}
    assert verdicts("rule r over last(lot, 3): max(width of bolt) <= 30 px", rows) == {"L1": "pass"}
    assert verdicts("rule r over lot: increasing(width of bolt)", rows) == {"L1": "fail"}
    made = spec("rule r over last(lot, 1): max(width of bolt) <= 10 px")
    assert made.check(rows).batches[0].notes == ["1 picture has no `taken`, so the order is not known"]


def test_no_picture_at_all():
    made = spec("rule a over all: count(bolt) = 0\nrule b over lot: count(bolt) = 0")
    assert [(b.batch, b.verdict, b.pictures) for b in said(made.program, concatenate([]))] == [("all", "pass", 0)]


def test_one_by_one_as_all_at_once():
    made = spec("rule r over lot: count(bolt) >= 3    defect few")
    batches = made.batches()
    for name in ("1_f.png", "1_b.png", "2_f.png", "2_b.png", "3_f.png"):
        report = batches.check([row for row in ROWS if row["image"] == name])
        assert not report.batches
        assert not any("several" in note for note in report.notes)
    assert batches.finish() == made.check(ROWS).batches


def test_a_picture_without_objects_has_a_lot(tmp_path):
    made = spec("rule r over lot: pass_rate(some bolt) >= 90 %")
    table = tmp_path / "t.csv"
    table.write_text("image,class,lot_id,taken\na.png,bolt,L1,1\nb.png,,L1,2\nc.png,bolt,0012,3\n")
    report = made.check(table)
    assert {(b.key, b.verdict, b.pictures) for b in report.batches} == {("0012", "pass", 1), ("L1", "fail", 2)}
    rows = [{"path": "a.png", "lot_id": 12, "objects": [{"class": "bolt"}]}]
    rows += [{"path": "b.png", "lot_id": "12", "objects": []}]
    assert [(b.key, b.pictures) for b in made.check(rows).batches] == [("12", 2)]


def test_two_lots_of_one_picture_are_none():
    made = spec("rule r over lot: count(bolt) >= 1")
    table = made.see([bolt("1.png", "L1"), bolt("1.png", "L2"), bolt("2.png", "L1")])
    (found,) = said(made.program, table)
    assert (found.key, found.verdict) == ("L1", "pass")
    assert any("`lot_id`" in note and "1.png" in note for note in found.notes)
    assert any("`lot_id` of a picture is not one value" in note for note in table.notes)
