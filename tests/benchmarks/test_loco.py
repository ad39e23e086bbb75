"""The products of MVTec LOCO AD: every shared picture is annotated, and the specs fit the annotations."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.defects.generate import PRODUCTS as PUBLISHED
from benchmarks.loco import LEARNED, PRODUCTS, annotation_files
from benchmarks.truths import DATA, loco
from logidsl.extract import see_path
from logidsl.pipeline import compile_spec
from logidsl.source import Source

#: Of each picture, how many parts of each class somebody counted.
COUNTED = {
    "breakfast_box/small_normal": {"tangerine": 2, "nectarine": 1, "cereals": 1, "banana": 11, "almond": 4},
    "breakfast_box/toppings_crushed": {"tangerine": 2, "nectarine": 1, "cereals": 1, "crushed": 1},
    "juice_bottle/half_filled": {"glass": 1, "juice": 1, "fruit_label": 1, "text_label": 1, "fruit": 1},
    "juice_bottle/one_cherry_missing": {"glass": 1, "juice": 1, "fruit_label": 1, "text_label": 1, "fruit": 1},
    "juice_bottle/small_normal": {"glass": 1, "juice": 1, "fruit_label": 1, "text_label": 1, "fruit": 1},
    "pushpins/complete_needle_defect": {"pin": 15, "compartment": 15},
    "pushpins/small_normal": {"pin": 15, "compartment": 15},
    "pushpins/wrong_arrangement": {"pin": 15, "compartment": 15},
    "screw_bag/complete_one_nut_red": {"screw": 2, "nut": 2, "washer": 2},
    "screw_bag/extra_short_bolt": {"screw": 3, "nut": 2, "washer": 2},
    "screw_bag/small_normal": {"screw": 2, "nut": 2, "washer": 2},
    "splicing_connectors/small_normal": {"connector": 2, "housing": 2, "cable": 1},
    "splicing_connectors/three_clamp_two_blue_cables": {"connector": 2, "housing": 2, "cable": 2},
}
FILES = {f"{product}/{path.stem}": path for product in PRODUCTS for path in annotation_files(product)}


def test_every_shared_picture_of_a_product_is_annotated(shared: Path) -> None:
    meant = {(path.parent / json.loads(path.read_text("utf-8"))["imagePath"]).resolve() for path in FILES.values()}
    assert meant == {case.picture.resolve() for case in loco()}


@pytest.mark.parametrize("name", COUNTED)
def test_an_annotation_counts_its_parts_and_carries_no_pixels(name: str, shared: Path) -> None:
    document = json.loads(FILES[name].read_text("utf-8"))
    assert document["imageData"] is None
    assert Counter(s["label"] for s in document["shapes"] if s["label"] != "unknown") == COUNTED[name]
    assert not {s["shape_type"] for s in document["shapes"]} - {"polygon"}


@pytest.mark.parametrize("name", COUNTED)
def test_annotations_are_read_beside_their_pictures(name: str, shared: Path) -> None:
    classes = ", ".join(COUNTED[name])
    table = see_path(compile_spec(Source("parts.logic", f"object {classes}")), FILES[name])
    assert len(table.notes) == 0, table.notes
    assert DATA.resolve() in Path(table.images[0]).resolve().parents


def test_an_unknown_product_is_an_error() -> None:
    with pytest.raises(KeyError):
        annotation_files("toaster")
    assert set(COUNTED) == set(FILES)


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_spec_is_short_names_every_published_defect_and_annotated_classes_only(product: str) -> None:
    spec = LEARNED / f"{product}.logic"
    text = spec.read_text("utf-8")
    assert len(text.splitlines()) <= 50
    assert not [d.label for d in PUBLISHED[product].defects if d.label not in text]
    shapes = [s for f in annotation_files(product) for s in json.loads(f.read_text("utf-8"))["shapes"]]
    sources = [s for s in compile_spec(spec).sources if s.file == f"{product}.parts"]
    assert sources
    assert {c for s in sources for c in s.names or (s.name,)} <= {s["label"] for s in shapes}
