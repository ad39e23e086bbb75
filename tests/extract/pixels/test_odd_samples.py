"""Small inputs that were misread once, beside the checkout: what is right of each is said in its README."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import logidsl

NUTS = "object nut, bolt\nrule no_nut: no nut\n"


@pytest.fixture
def odd(shared: Path) -> Path:
    folder = shared / "odd_inputs"
    if not folder.is_dir():
        pytest.skip("../shared/data/odd_inputs is missing")
    return folder


@pytest.mark.parametrize(
    ("name", "classes"),
    [
        ("01-labelstudio-min/ls.csv", ["nut", "nut", "bolt"]),
        ("01-labelstudio-min/lsmin.json", ["nut", "nut", "bolt"]),
        ("01-labelstudio-min/ls.json", ["nut", "nut", "bolt"]),
        ("02-json-as-descriptions/v1.json", ["nut"]),
        ("02-json-as-descriptions/asset.json", ["nut"]),
        ("04-yolo-track-ids/ids.txt", ["nut"] * 4),
        ("04-yolo-track-ids/confids.txt", ["nut"] * 3),
        ("05-yolo-pose/tray.txt", ["nut", "nut"]),
        ("14-labelme-numeric-label/num.json", None),
        ("16-roboflow-predictions/pred.json", ["nut", "nut", "bolt"]),
        ("17-formats-refused/train.json", ["nut", "nut", "bolt"]),
        ("17-formats-refused/new.json", ["nut", "nut"]),
        ("17-formats-refused/tray.json", ["nut", "nut"]),
        ("17-formats-refused/_annotations.createml.json", ["nut", "nut", "bolt"]),
        ("17-formats-refused/annotations.xml", ["nut", "nut", "bolt"]),
        ("17-formats-refused/b02/tray.png.json", ["nut", "nut"]),
        ("17-formats-refused/b03/output.manifest", ["nut"]),
        ("17-formats-refused/b03/output.jsonl", ["nut"]),
        ("17-formats-refused/c02/tray.json", ["nut", "nut"]),
        ("17-formats-refused/c02/qwen.json", ["nut", "nut"]),
        ("17-formats-refused/c02/fenced.json", ["nut"]),
    ],
)
def test_objects_are_read_with_their_places(odd: Path, name: str, classes: list[str] | None) -> None:
    table = logidsl.loads(NUTS).see(odd / name)
    assert not table.problems
    assert "1" in table.classes.texts() if classes is None else table.classes.texts() == classes
    assert all(np.isfinite(np.asarray(table.columns[k])).all() for k in ("x0", "y0", "x1", "y1"))


@pytest.mark.parametrize(
    ("spec", "name", "verdict"),
    [
        ("03-ultralytics-obb-json/obb.logic", "03-ultralytics-obb-json/obb.json", "pass"),
        ("05-yolo-pose/pose.logic", "05-yolo-pose/tray.txt", None),
        ("16-roboflow-predictions/robo.logic", "16-roboflow-predictions/pred.json", "pass"),
        ("10-lens-wide/lens.logic", "10-lens-wide/wide.png", "pass"),
    ],
)
def test_verdicts(odd: Path, spec: str, name: str, verdict: str | None) -> None:
    [image] = logidsl.load(odd / spec).check(odd / name).images
    assert image.error is None and (verdict is None or image.verdict == verdict)
    assert "size" not in [f.rule for f in image.findings]  # of the pose: boxes, not outlines through key points


def test_samples_are_what_their_files_say(odd: Path) -> None:
    spec = logidsl.load(odd / "07-whiteiszero-16bit-tiff" / "gry.logic")

    def classes(name: str) -> list[str | None]:
        return spec.see(odd / name).classes.texts()

    assert classes("07-whiteiszero-16bit-tiff/wiz16.tif") == classes("07-whiteiszero-16bit-tiff/wiz8.tif")
    assert classes("08-grey-png-trns/grey_trns.png") == classes("08-grey-png-trns/rgb_trns.png")
    notes = "\n".join(spec.see(odd / "09-twelve-bit/twelve.png").notes)
    assert "the brightest sample is 6 % of the range of 16 bits" in notes
