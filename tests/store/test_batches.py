"""Rules over several pictures in a store: verdicts on lots are those of a run that judges all of their pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import text

from logidsl.store.history import Choice, history
from logidsl.store.store import Place, Store
from tests.cli.commands import logidsl

SPEC = """spec lots
object bolt
attribute code of bolt: text
batch lot by path "{}/*"
batch all
view front of lot by path "*_f.png"
rule some_bolt: some bolt
rule drift over lot as size: mean(length of bolt) <= 20 px    defect drifted
rule last over last(lot, 2): max(length of bolt) <= 23 px
rule unique over all: distinct(code of bolt)
rule front over lot: count(image on front) >= 0
rule yield over all: pass_rate(some_bolt) >= 99 %
"""


@pytest.fixture
def lots(tmp_path: Path) -> Path:
    """Two lots of two pictures each, as annotations; all is well."""
    (tmp_path / "lots.logic").write_text(SPEC)
    for lot, number in [("L1", 1), ("L1", 2), ("L2", 1), ("L2", 2)]:
        write_part(tmp_path, lot, number, 18 + number)
    return tmp_path


def write_part(folder: Path, lot: str, number: int, length: float) -> None:
    (folder / "parts" / lot).mkdir(parents=True, exist_ok=True)
    row = f"{lot}/{number}_f.png,bolt,0,0,{length},4,{length},{lot}-{number}\n"
    (folder / "parts" / lot / f"{number}.csv").write_text(f"image,class,x0,y0,x1,y1,length,code\n{row}")


def check(folder: Path, *more: str) -> tuple[int, dict[str, Any], str]:
    """The exit code, the report, and what was said."""
    done = logidsl("check", "parts", "--spec", "lots.logic", "--format", "json", *more, cwd=folder)
    assert "internal error" not in done.stderr
    return done.returncode, json.loads(done.stdout), done.stderr


def test_a_run_that_judges_only_what_is_new_says_of_batches_what_one_of_all_says(lots: Path, address: str) -> None:
    code, report, _ = check(lots, "--store", address)
    assert (code, len(report["images"])) == (0, 4)
    write_part(lots, "L2", 3, 26)
    (lots / "parts" / "L1" / "9.csv").write_text("no,table\n")
    whole_code, whole, _ = check(lots)
    code, report, said = check(lots, "--store", address)
    assert [i["path"] for i in report["images"]] == ["parts/L1/9.csv", "L2/3_f.png"]
    assert "4 pictures judged before (4 pass), 2 new or changed" in said
    assert (code, report["batches"]) == (whole_code, whole["batches"])
    assert code == 1
    labels = {(b["batch"], b["key"]): b["labels"] for b in report["batches"]}
    assert labels["lot", "L2"] == ["drifted", "last"]
    code, again, _ = check(lots, "--store", address)
    assert (code, again["batches"], again["images"]) == (1, whole["batches"], []), "also where nothing is new"
    assert not any("not judged" in note for note in again["notes"])


def test_the_store_keeps_verdicts_on_batches(lots: Path, address: str, tmp_path: Path) -> None:
    check(lots, "--store", address, "--batch", "line=4")
    write_part(lots, "L2", 1, 26)
    check(lots, "--store", address, "--batch", "line=4")
    store = Store(address)
    found = history(store, Choice(), by="lot")
    assert {(b.name, b.pictures, b.verdict, b.labels) for b in found.batches} == {
        ("lot L1", 2, "pass", ("normal",)),
        ("lot L2", 2, "fail", ("drifted", "last")),
        ("all", 4, "pass", ("normal",)),
    }
    assert {g.name: g.total for g in found.groups} == {"L1": 2, "L2": 3}, (
        "a batch named `lot` says where pictures belong"
    )
    only = history(store, Choice(place=Place(lot="L2", line="4")))
    assert [(b.batch, b.key) for b in only.batches] == [("lot", "L2")]
    done = logidsl("history", address, "--html", "h.html", "--format", "json", cwd=lots)
    assert {b["verdict"] for b in json.loads(done.stdout)["batches"]} == {"pass", "fail"}
    assert "lot L2" in (lots / "h.html").read_text()
    assert "lot L2         2     fail  drifted, last" in logidsl("history", address, cwd=lots).stdout

    assert logidsl("store", "export", address, "-o", tmp_path / "out", cwd=lots).returncode == 0
    rows = duckdb.connect().execute(
        f"SELECT f.rule, f.measured, f.objects FROM '{tmp_path}/out/batch_findings.parquet' f "
        f"JOIN '{tmp_path}/out/batch_verdicts.parquet' v ON v.id = f.batch_verdict_id WHERE v.key = 'L2' ORDER BY 1"
    ).fetchall()  # fmt: skip
    assert [(rule, json.loads(objects)[0]["image"]) for rule, _, objects in rows] == [
        ("drift", "L2/1_f.png"),
        ("last", "L2/1_f.png"),
    ]
    store.prune(0)
    with store.reading() as connection:
        left = [
            connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
            for name in ("batch_verdicts", "batch_findings", "seen_objects", "judgements", "pictures", "runs")
        ]
    assert left == [0] * 6


def test_pictures_of_a_store_without_their_objects_are_judged_again(lots: Path, address: str) -> None:
    check(lots, "--store", address)
    with Store(address).writing() as connection:  # as a store that was migrated
        connection.execute(text("DELETE FROM seen_objects"))
    _, report, said = check(lots, "--store", address)
    assert (len(report["images"]), "judged before" in said) == (4, False)
    _, report, said = check(lots, "--store", address)
    assert len(report["batches"]) == 3
    assert "4 pictures judged before" in said
    assert Store(address).count() == 4


def test_objects_that_are_none_are_said(lots: Path, address: str) -> None:
    check(lots, "--store", address)
    with Store(address).writing() as connection:
        connection.execute(text("UPDATE seen_objects SET rows = :rows"), {"rows": b"odd"})
    done = logidsl("check", "parts", "--spec", "lots.logic", "--store", address, cwd=lots)
    assert done.returncode == 4
    assert "cannot be read" in done.stderr
    assert "Traceback" not in done.stderr
