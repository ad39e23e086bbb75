"""The shipped network gives what the original gives: these outputs were computed with PyTorch."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import onnxruntime
import pytest

EXPECTED = {
    (1, 40, 6, 10): ([-1.1924, -3.7340, 2.9261], -1.01865, 10.08452),
    (1, 112, 3, 5): ([13.6446, 0.7989, -0.2956], 1.21047, 7.93223),
}


def session() -> onnxruntime.InferenceSession:
    path = files("logidsl.extract.parts") / "network.onnx"
    return onnxruntime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])


def test_its_outputs_are_those_of_the_original() -> None:
    y, x = np.mgrid[:48, :80]
    rgb = np.dstack([x * 3, y * 5, (x * y) % 256])
    maps = session().run(None, {"x": ((rgb.transpose(2, 0, 1)[None] - 127) / 128).astype(np.float32)})
    assert [m.shape for m in maps] == list(EXPECTED)
    for found, (some, mean, deviation) in zip(maps, EXPECTED.values(), strict=True):
        assert found[0, [0, 7, -1], 1, 2] == pytest.approx(some, abs=1e-3)
        assert (found.mean(), found.std()) == pytest.approx((mean, deviation), abs=1e-4)


@pytest.mark.parametrize(("height", "width"), [(16, 16), (512, 848), (1008, 32)])
def test_it_takes_any_size_that_16_divides(height: int, width: int) -> None:
    fine, coarse = session().run(None, {"x": np.zeros((1, 3, height, width), np.float32)})
    assert fine.shape == (1, 40, height // 8, width // 8)
    assert coarse.shape == (1, 112, height // 16, width // 16)
