"""No work is lost: crashes, a second studio, changes made elsewhere, folders and files that cannot be used."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from logidsl.extract import write_picture
from logidsl.studio.project import Project
from tests.cli.commands import environment
from tests.studio.running import Studio, until


def _start(*arguments: str | Path) -> tuple[int, str]:
    """The exit code and the words of a studio that does not start."""
    command = [sys.executable, "-m", "logidsl", "studio", "--no-browser", *map(str, arguments)]
    found = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment(), check=False)
    return found.returncode, found.stderr


def test_a_studio_that_is_killed_has_lost_nothing(trays: Path) -> None:
    with Studio(trays) as studio:
        key = studio.judged()["tray_good.png"]["id"]
        text = studio.get("project")["spec"]["text"]
        studio.edit(text.replace("inside c) = 1", "inside c) = 2"))
        studio.send("PUT", f"photos/{key}/mark", {"good": True, "labels": []})
        shapes = [{"kind": "box", "class": "pin", "box": [1.0, 2.0, 30.0, 40.0]}]
        studio.send("PUT", f"photos/{key}/annotations", {"shapes": shapes})
        studio.kill()
    with Studio(trays) as studio:
        photo = studio.judged()["tray_good.png"]
        assert photo["verdict"] == "fail"
        assert photo["mark"] == {"good": True, "labels": []}
        assert studio.get(f"photos/{key}/annotations")["shapes"] == shapes
        for _ in range(3):
            studio.send("POST", "undo")
        assert studio.get("project")["spec"]["text"] == text
        assert not studio.get("project")["canUndo"]
        assert studio.photos()["tray_good.png"]["mark"] is None
        assert studio.stop() in (0, 143)


def test_a_second_studio_on_a_folder_or_a_port_is_refused(trays: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with Studio(trays) as studio:
        code, said = _start(trays, "--port", "0")
        assert code == 4
        assert f"another studio works on {trays}" in said
        assert f"(process {studio.process.pid})" in said
        port = studio.url.rpartition(":")[2]
        code, said = _start(other, "--port", port)
        assert code == 4
        assert f"port {port} is in use: choose another with --port" in said


def test_what_cannot_be_opened_is_said(trays: Path, tmp_path: Path) -> None:
    assert "expected an existing folder of photos" in _start(tmp_path / "nowhere")[1]
    assert "expected a folder, found a file" in _start(trays / "trays.logic")[1]
    assert _start(trays, "--spec", tmp_path / "no.logic")[0] == 64
    state = trays / ".logidsl-studio" / "state.json"
    state.parent.mkdir(exist_ok=True)
    state.write_text("{")
    code, said = _start(trays)
    assert code == 4
    assert "is damaged" in said
    assert "move it away" in said
    assert state.read_text() == "{"


def test_a_spec_saved_elsewhere_is_taken_over_and_an_old_edit_refused(trays: Path) -> None:
    with Studio(trays) as studio:
        studio.judged()
        spec = studio.get("project")["spec"]
        theirs = spec["text"].replace("inside c) = 1", "inside c) = 3")
        (trays / "trays.logic").write_text(theirs)
        mine = {"text": spec["text"] + "# mine\n", "digest": spec["digest"]}
        refused = studio.send("PUT", "spec", mine, status=409)
        assert refused["title"] == "changed elsewhere"
        assert refused["current"] == theirs
        assert (trays / "trays.logic").read_text() == theirs
        studio.send("PUT", "spec", {**mine, "digest": refused["digest"]})
        assert (trays / "trays.logic").read_text() == mine["text"]
        assert studio.send("POST", "undo")["spec"]["text"] == theirs
        assert studio.send("POST", "undo")["spec"]["text"] == spec["text"]
        (trays / "trays.logic").write_text(theirs)
        until(lambda: studio.get("project")["spec"]["text"] == theirs)
        assert all(p["verdict"] == "fail" for p in studio.judged().values())


def test_a_spec_that_another_program_is_writing_is_taken_over_once_it_is_whole(trays: Path) -> None:
    """Most programs empty a file and then write it: neither the empty text nor half of it is a text of anybody."""
    project = Project(trays)
    before = project.text
    told: list[str] = []
    project.announce = lambda event: told.append(event["spec"]["text"]) if event["type"] == "spec" else None
    whole = before.replace("inside c) = 1", "inside c) = 2")
    with (trays / "trays.logic").open("w", encoding="utf-8") as file:
        looking = threading.Thread(target=project.look_elsewhere)
        looking.start()
        for at in range(0, len(whole), 1 + len(whole) // 5):
            time.sleep(0.05)
            file.write(whole[at : at + 1 + len(whole) // 5])
            file.flush()
    looking.join()
    assert told == [whole]
    assert project.text == whole
    project.undo()
    assert project.text == before


def test_a_folder_that_goes_and_comes_back_keeps_the_work(trays: Path, tmp_path: Path) -> None:
    with Studio(trays) as studio:
        key = studio.judged()["tray_good.png"]["id"]
        text = studio.get("project")["spec"]["text"]
        studio.send("PUT", f"photos/{key}/mark", {"good": True, "labels": []})
        trays.rename(tmp_path / "away")
        until(lambda: studio.get("project")["message"] is not None)
        assert "what you did is kept" in studio.get("project")["message"]
        edit = {"text": text + "# later\n", "digest": studio.get("project")["spec"]["digest"]}
        refused = studio.send("PUT", "spec", edit, status=503)
        assert "bring the folder back" in refused["fix"]
        studio.send("PUT", f"photos/{key}/mark", {"good": False, "labels": []}, status=422)
        assert not trays.exists()
        (tmp_path / "away").rename(trays)
        until(lambda: studio.get("project")["message"] is None)
        studio.send("PUT", "spec", edit)
        assert (trays / "trays.logic").read_text() == edit["text"]
        assert studio.judged()["tray_good.png"]["mark"] == {"good": True, "labels": []}


def test_a_photo_that_cannot_be_read_says_why_and_new_ones_appear(trays: Path) -> None:
    (trays / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    with Studio(trays) as studio:
        photo = studio.judged()["broken.png"]
        assert photo["verdict"] == "error"
        assert photo["error"]
        assert str(trays) not in photo["error"]
        assert studio.get(f"photos/{photo['id']}/judgement")["verdict"] == "error"
        answer = studio.client.get(f"/api/photos/{photo['id']}/thumbnail")
        assert answer.status_code == 422
        shutil.copyfile(trays / "tray_good.png", trays / "broken.png")
        shutil.copyfile(trays / "tray_good.png", trays / "new.png")
        until(lambda: "new.png" in studio.photos())
        until(lambda: studio.photos()["broken.png"]["verdict"] == "pass")
        (trays / "new.png").unlink()
        until(lambda: "new.png" not in studio.photos())


def test_a_spec_outside_of_the_folder_is_read_and_not_written(trays: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.logic"
    (trays / "trays.logic").rename(outside)
    before = outside.read_text()
    with Studio(trays, "--spec", outside) as studio:
        assert studio.judged()["tray_good.png"]["verdict"] == "pass"
        spec = studio.get("project")["spec"]
        assert spec["readOnly"]
        edit = {"text": before + "# no\n", "digest": spec["digest"]}
        assert "copy the spec" in studio.send("PUT", "spec", edit, status=403)["fix"]
        assert outside.read_text() == before


def test_names_in_other_scripts_are_kept(rendered: Path, tmp_path: Path) -> None:
    folder = tmp_path / "Größe 部品 ボルト"
    (folder / "良品").mkdir(parents=True)
    shutil.copyfile(rendered / "tray_good.png", folder / "良品" / "ねじ ä.png")
    with Studio(folder) as studio:
        spec = studio.get("project")["spec"]
        assert [d["code"] for d in spec["diagnostics"]] == ["W027"]  # there is no rule yet
        assert set(studio.photos()) == {"良品/ねじ ä.png"}
        assert studio.photos()["良品/ねじ ä.png"]["verdict"] is None
        assert "how objects are found" in studio.get("project")["message"]
        text = spec["text"] + 'blobs dark where lightness <= 30 %\nrule some_dark "Teile 部品": count(dark) = 0\n'
        studio.edit(text)
        photo = studio.judged()["良品/ねじ ä.png"]
        assert photo["verdict"] == "fail"
        key = photo["id"]
        found = studio.get(f"photos/{key}/judgement")
        assert found["findings"][0]["title"] == "Teile 部品"
        assert (folder / f"{folder.name}.logic").read_text("utf-8") == text


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a name that is no UTF-8 needs a system that has such names")
def test_a_name_that_is_no_utf8_is_shown(trays: Path) -> None:
    raw = os.fsencode(trays) + b"/odd\xff.png"
    try:
        Path(os.fsdecode(raw)).write_bytes((trays / "tray_good.png").read_bytes())
    except OSError:
        return  # a file system that refuses such names has none to show
    project = Project(trays)
    names = [p["path"] for p in json.loads(json.dumps(project.photos_document("all", "name")))["photos"]]
    assert "odd\\udcff.png" in names


def test_five_thousand_photos_are_listed(tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    write_picture(folder / "0.png", np.full((4, 4, 3), 200, np.uint8))
    data = (folder / "0.png").read_bytes()
    for number in range(1, 5000):
        (folder / f"{number}.png").write_bytes(data)
    (folder / "many.logic").write_text(
        "logic 1\nspec many\nblobs dark where lightness <= 30 %\nrule a: count(dark) = 0\n"
    )
    project = Project(folder)
    listed = project.photos_document("all", "name")
    assert listed["total"] == 5000
    assert [p["path"] for p in listed["photos"][:3]] == ["0.png", "1.png", "2.png"]
    assert listed["photos"][-1]["path"] == "4999.png"
    project.judge(project.good, project.photos, [project.table(project.good, p) for p in project.photos[:1]] * 5000)
    assert {p["verdict"] for p in project.photos_document("pass", "score")["photos"]} == {"pass"}
    assert len(project.photos_document("pass", "score")["photos"]) == 5000
