"""Colours, limits and histograms taken from the picture, and what is learned from annotations."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from logidsl.extract import read_picture
from logidsl.extract.pixels.pixel_values import colour_attribute
from logidsl.pipeline import compile_spec
from logidsl.source import Source
from logidsl.studio.project import Project
from logidsl.studio.tools import Tools
from tests.studio.running import Studio, until


def _pins(studio: Studio, name: str) -> tuple[str, list[dict[str, Any]]]:
    key = studio.judged()[name]["id"]
    objects = studio.get(f"photos/{key}/judgement")["objects"]
    return key, [o for o in objects if o["classes"]]


def _inside(studio: Studio, key: str, pin: dict[str, Any]) -> tuple[float, float]:
    """A place of a pin that has its colour."""
    bgr = np.array(Image.open(BytesIO(studio.client.get(f"/api/photos/{key}/image").content)).convert("RGB"))
    x0, y0, x1, y1 = (round(v) for v in pin["box"])
    part = bgr[y0:y1, x0:x1].astype(int)
    row, column = np.unravel_index(np.argmax(part[..., 0] - part[..., 2]), part.shape[:2])
    return x0 + float(column) + 0.5, y0 + float(row) + 0.5


def test_the_eyedropper_reads_what_the_language_reads(studio: Studio) -> None:
    key = studio.judged()["tray_good.png"]["id"]
    found = studio.get(f"photos/{key}/pixel", x=100.5, y=60.5, radius=0)
    rgb = read_picture(studio.folder / "tray_good.png").bgr[60, 100, ::-1]
    assert found["rgb"] == rgb.tolist()
    for name in ("hue", "saturation", "lab_a", "lab_b", "lightness"):
        expected = float(colour_attribute(rgb[None], name)[0])
        assert found[name] == (None if np.isnan(expected) else pytest.approx(expected, abs=1e-3))
    assert -1 <= found["contrast"] <= 1


def test_clicks_become_a_colour_and_a_predicate_that_find_the_parts(studio: Studio) -> None:
    key, pins = _pins(studio, "tray_good.png")
    places = [_inside(studio, key, pin) for pin in pins[:3]]
    clicks = [{"photo": key, "x": x, "y": y, "radius": 1} for x, y in places]
    found = studio.send("POST", "color", {"clicks": clicks, "name": "pushpin", "kind": "color"})
    assert found["statement"] == f'color pushpin_2 = "{found["hex"]}" within {found["within"]:g}'
    assert 0.005 < found["pixels"] < 0.1
    predicate = studio.send("POST", "color", {"clicks": clicks, "name": "head", "kind": "predicate"})
    assert predicate["statement"] == f"blobs head where {predicate['predicate']}"
    text = studio.get("project")["spec"]["text"]
    for condition in (f"color = {found['statement'].split()[1]}", predicate["predicate"]):
        head, _, rest = text.partition("blobs yellow where ")
        changed = f"{head}{found['statement']}\nblobs yellow where {condition}\n{rest.partition(chr(10))[2]}"
        made = studio.edit(changed, key)
        assert made["spec"]["diagnostics"] == []
        assert len([o for o in made["judgement"]["objects"] if o["classes"]]) == 15
    studio.edit(text)
    assert studio.send("POST", "color", {"clicks": []}, status=422)["detail"] == "expected at least one click"


def test_histograms_show_limits_in_their_unit_and_where_marks_come_out_right(studio: Studio) -> None:
    photos = studio.judged()
    values = studio.get("values")
    limits = {(x.get("pixel"), x.get("class"), x["value"], x["unit"]): x["span"] for x in values["limits"]}
    assert ("saturation", None, 60.0, "%") in limits
    assert ("hue", None, 20.0, "deg") in limits
    assert (None, "pushpin", 0.1, "%") in limits
    assert {"class": "pushpin", "column": "area", "unit": "px2"} in values["columns"]
    area: dict[str, Any] = {"class": "pushpin", "column": "area"}
    found = studio.get("histogram", **area)
    assert found["limit"] == 0.1
    assert found["unit"] == "%"
    assert sum(found["counts"]) >= 15 + 15 + 14 + 16 + 14
    assert found["plateau"] is None
    for name, good in (("tray_good.png", True), ("tray_one_missing.png", False)):
        studio.send("PUT", f"photos/{photos[name]['id']}/mark", {"good": good, "labels": []})
    until(lambda: not studio.get("histogram", **area)["pending"])
    low, high = studio.get("histogram", **area)["plateau"]
    assert low <= 0.1 <= high < 0.5
    saturation = studio.get("histogram", value="saturation")
    assert (saturation["limit"], saturation["unit"]) == (60.0, "%")
    assert saturation["edges"][-1] <= 100.0
    assert sum(saturation["good"]) < sum(saturation["counts"])
    span = limits[(None, "pushpin", 0.1, "%")]
    beyond = round(high * 1.5, 3)
    made = studio.send("PUT", "limit", {"span": span, "value": beyond, "photo": photos["tray_good.png"]["id"]})
    assert f"area >= {beyond:g} %" in made["spec"]["text"]
    assert made["judgement"]["verdict"] == "fail"
    studio.send("POST", "undo")
    assert studio.send("PUT", "limit", {"span": {**span, "column": 1}, "value": 1}, status=409)
    for name in ("tray_good.png", "tray_one_missing.png"):
        studio.send("PUT", f"photos/{photos[name]['id']}/mark")


@pytest.mark.slow
def test_parts_are_learned_from_annotations(studio: Studio) -> None:
    assert "nothing is annotated" in studio.send("POST", "learn", {}, status=422)["detail"]
    for name in ("tray_good.png", "tray_two_in_one_cell.png"):
        key, pins = _pins(studio, name)
        shapes: list[dict[str, Any]] = [
            {"kind": "polygon", "class": "pin", "points": pin["outline"][0]} for pin in pins[1:]
        ]
        x0, y0, x1, y1 = pins[0]["box"]
        middle = [(x0 + x1) / 2, (y0 + y1) / 2]
        shapes.append({"kind": "stroke", "class": "pin", "points": [middle], "radius": (y1 - y0) / 2})
        studio.send("PUT", f"photos/{key}/annotations", {"shapes": shapes})
    cancelled = studio.send("POST", "learn", {})
    assert studio.send("POST", "learn", {}, status=409)["fix"]
    assert studio.send("DELETE", f"jobs/{cancelled['job']['id']}")["state"] == "cancelled"
    assert not list(studio.folder.glob("*.parts"))
    job = studio.job(studio.send("POST", "learn", {}))
    assert job["state"] == "done", job
    result = job["result"]
    assert result["statement"].startswith('object pin = learned("parts.parts")')
    assert (studio.folder / "parts.parts").is_file()
    key = studio.judged()["tray_moved.png"]["id"]
    answer = studio.client.get(f"/api/photos/{key}/probabilities?class=pin")
    picture = np.array(Image.open(BytesIO(answer.content)))
    assert picture.shape == (250, 425, 4)
    assert picture[..., 3].max() > 150
    assert np.median(picture[..., 3]) < 30
    assert studio.client.get(f"/api/photos/{key}/probabilities?class=nut").status_code == 404
    first = result["statement"].splitlines()[0]
    text = f"logic 1\nspec pins\n{first}\nrule all: count(pin) = 15\n"
    compile_spec(Source(str(studio.folder / "a.logic"), text))
    before = studio.get("project")["spec"]["text"]
    made = studio.edit(text, studio.photos()["tray_good.png"]["id"])
    assert made["spec"]["diagnostics"] == []
    found = len([o for o in made["judgement"]["objects"] if o["classes"]])
    assert 14 <= found <= 15  # one was painted as a disc, and too little of that looks like a pin to be sure of it
    studio.edit(before)


def test_a_parts_file_of_another_tool_is_not_overwritten(trays: Path) -> None:
    tools = Tools(Project(trays), 1)
    assert tools._parts_file() == trays / "parts.parts"
    (trays / "parts.parts").write_bytes(b"of another tool")
    assert tools._parts_file() == trays / "parts-2.parts"
    (trays / "parts-2.parts").write_bytes(b"learned here")
    tools._learned({"path": str(trays / "parts-2.parts")})
    assert tools._parts_file() == trays / "parts-2.parts"
    (trays / "parts-2.parts").write_bytes(b"changed since")
    assert tools._parts_file() == trays / "parts-3.parts"
