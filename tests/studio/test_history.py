"""The history in the studio: runs are recorded, and what they and the photos say about the process is shown."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

from logidsl.studio.photos import STATE
from tests.cli.commands import environment
from tests.studio.running import Studio


def _history(studio: Studio, **query: Any) -> str:
    html = studio.get("history", **query)["html"]
    assert isinstance(html, str)
    return html


def test_the_photos_on_the_page_have_a_history(studio: Studio) -> None:
    found = studio.get("history")
    assert "Yield 20.0% of 5 decided images." in found["html"]
    assert "missing_pushpin" in found["html"]
    assert "pushpin.area" in found["columns"]
    measured = _history(studio, measure="pushpin.area", low=100, high=400)
    assert "Cpk" in measured
    assert "moving range of pushpin.area" in measured
    wrong = studio.client.get("/api/history", params={"measure": "nut.area"})
    assert wrong.status_code == 422
    assert "pushpin.area" in wrong.json()["detail"]
    assert studio.client.get("/api/history", params={"measure": "pushpin.area", "low": 3, "high": 2}).status_code == 422
    assert "recorded" in studio.client.get("/api/history", params={"chart": "u"}).json()["detail"]
    studio.edit(studio.spec.read_text().replace("inside c) = 1", "inside c) <= 2"))
    studio.judged()
    assert "Yield 100.0% of 5 decided images." in _history(studio)


def test_a_run_is_recorded_once_and_shown(studio: Studio) -> None:
    missing = studio.client.get("/api/history", params={"source": "store"})
    assert missing.status_code == 404
    assert "--store" in missing.json()["fix"]
    job = studio.job(studio.send("POST", "record", {"lot": "L17"}))
    assert (job["state"], job["result"]) == ("done", {"message": "5 photos recorded"}), job
    again = studio.job(studio.send("POST", "record", {"lot": "L17"}))
    assert "5 pictures judged before (1 pass, 4 fail), 0 new or changed" in again["result"]["message"]
    shown = studio.get("history", source="store", by="lot", chart="u")
    assert "Yield 20.0% of 5 decided images." in shown["html"]
    assert "<td>L17</td><td>5</td>" in shown["html"]
    assert shown["columns"] == ["yellow.area"]
    assert "moving range" in _history(studio, source="store", measure="yellow.area", low=10)
    # what the command shows of the same store
    store = studio.folder / STATE / "runs.db"
    command = [sys.executable, "-m", "logidsl", "history", str(store), "--by", "lot"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)
    assert "yield 20.0% of 5 decided (1 pass, 4 fail)" in done.stdout
    # another spec, and a time to come, have no judgements
    studio.edit(studio.spec.read_text().replace("inside c) = 1", "inside c) <= 2"))
    for only in ({"this_spec": True}, {"since": "2999-01-01"}):
        none = studio.client.get("/api/history", params={"source": "store", **only})
        assert none.status_code == 422
        assert "no judgements that fit" in none.json()["detail"]
    assert "such as 12h" in studio.client.get("/api/history", params={"source": "store", "since": "x"}).json()["detail"]


def test_a_store_that_cannot_be_used_is_said(studio: Studio) -> None:
    store = studio.folder / STATE / "runs.db"
    studio.job(studio.send("POST", "record", {"lot": ""}))
    with sqlite3.connect(store) as database:
        database.execute("UPDATE alembic_version SET version_num = '0001'")
    older = studio.client.get("/api/history", params={"source": "store"})
    assert older.status_code == 422
    assert "logidsl store migrate" in older.json()["detail"]
    job = studio.job(studio.send("POST", "record", {"lot": ""}))
    assert job["state"] == "failed"
    assert "logidsl store migrate" in job["message"]
    for file in store.parent.glob("runs.db*"):
        file.unlink()
    store.write_text("of another program" * 100)
    broken = studio.client.get("/api/history", params={"source": "store"})
    assert broken.status_code == 422
    assert "cannot be used" in broken.json()["detail"]


def test_a_spec_with_errors_is_not_recorded(studio: Studio) -> None:
    studio.edit("nothing")
    assert "errors" in studio.send("POST", "record", {"lot": ""}, status=422)["detail"]


def test_a_store_is_named_when_starting(trays: Path, tmp_path: Path) -> None:
    store = tmp_path / "runs.db"
    command = [sys.executable, "-m", "logidsl", "check", str(trays), "--store", str(store), "--quiet"]
    subprocess.run(command, capture_output=True, env=environment(), check=False)
    with Studio(trays, "--store", store) as studio:
        assert "of 5 decided" in _history(studio, source="store")
        # the studio names photos as the command does, so it knows them
        job = studio.job(studio.send("POST", "record", {"lot": ""}))
        assert "5 pictures judged before" in job["result"]["message"]
        assert not (trays / STATE / "runs.db").exists()
