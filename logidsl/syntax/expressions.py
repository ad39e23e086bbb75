"""What expressions are made of, before their meaning is known; `ast` has them beside the statements."""

from __future__ import annotations

from typing import Literal, TypeAlias

from logidsl.syntax.node import Node


class Ident(Node):
    """A name where it is declared or listed."""

    name: str


class Number(Node):
    """`3`, `0.5`; `text` as written."""

    text: str


class Quantity(Node):
    """`20 px`: the number as written, and the unit."""

    text: str
    unit: str


class Text(Node):
    """`"A12"`, without its quotes."""

    value: str


class Ref(Node):
    """A bare name: a thing, a variable, an attribute, a colour or a label."""

    name: str


class Attr(Node):
    """`base.name`."""

    base: Expr
    name: str


class CallExpr(Node):
    """`function(args)`."""

    function: str
    args: tuple[Expr, ...]


class ColumnOf(Node):
    """`value of set`; the set may be a `Phrase`."""

    value: Expr
    of: Expr


class ListExpr(Node):
    """`[a, b]`."""

    items: tuple[Expr, ...]


class RangeExpr(Node):
    """`low .. high`."""

    low: Expr
    high: Expr


class MatchArm(Node):
    """`p | q -> value`; no patterns for `else`. A pattern is Ref, Number, Quantity, Text, RangeExpr or ListExpr."""

    patterns: tuple[Expr, ...]
    value: Expr


class MatchExpr(Node):
    """`match subject { arms }`."""

    subject: Expr
    arms: tuple[MatchArm, ...]


class And(Node):
    """`a and b and c`."""

    parts: tuple[Expr, ...]


class Or(Node):
    """`a or b or c`."""

    parts: tuple[Expr, ...]


class Not(Node):
    """`not a`."""

    part: Expr


class If(Node):
    """`if condition then … else …`."""

    condition: Expr
    then: Expr
    otherwise: Expr | None


class Compare(Node):
    """`a < b <= c`, `a = b within t`, `a != b`: operands and the operators between them."""

    operands: tuple[Expr, ...]
    operators: tuple[str, ...]
    within: Expr | None


class Among(Node):
    """`value in range` or `value in list`."""

    value: Expr
    options: Expr


class Relation(Node):
    """`left word right within …`; `left` is None for the current object.

    `word` has single spaces: `wholly inside`.
    """

    left: Expr | None
    word: str
    right: Expr
    within: Expr | None


class OnView(Node):
    """`part on view`: what is in the pictures of a view."""

    part: Expr
    view: Ident


class Every(Node):
    """`every phrase: body`."""

    phrase: Expr
    body: Expr


class Exists(Node):
    """`some phrase` or `no phrase` (`word`)."""

    word: Literal["some", "no"]
    phrase: Expr


class Setting(Node):
    """`name = value` after `with`."""

    name: Ident
    value: Expr


class Phrase(Node):
    """`head with i = E where P by k, j`: a set with names for values of its members, a filter, an order."""

    head: Expr
    names: tuple[Setting, ...]
    where: Expr | None
    by: tuple[Expr, ...]


class Named(Node):
    """`set variable`."""

    of: Expr
    variable: Ident


class Neighbours(Node):
    """`set a next b`."""

    of: Expr
    first: Ident
    second: Ident


class Union(Node):
    """`a | b | c`."""

    parts: tuple[Expr, ...]


class Binary(Node):
    """`a + b`, `a - b`, `a * b`, `a / b`."""

    op: Literal["+", "-", "*", "/"]
    left: Expr
    right: Expr


class Negate(Node):
    """`-a`."""

    part: Expr


class Other(Node):
    """`other set`."""

    of: Expr


Value: TypeAlias = Number | Quantity | Text | Ref | Attr | CallExpr | ColumnOf | ListExpr | RangeExpr | MatchExpr
Condition: TypeAlias = And | Or | Not | If | Compare | Among | Relation | Every | Exists
Collection: TypeAlias = Phrase | Named | Neighbours | OnView | Union | Other
Expr: TypeAlias = Value | Condition | Collection | Binary | Negate
