"""Which rules to write: those that hold on all good parts, are rejected by random changes, and cost few good parts.

A rule is worth what it alone rejects among changed tables, less what it is expected to reject of new good parts and
what it costs to read. Rules are taken one by one, the most valuable first (greedy set cover), and dropped again where
others have made them superfluous. How much room limits get beyond what was seen is chosen by leaving tables out: the
whole search is repeated without some of the good tables, which its rules then judge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from logidsl.arrays import Floats, Ints, Mask
from logidsl.describe.numbers import number_text
from logidsl.diagnostics import InputError
from logidsl.infer.answers import NOTHING_SAID, Answers, template
from logidsl.infer.candidates import LIMITS, PLAINEST, Claim, Measure, Rule, proposals, topic_of
from logidsl.infer.evidence import Evidence
from logidsl.infer.limits import EXCEEDED, FEW, room_above, rounded
from logidsl.infer.vocabulary import Vocabulary
from logidsl.table import ObjectTable

_UNITS = {"length": " px", "area": " px2", "angle": " deg"}
FOLDS = 10
_LEAST_VALUES = 5
#: So many of the extreme values are left out in turn.
_LEFT_OUT = 3
#: What limits that a person calls too narrow get of room.
_LOOSE = 4.0


@dataclass(frozen=True)
class Strictness:
    """How rules are chosen.

    Parameters
    ----------
    room : float
        By how much the room beyond what was seen is enlarged.
    gain : float
        The least share of the changed tables that a rule must add.
    """

    room: float
    gain: float = 0.003


#: From narrow limits to wide ones.
LEVELS = (*(Strictness(room) for room in (1.8, 2.4, 3.2, 4.5)), Strictness(9.0, 0.03), Strictness(20.0, 0.1))
#: For candidates that a person is asked about.
ASKED = Strictness(0.8, 0.002)
#: Prices, in shares of the changed tables: of reading a clause of cost 1, and of a range as wide as its scale.
_READING, _WIDTH = 0.002, 0.005
#: What a clause of counts, or one without numbers, costs for holding by chance: the share of new parts on which such a
#: one fails, times the number of parts; how likely the plainest clause is such a one; how many times more per unit of
#: cost; how many times more where counts vary; and how many changes happen to a good part anyway.
_FAILS, _CHANCE, _PER_COST, _VARYING, _HAPPENS = 3.0, 0.12, 2.5, 3.0, 0.3


@dataclass(frozen=True, eq=False)
class Bounds:
    """Measures with limits, (b,) arrays.

    Parameters
    ----------
    number : Ints
        The measures.
    low, high : Floats
        The least and the greatest value seen; `-inf` and `inf` where there is no limit.
    room_low, room_high : Floats
        What is added to the limits per unit of `Strictness.room`.
    excess : (b, k) Floats
        The room that extreme values would have needed had they been left out.
    rejected : Floats
        The expected share of new good parts beyond, if the room is enough.
    """

    number: Ints
    low: Floats
    high: Floats
    room_low: Floats
    room_high: Floats
    excess: Floats
    rejected: Floats

    def limits(self, room: float) -> tuple[Floats, Floats]:
        """Both limits."""
        return self.low - room * self.room_low, self.high + room * self.room_high

    def expected(self, room: float) -> Floats:
        """The expected share of new good parts that each rejects: a value that nearly needs more room counts half."""
        near, beyond = self.excess > 0.6 * room, self.excess > room
        return np.asarray(self.rejected + 0.5 * near.mean(axis=1) + beyond.mean(axis=1))


@dataclass(frozen=True, eq=False)
class Choice:
    """Chosen bounds and claims by number, and (rules, changed) what each rejects of the changed tables."""

    bounds: list[int]
    claims: list[int]
    rejects: Mask


@dataclass(eq=False)
class Search:
    """Candidates with their values on good and on changed tables."""

    vocabulary: Vocabulary
    evidence: Evidence
    changed: ObjectTable
    answers: Answers = NOTHING_SAID
    measures: list[Measure] = field(init=False)
    claims: list[Claim] = field(init=False)
    _bounds: dict[bytes, Bounds] = field(default_factory=dict)

    def __post_init__(self) -> None:
        settled = self.answers.settled
        tried, said = proposals(self.vocabulary)
        tried = [m for m in tried if m.clause not in settled]
        expressions = list(dict.fromkeys(e for m in tried for e in (m.low, m.high)))
        typed = self.evidence.numbers(expressions)
        self.measures = [m for m in tried if all(_is_measured(m, typed.get(e)) for e in (m.low, m.high))]
        self._dims = [typed[m.low][0] for m in self.measures]
        self._bad = self.evidence.beside(self.changed)
        bad = self._bad.numbers(expressions, only={e for m in self.measures for e in (m.low, m.high)})
        n, k = len(self.evidence.table.images), len(self.changed.images)
        self.low = np.array([typed[m.low][1] for m in self.measures]).reshape(-1, n)
        self.high = np.array([typed[m.high][1] for m in self.measures]).reshape(-1, n)
        self._bad_low = np.array([bad[m.low][1] for m in self.measures]).reshape(-1, k)
        self._bad_high = np.array([bad[m.high][1] for m in self.measures]).reshape(-1, k)
        clauses = [c.clause for c in said if template(c.clause) not in settled]
        truths = self.evidence.truths(clauses)
        self._broken_once = {c: int(np.argmin(t)) for c, t in truths.items() if (t == 1).sum() == n - 1 and n > 2}
        self.claims = [c for c in said if c.clause in truths and (truths[c.clause] == 1).all()]
        shown = self._bad.truths(clauses, only={c.clause for c in self.claims})
        self._broken: Mask = np.array([shown[c.clause] == -1 for c in self.claims], bool).reshape(-1, k)
        self._counted = np.array([d == "count" and _whole(self.low[i]) for i, d in enumerate(self._dims)], bool)
        self._costs = np.array([m.cost for m in self.measures])
        self._scale = np.array([self._scale_of(i) for i in range(len(self.measures))])
        self._kept = self._kept_rules()
        self._covered = self._bad.rejected | self._rejected_by([r.clause for r in self._kept])

    def _scale_of(self, i: int) -> float:
        """What the width of a range is compared with: the values, but of a length a tenth of the picture at least."""
        size, dim = self.evidence.table.sizes, self._dims[i]
        most = float(np.nanmax(np.abs([self.low[i], self.high[i]])))
        if dim == "length" and np.isfinite(size).any():
            tenth = float(np.nanmax(size)) / 10
            most = tenth if " - " in self.measures[i].low else max(most, tenth)
        return 45.0 if dim == "angle" else most or 1.0

    # ---- limits ---------------------------------------------------------------------------------------

    def bounds(self, images: Ints) -> Bounds:
        """The limits of all measures, from some of the good parts."""
        key = images.tobytes()
        if key not in self._bounds:
            self._bounds[key] = self._bounds_of(self.low[:, images], self.high[:, images])
        return self._bounds[key]

    def _bounds_of(self, low: Floats, high: Floats) -> Bounds:
        k, n = low.shape
        known = ~np.isnan(low) & ~np.isnan(high)
        enough = known.sum(axis=1) >= _LEAST_VALUES
        room, excess = np.zeros((2, k)), np.zeros((2, k, n))
        for gaps in {row.tobytes() for row in known[enough]}:
            here = np.frombuffer(gaps, bool)
            rows = np.flatnonzero(enough & (known == here).all(axis=1))
            for side, values in enumerate((-low[rows][:, here], high[rows][:, here])):
                room[side, rows] = room_above(values)
                excess[side, rows, :_LEFT_OUT] = _needed(values)
        least = np.where(known, low, np.inf).min(axis=1, initial=np.inf)
        most = np.where(known, high, -np.inf).max(axis=1, initial=-np.inf)
        parts = [
            p
            for i in np.flatnonzero(enough)
            for p in self._ranges(int(i), float(least[i]), float(most[i]), low[i], high[i], room[:, i])
        ]
        number = np.array([p[0] for p in parts], np.int64)
        rest = np.array([p[1:] for p in parts], np.float64).reshape(-1, 5).T
        below, above = (
            np.where(np.isfinite(v)[:, None], e[number], 0.0) for v, e in zip(rest[:2], excess, strict=True)
        )
        return Bounds(number, rest[0], rest[1], rest[2], rest[3], np.maximum(below, above), rest[4])

    def _ranges(
        self, i: int, least: float, most: float, low: Floats, high: Floats, room: Floats
    ) -> list[tuple[int, float, float, float, float, float]]:
        """Both limits, or one: number, low, high, both rooms, and the expected share beyond."""
        n = len(low)
        counted, text = bool(self._counted[i]), self.measures[i].low
        if most - least <= 1e-6 * abs(most):
            slack = 0.0 if counted else 1.0 if self._dims[i] in ("length", "angle") else max(0.01 * abs(most), 0.01)
            beyond = (0.6 if " inside g)" in text else 0.02) / n if counted else EXCEEDED
            return [(i, least - slack, most + slack, 0.0, 0.0, beyond)]
        signed = " - " in text
        downward = least > 0 if counted and not signed else not (least >= 0 and least - room[0] <= 0)
        if counted:
            room = np.zeros(2)
            below, above = _rare(int((low == least).sum()), n), _rare(int((high == most).sum()), n)
        else:
            below = above = EXCEEDED
        made = [(i, -np.inf, most, 0.0, room[1], above)]
        if downward:
            made += [(i, least, np.inf, room[0], 0.0, below), (i, least, most, room[0], room[1], below + above)]
        return made

    # ---- choice ---------------------------------------------------------------------------------------

    def choose(self, images: Ints, s: Strictness) -> Choice:
        """The rules that some of the good parts give."""
        b = self.bounds(images)
        low, high = b.limits(s.room)
        with np.errstate(invalid="ignore"):
            beyond = (self._bad_low[b.number] < low[:, None]) | (self._bad_high[b.number] > high[:, None])
        rejects = np.concatenate([beyond.reshape(len(low), -1), self._broken])
        price = self._price(b, s, rejects, len(images))
        taken = _covering(rejects, price, s.gain, self._covered)
        bounds, claims = [i for i in taken if i < len(low)], [i for i in taken if i >= len(low)]
        return Choice(bounds, [i - len(low) for i in claims], rejects[[*bounds, *claims]])

    def _price(self, b: Bounds, s: Strictness, rejects: Mask, n: int) -> Floats:
        """(rules,) what bounds, then claims cost: good parts that they reject, reading, and width."""
        low, high = b.limits(s.room)
        seen = np.nanmax(self.high[b.number], axis=1) - np.nanmin(self.low[b.number], axis=1)
        wide = np.where(np.isfinite(high - low), high - low, seen) / self._scale[b.number]
        counted, claims = self._counted[b.number], len(self.claims)
        width = np.where(counted, 0.0, np.minimum(wide, 3.0))
        cost = np.concatenate([self._costs[b.number], [c.cost for c in self.claims]])
        varies = counted & (seen > 0)
        prior = _CHANCE * np.where([*varies, *[False] * claims], _VARYING, 1.0) * _PER_COST ** (cost - PLAINEST)
        by_chance = _FAILS / max(n, FEW) * np.minimum(prior, 1.0) * (1 - rejects.mean(axis=1)) ** (_HAPPENS * n)
        rare = np.where(varies, 0.5 * (self._costs[b.number] / PLAINEST) ** 2, np.where(counted, 0.0, 1.0))
        known = np.concatenate([width * _WIDTH + rare * b.expected(s.room), np.zeros(claims)])
        return np.asarray(cost * _READING + known + np.where([*counted, *[True] * claims], by_chance, 0.0))

    def left_out(self, s: Strictness, seed: int) -> tuple[int, float]:
        """How many good parts are rejected by rules learned without them, and the share of changed tables."""
        n = len(self.evidence.table.images)
        order = np.random.default_rng(seed).permutation(n)
        rejected, caught = 0, list[float]()
        for part in np.array_split(order, min(FOLDS, n)):
            rest = np.setdiff1d(order, part)
            chosen, b = self.choose(rest, s), self.bounds(rest)
            low, high = (v[chosen.bounds, None] for v in b.limits(s.room))
            rows = b.number[chosen.bounds][:, None]
            with np.errstate(invalid="ignore"):
                beyond = (self.low[rows, part] < low) | (self.high[rows, part] > high)
            rejected += int(beyond.any(axis=0).sum())
            caught.append(float((chosen.rejects.any(axis=0) | self._covered).mean()))
        return rejected, float(np.mean(caught))

    # ---- rules ----------------------------------------------------------------------------------------

    def rules(self, images: Ints, s: Strictness) -> list[Rule]:
        """The rules in words: kept ones first."""
        chosen, b = self.choose(images, s), self.bounds(images)
        low, high = b.limits(s.room)
        made = list(self._kept)
        for number, i in enumerate([*chosen.bounds, *chosen.claims]):
            others = np.delete(chosen.rejects, number, axis=0).any(axis=0) | self._covered
            shares = float(chosen.rejects[number].mean()), float((chosen.rejects[number] & ~others).mean())
            if number < len(chosen.bounds):
                clause, seen = self._words(int(b.number[i]), float(low[i]), float(high[i]))
            else:
                clause, seen = self.claims[i].clause, ""
            made.append(Rule(clause, topic_of(clause), seen, *shares))
        holds = self.evidence.truths([r.clause for r in made])  # rounding, and gaps, may make a difference
        return [r for r in made if (holds[r.clause] == 1).all()]

    def _words(self, number: int, low: float, high: float) -> tuple[str, str]:
        """The clause with its limits, and what was seen."""
        unit = _UNITS.get(self._dims[number], "")
        least, most = float(np.nanmin(self.low[number])), float(np.nanmax(self.high[number]))
        seen = f"{least:.4g}{unit}" if least == most else f"{least:.4g} to {most:.4g}{unit}"
        if not self._counted[number]:
            step = (most - least) * 0.04 or max(abs(most), 1e-3) * 1e-3
            low = rounded(low, False, step) if np.isfinite(low) else low
            high = rounded(high, True, step) if np.isfinite(high) else high
        if low == high:
            limits = f"= {number_text(low)}{unit}"
        elif not np.isfinite(low):
            limits = f"<= {number_text(high)}{unit}"
        elif not np.isfinite(high):
            limits = f">= {number_text(low)}{unit}"
        else:
            limits = f"in {number_text(low)} .. {number_text(high)}{unit}"
        return self.measures[number].clause.replace(LIMITS, limits), seen

    def _kept_rules(self) -> list[Rule]:
        """The clauses that a person keeps or loosens, which must hold on all good parts."""
        made = [*self.answers.keep, *(self._loosened(c) for c in self.answers.loosen)]
        truths = self.evidence.truths(made)
        for clause in made:
            if clause not in truths:
                raise InputError(f"`{clause}` cannot be kept: it does not compile with these parts")
            if (truths[clause] != 1).any():
                where = self.evidence.table.images[int(np.argmax(truths[clause] != 1))]
                raise InputError(f"`{clause}` cannot be kept: it does not hold on {where}")
        broken = self._bad.truths(made)
        return [Rule(c, topic_of(c), "", float((broken[c] == -1).mean()), 0.0, kept=True) for c in made]

    def _loosened(self, clause: str) -> str:
        """A clause with more room for its limits."""
        open_ = template(clause)
        if LIMITS not in open_:
            raise InputError(f"`{clause}` has no limits to loosen: keep or drop it")
        found = next((m for m in proposals(self.vocabulary)[0] if m.clause == open_), None)
        typed = self.evidence.numbers([found.low, found.high]) if found else {}
        if found is None or not typed:
            raise InputError(f"`{clause}` cannot be loosened: it is not a candidate for these parts")
        (dim, low), (_, high) = typed[found.low], typed[found.high]
        low, high = low[~np.isnan(low)], high[~np.isnan(high)]
        by = 1.0 if dim == "count" else 0.0
        bottom = float(low.min() - _LOOSE * room_above(-low[None])[0]) - by
        top = float(high.max() + _LOOSE * room_above(high[None])[0]) + by
        if dim != "count":
            step = max((top - bottom) * 0.04, 1e-6)
            bottom, top = rounded(bottom, False, step), rounded(top, True, step)
        unit = _UNITS.get(dim, "")
        return open_.replace(LIMITS, f"in {number_text(bottom)} .. {number_text(top)}{unit}")

    def _rejected_by(self, clauses: Sequence[str]) -> Mask:
        """Which changed tables some clause rejects."""
        broken = [t == -1 for t in self._bad.truths(clauses).values()]
        return np.asarray(np.logical_or.reduce([np.zeros(len(self.changed.images), bool), *broken]))

    def caught(self, rules: Sequence[Rule]) -> float:
        """The share of changed tables that rules and declarations reject."""
        return float((self._bad.rejected | self._rejected_by([r.clause for r in rules])).mean())

    def disagreements(self) -> list[str]:
        """Good parts on which what holds for all others does not: perhaps a bad one."""
        n = len(self.evidence.table.images)
        why: dict[int, list[str]] = {}
        for i in np.flatnonzero(self._counted):
            for value, count in zip(*np.unique(self.low[i], return_counts=True), strict=True):
                if count == n - 1 and n > 2 and self.measures[i].cost <= _PLAIN:
                    odd = int(np.argmax(self.low[i] != value))
                    said = self.measures[i].clause.replace(LIMITS, f"= {number_text(float(self.low[i, odd]))}")
                    why.setdefault(odd, []).append(f"{said}, elsewhere {number_text(float(value))}")
        for clause, odd in self._broken_once.items():
            why.setdefault(odd, []).append(f"`{clause}` holds elsewhere")
        names = self.evidence.table.images
        return [
            f"{names[odd]} disagrees with all others: {'; '.join(sorted(said, key=len)[:2])}; leave it out if it is bad"
            for odd, said in sorted(why.items(), key=lambda w: -len(w[1]))[:3]
        ]


#: What a clause may cost that a person takes in at once.
_PLAIN = 2.4


def _covering(rejects: Mask, price: Floats, least: float, covered: Mask) -> list[int]:
    """The rules that reject the most changed tables for their price, without those that others make superfluous."""
    total, before = rejects.shape[1] or 1, covered
    share = rejects.sum(axis=1) / total
    open_, taken = (share >= least) & (share > price), list[int]()
    while open_.any():
        gain = np.zeros(len(price))
        gain[open_] = (rejects[open_] & ~covered).sum(axis=1) / total
        open_ &= (gain >= least) & (gain > price)
        if not open_.any():
            break
        best = int(np.argmax(np.where(open_, gain - price, -1.0)))
        taken.append(best)
        open_[best] = False
        covered = covered | rejects[best]
    for i in sorted(taken, key=lambda i: -price[i]):
        others = rejects[[j for j in taken if j != i]].any(axis=0) | before
        if (rejects[i] & ~others).sum() / total < max(least, price[i]):
            taken.remove(i)
    return taken


def _needed(values: Floats) -> Floats:
    """(k, 3) the room that each of the greatest values would have needed had it been left out."""
    ordered = np.sort(values, axis=1)
    n = ordered.shape[1]
    found = np.zeros((len(values), _LEFT_OUT))
    for j in range(min(_LEFT_OUT, n - _LEAST_VALUES + 1)):
        rest = np.delete(ordered, n - 1 - j, axis=1)
        over = ordered[:, n - 1 - j] - rest[:, -1]
        found[:, j] = np.where(over > 0, over / np.maximum(room_above(rest), 1e-12), 0.0)
    return found


def _rare(times: int, n: int) -> float:
    """How likely a new part has a count beyond the extreme one, which was seen so many times."""
    return (1.5 if times < 3 else 0.7 if times < 6 else 0.3 if times < 12 else 0.05) / n


def _whole(values: Floats) -> bool:
    known = values[~np.isnan(values)]
    return bool((known == np.round(known)).all())


def _is_measured(m: Measure, found: tuple[str, Floats] | None) -> bool:
    """Whether an expression has a value on every good part; of an `every` without members it needs none."""
    if found is None:
        return False
    gaps = int(np.isnan(found[1]).sum())
    return gaps == 0 or (m.clause.startswith("every ") and gaps <= len(found[1]) / 2)
