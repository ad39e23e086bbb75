"""A parts file that truly finds: red and blue discs on grey, by heads whose weights are set by hand.

The colour of a place says its class; how much of that colour lies around it, by a filter that blurs, rises towards the
middle of a disc.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from onnx import TensorProto, helper

from logidsl.arrays import Pixels
from logidsl.extract.parts.features import NETWORK
from logidsl.extract.parts.model import Parts, Settings, packed
from tests.extract.sources.networks import Graph

RED, BLUE = (200, 30, 30), (30, 30, 200)  # R, G, B
WIDTH = 175  # channels of the features: 23 of filters, 152 of the network
_A, _B = 1, 2  # channels of CIELAB
_SMOOTH_A, _SMOOTH_B = 3 + 2 * 5 + 1, 3 + 2 * 5 + 2  # of its Gaussian of 4 places
SETTINGS = Settings(("red disc", "blue disc"), 240 * 160, 8.0, threshold=0.6)


def _linear(g: Graph, columns: int, **entries: float) -> str:
    """`X` by a matrix that is 0 but for `row_column` entries."""
    matrix = np.zeros((WIDTH, columns), np.float32)
    for place, value in entries.items():
        row, column = place.removeprefix("at_").split("_")
        matrix[int(row), int(column)] = value
    return g.op("MatMul", "X", g.weight(matrix))


def heads() -> bytes:
    g = Graph()
    scores = g.op("Add", _linear(g, 3, at_1_1=0.2, at_2_2=-0.2), g.weight([5.0, 0.0, 0.0]))
    entries = {f"at_{_SMOOTH_A}_0": 1 / 60, f"at_{_SMOOTH_B}_1": -1 / 70}
    distance = g.op("ReduceMax", g.op("Relu", _linear(g, 2, **entries)), axes=[1], keepdims=1)
    g.named(g.op("Concat", g.op("Softmax", scores, axis=1), distance, _linear(g, 2), axis=1), "Y")
    inputs = [helper.make_tensor_value_info("X", TensorProto.FLOAT, ["n", WIDTH])]
    outputs = [helper.make_tensor_value_info("Y", TensorProto.FLOAT, None)]
    graph = helper.make_graph(g.nodes, "heads", inputs, outputs, g.weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    data: bytes = model.SerializeToString()
    return data


def write_parts(path: Path, **changed: object) -> Path:
    """Write the parts file; settings may differ from `SETTINGS`."""
    settings = replace(SETTINGS, **changed)  # type: ignore[arg-type]
    path.write_bytes(packed(Parts(str(path), settings, NETWORK.read_bytes(), heads())))
    return path


def draw(discs: list[tuple[int, int, int, tuple[int, int, int]]], width: int = 240, height: int = 160) -> Pixels:
    """Discs (x, y, radius, colour) on grey."""
    bgr = np.full((height, width, 3), 120, np.uint8)
    for x, y, radius, rgb in discs:
        cv2.circle(bgr, (x, y), radius, rgb[::-1], cv2.FILLED, cv2.LINE_AA)
    return bgr
