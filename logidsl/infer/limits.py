"""Limits for measured values: how far beyond what was seen new good parts may lie.

A limit lies beyond the extreme value by a multiple of the distance from there to the upper part of the values: little
where they crowd before a sharp end, much where the tail is long. Estimates of the tail from forty values, as by extreme
value theory, were tried: at the same share of good parts rejected, their limits reject fewer bad ones.
"""

from __future__ import annotations

import math

import numpy as np

from logidsl.arrays import Floats

#: The probability that a new good part exceeds one limit, and by how much the room beyond what was seen is enlarged.
EXCEEDED, ROOM = 0.0005, 1.5
#: The least number of good parts: fewer say nothing about what varies.
LEAST_PARTS = 5
#: Fewer values than this say little: limits get more room, and chance costs no more.
FEW = 20
#: Where the upper part of the values begins, and what is added to a limit in any case, in their extent.
_UPPER, _MARGIN = 0.6, 0.03


def room_above(values: Floats) -> Floats:
    """How far above the greatest value its limit lies: from the 60th percentile to the greatest value, and a little.

    Parameters
    ----------
    values : (k, n) float64
        Of k measures the values on n parts, without gaps.

    Returns
    -------
    (k,) float64
        0 where the values never vary.

    Examples
    --------
    >>> room_above(np.array([np.full(21, 7.0), np.linspace(0, 1, 21)])).round(2).tolist()
    [0.0, 0.43]
    """
    most = values.max(axis=1)
    margin = _MARGIN + max(0.0, FEW / values.shape[1] - 1) / 2
    return np.asarray(most - np.quantile(values, _UPPER, axis=1) + margin * (most - values.min(axis=1)))


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
