"""What comparisons mean: the few forms in which the operators that compare are defined.

The facet `meaning` of an operator makes one of its arguments, which are nodes. The evaluator, margins, findings,
warnings, descriptions and the conditions on pixels read these forms, not the names of operators.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

Node: TypeAlias = int


class Less(NamedTuple):
    """The first number is less."""

    a: Node
    b: Node


class AtMost(NamedTuple):
    """The first number is less or equal."""

    a: Node
    b: Node


class Equal(NamedTuple):
    """Two values are equal."""

    a: Node
    b: Node


class Near(NamedTuple):
    """Two values are at most so far apart."""

    a: Node
    b: Node
    limit: Node


class InRange(NamedTuple):
    """A number lies in a range, whose ends belong to it."""

    value: Node
    low: Node
    high: Node


class OneOf(NamedTuple):
    """A value equals one of several."""

    value: Node
    options: tuple[Node, ...]


class Not(NamedTuple):
    """A comparison is false."""

    of: Comparison


Comparison: TypeAlias = Less | AtMost | Equal | Near | InRange | OneOf | Not


def opposite(comparison: Comparison) -> Comparison:
    """What is true where a comparison is false.

    Examples
    --------
    >>> opposite(Less(1, 2))
    AtMost(a=2, b=1)
    """
    match comparison:
        case Less(a, b):
            return AtMost(b, a)
        case AtMost(a, b):
            return Less(b, a)
        case Not(of):
            return of
        case _:
            return Not(comparison)
