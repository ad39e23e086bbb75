"""Small networks that truly detect: red and blue squares on black, with weights set by hand.

Each cell of 8 by 8 px looks at a window of 24 by 24 px round it: the mass of a colour there, and its middle. A square
of up to 14 px whose middle lies near the cell's is seen whole, so its middle and its side, the root of its mass, are
exact. Cells beside each other see the same square: what comes out needs suppression, as with any detector.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

RED, BLUE = (200, 30, 30), (30, 30, 200)  # R, G, B
_CELL, _WINDOW, _NEAR_PX = 8, 24, 5.0
_FULL = (200 - 30 - 30) / 255


class Graph:
    """Nodes and weights of a network as it is put together."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.weights: list[Any] = []

    def weight(self, values: npt.ArrayLike, dtype: type = np.float32) -> str:
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(values, dtype), name))
        return name

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def named(self, value: str, name: str) -> str:
        self.nodes.append(helper.make_node("Identity", [value], [name]))
        return name


def colours(g: Graph, x: str) -> str:
    """(1, 2, h, w): how red, how blue each pixel is, 0 to 1."""
    weights = np.array([[1, -1, -1], [-1, -1, 1]], np.float32).reshape(2, 3, 1, 1) / _FULL
    return g.op("Clip", g.op("Conv", x, g.weight(weights)), g.weight(0.0), g.weight(1.0))


def cells(g: Graph, shades: str, side: int) -> tuple[str, str]:
    """(1, 4, 2 n) boxes as x y w h, and (1, 2 n) scores, the red cells before the blue ones."""
    offsets = np.arange(_WINDOW) - (_WINDOW - 1) / 2
    kernels = np.stack([np.ones((_WINDOW, _WINDOW)), *np.meshgrid(offsets, offsets)])
    pads = [(_WINDOW - _CELL) // 2] * 4
    moments = g.op(
        "Conv", shades, g.weight(np.tile(kernels[:, None], (2, 1, 1, 1))), group=2, strides=[8, 8], pads=pads
    )
    n = (side // _CELL) ** 2
    flat = g.op("Reshape", moments, g.weight([2, 3, n], np.int64))
    mass, mx, my = (g.op("Gather", flat, g.weight(i, np.int64), axis=1) for i in range(3))  # each (2, n)
    safe = g.op("Max", mass, g.weight(1e-3))
    dx, dy = g.op("Div", mx, safe), g.op("Div", my, safe)
    middles = (np.arange(side // _CELL) + 0.5) * _CELL
    columns, rows = (m.ravel()[None] for m in np.meshgrid(middles, middles))
    cx, cy = g.op("Add", dx, g.weight(columns)), g.op("Add", dy, g.weight(rows))
    length = g.op("Sqrt", safe)
    score = g.op("Sigmoid", g.op("Mul", g.weight(2.0), g.op("Sub", mass, g.weight(20.0))))
    for d in (dx, dy):
        near = g.op("Sub", g.weight(_NEAR_PX), g.op("Abs", d))
        score = g.op("Mul", score, g.op("Sigmoid", g.op("Mul", g.weight(8.0), near)))
    wide = [g.op("Reshape", v, g.weight([1, 1, 2 * n], np.int64)) for v in (cx, cy, length, length)]
    return g.op("Concat", *wide, axis=1), g.op("Reshape", score, g.weight([1, 2 * n], np.int64))


def classes_of(g: Graph, scores: str, n: int) -> str:
    """(1, 2, 2 n): the score of each cell for its own class, 0 for the other."""
    mask = np.zeros((1, 2, 2 * n), np.float32)
    mask[0, 0, :n] = mask[0, 1, n:] = 1
    return g.op("Mul", g.op("Unsqueeze", scores, g.weight([1], np.int64)), g.weight(mask))


def rows_of(g: Graph, boxes: str, scores: str) -> str:
    """(1, m, 6): suppression inside the network, x0 y0 x1 y1 score class."""
    across = g.op("Transpose", boxes, perm=[0, 2, 1])
    chosen = g.op(
        "NonMaxSuppression",
        across,
        scores,
        g.weight(20, np.int64),
        g.weight(0.5),
        g.weight(0.25),
        center_point_box=1,
    )
    label, place = (g.op("Gather", chosen, g.weight([i], np.int64), axis=1) for i in (1, 2))
    flat = g.op(
        "Gather", g.op("Squeeze", across, g.weight([0], np.int64)), g.op("Squeeze", place, g.weight([1], np.int64))
    )
    middle, side = (g.op("Slice", flat, *(g.weight([v], np.int64) for v in (a, a + 2, 1))) for a in (0, 2))
    half = g.op("Mul", side, g.weight(0.5))
    at = g.op("Concat", label, place, axis=1)
    score = g.op(
        "Unsqueeze", g.op("GatherND", g.op("Squeeze", scores, g.weight([0], np.int64)), at), g.weight([1], np.int64)
    )
    parts = (g.op("Sub", middle, half), g.op("Add", middle, half), score, g.op("Cast", label, to=TensorProto.FLOAT))
    return g.op("Unsqueeze", g.op("Concat", *parts, axis=1), g.weight([0], np.int64))


def detector(
    path: Path,
    form: str,
    side: int = 96,
    names: str | None = "{0: 'red_square', 1: 'blue_square'}",
    more: dict[str, str] | None = None,
) -> Path:
    """Write a detector of one form: `columns`, `anchors`, `rows`, or `masks`, which is `columns` with prototypes."""
    g = Graph()
    n = (side // _CELL) ** 2
    shades = colours(g, "images")
    boxes, score = cells(g, shades, side)
    scores = classes_of(g, score, n)
    outputs = {"output0": "abc"}
    if form == "rows":
        g.named(rows_of(g, boxes, scores), "output0")
    elif form == "anchors":
        sure = g.op("Unsqueeze", score, g.weight([1], np.int64))
        chances = g.weight(np.repeat(np.eye(2, dtype=np.float32), n, axis=1)[None])
        table = g.op("Concat", boxes, sure, chances, axis=1)
        g.named(g.op("Transpose", table, perm=[0, 2, 1]), "output0")
    elif form == "masks":
        protos = g.op("Sub", g.op("AveragePool", shades, kernel_shape=[4, 4], strides=[4, 4]), g.weight(0.5))
        g.named(g.op("Concat", boxes, scores, scores, axis=1), "output0")
        g.named(protos, "output1")
        outputs["output1"] = "amhw"
    else:
        g.named(g.op("Concat", boxes, scores, axis=1), "output0")
    said = {} if names is None else {"names": names}
    return save(path, g, side, outputs, said | (more or {}))


def save(
    path: Path, g: Graph, side: int | str, outputs: Mapping[str, str], said: dict[str, str], channels: int = 3
) -> Path:
    """Write a network to a file."""
    graph = helper.make_graph(
        g.nodes,
        "squares",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, channels, side, side])],
        [helper.make_tensor_value_info(o, TensorProto.FLOAT, list(sides)) for o, sides in outputs.items()],
        g.weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    for key, value in said.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
    return path
