"""What a spec says, before it is known what it means.

Frozen nodes, each with the span of its words; spans are no part of equality, so that two spellings of
one spec are one tree. The text form and the YAML form both build these.

A relation is one node whether it will be a truth or a part of a set; the checker tells them apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from logidsl.source import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Base of all nodes. `height` is the number of levels below and with this one."""

    span: Span = field(compare=False, repr=False)
    height: int = field(default=1, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Ident(Node):
    """A name where it is declared or listed."""

    name: str


# ---- expressions ----


@dataclass(frozen=True, slots=True)
class Number(Node):
    """`3`, `0.5`; `text` as written."""

    text: str


@dataclass(frozen=True, slots=True)
class Quantity(Node):
    """`20 px`: the number as written, and the unit."""

    text: str
    unit: str


@dataclass(frozen=True, slots=True)
class Text(Node):
    """`"A12"`, without its quotes."""

    value: str


@dataclass(frozen=True, slots=True)
class Ref(Node):
    """A bare name: a thing, a variable, an attribute, a colour or a label."""

    name: str


@dataclass(frozen=True, slots=True)
class Attr(Node):
    """`base.name`."""

    base: Expr
    name: str


@dataclass(frozen=True, slots=True)
class CallExpr(Node):
    """`function(args)`."""

    function: str
    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class ColumnOf(Node):
    """`value of set`; the set may be a `Phrase`."""

    value: Expr
    of: Expr


@dataclass(frozen=True, slots=True)
class ListExpr(Node):
    """`[a, b]`."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class RangeExpr(Node):
    """`low .. high`."""

    low: Expr
    high: Expr


@dataclass(frozen=True, slots=True)
class MatchArm(Node):
    """`p | q -> value`; no patterns for `else`. A pattern is Ref, Number, Quantity, Text, RangeExpr or ListExpr."""

    patterns: tuple[Expr, ...]
    value: Expr


@dataclass(frozen=True, slots=True)
class MatchExpr(Node):
    """`match subject { arms }`."""

    subject: Expr
    arms: tuple[MatchArm, ...]


@dataclass(frozen=True, slots=True)
class And(Node):
    """`a and b and c`."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    """`a or b or c`."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    """`not a`."""

    part: Expr


@dataclass(frozen=True, slots=True)
class If(Node):
    """`if condition then … else …`."""

    condition: Expr
    then: Expr
    otherwise: Expr | None


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """`a < b <= c`, `a = b within t`, `a != b`: operands and the operators between them."""

    operands: tuple[Expr, ...]
    operators: tuple[str, ...]
    within: Expr | None


@dataclass(frozen=True, slots=True)
class Among(Node):
    """`value in range` or `value in list`."""

    value: Expr
    options: Expr


@dataclass(frozen=True, slots=True)
class Relation(Node):
    """`left word right within …`; `left` is None where it is the object being spoken of.

    `word` has single spaces: `wholly inside`.
    """

    left: Expr | None
    word: str
    right: Expr
    within: Expr | None


@dataclass(frozen=True, slots=True)
class Every(Node):
    """`every phrase: body`."""

    phrase: Expr
    body: Expr


@dataclass(frozen=True, slots=True)
class Exists(Node):
    """`some phrase` or `no phrase` (`word`)."""

    word: Literal["some", "no"]
    phrase: Expr


@dataclass(frozen=True, slots=True)
class Phrase(Node):
    """`head where P by k`: a set with a filter, an order, or both."""

    head: Expr
    where: Expr | None
    by: Expr | None


@dataclass(frozen=True, slots=True)
class Named(Node):
    """`set variable`."""

    of: Expr
    variable: Ident


@dataclass(frozen=True, slots=True)
class Neighbours(Node):
    """`set a next b`."""

    of: Expr
    first: Ident
    second: Ident


@dataclass(frozen=True, slots=True)
class Union(Node):
    """`a | b | c`."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """`a + b`, `a - b`, `a * b`, `a / b`."""

    op: Literal["+", "-", "*", "/"]
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Negate(Node):
    """`-a`."""

    part: Expr


@dataclass(frozen=True, slots=True)
class Other(Node):
    """`other set`."""

    of: Expr


Expr: TypeAlias = (
    Number
    | Quantity
    | Text
    | Ref
    | Attr
    | CallExpr
    | ColumnOf
    | ListExpr
    | RangeExpr
    | MatchExpr
    | And
    | Or
    | Not
    | If
    | Compare
    | Among
    | Relation
    | Every
    | Exists
    | Phrase
    | Named
    | Neighbours
    | Union
    | Binary
    | Negate
    | Other
)

# ---- statements ----


@dataclass(frozen=True, slots=True)
class Version(Node):
    """`logic 1`."""

    number: str


@dataclass(frozen=True, slots=True)
class SpecName(Node):
    """`spec name "about"`."""

    name: Ident
    about: str | None


@dataclass(frozen=True, slots=True)
class Setting(Node):
    """`name = value` after `with`."""

    name: Ident
    value: Expr


@dataclass(frozen=True, slots=True)
class Import(Node):
    """`import "file" with settings`."""

    path: Text
    settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class Param(Node):
    """`param name = value in range`."""

    name: Ident
    value: Expr
    bounds: RangeExpr | None


@dataclass(frozen=True, slots=True)
class Scale(Node):
    """`scale 250 px = 20 mm by 21 mm`, `scale bolt.length = 20 mm`, `scale "camera.json"` (then without a size)."""

    pixels: Quantity | Attr | Text
    size: Quantity | None
    size_y: Quantity | None


@dataclass(frozen=True, slots=True)
class Doubtful(Node):
    """`doubtful 0.3 .. 0.6 of classes`."""

    range: RangeExpr
    of: Expr | None


@dataclass(frozen=True, slots=True)
class FrameDecl(Node):
    """`frame turned(plate, notch)`."""

    call: CallExpr


@dataclass(frozen=True, slots=True)
class Color(Node):
    """`color name = "#hex" within reach`."""

    name: Ident
    value: Text
    reach: Number | None


@dataclass(frozen=True, slots=True)
class Region(Node):
    """`region name = shape of frame`."""

    name: Ident
    value: Expr
    of: Expr | None


@dataclass(frozen=True, slots=True)
class Split(Node):
    """One way a grid is cut: into `count` equal parts, or `at` places."""

    by: Literal["rows", "columns"]
    count: int | None
    at: ListExpr | None


@dataclass(frozen=True, slots=True)
class Grid(Node):
    """`grid name = 3 rows, 5 columns of region`."""

    name: Ident
    splits: tuple[Split, ...]
    of: Expr | None


@dataclass(frozen=True, slots=True)
class Attribute(Node):
    """`attribute name "source" of classes: a | "b+" | c`."""

    name: Ident
    aliases: tuple[Text, ...]
    of: Expr | None
    options: tuple[Ident | Text, ...]


@dataclass(frozen=True, slots=True)
class Blobs(Node):
    """`blobs name where P then step() then step()`."""

    name: Ident
    where: Expr
    steps: tuple[CallExpr, ...]


@dataclass(frozen=True, slots=True)
class Keep(Node):
    """`keep best of set where P`."""

    phrase: Expr


@dataclass(frozen=True, slots=True)
class Cardinality(Node):
    """`: 2`, `: 1 .. 3`, `: at least 1`, `: at most 1`. `word` is `exactly`, `between`, `at least` or `at most`."""

    word: Literal["exactly", "between", "at least", "at most"]
    value: Expr


@dataclass(frozen=True, slots=True)
class Outcome(Node):
    """`defect L`, `low L`, `high L`, `severity NAME`, `message "…"`: `value` is Ident, Text or MatchExpr."""

    word: Literal["defect", "low", "high", "severity", "message"]
    value: Ident | Text | MatchExpr


@dataclass(frozen=True, slots=True)
class Object(Node):
    """`object name "alias" where P: 2 defect L`. `object a, b` gives one of these for each name."""

    name: Ident
    aliases: tuple[Text, ...]
    where: Expr | None
    cardinality: Cardinality | None
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Derived(Node):
    """`object name = phrase: 2 defect L`."""

    name: Ident
    phrase: Expr
    cardinality: Cardinality | None
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Let(Node):
    """`let name = value`."""

    name: Ident
    value: Expr


@dataclass(frozen=True, slots=True)
class Rule(Node):
    """`rule name "about" as kind: body outcomes`."""

    name: Ident
    about: str | None
    anomaly: Ident | None
    body: Expr
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Variant(Node):
    """`variant name when P { … }`; `when` is None for `otherwise`."""

    name: Ident
    when: Expr | None
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Put(Node):
    """`put class box(…) with settings`."""

    name: Ident
    shape: CallExpr
    settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class Expect(Node):
    """`expect pass`, `expect fail rule, rule`, `expect defect label`."""

    verdict: Ident | None
    rules: tuple[Ident, ...]
    defect: Ident | Text | MatchExpr | None


@dataclass(frozen=True, slots=True)
class Test(Node):
    """`test "name" on scene put … expect …`: the scene is a file, or the size of an empty one."""

    title: Text
    scene: Text | None
    size: tuple[Quantity, Quantity] | None
    puts: tuple[Put, ...]
    expects: tuple[Expect, ...]


Statement: TypeAlias = (
    Import
    | Param
    | Scale
    | Doubtful
    | FrameDecl
    | Color
    | Region
    | Grid
    | Attribute
    | Blobs
    | Keep
    | Object
    | Derived
    | Let
    | Rule
    | Variant
    | Test
)


@dataclass(frozen=True, slots=True)
class Comment(Node):
    """`# text`, kept for the formatter."""

    text: str


@dataclass(frozen=True, slots=True)
class File(Node):
    """A whole file.

    `broken` has the names that statements with a mistake were about to declare: whoever uses them makes no
    second mistake.
    """

    version: Version | None
    spec: SpecName | None
    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...] = field(default=(), compare=False, repr=False)
    broken: tuple[Ident, ...] = field(default=(), compare=False, repr=False)
