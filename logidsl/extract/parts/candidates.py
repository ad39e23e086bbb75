"""Nested candidates for objects, and the choice among them.

The map of distances to the border is cut at every local peak. Then the two neighbours whose lesser peak rises least
above the pass between them are joined, again and again (topological prominence), so that every object that touches
others is somewhere between its pieces and its heap. A quadratic model, learned from pictures that were left out,
estimates of each candidate how well it fits an object, and dynamic programming takes those without a common place that
cover the picture best (compare Arteta et al., 2012, *Learning to detect cells using non-overlapping extremal regions*).
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from logidsl.arrays import Floats, Ints, Labels, Mask
from logidsl.extract.parts.features import Maps
from logidsl.extract.parts.segmentation import Cutting, Evidence, smoothed
from logidsl.extract.pixels.opencv import cv2
from logidsl.extract.pixels.watershed import basins, neighbours

#: Candidates that fit no object better than this, as intersection over union, are background.
LEAST_FIT = 0.4
_LEAST_RISE = 0.03  # of a peak above the pass to a higher one, for a piece of its own
_UNLEARNED_RISE, _UNLEARNED_TOP = 0.25, 0.3  # what is one object where no model was learned
_MOST = 20.0  # of a trait: one that overflows says no more
_EVEN, _LAB = 1e-9, 20.0
_RIDGE = 10.0


@dataclass(frozen=True, eq=False)
class Candidates:
    """Regions of a picture that may be objects: pieces first, then what is joined of two earlier ones.

    Parameters
    ----------
    inside : (h, w) bool
        The places that may be of objects.
    pieces : (p,) int64
        The piece of each of them, in reading order.
    children : (n, 2) int64
        The two candidates that one is joined of; -1 for a piece.
    area : (n,) float64
        In places.
    rise : (n,) float64
        Of the peaks inside, how far one rises above the pass to a higher one, at most.
    top : (n,) float64
        The highest peak.
    mixed : (n,) bool
        Whether it contains regions of different classes, by `Cutting.class_limit`: such a candidate is not an object.
    traits : (n, m) float64
        What the model looks at.
    """

    inside: Mask
    pieces: Ints
    children: Ints
    area: Floats
    rise: Floats
    top: Floats
    mixed: Mask
    traits: Floats

    def pieces_of(self) -> list[Ints]:
        """The pieces that each candidate consists of."""
        found: list[Ints] = []
        for number, (one, two) in enumerate(self.children.tolist()):
            found.append(np.array([number]) if one < 0 else np.concatenate([found[one], found[two]]))
        return found

    def labels(self, chosen: Ints) -> Labels:
        """A map, (h, w), with the chosen candidates numbered from 1 on."""
        members, of_piece = self.pieces_of(), np.zeros(len(self.children), np.int32)
        for label, number in enumerate(chosen.tolist(), 1):
            of_piece[members[number]] = label
        made = np.zeros(self.inside.shape, np.int32)
        made[self.inside] = of_piece[self.pieces]
        return made

    def chosen(self, fits: Floats) -> Ints:
        """The candidates without a common place that cover the picture best: area times fit, above `LEAST_FIT`."""
        value = (self.area * np.maximum(fits - LEAST_FIT, 0)).tolist()
        best, children, under = list(value), self.children.tolist(), set[int]()
        for number, (one, two) in enumerate(children):
            if one >= 0:
                under |= {one, two}
                best[number] = max(value[number], best[one] + best[two])
        made, left = [], [n for n in range(len(children)) if n not in under]
        while left:
            number = left.pop()
            if value[number] > 0 and value[number] >= best[number]:
                made.append(number)
            elif children[number][0] >= 0:
                left += children[number]
        return np.array(sorted(made), np.int64)


@dataclass(frozen=True, eq=False)
class FitModel:
    """How well a candidate fits an object: a quadratic function of its traits.

    Parameters
    ----------
    mean, scale : (m,) float64
        Of the traits.
    weights : (m + m (m + 1) / 2,) float64
        Of the traits and of their products.
    bias : float
    """

    mean: Floats
    scale: Floats
    weights: Floats
    bias: float

    def fits(self, traits: Floats) -> Floats:
        """The intersection over union with an object that is to be expected, (n,)."""
        return np.clip(_terms((traits - self.mean) / self.scale) @ self.weights + self.bias, 0, 1)

    def as_document(self) -> dict[str, object]:
        """As JSON has it."""
        return {
            "mean": self.mean.tolist(),
            "scale": self.scale.tolist(),
            "weights": self.weights.tolist(),
            "bias": self.bias,
        }


def fit_model_of(document: Mapping[str, object]) -> FitModel:
    """The model that `as_document` wrote.

    Raises
    ------
    KeyError, TypeError, ValueError
        If it is damaged.
    """
    mean, scale, weights = (np.array(document[k], np.float64) for k in ("mean", "scale", "weights"))
    count = len(mean)
    if mean.shape != scale.shape or weights.shape != (count + count * (count + 1) // 2,):
        raise ValueError("the model of candidates does not fit together")
    return FitModel(mean, scale, weights, float(str(document["bias"])))


def learned_fits(traits: Floats, ious: Floats) -> FitModel:
    """Learn how well candidates fit, by ridge regression.

    Parameters
    ----------
    traits : (n, m) float64
        Of at least one candidate.
    ious : (n,) float64
        How well they fitted.
    """
    mean, scale = traits.mean(0), np.maximum(traits.std(0), 1e-6)
    terms = _terms((traits - mean) / scale)
    middle, spread = terms.mean(0), np.maximum(terms.std(0), 1e-6)
    even = (terms - middle) / spread
    bias = float(ious.mean())
    weights = np.linalg.solve(even.T @ even + _RIDGE * np.eye(even.shape[1]), even.T @ (ious - bias)) / spread
    return FitModel(mean, scale, weights, bias - float(middle @ weights))


def unlearned_fits(candidates: Candidates) -> Floats:
    """Where no model was learned: 1 for a candidate without a deep pass inside and with a high peak, else 0."""
    return ((candidates.rise < _UNLEARNED_RISE) & (candidates.top >= _UNLEARNED_TOP)).astype(np.float64)


def fits_of(candidates: Candidates, model: FitModel | None, cutting: Cutting, size: float) -> Floats:
    """How well each candidate fits an object, (n,): 0 for those that are too small or of several classes."""
    made = unlearned_fits(candidates) if model is None else model.fits(candidates.traits)
    large = candidates.area >= max(1.0, cutting.least_area * size * size)
    return np.where(large & ~candidates.mixed, made, 0.0)


def candidates_of(evidence: Evidence, lab: Maps, cutting: Cutting, size: float) -> Candidates:
    """The candidates of a picture.

    Parameters
    ----------
    evidence : Evidence
        Of its places.
    lab : (h, w, 3) float32
        CIELAB.
    cutting : Cutting
    size : float
        Square root of a typical object's area, in places.
    """
    shares = smoothed(evidence, cutting)
    inside = shares[..., 0] < 0.5
    heights = cv2.GaussianBlur(evidence.distance, (0, 0), cutting.smooth)[inside].astype(np.float64)
    around, kind = neighbours(inside), np.argmax(shares[..., 1:], axis=2)[inside]
    # A piece has one class: a label is cut from the bottle that it lies on. Joining passes over classes.
    alike = np.where((around >= 0) & (kind[around] == kind), around, -1) if len(kind) else around
    pieces = basins(heights, alike, lambda lesser, saddle: lesser - saddle < _LEAST_RISE)
    count = int(pieces.max(initial=-1)) + 1
    tops = np.full(count, -np.inf)
    np.maximum.at(tops, pieces, heights)
    sums = _sums(evidence, shares, lab, inside, heights, pieces, count, size)
    tree = _Tree(tops.tolist(), _passes(pieces, heights, around, count), sums[:, _SHARES + 1 :], cutting.class_limit)
    traits, area = _traits(tree, sums, _hulls(inside, pieces, count), size)
    children = np.array([(-1, -1)] * count + [(j.one, j.two) for j in tree.joins], np.int64).reshape(-1, 2)
    mixed = np.array(tree.mixed, bool)
    return Candidates(inside, pieces, children, area, np.array(tree.rise), np.array(tree.tops), mixed, traits)


@dataclass(frozen=True)
class _Join:
    """Two candidates that become one: the highest pass between them, the number of passes, the sum of their heights."""

    one: int
    two: int
    pass_: float
    length: float
    total: float


_Passes = dict[tuple[int, int], tuple[float, float, float]]


class _Tree:
    """Pieces joined one by one, least prominent peak first, and those of different classes last.

    Attributes
    ----------
    joins : list of _Join
    tops, rise, contact : list of float
        Of each candidate: see `Candidates`; `contact` is how many passes lead to its neighbours.
    mixed : list of bool
        Of each candidate: see `Candidates`.
    """

    def __init__(self, tops: list[float], passes: _Passes, shares: Floats, class_limit: float) -> None:
        self.pieces, self.mixed = len(tops), [False] * len(tops)
        self._shares, self._class_limit = list(shares), class_limit
        self.tops, self.rise, self.contact = list(tops), [0.0] * len(tops), [0.0] * len(tops)
        self.joins: list[_Join] = []
        beside: list[dict[int, tuple[float, float, float]]] = [{} for _ in tops]
        for (one, two), how in passes.items():
            beside[one][two] = beside[two][one] = how
            self.contact[one] += how[1]
            self.contact[two] += how[1]
        queue = [(*self._order(*pair, how[0]), *pair) for pair, how in passes.items()]
        heapq.heapify(queue)
        gone: set[int] = set()
        while queue:
            mixed, rise, one, two = heapq.heappop(queue)
            if one in gone or two in gone:
                continue
            gone |= {one, two}
            new, how = len(self.tops), beside[one][two]
            self.joins.append(_Join(one, two, *how))
            self.tops.append(max(self.tops[one], self.tops[two]))
            self.mixed.append(mixed or self.mixed[one] or self.mixed[two])
            self._shares.append(self._shares[one] + self._shares[two])
            self.rise.append(max(rise, self.rise[one], self.rise[two]))
            self.contact.append(self.contact[one] + self.contact[two] - 2 * how[1])
            near: dict[int, tuple[float, float, float]] = {}
            for part in (one, two):
                for other, (pass_, length, total) in beside[part].items():
                    if other not in (one, two):
                        high, long, sum_ = near.get(other, (-np.inf, 0.0, 0.0))
                        near[other] = max(high, pass_), long + length, sum_ + total
                        del beside[other][part]
            beside.append(near)
            for other, known in near.items():
                beside[other][new] = known
                heapq.heappush(queue, (*self._order(other, new, known[0]), other, new))

    def _order(self, one: int, two: int, pass_: float) -> tuple[bool, float]:
        """Whether two are of different classes, and how far the lesser peak rises above the pass."""
        mixed = False
        if self._class_limit < 1:
            a, b = (s / max(s.sum(), _EVEN) for s in (self._shares[one], self._shares[two]))
            mixed = bool(np.abs(a - b).sum() / 2 > self._class_limit)
        return mixed, min(self.tops[one], self.tops[two]) - pass_


def _passes(pieces: Ints, heights: Floats, around: Ints, count: int) -> _Passes:
    """Between neighbouring pieces: the highest pass, how many there are, and the sum of their heights."""
    firsts, seconds, found = [], [], []
    for row in around[4:]:  # each pair of neighbours once
        here = np.flatnonzero((row >= 0) & (pieces[row] != pieces)) if count else np.zeros(0, np.int64)
        firsts.append(pieces[here])
        seconds.append(pieces[row[here]])
        found.append(np.minimum(heights[here], heights[row[here]]))
    one, two, height = np.concatenate(firsts), np.concatenate(seconds), np.concatenate(found)
    keys, which = np.unique(np.minimum(one, two) * max(1, count) + np.maximum(one, two), return_inverse=True)
    highest = np.full(len(keys), -np.inf)
    np.maximum.at(highest, which, height)
    lengths, totals = np.bincount(which, minlength=len(keys)), np.bincount(which, height, minlength=len(keys))
    pairs = np.stack(np.divmod(keys, max(1, count)), axis=1).tolist()
    rows = np.stack([highest, lengths, totals], axis=1).tolist()
    return {(a, b): (high, length, total) for (a, b), (high, length, total) in zip(pairs, rows, strict=True)}


#: Of each piece, the columns of its sums; shares of classes follow, the background first.
_N, _X, _Y, _XX, _YY, _XY, _VX, _VY, _VV, _HEIGHT, _EDGE, _BORDER, _SUREST, _L = range(14)
_LAB_SQUARES, _SHARES = _L + 3, _L + 4


def _sums(
    evidence: Evidence, shares: Maps, lab: Maps, inside: Mask, heights: Floats, pieces: Ints, count: int, size: float
) -> Floats:
    """Sums over the places of each piece, (count, m), from which moments of any union follow."""
    ys, xs = np.nonzero(inside)
    x, y = xs / size, ys / size
    vote_x, vote_y = x + evidence.offset[ys, xs, 0], y + evidence.offset[ys, xs, 1]
    padded = cv2.copyMakeBorder(inside.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    edge = cv2.erode(padded, np.ones((3, 3), np.uint8))[1:-1, 1:-1][ys, xs] == 0
    border = (ys == 0) | (xs == 0) | (ys == inside.shape[0] - 1) | (xs == inside.shape[1] - 1)
    colour, share = lab[ys, xs].astype(np.float64), shares[ys, xs].astype(np.float64)
    columns = [
        *(np.ones(len(ys)), x, y, x * x, y * y, x * y),
        *(vote_x, vote_y, vote_x**2 + vote_y**2, heights, edge, border, share[:, 1:].max(axis=1)),
        *(*colour.T, (colour**2).sum(axis=1), *share.T),
    ]
    return np.stack([np.bincount(pieces, c, minlength=count) for c in columns], axis=1)


def _hulls(inside: Mask, pieces: Ints, count: int) -> list[Ints]:
    """The corners of each piece's convex hull."""
    ys, xs = np.nonzero(inside)
    order = np.argsort(pieces, kind="stable")
    points = np.stack([xs, ys], axis=1).astype(np.int32)[order]
    ends = [0, *np.cumsum(np.bincount(pieces, minlength=count)).tolist()]
    return [cv2.convexHull(points[start:end])[:, 0] for start, end in pairwise(ends)][:count]


def _traits(tree: _Tree, sums: Floats, hulls: list[Ints], size: float) -> tuple[Floats, Floats]:
    """Traits (n, m) and area (n,) of all candidates: the whole, its seam inside, and its ties to what is round it."""
    rows, tied = list(sums), [0.0] * len(tree.tops)
    seams = [(max(top, 0.0), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0) for top in tree.tops[: tree.pieces]]
    for join in tree.joins:
        one, two = rows[join.one], rows[join.two]
        rows.append(one + two)
        hulls.append(cv2.convexHull(np.concatenate([hulls[join.one], hulls[join.two]]))[:, 0])
        lesser = max(min(tree.tops[join.one], tree.tops[join.two]), 1e-6)
        for part in (join.one, join.two):
            tied[part] = join.pass_ / max(tree.tops[part], 1e-6)
        gap = one / one[_N] - two / two[_N]
        votes, places = float(np.hypot(gap[_VX], gap[_VY])), max(float(np.hypot(gap[_X], gap[_Y])), 1e-6)
        colour = float(np.linalg.norm(gap[_L : _L + 3])) / _LAB
        narrow = join.length / np.sqrt(min(one[_N], two[_N]))
        classes = float(np.abs(gap[_SHARES:]).sum()) / 2
        seam = (join.pass_ / lesser, join.total / join.length / lesser, narrow)
        seams.append((*seam, votes / places, votes, colour, classes))
    total = np.array(rows, np.float64).reshape(len(rows), sums.shape[1])
    area = total[:, _N]
    mean, side = (total / area[:, None]).T, np.sqrt(area)
    wide, high = (np.array(mean[s] - mean[m] ** 2 + 1 / 12 / size**2) for s, m in ((_XX, _X), (_YY, _Y)))
    both, cross = wide + high, mean[_XY] - mean[_X] * mean[_Y]
    apart = np.sqrt(np.maximum(both**2 / 4 - np.maximum(wide * high - cross**2, _EVEN), 0))
    long, short = both / 2 + apart, np.maximum(both / 2 - apart, _EVEN)
    votes_spread = np.maximum(mean[_VV] - mean[_VX] ** 2 - mean[_VY] ** 2, 0)
    hull = np.array(
        [cv2.contourArea(h.astype(np.float32)) + 0.5 * cv2.arcLength(h.astype(np.float32), True) + 1 for h in hulls]
    )
    whole = [
        np.log(area / size**2),
        0.5 * np.log(long / short),
        np.log(area / size**2 / (4 * np.pi * np.sqrt(np.maximum(wide * high - cross**2, _EVEN)))),
        area / hull if len(hull) else area,
        mean[_HEIGHT],
        np.array(tree.tops, np.float64),
        np.sqrt(votes_spread),
        np.log(np.sqrt(votes_spread / both) + 0.01),
        np.hypot(mean[_VX] - mean[_X], mean[_VY] - mean[_Y]),
        mean[_SHARES],
        mean[_SUREST],
        mean[_SHARES + 1 :].max(axis=0),
        mean[_EDGE] * side,
        mean[_BORDER] * side,
        np.array(tree.contact) / side,
        np.array(tied),
        np.sqrt(np.maximum(mean[_LAB_SQUARES] - (mean[_L : _L + 3] ** 2).sum(axis=0), 0)) / _LAB,
        (np.arange(len(rows)) < tree.pieces).astype(np.float64),
        *np.array(seams, np.float64).reshape(-1, 7).T,
    ]
    return np.clip(np.stack(whole, axis=1), -_MOST, _MOST), area


def _terms(even: Floats) -> Floats:
    """Traits, (n, m), and the products of every two of them."""
    first, second = np.triu_indices(even.shape[1])
    return np.concatenate([even, even[:, first] * even[:, second]], axis=1)
