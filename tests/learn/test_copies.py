"""Pictures that are given twice are learned from once."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from logidsl.learn.copies import sources_of, told_of_copies, without_copies
from logidsl.learn.examples import Example, example, read_annotations
from logidsl.learn.validation import folds_of
from tests.learn.scenes import annotate, folder_of, parts


def examples(folder: Path) -> list[Example]:
    annotations = read_annotations([folder])
    return [example(p, annotations, []) for p in annotations.pictures]


def test_a_copy_in_another_format_is_left_out(tmp_path: Path) -> None:
    folder_of(tmp_path, 2)
    copy = annotate(tmp_path, "p1_again", parts(1), 1)
    photo = copy.with_suffix(".png")
    cv2.imwrite(str(photo.with_suffix(".jpg")), np.asarray(cv2.imread(str(photo))), [cv2.IMWRITE_JPEG_QUALITY, 85])
    photo.unlink()
    copy.write_text(copy.read_text("utf-8").replace("p1_again.png", "p1_again.jpg"), "utf-8")
    notes: list[str] = []
    kept = without_copies(examples(tmp_path), notes)
    assert [Path(e.path).name for e in kept] == ["p0.png", "p1.png"]
    assert notes == [f"{tmp_path / 'p1_again.jpg'} shows the same as p1.png and was left out"]


def test_a_part_that_is_gone_makes_another_picture(tmp_path: Path) -> None:
    annotate(tmp_path, "a", parts(0), 0)
    annotate(tmp_path, "b", parts(0)[1:], 0)
    notes: list[str] = []
    assert len(without_copies(examples(tmp_path), notes)) == 2
    assert not notes


def test_copies_annotated_differently_are_kept(tmp_path: Path) -> None:
    annotate(tmp_path, "a", parts(0), 0)
    photo = cv2.imread(str(tmp_path / "a.png"))
    annotate(tmp_path, "b", parts(0)[1:], 0)
    cv2.imwrite(str(tmp_path / "b.png"), np.asarray(photo))
    notes: list[str] = []
    assert len(without_copies(examples(tmp_path), notes)) == 2
    said = "looks like a.png, but is annotated differently: if it shows the same, remove one"
    assert notes == [f"{tmp_path / 'b.png'} {said}"]


def test_augmented_copies_of_a_photo_are_left_out_together(tmp_path: Path) -> None:
    for number, name in enumerate(("a_png.rf.0f3", "b", "a_png.rf.77c", "c")):
        annotate(tmp_path, name, parts(number), number)
    shown = examples(tmp_path)
    assert [Path(e.path).stem for e in shown] == ["a_png.rf.0f3", "a_png.rf.77c", "b", "c"]
    assert sources_of(shown) == [0, 0, 1, 2]
    assert folds_of(shown) == [(0, 1), (2,), (3,)]
    assert told_of_copies(shown) == [
        "4 pictures are copies of 3 photos, by `.rf.` in their names: those of one photo are left out together"
    ]
    assert not told_of_copies(shown[1:])
