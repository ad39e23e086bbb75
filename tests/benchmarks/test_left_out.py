"""What the comparison of ways to learn says of results that are known."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.left_out import compared, measured, replaced
from logidsl.extract.parts.candidates import Candidates
from logidsl.learn import networks
from logidsl.learn.selection import Judged
from logidsl.learn.validation import Trial, View


def _judged(shares: list[list[float]], kinds: list[int], ious: list[float], missed: tuple[int, ...]) -> Judged:
    overlap, count = np.array(ious), len(kinds)
    every, ones = np.arange(count), np.ones(count)
    pieces = Candidates(
        np.ones((1, count), bool), every, np.full((count, 2), -1), ones, ones, ones, ones == 0, np.zeros((count, 0))
    )
    annotated = np.array([0, *kinds, *missed])
    view = View(0, 0, 0, False, 1.0, pieces, overlap, every + 1, np.zeros(count, bool), annotated, (), {})
    trial = Trial(view, every, np.array(kinds, np.int64), overlap >= 0.5, missed, {})
    return Judged(trial, np.array(shares).reshape(count, 3))


def test_what_is_right_false_and_missed_is_measured() -> None:
    right, wrong_class, unsure = [0.1, 0.9, 0.0], [0.0, 0.9, 0.1], [0.8, 0.2, 0.0]
    judged = _judged([right, wrong_class, unsure], [1, 2, 1], [0.8, 0.9, 0.7], (2,))
    row = measured(judged, 0.5, 2)
    # Annotated: two of each class. Found: two of the first, one of them rightly.
    assert row == {"exact": 0.0, "error": 0.5, "F1": pytest.approx(1 / 3), "quality": pytest.approx(0.8 / 3)}


def test_a_picture_without_objects_is_right_when_nothing_is_found() -> None:
    assert measured(_judged([], [], [], ()), 0.5, 2) == {"exact": 1.0, "error": 0.0, "F1": 1.0, "quality": 1.0}


def test_a_difference_is_told_with_its_error_over_pictures() -> None:
    def rows(*quality: float) -> dict[str, dict[str, float]]:
        keys = ("set/0/a/0", "set/1/a/0", "set/0/b/0")
        return {k: dict.fromkeys(("exact", "error", "F1", "quality"), q) for k, q in zip(keys, quality, strict=True)}

    said = compared(rows(0.5, 0.7, 0.8), rows(0.5, 0.5, 0.5))
    assert said.startswith("against, over 2 pictures: exact +0.2000 ± 0.1000,")


def test_constants_are_replaced_and_others_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "_DROPPED", networks._DROPPED)
    replaced(["logidsl.learn.networks._DROPPED=0.25"])
    assert networks._DROPPED == 0.25
    with pytest.raises(ValueError, match="there is no constant"):
        replaced(["logidsl.learn.networks._NOTHING=1"])
