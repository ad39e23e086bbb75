"""Small networks that predict several targets of a place at once, learned with NumPy and written as ONNX.

An ensemble: `MEMBERS` networks with two hidden layers learn side by side from different draws of the same places, and
their outputs are averaged before the softmax. One network predicts class, distance and offset together, which takes a
third of the time of one network each and shares what they have in common. Optimiser: Adam (Kingma and Ba, 2015) with a
warm-up and a cosine schedule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from logidsl.arrays import Floats, Ints, Mask, Singles
from logidsl.extras import needed

Generator: TypeAlias = np.random.Generator

MEMBERS = 3
_HIDDEN = (128, 64)
_BATCH = 512
_EPOCHS, _LEAST_STEPS = 4, 250
_RATE, _WARM_UP = 4e-3, 0.2  # of Adam, and the share of steps in which it grows
_DECAY = 1e-3  # of weights, times the rate
_LEAST_SPREAD = np.float32(1e-3)  # of a feature, as a share of the median: one that is constant here may not be later
_DROPPED = 0.1  # share of the features hidden at each step
_HARD, _EASY_STEPS = 0.4, 0.4  # share of places drawn by their errors, after this share of steps
_DISTANCE, _OFFSET = 3.0, 1.0  # weights of the squared errors, beside the cross-entropy of the classes
_BETA_1, _BETA_2, _EPSILON = 0.9, 0.99, 1e-8
_AT_ONCE = 1 << 13
_OPSET, _IR_VERSION = 17, 9


@dataclass(frozen=True, eq=False)
class Ensemble:
    """What was learned: layers of `MEMBERS` networks.

    Parameters
    ----------
    weights : tuple of (e, n, m) float32
        By layer, from the features to the outputs: shares of classes as logits, distance, x and y of the offset.
    biases : tuple of (e, 1, m) float32
    """

    weights: tuple[Singles, ...]
    biases: tuple[Singles, ...]

    def activations(self, values: Singles) -> list[Singles]:
        """The outputs of all layers for values (e, n, k), the values themselves first."""
        made = [values]
        for weight, bias in zip(self.weights, self.biases, strict=True):
            after = np.matmul(made[-1], weight) + bias
            made.append(after if weight is self.weights[-1] else np.maximum(after, 0))
        return made


@dataclass(frozen=True, eq=False)
class Targets:
    """What is right at n places: class (n,), distance (n,), offset (n, 2), which matters only inside objects."""

    kinds: Ints
    distance: Singles
    offset: Singles


def fitted(features: Singles, targets: Targets, classes: int, resample: bool, seed: int) -> Ensemble:
    """Learn an ensemble.

    Parameters
    ----------
    features : (n, k) float32
        Of places.
    targets : Targets
    classes : int
        How many, the background included.
    resample : bool
        Whether places that are wrong after the first steps are drawn more often in the others.
    seed : int
        Of weights and draws.
    """
    rng = np.random.default_rng(seed)
    mean, spread = features.mean(0), features.std(0)
    scale = np.maximum(spread, _LEAST_SPREAD * np.median(spread) + np.float32(1e-6))
    values = (features - mean) / scale
    wanted = np.concatenate(
        [np.eye(classes, dtype=np.float32)[targets.kinds], targets.distance[:, None], targets.offset], axis=1
    ).astype(np.float32)
    sizes = (values.shape[1], *_HIDDEN, wanted.shape[1])
    net = Ensemble(
        tuple(
            rng.normal(0, np.sqrt((1 if b == sizes[-1] else 2) / a), (MEMBERS, a, b)).astype(np.float32)
            for a, b in pairwise(sizes)
        ),
        tuple(np.zeros((MEMBERS, 1, b), np.float32) for b in sizes[1:]),
    )
    steps = max(_LEAST_STEPS, _EPOCHS * len(values) // _BATCH)
    adam = _Adam([*net.weights, *net.biases], steps)
    # On several threads small products spend their time waiting, and sums depend on the number of threads.
    with needed("threadpoolctl", "learn", "learning parts").threadpool_limits(1):
        for rows in _draws(net, values, targets.kinds, steps, resample, rng):
            shown = (rng.random((MEMBERS, 1, values.shape[1])) >= _DROPPED) / np.float32(1 - _DROPPED)
            inside = targets.kinds[rows] > 0
            adam.step(_gradients(net, values[rows] * shown.astype(np.float32), wanted[rows], inside, classes))
    first = net.weights[0] / scale[:, None]  # takes features as they are
    return Ensemble((first, *net.weights[1:]), (net.biases[0] - np.matmul(mean, first)[:, None], *net.biases[1:]))


def _draws(net: Ensemble, values: Singles, kinds: Ints, steps: int, resample: bool, rng: Generator) -> Iterator[Ints]:
    """For each step, the places that each member learns from, (e, batch); later more of those that are wrong."""
    chances = np.zeros(0)
    for step in range(steps):
        if resample and step == round(_EASY_STEPS * steps):
            chances = np.cumsum(_errors(net, values, kinds))
        rows = rng.integers(0, len(values), (MEMBERS, _BATCH))
        if len(chances):
            drawn = rng.random((MEMBERS, round(_HARD * _BATCH))) * chances[-1]
            rows[:, : drawn.shape[1]] = np.minimum(np.searchsorted(chances, drawn), len(values) - 1)
        yield rows


def _gradients(net: Ensemble, values: Singles, wanted: Singles, inside: Mask, classes: int) -> list[Singles]:
    """The gradients of the loss by weights and biases, averaged over a batch."""
    made = net.activations(values)
    error = made[-1] - wanted
    error[..., :classes] = _softmax(made[-1][..., :classes]) - wanted[..., :classes]
    error[..., classes] *= _DISTANCE
    error[..., classes + 1 :] *= _OFFSET * inside[..., None]
    error /= np.float32(values.shape[1])
    weights, biases = [], []
    for number in reversed(range(len(net.weights))):
        weights.append(np.matmul(made[number].transpose(0, 2, 1), error))
        biases.append(error.sum(axis=1, keepdims=True))
        if number:
            error = np.matmul(error, net.weights[number].transpose(0, 2, 1)) * (made[number] > 0)
    return [*reversed(weights), *reversed(biases)]


class _Adam:
    """Adam with decoupled weight decay, changing parameters in place."""

    def __init__(self, parameters: list[Singles], steps: int) -> None:
        self._parameters, self._steps, self._done = parameters, steps, 0
        self._means = [np.zeros_like(p) for p in parameters]
        self._squares = [np.zeros_like(p) for p in parameters]

    def step(self, gradients: list[Singles]) -> None:
        """Change the parameters by one step."""
        self._done += 1
        warm = max(1.0, _WARM_UP * self._steps)
        after = (self._done - warm) / (self._steps - warm + 1)
        rate = _RATE * (self._done / warm if after < 0 else 0.5 * (1 + np.cos(np.pi * after)))
        first, second = (1 - beta**self._done for beta in (_BETA_1, _BETA_2))
        for parameter, gradient, mean, square in zip(
            self._parameters, gradients, self._means, self._squares, strict=True
        ):
            mean += np.float32(1 - _BETA_1) * (gradient - mean)
            square += np.float32(1 - _BETA_2) * (gradient * gradient - square)
            change = mean / (np.sqrt(square / np.float32(second)) + np.float32(_EPSILON))
            if parameter.shape[1] > 1:  # biases do not decay
                parameter *= np.float32(1 - rate * _DECAY)
            parameter -= np.float32(rate / first) * change


def _errors(net: Ensemble, values: Singles, kinds: Ints) -> Floats:
    """1 less the share of the right class at each place, (n,), and never 0."""
    classes = net.biases[-1].shape[2] - 3
    made = []
    for at in range(0, len(values), _AT_ONCE):
        some = np.broadcast_to(values[at : at + _AT_ONCE], (MEMBERS, *values[at : at + _AT_ONCE].shape))
        shares = _softmax(net.activations(some)[-1][..., :classes].mean(0))
        made.append(1.0 - shares[np.arange(len(shares)), kinds[at : at + _AT_ONCE]].astype(np.float64))
    return np.maximum(np.concatenate(made), 1e-3)


def _softmax(logits: Singles) -> Singles:
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def as_onnx(net: Ensemble) -> bytes:
    """An ensemble as an ONNX file, `X` (n, k) float32 to `Y` (n, c + 3) float32: mean outputs, classes as shares."""
    onnx = needed("onnx", "learn", "learning parts")
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    (first, second, last), biases = net.weights, net.biases
    members, width = range(len(first)), last.shape[2]
    constants = {
        "W1": np.concatenate(first, axis=1),
        "b1": biases[0].reshape(-1),
        **{f"W2_{m}": second[m] for m in members},
        **{f"b2_{m}": biases[1][m, 0] for m in members},
        "W3": np.concatenate(last, axis=0) / np.float32(len(first)),
        "b3": biases[2][:, 0].mean(axis=0),
    }
    tensors = [onnx.numpy_helper.from_array(np.ascontiguousarray(v, np.float32), n) for n, v in constants.items()]
    nodes = [
        helper.make_node("Gemm", ["X", "W1", "b1"], ["h1"]),
        helper.make_node("Relu", ["h1"], ["a1"]),
        helper.make_node("Split", ["a1"], [f"a1_{m}" for m in members], axis=1),
        *(helper.make_node("Gemm", [f"a1_{m}", f"W2_{m}", f"b2_{m}"], [f"h2_{m}"]) for m in members),
        helper.make_node("Concat", [f"h2_{m}" for m in members], ["h2"], axis=1),
        helper.make_node("Relu", ["h2"], ["a2"]),
        helper.make_node("Gemm", ["a2", "W3", "b3"], ["h3"]),
        helper.make_node("Split", ["h3", "widths"], ["classes", "others"], axis=1),
        helper.make_node("Softmax", ["classes"], ["shares"], axis=1),
        helper.make_node("Concat", ["shares", "others"], ["Y"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "heads",
        [helper.make_tensor_value_info("X", kind, [None, first.shape[1]])],
        [helper.make_tensor_value_info("Y", kind, [None, width])],
        [*tensors, onnx.numpy_helper.from_array(np.array([width - 3, 3], np.int64), "widths")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION)
    return bytes(model.SerializeToString(deterministic=True))
