"""The specs of `specs/` on real pictures that nobody here made: verdicts, labels and counts as in their truth."""

import json
from pathlib import Path

import numpy as np
import pytest

import logidsl
from logidsl.eval import classify
from logidsl.extract import read_picture


@pytest.fixture(scope="module")
def specs(checkout: Path) -> Path:
    return checkout / "specs"


def cells(image, label):
    """(row, col) of the cells that the findings of one label name."""
    found = set()
    for finding in image.findings:
        if finding.label == label:
            found |= {(o.row, o.col) for o in finding.objects if o.class_ == "cell"}
    return found


def test_pushpins_name_the_two_bad_compartments_though_the_total_is_right(shared, specs):
    report = logidsl.load(specs / "pushpins.logic").check(shared / "loco_pushpins" / "wrong_arrangement.png")
    (image,) = report.images
    assert image.verdict == "fail"
    assert image.objects == 15
    assert sorted(image.labels) == ["additional_pushpin", "missing_pushpin"]
    assert cells(image, "additional_pushpin") == {(1, 1)}
    assert cells(image, "missing_pushpin") == {(3, 3)}
    crowded = next(f for f in image.findings if f.label == "additional_pushpin")
    assert [o.class_ for o in crowded.objects if o.role == "witness"] == ["pushpin", "pushpin"]
    assert (crowded.measured, crowded.expected) == ("2", "1")
    empty = next(f for f in image.findings if f.label == "missing_pushpin")
    assert [o.class_ for o in empty.objects if o.role == "absent"] == ["pushpin"]


def test_pushpins_that_are_logically_normal_pass_at_every_size(shared, specs):
    spec = logidsl.load(specs / "pushpins.logic")
    paths = [
        shared / "loco_pushpins" / "complete_needle_defect.png",
        shared / "loco_five_normals_small" / "pushpins.png",
    ]
    report = spec.check(paths)
    assert [(i.verdict, i.labels, i.objects) for i in report.images] == [("pass", ["normal"], 15)] * 2


@pytest.mark.parametrize("scale", [0.5, 2, 3])
def test_pushpins_do_not_depend_on_the_resolution(shared, specs, scale):
    import cv2

    picture = read_picture(shared / "loco_pushpins" / "wrong_arrangement.png").bgr
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    scaled = np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=way), np.uint8)
    (image,) = logidsl.load(specs / "pushpins.logic").check(scaled).images
    assert cells(image, "additional_pushpin") == {(1, 1)}
    assert cells(image, "missing_pushpin") == {(3, 3)}


def test_coins_stand_in_four_rows_of_six(shared, specs):
    report = logidsl.load(specs / "coins.logic").check(shared / "small_parts" / "coins_skimage.png")
    assert report.ok
    assert report.images[0].objects == 24


def test_a_coin_taken_away_is_named_by_row_and_column(shared, specs):
    picture = read_picture(shared / "small_parts" / "coins_skimage.png").bgr
    height, width = picture.shape[:2]
    top, left = height // 4, width // 6 * 2
    picture[top : top + height // 4, left : left + width // 6] = picture[top - 4 : top + 4, left : left + 8].mean()
    (image,) = logidsl.load(specs / "coins.logic").check(picture).images
    assert image.verdict == "fail"
    assert {(o.row, o.col) for f in image.findings if f.label == "empty_place" for o in f.objects if o.row} == {(2, 3)}


def test_smarties_are_counted_by_colour(shared, specs):
    truth = json.loads((shared / "small_parts" / "truth.json").read_text())["smarties.png"]
    spec = logidsl.load(specs / "smarties.logic")
    table = spec.see(shared / "small_parts" / "smarties.png")
    members = classify(spec.program, table)
    assert {c: int(members[f"{c}_sweet"].sum()) for c in ("blue", "green", "red", "orange", "brown")} == {
        c: truth[c] for c in ("blue", "green", "red", "orange", "brown")
    }
    assert spec.check(table).ok


def test_the_one_empty_pocket_is_named_by_pack_row_and_column(shared, specs):
    truth = json.loads((shared / "blister_packs" / "truth.json").read_text())
    spec = logidsl.load(specs / "blister.logic")
    table = spec.see(shared / "blister_packs" / "pills.png")
    members = classify(spec.program, table)
    assert int(members["pack"].sum()) == truth["packs"]
    assert int(members["pills"].sum()) == truth["filled"]
    (image,) = spec.check(table).images
    assert image.labels == ["empty_pocket"]
    (finding,) = image.findings
    pocket = next(o for o in finding.objects if o.class_ == "pocket")
    pack = next(o for o in finding.objects if o.class_ == "pack")
    assert (pocket.row, pocket.col) == (truth["empty"]["row"], truth["empty"]["col"])
    assert pack.box is not None
    assert pack.box[0] < table.sizes[0, 0] / 3, "the left pack"


def test_candies_are_counted_by_colour_with_one_spec_for_all_photos(shared, specs):
    folder = shared / "candies_even"
    truth = json.loads((folder / "truth.json").read_text())
    spec = logidsl.load(specs / "candies.logic")
    right = 0
    for name, counts in truth.items():
        members = classify(spec.program, spec.see(folder / name))
        right += {c: int(members[f"{c}_sweet"].sum()) for c in counts} == counts
    assert len(truth) >= 19
    assert right >= 18


def test_labelme_files_give_the_true_counts_and_the_rule_finds_the_photo_with_few_dates(shared, specs):
    folder = shared / "nuts_labelme"
    truth = json.loads((folder / "truth.json").read_text())
    spec = logidsl.load(specs / "nuts.logic")
    table = spec.see(folder)
    assert len(table.images) == len(truth)
    for i, path in enumerate(table.images):
        one = table.take_image(i)
        counts = {c: n for c in ("date", "fig", "hazelnut") if (n := one.classes.texts().count(c))}
        assert counts == truth[Path(path).name]
    report = spec.check(table)
    few = {Path(i.path).name for i in report.images if "too_few_dates" in i.labels}
    assert few == {name for name, counts in truth.items() if counts["date"] < 3}
    assert few
