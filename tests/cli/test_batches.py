"""`logidsl check` of rules over several pictures: lots of columns and of folders, exit codes, and what goes wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.commands import logidsl
from tests.cli.test_check import SPEC

LOTS = """spec lots
object bolt
batch lot by lot_id
rule one_or_two: count(bolt) in 1 .. 2
rule drift over lot as size: mean(length of bolt) in 19 .. 21 px
rule yield over lot: pass_rate(one_or_two) >= 60 %
"""
TABLE = """image,class,length,lot_id
a1.png,bolt,20,L1
a2.png,bolt,20.5,L1
b1.png,bolt,23,L2
b2.png,bolt,24,L2
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder with a spec, and a table of two lots."""
    (tmp_path / "lots.logic").write_text(LOTS)
    (tmp_path / "lots.csv").write_text(TABLE)
    return tmp_path


def checked(here: Path, *more: str, table: str = "lots.csv") -> tuple[int, dict, str]:
    """The exit code, the JSON report, and what was said."""
    done = logidsl("check", "--table", table, "--spec", "lots.logic", "--format", "json", *more, cwd=here)
    return done.returncode, json.loads(done.stdout), done.stderr


def test_a_batch_that_fails_fails_the_run(here: Path) -> None:
    code, report, _ = checked(here)
    assert {image["verdict"] for image in report["images"]} == {"pass"}
    assert [(b["key"], b["verdict"], b["labels"]) for b in report["batches"]] == [
        ("L1", "pass", ["normal"]),
        ("L2", "fail", ["drift"]),
    ]
    assert [o["image"] for o in report["batches"][1]["findings"][0]["objects"]] == ["b1.png", "b2.png"]
    assert code == 1


def test_without_the_lot_that_fails_the_run_passes(here: Path) -> None:
    (here / "lots.csv").write_text("".join(TABLE.splitlines(keepends=True)[:3]))
    assert checked(here)[0] == 0


def test_a_doubtful_batch_asks_for_review(here: Path) -> None:
    (here / "lots.logic").write_text(LOTS + "doubtful 0.3 .. 0.6\n")
    rows = [
        f"{line},{conf}" for line, conf in zip(TABLE.split(), ["confidence", "0.9", "0.9", "0.9", "0.5"], strict=True)
    ]
    (here / "lots.csv").write_text("\n".join(rows).replace("b1.png,bolt,23", "b1.png,bolt,20"))
    code, report, _ = checked(here)
    assert (code, [b["verdict"] for b in report["batches"]]) == (2, ["pass", "review"])


def test_a_missing_column_is_said_and_the_pictures_have_their_verdicts(here: Path) -> None:
    (here / "lots.csv").write_text(TABLE.replace("lot_id", "charge"))
    code, report, said = checked(here)
    assert code == 4
    assert len(report["images"]) == 4
    assert "batches" not in report
    assert "no picture has a value of `lot_id`" in said
    assert any("rules over several pictures are not judged" in note for note in report["notes"])


def test_a_picture_without_a_lot_leaves_open_what_it_could_change(here: Path) -> None:
    (here / "lots.csv").write_text(TABLE + "c.png,bolt,40,\n")
    code, report, _ = checked(here)
    assert [(b["key"], b["verdict"]) for b in report["batches"]] == [("L1", "review"), ("L2", "fail")]
    assert code == 1


def test_a_lot_of_pictures_without_objects_is_no_silent_pass(here: Path) -> None:
    (here / "lots.csv").write_text(TABLE.replace("bolt,2", "nut,2"))
    code, report, _ = checked(here)
    assert code == 1  # one_or_two fails on each picture
    assert {b["verdict"] for b in report["batches"]} == {"fail"}
    truths = {f["rule"]: f["truth"] for f in report["batches"][0]["findings"]}
    assert truths == {"drift": "undetermined", "yield": "false"}


def test_a_table_without_pictures_has_no_batches(here: Path) -> None:
    (here / "lots.csv").write_text(TABLE.splitlines()[0] + "\n")
    done = logidsl("check", "--table", "lots.csv", "--spec", "lots.logic", cwd=here)
    assert done.returncode == 4
    assert "Traceback" not in done.stderr


def test_lots_are_folders_of_pictures(tmp_path: Path, trays: dict[str, Path]) -> None:
    kinds = {"L1": ["good", "good"], "L2": ["wrong_color", "wrong_color", "good"]}
    for lot, names in kinds.items():
        (tmp_path / "lots" / lot).mkdir(parents=True)
        for n, name in enumerate(names):
            shutil.copy(trays[name], tmp_path / "lots" / lot / f"{n}.png")
    (tmp_path / "lots" / "L2" / "9.png").write_bytes(b"no picture")
    rule = SPEC.split("rule ")[1].split(" ")[0].split(":")[0].strip()
    batch = f'batch lot by path "lots/{{}}/"\nrule yield over lot: pass_rate({rule}) >= 0 %\n'
    (tmp_path / "t.logic").write_text(SPEC + batch)
    done = logidsl("check", "lots", "--spec", "t.logic", "--format", "json", cwd=tmp_path)
    report = json.loads(done.stdout)
    assert [(b["key"], b["pictures"]) for b in report["batches"]] == [("L1", 2), ("L2", 4)]
    assert report["batches"][0]["verdict"] == "pass"


def test_a_run_of_several_pictures_is_not_resumed(here: Path) -> None:
    (here / "a.png").write_bytes(b"")
    done = logidsl("check", "a.png", "--spec", "lots.logic", "--resume", "r.jsonl", cwd=here)
    assert done.returncode == 64
    assert "expected no --resume: rule `drift` needs all pictures of a run" in done.stderr
    assert not (here / "r.jsonl").exists()


def test_a_store_does_not_hide_pictures_from_batches(tmp_path: Path, trays: dict[str, Path]) -> None:
    pytest.importorskip("sqlalchemy")
    for n, name in enumerate(["good", "wrong_color"]):
        shutil.copy(trays[name], tmp_path / f"{n}.png")
    rule = SPEC.split("rule ")[1].split(" ")[0].split(":")[0].strip()
    (tmp_path / "t.logic").write_text(SPEC + f"batch all\nrule yield over all: pass_rate({rule}) >= 0 %\n")
    command = ["check", "0.png", "1.png", "--spec", "t.logic", "--store", "runs.db", "--format", "json"]
    first, second = (logidsl(*command, cwd=tmp_path) for _ in range(2))
    assert json.loads(second.stdout)["batches"] == json.loads(first.stdout)["batches"]
    assert json.loads(second.stdout)["batches"][0]["pictures"] == 2
    history = logidsl("history", "runs.db", "--format", "json", cwd=tmp_path)
    assert history.returncode == 0, history.stderr
    assert json.loads(history.stdout)["totals"] == {"pass": 1, "fail": 1}  # each picture is kept once


def test_diff_compares_rules_over_several_pictures(here: Path) -> None:
    for name, old, new, code, several in [
        ("alike", "spec lots", "spec lots  # the same", 0, []),
        ("limit", "19 .. 21 px", "19 .. 22 px", 1, ["drift"]),
        ("batch", "by lot_id", "by charge", 1, ["drift", "yield"]),
        ("used", "1 .. 2", "1 .. 3", 1, ["yield"]),
        ("gone", "rule drift", "# rule drift", 1, ["drift"]),
    ]:
        (here / "other.logic").write_text(LOTS.replace(old, new))
        done = logidsl("diff", "lots.logic", "other.logic", "--format", "json", "-q", cwd=here)
        assert (done.returncode, json.loads(done.stdout)["rules_over_several"]) == (code, several), name
    done = logidsl("diff", "lots.logic", "other.logic", "-q", cwd=here)
    assert "they differ in rules over several pictures, which no single table shows: `drift`" in done.stdout
    assert "each picture alone is judged alike, on every table (proved)" in done.stdout


@pytest.mark.parametrize(
    "command",
    [
        ["infer", "--table", "lots.csv", "--spec", "lots.logic"],
        ["query", "lots.logic", "--fails", "one_or_two"],
        ["fit", "lots.logic", "lots.csv", "--truth", "truth.csv", "--every-number"],
        ["replay", "lots.csv", "--spec", "lots.logic", "--was", "lots.logic"],
    ],
)
def test_commands_that_judge_pictures_alone_say_so(here: Path, command: list[str]) -> None:
    (here / "truth.csv").write_text("image,verdict\na1.png,pass\nb1.png,fail\n")
    done = logidsl(*command, cwd=here)
    assert "rules over several pictures are not judged here, but by `logidsl check`: `drift`, `yield`" in done.stderr
