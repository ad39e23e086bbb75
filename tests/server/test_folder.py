"""A watched folder, and a camera in whose place a video stands."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import httpx

from logidsl.extract import read_picture
from tests.server.conftest import GOOD, MOVED, TRAYS
from tests.server.running import Server, until


def _decisions(client: httpx.Client) -> list[dict[str, object]]:
    found: list[dict[str, object]] = client.get("/v1/decisions", params={"most": 500}).json()["decisions"]
    return found


def _many(server: Server, many: int) -> Callable[[], bool]:
    return lambda: len(_decisions(server.client)) >= many


def test_files_that_arrive_are_judged_once_and_moved(tmp_path: Path, trays: Path) -> None:
    folder, arriving = tmp_path / "line", tmp_path / "in"
    for path in (folder, arriving, tmp_path / "out", tmp_path / "done"):
        path.mkdir()
    watch = f'folder = "{arriving}"\nproduct = "trays"\nevery_s = 0.1\nsettle_s = 1.5\n'
    (folder / "server.toml").write_text(
        f'[[watch]]\n{watch}results = "{tmp_path / "out"}"\ndone = "{tmp_path / "done"}"\n'
    )
    data = (trays / GOOD).read_bytes()
    with Server(folder, "--spec", f"trays={TRAYS}") as server:
        with (arriving / "slow.png").open("wb") as slow:  # written in two parts, as a share may be
            slow.write(data[:1000])
            slow.flush()
            time.sleep(0.5)
            slow.write(data[1000:])
        shutil.copy(trays / MOVED, arriving)
        (arriving / "broken.png").write_bytes(b"no picture")
        (arriving / "note.txt").write_text("no picture")
        until(_many(server, 3))
        until(lambda: len(list((tmp_path / "done").iterdir())) == 3)
        shutil.rmtree(arriving)
        until(lambda: f'logidsl_source_up{{source="folder:{arriving}"}} 0.0' in server.client.get("/metrics").text)
        arriving.mkdir()
        shutil.copy(trays / GOOD, arriving / MOVED)
        until(_many(server, 4))
        until(lambda: len(list((tmp_path / "done").iterdir())) == 4)
        assert server.told.count("it does not work") == 1
    results = {p.name: json.loads(p.read_text())["verdict"] for p in (tmp_path / "out").iterdir()}
    assert results == {"slow.png.json": "pass", f"{MOVED}.json": "pass", "broken.png.json": "error"}
    moved = sorted(p.name for p in (tmp_path / "done").iterdir())
    assert moved == sorted(["slow.png", MOVED, MOVED.replace(".png", "-1.png"), "broken.png"])


def test_files_are_not_judged_again_after_a_crash(tmp_path: Path, trays: Path) -> None:
    folder = tmp_path / "line"
    folder.mkdir()
    (folder / "server.toml").write_text(
        f'[[watch]]\nfolder = "{trays}"\nproduct = "trays"\nevery_s = 0.1\nsettle_s = 0.1\n'
    )
    many = len(list(trays.glob("*.png")))
    with Server(folder, "--spec", f"trays={TRAYS}") as server:
        until(_many(server, 2))
        server.kill()
    with Server(folder) as server:
        until(_many(server, many))
        time.sleep(0.5)
        names = [str(d["input"]["name"]) for d in _decisions(server.client)]  # type: ignore[index]
    assert sorted(names) == sorted(p.name for p in trays.glob("*.png"))


def test_a_video_is_judged_frame_by_frame_until_it_ends(tmp_path: Path, trays: Path) -> None:
    folder = tmp_path / "line"
    folder.mkdir()
    frames = [read_picture(trays / name).bgr for name in (GOOD, MOVED, GOOD)]
    height, width = frames[0].shape[:2]
    video = cv2.VideoWriter(str(tmp_path / "belt.avi"), cv2.VideoWriter.fourcc(*"FFV1"), 10, (width, height))
    for frame in frames:
        video.write(frame)
    video.release()
    camera = f'[[camera]]\nname = "belt"\ndevice = "{tmp_path / "belt.avi"}"\nproduct = "trays"\nevery_s = 0.05\n'
    away = '[[camera]]\nname = "away"\ndevice = "no_such.avi"\nproduct = "trays"\nevery_s = 300\ntimeout_s = 0.5\n'
    (folder / "server.toml").write_text(camera + away)
    with Server(folder, "--spec", f"trays={TRAYS}") as server:
        until(_many(server, 5))
        found = _decisions(server.client)
        metrics = server.client.get("/metrics").text
    belt = [d["verdict"] for d in found if str(d["input"]["name"]).startswith("belt")]  # type: ignore[index]
    other = [d for d in found if d["source"] == "camera:away"]
    assert belt == ["pass", "fail", "pass", "error"]
    assert [d["verdict"] for d in other] == ["error"]
    assert "gave no picture" in str(other[0]["error"])
    assert 'logidsl_source_up{source="camera:away"} 0.0' in metrics
