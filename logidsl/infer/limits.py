"""Limits for measured values: where the tail of their distribution ends, from what was seen of it.

Source. What exceeds a high threshold follows a generalised Pareto distribution (Pickands, "Statistical inference using
extreme order statistics", Annals of Statistics 3, 1975); its shape and scale are estimated by the method of moments
(Hosking and Wallis, "Parameter and quantile estimation for the generalized Pareto distribution", Technometrics 29,
1987). A shape of -1 is a uniform distribution with a sharp end, 0 an exponential tail.
"""

from __future__ import annotations

import math

import numpy as np

from logidsl.arrays import Floats

#: The share of the values that count as the tail, and how many at least.
TAIL, LEAST = 0.3, 6
#: The probability that a new good part exceeds one limit, and by how much the room that this suggests is enlarged.
EXCEEDED, ROOM = 0.0005, 2.5
#: The least number of good parts: fewer say nothing about what varies.
LEAST_PARTS = 5
_SHAPES = (-0.8, 0.15)
#: Of the range of the values, added to a limit whatever the tail: few values say little about it.
_MARGIN = 0.03


def room_above(values: Floats, exceeded: float) -> Floats:
    """How far above the greatest value a limit lies that a new value exceeds with a given probability.

    Parameters
    ----------
    values : (k, n) float64
        Of k measures the values on n parts, without gaps.
    exceeded : float
        The probability, less than 1 / n to extrapolate.

    Returns
    -------
    (k,) float64
        0 where the values never vary.

    Examples
    --------
    >>> room_above(np.array([np.full(20, 7.0), np.linspace(0, 1, 20)]), 0.001).round(2).tolist()
    [0.0, 0.12]
    """
    ordered = np.sort(values, axis=1)
    n = ordered.shape[1]
    size = min(n - 1, max(LEAST, math.ceil(n * TAIL)))
    start = ordered[:, n - size - 1]
    excess = ordered[:, n - size :] - start[:, None]
    mean, variance = excess.mean(axis=1), excess.var(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(variance > 0, mean * mean / variance, 3.0)
    shape = np.clip((1 - ratio) / 2, *_SHAPES)
    shape = np.where(np.abs(shape) < 1e-6, 1e-6, shape)
    scale, share = mean * (1 - shape), exceeded * n / size
    far = start + scale / shape * (share**-shape - 1)
    extent = ordered[:, -1] - ordered[:, 0]
    return np.asarray(np.where(extent > 0, np.maximum(far - ordered[:, -1], 0.0) + _MARGIN * extent, 0.0))


def rounded(value: float, up: bool, step: float) -> float:
    """A limit in few digits, away from what is allowed.

    Parameters
    ----------
    value : float
    up : bool
        Whether the larger of two neighbours is taken.
    step : float
        How much may be lost, such as a part of the range allowed.

    Examples
    --------
    >>> rounded(37.234, True, 0.5), rounded(37.234, False, 5)
    (37.5, 35.0)
    """
    if step <= 0:
        return value
    unit = 10.0 ** math.floor(math.log10(step))
    unit = next((unit * k for k in (5, 2) if unit * k <= step), unit)
    steps = math.ceil(value / unit - 1e-9) if up else math.floor(value / unit + 1e-9)
    return float(f"{steps * unit:.10g}")
