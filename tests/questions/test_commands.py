"""`diff`, `query`, `replay`, `test --mutate` and `--coverage` from the shell."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import pytest

from tests.cli.commands import logidsl

OLD = """object bolt: 2    low missing_bolt
object nut
rule nuts as quantity: count(nut) = count(bolt)
rule near_bolt as position: every nut: near bolt within 30 px    defect loose
"""
TESTS = """test "good" on 400 px by 300 px
    put bolt box(10 px, 10 px, 30 px, 30 px)
    put bolt box(110 px, 10 px, 130 px, 30 px)
    put nut box(40 px, 10 px, 50 px, 30 px)
    put nut box(140 px, 10 px, 150 px, 30 px)
    expect pass
test "empty" on 400 px by 300 px
    expect defect missing_bolt
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "old.logic").write_text(OLD)
    (tmp_path / "new.logic").write_text(OLD.replace("30 px", "40 px"))
    return tmp_path


def test_a_witness_is_judged_as_diff_says(place: Path) -> None:
    done = logidsl("diff", "old.logic", "new.logic", "-o", "w.csv", "--draw", "w.png", cwd=place)
    assert done.returncode == 1, done.stderr
    assert "changed: rule near_bolt" in done.stdout
    assert "they differ: old.logic gives fail, new.logic pass" in done.stdout
    codes = [
        logidsl("check", "--table", "w.csv", "--spec", s, cwd=place).returncode for s in ("old.logic", "new.logic")
    ]
    assert codes == [1, 0]
    picture = cv2.imread(str(place / "w.png"))
    assert picture is not None and picture.std() > 0
    # what is printed is a test that the new spec passes, and the old one does not
    test = done.stdout[done.stdout.index('test "') :]
    for name, code in (("new.logic", 0), ("old.logic", 1)):
        spec = (place / name).read_text() + test
        (place / "pasted.logic").write_text(spec)
        assert logidsl("test", "pasted.logic", cwd=place).returncode == code


def test_specs_that_mean_the_same_are_known_by_proof(place: Path) -> None:
    (place / "same.logic").write_text("# a comment\n" + OLD)
    done = logidsl("diff", "old.logic", "same.logic", "--format", "json", cwd=place)
    found = json.loads(done.stdout)
    assert done.returncode == 0
    assert (found["proved_alike"], found["differs"], found["changes"], found["tried"]) == ("program", None, [], 0)


def test_how_objects_are_found_makes_no_difference_to_tables(place: Path) -> None:
    text = "blobs dark where lightness < 30 %\nobject bolt = dark where area > 40 px2: 2\n"
    (place / "a.logic").write_text(text)
    (place / "b.logic").write_text(text.replace("30 %", "40 %"))
    done = logidsl("diff", "a.logic", "b.logic", cwd=place)
    assert done.returncode == 0 and "every table is judged alike (proved)" in done.stdout


def test_a_difference_in_defects_is_one(place: Path) -> None:
    (place / "other.logic").write_text(OLD.replace("defect loose", "defect lost"))
    done = logidsl("diff", "old.logic", "other.logic", cwd=place)
    assert done.returncode == 1 and "they differ in defects" in done.stdout


def test_trouble_has_codes_from_two_on(place: Path) -> None:
    (place / "broken.logic").write_text("rule a: count(b) = 1\n")
    assert logidsl("diff", "old.logic", "broken.logic", cwd=place).returncode == 3
    assert logidsl("diff", "old.logic", "nowhere.logic", cwd=place).returncode == 3
    assert logidsl("diff", "old.logic", "new.logic", "-o", "w.txt", cwd=place).returncode == 64
    refused = logidsl("diff", "old.logic", "new.logic", "--draw", "old.svg", "--table", "none.csv", cwd=place)
    assert refused.returncode == 4 and "none.csv" in refused.stderr


def test_a_query_gives_a_table_that_meets_it(place: Path) -> None:
    done = logidsl(
        "query", "old.logic", "--passes", "max(length of nut) > 150 px", "-o", "w.json", "--draw", "w.svg", cwd=place
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (place / "w.svg").read_text().startswith("<svg ")
    checked = logidsl("check", "--table", "w.json", "--spec", "old.logic", cwd=place)
    assert checked.returncode == 0
    table = json.loads((place / "w.json").read_text())["images"][0]
    assert max(o["length"] for o in table["objects"] if o["class"] == "nut") > 150


def test_a_rule_fails_alone(place: Path) -> None:
    found = json.loads(
        logidsl("query", "old.logic", "--violates", "near_bolt", "--alone", "--format", "json", cwd=place).stdout
    )
    assert {f["rule"] for f in found["witness"]["reports"][0]["findings"]} == {"near_bolt"}


def test_what_ranges_exclude_is_impossible_and_says_why(place: Path) -> None:
    done = logidsl("query", "old.logic", "--passes", "count(nut) = 3", cwd=place)
    assert done.returncode == 1 and done.stdout.startswith("impossible")
    assert "count(nut) = 3" in done.stdout and "near_bolt" not in done.stdout
    assert logidsl("query", "old.logic", "--where", "count(nut) = 3", cwd=place).returncode == 0


def test_what_is_not_found_is_not_called_impossible(place: Path) -> None:
    done = logidsl("query", "old.logic", "--reviews", "--effort", "0.05", cwd=place)
    assert done.returncode == 1 and "this does not prove" in done.stdout


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ([], 64, "expected a question"),
        (["--fails", "near_bold"], 64, "did you mean `near_bolt`?"),
        (["--where", "count(nutt) = 1"], 3, "did you mean `nut`?"),
        (["--where", "count(nut)"], 3, "condition 1"),
        (["--passes", "--fails"], 64, "expected one verdict"),
        (["--defect", "los"], 64, "no defect `los`"),
    ],
)
def test_a_wrong_question_is_refused(place: Path, words: list[str], code: int, message: str) -> None:
    done = logidsl("query", "old.logic", *words, cwd=place)
    assert (done.returncode, message in done.stderr) == (code, True), done.stderr


def test_changes_that_no_test_notices_are_reported_with_a_test_that_would(place: Path) -> None:
    (place / "old.logic").write_text(OLD + TESTS)
    done = logidsl("test", "old.logic", "--mutate", "--report", "r.html", "--format", "json", cwd=place)
    found = json.loads(done.stdout)["specs"][0]["mutation"]
    assert done.returncode == 1 and found["noticed"] >= 4
    assert {m["after"].partition("within ")[2][:5] for m in found["unnoticed"]} >= {"27 px", "33 px"}
    assert "<svg" in (place / "r.html").read_text()
    pasted = (
        OLD
        + TESTS
        + "".join(m["witness"]["test"].replace('"line 4"', f'"{k}"') for k, m in enumerate(found["unnoticed"]))
    )
    (place / "old.logic").write_text(pasted)
    again = logidsl("test", "old.logic", "--mutate", cwd=place)
    assert again.returncode == 0, again.stdout


def test_stored_tables_notice_changes_too(place: Path) -> None:
    (place / "old.logic").write_text(OLD + TESTS)
    rows = ["image,image_width,image_height,class,x0,y0,x1,y1"]
    for name, gap in (("near", 29), ("far", 31)):
        rows += [f"{name},400,300,{c},{x},10,{x + 20},30" for c, x in (("bolt", 10), ("bolt", 210), ("nut", 30 + gap))]
        rows.append(f"{name},400,300,nut,240,10,260,30")
    (place / "t.csv").write_text("\n".join(rows) + "\n")
    done = logidsl("test", "old.logic", "--mutate", "--stored", "t.csv", cwd=place)
    assert done.returncode == 0 and ", 0 unnoticed" in done.stdout, done.stdout


def test_failing_tests_come_first(place: Path) -> None:
    (place / "old.logic").write_text(OLD + TESTS.replace("expect pass", "expect fail"))
    done = logidsl("test", "old.logic", "--mutate", cwd=place)
    assert done.returncode == 1 and "1 test failed: correct them before --mutate" in done.stdout


def test_coverage_counts_clauses(place: Path) -> None:
    (place / "old.logic").write_text(OLD + TESTS)
    done = logidsl("test", "old.logic", "--coverage", "--format", "json", cwd=place)
    rows = {
        c["clause"]: (c["true"], c["false"], c["undetermined"]) for c in json.loads(done.stdout)["specs"][0]["coverage"]
    }
    assert rows == {
        "bolt: 2": (1, 1, 0),
        "count(nut) = count(bolt)": (2, 0, 0),
        "every nut: near bolt within 30 px": (2, 0, 0),
        "near bolt within 30 px": (1, 0, 0),
    }


def test_a_replay_lists_what_changes(place: Path) -> None:
    rows = ["image,image_width,image_height,class,x0,y0,x1,y1"]
    for name, gap in (("near", 29), ("far", 35)):
        rows += [f"{name},400,300,{c},{x},10,{x + 20},30" for c, x in (("bolt", 10), ("bolt", 210), ("nut", 30 + gap))]
        rows.append(f"{name},400,300,nut,240,10,260,30")
    (place / "t.csv").write_text("\n".join(rows) + "\n")
    words = ("check", "--table", "t.csv", "--spec", "old.logic", "--format", "jsonl", "-o", "v.jsonl")
    assert logidsl(*words, "--save-tables", "t.jsonl", cwd=place).returncode == 1
    done = logidsl("replay", "v.jsonl", "t.jsonl", "--spec", "new.logic", cwd=place)
    assert done.stdout.splitlines() == [
        "far: fail -> pass (near_bolt: fail -> pass)",
        "2 tables, 1 changed: 1 fail -> pass",
    ]
    assert done.returncode == 1
    by_spec = logidsl("replay", "t.csv", "--was", "old.logic", "--spec", "new.logic", "--format", "json", cwd=place)
    assert [c["path"] for c in json.loads(by_spec.stdout)["changed"]] == ["far"]
    assert logidsl("replay", "v.jsonl", "t.jsonl", "--spec", "old.logic", cwd=place).returncode == 0
    lacking = logidsl("replay", "v.jsonl", "--spec", "new.logic", cwd=place)
    assert lacking.returncode == 64 and "--save-tables" in lacking.stderr
    (place / "one.jsonl").write_text((place / "t.jsonl").read_text().splitlines()[0] + "\n")
    half = logidsl("replay", "v.jsonl", "one.jsonl", "--spec", "old.logic", cwd=place)
    assert half.returncode == 4 and "far" in half.stderr


def test_specs_without_objects_can_be_asked(place: Path) -> None:
    (place / "none.logic").write_text("spec none\n")
    (place / "never.logic").write_text("rule r: 1 = 2\n")
    assert logidsl("query", "none.logic", "--passes", cwd=place).returncode == 0
    assert logidsl("diff", "never.logic", "none.logic", cwd=place).returncode == 1
