"""Operators: arithmetic, comparison and shares. Kernels take arrays, `bounds` their ends under doubt."""

from __future__ import annotations

import numpy as np

from logidsl.library import intervals, inverses
from logidsl.library.comparisons import AtMost, Equal, InRange, Less, Near, Not, OneOf
from logidsl.library.declare import declare
from logidsl.library.intervals import ANY, Interval


def _with_its_sign(part: Interval) -> Interval:
    """The bounds of a share of a quantity that is not negative."""
    return Interval(0.0) if part.low >= 0 else Interval(high=0.0) if part.high <= 0 else ANY


declare(
    "operator",
    "+(number, number) -> same",
    "The sum.",
    "left_end.width + right_end.width <= 90 px",
    kernel=np.add,
    bounds=intervals.plus,
    scales=True,
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
    scales=True,
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
    scales=True,
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
    scales=True,
    divides=True,
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
    scales=True,
    negates=True,
    english="minus {0}",
    invert=inverses.negative,
)
for _name, _converse, _english, _count, _doc, _invert, _meaning in (
    (
        "<",
        ">",
        "less than",
        "fewer than",
        "The first is less.",
        inverses.negation(inverses.at_least),
        Less,
    ),
    ("<=", ">=", "at most", "at most", "The first is less or equal.", inverses.at_most, AtMost),
    (
        ">",
        "<",
        "more than",
        "more than",
        "The first is greater.",
        inverses.negation(inverses.at_most),
        lambda a, b: Less(b, a),
    ),
    (
        ">=",
        "<=",
        "at least",
        "at least",
        "The first is greater or equal.",
        inverses.at_least,
        lambda a, b: AtMost(b, a),
    ),
):
    declare(
        "operator",
        f"{_name}(number, number) -> truth",
        _doc,
        f"left_end.width {_name} 9 px",
        converse=_converse,
        meaning=_meaning,
        invert=_invert,
        english=f"{{0}} [is|be] {_english} {{1}}",
        of_count=f"{_count} {{1}}",
    )
declare(
    "operator",
    "=(value, value) -> truth",
    "Both are equal.",
    "count(bolt) = count(nut)",
    converse="=",
    meaning=Equal,
    english="{0} [is|be|] equal to {1}",
    of_count="exactly {1}",
    invert=inverses.equal,
)
declare(
    "operator",
    "!=(value, value) -> truth",
    "The two differ.",
    "count(bolt) != count(nut)",
    converse="!=",
    meaning=lambda a, b: Not(Equal(a, b)),
    english="{0} [differs|differ] from {1}",
    invert=inverses.negation(inverses.equal),
)
declare(
    "operator",
    "equal_within(value, value, number) -> truth",
    "The two are at most so far apart, `a = b within t`.",
    "left_end.width = 9 px within 2 px",
    converse="equal_within",
    meaning=Near,
    english="{0} [is|be|] within {2} of {1}",
    invert=inverses.near,
)
declare(
    "operator",
    "between(number, number, number) -> truth",
    "The first lies in the range, whose ends belong to it.",
    "left_end.width in 5 .. 9 px",
    needs=(0,),
    meaning=InRange,
    english="{0} [is|be|] from {1} to {2}",
    of_count="from {1} to {2}",
    invert=inverses.in_range,
)
declare(
    "operator",
    "one_of(value, value, …) -> truth",
    "The first equals one of the others.",
    "count(bolt) in [2, 4]",
    needs=(0,),
    meaning=lambda value, *options: OneOf(value, options),
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
