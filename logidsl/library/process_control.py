"""Process control: capability of a column, and the Western Electric rules on a series.

The formulas are those of `logidsl.control_charts`. Under doubt bounds hold in every possible world. Those of Cp and Cpk
follow from bounds on the mean and on the standard deviation; the sum of squares about the mean can only grow with a
further member, so that it lies between the least that the sure members and the greatest that all members allow. A
pattern occurs in every world if it does where members that may not have part in it are there and others in doubt are
not; it occurs in some world if it does the other way round.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from logidsl.control_charts import D2, WESTERN_ELECTRIC, cp_of, cpk_of, last_of, squares
from logidsl.library.aggregates import mean_bounds
from logidsl.library.declare import builtin
from logidsl.library.orders import member_order, unread_key
from logidsl.library.tolerance import at_most
from logidsl.library.values import (
    Array,
    Mask,
    Members,
    Num,
    Reasons,
    Truth,
    UndefinedReason,
    first_why,
    foremost_why,
    mark,
    no_case,
    weightiest,
)


def _limits_refused(lower: float | None, upper: float | None) -> str:
    if lower is None or upper is None or lower < upper:
        return ""
    return "the lower limit is not below the upper one"


@builtin(
    "aggregate",
    "cp(C, value, value) -> ratio",
    "cp(length of bolt, 20 px, 60 px) >= 1.33",
    brief="Process capability; the values are the limits",
    refuse=_limits_refused,
    english="the Cp of the {column} for the limits {0} and {1}",
)
def cp(m: Members) -> Num:
    """Process capability: the distance of the two limits in six standard deviations of the sample; undefined for fewer
    than two values, or if they are equal.
    """
    spread = _spread(m)
    lower, upper = m.number(0), m.number(1)
    low = _extreme(np.minimum, [cp_of(s, lower.hi, upper.lo) for s in spread.deviations])
    if spread.exact and lower.exact and upper.exact:
        return _index(low, low, m, spread)
    return _index(low, _extreme(np.maximum, [cp_of(s, lower.lo, upper.hi) for s in spread.deviations]), m, spread)


@builtin(
    "aggregate",
    "cpk(C, value, value) -> ratio",
    "cpk(length of bolt, 20 px, 60 px) >= 1.33",
    brief="",
    refuse=_limits_refused,
    english="the Cpk of the {column} for the limits {0} and {1}",
)
def cpk(m: Members) -> Num:
    """Process capability: the distance of the mean from the nearer of the two limits in three standard deviations of
    the sample; undefined for fewer than two values, or if they are equal.
    """
    spread = _spread(m)
    lower, upper = m.number(0), m.number(1)
    low = _extreme(
        np.minimum, [cpk_of(mean, s, lower.hi, upper.lo) for mean in spread.means for s in spread.deviations]
    )
    if spread.exact and lower.exact and upper.exact:
        return _index(low, low, m, spread)
    middle = np.clip((lower.lo + upper.hi) / 2, *spread.means)
    return _index(
        low, _extreme(np.maximum, [cpk_of(middle, s, lower.lo, upper.hi) for s in spread.deviations]), m, spread
    )


class _Spread(NamedTuple):
    """Bounds on the mean and the standard deviation of the members, and why there is none."""

    means: tuple[Array, Array]
    deviations: tuple[Array, Array]
    exact: bool
    why: Reasons | None


def _spread(m: Members) -> _Spread:
    number = _column(m)
    low, high, sure, maybe = np.broadcast_arrays(number.lo, number.hi, m.sure, m.maybe)
    least, most = sure.sum(axis=0), maybe.sum(axis=0)
    settled = m.sure is m.maybe and number.exact
    greatest, smallest = np.where(sure, low, -np.inf).max(axis=0, initial=-np.inf), np.where(sure, high, np.inf)
    may_be_equal = at_most(greatest, smallest.min(axis=0, initial=np.inf))
    equal = at_most(
        np.where(maybe, high, -np.inf).max(axis=0, initial=-np.inf),
        np.where(maybe, low, np.inf).min(axis=0, initial=np.inf),
    )
    why = first_why(
        None if number.why is None else weightiest(number.why, np.broadcast_to(maybe, _shape(number.why, maybe))),
        mark(most == 0, UndefinedReason.EMPTY),
        mark((most < 2) | equal, UndefinedReason.DIVISION),
        mark((least < 2) | may_be_equal, UndefinedReason.DOUBTFUL),
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        if settled:
            deviation = np.sqrt(squares(low, sure) / (most - 1))
            mean = mean_bounds(low, high, sure, maybe)[0]
            return _Spread((mean, mean), (deviation, deviation), True, why)
        few, many = _least_squares(low, high, sure), _most_squares(low, high, maybe)
        deviations = np.sqrt(few / (most - 1)), np.sqrt(many / (least - 1))
        return _Spread(mean_bounds(low, high, sure, maybe), deviations, False, why)


def _shape(*arrays: Any) -> tuple[int, ...]:
    return np.broadcast_shapes(*(a.shape for a in arrays))


def _least_squares(low: Array, high: Array, there: Mask) -> Array:
    """The least sum of squares about the mean: of the values nearest to the best center."""
    if low is high or (low == high)[there].all():
        return squares(low, there)
    center = _balanced(lambda c: np.clip(c, low, high), low, high, there)
    return squares(np.clip(center, low, high), there)


def _most_squares(low: Array, high: Array, there: Mask) -> Array:
    """No less than the greatest: the squares of the greatest distances from a center, which any center bounds."""
    if (low == high)[there].all():
        return squares(low, there)

    def far(center: Array) -> Array:
        return np.where(center - low > high - center, low, high)

    center = _balanced(far, low, high, there)
    away = np.where(there, far(center) - center, 0.0)
    return np.asarray((away * away).sum(axis=0))


def _balanced(end: Any, low: Array, high: Array, there: Mask) -> Array:
    """The center from which the ends that it picks lie equally far on both sides, by halving."""
    left = np.where(there, low, np.inf).min(axis=0, initial=np.inf)
    right = np.where(there, high, -np.inf).max(axis=0, initial=-np.inf)
    left, right = (np.where(np.isfinite(x), x, 0.0) for x in (left, right))
    for _ in range(64):
        center = (left + right) / 2
        pull = np.where(there, center - end(center), 0.0).sum(axis=0)
        left, right = np.where(pull < 0, center, left), np.where(pull < 0, right, center)
    return np.asarray((left + right) / 2)


def _extreme(of: Any, found: list[Array]) -> Array:
    with np.errstate(invalid="ignore"):
        return np.asarray(of.reduce(np.broadcast_arrays(*found)))


def _index(low: Array, high: Array, m: Members, spread: _Spread) -> Num:
    why = first_why(no_case(foremost_why(*(m.number(k).why for k in (0, 1)))), spread.why)
    sharp = low is high
    low = np.where(np.isfinite(low), low, 0.0)
    return Num(low, low if sharp else np.where(np.isfinite(high), high, 0.0), why)


def _deviation_refused(center: float | None = None, sigma: float | None = None) -> str:
    return "a standard deviation is greater than 0" if sigma is not None and sigma <= 0 else ""


@builtin(
    "aggregate",
    "beyond_3_sigma(C, value?, deviation?) -> truth",
    "not beyond_3_sigma(width of bolt by x, 40 px, 2 px)",
    brief="Western Electric rules: the pattern occurs; center and deviation by default those of the values",
    refuse=_deviation_refused,
    empty="value",
    ordered=True,
    witness=lambda m: (_points(m, "beyond_3"),),
    english="one value of {column}{order} [is|be] beyond three standard deviations from the center line< at {0}>"
    "<, each {1}>",
)
def beyond_3_sigma(m: Members) -> Truth:
    """First Western Electric rule: a value is more than three standard deviations from the center; by default those of
    the chart of individual values, its mean and its mean moving range / 1.128.
    """
    return _occurs(m, "beyond_3")


@builtin(
    "aggregate",
    "two_of_three_beyond_2_sigma(C, value?, deviation?) -> truth",
    "not two_of_three_beyond_2_sigma(width of bolt by x, 40 px, 2 px)",
    brief="",
    refuse=_deviation_refused,
    empty="value",
    ordered=True,
    witness=lambda m: (_points(m, "2_of_3"),),
    english="two of three successive values of {column}{order} [are|be] on one side, beyond two standard deviations "
    "from the center line< at {0}><, each {1}>",
)
def two_of_three_beyond_2_sigma(m: Members) -> Truth:
    """Second Western Electric rule: two of three successive values are more than two standard deviations from the
    center, on one side.
    """
    return _occurs(m, "2_of_3")


@builtin(
    "aggregate",
    "four_of_five_beyond_1_sigma(C, value?, deviation?) -> truth",
    "not four_of_five_beyond_1_sigma(width of bolt by x, 40 px, 2 px)",
    brief="",
    refuse=_deviation_refused,
    empty="value",
    ordered=True,
    witness=lambda m: (_points(m, "4_of_5"),),
    english="four of five successive values of {column}{order} [are|be] on one side, beyond one standard deviation "
    "from the center line< at {0}><, which is {1}>",
)
def four_of_five_beyond_1_sigma(m: Members) -> Truth:
    """Third Western Electric rule: four of five successive values are more than one standard deviation from the center,
    on one side.
    """
    return _occurs(m, "4_of_5")


@builtin(
    "aggregate",
    "eight_on_one_side(C, value?) -> truth",
    "not eight_on_one_side(width of bolt by x, 40 px)",
    brief="",
    empty="value",
    ordered=True,
    witness=lambda m: (_points(m, "8_in_a_row"),),
    english="eight successive values of {column}{order} [are|be] on one side of the center line< at {0}>",
)
def eight_on_one_side(m: Members) -> Truth:
    """Fourth Western Electric rule: eight successive values are on one side of the center."""
    return _occurs(m, "8_in_a_row")


def _column(m: Members) -> Num:
    assert isinstance(m.value, Num)
    return m.value


class _Series:
    """The members in their order along the first axis, and where that order is unknown."""

    def __init__(self, m: Members) -> None:
        number, key = _column(m), m.order
        whys = [w for w in (number.why, *(a.why for a in m.args if isinstance(a, Num))) if w is not None]
        ends = [a.lo for a in m.args if isinstance(a, Num)]
        self.shape = _shape(number.lo, m.maybe, key.lo, *ends, *whys)
        maybe = np.broadcast_to(m.maybe, self.shape)
        self.order, _, tied = member_order(key, maybe, m.descending)
        unread = unread_key(key, maybe)
        self.open = np.asarray(tied.any(axis=0) if unread is None else tied.any(axis=0) | (unread > 0))
        self.sure, self.maybe = self.arranged(m.sure), self.arranged(m.maybe)
        self.low = self.arranged(number.lo)
        self.high = self.low if number.exact else self.arranged(number.hi)
        self.unread = np.zeros(self.shape, bool) if number.why is None else self.arranged(number.why) > 0

    def arranged(self, values: Any) -> Any:
        return np.take_along_axis(np.broadcast_to(values, self.shape), self.order, 0)

    def runs(self, chosen: Mask, left_out: Mask, name: str) -> Mask:
        """Which chosen members belong to a run of the rule, in the order of the series, as if others were not there."""
        many, of, _ = WESTERN_ELECTRIC[name]
        moved = left_out.argsort(axis=0, kind="stable")
        out = np.take_along_axis(chosen & ~left_out, moved, 0)
        done = last_of(out, of) >= many
        within = last_of(done[::-1], of)[::-1] > 0
        found = np.zeros(self.shape, bool)
        np.put_along_axis(found, moved, out & within, 0)
        return found


def _chart(m: Members, s: _Series, beyond: float) -> tuple[Num, Num]:
    """The center line and the standard deviation: as given, otherwise those of the chart of individual values."""
    given = [a for a in m.args if isinstance(a, Num)]
    if len(given) == 2 or (given and not beyond):
        return given[0], given[-1]
    size = s.maybe.sum(axis=0)
    doubt = (s.maybe & ((s.sure != s.maybe) | s.unread | (s.low != s.high))).any(axis=0) | s.open
    values = np.where(s.maybe, s.low, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        steps = np.where(s.maybe[1:], np.abs(np.diff(values, axis=0)), 0.0).sum(axis=0) / (size - 1)
        center, sigma = values.sum(axis=0) / size, steps / D2
    why = mark(doubt | (size < 2), UndefinedReason.DOUBTFUL)
    return given[0] if given else Num(center, center, why), Num(sigma, sigma, why)


def _sides(m: Members, name: str) -> tuple[_Series, list[tuple[Mask, Mask, Mask]]]:
    """The series, and for each side which members lie beyond surely, and perhaps; and where neither is known."""
    s = _Series(m)
    beyond = WESTERN_ELECTRIC[name][2]
    center, sigma = _chart(m, s, beyond)
    why = first_why(center.why, sigma.why if beyond else None)
    lost = np.zeros(s.shape[1:], bool) if why is None else np.broadcast_to(why > 0, s.shape[1:])
    least, most = (sigma.lo * beyond, sigma.hi * beyond) if beyond else (0.0, 0.0)
    if beyond:
        lost = lost | (sigma.lo < 0)
    unread = s.unread | lost
    up = ~at_most(s.low, center.hi + most), ~at_most(s.high, center.lo + least)
    down = ~at_most(center.lo - most, s.high), ~at_most(center.hi - least, s.low)
    return s, [(s.maybe & must & ~unread, s.maybe & (can | unread), lost) for must, can in (up, down)]


def _occurs(m: Members, name: str) -> Truth:
    """Whether a pattern occurs on either side."""
    many, of, _ = WESTERN_ELECTRIC[name]
    s, sides = _sides(m, name)
    must = np.zeros(s.shape[1:], bool)
    can = must
    for surely, perhaps, _ in sides:
        always = s.runs(surely & s.sure, ~s.maybe | (surely & ~s.sure), name).any(axis=0)
        ever = s.runs(perhaps, ~s.maybe | (~perhaps & ~s.sure), name).any(axis=0)
        if s.open.any():
            any_order = (s.maybe.sum(axis=0) <= of) | (of == 1)
            always = np.where(s.open, ((surely & s.sure).sum(axis=0) >= many) & any_order, always)
            ever = np.where(s.open, perhaps.sum(axis=0) >= many, ever)
        must, can = must | always, can | ever
    return Truth(must, must if (must == can).all() else can)


def _points(m: Members, name: str) -> Mask:
    """The members of the pattern, where it occurs in every world; otherwise all."""
    s, sides = _sides(m, name)
    chosen = np.zeros(s.shape, bool)
    for surely, _, _ in sides:
        chosen |= s.runs(surely & s.sure, ~s.maybe | (surely & ~s.sure), name)
    found = np.zeros(s.shape, bool)
    np.put_along_axis(found, s.order, chosen, 0)
    return np.asarray(np.where(_occurs(m, name).must & ~s.open, found, np.broadcast_to(m.maybe, s.shape)))
