"""Confidence bounds: on an error rate, and on the range of nearly all new values.

Sources. The upper bound on a share is that of Clopper and Pearson, "The use of confidence or fiducial limits
illustrated in the case of the binomial", Biometrika 26 (1934); where none of n was wrong it is 1 - (1 - c)^(1/n), about
3/n at 95 % (the rule of three). The factor of a one-sided tolerance bound for normal values is the quantile of the
noncentral t distribution in NIST/SEMATECH, Engineering Statistics Handbook, section 7.2.6.3, after Natrella,
Experimental Statistics, NBS Handbook 91 (1963).
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np

_STEPS = 200  # of a bisection: to the last bit
_PLACES = 4001  # at which an integral is summed


def upper_bound(errors: int, judged: int, confidence: float = 0.95) -> float:
    """The largest plausible error rate: the one-sided bound of Clopper and Pearson.

    Parameters
    ----------
    errors, judged : int
        How many of how many were wrong.
    confidence : float

    Returns
    -------
    float
        1 where nothing was judged, or all was wrong.

    Examples
    --------
    >>> round(upper_bound(0, 20), 4), round(upper_bound(1, 20), 4)
    (0.1391, 0.2161)
    """
    if errors >= judged:
        return 1.0
    terms = [math.lgamma(judged + 1) - math.lgamma(k + 1) - math.lgamma(judged - k + 1) for k in range(errors + 1)]
    low, high = errors / judged, 1.0
    for _ in range(_STEPS):
        share = (low + high) / 2
        if share in (low, high):
            break
        logs = (t + k * math.log(share) + (judged - k) * math.log1p(-share) for k, t in enumerate(terms))
        low, high = (share, high) if sum(map(math.exp, logs)) > 1 - confidence else (low, share)
    return high


@lru_cache(maxsize=256)
def tolerance_factor(count: int, coverage: float = 0.99, confidence: float = 0.95) -> float:
    """The factor of a one-sided tolerance bound: its distance from the mean in standard deviations.

    Parameters
    ----------
    count : int
        How many values mean and standard deviation are taken of, at least 2; they are normally distributed.
    coverage : float
        The share of new values on the near side of the bound.
    confidence : float
        With which it is at least that share.

    Examples
    --------
    >>> round(tolerance_factor(43, 0.90, 0.99), 4)  # the handbook's example
    1.874
    """
    root, normal = math.sqrt(count), NormalDist()
    shift = normal.inv_cdf(coverage) * root
    # P(T <= t) for T = (Z + shift) / (X / sqrt(v)), X chi-distributed with v degrees of freedom, is the mean of
    # Phi(t x / sqrt(v) - shift) over X
    free = count - 1
    spread = np.linspace(1e-9, 1 + 12 / math.sqrt(2 * free), _PLACES)  # x / sqrt(v)
    logs = free * np.log(spread) - np.log(spread) - free * spread**2 / 2
    weights = np.exp(logs - logs.max())
    weights[[0, -1]] /= 2  # the trapezium rule
    weights /= weights.sum()
    low, high = 0.0, 1e6
    for _ in range(_STEPS):
        t = (low + high) / 2
        below = np.array([normal.cdf(v) for v in (t * spread - shift).tolist()])
        low, high = (t, high) if float(weights @ below) < confidence else (low, t)
        if high - low < 1e-9 * high:
            break
    return high / root
