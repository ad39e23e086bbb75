"""Values that give every picture its known result: plateaus of single limits, and a search over several.

A limit is swept over its bounds while the others stay fixed. The values with the fewest wrong pictures form a plateau:
its ends are found by bisection, judging again only pictures that differ between both sides. Its middle is farthest from
any error. If all pictures are good, a plateau often reaches one of the bounds, and its middle would depend on an
arbitrary bound; the limit is then placed at a distance from the closed end that follows from the spread of the
pictures' own critical values (`intervals.tolerance_factor`). Several limits are swept in turn until none moves; if some
pictures stay wrong, other starting values are tried.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from logidsl.fit.intervals import tolerance_factor
from logidsl.fit.limits import rounded
from logidsl.fit.trials import Trials, Values
from logidsl.fit.truth import Expectation
from logidsl.workers import Progress

Total = tuple[float, float]

OF_PIXELS, OF_OBJECTS = 13, 49  # values of a sweep: with pixels to process, or with objects only
MANY = 3  # limits; with more, fewer values are tried, fewer times
NEARER = 3  # rounds of more values if no value is right for every picture
FINEST = 2048  # parts of the bounds
ROUNDS = 4  # over all limits
SPREAD, SPREAD_OF_PIXELS, STARTS = 40, 10, 3  # values tried anywhere, those of pixels among them, and the best taken
FEWEST = 3  # critical values that a standard deviation is taken of


@dataclass(frozen=True)
class Options:
    """How limits are chosen.

    Parameters
    ----------
    coverage : float
        Share of new pictures that a one-sided bound is for.
    confidence : float
        Of that bound, and of those on errors.
    """

    coverage: float = 0.99
    confidence: float = 0.95


@dataclass(frozen=True)
class Tolerance:
    """A one-sided tolerance bound, for a plateau that extends to one of the bounds.

    Parameters
    ----------
    pictures : int
        How many critical values it follows from.
    factor : float
        How many of their standard deviations from their mean the bound lies.
    reached : bool
        Whether the bound lies within the bounds of the limit.
    """

    pictures: int
    factor: float
    reached: bool


@dataclass(frozen=True)
class Plateau:
    """The best values of a limit while the others stay fixed.

    Parameters
    ----------
    low, high : float
        Its ends.
    open_low, open_high : bool
        Whether it reaches that bound of the limit.
    chosen : float
        The value that was chosen.
    total : (float, float)
        What is wrong there, summed over the pictures.
    curve : tuple of (value, number of pictures that are right)
        In the order of the values.
    tolerance : Tolerance, optional
        What the choice follows from, where it is not the middle.
    """

    low: float
    high: float
    open_low: bool
    open_high: bool
    chosen: float
    total: Total
    curve: tuple[tuple[float, int], ...]
    tolerance: Tolerance | None = None


@dataclass
class SearchResult:
    """The end of a search: a value for each limit, and the plateau of each while the others stay fixed."""

    values: Values
    plateaus: tuple[Plateau, ...]
    total: Total


@dataclass
class Search:
    """A search over the limits of some trials.

    Parameters
    ----------
    trials : Trials
    options : Options
    on_progress : callable, optional
        Called with the number of values done in a sweep, and of all.
    """

    trials: Trials
    options: Options = field(default_factory=Options)
    on_progress: Progress | None = None

    def __post_init__(self) -> None:
        self._of_pixels = [self.trials.is_of_pixels(i) for i in range(len(self.trials.limits))]

    @property
    def good_only(self) -> bool:
        """Whether all that is known is that every picture passes, so that a plateau is open on one side."""
        return all(c.expected == Expectation("pass") for c in self.trials.cases)

    @property
    def many(self) -> bool:
        """Whether there are so many limits that fewer values are tried."""
        return len(self.trials.limits) > MANY

    def run(self, cases: Sequence[int]) -> SearchResult:
        """Search with some of the cases; the others are ignored."""
        found = self._descent(self.trials.start, cases)
        if len(self.trials.limits) > 1 and found.total > (0.0, 0.0):  # elsewhere it may be better
            for values in self._starts(cases):
                found = min(found, self._descent(values, cases), key=lambda f: f.total)
                if found.total == (0.0, 0.0):
                    break
        return found

    def _descent(self, values: Values, cases: Sequence[int]) -> SearchResult:
        """Sweep limits in turn, from the given values, until none moves."""
        limits = self.trials.limits
        plateaus: list[Plateau | None] = [None] * len(limits)
        for _ in range(ROUNDS // 2 if self.many else ROUNDS):
            before = values
            # what needs no look at the pictures comes first
            for place in sorted(range(len(limits)), key=lambda i: self._of_pixels[i]):
                plateau = self.sweep(values, place, cases)
                plateaus[place] = plateau
                values = (*values[:place], plateau.chosen, *values[place + 1 :])
            if len(limits) == 1 or values == before:
                break
        kept = tuple(p for p in plateaus if p is not None)
        return SearchResult(values, kept, self.total(values, cases))

    def _starts(self, cases: Sequence[int]) -> list[Values]:
        """The best of some values spread evenly over all bounds (Halton's sequence), on the grids of the sweeps."""
        grids = [self.grid(i) for i in range(len(self.trials.limits))]
        points = []
        for number in range(SPREAD):
            point = []
            for place, grid in enumerate(grids):
                # few combinations of limits on pixels, because each processes all pictures
                turn = number % SPREAD_OF_PIXELS if self._of_pixels[place] else number
                share = _halton(turn + 1, _PRIMES[place % len(_PRIMES)])
                point.append(grid[int(share * len(grid))])
            points.append(tuple(point))
        self.trials.prepare(points, self.on_progress)
        return sorted(dict.fromkeys(points), key=lambda p: self.total(p, cases))[: 1 if self.many else STARTS]

    def total(self, values: Values, cases: Sequence[int]) -> Total:
        """The errors with the given values, summed over cases."""
        sums = self.trials.losses(values, cases).sum(axis=0)
        return float(sums[0]), float(sums[1])

    def sweep(self, values: Values, place: int, cases: Sequence[int]) -> Plateau:
        """The plateau of one limit."""
        return _Sweep(self, values, place, list(cases)).plateau()

    def grid(self, place: int) -> list[float]:
        """The values that a sweep tries first."""
        limit = self.trials.limits[place]
        count = OF_PIXELS if self._of_pixels[place] or self.many else OF_OBJECTS
        if limit.whole:
            low, high = math.ceil(limit.low), math.floor(limit.high)
            step = max(1, math.ceil((high - low) / count))
            return [float(v) for v in (*range(low, high, step), high)]
        return [float(v) for v in np.linspace(limit.low, limit.high, count).round(6)]


_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29)


def _halton(number: int, base: int) -> float:
    """The radical inverse of a number: its digits in some base, mirrored at the point.

    Examples
    --------
    >>> [_halton(i, 2) for i in (1, 2, 3, 4)]
    [0.5, 0.25, 0.75, 0.125]
    """
    share, step = 0.0, 1.0
    while number:
        step /= base
        number, digit = divmod(number, base)
        share += step * digit
    return share


class _Sweep:
    """One limit, the others held."""

    def __init__(self, search: Search, values: Values, place: int, cases: list[int]) -> None:
        self.search, self.values, self.place, self.cases = search, values, place, cases
        self.limit = search.trials.limits[place]
        self.tried: dict[float, Total] = {}

    def at(self, value: float) -> Values:
        return (*self.values[: self.place], value, *self.values[self.place + 1 :])

    def losses(self, value: float, which: Sequence[int]) -> np.ndarray:
        return self.search.trials.losses(self.at(value), which)

    def try_all(self, values: Sequence[float]) -> None:
        new = [v for v in dict.fromkeys(values) if v not in self.tried]
        self.search.trials.prepare([self.at(v) for v in new], self.search.on_progress)
        for v in new:
            self.tried[v] = self.search.total(self.at(v), self.cases)

    def plateau(self) -> Plateau:
        now = self.limit.clipped(self.values[self.place])
        self.try_all([*self.search.grid(self.place), now])
        for _ in range(NEARER):
            low, high = self._run()
            best = self.tried[low]
            if best <= (0.0, 0.0):
                break
            order = sorted(self.tried)
            first, last = order.index(low), order.index(high)
            around = [*order[max(0, first - 1) : first + 1], *order[last : last + 2]]
            self.try_all([m for a, b in pairwise(around) if (m := self._middle(a, b)) is not None])
            if min(self.tried.values()) == best:  # a second look would be no better
                break
        while True:
            low, high = self._run()
            best = self.tried[low]
            left, right = self._end(low, -1), self._end(high, 1)
            if self.tried[self._run()[0]] == best:  # nothing better was met on the way
                break
        order = sorted(self.tried)
        open_low, open_high = low == order[0], high == order[-1]
        chosen, tolerance = self._chosen(left, right, open_low, open_high)
        self.try_all([chosen])
        if self.tried[chosen] > best:  # a gap in the plateau: the nearest tried value
            inside = [v for v in self.tried if low <= v <= high and self.tried[v] == best]
            chosen, tolerance = min(inside, key=lambda v: abs(v - chosen)), None
        curve = tuple((v, self._right(v)) for v in sorted(self.tried))
        return Plateau(left, right, open_low, open_high, chosen, best, curve, tolerance)

    def _right(self, value: float) -> int:
        return int((self.losses(value, self.cases)[:, 0] == 0).sum())

    def _run(self) -> tuple[float, float]:
        """The first and last tried value of the widest run of the best; a gap to the next value counts half."""
        order = sorted(self.tried)
        best = min(self.tried.values())
        runs: list[tuple[float, float, float]] = []
        start: int | None = None
        for i, v in enumerate([*order, None]):
            good = v is not None and self.tried[v] == best
            if good and start is None:
                start = i
            elif not good and start is not None:
                before, after = order[max(0, start - 1)], order[min(i, len(order) - 1)]
                width = (order[i - 1] - order[start]) + (order[start] - before + after - order[i - 1]) / 2
                runs.append((width, order[start], order[i - 1]))
                start = None
        _, low, high = max(runs, key=lambda r: (r[0], -r[1]))
        return low, high

    def _middle(self, a: float, b: float) -> float | None:
        """Half-way between two values, or None if they are close enough."""
        if self.limit.whole:
            return None if b - a < 2 else float(math.floor((a + b) / 2))
        if b - a <= (self.limit.high - self.limit.low) / FINEST:
            return None
        return round((a + b) / 2, 6)

    def _end(self, inside: float, way: int) -> float:
        """The end of the plateau beyond a value inside it, by bisection; the bound if nothing is tried beyond."""
        beyond = [v for v in self.tried if (v - inside) * way > 0]
        if not beyond:
            return inside
        out = min(beyond, key=lambda v: abs(v - inside))
        best = self.tried[inside]
        near, far = self.losses(inside, self.cases), self.losses(out, self.cases)
        differ = [c for c, a, b in zip(self.cases, near, far, strict=True) if tuple(a) != tuple(b)]
        same = near.sum(axis=0) - self.losses(inside, differ).sum(axis=0)
        width = max(abs(v - inside) for v in self.tried if self.tried[v] == best)
        while (middle := self._middle(*sorted((inside, out)))) is not None:
            if abs(out - inside) <= 0.01 * width and not self.limit.whole:
                break
            sums = same + self.losses(middle, differ).sum(axis=0)
            total = (float(sums[0]), float(sums[1]))
            if total < best:
                self.try_all([middle])
                break
            if total == best:
                inside = middle
            else:
                out = middle
        return inside

    def _chosen(self, left: float, right: float, open_low: bool, open_high: bool) -> tuple[float, Tolerance | None]:
        """The chosen value: the middle, or by a tolerance bound, or the old one if every value is equally good."""
        if open_low and open_high and left <= self.limit.value <= right:
            return self.limit.value, None
        if open_low == open_high:
            return rounded(left, right, (left + right) / 2, self.limit.whole), None
        closed, way = (right, 1) if open_low else (left, -1)
        critical = self._critical(closed, way) if self.search.good_only else []
        if len(critical) < FEWEST:
            return rounded(left, right, (left + right) / 2, self.limit.whole), None
        options = self.search.options
        factor = tolerance_factor(len(critical), options.coverage, options.confidence)
        mean, deviation = float(np.mean(critical)), float(np.std(critical, ddof=1))
        bound = mean - way * factor * deviation
        reached = left <= bound <= right
        value = min(max(bound, left), right)
        if self.limit.whole:
            value = float(math.floor(value) if way > 0 else math.ceil(value))
        return round(value, 6), Tolerance(len(critical), factor, reached)

    def _critical(self, closed: float, way: int) -> list[float]:
        """For each case that is right at an end of the plateau and wrong beyond, the value at which it turns wrong."""
        tried = sorted((v for v in self.tried if (v - closed) * way > 0), key=lambda v: abs(v - closed))
        losses = [self.losses(v, self.cases)[:, 0] for v in tried]
        start = self.losses(closed, self.cases)[:, 0]
        found = []
        for i, case in enumerate(self.cases):
            turned = next((k for k in range(len(tried)) if losses[k][i] > 0), None)
            if start[i] > 0 or turned is None:
                continue
            inside, out = (closed if turned == 0 else tried[turned - 1]), tried[turned]
            while (middle := self._middle(*sorted((inside, out)))) is not None:
                if abs(out - inside) <= (self.limit.high - self.limit.low) / 256:
                    break
                if self.losses(middle, [case])[0, 0] > 0:
                    out = middle
                else:
                    inside = middle
            found.append((inside + out) / 2 if not self.limit.whole else inside)
        return found
