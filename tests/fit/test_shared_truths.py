"""The truth that comes with the shared pictures is understood, and its pictures are found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from logidsl.fit.cases import pictures_of
from logidsl.fit.truth import Expectation, Names, read_truth
from logidsl.pipeline import compile_spec

COUNTED: dict[str, tuple[str, dict[str, str], int]] = {
    "candies_even": ("specs/candies.logic", {c: f"{c}_sweet" for c in ("red", "yellow", "green", "purple")}, 19),
    "nuts_labelme": ("specs/nuts.logic", {}, 9),
    "cards_voc": ("benchmarks/specs/cards.logic", {}, 5),
    "blister_packs": ("specs/blister.logic", {"packs": "pack", "filled": "pills", "pockets": ""}, 1),
    "fewshot/screws24_grey": ("specs/coins.logic", {"nut": "coin"}, 20),
    "loco_pushpins": ("specs/pictures/pushpins.logic", {"pushpins": "pushpin"}, 2),
    "loco_splicing": (
        "specs/pictures/splicing_connectors.logic",
        {"connectors": "connector", "cables": "cable", "clamps_each": ""},
        1,
    ),
    "loco_five_normals_small": ("specs/pictures/pushpins.logic", {}, 5),
}


def names_of(spec: Path, renamed: dict[str, str]) -> Names:
    program = compile_spec(spec)
    things = [*(c.name for c in program.classes), *(s.name for s in program.sets if " " not in s.name)]
    return Names(frozenset(things), program.defects, renamed)


@pytest.mark.parametrize("folder", COUNTED)
def test_truth_of_pictures(folder: str, shared: Path, checkout: Path) -> None:
    spec, renamed, count = COUNTED[folder]
    path = shared / folder / "truth.json"
    found = read_truth(path, names_of(checkout / spec, renamed))
    assert len(found.pictures) == count
    assert len(pictures_of(found, path)) == count
    assert all(e.counts or e.verdict for e in found.pictures.values())


def test_verdicts_in_words(shared: Path, checkout: Path) -> None:
    names = names_of(checkout / "specs/pictures/pushpins.logic", {"pushpins": "pushpin"})
    found = read_truth(shared / "loco_pushpins" / "truth.json", names).pictures
    assert found == {
        "wrong_arrangement.png": Expectation("fail", None, {"pushpin": 15}),
        "complete_needle_defect.png": Expectation("pass", None, {"pushpin": 15}),
    }


def test_verdicts_of_descriptions_by_label(shared: Path, checkout: Path) -> None:
    path = shared / "facts_breakfast_v10" / "truth.json"
    names = names_of(checkout / "benchmarks/specs/breakfast_facts.logic", {})
    said = {d for entry in json.loads(path.read_text()).values() for d in entry["defects"]}
    found = read_truth(path, Names(names.classes, names.labels, dict.fromkeys(said - names.labels, ""))).pictures
    assert len(found) == 185
    assert [e.verdict for e in found.values()].count("pass") == 102
    assert Expectation("fail", frozenset({"compartments_swapped"})) in found.values()
