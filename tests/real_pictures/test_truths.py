"""Every shared picture through its spec: verdict, labels and counts as in its truth, at other sizes, too."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

import logidsl
from benchmarks.truths import DATA, FOLDERS, SPECS, Case
from benchmarks.vision import wrong
from logidsl.extract import read_picture
from logidsl.pipeline import compile_spec

if not DATA.is_dir():
    pytest.skip(f"no folder {DATA}: the shared pictures are not part of the project", allow_module_level=True)

CASES = {name: list(cases()) for name, (_, cases) in FOLDERS.items()}
LOCO = CASES["loco_*"]
SMALL = (184, 144)
SMALL_BOTTLE = (74, 145)


@pytest.mark.parametrize("folder", FOLDERS)
def test_as_many_pictures_of_a_folder_are_right_as_promised(folder: str) -> None:
    goal, _ = FOLDERS[folder]
    flaws = [f"{c.picture.name}: {w}" for c in CASES[folder] if (w := wrong(c, compile_spec(str(c.spec))))]
    assert CASES[folder]
    assert len(flaws) <= (1 - goal) * len(CASES[folder]) + 1e-9, flaws


def test_every_picture_of_the_five_products_is_right() -> None:
    assert len(LOCO) == 13
    assert {c.picture.parent.name for c in LOCO} >= {"loco_five_normals_small", "loco_splicing", "loco_screw_bag"}
    assert not [w for c in LOCO if (w := wrong(c, compile_spec(str(c.spec))))]


def named(case: Case) -> str:
    return f"{case.picture.parent.name}/{case.picture.name}"


@pytest.mark.parametrize("case", LOCO, ids=named)
def test_a_picture_of_twice_the_size_or_stored_again_is_judged_alike(case: Case) -> None:
    picture = read_picture(case.picture).bgr
    twice = np.asarray(cv2.resize(picture, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8)
    stored = cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 90])[1], cv2.IMREAD_COLOR)
    spec = logidsl.load(case.spec)
    for changed in (twice, np.asarray(stored, np.uint8)):
        assert frozenset(spec.check(changed).images[0].labels) == case.labels


def covered(picture: np.ndarray, box: tuple[float, float, float, float], at: tuple[float, float]) -> np.ndarray:
    """A picture with a box, in shares of its sides, covered by what lies at another place."""
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = (round(v * s) for v, s in zip(box, (width, height, width, height), strict=True))
    x, y = round(at[0] * width), round(at[1] * height)
    made = picture.copy()
    made[y0:y1, x0:x1] = picture[y : y + y1 - y0, x : x + x1 - x0]
    return made


#: A product, a picture that is read as good, a part that is covered, by what, and what must be said.
COVERED = [
    ("pushpins", "loco_pushpins/complete_needle_defect.png", (0.205, 0.42, 0.24, 0.62), (0.29, 0.42), "separator"),
    ("screw_bag", "loco_screw_bag/extra_short_bolt.png", (0.48, 0.3, 0.64, 0.56), (0.62, 0.3), "normal"),
    ("screw_bag", "loco_five_normals_small/screw_bag.png", (0.25, 0.42, 0.325, 0.64), (0.15, 0.4), "1_missing_washer"),
    ("splicing_connectors", "loco_splicing/three_clamp_two_blue_cables.png", (0.255, 0.29, 0.72, 0.4), (0.255, 0.66),
     "normal"),
    ("splicing_connectors", "loco_five_normals_small/splicing_connectors.png", (0.27, 0.4, 0.72, 0.56), (0.27, 0.62),
     "missing_cable"),
    ("splicing_connectors", "loco_five_normals_small/splicing_connectors.png", (0.7, 0.4, 0.92, 0.72), (0.7, 0.05),
     "missing_connector"),
]  # fmt: skip


@pytest.mark.parametrize(("product", "name", "box", "at", "label"), COVERED)
def test_a_part_that_is_covered_is_missed(product, name, box, at, label) -> None:
    changed = covered(read_picture(DATA / name).bgr, box, at)
    (image,) = logidsl.load(SPECS / "pictures" / f"{product}.logic").check(changed).images
    assert image.labels == [{"separator": "missing_separator"}.get(label, label)]


def test_a_box_seen_in_a_mirror_has_its_compartments_swapped() -> None:
    picture = read_picture(DATA / "loco_five_normals_small" / "breakfast_box.png").bgr[:, ::-1]
    (image,) = logidsl.load(SPECS / "pictures" / "breakfast_box.logic").check(np.ascontiguousarray(picture)).images
    assert image.labels == ["compartments_swapped"]


@pytest.mark.parametrize(
    ("box", "label"),
    [((0.25, 0.45, 0.65, 0.65), "missing_top_label"), ((0.25, 0.76, 0.65, 0.87), "missing_bottom_label")],
)
def test_a_label_under_juice_is_missing(box, label) -> None:
    picture = read_picture(DATA / "loco_juice_bottle" / "one_cherry_missing.png").bgr
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = (round(v * s) for v, s in zip(box, (width, height, width, height), strict=True))
    picture[y0:y1, x0:x1] = picture[round(0.69 * height), round(0.45 * width)]
    (image,) = logidsl.load(SPECS / "pictures" / "juice_bottle.logic").check(picture).images
    assert image.labels == [label]
