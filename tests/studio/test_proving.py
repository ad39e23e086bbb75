"""Marks against verdicts, the estimate for new photos, tests in the spec, rules offered, and the export."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from examples.render import write_variants
from logidsl.fit.truth import Names, read_truth
from tests.cli.commands import environment
from tests.llm.servers import Server, says
from tests.studio.running import Studio, until

ONE_PIN = "rule one_pin_2: every cell c: count(pushpin inside c) = 1\n    defect wrong_number\n"


def _mark(studio: Studio, **marks: bool) -> None:
    photos = studio.judged()
    for name, good in marks.items():
        studio.send("PUT", f"photos/{photos[f'tray_{name}.png']['id']}/mark", {"good": good, "labels": []})


def test_marks_are_compared_and_new_photos_estimated(trays: Path) -> None:
    with Studio(trays) as studio:
        assert studio.get("prove")["message"].startswith("mark photos")
        _mark(studio, good=True, moved=False, one_missing=True)
        found = studio.get("prove")
        key = studio.photos()["tray_one_missing.png"]["id"]
        assert (found["marked"], found["right"]) == (3, 2)
        assert found["wrong"] == [{"photo": key, "expected": "pass", "got": "fail", "labels": ["missing_pushpin"]}]
        estimate = found["estimate"]
        assert estimate["error_rate"] == pytest.approx(1 / 3)
        assert 0 < estimate["low"] < 1 / 3 < estimate["high"] < 1
        assert {r["what"]: (r["errors"], r["judged"]) for r in estimate["rates"]} == {
            "good pictures rejected": (1, 2),
            "bad pictures missed": (0, 1),
        }
        assert "too good" in found["message"]
        text = studio.get("project")["spec"]["text"]
        limits = "param limit = 0.1 % in 0.05 .. 5 %\n"
        changed = text.replace("object pushpin", f"{limits}object pushpin").replace("area >= 0.1 %", "area >= limit")
        assert studio.edit(changed)["spec"]["diagnostics"] == []
        _mark(studio, one_missing=False)
        found = studio.get("prove")
        assert found["right"] == 3
        assert "limit fitted without it" in found["estimate"]["method"]
        assert found["estimate"]["error_rate"] <= 1 / 3
        assert found["message"] is None


def test_what_is_on_screen_becomes_a_test(trays: Path) -> None:
    with Studio(trays) as studio:
        photos = studio.judged()
        for name in ("tray_good.png", "tray_one_missing.png"):
            body = {"photo": photos[name]["id"], "title": f"as {name}"}
            made = studio.send("POST", "tests", body)
            assert f'test "as {name}" on ' in made["spec"]["text"]
        assert studio.send("POST", "tests", body, status=409)["fix"]
        command = [sys.executable, "-m", "logidsl", "test", str(trays / "trays.logic")]
        done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "expect defect missing_pushpin" in (trays / "trays.logic").read_text()
        text = studio.get("project")["spec"]["text"]
        studio.edit(text.replace("inside c) = 1", "inside c) <= 1"))
        done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)
        assert done.returncode == 1


def test_the_work_is_exported_once(trays: Path) -> None:
    with Studio(trays) as studio:
        _mark(studio, good=True, one_missing=False)
        made = studio.send("POST", "export", {"name": "fertig 完成"})
        target = trays / "fertig 完成"
        assert made == {"path": str(target), "files": ["report.html", "trays.logic", "truth.json"]}
        truth = json.loads((target / "truth.json").read_text())
        assert truth == {"tray_good.png": "pass", "tray_one_missing.png": "fail"}
        assert (target / "trays.logic").read_text() == (trays / "trays.logic").read_text()
        report = (target / "report.html").read_text()
        assert "tray_moved.png" in report
        assert "data:image/jpeg" in report
        before = report
        assert "nothing is overwritten" in studio.send("POST", "export", {"name": "fertig 完成"}, status=409)["fix"]
        assert (target / "report.html").read_text() == before
        for name in ("../out", "", ".hidden", "a/b", "trays.logic"):
            assert studio.send("POST", "export", {"name": name}, status=409 if name == "trays.logic" else 422)
        assert not (trays.parent / "out").exists()
        known = read_truth(target / "truth.json", Names(frozenset(["pushpin"]), frozenset(["missing_pushpin"])))
        assert {n: e.verdict for n, e in known.pictures.items()} == truth


def test_rules_are_inferred_and_accepted_one_by_one(tmp_path: Path) -> None:
    folder = tmp_path / "good"
    folder.mkdir()
    for seed in range(6):
        write_variants(tmp_path / str(seed), seed=seed, width=425, names=["good"])
        shutil.copyfile(tmp_path / str(seed) / "tray_good.png", folder / f"{seed}.png")
    spec = (Path(__file__).resolve().parents[2] / "specs" / "pushpins.logic").read_text().partition("rule ")[0]
    (folder / "good.logic").write_text(spec)
    with Studio(folder) as studio:
        studio.judged()
        job = studio.job(studio.send("POST", "infer", {}))
        assert job["state"] == "done", job
        rules = job["result"]["rules"]
        assert rules
        assert all("good photos" in r["support"] for r in rules)
        # each fits the spec by itself, with the declarations that it needs
        assert any(r["needs"] for r in rules)
        for rule in rules:
            made = studio.send("POST", "rules", {"texts": [*rule["needs"], rule["text"]], "photo": None})
            studio.send("POST", "undo")
        made = studio.send("POST", "rules", {"texts": [*rules[0]["needs"], rules[0]["text"]], "photo": None})
        assert rules[0]["text"].splitlines()[0] in made["spec"]["text"]
        assert made["spec"]["diagnostics"] == []
        assert all(p["verdict"] == "pass" for p in studio.judged().values())
        refused = studio.send("POST", "rules", {"texts": ["rule a: every nut: area > 1 px2"]}, status=422)
        assert "nut" in refused["detail"]


def test_sentences_become_clauses_where_a_model_is_configured(trays: Path) -> None:
    without = {name: "" for name in os.environ if name.startswith(("OPENAI", "LOGIDSL_MODEL", "LOGIDSL_BASE"))}
    answer = f"# 1\n{ONE_PIN}"
    with Server(says(f"```\n{answer}```")) as server:
        changes = {**without, "LOGIDSL_BASE_URL": server.url, "LOGIDSL_MODEL": "served"}
        with Studio(trays, **changes, LOGIDSL_CACHE=str(trays.parent / "cache")) as studio:
            assert studio.get("project")["translate"]
            studio.judged()
            job = studio.job(studio.send("POST", "translate", {"sentences": "Each compartment holds one pin."}))
    assert job["state"] == "done", job
    assert any("count(pushpin inside c) = 1" in clause["text"] for clause in job["result"]["clauses"])
    assert "rule one_pin_2" in job["result"]["text"]
    with Studio(trays, **{**without, "HOME": str(trays.parent), "XDG_CONFIG_HOME": str(trays.parent)}) as studio:
        assert not studio.get("project")["translate"]
        assert "LOGIDSL_MODEL" in studio.send("POST", "translate", {"sentences": "One pin."}, status=409)["fix"]
        until(lambda: bool(studio.photos()))
