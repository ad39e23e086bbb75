"""Each published layout is read, and what it does not have is refused."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from logidsl.bench.datasets import read_dataset
from logidsl.bench.datasets.base import Sample
from logidsl.bench.datasets.loco import KINDS
from logidsl.bench.datasets.loco_fc import split_classes
from logidsl.diagnostics import InputError
from logidsl.ir import Program
from logidsl.pipeline import compile_spec
from tests.bench import sets

PROGRAMS: dict[str, Program] = {}


@pytest.fixture(autouse=True, scope="module")
def _programs():
    PROGRAMS["pushpins"] = compile_spec(sets.SPEC)


def table(samples) -> Counter:
    return Counter((s.part, s.kind, " ".join(sorted(s.labels)) if s.labels is not None else None) for s in samples)


def test_mvtec_loco_with_the_classes_of_its_masks(tmp_path: Path) -> None:
    found = read_dataset(sets.loco(tmp_path), PROGRAMS)
    assert found.layout == "loco"
    assert table(found.samples) == {
        ("train", "normal", ""): 6,
        ("validation", "normal", ""): 1,
        ("test", "normal", ""): 3,
        ("test", "logical", "missing_pushpin"): 1,
        ("test", "logical", "additional_pushpin"): 1,
        ("test", "logical", "additional_pushpin missing_pushpin"): 1,
        ("test", "structural", ""): 1,
    }
    alone = read_dataset(tmp_path / "pushpins", PROGRAMS)
    assert [s.name for s in alone.samples] == [s.name for s in found.samples]


def test_without_masks_only_the_kind_is_known(tmp_path: Path) -> None:
    home = sets.loco(tmp_path) / "pushpins"
    (home / "defects_config.json").unlink()
    assert {s.labels for s in read_dataset(tmp_path, PROGRAMS).samples if s.kind == "logical"} == {None}


def test_a_broken_mask_costs_its_picture_the_labels_only(tmp_path: Path) -> None:
    home = sets.loco(tmp_path) / "pushpins"
    (home / "ground_truth" / "logical_anomalies" / "000" / "000.png").write_bytes(b"no picture")
    first, *others = [s for s in read_dataset(tmp_path, PROGRAMS).samples if s.kind == "logical"]
    assert first.labels is None
    assert "000.png" in first.problem
    assert all(s.labels and not s.problem for s in others)


def test_a_mask_of_an_unknown_defect_is_no_label(tmp_path: Path) -> None:
    home = sets.loco(tmp_path) / "pushpins"
    (home / "defects_config.json").write_text('[{"defect_name": "other", "pixel_value": 7}]')
    problems = {s.problem for s in read_dataset(tmp_path, PROGRAMS).samples if s.kind == "logical"}
    assert all("no defect of defects_config.json has the pixel value" in p for p in problems)


@pytest.mark.parametrize("place", ["test/other", "train/logical_anomalies", "test/good/deeper", "extra"])
def test_a_folder_that_the_layout_does_not_have_is_refused(tmp_path: Path, place: str) -> None:
    (sets.loco(tmp_path) / "pushpins" / place).mkdir(parents=True)
    with pytest.raises(InputError, match=rf"expected .*found `{Path(place).name}`"):
        read_dataset(tmp_path, PROGRAMS, "loco")


def test_empty_and_missing_data_sets(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such data set"):
        read_dataset(tmp_path / "nowhere", PROGRAMS)
    with pytest.raises(InputError, match="is not a data set: expected a folder, or a file of truth"):
        read_dataset(sets.SPEC, PROGRAMS)
    with pytest.raises(InputError, match="is not a data set"):
        read_dataset(Path("/dev/null"), PROGRAMS)
    with pytest.raises(
        InputError, match=r"expected a truth\.csv or truth\.json, or folders of products .* found nothing"
    ):
        read_dataset(tmp_path, PROGRAMS)
    (tmp_path / "pushpins" / "test" / "good").mkdir(parents=True)
    with pytest.raises(InputError, match="has no test picture: it is empty"):
        read_dataset(tmp_path, PROGRAMS)


def test_a_split_without_normals_is_refused(tmp_path: Path) -> None:
    home = sets.loco(tmp_path) / "pushpins"
    for path in (home / "test" / "good").iterdir():
        path.unlink()
    with pytest.raises(InputError, match="the test part has no normal picture among 4"):
        read_dataset(tmp_path, PROGRAMS)


def test_an_unknown_product_is_named_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"no product `pushpin`: expected one of `pushpins`; did you mean `pushpins`\?"
    ):
        read_dataset(sets.loco(tmp_path), PROGRAMS, only=["pushpin"])


REASONS = {
    "": (),
    "missing": ["Quantity: missing pushpin"],
    "both": ["Quantity Anomaly: Missing Pushpin", "quantity: additional_pushpin"],
}


def test_loco_annotations(tmp_path: Path) -> None:
    found = read_dataset(sets.annotated(tmp_path, REASONS), PROGRAMS)
    assert found.layout == "loco-annotations"
    assert [(s.kind, sorted(s.labels or ()), sorted(s.types or ())) for s in found.samples] == [
        ("normal", [], []),
        ("logical", ["missing_pushpin"], ["quantity"]),
        ("logical", ["additional_pushpin", "missing_pushpin"], ["quantity"]),
    ]
    assert [dict(s.counts) for s in found.samples] == [{"pushpin": 15}, {"pushpin": 14}, {"pushpin": 15}]
    assert all(s.path and s.path.suffix == ".png" for s in found.samples)


def test_a_reason_may_be_the_label_of_a_shape(tmp_path: Path) -> None:
    sets.annotated(tmp_path, {"": (), "missing": ()})
    path = tmp_path / "pushpins" / "test" / "logical_anomalies" / "001.json"
    document = json.loads(path.read_text())
    document["shapes"].append(document["shapes"][0] | {"label": "Position: stray pushpin"})
    path.write_text(json.dumps(document))
    sample = read_dataset(tmp_path, PROGRAMS).samples[1]
    assert (sample.labels, sample.types) == (frozenset(["stray_pushpin"]), frozenset(["position"]))
    assert sample.counts == {"pushpin": 14}


def test_annotations_without_pictures_are_judged_themselves(tmp_path: Path) -> None:
    found = read_dataset(sets.annotated(tmp_path, REASONS, pictures=False), PROGRAMS)
    assert all(s.path and s.path.suffix == ".json" for s in found.samples)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("Quantty: missing pin", r"expected an anomaly as `TYPE: REASON`.*found `Quantty: missing pin`; did you mean"),
        ("Quantity: ", "expected an anomaly as `TYPE: REASON`"),
        ("scratched", "expected flags as `Anomaly Type: Specific Reason`, found `scratched`"),
    ],
)
def test_other_flags_are_refused(tmp_path: Path, said: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_dataset(sets.annotated(tmp_path, {"": (), "missing": [said]}), PROGRAMS)


def test_a_normal_picture_with_an_anomaly_is_a_contradiction(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="contradictory truth: it is normal, and has the anomaly `missing_pin`"):
        read_dataset(sets.annotated(tmp_path, {"": ["quantity: missing pin"]}), PROGRAMS)


def test_a_broken_annotation_is_a_row(tmp_path: Path) -> None:
    sets.annotated(tmp_path, REASONS)
    (tmp_path / "pushpins" / "test" / "logical_anomalies" / "001.json").write_text("{")
    broken = read_dataset(tmp_path, PROGRAMS).samples[1]
    assert (broken.kind, broken.labels) == ("logical", None)
    assert "001.json" in broken.problem


def test_vid_ad(tmp_path: Path) -> None:
    found = read_dataset(sets.vid_ad(tmp_path), PROGRAMS)
    assert found.layout == "vid-ad"
    assert found.products == ["Pins", "Pins_Mesh_BG"]
    assert table(s for s in found.samples if s.product == "Pins_Mesh_BG") == {
        ("train", "normal", ""): 2,
        ("test", "normal", ""): 2,
        ("test", "logical", "Single-Aspect-A"): 1,
        ("test", "logical", "Single-Aspect-B"): 1,
        ("test", "logical", "Single-Aspect-A Single-Aspect-B"): 1,
    }
    (tmp_path / "Pins" / "test" / "logical_anomalies" / "Triple").mkdir()
    with pytest.raises(InputError, match="expected folders `Single-Aspect-…` and `Dual-Aspects`, found `Triple`"):
        read_dataset(tmp_path, PROGRAMS)


def test_the_split_of_loco_fc_has_the_published_numbers(shared: Path) -> None:
    """All but two: the paper tests 48 single anomalies of pushpins, and classes of 14 more splicing connectors."""
    defects = json.loads((shared / "loco_defect_table" / "loco_defects_per_image.json").read_text("utf-8"))
    samples = []
    for name, said in defects.items():
        if said["split"] != "test":
            continue
        parts = re.fullmatch(r"(.*)_(good|logical_anomalies|structural_anomalies)_\d+\.png", name)
        assert parts is not None
        labels = frozenset(said["defects"]) if parts[2] == "logical_anomalies" else frozenset()
        known = None if parts[2] == "logical_anomalies" and not labels else labels
        samples.append(Sample(name, None, parts[1], "test", KINDS[parts[2]], known))
    made, notes = split_classes(samples, 0)
    assert notes == ["432 structural anomalies left out", "14 logical anomalies of unknown class left out"]
    tests = Counter((s.product, min(len(s.labels or ()), 2)) for s in made if s.part == "test")
    assert {p: tuple(tests[p, n] for n in range(3)) for p in sorted({s.product for s in made})} == {
        "breakfast_box": (102, 17, 0),
        "juice_bottle": (94, 26, 12),
        "pushpins": (138, 16, 11),
        "screw_bag": (122, 23, 24),
        "splicing_connectors": (119, 19, 0),
    }
    trained = Counter(min(s.labels) for s in made if s.part == "train" and s.labels)
    tested = Counter(min(s.labels) for s in made if s.part == "test" and s.labels and len(s.labels) == 1)
    for name, count in trained.items():
        assert abs(tested[name] - 0.2 * (count + tested[name])) < 1, name
    assert [s.part for s in split_classes(samples, 0)[0]] == [s.part for s in made]
    assert [s.part for s in split_classes(samples, 1)[0]] != [s.part for s in made]


def test_a_plain_truth_with_product_split_and_kind(tmp_path: Path) -> None:
    for name in ("a", "b", "c", "d"):
        sets.tray(tmp_path / "pins" / f"{name}.png", seed=ord(name))
    (tmp_path / "truth.csv").write_text(
        "picture,product,split,kind,verdict,labels,pushpin\n"
        "a.png,pushpins,train,,pass,,15\n"
        "b.png,pushpins,,,,missing_pushpin,14\n"
        "pins/c.png,pushpins,test,structural,pass,,\n"
        "d,pushpins,test,,ok,,\n"
    )
    found = read_dataset(tmp_path, PROGRAMS)
    assert found.layout == "truth"
    assert [(s.part, s.kind, s.labels, dict(s.counts)) for s in found.samples] == [
        ("train", "normal", frozenset(), {"pushpin": 15}),
        ("test", "logical", {"missing_pushpin"}, {"pushpin": 14}),
        ("test", "structural", frozenset(), {}),
        ("test", "normal", frozenset(), {}),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("picture,labels\na.png,missing_pin\n", r"the spec has no label `missing_pin`.*--name missing_pin=LABEL"),
        ("picture,verdict,split\na.png,pass,exam\n", "expected split as one of `train`, `validation`, `test`, found"),
        (
            "picture,verdict,kind\na.png,pass,logical\n",
            "contradictory truth: `a.png` is logical, and its verdict is pass",
        ),
        ("picture,verdict,product\na.png,pass,trays\n", "no spec for the product `trays`"),
        ("picture,pushpin\na.png,15\n", "expected `pass`, `fail` or labels, found counts only"),
        ("picture,verdict\na.png,review\n", "expected `pass`, `fail` or labels, found `review`"),
        ("picture,verdict\n", "contains no results"),
        ("picture,verdict\na.png,fail\n", "the test part has no normal picture among 1"),
    ],
)
def test_a_truth_that_cannot_be_used(tmp_path: Path, text: str, message: str) -> None:
    sets.tray(tmp_path / "a.png")
    (tmp_path / "truth.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        read_dataset(tmp_path, PROGRAMS)


def test_a_folder_of_the_name_of_a_spec_is_a_product(tmp_path: Path) -> None:
    sets.tray(tmp_path / "pushpins" / "a.png")
    sets.tray(tmp_path / "other" / "b.png")
    (tmp_path / "truth.json").write_text('{"pushpins/a.png": "pass"}')
    two = {**PROGRAMS, "nuts": PROGRAMS["pushpins"]}
    assert [s.product for s in read_dataset(tmp_path, two).samples] == ["pushpins"]
    (tmp_path / "truth.json").write_text('{"other/b.png": "pass"}')
    with pytest.raises(InputError, match=r"does not say of which product `other/b\.png` is"):
        read_dataset(tmp_path, two)
