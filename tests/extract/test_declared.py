"""What is measured or found in a picture needs a declaration and one function that it names, and nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import logidsl
from logidsl.extract.pixels.foreground_boxes import MaskCrop
from logidsl.extract.pixels.picture import write_picture
from logidsl.extract.sources.detection_records import Detection
from logidsl.extract.sources.dispatch import Look
from logidsl.library import REGISTRY, Group, declare

ADDED: tuple[tuple[Group, str], ...] = (
    ("attribute", "leftness"),
    ("pixel", "above_mean"),
    ("step", "mirror"),
    ("source", "corner"),
)
SPEC = """logic 1
spec parts
blobs light where leftness >= 50 % and above_mean(lightness) >= 0 % then mirror()
object mark = light: 1
object tip = corner(): 1
rule right: mark.x >= 50 px
rule there: tip.width = 4 px within 0.1 px
"""


def leftness(bgr: np.ndarray, part: tuple[slice, slice]) -> np.ndarray:
    """1 at the left border, 0 at the right one."""
    return np.asarray((1 - np.mgrid[: bgr.shape[0], : bgr.shape[1]][1] / bgr.shape[1])[part])


def above_mean(_here: object, _call: object, values: list[np.ndarray]) -> np.ndarray:
    """A number minus its mean."""
    return np.asarray(values[0] - np.mean(values[0]))


def mirror(crop: MaskCrop, _length_px: float | None) -> MaskCrop:
    """The mask, left and right exchanged, in a box as wide as the picture."""
    rows, columns = crop.box
    mask = np.zeros((len(crop.mask), 100), np.uint8)
    mask[:, columns] = crop.mask
    return MaskCrop((rows, slice(0, 100)), np.ascontiguousarray(mask[:, ::-1]))


def corner(look: Look) -> list[Detection]:
    """The upper left corner of the picture."""
    assert look.part.shape == (60, 100, 3)
    return [Detection((0.0, 0.0, 4.0, 4.0))]


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ADDED:
        monkeypatch.setitem(REGISTRY, key, REGISTRY["function", "dx"])
        del REGISTRY[key]  # undone with the rest
    here = __name__
    declare(
        "attribute",
        "leftness -> ratio",
        "How far left.",
        "leftness",
        of=("pixels",),
        spatial=True,
        made_by=f"{here}:leftness",
        english="leftness",
    )
    declare(
        "pixel",
        "above_mean(number) -> same",
        "A number minus its mean.",
        "above_mean(lightness) >= 0 %",
        spatial=True,
        made_by=f"{here}:above_mean",
        english="{0} minus its mean",
    )
    declare(
        "step",
        "mirror() -> mask",
        "Exchanges left and right.",
        "mirror()",
        made_by=f"{here}:mirror",
        english="mirrored",
    )
    declare(
        "source",
        "corner(R?) -> set",
        "The corner.",
        "object c = corner(): 1",
        made_by=f"{here}:corner",
        english="the corner",
    )


@pytest.mark.usefixtures("declared")
def test_each_is_run_in_a_picture(tmp_path: Path) -> None:
    bgr = np.zeros((60, 100, 3), np.uint8)
    bgr[20:30, 10:20] = bgr[20:30, 70:80] = 255
    write_picture(tmp_path / "a.png", bgr)
    (report,) = logidsl.loads(SPEC).check(tmp_path / "a.png").images
    assert report.verdict == "pass", report
