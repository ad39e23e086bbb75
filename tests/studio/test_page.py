"""What the page shows and changes, over real HTTP."""

from __future__ import annotations

import asyncio
import json
from io import BytesIO
from typing import Any

import httpx
import pytest
import websockets
from PIL import Image

from tests.studio.running import Studio

VERDICTS = {
    "tray_good.png": "pass",
    "tray_moved.png": "fail",
    "tray_one_missing.png": "fail",
    "tray_two_in_one_cell.png": "fail",
    "tray_wrong_color.png": "fail",
}


def test_every_photo_gets_its_verdict(studio: Studio) -> None:
    photos = studio.judged()
    assert {name: p["verdict"] for name, p in photos.items()} == VERDICTS
    missing = photos["tray_one_missing.png"]
    assert missing["labels"] == ["missing_pushpin"]
    assert missing["counts"] == {"pushpin": 14}
    assert photos["tray_moved.png"]["labels"] == ["additional_pushpin", "missing_pushpin"]
    assert (missing["width"], missing["height"]) == (425, 250)
    assert set(studio.photos(filter="pass")) == {"tray_good.png"}
    assert studio.get("photos", sort="score")["photos"][-1]["path"] == "tray_good.png"


def test_a_judgement_names_objects_places_and_repairs(studio: Studio) -> None:
    key = studio.photos()["tray_one_missing.png"]["id"]
    found = studio.get(f"photos/{key}/judgement")
    assert found["verdict"] == "fail"
    (finding,) = [f for f in found["findings"] if f["label"] == "missing_pushpin"]
    assert finding["clause"] == "count(pushpin inside c) = 1"
    assert (finding["measured"], finding["limit"]) == ("0", "1")
    assert finding["places"][0]["name"].startswith("cell row")
    assert finding["repairs"]
    text = studio.get("project")["spec"]["text"].splitlines()
    line = text[finding["span"]["line"] - 1]
    assert line[finding["span"]["column"] - 1 :].startswith("count(pushpin inside c) = 1")
    pins = [o for o in found["objects"] if {"name": "pushpin", "member": "yes"} in o["classes"]]
    assert len(pins) == 14
    assert pins[0]["outline"]
    assert pins[0]["columns"]["color"].startswith("#")
    assert [m["rule"] for m in pins[0]["margins"]][:1] == ["pushpin"]
    rules = {r["name"]: r for r in found["rules"]}
    assert rules["one_pin_per_cell"]["state"] == "false"
    assert set(rules["one_pin_per_cell"]["objects"]) == {o["id"] for o in pins}


def test_an_edit_of_rules_judges_without_looking_again(studio: Studio) -> None:
    key = studio.judged()["tray_one_missing.png"]["id"]
    text = studio.get("project")["spec"]["text"]
    before = studio.get("project")["spec"]["pixelStatementsDigest"]
    made = studio.edit(text.replace("count(pushpin inside c) = 1", "count(pushpin inside c) <= 1"), key)
    assert made["judgement"]["verdict"] == "pass"
    assert made["judgement"]["revision"] == made["spec"]["revision"]
    assert made["spec"]["pixelStatementsDigest"] == before
    photos = studio.judged()
    assert photos["tray_one_missing.png"]["changed"]
    assert not photos["tray_good.png"]["changed"]
    assert "tray_one_missing.png" in studio.photos(filter="changed")
    assert studio.send("POST", "undo")["spec"]["text"] == text
    assert {n: p["verdict"] for n, p in studio.judged().items()} == VERDICTS
    assert "<= 1" in studio.send("POST", "redo")["spec"]["text"]
    studio.send("POST", "undo")
    assert (studio.folder / "trays.logic").read_text() == text


def test_an_edit_of_pixels_looks_again(studio: Studio) -> None:
    photos = studio.judged()
    text = studio.get("project")["spec"]["text"]
    before = studio.get("project")["spec"]["pixelStatementsDigest"]
    made = studio.edit(text.replace("saturation >= 60 %", "saturation >= 99 %"), photos["tray_good.png"]["id"])
    assert made["spec"]["pixelStatementsDigest"] != before
    assert made["judgement"]["verdict"] == "fail"
    assert not [o for o in made["judgement"]["objects"] if o["classes"]]
    assert all(p["verdict"] == "fail" for p in studio.judged().values())
    studio.edit(text)
    assert {n: p["verdict"] for n, p in studio.judged().items()} == VERDICTS


def test_a_spec_with_errors_keeps_the_verdicts_of_the_last_without(studio: Studio) -> None:
    key = studio.judged()["tray_good.png"]["id"]
    text = studio.get("project")["spec"]["text"]
    made = studio.edit(text + "\nrule broken: every pushpn: area > 1\n", key)
    assert made["judgement"] is None
    (found,) = made["spec"]["diagnostics"]
    assert found["severity"] == "error"
    assert "pushpn" in found["message"]
    assert found["span"]["line"] == len(text.splitlines()) + 2
    assert {n: p["verdict"] for n, p in studio.judged().items()} == VERDICTS
    assert "errors" in studio.get("project")["message"]
    studio.edit(text)
    assert studio.get("project")["message"] is None


def test_marks_and_annotations_are_kept_and_can_be_undone(studio: Studio) -> None:
    photos = studio.judged()
    key = photos["tray_good.png"]["id"]
    assert studio.send("PUT", f"photos/{key}/mark", {"good": False, "labels": ["scratch"]})["wrong"]
    assert set(studio.photos(filter="wrong")) == {"tray_good.png"}
    assert set(studio.photos(filter="marked")) == {"tray_good.png"}
    assert not studio.send("PUT", f"photos/{key}/mark", {"good": True, "labels": []})["wrong"]
    studio.send("POST", "undo")
    assert studio.photos()["tray_good.png"]["mark"] == {"good": False, "labels": ["scratch"]}
    studio.send("POST", "undo")
    assert studio.photos()["tray_good.png"]["mark"] is None
    shapes = [
        {"kind": "box", "class": "pin", "box": [1.0, 2.0, 30.0, 40.0]},
        {"kind": "polygon", "class": "ナット", "points": [[1.0, 1.0], [9.0, 1.0], [5.0, 9.0]]},
        {"kind": "stroke", "class": "Mutter ü", "points": [[5.0, 5.0], [9.0, 9.0]], "radius": 3.0},
    ]
    assert studio.send("PUT", f"photos/{key}/annotations", {"shapes": shapes}) == {"shapes": shapes}
    assert studio.get(f"photos/{key}/annotations") == {"shapes": shapes}
    assert studio.photos()["tray_good.png"]["annotated"]
    studio.send("POST", "undo")
    assert not studio.photos()["tray_good.png"]["annotated"]
    wrong = {"shapes": [{"kind": "stroke", "class": "a", "points": [], "radius": -1}]}
    assert studio.send("PUT", f"photos/{key}/annotations", wrong, status=422)["title"]


def test_pictures_are_given_whole_small_and_in_tiles(studio: Studio) -> None:
    key = studio.photos()["tray_good.png"]["id"]
    whole = Image.open(BytesIO(studio.client.get(f"/api/photos/{key}/image").content))
    assert whole.size == (425, 250)
    answer = studio.client.get(f"/api/photos/{key}/thumbnail")
    assert max(Image.open(BytesIO(answer.content)).size) == 256
    again = studio.client.get(f"/api/photos/{key}/thumbnail", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert 'Width="425" Height="250"' in studio.client.get(f"/api/photos/{key}/tiles.dzi").text
    tile = Image.open(BytesIO(studio.client.get(f"/api/photos/{key}/tiles_files/9/1_0.jpg").content))
    assert tile.size == (425 - 254 + 1, 250)
    assert Image.open(BytesIO(studio.client.get(f"/api/photos/{key}/tiles_files/0/0_0.jpg").content)).size == (1, 1)
    assert studio.client.get(f"/api/photos/{key}/tiles_files/9/2_0.jpg").status_code == 404
    assert studio.client.get(f"/api/photos/{key}/tiles_files/99/0_0.jpg").status_code == 404


def test_a_request_of_another_page_or_for_another_server_is_refused(studio: Studio) -> None:
    with httpx.Client(base_url=studio.url) as bare:
        assert bare.get("/api/project").status_code == 200
        assert bare.get("/api/project", headers={"Host": "example.com"}).status_code == 400
        assert bare.get("/api/project", headers={"Origin": "http://example.com"}).status_code == 403
        assert bare.get("/api/project", headers={"Origin": studio.url}).status_code == 200
        assert bare.post("/api/undo").status_code == 403
        assert bare.post("/api/undo", headers={"X-Logidsl-Studio": "guessed"}).status_code == 403
        answer = bare.get("/static/app.js")
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        for path in ("/static/../http.py", "/static/%2e%2e/http.py", "/static/..%2fhttp.py"):
            assert bare.get(path).status_code == 404


def test_problems_are_told_as_problem_details(studio: Studio) -> None:
    answer = studio.client.get("/api/photos/nothing/judgement")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == 404
    key = studio.photos()["tray_good.png"]["id"]
    assert "inside the picture" in studio.client.get(f"/api/photos/{key}/pixel?x=9999&y=1").json()["detail"]
    assert studio.client.get("/api/photos?filter=odd").status_code == 422


async def _events(studio: Studio) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    address = f"{studio.url.replace('http', 'ws')}/api/events?token={studio.token}"
    async with websockets.connect(address) as socket:
        first = json.loads(await socket.recv())
        assert first["type"] == "revision"
        text = studio.get("project")["spec"]["text"]
        await asyncio.to_thread(studio.edit, text.replace("inside c) = 1", "inside c) = 2"))
        while True:
            found.append(json.loads(await asyncio.wait_for(socket.recv(), 60)))
            photos = [e["photo"] for e in found if e["type"] == "photo"]
            if len(photos) >= 5 and found[-1] == {"type": "progress", "done": 5, "total": 5}:
                break
        await asyncio.to_thread(studio.edit, text)
    return found


def test_events_tell_what_became_of_the_photos(studio: Studio) -> None:
    found = asyncio.run(_events(studio))
    assert "revision" in [e["type"] for e in found]
    assert {e["photo"]["path"]: e["photo"]["verdict"] for e in found if e["type"] == "photo"} == dict.fromkeys(
        VERDICTS, "fail"
    )
    studio.judged()


async def _refused(studio: Studio, path: str) -> int | None:
    try:
        async with websockets.connect(f"{studio.url.replace('http', 'ws')}{path}"):
            return None
    except websockets.exceptions.InvalidStatus as error:
        return error.response.status_code


@pytest.mark.parametrize("path", ["/api/events?token=guessed", "/api/lsp", "/api/lsp?token="])
def test_a_web_socket_needs_the_token(studio: Studio, path: str) -> None:
    assert asyncio.run(_refused(studio, path)) == 403


async def _language(studio: Studio, text: str) -> list[dict[str, Any]]:
    async def ask(socket: Any, method: str, params: Any, key: int | None = None) -> None:
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        await socket.send(json.dumps(message if key is None else {**message, "id": key}))

    found: list[dict[str, Any]] = []
    address = f"{studio.url.replace('http', 'ws')}/api/lsp?token={studio.token}"
    async with websockets.connect(address) as socket, websockets.connect(address) as other:
        for number, each in enumerate((socket, other)):
            await ask(each, "initialize", {"processId": None, "rootUri": None, "capabilities": {}}, number)
            answer = json.loads(await asyncio.wait_for(each.recv(), 60))
            assert answer["id"] == number
            assert "completionProvider" in answer["result"]["capabilities"]
        await other.close()
        document = {"uri": "file:///tmp/new.logic", "languageId": "logic", "version": 1, "text": text}
        await ask(socket, "initialized", {})
        await ask(socket, "textDocument/didOpen", {"textDocument": document})
        while not found or found[-1]["method"] != "textDocument/publishDiagnostics":
            found.append(json.loads(await asyncio.wait_for(socket.recv(), 60)))
    return found


def test_each_page_has_a_language_server_of_its_own(studio: Studio) -> None:
    found = asyncio.run(_language(studio, "logic 1\nspec a\nrule b: count(nut) = 1\n"))
    (said,) = found[-1]["params"]["diagnostics"][:1]
    assert "nut" in said["message"]
