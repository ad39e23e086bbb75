"""The measures are those of scikit-learn, and count undecided pictures against the spec."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from logidsl.bench import measures


@pytest.mark.parametrize("seed", range(20))
def test_binary_measures_are_those_of_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth, found = rng.random(40) < 0.4, rng.random(40) < 0.5
    c = measures.confusion(truth, found, ~found)
    assert c.accuracy == pytest.approx(metrics.accuracy_score(truth, found))
    assert c.precision == pytest.approx(metrics.precision_score(truth, found))
    assert c.recall == pytest.approx(metrics.recall_score(truth, found))
    assert c.f1 == pytest.approx(metrics.f1_score(truth, found))
    tn, fp, fn, tp = metrics.confusion_matrix(truth, found).ravel().tolist()
    assert (c.true_negative, c.false_positive, c.false_negative, c.true_positive) == (tn, fp, fn, tp)


@pytest.mark.parametrize("seed", range(20))
def test_measures_of_labels_are_those_of_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth, found = rng.random((50, 4)) < 0.4, rng.random((50, 4)) < 0.4
    each = measures.label_confusion(truth, found)
    assert measures.macro_f1(each) == pytest.approx(metrics.f1_score(truth, found, average="macro"))
    matrices = metrics.multilabel_confusion_matrix(truth, found)
    ours = [[[c.true_negative, c.false_positive], [c.false_negative, c.true_positive]] for c in each]
    assert ours == matrices.tolist()


@pytest.mark.parametrize("seed", range(20))
def test_rankings_are_those_of_scikit_learn_ties_too(seed: int) -> None:
    rng = np.random.default_rng(seed)
    normal, anomalous = np.round(rng.normal(0, 1, 150), 1), np.round(rng.normal(1, 1, 70), 1)
    truth = np.repeat([0, 1], [len(normal), len(anomalous)])
    scores = np.concatenate([normal, anomalous])
    assert measures.auroc(normal, anomalous) == pytest.approx(metrics.roc_auc_score(truth, scores))
    false, true, _ = metrics.roc_curve(truth, scores, drop_intermediate=False)
    for share in (0.01, 0.05, 0.5):
        assert measures.rate_at(normal, anomalous, share) == pytest.approx(true[false <= share].max())


@pytest.mark.parametrize("seed", range(10))
def test_kappa_is_that_of_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.random(30) < 0.6, rng.random(30) < 0.6
    assert measures.kappa(a, b) == pytest.approx(metrics.cohen_kappa_score(a, b))


def test_kappa_of_judges_who_always_say_yes_has_no_value() -> None:
    assert measures.kappa(np.ones(3, bool), np.ones(3, bool)) is None
    assert measures.kappa(np.ones(0, bool), np.ones(0, bool)) is None


def test_an_undecided_picture_is_wrong_whatever_it_shows() -> None:
    anomalous = np.array([True, True, False, False])
    rejected, accepted = np.array([True, False, False, False]), np.array([False, False, True, False])
    c = measures.confusion(anomalous, rejected, accepted)
    assert (c.true_positive, c.false_negative, c.true_negative, c.false_positive) == (1, 1, 1, 1)
    decided = measures.confusion(anomalous[[0, 2]], rejected[[0, 2]], accepted[[0, 2]])
    assert decided.accuracy == 1
    assert c.accuracy == 0.5


def test_missing_scores_rank_as_wrong() -> None:
    assert measures.auroc(np.array([0.0, np.inf]), np.array([1.0, -np.inf])) == 0.25


def test_an_interval_is_repeatable_holds_the_value_and_narrows() -> None:
    rng = np.random.default_rng(1)
    normal, anomalous = rng.normal(0, 1, 40), rng.normal(1.5, 1, 40)
    value = measures.auroc(normal, anomalous)
    first = measures.bootstrap(measures.auroc, normal, anomalous, 300, 7)
    assert first == measures.bootstrap(measures.auroc, normal, anomalous, 300, 7)
    assert first is not None
    assert value is not None
    assert first[0] < value < first[1]
    many = measures.bootstrap(measures.auroc, np.tile(normal, 16), np.tile(anomalous, 16), 300, 7)
    assert many is not None
    assert many[1] - many[0] < (first[1] - first[0]) / 2
    assert measures.bootstrap(measures.auroc, normal, anomalous, 0, 7) is None
    assert measures.bootstrap(measures.auroc, normal[:1], anomalous, 300, 7) is None


@pytest.mark.parametrize("seed", range(3))
def test_the_interval_covers_what_is_true_about_as_often_as_it_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    true = 0.8556  # P(b > a) for normal distributions 1.5 apart: Phi(1.5 / sqrt(2))
    inside = 0
    for _ in range(60):
        low, high = measures.bootstrap(measures.auroc, rng.normal(0, 1, 50), rng.normal(1.5, 1, 50), 200, 3) or (1, 0)
        inside += low <= true <= high
    assert 50 <= inside <= 60
