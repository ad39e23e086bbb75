"""Candidates for objects of maps made by hand, and the choice among them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from logidsl.arrays import Floats
from logidsl.extract.parts.candidates import (
    Candidates,
    candidates_of,
    fit_model_of,
    fits_of,
    learned_fits,
    unlearned_fits,
)
from logidsl.extract.parts.segmentation import Cutting, Evidence

SIZE = 14.0
CUTTING = Cutting(least_area=0.1, smooth=0.6)
Disc = tuple[int, int, int]


def evidence(*discs: Disc, kinds: tuple[int, ...] = ()) -> Evidence:
    """Of discs (x, y, radius) of one class, or of a class each."""
    ys, xs = np.mgrid[0:48, 0:96]
    distance, classes = np.zeros((48, 96), np.float32), np.zeros((48, 96, 3), np.float32)
    offset = np.zeros((48, 96, 2), np.float32)
    classes[..., 0] = 1
    for number, (x, y, radius) in enumerate(discs):
        depth = 1 - np.hypot(xs - x, ys - y) / radius
        here = depth > distance
        distance[here] = depth[here]
        offset[here] = np.stack([x - xs, y - ys], axis=2)[here] / SIZE
        classes[here] = np.eye(3)[kinds[number] if kinds else 1]
    return Evidence(classes, distance, offset)


def found(of: Evidence, cutting: Cutting = CUTTING) -> Candidates:
    return candidates_of(of, np.full((*of.distance.shape, 3), 50, np.float32), cutting, SIZE)


def ious(candidates: Candidates, *discs: Disc) -> Floats:
    """How well each candidate fits the disc that it fits best."""
    ys, xs = np.mgrid[0:48, 0:96]
    every = range(len(candidates.children))
    masks = [candidates.labels(np.array([number])) > 0 for number in every]
    true = [np.hypot(xs - x, ys - y) < r for x, y, r in discs]
    return np.array([max((m & t).sum() / (m | t).sum() for t in true) for m in masks])


def test_touching_objects_are_candidates_apart_and_together() -> None:
    candidates = found(evidence((20, 24, 10), (36, 24, 10)))
    areas = sorted(candidates.area.tolist())
    assert candidates.children.tolist() == [[-1, -1], [-1, -1], [0, 1]]
    assert areas[2] == areas[0] + areas[1] == candidates.inside.sum()
    assert candidates.rise[2] > 0.25
    labels = candidates.labels(candidates.chosen(unlearned_fits(candidates)))
    assert labels[24, 20] != labels[24, 36]
    assert set(np.unique(labels)) == {0, 1, 2}


def test_two_peaks_with_a_shallow_pass_are_one_object() -> None:
    candidates = found(evidence((20, 24, 10), (24, 24, 10)))
    (chosen,) = candidates.chosen(unlearned_fits(candidates))
    assert candidates.area[chosen] == candidates.inside.sum()


def test_the_choice_covers_most_and_leaves_what_fits_nothing() -> None:
    candidates = found(evidence((20, 24, 10), (36, 24, 10), (80, 24, 8)))
    assert len(candidates.children) == 4
    whole = int(np.flatnonzero(candidates.children[:, 0] >= 0)[0])
    apart, alone = [int(n) for n in candidates.children[whole]], ({0, 1, 2, 3} - {whole, *candidates.children[whole]})
    fits = np.full(4, 0.39)
    assert candidates.chosen(fits).tolist() == []
    fits[apart], fits[whole] = 0.8, 0.7
    assert candidates.chosen(fits).tolist() == sorted(apart)
    fits[whole] = 0.9
    assert candidates.chosen(fits).tolist() == [whole]
    fits[list(alone)] = 0.5
    assert candidates.chosen(fits).tolist() == sorted([whole, *alone])


def test_places_of_two_classes_are_never_one_piece() -> None:
    of = evidence((30, 24, 14), (30, 12, 6), kinds=(1, 2))
    candidates = found(of)
    classes = of.classes.argmax(axis=2)[candidates.inside]
    assert set(classes) == {1, 2}
    for piece in np.unique(candidates.pieces):
        assert len(np.unique(classes[candidates.pieces == piece])) == 1


def test_what_differs_in_class_is_joined_last_and_never_chosen() -> None:
    """A pin on a tray of two halves: its peak is less prominent than those of the halves."""
    of = evidence((30, 24, 14), (52, 24, 14), (30, 12, 6), kinds=(1, 1, 2))

    def regions(candidates: Candidates) -> list[set[int]]:
        kinds = of.classes.argmax(axis=2) * candidates.inside
        halves = np.where((kinds == 1) & (np.arange(96) > 41), 3, kinds)
        halves[:, 36:46] = 0  # where the halves meet
        every = range(len(candidates.children))
        return [set(halves[candidates.labels(np.array([n])) > 0].tolist()) - {0} for n in every]

    assert {1, 3} not in regions(found(of))
    assert not found(of).mixed.any()
    cutting = replace(CUTTING, class_limit=0.6)
    candidates = found(of, cutting)
    assert {1, 3} in regions(candidates)
    assert candidates.mixed.tolist() == [2 in r and len(r) > 1 for r in regions(candidates)]
    fits = fits_of(candidates, None, cutting, SIZE)
    assert not fits[candidates.mixed].any()
    # Half a class of difference is not more than the limit.
    of.classes[..., 1:] = of.classes[..., 1:] * 0.7 + of.classes[..., :0:-1] * 0.3
    assert not found(of, cutting).mixed.any()


def test_small_candidates_and_an_empty_picture_give_nothing() -> None:
    speck = found(evidence((40, 24, 2)))
    assert fits_of(speck, None, CUTTING, SIZE).tolist() == [0.0]
    nothing = found(evidence())
    assert nothing.chosen(fits_of(nothing, None, CUTTING, SIZE)).tolist() == []
    assert not nothing.labels(np.zeros(0, np.int64)).any()


def test_what_fits_is_learned_from_size_and_shape_together() -> None:
    """Discs of one size are objects, and pairs of them are not, where no peak says so."""
    rng = np.random.default_rng(0)
    traits, truth = [], []
    for _ in range(40):
        x, y, r = int(rng.integers(14, 30)), int(rng.integers(14, 34)), int(rng.integers(8, 11))
        discs = ((x, y, r), (x + 2 * r - 4, y, r))
        candidates = found(evidence(*discs))
        traits.append(candidates.traits)
        truth.append(ious(candidates, *discs))
    model = learned_fits(np.concatenate(traits[:30]), np.concatenate(truth[:30]))
    for some, right in zip(traits[30:], truth[30:], strict=True):
        assert model.fits(some) == pytest.approx(right, abs=0.2)


def test_a_model_is_read_as_it_was_written() -> None:
    rng = np.random.default_rng(1)
    traits = rng.normal(size=(30, 4))
    model = learned_fits(traits, rng.uniform(size=30))
    back = fit_model_of(model.as_document())
    assert back.fits(traits).tolist() == model.fits(traits).tolist()
    with pytest.raises(ValueError, match="does not fit together"):
        fit_model_of({**model.as_document(), "weights": [1.0]})
