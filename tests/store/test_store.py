"""Runs in a store: what is kept, that a second run judges only what is new, writers at once, migration, export."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from logidsl.diagnostics import InputError
from logidsl.store.history import Choice, history
from logidsl.store.store import Place, Store, migrate
from logidsl.store.tables import Base
from tests.cli.commands import environment, logidsl
from tests.store.conftest import Postgres

SPEC = """object bolt: 1 .. 2
rule long as size: every bolt: length >= 20 px
"""


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    """A folder with a spec and six annotations, of which one is broken."""
    folder = tmp_path / "parts"
    folder.mkdir()
    (folder / "bolts.logic").write_text(SPEC)
    for number in range(5):
        write_part(folder, number, 18 + number)
    (folder / "part5.csv").write_text("no,table\n")
    return folder


def write_part(folder: Path, number: int, length: float) -> None:
    """A table with one bolt."""
    rows = f"image,class,x0,y0,x1,y1,length\npart{number}.png,bolt,0,0,{length},4,{length}\n"
    (folder / f"part{number}.csv").write_text(rows)


def check(folder: Path, address: str, *arguments: str) -> tuple[int, str, str]:
    """Check the tables of a folder."""
    files = sorted(p.name for p in folder.glob("*.csv"))
    done = logidsl("check", *files, "--spec", "bolts.logic", "--store", address, "-q", *arguments, cwd=folder)
    assert "internal error" not in done.stderr
    return done.returncode, done.stdout, done.stderr


def test_a_second_run_judges_only_what_is_new_or_changed(parts: Path, address: str) -> None:
    code, out, _ = check(parts, address, "--batch", "lot=L1")
    assert code == 1
    assert out.count("FAIL") == 2
    write_part(parts, 0, 30)
    write_part(parts, 6, 10)
    done = logidsl(
        "check", *sorted(p.name for p in parts.glob("*.csv")), "--spec", "bolts.logic", "--store", address,
        "--format", "jsonl", cwd=parts,
    )  # fmt: skip
    assert done.returncode == 1, "a part that failed before still counts"
    assert [line.count('"part0') + line.count('"part6') > 0 for line in done.stdout.splitlines()] == [True, True]
    assert "5 pictures judged before (3 pass, 1 fail, 1 error), 2 new or changed" in done.stderr
    store = Store(address)
    assert store.count() == 8
    found = history(store, Choice(), by="lot")
    assert {g.name: dict(g.verdicts) for g in found.groups} == {
        "L1": {"pass": 3, "fail": 2, "error": 1},
        "-": {"pass": 1, "fail": 1},
    }
    assert found.labels == [("long", 3, 1.0)]
    with store.reading() as connection:
        values = connection.execute(text('SELECT class, "column", value FROM measurements ORDER BY value')).all()
    assert [tuple(v) for v in values] == [("bolt", "length", v) for v in (10, 18, 19, 20, 21, 22, 30)]


def test_another_spec_judges_again_and_the_same_in_other_words_does_not(parts: Path, address: str) -> None:
    check(parts, address)
    (parts / "bolts.logic").write_text(f"# the same\n{SPEC}")
    _, out, _ = check(parts, address)
    assert "FAIL" not in out
    (parts / "bolts.logic").write_text(SPEC.replace("20 px", "19 px"))
    _, out, _ = check(parts, address)
    assert out.count("FAIL") == 1
    assert Store(address).count() == 12


def test_two_writers_at_once_lose_nothing(parts: Path, address: str) -> None:
    for number in range(6, 200):
        write_part(parts, number, 15 + number % 10)
    (parts / "part5.csv").unlink()
    files = sorted(p.name for p in parts.glob("*.csv"))
    (parts / "bolts.logic").write_text(
        f'{SPEC}batch lot by path "part*{{}}.png"\nrule few over lot: count(bolt) < 99\n'
    )
    command = [sys.executable, "-m", "logidsl", "check", "--spec", "bolts.logic", "--store", address, "-q"]
    runs = [
        subprocess.Popen(
            [*command, *order], cwd=parts, env=environment(), text=True, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for order in (files, files[::-1])
    ]  # fmt: skip
    for run in runs:
        _, told = run.communicate(timeout=120)
        assert (run.returncode, told) == (1, "")
    with Store(address).reading() as connection:
        names = connection.execute(text("SELECT image, count(*) FROM judgements GROUP BY image")).all()
    assert sorted(name for name, _ in names) == sorted(name.replace(".csv", ".png") for name in files)
    assert {many for _, many in names} == {1}
    found = history(Store(address), Choice(), by="lot")
    assert {g.name: g.total for g in found.groups} == {b.key: b.pictures for b in found.batches}
    assert sum(b.pictures for b in found.batches) == len(files)


def test_an_older_schema_is_migrated_with_its_data(parts: Path, address: str) -> None:
    check(parts, address)
    store = Store(address)
    with store.writing() as connection:  # as the first version left it
        for table in ("batch_findings", "batch_verdicts", "seen_objects"):
            connection.execute(text(f"DROP TABLE {table}"))
        connection.execute(text("DROP INDEX ix_findings_label"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    with pytest.raises(InputError, match="older schema: `logidsl store migrate`"):
        Store(address)
    code, _, told = check(parts, address)
    assert (code, "older schema" in told) == (4, True)
    assert migrate(address) == ("0001", "0003")
    assert Store(address).count() == 6
    with Store(address).writing() as connection:
        found = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    assert found == [], "a migrated database is that of the tables"
    with Store(address).writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(InputError, match="later version"):
        Store(address)
    with pytest.raises(InputError, match="later version"):
        migrate(address)


def test_a_store_is_pruned_and_exported_to_parquet(parts: Path, address: str, tmp_path: Path) -> None:
    check(parts, address, "--batch", "lot=L1", "--batch", "line=2")
    done = logidsl("store", "export", address, "-o", tmp_path / "out", cwd=parts)
    assert done.returncode == 0, done.stderr
    rows = (
        duckdb.connect()
        .execute(
            f"SELECT j.verdict, count(*) FROM '{tmp_path}/out/judgements.parquet' j "
            f"JOIN '{tmp_path}/out/batches.parquet' b ON b.id = j.batch_id WHERE b.lot = 'L1' GROUP BY 1 ORDER BY 1"
        )
        .fetchall()
    )
    assert rows == [("error", 1), ("fail", 2), ("pass", 3)]
    assert "found files" in logidsl("store", "export", address, "-o", tmp_path / "out", cwd=parts).stderr
    assert "0 judgements forgotten, 6 left" in logidsl("store", "prune", address, "--days", "1", cwd=parts).stdout
    assert "6 judgements forgotten, 0 left" in logidsl("store", "prune", address, "--days", "0", cwd=parts).stdout
    assert "has no judgements" in logidsl("history", address, cwd=parts).stderr


def test_a_server_that_goes_away_in_mid_run_is_said_and_loses_nothing_kept(postgres: Postgres, parts: Path) -> None:
    address = postgres.new()
    check(parts, address)
    store = Store(address)
    postgres.stop()
    try:
        with pytest.raises(InputError, match="cannot be used"):
            store.count()
        code, _, told = check(parts, address)
        assert code == 4
        assert "cannot be used" in told
    finally:
        postgres.start()
    assert store.count() == 6


def test_a_server_that_is_killed_in_mid_run_costs_what_was_not_kept_yet_alone(postgres: Postgres, parts: Path) -> None:
    address, many = postgres.new(), 1100
    (parts / "part5.csv").unlink()
    for number in range(many):
        write_part(parts, number, 15 + number % 10)
    (parts / "bolts.logic").write_text(f"{SPEC}batch all\nrule few over all: count(bolt) <= {many - 1}\n")
    store = Store(address)
    command = [sys.executable, "-m", "logidsl", "check", ".", "--spec", "bolts.logic", "--store", address, "-q"]
    run = subprocess.Popen(
        command, cwd=parts, env=environment(), text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    while not store.count():
        assert run.poll() is None
        time.sleep(0.05)
    postgres.stop()
    try:
        _, told = run.communicate(timeout=120)
    finally:
        postgres.start()
    assert (run.returncode, "cannot be used" in told, "Traceback" in told) == (4, True, False)
    kept = store.count()
    assert 0 < kept < many
    done = logidsl(*command[3:-1], "--format", "jsonl", cwd=parts)
    assert f"{kept} pictures judged before" in done.stderr
    assert (done.returncode, store.count()) == (1, many)
    assert len(done.stdout.splitlines()) == many - kept + 1
    assert json.loads(done.stdout.splitlines()[-1])["findings"][0]["measured"] == str(many)


def test_names_that_a_database_does_not_take_are_kept_as_far_as_it_does(parts: Path, address: str) -> None:
    name = "bo\0lt" + "x" * 300
    row = {
        "image": "a\0.png",
        "class": name,
        "x0": 0,
        "y0": 0,
        "x1": 9,
        "y1": 9,
        "length": 3,
        "lot_id": "L\0" + "y" * 300,
    }
    (parts / "odd.json").write_text(json.dumps([row]))
    (parts / "bolts.logic").write_text(
        "object bolt\nrule long as size: every bolt: length >= 20 px\nbatch lot by lot_id\n"
        "rule one over lot: count(image) = 1\n"
    )
    for _ in range(2):
        done = logidsl("check", "odd.json", "--spec", "bolts.logic", "--store", address, "-q", cwd=parts)
        assert (done.returncode, "cannot be used" in done.stderr) == (0, False), done.stderr
    found = history(Store(address), Choice(), by="lot")
    assert [len(g.name) for g in found.groups] == [200]
    assert [(b.verdict, len(b.key)) for b in found.batches] == [("pass", 302)]


def test_a_store_that_stays_locked_is_said(parts: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    check(parts, address)
    monkeypatch.setattr("logidsl.store.store.WAIT_S", 0.2)
    store, other = Store(address), Store(address)
    with (
        store.writing(),
        pytest.raises(InputError, match=r"another program has kept it locked for 0\.2 s"),
        other.writing(),
    ):
        pass
    assert store.count() == 6


def test_addresses_that_cannot_be_used_are_said(tmp_path: Path, parts: Path) -> None:
    (tmp_path / "text.db").write_text("no database " * 100)
    shutil.copy(tmp_path / "text.db", tmp_path / "other.db")
    for address, said in [
        (str(tmp_path / "text.db"), "cannot be used"),
        (str(tmp_path / "no" / "folder.db"), "cannot be used"),
        ("mysql://host/runs", "SQLite or PostgreSQL"),
        ("postgresql://user:secret@127.0.0.1:1/runs", "cannot be used"),
        ("a://b c://", "expected the address of a store"),
    ]:
        code, _, told = check(parts, address)
        assert code == 4, address
        assert said in told
        assert "secret" not in told
    code, _, told = check(parts, str(tmp_path / "runs.db"), "--batch", "lott=1")
    assert (code, "line, cell, order, lot, serial" in told) == (64, True)
    assert logidsl("history", tmp_path / "none.db", cwd=parts).returncode == 4
    assert logidsl("store", "migrate", tmp_path / "none.db", cwd=parts).returncode == 4
    assert not (tmp_path / "none.db").exists()
    assert (tmp_path / "text.db").read_text() == (tmp_path / "other.db").read_text()


def test_places_have_names_of_isa_95() -> None:
    assert Place._fields == ("line", "cell", "order", "lot", "serial")
