"""Control charts and process capability: what a series of subgroups or values says about a process.

Formulas are those of the NIST/SEMATECH e-Handbook of Statistical Methods, chapter 6, unless another source is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
#: Expected range of two values of a normal distribution with unit standard deviation.
D2 = 1.128
#: Factor of the upper limit of a moving range of two values.
D4 = 3.267
#: The Western Electric rules: how many of the last points lie beyond how many standard deviations on one side.
WESTERN_ELECTRIC = {"beyond_3": (1, 1, 3.0), "2_of_3": (2, 3, 2.0), "4_of_5": (4, 5, 1.0), "8_in_a_row": (8, 8, 0.0)}


@dataclass(frozen=True, eq=False)
class Chart:
    """A control chart.

    Parameters
    ----------
    values : (n,) float64
        The points, in order; NaN where a subgroup is empty.
    center : float
        The center line.
    sigma : (n,) float64
        The standard deviation of each point that chance alone explains.
    floor, ceiling : float
        The least and the greatest value that are possible.
    """

    values: Floats
    center: float
    sigma: Floats
    floor: float = -np.inf
    ceiling: float = np.inf

    @property
    def lower(self) -> Floats:
        """The lower control limits, at three standard deviations."""
        return np.maximum(self.center - 3 * self.sigma, self.floor)

    @property
    def upper(self) -> Floats:
        """The upper control limits."""
        return np.minimum(self.center + 3 * self.sigma, self.ceiling)

    def signals(self) -> list[tuple[int, str]]:
        """The points at which a Western Electric rule is broken, and which; see `western_electric`."""
        with np.errstate(invalid="ignore", divide="ignore"):
            scores = np.where(self.sigma > 0, (self.values - self.center) / self.sigma, 0.0)
        return western_electric(scores)


def western_electric(scores: npt.ArrayLike) -> list[tuple[int, str]]:
    """The points at which a rule for runs is broken.

    The four rules of the Western Electric Statistical Quality Control Handbook (1956): one point beyond three standard
    deviations, two of three beyond two, four of five beyond one, eight in a row on one side of the center line. Two
    neighbouring points beyond two are enough, whatever the third is, also at the start of a series.

    Parameters
    ----------
    scores : (n,) array of float
        Distances of the points from the center line in standard deviations; NaN for a missing point, which counts as
        on neither side.

    Returns
    -------
    list of (int, str)
        The place of the point that completes each run, and the rule, a key of `WESTERN_ELECTRIC`; in order.

    Examples
    --------
    >>> western_electric([0.1, 2.1, 0.3, 2.5, -3.2])
    [(3, '2_of_3'), (4, 'beyond_3')]
    """
    found = np.asarray(scores, np.float64)
    signals = []
    for name, (many, of, beyond) in WESTERN_ELECTRIC.items():
        for side in (1, -1):
            out = side * found > beyond
            signals += [(int(place), name) for place in np.flatnonzero(out & (last_of(out, of) >= many))]
    rules = list(WESTERN_ELECTRIC)
    return sorted(signals, key=lambda signal: (signal[0], rules.index(signal[1])))


def last_of(out: npt.NDArray[np.bool_], many: int) -> npt.NDArray[np.int64]:
    """For each place along the first axis, how many of the last `many` places, itself included, are marked.

    Examples
    --------
    >>> last_of(np.array([True, True, False, False]), 3).tolist()
    [1, 2, 2, 1]
    """
    sums = np.cumsum(out, axis=0, dtype=np.int64)
    sums[many:] = sums[many:] - sums[:-many]
    return sums


def p_chart(failed: npt.ArrayLike, sizes: npt.ArrayLike) -> Chart:
    """The chart of a proportion (section 6.3.3.2): the share of failed items in each subgroup.

    Parameters
    ----------
    failed, sizes : (n,) array
        How many items of each subgroup failed, and how many it has.

    Examples
    --------
    >>> chart = p_chart([117 / 20] * 20, [100] * 20)  # Montgomery, exercise 6-1: 117 of 20 samples of 100
    >>> round(chart.center, 4), round(float(chart.upper[0]), 4), float(chart.lower[0])
    (0.0585, 0.1289, 0.0)
    """
    counts, many = _pair(failed, sizes)
    center = float(counts.sum() / many.sum()) if many.sum() else float("nan")
    return Chart(_shares(counts, many), center, _root(center * (1 - center), many), 0.0, 1.0)


def u_chart(defects: npt.ArrayLike, sizes: npt.ArrayLike) -> Chart:
    """The chart of defects per unit (section 6.3.3.1, as the c chart, for subgroups of different sizes).

    Parameters
    ----------
    defects, sizes : (n,) array
        How many defects each subgroup has, and how many units.
    """
    counts, many = _pair(defects, sizes)
    center = float(counts.sum() / many.sum()) if many.sum() else float("nan")
    return Chart(_shares(counts, many), center, _root(center, many), 0.0)


def laney_chart(failed: npt.ArrayLike, sizes: npt.ArrayLike) -> Chart:
    """The p' chart of Laney (Quality Engineering 14(4), 2002): a p chart whose limits allow for more variation.

    What varies between subgroups beyond chance is estimated from the moving range of their z scores.

    Parameters
    ----------
    failed, sizes : (n,) array
        As for `p_chart`.

    Examples
    --------
    By hand: p is 0.15 with a standard deviation of 0.0357, so the scores are 1.400 and -1.400 in turn, and their moving
    range of 2.801 gives a factor of 2.801 / 1.128 = 2.483.

    >>> round(float(laney_chart([20, 10, 20, 10], [100] * 4).upper[0]), 3)
    0.416
    """
    chart = p_chart(failed, sizes)
    scores = (chart.values - chart.center) / np.where(chart.sigma > 0, chart.sigma, np.nan)
    scores = scores[np.isfinite(scores)]
    between = float(np.abs(np.diff(scores)).mean() / D2) if len(scores) > 1 else 1.0
    return Chart(chart.values, chart.center, chart.sigma * between, 0.0, 1.0)


def individuals_chart(values: npt.ArrayLike) -> Chart:
    """The chart of individual values (section 6.3.2.2), with the standard deviation from the mean moving range.

    Parameters
    ----------
    values : (n,) array of float
        In the order in which they were measured.

    Examples
    --------
    >>> flow = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]  # the example of the section
    >>> chart = individuals_chart(flow)
    >>> round(chart.center, 2), round(float(chart.upper[0]), 3), round(float(chart.lower[0]), 3)
    (50.81, 55.804, 45.816)
    """
    found = np.asarray(values, np.float64)
    sigma = float(np.abs(np.diff(found)).mean() / D2) if len(found) > 1 else 0.0
    return Chart(found, float(found.mean()) if len(found) else float("nan"), np.full(len(found), sigma))


def moving_range_chart(values: npt.ArrayLike) -> Chart:
    """The chart of the ranges of neighbouring values, beside that of the values; upper limit D4 times the mean."""
    ranges = np.abs(np.diff(np.asarray(values, np.float64)))
    center = float(ranges.mean()) if len(ranges) else float("nan")
    return Chart(ranges, center, np.full(len(ranges), (D4 - 1) * center / 3), 0.0)


def squares(values: npt.ArrayLike, there: npt.ArrayLike = True) -> Floats:
    """The sum of the squared distances from the mean along the first axis; exactly 0 if all values are equal.

    Parameters
    ----------
    values : (n, ...) array of float
    there : (n, ...) array of bool
        Which of them count.
    """
    found, counted = np.broadcast_arrays(np.asarray(values, np.float64), there)
    least = np.where(counted, found, np.inf).min(axis=0, initial=np.inf)
    above = np.where(counted, found - np.where(np.isfinite(least), least, 0.0), 0.0)
    away = np.where(counted, above - above.sum(axis=0) / np.maximum(counted.sum(axis=0), 1), 0.0)
    return np.asarray((away * away).sum(axis=0))


def cp_of(deviation: npt.ArrayLike, low: npt.ArrayLike, high: npt.ArrayLike) -> Floats:
    """Cp (section 6.1.6): the distance of the limits in six standard deviations.

    Examples
    --------
    >>> float(cp_of(2, 8, 20))  # the example of the section
    1.0
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.subtract(high, low, dtype=np.float64) / np.multiply(6.0, deviation)


def cpk_of(mean: npt.ArrayLike, deviation: npt.ArrayLike, low: npt.ArrayLike, high: npt.ArrayLike) -> Floats:
    """Cpk (section 6.1.6): the distance of the mean from the nearer limit in three standard deviations.

    Examples
    --------
    >>> round(float(cpk_of(16, 2, 8, 20)), 4)  # the example of the section
    0.6667
    """
    nearer = np.minimum(np.subtract(mean, low, dtype=np.float64), np.subtract(high, mean, dtype=np.float64))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(nearer / np.multiply(3.0, deviation))


@dataclass(frozen=True)
class Capability:
    """How well a process keeps to limits.

    Parameters
    ----------
    count : int
        Of values.
    mean, deviation : float
        Of the values; the standard deviation is that of the sample.
    cp, cpk : float or None
        The indices; `cp` needs both limits. None where the values do not vary.
    cp_bounds, cpk_bounds : (float, float) or None
        Two-sided confidence bounds.
    """

    count: int
    mean: float
    deviation: float
    cp: float | None
    cpk: float | None
    cp_bounds: tuple[float, float] | None
    cpk_bounds: tuple[float, float] | None


def capability(values: npt.ArrayLike, low: float | None, high: float | None, confidence: float = 0.95) -> Capability:
    """Process capability (section 6.1.6), for values of a normal distribution.

    The bounds of Cp follow from the chi-squared distribution of the variance, those of Cpk are the approximation of
    Bissell (Applied Statistics 39(3), 1990).

    Parameters
    ----------
    values : (n,) array of float
        At least two.
    low, high : float, optional
        The specification limits, at least one.
    confidence : float
        Of the bounds.

    Raises
    ------
    ValueError
        If there are fewer than two values, or no limit.
    """
    from statistics import NormalDist  # with fractions and random numbers, which verdicts do without

    found = np.asarray(values, np.float64)
    if len(found) < 2 or (low is None and high is None):
        raise ValueError("expected at least two values and one limit")
    n, mean = len(found), float(found.mean())
    deviation = float((squares(found) / (n - 1)) ** 0.5)
    if deviation == 0:
        return Capability(n, mean, 0.0, None, None, None, None)
    least, most = -np.inf if low is None else low, np.inf if high is None else high
    cpk = float(cpk_of(mean, deviation, least, most))
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    half = z * (1 / (9 * n) + cpk**2 / (2 * (n - 1))) ** 0.5
    cp = cp_bounds = None
    if low is not None and high is not None:
        cp = float(cp_of(deviation, low, high))
        cp_bounds = _cp_bounds(cp, n, confidence)
    return Capability(n, mean, deviation, cp, cpk, cp_bounds, (float(cpk - half), float(cpk + half)))


def _cp_bounds(cp: float, n: int, confidence: float) -> tuple[float, float]:
    """Confidence bounds of Cp.

    Examples
    --------
    >>> [round(bound, 2) for bound in _cp_bounds(2.29, 20, 0.95)]  # Montgomery, Introduction to SQC, example 8.4
    [1.57, 3.01]
    """
    from scipy.stats import chi2

    tails = chi2.ppf([(1 - confidence) / 2, (1 + confidence) / 2], n - 1)
    lower, upper = (float(cp * (tail / (n - 1)) ** 0.5) for tail in tails)
    return lower, upper


def _pair(counts: npt.ArrayLike, sizes: npt.ArrayLike) -> tuple[Floats, Floats]:
    return np.asarray(counts, np.float64), np.asarray(sizes, np.float64)


def _shares(counts: Floats, sizes: Floats) -> Floats:
    shares: Floats = np.divide(counts, sizes, out=np.full(len(counts), np.nan), where=sizes > 0)
    return shares


def _root(variance: float, sizes: Floats) -> Floats:
    roots: Floats = np.sqrt(np.divide(variance, sizes, out=np.full(len(sizes), np.nan), where=sizes > 0))
    return roots


def pareto(counts: dict[str, int]) -> list[tuple[str, int, float]]:
    """Labels with their counts, the most frequent first, and the share of all that they and those before make up.

    Examples
    --------
    >>> pareto({"a": 1, "b": 3})
    [('b', 3, 0.75), ('a', 1, 1.0)]
    """
    total, so_far, rows = sum(counts.values()), 0, []
    for label, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        so_far += count
        rows.append((label, count, so_far / total))
    return rows
