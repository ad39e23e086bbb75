"""Edited copies of the shared pictures: what was made is what is found, and editing does what it says."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from benchmarks import edited
from benchmarks.defects.generate import PRODUCTS
from benchmarks.edits import retouch
from benchmarks.edits.variations import COMMON, OWN
from benchmarks.truths import SPECS
from logidsl.pipeline import compile_spec


def flat(height: int = 60, width: int = 80, bgr: tuple[int, int, int] = (40, 60, 80)) -> retouch.Pixels:
    return np.full((height, width, 3), bgr, np.uint8)


@pytest.mark.parametrize("product", edited.EDITS)
def test_every_defect_is_made_and_the_first_of_each_is_found(product: str, shared: Path) -> None:
    cases = list(edited.EDITS[product]())
    first = {e.labels: e for e in reversed(cases)}
    made = set(chain.from_iterable(first)) - {"normal"}
    assert made == {d.label for d in PRODUCTS[product].defects}
    program = compile_spec(SPECS / "pictures" / f"{product}.logic")
    wrong = [j for j in (edited.judge(program, e, "as made", e.picture) for e in first.values()) if not j.right]
    assert len(wrong) <= 0.1 * len(first), wrong


def judged(labels: str, found: str, score: float, verdict: str = "fail") -> edited.Judged:
    return edited.Judged("", "as made", frozenset([labels]), frozenset([found]), verdict, (), score)


def test_a_wrong_label_and_a_review_are_counted_as_wrong() -> None:
    assert judged("missing_nut", "missing_nut", 1).right
    assert not judged("missing_nut", "missing_washer", 1).right
    assert not judged("normal", "normal", 0, "review").right


def test_auroc_is_the_share_of_pairs_in_order() -> None:
    normal = [judged("normal", "normal", s, "pass") for s in (-0.8, -0.5, 0.0)]
    defects = [judged("missing_nut", "missing_nut", s) for s in (0.0, 1.0)]
    assert edited.auroc(normal + defects) == pytest.approx((2.5 + 3) / 6)
    assert np.isnan(edited.auroc(normal))


def test_variations_change_the_picture_and_not_its_kind(shared: Path) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (144, 184, 3), np.uint8)
    for product, own in OWN.items():
        for name, vary in {**COMMON, **own}.items():
            varied = vary(picture)
            assert varied.dtype == np.uint8, (product, name)
            assert varied.ndim == 3
            assert name in ("as made", "small") or varied.shape != picture.shape or (varied != picture).any()


def test_a_patch_changes_its_box_only() -> None:
    picture = flat()
    picture[:, 40:] = 200
    done = retouch.patch(picture, (10, 10, 30, 30), (60, 10, 80, 30))
    x0, y0, x1, y1 = retouch.corners(picture, (10, 10, 30, 30))
    assert (done[(y0 + y1) // 2, (x0 + x1) // 2] == 200).all()
    done[y0:y1, x0:x1] = picture[y0:y1, x0:x1]
    assert (done == picture).all()


def test_a_part_that_was_cut_out_lies_where_it_is_put() -> None:
    picture = flat()
    picture[20:30, 10:30] = (0, 0, 220)
    part = retouch.cut(picture, (5, 20, 50, 60), lambda v: v[..., 1] > 30, 0)
    done = retouch.put(flat(), part, 70, 50)
    ys, xs = np.nonzero(done[..., 2] > 150)
    assert abs(xs.mean() - part_middle(part)[0] - (56 - part.cover.shape[1] / 2)) <= 1
    assert abs(ys.mean() - part_middle(part)[1] - (30 - part.cover.shape[0] / 2)) <= 1
    assert abs(len(xs) - 200) <= 40


def part_middle(part: retouch.Cut) -> tuple[float, float]:
    ys, xs = np.nonzero(part.cover > 0.5)
    return float(xs.mean()), float(ys.mean())


def test_wiping_leaves_the_ground() -> None:
    picture = flat()
    picture[20:40, 30:50] = 255
    mask = np.zeros(picture.shape[:2], np.uint8)
    mask[18:42, 28:52] = 1
    done = retouch.wiped(picture, mask, grain=0)
    assert abs(done.astype(int) - flat()).max() <= 3


def test_a_tint_is_the_colour_asked_for() -> None:
    picture = np.clip(flat() + np.random.default_rng(2).integers(0, 30, (60, 80, 1)), 0, 255).astype(np.uint8)
    mask = np.zeros(picture.shape[:2], np.uint8)
    mask[10:50, 10:70] = 1
    done = retouch.tinted(picture, mask, (50, 40, 30))
    inner = np.median(retouch.lab(done)[20:40, 20:60].reshape(-1, 3), 0)
    assert abs(inner - (50, 40, 30)).max() <= 4
    assert (done[:5] == picture[:5]).all()
