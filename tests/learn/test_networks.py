"""Ensembles of small networks: what they learn, and that the ONNX file says the same."""

from __future__ import annotations

import numpy as np
import pytest

from logidsl.extract.sources.onnx import session
from logidsl.learn import networks
from logidsl.learn.networks import Ensemble, Targets, as_onnx, fitted

CLASSES = 3


def rings(count: int, seed: int) -> tuple[np.ndarray, Targets]:
    """Points of a square: a disc (1) and a ring (2) round its middle; distance and offset follow from the point.

    Outside of both the offset is nonsense. The features are projections on twelve directions, and a constant.
    """
    rng = np.random.default_rng(seed)
    points = rng.uniform(-1, 1, (count, 2)).astype(np.float32)
    radius = np.linalg.norm(points, axis=1)
    kinds = np.where(radius < 0.45, 1, np.where(radius < 0.85, 2, 0)).astype(np.int64)
    offset = np.where(kinds[:, None] > 0, -points, 50.0).astype(np.float32)
    turns = np.arange(12) * (np.pi / 12)
    features = np.concatenate([points @ [np.cos(turns), np.sin(turns)] * 30 + 40, np.full((count, 1), 7)], axis=1)
    return features.astype(np.float32), Targets(kinds, np.where(kinds > 0, 1 - radius, 0).astype(np.float32), offset)


@pytest.fixture(scope="module")
def learned() -> Ensemble:
    return fitted(*rings(4000, 0), CLASSES, resample=True, seed=0)


def test_classes_distances_and_offsets_are_learned_together(learned: Ensemble) -> None:
    features, right = rings(1000, 1)
    said = learned.activations(np.broadcast_to(features, (networks.MEMBERS, *features.shape)))[-1].mean(0)
    assert np.mean(said[:, :CLASSES].argmax(1) == right.kinds) > 0.8
    assert np.abs(said[:, CLASSES] - right.distance).mean() < 0.1
    inside = right.kinds > 0
    assert np.abs(said[inside, CLASSES + 1 :] - right.offset[inside]).mean() < 0.15


def test_a_file_says_what_was_learned(learned: Ensemble) -> None:
    features, _ = rings(50, 2)
    features[:, -1] += 0.01  # was constant
    wanted = learned.activations(np.broadcast_to(features, (networks.MEMBERS, *features.shape)))[-1].mean(0)
    (said,) = session(as_onnx(learned), "the heads", "a test").run(None, {"X": features})
    powers = np.exp(wanted[:, :CLASSES])
    assert np.allclose(said[:, :CLASSES], powers / powers.sum(axis=1, keepdims=True), atol=1e-4)
    assert np.allclose(said[:, CLASSES:], wanted[:, CLASSES:], atol=1e-3)
    assert np.abs(said).max() < 3
