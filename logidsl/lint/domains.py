"""What attributes and functions can give, and what is undefined without a member or an argument."""

from __future__ import annotations

from logidsl import ir
from logidsl.lint.ranges import ANY, Range

POSITIVE = Range(0.0)
_SHARES = Range(0.0, 1.0)

#: What a measured attribute can be.
ATTRIBUTES = {
    **dict.fromkeys(("width", "height", "diagonal", "box_area", "area", "length", "thickness", "perimeter"), POSITIVE),
    **dict.fromkeys(("roundness", "solidity", "lightness", "saturation", "confidence"), _SHARES),
    **dict.fromkeys(("aspect", "holes", "edge"), POSITIVE),
    "hue": Range(0.0, 360.0),
    "contrast": Range(-1.0, 1.0),
    **dict.fromkeys(("lab_a", "lab_b"), Range(-128.0, 128.0)),
}
#: What a function can give.
FUNCTIONS = {
    **dict.fromkeys(("distance", "gap", "difference"), POSITIVE),
    **dict.fromkeys(("overlap", "pixel_share", "unexplained"), _SHARES),
    "angle_between": Range(0.0, 90.0),
    "direction": Range(-180.0, 180.0),
}
#: Aggregates that are undefined where there is no member.
NEEDS_MEMBER = frozenset(["only", "first", "nth", "min", "max", "mean", "median", "std", "spread"])
#: Calls that are undefined, or undetermined, where one argument is undefined.
STRICT = frozenset(
    [
        *("<", "<=", ">", ">="),
        *("=", "!=", "equal_within", "+", "-", "*", "/", "neg", "abs", "dx", "dy", "distance", "gap", "overlap"),
        *("inside", "wholly inside", "outside", "contains", "overlaps", "touches", "near"),
        *("above", "below", "left_of", "right_of", "direction", "angle_between", "midpoint"),
    ]
)


def lines(grid: ir.Grid | None, name: str) -> Range:
    """The rows, or columns, that a cell of a grid can lie in; anything where it is a column of the table."""
    if grid is None:
        return ANY
    at, count = (grid.rows_at, grid.rows) if name == "row" else (grid.columns_at, grid.columns)
    return Range(1.0, len(at) + 1.0 if at else float(count))
