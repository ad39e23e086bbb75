"""`--lots`: a table that says of each picture which lot it belongs to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import logidsl as package
from logidsl.diagnostics import InputError
from logidsl.extract import read_picture_facts
from logidsl.store.history import Choice, history
from logidsl.store.store import Store
from tests.cli.commands import logidsl

SPEC = """object bolt
batch lot by lot_id ordered by taken_at
view left of lot by camera = "A"
rule drift over lot: mean(length of bolt) <= 20 px
rule growing over lot: increasing(length of bolt)
rule looked_at over lot: count(image on left) = 1
"""
LOTS = """path,lot_id,camera,taken_at
p1.png,L1,A,9
p2.png,L1,B,10
p3.png,L2,B,2
p4.png,L2,A,1
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Four annotated pictures, and their table."""
    (tmp_path / "lots.logic").write_text(SPEC)
    (tmp_path / "lots.csv").write_text(LOTS)
    (tmp_path / "parts").mkdir()
    for number in range(1, 5):
        row = f"p{number}.png,bolt,0,0,9,9,{16 + number}\n"
        (tmp_path / "parts" / f"p{number}.csv").write_text(f"image,class,x0,y0,x1,y1,length\n{row}")
    return tmp_path


def checked(here: Path, *more: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the report."""
    done = logidsl("check", "parts", "--spec", "lots.logic", "--lots", "lots.csv", "--format", "json", *more, cwd=here)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def refused(here: Path, lots: str, name: str = "lots.csv") -> str:
    """What is said of a table that cannot be used."""
    (here / name).write_text(lots)
    done = logidsl("check", "parts", "--spec", "lots.logic", "--lots", name, cwd=here)
    assert (done.returncode, done.stdout) == (4, "")
    return done.stderr


def labels(report: dict[str, Any]) -> dict[str, list[str]]:
    return {b["key"]: b["labels"] for b in report["batches"]}


def test_the_table_gives_lots_views_and_the_order(here: Path) -> None:
    code, report = checked(here)
    assert (code, labels(report), report["notes"]) == (1, {"L1": ["normal"], "L2": ["growing"]}, [])


@pytest.mark.parametrize("name", ["lots.json", "lots.jsonl", "lots.tsv", "lots.parquet"])
def test_all_kinds_of_tables_are_read(here: Path, name: str) -> None:
    head, *lines = (line.split(",") for line in LOTS.splitlines())
    rows = [dict(zip(head, line, strict=True)) | {"taken_at": int(line[-1])} for line in lines]
    if name.endswith("parquet"):
        arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
        parquet.write_table(arrow.Table.from_pylist(rows), here / name)
    else:
        (here / name).write_text(
            LOTS.replace(",", "\t")
            if name.endswith("tsv")
            else json.dumps(rows)
            if name.endswith("json")
            else "\n".join(map(json.dumps, rows))
        )
    facts = read_picture_facts(here / name)
    assert facts.value("parts/p2.png", "lot_id") == "L1"
    report = package.load(here / "lots.logic").check(here / "parts", lots=here / name)
    assert {b.key: b.labels for b in report.batches} == {"L1": ["normal"], "L2": ["growing"]}


def test_pictures_without_a_row_and_rows_without_a_picture_are_said(here: Path) -> None:
    (here / "lots.csv").write_text(LOTS.replace("p4.png", "q.png"))
    code, report = checked(here)
    assert (code, {b["key"]: b["verdict"] for b in report["batches"]}) == (2, {"L1": "review", "L2": "review"})
    assert "lots.csv has no row for a picture: p4.png" in report["notes"]
    assert any("not among those named: q.png" in note for note in report["notes"])


def test_a_picture_that_cannot_be_read_has_the_lot_of_its_row(here: Path) -> None:
    (here / "parts" / "p3.csv").write_text("no,table\n")
    (here / "lots.csv").write_text(LOTS.replace("p3.png", "p3.csv"))
    _, report = checked(here)
    assert [(b["key"], b["verdict"], b["pictures"]) for b in report["batches"]] == [
        ("L1", "pass", 2),
        ("L2", "review", 2),
    ]
    truths = {f["rule"]: f["truth"] for f in report["batches"][1]["findings"]}
    assert truths == {"drift": "undetermined", "growing": "undetermined"}, "it is of the other view"


def test_tables_that_cannot_be_used_are_said(here: Path) -> None:
    assert "line 6: `p1.png` is there twice, with `L1` and `L2` as `lot_id`" in refused(here, f"{LOTS}p1.png,L2,A,9\n")
    assert "expected a column `lot_id`, by which `lot` is known" in refused(here, "path,charge\np1.png,L1\n")
    assert "line 3: expected 2 fields, found 1" in refused(here, "path,lot_id\np1.png,L1\np2.png\n")
    assert "expected a column `path`" in refused(here, "name,lot_id\np1.png,L1\n")
    assert "expected a row for each picture, found none" in refused(here, "path,lot_id\n")
    assert "line 2: expected the path of a picture" in refused(here, "path,lot_id\n,L1\n")
    assert "expected an object for each picture" in refused(here, "[1]", "lots.json")
    assert "no such file" in logidsl("check", "parts", "--spec", "lots.logic", "--lots", "no.csv", cwd=here).stderr
    plain = here / "plain.logic"
    plain.write_text("object bolt: 1\n")
    done = logidsl("check", "parts", "--spec", "plain.logic", "--lots", "lots.csv", cwd=here)
    assert (done.returncode, "expected --store URL beside --lots" in done.stderr) == (64, True)


def test_a_row_is_for_one_picture(here: Path) -> None:
    (here / "lots.csv").write_text("path,lot_id\nday1/p1.png,L1\np1.png,L2\n")
    facts = read_picture_facts(here / "lots.csv")
    assert facts.value("data/day1/p1.png", "lot_id") == "L1"
    assert facts.value("data\\day2\\p1.png", "lot_id") == "L2"
    with pytest.raises(InputError, match=r"fits data.*day2.*p1.png and day3/p1.png; write more"):
        facts.value("day3/p1.png", "lot_id")
    (here / "lots.csv").write_text(f"path,lot_id\n{Path.cwd()}/p1.png,L1\n../up/p2.png,L2\n")
    facts = read_picture_facts(here / "lots.csv")
    assert (facts.value("p1.png", "lot_id"), facts.value("../up/p2.png", "lot_id")) == ("L1", "L2")


def test_a_store_takes_places_from_the_table(here: Path) -> None:
    (here / "lots.csv").write_text("path,lot_id,line,serial\np1.png,L1,3,s1\np2.png,L1,3,s2\np3.png,L2,4,\n")
    checked(here, "--store", "runs.db", "--batch", "line=9")
    _, again = checked(here, "--store", "runs.db")
    assert [b["pictures"] for b in again["batches"]] == [2, 1]
    groups = {by: {g.name: g.total for g in history(Store(str(here / "runs.db")), Choice(), by).groups}
              for by in ("lot", "line")}  # fmt: skip
    assert groups == {"lot": {"L1": 2, "L2": 1, "-": 1}, "line": {"3": 2, "4": 1, "9": 1}}
