"""Learning from a few rendered pictures: what is found on others, and that the file is what it says."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from logidsl.diagnostics import InputError
from logidsl.extract.parts.find import at_working_size, find_parts, judged, segments
from logidsl.extract.parts.model import packed, read_parts
from logidsl.extract.parts.objects import kinds_and_confidences
from logidsl.learn import Learned, Options, learn, read_annotations, report
from logidsl.learn.variations import Kinds
from tests.learn.scenes import annotate, folder_of, parts, picture

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Learned:
    folder = folder_of(tmp_path_factory.mktemp("learn"), 3)
    return learn(read_annotations([folder]), Options(variations=4, jobs=1))


def test_parts_are_found_on_other_pictures(learned: Learned) -> None:
    for seed in (50, 51, 52):
        shown = parts(seed)
        finds = [f for f in find_parts(learned.parts, picture(shown, seed)) if f.confidence >= 0.5]
        names = Counter(learned.parts.classes[int(f.values["class_number"])] for f in finds)
        assert names == Counter(p.name for p in shown)
        for part in shown:  # each where it is, and about as large
            near = min(finds, key=lambda f: abs(f.center[0] - part.x) + abs(f.center[1] - part.y))
            (x0, y0), (x1, y1) = part.outline().min(0), part.outline().max(0)
            assert near.box == pytest.approx((x0, y0, x1, y1), abs=4)
            assert near.color is not None


def test_another_background_is_noticed(learned: Learned) -> None:
    bgr = picture(parts(50), 50)
    known, other = (segments(learned.parts, b).other_ground for b in (bgr, np.asarray(bgr // 3, np.uint8)))
    assert known < 10 < other


def test_a_part_of_a_picture_is_looked_at_in_its_scale(learned: Learned) -> None:
    shown = parts(53)
    bgr = picture(shown, 53)
    inside = [p for p in shown if p.x < 150]
    finds = find_parts(learned.parts, bgr[:, :190], (bgr.shape[1], bgr.shape[0]))
    sure = [f for f in finds if f.confidence >= 0.5 and f.center[0] < 150]
    assert len(sure) == len(inside)


def test_the_report_says_what_was_found_on_left_out_pictures(learned: Learned) -> None:
    figures = report.figures(learned.choice, learned.parts.classes, 3)
    assert (figures.pictures, figures.exact) == (3, 3)
    assert [(c.name, c.annotated, c.right) for c in figures.classes] == [("bar", 9, 9), ("disc", 12, 12)]
    assert figures.confusion.tolist() == [[0, 0, 0], [0, 9, 0], [0, 0, 12]]
    assert figures.mean_iou > 0.75
    said = report.text(figures, 0.25)
    assert "every class counted right on 3 of 3" in said
    assert "0.25 s a picture" in said
    sheet, lines = report.contact_sheet(learned.examples, learned.choice)
    assert sheet.shape == (3 * 420, 840, 3)
    assert sorted(lines) == [f"p{i}.png: 0 found wrongly, 0 missed" for i in range(3)]
    page = report.page(figures, sheet, lines, learned.parts.classes, 0.25)
    assert "data:image/png;base64," in page
    assert not {'src="http', "href"} & set(page.split("base64")[0].split())


def test_a_file_gives_back_what_was_written(learned: Learned, tmp_path: Path) -> None:
    file = tmp_path / "shapes.parts"
    file.write_bytes(packed(learned.parts))
    assert file.stat().st_size < 20_000_000
    back = read_parts(file, 0)
    assert back.settings == learned.parts.settings
    assert back.settings.cutting.class_limit == 1  # nothing touches: of equal limits the simplest
    assert back.settings.training["objects"] == {"bar": 9, "disc": 12}
    assert packed(back) == packed(learned.parts)


def test_look_alikes_in_their_places_are_told_apart_as_a_whole(learned: Learned) -> None:
    shown = parts(54)
    scaled = at_working_size(learned.parts, picture(shown, 54))
    maps = learned.parts.features(scaled)
    evidence = learned.parts.evidence(maps)
    evidence.classes[..., 1:] = evidence.classes[..., 1:].mean(axis=2, keepdims=True)
    kinds, sure = kinds_and_confidences(judged(learned.parts, evidence, maps)[1])
    found = Counter(learned.parts.classes[k - 1] for k in kinds[sure >= 0.5])
    assert found == Counter(p.name for p in shown)
    _, blind = judged(replace(learned.parts, appearances=None, objects=None), evidence, maps)
    assert np.allclose(blind[:, 1], blind[:, 2])


def test_confidences_are_calibrated_from_three_pictures_on(learned: Learned, tmp_path: Path) -> None:
    assert learned.choice.calibrated
    low, high = learned.parts.settings.doubtful
    assert 0 < low < learned.parts.threshold < high < 1
    few = learn(read_annotations([folder_of(tmp_path, 1)]), Options(Kinds(paste=False), variations=2, jobs=1))
    assert not few.choice.calibrated
    figures = report.figures(few.choice, few.parts.classes, 1)
    assert "Learned from a single picture" in report.verdict(figures)


def test_pictures_without_background_teach_nothing(tmp_path: Path) -> None:
    path = annotate(tmp_path, "a", parts(0), 0)
    document = json.loads(path.read_text("utf-8"))
    whole = [[0, 0], [360, 0], [360, 270], [0, 270.5]]
    document["shapes"] = [{"label": "plate", "shape_type": "polygon", "points": whole}]
    path.write_text(json.dumps(document), "utf-8")
    with pytest.raises(InputError, match="cover the whole pictures"):
        learn(read_annotations([tmp_path]), Options(variations=1, jobs=1))


def test_the_same_pictures_and_seed_give_the_same_parts(tmp_path: Path) -> None:
    annotations = read_annotations([folder_of(tmp_path, 1)])
    quick = Options(Kinds(paste=False), resample=False, variations=2, jobs=1)
    first, second = (learn(annotations, quick).parts for _ in range(2))
    assert first.settings == second.settings
    # Sums may differ in their last bits with where arrays lie in memory, so not every byte is asked for.
    bgr = picture(parts(54), 54)
    found, again = ([f.box for f in find_parts(p, bgr) if f.confidence >= 0.5] for p in (first, second))
    assert len(found) == len(again) > 0
    assert np.allclose(found, again, atol=4)
