"""Operators: arithmetic, comparison and shares. Kernels take arrays, `bounds` their ends under doubt."""

from __future__ import annotations

from functools import reduce
from typing import Any, Protocol

import numpy as np

from logidsl.library import intervals, inverses
from logidsl.library.declare import declare
from logidsl.library.intervals import ANY, Interval


def _with_its_sign(part: Interval) -> Interval:
    """The bounds of a share of a quantity that is not negative."""
    return Interval(0.0) if part.low >= 0 else Interval(high=0.0) if part.high <= 0 else ANY


class Comparison(Protocol):
    """How values of some types are compared: by the evaluator, or where pictures are seen."""

    def equal(self, a: Any, b: Any) -> Any:
        """Whether two are equal."""

    def apart(self, a: Any, b: Any) -> Any:
        """How far two are apart."""

    def less(self, a: Any, b: Any) -> Any:
        """Whether the first is less."""

    def at_most(self, a: Any, b: Any) -> Any:
        """Whether the first is less or equal."""

    def in_range(self, value: Any, low: Any, high: Any) -> Any:
        """Whether one lies between two others."""

    def either(self, a: Any, b: Any) -> Any:
        """Whether one of two truths holds."""

    def negated(self, a: Any) -> Any:
        """Whether a truth does not hold."""


declare(
    "operator",
    "+(number, number) -> same",
    "The sum.",
    "left_end.width + right_end.width <= 90 px",
    kernel=np.add,
    bounds=intervals.plus,
    converse="+",
    english="{0} plus {1}",
    invert=inverses.plus,
)
declare(
    "operator",
    "-(number, number) -> same",
    "The difference.",
    "left_end.width - right_end.width <= 5 px",
    kernel=np.subtract,
    bounds=intervals.minus,
    odd=True,
    english="{0} minus {1}",
    invert=inverses.minus,
)
declare(
    "operator",
    "*(number, number) -> number",
    "The product.",
    "left_end.width * left_end.height <= 500 px2",
    kernel=np.multiply,
    bounds=intervals.times,
    converse="*",
    english="{0} times {1}",
    invert=inverses.times,
)
declare(
    "operator",
    "/(number, number) -> number",
    "The quotient; by 0 it is undefined.",
    "left_end.width / right_end.width <= 2",
    kernel=np.divide,
    bounds=intervals.over,
    english="{0} divided by {1}",
    invert=inverses.over,
)
declare(
    "operator",
    "neg(number) -> same",
    "The negative, `-a`.",
    "-left_end.width <= -5 px",
    kernel=np.negative,
    bounds=intervals.negative,
    negates=True,
    english="minus {0}",
    invert=inverses.negative,
)
for _name, _converse, _negation, _english, _doc, _invert, _meaning in (
    (
        "<",
        ">",
        ">=",
        "less than",
        "The first is less.",
        inverses.negation(inverses.at_least),
        lambda c, a, b: c.less(a, b),
    ),
    ("<=", ">=", ">", "at most", "The first is less or equal.", inverses.at_most, lambda c, a, b: c.at_most(a, b)),
    (
        ">",
        "<",
        "<=",
        "more than",
        "The first is greater.",
        inverses.negation(inverses.at_most),
        lambda c, a, b: c.less(b, a),
    ),
    (">=", "<=", "<", "at least", "The first is greater or equal.", inverses.at_least, lambda c, a, b: c.at_most(b, a)),
):
    declare(
        "operator",
        f"{_name}(number, number) -> truth",
        _doc,
        f"left_end.width {_name} 9 px",
        converse=_converse,
        negation=_negation,
        orders=True,
        at_most=(0, 1) if _name in ("<", "<=") else (1, 0),
        meaning=_meaning,
        invert=_invert,
        english=f"{{0}} [is|be] {_english} {{1}}",
    )
declare(
    "operator",
    "=(value, value) -> truth",
    "Both are equal.",
    "count(bolt) = count(nut)",
    converse="=",
    negation="!=",
    meaning=lambda c, a, b: c.equal(a, b),
    english="{0} [is|be|] equal to {1}",
    invert=inverses.equal,
)
declare(
    "operator",
    "!=(value, value) -> truth",
    "The two differ.",
    "count(bolt) != count(nut)",
    converse="!=",
    negation="=",
    meaning=lambda c, a, b: c.negated(c.equal(a, b)),
    english="{0} [differs|differ] from {1}",
    invert=inverses.negation(inverses.equal),
)
declare(
    "operator",
    "equal_within(value, value, number) -> truth",
    "The two are at most so far apart, `a = b within t`.",
    "left_end.width = 9 px within 2 px",
    converse="equal_within",
    meaning=lambda c, a, b, limit: c.at_most(c.apart(a, b), limit),
    english="{0} [is|be|] within {2} of {1}",
    invert=inverses.near,
)
declare(
    "operator",
    "between(number, number, number) -> truth",
    "The first lies in the range, whose ends belong to it.",
    "left_end.width in 5 .. 9 px",
    at_most=(0, 2),
    needs=(0,),
    meaning=lambda c, value, low, high: c.in_range(value, low, high),
    english="{0} [is|be|] from {1} to {2}",
    invert=inverses.in_range,
)
declare(
    "operator",
    "one_of(value, value, …) -> truth",
    "The first equals one of the others.",
    "count(bolt) in [2, 4]",
    needs=(0,),
    meaning=lambda c, value, *others: reduce(c.either, [c.equal(value, other) for other in others]),
    english="{0} [is|be|] one of {*}",
    invert=inverses.equal,
)
for _name, _of, _whole, _example in (
    ("share_x", "width", lambda width, height: width, "left_end.width <= 10 %"),
    ("share_y", "height", lambda width, height: height, "left_end.height <= 10 %"),
    ("share_area", "area", lambda width, height: width * height, "left_end.area <= 10 %"),
    ("share_r", "shorter side", np.minimum, "every bolt: inside circle(50 %, 50 %, 30 %)"),
):
    declare(
        "operator",
        f"{_name}(ratio, R?) -> same",
        f"The share of the {_of} of the picture, or of another frame.",
        _example,
        values=_with_its_sign,
        share_of=_of,
        whole=_whole,
        english=f"{{0}} of {{whole}} {_of}< of {{1}}>",
    )
declare(
    "operator",
    "as_ratio(number) -> ratio",
    "The number itself, where a ratio is wanted.",
    "left_end.width / right_end.width <= 90 %",
    kernel=np.positive,
    bounds=lambda number: number,
    invert=inverses.itself,
    identity=True,
    english="{0}",
)
